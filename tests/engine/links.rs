//! Links by which somebody chooses a password.

use leadline::error::Kind;
use leadline::store::people::links::{LinkKind, NewLink};
use leadline::store::people::manage::Invitation;
use leadline::store::people::{Person, PersonState};
use secrecy::ExposeSecret;

use crate::managing::{
    NOW, PASSWORD, as_administrator, begin_session, salesperson, session_goes_on, someone, told,
};
use crate::on_both;
use crate::support::TestStore;

const HOUR: i64 = 60 * 60 * 1000;
const CHOSEN: &str = "words of one's own";

/// Bob, who was invited, and his link.
async fn invited(test: &TestStore) -> (Person, NewLink) {
    let bob = Invitation {
        email: "bob@example.com",
        person: salesperson("Bob"),
    };
    let invited = test.store.command_line().invite(bob, NOW).await;
    invited.expect("invited")
}

async fn works(test: &TestStore, link: &NewLink, now: i64) -> bool {
    let found = test.store.find_link(link.token.expose_secret(), now).await;
    found.expect("an answer").is_some()
}

async fn signs_in(test: &TestStore, password: &str) -> bool {
    let found = test.store.check_password("bob@example.com", password).await;
    found.expect("an answer").is_some()
}

on_both!(whoever_is_invited_chooses_a_password_and_signs_in_with_it);
async fn whoever_is_invited_chooses_a_password_and_signs_in_with_it(test: TestStore) {
    let (bob, link) = invited(&test).await;
    let shell = test.store.command_line();
    let state = async || shell.find_person(bob.id).await.expect("Bob").state();
    assert_eq!(
        (link.kind, state().await),
        (LinkKind::Invitation, PersonState::Invited)
    );
    assert!(!signs_in(&test, "").await, "no password is no password");
    let token = link.token.expose_secret();
    assert_eq!(token.len(), 43, "256 random bits");

    for _ in 0..3 {
        assert!(works(&test, &link, NOW).await, "looking does not use it up");
    }
    let short = test.store.use_link(token, "short", NOW).await;
    assert_eq!(short.expect_err("too short").kind(), Kind::Invalid);
    let used = test.store.use_link(token, CHOSEN, NOW).await;
    assert_eq!(used.expect("used"), bob);
    assert!(signs_in(&test, CHOSEN).await);
    assert_eq!(state().await, PersonState::Active);
    assert!(!works(&test, &link, NOW).await);
    let again = test.store.use_link(token, PASSWORD, NOW).await;
    assert_eq!(again.expect_err("used up").kind(), Kind::NotFound);
    assert!(signs_in(&test, CHOSEN).await);
}

on_both!(of_ten_who_use_a_link_at_once_one_chooses_the_password);
async fn of_ten_who_use_a_link_at_once_one_chooses_the_password(test: TestStore) {
    let (_, link) = invited(&test).await;
    let tries = (0..10).map(|n| {
        let (store, token) = (test.store.clone(), link.token.clone());
        tokio::spawn(async move {
            let password = format!("{CHOSEN} {n}");
            let used = store.use_link(token.expose_secret(), &password, NOW).await;
            used.map(|_| password)
        })
    });
    let mut chosen = Vec::new();
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.expect("no panic") {
            Ok(password) => chosen.push(password),
            Err(error) => assert_eq!(error.kind(), Kind::NotFound),
        }
    }
    assert_eq!(chosen.len(), 1);
    assert!(signs_in(&test, &chosen[0]).await);
}

on_both!(a_link_runs_out_and_a_newer_one_ends_it);
async fn a_link_runs_out_and_a_newer_one_ends_it(test: TestStore) {
    let (bob, invitation) = invited(&test).await;
    let week = NOW + 7 * 24 * HOUR;
    assert_eq!(invitation.expires_at, week);
    assert!(works(&test, &invitation, week - 1).await);
    assert!(!works(&test, &invitation, week).await);

    let shell = test.store.command_line();
    let newer = shell.make_link(bob.id, NOW).await.expect("another");
    assert_eq!(newer.kind, LinkKind::Invitation);
    assert!(!works(&test, &invitation, NOW).await);
    let token = newer.token.expose_secret();
    test.store.use_link(token, CHOSEN, NOW).await.expect("used");

    let reset = shell.make_link(bob.id, NOW).await.expect("a reset");
    assert_eq!(reset.kind, LinkKind::Reset);
    assert!(works(&test, &reset, NOW + 24 * HOUR - 1).await);
    assert!(!works(&test, &reset, NOW + 24 * HOUR).await);
    assert!(
        signs_in(&test, CHOSEN).await,
        "the old password still holds"
    );
}

