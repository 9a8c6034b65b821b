//! What single sign-on does not let in.

use reqwest::StatusCode;
use serde_json::json;

use super::*;
use crate::journey::{PASSWORD, first_start};

#[tokio::test]
async fn an_answer_counts_once_in_the_browser_that_asked() {
    let (app, _) = with_groups().await;
    provide(&app, grace()).await;
    let wrong = Some("error=wrong_state");

    let browser = app.browser();
    let used = answer(&browser).await;
    assert_eq!(browser.get(&used).await.leads_to().unwrap().path(), "/");
    browser.post("/sign-out", &[]).await;
    let again = browser.get(&used).await.leads_to().unwrap();
    assert_eq!(again.query(), wrong, "replayed");

    let stolen = answer(&browser).await;
    let elsewhere = app.browser().get(&stolen).await.leads_to().unwrap();
    assert_eq!(elsewhere.query(), wrong, "in a browser that asked nothing");
    let other = app.browser();
    answer(&other).await;
    let foreign = other.get(&stolen).await.leads_to().unwrap();
    assert_eq!(
        foreign.query(),
        wrong,
        "in a browser that asked something else"
    );

    let mine = answer(&browser).await;
    let forged = mine.replace("state=", "state=x");
    let refused = browser.get(&forged).await.leads_to().unwrap();
    assert_eq!(refused.query(), wrong, "another state");
    let spent = browser.get(&mine).await.leads_to().unwrap();
    assert_eq!(spent.query(), wrong, "the forged one used it up");
    assert_eq!(browser.visit("/leads").await.url.path(), "/sign-in");
}

#[tokio::test]
async fn whatever_does_not_hold_signs_nobody_in() {
    let (app, _) = with_groups().await;
    let faults = [
        ("wrong_nonce", "bad_token"),
        ("no_nonce", "bad_token"),
        ("wrong_audience", "bad_token"),
        ("foreign_audience", "bad_token"),
        ("wrong_party", "bad_token"),
        ("wrong_issuer", "bad_token"),
        ("expired", "bad_token"),
        ("wrong_signature", "bad_token"),
        ("unknown_key", "bad_token"),
        ("unsigned", "bad_token"),
        ("signed_with_secret", "bad_token"),
        ("wrong_access_token", "bad_token"),
        ("no_id_token", "bad_token"),
        ("foreign_issuer_in_answer", "bad_token"),
        ("no_issuer_in_answer", "bad_token"),
        ("refused", "refused"),
    ];
    for (fault, code) in faults {
        provide_with(&app, grace(), json!({ "fault": fault })).await;
        assert_eq!(
            ends(&app).await,
            format!("/sign-in?error={code}"),
            "{fault}"
        );
        let refused = audited(&app, "sign-in-refused").await;
        assert!(refused[0].contains(code), "{fault}: {refused:?}");
    }
    assert!(
        audited(&app, "created")
            .await
            .iter()
            .all(|who| !who.contains("Grace"))
    );
    provide(&app, grace()).await;
    assert_eq!(ends(&app).await, "/", "the same without a fault");
}

#[tokio::test]
async fn a_provider_that_is_unwell_or_another_one_is_told_apart() {
    let (app, _) = with_groups().await;
    provide_with(&app, grace(), json!({ "fault": "foreign_discovery" })).await;
    assert_eq!(ends(&app).await, "/sign-in?error=wrong_provider");
    provide(&app, grace()).await;
    for (endpoint, kind) in [
        ("/oidc/token", "503"),
        ("/oidc/token", "connection_reset"),
        ("/oidc/token", "html_502"),
    ] {
        let fault = json!({ "errors": [{ "endpoint": endpoint, "kind": kind }] });
        app.control("faults", &fault).await;
        assert_eq!(
            ends(&app).await,
            "/sign-in?error=provider_unavailable",
            "{kind}"
        );
    }
    app.control("faults", &json!({ "errors": [] })).await;
    assert_eq!(ends(&app).await, "/");
}

#[tokio::test]
async fn whoever_is_disabled_stays_out() {
    let (app, _) = with_groups().await;
    provide(&app, grace()).await;
    assert_eq!(ends(&app).await, "/");
    let books = Books::open(&database(&app.folder)).await;
    books
        .texts("UPDATE person SET disabled = TRUE WHERE name = 'Grace Hopper' RETURNING name AS t")
        .await;
    assert_eq!(ends(&app).await, "/sign-in?error=disabled");
    let refused = audited(&app, "sign-in-refused").await;
    assert!(refused[0].starts_with("Grace Hopper"), "{refused:?}");
}

#[tokio::test]
async fn where_it_is_the_only_way_every_other_one_is_closed() {
    let settings = [MAPPING[0], ("LEADLINE_OIDC__ONLY", "true")];
    let (app, browser) = TestApp::start_with_provider(&settings).await;
    let page = browser.visit("/").await;
    assert_eq!(page.url.path(), "/sign-in", "no first start by a password");
    assert!(page.values("password").is_empty() && !page.text.contains("name=\"password\""));
    provide(&app, ada()).await;
    assert_eq!(browser.visit("/sign-in/sso").await.url.path(), "/");

    let stranger = app.browser();
    let typed = [("email", "ada@example.com"), ("password", PASSWORD)];
    for path in [
        "/sign-in",
        "/sign-in/code",
        "/sign-in/forgot",
        "/sign-in/link/abc",
        "/first-start",
    ] {
        let refused = stranger.post(path, &typed).await.leads_to();
        let refused = refused.unwrap_or_else(|| panic!("{path}"));
        assert_eq!(refused.query(), Some("error=single_sign_on_only"), "{path}");
    }
    for path in ["/sign-in/forgot", "/sign-in/link/abc", "/first-start"] {
        let refused = stranger.get(path).await.leads_to().unwrap();
        assert_eq!(refused.path(), "/sign-in", "{path}");
    }
    assert_eq!(
        browser.post("/me/password", &[]).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn without_a_provider_there_is_no_such_page() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    for path in ["/sign-in/sso", "/sign-in/sso/callback?code=x&state=y"] {
        assert_eq!(app.browser().get(path).await.status, StatusCode::NOT_FOUND);
    }
    assert!(
        app.browser()
            .visit("/sign-in")
            .await
            .links("/sign-in/sso")
            .is_empty()
    );
}

#[tokio::test]
async fn neither_a_code_nor_a_token_nor_anybody_is_in_the_log() {
    let (app, _) = with_groups().await;
    provide(&app, grace()).await;
    assert_eq!(ends(&app).await, "/");
    provide_with(&app, grace(), json!({ "fault": "wrong_nonce" })).await;
    ends(&app).await;
    let log = app.log();
    assert!(
        log.contains("it answers another request"),
        "the operator is told why:\n{log}"
    );
    for secret in [
        "grace",
        "Grace",
        "?code=",
        "&code=",
        "state=",
        "eyJ",
        "sandbox-client-secret",
    ] {
        assert!(!log.contains(secret), "{secret} in the log:\n{log}");
    }
}
