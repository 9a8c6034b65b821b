//! The server is killed in the middle of its work, again and again.

use std::collections::BTreeSet;
use std::time::Duration;

use leadline_sandbox::Seed;
use rand::Rng;
use serde_json::json;

use crate::journey::{connect, first_start};
use crate::postgres::Postgres;
use crate::support::{Books, TestApp, database};

const KILLS: usize = 25;
const SEED: Seed = Seed::Load {
    leads: 20_000,
    persons: 16_000,
};

#[tokio::test]
async fn twenty_five_kills_at_random_moments_lose_and_double_nothing() {
    let (mut app, browser) = TestApp::start_in(SEED, &[]).await;
    first_start(&browser).await;
    let faults = json!({ "short_pages": { "probability": 0.1 }, "omit_next": true });
    app.control("faults", &faults).await;
    connect(&browser).await;
    for _ in 0..KILLS {
        let moment = rand::rng().random_range(20..600);
        tokio::time::sleep(Duration::from_millis(moment)).await;
        app.kill_and_start_again();
    }
    let books = Books::open(&database(&app.folder)).await;
    books.wait_until_decided(20_000).await;
    exactly_once(&app, &books).await;
}

#[tokio::test]
async fn two_server_processes_on_one_postgres_bring_every_submission_once() {
    let postgres = Postgres::start();
    let (mut app, browser) =
        TestApp::start_in(SEED, &[("LEADLINE_DATABASE__URL", &postgres.url())]).await;
    first_start(&browser).await;
    app.start_another();
    connect(&browser).await;
    let books = Books::open(&postgres.url()).await;
    books.wait_until_decided(20_000).await;
    exactly_once(&app, &books).await;
}

/// Every response of the sandbox is there, once, with one attempt; every person is one lead.
async fn exactly_once(app: &TestApp, books: &Books) {
    let truth = app.truth().await;
    let kept = books.texts("SELECT linkedin_id AS t FROM submission").await;
    assert_eq!(kept.len(), truth.len(), "submissions");
    assert_eq!(kept.into_iter().collect::<BTreeSet<_>>(), truth);
    let attempts = books.count("SELECT count(*) AS n FROM attempt").await;
    assert_eq!(attempts, 20_000, "attempts");
    let persons = "SELECT count(DISTINCT person_email) AS n FROM submission WHERE NOT test";
    let leads = books.count("SELECT count(*) AS n FROM lead").await;
    assert_eq!(leads, books.count(persons).await, "leads");
    let counted = "SELECT CAST(sum(submission_count) AS bigint) AS n FROM lead";
    let belonging = "SELECT count(*) AS n FROM submission WHERE lead_id IS NOT NULL";
    assert_eq!(books.count(counted).await, books.count(belonging).await);
}
