//! Signing in, the second factor, and one's own account.

use std::time::{SystemTime, UNIX_EPOCH};

use leadline::store::sessions::{ABSOLUTE, IDLE, UNOWNED};
use reqwest::StatusCode;
use totp_rs::{Builder, Secret, Totp};

use crate::journey::first_start;
use crate::support::{Books, Browser, Page, TestApp, database};

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "a long walk by the sea";

async fn sign_in(browser: &Browser, password: &str) -> Page {
    let page = browser.visit("/sign-in").await;
    let typed = [("email", EMAIL), ("password", password)];
    browser.submit(&page, "password", &typed).await
}

/// Whether somebody is signed in in this browser.
async fn is_in(browser: &Browser) -> bool {
    browser.get("/leads").await.status == StatusCode::OK
}

fn seconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap().as_secs()
}

/// The text between two others.
fn between<'a>(page: &'a Page, begin: &str, end: &str) -> &'a str {
    let rest = page.text.split_once(begin);
    let found = rest.and_then(|(_, rest)| rest.split_once(end));
    found
        .unwrap_or_else(|| panic!("no {begin:?}: {}", page.text))
        .0
}

/// Switches the second factor on; what the phone holds, and the recovery codes.
pub async fn set_up(browser: &Browser) -> (Totp, Vec<String>) {
    let ask = browser.visit("/me/second-factor").await;
    let wrong = browser
        .submit(
            &ask,
            "current_password",
            &[("current_password", "guessed it")],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let scan = browser
        .submit(
            &wrong,
            "current_password",
            &[("current_password", PASSWORD)],
        )
        .await;
    let secret = between(&scan, "class=\"secret\">", "<").replace(' ', "");
    let secret = Secret::try_from_base32(&secret).unwrap();
    let phone = Builder::new().with_secret(secret).build().unwrap();
    let code = phone.generate(seconds()).to_string();
    let on = browser.submit(&scan, "code", &[("code", &code)]).await;
    assert_eq!(on.heading(), "Your second factor is on");
    let list = between(&on, "class=\"codes\">", "</ul>");
    let codes = list.split("<code>").skip(1);
    let codes = codes.filter_map(|rest| Some(rest.split_once('<')?.0.to_owned()));
    (phone, codes.collect())
}

/// The code after the one that has just been used: clocks may differ by a step.
pub fn next_code(phone: &Totp) -> String {
    phone.generate(seconds() + 30).to_string()
}

#[tokio::test]
async fn with_a_second_factor_the_password_alone_opens_nothing() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    let (phone, recovery) = set_up(&browser).await;
    assert_eq!(recovery.len(), 10);

    let other = app.browser();
    let asks = sign_in(&other, PASSWORD).await;
    assert_eq!(asks.url.path(), "/sign-in/code");
    for path in ["/", "/me", "/leads", "/me/second-factor", "/profiles"] {
        let page = other.get(path).await;
        assert!(page.leads_to().unwrap().path() == "/sign-in", "{path}");
    }
    let changes = [("current_password", PASSWORD), ("code", "123456")];
    let off = other.post("/me/second-factor/off", &changes).await;
    assert_eq!(off.leads_to().unwrap().path(), "/sign-in");
    let wrong = other.submit(&asks, "code", &[("code", "12345")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.text.contains("wrong or has been used"),
        "{}",
        wrong.text
    );

    let code = next_code(&phone);
    let home = other.submit(&wrong, "code", &[("code", &code)]).await;
    assert_eq!((home.status, home.url.path()), (StatusCode::OK, "/"));

    let third = app.browser();
    let asks = sign_in(&third, PASSWORD).await;
    let again = third.submit(&asks, "code", &[("code", &code)]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "used");
    let home = third
        .submit(&again, "code", &[("code", &recovery[0])])
        .await;
    assert!(home.text.contains("9 are left"), "{}", home.text);
    let fourth = app.browser();
    let asks = sign_in(&fourth, PASSWORD).await;
    let again = fourth
        .submit(&asks, "code", &[("code", &recovery[0])])
        .await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "used");

    let books = Books::open(&database(&app.folder)).await;
    let log = "SELECT action || ' ' || noun_name || ' ' || COALESCE(after, '') AS t FROM audit_event \
               WHERE action LIKE 'sign%' OR action LIKE '%code%' ORDER BY id";
    assert_eq!(
        books.texts(log).await,
        [
            r#"signed-in Ada Admin {"proof":"password","second_factor":null}"#,
            r#"sign-in-refused Ada Admin {"tried":"code"}"#,
            r#"signed-in Ada Admin {"proof":"password","second_factor":"app"}"#,
            r#"sign-in-refused Ada Admin {"tried":"code"}"#,
            "recovery-code-used Ada Admin ",
            r#"signed-in Ada Admin {"proof":"password","second_factor":"recovery-code"}"#,
            r#"sign-in-refused Ada Admin {"tried":"code"}"#,
        ]
    );
    let output = app.log();
    assert!(!output.contains(&code) && !output.contains(&recovery[0]));
}

