//! A started sandbox, a client, and the few calls all tests make.

use leadline_sandbox::{Config, Sandbox, Seed};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

pub const VERSION: &str = "202607";
pub const ACCOUNT: u64 = 501_234_567;

/// An answer, read.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub async fn read(response: reqwest::Response) -> Answer {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer {
            status,
            headers,
            text: response.text().await.unwrap(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

pub struct Bench {
    pub sandbox: Sandbox,
    pub client: reqwest::Client,
    pub token: String,
}

impl Bench {
    pub async fn start(seed: Seed) -> Bench {
        Bench::with(Config {
            seed,
            ..Config::default()
        })
        .await
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the sandbox shares no code with the engine"
    )]
    pub async fn with(config: Config) -> Bench {
        let sandbox = Sandbox::start(config).await.unwrap();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        let mut bench = Bench {
            sandbox,
            client,
            token: String::new(),
        };
        bench.token = bench.token_of(json!({})).await;
        bench
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.base_url())
    }

    pub async fn token_of(&self, wish: Value) -> String {
        self.control("POST", "tokens", wish).await["access_token"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method.parse().unwrap(), self.url(path))
    }

    /// A call with everything LinkedIn wants.
    pub fn call(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.request(method, path)
            .header("LinkedIn-Version", VERSION)
            .header("X-Restli-Protocol-Version", "2.0.0")
            .bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::read(self.call("GET", path).send().await.unwrap()).await
    }

    /// GET that must succeed.
    pub async fn ok(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(
            answer.status,
            200,
            "{path}: {} ({})",
            answer.text,
            answer.header("x-sandbox-reason")
        );
        answer.json()
    }

    pub async fn try_control(&self, method: &str, path: &str, body: Value) -> Answer {
        let request = self.request(method, &format!("/control/{path}"));
        let request = if method == "GET" {
            request
        } else {
            request.json(&body)
        };
        Answer::read(request.send().await.unwrap()).await
    }

    pub async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.try_control(method, path, body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    pub async fn faults(&self, patch: Value) {
        self.control("PATCH", "faults", patch).await;
    }

    pub async fn advance(&self, seconds: i64) -> Value {
        self.control("POST", "clock", json!({ "advance_seconds": seconds }))
            .await
    }

    pub async fn now(&self) -> i64 {
        self.control("GET", "clock", Value::Null).await["now"]
            .as_i64()
            .unwrap()
    }

    /// Pages until an empty page, counting on by `count`; all elements in the order they came.
    pub async fn all_leads(&self, more: &str, count: u64) -> Vec<Value> {
        let mut all = Vec::new();
        for page in 0.. {
            let start = page * count;
            let path = format!("{}{more}&count={count}&start={start}", leads_of(ACCOUNT));
            let body = self.ok(&path).await;
            let elements = body["elements"].as_array().unwrap().clone();
            if elements.is_empty() {
                break;
            }
            all.extend(elements);
        }
        all
    }

    /// Ids the truth list has for the account, without those too old to be shown.
    pub async fn truth(&self, test: Option<bool>) -> Vec<String> {
        let oldest = self.now().await - 90 * 86_400_000;
        let list = self
            .control("GET", &format!("leads?account={ACCOUNT}"), Value::Null)
            .await;
        let leads = list["leads"].as_array().unwrap().iter();
        let leads = leads.filter(|lead| lead["submittedAt"].as_i64().unwrap() >= oldest);
        let leads = leads.filter(|lead| test.is_none_or(|test| lead["testLead"] == json!(test)));
        let mut ids: Vec<String> = leads
            .map(|lead| lead["id"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    }
}

/// The finder for sponsored leads of an account.
pub fn leads_of(account: u64) -> String {
    format!(
        "/rest/leadFormResponses?q=owner&owner=(sponsoredAccount:urn%3Ali%3AsponsoredAccount%3A{account})\
         &leadType=(leadType:SPONSORED)"
    )
}

/// Sorted and unique ids of elements.
pub fn ids(elements: &[Value]) -> Vec<String> {
    let mut ids: Vec<String> = elements
        .iter()
        .map(|lead| lead["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids.dedup();
    ids
}
