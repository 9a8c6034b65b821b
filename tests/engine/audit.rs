//! The audit log: nothing happens without it, nothing in it can be changed unseen.

use leadline::store::access::{Actor, Administrator, Signed};
use leadline::store::accounts::{AccountKind, FoundAccount};
use leadline::store::audit::{Action, Checked};
use leadline::store::people::NewPerson;
use leadline::store::views::audit::{AuditEvent, AuditFilter};
use leadline::store::views::paging::{Paging, Place};
use sea_orm::{ConnectionTrait, Database, DbBackend};
use serde_json::json;

use crate::on_both;
use crate::stand::{HOUR, Stand};
use crate::support::TestStore;

const NOW: i64 = 1_800_000_000_000;
const DAY: i64 = 86_400_000;

async fn ada(test: &TestStore) -> Administrator {
    let new = NewPerson {
        email: "ada@example.com",
        name: "Ada Admin",
        password: "a few words in a row",
        administrator: true,
        salesperson: false,
    };
    let person = test.store.create_person(new, NOW).await.expect("made");
    let signed = Signed::new(test.store.clone(), person);
    signed.administrator().expect("an administrator")
}

/// An ad account that a profile reaches; tells its id.
async fn account(test: &TestStore, owner: i64) -> i64 {
    test.sql(&format!(
        "INSERT INTO user_profile (id, owner_id, name, state, scopes, grant_version, refresh_lease, created_at, \
         modified_at) VALUES (1, {owner}, 'Ada', 'authorized', '', 0, 0, 0, 0)"
    ))
    .await;
    let found = FoundAccount {
        urn: "urn:li:sponsoredAccount:1".to_owned(),
        kind: AccountKind::AdAccount,
        name: "Contoso Ads".to_owned(),
        linkedin_status: None,
        currency: None,
        test: false,
        organization_urn: None,
        organization_name: None,
        role: None,
    };
    let saved = test.store.save_found_accounts(1, &[found], NOW).await;
    saved.expect("saved");
    test.count("SELECT id AS n FROM linked_account").await
}

async fn events(administrator: &Administrator, pairs: &[(&str, &str)]) -> Vec<AuditEvent> {
    let get = |name: &str| {
        let pair = pairs.iter().find(|(key, _)| *key == name);
        pair.map(|(_, value)| (*value).to_owned())
    };
    let filter = AuditFilter::read(&get).expect("a filter");
    let paging = Paging::first();
    let page = administrator.list_audit_events(&filter, &paging).await;
    page.expect("a page").items
}

fn sentences(events: &[AuditEvent]) -> Vec<String> {
    events.iter().map(AuditEvent::sentence).collect()
}

on_both!(what_an_administrator_does_to_an_account_can_be_read_afterwards);
async fn what_an_administrator_does_to_an_account_can_be_read_afterwards(test: TestStore) {
    let ada = ada(&test).await;
    let id = account(&test, ada.person().id).await;
    ada.set_account_sync(id, false, NOW).await.expect("off");
    ada.set_account_sync(id, false, NOW)
        .await
        .expect("off still");
    let owner = Some(ada.person().id);
    ada.set_account_owner(id, owner, NOW + 1)
        .await
        .expect("set");
    ada.read_again(id, NOW + 2).await.expect("asked");
    ada.request_sync(Some(id), NOW + 3).await.expect("asked");
    ada.request_sync(None, NOW + 4).await.expect("asked");
    ada.set_account_sync(id, true, NOW + 5).await.expect("on");

    let of_account = events(&ada, &[("noun", "linked account")]).await;
    assert_eq!(
        sentences(&of_account),
        [
            "Ada Admin switched syncing on for Contoso Ads",
            "Ada Admin asked for a sync of all accounts",
            "Ada Admin asked for a sync of Contoso Ads",
            "Ada Admin had Contoso Ads read again from the start",
            "Ada Admin set the default owner of Contoso Ads",
            "Ada Admin switched syncing off for Contoso Ads",
        ]
    );
    let owner_set = &of_account[4];
    assert_eq!(owner_set.before["default_owner"], json!(null));
    assert_eq!(owner_set.after["default_owner"], json!("Ada Admin"));
    assert_eq!(of_account[5].before["sync"], json!("on"));
    assert_eq!(of_account[5].after["sync"], json!("off"));
    assert!(owner_set.row.exists_still);
    assert!(!of_account[1].row.exists_still, "all accounts are no thing");
}

on_both!(a_change_that_fails_leaves_no_event);
async fn a_change_that_fails_leaves_no_event(test: TestStore) {
    let ada = ada(&test).await;
    let id = account(&test, ada.person().id).await;
    let before = events(&ada, &[]).await.len();
    assert!(ada.set_account_sync(id + 1, false, NOW).await.is_err());
    assert!(ada.set_account_owner(id, Some(99), NOW).await.is_err());
    assert!(ada.read_again(id + 1, NOW).await.is_err());
    assert!(ada.request_sync(Some(id + 1), NOW).await.is_err());
    assert_eq!(events(&ada, &[]).await.len(), before);
}