#[tokio::test]
async fn every_step_of_signing_in_gives_the_session_a_new_id() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    let (phone, _) = set_up(&browser).await;
    let other = app.browser();
    let books = Books::open(&database(&app.folder)).await;
    let halves = "SELECT id AS t FROM session WHERE half = TRUE";
    let asks = sign_in(&other, PASSWORD).await;
    let half = books.texts(halves).await;
    assert_eq!(half.len(), 1);
    let asks_again = sign_in(&other, PASSWORD).await;
    assert_ne!(
        books.texts(halves).await,
        half,
        "planted ones are worth nothing"
    );
    assert_eq!(asks_again.url, asks.url);
    let code = next_code(&phone);
    other.submit(&asks_again, "code", &[("code", &code)]).await;
    assert!(is_in(&other).await);
    assert!(books.texts(halves).await.is_empty());
}

#[tokio::test]
async fn whoever_guesses_codes_has_to_wait() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    set_up(&browser).await;
    let thief = app.browser();
    let mut page = sign_in(&thief, PASSWORD).await;
    for _ in 0..5 {
        page = thief.submit(&page, "code", &[("code", "000000")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    page = thief.submit(&page, "code", &[("code", "000000")]).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.text.contains("Wait a second"), "{}", page.text);
}

#[tokio::test]
async fn whoever_hammers_an_account_does_not_keep_its_owner_out_of_their_browser() {
    let (app, owner) = TestApp::start().await;
    first_start(&owner).await;
    owner.post("/sign-out", &[]).await;
    assert!(!is_in(&owner).await, "signed out");

    let thief = app.browser();
    let mut last = StatusCode::OK;
    for _ in 0..7 {
        last = sign_in(&thief, "is it this one?").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    let stranger = sign_in(&app.browser(), PASSWORD).await;
    assert_eq!(stranger.status, StatusCode::TOO_MANY_REQUESTS);
    let home = sign_in(&owner, PASSWORD).await;
    assert_eq!((home.status, home.url.path()), (StatusCode::OK, "/"));
}

#[tokio::test]
async fn somebody_sees_where_they_are_signed_in_and_ends_what_they_do_not_know() {
    let (app, desk) = TestApp::start().await;
    first_start(&desk).await;
    let phone = app.browser();
    sign_in(&phone, PASSWORD).await;
    let library = app.browser();
    sign_in(&library, PASSWORD).await;

    let me = desk.visit("/me").await;
    assert_eq!(
        me.values("session").len(),
        2,
        "this one cannot be ended here"
    );
    let me = desk.submit(&me, "session", &[]).await;
    assert!(me.text.contains("That session has ended"), "{}", me.text);
    let left = [is_in(&phone).await, is_in(&library).await];
    assert_eq!(left.iter().filter(|signed_in| **signed_in).count(), 1);
    let me = desk.post("/me/sessions/end-others", &[]).await;
    assert_eq!(me.leads_to().unwrap().path(), "/me");
    assert!(!is_in(&phone).await && !is_in(&library).await);
    assert!(is_in(&desk).await);
    let unknown = desk.post("/me/sessions/end", &[("session", "x")]).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

/// Makes everything about all sessions that much longer ago, as if the time had passed.
async fn let_pass(books: &Books, time: i64) {
    let earlier = |column| format!("{column} = {column} - {time}");
    let columns = ["begun_at", "seen_at", "expires_at"].map(earlier);
    let sql = format!("UPDATE session SET {}", columns.join(", "));
    books.execute(&sql).await;
}

#[tokio::test]
async fn a_session_ends_after_eight_quiet_hours() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    let books = Books::open(&database(&app.folder)).await;
    let_pass(&books, IDLE - 60_000).await;
    assert!(is_in(&browser).await, "there was time left");
    let_pass(&books, IDLE - 60_000).await;
    assert!(is_in(&browser).await, "it was used meanwhile");
    let_pass(&books, IDLE).await;
    assert!(!is_in(&browser).await);
    let post = browser.post("/settings", &[("lead_source", "x")]).await;
    assert_eq!(post.leads_to().unwrap().path(), "/sign-in");
}

#[tokio::test]
async fn a_session_ends_after_a_week_however_much_it_is_used() {
    const STEP: i64 = IDLE / 2;
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    let books = Books::open(&database(&app.folder)).await;
    for _ in 1..ABSOLUTE / STEP {
        let_pass(&books, STEP).await;
        assert!(is_in(&browser).await);
    }
    let_pass(&books, STEP).await;
    assert!(!is_in(&browser).await);
}

#[tokio::test]
async fn a_session_that_is_not_quite_anybody_s_ends_after_a_quarter_of_an_hour() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    let (phone, _) = set_up(&browser).await;
    let books = Books::open(&database(&app.folder)).await;
    let other = app.browser();
    let asks = sign_in(&other, PASSWORD).await;
    let_pass(&books, UNOWNED).await;
    let code = next_code(&phone);
    let late = other.submit(&asks, "code", &[("code", &code)]).await;
    assert_eq!(late.heading(), "Sign in", "the code came too late");
    assert!(!is_in(&other).await);
    assert!(is_in(&browser).await, "whoever is in stays in");
}

#[tokio::test]
async fn a_wrong_password_or_code_on_one_s_own_account_is_in_the_audit_log() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    set_up(&browser).await;
    let new = "another walk by the lake";
    for (path, current) in [
        ("/me/password", "guessed it"),
        ("/me/second-factor/off", "guessed it"),
        ("/me/second-factor/codes", "guessed it"),
        ("/me/second-factor/off", PASSWORD),
        ("/me/second-factor/codes", PASSWORD),
    ] {
        let typed = [
            ("current_password", current),
            ("password", new),
            ("password_again", new),
            ("code", "123456"),
        ];
        let refused = browser.post(path, &typed).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    }
    let books = Books::open(&database(&app.folder)).await;
    let log = "SELECT actor_name || ' ' || noun_name || ' ' || address || ' ' || after AS t FROM audit_event \
               WHERE action = 'proof-refused' ORDER BY id";
    let told = |tried| format!(r#"Ada Admin Ada Admin 127.0.0.1 {{"tried":"{tried}"}}"#);
    // The first is that of setting the second factor up.
    let tried = [
        "password", "password", "password", "password", "code", "code",
    ];
    assert_eq!(books.texts(log).await, tried.map(told));
    let page = browser.get("/audit").await;
    assert!(page.text.contains("could not prove"), "{}", page.text);
}

#[tokio::test]
async fn somebody_changes_their_password_and_stays_signed_in_only_here() {
    let (app, desk) = TestApp::start().await;
    first_start(&desk).await;
    let phone = app.browser();
    sign_in(&phone, PASSWORD).await;
    let me = desk.visit("/me").await;
    let new = "another walk by the lake";
    for (current, first, again, says) in [
        ("guessed it", new, new, "not your password"),
        (PASSWORD, new, "mistyped", "two passwords differ"),
        (PASSWORD, "short", "short", "at least 12"),
        (PASSWORD, "password1234", "password1234", "many people use"),
        (
            PASSWORD,
            "ada admin 123",
            "ada admin 123",
            "made of your name",
        ),
    ] {
        let typed = [
            ("current_password", current),
            ("password", first),
            ("password_again", again),
        ];
        let refused = desk.submit(&me, "password", &typed).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text.contains(says), "{says}: {}", refused.text);
    }
    let typed = [
        ("current_password", PASSWORD),
        ("password", new),
        ("password_again", new),
    ];
    let changed = desk.submit(&me, "password", &typed).await;
    assert!(
        changed.text.contains("Your password is changed"),
        "{}",
        changed.text
    );
    assert!(is_in(&desk).await && !is_in(&phone).await);
    let old = sign_in(&phone, PASSWORD).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    sign_in(&phone, new).await;
    assert!(is_in(&phone).await);
}

