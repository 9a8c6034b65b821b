//! Several servers on one database.

use std::time::Duration;

use leadline::store::now;
use leadline::sync::Settings;
use leadline_sandbox::Seed;
use tokio::sync::watch;

use crate::support::TestStore;
use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_servers_on_one_postgres_bring_every_submission_once() {
    let seed = Seed::Load {
        leads: 20_000,
        persons: 16_000,
    };
    let world = World::connected(TestStore::postgres().await, seed).await;
    let (stop, stopped) = watch::channel(false);
    let mut servers = Vec::new();
    for holder in ["one", "two"] {
        let worker = world.worker(holder, Settings::default()).await;
        let stopped = stopped.clone();
        servers.push(tokio::spawn(worker.run(stopped)));
    }
    let observer = world.worker("observer", Settings::default()).await;
    while !observer.is_idle().await.expect("an answer") {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    stop.send(true).expect("somebody listens");
    for server in servers {
        server.await.expect("it ends").expect("in order");
    }
    assert_eq!(world.test.linkedin_ids().await, world.truth().await);
    let leads = "SELECT count(*) AS n FROM lead";
    let persons = "SELECT count(DISTINCT person_email) AS n FROM submission WHERE NOT test";
    assert_eq!(
        world.test.count(leads).await,
        world.test.count(persons).await
    );
    let attempts = "SELECT count(*) AS n FROM attempt";
    assert_eq!(world.test.count(attempts).await, 20_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_one_reader_until_its_lease_runs_out() {
    let world = World::connected(TestStore::postgres().await, Seed::Empty).await;
    let only = "UPDATE linked_account SET sync_enabled = (kind = 'ad_account')";
    world.test.sql(only).await;
    let store = &world.test.store;
    let hour = 3_600_000;
    let claimed = store
        .claim_account("one", hour, now())
        .await
        .expect("an answer");
    let account = claimed.expect("it is due").id;
    let taken = store
        .claim_account("two", hour, now())
        .await
        .expect("an answer");
    assert_eq!(taken, None);
    assert!(
        store
            .renew_lease(account, "one", now())
            .await
            .expect("renewed")
    );
    let later = now() + 60_000;
    let taken = store
        .claim_account("two", hour, later)
        .await
        .expect("an answer");
    assert_eq!(taken.map(|a| a.id), Some(account));
    assert!(
        !store
            .renew_lease(account, "one", later)
            .await
            .expect("an answer")
    );
}
