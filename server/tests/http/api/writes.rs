//! Rules and leads changed by programs: with the same care as on the pages.

use leadline_sandbox::Seed;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Program, json, problem, wait_until_idle};
use crate::journey::{connect, first_start};
use crate::support::{Books, Browser, TestApp, database};
use crate::tokens::token_on;

/// A server that has submissions and leads of an administrator's, her browser, and her programs.
async fn at_work() -> (TestApp, Browser, Program, Program) {
    let (app, browser) = TestApp::start_in(Seed::Demo, &[]).await;
    first_start(&browser).await;
    connect(&browser).await;
    let administrator = Program::of(&app, "administrator");
    wait_until_idle(&administrator).await;
    let new = [("name", "Mine"), ("role", "salesperson"), ("expires", "30")];
    let mine = token_on(&browser.post("/tokens", &new).await).unwrap();
    let mine = Program::with(&app, &mine);
    (app, browser, administrator, mine)
}

async fn ok(program: &Program, path: &str) -> Value {
    json(&program.get(path).await, StatusCode::OK)
}

async fn delete(program: &Program, path: &str) -> StatusCode {
    let request = program.request(Method::DELETE, path);
    program.send(request).await.status
}

/// The ids of a list, in its order.
async fn order(program: &Program, path: &str) -> Vec<Value> {
    let list = ok(program, path).await;
    let items = list["items"].as_array().unwrap().iter();
    items.map(|item| item["id"].clone()).collect()
}

/// The pointers and words of what a problem names.
fn errors(problem: &Value) -> Vec<(&str, &str)> {
    let all = problem["errors"].as_array().unwrap().iter();
    all.map(|error| {
        (
            error["pointer"].as_str().unwrap(),
            error["detail"].as_str().unwrap(),
        )
    })
    .collect()
}

#[tokio::test]
async fn a_matching_strategy_is_added_changed_moved_and_deleted() {
    let (app, _) = TestApp::start().await;
    let program = Program::of(&app, "administrator");
    let new = json!({ "name": "By phone", "fields": ["mobilephone"], "several": "hold" });
    let made = program.post("/matching-strategies", &new).await;
    let place = made.header("location").to_owned();
    let made = json(&made, StatusCode::CREATED);
    let path = place.strip_prefix("/api/v1").unwrap();
    assert_eq!(ok(&program, path).await, made);
    assert_eq!(
        (&made["several"], &made["active"], &made["version"]),
        (&json!("hold"), &json!(true), &json!(1))
    );

    let front = json!({ "towards": "front" });
    let moved = program.post(&format!("{path}/move"), &front).await;
    assert_eq!(json(&moved, StatusCode::OK)["position"], 1);
    let change = json!({ "version": 1, "name": "By telephone", "scope": { "forms": [7] } });
    let changed = json(&program.patch(path, &change).await, StatusCode::OK);
    assert_eq!(changed["name"], "By telephone");
    assert_eq!(changed["several"], "hold", "what is missing stays");
    assert_eq!(changed["scope"]["forms"], json!([7]));

    assert_eq!(delete(&program, path).await, StatusCode::NO_CONTENT);
    problem(&program.get(path).await, StatusCode::NOT_FOUND);
    let log = "SELECT actor_name || ' ' || action AS t FROM audit_event WHERE noun = 'matching strategy' ORDER BY id";
    let books = Books::open(&database(&app.folder)).await;
    let by_program = books.texts(log).await;
    let expected = ["created", "changed", "changed", "deleted"];
    let expected = expected.map(|did| format!("administrator {did}"));
    assert_eq!(by_program[by_program.len() - 4..], expected);
}

