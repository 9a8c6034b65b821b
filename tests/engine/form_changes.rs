//! Forms that change: what is noticed, what waits for somebody, and what comes of looking at it.

use leadline::drift::Kind;
use leadline::error::Kind as Refused;
use leadline::lead::Policy;
use leadline::linkedin::{FormRef, FormVersion};
use leadline::mapping::{FieldMapping, Source, TooLong};
use leadline::review::Decision;
use leadline::store::access::{Administrator, Reader, Signed};
use leadline::store::form_changes::TickedOff;
use leadline::store::now;
use leadline::store::settings::FormChanges;
use leadline::store::views::form_changes::{FormChange, FormChangeFilter};
use leadline::store::views::paging::{Paging, Total};
use leadline::submission::{FormContent, Question};
use leadline::sync::Settings;
use leadline::sync::review::settle;
use leadline_sandbox::Seed;
use serde_json::{Value, json};

use crate::desk::{Desk, NOW, response};
use crate::on_both;
use crate::support::TestStore;
use crate::world::World;

/// The form of the small seed.
const EDIT: &str = "forms/7234246/edit";

/// A world that has synced once, with an administrator.
struct Stage {
    world: World,
    ann: Administrator,
}

impl Stage {
    async fn set(test: TestStore, rule: FormChanges) -> Stage {
        let world = World::connected(test, Seed::Empty).await;
        let ann = "INSERT INTO person (id, email, email_key, name, password_hash, administrator, salesperson, disabled, \
             created_at) VALUES (2, 'ann@x.example', 'ann@x.example', 'Ann', '', TRUE, FALSE, FALSE, 0)";
        world.test.sql(ann).await;
        let ann = world
            .test
            .store
            .find_active_person(2)
            .await
            .expect("an answer");
        let ann = Signed::new(world.test.store.clone(), ann.expect("Ann"));
        let ann = ann.administrator().expect("an administrator");
        let mut settings = ann.settings().await.expect("settings");
        settings.form_changes = rule;
        ann.save_settings(&settings, now()).await.expect("saved");
        let stage = Stage { world, ann };
        stage
            .submit("first@x.example", "How soon?", "This month")
            .await;
        stage.sync().await;
        stage
    }

    fn reader(&self) -> Reader {
        let signed = Signed::new(self.world.test.store.clone(), self.ann.person().clone());
        signed.reader().expect("a reader")
    }

    /// Somebody fills in the form as it is now; the question is named by its text.
    async fn submit(&self, email: &str, question: &str, answer: &str) {
        let forms = self
            .world
            .control("GET", "forms/7234246", Value::Null)
            .await;
        let versions = forms["versions"].as_object().expect("versions");
        let newest = versions.values().next_back().expect("a version");
        let questions = newest["content"]["questions"]
            .as_array()
            .expect("questions");
        let asked = questions
            .iter()
            .find(|q| q["question"]["localized"]["en_US"] == question);
        let id = asked.expect("the question")["questionId"].to_string();
        let lead = json!({"answers": {"EMAIL": email, id: answer}});
        self.world.control("POST", "leads", lead).await;
    }

    async fn edit(&self, edit: Value) {
        self.world.control("POST", EDIT, edit).await;
    }

    async fn sync(&self) {
        self.world
            .test
            .sql("UPDATE linked_account SET sync_requested_at = 1")
            .await;
        let worker = self.world.worker("one", Settings::default()).await;
        worker.run_until_idle().await.expect("synced");
    }

    async fn changes(&self, filter: FormChangeFilter) -> Vec<FormChange> {
        let reader = self.reader();
        let first = Paging::first();
        let listed = reader.list_form_changes(&filter, &first, now()).await;
        listed.expect("a list").items
    }

    async fn open(&self) -> Vec<FormChange> {
        self.changes(FormChangeFilter::waiting()).await
    }

    async fn tick_off(&self, changes: &[FormChange]) -> TickedOff {
        let ids: Vec<i64> = changes.iter().map(|change| change.id).collect();
        let ticked = self.ann.tick_off_form_changes(&ids, now()).await;
        ticked.expect("ticked off")
    }

    async fn map(&self, question: &str, lead_field: &str) -> i64 {
        let mapping = FieldMapping {
            id: 0,
            source: Source::Question(question.to_owned()),
            form: None,
            steps: Vec::new(),
            lead_field: lead_field.to_owned(),
            policy: Policy::Overwrite,
            too_long: TooLong::Cut,
        };
        let made = self.ann.create_mapping(&mapping, now()).await;
        made.expect("mapped")
    }

    /// Leadline's id of the submission of this address.
    async fn id(&self, email: &str) -> i64 {
        let sql = format!("SELECT id AS n FROM submission WHERE person_email = '{email}'");
        self.world.test.count(&sql).await
    }