on_both!(a_profile_s_whole_life_is_told_with_who_did_what);
async fn a_profile_s_whole_life_is_told_with_who_did_what(test: TestStore) {
    let stand = Stand::new(test).await;
    let bob = stand.bob().await;
    let profile = stand.connected(&bob, "ada", NOW).await;
    let late = NOW + 61 * 24 * HOUR;
    let over = stand.keeper().token_for_profile(profile, late).await;
    assert!(over.expect("an answer").is_none(), "its time is over");
    let begun = bob.begin_reauthorization(profile, late).await;
    begun.expect("left for LinkedIn");
    let again = stand.consent("ada").await;
    let done = bob.reauthorize_profile(profile, &again, None, &stand.sealer, late + 1);
    done.await.expect("authorized again");
    let administrator = stand.administrator().await;
    let done = administrator.disconnect_profile(profile, late + 2).await;
    done.expect("disconnected");

    let life = events(&administrator, &[("noun", "user profile")]).await;
    assert_eq!(
        sentences(&life),
        [
            "Ann disconnected the user profile Bob",
            "Bob authorized the user profile Bob at LinkedIn again",
            "Bob left for LinkedIn to authorize the user profile Bob again",
            "S2S Inbound found that the authorization of Bob has ended",
            "Bob confirmed who receives the leads of Bob",
            "Bob chose which accounts are synced through Bob",
            "Bob authorized the user profile Bob at LinkedIn",
        ]
    );
    assert_eq!(life[3].after["state"], json!("expired"));
    assert_eq!(life[4].after["receiver"], json!("builtin"));
    assert_eq!(life[5].before["accounts"], json!([]));
    assert_eq!(life[5].after["accounts"], json!(["Ad account"]));
}

on_both!(the_seeds_are_the_engine_s_own);
async fn the_seeds_are_the_engine_s_own(test: TestStore) {
    let ada = ada(&test).await;
    let seeded = events(&ada, &[("who", "engine")]).await;
    assert_eq!(
        sentences(&seeded),
        [
            "S2S Inbound added the field mappings of the beginning",
            "S2S Inbound added the matching strategy E-mail (default)",
        ]
    );
}

on_both!(every_filter_of_the_log_filters_and_its_pages_meet);
async fn every_filter_of_the_log_filters_and_its_pages_meet(test: TestStore) {
    let ada = ada(&test).await;
    let id = account(&test, ada.person().id).await;
    for n in 0..6 {
        let at = NOW + n * DAY;
        ada.set_account_sync(id, n % 2 == 1, at).await.expect("set");
    }
    let cli = test.store.request_sync(None, &Actor::CommandLine, NOW);
    cli.await.expect("asked");
    let me = format!("user:{}", ada.person().id);
    let thing = id.to_string();
    let cases: [(&[(&str, &str)], usize); 9] = [
        (&[("who", &me), ("noun", "linked account")], 6),
        (&[("who", "command-line"), ("action", "sync-requested")], 1),
        (&[("who", "user:99")], 0),
        (&[("action", "sync-switched-on")], 3),
        (&[("noun", "linked account"), ("thing", &thing)], 6),
        (&[("noun", "linked account"), ("thing", "99")], 0),
        (&[("from", "2027-01-19"), ("who", &me)], 2),
        (&[("to", "2027-01-15"), ("action", "sync-switched-off")], 1),
        (
            &[("from", "2027-01-16"), ("to", "2027-01-17"), ("who", &me)],
            2,
        ),
    ];
    for (pairs, expected) in cases {
        assert_eq!(events(&ada, pairs).await.len(), expected, "{pairs:?}");
    }
    let actors = ada.list_audit_actors().await.expect("actors");
    assert!(
        actors
            .iter()
            .any(|actor| actor.who == me && actor.name == "Ada Admin")
    );
    let nouns = ada.list_audit_nouns().await.expect("nouns");
    assert!(nouns.contains(&"linked account".to_owned()), "{nouns:?}");
    assert!(nouns.is_sorted(), "{nouns:?}");

    let all: Vec<i64> = events(&ada, &[]).await.iter().map(|e| e.row.id).collect();
    let (mut seen, mut place) = (Vec::new(), Place::Start);
    loop {
        let paging = Paging { place, size: 2 };
        let page = ada
            .list_audit_events(&AuditFilter::default(), &paging)
            .await;
        let page = page.expect("a page");
        seen.extend(page.items.iter().map(|event| event.row.id));
        match page.after {
            Some(cursor) => place = Place::After(cursor),
            None => break,
        }
    }
    assert_eq!(seen, all);
}

