//! Who is signed in, and for how long.

use leadline::store::Store;
use leadline::store::people::NewPerson;
use leadline::store::sessions::{ABSOLUTE, IDLE, Kept, UNOWNED};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};

use crate::on_both;
use crate::support::TestStore;

const NOW: i64 = 1_800_000_000_000;
const ID: &str = "dGhlIGJyb3dzZXIncyBpZA";
const MINUTE: i64 = 60_000;

fn holding(data: &str) -> Kept<'_> {
    Kept {
        data,
        ..Kept::default()
    }
}

/// Begins a session of somebody who has signed in.
async fn begin(store: &Store) {
    let kept = Kept {
        person: Some(somebody(store).await),
        ..holding(r#"{"a":1}"#)
    };
    let begun = store.create_session(ID, kept, NOW).await;
    begun.expect("kept");
}

async fn somebody(store: &Store) -> i64 {
    let new = NewPerson {
        email: "ada@example.com",
        name: "Ada",
        password: "a few words in a row",
        administrator: true,
        salesperson: false,
    };
    store.create_person(new, NOW).await.expect("somebody").id
}

async fn find(store: &Store, now: i64) -> Option<String> {
    store.find_session(ID, now).await.expect("an answer")
}

async fn texts(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.expect("rows");
    let text = |row: &sea_orm::QueryResult| row.try_get_by_index(0).expect("a text");
    rows.iter().map(text).collect()
}

on_both!(a_session_is_kept_changed_and_ended);
async fn a_session_is_kept_changed_and_ended(test: TestStore) {
    let store = &test.store;
    assert_eq!(find(store, NOW).await, None);
    begin(store).await;
    assert_eq!(find(store, NOW).await.as_deref(), Some(r#"{"a":1}"#));
    let saved = store.save_session(ID, holding(r#"{"a":2}"#), NOW).await;
    saved.expect("kept");
    assert_eq!(find(store, NOW).await.as_deref(), Some(r#"{"a":2}"#));
    store.delete_session(ID).await.expect("ended");
    assert_eq!(find(store, NOW).await, None);
    let late = store.save_session(ID, holding("{}"), NOW).await;
    late.expect("ignored");
    assert_eq!(find(store, NOW).await, None, "ended stays ended");
}

on_both!(a_quiet_session_ends_and_a_busy_one_ends_after_a_week);
async fn a_quiet_session_ends_and_a_busy_one_ends_after_a_week(test: TestStore) {
    let store = &test.store;
    begin(store).await;
    assert!(find(store, NOW + IDLE - 1).await.is_some());
    let quiet_until = NOW + IDLE - 1 + IDLE;
    assert_eq!(find(store, quiet_until).await, None, "too quiet");
    let mut now = NOW + IDLE - 1;
    while now < NOW + ABSOLUTE - MINUTE {
        assert!(find(store, now).await.is_some(), "busy");
        now += IDLE / 2;
    }
    assert!(find(store, NOW + ABSOLUTE - MINUTE).await.is_some());
    assert_eq!(find(store, NOW + ABSOLUTE).await, None, "too long");
}

on_both!(a_session_that_is_not_quite_anybody_s_ends_after_a_quarter_of_an_hour);
async fn a_session_that_is_not_quite_anybody_s_ends_after_a_quarter_of_an_hour(test: TestStore) {
    let store = &test.store;
    let owing = Kept {
        person: Some(somebody(store).await),
        half: true,
        ..holding("{}")
    };
    for kept in [holding("{}"), owing] {
        let begun = store.create_session(ID, kept, NOW).await;
        begun.expect("kept");
        assert!(find(store, NOW + UNOWNED - 1).await.is_some());
        assert_eq!(find(store, NOW + UNOWNED).await, None, "used or not");
        store.delete_session(ID).await.expect("ended");
    }
}

on_both!(a_visit_is_noted_at_most_once_a_minute);
async fn a_visit_is_noted_at_most_once_a_minute(test: TestStore) {
    let store = &test.store;
    begin(store).await;
    find(store, NOW + MINUTE - 1).await;
    assert_eq!(find(store, NOW + IDLE).await, None, "not noted");
    find(store, NOW + MINUTE).await;
    assert!(find(store, NOW + IDLE).await.is_some(), "noted");
}

on_both!(a_new_session_sweeps_out_the_expired_ones);
async fn a_new_session_sweeps_out_the_expired_ones(test: TestStore) {
    let store = &test.store;
    begin(store).await;
    for (id, now) in [("second", NOW + IDLE - 1), ("third", NOW + IDLE)] {
        let begun = store.create_session(id, holding("{}"), now).await;
        begun.expect("kept");
    }
    let db = Database::connect(&test.url).await.expect("connected");
    let left = texts(&db, "SELECT id FROM session").await;
    assert_eq!(left.len(), 2, "the first has gone");
}

on_both!(what_the_browser_holds_is_not_in_the_database);
async fn what_the_browser_holds_is_not_in_the_database(test: TestStore) {
    begin(&test.store).await;
    let db = Database::connect(&test.url).await.expect("connected");
    let kept = texts(&db, "SELECT id FROM session").await;
    assert_eq!(kept.len(), 1);
    assert!(kept[0].len() == 64 && kept[0].chars().all(|c| c.is_ascii_hexdigit()));
    assert_ne!(kept[0], ID);
}
