//! Single sign-on, against a provider that is as strict as the standard and as wrong as it is told.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::journey::first_start;
use crate::support::{Books, Browser, Page, TestApp, database};

mod refused;

/// Settings that let groups give both roles.
const MAPPING: [(&str, &str); 2] = [
    (
        "LEADLINE_OIDC__ADMINISTRATOR_GROUPS",
        "Leadline administrators, it",
    ),
    ("LEADLINE_OIDC__SALESPERSON_GROUPS", "sales"),
];

/// A server whose first administrator is Ada, with a provider at which groups give roles.
async fn with_groups() -> (TestApp, Browser) {
    let (app, browser) = TestApp::start_with_provider(&MAPPING).await;
    first_start(&browser).await;
    (app, browser)
}

/// Somebody of the sales department.
fn grace() -> Value {
    json!({ "sub": "grace-1", "email": "grace@example.com", "email_verified": true,
            "name": "Grace Hopper", "groups": ["everybody", "sales"] })
}

/// Ada, as the provider knows her.
fn ada() -> Value {
    json!({ "sub": "ada-1", "email": "ADA@example.com", "email_verified": true,
            "name": "Ada", "groups": ["it"] })
}

/// Says who is signed in at the provider.
async fn provide(app: &TestApp, claims: Value) {
    app.control("oidc", &json!({ "claims": claims })).await;
}

/// Says what else is wrong or told.
async fn provide_with(app: &TestApp, claims: Value, more: Value) {
    let mut wish = json!({ "claims": claims });
    for (name, value) in more.as_object().unwrap() {
        wish[name] = value.clone();
    }
    app.control("oidc", &wish).await;
}

/// Where the provider sends a browser back to that wants to sign in.
async fn answer(browser: &Browser) -> String {
    let there = browser.get("/sign-in/sso").await.leads_to().unwrap();
    assert!(there.path().ends_with("/oidc/authorize"), "{there}");
    browser.get(there.as_str()).await.leads_to().unwrap().into()
}

/// Where a sign-on ends in a new browser.
async fn ends(app: &TestApp) -> String {
    let page = app.browser().visit("/sign-in/sso").await;
    let query = page.url.query().map(|q| format!("?{q}"));
    format!("{}{}", page.url.path(), query.unwrap_or_default())
}

/// Whom the audit log has for an action, and why, newest first.
async fn audited(app: &TestApp, action: &str) -> Vec<String> {
    let books = Books::open(&database(&app.folder)).await;
    let sql = format!(
        "SELECT noun_name || ' ' || coalesce(before, '') || coalesce(after, '') AS t \
         FROM audit_event WHERE action = '{action}' ORDER BY id DESC"
    );
    books.texts(&sql).await
}

fn shows(page: &Page, text: &str) -> bool {
    page.text.contains(text)
}

