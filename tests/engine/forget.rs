//! Test submissions are deleted for good: they do not come back, and no lead loses anything by it.

use leadline::error::Kind;
use leadline::store::forget::{MadeLeads, Tests};
use leadline::store::views::submissions::SubmissionFilter;

use crate::desk::{Desk, NOW, Response, response};
use crate::on_both;
use crate::support::TestStore;

impl Desk {
    /// From now on tests become leads.
    pub async fn tests_become_leads(&self) {
        let mut settings = self.administrator.settings().await.expect("settings");
        settings.leads_from_tests = true;
        let saved = self.administrator.save_settings(&settings, NOW).await;
        saved.expect("saved");
    }

    async fn tests(&self) -> Tests {
        let all = SubmissionFilter::default();
        let counted = self.administrator.count_tests(&all).await;
        counted.expect("counted")
    }

    /// Deletes all tests.
    pub async fn delete_tests(&self, leads: MadeLeads) -> Tests {
        let all = SubmissionFilter::default();
        let seen = self.tests().await.submissions;
        let deleted = self.administrator.delete_tests(&all, leads, seen, NOW);
        deleted.await.expect("deleted")
    }

    async fn ids(&self) -> Vec<String> {
        self.test.linkedin_ids().await
    }
}

/// A real one of Ada's, a test with her address, and two tests of nobody real.
fn responses() -> Vec<Response> {
    let says = |id: &str, at, email: &str| response(id, at, email).says("JOB_TITLE", id);
    vec![
        says("real", NOW - 9, "ada@example.com"),
        says("test-1", NOW - 8, "ada@example.com").test(),
        says("test-2", NOW - 7, "test@example.com").test(),
        says("test-3", NOW - 6, "test@example.com").test(),
    ]
}

on_both!(tests_are_deleted_and_nothing_brings_them_back);
async fn tests_are_deleted_and_nothing_brings_them_back(test: TestStore) {
    let desk = Desk::new(test).await;
    desk.arrive(responses()).await;
    assert_eq!(desk.leads().await, 1, "tests make none");
    let (submissions, leads) = (3, 0);
    assert_eq!(desk.tests().await, Tests { submissions, leads });
    desk.delete_tests(MadeLeads::Delete).await;
    assert_eq!(desk.ids().await, ["real"]);
    let attempts = "SELECT count(*) AS n FROM attempt";
    assert_eq!(desk.test.count(attempts).await, 1, "with all that was done");
    assert_eq!(desk.keep(responses()).await, 0, "they are read again");
    assert_eq!(desk.ids().await, ["real"]);
    let log = "SELECT action || ' ' || noun_name || ' ' || before AS t FROM audit_event WHERE noun = 'submission'";
    let told = r#"tests-deleted 3 test submissions {"leads":[],"submissions":3,"wanted":"all submissions"}"#;
    assert_eq!(desk.test.texts(log).await, [told]);
}

on_both!(a_lead_of_real_submissions_keeps_its_values_and_counts_those_that_are_there);
async fn a_lead_of_real_submissions_keeps_its_values_and_counts_those_that_are_there(
    test: TestStore,
) {
    let desk = Desk::new(test).await;
    desk.tests_become_leads().await;
    desk.arrive(responses()).await;
    let ada = desk.lead_of("real").await;
    assert_eq!((desk.lead_of("test-1").await, desk.leads().await), (ada, 2));
    let (submissions, leads) = (3, 1);
    assert_eq!(desk.tests().await, Tests { submissions, leads });
    let deleted = desk.delete_tests(MadeLeads::Delete).await;
    assert_eq!(deleted, Tests { submissions, leads });
    assert_eq!(
        desk.leads().await,
        1,
        "the one that was made from tests alone went"
    );
    let stands = "SELECT CAST(submission_count AS text) || ' ' || CAST(latest_submitted_at AS text) || ' ' || fields AS t FROM lead";
    let stands = desk.test.texts(stands).await.remove(0);
    assert!(stands.starts_with(&format!("1 {} ", NOW - 9)), "{stands}");
    assert!(
        stands.contains("test-1"),
        "no value is taken back: {stands}"
    );
    let keys = "SELECT count(*) AS n FROM lead_key WHERE value LIKE 'test@%'";
    assert_eq!(desk.test.count(keys).await, 0);
}

on_both!(a_lead_stays_that_somebody_changed_or_that_was_not_asked_for);
async fn a_lead_stays_that_somebody_changed_or_that_was_not_asked_for(test: TestStore) {
    let desk = Desk::new(test).await;
    desk.tests_become_leads().await;
    desk.arrive(responses()).await;
    let made = desk.lead_of("test-2").await;
    let edited = format!(
        "INSERT INTO lead_edit (lead_id, at, actor, changes) VALUES ({made}, 0, 'Ann', '[]')"
    );
    desk.test.sql(&edited).await;
    assert_eq!(desk.tests().await.leads, 0);
    desk.delete_tests(MadeLeads::Delete).await;
    assert_eq!(desk.leads().await, 2, "a person worked on it");
    let more = response("test-4", NOW, "more@example.com").test();
    desk.arrive(vec![more]).await;
    assert_eq!(desk.tests().await.leads, 1);
    desk.delete_tests(MadeLeads::Keep).await;
    assert_eq!(desk.leads().await, 3);
    let empty = "SELECT count(*) AS n FROM lead WHERE submission_count = 0";
    assert_eq!(desk.test.count(empty).await, 2);
}

on_both!(only_tests_are_deleted_and_as_many_as_were_shown);
async fn only_tests_are_deleted_and_as_many_as_were_shown(test: TestStore) {
    let desk = Desk::new(test).await;
    desk.arrive(responses()).await;
    let all = SubmissionFilter::default();
    let real = SubmissionFilter {
        ids: vec![desk.id("real").await],
        ..all.clone()
    };
    for (filter, seen, why) in [
        (
            &all,
            2,
            "There are 3 such test submissions now, and 2 were shown.",
        ),
        (&real, 1, "Only tests can be deleted."),
    ] {
        let refused = desk
            .administrator
            .delete_tests(filter, MadeLeads::Keep, seen, NOW);
        let refused = refused.await.expect_err("refused");
        assert_eq!(refused.kind(), Kind::Conflict);
        assert!(refused.message().contains(why), "{refused}");
    }
    assert_eq!(desk.ids().await.len(), 4);
    let one = SubmissionFilter {
        ids: vec![desk.id("test-2").await],
        ..all
    };
    let deleted = desk
        .administrator
        .delete_tests(&one, MadeLeads::Keep, 1, NOW);
    deleted.await.expect("deleted");
    assert_eq!(desk.ids().await, ["real", "test-1", "test-3"]);
}
