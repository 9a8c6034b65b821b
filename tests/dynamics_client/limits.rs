//! The service's limits: nothing goes out inside a wait, and no limit is hit in the long run.

use std::time::Duration;

use leadline::crm::dynamics::{Class, Dynamics, Failure, Filter, Pace, Table};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::bench::Bench;

type Asking = JoinHandle<Result<(), Failure>>;

fn asking(dynamics: &Dynamics) -> Asking {
    let dynamics = dynamics.clone();
    tokio::spawn(async move {
        let open = Filter::is_open();
        dynamics.find(Table::Leads, &open, &[], 1).await.map(drop)
    })
}

/// Requests that came while the application should have waited.
async fn impatient(bench: &Bench) -> usize {
    let journal = bench.journal().await;
    journal
        .iter()
        .filter(|entry| !entry["inside_retry_after_ms"].is_null())
        .count()
}

#[tokio::test]
async fn nobody_asks_while_the_service_says_wait() {
    let bench = Bench::start().await;
    for kind in ["429_requests", "429_execution", "429_concurrency"] {
        // One at a time, so that no request is under way when the wait is told.
        bench.faults(json!({ "dop_hint": 1, "errors": [] })).await;
        bench.ask().await.unwrap();
        bench.faults(json!({ "retry_after": 1, "errors": [{ "endpoint": "leads", "kind": kind, "times": 1 }] })).await;
        let began = Instant::now();
        let all: Vec<Asking> = (0..10).map(|_| asking(&bench.dynamics)).collect();
        let mut refused = 0;
        for one in all {
            match one.await.unwrap() {
                Ok(()) => assert!(began.elapsed() >= Duration::from_secs(1)),
                Err(failure) => {
                    assert_eq!(failure.class, Class::Wait, "{kind}");
                    assert_eq!(failure.retry_after, Some(Duration::from_secs(1)));
                    refused += 1;
                }
            }
        }
        assert_eq!(refused, 1, "{kind}");
        assert_eq!(impatient(&bench).await, 0, "{kind}");
    }
    bench.done().await;
}

#[tokio::test]
async fn a_long_wait_is_told_to_everybody_at_once() {
    let bench = Bench::start().await;
    // One at a time, so that no request is under way when the wait is told.
    bench.faults(json!({ "dop_hint": 1 })).await;
    bench.ask().await.unwrap();
    bench.faults(json!({ "retry_after": 120, "errors": [{ "endpoint": "leads", "kind": "429_requests", "times": 1 }] })).await;
    let before = bench.count("GET leads").await;
    for one in (0..10)
        .map(|_| asking(&bench.dynamics))
        .collect::<Vec<Asking>>()
    {
        let failure = one.await.unwrap().unwrap_err();
        assert_eq!(failure.class, Class::Wait);
        assert!(failure.retry_after > Some(Duration::from_secs(110)));
    }
    assert_eq!(bench.ask().await.unwrap_err().class, Class::Wait);
    assert_eq!(bench.count("GET leads").await, before + 1);
    bench.done().await;
}

#[tokio::test]
async fn a_service_that_is_away_says_for_how_long() {
    let bench = Bench::start().await;
    bench.faults(json!({ "retry_after": 60, "errors": [{ "endpoint": "leads", "kind": "503", "times": 1 }] })).await;
    assert_eq!(bench.ask().await.unwrap_err().class, Class::Retry);
    assert_eq!(bench.ask().await.unwrap_err().class, Class::Wait);
    assert_eq!(bench.count("GET leads").await, 1);
    bench.done().await;
}

#[tokio::test]
async fn no_more_requests_are_under_way_than_recommended() {
    let bench = Bench::start().await;
    bench
        .faults(json!({ "dop_hint": 3, "latency_ms": 20 }))
        .await;
    bench.ask().await.unwrap();
    bench.forget_journal().await;
    for one in (0..30)
        .map(|_| asking(&bench.dynamics))
        .collect::<Vec<Asking>>()
    {
        one.await.unwrap().unwrap();
    }
    let journal = bench.journal().await;
    let most = journal
        .iter()
        .filter_map(|entry| entry["in_flight"].as_u64())
        .max();
    assert_eq!(most, Some(3));
    bench.done().await;
}

/// Asks for so long with everything that is let through; answers how many were answered.
async fn flood(bench: &Bench, time: Duration) -> usize {
    let until = Instant::now() + time;
    let workers: Vec<JoinHandle<usize>> = (0..12)
        .map(|_| {
            let dynamics = bench.dynamics.clone();
            tokio::spawn(async move {
                let (open, mut done) = (Filter::is_open(), 0);
                while Instant::now() < until {
                    let found = dynamics.find(Table::Leads, &open, &[], 1).await;
                    done += usize::from(found.is_ok());
                }
                done
            })
        })
        .collect();
    let mut done = 0;
    for worker in workers {
        done += worker.await.unwrap();
    }
    done
}

async fn refusals(bench: &Bench) -> Vec<Value> {
    let journal = bench.journal().await;
    journal
        .into_iter()
        .filter(|entry| entry["status"] == 429)
        .collect()
}

#[tokio::test]
async fn a_flood_stays_below_the_number_of_requests() {
    // A fifth less than it is, because a machine that is busy delays requests and bunches them up;
    // how much of what is allowed is used is what `make bench` asks.
    let pace = Pace {
        window: Duration::from_secs(2),
        requests: 240,
        ..Pace::default()
    };
    let bench = Bench::paced(pace).await;
    bench
        .faults(json!({ "window_ms": 2000, "max_requests": 300 }))
        .await;
    let done = flood(&bench, Duration::from_secs(5)).await;
    assert_eq!(refusals(&bench).await.len(), 0);
    assert!(done >= 300, "{done}");
    bench.done().await;
}

#[tokio::test]
async fn a_flood_stays_below_the_execution_time() {
    let pace = Pace {
        window: Duration::from_secs(2),
        execution: Duration::from_millis(3200),
        ..Pace::default()
    };
    let bench = Bench::paced(pace).await;
    let knobs = json!({ "window_ms": 2000, "max_execution_ms": 4000, "latency_ms": 40, "max_concurrent": 52 });
    bench.faults(knobs).await;
    let done = flood(&bench, Duration::from_secs(5)).await;
    assert_eq!(refusals(&bench).await.len(), 0);
    // Eight seconds of work in five: a hundred and sixty requests of forty milliseconds and more.
    assert!(done >= 50, "{done}");
    bench.done().await;
}
