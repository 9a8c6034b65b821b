//! Work that may not be done until somebody does something about it.

use leadline::store::crm::{Crm, FoundBy};
use leadline::sync::crm::keep_up;
use leadline::sync::organization::{Organization, Round};
use serde_json::json;

use super::{CREATED, Office};
use crate::desk::{NOW, response};
use crate::on_both;
use crate::support::TestStore;

const EMAILS: [&str; 4] = [
    "one@harbor.example",
    "two@harbor.example",
    "three@harbor.example",
    "four@harbor.example",
];

impl Office {
    /// Why nothing can be sent, if that is so.
    async fn broken(&self) -> Option<(String, FoundBy)> {
        match self.desk.test.store.crm(&self.config).await.expect("a CRM") {
            Crm::Builtin => None,
            Crm::Dynamics(connected) => connected.broken.map(|why| (why, connected.broken_by)),
        }
    }

    /// The daily look comes now.
    async fn look(&self) {
        let soon = "UPDATE crm_connection SET checked_at = 0";
        self.desk.test.sql(soon).await;
        let store = &self.desk.test.store;
        keep_up(store, &self.config).await.expect("a look");
    }

    async fn said_to_be_broken(&self) -> i64 {
        let sql = "SELECT count(*) AS n FROM audit_event WHERE action = 'crm-broken'";
        self.desk.test.count(sql).await
    }
}

async fn a_lost_right_is_said_once_and_only_the_work_finds_that_it_is_back(test: TestStore) {
    let office = Office::new(test).await;
    let right = |what: &str| json!({ what: ["prvCreateLead"] });
    office.control("POST", "users", right("revoke")).await;
    let all = (0i64..).zip(EMAILS);
    let all = all.map(|(n, email)| response(&format!("r{n}"), NOW + n, email));
    office.arrive(all.collect()).await;
    let (why, by) = office.broken().await.expect("nothing can be sent");
    assert_eq!(by, FoundBy::Work, "{why}");

    // A look finds nothing wrong, which proves nothing about writing.
    for _ in 0..3 {
        office.look().await;
        let asked = office.journal().await.len();
        let round = office.organization.round().await.expect("a round");
        assert!(matches!(round, Round::Wait(_)), "{round:?}");
        assert_eq!(office.journal().await.len(), asked, "it rests");
        assert_eq!(office.broken().await.expect("still").0, why);
    }
    assert_eq!(office.said_to_be_broken().await, 1);

    // After a while, or a restart, the work is tried again: in vain, and then well.
    office.organization.leave().await.expect("left");
    let store = office.desk.test.store.clone();
    let tried = Organization::new(store.clone(), office.config.clone(), "two");
    let now = "UPDATE lead SET deliver_at = 0 WHERE deliver_at IS NOT NULL";
    office.desk.test.sql(now).await;
    tried.round().await.expect("a round");
    assert!(office.broken().await.is_some());
    tried.leave().await.expect("left");
    office.control("POST", "users", right("grant")).await;
    office.desk.test.sql(now).await;
    let tried = Organization::new(store, office.config.clone(), "three");
    while tried.round().await.expect("a round") == Round::Done {}
    assert_eq!(office.broken().await, None);
    assert_eq!(office.desk.became("r0").await, CREATED);
    assert_eq!(office.said_to_be_broken().await, 1);
}
on_both!(a_lost_right_is_said_once_and_only_the_work_finds_that_it_is_back);

async fn what_a_look_finds_the_next_look_clears(test: TestStore) {
    let office = Office::new(test).await;
    office.faults(json!({ "optimistic": false })).await;
    office.look().await;
    let (why, by) = office.broken().await.expect("nothing can be sent");
    assert!(why.contains("Optimistic concurrency"), "{why}");
    assert_eq!(by, FoundBy::Look);
    office.faults(json!({ "optimistic": true })).await;
    office.look().await;
    assert_eq!(office.broken().await, None);
}
on_both!(what_a_look_finds_the_next_look_clears);
