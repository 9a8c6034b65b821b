//! The audit log from outside: its page, its file, its check; and the settings.

use std::io::Write;
use std::process::Stdio;

use reqwest::StatusCode;
use sea_orm::{ConnectionTrait, Database};
use serde_json::json;

use crate::journey::{PASSWORD, connect, first_start, wait_for};
use crate::support::{Browser, Page, TestApp, database, leadline, run};

/// What stands on a page, without its tags.
pub fn words(page: &Page) -> String {
    let mut text = String::new();
    for part in page.text.split('<').skip(1) {
        text.push_str(part.split_once('>').map_or("", |(_, text)| text));
    }
    text
}

/// The page of an account that has been connected.
async fn account(browser: &Browser) -> String {
    let list = browser.get("/accounts").await;
    let links = list.links("/accounts/");
    links.into_iter().next().unwrap()
}

/// A salesperson, signed in.
pub async fn salesperson(app: &TestApp) -> Browser {
    let mut command = leadline(&app.folder);
    command
        .args(["user", "add", "--email", "sam@example.com", "--name", "Sam"])
        .args(["--role", "salesperson", "--password-stdin"])
        .args(["--database-url", &database(&app.folder)])
        .stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut typed = child.stdin.take().unwrap();
    writeln!(typed, "{PASSWORD}").unwrap();
    drop(typed);
    assert!(child.wait().unwrap().success());
    let browser = app.browser();
    let page = browser.visit("/sign-in").await;
    let typed = [("email", "sam@example.com"), ("password", PASSWORD)];
    browser.submit(&page, "password", &typed).await;
    browser
}

#[tokio::test]
async fn what_was_done_is_read_filtered_and_taken_along() {
    let (_app, browser) = TestApp::start().await;
    first_start(&browser).await;
    connect(&browser).await;
    let account = account(&browser).await;
    let saved = browser.post(&account, &[("owner", "")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);

    let all = browser.get("/audit").await;
    assert_eq!(
        (all.status, all.heading()),
        (StatusCode::OK, "Audit log".into())
    );
    let told = words(&all);
    assert!(
        told.contains("Ada Admin switched syncing off for "),
        "{told}"
    );
    assert!(
        told.contains("Ada Admin chose which accounts are synced through "),
        "{told}"
    );
    assert!(told.contains("Sync: on → off"), "{told}");
    assert!(
        all.links("/accounts/").contains(&account),
        "{:?}",
        all.links("/")
    );

    let filtered = browser
        .get("/audit?action=sync-switched-off&who=user:1")
        .await;
    assert!(words(&filtered).contains("1 event"), "{}", words(&filtered));
    let wrong = browser.get("/audit?action=exploded").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);

    let file = browser.get("/audit.csv?action=sync-switched-off").await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert!(file.header("content-disposition").contains("audit.csv"));
    let lines: Vec<&str> = file.text.lines().collect();
    assert_eq!(lines.len(), 2, "{}", file.text);
    assert!(lines[0].starts_with("id,at,who,"), "{}", lines[0]);
    assert!(
        lines[1].contains(",Ada Admin,user,1,sync-switched-off,"),
        "{}",
        lines[1]
    );

    let taken = words(&browser.get("/audit?action=exported").await);
    assert!(
        taken.contains("Ada Admin exported the audit log"),
        "{taken}"
    );
    assert!(taken.contains("action sync-switched-off"), "{taken}");
}