    /// What the lead with this address has as its description; nothing when there is no lead.
    async fn description(&self, email: &str) -> Vec<String> {
        let sql = format!("SELECT fields AS t FROM lead WHERE email = '{email}'");
        let fields = self.world.test.texts(&sql).await;
        let read = |fields: &String| -> Value { serde_json::from_str(fields).expect("JSON") };
        let text = |fields: Value| fields["description"].as_str().unwrap_or("-").to_owned();
        fields.iter().map(|fields| text(read(fields))).collect()
    }

    async fn held(&self) -> i64 {
        let sql = "SELECT count(*) AS n FROM submission WHERE reason_code = 'form_changed' AND lead_id IS NULL \
             AND due_at IS NULL AND matching_status = 192350003";
        self.world.test.count(sql).await
    }
}

fn words(changes: &[FormChange]) -> Vec<String> {
    let mut words: Vec<String> = changes.iter().map(|c| c.change.words()).collect();
    words.sort();
    words
}

async fn a_new_version_is_noticed_once_with_what_it_means(test: TestStore) {
    let stage = Stage::set(test, FormChanges::Pass).await;
    assert_eq!(
        stage.open().await,
        [],
        "what is there at first is no change"
    );
    let beginning = stage.changes(FormChangeFilter::default()).await;
    let known = |c: &FormChange| c.change.kind == Kind::NewForm && c.done_at.is_some();
    assert!(!beginning.is_empty() && beginning.iter().all(known));
    stage.map("How soon?", "description").await;

    let options = ["This month", "This quarter", "Just looking", "Never"];
    let edit = json!({
        "edit": {"Custom question 1": {"text": "When?", "options": options}},
        "remove": ["PHONE_NUMBER"], "add": [{"name": "Custom question 2", "text": "Budget?"}],
    });
    stage.edit(edit).await;
    stage.submit("second@x.example", "When?", "Never").await;
    stage.sync().await;
    let open = stage.open().await;
    assert_eq!(
        words(&open),
        [
            "Question added: “Budget?”",
            "Question gone: “Phone number”",
            "Question reworded: “How soon?” is now “When?”",
            "“When?” has a new option: “Never”",
        ]
    );
    assert!(
        open.iter()
            .all(|c| (c.from_version, c.to_version) == (Some(1), 2))
    );
    let of = |kind: Kind| open.iter().find(|c| c.change.kind == kind).expect("it");
    let reworded = of(Kind::Edited);
    let means = "Description: blank for this form from version 2 on. No mapping takes it: the answers reach no lead.";
    assert_eq!(reworded.means, means);
    assert_eq!(
        (reworded.carried, reworded.held),
        (Total::new(2), Total::new(0))
    );
    assert_eq!(of(Kind::Added).carried, Total::new(0));
    assert_eq!(
        of(Kind::Gone).means,
        "Mobile phone: blank for this form from version 2 on."
    );
    let went_on = stage.description("second@x.example").await;
    assert_eq!(went_on, ["-"], "it is only shown");
    let figures = stage.reader().figures(now()).await.expect("figures");
    assert_eq!(figures.form_changes, 4);
    let form = stage
        .reader()
        .find_form(reworded.form_id.expect("a form"))
        .await;
    let versions = form.expect("the form").versions;
    let differences: Vec<usize> = versions.iter().map(|v| v.differences.len()).collect();
    assert_eq!(differences, [4, 0]);

    stage.sync().await;
    assert_eq!(stage.open().await, open, "reading it again adds nothing");

    stage.map("When?", "description").await;
    let mapped = stage.open().await;
    let mapped = mapped
        .iter()
        .find(|c| c.change.kind == Kind::Edited)
        .expect("it");
    assert_eq!(mapped.means, "Fills Description.");
    let nothing = TickedOff {
        changes: 0,
        submissions: 0,
    };
    assert_eq!(
        stage.tick_off(&open).await,
        TickedOff {
            changes: 4,
            ..nothing
        }
    );
    assert_eq!(stage.tick_off(&open).await, nothing, "once is enough");
    assert_eq!(stage.open().await, []);
    let filter = FormChangeFilter {
        open: Some(false),
        form: reworded.form_id,
        account: None,
    };
    let done = stage.changes(filter).await;
    assert_eq!(done.len(), 5);
    assert_eq!(done[0].done_by.as_deref(), Some("Ann"));
    let told = "SELECT count(*) AS n FROM audit_event WHERE action = 'ticked-off'";
    assert_eq!(stage.world.test.count(told).await, 1);
    for (ids, refused) in [
        (vec![-1], Refused::NotFound),
        (vec![], Refused::Invalid),
        (vec![1; 501], Refused::Invalid),
    ] {
        let error = stage.ann.tick_off_form_changes(&ids, now()).await;
        assert_eq!(error.expect_err("refused").kind(), refused);
    }
}

