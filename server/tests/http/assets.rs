//! The files that the browser gets. They are there when `xtask site` has run before the tests, as
//! in `make test`; a page without them must come all the same.

use std::path::Path;

use reqwest::{Method, StatusCode};

use crate::support::TestApp;

/// The hashed name of the style sheet, when the files are built.
fn style_sheet() -> Option<String> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/site/manifest.json");
    let text = std::fs::read_to_string(manifest).ok()?;
    let names: serde_json::Value = serde_json::from_str(&text).unwrap();
    Some(names["leadline.css"].as_str()?.to_owned())
}

#[tokio::test]
async fn a_built_file_is_sent_packed_typed_and_for_ever() {
    let (_app, browser) = TestApp::start().await;
    let Some(name) = style_sheet() else {
        let page = browser.visit("/sign-in").await;
        assert_eq!(
            page.status,
            StatusCode::OK,
            "a page comes without its files"
        );
        return;
    };
    for (accepted, sent) in [("gzip, br", "br"), ("gzip", "gzip"), ("identity", "")] {
        let request = browser.request(Method::HEAD, &format!("/pkg/{name}"));
        let file = browser
            .send(request.header("accept-encoding", accepted))
            .await;
        assert_eq!(file.status, StatusCode::OK);
        assert_eq!(file.header("content-encoding"), sent, "for {accepted}");
        assert!(file.header("content-type").starts_with("text/css"));
        assert_eq!(
            file.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(file.header("vary"), "accept-encoding");
    }
    let page = browser.visit("/sign-in").await;
    assert!(page.text.contains(&format!("/pkg/{name}")));
}

#[tokio::test]
async fn nothing_but_built_files_is_sent() {
    let (_app, browser) = TestApp::start().await;
    for path in [
        "/pkg/none.js",
        "/pkg/..%2Fmanifest.json",
        "/pkg/..%2f..%2f..%2fCargo.toml",
        "/pkg/",
    ] {
        assert_eq!(
            browser.get(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}
