//! What holds for every answer and every change, whatever page it is.

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};

use crate::support::{Browser, Page, TestApp, free_address};

#[tokio::test]
async fn it_says_whether_it_lives_and_whether_it_can_work() {
    let (_app, browser) = TestApp::start().await;
    assert_eq!(browser.get("/healthz").await.text, "ok\n");
    let ready = browser.get("/readyz").await;
    assert_eq!(ready.status, StatusCode::OK);
    assert_eq!(
        ready.text,
        r#"{"ready":true,"database":"ok","migrations":"ok"}"#
    );
}

/// The nonce in a page's policy.
fn nonce(page: &Page) -> &str {
    let policy = page.header("content-security-policy");
    let (_, rest) = policy
        .split_once("'nonce-")
        .unwrap_or_else(|| panic!("no nonce: {policy}"));
    rest.split_once('\'').unwrap().0
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let (_app, browser) = TestApp::start().await;
    for path in [
        "/sign-in",
        "/first-start",
        "/nothing-here",
        "/healthz",
        "/pkg/none.js",
        "/profiles",
    ] {
        let page = browser.get(path).await;
        let expected = [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
        ];
        for (name, value) in expected {
            assert_eq!(page.header(name), value, "{name} of {path}");
        }
        let policy = page.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline"), "{path}: {policy}");
        assert!(page.header("permissions-policy").contains("camera=()"));
        assert_eq!(
            page.header("strict-transport-security"),
            "",
            "on plain http"
        );
        assert_eq!(page.header("x-request-id").len(), 16);
    }
}

#[tokio::test]
async fn behind_https_browsers_are_told_to_stay_there() {
    let listen = free_address();
    let settings = [
        ("LEADLINE_PUBLIC_URL", "https://leads.example"),
        ("LEADLINE_LISTEN", listen.as_str()),
    ];
    let (app, _) = TestApp::start_with(&settings).await;
    assert_eq!(app.url, "https://leads.example");
    let behind_the_proxy = Browser::new(&format!("http://{listen}"));
    let page = behind_the_proxy.get("/sign-in").await;
    assert_eq!(page.header("strict-transport-security"), "max-age=31536000");
}

#[tokio::test]
async fn no_two_pages_share_a_nonce_and_every_script_has_its_own_page_s() {
    let (_app, browser) = TestApp::start().await;
    let mut seen = BTreeSet::new();
    for _ in 0..20 {
        let page = browser.visit("/sign-in").await;
        assert!(seen.insert(nonce(&page).to_owned()), "a nonce came twice");
        let with_nonce = format!("nonce=\"{}\"", nonce(&page));
        for script in page.text.split("<script").skip(1) {
            let (head, _) = script.split_once('>').unwrap();
            assert!(
                head.contains(&with_nonce),
                "a script without the nonce: {head}"
            );
        }
        assert!(
            !page.text.contains(" style=\""),
            "an inline style would be refused"
        );
    }
}

#[tokio::test]
async fn a_path_that_is_not_there_is_a_page_that_says_so() {
    let (_app, browser) = TestApp::start().await;
    let page = browser.get("/nothing-here").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(!page.heading().is_empty());
}

#[tokio::test]
async fn a_change_that_another_site_asks_for_is_refused() {
    let (app, browser) = TestApp::start().await;
    let foreign = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ];
    for (name, value) in foreign {
        let post = browser
            .request(Method::POST, "/sign-in")
            .header(name, value);
        let page = browser
            .send(post.form(&[("email", "a@b.example"), ("password", "x")]))
            .await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    for (name, value) in [
        ("sec-fetch-site", "same-origin"),
        ("origin", app.url.as_str()),
    ] {
        let post = browser
            .request(Method::POST, "/sign-in")
            .header(name, value);
        let page = browser
            .send(post.form(&[("email", "a@b.example"), ("password", "x")]))
            .await;
        assert_ne!(page.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_form_larger_than_64_kilobytes_is_refused() {
    let (_app, browser) = TestApp::start().await;
    let large = "x".repeat(70_000);
    let page = browser.post("/sign-in", &[("email", &large)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("more than a form may hold"));
}

#[tokio::test]
async fn the_log_names_requests_but_never_what_was_asked_in_them() {
    let (app, browser) = TestApp::start().await;
    browser.get("/sign-in?next=/leads%3Fq%3Dada-lovelace").await;
    browser.get("/ada@lovelace.example").await;
    browser
        .post(
            "/sign-in",
            &[
                ("email", "ada@lovelace.example"),
                ("password", "hunter2hunter2"),
            ],
        )
        .await;
    let log = app.log();
    assert!(log.contains("path=/sign-in"), "{log}");
    assert!(
        !log.contains("lovelace") && !log.contains("hunter2"),
        "{log}"
    );
}
