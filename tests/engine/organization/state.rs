//! Leads that are opened again or closed, here and there.

use std::ops::Range;

use leadline::review::{Choice, Decision};
use leadline::store::lead_edit::LeadEdit;
use leadline_sandbox::known;
use serde_json::{Value, json};

use super::{CREATED, Office, UPDATED};
use crate::desk::{NOW, response};
use crate::on_both;
use crate::support::TestStore;

/// The statuses of what was done.
pub(super) const DONE: Range<u64> = 200..300;
const KEVIN: &str = "kevin.obrien@brightworks.example";
const MARIA: &str = "maria.garcia@lumbre.example";

impl Office {
    /// Leadline's id of the lead that a record is.
    pub(super) async fn lead(&self, record: &str) -> i64 {
        let sql = format!("SELECT id AS n FROM lead WHERE record_id = '{record}'");
        self.desk.test.count(&sql).await
    }

    /// State and reason of a record.
    async fn stands(&self, record: &str) -> (i64, i64) {
        let there = self.there().await[record].clone();
        let number = |name: &str| there[name].as_i64().expect("a number");
        (number("statecode"), number("statuscode"))
    }

    /// Whether the lead that a record is is open here.
    async fn is_open(&self, record: &str) -> bool {
        let sql = format!(
            "SELECT count(*) AS n FROM lead WHERE record_id = '{record}' AND state = 'open'"
        );
        self.desk.test.count(&sql).await == 1
    }

    /// Ann opens or closes the lead that a record is, on its page, which sends all fields: also the
    /// topic, which Leadline does not read.
    async fn open(&self, record: &str, open: bool) {
        let lead = self.lead(record).await;
        let change = |edit: &mut LeadEdit| {
            edit.fields.insert("subject".to_owned(), String::new());
            edit.open = open;
        };
        self.desk.edit(lead, change).await;
    }

    /// Somebody changes a record there.
    pub(super) async fn changes_there(&self, record: &str, columns: Value) {
        let path = format!("rows/lead/{record}");
        self.control("PATCH", &path, columns).await;
    }

    /// How many requests of this kind were answered with one of these statuses.
    pub(super) async fn answered(&self, endpoint: &str, statuses: Range<u64>) -> usize {
        let these = |entry: &&Value| {
            let status = entry["status"].as_u64().expect("a status");
            entry["endpoint"] == endpoint && statuses.contains(&status)
        };
        self.journal().await.iter().filter(these).count()
    }
}

async fn choosing_a_closed_lead_opens_it_there_and_brings_what_was_said(test: TestStore) {
    let office = Office::new(test).await;
    office.desk.hold_doubts().await;
    let back = response("r1", NOW, MARIA).says("JOB_TITLE", "Head of Light");
    office.arrive(vec![back]).await;
    assert_eq!(office.desk.became("r1").await, "3 0 closed_lead");
    assert_eq!(office.stands(known::QUALIFIED).await, (1, 3), "nothing yet");

    let lead = office.lead(known::QUALIFIED).await;
    let choice = Decision::of(Choice::Lead(lead));
    office.desk.settle("r1", &choice).await.expect("settled");
    office.work().await;
    assert_eq!(office.stands(known::QUALIFIED).await, (0, 1));
    let there = office.there().await[known::QUALIFIED].clone();
    assert_eq!(there["jobtitle"], "Head of Light");
    assert_eq!(office.desk.became("r1").await, UPDATED);

    // It is open: the next submission is the same lead's, and leaves the state alone.
    office
        .changes_there(known::QUALIFIED, json!({"statuscode": 2}))
        .await;
    let again = response("r2", NOW + 1, MARIA).says("JOB_TITLE", "Head of Shade");
    office.arrive(vec![again]).await;
    assert_eq!(office.of(MARIA).await.len(), 1);
    assert_eq!(office.stands(known::QUALIFIED).await, (0, 2));
    assert!(office.is_open(known::QUALIFIED).await);
    let told =
        "SELECT count(*) AS n FROM lead WHERE fields LIKE '%statecode%' OR fields LIKE '%ownerid%'";
    assert_eq!(office.desk.test.count(told).await, 0, "no field of a lead");
}
on_both!(choosing_a_closed_lead_opens_it_there_and_brings_what_was_said);