#[tokio::test]
async fn a_file_of_many_events_is_whole_and_holds_no_formula() {
    let (app, browser) = TestApp::start().await;
    let page = browser.visit("/first-start").await;
    let typed = [
        ("name", "=HYPERLINK(\"http://evil.example\")"),
        ("email", "ada@example.com"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    browser.submit(&page, "password", &typed).await;
    for _ in 0..520 {
        browser.post("/sync", &[]).await;
    }
    let file = browser.get("/audit.csv").await;
    let begins: Vec<&str> = file.text.split("\r\n").skip(1).collect();
    let ids: Vec<i64> = begins
        .iter()
        .filter_map(|line| line.split_once(',')?.0.parse().ok())
        .collect();
    assert!(ids.len() > 520, "{}", ids.len());
    let last = *ids.first().unwrap();
    assert_eq!(
        ids,
        (1..=last).rev().collect::<Vec<_>>(),
        "each event once, in order"
    );
    for cell in file.text.split(['\n', ',']) {
        let cell = cell.trim_start_matches('"');
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t']), "{cell}");
    }
    let checked = run(leadline(&app.folder)
        .args(["audit", "verify"])
        .args(["--database-url", &database(&app.folder)]));
    assert!(checked.status.success(), "{checked:?}");
}

#[tokio::test]
async fn the_log_and_the_settings_are_for_administrators_only() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    let sam = salesperson(&app).await;
    for path in ["/audit", "/audit.csv", "/settings"] {
        assert_eq!(sam.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let typed = [("salesperson_visibility", "own"), ("lead_source", "x")];
    let refused = sam.post("/settings", &typed).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let home = sam.visit("/").await;
    assert!(home.links("/audit").is_empty() && home.links("/settings").is_empty());
    assert!(!browser.visit("/").await.links("/audit").is_empty());
}

#[tokio::test]
async fn settings_keep_what_was_typed_and_refuse_who_comes_late() {
    let (_app, browser) = TestApp::start().await;
    first_start(&browser).await;
    let page = browser.get("/settings").await;
    let blank = [("salesperson_visibility", "own"), ("lead_source", " ")];
    let wrong = browser.submit(&page, "lead_source", &blank).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(words(&wrong).contains("The lead source is missing."));

    let typed = [
        ("salesperson_visibility", "own"),
        ("lead_source", "Paid social"),
    ];
    let saved = browser.submit(&page, "lead_source", &typed).await;
    assert_eq!(saved.status, StatusCode::OK);
    assert_eq!(saved.values("lead_source"), ["Paid social"]);
    let late = browser.submit(&page, "lead_source", &typed).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(words(&late).contains("Somebody else changed the settings meanwhile"));
    let told = words(&browser.get("/audit?noun=settings").await);
    assert!(
        told.contains("LinkedIn Sponsored Content → Paid social"),
        "{told}"
    );
}

/// Many things happen, in which secrets and answers are used; the log holds none of them.
#[tokio::test]
async fn the_log_holds_no_secret_and_no_answer() {
    let (app, browser) = TestApp::start_with(&[("LEADLINE_SYNC__INTERVAL_SECONDS", "1")]).await;
    first_start(&browser).await;
    connect(&browser).await;
    let answers = json!({ "answers": { "EMAIL": "ngozi@okafor.example", "FIRST_NAME": "Ngozi",
        "LAST_NAME": "Okafor", "PHONE_NUMBER": "+49 30 1234567" } });
    app.control("leads", &answers).await;
    wait_for(&browser, "/leads", "Ngozi Okafor").await;
    let account = account(&browser).await;
    browser.post(&account, &[("owner", "1")]).await;
    browser.post(&format!("{account}/read-again"), &[]).await;
    browser.post("/sync", &[]).await;
    browser.post("/profiles/1/disconnect", &[]).await;
    salesperson(&app).await;
    browser.get("/audit.csv").await;
    browser.post("/sign-out", &[]).await;

    let db = Database::connect(database(&app.folder)).await.unwrap();
    let statement = sea_orm::Statement::from_string(
        db.get_database_backend(),
        "SELECT json_array(actor_name, noun_name, before, after, address) AS t FROM audit_event",
    );
    let rows = db.query_all_raw(statement).await.unwrap();
    assert!(rows.len() > 9, "{}", rows.len());
    for row in rows {
        let event: String = row.try_get("", "t").unwrap();
        let told = event.to_lowercase();
        for secret in [
            "okafor",
            "ngozi",
            "1234567",
            "aqx",
            "aqw",
            "sandbox-client-secret",
            PASSWORD,
            "argon2",
        ] {
            assert!(!told.contains(&secret.to_lowercase()), "{secret}: {event}");
        }
    }
}

#[tokio::test]
async fn the_check_names_the_event_that_was_tampered_with() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    browser.post("/sync", &[]).await;
    let url = database(&app.folder);
    let verify = |more: &[&str]| {
        let mut command = leadline(&app.folder);
        command.args(["audit", "verify", "--database-url", &url]);
        run(command.args(more))
    };
    let whole = verify(&[]);
    assert!(whole.status.success());
    let said = String::from_utf8(whole.stdout).unwrap();
    let hash = said.trim().rsplit(' ').next().unwrap();
    assert!(verify(&["--noted", hash]).status.success());
    assert_eq!(verify(&["--noted", "0000"]).status.code(), Some(1));

    let db = Database::connect(&url).await.unwrap();
    for statement in [
        "DROP TRIGGER audit_event_unchanged",
        "UPDATE audit_event SET actor_name = 'Somebody else' WHERE id = 2",
    ] {
        db.execute_unprepared(statement).await.unwrap();
    }
    let broken = verify(&[]);
    assert_eq!(broken.status.code(), Some(1));
    let told = String::from_utf8(broken.stderr).unwrap();
    assert!(told.contains("Event 2 "), "{told}");
}
