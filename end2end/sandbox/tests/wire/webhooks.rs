//! Subscriptions and deliveries, against a receiver that can misbehave.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::routing::get;
use hmac::{Hmac, Mac};
use leadline_sandbox::Seed;
use serde_json::{Value, json};

use crate::bench::{ACCOUNT, Answer, Bench};

const SECRET: &[u8] = b"sandbox-client-secret";

#[derive(Default)]
struct Receiver {
    broken: bool,
    challenges: u64,
    /// Body and whether the signature was right.
    events: Vec<(Value, bool)>,
}

type Shared = Arc<Mutex<Receiver>>;

fn mac(parts: &[&[u8]]) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    hex::encode(mac.finalize().into_bytes())
}

async fn challenge(
    State(shared): State<Shared>,
    Query(params): Query<Vec<(String, String)>>,
) -> axum::Json<Value> {
    let mut receiver = shared.lock().unwrap();
    receiver.challenges += 1;
    let code = &params
        .iter()
        .find(|(name, _)| name == "challengeCode")
        .unwrap()
        .1;
    assert!(uuid::Uuid::parse_str(code).is_ok());
    let response = if receiver.broken {
        "0".repeat(64)
    } else {
        mac(&[code.as_bytes()])
    };
    axum::Json(json!({ "challengeCode": code, "challengeResponse": response }))
}

async fn event(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) {
    let right = headers["x-li-signature"] == mac(&[b"hmacsha256=", &body]).as_str();
    shared
        .lock()
        .unwrap()
        .events
        .push((serde_json::from_slice(&body).unwrap(), right));
}

async fn receiver() -> (Shared, String) {
    let shared = Shared::default();
    let app = Router::new()
        .route("/hook", get(challenge).post(event))
        .with_state(Arc::clone(&shared));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?tenant=1", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (shared, url)
}

fn wish(url: &str) -> Value {
    json!({ "webhook": url, "owner": { "sponsoredAccount": format!("urn:li:sponsoredAccount:{ACCOUNT}") }, "leadType": "SPONSORED" })
}

async fn subscribe(bench: &Bench, body: &Value) -> Answer {
    Answer::read(
        bench
            .call("POST", "/rest/leadNotifications")
            .json(body)
            .send()
            .await
            .unwrap(),
    )
    .await
}

