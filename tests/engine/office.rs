//! A desk whose leads live in an organization, and the organization as it really is.

use std::collections::BTreeMap;
use std::sync::Arc;

use leadline::crm::dynamics::Credential;
use leadline::http::{Client, Limits};
use leadline::matching::{Contacts, Strategy};
use leadline::secret::Sealer;
use leadline::store::crm::{CrmConfig, Draft, NewCredential};
use leadline::store::strategies::VersionedStrategy;
use leadline::sync::crm::check;
use leadline::sync::organization::{Organization, Round};
use leadline_sandbox::known;
use leadline_sandbox::{Dynamics, DynamicsConfig};
use serde_json::Value;

use crate::desk::{Desk, NOW};
use crate::support::TestStore;
use crate::world::KEY;

/// What became of a submission, in the old connector's codes: matching, processing. Its lead was made.
pub const CREATED: &str = "1 1";
/// Its lead was changed.
pub const UPDATED: &str = "2 1";

/// A desk whose leads live in an organization.
pub struct Office {
    pub desk: Desk,
    pub dynamics: Dynamics,
    pub config: CrmConfig,
    pub organization: Organization,
    http: Client,
}

impl Office {
    pub async fn new(test: TestStore) -> Office {
        let office = Office::before_the_switch(test).await;
        office.switch().await;
        office
    }

    /// The organization is there, but leads still live in the built-in store.
    pub async fn before_the_switch(test: TestStore) -> Office {
        let desk = Desk::new(test).await;
        let dynamics = Dynamics::start(DynamicsConfig::default())
            .await
            .expect("a sandbox");
        let url = dynamics.organization_url().parse().expect("a URL");
        let config = CrmConfig {
            sealer: Arc::new(Sealer::from_base64(&KEY.into()).expect("a key")),
            authority: dynamics.authority_url().parse().expect("a URL"),
            allowed_hosts: vec!["127.0.0.1".to_owned()],
            requests: 6_000,
        };
        Office {
            http: leadline::http::client(&url, Limits::default()).expect("a client"),
            organization: Organization::new(desk.test.store.clone(), config.clone(), "one"),
            desk,
            dynamics,
            config,
        }
    }

    /// An administrator connects the organization and confirms it.
    pub async fn switch(&self) {
        let administrator = &self.desk.administrator;
        let draft = Draft {
            url: self.dynamics.organization_url().parse().expect("a URL"),
            tenant: String::new(),
            client_id: known::CLIENT.to_owned(),
            credential: NewCredential {
                credential: Some(Credential::Secret(known::SECRET.into())),
                expires_at: None,
            },
            language: Some(1033),
            version: 0,
        };
        let version = administrator
            .save_crm_draft(&draft, &self.config, NOW)
            .await;
        let version = version.expect("kept");
        let proof = check(administrator, &self.config, version, false).await;
        let proof = proof.expect("an answer");
        assert!(proof.is_whole(), "{:?}", proof.steps);
        let version = self
            .desk
            .test
            .count("SELECT version AS n FROM crm_connection");
        administrator
            .activate_crm(version.await, NOW)
            .await
            .expect("it is the CRM");
    }

    /// Lets responses arrive and works until nothing is left to do.
    pub async fn arrive(&self, responses: Vec<crate::desk::Response>) {
        self.desk.keep(responses).await;
        self.work().await;
    }

    /// Works until there is nothing more to do for now.
    pub async fn work(&self) {
        while self.organization.round().await.expect("a round") == Round::Done {}
    }

    pub async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let url = format!("{}/control/{path}", self.dynamics.organization_url());
        let method = method.parse().expect("a method");
        let request = self.http.request(method, url.parse().expect("an address"));
        let mut request = request.expect("a place");
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a text");
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    /// The leads of the organization by id: the truth.
    pub async fn there(&self) -> BTreeMap<String, Value> {
        let rows = self.control("GET", "rows/lead", Value::Null).await;
        let rows = rows["rows"].as_array().expect("rows").clone();
        rows.into_iter()
            .map(|row| {
                let id = row["id"].as_str().expect("an id").to_owned();
                (id, row["values"].clone())
            })
            .collect()
    }

    /// The leads of the organization with this e-mail address.
    pub async fn of(&self, email: &str) -> Vec<Value> {
        let there = self.there().await.into_values();
        let same = |lead: &Value| {
            let there = lead["emailaddress1"].as_str().unwrap_or_default();
            there.eq_ignore_ascii_case(email)
        };
        there.filter(same).collect()
    }

    /// The answered requests to the organization, `(endpoint, status)`.
    pub async fn journal(&self) -> Vec<Value> {
        let journal = self.control("GET", "journal", Value::Null).await;
        let all = journal["requests"].as_array().expect("a list").clone();
        all.into_iter()
            .filter(|entry| entry["side"] == "dataverse")
            .collect()
    }

    /// Sets what the one strategy does about contacts.
    pub async fn contacts(&self, rule: Contacts) {
        let administrator = &self.desk.administrator;
        let strategies = administrator.list_strategies().await.expect("strategies");
        let view = strategies.into_iter().next().expect("a strategy");
        let changed = VersionedStrategy {
            strategy: Strategy {
                contacts: rule,
                ..view.strategy
            },
            active: true,
            version: view.version,
        };
        administrator
            .save_strategy(&changed, NOW)
            .await
            .expect("saved");
    }

    pub async fn faults(&self, knobs: Value) {
        self.control("PATCH", "faults", knobs).await;
    }
}
