//! Transactions in each other's way: nobody waits in a circle, and a pass that the database refuses
//! is begun again in a moment.

use std::time::Duration;

use leadline::store::accounts::{AccountKind, FoundAccount};
use leadline::store::campaigns::NewCampaign;
use leadline::store::now;
use leadline::store::submissions::Arrival;
use leadline::sync::Settings;
use leadline::sync::arrive::arrivals;
use leadline_sandbox::Seed;
use tokio::sync::watch;

use crate::desk::{Desk, NOW, response};
use crate::on_both;
use crate::stand::Stand;
use crate::support::TestStore;
use crate::world::World;

/// Not many responses.
const FEW: Seed = Seed::Load {
    leads: 300,
    persons: 200,
};
/// How often two do the same at once.
const ROUNDS: i64 = 40;
/// How many rows each of them writes.
const ROWS: i64 = 30;

/// Refuses every new submission until a pass has failed.
async fn refuse_the_first(test: &TestStore) {
    let refuses = match test.url.starts_with("sqlite") {
        true => &["CREATE TRIGGER refuses BEFORE INSERT ON submission \
              WHEN NOT EXISTS (SELECT 1 FROM linked_account WHERE failures > 0) \
              BEGIN SELECT RAISE(ABORT, 'database is locked'); END"][..],
        false => &[
            "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN \
               IF NOT EXISTS (SELECT 1 FROM linked_account WHERE failures > 0) THEN \
                 RAISE 'deadlock detected' USING ERRCODE = '40P01'; END IF; \
               RETURN NEW; END $$ LANGUAGE plpgsql",
            "CREATE TRIGGER refuses BEFORE INSERT ON submission FOR EACH ROW EXECUTE FUNCTION refuse()",
        ][..],
    };
    for statement in refuses {
        test.sql(statement).await;
    }
}

on_both!(a_pass_that_the_database_refuses_is_begun_again_in_a_moment);
async fn a_pass_that_the_database_refuses_is_begun_again_in_a_moment(test: TestStore) {
    let world = World::connected(test, FEW).await;
    refuse_the_first(&world.test).await;
    let (stop, stopped) = watch::channel(false);
    let worker = world.worker("one", Settings::default()).await;
    let observer = world.worker("observer", Settings::default()).await;
    let working = tokio::spawn(worker.run(stopped));
    let idle = async {
        while !observer.is_idle().await.expect("an answer") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    // A lease that has to run out takes half a minute.
    let done = tokio::time::timeout(Duration::from_secs(20), idle).await;
    done.expect("long before a lease would have run out");
    stop.send(true).expect("somebody listens");
    working.await.expect("it ends").expect("in order");
    assert_eq!(world.test.linkedin_ids().await, world.truth().await);
    let failures =
        "SELECT count(*) AS n FROM linked_account WHERE failures > 0 OR sync_state <> 'idle'";
    assert_eq!(world.test.count(failures).await, 0);
}

fn campaign(linkedin_id: i64) -> NewCampaign {
    NewCampaign {
        linkedin_id,
        name: format!("Campaign {linkedin_id}"),
        campaign_type: None,
        objective: None,
        linkedin_status: None,
        starts_at: None,
        ends_at: None,
        raw: "{}".to_owned(),
    }
}

on_both!(pages_that_bring_the_same_campaigns_in_another_order_are_both_kept);
async fn pages_that_bring_the_same_campaigns_in_another_order_are_both_kept(test: TestStore) {
    let desk = Desk::new(test).await;
    let store = &desk.test.store;
    let by = Arrival {
        account_id: 1,
        profile_id: None,
        received_by: "poll",
        now: NOW,
    };
    for round in 0..ROUNDS {
        let page = |who: &str, campaigns: Vec<NewCampaign>| {
            let one = response(&format!("{who}{round}"), NOW, "ada@example.com");
            let mut page = arrivals(vec![one.reading()], NOW);
            page.campaigns = campaigns;
            page
        };
        let ids = round * ROWS..(round + 1) * ROWS;
        let there = page("a", ids.clone().map(campaign).collect());
        let back = page("b", ids.rev().map(campaign).collect());
        let (a, b) = tokio::join!(
            store.save_arrivals(&there, by),
            store.save_arrivals(&back, by)
        );
        assert_eq!((a.expect("kept"), b.expect("kept")), (1, 1));
    }
    let all = "SELECT count(*) AS n FROM campaign";
    assert_eq!(desk.test.count(all).await, ROUNDS * ROWS);
}

fn account(number: i64) -> FoundAccount {
    FoundAccount {
        urn: format!("urn:li:sponsoredAccount:{number}"),
        kind: AccountKind::AdAccount,
        name: format!("Account {number}"),
        linkedin_status: None,
        currency: None,
        test: false,
        organization_urn: None,
        organization_name: None,
        role: None,
    }
}

on_both!(accounts_are_found_by_several_and_chosen_at_the_same_moment);
async fn accounts_are_found_by_several_and_chosen_at_the_same_moment(test: TestStore) {
    let stand = Stand::new(test).await;
    let (ann, bob) = (stand.ann().await, stand.bob().await);
    let anns = stand.connected(&ann, "ada", NOW).await;
    let bobs = stand.connected(&bob, "bea", NOW).await;
    let store = &stand.test.store;
    let there: Vec<FoundAccount> = (0..ROWS).map(account).collect();
    let back: Vec<FoundAccount> = there.iter().rev().cloned().collect();
    for profile in [anns, bobs] {
        let saved = store.save_found_accounts(profile, &there, NOW).await;
        saved.expect("saved");
    }
    let ids = "SELECT CAST(id AS text) AS t FROM linked_account";
    let ids = stand.test.texts(ids).await;
    let ids: Vec<i64> = ids.iter().map(|id| id.parse().expect("an id")).collect();
    for _ in 0..ROUNDS {
        let (one, two, three) = tokio::join!(
            store.save_found_accounts(anns, &there, now()),
            store.save_found_accounts(bobs, &back, now()),
            ann.choose_accounts(anns, &ids, now()),
        );
        one.expect("Ann's are kept");
        two.expect("Bob's are kept");
        three.expect("chosen");
    }
}