on_both!(the_database_refuses_to_change_or_delete_an_event);
async fn the_database_refuses_to_change_or_delete_an_event(test: TestStore) {
    let db = Database::connect(&test.url).await.expect("connected");
    let mut refused = vec![
        "UPDATE audit_event SET actor_name = 'nobody'",
        "UPDATE audit_event SET hash = ''",
        "DELETE FROM audit_event",
    ];
    if db.get_database_backend() == DbBackend::Postgres {
        refused.push("TRUNCATE audit_event");
    }
    for statement in refused {
        let error = db.execute_unprepared(statement).await.expect_err(statement);
        assert!(error.to_string().contains("append-only"), "{error}");
    }
    let kept = test.store.check_audit_log(None).await.expect("checked");
    assert!(matches!(kept, Checked::Whole { events: 2, .. }), "{kept:?}");
}

/// What somebody with the database in their hands does first.
async fn drop_triggers(test: &TestStore) {
    match test.url.starts_with("postgres") {
        true => {
            test.sql("DROP TRIGGER audit_event_append_only ON audit_event")
                .await;
        }
        false => {
            test.sql("DROP TRIGGER audit_event_unchanged").await;
            test.sql("DROP TRIGGER audit_event_kept").await;
        }
    }
}

const COLUMNS: [(&str, &str); 11] = [
    ("at", "at + 1"),
    ("actor_kind", "'engine'"),
    ("actor_id", "COALESCE(actor_id, 0) + 1"),
    ("actor_name", "actor_name || '.'"),
    ("action", "'deleted'"),
    ("noun", "noun || '.'"),
    ("noun_id", "COALESCE(noun_id, 0) + 1"),
    ("noun_name", "''"),
    ("before", "COALESCE(before, '') || ' '"),
    ("after", "NULL"),
    ("address", "'127.0.0.1'"),
];

on_both!(whichever_of_many_events_is_tampered_with_is_found);
async fn whichever_of_many_events_is_tampered_with_is_found(test: TestStore) {
    let ada = ada(&test).await;
    let id = account(&test, ada.person().id).await;
    for n in 0..200 {
        ada.set_account_sync(id, n % 2 == 1, NOW + n)
            .await
            .expect("set");
    }
    let whole = test.store.check_audit_log(None).await.expect("checked");
    let Checked::Whole { events, last_hash } = whole.clone() else {
        panic!("{whole:?}");
    };
    drop_triggers(&test).await;
    let db = Database::connect(&test.url).await.expect("connected");
    let sql = async |text: String| db.execute_unprepared(&text).await.expect("executed");
    sql("CREATE TABLE kept AS SELECT * FROM audit_event".into()).await;
    for event in 1..=events {
        let (column, value) = COLUMNS[usize::try_from(event).expect("small") % COLUMNS.len()];
        sql(format!(
            "UPDATE audit_event SET {column} = {value} WHERE id = {event}"
        ))
        .await;
        let found = test.store.check_audit_log(None).await.expect("checked");
        let changed =
            "SELECT count(*) AS n FROM (SELECT * FROM audit_event EXCEPT SELECT * FROM kept) x";
        match test.count(changed).await {
            0 => assert_eq!(found, whole, "{column} of {event} was that already"),
            _ => assert_eq!(found, Checked::Broken { id: event }, "{column} of {event}"),
        }
        sql(format!("DELETE FROM audit_event WHERE id = {event}")).await;
        if event < events {
            let found = test.store.check_audit_log(None).await.expect("checked");
            assert_eq!(found, Checked::Broken { id: event }, "{event} is gone");
        }
        sql(format!(
            "INSERT INTO audit_event SELECT * FROM kept WHERE id = {event}"
        ))
        .await;
    }
    let noted = Some(last_hash.as_str());
    assert_eq!(
        test.store.check_audit_log(noted).await.expect("checked"),
        whole
    );
    sql(format!(
        "DELETE FROM audit_event WHERE id > {}",
        events - 10
    ))
    .await;
    let cut = test.store.check_audit_log(noted).await.expect("checked");
    assert_eq!(cut, Checked::WithoutNoted);
}

on_both!(many_who_write_at_once_make_one_chain);
async fn many_who_write_at_once_make_one_chain(test: TestStore) {
    let writers = (0..16).map(|n| {
        let store = test.store.clone();
        tokio::spawn(async move {
            let asked = store.request_sync(None, &Actor::CommandLine, NOW + n);
            asked.await.expect("asked");
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("no panic");
    }
    let checked = test.store.check_audit_log(None).await.expect("checked");
    assert!(
        matches!(checked, Checked::Whole { events: 18, .. }),
        "{checked:?}"
    );
}

#[test]
fn every_action_can_be_said() {
    for action in Action::ALL {
        let (before, _) = action.phrase("thing");
        assert!(!before.contains(['{', '}']), "{before}");
    }
}
