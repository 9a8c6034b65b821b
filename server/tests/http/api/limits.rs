//! How often a token may ask, and how often an address may guess.

use reqwest::StatusCode;

use super::{Program, json, problem};
use crate::support::TestApp;

#[tokio::test]
async fn a_token_that_asks_too_often_is_told_when_to_go_on() {
    let (app, _) = TestApp::start_with(&[("LEADLINE_API__REQUESTS_PER_MINUTE", "3")]).await;
    let program = Program::of(&app, "administrator");
    for left in ["2", "1", "0"] {
        let page = program.get("/leads").await;
        json(&page, StatusCode::OK);
        assert_eq!(page.header("ratelimit-policy"), "\"token\";q=3;w=60");
        assert_eq!(page.header("ratelimit"), format!("\"token\";r={left}"));
    }
    let page = program.get("/leads").await;
    problem(&page, StatusCode::TOO_MANY_REQUESTS);
    let seconds: u64 = page.header("retry-after").parse().unwrap();
    assert!((1..=21).contains(&seconds), "{seconds}");
    let other = Program::of(&app, "administrator");
    json(&other.get("/leads").await, StatusCode::OK);
}

#[tokio::test]
async fn whoever_shows_wrong_tokens_again_and_again_is_slowed_down_but_nobody_else() {
    let (app, _) = TestApp::start().await;
    let guesser = Program::with(&app, "leadline_guess");
    let mut refused = 0;
    let page = loop {
        let page = guesser.get("/leads").await;
        if page.status != StatusCode::UNAUTHORIZED {
            break page;
        }
        refused += 1;
        assert!(refused < 2_000, "it was never slowed down");
    };
    problem(&page, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused >= 300, "{refused}");
    let program = Program::of(&app, "administrator");
    json(&program.get("/leads").await, StatusCode::OK);
}
