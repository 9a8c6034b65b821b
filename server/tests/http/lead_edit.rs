//! A lead edited by hand, by plain HTML forms.

use reqwest::StatusCode;
use serde_json::json;

use crate::audit::{salesperson, words};
use crate::journey::{connect, first_start, wait_for};
use crate::support::{Browser, TestApp};

/// A lead of the administrator's, who connected LinkedIn; tells its path.
async fn a_lead(app: &TestApp, browser: &Browser) -> String {
    first_start(browser).await;
    connect(browser).await;
    let answers = json!({ "answers": { "EMAIL": "ngozi@okafor.example", "FIRST_NAME": "Ngozi",
        "LAST_NAME": "Okafor" } });
    app.control("leads", &answers).await;
    let leads = wait_for(browser, "/leads", "Ngozi Okafor").await;
    let links = leads.links("/leads/");
    let lead = links
        .into_iter()
        .find(|to| to["/leads/".len()..].parse::<u64>().is_ok());
    lead.unwrap()
}

#[tokio::test]
async fn whoever_saves_over_what_they_have_not_seen_is_shown_it_first() {
    let (app, browser) = TestApp::start_with(&[("LEADLINE_SYNC__INTERVAL_SECONDS", "1")]).await;
    let lead = a_lead(&app, &browser).await;
    let edit = format!("{lead}/edit");
    let (first, second) = (browser.get(&edit).await, browser.get(&edit).await);
    let third = browser.get(&edit).await;
    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(first.values("lastname"), ["Okafor"]);

    let typed = [("lastname", "Eze"), ("owner", "1")];
    let saved = browser.submit(&first, "lastname", &typed).await;
    assert_eq!(
        (saved.url.path(), saved.heading()),
        (lead.as_str(), "Ngozi Eze".into())
    );
    assert!(words(&saved).contains("By Ada Admin"), "{}", words(&saved));

    let other = [("jobtitle", "Cook"), ("owner", "1")];
    let beside = browser.submit(&second, "lastname", &other).await;
    assert_eq!(beside.heading(), "Ngozi Eze", "what they left alone stays");
    let page = browser.get(&edit).await;
    assert_eq!(page.values("jobtitle"), ["Cook"]);

    let typed = [("lastname", "Obi"), ("owner", "1")];
    let late = browser.submit(&third, "lastname", &typed).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    let told = words(&late);
    assert!(told.contains("The lead was changed meanwhile"), "{told}");
    assert!(
        told.contains("By Ada Admin") && told.contains("Eze"),
        "{told}"
    );
    assert_eq!(late.values("lastname"), ["Obi"], "what was typed is kept");
    let again = browser.submit(&late, "lastname", &typed).await;
    assert_eq!(
        (again.status, again.url.path()),
        (StatusCode::OK, lead.as_str())
    );
    assert_eq!(again.heading(), "Ngozi Obi", "what stood in the form");
    let page = browser.get(&edit).await;
    assert_eq!(page.values("jobtitle"), ["Cook"], "and nothing else");
}

#[tokio::test]
async fn a_salesperson_edits_no_lead_of_another() {
    let (app, browser) = TestApp::start_with(&[("LEADLINE_SYNC__INTERVAL_SECONDS", "1")]).await;
    let lead = a_lead(&app, &browser).await;
    let edit = format!("{lead}/edit");
    let sam = salesperson(&app).await;
    let page = sam.get(&lead).await;
    assert_eq!(
        page.status,
        StatusCode::OK,
        "with all in sight it can be read"
    );
    assert!(page.links(&edit).is_empty());
    assert_eq!(sam.get(&edit).await.status, StatusCode::NOT_FOUND);
    let typed = [("lastname", "Eze"), ("version", "1"), ("owner", "2")];
    assert_eq!(sam.post(&edit, &typed).await.status, StatusCode::NOT_FOUND);
    assert!(!browser.get(&lead).await.links(&edit).is_empty());

    let given = [("lastname", "Okafor"), ("owner", "2"), ("open", "yes")];
    let page = browser.get(&edit).await;
    browser.submit(&page, "lastname", &given).await;
    assert_eq!(
        sam.get(&edit).await.status,
        StatusCode::OK,
        "it is Sam's now"
    );
}
