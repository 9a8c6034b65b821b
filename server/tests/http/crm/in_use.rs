//! An organization that is the CRM: watched, changed, left.

use leadline_sandbox::{Seed, known};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Counter, steps, typed};
use crate::api::{Program, json as answered, problem};
use crate::audit::{salesperson, words};
use crate::journey::{connect, wait_for};
use crate::support::{Books, database};

/// Another organization than the one that is there.
const COPY: &str = "0a6a512a-0000-4f01-9001-00000000000c";

#[tokio::test]
async fn another_organization_under_the_same_address_is_refused() {
    let counter = Counter::open().await;
    let program = Program::of(&counter.app, "administrator");
    let told = answered(&program.get("/crm").await, StatusCode::OK);
    assert_eq!(
        (&told["kind"], &told["connection"]),
        (&"built-in".into(), &Value::Null)
    );
    counter.connected().await;
    let copy = json!({ "id": COPY, "name": "Contoso (copy)" });
    counter.control(Method::POST, "organization", copy).await;
    let told = counter.press("/crm/check", &[]).await;
    let words_then = words(&told);
    assert!(words_then.contains("Nothing can be sent"), "{words_then}");
    assert!(words_then.contains(&format!(
        "Another organization answers at this address: {COPY}"
    )));
    let home = counter.browser.get("/").await;
    assert!(words(&home).contains("Leadline"), "{}", home.text);

    let told = answered(&program.get("/crm").await, StatusCode::OK);
    assert_eq!(
        (&told["kind"], &told["connection"]["state"]),
        (&"dynamics-365".into(), &"broken".into())
    );
    assert_eq!(told["connection"]["organization_id"], known::ORGANIZATION);
    assert!(!told.to_string().contains("s3cr3t"));

    // Leaving and coming back does not help either.
    counter.press("/crm/leave", &[]).await;
    let told = steps(&counter.connect(&[("client_secret", "")]).await);
    assert!(told[4].contains("Another organization answers"), "{told:?}");

    // A person who forgets the old one may confirm the new one.
    let page = counter.browser.get("/crm").await;
    assert!(words(&page).contains(known::ORGANIZATION));
    counter.press("/crm/forget", &[]).await;
    let page = counter.connected().await;
    assert!(words(&page).contains(COPY), "{}", words(&page));
}

