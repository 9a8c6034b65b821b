//! Administrators change field mappings: what is not mapped is found, an edit is previewed, saved,
//! and the next submissions carry it.

use leadline::error::Kind;
use leadline::lead::Policy;
use leadline::linkedin::Reading;
use leadline::mapping::{FieldMapping, Pick, Source, Step, TooLong};
use leadline::store::access::{Administrator, Signed};
use leadline::store::mappings::VersionedMapping;
use leadline::store::order::Towards;
use leadline::store::submissions::Arrival;
use leadline::sync::arrive::arrivals;
use leadline::sync::preview::preview_mapping;
use leadline::sync::process::process_due;
use serde_json::json;

use crate::on_both;
use crate::support::TestStore;
use crate::world::no_organization;

const NOW: i64 = 1_780_000_000_000;

/// A response with an e-mail address and an answer to a custom question.
pub fn response(id: &str, submitted_at: i64, email: &str, budget: &str) -> Reading {
    let question = |id: i64, text: &str, predefined: Option<&str>| {
        let mut question = json!({"questionId": id, "name": format!("q{id}"),
            "question": {"localized": {"en_US": text}}, "responseRequired": true});
        if let Some(key) = predefined {
            question["predefinedField"] = key.into();
        }
        question
    };
    let answer = |id: i64, text: &str| json!({"questionId": id, "answerDetails": {"textQuestionAnswer": {"answer": text}}});
    let questions = [
        question(1, "E-mail", Some("EMAIL")),
        question(2, "What is your budget?", None),
    ];
    let lead = json!({
        "id": id, "leadType": "SPONSORED", "testLead": false, "submittedAt": submitted_at,
        "owner": {"sponsoredAccount": "urn:li:sponsoredAccount:1"},
        "versionedLeadGenFormUrn": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:7,1)",
        "formResponse": {"consentResponses": [], "answers": [answer(1, email), answer(2, budget)]},
        "form": {"id": 7, "name": "Demo", "creationLocale": {"country": "US", "language": "en"},
            "hiddenFields": [{"name": "utm_source", "value": "linkedin"}],
            "content": {"questions": questions}},
    });
    Reading::of(&lead.to_string())
}

/// Lets the responses arrive and be decided.
pub async fn arrive(test: &TestStore, readings: Vec<Reading>) {
    let by = Arrival {
        account_id: 1,
        profile_id: None,
        received_by: "poll",
        now: NOW,
    };
    let page = arrivals(readings, NOW);
    test.store.save_arrivals(&page, by).await.expect("arrived");
    while process_due(&test.store).await.expect("decided").submissions > 0 {}
}

/// An administrator, and two submissions that have become leads.
pub async fn world(test: &TestStore) -> Administrator {
    let account = "INSERT INTO linked_account (id, urn, kind, name, test, sync_enabled, form_sync_status, \
         campaign_sync_status, sync_state, not_before, failures, lease_until, created_at, modified_at) VALUES \
         (1, 'urn:li:sponsoredAccount:1', 'ad_account', 'Ads', FALSE, TRUE, 'pending', 'pending', 'idle', \
         0, 0, 0, 0, 0)";
    test.sql(account).await;
    let ann = "INSERT INTO person (id, email, email_key, name, password_hash, administrator, salesperson, disabled, \
         created_at) VALUES (2, 'ann@x.example', 'ann@x.example', 'Ann', '', TRUE, FALSE, FALSE, 0)";
    test.sql(ann).await;
    let ann = test.store.find_active_person(2).await.expect("an answer");
    let administrator = Signed::new(test.store.clone(), ann.expect("Ann")).administrator();
    let first = response("a", NOW - 2, "ada@example.com", "51-200");
    let second = response("b", NOW - 1, "bob@example.com", "a lot");
    arrive(test, vec![first, second]).await;
    administrator.expect("an administrator")
}

fn budget() -> FieldMapping {
    FieldMapping {
        id: 0,
        source: Source::Question("what is your budget?".to_owned()),
        form: None,
        steps: vec![Step::Number {
            pick: Pick::High,
            open_ended: false,
        }],
        lead_field: "description".to_owned(),
        policy: Policy::Overwrite,
        too_long: TooLong::Cut,
    }
}

/// The description of each lead, by e-mail address.
async fn descriptions(test: &TestStore) -> Vec<String> {
    let sql = "SELECT email || ' ' || CASE WHEN fields LIKE '%\"description\":\"200\"%' THEN '200' ELSE '-' END AS t \
         FROM lead ORDER BY email";
    test.texts(sql).await
}

