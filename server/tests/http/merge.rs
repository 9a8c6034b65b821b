//! Leads merged and taken apart again, and changes taken back, by plain HTML forms and the API.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::api::{Program, json as body, problem};
use crate::audit::{salesperson, words};
use crate::journey::{connect, first_start, wait_for};
use crate::support::{Browser, Page, TestApp};

/// Leads of Ngozi Okafor and of Ngozi Eze, and that of a third person; tells the ids of the first two.
async fn two_leads(app: &TestApp, browser: &Browser) -> (String, String) {
    first_start(browser).await;
    connect(browser).await;
    arrives(app, browser, "ngozi@okafor.example", "Okafor", "Cook").await;
    arrives(app, browser, "n.eze@example.org", "Eze", "Chef").await;
    let leads = browser.get("/leads").await;
    (id_of(&leads, "Okafor"), id_of(&leads, "Eze"))
}

async fn arrives(app: &TestApp, browser: &Browser, email: &str, name: &str, job: &str) {
    let answers = json!({ "answers": { "EMAIL": email, "FIRST_NAME": "Ngozi", "LAST_NAME": name,
        "JOB_TITLE": job } });
    app.control("leads", &answers).await;
    wait_for(browser, "/leads", &format!("Ngozi {name}")).await;
}

/// The id of the lead whose row has this text.
fn id_of(leads: &Page, text: &str) -> String {
    let row = leads.text.split("<tr").find(|row| row.contains(text));
    let (_, link) = row.unwrap().split_once("href=\"/leads/").unwrap();
    link.split_once('"').unwrap().0.to_owned()
}

async fn start() -> (TestApp, Browser) {
    TestApp::start_with(&[("LEADLINE_SYNC__INTERVAL_SECONDS", "1")]).await
}

