//! API tokens: who may use one, and until when.

use leadline::error::Kind;
use leadline::store::Store;
use leadline::store::access::{Actor, Administrator, Signed};
use leadline::store::tokens::{MadeToken, NewToken, TokenRole, TokenState};
use leadline::store::views::paging::Paging;
use secrecy::ExposeSecret;

use crate::on_both;
use crate::support::TestStore;

const NOW: i64 = 1_800_000_000_000;
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// Ann configures.
async fn ann(test: &TestStore) -> Administrator {
    test.sql(
        "INSERT INTO person (id, email, email_key, name, password_hash, administrator, salesperson, disabled, created_at) \
         VALUES (7, 'ann@example.com', 'ann@example.com', 'Ann', '', TRUE, TRUE, FALSE, 0)",
    )
    .await;
    let person = test.store.find_active_person(7).await.expect("an answer");
    let signed = Signed::new(test.store.clone(), person.expect("Ann"));
    signed.administrator().expect("she configures")
}

fn new(role: TokenRole) -> NewToken<'static> {
    NewToken {
        name: "Nightly export",
        role,
        days: Some(30),
    }
}

async fn made(test: &TestStore, role: TokenRole) -> MadeToken {
    let ann = ann(test).await;
    ann.create_token(new(role), NOW).await.expect("made")
}

async fn shown(store: &Store, token: &MadeToken, now: i64) -> Option<Signed> {
    let shown = Signed::by_token(store, token.secret.expose_secret(), now).await;
    shown.expect("an answer")
}

on_both!(a_token_has_its_roles_rights_and_no_more);
async fn a_token_has_its_roles_rights_and_no_more(test: TestStore) {
    let ann = ann(&test).await;
    let rights = [
        (TokenRole::Administrator, (true, true, true, false)),
        (TokenRole::Salesperson, (true, true, false, false)),
        (TokenRole::S2sInbound, (false, false, false, true)),
    ];
    for (role, expected) in rights {
        let token = ann.create_token(new(role), NOW).await.expect("made");
        let signed = shown(&test.store, &token, NOW).await.expect("accepted");
        let has = (
            signed.reader().is_ok(),
            signed.salesperson().is_ok(),
            signed.administrator().is_ok(),
            signed.inbound().is_ok(),
        );
        assert_eq!(has, expected, "{role:?}");
        assert_eq!(signed.person().id, 7, "on behalf of Ann");
    }
}

on_both!(what_a_token_writes_names_the_token);
async fn what_a_token_writes_names_the_token(test: TestStore) {
    let token = made(&test, TokenRole::Administrator).await;
    let signed = shown(&test.store, &token, NOW).await.expect("accepted");
    let administrator = signed.administrator().expect("its role");
    let actor = Actor::Token(token.token.id, "Nightly export".to_owned());
    assert_eq!(administrator.actor(), &actor);
}

on_both!(nothing_that_can_be_used_is_in_the_database);
async fn nothing_that_can_be_used_is_in_the_database(test: TestStore) {
    let token = made(&test, TokenRole::Administrator).await;
    let kept = test.texts("SELECT hash AS t FROM api_token").await;
    assert_eq!(kept.len(), 1);
    let log =
        "SELECT coalesce(before, '') || coalesce(after, '') || noun_name AS t FROM audit_event";
    for text in kept.into_iter().chain(test.texts(log).await) {
        assert!(!text.contains(token.secret.expose_secret()), "{text}");
        let signed = Signed::by_token(&test.store, &text, NOW).await;
        assert!(signed.expect("an answer").is_none(), "{text}");
    }
}

on_both!(an_unknown_token_is_refused);
async fn an_unknown_token_is_refused(test: TestStore) {
    let token = made(&test, TokenRole::Administrator).await;
    test.sql("DELETE FROM api_token").await;
    assert!(shown(&test.store, &token, NOW).await.is_none());
}

on_both!(an_expired_token_is_refused);
async fn an_expired_token_is_refused(test: TestStore) {
    let token = made(&test, TokenRole::Administrator).await;
    let end = NOW + 30 * DAY;
    assert!(shown(&test.store, &token, end - 1).await.is_some());
    assert!(shown(&test.store, &token, end).await.is_none());
}

on_both!(a_revoked_token_is_refused_and_stays_in_the_list);
async fn a_revoked_token_is_refused_and_stays_in_the_list(test: TestStore) {
    let token = made(&test, TokenRole::Administrator).await;
    let signed = shown(&test.store, &token, NOW).await.expect("accepted");
    let administrator = signed.administrator().expect("its role");
    let revoke = |now| administrator.revoke_token(token.token.id, now);
    revoke(NOW + 1).await.expect("revoked");
    revoke(NOW + 2).await.expect("revoked already");
    assert!(shown(&test.store, &token, NOW + 3).await.is_none());
    let page = administrator
        .list_tokens(&Paging::first())
        .await
        .expect("a list");
    assert_eq!(page.items[0].state(NOW + 3), TokenState::Revoked);
    assert_eq!(page.items[0].revoked_at, Some(NOW + 1));
    let log =
        "SELECT action || ' by ' || actor_name AS t FROM audit_event WHERE noun = 'API token'";
    assert_eq!(
        test.texts(log).await,
        ["created by Ann", "revoked by Nightly export"]
    );
    let none = administrator.revoke_token(99, NOW).await;
    assert_eq!(none.expect_err("no such token").kind(), Kind::NotFound);
}

on_both!(a_token_of_a_disabled_person_is_refused);
async fn a_token_of_a_disabled_person_is_refused(test: TestStore) {
    let token = made(&test, TokenRole::S2sInbound).await;
    test.sql("UPDATE person SET disabled = TRUE").await;
    assert!(shown(&test.store, &token, NOW).await.is_none());
}

on_both!(a_token_of_a_deleted_person_is_refused);
async fn a_token_of_a_deleted_person_is_refused(test: TestStore) {
    let token = made(&test, TokenRole::S2sInbound).await;
    test.sql("DELETE FROM person").await;
    assert!(shown(&test.store, &token, NOW).await.is_none());
}

on_both!(a_token_of_one_who_is_no_administrator_any_more_is_refused);
async fn a_token_of_one_who_is_no_administrator_any_more_is_refused(test: TestStore) {
    let token = made(&test, TokenRole::Salesperson).await;
    test.sql("UPDATE person SET administrator = FALSE").await;
    assert!(shown(&test.store, &token, NOW).await.is_none());
}

on_both!(a_token_of_the_command_line_is_nobodys);
async fn a_token_of_the_command_line_is_nobodys(test: TestStore) {
    let token = test
        .store
        .create_token(new(TokenRole::Salesperson), NOW)
        .await;
    let token = token.expect("made");
    let signed = shown(&test.store, &token, NOW).await.expect("accepted");
    assert_eq!(signed.person().id, 0);
    assert_eq!(token.token.created_by, "Command line");
}

on_both!(the_last_use_is_noted_to_the_minute);
async fn the_last_use_is_noted_to_the_minute(test: TestStore) {
    let token = made(&test, TokenRole::Salesperson).await;
    let mut noted = Vec::new();
    for now in [NOW, NOW + MINUTE - 1, NOW + MINUTE, NOW + 90_000] {
        assert!(shown(&test.store, &token, now).await.is_some());
        noted.push(test.count("SELECT last_used_at AS n FROM api_token").await);
    }
    assert_eq!(noted, [NOW, NOW, NOW + MINUTE, NOW + MINUTE]);
}
