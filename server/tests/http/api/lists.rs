//! Lists in pages and under filters, and what single things look like.

use leadline_sandbox::Seed;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Program, json, problem, wait_until_idle};
use crate::journey::{connect, first_start};
use crate::support::{Books, TestApp, database};

async fn connected() -> (TestApp, Books, Program) {
    let (app, browser) = TestApp::start_in(Seed::Demo, &[]).await;
    first_start(&browser).await;
    connect(&browser).await;
    let books = Books::open(&database(&app.folder)).await;
    let program = Program::of(&app, "administrator");
    wait_until_idle(&program).await;
    (app, books, program)
}

/// All items of a list, page by page.
async fn all(program: &Program, path: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut next = path.to_owned();
    loop {
        let list = json(&program.get(&next).await, StatusCode::OK);
        items.extend(list["items"].as_array().unwrap().iter().cloned());
        let Some(cursor) = list["next_cursor"].as_str() else {
            return items;
        };
        next = format!("{path}&cursor={cursor}");
    }
}

#[tokio::test]
async fn every_list_can_be_read_page_by_page_without_a_gap_or_a_double() {
    let (_app, books, program) = connected().await;
    let lists = [
        ("/submissions?limit=7", "submission"),
        ("/submissions?limit=100&sort=oldest", "submission"),
        ("/leads?limit=9", "lead"),
        ("/leads?limit=11&sort=name", "lead"),
        ("/campaigns?limit=2", "campaign"),
        ("/linked-accounts?limit=1", "linked_account"),
        ("/user-profiles?limit=1", "user_profile"),
        ("/matching-strategies?limit=1", "matching_strategy"),
        ("/field-mappings?limit=10", "field_mapping"),
        ("/tokens?limit=1", "api_token"),
        ("/users?limit=1", "person"),
        ("/audit-events?limit=3", "audit_event"),
        ("/sync-status?limit=1", "linked_account"),
    ];
    for (path, table) in lists {
        let items = all(&program, path).await;
        let mut ids: Vec<i64> = items
            .iter()
            .map(|item| item["id"].as_i64().unwrap())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), items.len(), "{path}: doubles");
        let there = books
            .count(&format!("SELECT count(*) AS n FROM {table}"))
            .await;
        assert_eq!(i64::try_from(ids.len()).unwrap(), there, "{path}");
        let noun = path.split('?').next().unwrap();
        let one = json(
            &program.get(&format!("{noun}/{}", ids[0])).await,
            StatusCode::OK,
        );
        assert_eq!(one["id"], ids[0], "{noun}");
    }
}

#[tokio::test]
async fn a_submission_says_what_became_of_it() {
    let (app, _books, program) = connected().await;
    let list = json(
        &program.get("/submissions?status=created&limit=1").await,
        StatusCode::OK,
    );
    let submission = &list["items"][0];
    for name in [
        "id",
        "linkedin_id",
        "account",
        "lead_type",
        "test",
        "submitted_at",
        "matching_status",
        "processing_state",
        "reason",
        "lead",
        "answers",
        "consents",
    ] {
        assert!(submission.get(name).is_some(), "{name}: {submission}");
    }
    let at = submission["submitted_at"].as_str().unwrap();
    assert!(at.ends_with('Z') && at.contains('T'), "{at}");
    assert_eq!(submission["matching_status"], "created");
    assert!(
        submission["account"]["urn"]
            .as_str()
            .unwrap()
            .starts_with("urn:li:")
    );

    let id = &submission["lead"]["id"];
    let lead = json(&program.get(&format!("/leads/{id}")).await, StatusCode::OK);
    assert!(lead["submission_count"].as_i64().unwrap() >= 1);
    assert_eq!(lead["crm_url"], format!("{}/leads/{id}", app.url));
    let of_lead = format!("/submissions?lead={id}&limit=200");
    for submission in all(&program, &of_lead).await {
        assert_eq!(&submission["lead"]["id"], id);
    }
}

#[tokio::test]
async fn filters_choose_and_combine() {
    let (_app, books, program) = connected().await;
    let tests = all(&program, "/submissions?test=yes&limit=200").await;
    let there = books
        .count("SELECT count(*) AS n FROM submission WHERE test")
        .await;
    assert_eq!(i64::try_from(tests.len()).unwrap(), there);
    assert!(tests.iter().all(|submission| submission["test"] == true));
    let account = &tests[0]["account"]["id"];
    let chosen = all(
        &program,
        &format!("/submissions?account={account}&state=succeeded&limit=200"),
    )
    .await;
    assert!(!chosen.is_empty());
    for submission in chosen {
        assert_eq!(
            (
                &submission["account"]["id"],
                &submission["processing_state"]
            ),
            (account, &"succeeded".into())
        );
    }
    let none = all(&program, "/submissions?to=2001-01-01&limit=200").await;
    assert!(none.is_empty());
}

