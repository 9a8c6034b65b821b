//! Keys by which a program may send the same request again.

use leadline::store::idempotency::{KEPT, Keyed, Known};
use leadline::store::tokens::{NewToken, TokenRole};

use crate::on_both;
use crate::support::TestStore;

const NOW: i64 = 1_800_000_000_000;

async fn keyed(test: &TestStore) -> Keyed<'static> {
    let new = NewToken {
        name: "Import",
        role: TokenRole::S2sInbound,
        days: None,
    };
    let made = test.store.create_token(new, NOW).await.expect("made");
    Keyed {
        token: made.token.id,
        key: "k-1",
        request: "hash",
    }
}

async fn take(test: &TestStore, keyed: Keyed<'_>, now: i64) -> Known {
    test.store.take_key(keyed, now).await.expect("an answer")
}

on_both!(a_key_is_taken_once_answered_once_and_forgotten_after_a_day);
async fn a_key_is_taken_once_answered_once_and_forgotten_after_a_day(test: TestStore) {
    let keyed = keyed(&test).await;
    assert_eq!(take(&test, keyed, NOW).await, Known::New);
    assert_eq!(take(&test, keyed, NOW + 1).await, Known::InFlight);
    let kept = test.store.keep_answer(keyed, 201, b"sealed".to_vec()).await;
    kept.expect("kept");
    let answered = Known::Answered(201, b"sealed".to_vec());
    assert_eq!(take(&test, keyed, NOW + KEPT - 1).await, answered);
    let other = Keyed {
        request: "another",
        ..keyed
    };
    assert_eq!(take(&test, other, NOW + KEPT - 1).await, Known::Other);
    assert_eq!(take(&test, other, NOW + KEPT).await, Known::New);
}

on_both!(what_was_given_up_or_died_may_be_tried_again);
async fn what_was_given_up_or_died_may_be_tried_again(test: TestStore) {
    let keyed = keyed(&test).await;
    assert_eq!(take(&test, keyed, NOW).await, Known::New);
    test.store.give_key_up(keyed).await.expect("given up");
    assert_eq!(take(&test, keyed, NOW + 1).await, Known::New);
    assert_eq!(take(&test, keyed, NOW + 60_000).await, Known::InFlight);
    assert_eq!(take(&test, keyed, NOW + 60_001).await, Known::New);
}

on_both!(of_many_who_come_at_once_one_takes_the_key);
async fn of_many_who_come_at_once_one_takes_the_key(test: TestStore) {
    let keyed = keyed(&test).await;
    let tries = (0..10).map(|_| {
        let store = test.store.clone();
        tokio::spawn(async move { store.take_key(keyed, NOW).await.expect("an answer") })
    });
    let mut new = 0;
    for known in tries.collect::<Vec<_>>() {
        match known.await.expect("no panic") {
            Known::New => new += 1,
            other => assert_eq!(other, Known::InFlight),
        }
    }
    assert_eq!(new, 1);
}
