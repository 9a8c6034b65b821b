//! Administrators change matching strategies: one is always active, an edit is previewed, and a new
//! field is only decided by when every lead can be found by it.

use leadline::error::Kind;
use leadline::linkedin::Reading;
use leadline::matching::{Scope, Several, Strategy, default_strategy};
use leadline::store::access::{Administrator, Signed};
use leadline::store::now;
use leadline::store::order::Towards;
use leadline::store::strategies::VersionedStrategy;
use leadline::store::submissions::Arrival;
use leadline::sync::arrive::arrivals;
use leadline::sync::preview::preview_strategy;
use leadline::sync::process::process_due;
use serde_json::json;

use crate::on_both;
use crate::support::TestStore;
use crate::world::no_organization;

const NOW: i64 = 1_780_000_000_000;

/// A response with an e-mail address and a telephone number, through account 1 or 2.
fn response(id: &str, submitted_at: i64, email: &str, phone: &str) -> Reading {
    let question = |id: i64, key: &str| {
        json!({"questionId": id, "name": key, "question": {"localized": {"en_US": key}},
            "predefinedField": key, "responseRequired": true})
    };
    let answer = |id: i64, text: &str| json!({"questionId": id, "answerDetails": {"textQuestionAnswer": {"answer": text}}});
    let lead = json!({
        "id": id, "leadType": "SPONSORED", "testLead": false, "submittedAt": submitted_at,
        "owner": {"sponsoredAccount": "urn:li:sponsoredAccount:1"},
        "versionedLeadGenFormUrn": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:7,1)",
        "formResponse": {"consentResponses": [], "answers": [answer(1, email), answer(2, phone)]},
        "form": {"id": 7, "name": "Demo", "creationLocale": {"country": "US", "language": "en"},
            "hiddenFields": [], "content": {"questions": [question(1, "EMAIL"), question(2, "PHONE_NUMBER")]}},
    });
    Reading::of(&lead.to_string())
}

async fn arrive(test: &TestStore, account_id: i64, readings: Vec<Reading>) {
    let by = Arrival {
        account_id,
        profile_id: None,
        received_by: "poll",
        now: NOW,
    };
    let page = arrivals(readings, NOW);
    test.store.save_arrivals(&page, by).await.expect("arrived");
    while process_due(&test.store).await.expect("decided").submissions > 0 {}
}

/// An administrator, two accounts, and a lead of somebody with one address and one number.
async fn world(test: &TestStore) -> Administrator {
    for id in [1, 2] {
        let account = format!(
            "INSERT INTO linked_account (id, urn, kind, name, test, sync_enabled, form_sync_status, \
             campaign_sync_status, sync_state, not_before, failures, lease_until, created_at, modified_at) VALUES \
             ({id}, 'urn:{id}', 'ad_account', 'Ads {id}', FALSE, TRUE, 'pending', 'pending', 'idle', 0, 0, 0, 0, 0)"
        );
        test.sql(&account).await;
    }
    let ann = "INSERT INTO person (id, email, email_key, name, password_hash, administrator, salesperson, disabled, \
         created_at) VALUES (2, 'ann@x.example', 'ann@x.example', 'Ann', '', TRUE, FALSE, FALSE, 0)";
    test.sql(ann).await;
    let ann = test.store.find_active_person(2).await.expect("an answer");
    arrive(
        test,
        1,
        vec![response("a", NOW - 9, "ada@example.com", "+49 30 123456")],
    )
    .await;
    let administrator = Signed::new(test.store.clone(), ann.expect("Ann")).administrator();
    administrator.expect("an administrator")
}

fn by_phone() -> VersionedStrategy {
    VersionedStrategy {
        strategy: Strategy {
            id: 0,
            name: "Phone".to_owned(),
            fields: vec!["mobilephone".to_owned()],
            ..default_strategy()
        },
        active: true,
        version: 0,
    }
}

