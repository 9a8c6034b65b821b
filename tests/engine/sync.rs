//! Every submission arrives, exactly once, whatever LinkedIn's pages look like.

use leadline::sync::Settings;
use leadline_sandbox::Seed;
use serde_json::json;

use crate::on_both;
use crate::support::TestStore;
use crate::world::World;

const MANY: Seed = Seed::Load {
    leads: 20_000,
    persons: 16_000,
};

on_both!(twenty_thousand_arrive_exactly_and_a_second_full_sync_writes_nothing);
async fn twenty_thousand_arrive_exactly_and_a_second_full_sync_writes_nothing(test: TestStore) {
    let world = World::connected(test, MANY).await;
    let faults = json!({
        "short_pages": {"probability": 0.1}, "omit_next": true, "omit_total": true, "duplicates": 0.2,
        "page_drift": {"every": 7, "mode": "skip"},
    });
    world.control("PATCH", "faults", faults).await;
    let worker = world.worker("one", Settings::default()).await;
    worker.run_until_idle().await.expect("synced");
    assert_eq!(world.test.linkedin_ids().await, world.truth().await);
    let before = world.test.written().await;

    world.read_everything_again().await;
    worker.run_until_idle().await.expect("synced again");
    assert_eq!(world.test.written().await, before);
}

on_both!(what_a_member_may_not_read_stops_nothing_else);
async fn what_a_member_may_not_read_stops_nothing_else(test: TestStore) {
    let world = World::connected(test, Seed::Empty).await;
    let analyst = json!({"member": "ada", "organization": 11_223_344, "role": "ANALYST"});
    world.control("POST", "roles", analyst).await;
    let form = json!({"organization": 11_223_344, "lead_type": "COMPANY",
        "questions": [{"predefined": "EMAIL", "text": "E-mail"}]});
    world.control("POST", "forms", form).await;
    let lead = json!({"organization": 11_223_344, "lead_type": "COMPANY",
        "answers": {"EMAIL": "ann@x.example"}});
    world.control("POST", "leads", lead).await;
    let worker = world.worker("one", Settings::default()).await;
    worker.run_until_idle().await.expect("synced");
    let leads = "SELECT count(*) AS n FROM lead WHERE email = 'ann@x.example'";
    assert_eq!(world.test.count(leads).await, 1);
    let said = "SELECT count(*) AS n FROM linked_account WHERE kind = 'organization' \
         AND sync_state = 'idle' AND status_detail LIKE 'Event: The LinkedIn member may not read%'";
    assert_eq!(world.test.count(said).await, 1);
}

impl TestStore {
    /// LinkedIn's ids of all submissions, sorted; one that were there twice would be twice in it.
    pub async fn linkedin_ids(&self) -> Vec<String> {
        self.texts("SELECT linkedin_id AS t FROM submission").await
    }

    /// What was written so far, in numbers that change with every write.
    async fn written(&self) -> Vec<i64> {
        let mut numbers = Vec::new();
        for what in [
            "count(*) AS n FROM submission",
            "CAST(sum(attempts) AS bigint) AS n FROM submission",
            "max(received_at) AS n FROM submission",
            "max(processed_at) AS n FROM submission",
            "count(*) AS n FROM lead",
            "CAST(sum(version) AS bigint) AS n FROM lead",
            "CAST(sum(submission_count) AS bigint) AS n FROM lead",
            "max(modified_at) AS n FROM lead",
            "count(*) AS n FROM attempt",
        ] {
            numbers.push(self.count(&format!("SELECT {what}")).await);
        }
        numbers
    }
}
