//! What can go wrong on the way: every row of the catalogue, the network, and answers that never come.

use leadline_sandbox::known;
use serde_json::{Value, json};

use crate::bench::{Answer, Bench, error};

#[tokio::test]
async fn every_row_of_the_catalogue_can_be_injected() {
    let bench = Bench::start().await;
    let catalogue: &[(&str, u16)] = &[
        ("0x80060888", 400),
        ("0x0", 400),
        ("0x80048d19", 400),
        ("0x80044331", 400),
        ("0x8004431A", 400),
        ("0x8004432F", 400),
        ("0x80044330", 400),
        ("0x80048408", 400),
        ("0x80040265", 400),
        ("0x80040203", 400),
        ("0x80072560", 403),
        ("0x80040220", 403),
        ("0x80048306", 403),
        ("0x80040299", 403),
        ("0x80042F09", 403),
        ("0x8004F502", 403),
        ("0x8004F507", 403),
        ("0x8006088a", 404),
        ("0x80040217", 404),
        ("0x80060891", 404),
        ("0x80060892", 412),
        ("0x80040237", 412),
        ("0x80040333", 412),
        ("0x80060882", 412),
        ("0x80044150", 500),
        ("0x80044151", 500),
        ("0x80073002", 500),
    ];
    for (code, status) in catalogue {
        bench.once("POST leads", code).await;
        let answer = bench.post("leads", json!({ "lastname": code })).await;
        assert_eq!(answer.error(), error(*status, code));
        assert_ne!(answer.message(), "");
    }
    let rows = bench.control("GET", "rows/lead", Value::Null).await;
    assert_eq!(
        rows["rows"].as_array().unwrap().len(),
        5,
        "none of them wrote anything"
    );
}

#[tokio::test]
async fn infrastructure_answers_with_pages() {
    let bench = Bench::start().await;
    for (kind, status) in [
        ("408", 408),
        ("413", 413),
        ("500", 500),
        ("502", 502),
        ("503", 503),
        ("504", 504),
    ] {
        bench.once("leads", kind).await;
        let answer = bench.get("leads").await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (status, "text/html")
        );
    }
    bench.faults(json!({ "retry_after": 3, "errors": [{ "endpoint": "*", "kind": "503", "times": 2, "after": 1 }] })).await;
    let mut waits = Vec::new();
    for _ in 0..4 {
        waits.push(bench.get("WhoAmI").await.header("retry-after").to_owned());
    }
    assert_eq!(waits, ["", "3", "3", ""], "a burst");
    bench.once("leads", "aspnet_500").await;
    let body = bench.get("leads").await.json();
    assert!(body.get("error").is_none() && body["ExceptionMessage"].is_string());
}

#[tokio::test]
async fn a_token_can_stop_counting_at_once() {
    let bench = Bench::start().await;
    bench.once("*", "401").await;
    let refused = bench.get("leads").await;
    assert_eq!(refused.status, 401);
    assert!(
        refused
            .header("www-authenticate")
            .contains("error=invalid_token")
    );
    bench.ok("leads?$top=1").await;
}

#[tokio::test]
async fn a_write_can_be_done_and_its_answer_never_come() {
    let bench = Bench::start().await;
    bench.faults(json!({ "hang_ms": 20 })).await;
    for kind in ["timeout_after_commit", "reset_after_commit"] {
        bench.once("POST leads", kind).await;
        let call = bench
            .call("POST", "leads")
            .json(&json!({ "lastname": kind }));
        assert!(call.send().await.is_err(), "{kind}");
        let found = bench
            .ok(&format!(
                "leads?$select=leadid&$filter=lastname eq '{kind}'"
            ))
            .await;
        assert_eq!(found["value"].as_array().unwrap().len(), 1);
    }
    bench.once("POST leads", "503_after_commit").await;
    assert_eq!(
        bench
            .post("leads", json!({ "lastname": "said to be unavailable" }))
            .await
            .status,
        503
    );
    let journal = bench.journal().await;
    let wrote: Vec<&Value> = journal
        .iter()
        .filter(|entry| entry["endpoint"] == "POST leads")
        .map(|entry| &entry["wrote"][0][0])
        .collect();
    assert_eq!(
        wrote,
        ["created", "created", "created"],
        "the journal knows"
    );
    bench.once("POST leads", "timeout").await;
    let call = bench
        .call("POST", "leads")
        .json(&json!({ "lastname": "never" }));
    assert!(call.send().await.is_err());
    assert_eq!(
        bench.ok("leads?$filter=lastname eq 'never'").await["value"],
        json!([])
    );
}

