//! What administrators do with people, and what they cannot do.

use leadline::error::{Error, Kind};
use leadline::store::Store;
use leadline::store::access::{Administrator, Signed};
use leadline::store::people::manage::{Invitation, PersonChange};
use leadline::store::people::{NewPerson, Person, PersonState};
use leadline::store::sessions::Kept;
use leadline::store::sign_in::Proof;
use leadline::store::views::paging::{Paging, Place};
use leadline::store::views::people::PersonFilter;
use secrecy::ExposeSecret;

use crate::on_both;
use crate::support::TestStore;

pub const NOW: i64 = 1_800_000_000_000;
pub const PASSWORD: &str = "a few words in a row";

/// Somebody with a password.
pub async fn someone(store: &Store, name: &str, administrator: bool) -> Person {
    let email = format!("{}@example.com", name.to_lowercase());
    let new = NewPerson {
        email: &email,
        name,
        password: PASSWORD,
        administrator,
        salesperson: !administrator,
    };
    store.create_person(new, NOW).await.expect("made")
}

/// What this person may do as an administrator.
pub fn as_administrator(store: &Store, person: &Person) -> Administrator {
    let signed = Signed::new(store.clone(), person.clone());
    signed.administrator().expect("an administrator")
}

/// A session of somebody's.
pub async fn begin_session(store: &Store, person: &Person) {
    let kept = Kept {
        person: Some(person.id),
        data: "{}",
        ..Kept::default()
    };
    let begun = store.create_session("theirs", kept, NOW).await;
    begun.expect("kept");
}

/// Whether that session goes on.
pub async fn session_goes_on(store: &Store) -> bool {
    let found = store.find_session("theirs", NOW).await;
    found.expect("an answer").is_some()
}

pub fn salesperson(name: &str) -> PersonChange<'_> {
    PersonChange {
        name,
        administrator: false,
        salesperson: true,
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>, words: &str) {
    let error = result.expect_err("refused");
    assert_eq!(error.kind(), Kind::Conflict);
    assert!(error.message().contains(words), "{error}");
}

/// The audit log about people, oldest first.
pub async fn told(test: &TestStore) -> Vec<String> {
    let sql = "SELECT SUBSTR('000000' || id, LENGTH('000000' || id) - 5) || ' ' || actor_name || ': ' || action || ' ' || noun_name \
               || ' ' || COALESCE(before, '') || ' -> ' || COALESCE(after, '') AS t FROM audit_event WHERE noun = 'user'";
    let lines = test.texts(sql).await;
    lines.iter().map(|line| line[7..].to_owned()).collect()
}

on_both!(of_two_administrators_who_demote_each_other_at_once_one_stays);
async fn of_two_administrators_who_demote_each_other_at_once_one_stays(test: TestStore) {
    let second_server = Store::open(&test.url).await.expect("the store opens");
    let ada = someone(&test.store, "Ada", true).await;
    let bob = someone(&test.store, "Bob", true).await;
    for _ in 0..10 {
        let demote = |store: &Store, who: &Person, whom: &Person| {
            let (administrator, whom) = (as_administrator(store, who), whom.clone());
            tokio::spawn(async move {
                let new = salesperson(&whom.name);
                administrator.change_person(whom.id, new, NOW).await
            })
        };
        let one = demote(&test.store, &ada, &bob);
        let other = demote(&second_server, &bob, &ada);
        let done = [one.await.expect("no panic"), other.await.expect("no panic")];
        let kept: Vec<_> = done.into_iter().filter_map(Result::err).collect();
        assert_eq!(kept.len(), 1, "one of the two is refused");
        refused::<()>(Err(kept[0].clone()), "without an active administrator");
        test.sql("UPDATE person SET administrator = TRUE").await;
    }
    second_server.close().await.expect("closed");
}

