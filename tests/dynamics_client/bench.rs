//! A started stand-in, a client for it, and a hand on both.

use std::time::Duration;

use leadline::crm::dynamics::{
    Connection, Credential, Dynamics, Failure, Filter, Pace, Record, Settings, Table,
};
use leadline::http::{Client, Limits};
use leadline_sandbox::{Dynamics as Sandbox, DynamicsConfig, known};
use serde_json::{Map, Value, json};
use uuid::Uuid;

pub struct Bench {
    pub sandbox: Sandbox,
    pub dynamics: Dynamics,
    http: Client,
}

impl Bench {
    pub async fn start() -> Bench {
        Bench::paced(Pace::default()).await
    }

    /// With a client that believes in these limits.
    pub async fn paced(pace: Pace) -> Bench {
        let sandbox = Sandbox::start(DynamicsConfig::default()).await.unwrap();
        let connection = connection(&sandbox);
        Bench {
            dynamics: client(&connection, pace),
            http: leadline::http::client(&connection.organization, Limits::default()).unwrap(),
            sandbox,
        }
    }

    pub fn connection(&self) -> Connection {
        connection(&self.sandbox)
    }

    /// Another application's client.
    pub fn as_client(&self, client_id: &str) -> Dynamics {
        let connection = Connection {
            client_id: client_id.to_owned(),
            ..self.connection()
        };
        client(&connection, Pace::default())
    }

    pub async fn control(&self, method: &str, what: &str, wish: Value) -> Value {
        let url = format!("{}/control/{what}", self.sandbox.organization_url());
        let request = self
            .http
            .request(method.parse().unwrap(), url.parse().unwrap());
        let request = match method {
            "GET" => request.unwrap(),
            _ => request.unwrap().json(&wish),
        };
        let response = request.send().await.unwrap();
        assert!(response.status().is_success(), "{what} {wish}");
        response.json().await.unwrap()
    }

    pub async fn faults(&self, knobs: Value) {
        self.control("PATCH", "faults", knobs).await;
    }

    /// Every such request fails so from now on.
    pub async fn fails(&self, endpoint: &str, kind: &str) {
        self.faults(json!({ "errors": [{ "endpoint": endpoint, "kind": kind }] }))
            .await;
    }

    /// The next such request fails so.
    pub async fn fails_once(&self, endpoint: &str, kind: &str) {
        let rule = json!({ "endpoint": endpoint, "kind": kind, "times": 1 });
        self.faults(json!({ "errors": [rule] })).await;
    }

    /// What was asked, in the order in which it was answered.
    pub async fn journal(&self) -> Vec<Value> {
        let journal = self.control("GET", "journal", Value::Null).await;
        journal["requests"].as_array().unwrap().clone()
    }

    pub async fn forget_journal(&self) {
        self.control("DELETE", "journal", json!({})).await;
    }

    /// How many requests there were of an endpoint.
    pub async fn count(&self, endpoint: &str) -> usize {
        let journal = self.journal().await;
        journal
            .iter()
            .filter(|entry| entry["endpoint"] == endpoint)
            .count()
    }

    /// Makes a lead that a person made; answers its id.
    pub async fn lead(&self, columns: Value) -> Uuid {
        let made = self.control("POST", "rows/lead", columns).await;
        made["ids"][0].as_str().unwrap().parse().unwrap()
    }

    pub async fn read(&self, id: Uuid, select: &[&str]) -> Option<Record> {
        self.dynamics.read(Table::Leads, id, select).await.unwrap()
    }

    /// The ids of the leads with an e-mail address.
    pub async fn with_email(&self, email: &str) -> Vec<Uuid> {
        let filter = Filter::eq("emailaddress1", email);
        let found = self.dynamics.find(Table::Leads, &filter, &[], 10).await;
        found.unwrap().into_iter().map(|record| record.id).collect()
    }

    /// A read that nothing stands in the way of, unless something was put there.
    pub async fn ask(&self) -> Result<(), Failure> {
        let open = Filter::is_open();
        self.dynamics
            .find(Table::Leads, &open, &[], 1)
            .await
            .map(drop)
    }

    pub async fn done(self) {
        self.sandbox.stop().await;
    }
}

pub fn connection(sandbox: &Sandbox) -> Connection {
    Connection {
        organization: sandbox.organization_url().parse().unwrap(),
        authority: sandbox.authority_url().parse().unwrap(),
        tenant: known::TENANT.to_owned(),
        client_id: known::CLIENT.to_owned(),
        credential: Credential::Secret(known::SECRET.into()),
        allowed_hosts: vec!["127.0.0.1".to_owned()],
    }
}

/// A client that is not patient.
pub fn client(connection: &Connection, pace: Pace) -> Dynamics {
    let limits = Limits {
        total: Duration::from_millis(1500),
        ..Limits::default()
    };
    Dynamics::with(connection, Settings { limits, pace }).unwrap()
}

pub fn columns(columns: Value) -> Map<String, Value> {
    columns.as_object().unwrap().clone()
}

pub fn id(text: &str) -> Uuid {
    text.parse().unwrap()
}