on_both!(a_new_password_by_link_ends_every_session);
async fn a_new_password_by_link_ends_every_session(test: TestStore) {
    let store = &test.store;
    let ada = as_administrator(store, &someone(store, "Ada", true).await);
    let bob = someone(store, "Bob", false).await;
    begin_session(store, &bob).await;
    let link = ada.make_link(bob.id, NOW).await.expect("a link");
    assert!(
        !session_goes_on(store).await,
        "whoever is in there may not be Bob"
    );
    begin_session(store, &bob).await;
    let token = link.token.expose_secret();
    store.use_link(token, CHOSEN, NOW).await.expect("used");
    assert!(!session_goes_on(store).await);
}

on_both!(only_who_has_a_password_can_have_forgotten_it);
async fn only_who_has_a_password_can_have_forgotten_it(test: TestStore) {
    let store = &test.store;
    let (_, invitation) = invited(&test).await;
    let cleo = someone(store, "Cleo", false).await;
    let dan = someone(store, "Dan", false).await;
    someone(store, "Ada", true).await;
    let shell = store.command_line();
    shell.disable_person(dan.id, NOW).await.expect("disabled");
    begin_session(store, &cleo).await;

    for nobody in ["bob@example.com", "dan@example.com", "who@example.com", ""] {
        let made = store.make_forgotten_link(nobody, NOW).await;
        assert!(made.expect("an answer").is_none(), "{nobody}");
    }
    assert!(
        works(&test, &invitation, NOW).await,
        "it is still his way in"
    );
    let made = store.make_forgotten_link(" CLEO@example.com ", NOW).await;
    let (person, link) = made.expect("an answer").expect("a link");
    assert_eq!((person, link.kind), (cleo, LinkKind::Reset));
    let goes_on = session_goes_on(store).await;
    assert!(goes_on, "anybody can say that they are Cleo");
}

on_both!(a_link_is_no_way_around_single_sign_on);
async fn a_link_is_no_way_around_single_sign_on(test: TestStore) {
    let (bob, invitation) = invited(&test).await;
    test.sql("UPDATE person SET oidc_subject = 'bob at the provider'")
        .await;
    assert!(!works(&test, &invitation, NOW).await);
    let shell = test.store.command_line();
    let refused = shell.make_link(bob.id, NOW).await.expect_err("refused");
    assert!(refused.message().contains("single sign-on"), "{refused}");
    let set = test.store.set_password(&bob.email, CHOSEN, NOW).await;
    assert_eq!(set.expect_err("refused").kind(), Kind::Conflict);
    let state = shell.find_person(bob.id).await.expect("Bob").state();
    assert_eq!(state, PersonState::Active);
}

on_both!(neither_the_database_nor_the_audit_log_holds_a_link);
async fn neither_the_database_nor_the_audit_log_holds_a_link(test: TestStore) {
    let (_, link) = invited(&test).await;
    let token = link.token.expose_secret();
    let kept = test.texts("SELECT hash AS t FROM sign_in_link").await;
    assert_eq!((kept.len(), kept[0].len()), (1, 64), "a SHA-256");
    assert_ne!(kept[0], token);
    let address = link.address("https://leads.example");
    assert_eq!(
        address,
        format!("https://leads.example/sign-in/link/{token}")
    );
    assert!(!format!("{link:?}").contains(token), "nor does a log");
    test.store.use_link(token, CHOSEN, NOW).await.expect("used");
    let told = told(&test).await.join("\n");
    assert!(told.contains("Bob: password-set Bob"), "{told}");
    for secret in [token, &kept[0], CHOSEN] {
        assert!(!told.contains(secret), "{told}");
    }
}
