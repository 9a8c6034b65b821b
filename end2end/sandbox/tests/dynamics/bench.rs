//! A started stand-in, a client, and the few calls all tests make.

use leadline_sandbox::{Dynamics, DynamicsConfig, known};
use reqwest::RequestBuilder;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

/// An answer, read.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub async fn of(request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer {
            status,
            headers,
            text: response.text().await.unwrap(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Status and code of an error.
    pub fn error(&self) -> (u16, String) {
        let code = self.json()["error"]["code"].as_str().map(str::to_owned);
        (self.status, code.unwrap_or_default())
    }

    pub fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap().to_owned()
    }

    /// The id in `OData-EntityId`.
    pub fn id(&self) -> String {
        let address = self.header("odata-entityid");
        let (_, id) = address
            .rsplit_once('(')
            .unwrap_or_else(|| panic!("{self:?}"));
        id.trim_end_matches(')').to_owned()
    }
}

pub fn error(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

pub struct Bench {
    pub dynamics: Dynamics,
    pub client: reqwest::Client,
    pub token: String,
}

impl Bench {
    #[expect(
        clippy::disallowed_methods,
        reason = "the sandbox shares no code with the engine"
    )]
    pub async fn start() -> Bench {
        let dynamics = Dynamics::start(DynamicsConfig::default()).await.unwrap();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        let mut bench = Bench {
            dynamics,
            client,
            token: String::new(),
        };
        bench.token = bench.token_of(known::CLIENT).await;
        bench
    }

    /// A token without asking Entra ID.
    pub async fn token_of(&self, client: &str) -> String {
        let token = self
            .control("POST", "tokens", json!({ "client": client }))
            .await;
        token["access_token"].as_str().unwrap().to_owned()
    }

    /// Calls as another application from now on.
    pub async fn becomes(mut self, client: &str) -> Bench {
        self.token = self.token_of(client).await;
        self
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.dynamics.organization_url())
    }

    /// A call with everything Dataverse wants.
    pub fn call(&self, method: &str, path: &str) -> RequestBuilder {
        let url = self.url(&format!("/api/data/v9.2/{path}"));
        self.client
            .request(method.parse().unwrap(), url)
            .bearer_auth(&self.token)
            .header("Accept", "application/json")
            .header("OData-MaxVersion", "4.0")
            .header("OData-Version", "4.0")
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.call("GET", path)).await
    }

    /// GET that must succeed.
    pub async fn ok(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.call("POST", path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.call("PATCH", path).json(&body)).await
    }

    /// PATCH with one more header.
    pub async fn patch_if(&self, path: &str, header: (&str, &str), body: Value) -> Answer {
        let call = self.call("PATCH", path).header(header.0, header.1);
        Answer::of(call.json(&body)).await
    }

    /// A new lead; answers its id.
    pub async fn lead(&self, body: Value) -> String {
        let answer = self.post("leads", body).await;
        assert_eq!(answer.status, 204, "{}", answer.text);
        answer.id()
    }

    pub async fn etag(&self, id: &str) -> String {
        let lead = self.ok(&format!("leads({id})?$select=leadid")).await;
        lead["@odata.etag"].as_str().unwrap().to_owned()
    }

    pub async fn try_control(&self, method: &str, path: &str, body: Value) -> Answer {
        let url = self.url(&format!("/control/{path}"));
        let request = self.client.request(method.parse().unwrap(), url);
        let request = match method {
            "GET" => request,
            _ => request.json(&body),
        };
        Answer::of(request).await
    }

    pub async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.try_control(method, path, body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    pub async fn faults(&self, patch: Value) {
        self.control("PATCH", "faults", patch).await;
    }

    /// Injects one kind of error, once.
    pub async fn once(&self, endpoint: &str, kind: &str) {
        let rule = json!({ "endpoint": endpoint, "kind": kind, "times": 1 });
        self.faults(json!({ "errors": [rule] })).await;
    }

    pub async fn advance(&self, seconds: f64) {
        let body = json!({ "advance_seconds": seconds });
        self.control("POST", "clock", body).await;
    }

    /// The requests of the journal.
    pub async fn journal(&self) -> Vec<Value> {
        let journal = self.control("GET", "journal", Value::Null).await;
        journal["requests"].as_array().unwrap().clone()
    }

    /// A text column and an alternate key on it, as a customer's solution brings them.
    pub async fn with_key(self) -> Bench {
        self.control(
            "POST",
            "columns",
            json!({ "@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata",
                "SchemaName": "new_LinkedInResponseId", "MaxLength": 100 }),
        )
        .await;
        self.control(
            "POST",
            "keys",
            json!({ "SchemaName": "new_LinkedInKey", "KeyAttributes": ["new_linkedinresponseid"] }),
        )
        .await;
        self
    }
}