async fn until(what: impl Fn() -> bool) {
    for _ in 0..500 {
        if what() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen");
}

#[tokio::test]
async fn subscriptions_come_and_go() {
    let bench = Bench::start(Seed::Empty).await;
    let (_receiver, url) = receiver().await;
    let made = subscribe(&bench, &wish(&url)).await;
    assert_eq!((made.status, made.text.as_str()), (201, ""));
    let id = made.header("x-restli-id").to_owned();
    let shown = bench.ok(&format!("/rest/leadNotifications/{id}")).await;
    let mut expected = wish(&url);
    expected["id"] = json!(id.parse::<u64>().unwrap());
    assert_eq!(shown, expected);
    let criteria = "/rest/leadNotifications?q=criteria&owner=(value:(sponsoredAccount:urn%3Ali%3AsponsoredAccount%3A501234567))\
                    &leadType=(leadType:SPONSORED)";
    assert_eq!(bench.ok(criteria).await["elements"], json!([expected]));
    let bare = criteria.replace("(value:(", "(").replace("567))", "567)");
    assert_eq!(bench.get(&bare).await.status, 400);
    let path = format!("/rest/leadnotifications/{id}");
    assert_eq!(
        bench.call("DELETE", &path).send().await.unwrap().status(),
        204
    );
    assert_eq!(
        bench.call("DELETE", &path).send().await.unwrap().status(),
        404
    );
}

#[tokio::test]
async fn bad_subscriptions_are_refused() {
    let bench = Bench::start(Seed::Empty).await;
    let (receiver, url) = receiver().await;
    let with = |name: &str, value: Value| {
        let mut body = wish(&url);
        body[name] = value;
        body
    };
    let cases = [
        (with("surprise", json!(1)), 422),
        (with("webhook", json!(7)), 422),
        (
            with(
                "owner",
                json!({ "sponsoredAccount": "urn:li:organization:1" }),
            ),
            422,
        ),
        (with("leadType", json!("EVENT")), 400),
        (with("webhook", json!("http://example.com/hook")), 400),
        (with("webhook", json!("https://x.ngrok.io/hook")), 400),
        (json!({ "webhook": url, "leadType": "SPONSORED" }), 400),
        (
            with(
                "owner",
                json!({ "sponsoredAccount": "urn:li:sponsoredAccount:1" }),
            ),
            403,
        ),
    ];
    for (body, status) in cases {
        assert_eq!(subscribe(&bench, &body).await.status, status, "{body}");
    }
    receiver.lock().unwrap().broken = true;
    let failed = subscribe(&bench, &wish(&url)).await;
    assert_eq!(failed.status, 400);
    assert_eq!(
        failed.json()["message"],
        "This URL did not pass the security challenge check"
    );
    bench.faults(json!({ "allow_http_webhooks": false })).await;
    receiver.lock().unwrap().broken = false;
    assert_eq!(subscribe(&bench, &wish(&url)).await.status, 400);
    assert_eq!(
        bench.control("GET", "webhooks", Value::Null).await["subscriptions"],
        json!([])
    );
}

#[tokio::test]
async fn events_are_signed_doubled_dropped_and_forged() {
    let bench = Bench::start(Seed::Empty).await;
    let (receiver, url) = receiver().await;
    subscribe(&bench, &wish(&url)).await;
    let added = bench
        .control(
            "POST",
            "leads",
            json!({ "answers": { "EMAIL": "a@b.example" } }),
        )
        .await;
    assert_eq!(added["deliveries"], 1);
    let id = added["id"].as_str().unwrap();
    until(|| receiver.lock().unwrap().events.len() == 1).await;
    let (event, right) = receiver.lock().unwrap().events[0].clone();
    assert!(right);
    assert_eq!(
        (&event["type"], &event["leadAction"]),
        (&json!("LEAD_ACTION"), &json!("CREATED"))
    );
    assert_eq!(
        event["leadGenFormResponse"],
        format!("urn:li:leadGenFormResponse:{id}")
    );
    assert_eq!(
        event["leadGenForm"],
        "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:7234246,1)"
    );

    bench
        .control(
            "POST",
            "webhooks/deliver",
            json!({ "lead": id, "copies": 2, "bad_signature": true }),
        )
        .await;
    until(|| receiver.lock().unwrap().events.len() == 3).await;
    assert!(!receiver.lock().unwrap().events[2].1);
    bench.faults(json!({ "webhook_drop": 1.0 })).await;
    assert_eq!(
        bench.control("POST", "leads", json!({})).await["deliveries"],
        0
    );
    bench
        .faults(json!({ "webhook_drop": 0.0, "webhook_duplicate": 1.0, "webhook_array": true }))
        .await;
    assert_eq!(
        bench.control("POST", "leads", json!({})).await["deliveries"],
        2
    );
    until(|| receiver.lock().unwrap().events.len() == 5).await;
    assert!(receiver.lock().unwrap().events[4].0.is_array());
    bench.control("PUT", "faults", json!({})).await;
    bench
        .control("DELETE", &format!("leads/{id}"), Value::Null)
        .await;
    until(|| receiver.lock().unwrap().events.len() == 6).await;
    assert_eq!(
        receiver.lock().unwrap().events[5].0["leadAction"],
        "DELETED"
    );
    let quiet = bench
        .control("POST", "leads", json!({ "notify": false }))
        .await;
    assert_eq!(quiet["deliveries"], 0);

    // Who lost the role hears nothing more, and is not told.
    bench
        .control(
            "POST",
            "roles",
            json!({ "member": "ada", "account": ACCOUNT, "role": null }),
        )
        .await;
    assert_eq!(
        bench.control("POST", "leads", json!({})).await["deliveries"],
        0
    );
    let attempts = bench.control("GET", "webhooks", Value::Null).await["attempts"]
        .as_array()
        .unwrap()
        .len();
    assert!(attempts >= 8);
}

#[tokio::test]
async fn three_failed_validations_block_an_endpoint() {
    let bench = Bench::start(Seed::Empty).await;
    let (receiver, url) = receiver().await;
    subscribe(&bench, &wish(&url)).await;
    bench.advance(7_201).await;
    until(|| receiver.lock().unwrap().challenges == 2).await;
    receiver.lock().unwrap().broken = true;
    for failures in 1..=3 {
        bench
            .control("POST", "webhooks/revalidate", json!({}))
            .await;
        let known = bench.control("GET", "webhooks", Value::Null).await;
        let known = &known["subscriptions"][0];
        assert_eq!(
            (&known["failures"], &known["blocked"]),
            (&json!(failures), &json!(failures == 3))
        );
    }
    assert_eq!(
        bench.control("POST", "leads", json!({})).await["deliveries"],
        0
    );
    receiver.lock().unwrap().broken = false;
    bench
        .control("POST", "webhooks/revalidate", json!({}))
        .await;
    assert_eq!(
        bench.control("POST", "leads", json!({})).await["deliveries"],
        1
    );
}
