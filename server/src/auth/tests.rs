use axum::body::Body;
use axum::http::{Method, Request, Response, header};
use axum::routing::RouterIntoService;
use leadline::crm::dynamics::AUTHORITY;
use leadline::http::{Client, Limits, client};
use leadline::linkedin::{LinkedIn, Settings as ApiSettings};
use leadline::oauth::{OAuth, Settings, TokenKeeper};
use leadline::secret::Sealer;
use leadline::store::Store;
use leadline::store::crm::CrmConfig;
use leadline::store::people::NewPerson;
use leadline::sync::Worker;
use leadline_app::{PERSON_ID, PublicSettings};
use leadline_sandbox::{Config, Sandbox, Seed};
use std::sync::Arc;
use tower::ServiceExt;
use tower_sessions::Session;
use url::Url;

use super::*;
use crate::session;

/// 32 bytes, for tests only.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A Leadline in which Ann (1) and Bob (2) can sign in, before a sandbox of LinkedIn.
struct Site {
    store: Store,
    sandbox: Sandbox,
    http: Client,
    routes: RouterIntoService<Body>,
    cookie: String,
    _folder: tempfile::TempDir,
}

impl Site {
    async fn new(client_id: &str) -> Site {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leadline.db");
        let store = Store::open(&format!("sqlite://{}", path.display())).await;
        let store = store.unwrap();
        store.migrate().await.unwrap();
        for email in ["ann@example.com", "bob@example.com"] {
            let new = NewPerson {
                email,
                name: "Somebody",
                password: "a few words in a row",
                administrator: false,
                salesperson: true,
            };
            store.create_person(new, 0).await.unwrap();
        }
        let config = Config {
            seed: Seed::Demo,
            auto_login: Some("ada".to_owned()),
            ..Config::default()
        };
        let sandbox = Sandbox::start(config).await.unwrap();
        let engine = engine(&store, &sandbox, client_id);
        let sign_in = async |session: Session, who: String| {
            let person: i64 = who.parse().unwrap();
            session.insert(PERSON_ID, person).await.unwrap();
        };
        let services = Services {
            api: Arc::default(),
            store: store.clone(),
            settings: Arc::new(PublicSettings::default()),
            worker: engine.worker.handle(),
            organization: engine.worker.organization(),
            sealer: Arc::clone(&engine.sealer),
            crm: engine.crm.clone(),
            mailer: None,
            throttle: Arc::default(),
            assets: Arc::default(),
        };
        let url = Url::parse("http://localhost:3000").unwrap();
        let sealer = Arc::clone(&engine.sealer);
        let routes = leadline_app::routes(routes())
            .post("/become", sign_in)
            .layer(session::layer(store.clone(), sealer, &url))
            .layer(Extension(engine))
            .layer(Extension(services.clone()))
            .with_state(services)
            .into_service();
        let base = sandbox.base_url().parse().unwrap();
        Site {
            http: client(&base, Limits::default()).unwrap(),
            store,
            sandbox,
            routes,
            cookie: String::new(),
            _folder: folder,
        }
    }

    /// A site in which somebody has signed in.
    async fn signed_in(person: i64) -> Site {
        let mut site = Site::new("sandbox-client").await;
        site.sign_in(person).await;
        site
    }

    async fn sign_in(&mut self, person: i64) {
        let request = Request::post("/become").header(header::COOKIE, &self.cookie);
        let request = request.body(Body::from(person.to_string())).unwrap();
        let response = self.routes.clone().oneshot(request).await.unwrap();
        if let Some(cookie) = response.headers().get(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            self.cookie = cookie.to_owned();
        }
    }

    async fn get(&self, path: &str) -> Response<Body> {
        let request = Request::get(path).header(header::COOKIE, &self.cookie);
        let request = request.body(Body::empty()).unwrap();
        self.routes.clone().oneshot(request).await.unwrap()
    }

    /// Leaves for LinkedIn and consents; the path and query with which LinkedIn sends back.
    async fn consented(&self, start: &str) -> String {
        let there = to(&self.get(start).await);
        let asked = self.http.request(Method::GET, there.parse().unwrap());
        let answer = asked.unwrap().send().await.unwrap();
        let back = answer.headers()["location"].to_str().unwrap();
        let back = Url::parse(back).unwrap();
        format!("{}?{}", back.path(), back.query().unwrap())
    }

    async fn arrive(&self, start: &str) -> String {
        to(&self.get(&self.consented(start).await).await)
    }

    async fn faults(&self, wish: serde_json::Value) {
        let url = format!("{}/control/faults", self.sandbox.base_url());
        let told = self.http.request(Method::PATCH, url.parse().unwrap());
        let answer = told.unwrap().json(&wish).send().await.unwrap();
        assert!(answer.status().is_success());
    }

    async fn salesperson(&self, id: i64) -> Salesperson {
        let person = self.store.find_active_person(id).await.unwrap().unwrap();
        Signed::new(self.store.clone(), person)
            .salesperson()
            .unwrap()
    }

    async fn has_profile(&self) -> bool {
        self.salesperson(1).await.own_profile(1).await.is_ok()
    }
}

