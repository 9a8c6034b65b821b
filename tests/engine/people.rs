//! Who may sign in.

use leadline::error::Kind;
use leadline::store::Store;
use leadline::store::people::NewPerson;
use leadline::store::sessions::Kept;
use sea_orm::{ConnectionTrait, Database};

use crate::on_both;
use crate::support::TestStore;

const NOW: i64 = 1_800_000_000_000;
const PASSWORD: &str = "a few words in a row";

const ADA: NewPerson<'static> = NewPerson {
    email: "Ada@Example.com",
    name: "Ada Lovelace",
    password: PASSWORD,
    administrator: true,
    salesperson: false,
};

async fn signs_in(store: &Store, email: &str, password: &str) -> bool {
    let person = store.check_password(email, password).await;
    person.expect("an answer").is_some()
}

on_both!(of_twenty_who_start_at_once_one_becomes_the_first_administrator);
async fn of_twenty_who_start_at_once_one_becomes_the_first_administrator(test: TestStore) {
    assert!(!test.store.has_people().await.expect("an answer"));
    let second_server = Store::open(&test.url).await.expect("the store opens");
    let tries = (0..20).map(|n| {
        let store = [&test.store, &second_server][n % 2].clone();
        tokio::spawn(async move {
            let email = format!("person{n}@example.com");
            let new = NewPerson {
                email: &email,
                ..ADA
            };
            store.create_first_administrator(new, NOW).await
        })
    });
    let mut made = Vec::new();
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.expect("no panic") {
            Ok(person) => made.push(person),
            Err(error) => assert_eq!(error.kind(), Kind::Conflict),
        }
    }
    let people = test.store.list_people().await.expect("people");
    assert_eq!((made.len(), people.len()), (1, 1));
    assert_eq!(people[0].person, made[0]);
    assert!(made[0].administrator && made[0].salesperson);
    second_server.close().await.expect("closed");
}

on_both!(somebody_signs_in_however_they_write_their_address);
async fn somebody_signs_in_however_they_write_their_address(test: TestStore) {
    let store = &test.store;
    let made = store.create_person(ADA, NOW).await.expect("made");
    assert!(signs_in(store, "Ada@Example.com", PASSWORD).await);
    let there = store.check_password("  ada@EXAMPLE.COM ", PASSWORD).await;
    assert_eq!(there.expect("an answer").as_ref(), Some(&made));
    assert!(!signs_in(store, "ada@example.com", "a few words in a now").await);
    assert!(!signs_in(store, "ada@example.com", "").await);
    assert!(!signs_in(store, "bob@example.com", PASSWORD).await);
}

on_both!(whoever_is_disabled_neither_signs_in_nor_goes_on);
async fn whoever_is_disabled_neither_signs_in_nor_goes_on(test: TestStore) {
    let store = &test.store;
    let made = store.create_person(ADA, NOW).await.expect("made");
    let found = store.find_active_person(made.id).await.expect("an answer");
    assert_eq!(found, Some(made.clone()));
    let db = Database::connect(&test.url).await.expect("connected");
    let disabled = db.execute_unprepared("UPDATE person SET disabled = TRUE");
    disabled.await.expect("disabled");
    assert!(!signs_in(store, "ada@example.com", PASSWORD).await);
    let found = store.find_active_person(made.id).await.expect("an answer");
    assert_eq!(found, None);
}

on_both!(an_address_is_taken_in_every_spelling);
async fn an_address_is_taken_in_every_spelling(test: TestStore) {
    test.store.create_person(ADA, NOW).await.expect("made");
    let same = NewPerson {
        email: " ada@example.COM",
        ..ADA
    };
    let refused = test.store.create_person(same, NOW).await;
    let error = refused.expect_err("taken");
    assert_eq!(error.kind(), Kind::Conflict);
    assert!(error.message().contains("this e-mail address already"));
}

on_both!(what_is_wrong_is_said_for_each_field_and_nobody_is_made);
async fn what_is_wrong_is_said_for_each_field_and_nobody_is_made(test: TestStore) {
    let wrong = NewPerson {
        email: "ada at example",
        name: " ",
        password: "short",
        administrator: false,
        salesperson: false,
    };
    let fields: Vec<&str> = wrong.problems().iter().map(|(field, _)| *field).collect();
    assert_eq!(fields, ["name", "email", "password", "role"]);
    let short = NewPerson {
        password: "short",
        ..ADA
    };
    let error = test.store.create_person(short, NOW).await;
    let error = error.expect_err("too short");
    assert_eq!(error.kind(), Kind::Invalid);
    assert!(error.message().contains("at least 12 characters"));
    assert!(!error.message().contains("short"), "nothing typed is shown");
    assert!(!test.store.has_people().await.expect("an answer"));
}

on_both!(a_new_password_replaces_the_old_one_and_signs_out_everywhere);
async fn a_new_password_replaces_the_old_one_and_signs_out_everywhere(test: TestStore) {
    let store = &test.store;
    let ada = store.create_person(ADA, NOW).await.expect("made");
    let session = |id, person| {
        store.create_session(
            id,
            Kept {
                person,
                data: "{}",
                ..Kept::default()
            },
            NOW,
        )
    };
    session("hers", Some(ada.id)).await.expect("kept");
    session("another's", None).await.expect("kept");
    let other = "other words in a row";
    let set = store.set_password("ADA@example.com", other, NOW).await;
    assert_eq!(set.expect("set"), ada);
    assert!(!signs_in(store, "ada@example.com", PASSWORD).await);
    assert!(signs_in(store, "ada@example.com", other).await);
    let left = |id| store.find_session(id, NOW);
    assert_eq!(left("hers").await.expect("an answer"), None);
    assert!(left("another's").await.expect("an answer").is_some());
    let nobody = store.set_password("bob@example.com", other, NOW).await;
    assert_eq!(nobody.expect_err("unknown").kind(), Kind::NotFound);
}
