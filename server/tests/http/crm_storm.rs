//! Leads live in an organization, everything goes wrong there, and the server is killed in the middle
//! of its work, again and again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use leadline_sandbox::{Seed, known};
use rand::Rng;
use reqwest::Method;
use serde_json::{Value, json};

use crate::crm::Counter;
use crate::journey::connect;
use crate::support::{Books, database};

const KILLS: usize = 25;
const SUBMISSIONS: i64 = 5_000;
const SEED: Seed = Seed::Load {
    leads: 5_000,
    persons: 4_000,
};
/// Submissions whose lead has arrived.
const ARRIVED: &str = "SELECT count(*) AS n FROM submission WHERE processing_state = 192350001";
/// A request may have been on its way already when the answer that told to wait was sent.
const ON_THE_WIRE_MS: i64 = 100;

#[tokio::test]
async fn a_storm_in_the_organization_and_twenty_five_kills_lose_and_double_nothing() {
    // Ten times what an organization allows, so that the test does not take five minutes of waiting.
    let requests = [("LEADLINE_DATAVERSE__REQUESTS", "60000")];
    let mut counter = Counter::open_in(SEED, &requests).await;
    counter.connected().await;
    let before = rows(&counter).await;
    counter
        .control(Method::PATCH, "faults", json!({
            "max_requests": 60_000, "hang_ms": 300, "retry_after": 1, "latency_ms": 2,
            "errors": [
                { "endpoint": "*", "kind": "429_requests", "probability": 0.002, "times": 1 },
                { "endpoint": "*", "kind": "429_execution", "probability": 0.002, "times": 1 },
                { "endpoint": "*", "kind": "429_concurrency", "probability": 0.002, "times": 1 },
                { "endpoint": "PATCH leads", "kind": "0x80044150", "probability": 0.01 },
                { "endpoint": "*", "kind": "503", "probability": 0.002, "times": 3 },
                { "endpoint": "PATCH leads", "kind": "timeout_after_commit", "probability": 0.01 },
                { "endpoint": "PATCH leads", "kind": "reset_after_commit", "probability": 0.01 },
                { "endpoint": "PATCH leads", "kind": "truncated", "probability": 0.01 },
                { "endpoint": "GET leads", "kind": "truncated", "probability": 0.02 },
                { "endpoint": "leads", "kind": "reset", "probability": 0.005 },
            ],
        }))
        .await;
    connect(&counter.browser).await;
    let books = Books::open(&database(&counter.app.folder)).await;
    for kill in 0..KILLS {
        // The kills are spread over the work, and each finds the server in the middle of it.
        let share = SUBMISSIONS * i64::try_from(kill).unwrap() / i64::try_from(KILLS).unwrap();
        books.wait_for(ARRIVED, share).await;
        let moment = rand::rng().random_range(0..500);
        tokio::time::sleep(Duration::from_millis(moment)).await;
        counter.app.kill_and_start_again();
        if kill % 8 == 0 {
            counter
                .control(Method::POST, "tokens/expire", json!({}))
                .await;
        }
    }
    wait_until_arrived(&books).await;
    exactly_once(&counter, &books, &before).await;
    nothing_inside_a_wait(&counter).await;
}

/// Waits until every submission is there and nothing is on its way.
async fn wait_until_arrived(books: &Books) {
    let mut last = (0, 0);
    loop {
        let arrived = books.count(ARRIVED).await;
        if arrived >= SUBMISSIONS {
            return;
        }
        last = if arrived > last.0 {
            (arrived, 0)
        } else {
            (last.0, last.1 + 1)
        };
        let problems = "SELECT DISTINCT COALESCE(delivery_problem, '') AS t FROM lead";
        assert!(
            last.1 < 60,
            "stuck at {arrived}: {:?}",
            books.texts(problems).await
        );
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn rows(counter: &Counter) -> BTreeMap<String, Value> {
    let rows = counter.control(Method::GET, "rows/lead", json!({})).await;
    let rows = rows["rows"].as_array().unwrap().clone();
    rows.into_iter()
        .map(|row| {
            (
                row["id"].as_str().unwrap().to_owned(),
                row["values"].clone(),
            )
        })
        .collect()
}

/// Every person is one lead in the organization, and Leadline knows each of them by its id.
async fn exactly_once(counter: &Counter, books: &Books, before: &BTreeMap<String, Value>) {
    let after = rows(counter).await;
    let made: Vec<&Value> = after
        .iter()
        .filter(|(id, _)| !before.contains_key(*id))
        .map(|(_, lead)| lead)
        .collect();
    let emails: Vec<String> = made
        .iter()
        .map(|lead| {
            lead["emailaddress1"]
                .as_str()
                .unwrap_or_default()
                .to_lowercase()
        })
        .collect();
    let persons: BTreeSet<&String> = emails.iter().collect();
    assert_eq!(persons.len(), emails.len(), "nobody is there twice");
    let wanted = "SELECT DISTINCT person_email AS t FROM submission WHERE lead_id IS NOT NULL";
    let wanted: BTreeSet<String> = books.texts(wanted).await.into_iter().collect();
    assert_eq!(persons.len(), wanted.len(), "everybody is there");
    assert!(persons.into_iter().all(|email| wanted.contains(email)));

    let kept = "SELECT record_id AS t FROM lead WHERE left_in IS NULL AND record_id IS NOT NULL";
    let kept: BTreeSet<String> = books.texts(kept).await.into_iter().collect();
    let made: BTreeSet<String> = after
        .keys()
        .filter(|id| !before.contains_key(*id))
        .cloned()
        .collect();
    assert_eq!(kept, made, "Leadline knows which record is whose");
    for (id, lead) in before {
        assert_eq!(
            after.get(id),
            Some(lead),
            "strangers' leads are as they were"
        );
    }
    // The journal tells what was really committed, whatever the answers said.
    let journal = counter.control(Method::GET, "journal", json!({})).await;
    let mut created = Vec::new();
    for entry in journal["requests"].as_array().unwrap() {
        for wrote in entry["wrote"].as_array().unwrap() {
            assert_ne!(wrote[0], "deleted");
            if wrote[0] == "created" {
                created.push(wrote[1].as_str().unwrap().to_owned());
            }
        }
    }
    let once: BTreeSet<&String> = created.iter().collect();
    assert_eq!(once.len(), created.len(), "no record was made twice");
    assert_eq!(created.len(), made.len());
}

/// Whoever was told to wait did.
async fn nothing_inside_a_wait(counter: &Counter) {
    let journal = counter.control(Method::GET, "journal", json!({})).await;
    let requests = journal["requests"].as_array().unwrap();
    let told = requests
        .iter()
        .filter(|entry| !entry["retry_after"].is_null());
    assert!(told.count() >= 3, "it was told to wait");
    let early: Vec<&Value> = requests
        .iter()
        .filter(|entry| entry["client"] == known::CLIENT)
        .filter(|entry| {
            entry["inside_retry_after_ms"]
                .as_i64()
                .is_some_and(|ms| ms > ON_THE_WIRE_MS)
        })
        .collect();
    assert!(early.is_empty(), "{early:#?}");
}
