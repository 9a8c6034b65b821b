//! Leads live in an organization: what is kept of each delivery, and what the organization's own
//! columns have to do with it.

use leadline::sync::crm::read_fields;
use serde_json::{Value, json};

use crate::desk::{NOW, response};
use crate::office::{CREATED, Office};
use crate::on_both;
use crate::support::TestStore;

/// A custom column for LinkedIn's ids of responses, with an alternate key of it.
async fn add_response_key(office: &Office) {
    let column = json!({
        "@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata",
        "SchemaName": "new_LinkedInResponseId", "MaxLength": 100, "FormatName": { "Value": "Text" },
    });
    office.control("POST", "columns", column).await;
    let key =
        json!({ "SchemaName": "new_LinkedInKey", "KeyAttributes": ["new_linkedinresponseid"] });
    office.control("POST", "keys", key).await;
}

async fn an_arrival_and_a_refusal_name_the_request(test: TestStore) {
    let office = Office::new(test).await;
    let plugin = json!({"column": "jobtitle", "value": "Cook", "message": "No cooks, please."});
    office.faults(json!({"plugins": [plugin]})).await;
    let cook = response("r1", NOW, "cook@harbor.example").says("JOB_TITLE", "Cook");
    let chef = response("r2", NOW, "chef@harbor.example").says("JOB_TITLE", "Chef");
    office.arrive(vec![cook, chef]).await;

    let [arrived] = office
        .desk
        .submission("r2")
        .await
        .attempts
        .try_into()
        .expect("one");
    assert!(arrived.arrived_at.is_some());
    let journal = office.journal().await;
    let request = |id: &str| {
        let mut same = journal.iter().filter(|entry| entry["request_id"] == id);
        same.next().expect("a request of that name").clone()
    };
    assert_eq!(request(&arrived.request_id.expect("a name"))["status"], 201);

    let [refused, decided] = office
        .desk
        .submission("r1")
        .await
        .attempts
        .try_into()
        .expect("two");
    assert_eq!((decided.number, refused.number), (1, 2));
    assert_eq!(decided.arrived_at, None);
    assert!(refused.reason.contains("plug-in"), "{}", refused.reason);
    let refusal = request(&refused.request_id.expect("a name"));
    assert_eq!(refusal["status"], 400);
}
on_both!(an_arrival_and_a_refusal_name_the_request);

async fn a_lead_that_another_program_made_for_the_same_response_is_that_lead(test: TestStore) {
    let office = Office::before_the_switch(test).await;
    add_response_key(&office).await;
    office.switch().await;
    let theirs = json!({
        "lastname": "Byron", "emailaddress1": "private@harbor.example", "new_linkedinresponseid": "r1",
    });
    office.control("POST", "rows/lead", theirs).await;
    let before = office.there().await.len();
    let same = response("r1", NOW, "work@harbor.example").says("JOB_TITLE", "Chef");
    let other = response("r2", NOW, "other@harbor.example");
    office.arrive(vec![same, other]).await;

    let there = office.there().await;
    assert_eq!(there.len(), before + 1, "one more for the other response");
    let of = |response: &str| -> &Value {
        let mut found = there
            .values()
            .filter(|lead| lead["new_linkedinresponseid"] == response);
        found.next().expect("the lead of that response")
    };
    assert_eq!(of("r1")["jobtitle"], "Chef");
    let theirs = &of("r1")["emailaddress1"];
    assert_eq!(
        theirs, "private@harbor.example",
        "written after the submission"
    );
    assert_eq!(of("r2")["emailaddress1"], "other@harbor.example");
    assert_eq!(office.desk.became("r1").await, CREATED);
}
on_both!(a_lead_that_another_program_made_for_the_same_response_is_that_lead);

async fn a_key_that_the_customer_made_refuses_one_lead_and_no_other(test: TestStore) {
    let office = Office::before_the_switch(test).await;
    let key = json!({ "SchemaName": "new_Mobile", "KeyAttributes": ["mobilephone"] });
    office.control("POST", "keys", key).await;
    office.switch().await;
    let phone = "+1 206 555 0100";
    let one = response("r1", NOW, "one@harbor.example").says("PHONE_NUMBER", phone);
    let two = response("r2", NOW + 1, "two@harbor.example").says("PHONE_NUMBER", phone);
    office.arrive(vec![one, two]).await;
    let mut became = [
        office.desk.became("r1").await,
        office.desk.became("r2").await,
    ];
    became.sort();
    assert_eq!(became, [CREATED, "4 2 crm_refused"]);
}
on_both!(a_key_that_the_customer_made_refuses_one_lead_and_no_other);

async fn columns_that_change_are_read_again(test: TestStore) {
    let office = Office::new(test).await;
    let looked_at = "SELECT checked_at AS n FROM crm_connection";
    let due = async || office.desk.test.count(looked_at).await == 0;
    office
        .arrive(vec![response("r1", NOW, "one@harbor.example")])
        .await;
    office
        .desk
        .test
        .sql("UPDATE crm_connection SET checked_at = 1")
        .await;
    office
        .arrive(vec![response("r2", NOW, "two@harbor.example")])
        .await;
    assert!(!due().await, "nothing changed");
    office
        .control("DELETE", "columns/jobtitle", Value::Null)
        .await;
    office
        .arrive(vec![response("r3", NOW, "three@harbor.example")])
        .await;
    assert!(due().await, "a column is gone");
    assert_ne!(office.desk.became("r3").await, CREATED);
    let changed = read_fields(&office.desk.administrator, &office.config).await;
    assert!(changed.expect("columns"));
    office.work().await;
    assert_eq!(office.desk.became("r3").await, CREATED);
}
on_both!(columns_that_change_are_read_again);
