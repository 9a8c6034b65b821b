//! The proof of a connection against an organization in which something is not as it should be.

use leadline::crm::proof::{Proof, Step};
use leadline::error::Kind;
use leadline::store::crm::NewCredential;
use leadline::sync::crm::{check, keep_up, read_fields, replace_credential};
use leadline_sandbox::known;
use serde_json::{Value, json};

use crate::office::Office;
use crate::on_both;
use crate::support::TestStore;

impl Office {
    async fn version(&self) -> i64 {
        let sql = "SELECT version AS n FROM crm_connection";
        self.desk.test.count(sql).await
    }

    /// An administrator checks the connection again.
    async fn prove(&self, write: bool) -> Proof {
        let administrator = &self.desk.administrator;
        let proof = check(administrator, &self.config, self.version().await, write);
        proof.await.expect("an answer")
    }

    async fn probes(&self) -> usize {
        let leads = self.there().await.into_values();
        let probe = |lead: &Value| lead["lastname"] == "Leadline probe";
        leads.filter(probe).count()
    }

    async fn fails(&self, endpoint: &str, kind: &str) {
        let error = json!({ "endpoint": endpoint, "kind": kind, "times": 1 });
        // The same error once more strikes once more.
        for errors in [json!([]), json!([error])] {
            self.faults(json!({ "errors": errors })).await;
        }
    }
}

/// Where a proof failed, and what it says.
fn failed(proof: &Proof) -> (Step, &str) {
    let failed = proof.failed().expect("a step that failed");
    (failed.step, &failed.message)
}

async fn leads_that_would_be_overwritten_are_no_proven_table(test: TestStore) {
    let office = Office::new(test).await;
    office.faults(json!({ "optimistic": false })).await;
    let proof = office.prove(false).await;
    let (step, says) = failed(&proof);
    assert_eq!(step, Step::Fields);
    assert!(says.contains("Switch it on for the table Lead"), "{says}");
    office.faults(json!({ "optimistic": true })).await;
    assert!(office.prove(true).await.is_whole());
}
on_both!(leads_that_would_be_overwritten_are_no_proven_table);

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_whose_answer_was_lost_is_deleted_or_named() {
    let office = Office::new(TestStore::sqlite().await).await;
    let delete = |what: &str| json!({ what: ["prvDeleteLead"] });
    office.control("POST", "users", delete("grant")).await;
    office.fails("PATCH leads", "reset_after_commit").await;
    let proof = office.prove(true).await;
    let (step, says) = failed(&proof);
    assert_eq!(step, Step::Writing);
    assert!(
        says.contains("was lost") && !says.contains("Missing"),
        "{says}"
    );
    assert!(!says.contains("Leadline probe"), "nothing is left: {says}");
    assert_eq!(office.probes().await, 0);

    office.control("POST", "users", delete("revoke")).await;
    office.fails("PATCH leads", "reset_after_commit").await;
    let proof = office.prove(true).await;
    let (_, says) = failed(&proof);
    assert!(says.contains("“Leadline probe” may be left"), "{says}");
    assert_eq!(office.probes().await, 1);

    let create = json!({ "revoke": ["prvCreateLead"] });
    office.control("POST", "users", create).await;
    let proof = office.prove(true).await;
    let (_, says) = failed(&proof);
    assert!(says.contains("Missing: Create on the table Lead"), "{says}");
    assert!(!says.contains("may be left"), "nothing was made: {says}");
}

async fn while_the_organization_asks_to_wait_nobody_asks_it(test: TestStore) {
    let office = Office::new(test).await;
    let store = &office.desk.test.store;
    office.faults(json!({ "retry_after": 300 })).await;
    office.fails("WhoAmI", "429_requests").await;
    assert_eq!(failed(&office.prove(false).await).0, Step::User);
    let left = store.crm_paused_until().await.expect("a moment") - store.clock().await.expect("it");
    assert!((290_000..=300_000).contains(&left), "{left}");

    let asked = office.journal().await.len();
    let administrator = &office.desk.administrator;
    let (config, version) = (&office.config, office.version().await);
    let as_before = NewCredential {
        credential: None,
        expires_at: None,
    };
    let refused = [
        check(administrator, config, version, false).await.err(),
        replace_credential(administrator, config, version, known::CLIENT, &as_before)
            .await
            .err(),
        read_fields(administrator, config).await.err(),
    ];
    for error in refused {
        let error = error.expect("refused");
        assert_eq!(error.kind(), Kind::Conflict);
        assert!(
            error.message().ends_with("Try again in 5 minutes."),
            "{error:?}"
        );
    }
    assert_eq!(office.journal().await.len(), asked);

    // A look keeps what it is told too, and a shorter wait does not cut a longer one.
    let over = "UPDATE crm_worker SET paused_until = 0";
    let soon = "UPDATE crm_connection SET checked_at = 0";
    office.desk.test.sql(over).await;
    office.desk.test.sql(soon).await;
    office.fails("WhoAmI", "429_requests").await;
    keep_up(store, config).await.expect("a look");
    let until = store.crm_paused_until().await.expect("a moment");
    assert!(until > store.clock().await.expect("a clock") + 290_000);
    store.save_crm_pause(until - 60_000).await.expect("kept");
    assert_eq!(store.crm_paused_until().await.expect("it"), until);
    store.save_crm_pause(until + 60_000).await.expect("kept");
    assert_eq!(store.crm_paused_until().await.expect("it"), until + 60_000);
}
on_both!(while_the_organization_asks_to_wait_nobody_asks_it);
