//! What is taken over of leads that the organization has, had, or does not show.

use std::time::{SystemTime, UNIX_EPOCH};

use leadline::lead::Policy;
use leadline::mapping::{FieldMapping, Source, TooLong};
use leadline::store::lead_edit::LeadEdit;
use leadline_sandbox::known;
use serde_json::{Value, json};

use super::{CREATED, Office, UPDATED};
use crate::desk::{NOW, Response, response};
use crate::on_both;
use crate::support::TestStore;

const KEVIN: &str = "kevin.obrien@brightworks.example";
const ADA: &str = "ada@harbor.example";

/// Later than whatever was changed there until now.
fn soon() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = since.expect("after 1970").as_millis();
    i64::try_from(now).expect("a moment") + 60_000
}

/// Ada answers with all that a lead needs, so that nothing is supplied.
fn ada(id: &str, at: i64, job: &str) -> Response {
    let named = response(id, at, ADA).says("FIRST_NAME", "Ada");
    named.says("LAST_NAME", "Byron").says("JOB_TITLE", job)
}

impl Office {
    /// The one lead of somebody: its record and what it has.
    async fn only(&self, email: &str) -> (String, Value) {
        let there = self.there().await.into_iter();
        let mut theirs = there.filter(|(_, lead)| lead["emailaddress1"] == email);
        let one = theirs.next().expect("a lead");
        assert!(theirs.next().is_none(), "a second lead of {email}");
        one
    }

    /// A mapping writes always the same into a column.
    async fn always(&self, text: &str, column: &str, policy: Policy) {
        let mapping = FieldMapping {
            id: 0,
            source: Source::Constant(text.to_owned()),
            form: None,
            steps: Vec::new(),
            lead_field: column.to_owned(),
            policy,
            too_long: TooLong::Cut,
        };
        let made = self.desk.administrator.create_mapping(&mapping, NOW).await;
        made.expect("a mapping");
    }
}

async fn a_lead_that_the_role_may_not_read_any_more_is_not_taken_for_deleted(test: TestStore) {
    let office = Office::new(test).await;
    office.arrive(vec![ada("r1", NOW, "Cook")]).await;
    let (record, _) = office.only(ADA).await;
    office.faults(json!({ "unreachable": [record] })).await;

    let stranger = response("r2", NOW + 1, "new@harbor.example");
    office
        .arrive(vec![ada("r3", NOW + 1, "Chef"), stranger])
        .await;
    let (_, lead) = office.only(ADA).await;
    assert_eq!(lead["jobtitle"], "Cook");
    assert_eq!(office.desk.became("r3").await, "2 0 delivering");
    assert_eq!(
        office.desk.became("r2").await,
        CREATED,
        "nobody waits for it"
    );
    let working = "SELECT count(*) AS n FROM crm_connection WHERE state = 'active'";
    assert_eq!(office.desk.test.count(working).await, 1);

    office.faults(json!({ "unreachable": [] })).await;
    office.later().await;
    office.work().await;
    let (_, lead) = office.only(ADA).await;
    assert_eq!(lead["jobtitle"], "Chef");
    assert_eq!(office.desk.became("r3").await, UPDATED);
}
on_both!(a_lead_that_the_role_may_not_read_any_more_is_not_taken_for_deleted);

async fn a_lead_that_was_deleted_and_restored_there_is_found_again(test: TestStore) {
    let office = Office::new(test).await;
    office.arrive(vec![ada("r1", NOW, "Cook")]).await;
    let (record, had) = office.only(ADA).await;
    let path = format!("rows/lead/{record}");
    office.control("DELETE", &path, Value::Null).await;
    let lead = office.desk.lead_of("r1").await;
    let state = format!("SELECT COALESCE(left_in, 'there') AS t FROM lead WHERE id = {lead}");
    // Leadline notices when it is to change the lead.
    let phone = |edit: &mut LeadEdit| {
        let number = "+1 555 0100".to_owned();
        edit.fields.insert("mobilephone".to_owned(), number);
    };
    office.desk.edit(lead, phone).await;
    office.work().await;
    assert_eq!(office.desk.test.texts(&state).await, ["deleted"]);

    let names = ["firstname", "lastname", "emailaddress1", "jobtitle"];
    let values = names.map(|name| (name.to_owned(), had[name].clone()));
    let mut restored: serde_json::Map<String, Value> = values.into_iter().collect();
    restored.insert("leadid".to_owned(), json!(record));
    office.control("POST", "rows/lead", restored.into()).await;
    for (id, at) in [("r2", 1), ("r3", 2)] {
        office.arrive(vec![ada(id, NOW + at, id)]).await;
        assert_eq!(office.desk.lead_of(id).await, lead);
        assert_eq!(office.only(ADA).await.1["jobtitle"], id);
    }
    assert_eq!(office.desk.test.texts(&state).await, ["there"]);
}
on_both!(a_lead_that_was_deleted_and_restored_there_is_found_again);

