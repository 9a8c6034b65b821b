//! One's own password and sessions.

use leadline::error::Kind;
use leadline::store::access::Signed;
use leadline::store::people::NewPerson;
use leadline::store::sessions::{IDLE, Kept};

use crate::on_both;
use crate::support::TestStore;

const NOW: i64 = 1_800_000_000_000;
const MINUTE: i64 = 60_000;
const PASSWORD: &str = "a few words in a row";
const NEW_PASSWORD: &str = "other words in a line";

async fn signed(test: &TestStore, email: &str) -> Signed {
    let new = NewPerson {
        email,
        name: "Ada Lovelace",
        password: PASSWORD,
        administrator: false,
        salesperson: true,
    };
    let person = test.store.create_person(new, NOW).await.expect("made");
    Signed::new(test.store.clone(), person)
}

async fn begin(test: &TestStore, id: &str, whose: &Signed, half: bool, now: i64) {
    let kept = Kept {
        person: Some(whose.person().id),
        half,
        address: Some("192.0.2.7"),
        browser: Some(id),
        data: "{}",
    };
    let begun = test.store.create_session(id, kept, now).await;
    begun.expect("kept");
}

/// The browsers of somebody's sessions.
async fn browsers(signed: &Signed, current: &str, now: i64) -> Vec<String> {
    let sessions = signed.list_sessions(current, now).await.expect("sessions");
    let names = sessions.into_iter().filter_map(|session| session.browser);
    names.collect()
}

on_both!(somebody_sees_their_own_sessions_and_nothing_to_sign_in_with);
async fn somebody_sees_their_own_sessions_and_nothing_to_sign_in_with(test: TestStore) {
    let (ada, bob) = (
        signed(&test, "ada@example.com").await,
        signed(&test, "bob@example.com").await,
    );
    begin(&test, "desk", &ada, false, NOW).await;
    begin(&test, "phone", &ada, false, NOW + MINUTE).await;
    begin(&test, "half", &ada, true, NOW).await;
    begin(&test, "bob's", &bob, false, NOW).await;
    let later = NOW + 5 * MINUTE;
    test.store
        .find_session("phone", later)
        .await
        .expect("visited");
    let sessions = ada.list_sessions("desk", later).await.expect("sessions");
    let seen: Vec<_> = sessions
        .iter()
        .map(|s| (s.browser.as_deref(), s.begun_at, s.seen_at, s.current))
        .collect();
    assert_eq!(
        seen,
        [
            (Some("desk"), NOW, NOW, true),
            (Some("phone"), NOW + MINUTE, later, false),
        ]
    );
    assert_eq!(sessions[0].address.as_deref(), Some("192.0.2.7"));
    let by_its_name = test.store.find_session(&sessions[1].id, later).await;
    assert_eq!(
        by_its_name.expect("an answer"),
        None,
        "of no use for signing in"
    );
    let next_day = browsers(&ada, "desk", later + IDLE).await;
    assert!(next_day.is_empty(), "expired");
}

on_both!(somebody_ends_one_session_or_all_others_but_never_a_foreign_one);
async fn somebody_ends_one_session_or_all_others_but_never_a_foreign_one(test: TestStore) {
    let (ada, bob) = (
        signed(&test, "ada@example.com").await,
        signed(&test, "bob@example.com").await,
    );
    for (id, whose) in [
        ("desk", &ada),
        ("phone", &ada),
        ("library", &ada),
        ("bob's", &bob),
    ] {
        begin(&test, id, whose, false, NOW).await;
    }
    let foreign = bob.list_sessions("bob's", NOW).await.expect("sessions");
    let refused = ada.end_session(&foreign[0].id, NOW).await;
    assert_eq!(refused.expect_err("not hers").kind(), Kind::NotFound);
    let hers = ada.list_sessions("desk", NOW).await.expect("sessions");
    let phone = hers.iter().find(|s| s.browser.as_deref() == Some("phone"));
    let ended = ada.end_session(&phone.expect("there").id, NOW).await;
    ended.expect("ended");
    assert_eq!(browsers(&ada, "desk", NOW).await, ["desk", "library"]);
    let ended = ada.end_other_sessions("desk", NOW).await;
    assert_eq!(ended.expect("ended"), 1);
    assert_eq!(browsers(&ada, "desk", NOW).await, ["desk"]);
    assert_eq!(browsers(&bob, "bob's", NOW).await, ["bob's"]);
    let said = test
        .texts(
            "SELECT action || ' ' || before AS t FROM audit_event WHERE action = 'session-ended'",
        )
        .await;
    let expected = [
        r#"session-ended {"address":"192.0.2.7","browser":"phone"}"#,
        r#"session-ended {"sessions":1}"#,
    ];
    assert_eq!(said, expected);
}

on_both!(a_new_password_needs_the_old_one_and_ends_everything_else);
async fn a_new_password_needs_the_old_one_and_ends_everything_else(test: TestStore) {
    let ada = signed(&test, "ada@example.com").await;
    for (id, half) in [("desk", false), ("phone", false), ("thief's", true)] {
        begin(&test, id, &ada, half, NOW).await;
    }
    test.sql("INSERT INTO sign_in_link (person_id, kind, hash, created_at, expires_at) VALUES (1, 'reset', 'x', 0, 9)")
        .await;
    assert!(
        ada.prove("not her password")
            .await
            .expect("an answer")
            .is_none()
    );
    let sure = ada.prove(PASSWORD).await.expect("an answer").expect("hers");
    let weak = sure.change_password("adalovelace1", "desk", NOW).await;
    assert_eq!(weak.expect_err("weak").kind(), Kind::Invalid);
    let changed = sure.change_password(NEW_PASSWORD, "desk", NOW).await;
    changed.expect("changed");
    for (password, right) in [(PASSWORD, false), (NEW_PASSWORD, true)] {
        let found = test.store.check_password("ada@example.com", password).await;
        assert_eq!(found.expect("an answer").is_some(), right, "{password}");
    }
    for (id, left) in [("desk", true), ("phone", false), ("thief's", false)] {
        let found = test.store.find_session(id, NOW).await.expect("an answer");
        assert_eq!(found.is_some(), left, "{id}");
    }
    assert_eq!(
        test.count("SELECT COUNT(*) AS n FROM sign_in_link").await,
        0
    );
    let said = test
        .texts("SELECT action AS t FROM audit_event WHERE action <> 'created'")
        .await;
    assert_eq!(said, ["password-changed"]);
}

on_both!(whoever_has_no_password_cannot_prove_to_be_sure);
async fn whoever_has_no_password_cannot_prove_to_be_sure(test: TestStore) {
    let ada = signed(&test, "ada@example.com").await;
    assert!(ada.has_password().await.expect("an answer"));
    test.sql("UPDATE person SET password_hash = ''").await;
    assert!(!ada.has_password().await.expect("an answer"));
    assert!(ada.prove("").await.expect("an answer").is_none());
}
