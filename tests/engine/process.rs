//! Submissions become leads: matching, order, replay, on both databases.

use leadline::linkedin::Reading;
use leadline::store::submissions::Arrival;
use leadline::sync::arrive::arrivals;
use leadline::sync::process::process_due;
use serde_json::json;

use crate::on_both;
use crate::support::TestStore;

const NOW: i64 = 1_780_000_000_000;

/// A response as LinkedIn sends it: e-mail address and job title.
pub fn response(id: &str, submitted_at: i64, email: &str, job: &str) -> Reading {
    let question = |id: i64, key: &str| {
        json!({"questionId": id, "name": key, "question": {"localized": {"en_US": key}},
            "predefinedField": key, "responseRequired": true})
    };
    let answer = |id: i64, text: &str| json!({"questionId": id, "answerDetails": {"textQuestionAnswer": {"answer": text}}});
    let lead = json!({
        "id": id, "leadType": "SPONSORED", "testLead": false, "submittedAt": submitted_at,
        "owner": {"sponsoredAccount": "urn:li:sponsoredAccount:1"},
        "versionedLeadGenFormUrn": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:7,1)",
        "formResponse": {"consentResponses": [], "answers": [answer(1, email), answer(2, job)]},
        "form": {"id": 7, "name": "Demo", "creationLocale": {"country": "US", "language": "en"},
            "hiddenFields": [], "content": {"questions": [question(1, "EMAIL"), question(2, "JOB_TITLE")]}},
    });
    Reading::of(&lead.to_string())
}

impl TestStore {
    /// A linked account.
    pub async fn account(&self) -> i64 {
        self.sql(
            "INSERT INTO linked_account (id, urn, kind, name, test, sync_enabled, form_sync_status, \
             campaign_sync_status, sync_state, not_before, failures, lease_until, created_at, modified_at) VALUES \
             (1, 'urn:li:sponsoredAccount:1', 'ad_account', 'Ads', FALSE, TRUE, 'pending', 'pending', 'idle', \
             0, 0, 0, 0, 0)",
        )
        .await;
        1
    }

    /// Lets a page of responses arrive and tells how many are new.
    pub async fn arrive(&self, account_id: i64, readings: Vec<Reading>) -> u64 {
        let by = Arrival {
            account_id,
            profile_id: None,
            received_by: "poll",
            now: NOW,
        };
        let page = arrivals(readings, NOW);
        self.store.save_arrivals(&page, by).await.expect("arrived")
    }

    /// Decides all that is due.
    pub async fn decide(&self) -> usize {
        let mut decided = 0;
        loop {
            match process_due(&self.store).await.expect("decided").submissions {
                0 => return decided,
                more => decided += more,
            }
        }
    }
}

on_both!(two_thousand_submissions_of_sixteen_hundred_persons);
async fn two_thousand_submissions_of_sixteen_hundred_persons(test: TestStore) {
    let account = test.account().await;
    let spelled = |n: usize| match n % 3 {
        0 => format!("Person-{}@Example.com", n % 1600),
        1 => format!("  person-{}@example.com ", n % 1600),
        _ => format!("PERSON-{}@EXAMPLE.COM", n % 1600),
    };
    let mut added = 0;
    for page in 0..20 {
        let readings = (page * 100..page * 100 + 100)
            .map(|n| response(&format!("r-{n}"), NOW + n as i64, &spelled(n), "Buyer"))
            .collect();
        added += test.arrive(account, readings).await;
    }
    assert_eq!(added, 2000);
    assert_eq!(test.decide().await, 2000);
    assert_eq!(test.count("SELECT count(*) AS n FROM lead").await, 1600);
    let twice = "SELECT count(*) AS n FROM lead WHERE submission_count = 2";
    assert_eq!(test.count(twice).await, 400);
}

on_both!(what_arrives_again_is_not_touched);
async fn what_arrives_again_is_not_touched(test: TestStore) {
    let account = test.account().await;
    let page = || vec![response("a", NOW, "ann@x.example", "Buyer")];
    assert_eq!(test.arrive(account, page()).await, 1);
    assert_eq!(test.decide().await, 1);
    assert_eq!(test.arrive(account, page()).await, 0);
    assert_eq!(test.decide().await, 0);
    assert_eq!(test.count("SELECT count(*) AS n FROM attempt").await, 1);
}

on_both!(the_order_of_submission_decides_not_that_of_arrival);
async fn the_order_of_submission_decides_not_that_of_arrival(test: TestStore) {
    let account = test.account().await;
    test.arrive(
        account,
        vec![response("late", NOW + 10, "ann@x.example", "Head of Sales")],
    )
    .await;
    test.decide().await;
    test.arrive(
        account,
        vec![response("early", NOW, "ANN@x.example ", "Buyer")],
    )
    .await;
    test.decide().await;
    assert_eq!(test.count("SELECT count(*) AS n FROM lead").await, 1);
    let kept = "SELECT count(*) AS n FROM lead WHERE fields LIKE '%Head of Sales%' AND submission_count = 2";
    assert_eq!(test.count(kept).await, 1);
}

on_both!(an_answer_of_any_shape_holds_that_one_submission);
async fn an_answer_of_any_shape_holds_that_one_submission(test: TestStore) {
    let account = test.account().await;
    let broken = Reading::of(
        r#"{"id":"broken","leadType":"SPONSORED","submittedAt":1780000000001,"formResponse":{"answers":{"not":"a list"}}}"#,
    );
    let well = response("well", NOW, "ann@x.example", "\u{0}Buyer");
    assert_eq!(test.arrive(account, vec![broken, well]).await, 2);
    assert_eq!(test.decide().await, 2);
    assert_eq!(test.count("SELECT count(*) AS n FROM lead").await, 1);
    let held =
        "SELECT count(*) AS n FROM submission WHERE reason_code = 'malformed' AND reason <> ''";
    assert_eq!(test.count(held).await, 1);
}