fn engine(store: &Store, sandbox: &Sandbox, client_id: &str) -> Engine {
    let sealer = Arc::new(Sealer::from_base64(&KEY.into()).unwrap());
    let linkedin = LinkedIn::new(ApiSettings {
        api_url: sandbox.base_url(),
        ..ApiSettings::default()
    });
    let mut scopes = Settings::default().scopes;
    scopes.extend(["openid".to_owned(), "profile".to_owned()]);
    let oauth = OAuth::new(Settings {
        client_id: client_id.to_owned(),
        client_secret: "sandbox-client-secret".into(),
        auth_url: format!("{}/oauth/v2", sandbox.base_url()),
        redirect_url: "http://localhost:3000/auth/linkedin/callback".to_owned(),
        scopes,
    });
    let (linkedin, oauth) = (linkedin.unwrap(), oauth.unwrap());
    let keeper = TokenKeeper::new(store.clone(), Arc::clone(&sealer), oauth.clone());
    let settings = leadline::sync::Settings::default();
    let crm = CrmConfig {
        sealer: Arc::clone(&sealer),
        authority: AUTHORITY.parse().unwrap(),
        allowed_hosts: Vec::new(),
        requests: 6_000,
    };
    Engine {
        worker: Worker::new(
            store.clone(),
            linkedin.clone(),
            keeper.clone(),
            crm.clone(),
            settings,
            "test",
        ),
        keeper,
        crm,
        store: store.clone(),
        sealer,
        linkedin,
        oauth,
    }
}

/// Where a response sends.
fn to(response: &Response<Body>) -> String {
    assert_eq!(response.status(), 303);
    let to = response.headers()[header::LOCATION].to_str();
    to.unwrap().to_owned()
}

#[tokio::test]
async fn a_consent_becomes_a_profile_with_its_accounts() {
    let site = Site::signed_in(1).await;
    assert_eq!(
        site.arrive("/auth/linkedin/start").await,
        "/profiles/1/accounts"
    );
    let ann = site.salesperson(1).await;
    let profile = ann.own_profile(1).await.unwrap();
    assert!(profile.member_id.is_some(), "the scope openid was granted");
    assert!(profile.confirmed_at.is_none());
    // The accounts are there already: the first of them can be chosen.
    ann.choose_accounts(1, &[1], 0).await.unwrap();
}

#[tokio::test]
async fn an_answer_of_linkedins_counts_once_and_for_one_person() {
    let mut site = Site::signed_in(1).await;
    let back = site.consented("/auth/linkedin/start").await;
    assert_eq!(to(&site.get(&back).await), "/profiles/1/accounts");
    let wrong = "/profiles?error=wrong_state";
    assert_eq!(to(&site.get(&back).await), wrong, "the second time");

    let back = site.consented("/auth/linkedin/start").await;
    let forged = "/auth/linkedin/callback?code=x&state=y";
    assert_eq!(to(&site.get(forged).await), wrong, "another state");
    assert_eq!(
        to(&site.get(&back).await),
        wrong,
        "the forged one used it up"
    );

    let back = site.consented("/auth/linkedin/start").await;
    site.sign_in(2).await;
    assert_eq!(to(&site.get(&back).await), wrong, "another person");
    site.cookie.clear();
    let late = to(&site.get(&back).await);
    assert_eq!(
        late, "/profiles?error=expired_state",
        "nobody, and no code in it"
    );
}

#[tokio::test]
async fn whatever_goes_wrong_leaves_no_half_made_profile() {
    let site = Site::signed_in(1).await;
    let start = "/auth/linkedin/start";
    let cases = [
        (
            serde_json::json!({"consent": "auto_cancel_authorize"}),
            "cancelled",
        ),
        (
            serde_json::json!({"consent": "unauthorized_scope"}),
            "unapproved_scope",
        ),
        (
            serde_json::json!({"consent": "auto_allow",
                "errors": [{"endpoint": "/oauth/v2/accessToken", "kind": "503"}]}),
            "linkedin_unavailable",
        ),
    ];
    for (faults, code) in cases {
        site.faults(faults).await;
        assert_eq!(site.arrive(start).await, format!("/profiles?error={code}"));
        assert!(!site.has_profile().await);
    }
    let mut site = Site::new("").await;
    let way_in = to(&site.get(start).await);
    assert!(way_in.starts_with("/sign-in?next="), "{way_in}");
    site.sign_in(1).await;
    let there = to(&site.get(start).await);
    assert_eq!(there, "/profiles?error=not_configured");
}

#[tokio::test]
async fn an_outage_of_the_api_does_not_cost_the_profile() {
    let site = Site::signed_in(1).await;
    let fault = serde_json::json!({"errors": [{"endpoint": "adAccounts", "kind": "503"}]});
    site.faults(fault).await;
    assert_eq!(
        site.arrive("/auth/linkedin/start").await,
        "/profiles/1/accounts"
    );
    assert!(site.has_profile().await);
}

#[tokio::test]
async fn authorizing_again_is_for_the_owner_and_the_same_member() {
    let mut site = Site::signed_in(1).await;
    site.arrive("/auth/linkedin/start").await;
    let again = "/auth/linkedin/start?profile=1";
    assert_eq!(
        site.arrive(again).await,
        "/profiles/1/accounts",
        "not confirmed yet"
    );
    let ann = site.salesperson(1).await;
    ann.confirm_profile(1, "builtin", 0).await.unwrap();
    assert_eq!(site.arrive(again).await, "/profiles/1");

    let other = serde_json::json!({"consent": "auto_allow", "consent_member": "bea"});
    site.faults(other).await;
    let mismatch = "/profiles?error=member_mismatch";
    assert_eq!(site.arrive(again).await, mismatch);

    site.sign_in(2).await;
    assert_eq!(site.get(again).await.status(), 404);
}