async fn submissions_of_a_changed_form_wait_until_somebody_has_looked(test: TestStore) {
    let stage = Stage::set(test, FormChanges::Hold).await;
    let old = stage.map("How soon?", "description").await;
    let edit = json!({"edit": {"Custom question 1": {"text": "When?"}}});
    stage.edit(edit).await;
    stage
        .submit("second@x.example", "When?", "This month")
        .await;
    stage
        .submit("third@x.example", "When?", "This quarter")
        .await;
    stage.sync().await;
    assert_eq!(stage.held().await, 2);
    let open = stage.open().await;
    assert!(open[0].affects);
    assert_eq!(open[0].held, Total::new(2));
    let first = stage.id("first@x.example").await;
    let second = stage.id("second@x.example").await;
    let third = stage.id("third@x.example").await;
    let again = async |id: i64, decision: &Decision| {
        let settled = settle(&stage.ann, &[id], decision).await.expect("settled");
        settled.decided[0].waits()
    };
    let by_the_rules = Decision::default();
    assert!(
        again(second, &by_the_rules).await,
        "running it again is not looking"
    );
    assert!(
        !again(first, &by_the_rules).await,
        "what has a lead was decided before"
    );
    let by_hand = Decision::of(leadline::review::Choice::New);
    assert!(!again(third, &by_hand).await, "a person decides");
    assert_eq!(stage.description("third@x.example").await, ["-"]);

    stage.map("When?", "description").await;
    stage.edit(json!({"name": "Renamed"})).await;
    stage
        .submit("fourth@x.example", "When?", "Just looking")
        .await;
    stage.sync().await;
    assert_eq!(
        stage.held().await,
        2,
        "a later version is not past what is open"
    );
    let open = stage.open().await;
    assert_eq!(
        words(&open),
        [
            "New version, the same questions",
            "Question reworded: “How soon?” is now “When?”"
        ]
    );
    let matters: Vec<FormChange> = open.iter().filter(|c| c.affects).cloned().collect();
    let ticked = stage.tick_off(&matters).await;
    assert_eq!(
        ticked,
        TickedOff {
            changes: 1,
            submissions: 2
        }
    );
    stage.sync().await;
    assert_eq!(stage.held().await, 0);
    assert_eq!(stage.description("second@x.example").await, ["This month"]);
    assert_eq!(
        stage.description("fourth@x.example").await,
        ["Just looking"]
    );
    let by = format!(
        "SELECT actor AS t FROM attempt WHERE submission_id = {second} ORDER BY id DESC LIMIT 1"
    );
    assert_eq!(stage.world.test.texts(&by).await, ["Ann"]);

    // What matters to no mapping holds nothing.
    stage.ann.delete_mapping(old, now()).await.expect("deleted");
    stage
        .edit(json!({"edit": {"Custom question 0": {"text": "Looking for?"}}}))
        .await;
    stage.submit("fifth@x.example", "When?", "This month").await;
    stage.sync().await;
    assert_eq!(stage.description("fifth@x.example").await, ["This month"]);
}

async fn a_question_that_says_the_same_is_mapped_like_it(test: TestStore) {
    let stage = Stage::set(test, FormChanges::MapByText).await;
    let model = stage.map("How soon?", "description").await;
    let count = "SELECT count(*) AS n FROM field_mapping";
    let before = stage.world.test.count(count).await;
    stage
        .edit(json!({"edit": {"Custom question 1": {"text": "How soon …"}}, "renumber": true}))
        .await;
    stage
        .submit("second@x.example", "How soon …", "This month")
        .await;
    stage.sync().await;
    let open = stage.open().await;
    assert_eq!(
        words(&open),
        ["Question reworded: “How soon?” is now “How soon …”"]
    );
    assert_eq!(open[0].note, "Mapped by its text: treated as “How soon?”.");
    assert_eq!(open[0].means, "Fills Description.");
    assert!(!open[0].affects);
    assert_eq!(stage.description("second@x.example").await, ["This month"]);

    let form = json!({"name": "Another", "questions": [{"predefined": "EMAIL"}, {"name": "q", "text": "HOW SOON"}]});
    stage.world.control("POST", "forms", form).await;
    stage.sync().await;
    stage.sync().await;
    assert_eq!(
        stage.world.test.count(count).await,
        before + 2,
        "one for each, once"
    );
    let open = stage.open().await;
    let new = open
        .iter()
        .find(|c| c.change.kind == Kind::NewForm)
        .expect("it");
    assert_eq!(new.means, "Fills 2 fields.");
    let behind = format!(
        "SELECT count(*) AS n FROM field_mapping m JOIN field_mapping c ON c.position > m.position \
         AND c.position <= m.position + 2 WHERE m.id = {model} AND c.lead_field = 'description'"
    );
    assert_eq!(stage.world.test.count(&behind).await, 2);
    let told = "SELECT count(*) AS n FROM audit_event WHERE action = 'created' AND noun = 'field mapping' \
         AND actor_kind = 'engine'";
    assert_eq!(stage.world.test.count(told).await, 2);
}

