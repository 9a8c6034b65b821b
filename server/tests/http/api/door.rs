//! `POST /submissions`: the door by which programs bring form responses in.

use std::time::Duration;

use leadline_sandbox::Seed;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Program, json, problem, wait_until_idle};
use crate::journey::{connect, first_start};
use crate::support::{Books, Browser, TestApp, database};

/// A server that has read everything of the demo's first account.
async fn synced() -> (TestApp, Books) {
    let (app, browser) = TestApp::start_in(Seed::Demo, &[]).await;
    first_start(&browser).await;
    connect(&browser).await;
    let books = Books::open(&database(&app.folder)).await;
    wait_until_idle(&Program::of(&app, "administrator")).await;
    (app, books)
}

/// A response to a form that Leadline knows, worded as LinkedIn's own.
async fn response(books: &Books, id: &str) -> Value {
    let raw = books
        .texts("SELECT raw AS t FROM submission WHERE malformed IS NULL AND form_id IS NOT NULL ORDER BY id LIMIT 1")
        .await;
    let mut response: Value = serde_json::from_str(&raw[0]).unwrap();
    response["id"] = id.into();
    response
}

async fn decided(program: &Program, id: &Value) -> Value {
    for _ in 0..300 {
        let page = program.get(&format!("/submissions/{id}")).await;
        let submission = json(&page, StatusCode::OK);
        if submission["matching_status"] != "pending" {
            return submission;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it was never decided");
}

#[tokio::test]
async fn what_a_program_brings_in_becomes_a_lead_and_comes_only_once() {
    let (app, books) = synced().await;
    let (door, reader) = (
        Program::of(&app, "s2s-inbound"),
        Program::of(&app, "administrator"),
    );
    let response = response(&books, "brought-1").await;
    let urn = books.texts("SELECT urn AS t FROM linked_account a JOIN submission s ON s.account_id = a.id ORDER BY s.id LIMIT 1");
    let urn = urn.await.remove(0);
    let body = json!({ "account": urn, "response": response });

    let first = door.post("/submissions", &body).await;
    let first_told = json(&first, StatusCode::CREATED);
    assert_eq!(
        first.header("location"),
        format!("/api/v1/submissions/{}", first_told["id"])
    );
    assert_eq!(
        (&first_told["linkedin_id"], &first_told["received_by"]),
        (&"brought-1".into(), &"api".into())
    );
    assert!(!first_told["answers"].as_array().unwrap().is_empty());

    let again = json(&door.post("/submissions", &body).await, StatusCode::OK);
    assert_eq!(
        (&again["id"], &again["unchanged"]),
        (&first_told["id"], &true.into())
    );
    let brought = "SELECT count(*) AS n FROM submission WHERE linkedin_id = 'brought-1'";
    assert_eq!(books.count(brought).await, 1);

    let submission = decided(&reader, &first_told["id"]).await;
    assert_eq!(submission["processing_state"], "succeeded", "{submission}");
    let lead = &submission["lead"]["id"];
    let lead = json(&reader.get(&format!("/leads/{lead}")).await, StatusCode::OK);
    assert!(lead["fields"]["emailaddress1"].is_string(), "{lead}");
    assert!(
        lead["crm_url"].as_str().unwrap().starts_with(&app.url),
        "{lead}"
    );
}

#[tokio::test]
async fn what_was_read_from_linkedin_is_known_at_the_door_but_not_told_to_a_stranger_to_it() {
    let (app, books) = synced().await;
    let door = Program::of(&app, "s2s-inbound");
    let known = books
        .texts(
            "SELECT linkedin_id AS t FROM submission WHERE malformed IS NULL ORDER BY id LIMIT 1",
        )
        .await;
    let account =
        "SELECT account_id AS n FROM submission WHERE malformed IS NULL ORDER BY id LIMIT 1";
    let account = books.count(account).await;
    let before = books.count("SELECT count(*) AS n FROM submission").await;
    let guess = json!({ "account": account, "response": { "id": known[0] } });
    let told = json(&door.post("/submissions", &guess).await, StatusCode::OK);
    assert_eq!(
        (&told["linkedin_id"], &told["unchanged"]),
        (&known[0].clone().into(), &false.into())
    );
    assert_eq!(
        (&told["answers"], &told["person_name"]),
        (&json!([]), &"".into())
    );
    assert_eq!(
        books.count("SELECT count(*) AS n FROM submission").await,
        before
    );
}

#[tokio::test]
async fn what_comes_without_its_form_is_joined_with_the_one_that_is_known() {
    let (app, books) = synced().await;
    let door = Program::of(&app, "s2s-inbound");
    let mut bare = response(&books, "bare-1").await;
    bare.as_object_mut().unwrap().remove("form");
    let account = books.count("SELECT account_id AS n FROM submission WHERE malformed IS NULL AND form_id IS NOT NULL ORDER BY id LIMIT 1").await;
    let body = json!({ "account": account, "response": bare });
    let told = json(&door.post("/submissions", &body).await, StatusCode::CREATED);
    assert_eq!(told["malformed"], Value::Null, "{told}");
    assert!(
        told["answers"]
            .as_array()
            .unwrap()
            .iter()
            .any(|a| a["predefined"] == "EMAIL"),
        "{told}"
    );
}

#[tokio::test]
async fn what_cannot_be_understood_is_held_and_not_lost() {
    let (app, _books) = synced().await;
    let (door, reader) = (
        Program::of(&app, "s2s-inbound"),
        Program::of(&app, "administrator"),
    );
    let odd = json!({ "account": 1, "response": { "id": "odd-1", "formResponse": { "answers": "?" }, "later": [1, 2] } });
    let told = json(&door.post("/submissions", &odd).await, StatusCode::CREATED);
    let held = decided(&reader, &told["id"]).await;
    assert_eq!(held["matching_status"], "failed");
    assert!(
        held["malformed"].is_string() && held["reason"].is_string(),
        "{held}"
    );
    let nameless = json!({ "account": 1, "response": {} });
    let first = json(
        &door.post("/submissions", &nameless).await,
        StatusCode::CREATED,
    );
    let again = json(&door.post("/submissions", &nameless).await, StatusCode::OK);
    assert_eq!(first["id"], again["id"]);
}

#[tokio::test]
async fn an_account_that_is_not_linked_is_named_as_what_is_wrong() {
    let (app, _): (TestApp, Browser) = TestApp::start().await;
    let door = Program::of(&app, "s2s-inbound");
    for account in [json!(99), json!("urn:li:sponsoredAccount:99"), json!("")] {
        let body = json!({ "account": account, "response": { "id": "x" } });
        let told = problem(
            &door.post("/submissions", &body).await,
            StatusCode::UNPROCESSABLE_ENTITY,
        );
        assert_eq!(told["errors"][0]["pointer"], "/account");
    }
    for body in [
        json!({ "account": 1 }),
        json!({ "account": 1, "response": [] }),
    ] {
        problem(
            &door.post("/submissions", &body).await,
            StatusCode::UNPROCESSABLE_ENTITY,
        );
    }
}
