//! `leadline user …`.

use std::process::{Output, Stdio};

use reqwest::StatusCode;
use serde_json::Value;

use crate::journey::first_start;
use crate::sign_in::{next_code, set_up};
use crate::support::{Books, TestApp, database, leadline, run};

const PASSWORD: &str = "four words of Bob's";
const ADAS_PASSWORD: &str = "a long walk by the sea";

/// Runs `leadline user …` on the server's database with this line on standard input.
fn user(app: &TestApp, args: &[&str], input: &str) -> Output {
    let typed = app.folder.path().join("typed");
    std::fs::write(&typed, format!("{input}\n")).unwrap();
    let mut command = leadline(&app.folder);
    command
        .arg("user")
        .args(args)
        .env("LEADLINE_DATABASE__URL", database(&app.folder))
        .env("LEADLINE_PUBLIC_URL", &app.url)
        .stdin(Stdio::from(std::fs::File::open(&typed).unwrap()));
    run(&mut command)
}

/// What it printed, after it did what it was told.
fn done(output: Output) -> String {
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}");
    String::from_utf8(output.stdout).unwrap()
}

/// How it ended, and why.
fn refused(output: Output) -> (i32, String) {
    let told = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), told)
}

fn add_bob(app: &TestApp) {
    let bob = ["add", "--email", "bob@example.com", "--name", "Bob"];
    let how = ["--role", "salesperson", "--password-stdin"];
    done(user(app, &[&bob[..], &how[..]].concat(), PASSWORD));
}

async fn signs_in(app: &TestApp, password: &str) -> bool {
    let browser = app.browser();
    let form = [("email", "bob@example.com"), ("password", password)];
    let answer = browser.post("/sign-in", &form).await;
    answer.status == StatusCode::SEE_OTHER
}

#[tokio::test]
async fn people_are_added_listed_changed_disabled_and_enabled() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    add_bob(&app);
    assert!(signs_in(&app, PASSWORD).await);
    let bob = ["--email", "BOB@example.com"];
    done(user(
        &app,
        &[
            &["set-role", "--role", "administrator,salesperson"],
            &bob[..],
        ]
        .concat(),
        "",
    ));
    done(user(&app, &[&["disable"], &bob[..]].concat(), ""));
    assert!(!signs_in(&app, PASSWORD).await);
    let listed = done(user(&app, &["list", "--json"], ""));
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let expected = serde_json::json!([
        "bob@example.com",
        ["administrator", "salesperson"],
        "disabled"
    ]);
    let bob_is = &listed[1];
    let found = serde_json::json!([bob_is["email"], bob_is["roles"], bob_is["state"]]);
    assert_eq!(found, expected, "{listed}");
    done(user(&app, &[&["enable"], &bob[..]].concat(), ""));
    assert!(signs_in(&app, PASSWORD).await);
    let text = done(user(&app, &["list"], ""));
    assert!(
        text.contains("bob@example.com  Bob  administrator,salesperson  active"),
        "{text}"
    );

    let books = Books::open(&database(&app.folder)).await;
    let sql = "SELECT action || ' ' || noun_name AS t FROM audit_event WHERE actor_kind = 'command-line' ORDER BY id";
    let told = books.texts(sql).await;
    assert_eq!(
        told,
        ["created Bob", "changed Bob", "changed Bob", "changed Bob"]
    );
}

#[tokio::test]
async fn a_password_is_replaced_or_a_link_is_printed_alone() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    add_bob(&app);
    let reset = ["reset-password", "--email", "bob@example.com"];
    done(user(
        &app,
        &[&reset[..], &["--password-stdin"]].concat(),
        "another four words",
    ));
    assert!(!signs_in(&app, PASSWORD).await);
    assert!(signs_in(&app, "another four words").await);

    let printed = done(user(&app, &reset, ""));
    let link = printed.strip_prefix(&app.url).unwrap().trim_end();
    let bob = app.browser();
    let form = bob.get(link).await;
    let typed = [("password", PASSWORD), ("password_again", PASSWORD)];
    let home = bob.submit(&form, "password", &typed).await;
    assert_eq!(home.heading(), "Overview");
    assert!(signs_in(&app, PASSWORD).await);
}

#[tokio::test]
async fn a_link_is_no_way_around_the_second_factor() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    let (phone, _) = set_up(&browser).await;
    let reset = ["reset-password", "--email", "ada@example.com"];
    let printed = done(user(&app, &reset, ""));
    let link = printed.strip_prefix(&app.url).unwrap().trim_end();

    let other = app.browser();
    let form = other.get(link).await;
    let typed = [("password", PASSWORD), ("password_again", PASSWORD)];
    let ask = other.submit(&form, "password", &typed).await;
    assert_eq!(ask.url.path(), "/sign-in/code");
    assert_ne!(other.get("/users").await.status, StatusCode::OK);
    assert_ne!(
        browser.get("/users").await.status,
        StatusCode::OK,
        "signed out"
    );
    let code = next_code(&phone);
    let home = other.submit(&ask, "code", &[("code", &code)]).await;
    assert_eq!(home.heading(), "Overview");

    other.get(link).await;
    let books = Books::open(&database(&app.folder)).await;
    let log = "SELECT after AS t FROM audit_event WHERE action = 'sign-in-refused'";
    assert_eq!(books.texts(log).await, [r#"{"tried":"link"}"#], "used up");
}

#[tokio::test]
async fn the_only_administrator_who_lost_their_second_factor_gets_in_again() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    set_up(&browser).await;
    let ada = ["reset-second-factor", "--email", "ada@example.com"];
    let told = done(user(&app, &ada, ""));
    assert_eq!(told, "ada@example.com signs in without a second factor.\n");
    let other = app.browser();
    let page = other.visit("/sign-in").await;
    let typed = [("email", "ada@example.com"), ("password", ADAS_PASSWORD)];
    let home = other.submit(&page, "password", &typed).await;
    assert_eq!(home.heading(), "Overview");
    let books = Books::open(&database(&app.folder)).await;
    let log = "SELECT actor_name AS t FROM audit_event WHERE action = 'second-factor-off'";
    assert_eq!(books.texts(log).await, ["Command line"]);
}

#[tokio::test]
async fn what_is_refused_ends_with_one_and_what_is_mistyped_with_two() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    let (code, told) = refused(user(&app, &["disable", "--email", "ada@example.com"], ""));
    assert_eq!(code, 1);
    assert!(told.contains("without an active administrator"), "{told}");
    let down = [
        "set-role",
        "--email",
        "ada@example.com",
        "--role",
        "salesperson",
    ];
    assert_eq!(refused(user(&app, &down, "")).0, 1);
    let (code, told) = refused(user(&app, &["enable", "--email", "who@example.com"], ""));
    assert_eq!(
        (code, told.as_str()),
        (1, "There is nobody with this e-mail address.\n")
    );
    let short = [
        "reset-password",
        "--email",
        "ada@example.com",
        "--password-stdin",
    ];
    let (code, told) = refused(user(&app, &short, "short"));
    assert_eq!(code, 2);
    assert!(told.contains("at least 12 characters"), "{told}");
    let (code, _) = refused(user(
        &app,
        &["set-role", "--email", "ada@example.com", "--role", "king"],
        "",
    ));
    assert_eq!(code, 2);
    assert_eq!(browser.get("/users").await.status, StatusCode::OK);
}