#[tokio::test]
async fn a_caller_who_hangs_up_does_not_stop_the_write() {
    let bench = Bench::start().await;
    bench.faults(json!({ "latency_ms": 150 })).await;
    let call = bench
        .call("POST", "leads")
        .json(&json!({ "lastname": "Impatient" }));
    let impatient = call
        .timeout(std::time::Duration::from_millis(30))
        .send()
        .await;
    assert!(impatient.unwrap_err().is_timeout());
    let path = "leads?$select=leadid&$filter=lastname eq 'Impatient'";
    // Reading takes as long as writing does, and began later.
    let mut found = bench.ok(path).await;
    while found["value"] == json!([]) {
        found = bench.ok(path).await;
    }
    assert_eq!(found["value"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn answers_can_be_unreadable() {
    let bench = Bench::start().await;
    bench.once("GET leads", "truncated").await;
    let cut = bench.call("GET", "leads").send().await.unwrap();
    assert!(cut.text().await.is_err());
    bench.once("GET leads", "malformed_json").await;
    let answer = bench.get("leads").await;
    assert!(answer.status == 200 && serde_json::from_str::<Value>(&answer.text).is_err());
    bench.once("GET leads", "empty_body").await;
    let answer = bench.get("leads").await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    bench.once("GET leads", "reset").await;
    assert!(bench.call("GET", "leads").send().await.is_err());
}

#[tokio::test]
async fn two_writers_of_one_row_can_meet_in_a_deadlock() {
    let bench = Bench::start().await;
    bench
        .faults(json!({ "row_deadlocks": true, "latency_ms": 200 }))
        .await;
    let write = |id: &str| {
        let call = bench.call("PATCH", &format!("leads({id})"));
        tokio::spawn(Answer::of(call.json(&json!({ "jobtitle": "A" }))))
    };
    let (first, second, other) = (
        write(known::DOUBLE),
        write(known::DOUBLE),
        write(known::QUALIFIED),
    );
    let mut pair = [first.await.unwrap(), second.await.unwrap()];
    pair.sort_by_key(|answer| answer.status);
    assert_eq!(pair[0].status, 204);
    assert_eq!(pair[1].error(), error(500, "0x80044150"));
    assert_eq!(other.await.unwrap().status, 204);
    assert_eq!(
        write(known::DOUBLE).await.unwrap().status,
        204,
        "it is free again"
    );
}

#[tokio::test]
async fn misspelt_knobs_and_kinds_are_refused() {
    let bench = Bench::start().await;
    for wrong in [
        json!({ "max_request": 1 }),
        json!({ "errors": [{ "endpoint": "*", "kind": "0x1" }] }),
        json!({ "errors": [{ "endpoint": "*", "kind": "503", "often": 1 }] }),
        json!({ "max_requests": 0 }),
    ] {
        assert_eq!(
            bench.try_control("PATCH", "faults", wrong).await.status,
            400
        );
    }
    bench.faults(json!({ "latency_ms": 1 })).await;
    let reset = bench.control("DELETE", "faults", json!({})).await;
    assert_eq!(reset["latency_ms"], 0);
}

#[tokio::test]
async fn a_row_that_the_role_does_not_reach_is_left_out_of_lists_and_refused_by_name() {
    let bench = Bench::start().await;
    let all = bench.ok("leads?$select=leadid").await["value"].clone();
    bench
        .faults(json!({ "unreachable": [known::DOUBLE] }))
        .await;
    let some = bench.ok("leads?$select=leadid").await["value"].clone();
    assert_eq!(
        (
            all.as_array().unwrap().len(),
            some.as_array().unwrap().len()
        ),
        (5, 4)
    );
    let refused = error(403, "0x80048306");
    let path = format!("leads({})", known::DOUBLE);
    assert_eq!(bench.get(&path).await.error(), refused);
    let call = bench.call("PATCH", &path).json(&json!({ "lastname": "A" }));
    assert_eq!(Answer::of(call).await.error(), refused);
    bench.ok(&format!("leads({})", known::SECOND_DOUBLE)).await;
}
