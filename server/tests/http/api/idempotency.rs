//! `Idempotency-Key`: to send something again does nothing twice.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Program, json, problem};
use crate::support::{Books, Page, TestApp, database};

async fn make_token(program: &Program, key: &str, name: &str) -> Page {
    let body = json!({ "name": name, "role": "salesperson" });
    let request = program.request(Method::POST, "/tokens").json(&body);
    program.send(request.header("Idempotency-Key", key)).await
}

async fn names(program: &Program) -> Vec<Value> {
    let list = json(&program.get("/tokens").await, StatusCode::OK);
    let tokens = list["items"].as_array().unwrap().iter();
    tokens.map(|token| token["name"].clone()).collect()
}

#[tokio::test]
async fn the_same_key_and_request_give_the_same_answer() {
    let (app, _) = TestApp::start().await;
    let program = Program::of(&app, "administrator");
    let first = make_token(&program, "k-1", "Export").await;
    let made = json(&first, StatusCode::CREATED);
    let again = make_token(&program, "k-1", "Export").await;
    assert_eq!(json(&again, StatusCode::CREATED), made);
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(
        (
            first.header("idempotency-replayed"),
            again.header("idempotency-replayed")
        ),
        ("", "true")
    );
    assert_eq!(names(&program).await, ["Export", "administrator"]);

    let secret = made["secret"].as_str().unwrap();
    json(
        &Program::with(&app, secret).get("/leads").await,
        StatusCode::OK,
    );
    let file = std::fs::read(app.folder.path().join("leadline.db-wal")).unwrap();
    let found = file
        .windows(secret.len())
        .any(|part| part == secret.as_bytes());
    assert!(!found, "the answer that is kept is sealed");
}

#[tokio::test]
async fn a_key_belongs_to_one_request_of_one_token() {
    let (app, _) = TestApp::start().await;
    let program = Program::of(&app, "administrator");
    json(
        &make_token(&program, "k-1", "Export").await,
        StatusCode::CREATED,
    );
    let other = make_token(&program, "k-1", "Import").await;
    problem(&other, StatusCode::UNPROCESSABLE_ENTITY);
    let colleague = Program::of(&app, "administrator");
    json(
        &make_token(&colleague, "k-1", "Import").await,
        StatusCode::CREATED,
    );
    for key in ["", "two words", &"k".repeat(256)] {
        problem(
            &make_token(&program, key, "x").await,
            StatusCode::BAD_REQUEST,
        );
    }
}

#[tokio::test]
async fn a_refusal_is_remembered_too() {
    let (app, _) = TestApp::start().await;
    let program = Program::of(&app, "administrator");
    let first = make_token(&program, "k-1", " ").await;
    let told = problem(&first, StatusCode::UNPROCESSABLE_ENTITY);
    let again = make_token(&program, "k-1", " ").await;
    assert_eq!(problem(&again, StatusCode::UNPROCESSABLE_ENTITY), told);
    assert_eq!(again.header("idempotency-replayed"), "true");
}

#[tokio::test]
async fn of_ten_that_come_at_once_one_does_the_work() {
    let (app, _) = TestApp::start().await;
    let program = Program::of(&app, "administrator");
    let tries = (0..10).map(|_| make_token(&program, "k-1", "Export"));
    let mut made = Vec::new();
    for page in join_all(tries).await {
        match page.status {
            StatusCode::CREATED => made.push(json(&page, StatusCode::CREATED)["id"].clone()),
            _ => drop(problem(&page, StatusCode::CONFLICT)),
        }
    }
    made.dedup();
    assert_eq!(made.len(), 1);
    assert_eq!(names(&program).await, ["Export", "administrator"]);
}

#[tokio::test]
async fn after_a_day_a_key_is_new_again() {
    let (app, _) = TestApp::start().await;
    let program = Program::of(&app, "administrator");
    json(
        &make_token(&program, "k-1", "Export").await,
        StatusCode::CREATED,
    );
    let books = Books::open(&database(&app.folder)).await;
    books
        .execute("UPDATE idempotent_answer SET created_at = created_at - 86400000")
        .await;
    json(
        &make_token(&program, "k-1", "Import").await,
        StatusCode::CREATED,
    );
    assert_eq!(names(&program).await, ["Import", "Export", "administrator"]);
}

/// All at once, each answer at its place.
async fn join_all(tries: impl Iterator<Item = impl Future<Output = Page>>) -> Vec<Page> {
    let mut waiting: Vec<_> = tries.map(|one| (Box::pin(one), None)).collect();
    std::future::poll_fn(|context| {
        let mut done = true;
        for (one, page) in &mut waiting {
            if page.is_none() {
                match one.as_mut().poll(context) {
                    std::task::Poll::Ready(answer) => *page = Some(answer),
                    std::task::Poll::Pending => done = false,
                }
            }
        }
        match done {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
    waiting.into_iter().filter_map(|(_, page)| page).collect()
}
