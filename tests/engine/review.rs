//! Submissions that wait for a person: what the person sees, decides, and what comes of it.

use leadline::error::Kind;
use leadline::lead::Policy;
use leadline::mapping::{FieldMapping, Pick, Source, Step, TooLong};
use leadline::matching::{Otherwise, Several};
use leadline::review::{Choice, Decision};
use leadline::store::access::Signed;
use leadline::store::lead_edit::LeadEdit;
use leadline::store::now;
use leadline::sync::review::{compare, settle};

use crate::desk::{Desk, NOW, response};
use crate::on_both;
use crate::support::TestStore;

impl Desk {
    /// Lets the strategy hold whatever is in doubt.
    pub async fn hold_doubts(&self) {
        let all = self.administrator.list_strategies().await.expect("a list");
        let id = all[0].strategy.id;
        let mut edit = self.administrator.edit_strategy(id).await.expect("it");
        edit.strategy.several = Several::Hold;
        edit.strategy.closed = Otherwise::Hold;
        let saved = self.administrator.save_strategy(&edit, NOW).await;
        saved.expect("saved");
    }

    /// Ann changes a lead by hand.
    pub async fn edit(&self, lead: i64, change: impl FnOnce(&mut LeadEdit)) {
        let signed = Signed::new(self.test.store.clone(), self.administrator.person().clone());
        let found = signed.reader().expect("a reader").find_lead(lead).await;
        let found = found.expect("a lead");
        let mut edit = LeadEdit {
            fields: found.fields.clone(),
            owner: found.row.owner_id,
            open: found.row.open,
            version: found.row.version,
        };
        change(&mut edit);
        let salesperson = signed.salesperson().expect("may edit");
        let saved = salesperson.edit_lead(lead, &edit, now()).await;
        assert!(saved.expect("saved"));
    }

    /// Two open leads with one address, and a submission that is held because of them.
    async fn doubles(&self) -> (i64, i64) {
        let ada = response("a", NOW - 9, "ada@example.com").says("JOB_TITLE", "Buyer");
        let bob = response("b", NOW - 8, "bob@example.com").says("COMPANY_NAME", "Acme");
        self.arrive(vec![ada, bob]).await;
        let (ada, bob) = (self.lead_of("a").await, self.lead_of("b").await);
        let address = ("emailaddress1".to_owned(), "Ada@Example.com".to_owned());
        self.edit(bob, |edit| drop(edit.fields.insert(address.0, address.1)))
            .await;
        self.hold_doubts().await;
        let third = response("c", NOW - 1, "ADA@example.com").says("JOB_TITLE", "Head");
        self.arrive(vec![third]).await;
        assert_eq!(self.became("c").await, "3 0 several_leads");
        (ada, bob)
    }

    pub async fn settle(
        &self,
        response: &str,
        decision: &Decision,
    ) -> leadline::error::Result<usize> {
        let ids = [self.id(response).await];
        let settled = settle(&self.administrator, &ids, decision).await?;
        Ok(settled.decided.len())
    }
}

async fn row_36_a_person_chooses_among_several_leads(test: TestStore) {
    let desk = Desk::new(test).await;
    let (ada, bob) = desk.doubles().await;
    let id = desk.id("c").await;
    let seen = compare(&desk.administrator, id, None, NOW)
        .await
        .expect("seen");
    assert_eq!(seen.values["jobtitle"], "Head");
    let candidates: Vec<i64> = seen.candidates.iter().map(|c| c.lead.id).collect();
    assert_eq!(candidates, [bob, ada], "the newest modified first");
    assert!(seen.candidates.iter().all(|c| c.verdict == "Equal."));
    let changes = &seen.candidates[1].changes;
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(changes[0].before.as_deref(), Some("Buyer"));
    assert_eq!(desk.leads().await, 2, "looking writes nothing");

    let choice = Decision::of(Choice::Lead(ada));
    assert_eq!(desk.settle("c", &choice).await.expect("settled"), 1);
    assert_eq!(desk.became("c").await, "2 1");
    assert_eq!(desk.lead_of("c").await, ada);
    let counted = format!("SELECT submission_count AS n FROM lead WHERE id = {ada}");
    assert_eq!(desk.test.count(&counted).await, 2);
    let by = "SELECT actor AS t FROM attempt ORDER BY id DESC LIMIT 1";
    assert_eq!(desk.test.texts(by).await, ["Ann"]);

    let again = desk.settle("c", &Decision::of(Choice::New)).await;
    assert_eq!(again.expect_err("too late").kind(), Kind::Conflict);
    assert_eq!(desk.leads().await, 2);
}