async fn row_42_a_custom_question_is_found_previewed_mapped_and_carried(test: TestStore) {
    let administrator = world(&test).await;
    let in_force = test.store.list_mappings().await.expect("mappings");
    let unmapped = administrator.list_unmapped(&in_force).await.expect("found");
    let found: Vec<_> = unmapped
        .iter()
        .map(|u| (u.source.label(), u.submissions))
        .collect();
    let question = "What is your budget?".to_owned();
    assert_eq!(found, [(question, 2), ("utm_source".to_owned(), 2)]);
    assert_eq!(unmapped[0].samples, ["a lot", "51-200"]);

    let attempts = test
        .texts("SELECT CAST(count(*) AS text) AS t FROM attempt")
        .await;
    let organization = no_organization(&test.store);
    let seen = preview_mapping(&administrator, &organization, &budget(), 200, NOW).await;
    let seen = seen.expect("seen");
    assert_eq!((seen.submissions, seen.edited.held), (2, 1));
    let [bob, ada] = seen.different.as_slice() else {
        panic!("{:?}", seen.different)
    };
    assert!(bob.edited.contains("is not a number"), "{}", bob.edited);
    assert_eq!(ada.fields[0].after.as_deref(), Some("200"));
    let still = test
        .texts("SELECT CAST(count(*) AS text) AS t FROM attempt")
        .await;
    assert_eq!(still, attempts, "a preview writes nothing");

    let id = administrator
        .create_mapping(&budget(), NOW)
        .await
        .expect("made");
    assert_eq!(
        descriptions(&test).await,
        ["ada@example.com -", "bob@example.com -"]
    );
    arrive(&test, vec![response("c", NOW, "ada@example.com", "51-200")]).await;
    assert_eq!(
        descriptions(&test).await,
        ["ada@example.com 200", "bob@example.com -"]
    );
    let now_in_force = test.store.list_mappings().await.expect("mappings");
    let left = administrator
        .list_unmapped(&now_in_force)
        .await
        .expect("found");
    assert_eq!(left.len(), 1, "the question is mapped now");
    assert_eq!(now_in_force.last().map(|m| m.id), Some(id));
    let told = "SELECT actor_name || ' ' || action || ' ' || noun AS t FROM audit_event WHERE noun = 'field mapping'";
    assert_eq!(test.texts(told).await, ["Ann created field mapping"]);
}

async fn of_two_edits_at_once_the_second_is_told(test: TestStore) {
    let administrator = world(&test).await;
    let id = administrator
        .create_mapping(&budget(), NOW)
        .await
        .expect("made");
    let read = administrator.find_mapping(id).await.expect("there");
    let edit = |field: &str| VersionedMapping {
        mapping: FieldMapping {
            lead_field: field.to_owned(),
            ..read.mapping.clone()
        },
        version: read.version,
    };
    let (one, two) = (edit("jobtitle"), edit("companyname"));
    let (first, second) = tokio::join!(
        administrator.save_mapping(&one, NOW),
        administrator.save_mapping(&two, NOW),
    );
    let refused: Vec<Kind> = [first, second]
        .into_iter()
        .filter_map(|saved| saved.err().map(|error| error.kind()))
        .collect();
    assert_eq!(refused, [Kind::Conflict]);
    let stands = administrator.find_mapping(id).await.expect("there");
    assert_eq!(stands.version, read.version + 1);
}

async fn row_41_the_order_is_changed_one_place_at_a_time_and_a_mapping_can_go(test: TestStore) {
    let administrator = world(&test).await;
    let id = administrator
        .create_mapping(&budget(), NOW)
        .await
        .expect("made");
    let place = async || {
        let all = test.store.list_mappings().await.expect("mappings");
        (all.iter().position(|m| m.id == id), all.len())
    };
    assert_eq!(place().await, (Some(23), 24));
    for (towards, wanted) in [
        (Towards::Back, 23),
        (Towards::Front, 22),
        (Towards::Front, 21),
        (Towards::Back, 22),
    ] {
        administrator
            .move_mapping(id, towards, NOW)
            .await
            .expect("moved");
        assert_eq!(place().await, (Some(wanted), 24));
    }
    administrator
        .delete_mapping(id, NOW)
        .await
        .expect("deleted");
    assert_eq!(place().await, (None, 23));
    let gone = administrator
        .delete_mapping(id, NOW)
        .await
        .map_err(|e| e.kind());
    assert_eq!(gone, Err(Kind::NotFound));
}

async fn what_cannot_be_used_is_not_saved(test: TestStore) {
    let administrator = world(&test).await;
    let wrong = FieldMapping {
        lead_field: "shoe_size".to_owned(),
        ..budget()
    };
    let refused = administrator.create_mapping(&wrong, NOW).await;
    assert_eq!(refused.map_err(|e| e.kind()), Err(Kind::Invalid));
}

on_both!(row_42_a_custom_question_is_found_previewed_mapped_and_carried);
on_both!(of_two_edits_at_once_the_second_is_told);
on_both!(row_41_the_order_is_changed_one_place_at_a_time_and_a_mapping_can_go);
on_both!(what_cannot_be_used_is_not_saved);
