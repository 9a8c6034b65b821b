//! What the command line says, and how it ends.

use std::io::{BufRead, BufReader};
use std::process::Output;

use crate::support::{KEY, TestApp, database, leadline, run};

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn without_a_key_it_refuses_to_start_and_says_how_to_make_one() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(leadline(&folder).arg("serve"));
    assert_eq!(output.status.code(), Some(2));
    let told = told(&output);
    assert!(
        told.contains("secret_key") && told.contains("openssl rand -base64 32"),
        "{told}"
    );
}

#[test]
fn a_misspelt_setting_is_refused_with_its_name_and_origin() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("leadline.toml"),
        "[sync]\npage_sise = 5\n",
    )
    .unwrap();
    let mut command = leadline(&folder);
    command
        .args(["config", "check"])
        .env("LEADLINE_SECRET_KEY", KEY)
        .env("LEADLINE_LISTNE", "x");
    let output = run(&mut command);
    assert_eq!(output.status.code(), Some(2));
    let told = told(&output);
    assert!(
        told.contains("sync.page_sise (from leadline.toml)"),
        "{told}"
    );
    assert!(
        told.contains("listne (from LEADLINE_LISTNE in the environment)"),
        "{told}"
    );
}

#[test]
fn checking_and_showing_a_good_configuration_keeps_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let checked = run(leadline(&folder)
        .args(["config", "check"])
        .env("LEADLINE_SECRET_KEY", KEY));
    assert!(checked.status.success());
    let shown = run(leadline(&folder)
        .args(["config", "show"])
        .env("LEADLINE_SECRET_KEY", KEY));
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(
        shown.contains("secret_key = (hidden)") && !shown.contains(KEY),
        "{shown}"
    );
}

#[test]
fn the_schema_can_be_brought_up_to_date_alone() {
    let folder = tempfile::tempdir().unwrap();
    let url = database(&folder);
    let early = run(leadline(&folder)
        .args([
            "serve",
            "--no-migrate",
            "--listen",
            "127.0.0.1:0",
            "--database-url",
            &url,
        ])
        .env("LEADLINE_SECRET_KEY", KEY));
    assert_eq!(early.status.code(), Some(1));
    assert!(
        told(&early).contains("leadline migrate"),
        "{}",
        told(&early)
    );
    for _ in 0..2 {
        let output = run(leadline(&folder).args(["migrate", "--database-url", &url]));
        assert!(output.status.success(), "{}", told(&output));
    }
}

#[tokio::test]
async fn a_taken_address_is_named_with_the_setting_that_chooses_another() {
    let (app, _) = TestApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let taken = app.url.replace("http://localhost", "127.0.0.1");
    let output = run(leadline(&folder)
        .args(["serve", "--listen", &taken])
        .env("LEADLINE_SECRET_KEY", KEY));
    assert_eq!(output.status.code(), Some(1));
    assert!(
        told(&output).contains("LEADLINE_LISTEN"),
        "{}",
        told(&output)
    );
}

#[tokio::test]
async fn it_ends_within_ten_seconds_when_it_is_told_to() {
    let (app, browser) = TestApp::start().await;
    browser.get("/healthz").await;
    let (status, took) = app.stop();
    assert!(status.success(), "{status}");
    assert!(took.as_secs() < 10, "{took:?}");
}

#[test]
fn the_sandboxes_say_where_they_are_and_what_to_type() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = leadline(&folder);
    command.args(["sandbox", "--listen", "127.0.0.1:0", "--tls"]);
    let mut running = command.spawn().unwrap();
    let lines = BufReader::new(running.stdout.take().unwrap()).lines();
    let mut told = String::new();
    for line in lines.map_while(Result::ok) {
        told.push_str(&line);
        if line.contains("END CERTIFICATE") {
            break;
        }
    }
    running.kill().unwrap();
    running.wait().unwrap();
    for expected in [
        "LinkedIn sandbox at http://127.0.0.1:",
        "Entra ID sandbox at https://127.0.0.1:",
        "Dataverse sandbox at https://127.0.0.1:",
        "LEADLINE_DATAVERSE__ALLOWED_HOSTS=127.0.0.1",
        "BEGIN CERTIFICATE",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
}

#[test]
fn every_address_can_be_listed_without_any_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(leadline(&folder).args(["routes", "--json"]));
    assert!(output.status.success(), "{}", told(&output));
    let listed: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    let has = |method: &str, begin: &str| {
        let wanted = |a: &&serde_json::Value| {
            a["method"] == method && a["path"].as_str().unwrap().starts_with(begin)
        };
        listed.iter().any(|a| wanted(&a))
    };
    for (method, begin) in [
        ("GET", "/leads/{id}"),
        ("POST", "/sign-in"),
        ("GET", "/auth/linkedin/start"),
        ("GET", "/healthz"),
        ("GET", "/pkg/{name}"),
        ("POST", "/fn/sync_progress"),
    ] {
        assert!(has(method, begin), "{method} {begin} in {listed:?}");
    }
}