async fn a_person_says_that_it_is_a_new_lead(test: TestStore) {
    let desk = Desk::new(test).await;
    desk.doubles().await;
    let new = Decision::of(Choice::New);
    desk.settle("c", &new).await.expect("settled");
    assert_eq!(
        (desk.became("c").await, desk.leads().await),
        ("1 1".to_owned(), 3)
    );
    let run_again = Decision::default();
    desk.settle("c", &run_again).await.expect("run again");
    assert_eq!(
        (desk.became("c").await, desk.leads().await),
        ("1 1".to_owned(), 3)
    );
}

async fn a_closed_lead_is_opened_again_only_by_a_person(test: TestStore) {
    let desk = Desk::new(test).await;
    desk.arrive(vec![response("a", NOW - 9, "ada@example.com")])
        .await;
    let lead = desk.lead_of("a").await;
    desk.edit(lead, |edit| edit.open = false).await;
    desk.hold_doubts().await;
    let back = response("b", NOW, "ada@example.com").says("JOB_TITLE", "Head");
    desk.arrive(vec![back]).await;
    assert_eq!(desk.became("b").await, "3 0 closed_lead");
    let choice = Decision::of(Choice::Lead(lead));
    desk.settle("b", &choice).await.expect("settled");
    assert_eq!(desk.lead_of("b").await, lead);
    let open = "SELECT count(*) AS n FROM lead WHERE state = 'open' AND fields LIKE '%Head%'";
    assert_eq!(desk.test.count(open).await, 1);
    let told = "SELECT count(*) AS n FROM attempt WHERE changes LIKE '%statecode%'";
    assert_eq!(desk.test.count(told).await, 1);
}

fn budget(steps: Vec<Step>) -> FieldMapping {
    FieldMapping {
        id: 0,
        source: Source::Question("budget".to_owned()),
        form: None,
        steps,
        lead_field: "description".to_owned(),
        policy: Policy::Overwrite,
        too_long: TooLong::Cut,
    }
}

fn number() -> Step {
    Step::Number {
        pick: Pick::High,
        open_ended: false,
    }
}

async fn row_44_a_value_that_does_not_fit_is_left_out_or_its_mapping_mended(test: TestStore) {
    let desk = Desk::new(test).await;
    let strict = budget(vec![number()]);
    let made = desk.administrator.create_mapping(&strict, NOW).await;
    let mapping = made.expect("made");
    let says = |id: &str| response(id, NOW, &format!("{id}@example.com")).asked("Budget", "a lot");
    desk.arrive(vec![says("a"), says("b")]).await;
    for id in ["a", "b"] {
        assert_eq!(desk.became(id).await, "3 0 value_problem");
    }
    let id = desk.id("a").await;
    let seen = compare(&desk.administrator, id, None, NOW)
        .await
        .expect("seen");
    let (field, problem) = &seen.problems[0];
    assert_eq!(field, "description");
    assert!(problem.contains("“a lot” is not a number"), "{problem}");
    assert_eq!(seen.mappings["description"], mapping);

    let without = Decision {
        leave_out: true,
        ..Decision::default()
    };
    desk.settle("a", &without).await.expect("settled");
    assert_eq!(desk.became("a").await, "1 1");
    let blank = "SELECT count(*) AS n FROM lead WHERE fields NOT LIKE '%description%'";
    assert_eq!(desk.test.count(blank).await, 1);

    let mut edit = desk.administrator.find_mapping(mapping).await.expect("it");
    edit.mapping.steps.clear();
    let saved = desk.administrator.save_mapping(&edit, NOW).await;
    saved.expect("saved");
    desk.settle("b", &Decision::default())
        .await
        .expect("run again");
    assert_eq!(desk.became("b").await, "1 1");
    let carried = "SELECT count(*) AS n FROM lead WHERE fields LIKE '%a lot%'";
    assert_eq!(desk.test.count(carried).await, 1);
}

