//! Who comes by single sign-on.

use leadline::single_sign_on::{Identity, RoleGroups, SignOnError};
use leadline::store::Store;
use leadline::store::people::Person;
use leadline::store::people::manage::Invitation;
use sea_orm::{ConnectionTrait, Database};
use secrecy::ExposeSecret;

use crate::managing::{NOW, as_administrator, salesperson, someone, told};
use crate::on_both;
use crate::support::TestStore;

/// Somebody with a verified address, in one group.
fn identity(name: &str, group: &str) -> Identity {
    Identity {
        issuer: "https://id.example".to_owned(),
        subject: name.to_owned(),
        email: Some(format!("{name}@example.com")),
        email_verified: true,
        name: Some(name.to_owned()),
        groups: vec![group.to_owned()],
    }
}

fn groups() -> RoleGroups {
    RoleGroups {
        administrator: vec!["it".to_owned()],
        salesperson: vec!["sales".to_owned()],
    }
}

async fn admit(store: &Store, identity: &Identity) -> Result<Person, SignOnError> {
    let admitted = store.admit(identity, &groups(), NOW).await;
    admitted.expect("an answer")
}

on_both!(of_many_browsers_at_once_one_person_comes);
async fn of_many_browsers_at_once_one_person_comes(test: TestStore) {
    let second_server = Store::open(&test.url).await.expect("the store opens");
    let tries = (0..8).map(|n| {
        let store = [&test.store, &second_server][n % 2].clone();
        tokio::spawn(async move { admit(&store, &identity("grace", "it")).await })
    });
    let mut ids = Vec::new();
    for attempt in tries.collect::<Vec<_>>() {
        let person = attempt.await.expect("no panic").expect("let in");
        assert!(person.administrator && !person.salesperson);
        ids.push(person.id);
    }
    ids.dedup();
    let people = test.store.list_people().await.expect("people");
    assert_eq!((ids.len(), people.len()), (1, 1));
    second_server.close().await.expect("closed");
}

on_both!(two_administrators_who_lose_their_group_at_once_are_not_both_demoted);
async fn two_administrators_who_lose_their_group_at_once_are_not_both_demoted(test: TestStore) {
    for name in ["Ada", "Bob"] {
        someone(&test.store, name, true).await;
    }
    let second_server = Store::open(&test.url).await.expect("the store opens");
    let (ada, bob) = (identity("ada", "sales"), identity("bob", "sales"));
    let (ada, bob) = tokio::join!(admit(&test.store, &ada), admit(&second_server, &bob));
    let administrate = [ada, bob].map(|person| person.expect("let in").administrator);
    assert_eq!(administrate.iter().filter(|yes| **yes).count(), 1);
    second_server.close().await.expect("closed");
}

on_both!(a_refusal_leaves_nothing_behind);
async fn a_refusal_leaves_nothing_behind(test: TestStore) {
    for name in ["Ada", "Bob", "Cem"] {
        someone(&test.store, name, true).await;
    }
    let db = Database::connect(&test.url).await.expect("connected");
    let disable = "UPDATE person SET disabled = TRUE WHERE email_key = 'ada@example.com'";
    db.execute_unprepared(disable).await.expect("disabled");
    let refused = admit(&test.store, &identity("ada", "it")).await;
    assert_eq!(refused, Err(SignOnError::Disabled));
    let no_group = admit(&test.store, &identity("bob", "everybody")).await;
    assert_eq!(no_group, Err(SignOnError::NoRole));
    let linked = "UPDATE person SET oidc_subject = NULL WHERE oidc_subject IS NOT NULL";
    let linked = db.execute_unprepared(linked).await.expect("asked");
    assert_eq!(linked.rows_affected(), 0, "neither was linked");
    let people = test.store.list_people().await.expect("people");
    assert!(people.iter().all(|listed| listed.person.administrator));
}

on_both!(whoever_was_invited_comes_by_the_provider_and_the_invitation_is_over);
async fn whoever_was_invited_comes_by_the_provider_and_the_invitation_is_over(test: TestStore) {
    let ada = someone(&test.store, "Ada", true).await;
    let invitation = Invitation {
        email: "Grace@Example.com",
        person: salesperson("Grace"),
    };
    let administrator = as_administrator(&test.store, &ada);
    let (invited, link) = administrator
        .invite(invitation, NOW)
        .await
        .expect("invited");
    let nothing = RoleGroups::default();
    let admitted = test
        .store
        .admit(&identity("grace", "x"), &nothing, NOW)
        .await;
    assert_eq!(
        admitted.expect("an answer"),
        Ok(invited),
        "the roles are left alone"
    );
    let token = link.token.expose_secret();
    let found = test.store.find_link(token, NOW).await.expect("asked");
    assert_eq!(found, None, "the link opens nothing any more");
    let last = told(&test).await.pop();
    let linked =
        r#"Single sign-on: changed Grace {"single_sign_on":false} -> {"single_sign_on":true}"#;
    assert_eq!(last.as_deref(), Some(linked));
}
