//! One lead in trouble: no other waits for it, and nothing is made twice.

use std::time::Duration;

use leadline::sync::organization::Round;
use leadline_sandbox::known;
use serde_json::{Value, json};

use super::{CREATED, Office};
use crate::desk::{NOW, Response, response};
use crate::on_both;
use crate::support::TestStore;

impl Office {
    /// Every lead that waits is due now.
    pub(super) async fn later(&self) {
        let now = "UPDATE lead SET deliver_at = 0 WHERE deliver_at IS NOT NULL";
        self.desk.test.sql(now).await;
    }

    /// Lets responses arrive, be decided, and be delivered once, whatever comes of it.
    async fn decide_and_deliver_once(&self, responses: Vec<Response>) {
        self.desk.keep(responses).await;
        for _ in 0..2 {
            self.organization.round().await.expect("a round");
        }
    }

    /// How often something was written, whatever came of it.
    async fn writes(&self) -> usize {
        let journal = self.journal().await;
        let writes = journal
            .iter()
            .filter(|entry| entry["endpoint"] == "PATCH leads");
        writes.count()
    }
}

async fn a_lead_whose_answer_was_lost_is_met_again_before_it_is_looked_for(test: TestStore) {
    let office = Office::new(test).await;
    office
        .desk
        .keep(vec![response("r1", NOW, "ada@harbor.example")])
        .await;
    assert_eq!(
        office.organization.round().await.expect("decided"),
        Round::Done
    );
    // It is made, nobody hears of it, and the look fails as well.
    let lost = json!({"endpoint": "PATCH leads", "kind": "503_after_commit", "times": 1});
    let blind = json!({"endpoint": "GET leads", "kind": "503", "times": 1});
    office.faults(json!({"errors": [lost, blind]})).await;
    office
        .desk
        .keep(vec![response("r2", NOW + 1, "ADA@harbor.example")])
        .await;
    office.organization.round().await.expect("a round");
    office.later().await;
    office.work().await;

    assert_eq!(office.of("ada@harbor.example").await.len(), 1);
    assert_eq!(office.desk.became("r1").await, CREATED);
    assert_ne!(office.desk.became("r2").await, CREATED);
    assert_eq!(
        office.desk.lead_of("r1").await,
        office.desk.lead_of("r2").await
    );
}
on_both!(a_lead_whose_answer_was_lost_is_met_again_before_it_is_looked_for);

async fn a_lead_that_stays_in_doubt_is_tried_less_and_less(test: TestStore) {
    let office = Office::new(test).await;
    let unique = json!({"endpoint": "PATCH leads", "kind": "0x80073002"});
    office.faults(json!({"errors": [unique]})).await;
    office
        .decide_and_deliver_once(vec![response("r1", NOW, "ada@harbor.example")])
        .await;
    assert_eq!(office.writes().await, 2, "once more at once, then later");
    assert_eq!(office.desk.became("r1").await, "1 0 delivering");
    let why = office
        .desk
        .test
        .texts("SELECT delivery_problem AS t FROM lead WHERE deliver_at IS NOT NULL");
    assert!(
        why.await[0].contains("may exist only once"),
        "the reason is its own"
    );
    office.faults(json!({"errors": []})).await;
    office.later().await;
    office.work().await;
    assert_eq!(office.desk.became("r1").await, CREATED);
}
on_both!(a_lead_that_stays_in_doubt_is_tried_less_and_less);

async fn a_right_that_is_missing_for_one_lead_stops_no_other(test: TestStore) {
    let office = Office::new(test).await;
    let not_this_one = json!({"endpoint": "PATCH leads", "kind": "0x80048306", "times": 1});
    office.faults(json!({"errors": [not_this_one]})).await;
    let leads = (0..5).map(|n| response(&format!("r{n}"), NOW + n, &format!("{n}@harbor.example")));
    office.decide_and_deliver_once(leads.collect()).await;
    let count = async |state: &str| {
        let sql = format!("SELECT count(*) AS n FROM submission WHERE {state}");
        office.desk.test.count(&sql).await
    };
    assert_eq!(count("reason_code = 'delivering'").await, 1);
    assert_eq!(count("processing_state = 192350001").await, 4);
    let broken = "SELECT count(*) AS n FROM crm_connection WHERE state = 'broken'";
    assert_eq!(office.desk.test.count(broken).await, 0);
    office.later().await;
    office.work().await;
    assert_eq!(count("processing_state = 192350001").await, 5);
}
on_both!(a_right_that_is_missing_for_one_lead_stops_no_other);