async fn choosing_a_lead_brings_in_what_can_be_read(test: TestStore) {
    let desk = Desk::new(test).await;
    let strict = budget(vec![number()]);
    let made = desk.administrator.create_mapping(&strict, NOW).await;
    made.expect("made");
    let says = response("a", NOW, "a@example.com").asked("Budget", "a lot");
    desk.arrive(vec![says.says("JOB_TITLE", "Head")]).await;
    let new = Decision::of(Choice::New);
    desk.settle("a", &new).await.expect("settled");
    assert_eq!(desk.became("a").await, "3 0 value_problem", "it says why");
    let without = Decision {
        leave_out: true,
        ..new
    };
    desk.settle("a", &without).await.expect("settled");
    assert_eq!(desk.became("a").await, "1 1");
    let brought = "SELECT count(*) AS n FROM lead WHERE fields LIKE '%Head%'";
    assert_eq!(desk.test.count(brought).await, 1);
}

async fn row_46_what_is_excluded_stays_so_until_a_person_takes_it_back(test: TestStore) {
    let desk = Desk::new(test).await;
    desk.doubles().await;
    let exclude = Decision {
        note: "A colleague trying the form".to_owned(),
        ..Decision::of(Choice::Exclude)
    };
    desk.settle("c", &exclude).await.expect("settled");
    assert_eq!(desk.became("c").await, "0 1 excluded");
    let reason = "SELECT reason AS t FROM submission WHERE linkedin_id = 'c'";
    assert!(desk.test.texts(reason).await[0].ends_with("A colleague trying the form"));
    let all = leadline::store::views::submissions::SubmissionFilter::default();
    let begun = desk.administrator.start_replay(&all, NOW).await;
    let run = begun.expect("begun");
    desk.decide().await;
    assert_eq!(desk.became("c").await, "0 1 excluded");
    let run = desk.administrator.find_replay(run).await.expect("a run");
    assert_eq!((run.submissions, run.left), (2, 0), "not the excluded one");

    desk.settle("c", &Decision::default())
        .await
        .expect("taken back");
    assert_eq!(desk.became("c").await, "3 0 several_leads");
    let told =
        "SELECT count(*) AS n FROM audit_event WHERE action = 'decided' AND after LIKE '%exclude%'";
    assert_eq!(desk.test.count(told).await, 1);
}

async fn row_46_a_test_becomes_a_lead_only_when_a_person_says_so(test: TestStore) {
    let desk = Desk::new(test).await;
    desk.arrive(vec![response("t", NOW, "test@example.com").test()])
        .await;
    assert_eq!(desk.became("t").await, "0 1 test_lead");
    assert_eq!(desk.leads().await, 0);
    desk.settle("t", &Decision::of(Choice::New))
        .await
        .expect("settled");
    assert_eq!(
        (desk.became("t").await, desk.leads().await),
        ("1 1".to_owned(), 1)
    );
}

async fn a_decision_that_cannot_be_is_refused_and_changes_nothing(test: TestStore) {
    let desk = Desk::new(test).await;
    desk.doubles().await;
    let gone = desk.settle("c", &Decision::of(Choice::Lead(999))).await;
    let gone = gone.expect_err("no such lead");
    assert_eq!(gone.kind(), Kind::Invalid);
    assert!(gone.message().starts_with("lead:"), "{}", gone.message());
    let long = Decision {
        note: "x".repeat(501),
        ..Decision::of(Choice::Exclude)
    };
    let long = desk.settle("c", &long).await.expect_err("too long");
    assert!(long.message().starts_with("note:"), "{}", long.message());
    let nobody = settle(&desk.administrator, &[999], &Decision::default()).await;
    assert_eq!(nobody.expect_err("none").kind(), Kind::NotFound);
    assert_eq!(desk.became("c").await, "3 0 several_leads");
}

on_both!(row_36_a_person_chooses_among_several_leads);
on_both!(a_person_says_that_it_is_a_new_lead);
on_both!(a_closed_lead_is_opened_again_only_by_a_person);
on_both!(row_44_a_value_that_does_not_fit_is_left_out_or_its_mapping_mended);
on_both!(choosing_a_lead_brings_in_what_can_be_read);
on_both!(row_46_what_is_excluded_stays_so_until_a_person_takes_it_back);
on_both!(row_46_a_test_becomes_a_lead_only_when_a_person_says_so);
on_both!(a_decision_that_cannot_be_is_refused_and_changes_nothing);
