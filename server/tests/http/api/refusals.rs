//! What is wrong is refused with words that help, always in the same shape.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{Program, json, problem};
use crate::support::TestApp;

#[tokio::test]
async fn a_wrong_parameter_is_named() {
    let (app, _) = TestApp::start().await;
    let program = Program::of(&app, "administrator");
    let cases = [
        ("/leads?limit=0", "limit"),
        ("/leads?limit=201", "limit"),
        ("/leads?limit=many", "limit"),
        ("/leads?cursor=here", "cursor"),
        ("/leads?sort=best", "sort"),
        ("/leads?owner=ada", "owner"),
        ("/leads?owner=0", "owner"),
        ("/leads?sort=", "sort"),
        ("/leads?q=%00", "q"),
        ("/submissions?from=today", "from"),
        ("/submissions?status=lost", "status"),
        ("/submissions?limt=5", "limt"),
        ("/leads?q=a&q=b", "q"),
        ("/leads/1?fields=all", "fields"),
    ];
    for (path, name) in cases {
        let told = problem(&program.get(path).await, StatusCode::BAD_REQUEST);
        assert_eq!(told["errors"][0]["parameter"], name, "{path}: {told}");
    }
    let long = format!("/leads?q={}", "x".repeat(201));
    problem(&program.get(&long).await, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_wrong_body_is_refused_with_the_place_that_is_wrong() {
    let (app, _) = TestApp::start().await;
    let program = Program::of(&app, "administrator");
    let cases = [
        (json!({ "name": "x", "role": "king" }), "/role"),
        (json!({ "name": 5, "role": "salesperson" }), "/name"),
        (json!({ "name": " ", "role": "salesperson" }), "/name"),
        (
            json!({ "name": "x", "role": "salesperson", "expires_in_days": 0 }),
            "/expires_in_days",
        ),
        (
            json!({ "name": "x", "role": "salesperson", "rights": 1 }),
            "/rights",
        ),
        (json!({ "name": "x" }), ""),
        (json!([]), ""),
    ];
    for (body, pointer) in cases {
        let told = problem(
            &program.post("/tokens", &body).await,
            StatusCode::UNPROCESSABLE_ENTITY,
        );
        assert_eq!(told["errors"][0]["pointer"], pointer, "{body}: {told}");
    }
    let change = json!({ "sync_enabled": null });
    problem(
        &program.patch("/linked-accounts/1", &change).await,
        StatusCode::UNPROCESSABLE_ENTITY,
    );
}

#[tokio::test]
async fn what_was_sent_is_not_repeated() {
    let (app, _) = TestApp::start().await;
    let program = Program::of(&app, "administrator");
    let body = json!({ "name": "x", "role": "ada@lovelace.example", "expires_in_days": "hunter2" });
    for body in [body, json!({ "name": { "secret": "hunter2" } })] {
        let page = program.post("/tokens", &body).await;
        problem(&page, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            !page.text.contains("lovelace") && !page.text.contains("hunter2"),
            "{}",
            page.text
        );
    }
}

#[tokio::test]
async fn what_the_server_itself_refuses_has_the_same_shape() {
    let (app, _) = TestApp::start().await;
    let program = Program::of(&app, "administrator");
    let post = || program.request(Method::POST, "/tokens");
    let broken = post()
        .header("content-type", "application/json")
        .body("{\"name\": ");
    problem(&program.send(broken).await, StatusCode::BAD_REQUEST);
    let form = post().form(&[("name", "x")]);
    problem(
        &program.send(form).await,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
    );
    let large = json!({ "name": "x".repeat(70_000), "role": "salesperson" });
    problem(
        &program.post("/tokens", &large).await,
        StatusCode::PAYLOAD_TOO_LARGE,
    );
    problem(&program.get("/nothing").await, StatusCode::NOT_FOUND);
    for id in ["abc", "0", "-1", "99999999999999999999"] {
        problem(
            &program.get(&format!("/leads/{id}")).await,
            StatusCode::NOT_FOUND,
        );
    }
    let method = program.send(program.request(Method::PUT, "/leads")).await;
    problem(&method, StatusCode::METHOD_NOT_ALLOWED);
    assert!(
        method.header("allow").contains("GET"),
        "{}",
        method.header("allow")
    );
}

#[tokio::test]
async fn a_cookie_is_no_token_and_another_site_changes_nothing() {
    let (app, browser) = TestApp::start().await;
    crate::journey::first_start(&browser).await;
    let body = json!({ "name": "x", "role": "administrator" });
    let post = browser.request(Method::POST, "/api/v1/tokens").json(&body);
    problem(&browser.send(post).await, StatusCode::UNAUTHORIZED);
    let program = Program::of(&app, "administrator");
    let foreign = program
        .request(Method::POST, "/tokens")
        .header("sec-fetch-site", "cross-site");
    problem(
        &program.send(foreign.json(&body)).await,
        StatusCode::FORBIDDEN,
    );
    let tokens = json(&program.get("/tokens").await, StatusCode::OK);
    assert_eq!(tokens["items"].as_array().unwrap().len(), 1);
}