#[tokio::test]
async fn an_account_is_switched_off_and_synced_now() {
    let (_app, books, program) = connected().await;
    let off = program
        .patch("/linked-accounts/1", &json!({ "sync_enabled": false }))
        .await;
    assert_eq!(json(&off, StatusCode::OK)["sync_enabled"], false);
    let status = json(&program.get("/sync-status/1").await, StatusCode::OK);
    assert_eq!(
        (&status["sync_enabled"], &status["syncs"]),
        (&false.into(), &false.into())
    );
    let owned = program
        .patch(
            "/linked-accounts/1",
            &json!({ "default_owner_id": 1, "sync_enabled": true }),
        )
        .await;
    assert_eq!(json(&owned, StatusCode::OK)["default_owner"]["id"], 1);
    let nobody = program
        .patch("/linked-accounts/1", &json!({ "default_owner_id": 99 }))
        .await;
    let told = problem(&nobody, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(told["errors"][0]["pointer"], "/default_owner_id");
    let given_back = program
        .patch("/linked-accounts/1", &json!({ "default_owner_id": null }))
        .await;
    assert_eq!(
        json(&given_back, StatusCode::OK)["default_owner"],
        Value::Null
    );

    let passes = "SELECT count(*) AS n FROM sync_run WHERE account_id = 1";
    let before = books.count(passes).await;
    let asked = program
        .post(
            "/sync-requests",
            &json!({ "account": 1, "everything": true }),
        )
        .await;
    json(&asked, StatusCode::ACCEPTED);
    wait_until_idle(&program).await;
    assert!(books.count(passes).await > before);
    let nothing = program
        .post("/sync-requests", &json!({ "account": 99 }))
        .await;
    problem(&nothing, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_profile_is_disconnected() {
    let (_app, _books, program) = connected().await;
    let path = "/user-profiles/1";
    let before = json(&program.get(path).await, StatusCode::OK);
    assert_eq!(before["state"], "authorized");
    let delete = program.request(Method::DELETE, "/user-profiles/1/authorization");
    assert_eq!(program.send(delete).await.status, StatusCode::NO_CONTENT);
    let after = json(&program.get(path).await, StatusCode::OK);
    assert_ne!(after["state"], "authorized");
    let delete = program.request(Method::DELETE, "/user-profiles/99/authorization");
    problem(&program.send(delete).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn somebody_is_invited_changed_and_disabled() {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    let program = Program::of(&app, "administrator");
    let new = json!({ "email": "bob@example.com", "name": "Bob", "roles": ["salesperson"] });
    let bob = json(&program.post("/users", &new).await, StatusCode::CREATED);
    assert_eq!(
        (&bob["state"], &bob["roles"]),
        (&"invited".into(), &json!(["salesperson"]))
    );
    let link = bob["invitation_url"].as_str().unwrap();
    assert!(
        link.starts_with(&format!("{}/sign-in/link/", app.url)),
        "{link}"
    );
    assert!(!app.log().contains(link), "a link is never logged");
    problem(&program.post("/users", &new).await, StatusCode::CONFLICT);

    let path = format!("/users/{}", bob["id"]);
    let both = json!({ "name": "Robert", "roles": ["administrator", "salesperson"] });
    let robert = json(&program.patch(&path, &both).await, StatusCode::OK);
    assert_eq!(
        (&robert["name"], &robert["roles"]),
        (&"Robert".into(), &both["roles"])
    );
    let off = program.patch(&path, &json!({ "disabled": true })).await;
    assert_eq!(json(&off, StatusCode::OK)["state"], "disabled");

    let last = program
        .patch("/users/1", &json!({ "roles": ["salesperson"] }))
        .await;
    problem(&last, StatusCode::CONFLICT);
    for (wrong, pointer) in [
        (
            json!({ "email": "x", "name": "X", "roles": ["salesperson"] }),
            "/email",
        ),
        (
            json!({ "email": "x@y.example", "name": "X", "roles": [] }),
            "/roles",
        ),
        (
            json!({ "email": "x@y.example", "name": "X", "roles": ["salesperson", "salesperson", "salesperson"] }),
            "/roles",
        ),
    ] {
        let told = problem(
            &program.post("/users", &wrong).await,
            StatusCode::UNPROCESSABLE_ENTITY,
        );
        assert_eq!(told["errors"][0]["pointer"], pointer, "{told}");
    }
}
