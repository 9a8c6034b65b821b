//! People: invited, changed, disabled, and their links.

use leadline::store::people::links::LinkKind;
use reqwest::StatusCode;

use crate::journey::first_start;
use crate::smtp::MailServer;
use crate::support::{Books, Browser, Page, TestApp, database};

const PASSWORD: &str = "four words of Bob's";

/// A server with an administrator who is signed in.
async fn administered() -> (TestApp, Browser) {
    let (app, ada) = TestApp::start().await;
    first_start(&ada).await;
    (app, ada)
}

async fn invite(ada: &Browser, email: &str, role: &str) -> Page {
    let form = ada.get("/users/new").await;
    let typed = [("name", "Bob"), ("email", email), ("role", role)];
    ada.submit(&form, "email", &typed).await
}

/// The path of the link that a page or a mail shows.
fn link(text: &str) -> String {
    let (_, rest) = text
        .split_once("/sign-in/link/")
        .unwrap_or_else(|| panic!("no link: {text}"));
    let token: String = rest
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect();
    assert_eq!(token.len(), 43);
    format!("/sign-in/link/{token}")
}

async fn choose(browser: &Browser, link: &str, password: &str) -> Page {
    let form = browser.get(link).await;
    let typed = [("password", password), ("password_again", password)];
    browser.submit(&form, "password", &typed).await
}

/// Bob, invited as a salesperson, in a browser of his own.
async fn bob(app: &TestApp, ada: &Browser) -> Browser {
    let invited = invite(ada, "bob@example.com", "salesperson").await;
    let browser = app.browser();
    let page = choose(&browser, &link(&invited.text), PASSWORD).await;
    assert_eq!(page.heading(), "Overview", "{}", page.text);
    browser
}

async fn id_of(app: &TestApp, email: &str) -> i64 {
    let books = Books::open(&database(&app.folder)).await;
    let sql = format!("SELECT id AS n FROM person WHERE email = '{email}'");
    books.count(&sql).await
}

#[tokio::test]
async fn whoever_is_invited_chooses_a_password_and_is_in() {
    let (app, ada) = administered().await;
    let invited = invite(&ada, "bob@example.com", "salesperson").await;
    assert_eq!(invited.status, StatusCode::CREATED);
    assert!(invited.text.contains("7 days"), "{}", invited.text);
    let link = link(&invited.text);

    let bob = app.browser();
    for _ in 0..3 {
        let form = bob.get(&link).await;
        assert_eq!(
            (form.status, form.heading().as_str()),
            (StatusCode::OK, "Choose a password")
        );
        assert_eq!(form.header("referrer-policy"), "no-referrer");
        assert!(form.text.contains("bob@example.com"));
    }
    let short = choose(&bob, &link, "short").await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = bob.get(&link).await;
    let differ = [
        ("password", PASSWORD),
        ("password_again", "another one, quite long"),
    ];
    let differ = bob.submit(&form, "password", &differ).await;
    assert_eq!(differ.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        !differ.text.contains(PASSWORD),
        "a password is never sent back"
    );

    let home = choose(&bob, &link, PASSWORD).await;
    assert_eq!(
        (home.url.path(), home.heading().as_str()),
        ("/", "Overview")
    );
    let used = app.browser().get(&link).await;
    assert_eq!(
        (used.status, used.heading().as_str()),
        (StatusCode::NOT_FOUND, "This link does not work")
    );
    assert!(used.text.contains("ask an administrator"), "{}", used.text);
    assert_eq!(used.header("referrer-policy"), "no-referrer");

    let token = link.rsplit('/').next().unwrap();
    assert!(!app.log().contains(token), "the log holds a way in");
    assert!(app.log().contains("/sign-in/link/{token}"), "{}", app.log());
}

#[tokio::test]
async fn links_that_do_not_work_all_look_alike_and_guessing_gets_slow() {
    let (app, ada) = administered().await;
    let first = link(&invite(&ada, "bob@example.com", "salesperson").await.text);
    let again = format!("/users/{}/link", id_of(&app, "bob@example.com").await);
    let second = link(&ada.post(&again, &[]).await.text);
    let stranger = app.browser();
    let replaced = stranger.get(&first).await;
    let unknown = stranger.get("/sign-in/link/AAAA").await;
    for page in [&replaced, &unknown] {
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert_eq!(page.heading(), "This link does not work");
    }
    let post = stranger.post(
        &first,
        &[("password", PASSWORD), ("password_again", PASSWORD)],
    );
    assert_eq!(post.await.status, StatusCode::NOT_FOUND);
    assert_eq!(stranger.get(&second).await.status, StatusCode::OK);
    let mut statuses = Vec::new();
    for n in 0..25 {
        let guess = format!("/sign-in/link/guess{n}");
        statuses.push(stranger.get(&guess).await.status);
    }
    assert_eq!(statuses.pop(), Some(StatusCode::TOO_MANY_REQUESTS));
}

