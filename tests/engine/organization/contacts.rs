//! The contacts of leads that are made.

use std::collections::BTreeSet;

use leadline::matching::{Contacts, Strategy};
use leadline::store::strategies::VersionedStrategy;
use serde_json::{Value, json};

use super::{CREATED, Office};
use crate::desk::{NOW, response};
use crate::on_both;
use crate::support::TestStore;

impl Office {
    async fn all_contacts(&self) -> Vec<Value> {
        let rows = self.control("GET", "rows/contact", Value::Null).await;
        rows["rows"].as_array().expect("rows").clone()
    }

    /// Every submission gets a lead of its own, and its person's contact.
    async fn a_lead_for_each(&self) {
        let administrator = &self.desk.administrator;
        let strategies = administrator.list_strategies().await.expect("strategies");
        let view = strategies.into_iter().next().expect("a strategy");
        let changed = VersionedStrategy {
            strategy: Strategy {
                fields: Vec::new(),
                always_create: true,
                contacts: Contacts::LinkOrCreate,
                ..view.strategy
            },
            active: true,
            version: view.version,
        };
        let saved = administrator.save_strategy(&changed, NOW).await;
        saved.expect("saved");
    }
}

async fn two_leads_of_one_person_that_are_made_at_once_share_one_contact(test: TestStore) {
    let office = Office::new(test).await;
    office.a_lead_for_each().await;
    let before = office.all_contacts().await.len();
    // Slow enough that each looks for the contact before another has made it.
    office.faults(json!({ "latency_ms": 200 })).await;
    let spellings = [
        "new@harbor.example",
        "New@Harbor.example",
        "new@harbor.example ",
    ];
    let both = (0i64..).zip(spellings);
    let both = both.map(|(n, email)| response(&format!("r{n}"), NOW + n, email));
    office.arrive(both.collect()).await;

    let leads = office.of("new@harbor.example").await;
    assert_eq!(leads.len(), 3, "each submission has its lead");
    let linked: BTreeSet<String> = leads
        .iter()
        .map(|lead| lead["parentcontactid"]["id"].to_string())
        .collect();
    assert_eq!(linked.len(), 1, "{linked:?}");
    assert!(!linked.contains("null"), "{linked:?}");
    assert_eq!(office.all_contacts().await.len(), before + 1);
    assert_eq!(office.desk.became("r2").await, CREATED);
}
on_both!(two_leads_of_one_person_that_are_made_at_once_share_one_contact);

async fn a_contact_that_became_somebody_elses_is_not_linked(test: TestStore) {
    let office = Office::new(test).await;
    office.a_lead_for_each().await;
    office
        .arrive(vec![response("r1", NOW, "new@harbor.example")])
        .await;
    let made = office.all_contacts().await;
    let made = made
        .iter()
        .find(|row| row["values"]["emailaddress1"] == "new@harbor.example");
    let made = made.expect("a contact")["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let path = format!("rows/contact/{made}");
    let other = json!({ "emailaddress1": "other@harbor.example" });
    office.control("PATCH", &path, other).await;

    let before = office.all_contacts().await.len();
    office
        .arrive(vec![response("r2", NOW + 1, "new@harbor.example")])
        .await;
    assert_eq!(
        office.all_contacts().await.len(),
        before + 1,
        "one of its own"
    );
    let leads = office.of("new@harbor.example").await;
    let links = leads
        .iter()
        .map(|lead| lead["parentcontactid"]["id"].clone());
    let links: Vec<Value> = links.filter(|id| *id == json!(made)).collect();
    assert_eq!((leads.len(), links.len()), (2, 1));
}
on_both!(a_contact_that_became_somebody_elses_is_not_linked);
