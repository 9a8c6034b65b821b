//! Who may ask for what.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{Program, json, problem, wait_until_idle};
use crate::journey::{connect, first_start};
use crate::support::{Books, TestApp, database};
use crate::tokens::token_on;

#[tokio::test]
async fn nobody_without_a_token_gets_any_further() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    for path in ["/leads", "/leads/1", "/tokens", "/sync-status"] {
        let signed_in = browser.get(&format!("/api/v1{path}")).await;
        problem(&signed_in, StatusCode::UNAUTHORIZED);
        assert!(signed_in.header("www-authenticate").starts_with("Bearer"));
    }
    let unknown = format!("leadline_{}", "A".repeat(43));
    for token in ["", "nonsense", "leadline_short", &unknown] {
        let page = Program::with(&app, token).get("/leads").await;
        problem(&page, StatusCode::UNAUTHORIZED);
    }
    let program = Program::of(&app, "administrator");
    let twice = program.request(Method::GET, "/leads").bearer_auth("other");
    problem(&program.send(twice).await, StatusCode::UNAUTHORIZED);
    assert_eq!(program.get("/leads").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_reads_what_its_role_may() {
    let (app, _) = TestApp::start().await;
    let roles = ["administrator", "salesperson", "s2s-inbound"].map(|role| Program::of(&app, role));
    let table = [
        ("/submissions", [true, true, false]),
        ("/leads", [true, true, false]),
        ("/forms", [true, true, false]),
        ("/campaigns", [true, true, false]),
        ("/sync-status", [true, true, false]),
        ("/user-profiles", [true, true, true]),
        ("/linked-accounts", [true, true, true]),
        ("/matching-strategies", [true, false, true]),
        ("/field-mappings", [true, false, true]),
        ("/lead-fields", [true, false, true]),
        ("/tokens", [true, false, false]),
        ("/users", [true, false, false]),
        ("/audit-events", [true, false, false]),
    ];
    for (path, allowed) in table {
        for (program, allowed) in roles.iter().zip(allowed) {
            let page = program.get(path).await;
            match allowed {
                true => drop(json(&page, StatusCode::OK)),
                false => drop(problem(&page, StatusCode::FORBIDDEN)),
            }
        }
    }
}

#[tokio::test]
async fn only_administrators_change_anything_and_only_the_door_brings_submissions_in() {
    let (app, _) = TestApp::start().await;
    let [administrator, salesperson, inbound] =
        ["administrator", "salesperson", "s2s-inbound"].map(|role| Program::of(&app, role));
    let account = json!({ "account": 99, "response": {} });
    for program in [&administrator, &salesperson] {
        problem(
            &program.post("/submissions", &account).await,
            StatusCode::FORBIDDEN,
        );
    }
    problem(
        &inbound.post("/submissions", &account).await,
        StatusCode::UNPROCESSABLE_ENTITY,
    );
    for program in [&salesperson, &inbound] {
        let change = json!({ "sync_enabled": false });
        problem(
            &program.patch("/linked-accounts/1", &change).await,
            StatusCode::FORBIDDEN,
        );
        problem(
            &program.post("/sync-requests", &json!({})).await,
            StatusCode::FORBIDDEN,
        );
        let token = json!({ "name": "more", "role": "administrator" });
        problem(
            &program.post("/tokens", &token).await,
            StatusCode::FORBIDDEN,
        );
        let delete = program.request(Method::DELETE, "/tokens/1");
        problem(&program.send(delete).await, StatusCode::FORBIDDEN);
    }
    let disconnect =
        |program: &Program| program.request(Method::DELETE, "/user-profiles/1/authorization");
    let refused = inbound.send(disconnect(&inbound)).await;
    problem(&refused, StatusCode::FORBIDDEN);
    // None is the own one of nobody, for whom a token of the command line acts.
    let refused = salesperson.send(disconnect(&salesperson)).await;
    problem(&refused, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_token_that_was_revoked_is_refused_at_once() {
    let (app, _) = TestApp::start().await;
    let administrator = Program::of(&app, "administrator");
    let new = json!({ "name": "Short", "role": "salesperson", "expires_in_days": 1 });
    let made = administrator.post("/tokens", &new).await;
    let made = json(&made, StatusCode::CREATED);
    let short = Program::with(&app, made["secret"].as_str().unwrap());
    json(&short.get("/leads").await, StatusCode::OK);

    let path = format!("/tokens/{}", made["id"]);
    let revoked = administrator
        .send(administrator.request(Method::DELETE, &path))
        .await;
    assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    problem(&short.get("/leads").await, StatusCode::UNAUTHORIZED);
    let shown = json(&administrator.get(&path).await, StatusCode::OK);
    assert_eq!(
        (&shown["state"], &shown["name"]),
        (&"revoked".into(), &"Short".into())
    );
    assert!(shown.get("secret").is_none(), "{shown}");
}

#[tokio::test]
async fn a_token_that_has_expired_is_refused() {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let (app, _) = TestApp::start().await;
    let administrator = Program::of(&app, "administrator");
    let new = json!({ "name": "Short", "role": "salesperson", "expires_in_days": 1 });
    let made = json(
        &administrator.post("/tokens", &new).await,
        StatusCode::CREATED,
    );
    let short = Program::with(&app, made["secret"].as_str().unwrap());
    // Everything about it happened so long ago.
    let books = Books::open(&database(&app.folder)).await;
    let ago = async |time: i64| {
        let aged = format!(
            "UPDATE api_token SET created_at = created_at - {time}, expires_at = expires_at - {time} \
             WHERE id = {}",
            made["id"]
        );
        books.execute(&aged).await;
    };
    ago(DAY - 60_000).await;
    json(&short.get("/leads").await, StatusCode::OK);
    ago(60_000).await;
    problem(&short.get("/leads").await, StatusCode::UNAUTHORIZED);
    let shown = administrator.get(&format!("/tokens/{}", made["id"])).await;
    assert_eq!(json(&shown, StatusCode::OK)["state"], "expired");
}

#[tokio::test]
async fn a_token_ends_with_the_administrator_who_made_it() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    let new = [
        ("name", "Ada's"),
        ("role", "administrator"),
        ("expires", "30"),
    ];
    let token = token_on(&browser.post("/tokens", &new).await).unwrap();
    let program = Program::with(&app, &token);
    json(&program.get("/leads").await, StatusCode::OK);
    Books::open(&database(&app.folder))
        .await
        .execute("UPDATE person SET disabled = TRUE")
        .await;
    problem(&program.get("/leads").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_salespersons_token_sees_the_accounts_of_whoever_made_it_and_no_others() {
    let (app, browser) = TestApp::start_in(leadline_sandbox::Seed::Demo, &[]).await;
    first_start(&browser).await;
    connect(&browser).await;
    wait_until_idle(&Program::of(&app, "administrator")).await;
    let new = [("name", "Mine"), ("role", "salesperson"), ("expires", "30")];
    let mine = token_on(&browser.post("/tokens", &new).await).unwrap();
    let mine = Program::with(&app, &mine);
    let nobodys = Program::of(&app, "salesperson");
    let count = async |program: &Program, path| {
        let list = json(&program.get(path).await, StatusCode::OK);
        list["items"].as_array().unwrap().len()
    };
    assert!(count(&mine, "/linked-accounts").await > 0);
    assert_eq!(count(&mine, "/user-profiles").await, 1);
    assert!(
        count(&nobodys, "/leads").await > 0,
        "everybody sees all of them"
    );
    let settings = browser.get("/settings").await;
    let own = [("salesperson_visibility", "own")];
    browser
        .submit(&settings, "salesperson_visibility", &own)
        .await;
    for noun in ["/leads", "/submissions"] {
        assert!(count(&mine, noun).await > 0, "{noun}");
        assert_eq!(count(&nobodys, noun).await, 0, "{noun}");
        let first = json(&mine.get(&format!("{noun}?limit=1")).await, StatusCode::OK);
        let path = format!("{noun}/{}", first["items"][0]["id"]);
        json(&mine.get(&path).await, StatusCode::OK);
        problem(&nobodys.get(&path).await, StatusCode::NOT_FOUND);
    }
    assert_eq!(count(&nobodys, "/linked-accounts").await, 0);
    assert_eq!(count(&nobodys, "/user-profiles").await, 0);
    problem(
        &nobodys.get("/linked-accounts/1").await,
        StatusCode::NOT_FOUND,
    );
}

#[tokio::test]
async fn the_description_is_for_whoever_signed_in_or_shows_a_token() {
    let (app, browser) = TestApp::start().await;
    let stranger = browser.get("/api/v1/openapi.json").await;
    problem(&stranger, StatusCode::UNAUTHORIZED);
    let stranger = browser.get("/api/docs").await;
    assert!(stranger.status.is_redirection(), "{}", stranger.status);
    first_start(&browser).await;
    let description = json(&browser.get("/api/v1/openapi.json").await, StatusCode::OK);
    assert_eq!(description["openapi"], "3.1.0");
    assert_eq!(browser.get("/api/docs").await.heading(), "REST API");
    for role in ["administrator", "salesperson", "s2s-inbound"] {
        json(
            &Program::of(&app, role).get("/openapi.json").await,
            StatusCode::OK,
        );
    }
}
