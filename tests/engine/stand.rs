//! A person of Leadline's before a sandbox of LinkedIn: consent, profiles, the keeper of tokens.

use std::sync::Arc;

use http::Method;
use leadline::http::{Client, Limits, client};
use leadline::linkedin::{Failure, LinkedIn, Settings as ApiSettings};
use leadline::oauth::{ConsentError, Grant, OAuth, Settings, TokenKeeper, Tokens};
use leadline::secret::Sealer;
use leadline::store::Store;
use leadline::store::access::{Administrator, Salesperson, Signed};
use leadline::store::accounts::{AccountKind, FoundAccount};
use leadline_sandbox::{Config, Sandbox, Seed};
use serde_json::{Value, json};
use url::Url;

use crate::support::TestStore;

/// 32 bytes, for tests only.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// An hour in milliseconds.
pub const HOUR: i64 = 60 * 60 * 1000;

/// Everything that a story of authorizations needs.
pub struct Stand {
    pub test: TestStore,
    pub sandbox: Sandbox,
    pub sealer: Arc<Sealer>,
    pub oauth: OAuth,
    http: Client,
}

impl Stand {
    pub async fn new(test: TestStore) -> Stand {
        let config = Config {
            seed: Seed::Demo,
            ..Config::default()
        };
        let sandbox = Sandbox::start(config).await.expect("a sandbox");
        let base: Url = sandbox.base_url().parse().expect("an address");
        test.sql(
            "INSERT INTO person (id, email, email_key, name, password_hash, administrator, salesperson, disabled, created_at) \
             VALUES (1, 'ann@example.com', 'ann@example.com', 'Ann', '', TRUE, FALSE, FALSE, 0), \
                    (2, 'bob@example.com', 'bob@example.com', 'Bob', '', FALSE, TRUE, FALSE, 0)",
        )
        .await;
        let oauth = oauth(&sandbox, Settings::default().scopes);
        Stand {
            http: client(&base, Limits::default()).expect("a client"),
            sealer: Arc::new(Sealer::from_base64(&KEY.into()).expect("a key")),
            oauth,
            sandbox,
            test,
        }
    }

    /// Ann configures, Bob sells.
    async fn signed(&self, id: i64) -> Signed {
        let person = self.test.store.find_active_person(id).await;
        let person = person.expect("an answer").expect("a person");
        Signed::new(self.test.store.clone(), person)
    }

    pub async fn bob(&self) -> Salesperson {
        self.signed(2).await.salesperson().expect("a salesperson")
    }

    pub async fn ann(&self) -> Salesperson {
        self.signed(1)
            .await
            .salesperson()
            .expect("may authorize too")
    }

    pub async fn administrator(&self) -> Administrator {
        let signed = self.signed(1).await;
        signed.administrator().expect("an administrator")
    }

    pub fn keeper(&self) -> TokenKeeper {
        self.keeper_on(self.test.store.clone())
    }

    /// A keeper on another server's connection to the same database.
    pub async fn keeper_elsewhere(&self) -> TokenKeeper {
        self.keeper_on(Store::open(&self.test.url).await.expect("a second server"))
    }

    fn keeper_on(&self, store: Store) -> TokenKeeper {
        TokenKeeper::new(store, Arc::clone(&self.sealer), self.oauth.clone())
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

    /// How many calls of this path LinkedIn got.
    pub async fn calls(&self, path: &str) -> usize {
        let log = self.control("GET", "requests", Value::Null).await;
        let calls = log["requests"].as_array().expect("a list");
        calls.iter().filter(|call| call["path"] == path).count()
    }

    /// Leaves for LinkedIn, and comes back with the parameters of the redirect.
    pub async fn go_to_linkedin(&self, oauth: &OAuth) -> Back {
        let there = oauth.authorization_url("the-state");
        let there = there.parse().expect("an address");
        let request = self.http.request(Method::GET, there).expect("a place");
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 302);
        let back = answer.headers()["location"].to_str().expect("an address");
        let back = Url::parse(back).expect("an address");
        let given = |name| {
            let mut pairs = back.query_pairs();
            pairs.find(|pair| pair.0 == name).map(|p| p.1.into_owned())
        };
        assert_eq!(given("state").as_deref(), Some("the-state"));
        given("code").ok_or_else(|| ConsentError::from_callback(&given("error").expect("an error")))
    }

    /// Consents as this member.
    pub async fn consent(&self, member: &str) -> Tokens {
        let wish = json!({"consent": "auto_allow", "consent_member": member});
        self.control("PATCH", "faults", wish).await;
        let code = self.go_to_linkedin(&self.oauth).await.expect("a code");
        self.oauth.exchange(&code).await.expect("tokens")
    }

    /// A confirmed profile, by which the account `account_id` is read.
    pub async fn connected(&self, owner: &Salesperson, member: &str, now: i64) -> i64 {
        let tokens = self.consent(member).await;
        let made = owner.create_profile(&tokens, None, &self.sealer, now).await;
        let profile = made.expect("a profile");
        let found = [account()];
        let store = &self.test.store;
        let saved = store.save_found_accounts(profile, &found, now).await;
        saved.expect("saved");
        let account = self.account_id().await;
        let chosen = owner.choose_accounts(profile, &[account], now).await;
        chosen.expect("chosen");
        let confirmed = owner.confirm_profile(profile, "builtin", now).await;
        confirmed.expect("confirmed");
        profile
    }

    pub async fn account_id(&self) -> i64 {
        let sql = "SELECT id AS n FROM linked_account";
        self.test.count(sql).await
    }

    /// How LinkedIn refuses a call with this grant.
    pub async fn refusal(&self, grant: &Grant) -> Failure {
        let settings = ApiSettings {
            api_url: self.sandbox.base_url(),
            ..ApiSettings::default()
        };
        let linkedin = LinkedIn::new(settings).expect("a client");
        let answer = linkedin.member(&grant.token).ad_accounts().await;
        answer.expect_err("LinkedIn refuses")
    }

    /// The state of a profile and what its page says about it.
    pub async fn state(&self, profile: i64) -> (String, String) {
        let of = |column| {
            format!("SELECT COALESCE({column}, '') AS t FROM user_profile WHERE id = {profile}")
        };
        let state = self.test.texts(&of("state")).await;
        let detail = self.test.texts(&of("status_detail")).await;
        (state.concat(), detail.concat())
    }
}

/// What a visit to LinkedIn brings: a code, or the reason why there is none.
pub type Back = Result<String, ConsentError>;

/// LinkedIn's authorization server, asked for these permissions.
pub fn oauth(sandbox: &Sandbox, scopes: Vec<String>) -> OAuth {
    OAuth::new(Settings {
        client_id: "sandbox-client".to_owned(),
        client_secret: "sandbox-client-secret".into(),
        auth_url: format!("{}/oauth/v2", sandbox.base_url()),
        redirect_url: "http://localhost/auth/linkedin/callback".to_owned(),
        scopes,
    })
    .expect("a client")
}

fn account() -> FoundAccount {
    FoundAccount {
        urn: "urn:li:sponsoredAccount:501234567".to_owned(),
        kind: AccountKind::AdAccount,
        name: "Ad account".to_owned(),
        linkedin_status: None,
        currency: None,
        test: false,
        organization_urn: None,
        organization_name: None,
        role: None,
    }
}
