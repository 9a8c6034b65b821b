//! Leads live in an organization: what is there is found and updated, what is not is made once,
//! whatever happens on the way.

use std::collections::BTreeSet;

use leadline::matching::Contacts;
use leadline_sandbox::known;
use serde_json::{Value, json};

use crate::desk::{NOW, response};
use crate::office::{CREATED, Office, UPDATED};
use crate::on_both;
use crate::support::TestStore;

mod contacts;
mod edit;
mod forbidden;
mod owners;
mod seen;
mod state;
mod trouble;

async fn a_person_who_is_not_there_becomes_a_lead_there(test: TestStore) {
    let office = Office::new(test).await;
    let new = response("r1", NOW, "new@harbor.example")
        .says("FIRST_NAME", "Ada")
        .says("LAST_NAME", "O'Brien");
    office.arrive(vec![new]).await;

    let there = office.of("new@harbor.example").await;
    assert_eq!(there.len(), 1);
    assert_eq!(there[0]["firstname"], "Ada");
    assert_eq!(there[0]["lastname"], "O'Brien");
    assert_eq!(there[0]["subject"], "LinkedIn: Demo");
    assert_eq!(office.desk.became("r1").await, CREATED);

    let again = response("r2", NOW + 1, "NEW@harbor.example ").says("JOB_TITLE", "Chef");
    office.arrive(vec![again]).await;
    let there = office.of("new@harbor.example").await;
    assert_eq!(there.len(), 1, "the same person is the same lead");
    assert_eq!(there[0]["jobtitle"], "Chef");
    assert_eq!(there[0]["firstname"], "Ada");
    assert_eq!(office.desk.became("r2").await, UPDATED);
}
on_both!(a_person_who_is_not_there_becomes_a_lead_there);

async fn a_lead_that_was_there_is_found_in_any_case_and_only_what_changes_is_written(
    test: TestStore,
) {
    let office = Office::new(test).await;
    let before = office.there().await[known::OTHER_CASE].clone();
    let known_there =
        response("r1", NOW, "kevin.obrien@brightworks.example").says("JOB_TITLE", "Head of Rope");
    office.arrive(vec![known_there]).await;

    let after = office.there().await[known::OTHER_CASE].clone();
    assert_eq!(after["jobtitle"], "Head of Rope");
    assert_eq!(
        after["emailaddress1"], before["emailaddress1"],
        "spelled as it was"
    );
    assert_eq!(office.of("kevin.obrien@brightworks.example").await.len(), 1);
    assert_eq!(office.desk.became("r1").await, UPDATED);
}
on_both!(a_lead_that_was_there_is_found_in_any_case_and_only_what_changes_is_written);

async fn a_closed_lead_is_never_rewritten_and_of_two_the_newest_is_taken(test: TestStore) {
    let office = Office::new(test).await;
    let before = office.there().await;
    let closed = response("r1", NOW, "maria.garcia@lumbre.example").says("JOB_TITLE", "Chef");
    let double = response("r2", NOW, "anais.lefevre@atelier-nord.example");
    let double = double.says("JOB_TITLE", "Chef");
    office.arrive(vec![closed, double]).await;

    let after = office.there().await;
    assert_eq!(after[known::QUALIFIED], before[known::QUALIFIED]);
    assert_eq!(office.of("maria.garcia@lumbre.example").await.len(), 2);
    let changed = [known::DOUBLE, known::SECOND_DOUBLE]
        .iter()
        .filter(|id| after[**id]["jobtitle"] == "Chef")
        .count();
    assert_eq!(changed, 1, "one of the two, and no third");
    assert_eq!(after.len(), before.len() + 1);
}
on_both!(a_closed_lead_is_never_rewritten_and_of_two_the_newest_is_taken);

async fn whoever_changed_the_record_meanwhile_is_not_overwritten(test: TestStore) {
    let office = Office::new(test).await;
    let first = response("r1", NOW, "new@harbor.example").says("JOB_TITLE", "Cook");
    office.arrive(vec![first]).await;
    let (id, _) = {
        let there = office.there().await;
        let found = there
            .into_iter()
            .find(|(_, lead)| lead["emailaddress1"] == "new@harbor.example");
        found.expect("the lead")
    };
    // The submission is decided; then a salesperson changes another field; then it is delivered.
    office
        .desk
        .keep(vec![
            response("r2", NOW + 1, "new@harbor.example").says("JOB_TITLE", "Chef"),
        ])
        .await;
    let busy = json!({"endpoint": "PATCH leads", "kind": "429_requests", "times": 1});
    office
        .faults(json!({"errors": [busy], "retry_after": 1}))
        .await;
    office.work().await;
    assert_eq!(office.desk.became("r2").await, "2 0 delivering");
    let path = format!("rows/lead/{id}");
    office
        .control("PATCH", &path, json!({"firstname": "Augusta"}))
        .await;
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    office.work().await;

    let there = office.there().await[&id].clone();
    assert_eq!(there["firstname"], "Augusta");
    assert_eq!(there["jobtitle"], "Chef");
    assert_eq!(office.desk.became("r2").await, UPDATED);
    let stale = office.journal().await;
    let stale = stale.iter().filter(|entry| entry["status"] == 412).count();
    assert_eq!(stale, 1, "it was noticed by the version");
}
on_both!(whoever_changed_the_record_meanwhile_is_not_overwritten);