#[tokio::test]
async fn row_29_a_strategy_is_made_the_only_active_one_by_a_program() {
    let (app, _) = TestApp::start().await;
    let program = Program::of(&app, "administrator");
    let list = "/matching-strategies";
    let new = json!({ "name": "By phone", "fields": ["mobilephone"], "active": false });
    let made = json(&program.post(list, &new).await, StatusCode::CREATED);
    let path = format!("{list}/{}/only-active", made["id"]);
    let late = program.post(&path, &json!({ "version": 7 })).await;
    let told = problem(&late, StatusCode::CONFLICT);
    let why = told["detail"].as_str().unwrap();
    assert!(why.contains("Somebody changed this strategy"), "{told}");
    let missing = program.post(&path, &json!({})).await;
    problem(&missing, StatusCode::UNPROCESSABLE_ENTITY);
    let read = json!({ "version": made["version"] });
    let switched = json(&program.post(&path, &read).await, StatusCode::OK);
    assert_eq!(switched["active"], true);
    let all = ok(&program, list).await;
    let active = all["items"].as_array().unwrap().iter();
    let active = active.map(|item| item["active"].clone());
    assert_eq!(active.collect::<Vec<_>>(), [json!(false), json!(true)]);
}

#[tokio::test]
async fn what_somebody_else_changed_meanwhile_is_told_and_not_overwritten() {
    let (app, _) = TestApp::start().await;
    let program = Program::of(&app, "administrator");
    let first = order(&program, "/matching-strategies").await[0].clone();
    let path = format!("/matching-strategies/{first}");
    let theirs = json!({ "version": 1, "name": "Theirs", "several": "oldest" });
    json(&program.patch(&path, &theirs).await, StatusCode::OK);
    let mine = json!({ "version": 1, "name": "Mine", "several": "oldest" });
    let told = problem(&program.patch(&path, &mine).await, StatusCode::CONFLICT);
    let expected = [("/name", "is \"Theirs\" now."), ("/version", "is 2 now.")];
    assert_eq!(errors(&told), expected);
    assert_eq!(ok(&program, &path).await["name"], "Theirs");

    let off = json!({ "version": 2, "active": false });
    let last = problem(&program.patch(&path, &off).await, StatusCode::CONFLICT);
    let why = last["detail"].as_str().unwrap();
    assert!(why.contains("last active strategy"), "{last}");
    assert_eq!(delete(&program, &path).await, StatusCode::CONFLICT);

    let first = order(&program, "/field-mappings").await[0].clone();
    let path = format!("/field-mappings/{first}");
    let theirs = json!({ "version": 1, "policy": "never", "steps": [{ "step": "trim" }] });
    json(&program.patch(&path, &theirs).await, StatusCode::OK);
    let mine = json!({ "version": 1, "policy": "overwrite", "steps": [] });
    let told = problem(&program.patch(&path, &mine).await, StatusCode::CONFLICT);
    let places: Vec<&str> = errors(&told).iter().map(|(place, _)| *place).collect();
    assert_eq!(places, ["/policy", "/steps", "/version"]);
}