#[tokio::test]
async fn row_56_two_leads_are_compared_merged_and_taken_apart() {
    let (app, browser) = start().await;
    let (stays, goes) = two_leads(&app, &browser).await;
    let lead = browser.get(&format!("/leads/{stays}")).await;
    let merge = format!("/leads/{stays}/merge");
    assert_eq!(lead.links(&merge), [merge.as_str()]);

    let found = browser.get(&format!("{merge}?q=ngozi+e")).await;
    let compare = format!("{merge}?with={goes}");
    assert_eq!(found.links(&compare), [compare.as_str()]);
    let page = browser.get(&compare).await;
    let told = words(&page);
    assert!(
        told.contains("1 submission moves to Ngozi Okafor"),
        "{told}"
    );
    let swapped = format!("/leads/{goes}/merge?with={stays}");
    assert_eq!(page.links(&swapped), [swapped.as_str()]);

    let typed = [("pick-jobtitle", "other")];
    let merged = browser.submit(&page, "other_version", &typed).await;
    assert_eq!(merged.url.path(), format!("/leads/{stays}"));
    let told = words(&merged);
    assert!(
        told.contains("Ngozi Okafor") && told.contains("Chef"),
        "{told}"
    );
    let leads = words(&browser.get("/leads").await);
    assert!(!leads.contains("Eze"), "{leads}");
    let gone = words(&browser.get(&format!("/leads/{goes}")).await);
    assert!(
        gone.contains("This lead was merged into another one"),
        "{gone}"
    );
    let edit = browser.get(&format!("/leads/{goes}/edit")).await;
    assert_eq!(edit.status, StatusCode::NOT_FOUND);

    let undo = browser.get(&format!("/leads/{stays}/unmerge")).await;
    let told = words(&undo);
    assert!(told.contains("and 1 submission"), "{told}");
    let back = browser.submit(&undo, "version", &[]).await;
    assert_eq!(
        (back.url.path(), back.heading()),
        (&*format!("/leads/{goes}"), "Ngozi Eze".into())
    );
    let nothing = browser.get(&format!("/leads/{stays}/unmerge")).await;
    assert_eq!(nothing.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn row_56_nothing_is_merged_that_was_changed_meanwhile() {
    let (app, browser) = start().await;
    let (stays, goes) = two_leads(&app, &browser).await;
    let page = browser
        .get(&format!("/leads/{stays}/merge?with={goes}"))
        .await;
    let edit = browser.get(&format!("/leads/{goes}/edit")).await;
    let typed = [("lastname", "Obi"), ("owner", "1"), ("open", "yes")];
    browser.submit(&edit, "lastname", &typed).await;

    let picked = [("pick-jobtitle", "other")];
    let late = browser.submit(&page, "other_version", &picked).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    let told = words(&late);
    assert!(
        told.contains("One of the leads was changed meanwhile"),
        "{told}"
    );
    assert!(told.contains("Obi"), "how it stands now: {told}");
    let leads = words(&browser.get("/leads").await);
    assert!(leads.contains("Okafor") && leads.contains("Obi"), "{leads}");
    let merged = browser.submit(&late, "other_version", &picked).await;
    assert_eq!(merged.status, StatusCode::OK);
    assert_eq!(merged.url.path(), format!("/leads/{stays}"));

    let itself = browser
        .post(&format!("/leads/{stays}/merge"), &[("with", &stays)])
        .await;
    assert_eq!(itself.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(words(&itself).contains("A lead cannot be merged with itself"));
    let sam = salesperson(&app).await;
    for path in ["merge", "unmerge"] {
        let page = sam.get(&format!("/leads/{stays}/{path}")).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn row_56_programs_merge_and_take_apart() {
    let (app, browser) = start().await;
    let (stays, goes) = two_leads(&app, &browser).await;
    let program = Program::of(&app, "administrator");
    let (own, other) = (format!("/leads/{stays}"), format!("/leads/{goes}"));
    let before = body(&program.get(&own).await, StatusCode::OK);
    let number = |id: &str| id.parse::<i64>().unwrap();
    let merge = format!("{own}/merge");
    for (wrong, pointer) in [
        (json!({ "with": number(&stays) }), "/with"),
        (json!({ "with": number(&goes), "owner": 999 }), "/owner"),
        (
            json!({ "with": number(&goes), "version": 1 }),
            "/with_version",
        ),
    ] {
        let refused = program.post(&merge, &wrong).await;
        let refused = problem(&refused, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused["errors"][0]["pointer"], pointer);
    }
    let stale = json!({ "with": number(&goes), "version": 0, "with_version": 1 });
    problem(&program.post(&merge, &stale).await, StatusCode::CONFLICT);

    let wish = json!({ "with": number(&goes), "take": ["jobtitle"] });
    let merged = body(&program.post(&merge, &wish).await, StatusCode::OK);
    assert_eq!(
        (&merged["submission_count"], &merged["fields"]["jobtitle"]),
        (&json!(2), &json!("Chef"))
    );
    let gone = body(&program.get(&other).await, StatusCode::OK);
    assert_eq!(
        (&gone["state"], &gone["merged_into_id"]),
        (&json!("merged"), &json!(number(&stays)))
    );
    let change = json!({ "version": gone["version"], "fields": { "jobtitle": "Baker" } });
    let refused = problem(&program.patch(&other, &change).await, StatusCode::CONFLICT);
    let why = format!("lead {stays} stands for it. Change that one.");
    assert!(
        refused["detail"].as_str().unwrap().contains(&why),
        "{refused}"
    );
    let list = body(&program.get("/leads").await, StatusCode::OK);
    let ids: Vec<&Value> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|lead| &lead["id"])
        .collect();
    assert!(!ids.contains(&&json!(number(&goes))), "{ids:?}");
    let moved = body(
        &program.get(&format!("/submissions?lead={stays}")).await,
        StatusCode::OK,
    );
    assert_eq!(moved["items"].as_array().unwrap().len(), 2);

    let apart = program.post(&format!("{own}/unmerge"), &json!({})).await;
    let apart = body(&apart, StatusCode::OK);
    assert_eq!(apart["lead"]["fields"], before["fields"]);
    assert_eq!(apart["returned"]["state"], "open");
    let again = program.post(&format!("{own}/unmerge"), &json!({})).await;
    problem(&again, StatusCode::CONFLICT);
}

#[tokio::test]
async fn what_a_submission_changed_is_taken_back() {
    let (app, browser) = start().await;
    let (lead, _) = two_leads(&app, &browser).await;
    let again = json!({ "answers": { "EMAIL": "ngozi@okafor.example", "FIRST_NAME": "Ngozi",
        "LAST_NAME": "Okafor", "JOB_TITLE": "Skipper" } });
    app.control("leads", &again).await;
    let path = format!("/leads/{lead}");
    let page = wait_for(&browser, &path, "Skipper").await;
    let undo = page.links(&format!("{path}/revert?")).remove(0);
    let sam = salesperson(&app).await;
    assert_eq!(
        sam.get(&undo).await.status,
        StatusCode::NOT_FOUND,
        "not Sam's"
    );

    let shown = browser.get(&undo).await;
    let told = words(&shown);
    assert!(told.contains("Skipper") && told.contains("Cook"), "{told}");
    let done = browser.submit(&shown, "attempt", &[]).await;
    assert_eq!(done.url.path(), path);
    assert!(words(&done).contains("Changes undone"), "{}", words(&done));
    let nothing = words(&browser.get(&undo).await);
    assert!(nothing.contains("Nothing is taken back"), "{nothing}");
    let late = browser.submit(&shown, "attempt", &[]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);

    let program = Program::of(&app, "administrator");
    let (_, query) = undo.split_once("submission=").unwrap();
    let (submission, attempt) = query.split_once("&attempt=").unwrap();
    let number = |text: &str| text.parse::<i64>().unwrap();
    let wish = json!({ "submission": number(submission), "attempt": number(attempt) });
    let refused = program.post(&format!("{path}/revert"), &wish).await;
    problem(&refused, StatusCode::CONFLICT);
    let record = body(&program.get(&path).await, StatusCode::OK);
    assert_eq!(record["fields"]["jobtitle"], "Cook");
}