on_both!(the_last_active_administrator_can_be_neither_demoted_nor_disabled_nor_deleted);
async fn the_last_active_administrator_can_be_neither_demoted_nor_disabled_nor_deleted(
    test: TestStore,
) {
    let store = &test.store;
    let ada = someone(store, "Ada", true).await;
    let disabled = someone(store, "Dan", true).await;
    let shell = store.command_line();
    let done = shell.disable_person(disabled.id, NOW).await;
    assert!(done.expect("disabled").disabled);
    let ivy = Invitation {
        email: "ivy@example.com",
        person: PersonChange {
            administrator: true,
            ..salesperson("Ivy")
        },
    };
    shell.invite(ivy, NOW).await.expect("invited");

    let last = "without an active administrator";
    refused(
        shell.change_person(ada.id, salesperson("Ada"), NOW).await,
        last,
    );
    refused(shell.disable_person(ada.id, NOW).await, last);
    refused(shell.delete_person(ada.id, NOW).await, last);
    let found = shell.find_person(ada.id).await.expect("still there");
    assert_eq!(
        (found.state(), found.person),
        (PersonState::Active, ada.clone())
    );

    shell
        .enable_person(disabled.id, NOW)
        .await
        .expect("enabled");
    shell.delete_person(ada.id, NOW).await.expect("deleted");
    let gone = shell.find_person(ada.id).await.expect_err("gone");
    assert_eq!(gone.kind(), Kind::NotFound);
}

on_both!(nobody_disables_or_deletes_themselves_by_mistake);
async fn nobody_disables_or_deletes_themselves_by_mistake(test: TestStore) {
    let ada = someone(&test.store, "Ada", true).await;
    someone(&test.store, "Bob", true).await;
    let herself = as_administrator(&test.store, &ada);
    refused(
        herself.disable_person(ada.id, NOW).await,
        "disable yourself",
    );
    refused(herself.delete_person(ada.id, NOW).await, "delete yourself");
    refused(herself.make_link(ada.id, NOW).await, "your own page");
    let down = herself.change_person(ada.id, salesperson("Ada"), NOW).await;
    assert!(!down.expect("Bob is there").administrator);
}

on_both!(whoever_is_disabled_is_out_at_once_and_back_when_enabled);
async fn whoever_is_disabled_is_out_at_once_and_back_when_enabled(test: TestStore) {
    let store = &test.store;
    let ada = as_administrator(store, &someone(store, "Ada", true).await);
    let bob = someone(store, "Bob", false).await;
    let link = ada.make_link(bob.id, NOW).await.expect("a link");
    begin_session(store, &bob).await;
    assert!(session_goes_on(store).await);

    ada.disable_person(bob.id, NOW).await.expect("disabled");
    assert!(!session_goes_on(store).await);
    let signs_in = async || {
        let found = store.check_password(&bob.email, PASSWORD).await;
        found.expect("an answer")
    };
    assert_eq!(signs_in().await, None);
    refused(ada.make_link(bob.id, NOW).await, "Enable them first");

    ada.enable_person(bob.id, NOW).await.expect("enabled");
    assert_eq!(signs_in().await, Some(bob));
    let link = store.find_link(link.token.expose_secret(), NOW).await;
    assert_eq!(link.expect("an answer"), None, "the old link stays dead");
}

on_both!(somebody_to_whom_something_belongs_is_not_deleted);
async fn somebody_to_whom_something_belongs_is_not_deleted(test: TestStore) {
    let store = &test.store;
    let ada = as_administrator(store, &someone(store, "Ada", true).await);
    let bob = someone(store, "Bob", false).await;
    test.sql(&format!(
        "INSERT INTO user_profile (owner_id, name, state, scopes, grant_version, refresh_lease, created_at, modified_at) \
         VALUES ({}, 'Bob', 'revoked', '', 0, 0, 0, 0)",
        bob.id
    ))
    .await;
    let belongings = ada.find_belongings(bob.id).await.expect("a count");
    assert_eq!(belongings.words().as_deref(), Some("1 user profile"));
    refused(ada.delete_person(bob.id, NOW).await, "1 user profile");
    test.sql("DELETE FROM user_profile").await;
    ada.delete_person(bob.id, NOW).await.expect("deleted");
    let people = store.list_people().await.expect("people");
    assert_eq!(people.len(), 1);
}

