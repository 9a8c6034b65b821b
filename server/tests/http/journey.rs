//! A lead's whole way, by plain HTML forms as a browser without JavaScript sends them.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;

use crate::support::{Browser, Page, TestApp};

/// The password of the person at the first start.
pub const PASSWORD: &str = "a long walk by the sea";

/// The person at the first start, signed in.
pub async fn first_start(browser: &Browser) -> Page {
    let page = browser.visit("/").await;
    assert_eq!(page.url.path(), "/first-start");
    let typed = [
        ("name", "Ada Admin"),
        ("email", "ada@example.com"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    browser.submit(&page, "password", &typed).await
}

/// From "User profiles" to a confirmed profile.
pub async fn connect(browser: &Browser) -> Page {
    let consent = browser.visit("/auth/linkedin/start").await;
    assert_eq!(consent.heading(), "Allow access to your LinkedIn account?");
    let accounts = browser
        .submit(&consent, "member", &[("decision", "allow")])
        .await;
    assert!(
        accounts.url.path().ends_with("/accounts"),
        "{}",
        accounts.url
    );
    let all = accounts.values("account");
    assert!(!all.is_empty(), "{}", accounts.text);
    let chosen: Vec<(&str, &str)> = all.iter().map(|id| ("account", id.as_str())).collect();
    let confirm = browser.submit(&accounts, "account", &chosen).await;
    assert!(confirm.url.path().ends_with("/confirm"), "{}", confirm.url);
    browser.submit_last(&confirm, &[]).await
}

/// Asks again until a page has something on it.
pub async fn wait_for(browser: &Browser, path: &str, text: &str) -> Page {
    for _ in 0..300 {
        let page = browser.get(path).await;
        if page.text.contains(text) {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{text:?} never came to {path}");
}

#[tokio::test]
async fn a_new_server_asks_for_its_administrator_once_and_only_once() {
    let (app, browser) = TestApp::start().await;
    let page = browser.visit("/first-start").await;
    let wrong = browser
        .submit(
            &page,
            "password",
            &[
                ("name", "Ada"),
                ("email", "ada@example.com"),
                ("password", "short"),
            ],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        wrong.values("email"),
        ["ada@example.com"],
        "what was typed is kept"
    );

    let home = first_start(&browser).await;
    assert_eq!((home.status, home.url.path()), (StatusCode::OK, "/"));
    assert_eq!(
        app.browser().get("/first-start").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn whoever_signs_in_comes_to_the_page_that_was_asked_for_and_signs_out_again() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;

    let other = app.browser();
    let page = other.visit("/leads?q=x").await;
    assert_eq!(page.url.path(), "/sign-in");
    let refused = other
        .submit(
            &page,
            "password",
            &[("email", "ada@example.com"), ("password", "wrong words")],
        )
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let typed = [("email", " ADA@example.com"), ("password", PASSWORD)];
    let there = other.submit(&page, "password", &typed).await;
    assert_eq!(
        (there.url.path(), there.url.query()),
        ("/leads", Some("q=x"))
    );

    other.post("/sign-out", &[]).await;
    assert_eq!(other.visit("/leads").await.url.path(), "/sign-in");
    assert_eq!(
        browser.visit("/leads").await.url.path(),
        "/leads",
        "the other browser stays"
    );
}

#[tokio::test]
async fn nobody_is_sent_to_another_site_after_signing_in() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    for next in ["https://evil.example/", "//evil.example", "/\\evil.example"] {
        let other = app.browser();
        let fields = [
            ("email", "ada@example.com"),
            ("password", PASSWORD),
            ("next", next),
        ];
        let answer = other.post("/sign-in", &fields).await;
        let to = answer
            .leads_to()
            .unwrap_or_else(|| panic!("{}", answer.text));
        assert_eq!(to.host_str(), Some("localhost"), "{next}");
    }
}

#[tokio::test]
async fn strangers_see_nothing_and_reach_no_consent() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    let stranger = app.browser();
    for path in [
        "/",
        "/profiles",
        "/accounts",
        "/forms",
        "/campaigns",
        "/submissions",
        "/leads",
        "/matching",
        "/mappings",
        "/sync",
        "/auth/linkedin/start",
        "/profiles/1",
        "/leads/1",
    ] {
        let answer = stranger.get(path).await;
        let to = answer
            .leads_to()
            .unwrap_or_else(|| panic!("{path}: {}", answer.status));
        assert_eq!(to.path(), "/sign-in", "{path}");
    }
}

#[tokio::test]
async fn a_lead_travels_from_consent_to_the_store_and_back_onto_the_page() {
    let (app, browser) = TestApp::start_with(&[("LEADLINE_SYNC__INTERVAL_SECONDS", "1")]).await;
    first_start(&browser).await;
    let profile = connect(&browser).await;
    assert_eq!(profile.status, StatusCode::OK);
    assert!(
        profile.url.path().starts_with("/profiles/"),
        "{}",
        profile.url
    );

    let answers = |email: &str, first: &str| json!({ "answers": { "EMAIL": email, "FIRST_NAME": first, "LAST_NAME": "Okafor" } });
    app.control("leads", &answers("ngozi@okafor.example", "Ngozi"))
        .await;
    wait_for(&browser, "/leads", "Ngozi Okafor").await;
    app.control("leads", &answers("  NGOZI@Okafor.example ", "Ngozi Ada"))
        .await;
    let leads = wait_for(&browser, "/leads", "Ngozi Ada Okafor").await;
    let links = leads.links("/leads/");
    let lead = links
        .iter()
        .find(|to| to["/leads/".len()..].parse::<u64>().is_ok())
        .unwrap();
    assert_eq!(browser.get(lead).await.status, StatusCode::OK);

    let submissions = browser.get("/submissions").await;
    let links = submissions.links("/submissions/");
    let submission = links
        .iter()
        .find(|to| to["/submissions/".len()..].parse::<u64>().is_ok())
        .unwrap();
    assert_eq!(browser.get(submission).await.status, StatusCode::OK);

    let log = app.log();
    assert!(
        !log.to_lowercase().contains("okafor"),
        "an answer in the log:\n{log}"
    );
    for secret in ["AQX", "AQW", "sandbox-client-secret", "code=", PASSWORD] {
        assert!(!log.contains(secret), "{secret} in the log:\n{log}");
    }
}

#[tokio::test]
async fn whoever_cancels_at_linkedin_comes_back_to_what_happened_and_no_profile_is_left() {
    let (_app, browser) = TestApp::start().await;
    first_start(&browser).await;
    for decision in ["cancel", "cancel_login"] {
        let consent = browser.visit("/auth/linkedin/start").await;
        let back = browser
            .submit(&consent, "member", &[("decision", decision)])
            .await;
        assert_eq!(
            (back.url.path(), back.url.query()),
            ("/profiles", Some("error=cancelled"))
        );
        assert!(
            back.links("/profiles/")
                .iter()
                .all(|to| to["/profiles/".len()..].parse::<u64>().is_err())
        );
    }
    let forged = browser
        .visit("/auth/linkedin/callback?code=x&state=forged")
        .await;
    assert_eq!(
        (forged.url.path(), forged.url.query()),
        ("/profiles", Some("error=wrong_state"))
    );
}
