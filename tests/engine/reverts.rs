//! What one attempt changed in a lead is taken back, on both databases.

use leadline::error::Kind;
use leadline::store::access::{Salesperson, Signed};
use leadline::store::people::NewPerson;
use leadline::store::reverts::AttemptId;
use leadline::store::views::lead::Happening;

use crate::on_both;
use crate::process::response;
use crate::support::TestStore;

const NOW: i64 = 1_780_000_000_000;
const LATER: i64 = 2_000_000_000_000;

struct World {
    test: TestStore,
    ada: Signed,
    sam: Salesperson,
}

/// A lead of Sam's: made by a submission, changed by another one.
async fn world(test: TestStore) -> World {
    let account = test.account().await;
    let mut signed = Vec::new();
    for (name, administrator) in [("Ada", true), ("Sam", false)] {
        let new = NewPerson {
            email: &format!("{name}@example.com"),
            name,
            password: "a long and quiet evening",
            administrator,
            salesperson: !administrator,
        };
        let person = test.store.create_person(new, NOW).await.expect("made");
        signed.push(Signed::new(test.store.clone(), person));
    }
    let page = vec![
        response("first", NOW, "ann@x.example", "Cook"),
        response("second", NOW + 10, "ANN@x.example", "Chef"),
    ];
    test.arrive(account, page).await;
    test.decide().await;
    test.sql("UPDATE lead SET owner_id = 2").await;
    World {
        sam: signed[1].salesperson().expect("a salesperson"),
        ada: signed.swap_remove(0),
        test,
    }
}

impl World {
    async fn submission(&self, id: &str) -> i64 {
        let sql = format!("SELECT id AS n FROM submission WHERE linkedin_id = '{id}'");
        self.test.count(&sql).await
    }

    async fn attempt(&self, id: &str, number: i64) -> AttemptId {
        let submission = self.submission(id).await;
        AttemptId { submission, number }
    }

    async fn lead(&self) -> i64 {
        self.test.count("SELECT id AS n FROM lead").await
    }

    async fn job(&self) -> String {
        let reader = self.ada.reader().expect("a reader");
        let lead = reader.find_lead(self.lead().await).await.expect("the lead");
        lead.fields.get("jobtitle").cloned().unwrap_or_default()
    }
}

on_both!(an_attempt_s_changes_are_taken_back_for_good);
async fn an_attempt_s_changes_are_taken_back_for_good(test: TestStore) {
    let world = world(test).await;
    let (lead, second) = (world.lead().await, world.attempt("second", 1).await);
    let seen = world
        .sam
        .find_revertible(lead, second, LATER)
        .await
        .expect("seen");
    assert_eq!(
        (
            seen.why_not,
            seen.reverted.back.len(),
            seen.reverted.kept.len()
        ),
        (None, 1, 0)
    );
    assert_eq!(world.job().await, "Chef", "looking changes nothing");

    let version = Some(seen.lead.version);
    let stale = world.sam.revert_attempt(lead, second, Some(0), LATER).await;
    assert_eq!(stale.expect_err("not what was seen").kind(), Kind::Conflict);
    world
        .sam
        .revert_attempt(lead, second, version, LATER)
        .await
        .expect("taken back");
    assert_eq!(world.job().await, "Cook");
    world.test.sql("UPDATE submission SET due_at = 0").await;
    world.test.decide().await;
    assert_eq!(
        world.job().await,
        "Cook",
        "deciding it again does not write it again"
    );

    let reader = world.ada.reader().expect("a reader");
    let history = reader.find_lead(lead).await.expect("the lead").history;
    let entry = history
        .iter()
        .find(|entry| entry.what == Happening::Reverted);
    let entry = entry.expect("it stands in the history");
    assert_eq!(
        (entry.actor.as_str(), entry.about_id),
        ("Sam", Some(second.submission))
    );
    let told = "SELECT actor_name || ' ' || action || ' ' || after AS t FROM audit_event WHERE noun = 'lead'";
    let expected = format!(
        "Sam reverted {{\"attempt\":1,\"changed\":[\"jobtitle\"],\"submission\":{}}}",
        second.submission
    );
    assert_eq!(world.test.texts(told).await, [expected]);

    let again = world
        .sam
        .revert_attempt(lead, second, None, LATER + 1)
        .await;
    let again = again.expect_err("there is nothing left");
    assert!(again.message().contains("changed again since"), "{again}");
    world
        .test
        .arrive(
            1,
            vec![response("third", NOW + 20, "ann@x.example", "Owner")],
        )
        .await;
    world.test.decide().await;
    assert_eq!(
        world.job().await,
        "Cook",
        "what a person did counts as later than what came before"
    );
    world
        .test
        .arrive(
            1,
            vec![response("fourth", LATER + 9, "ann@x.example", "Owner")],
        )
        .await;
    world.test.decide().await;
    assert_eq!(world.job().await, "Owner", "a later submission changes it");
}

on_both!(the_keys_follow_what_is_taken_back);
async fn the_keys_follow_what_is_taken_back(test: TestStore) {
    let world = world(test).await;
    let lead = world.lead().await;
    let eve = vec![response("third", NOW + 20, "eve@x.example", "Chef")];
    world.test.arrive(1, eve).await;
    let belongs = format!("UPDATE submission SET lead_id = {lead} WHERE linkedin_id = 'third'");
    world.test.sql(&belongs).await;
    world.test.decide().await;
    let key = "SELECT value AS t FROM lead_key";
    assert_eq!(world.test.texts(key).await, ["eve@x.example"]);
    let attempt = world.attempt("third", 1).await;
    world
        .sam
        .revert_attempt(lead, attempt, None, LATER)
        .await
        .expect("taken back");
    assert_eq!(world.test.texts(key).await, ["ann@x.example"]);
}

on_both!(what_cannot_be_taken_back_says_why);
async fn what_cannot_be_taken_back_says_why(test: TestStore) {
    let world = world(test).await;
    let lead = world.lead().await;
    let made = world.attempt("first", 1).await;
    let seen = world
        .sam
        .find_revertible(lead, made, LATER)
        .await
        .expect("seen");
    assert!(
        seen.why_not
            .is_some_and(|why| why.contains("a lead is not deleted")),
        "{seen:?}"
    );
    let refused = world.sam.revert_attempt(lead, made, None, LATER).await;
    assert_eq!(refused.expect_err("refused").kind(), Kind::Conflict);
    let none = AttemptId { number: 9, ..made };
    let refused = world.sam.find_revertible(lead, none, LATER).await;
    assert_eq!(refused.expect_err("no such attempt").kind(), Kind::Invalid);

    let second = world.attempt("second", 1).await;
    world.test.sql("UPDATE lead SET owner_id = 1").await;
    for refused in [
        world.sam.find_revertible(lead, second, LATER).await,
        world.sam.revert_attempt(lead, second, None, LATER).await,
    ] {
        assert_eq!(refused.expect_err("not Sam's").kind(), Kind::NotFound);
    }
    let ada = world.ada.salesperson().expect("may do so");
    ada.revert_attempt(lead, second, None, LATER)
        .await
        .expect("an administrator's");
    assert_eq!(world.job().await, "Cook");
}