on_both!(the_audit_log_says_who_changed_what_from_what_to_what);
async fn the_audit_log_says_who_changed_what_from_what_to_what(test: TestStore) {
    let store = &test.store;
    let ada = as_administrator(store, &someone(store, "Ada", true).await);
    let bob = Invitation {
        email: "bob@example.com",
        person: salesperson("Bob"),
    };
    let (bob, _) = ada.invite(bob, NOW).await.expect("invited");
    let new = PersonChange {
        administrator: true,
        ..salesperson("Robert")
    };
    ada.change_person(bob.id, new, NOW).await.expect("changed");
    ada.change_person(bob.id, new, NOW).await.expect("the same");
    ada.disable_person(bob.id, NOW).await.expect("disabled");
    ada.delete_person(bob.id, NOW).await.expect("deleted");
    assert_eq!(
        told(&test).await,
        [
            r#"Command line: created Ada  -> {"email":"ada@example.com","name":"Ada","roles":["administrator"]}"#,
            r#"Ada: created Bob  -> {"email":"bob@example.com","name":"Bob","roles":["salesperson"]}"#,
            r#"Ada: link-made Bob  -> {"link":"invitation"}"#,
            r#"Ada: changed Robert {"name":"Bob","roles":["salesperson"]} -> {"name":"Robert","roles":["administrator","salesperson"]}"#,
            r#"Ada: changed Robert {"disabled":false} -> {"disabled":true}"#,
            r#"Ada: deleted Robert {"email":"bob@example.com","name":"Robert","roles":["administrator","salesperson"]} -> "#,
        ]
    );
}

on_both!(a_refused_change_leaves_no_trace);
async fn a_refused_change_leaves_no_trace(test: TestStore) {
    let ada = someone(&test.store, "Ada", true).await;
    let before = told(&test).await;
    let shell = test.store.command_line();
    refused(shell.disable_person(ada.id, NOW).await, "administrator");
    let nobody = shell.change_person(999, salesperson("Nobody"), NOW).await;
    assert_eq!(nobody.expect_err("nobody").kind(), Kind::NotFound);
    let nameless = shell.change_person(ada.id, salesperson(" "), NOW).await;
    assert_eq!(nameless.expect_err("no name").kind(), Kind::Invalid);
    assert_eq!(told(&test).await, before);
}

on_both!(people_are_found_by_name_role_and_state_page_by_page);
async fn people_are_found_by_name_role_and_state_page_by_page(test: TestStore) {
    let store = &test.store;
    let ada = as_administrator(store, &someone(store, "Ada", true).await);
    for name in ["Bob", "Cleo", "Dan"] {
        someone(store, name, false).await;
    }
    let dan = ada.find_person_by_email(" DAN@example.com").await;
    let dan = dan.expect("Dan").person.id;
    ada.disable_person(dan, NOW).await.expect("disabled");
    let eve = Invitation {
        email: "eve@example.com",
        person: salesperson("Eve"),
    };
    ada.invite(eve, NOW).await.expect("invited");
    let cleo = ada.find_person_by_email("cleo@example.com").await;
    let cleo = cleo.expect("Cleo").person.id;
    let entered = store.note_sign_in(cleo, Proof::Password, None, "192.0.2.1", NOW);
    entered.await.expect("noted").expect("in");

    let names = async |query: &[(&str, &str)], paging: Paging| {
        let get = |name: &str| {
            let pair = query.iter().find(|pair| pair.0 == name);
            pair.map(|pair| pair.1.to_owned())
        };
        let filter = PersonFilter::read(&get).expect("a filter");
        let page = ada.list_people(&filter, &paging).await.expect("a page");
        let names = page.items.iter().map(|item| item.person.name.clone());
        (names.collect::<Vec<_>>(), page.after)
    };
    let first = Paging::first();
    assert_eq!(names(&[("q", "DAN@ex")], first).await.0, ["Dan"]);
    assert_eq!(names(&[("role", "administrator")], first).await.0, ["Ada"]);
    assert_eq!(names(&[("role", "s2s-inbound")], first).await.0, [""; 0]);
    assert_eq!(names(&[("state", "disabled")], first).await.0, ["Dan"]);
    assert_eq!(names(&[("state", "invited")], first).await.0, ["Eve"]);
    let active = [("state", "active"), ("role", "salesperson")];
    assert_eq!(names(&active, first).await.0, ["Bob", "Cleo"]);
    assert_eq!(names(&[("sort", "signed-in")], first).await.0[0], "Cleo");

    let two = Paging { size: 2, ..first };
    let (page, after) = names(&[], two).await;
    assert_eq!(page, ["Ada", "Bob"]);
    let next = Paging {
        place: Place::After(after.expect("more")),
        size: 3,
    };
    assert_eq!(
        names(&[], next).await,
        (vec!["Cleo".into(), "Dan".into(), "Eve".into()], None)
    );
}