/// A version of the form 8 of the desk's account.
fn version(number: i64, state: &str, questions: &[&str]) -> FormVersion {
    let question = |(id, text): (i64, &&str)| Question {
        id,
        name: String::new(),
        text: (*text).to_owned(),
        predefined: None,
        required: false,
        options: Vec::new(),
    };
    FormVersion {
        form: FormRef {
            id: 8,
            version: number,
        },
        name: "Demo".to_owned(),
        state: Some(state.to_owned()),
        review_status: None,
        locale: None,
        content: FormContent {
            questions: (1..).zip(questions).map(question).collect(),
            ..FormContent::default()
        },
        headline: None,
        description: None,
        thank_you: None,
        landing_page_url: None,
        privacy_policy_url: None,
        raw: format!("{number} {state} {questions:?}"),
    }
}

impl Desk {
    /// Keeps a version, and tells what was noticed then: from, to, what.
    async fn sees(&self, version: FormVersion) -> Vec<String> {
        let count = "SELECT count(*) AS n FROM form_change";
        let before = self.test.count(count).await;
        let store = &self.test.store;
        let saved = store.save_current_forms(1, &[version], NOW).await;
        saved.expect("kept");
        let noticed = format!(
            "SELECT COALESCE(CAST(from_version AS text), '-') || ' ' || CAST(to_version AS text) || ' ' || kind AS t \
             FROM form_change ORDER BY id LIMIT 100 OFFSET {before}"
        );
        self.test.texts(&noticed).await
    }
}

async fn versions_are_compared_in_whatever_order_they_arrive(test: TestStore) {
    let desk = Desk::new(test).await;
    let published = |number, questions: &[&str]| version(number, "PUBLISHED", questions);
    let nothing: [&str; 0] = [];
    assert_eq!(
        desk.sees(version(2, "DRAFT", &["A"])).await,
        nothing,
        "nobody can fill it in"
    );
    assert_eq!(desk.sees(published(2, &["A", "B"])).await, ["- 2 new_form"]);
    assert_eq!(desk.sees(published(2, &["A", "B"])).await, nothing);
    assert_eq!(
        desk.sees(published(1, &["C"])).await,
        nothing,
        "older than the beginning"
    );
    assert_eq!(desk.sees(published(4, &["A"])).await, ["2 4 question_gone"]);
    assert_eq!(
        desk.sees(published(3, &["A", "B", "D"])).await,
        ["2 3 question_added"]
    );
    assert_eq!(desk.sees(published(3, &["A", "B", "D"])).await, nothing);
    assert_eq!(
        desk.sees(published(4, &["Z"])).await,
        ["4 4 question_edited"],
        "where it stands"
    );
    assert_eq!(desk.sees(version(4, "ARCHIVED", &["Z"])).await, nothing);
    assert_eq!(desk.sees(published(5, &["Z"])).await, ["4 5 new_version"]);
}

async fn a_form_that_only_a_response_brings_is_noticed_too(test: TestStore) {
    let desk = Desk::new(test).await;
    let asked = |id: &str| response(id, NOW, "ada@example.com").asked("Budget?", "500");
    desk.arrive(vec![asked("a"), asked("b")]).await;
    desk.arrive(vec![asked("c")]).await;
    let noticed = "SELECT kind || ' ' || CAST(linkedin_id AS text) AS t FROM form_change";
    assert_eq!(desk.test.texts(noticed).await, ["new_form 7"]);
    assert_eq!(desk.became("c").await, "2 1", "by itself it holds nothing");
    let taken = "SELECT count(*) AS n FROM form_change WHERE affects AND done_at IS NULL";
    assert_eq!(desk.test.count(taken).await, 1);
}

on_both!(a_new_version_is_noticed_once_with_what_it_means);
on_both!(submissions_of_a_changed_form_wait_until_somebody_has_looked);
on_both!(a_question_that_says_the_same_is_mapped_like_it);
on_both!(versions_are_compared_in_whatever_order_they_arrive);
on_both!(a_form_that_only_a_response_brings_is_noticed_too);