/// Lets the time of a link run out, and proves that it then opens nothing.
async fn expires(app: &TestApp, link: &str, kind: LinkKind) {
    let books = Books::open(&database(&app.folder)).await;
    let let_pass = async |hours: i64| {
        let time = hours * 60 * 60 * 1000;
        let sql = format!("UPDATE sign_in_link SET expires_at = expires_at - {time}");
        books.execute(&sql).await;
    };
    let finder = app.browser();
    let_pass(kind.hours() - 1).await;
    assert_eq!(finder.get(link).await.status, StatusCode::OK);
    let_pass(1).await;
    let password = "whoever found this link";
    let chosen = [("password", password), ("password_again", password)];
    for page in [finder.get(link).await, finder.post(link, &chosen).await] {
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert_eq!(page.heading(), "This link does not work");
    }
    let typed = [("email", "bob@example.com"), ("password", password)];
    let sign_in = finder.post("/sign-in", &typed).await;
    assert_eq!(sign_in.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_link_that_has_expired_lets_nobody_in() {
    let (app, ada) = administered().await;
    let invited = invite(&ada, "bob@example.com", "salesperson").await;
    expires(&app, &link(&invited.text), LinkKind::Invitation).await;
    let again = format!("/users/{}/link", id_of(&app, "bob@example.com").await);
    let another = link(&ada.post(&again, &[]).await.text);
    choose(&app.browser(), &another, PASSWORD).await;
    let reset = link(&ada.post(&again, &[]).await.text);
    expires(&app, &reset, LinkKind::Reset).await;
}

#[tokio::test]
async fn only_administrators_get_to_the_users() {
    let (app, ada) = administered().await;
    let bob = bob(&app, &ada).await;
    let id = id_of(&app, "bob@example.com").await;
    let own = format!("/users/{id}");
    for path in ["/users", "/users/new", &own] {
        assert_eq!(bob.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        let stranger = app.browser().get(path).await;
        assert_eq!(stranger.leads_to().unwrap().path(), "/sign-in", "{path}");
        assert_eq!(ada.get(path).await.status, StatusCode::OK, "{path}");
    }
    let up = [("name", "Bob"), ("role", "administrator")];
    for path in [
        "/users/new".to_owned(),
        own.clone(),
        format!("{own}/disable"),
        format!("{own}/enable"),
        format!("{own}/link"),
        format!("{own}/second-factor-off"),
        format!("{own}/delete"),
    ] {
        assert_eq!(
            bob.post(&path, &up).await.status,
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    assert!(
        !bob.get("/").await.text.contains("href=\"/users\""),
        "no menu entry"
    );
    let nobody = ada.get("/users/999").await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn another_role_holds_from_the_next_request_on_and_disabling_ends_everything() {
    let (app, ada) = administered().await;
    let bob = bob(&app, &ada).await;
    let path = format!("/users/{}", id_of(&app, "bob@example.com").await);
    let form = ada.get(&path).await;
    let up = [("name", "Robert"), ("role", "administrator")];
    let saved = ada.submit(&form, "role", &up).await;
    assert_eq!(
        (saved.status, saved.heading().as_str()),
        (StatusCode::OK, "Robert")
    );
    assert_eq!(bob.get("/users").await.status, StatusCode::OK);

    let nothing = ada
        .submit(&form, "role", &[("name", "Robert"), ("role", "none")])
        .await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        nothing.text.contains("at least one role"),
        "{}",
        nothing.text
    );

    ada.post(&format!("{path}/disable"), &[]).await;
    let out = bob.get("/users").await;
    assert_eq!(out.leads_to().unwrap().path(), "/sign-in");
    let listed = ada.get("/users?state=disabled").await;
    assert!(listed.text.contains("Robert"), "{}", listed.text);
}

#[tokio::test]
async fn the_last_administrator_stays_and_nobody_locks_themselves_out() {
    let (app, ada) = administered().await;
    let own = format!("/users/{}", id_of(&app, "ada@example.com").await);
    let form = ada.get(&own).await;
    let down = ada.submit(&form, "role", &[("role", "salesperson")]).await;
    assert_eq!(down.status, StatusCode::CONFLICT);
    assert!(
        down.text.contains("without an active administrator"),
        "{}",
        down.text
    );
    for what in ["disable", "delete"] {
        let refused = ada.post(&format!("{own}/{what}"), &[]).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{what}");
        assert!(refused.text.contains("yourself"), "{}", refused.text);
    }
    assert_eq!(ada.get("/users").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_list_shows_the_engines_own_identity_beside_the_people() {
    let (_app, ada) = administered().await;
    invite(&ada, "bob@example.com", "salesperson").await;
    let all = ada.get("/users").await;
    for part in [
        "S2S Inbound",
        "Built in",
        "Never signs in",
        "Invited",
        "2 users",
    ] {
        assert!(all.text.contains(part), "{part}: {}", all.text);
    }
    let found = ada
        .get("/users?q=bob%40ex&role=salesperson&state=invited")
        .await;
    assert!(found.text.contains("1 user"), "{}", found.text);
    assert!(!found.text.contains("Built in"));
    let wrong = ada.get("/users?state=asleep").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn an_address_that_is_taken_is_said_beside_the_field() {
    let (_app, ada) = administered().await;
    invite(&ada, "bob@example.com", "salesperson").await;
    let taken = invite(&ada, " BOB@example.com", "administrator").await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        taken.text.contains("this e-mail address already"),
        "{}",
        taken.text
    );
}

async fn with_mail(server: &MailServer) -> (TestApp, Browser) {
    let url = server.url();
    let settings = [
        ("LEADLINE_SMTP__URL", url.as_str()),
        ("LEADLINE_SMTP__FROM", "Leadline <leadline@example.com>"),
    ];
    let (app, ada) = TestApp::start_with(&settings).await;
    first_start(&ada).await;
    (app, ada)
}

#[tokio::test]
async fn with_a_mail_server_the_link_goes_to_the_person_alone() {
    let server = MailServer::start();
    let (app, ada) = with_mail(&server).await;
    let invited = invite(&ada, "bob@example.com", "salesperson").await;
    assert_eq!(
        (invited.status, invited.heading().as_str()),
        (StatusCode::OK, "Bob")
    );
    assert!(
        invited
            .text
            .contains("A mail is on its way to bob@example.com"),
        "{}",
        invited.text
    );
    assert!(!invited.text.contains("/sign-in/link/"), "{}", invited.text);
    let [mail] = server.to("bob@example.com").try_into().unwrap();
    assert!(
        mail.text.contains("Subject: Your invitation to Leadline"),
        "{}",
        mail.text
    );
    assert!(mail.text.contains(LinkKind::Invitation.validity()));
    let page = choose(&app.browser(), &link(&mail.text), PASSWORD).await;
    assert_eq!(page.heading(), "Overview");
}

#[tokio::test]
async fn a_mail_that_cannot_be_sent_is_told_and_the_link_is_shown_instead() {
    let server = MailServer::start();
    let (app, ada) = with_mail(&server).await;
    let invited = invite(&ada, "nobody@example.com", "salesperson").await;
    assert_eq!(invited.status, StatusCode::CREATED);
    assert!(
        invited.text.contains("the server answered 550"),
        "{}",
        invited.text
    );
    let page = choose(&app.browser(), &link(&invited.text), PASSWORD).await;
    assert_eq!(page.heading(), "Overview");
}

#[tokio::test]
async fn whoever_forgot_gets_a_mail_and_nobody_learns_who_is_known() {
    let server = MailServer::start();
    let (app, _ada) = with_mail(&server).await;
    let stranger = app.browser();
    let sign_in = stranger.get("/sign-in").await;
    assert_eq!(sign_in.links("/sign-in/forgot"), ["/sign-in/forgot"]);
    let ask = async |email: &str| {
        let form = stranger.get("/sign-in/forgot").await;
        let page = stranger.submit(&form, "email", &[("email", email)]).await;
        let (head, _) = page.text.split_once("<script").unwrap();
        (page.status, head.to_owned())
    };
    let unknown = ask("who@example.com").await;
    assert_eq!(unknown.0, StatusCode::OK);
    assert_eq!(ask("Ada@Example.com").await, unknown);
    let mail = server.wait_for("ada@example.com");
    assert!(server.to("who@example.com").is_empty());
    let page = choose(&app.browser(), &link(&mail.text), PASSWORD).await;
    assert_eq!(page.heading(), "Overview");
    let mut last = unknown.0;
    for _ in 0..6 {
        last = ask("ada@example.com").await.0;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn without_a_mail_server_nothing_promises_mail() {
    let (app, _ada) = administered().await;
    let stranger = app.browser();
    assert!(
        stranger
            .get("/sign-in")
            .await
            .links("/sign-in/forgot")
            .is_empty()
    );
    let forgot = stranger.get("/sign-in/forgot").await;
    assert_eq!(forgot.status, StatusCode::NOT_FOUND);
    let form = [("email", "ada@example.com")];
    let forgot = stranger.post("/sign-in/forgot", &form).await;
    assert_eq!(forgot.status, StatusCode::NOT_FOUND);
}
