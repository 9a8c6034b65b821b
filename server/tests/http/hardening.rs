//! Attacks, each from outside and each refused.

use leadline_sandbox::Seed;
use reqwest::header::{COOKIE, REFERER};
use reqwest::{Method, StatusCode};

use crate::access::{Address, KEPT_OF_PEOPLE, addresses};
use crate::journey::first_start;
use crate::support::world::{ADMINISTRATOR, ANN, PASSWORD, World, sign_in};
use crate::support::{Browser, Page, TestApp, database, free_address};

/// An address with something in place of its parameters.
fn path(address: &Address) -> String {
    let path = address.path.replace("{id}", "1");
    path.replace("{name}", "none").replace("{token}", "none")
}

/// Every address that could change something.
fn changing() -> Vec<Address> {
    let all = addresses().into_iter().filter(Address::changes);
    let all: Vec<Address> = all.collect();
    assert!(all.len() > 10);
    all
}

#[tokio::test]
async fn no_other_site_can_make_a_browser_change_anything() {
    let world = World::start().await;
    let administrator = world.signed_in(ADMINISTRATOR).await;
    let before = world.books.everything(&KEPT_OF_PEOPLE).await;
    let foreign: [&[(&str, &str)]; 5] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site"), ("origin", &world.app.url)],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", "http://localhost")],
    ];
    for address in changing() {
        for headers in foreign {
            let method: Method = address.method.parse().unwrap();
            let mut request = administrator.request(method, &path(&address));
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let page = administrator.send(request.form(&[("x", "y")])).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{address} {headers:?}");
        }
    }
    let after = world.books.everything(&KEPT_OF_PEOPLE).await;
    assert_eq!(before, after);
    assert_eq!(
        administrator.get("/").await.status,
        StatusCode::OK,
        "still signed in"
    );
}

#[tokio::test]
async fn following_a_link_changes_nothing_wherever_it_leads() {
    let world = World::start().await;
    let administrator = world.signed_in(ADMINISTRATOR).await;
    let before = world.books.everything(&KEPT_OF_PEOPLE).await;
    for address in addresses() {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            let page = administrator
                .send(administrator.request(method.clone(), &path(&address)))
                .await;
            assert!(
                !page.status.is_server_error(),
                "{method} {address}: {}",
                page.status
            );
        }
    }
    let after = world.books.everything(&KEPT_OF_PEOPLE).await;
    assert_eq!(before, after);
    assert_eq!(
        administrator.get("/").await.status,
        StatusCode::OK,
        "still signed in"
    );
}

/// Where a redirect leads, and whether that is here.
fn leads_home(page: &Page, app: &TestApp) -> bool {
    let home: reqwest::Url = app.url.parse().unwrap();
    page.leads_to()
        .is_none_or(|to| to.origin() == home.origin())
}

#[tokio::test]
async fn no_referer_and_no_wish_sends_anybody_to_another_site() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    for address in addresses() {
        let method: Method = address.method.parse().unwrap();
        for evil in [
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
        ] {
            let asked = [
                ("next", evil),
                ("return", evil),
                ("redirect", evil),
                ("back", evil),
            ];
            let mut request = browser.request(method.clone(), &path(&address));
            request = request.query(&asked);
            request = request.header(REFERER, "https://evil.example/page");
            if address.changes() && address.path != "/sign-out" {
                request = request.form(&asked);
            }
            let page = browser.send(request).await;
            assert!(
                leads_home(&page, &app) || address.path == "/auth/linkedin/start",
                "{address}: {:?}",
                page.leads_to()
            );
        }
    }
}

/// Signs in with this cookie; the cookie afterwards.
async fn sign_in_with(browser: &Browser, cookie_before: &str) -> String {
    let request = browser
        .request(Method::POST, "/sign-in")
        .header(COOKIE, cookie_before);
    let typed = [("email", "ada@example.com"), ("password", PASSWORD)];
    let page = browser.send(request.form(&typed)).await;
    let set = page
        .sets("leadline")
        .unwrap_or_else(|| panic!("no cookie: {}", page.text));
    set.split(';').next().unwrap().to_owned()
}

async fn is_signed_in(browser: &Browser, cookie: &str) -> bool {
    let request = browser
        .request(Method::GET, "/leads")
        .header(COOKIE, cookie);
    browser.send(request).await.status == StatusCode::OK
}