#[tokio::test]
async fn administrators_who_need_a_second_factor_set_it_up_before_they_go_on() {
    let (_app, browser) = TestApp::start().await;
    first_start(&browser).await;
    let settings = browser.visit("/settings").await;
    let required = [
        ("second_factor_required", "yes"),
        ("salesperson_visibility", "all"),
    ];
    let sent_on = browser.submit(&settings, "lead_source", &required).await;
    assert_eq!(sent_on.url.path(), "/me/second-factor");
    assert!(sent_on.text.contains("Administrators need a second factor"));
    for path in ["/", "/leads", "/settings", "/menu"] {
        let page = browser.get(path).await;
        let leads_to = page.leads_to().map(|to| to.path().to_owned());
        let there = leads_to.as_deref() == Some("/me/second-factor");
        assert!(there || page.status == StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    set_up(&browser).await;
    assert!(is_in(&browser).await);
}

#[tokio::test]
async fn whoever_is_disabled_or_loses_a_role_is_stopped_at_once() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    assert_eq!(browser.get("/matching").await.status, StatusCode::OK);
    let books = Books::open(&database(&app.folder)).await;
    books
        .execute("UPDATE person SET administrator = FALSE")
        .await;
    assert_eq!(browser.get("/matching").await.status, StatusCode::FORBIDDEN);
    books.execute("UPDATE person SET disabled = TRUE").await;
    assert!(!is_in(&browser).await);
}
