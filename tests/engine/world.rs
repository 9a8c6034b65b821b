//! A whole engine without pages: a store, a sandbox of LinkedIn, a member who authorized it.

use std::sync::Arc;

use leadline::crm::dynamics::AUTHORITY;
use leadline::http::{Client, Limits};
use leadline::linkedin::{LinkedIn, Settings as LinkedInSettings};
use leadline::oauth::{OAuth, Settings as OAuthSettings, TokenKeeper};
use leadline::secret::Sealer;
use leadline::store::access::Signed;
use leadline::store::crm::CrmConfig;
use leadline::store::profiles::Tokens;
use leadline::store::{Store, now};
use leadline::sync::organization::Organization;
use leadline::sync::{Settings, Worker, discover};
use leadline_sandbox::{Config, Sandbox, Seed};
use serde_json::{Value, json};

use crate::support::TestStore;

/// 32 bytes, for tests only.
pub const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// What a connection to a CRM needs of the configuration; no story here has one.
fn crm() -> CrmConfig {
    CrmConfig {
        sealer: Arc::new(Sealer::from_base64(&KEY.into()).expect("a key")),
        authority: AUTHORITY.parse().expect("an address"),
        allowed_hosts: Vec::new(),
        requests: 6_000,
    }
}

/// The work with an organization, where leads live in the built-in store.
pub fn no_organization(store: &Store) -> Organization {
    Organization::new(store.clone(), crm(), "nobody")
}

/// Everything that a story of the sync needs.
pub struct World {
    /// The database.
    pub test: TestStore,
    /// LinkedIn's stand-in.
    pub sandbox: Sandbox,
    http: Client,
}

impl World {
    /// A world in which `ada` authorized, confirmed and chose the ad account and the company page.
    pub async fn connected(test: TestStore, seed: Seed) -> World {
        let config = Config {
            seed,
            ..Config::default()
        };
        let sandbox = Sandbox::start(config).await.expect("a sandbox");
        let base = sandbox.base_url().parse().expect("a URL");
        let world = World {
            test,
            http: leadline::http::client(&base, Limits::default()).expect("a client"),
            sandbox,
        };
        world.connect().await;
        world
    }

    /// A worker on the world's database.
    pub async fn worker(&self, holder: &str, settings: Settings) -> Worker {
        let store = Store::open(&self.test.url).await.expect("the store opens");
        Worker::new(
            store.clone(),
            self.linkedin(),
            self.keeper(store),
            crm(),
            settings,
            holder,
        )
    }

    /// Calls the sandbox's control API.
    pub async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let url = format!("{}/control/{path}", self.sandbox.base_url());
        let url = url.parse().expect("an address");
        let method = method.parse().expect("a method");
        let mut request = self.http.request(method, url).expect("a place");
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.expect("JSON")
    }

    /// The ids of all responses that the sandbox has, sorted.
    pub async fn truth(&self) -> Vec<String> {
        let all = self
            .control("GET", "leads?account=501234567", Value::Null)
            .await;
        let mut ids: Vec<String> = all["leads"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|lead| lead["id"].as_str().expect("an id").to_owned())
            .collect();
        ids.sort();
        ids
    }

    /// An administrator has every account read again from the start.
    pub async fn read_everything_again(&self) {
        let ann = "INSERT INTO person (id, email, email_key, name, password_hash, administrator, salesperson, disabled, \
             created_at) VALUES (2, 'ann@x.example', 'ann@x.example', 'Ann', '', TRUE, FALSE, FALSE, 0)";
        self.test.sql(ann).await;
        let store = self.test.store.clone();
        let ann = store.find_active_person(2).await.expect("an answer");
        let ann = Signed::new(store, ann.expect("Ann")).administrator();
        let ids = "SELECT CAST(id AS text) AS t FROM linked_account";
        for id in self.test.texts(ids).await {
            let id = id.parse().expect("an id");
            let administrator = ann.as_ref().expect("an administrator");
            administrator.read_again(id, now()).await.expect("asked");
        }
    }

    fn linkedin(&self) -> LinkedIn {
        LinkedIn::new(LinkedInSettings {
            api_url: self.sandbox.base_url(),
            ..LinkedInSettings::default()
        })
        .expect("a client")
    }

    fn keeper(&self, store: Store) -> TokenKeeper {
        let sealer = Sealer::from_base64(&KEY.into()).expect("a key");
        let oauth = OAuth::new(OAuthSettings {
            client_id: "sandbox-client".to_owned(),
            client_secret: "sandbox-client-secret".into(),
            auth_url: format!("{}/oauth/v2", self.sandbox.base_url()),
            redirect_url: "http://localhost/auth/linkedin/callback".to_owned(),
            scopes: Vec::new(),
        })
        .expect("a client");
        TokenKeeper::new(store, Arc::new(sealer), oauth)
    }

    async fn connect(&self) {
        let answer = self
            .control("POST", "tokens", json!({"member": "ada"}))
            .await;
        let person = self.test.person().await;
        let salesperson = Signed::new(self.test.store.clone(), person)
            .salesperson()
            .expect("a salesperson");
        let tokens = Tokens {
            access: answer["access_token"].as_str().expect("a token").into(),
            access_life: answer["expires_in"].as_i64().map(|seconds| seconds * 1_000),
            refresh: None,
            refresh_life: None,
            scopes: Vec::new(),
        };
        let sealer = Sealer::from_base64(&KEY.into()).expect("a key");
        let profile = salesperson
            .create_profile(&tokens, None, &sealer, now())
            .await
            .expect("a profile");
        let keeper = self.keeper(self.test.store.clone());
        let grant = keeper
            .token_for_profile(profile, now())
            .await
            .expect("an answer")
            .expect("a grant");
        discover::discover_profile(&self.test.store, &self.linkedin(), &grant, now())
            .await
            .expect("kept")
            .expect("LinkedIn answers");
        let ids = "SELECT CAST(id AS text) AS t FROM linked_account \
             WHERE urn IN ('urn:li:sponsoredAccount:501234567', 'urn:li:organization:11223344')";
        let ids = self.test.texts(ids).await;
        let ids: Vec<i64> = ids.iter().map(|id| id.parse().expect("an id")).collect();
        salesperson
            .choose_accounts(profile, &ids, now())
            .await
            .expect("chosen");
        salesperson
            .confirm_profile(profile, "builtin", now())
            .await
            .expect("confirmed");
    }
}
