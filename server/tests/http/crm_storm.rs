//! Leads live in an organization, everything goes wrong there, and the server is killed in the middle
//! of its work, again and again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

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
/// A wait is kept for the next server by then, however busy the database is.
const REMEMBERED_MS: i64 = 500;

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
    let mut kills = Vec::new();
    for kill in 0..KILLS {
        // The kills are spread over the work, and each finds the server in the middle of it.
        let share = SUBMISSIONS * i64::try_from(kill).unwrap() / i64::try_from(KILLS).unwrap();
        wait_until_arrived(&books, share).await;
        let moment = rand::rng().random_range(0..500);
        tokio::time::sleep(Duration::from_millis(moment)).await;
        kills.push(leadline::store::now());
        counter.app.kill_and_start_again();
        if kill % 8 == 0 {
            counter
                .control(Method::POST, "tokens/expire", json!({}))
                .await;
        }
    }
    wait_until_arrived(&books, SUBMISSIONS).await;
    exactly_once(&counter, &books, &before).await;
    nothing_inside_a_wait(&counter, &kills).await;
}

/// Waits until so many leads have arrived; a minute without any is too long.
async fn wait_until_arrived(books: &Books, wanted: i64) {
    let (mut last, mut since) = (0, Instant::now());
    loop {
        let arrived = books.count(ARRIVED).await;
        if arrived >= wanted {
            return;
        }
        if arrived > last {
            (last, since) = (arrived, Instant::now());
        }
        if since.elapsed() > Duration::from_secs(10) {
            panic!("stuck at {arrived}: {:#?}", why(books).await);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// What stands in the way.
async fn why(books: &Books) -> Vec<String> {
    let says = [
        "SELECT 'worker: ' || COALESCE(problem, '') || ' paused until ' || paused_until AS t FROM crm_worker",
        "SELECT 'connection: ' || state || ' ' || reason AS t FROM crm_connection",
        "SELECT 'submissions: ' || reason_code || ' ' || count(*) AS t FROM submission GROUP BY reason_code",
        "SELECT 'leads: ' || COALESCE(delivery_problem, '') || ' ' || count(*) AS t FROM lead \
           WHERE deliver_at IS NOT NULL GROUP BY delivery_problem",
    ];
    let mut why = Vec::new();
    for statement in says {
        why.extend(books.texts(statement).await);
    }
    why
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

/// Whoever was told to wait did, and so did whoever came after; only what a server was told right
/// before it was killed (at one of `kills`) nobody knows any more.
async fn nothing_inside_a_wait(counter: &Counter, kills: &[i64]) {
    let journal = counter.control(Method::GET, "journal", json!({})).await;
    let requests = journal["requests"].as_array().unwrap();
    let told: Vec<(i64, i64)> = requests
        .iter()
        .filter_map(|entry| {
            Some((
                entry["at"].as_i64()?,
                entry["retry_after"].as_i64()? * 1_000,
            ))
        })
        .collect();
    assert!(told.len() >= 3, "it was told to wait");
    let forgotten = |at: i64| {
        let covers =
            |(then, wait): &&(i64, i64)| (*then..then + wait + ON_THE_WIRE_MS).contains(&at);
        let told: Vec<&(i64, i64)> = told.iter().filter(covers).collect();
        let killed = |(then, _): &&(i64, i64)| {
            kills
                .iter()
                .any(|kill| (*then - ON_THE_WIRE_MS..then + REMEMBERED_MS).contains(kill))
        };
        !told.is_empty() && told.iter().all(killed)
    };
    let early: Vec<&Value> = requests
        .iter()
        .filter(|entry| entry["client"] == known::CLIENT)
        .filter(|entry| !entry["at"].as_i64().is_some_and(forgotten))
        .filter(|entry| {
            entry["inside_retry_after_ms"]
                .as_i64()
                .is_some_and(|ms| ms > ON_THE_WIRE_MS)
        })
        .collect();
    assert!(early.is_empty(), "{early:#?}");
}
