//! Forms that change, by plain HTML forms and by the API: who sees it, who ticks it off, what waits.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::api::{Program, json as body, problem, wait_until_idle};
use crate::audit::{salesperson, words};
use crate::journey::{connect, first_start, wait_for};
use crate::support::{Browser, TestApp};

/// A Leadline whose submissions wait for changed forms, and a form of which a mapped question was
/// reworded; two people have answered it since.
async fn changed(app: &TestApp, ada: &Browser) -> Program {
    first_start(ada).await;
    let settings = ada.get("/settings").await;
    let hold = [("form_changes", "hold")];
    let saved = ada.submit(&settings, "form_changes", &hold).await;
    assert!(saved.text.contains("The settings are saved."));
    connect(ada).await;
    let program = Program::of(app, "administrator");
    wait_until_idle(&program).await;
    let mapping = [
        ("source", "question:How soon?"),
        ("lead_field", "description"),
        ("policy", "overwrite"),
        ("too_long", "cut"),
        ("version", "0"),
        ("do", "save"),
    ];
    let mapped = ada.post("/mappings/new", &mapping).await;
    assert!(mapped.status.is_redirection(), "{}", mapped.text);
    let edit = json!({ "edit": { "Custom question 1": { "text": "When?" } } });
    app.control("forms/7234246/edit", &edit).await;
    for name in ["Ines", "Omar"] {
        let answers = json!({ "EMAIL": format!("{name}@x.example"), "FIRST_NAME": name,
            "Custom question 1": "This month" });
        app.control("leads", &json!({ "answers": answers })).await;
    }
    let asked = ada.post("/sync", &[]).await;
    assert!(asked.status.is_redirection(), "{}", asked.text);
    wait_for(ada, "/review?reason=form_changed", "Omar").await;
    program
}

#[tokio::test]
async fn a_changed_form_is_a_task_and_its_submissions_wait_for_who_looks_at_it() {
    let (app, ada) = TestApp::start().await;
    changed(&app, &ada).await;
    let overview = ada.get("/").await;
    assert!(words(&overview).contains("One change at a form that nobody has looked at"));
    assert_eq!(overview.links("/forms/changes"), ["/forms/changes"]);
    for path in ["/forms", "/forms/changes"] {
        let said = words(&ada.get(path).await);
        for text in [
            "Question reworded: “How soon?” is now “When?”",
            "version 1 → 2",
            "Description: blank for this form from version 2 on.",
            "2 submissions wait",
            "Let them go on",
        ] {
            assert!(said.contains(text), "{path} does not say {text:?}: {said}");
        }
    }
    let page = ada.get("/forms/changes").await;
    let map = page.links("/mappings/new");
    assert_eq!(map, ["/mappings/new?source=question%3AWhen%3F"]);
    let editor = ada.get(&map[0]).await;
    assert!(editor.values("version").contains(&"0".to_owned()));

    let sam = salesperson(&app).await;
    let seen = sam.get("/forms/changes").await;
    assert!(words(&seen).contains("Question reworded"));
    assert!(!seen.text.contains("Let them go on"));
    assert!(seen.links("/mappings").is_empty());
    let refused = sam.post("/forms/changes", &[("id", "1")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);

    let nothing = ada.submit(&page, "back", &[]).await;
    assert!(words(&nothing).contains("Nothing was chosen"));
    let id = page.text.split("name=\"id\" value=\"").nth(1).unwrap();
    let id = id.split_once('"').unwrap().0;
    let ticked = ada.submit(&page, "back", &[("id", id)]).await;
    assert!(words(&ticked).contains("Ticked off. The 2 submissions that waited go on."));
    assert!(words(&ticked).contains("Nothing to look at"));
    wait_for(&ada, "/leads", "Omar").await;
    let done = words(&ada.get("/forms/changes?state=done").await);
    assert!(
        done.contains("Ada Admin") && done.contains("S2S Inbound"),
        "{done}"
    );
    let log = words(&ada.get("/audit?action=ticked-off").await);
    assert!(log.contains("ticked off the form change"), "{log}");
    let missing = ada.post("/forms/changes", &[("id", "999999")]).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn programs_read_changes_and_administrators_tick_them_off() {
    let (app, ada) = TestApp::start().await;
    let administrator = changed(&app, &ada).await;
    let page = administrator.get("/form-changes?state=open").await;
    let open = body(&page, StatusCode::OK);
    assert_eq!(open["items"].as_array().unwrap().len(), 1);
    let change = &open["items"][0];
    assert_eq!(change["kind"], "question_edited");
    assert_eq!(change["before"]["text"], "How soon?");
    assert_eq!(change["after"]["text"], "When?");
    assert_eq!(change["affects"], true);
    assert_eq!(
        (&change["held"], &change["submissions"]),
        (&json!(2), &json!(2))
    );
    assert!(change["done_at"].is_null());
    let path = format!("/form-changes/{}", change["id"]);
    assert_eq!(
        &body(&administrator.get(&path).await, StatusCode::OK),
        change
    );

    let salesperson = Program::of(&app, "salesperson");
    body(&salesperson.get(&path).await, StatusCode::OK);
    let done = format!("{path}/done");
    let refused = salesperson
        .send(salesperson.request(Method::POST, &done))
        .await;
    problem(&refused, StatusCode::FORBIDDEN);
    for _ in 0..2 {
        let ticked = administrator
            .send(administrator.request(Method::POST, &done))
            .await;
        let ticked = body(&ticked, StatusCode::OK);
        assert_eq!(ticked["done_by"], "administrator");
    }
    wait_for(&ada, "/leads", "Omar").await;
    let missing =
        administrator.send(administrator.request(Method::POST, "/form-changes/9999/done"));
    problem(&missing.await, StatusCode::NOT_FOUND);
    problem(
        &administrator.get("/form-changes?state=closed").await,
        StatusCode::BAD_REQUEST,
    );
}
