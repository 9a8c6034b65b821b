//! Submissions are run again: what it would come to is told before, earlier matches stay, and no
//! submission ever makes a second lead.

use leadline::lead::Policy;
use leadline::mapping::{FieldMapping, Source, Step, TooLong};
use leadline::store::views::submission::AttemptOutcome;
use leadline::store::views::submissions::SubmissionFilter;
use leadline::sync::replay::foresee;

use crate::desk::{Desk, NOW, response};
use crate::on_both;
use crate::support::TestStore;
use crate::world::no_organization;

impl Desk {
    async fn replay(&self, filter: &SubmissionFilter) -> Vec<(AttemptOutcome, i64)> {
        let begun = self.administrator.start_replay(filter, NOW).await;
        let id = begun.expect("begun");
        self.decide().await;
        let run = self.administrator.find_replay(id).await.expect("a run");
        assert_eq!(run.left, 0);
        let outcomes = self.administrator.replay_outcomes(id).await;
        outcomes.expect("outcomes")
    }

    /// Everything that leads hold, and when they were changed.
    async fn leads_in_full(&self) -> Vec<String> {
        let sql = "SELECT CAST(id AS text) || fields || provenance || CAST(version AS text) \
             || CAST(submission_count AS text) || CAST(modified_at AS text) AS t FROM lead ORDER BY id";
        self.test.texts(sql).await
    }

    /// Maps a custom question to the job title.
    async fn map(&self, steps: Vec<Step>) {
        let mapping = FieldMapping {
            id: 0,
            source: Source::Question("your role".to_owned()),
            form: None,
            steps,
            lead_field: "jobtitle".to_owned(),
            policy: Policy::FillEmpty,
            too_long: TooLong::Cut,
        };
        let made = self.administrator.create_mapping(&mapping, NOW).await;
        made.expect("made");
    }
}

fn everything() -> SubmissionFilter {
    SubmissionFilter::default()
}

async fn a_mapping_that_comes_later_reaches_leads_that_are_there(test: TestStore) {
    let desk = Desk::new(test).await;
    let ada = || response("a", NOW - 9, "ada@example.com").asked("Your role", "HEAD OF SALES");
    let again = response("b", NOW - 5, "Ada@example.com").asked("Your role", "head of it");
    let bob = response("c", NOW - 4, "bob@example.com").asked("Your role", "BUYER");
    desk.arrive(vec![ada(), again, bob]).await;
    assert_eq!(desk.leads().await, 2);
    desk.map(Vec::new()).await;

    let before = desk.leads_in_full().await;
    let organization = no_organization(&desk.test.store);
    let seen = foresee(&desk.administrator, &organization, &everything(), NOW).await;
    let seen = seen.expect("seen");
    let told: Vec<_> = seen
        .changes
        .iter()
        .map(|c| (c.words.as_str(), c.changes[0].after.as_deref()))
        .collect();
    assert_eq!((seen.total.to_string(), seen.seen), ("3".to_owned(), 3));
    assert_eq!(
        told,
        [
            ("Changes its lead", Some("BUYER")),
            ("Changes its lead", Some("HEAD OF SALES"))
        ]
    );
    assert_eq!(desk.leads_in_full().await, before, "looking writes nothing");

    let outcomes = desk.replay(&everything()).await;
    assert_eq!(
        outcomes,
        [(AttemptOutcome::Unchanged, 1), (AttemptOutcome::Updated, 2)]
    );
    assert_eq!(desk.leads().await, 2);
    for (id, became) in [("a", "1 1"), ("b", "2 1"), ("c", "1 1")] {
        assert_eq!(desk.became(id).await, became, "{id} is what it was");
    }
    let by = "SELECT DISTINCT actor AS t FROM attempt ORDER BY actor";
    assert_eq!(desk.test.texts(by).await, ["Ann", "S2S Inbound"]);
}

async fn row_26_running_everything_again_changes_nothing(test: TestStore) {
    let desk = Desk::new(test).await;
    let people = ["Ada@Example.com", " ada@example.com", "bob@example.com", ""];
    let says = |n: usize| {
        let person = people[n % people.len()];
        let job = ["Buyer", "BUYER", "Head", ""][n / 4 % 4];
        response(&format!("r{n}"), NOW - 100 + n as i64, person).says("JOB_TITLE", job)
    };
    desk.arrive((0..40).rev().map(says).collect()).await;
    let before = desk.leads_in_full().await;
    assert_eq!(
        before.len(),
        12,
        "two persons, and ten of whom nothing is known"
    );
    for _ in 0..2 {
        let outcomes = desk.replay(&everything()).await;
        assert_eq!(outcomes, [(AttemptOutcome::Unchanged, 40)]);
        assert_eq!(desk.leads_in_full().await, before);
    }
}

async fn a_mended_mapping_mends_what_it_wrote_and_nothing_else(test: TestStore) {
    let desk = Desk::new(test).await;
    desk.map(Vec::new()).await;
    let ada = response("a", NOW - 9, "ada@example.com").asked("Your role", "HEAD OF SALES");
    let bob = response("b", NOW - 8, "bob@example.com").says("JOB_TITLE", "BUYER");
    let later = response("c", NOW - 7, "bob@example.com").asked("Your role", "ASSISTANT");
    desk.arrive(vec![ada, bob, later]).await;
    let last = desk.test.store.list_mappings().await.expect("a list");
    let id = last.last().expect("ours").id;
    let mut edit = desk.administrator.find_mapping(id).await.expect("it");
    edit.mapping.steps = vec![Step::Lower];
    let saved = desk.administrator.save_mapping(&edit, NOW).await;
    saved.expect("saved");
    desk.replay(&everything()).await;
    let jobs = "SELECT count(*) AS n FROM lead WHERE fields LIKE '%head of sales%' OR fields LIKE '%\"BUYER\"%'";
    assert_eq!(desk.test.count(jobs).await, 2);
}

async fn only_what_is_wanted_is_run_again(test: TestStore) {
    let desk = Desk::new(test).await;
    let says = |n: i64| response(&format!("r{n}"), NOW + n, &format!("p{n}@example.com"));
    desk.arrive((0..9).map(says).collect()).await;
    let some = SubmissionFilter {
        ids: vec![desk.id("r1").await, desk.id("r4").await],
        ..everything()
    };
    assert_eq!(desk.replay(&some).await, [(AttemptOutcome::Unchanged, 2)]);
    let run = desk
        .administrator
        .list_replays()
        .await
        .expect("runs")
        .remove(0);
    assert_eq!(
        (run.wanted.as_str(), run.actor.as_str()),
        ("ids: 2 chosen ones", "Ann")
    );
    let search = SubmissionFilter {
        q: Some("nobody@example.com".to_owned()),
        ..everything()
    };
    let nothing = desk.administrator.start_replay(&search, NOW).await;
    assert!(
        nothing
            .expect_err("none")
            .message()
            .contains("no such submission")
    );
    let runs = desk.administrator.list_replays().await.expect("runs");
    assert_eq!(runs.len(), 1, "a run over nothing is none");
}

on_both!(a_mapping_that_comes_later_reaches_leads_that_are_there);
on_both!(row_26_running_everything_again_changes_nothing);
on_both!(a_mended_mapping_mends_what_it_wrote_and_nothing_else);
on_both!(only_what_is_wanted_is_run_again);