async fn a_choice_that_leadline_does_not_know_is_not_an_empty_field(test: TestStore) {
    let office = Office::new(test).await;
    // Published after Leadline read the columns.
    let columns = ["leadqualitycode", "industrycode"];
    for column in columns {
        let path = format!("columns/{column}/choices");
        let icy = json!([{ "Value": 3, "Label": "Cold" }, { "Value": 9, "Label": "Icy" }]);
        office.control("PUT", &path, icy).await;
        let chosen = json!({ column: 9 });
        office.changes_there(known::OTHER_CASE, chosen).await;
    }
    office
        .always("Cold", "leadqualitycode", Policy::FillEmpty)
        .await;
    let job = response("r1", soon(), KEVIN).says("JOB_TITLE", "Head of Ice");
    office.arrive(vec![job]).await;
    let there = office.there().await[known::OTHER_CASE].clone();
    assert_eq!(there["jobtitle"], "Head of Ice");
    for column in columns {
        assert_eq!(there[column], 9, "{column}");
    }
    assert_eq!(office.desk.became("r1").await, UPDATED);

    // Whoever maps so that the latest answer counts gets that.
    office
        .always("Accounting", "industrycode", Policy::Overwrite)
        .await;
    let known_choice =
        json!([{ "Value": 1, "Label": "Accounting" }, { "Value": 9, "Label": "Icy" }]);
    let path = "columns/industrycode/choices";
    office.control("PUT", path, known_choice).await;
    office.arrive(vec![response("r2", soon() + 1, KEVIN)]).await;
    let there = office.there().await[known::OTHER_CASE].clone();
    assert_eq!(
        (&there["leadqualitycode"], &there["industrycode"]),
        (&json!(9), &json!(1))
    );
}
on_both!(a_choice_that_leadline_does_not_know_is_not_an_empty_field);

async fn what_was_corrected_there_after_a_submission_was_made_stays(test: TestStore) {
    let office = Office::new(test).await;
    let corrected = json!({ "jobtitle": "Head of Sales" });
    office.changes_there(known::OTHER_CASE, corrected).await;
    // It was made before, and Leadline sees the lead for the first time.
    let old = response("r1", NOW, KEVIN).says("JOB_TITLE", "Chef");
    office.arrive(vec![old.says("PHONE", "+1 555 0100")]).await;
    let there = office.there().await[known::OTHER_CASE].clone();
    assert_eq!(there["jobtitle"], "Head of Sales");
    assert_eq!(there["mobilephone"], "+1 555 0100", "it was empty");

    let new = response("r2", soon(), KEVIN).says("JOB_TITLE", "Chef");
    office.arrive(vec![new]).await;
    let there = office.there().await[known::OTHER_CASE].clone();
    assert_eq!(there["jobtitle"], "Chef");
}
on_both!(what_was_corrected_there_after_a_submission_was_made_stays);

async fn leads_that_fill_an_answer_hide_no_other_and_all_are_kept(test: TestStore) {
    let office = Office::new(test).await;
    let big = json!({ "lastname": "Big", "emailaddress1": "big@harbor.example" });
    let page = 5_000;
    let leads = vec![big; page + 1];
    office.control("POST", "rows/lead", leads.into()).await;
    // Both are asked for together, and Kevin's lead was changed before all others.
    let kevin = response("r1", NOW, KEVIN).says("JOB_TITLE", "Head of Rope");
    let big = |id: &str, at: i64| response(id, at, "big@harbor.example");
    office.arrive(vec![kevin, big("r2", NOW)]).await;
    let (_, lead) = {
        let there = office.there().await.into_iter();
        let mut named = there.filter(|(_, lead)| lead["lastname"] == "O'Brien");
        let kevin = named.next().expect("Kevin");
        assert!(named.next().is_none());
        kevin
    };
    assert_eq!(lead["jobtitle"], "Head of Rope");
    for id in ["r1", "r2"] {
        assert_eq!(office.desk.became(id).await, UPDATED);
    }
    let kept = "SELECT count(*) AS n FROM lead WHERE email = 'big@harbor.example'";
    assert_eq!(office.desk.test.count(kept).await, 5_000);

    // Mia, whose all of them are there, comes to Leadline: all are others than before.
    let mia = "mia.keller@contoso.example";
    office.employ(3, "Mia", mia).await;
    office.arrive(vec![big("r3", NOW + 1)]).await;
    let hers = format!("{kept} AND owner_id = 3");
    let hers = office.desk.test.count(&hers).await;
    assert!(hers >= 5_000, "{hers}");
}
on_both!(leads_that_fill_an_answer_hide_no_other_and_all_are_kept);
