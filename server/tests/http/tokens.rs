//! API tokens on their page and on the command line.

use std::process::Output;

use reqwest::StatusCode;
use tempfile::TempDir;

use crate::journey::first_start;
use crate::support::{Page, TestApp, database, leadline, run};

/// The token on a page, if one is shown there.
pub fn token_on(page: &Page) -> Option<String> {
    let (_, rest) = page.text.split_once("value=\"leadline_")?;
    let (rest, _) = rest.split_once('"')?;
    Some(format!("leadline_{rest}"))
}

/// What `leadline token …` does with the database in this folder.
pub fn token_command(folder: &TempDir, said: &[&str]) -> Output {
    let url = database(folder);
    run(leadline(folder)
        .args(["--database-url", &url, "token"])
        .args(said))
}

#[tokio::test]
async fn a_new_token_is_shown_once_and_can_be_revoked() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    let new = [
        ("name", "Nightly export"),
        ("role", "salesperson"),
        ("expires", "90"),
    ];
    let made = browser.post("/tokens", &new).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let token = token_on(&made).unwrap();
    assert_eq!(token.len(), "leadline_".len() + 43);

    let page = browser.get("/tokens").await;
    assert!(page.text.contains("Nightly export"), "{}", page.text);
    assert_eq!(token_on(&page), None, "it is shown once only");
    assert!(!app.log().contains(&token));

    let revoked = browser.post("/tokens/1/revoke", &[]).await;
    assert_eq!(revoked.leads_to().unwrap().path(), "/tokens");
    let page = browser.get("/tokens").await;
    assert!(page.text.contains("is revoked"), "{}", page.text);
}

#[tokio::test]
async fn what_is_wrong_with_a_new_token_stands_beside_the_field() {
    let (_app, browser) = TestApp::start().await;
    first_start(&browser).await;
    let wrong = [("name", " "), ("role", "king"), ("expires", "90")];
    let page = browser.post("/tokens", &wrong).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("Say what the token is for."));
    assert_eq!(token_on(&page), None);
}

#[tokio::test]
async fn on_the_command_line_a_token_is_made_listed_and_revoked() {
    let (app, _) = TestApp::start().await;
    let make = [
        "create",
        "--name",
        "Import",
        "--role",
        "s2s-inbound",
        "--expires",
        "7",
    ];
    let made = token_command(&app.folder, &make);
    assert!(made.status.success());
    let token = String::from_utf8(made.stdout).unwrap();
    assert_eq!(
        token.trim_end().len(),
        "leadline_".len() + 43,
        "it stands alone"
    );

    let list = || {
        let listed = token_command(&app.folder, &["list", "--json"]).stdout;
        serde_json::from_slice::<serde_json::Value>(&listed).unwrap()
    };
    let first = &list()[0];
    assert_eq!(
        (&first["name"], &first["role"]),
        (&"Import".into(), &"s2s-inbound".into())
    );
    assert_eq!(
        (&first["state"], &first["created_by"]),
        (&"active".into(), &"Command line".into())
    );
    assert!(
        token_command(&app.folder, &["revoke", "1"])
            .status
            .success()
    );
    assert_eq!(list()[0]["state"], "revoked");

    let nonsense = token_command(
        &app.folder,
        &[
            "create",
            "--name",
            "x",
            "--role",
            "salesperson",
            "--expires",
            "0",
        ],
    );
    assert_eq!(nonsense.status.code(), Some(2));
}