async fn a_right_that_is_missing_for_all_stops_all_and_is_said(test: TestStore) {
    let office = Office::new(test).await;
    let nobody = json!({"endpoint": "PATCH leads", "kind": "0x80040220"});
    office.faults(json!({"errors": [nobody]})).await;
    let leads =
        (0..60).map(|n| response(&format!("r{n}"), NOW + n, &format!("{n}@harbor.example")));
    office.arrive(leads.collect()).await;
    assert!(office.writes().await < 60, "it stopped");
    let broken = "SELECT count(*) AS n FROM crm_connection WHERE state = 'broken'";
    assert_eq!(office.desk.test.count(broken).await, 1);
}
on_both!(a_right_that_is_missing_for_all_stops_all_and_is_said);

async fn a_lead_that_is_qualified_while_a_submission_is_on_its_way_is_left_alone(test: TestStore) {
    let office = Office::new(test).await;
    let before = response("r1", NOW, "kevin.obrien@brightworks.example");
    office.arrive(vec![before]).await;
    let late =
        response("r2", NOW + 1, "kevin.obrien@brightworks.example").says("JOB_TITLE", "Chef");
    office.desk.keep(vec![late]).await;
    office.organization.round().await.expect("decided");
    assert_eq!(office.desk.became("r2").await, "2 0 delivering");
    let path = format!("rows/lead/{}", known::OTHER_CASE);
    office
        .control("PATCH", &path, json!({"statecode": 1, "statuscode": 3}))
        .await;
    let qualified = office.there().await[known::OTHER_CASE].clone();
    office.work().await;

    let there = office.there().await;
    assert_eq!(there[known::OTHER_CASE], qualified);
    assert_eq!(office.desk.became("r2").await, CREATED);
    let of = office.of("kevin.obrien@brightworks.example").await;
    let new: Vec<&Value> = of
        .iter()
        .filter(|lead| lead["jobtitle"] == "Chef")
        .collect();
    assert_eq!((of.len(), new.len()), (2, 1));
}
on_both!(a_lead_that_is_qualified_while_a_submission_is_on_its_way_is_left_alone);

async fn whoever_notices_that_a_lead_was_qualified_it_is_left_alone(test: TestStore) {
    let office = Office::new(test).await;
    let kevin = |id: &str, at: i64| response(id, NOW + at, "kevin.obrien@brightworks.example");
    office.arrive(vec![kevin("r1", 0)]).await;
    let late = kevin("r2", 1).says("JOB_TITLE", "Chef");
    office.desk.keep(vec![late]).await;
    office.organization.round().await.expect("decided");
    let path = format!("rows/lead/{}", known::OTHER_CASE);
    office
        .control("PATCH", &path, json!({"statecode": 1, "statuscode": 3}))
        .await;
    let qualified = office.there().await[known::OTHER_CASE].clone();
    // The write comes to nothing; the next submission of the person is who looks.
    let busy = json!({"endpoint": "PATCH leads", "kind": "0x80044150", "times": 1});
    office.faults(json!({"errors": [busy]})).await;
    office.desk.keep(vec![kevin("r3", 2)]).await;
    office.organization.round().await.expect("a round");
    office.later().await;
    office.work().await;

    assert_eq!(office.there().await[known::OTHER_CASE], qualified);
    let of = office.of("kevin.obrien@brightworks.example").await;
    let new: Vec<&Value> = of
        .iter()
        .filter(|lead| lead["jobtitle"] == "Chef")
        .collect();
    assert_eq!((of.len(), new.len()), (2, 1));
    let (second, third) = (
        office.desk.lead_of("r2").await,
        office.desk.lead_of("r3").await,
    );
    assert_eq!(second, third);
}
on_both!(whoever_notices_that_a_lead_was_qualified_it_is_left_alone);

async fn going_back_in_the_middle_of_a_round_brings_no_lead_along(test: TestStore) {
    let office = Office::new(test).await;
    office
        .desk
        .keep(vec![response(
            "r1",
            NOW,
            "kevin.obrien@brightworks.example",
        )])
        .await;
    office.faults(json!({"latency_ms": 600})).await;
    let goes_back = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let version = office
            .desk
            .test
            .count("SELECT version AS n FROM crm_connection")
            .await;
        let back = office.desk.administrator.leave_crm(version, NOW);
        back.await.expect("back");
    };
    let (round, ()) = tokio::join!(office.organization.round(), goes_back);
    round.expect("a round");
    assert_eq!(
        office.desk.leads().await,
        0,
        "what is there is none of the built-in store"
    );
    let due = "SELECT count(*) AS n FROM submission WHERE due_at IS NOT NULL";
    assert_eq!(office.desk.test.count(due).await, 1, "it is decided again");
}
on_both!(going_back_in_the_middle_of_a_round_brings_no_lead_along);
