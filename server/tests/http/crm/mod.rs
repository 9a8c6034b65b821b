//! Connecting Dynamics 365 by plain HTML forms: proven step by step, confirmed by a person, replaced,
//! left again.

use leadline_sandbox::{Dynamics, DynamicsConfig, Seed, known};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::audit::words;
use crate::journey::first_start;
use crate::support::{Browser, Page, TestApp};

mod in_use;
mod refused;

/// A Leadline and an organization of Dynamics 365, with an administrator at the page.
pub struct Counter {
    pub app: TestApp,
    pub dynamics: Dynamics,
    pub browser: Browser,
}

impl Counter {
    async fn open() -> Counter {
        Counter::open_in(Seed::Empty, &[]).await
    }

    /// With a world of that kind at LinkedIn, and more in the environment.
    pub async fn open_in(seed: Seed, more: &[(&str, &str)]) -> Counter {
        let dynamics = Dynamics::start(DynamicsConfig::default()).await.unwrap();
        let mut environment = settings(&dynamics).to_vec();
        environment.extend(more);
        let (app, browser) = TestApp::start_in(seed, &environment).await;
        first_start(&browser).await;
        Counter {
            app,
            dynamics,
            browser,
        }
    }

    /// Types a connection that works but for what is said, and has it checked.
    async fn connect(&self, but: &[(&str, &str)]) -> Page {
        let page = self.browser.get("/crm").await;
        assert_eq!(page.status, StatusCode::OK);
        let typed = typed(self.dynamics.organization_url(), but);
        self.browser.submit(&page, "url", &typed).await
    }

    /// Does what a button of the page does, and shows where that leads.
    async fn press(&self, path: &str, more: &[(&str, &str)]) -> Page {
        let page = self.browser.get("/crm").await;
        let version = page.values("version").remove(0);
        let mut fields = vec![("version", version.as_str())];
        fields.extend(more);
        let pressed = self.browser.post(path, &fields).await;
        match pressed.leads_to() {
            Some(to) => self.browser.get(to.path()).await,
            None => pressed,
        }
    }

    pub async fn connected(&self) -> Page {
        self.connect(&[]).await;
        self.press("/crm/confirm", &[]).await
    }

    pub async fn control(&self, method: Method, what: &str, body: Value) -> Value {
        let address = format!("{}/control/{what}", self.dynamics.organization_url());
        let sandbox = Browser::new(&address);
        let answer = sandbox.send(sandbox.request(method, "").json(&body)).await;
        assert!(answer.status.is_success(), "{what}: {}", answer.text);
        serde_json::from_str(&answer.text).unwrap()
    }

    /// How many leads the organization has.
    async fn leads(&self) -> usize {
        let rows = self.control(Method::GET, "rows/lead", json!({})).await;
        rows["rows"].as_array().unwrap().len()
    }
}

/// What connects a server with this stand-in.
pub fn settings(dynamics: &Dynamics) -> [(&str, &str); 2] {
    [
        (
            "LEADLINE_DATAVERSE__AUTHORITY_URL",
            dynamics.authority_url(),
        ),
        ("LEADLINE_DATAVERSE__ALLOWED_HOSTS", "127.0.0.1"),
    ]
}

/// A connection as it is typed.
pub fn typed<'a>(url: &'a str, but: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut typed = vec![
        ("url", url),
        ("client_id", known::CLIENT),
        ("tenant", ""),
        ("client_secret", known::SECRET),
    ];
    typed.retain(|(name, _)| but.iter().all(|(other, _)| other != name));
    typed.extend(but);
    typed
}

/// What the steps say: each with its badge and its words.
fn steps(page: &Page) -> Vec<String> {
    let (_, list) = page.text.split_once("class=\"step-list\"").unwrap();
    let (list, _) = list.split_once("</ol>").unwrap();
    let items = list.split("<li").skip(1).map(|item| {
        let parts = item.split('<').skip(1);
        let texts = parts.filter_map(|part| part.split_once('>').map(|(_, text)| text.trim()));
        let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
        texts.join(" | ")
    });
    items.collect()
}

#[tokio::test]
async fn an_organization_is_proven_step_by_step_and_confirmed_by_a_person() {
    let counter = Counter::open().await;
    let before = counter.browser.get("/crm").await;
    assert!(words(&before).contains("built-in lead store"));

    let proven = counter.connect(&[("expires", "2099-06-30")]).await;
    assert_eq!(proven.status, StatusCode::OK);
    let steps = steps(&proven);
    assert_eq!(steps.len(), 8, "{steps:?}");
    for (step, label) in steps.iter().zip([
        "Address | Proven",
        "Tenant | Proven",
        "Token | Proven",
        "Application user | Proven",
        "Organization | Proven",
        "Lead columns | Proven",
        "Reading | Proven",
        "Writing | Left out",
    ]) {
        assert!(step.starts_with(label), "{step}");
    }
    let told = words(&proven);
    for shown in [
        known::ORGANIZATION_NAME,
        known::ORGANIZATION,
        known::TENANT,
        "Is this your organization",
        "No lead is here yet",
    ] {
        assert!(told.contains(shown), "{shown}: {told}");
    }
    assert!(!proven.text.contains("s3cr3t"), "the secret is not shown");
    assert_eq!(counter.leads().await, 5, "nothing was written");

    let confirmed = counter.press("/crm/confirm", &[]).await;
    let told = words(&confirmed);
    assert!(
        told.contains("Confirmed.") && told.contains("Connected"),
        "{told}"
    );
    let audit = counter.browser.get("/audit").await;
    assert!(words(&audit).contains("made Contoso Sales the CRM"));
    assert!(!audit.text.contains("s3cr3t"));
}