async fn an_answer_that_is_lost_makes_no_second_lead(test: TestStore) {
    let office = Office::new(test).await;
    let kinds = [
        "reset_after_commit",
        "503_after_commit",
        "truncated",
        "empty_body",
    ];
    for (n, kind) in (0i64..).zip(kinds) {
        let error = json!({"endpoint": "PATCH leads", "kind": kind, "times": 1});
        office.faults(json!({"errors": [error]})).await;
        let email = format!("{n}@harbor.example");
        let id = format!("r{n}");
        office.desk.keep(vec![response(&id, NOW + n, &email)]).await;
        office.work().await;
        let now = "UPDATE lead SET deliver_at = 0 WHERE deliver_at IS NOT NULL";
        office.desk.test.sql(now).await;
        office.work().await;
        assert_eq!(office.of(&email).await.len(), 1, "{kind}");
        assert_eq!(office.desk.became(&id).await, CREATED, "{kind}");
    }
}
on_both!(an_answer_that_is_lost_makes_no_second_lead);

async fn one_lead_that_is_refused_blocks_no_other_and_can_be_run_again(test: TestStore) {
    let office = Office::new(test).await;
    let plugin = json!({"column": "jobtitle", "value": "Cook", "message": "No cooks, please."});
    office.faults(json!({"plugins": [plugin]})).await;
    let cook = response("r1", NOW, "cook@harbor.example").says("JOB_TITLE", "Cook");
    let chef = response("r2", NOW, "chef@harbor.example").says("JOB_TITLE", "Chef");
    office.arrive(vec![cook, chef]).await;

    assert_eq!(office.desk.became("r2").await, CREATED);
    assert_eq!(office.desk.became("r1").await, "4 2 crm_refused");
    assert!(office.of("cook@harbor.example").await.is_empty());

    office.faults(json!({"plugins": []})).await;
    let sql = "UPDATE submission SET due_at = 0 WHERE linkedin_id = 'r1'";
    office.desk.test.sql(sql).await;
    office.work().await;
    assert_eq!(office.of("cook@harbor.example").await.len(), 1);
    assert_eq!(office.desk.became("r1").await, CREATED);
}
on_both!(one_lead_that_is_refused_blocks_no_other_and_can_be_run_again);

async fn a_lead_that_was_deleted_there_is_not_brought_back(test: TestStore) {
    let office = Office::new(test).await;
    office
        .arrive(vec![response("r1", NOW, "new@harbor.example")])
        .await;
    let there = office.there().await;
    let mine = there
        .iter()
        .find(|(_, lead)| lead["emailaddress1"] == "new@harbor.example");
    let first = mine.expect("the lead").0.clone();
    office
        .control("DELETE", &format!("rows/lead/{first}"), Value::Null)
        .await;

    // The same person asks again: a lead of its own, not the deleted one.
    office
        .arrive(vec![response("r2", NOW + 1, "new@harbor.example")])
        .await;
    let there = office.there().await;
    assert!(!there.contains_key(&first));
    assert_eq!(office.of("new@harbor.example").await.len(), 1);
    assert_eq!(office.desk.became("r2").await, CREATED);

    let sql = "UPDATE submission SET due_at = 0 WHERE linkedin_id = 'r1'";
    office.desk.test.sql(sql).await;
    office.work().await;
    assert!(!office.there().await.contains_key(&first));
    assert!(office.desk.became("r1").await.ends_with("lead_gone"));
}
on_both!(a_lead_that_was_deleted_there_is_not_brought_back);