async fn leads(test: &TestStore) -> String {
    let sql = "SELECT CAST(count(*) AS text) AS t FROM lead";
    test.texts(sql).await.remove(0)
}

async fn the_first(administrator: &Administrator) -> VersionedStrategy {
    let all = administrator.list_strategies().await.expect("strategies");
    let id = all[0].strategy.id;
    administrator.edit_strategy(id).await.expect("there")
}

/// Row 34 of the parity checklist, and beyond it: several active ones with fall-through.
async fn row_30_a_second_strategy_finds_leads_that_were_there_before_it(test: TestStore) {
    let administrator = world(&test).await;
    let again = || response("b", NOW - 5, "other@example.com", "0049 (0)30 12 34 56");
    arrive(
        &test,
        2,
        vec![response("c", NOW - 7, "third@example.com", "+49 30 999999")],
    )
    .await;
    assert_eq!(leads(&test).await, "2");

    let organization = no_organization(&test.store);
    let seen = preview_strategy(&administrator, &organization, &by_phone(), 200, NOW).await;
    let seen = seen.expect("seen");
    assert_eq!(
        (seen.submissions, seen.different.len()),
        (2, 0),
        "their addresses find them already"
    );

    administrator
        .create_strategy(&by_phone(), NOW)
        .await
        .expect("made");
    let keying = test.store.list_keying().await.expect("asked");
    assert_eq!(
        keying
            .iter()
            .map(|k| (k.field.as_str(), k.all))
            .collect::<Vec<_>>(),
        [("mobilephone", 2)]
    );
    arrive(&test, 2, vec![again()]).await;
    assert_eq!(
        leads(&test).await,
        "2",
        "found by the number, written another way"
    );
    assert_eq!(test.store.list_keying().await.expect("asked"), []);
}

async fn a_preview_finds_leads_by_a_field_that_has_no_keys_yet(test: TestStore) {
    let administrator = world(&test).await;
    arrive(
        &test,
        1,
        vec![response("b", NOW - 5, "other@example.com", "+4930123456")],
    )
    .await;
    assert_eq!(leads(&test).await, "2");
    let mut only_phone = by_phone();
    only_phone.strategy.id = the_first(&administrator).await.strategy.id;
    let organization = no_organization(&test.store);
    let seen = preview_strategy(&administrator, &organization, &only_phone, 200, now()).await;
    let seen = seen.expect("seen");
    let told: Vec<_> = seen.different.iter().map(|d| d.edited.as_str()).collect();
    assert_eq!(
        told,
        ["Belongs to lead 2"],
        "the newest of the two with this number: {seen:?}"
    );
    assert_eq!(leads(&test).await, "2", "nothing was written");
}

/// Rows 36 and 37 of the parity checklist.
async fn row_28_one_strategy_is_always_active(test: TestStore) {
    let administrator = world(&test).await;
    let first = the_first(&administrator).await;
    let off = VersionedStrategy {
        active: false,
        ..first.clone()
    };
    let refused = administrator
        .save_strategy(&off, NOW)
        .await
        .expect_err("refused");
    assert!(
        refused.message().contains("the last active strategy"),
        "{refused}"
    );
    let id = first.strategy.id;
    let refused = administrator.delete_strategy(id, NOW).await;
    assert_eq!(refused.map_err(|e| e.kind()), Err(Kind::Conflict));

    let second = administrator
        .create_strategy(&by_phone(), NOW)
        .await
        .expect("made");
    let second = administrator.edit_strategy(second).await.expect("there");
    let second_off = VersionedStrategy {
        active: false,
        ..second
    };
    let (one, two) = tokio::join!(
        administrator.save_strategy(&off, NOW),
        administrator.save_strategy(&second_off, NOW),
    );
    assert!(one.is_ok() != two.is_ok(), "two at once: {one:?} {two:?}");
    let active = test
        .store
        .list_active_strategies()
        .await
        .expect("strategies");
    assert_eq!(active.len(), 1);
}