async fn closing_a_lead_here_disqualifies_it_there(test: TestStore) {
    let office = Office::new(test).await;
    let first = response("r1", NOW, KEVIN).says("JOB_TITLE", "Chef");
    let closed = response("r2", NOW, MARIA);
    office.arrive(vec![first, closed]).await;
    assert_eq!(office.stands(known::OTHER_CASE).await, (0, 2));
    office.open(known::OTHER_CASE, false).await;
    office.work().await;
    assert_eq!(office.stands(known::OTHER_CASE).await, (2, 4));
    office.open(known::OTHER_CASE, true).await;
    office.work().await;
    assert_eq!(office.stands(known::OTHER_CASE).await, (0, 1));

    // Opened and closed again before anything was sent: it stays qualified.
    let before = office.answered("PATCH leads", DONE).await;
    office.open(known::QUALIFIED, true).await;
    office.open(known::QUALIFIED, false).await;
    office.work().await;
    assert_eq!(office.stands(known::QUALIFIED).await, (1, 3));
    assert_eq!(office.answered("PATCH leads", DONE).await, before);
}
on_both!(closing_a_lead_here_disqualifies_it_there);

async fn a_lead_that_is_closed_before_it_arrives_is_made_and_then_closed(test: TestStore) {
    let office = Office::new(test).await;
    let busy = json!({"endpoint": "PATCH leads", "kind": "429_requests", "times": 1});
    office
        .faults(json!({"errors": [busy], "retry_after": 1}))
        .await;
    office
        .arrive(vec![response("r1", NOW, "new@harbor.example")])
        .await;
    assert_eq!(office.desk.became("r1").await, "1 0 delivering");
    let lead = office.desk.lead_of("r1").await;
    office.desk.edit(lead, |edit| edit.open = false).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    office.work().await;

    let there = office.of("new@harbor.example").await;
    assert_eq!(there.len(), 1);
    assert_eq!(
        (&there[0]["statecode"], &there[0]["statuscode"]),
        (&json!(2), &json!(4))
    );
    assert_eq!(office.desk.became("r1").await, CREATED);
}
on_both!(a_lead_that_is_closed_before_it_arrives_is_made_and_then_closed);

async fn a_lead_that_somebody_qualified_meanwhile_stays_qualified(test: TestStore) {
    let office = Office::new(test).await;
    office
        .arrive(vec![response("r1", NOW, KEVIN).says("JOB_TITLE", "Chef")])
        .await;
    office.open(known::OTHER_CASE, false).await;
    let qualified = json!({"statecode": 1, "statuscode": 3});
    office.changes_there(known::OTHER_CASE, qualified).await;
    office.work().await;
    assert_eq!(office.stands(known::OTHER_CASE).await, (1, 3));
    assert!(!office.is_open(known::OTHER_CASE).await);
    assert_eq!(
        office.answered("PATCH leads", 412..413).await,
        1,
        "it was noticed"
    );
    assert_eq!(office.answered("PATCH leads", 400..401).await, 0);

    // What becomes of it there is taken over when it is seen again.
    let opened = json!({"statecode": 0, "statuscode": 1});
    office.changes_there(known::OTHER_CASE, opened).await;
    office
        .arrive(vec![
            response("r2", NOW + 1, KEVIN).says("JOB_TITLE", "Head"),
        ])
        .await;
    assert!(office.is_open(known::OTHER_CASE).await);
    assert_eq!(office.stands(known::OTHER_CASE).await, (0, 1));
    assert_eq!(office.there().await[known::OTHER_CASE]["jobtitle"], "Head");
}
on_both!(a_lead_that_somebody_qualified_meanwhile_stays_qualified);
