//! Service protection over HTTP: each facet, `Retry-After`, and what the journal says about it.

use leadline_sandbox::known;
use serde_json::{Value, json};

use crate::bench::{Answer, Bench, error};

#[tokio::test]
async fn the_number_of_requests_is_limited_in_a_sliding_window() {
    let bench = Bench::start().await;
    bench
        .faults(json!({ "max_requests": 3, "window_ms": 300_000 }))
        .await;
    for left in [2, 1, 0] {
        let answer = bench.get("WhoAmI").await;
        // Its own request is booked when the headers are written.
        assert_eq!(
            answer.header("x-ms-ratelimit-burst-remaining-xrm-requests"),
            left.to_string()
        );
        bench.advance(100.0).await;
    }
    bench.advance(-1.0).await;
    let refused = bench.get("WhoAmI").await;
    assert_eq!(refused.error(), error(429, "0x80072322"));
    assert_eq!(
        refused.message(),
        "Number of requests exceeded the limit of 3 over time window of 300 seconds."
    );
    assert_eq!(refused.header("retry-after"), "1");
    bench.advance(4.1).await;
    bench.ok("WhoAmI").await;
}

#[tokio::test]
async fn hammering_makes_the_wait_longer_and_stands_in_the_journal() {
    let bench = Bench::start().await;
    bench
        .faults(json!({ "max_requests": 1, "window_ms": 300_000 }))
        .await;
    bench.ok("WhoAmI").await;
    let wait = |answer: &Answer| answer.header("retry-after").parse::<u64>().unwrap();
    let first = wait(&bench.get("WhoAmI").await);
    let second = wait(&bench.get("WhoAmI").await);
    assert!((299..=300).contains(&first), "{first}");
    assert!(second > first, "{second}");
    let journal = bench.journal().await;
    let inside: Vec<bool> = journal
        .iter()
        .map(|entry| entry["inside_retry_after_ms"].is_i64())
        .collect();
    assert_eq!(inside, [false, false, true]);
    assert_eq!(journal[1]["retry_after"], json!(first));
    let other = bench.becomes(known::READER).await;
    other.ok("WhoAmI").await;
}

#[tokio::test]
async fn execution_time_is_a_limit_of_its_own() {
    let bench = Bench::start().await;
    bench.faults(json!({ "booked_ms": 700_000 })).await;
    bench.ok("WhoAmI").await;
    bench.ok("WhoAmI").await;
    let refused = bench.get("WhoAmI").await;
    assert_eq!(refused.error(), error(429, "0x80072321"));
    assert!(refused.message().starts_with(
        "Combined execution time of incoming requests exceeded limit of 1,200,000 milliseconds over time window of 300 seconds."
    ));
    bench.advance(310.0).await;
    bench.ok("WhoAmI").await;
}

#[tokio::test]
async fn no_more_requests_at_once_than_allowed() {
    let bench = Bench::start().await;
    bench
        .faults(json!({ "max_concurrent": 2, "latency_ms": 300 }))
        .await;
    let calls = (0..3).map(|_| tokio::spawn(Answer::of(bench.call("GET", "WhoAmI"))));
    let calls: Vec<_> = calls.collect();
    let mut statuses = Vec::new();
    for call in calls {
        let answer = call.await.unwrap();
        if answer.status == 429 {
            assert_eq!(
                answer.message(),
                "Number of concurrent requests exceeded the limit of 2."
            );
            assert_eq!(answer.error(), error(429, "0x80072326"));
            assert_ne!(answer.header("retry-after"), "");
        }
        statuses.push(answer.status);
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 429]);
    let journal = bench.journal().await;
    let most = journal
        .iter()
        .map(|entry| entry["in_flight"].as_u64().unwrap())
        .max();
    assert_eq!(most, Some(2));
}

#[tokio::test]
async fn each_facet_can_be_injected() {
    let bench = Bench::start().await;
    for (kind, code, wait) in [
        ("429_requests", "0x80072322", "9"),
        ("429_execution", "0x80072321", "9"),
        ("429_concurrency", "0x80072326", "9"),
        ("429_without_retry_after", "0x80072322", ""),
    ] {
        bench.faults(json!({ "retry_after": 9 })).await;
        bench.once("POST leads", kind).await;
        let refused = bench.post("leads", json!({ "lastname": kind })).await;
        assert_eq!(
            (refused.error(), refused.header("retry-after")),
            (error(429, code), wait)
        );
        bench.lead(json!({ "lastname": kind })).await;
    }
}

#[tokio::test]
async fn the_hint_of_parallelism_is_told() {
    let bench = Bench::start().await;
    bench.faults(json!({ "dop_hint": 21 })).await;
    assert_eq!(bench.get("WhoAmI").await.header("x-ms-dop-hint"), "21");
    let state = bench.control("GET", "faults", Value::Null).await;
    assert_eq!(state["dop_hint"], 21);
}
