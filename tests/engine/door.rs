//! The S2S Inbound door: what a program brings goes the way of what is read from LinkedIn.

use leadline::error::Kind;
use leadline::store::access::{Inbound, Signed};
use leadline::store::tokens::{NewToken, TokenRole};
use leadline::sync::door::Account;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::on_both;
use crate::support::TestStore;

const NOW: i64 = 1_800_000_000_000;
const URN: &str = "urn:li:sponsoredAccount:42";

/// A program at the door of a Leadline that knows one account and one form.
async fn at_the_door(test: &TestStore) -> Inbound {
    let form = json!({
        "id": 7, "versionId": 1, "name": "Newsletter",
        "content": { "questions": [
            { "questionId": 1, "name": "E-mail", "predefinedField": "EMAIL", "questionDetails": { "textQuestionDetails": {} } },
        ] },
    });
    test.sql(&format!(
        "INSERT INTO linked_account (id, urn, kind, name, test, sync_enabled, form_sync_status, campaign_sync_status, \
           sync_state, not_before, failures, lease_until, created_at, modified_at) \
         VALUES (1, '{URN}', 'ad_account', 'Harbor', FALSE, TRUE, 'active', 'active', 'idle', 0, 0, 0, 0, 0)"
    ))
    .await;
    test.sql(&format!(
        "INSERT INTO form (account_id, linkedin_id, version, current, name, questions, raw, created_at, modified_at) \
         VALUES (1, 7, 1, TRUE, 'Newsletter', '{{}}', '{form}', 0, 0)"
    ))
    .await;
    let new = NewToken {
        name: "Import",
        role: TokenRole::S2sInbound,
        days: None,
    };
    let token = test.store.create_token(new, NOW).await.expect("made");
    let signed = Signed::by_token(&test.store, token.secret.expose_secret(), NOW).await;
    let signed = signed.expect("an answer").expect("accepted");
    signed.inbound().expect("its role")
}

fn response(id: &str, email: &str) -> Value {
    json!({
        "id": id, "leadType": "SPONSORED", "submittedAt": NOW - 5_000, "testLead": false,
        "versionedLeadGenFormUrn": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:7,1)",
        "formResponse": { "answers": [
            { "questionId": 1, "answerDetails": { "textQuestionAnswer": { "answer": email } } },
        ] },
    })
}

on_both!(a_response_is_kept_once_by_whatever_name_its_account_is_called);
async fn a_response_is_kept_once_by_whatever_name_its_account_is_called(test: TestStore) {
    let door = at_the_door(&test).await;
    let text = response("r-1", "ada@example.com").to_string();
    let first = door.receive(&Account::Id(1), &text, NOW).await;
    let first = first.expect("kept");
    assert!(first.new && first.same);
    assert_eq!(first.submission.person_name, "ada@example.com");
    assert_eq!(
        first.submission.malformed, None,
        "it was joined with its form"
    );
    let again = door
        .receive(&Account::Urn(URN.to_owned()), &text, NOW + 1)
        .await;
    let again = again.expect("known");
    assert!(!again.new && again.same);
    assert_eq!(again.submission.id, first.submission.id);
    assert_eq!(test.store.count_due().await.expect("a count"), 1);
}

on_both!(what_was_deleted_does_not_come_back_through_the_door);
async fn what_was_deleted_does_not_come_back_through_the_door(test: TestStore) {
    let door = at_the_door(&test).await;
    let gone = "INSERT INTO forgotten_submission (account_id, linkedin_id, forgotten_at) VALUES (1, 'r-1', 0)";
    test.sql(gone).await;
    let text = response("r-1", "ada@example.com").to_string();
    let refused = door.receive(&Account::Id(1), &text, NOW).await;
    let refused = refused.expect_err("refused");
    assert_eq!(refused.kind(), Kind::Conflict);
    assert!(refused.message().contains("was deleted here"), "{refused}");
    assert!(test.linkedin_ids().await.is_empty());
}

on_both!(what_is_known_with_other_answers_is_not_touched_and_said_to_differ);
async fn what_is_known_with_other_answers_is_not_touched_and_said_to_differ(test: TestStore) {
    let door = at_the_door(&test).await;
    let account = Account::Id(1);
    let [ada, eve] = ["ada@example.com", "eve@example.com"].map(|e| response("r-1", e).to_string());
    door.receive(&account, &ada, NOW).await.expect("kept");
    let other = door.receive(&account, &eve, NOW).await.expect("known");
    assert!(!other.new && !other.same);
    assert_eq!(other.submission.person_name, "ada@example.com");
}

on_both!(of_ten_that_bring_the_same_at_once_one_is_new);
async fn of_ten_that_bring_the_same_at_once_one_is_new(test: TestStore) {
    let door = at_the_door(&test).await;
    let tries = (0..10).map(|_| {
        let door = door.clone();
        tokio::spawn(async move {
            let text = response("r-1", "ada@example.com").to_string();
            let received = door.receive(&Account::Id(1), &text, NOW).await;
            received.expect("received").new
        })
    });
    let mut new = 0;
    for brought in tries.collect::<Vec<_>>() {
        new += usize::from(brought.await.expect("no panic"));
    }
    assert_eq!(new, 1);
    assert_eq!(test.count("SELECT count(*) AS n FROM submission").await, 1);
}

on_both!(whatever_cannot_be_understood_is_kept_with_what_is_wrong);
async fn whatever_cannot_be_understood_is_kept_with_what_is_wrong(test: TestStore) {
    let door = at_the_door(&test).await;
    for text in [
        "{}",
        "[1, 2]",
        "\"text\"",
        "{\"id\": \"x\\u0000y\"}",
        "{\"id\": 1e999}",
    ] {
        let received = door.receive(&Account::Id(1), text, NOW).await;
        let received = received.expect("kept");
        assert!(
            received.new && received.submission.malformed.is_some(),
            "{text}"
        );
    }
}

on_both!(an_account_that_is_not_linked_takes_nothing);
async fn an_account_that_is_not_linked_takes_nothing(test: TestStore) {
    let door = at_the_door(&test).await;
    for account in [
        Account::Id(2),
        Account::Urn("urn:li:sponsoredAccount:2".to_owned()),
    ] {
        let refused = door.receive(&account, "{}", NOW).await;
        assert_eq!(refused.expect_err("unknown").kind(), Kind::Invalid);
    }
    assert_eq!(test.count("SELECT count(*) AS n FROM submission").await, 0);
}