#[tokio::test]
async fn a_field_mapping_is_added_changed_moved_and_deleted() {
    let (app, _) = TestApp::start().await;
    let program = Program::of(&app, "administrator");
    let new = json!({ "source": { "kind": "question", "key": "Budget" }, "lead_field": "description",
                      "steps": [{ "step": "split", "separator": "/", "place": 2 }] });
    let made = program.post("/field-mappings", &new).await;
    let place = made.header("location").to_owned();
    let made = json(&made, StatusCode::CREATED);
    let path = place.strip_prefix("/api/v1").unwrap();
    assert_eq!(made["steps"][0]["place"], 2);

    let before = order(&program, "/field-mappings?limit=200").await;
    let front = json!({ "towards": "front" });
    let moved = program.post(&format!("{path}/move"), &front).await;
    json(&moved, StatusCode::OK);
    let after = order(&program, "/field-mappings?limit=200").await;
    let end = before.len() - 2;
    assert_eq!(after[end..], [before[end + 1].clone(), before[end].clone()]);

    let change = json!({ "version": 1, "form_linkedin_id": 7, "source": { "kind": "fact", "key": "campaign" } });
    let changed = json(&program.patch(path, &change).await, StatusCode::OK);
    assert_eq!(
        (&changed["form_linkedin_id"], &changed["source"]["kind"]),
        (&json!(7), &json!("fact"))
    );
    let all = json!({ "version": 2, "form_linkedin_id": null });
    let changed = json(&program.patch(path, &all).await, StatusCode::OK);
    assert_eq!(changed["form_linkedin_id"], Value::Null);
    assert_eq!(delete(&program, path).await, StatusCode::NO_CONTENT);
    problem(&program.get(path).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_wrong_with_a_rule_is_named() {
    let (app, _) = TestApp::start().await;
    let program = Program::of(&app, "administrator");
    let (strategies, mappings) = ("/matching-strategies", "/field-mappings");
    let constant = json!({ "kind": "constant", "key": "x" });
    for (path, body, place) in [
        (strategies, json!({ "fields": ["mobilephone"] }), "/name"),
        (strategies, json!({ "name": "x" }), "/fields"),
        (
            strategies,
            json!({ "name": "x", "always_create": true, "fields": ["no_field"] }),
            "/fields",
        ),
        (
            strategies,
            json!({ "name": "x", "several": "all" }),
            "/several",
        ),
        (strategies, json!({ "name": "x", "version": 1 }), "/version"),
        (mappings, json!({ "lead_field": "description" }), "/source"),
        (mappings, json!({ "source": constant }), "/lead_field"),
        (
            mappings,
            json!({ "source": { "kind": "fact", "key": "weather" }, "lead_field": "description" }),
            "/source",
        ),
        (
            mappings,
            json!({ "source": constant, "lead_field": "description", "steps": [{ "step": "explode" }] }),
            "/steps/0/step",
        ),
        (
            mappings,
            json!({ "source": constant, "lead_field": "description", "steps": [{ "step": "default", "text": "" }] }),
            "/steps",
        ),
        (
            "/matching-strategies/preview",
            json!({ "strategy": {}, "latest": 0 }),
            "/latest",
        ),
        (
            "/matching-strategies/preview",
            json!({ "strategy": {}, "id": 999 }),
            "/id",
        ),
        (
            "/matching-strategies/preview",
            json!({ "strategy": {} }),
            "/strategy/name",
        ),
        (
            "/field-mappings/preview",
            json!({ "mapping": { "version": 1 } }),
            "/mapping/version",
        ),
        (
            "/field-mappings/preview",
            json!({ "mapping": {} }),
            "/mapping/source",
        ),
    ] {
        let page = program.post(path, &body).await;
        let told = problem(&page, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(errors(&told)[0].0, place, "{body}: {told}");
    }
    for path in ["/matching-strategies/1", "/field-mappings/1"] {
        let told = program.patch(path, &json!({})).await;
        let told = problem(&told, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(errors(&told)[0].0, "/version");
    }
}

#[tokio::test]
async fn a_preview_tells_what_would_be_different_and_writes_nothing() {
    let (app, _, program, _) = at_work().await;
    let books = Books::open(&database(&app.folder)).await;
    let kept = ["session", "api_token"];
    let before = books.everything(&kept).await;
    let first = order(&program, "/matching-strategies").await[0].clone();
    let each = json!({ "id": first, "latest": 1000, "strategy": { "always_create": true } });
    let seen = program.post("/matching-strategies/preview", &each).await;
    let seen = json(&seen, StatusCode::OK);
    assert!(seen["submissions"].as_u64().unwrap() > 10, "{seen}");
    assert_eq!(seen["edited"]["updated"], 0);
    let constant = json!({ "kind": "constant", "key": "Fair" });
    let new = json!({ "mapping": { "source": constant, "lead_field": "description" } });
    let seen = program.post("/field-mappings/preview", &new).await;
    let seen = json(&seen, StatusCode::OK);
    let change = json!({ "field": "description", "today": null, "edited": "Fair" });
    let different = seen["different"].as_array().unwrap();
    let fair = |d: &&Value| d["fields"].as_array().unwrap().contains(&change);
    assert!(different.iter().any(|d| fair(&d)), "{seen}");
    assert_eq!(books.everything(&kept).await, before);
}

#[tokio::test]
async fn a_lead_is_changed_by_whoever_may_and_as_it_was_read() {
    let (app, _, administrator, mine) = at_work().await;
    let nobodys = Program::of(&app, "salesperson");
    let id = order(&mine, "/leads?limit=1").await[0].clone();
    let path = format!("/leads/{id}");
    let lead = ok(&mine, &path).await;
    let version = lead["version"].as_i64().unwrap();
    let change =
        json!({ "version": version, "fields": { "jobtitle": " Cook ", "companyname": null } });
    problem(&nobodys.patch(&path, &change).await, StatusCode::NOT_FOUND);
    let changed = json(&mine.patch(&path, &change).await, StatusCode::OK);
    assert_eq!(changed["fields"]["jobtitle"], "Cook");
    assert_eq!(changed["fields"].get("companyname"), None, "emptied");
    assert_eq!(
        changed["fields"]["emailaddress1"], lead["fields"]["emailaddress1"],
        "what is missing stays"
    );
    let closed = json!({ "version": version + 1, "state": "closed" });
    let closed = json(&administrator.patch(&path, &closed).await, StatusCode::OK);
    assert_eq!(closed["state"], "closed");

    let stale = json!({ "version": version, "fields": { "jobtitle": "Chef" }, "state": "closed" });
    let told = problem(&mine.patch(&path, &stale).await, StatusCode::CONFLICT);
    let now = format!("is {} now.", version + 2);
    let expected = [
        ("/fields/jobtitle", "is \"Cook\" now."),
        ("/version", now.as_str()),
    ];
    assert_eq!(errors(&told), expected);

    let books = Books::open(&database(&app.folder)).await;
    let history = format!("SELECT actor AS t FROM lead_edit WHERE lead_id = {id} ORDER BY id");
    assert_eq!(books.texts(&history).await, ["Mine", "administrator"]);
    let audit = format!(
        "SELECT after AS t FROM audit_event WHERE noun = 'lead' AND noun_id = {id} ORDER BY id"
    );
    let audit = books.texts(&audit).await.join(" ");
    assert!(
        audit.contains("jobtitle") && !audit.contains("Cook"),
        "{audit}"
    );
}

#[tokio::test]
async fn what_does_not_fit_into_a_lead_is_named_and_not_repeated() {
    let (_app, _, _, mine) = at_work().await;
    let id = order(&mine, "/leads?limit=1").await[0].clone();
    let path = format!("/leads/{id}");
    let version = ok(&mine, &path).await["version"].clone();
    for (change, place) in [
        (
            json!({ "fields": { "shoe/size": "44" } }),
            "/fields/shoe~1size",
        ),
        (
            json!({ "fields": { "emailaddress1": "hunter2" } }),
            "/fields/emailaddress1",
        ),
        (
            json!({ "fields": { "jobtitle": "x".repeat(5_000) } }),
            "/fields/jobtitle",
        ),
        (json!({ "owner_id": 999 }), "/owner_id"),
        (json!({ "state": "lost" }), "/state"),
    ] {
        let mut change = change;
        change["version"] = version.clone();
        let page = mine.patch(&path, &change).await;
        let told = problem(&page, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(errors(&told)[0].0, place, "{told}");
        assert!(!page.text.contains("hunter2"), "{}", page.text);
    }
    assert_eq!(
        ok(&mine, &path).await["version"],
        version,
        "nothing is saved"
    );
}

#[tokio::test]
async fn a_lead_that_was_given_away_is_no_longer_for_whoever_sees_only_their_own() {
    let (_app, browser, administrator, mine) = at_work().await;
    let settings = browser.get("/settings").await;
    let own = [("salesperson_visibility", "own")];
    browser
        .submit(&settings, "salesperson_visibility", &own)
        .await;
    let id = order(&mine, "/leads?limit=1").await[0].clone();
    let path = format!("/leads/{id}");
    let version = ok(&mine, &path).await["version"].clone();
    let away = json!({ "version": version, "owner_id": null });
    let given = mine.patch(&path, &away).await;
    assert_eq!(given.status, StatusCode::NO_CONTENT, "{}", given.text);
    problem(&mine.get(&path).await, StatusCode::NOT_FOUND);
    assert_eq!(ok(&administrator, &path).await["owner"], Value::Null);
}