#[tokio::test]
async fn a_new_secret_is_in_use_only_when_it_works() {
    let counter = Counter::open().await;
    counter.connected().await;
    let client = ("client_id", known::CLIENT);
    let wrong = [client, ("client_secret", "guessed-in-vain")];
    let refused = counter.press("/crm/credential", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let told = words(&refused);
    assert!(told.contains("nothing was changed") && told.contains("The client secret is wrong"));
    assert!(!refused.text.contains("guessed-in-vain"));
    let again = counter.press("/crm/check", &[]).await;
    assert!(
        words(&again).contains("Every step is proven"),
        "the old one stays"
    );

    let new = json!({ "client": known::CLIENT, "secret": "a~new~secret~of~its~own" });
    counter.control(Method::POST, "applications", new).await;
    let tomorrow = [
        client,
        ("client_secret", "a~new~secret~of~its~own"),
        ("expires", "2000-01-01"),
    ];
    let replaced = counter.press("/crm/credential", &tomorrow).await;
    let told = words(&replaced);
    assert!(told.contains("works and is in use"), "{told}");
    assert!(
        told.contains("The credential of Dynamics 365 has expired"),
        "{told}"
    );
    let home = counter.browser.get("/").await;
    assert!(words(&home).contains("The credential of Dynamics 365 has expired"));
}

#[tokio::test]
async fn columns_become_lead_fields_and_what_vanishes_is_flagged() {
    let counter = Counter::open().await;
    let browser = &counter.browser;
    counter.connected().await;
    let fields = words(&browser.get("/fields").await);
    assert!(
        fields.contains("leadsourcecode") && fields.contains("Employee Referral"),
        "{fields}"
    );
    let editor = words(&browser.get("/mappings/new").await);
    assert!(editor.contains("Lead Source – Choice"), "{editor}");
    assert!(
        editor.contains("Topic – Text, at most 300 characters, required"),
        "{editor}"
    );
    assert!(!editor.contains("New field…"));

    let mapping = [
        ("source", "constant:"),
        ("constant", "Trade Show"),
        ("lead_field", "leadsourcecode"),
        ("do", "save"),
    ];
    let saved = browser.post("/mappings/new", &mapping).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let list = words(&browser.get("/mappings").await);
    assert!(!list.contains("none of the choices"));
    assert!(
        list.contains("The CRM in use has no field msdyncrm_seniority"),
        "{list}"
    );

    let choices = json!([{ "Value": 8, "Label": "Web" }]);
    counter
        .control(Method::PUT, "columns/leadsourcecode/choices", choices)
        .await;
    counter
        .control(Method::DELETE, "columns/jobtitle", json!({}))
        .await;
    let read = counter.press("/crm/fields", &[]).await;
    assert!(
        words(&read).contains("they have changed"),
        "{}",
        words(&read)
    );
    let list = words(&browser.get("/mappings").await);
    assert!(
        list.contains("“Trade Show” is none of the choices"),
        "{list}"
    );
    assert!(
        list.contains("The CRM in use has no field jobtitle"),
        "{list}"
    );
    let again = counter.press("/crm/fields", &[]).await;
    assert!(words(&again).contains("Nothing has changed"));
}

#[tokio::test]
async fn a_strategy_is_offered_only_fields_by_which_the_organization_can_be_asked() {
    let counter = Counter::open().await;
    let browser = &counter.browser;
    let mapping = [
        ("source", "constant:"),
        ("constant", "Fair"),
        ("lead_field", "description"),
        ("do", "save"),
    ];
    let saved = browser.post("/mappings/new", &mapping).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let by = |name, field| {
        [
            ("name", name),
            ("active", "yes"),
            ("field", "lastname"),
            ("field", field),
            ("do", "save"),
        ]
    };
    for (name, field) in [("Degree", "msdyncrm_degree"), ("Text", "description")] {
        let saved = browser.post("/matching/new", &by(name, field)).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    }
    let before = browser.get("/matching").await;
    assert!(!words(&before).contains("Does not work"));
    counter.connected().await;

    let list = words(&browser.get("/matching").await);
    assert_eq!(list.matches("Does not work").count(), 2, "{list}");
    assert!(
        list.contains("A lead has no field msdyncrm_degree."),
        "{list}"
    );
    let why = "Dynamics 365 cannot be asked for leads by Description";
    assert!(list.contains(why), "{list}");

    let new = browser.get("/matching/new").await;
    let offered = |field: &str| new.text.contains(&format!("value=\"{field}\""));
    assert!(offered("lastname") && offered("emailaddress1"));
    assert!(!offered("msdyncrm_degree") && !offered("description"));
    assert!(words(&new).contains("the fields by which it can be asked"));

    let chosen = browser.get("/matching/3").await;
    let told = words(&chosen);
    assert!(
        told.contains("This strategy does not work") && told.contains(why),
        "{told}"
    );
    assert!(
        chosen.text.contains("value=\"description\""),
        "it can be unticked"
    );
    assert!(!chosen.text.contains("value=\"msdyncrm_degree\""));
    let refused = browser
        .post("/matching/new", &by("Again", "description"))
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(words(&refused).contains(why));
}

#[tokio::test]
async fn a_preview_says_when_the_organization_could_not_be_asked() {
    let counter = Counter::open().await;
    counter.connected().await;
    let typed = [
        ("name", "Name"),
        ("active", "yes"),
        ("field", "lastname"),
        ("do", "preview"),
    ];
    let said = "Dynamics 365 could not be asked";
    let works = counter.browser.post("/matching/new", &typed).await;
    assert_eq!(works.status, StatusCode::OK, "{}", works.text);
    assert!(!words(&works).contains(said));

    let copy = json!({ "id": COPY });
    counter.control(Method::POST, "organization", copy).await;
    counter.press("/crm/check", &[]).await;
    let broken = counter.browser.post("/matching/new", &typed).await;
    assert_eq!(broken.status, StatusCode::OK, "{}", broken.text);
    let told = words(&broken);
    assert!(
        told.contains(said) && told.contains("Nothing has been written"),
        "{told}"
    );
    assert!(told.contains("Another organization answers"), "{told}");

    let program = Program::of(&counter.app, "administrator");
    let edit = json!({ "strategy": { "name": "Name", "fields": ["lastname"] } });
    let told = program.post("/matching-strategies/preview", &edit).await;
    let told = answered(&told, StatusCode::OK);
    let why = told["not_asked"].as_str().unwrap_or_default();
    assert!(why.contains("Another organization answers"), "{told}");
}

#[tokio::test]
async fn what_changes_in_the_organization_is_noticed_by_itself() {
    let counter = Counter::open().await;
    let german = [("language", "1031")];
    counter.connect(&german).await;
    counter.press("/crm/confirm", &[]).await;
    let fields = words(&counter.browser.get("/fields").await);
    assert!(fields.contains("Vorname"), "{fields}");

    let books = Books::open(&database(&counter.app.folder)).await;
    let tomorrow = "UPDATE crm_connection SET checked_at = 0";
    let gone = "columns/jobtitle";
    counter.control(Method::DELETE, gone, json!({})).await;
    books.execute(tomorrow).await;
    wait_for(
        &counter.browser,
        "/mappings",
        "The CRM in use has no field jobtitle",
    )
    .await;

    let copy = json!({ "id": COPY });
    counter.control(Method::POST, "organization", copy).await;
    books.execute(tomorrow).await;
    wait_for(
        &counter.browser,
        "/",
        "Nothing can be sent to Contoso Sales",
    )
    .await;
    let told = words(&counter.browser.get("/crm").await);
    assert!(told.contains("Another organization answers"), "{told}");

    let back = json!({ "id": known::ORGANIZATION });
    counter.control(Method::POST, "organization", back).await;
    books.execute(tomorrow).await;
    wait_for(&counter.browser, "/crm", "Connected").await;
    let home = counter.browser.get("/").await;
    assert!(!home.text.contains("Nothing can be sent"));
}

#[tokio::test]
async fn a_lead_is_edited_only_in_what_is_read_of_it() {
    let often = [("LEADLINE_SYNC__INTERVAL_SECONDS", "1")];
    let counter = Counter::open_in(Seed::Empty, &often).await;
    counter.connected().await;
    connect(&counter.browser).await;
    let answers = json!({ "answers": { "EMAIL": "ngozi@okafor.example", "FIRST_NAME": "Ngozi",
        "LAST_NAME": "Okafor" } });
    counter.app.control("leads", &answers).await;
    let leads = wait_for(&counter.browser, "/leads", "Ngozi Okafor").await;
    let mut links = leads.links("/leads/").into_iter();
    let lead = links.find(|to| to["/leads/".len()..].parse::<u64>().is_ok());
    let lead = lead.unwrap();
    wait_for(&counter.browser, &lead, "Open in Dynamics 365").await;

    let page = counter.browser.get(&format!("{lead}/edit")).await;
    assert_eq!(page.values("lastname"), ["Okafor"]);
    assert!(page.values("description").is_empty(), "nothing reads it");
    let told = words(&page);
    assert!(
        told.contains("the columns of Dynamics 365 that Leadline reads"),
        "{told}"
    );
    assert_eq!(page.text.matches("main.aspx").count(), 1, "all others");

    let program = Program::of(&counter.app, "administrator");
    let version = answered(&program.get(&lead).await, StatusCode::OK)["version"].clone();
    let change = json!({ "version": version, "fields": { "description": "Hello" } });
    let refused = program.patch(&lead, &change).await;
    let told = problem(&refused, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(told["errors"][0]["pointer"], "/fields/description");
    assert!(told.to_string().contains("does not read this column"));
    let change = json!({ "version": version, "fields": { "jobtitle": "Chef" } });
    answered(&program.patch(&lead, &change).await, StatusCode::OK);
}

#[tokio::test]
async fn whoever_is_late_is_shown_how_it_is_now() {
    let counter = Counter::open().await;
    counter.connect(&[]).await;
    let late = counter
        .browser
        .post("/crm/confirm", &[("version", "1")])
        .await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(words(&late).contains("changed meanwhile"));
    counter.press("/crm/confirm", &[]).await;
    let typed = typed(counter.dynamics.organization_url(), &[]);
    let while_in_use = counter.browser.post("/crm", &typed).await;
    assert_eq!(while_in_use.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_page_is_for_administrators() {
    let counter = Counter::open().await;
    let sam = salesperson(&counter.app).await;
    assert_eq!(sam.get("/crm").await.status, StatusCode::FORBIDDEN);
    let home = sam.get("/").await;
    assert!(!home.text.contains("href=\"/crm\""));
}