#[tokio::test]
async fn whoever_is_in_a_group_gets_in_without_an_invitation_and_is_found_again() {
    let (app, administrator) = with_groups().await;
    provide(&app, grace()).await;
    let browser = app.browser();
    let sign_in = browser.visit("/leads?q=x").await;
    let button = sign_in.links("/sign-in/sso");
    let page = browser.visit(&button[0]).await;
    assert_eq!((page.url.path(), page.url.query()), ("/leads", Some("q=x")));
    assert!(shows(&page, "Grace Hopper") && shows(&page, "Salesperson"));
    assert!(page.links("/users").is_empty(), "she does not configure");

    assert_eq!(ends(&app).await, "/", "another browser");
    let books = Books::open(&database(&app.folder)).await;
    let people =
        "SELECT count(*) AS n FROM person WHERE email = 'grace@example.com' AND password_hash = ''";
    assert_eq!(books.count(people).await, 1);
    let made = audited(&app, "created").await;
    assert!(made[0].starts_with("Grace Hopper"), "{made:?}");
    let signed_in = audited(&app, "signed-in").await;
    assert!(signed_in[0].contains("single-sign-on"), "{signed_in:?}");
    assert_eq!(administrator.get("/matching").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_session_that_comes_back_is_a_new_one() {
    let (app, _) = with_groups().await;
    provide(&app, grace()).await;
    let browser = app.browser();
    let cookie = |page: &Page| {
        let all = page.headers.get_all("set-cookie").iter();
        let mut all = all.map(|cookie| cookie.to_str().unwrap());
        let own = all.find(|cookie| cookie.starts_with("leadline=")).unwrap();
        own.split(';').next().unwrap().to_owned()
    };
    let left = browser.get("/sign-in/sso").await;
    let before = cookie(&left);
    let answer = browser.get(left.leads_to().unwrap().as_str()).await;
    let back = browser.get(answer.leads_to().unwrap().as_str()).await;
    assert!(left.header("set-cookie").contains("SameSite=Lax"));
    assert!(!before.is_empty() && cookie(&back) != before);
    let planted = app.browser();
    let request = planted.request(reqwest::Method::GET, "/leads");
    let page = planted.send(request.header("cookie", before)).await;
    assert_eq!(page.leads_to().unwrap().path(), "/sign-in");
}

/// Where a page goes on to by itself.
fn goes_on_to(page: &Page) -> reqwest::Url {
    let refresh = page.header("refresh");
    let to = refresh.strip_prefix("0; url=");
    to.unwrap_or_else(|| panic!("it stays: {}", page.text))
        .parse()
        .unwrap()
}

#[tokio::test]
async fn signing_out_signs_out_at_the_organization_too() {
    let (app, _) = with_groups().await;
    provide(&app, grace()).await;
    let browser = app.browser();
    browser.visit("/sign-in/sso").await;
    let out = browser.post("/sign-out", &[]).await;
    assert_eq!(
        (out.status, out.heading().as_str()),
        (StatusCode::OK, "Signed out")
    );
    let there = goes_on_to(&out);
    assert!(
        out.links(there.as_str()).len() == 1,
        "for browsers that stay"
    );
    let back = browser.get(there.as_str()).await.leads_to().unwrap();
    assert_eq!(back.as_str(), format!("{}/sign-in", app.url));
    assert_eq!(
        browser.get("/leads").await.leads_to().unwrap().path(),
        "/sign-in"
    );
    let nobody = browser.visit("/sign-in/sso").await;
    assert!(shows(&nobody, "Nobody is signed in"), "{}", nobody.text);

    let log = app.log();
    assert!(!log.contains("eyJ"), "a token is in the log:\n{log}");
}

#[tokio::test]
async fn where_the_provider_signs_nobody_out_signing_out_ends_here() {
    let (app, administrator) = with_groups().await;
    let by_password = administrator.post("/sign-out", &[]).await;
    assert_eq!(by_password.leads_to().unwrap().path(), "/sign-in");
    provide_with(&app, grace(), json!({ "fault": "no_end_session" })).await;
    let browser = app.browser();
    browser.visit("/sign-in/sso").await;
    let out = browser.post("/sign-out", &[]).await;
    assert_eq!(out.leads_to().unwrap().path(), "/sign-in");
}

#[tokio::test]
async fn a_new_key_of_the_provider_is_found() {
    let (app, _) = with_groups().await;
    provide(&app, grace()).await;
    assert_eq!(ends(&app).await, "/", "signed with RS256");
    app.control("oidc/rotate", &json!({})).await;
    assert_eq!(ends(&app).await, "/", "signed with ES256");
}

#[tokio::test]
async fn an_existing_person_is_linked_only_when_the_address_is_surely_theirs() {
    let (app, _) = with_groups().await;
    let mut claims = ada();
    claims["email_verified"] = json!(false);
    provide(&app, claims.clone()).await;
    assert_eq!(ends(&app).await, "/sign-in?error=email_not_verified");
    claims.as_object_mut().unwrap().remove("email_verified");
    provide(&app, claims).await;
    assert_eq!(ends(&app).await, "/sign-in?error=email_not_verified");

    provide(&app, ada()).await;
    assert_eq!(ends(&app).await, "/");
    let linked = audited(&app, "changed").await;
    let link = |event: &String| event.contains(r#"{"single_sign_on":true}"#);
    assert!(linked.iter().any(link), "{linked:?}");

    let mut other = ada();
    other["sub"] = json!("mallory-1");
    provide(&app, other).await;
    assert_eq!(ends(&app).await, "/sign-in?error=other_identity");

    // Linked, she is known by her subject, whatever becomes of her address.
    let mut moved = ada();
    moved["email"] = json!("ada@elsewhere.example");
    provide(&app, moved).await;
    assert_eq!(ends(&app).await, "/");
}

#[tokio::test]
async fn the_roles_follow_the_groups_at_every_sign_in() {
    let (app, _) = with_groups().await;
    provide(&app, grace()).await;
    assert_eq!(ends(&app).await, "/");

    let mut promoted = grace();
    promoted["groups"] = json!("it");
    provide(&app, promoted).await;
    let page = app.browser().visit("/sign-in/sso").await;
    assert!(shows(&page, "Administrator"));
    let changed = audited(&app, "changed").await;
    let expected = r#"Grace Hopper {"roles":["salesperson"]}{"roles":["administrator"]}"#;
    assert_eq!(changed[0], expected);

    let mut gone = grace();
    gone["groups"] = json!(["everybody"]);
    provide(&app, gone.clone()).await;
    assert_eq!(ends(&app).await, "/sign-in?error=no_role");
    gone["sub"] = json!("nobody-1");
    gone["email"] = json!("nobody@example.com");
    provide(&app, gone).await;
    assert_eq!(
        ends(&app).await,
        "/sign-in?error=no_role",
        "nor is anybody made"
    );
}

#[tokio::test]
async fn the_last_administrator_stays_one_whatever_the_groups_say() {
    let (app, _) = with_groups().await;
    let mut claims = ada();
    claims["groups"] = json!(["sales"]);
    provide(&app, claims.clone()).await;
    let page = app.browser().visit("/sign-in/sso").await;
    assert!(shows(&page, "Administrator, salesperson"));

    let mut second = grace();
    second["groups"] = json!(["it"]);
    provide(&app, second).await;
    assert_eq!(ends(&app).await, "/");
    provide(&app, claims).await;
    let page = app.browser().visit("/sign-in/sso").await;
    assert!(
        !shows(&page, "Administrator, salesperson"),
        "there is another one now"
    );
}

#[tokio::test]
async fn what_the_token_does_not_say_is_asked_for() {
    let (app, _) = with_groups().await;
    let bare = json!({ "sub": "grace-1" });
    let info = json!({ "userinfo": { "email": "grace@example.com", "name": "Grace Hopper", "groups": ["sales"] } });
    provide_with(&app, bare.clone(), info.clone()).await;
    assert_eq!(ends(&app).await, "/");
    let mut foreign = info;
    foreign["fault"] = json!("foreign_userinfo");
    provide_with(&app, bare.clone(), foreign).await;
    assert_eq!(ends(&app).await, "/sign-in?error=bad_token");
    provide(&app, json!({ "sub": "other-1", "groups": ["sales"] })).await;
    assert_eq!(ends(&app).await, "/sign-in?error=no_email");
    let many =
        json!({ "sub": "other-1", "email": "o@example.com", "_claim_names": { "groups": "src1" } });
    provide(&app, many).await;
    assert_eq!(ends(&app).await, "/sign-in?error=too_many_groups");
}

#[tokio::test]
async fn without_groups_only_those_get_in_who_are_known() {
    let (app, browser) = TestApp::start_with_provider(&[]).await;
    provide(&app, ada()).await;
    assert_eq!(ends(&app).await, "/sign-in?error=not_invited");
    first_start(&browser).await;
    assert_eq!(ends(&app).await, "/");
    provide(&app, grace()).await;
    assert_eq!(ends(&app).await, "/sign-in?error=not_invited");
}

#[tokio::test]
async fn the_first_administrator_may_come_by_a_group() {
    let (app, _) = TestApp::start_with_provider(&MAPPING).await;
    provide(&app, grace()).await;
    assert_eq!(
        ends(&app).await,
        "/sign-in?error=no_role",
        "a salesperson cannot be the first"
    );
    provide(&app, ada()).await;
    assert_eq!(ends(&app).await, "/");
    assert_eq!(app.browser().visit("/").await.url.path(), "/sign-in");
}
