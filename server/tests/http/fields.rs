//! Lead fields of one's own: added, changed and deleted, by plain HTML forms and by programs.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::api::{Program, json as body, problem};
use crate::audit::words;
use crate::journey::first_start;
use crate::support::{Browser, Page, TestApp};

/// A field as the form has it.
fn field<'a>(label: &'a str, kind: &'a str, choices: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("label", label),
        ("kind", kind),
        ("max_length", "200"),
        ("choices", choices),
    ]
}

async fn start() -> (TestApp, Browser) {
    let (app, browser) = TestApp::start().await;
    first_start(&browser).await;
    (app, browser)
}

/// The path of the field of this logical name.
fn path_of(fields: &Page, name: &str) -> String {
    let row = fields.text.split("<tr").find(|row| row.contains(name));
    let (_, link) = row.unwrap().split_once("href=\"/fields/").unwrap();
    format!("/fields/{}", link.split_once('"').unwrap().0)
}

#[tokio::test]
async fn a_field_is_added_changed_and_deleted_with_forms() {
    let (_app, browser) = start().await;
    let new = browser.get("/fields/new").await;
    let budget = field("Budget", "choice", "Up to 10 k\nMore");
    let list = browser.submit(&new, "label", &budget).await;
    assert_eq!(list.url.path(), "/fields");
    let told = words(&list);
    for said in ["The field Budget is added.", "leadline_budget"] {
        assert!(told.contains(said), "{told}");
    }
    let path = path_of(&list, "leadline_budget");
    let page = browser.get(&path).await;
    let typed = [
        ("label", "Budget a year"),
        ("choices", "Up to 10 k\nUp to 50 k\nMore"),
    ];
    let saved = browser.submit(&page, "version", &typed).await;
    let told = words(&saved);
    assert!(
        told.contains("The field is saved.") && told.contains("Budget a year"),
        "{told}"
    );

    let late = browser
        .submit(&page, "version", &[("label", "Mine"), ("choices", "A")])
        .await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    let told = words(&late);
    assert!(told.contains("Somebody changed this field"), "{told}");
    assert_eq!(late.values("label"), ["Budget a year"], "how it stands");

    let gone = browser.post(&format!("{path}/delete"), &[]).await;
    assert_eq!(gone.leads_to().unwrap().path(), "/fields");
    assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_wrong_with_a_field_stands_beside_it_and_what_was_typed_stays() {
    let (_app, browser) = start().await;
    for (typed, said) in [
        (field(" ", "text", ""), "The label is missing."),
        (
            field("JOB  title", "text", ""),
            "There is a field with this label already.",
        ),
        (field("Budget", "choice", " "), "Write at least one choice."),
        (
            field("Budget", "choice", "More\nmore "),
            "Two choices are the same",
        ),
        (
            field("Budget", "colour", ""),
            "Choose what the field holds.",
        ),
    ] {
        let refused = browser.post("/fields/new", &typed).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        let told = words(&refused);
        assert!(told.contains(said), "{said}: {told}");
        assert_eq!(refused.values("label"), [typed[0].1], "{said}");
    }
    let long = [
        ("label", "A"),
        ("kind", "text"),
        ("max_length", "2001"),
        ("choices", ""),
    ];
    let refused = words(&browser.post("/fields/new", &long).await);
    assert!(
        refused.contains("must be a number from 1 to 2,000"),
        "{refused}"
    );
    let list = words(&browser.get("/fields").await);
    for name in ["leadline_a", "leadline_budget"] {
        assert!(!list.contains(name), "nothing was added: {list}");
    }
}

#[tokio::test]
async fn a_field_added_on_the_way_keeps_what_was_typed_into_the_mapping() {
    let (app, browser) = start().await;
    let program = Program::of(&app, "administrator");
    let new =
        json!({ "source": { "kind": "question", "key": "Budget" }, "lead_field": "description" });
    let made = body(
        &program.post("/field-mappings", &new).await,
        StatusCode::CREATED,
    );
    let path = format!("/mappings/{}", made["id"]);
    let typed = [
        ("version", "1"),
        ("source", "question:Budget"),
        ("lead_field", "description"),
        ("policy", "never"),
        ("too_long", "hold"),
        ("do", "new-field"),
    ];
    let page = browser.post(&path, &typed).await;
    let there = page.leads_to().unwrap();
    assert_eq!(there.path(), "/fields/new");
    let form = browser.get(there.as_str()).await;
    let back = browser
        .submit(&form, "label", &field("Budget", "text", ""))
        .await;
    assert_eq!(back.url.path(), path);
    for chosen in ["leadline_budget", "never", "hold"] {
        let option = format!("<option value=\"{chosen}\" selected");
        assert!(back.text.contains(&option), "{chosen}: {}", back.text);
    }
    let stands = body(
        &program.get(&format!("/field-{}", &path[1..])).await,
        StatusCode::OK,
    );
    assert_eq!(stands["policy"], "overwrite", "nothing is saved yet");
    let again = browser.get(&format!("{path}?field=leadline_budget")).await;
    assert!(
        !again.text.contains("<option value=\"never\" selected"),
        "it is kept once"
    );
}

async fn ok(program: &Program, path: &str) -> Value {
    body(&program.get(path).await, StatusCode::OK)
}

#[tokio::test]
async fn programs_add_change_and_delete_lead_fields() {
    let (app, _) = TestApp::start().await;
    let program = Program::of(&app, "administrator");
    let list = "/lead-fields";
    let before = ok(&program, "/lead-fields?limit=200").await;
    let before = before["items"].as_array().unwrap().len();
    let new = json!({ "label": "Budget", "kind": "choice", "choices": ["Up to 10 k", "More"] });
    let made = program.post(list, &new).await;
    let place = made.header("location").to_owned();
    let made = body(&made, StatusCode::CREATED);
    let path = place.strip_prefix("/api/v1").unwrap();
    assert_eq!(ok(&program, path).await, made);
    assert_eq!(
        (&made["name"], &made["version"]),
        (&json!("leadline_budget"), &json!(1))
    );
    let after = ok(&program, "/lead-fields?limit=200").await;
    let after = after["items"].as_array().unwrap();
    assert_eq!((after.len(), after.last()), (before + 1, Some(&made)));

    let change = json!({ "label": "Budget a year", "version": 1 });
    let changed = body(&program.patch(path, &change).await, StatusCode::OK);
    assert_eq!(
        (&changed["label"], &changed["version"]),
        (&json!("Budget a year"), &json!(2))
    );
    assert_eq!(changed["choices"], made["choices"], "what is missing stays");
    assert_eq!(changed["name"], "leadline_budget", "its name stays");
    problem(&program.patch(path, &change).await, StatusCode::CONFLICT);

    let uses =
        json!({ "source": { "kind": "constant", "key": "More" }, "lead_field": "leadline_budget" });
    let uses = body(
        &program.post("/field-mappings", &uses).await,
        StatusCode::CREATED,
    );
    let delete = async |path: &str| program.send(program.request(Method::DELETE, path)).await;
    let used = problem(&delete(path).await, StatusCode::CONFLICT);
    assert!(
        used["detail"]
            .as_str()
            .unwrap()
            .contains("a field mapping fills it"),
        "{used}"
    );
    let mapping = format!("/field-mappings/{}", uses["id"]);
    assert_eq!(delete(&mapping).await.status, StatusCode::NO_CONTENT);
    assert_eq!(delete(path).await.status, StatusCode::NO_CONTENT);
    problem(&program.get(path).await, StatusCode::NOT_FOUND);
    let again = body(&program.post(list, &new).await, StatusCode::CREATED);
    assert_ne!(
        again["name"], "leadline_budget",
        "a name is never given twice"
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_lead_field_is_pointed_at() {
    let (app, _) = TestApp::start().await;
    let program = Program::of(&app, "administrator");
    for (wrong, places) in [
        (json!({ "label": "", "kind": "text" }), vec!["/label"]),
        (
            json!({ "label": "E-Mail", "kind": "text", "max_length": 0 }),
            vec!["/label", "/max_length"],
        ),
        (json!({ "label": "A", "kind": "choice" }), vec!["/choices"]),
        (json!({ "label": "A", "kind": "colour" }), vec!["/kind"]),
        (json!({ "kind": "text" }), vec![""]),
    ] {
        let refused = program.post("/lead-fields", &wrong).await;
        let refused = problem(&refused, StatusCode::UNPROCESSABLE_ENTITY);
        let pointed = refused["errors"].as_array().unwrap().iter();
        let pointed: Vec<&str> = pointed.map(|e| e["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointed, places, "{wrong}: {refused}");
    }
}