#[tokio::test(flavor = "multi_thread")]
async fn one_submission_that_the_database_refuses_stops_no_other() {
    let office = Office::new(TestStore::sqlite().await).await;
    let refuses = "CREATE TRIGGER refuses BEFORE INSERT ON lead WHEN NEW.email = 'bad@harbor.example' \
         BEGIN SELECT RAISE(ABORT, 'not this one'); END";
    office.desk.test.sql(refuses).await;
    let all = ["one", "bad", "two"].map(|who| response(who, NOW, &format!("{who}@harbor.example")));
    office.arrive(all.to_vec()).await;
    for who in ["one", "two"] {
        assert_eq!(office.desk.became(who).await, CREATED);
        assert_eq!(office.of(&format!("{who}@harbor.example")).await.len(), 1);
    }
    assert_eq!(office.desk.became("bad").await, "4 2 store_error");
    assert!(office.of("bad@harbor.example").await.is_empty());
}

async fn row_38_a_contact_is_linked_or_made_as_the_strategy_says(test: TestStore) {
    let office = Office::new(test).await;
    let contacts = async || {
        let rows = office.control("GET", "rows/contact", Value::Null).await;
        rows["rows"].as_array().expect("rows").len()
    };
    let before = contacts().await;
    let linked = |lead: &Value| {
        let mut columns = lead.as_object().expect("columns").iter();
        let link = columns.find(|(name, _)| name.contains("parentcontactid"));
        link.filter(|(_, id)| !id.is_null())
            .map(|(_, id)| id.to_string())
    };
    office
        .arrive(vec![response("r1", NOW, "one@harbor.example")])
        .await;
    assert_eq!(linked(&office.of("one@harbor.example").await[0]), None);

    office.contacts(Contacts::Link).await;
    let grace = response("r2", NOW, "Grace.Kim@hanriver.example");
    office
        .arrive(vec![grace, response("r3", NOW, "two@harbor.example")])
        .await;
    let lead = office.of("grace.kim@hanriver.example").await.remove(0);
    let link = linked(&lead).unwrap_or_else(|| panic!("no contact: {lead}"));
    assert!(link.contains(known::GRACE), "{link}");
    assert_eq!(linked(&office.of("two@harbor.example").await[0]), None);
    assert_eq!(contacts().await, before);

    office.contacts(Contacts::LinkOrCreate).await;
    let lost = json!({"endpoint": "PATCH contacts", "kind": "reset_after_commit", "times": 1});
    office.faults(json!({"errors": [lost]})).await;
    let new = response("r4", NOW, "three@harbor.example").says("FIRST_NAME", "Ada");
    office.arrive(vec![new]).await;
    let now = "UPDATE lead SET deliver_at = 0 WHERE deliver_at IS NOT NULL";
    office.desk.test.sql(now).await;
    office.work().await;
    assert!(linked(&office.of("three@harbor.example").await[0]).is_some());
    assert_eq!(contacts().await, before + 1, "made once");
}
on_both!(row_38_a_contact_is_linked_or_made_as_the_strategy_says);

async fn leads_stay_behind_at_a_switch_and_submissions_can_be_brought_along(test: TestStore) {
    let office = Office::before_the_switch(test).await;
    let before = response("r1", NOW, "old@harbor.example").says("JOB_TITLE", "Cook");
    let known_there = response("r2", NOW, "kevin.obrien@brightworks.example");
    office
        .desk
        .arrive(vec![before, known_there.says("JOB_TITLE", "Chef")])
        .await;
    office.switch().await;
    office.work().await;
    assert!(
        office.of("old@harbor.example").await.is_empty(),
        "nothing is copied"
    );

    // Somebody who was a lead before asks again: a lead there.
    office
        .arrive(vec![response("r3", NOW + 1, "old@harbor.example")])
        .await;
    assert_eq!(office.of("old@harbor.example").await.len(), 1);
    assert_eq!(office.desk.became("r3").await, CREATED);

    // All submissions are run again.
    office
        .desk
        .test
        .sql("UPDATE submission SET due_at = 0")
        .await;
    office.work().await;
    let old = office.of("old@harbor.example").await;
    assert_eq!(old.len(), 1, "and it stays one");
    assert_eq!(old[0]["jobtitle"], "Cook");
    assert_eq!(office.there().await[known::OTHER_CASE]["jobtitle"], "Chef");

    let sql = "SELECT CAST(count(*) AS text) || ' ' || COALESCE(left_in, 'there') AS t FROM lead GROUP BY left_in";
    let leads: BTreeSet<String> = office.desk.test.texts(sql).await.into_iter().collect();
    assert_eq!(
        leads,
        ["2 built-in".to_owned(), "2 there".to_owned()].into()
    );
}
on_both!(leads_stay_behind_at_a_switch_and_submissions_can_be_brought_along);