async fn of_two_edits_at_once_the_second_is_told(test: TestStore) {
    let administrator = world(&test).await;
    let first = the_first(&administrator).await;
    let edit = |several| VersionedStrategy {
        strategy: Strategy {
            several,
            ..first.strategy.clone()
        },
        ..first.clone()
    };
    administrator
        .save_strategy(&edit(Several::Hold), NOW)
        .await
        .expect("saved");
    let late = administrator
        .save_strategy(&edit(Several::Oldest), NOW)
        .await
        .expect_err("refused");
    assert_eq!(late.kind(), Kind::Conflict);
    assert_eq!(
        the_first(&administrator).await.strategy.several,
        Several::Hold
    );
}

async fn row_32_a_strategy_compares_only_what_a_mapping_fills(test: TestStore) {
    let administrator = world(&test).await;
    let mut unmapped = by_phone();
    unmapped.strategy.fields = vec!["description".to_owned()];
    let refused = administrator
        .create_strategy(&unmapped, NOW)
        .await
        .expect_err("refused");
    assert!(
        refused
            .message()
            .contains("No mapping fills the field Description"),
        "{refused}"
    );

    let mappings = test.store.list_mappings().await.expect("mappings");
    let email = mappings
        .iter()
        .find(|m| m.lead_field == "emailaddress1")
        .expect("there");
    let refused = administrator
        .delete_mapping(email.id, NOW)
        .await
        .expect_err("refused");
    assert!(refused.message().contains("compares E-mail"), "{refused}");
}

async fn a_strategy_is_for_the_accounts_that_were_chosen(test: TestStore) {
    let administrator = world(&test).await;
    let mut only_two = by_phone();
    only_two.strategy.scope = Scope {
        accounts: [2].into(),
        ..Scope::default()
    };
    administrator
        .create_strategy(&only_two, NOW)
        .await
        .expect("made");
    arrive(
        &test,
        1,
        vec![response("b", NOW - 5, "other@example.com", "+4930123456")],
    )
    .await;
    assert_eq!(leads(&test).await, "2", "account 1: by e-mail only");
    arrive(
        &test,
        2,
        vec![response("b", NOW - 4, "third@example.com", "+4930123456")],
    )
    .await;
    assert_eq!(leads(&test).await, "2", "account 2: by the number too");
}

async fn the_order_decides_and_can_be_changed(test: TestStore) {
    let administrator = world(&test).await;
    let id = administrator
        .create_strategy(&by_phone(), NOW)
        .await
        .expect("made");
    let order = async || {
        let all = administrator.list_strategies().await.expect("strategies");
        all.into_iter()
            .map(|view| view.strategy.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(order().await, ["E-mail (default)", "Phone"]);
    for towards in [Towards::Front, Towards::Front] {
        administrator
            .move_strategy(id, towards, NOW)
            .await
            .expect("moved");
        assert_eq!(order().await, ["Phone", "E-mail (default)"]);
    }
    administrator
        .move_strategy(id, Towards::Place(2), NOW)
        .await
        .expect("moved");
    assert_eq!(order().await, ["E-mail (default)", "Phone"]);
    let told = "SELECT action || ' ' || noun_name AS t FROM audit_event WHERE noun = 'matching strategy' \
         AND actor_name = 'Ann' ORDER BY id";
    assert_eq!(
        test.texts(told).await,
        ["changed Phone", "changed Phone", "created Phone"]
    );
}

on_both!(row_30_a_second_strategy_finds_leads_that_were_there_before_it);
on_both!(a_preview_finds_leads_by_a_field_that_has_no_keys_yet);
on_both!(row_28_one_strategy_is_always_active);
on_both!(of_two_edits_at_once_the_second_is_told);
on_both!(row_32_a_strategy_compares_only_what_a_mapping_fills);
on_both!(a_strategy_is_for_the_accounts_that_were_chosen);
on_both!(the_order_decides_and_can_be_changed);