#[tokio::test]
async fn a_session_that_somebody_planted_never_becomes_anybody_s() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    let victim = app.browser();
    // A well-formed id of the attacker's choice is not adopted.
    let planted = "leadline=AAAAAAAAAAAAAAAAAAAAAA";
    let own = sign_in_with(&victim, planted).await;
    assert_ne!(own, planted);
    assert!(is_signed_in(&victim, &own).await && !is_signed_in(&victim, planted).await);
    // Nor does an id that was signed in before live on after the next sign-in.
    let next = sign_in_with(&victim, &own).await;
    assert_ne!(next, own);
    assert!(is_signed_in(&victim, &next).await && !is_signed_in(&victim, &own).await);
}

#[tokio::test]
async fn the_cookie_keeps_to_this_host_and_away_from_scripts() {
    let (_app, browser) = TestApp::start().await;
    first_start(&browser).await;
    let typed = [("email", "ada@example.com"), ("password", PASSWORD)];
    let page = browser.post("/sign-in", &typed).await;
    let set = page.sets("leadline").unwrap();
    assert!(!set.contains("Secure"), "{set}");
    assert!(
        set.contains("HttpOnly") && set.contains("SameSite=Lax"),
        "{set}"
    );
    let listen = free_address();
    let https = [
        ("LEADLINE_PUBLIC_URL", "https://leads.example"),
        ("LEADLINE_LISTEN", listen.as_str()),
    ];
    let (_app, _) = TestApp::start_with(&https).await;
    let behind_the_proxy = Browser::new(&format!("http://{listen}"));
    let typed = [
        ("name", "Ada"),
        ("email", "ada@example.com"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    let page = behind_the_proxy.post("/first-start", &typed).await;
    let set = page.sets("__Host-leadline").unwrap();
    let attributes: Vec<&str> = set.split("; ").skip(1).collect();
    for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(attributes.contains(&attribute), "{attribute}: {set}");
    }
    assert!(!set.contains("Domain"), "{set}");
}

/// What somebody may not type, at every form.
#[tokio::test]
async fn what_is_too_large_is_refused_in_words_at_every_form() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    let long_field = "x".repeat(10_001);
    let long_form = "x".repeat(70_000);
    let huge = "x".repeat(1_100_000);
    for address in changing() {
        // Neither reads a form.
        let formless = ["/api/", "/fn/", "/sign-out"];
        if formless.iter().any(|begin| address.path.starts_with(begin)) {
            continue;
        }
        for text in [&long_field, &long_form, &huge] {
            let request = browser.request(address.method.parse().unwrap(), &path(&address));
            // A server that has heard enough may hang up before it has heard all.
            let Ok(answer) = request.form(&[("email", text)]).send().await else {
                continue;
            };
            assert!(
                !answer.status().is_server_error(),
                "{address}: {}",
                answer.status()
            );
        }
    }
    for (field, text) in [("name", &long_field), ("email", &long_form)] {
        let page = app.browser().post("/sign-in", &[(field, text)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            page.text.contains("more than a form may hold"),
            "{}",
            page.text
        );
    }
}

#[tokio::test]
async fn a_page_that_broke_tells_the_name_of_the_request_in_the_log() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    let books = crate::support::Books::open(&database(&app.folder)).await;
    books
        .execute("ALTER TABLE matching_strategy RENAME TO lost")
        .await;
    let page = browser.get("/matching").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    let id = page.header("x-request-id");
    assert!(id.len() == 16 && page.text.contains(id), "{}", page.text);
    assert!(app.log().contains(id));
    assert!(!page.text.contains("matching_strategy"), "{}", page.text);
}

#[tokio::test]
async fn only_a_trusted_proxy_is_believed_about_who_asks() {
    let typed = [("email", ANN), ("password", "wrong words in a row")];
    let address = "198.51.100.7";
    for (trusted, believed) in [("127.0.0.0/8 ::1", true), ("10.0.0.0/8", false)] {
        let setting = [("LEADLINE_TRUSTED_PROXIES", trusted)];
        let (app, browser) = TestApp::start_in(Seed::Empty, &setting).await;
        first_start(&browser).await;
        let stranger = app.browser();
        let request = stranger.request(Method::POST, "/sign-in").form(&typed);
        let request = request.header("x-forwarded-for", format!("127.0.0.1, {address}"));
        stranger.send(request).await;
        assert_eq!(app.log().contains(address), believed, "{trusted}");
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_and_not_only_the_cookie() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    let other = app.browser();
    sign_in(&other, "ada@example.com").await;
    let own = sign_in_with(&other, "").await;
    assert!(is_signed_in(&other, &own).await);
    let out = other
        .request(Method::POST, "/sign-out")
        .header(COOKIE, &own);
    other.send(out).await;
    assert!(!is_signed_in(&other, &own).await);
}
