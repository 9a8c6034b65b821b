//! How much of what Dataverse allows the client uses, and how often it runs into a limit: against the
//! sandbox, whose windows slide as the real ones do, scaled down. `make bench` runs it.
//!
//! It prints ratios and counts, which mean the same on every machine, and fails when they miss the
//! goals: nine tenths of what the windows allow, at most one refusal in a window for each client, and
//! no request while the service asks to wait.

#![expect(
    clippy::unwrap_used,
    reason = "whoever runs this wants to see what broke"
)]

use std::time::Duration;

use leadline::crm::dynamics::{
    Class, Connection, Credential, Dynamics, Filter, Pace, Settings, Table,
};
use leadline::http::{Client, Limits};
use leadline_sandbox::{Dynamics as Sandbox, DynamicsConfig, known};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

/// Windows until everything is as it stays.
const WARM: u32 = 2;
/// Windows that count.
const MEASURED: u32 = 4;
/// Requests that would be under way at once if they were let.
const WORKERS: usize = 24;

/// What the service allows, and what else is true.
struct Case {
    name: &'static str,
    pace: Pace,
    latency: Duration,
    hint: u32,
    /// Clients of the same application user that know nothing of each other.
    clients: usize,
    /// Whether the windows are what binds, so that most of them has to be used.
    binds: bool,
}

fn cases() -> Vec<Case> {
    let pace = Pace {
        window: Duration::from_secs(5),
        requests: 1000,
        execution: Duration::from_secs(20),
        at_once: 52,
    };
    let case = |name| Case {
        name,
        pace,
        latency: Duration::from_millis(5),
        hint: 8,
        clients: 1,
        binds: true,
    };
    vec![
        case("quick requests: their number binds"),
        Case {
            latency: Duration::from_millis(80),
            ..case("slow requests: their execution time binds")
        },
        Case {
            pace: Pace {
                window: Duration::from_secs(10),
                requests: 2000,
                execution: Duration::from_secs(40),
                at_once: 3,
            },
            latency: Duration::from_millis(20),
            hint: 12,
            binds: false,
            ..case("fewer at once than recommended")
        },
        Case {
            clients: 2,
            binds: false,
            ..case("two clients share one user")
        },
    ]
}

/// What came of a case.
struct Outcome {
    /// How much of what the windows allow was used.
    ratio: f64,
    /// Requests refused for a limit, in a window and for each client.
    refusals_per_window: f64,
    /// Requests that came while the service asked to wait.
    impatient: usize,
}

#[tokio::main]
async fn main() {
    println!(
        "{:<42} {:>8} {:>14} {:>10}",
        "", "used", "429 / window", "too early"
    );
    let mut fine = true;
    for case in cases() {
        let got = run(&case).await;
        let unused = case.binds && got.ratio < 0.9;
        // Whoever shares a user cannot know what the other one was told.
        let hasty = case.clients == 1 && got.impatient > 0;
        let missed = unused || hasty || got.refusals_per_window > 1.0;
        fine &= !missed;
        println!(
            "{:<42} {:>7.1}% {:>14.2} {:>10}{}",
            case.name,
            got.ratio * 100.0,
            got.refusals_per_window,
            got.impatient,
            if missed { "  missed" } else { "" }
        );
    }
    if !fine {
        std::process::exit(1);
    }
}

async fn run(case: &Case) -> Outcome {
    let sandbox = Sandbox::start(DynamicsConfig::default()).await.unwrap();
    let hand = Hand::of(&sandbox);
    let pace = case.pace;
    hand.call(
        "PATCH",
        "faults",
        json!({
            "window_ms": pace.window.as_millis(), "max_requests": pace.requests,
            "max_execution_ms": pace.execution.as_millis(), "max_concurrent": pace.at_once,
            "latency_ms": case.latency.as_millis(), "dop_hint": case.hint,
        }),
    )
    .await;
    let believed = Pace {
        at_once: Pace::default().at_once,
        ..pace
    };
    let until = Instant::now() + pace.window * (WARM + MEASURED);
    let mut workers = Vec::new();
    for _ in 0..case.clients {
        let settings = Settings {
            pace: believed,
            ..Settings::default()
        };
        let client = Dynamics::with(&connection(&sandbox), settings).unwrap();
        let work = |_| tokio::spawn(work(client.clone(), until));
        workers.extend((0..WORKERS).map(work));
    }
    sleep(pace.window * WARM).await;
    let state = hand.call("GET", "state", Value::Null).await;
    for worker in workers {
        worker.await.unwrap();
    }
    let from = state["now"].as_i64().unwrap();
    let journal = hand.call("GET", "journal", Value::Null).await;
    sandbox.stop().await;
    outcome(case, journal["requests"].as_array().unwrap(), from)
}

fn outcome(case: &Case, journal: &[Value], from: i64) -> Outcome {
    let window = i64::try_from(case.pace.window.as_millis()).unwrap();
    let span = from..from + window * i64::from(MEASURED);
    let inside = |entry: &&Value| span.contains(&entry["at"].as_i64().unwrap());
    let entries: Vec<&Value> = journal.iter().filter(inside).collect();
    let status = |wanted: u64| {
        entries
            .iter()
            .filter(move |entry| entry["status"] == wanted)
    };
    let spent: u64 = status(200)
        .filter_map(|entry| entry["took_ms"].as_u64())
        .sum();
    let windows = f64::from(MEASURED);
    // Small numbers are exact in a double.
    let requests = status(200).count() as f64 / (f64::from(case.pace.requests) * windows);
    let execution = spent as f64 / (case.pace.execution.as_millis() as f64 * windows);
    Outcome {
        ratio: requests.max(execution),
        refusals_per_window: status(429).count() as f64 / windows / case.clients as f64,
        impatient: entries
            .iter()
            .filter(|entry| !entry["inside_retry_after_ms"].is_null())
            .count(),
    }
}

/// Asks as often as it is let.
async fn work(client: Dynamics, until: Instant) {
    let open = Filter::is_open();
    while Instant::now() < until {
        let found = client.find(Table::Leads, &open, &[], 1).await;
        if let Err(failure) = found {
            assert_eq!(failure.class, Class::Wait, "{failure}");
            let wait = failure.retry_after.unwrap_or_default();
            sleep(wait.min(until.saturating_duration_since(Instant::now()))).await;
        }
    }
}

fn connection(sandbox: &Sandbox) -> Connection {
    Connection {
        organization: sandbox.organization_url().parse().unwrap(),
        authority: sandbox.authority_url().parse().unwrap(),
        tenant: known::TENANT.to_owned(),
        client_id: known::CLIENT.to_owned(),
        credential: Credential::Secret(known::SECRET.into()),
        allowed_hosts: vec!["127.0.0.1".to_owned()],
    }
}

/// A hand on the sandbox.
struct Hand {
    http: Client,
    base: String,
}

impl Hand {
    fn of(sandbox: &Sandbox) -> Hand {
        let base = sandbox.organization_url().to_owned();
        let http = leadline::http::client(&base.parse().unwrap(), Limits::default());
        Hand {
            http: http.unwrap(),
            base,
        }
    }

    async fn call(&self, method: &str, what: &str, wish: Value) -> Value {
        let url = format!("{}/control/{what}", self.base);
        let request = self
            .http
            .request(method.parse().unwrap(), url.parse().unwrap());
        let request = match method {
            "GET" => request.unwrap(),
            _ => request.unwrap().json(&wish),
        };
        let response = request.send().await.unwrap();
        assert!(response.status().is_success(), "{what} {wish}");
        response.json().await.unwrap()
    }
}
