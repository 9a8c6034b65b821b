//! Signing in, and what the audit log says about it.

use leadline::store::people::{NewPerson, Person};
use leadline::store::second_factor::Used;
use leadline::store::sign_in::{Proof, Tried};

use crate::on_both;
use crate::support::TestStore;

const NOW: i64 = 1_800_000_000_000;
const FROM: &str = "192.0.2.7";
const PASSWORD: &str = "a few words in a row";

async fn ada(test: &TestStore) -> Person {
    let ada = NewPerson {
        email: "ada@example.com",
        name: "Ada Lovelace",
        password: PASSWORD,
        administrator: true,
        salesperson: false,
    };
    test.store.create_person(ada, NOW).await.expect("made")
}

/// The audit log's lines about signing in.
async fn log(test: &TestStore) -> Vec<String> {
    let said = "SELECT action || ' ' || actor_name || ' ' || noun_name || ' ' || COALESCE(after, '') \
                || ' ' || COALESCE(address, '') AS t FROM audit_event WHERE action LIKE 'sign%'";
    test.texts(said).await
}

on_both!(whoever_signs_in_and_out_is_in_the_log_with_their_address);
async fn whoever_signs_in_and_out_is_in_the_log_with_their_address(test: TestStore) {
    let ada = ada(&test).await;
    let store = &test.store;
    let signed_in = store
        .note_sign_in(ada.id, Proof::Link, Some(Used::App), FROM, NOW + 1)
        .await;
    assert_eq!(signed_in.expect("noted").as_ref(), Some(&ada));
    let out = store.note_sign_out(&ada, FROM, NOW + 2).await;
    out.expect("noted");
    let people = store.list_people().await.expect("people");
    assert_eq!(people[0].signed_in_at, Some(NOW + 1));
    let said = [
        r#"signed-in Ada Lovelace Ada Lovelace {"proof":"link","second_factor":"app"} 192.0.2.7"#,
        "signed-out Ada Lovelace Ada Lovelace  192.0.2.7",
    ];
    assert_eq!(log(&test).await, said);
}

on_both!(whoever_was_disabled_meanwhile_does_not_get_in);
async fn whoever_was_disabled_meanwhile_does_not_get_in(test: TestStore) {
    let ada = ada(&test).await;
    test.sql("UPDATE person SET disabled = TRUE").await;
    let signed_in = test
        .store
        .note_sign_in(ada.id, Proof::Password, None, FROM, NOW);
    assert_eq!(signed_in.await.expect("an answer"), None);
    assert!(log(&test).await.is_empty());
}

on_both!(nobody_signs_in_with_the_password_that_somebody_invited_does_not_have_yet);
async fn nobody_signs_in_with_the_password_that_somebody_invited_does_not_have_yet(
    test: TestStore,
) {
    ada(&test).await;
    test.sql("UPDATE person SET password_hash = ''").await;
    for password in ["", PASSWORD] {
        let found = test.store.check_password("ada@example.com", password);
        assert_eq!(found.await.expect("an answer"), None, "{password:?}");
    }
}

on_both!(a_refusal_names_the_account_only_if_there_is_one_and_never_what_was_typed);
async fn a_refusal_names_the_account_only_if_there_is_one_and_never_what_was_typed(
    test: TestStore,
) {
    ada(&test).await;
    for typed in ["Ada@example.com", "my secret password"] {
        let noted = test
            .store
            .note_refusal(typed, Tried::Password, FROM, NOW)
            .await;
        noted.expect("noted");
    }
    let said = [
        r#"sign-in-refused Nobody signed in  {"tried":"password"} 192.0.2.7"#,
        r#"sign-in-refused Nobody signed in Ada Lovelace {"tried":"password"} 192.0.2.7"#,
    ];
    assert_eq!(log(&test).await, said);
}
