//! The control API and the journal.

use leadline_sandbox::known;
use serde_json::{Value, json};

use crate::bench::Bench;

#[tokio::test]
async fn the_journal_says_who_did_what() {
    let bench = Bench::start().await;
    let id = bench.lead(json!({ "lastname": "A" })).await;
    let call = bench.call(
        "GET",
        "leads?$filter=lastname%20eq%20%27A%27&$select=leadid",
    );
    let answer =
        crate::bench::Answer::of(call.header("x-ms-client-request-id", "from-the-client")).await;
    let journal = bench.journal().await;
    let (write, read) = (&journal[0], &journal[1]);
    assert_eq!(write["wrote"], json!([["created", format!("lead {id}")]]));
    assert_eq!(
        (
            &write["endpoint"],
            &write["status"],
            &write["client"],
            &write["in_flight"]
        ),
        (
            &json!("POST leads"),
            &json!(204),
            &json!(known::CLIENT),
            &json!(1)
        )
    );
    assert_eq!(read["query"], "$filter=lastname eq 'A'&$select=leadid");
    assert_eq!(read["client_request_id"], "from-the-client");
    assert_eq!(read["request_id"], answer.header("req_id"));
    let since = bench.control("GET", "journal?since=1", Value::Null).await;
    assert_eq!(
        (since["requests"].as_array().unwrap().len(), &since["last"]),
        (1, &json!(2))
    );
    bench.control("DELETE", "journal", json!({})).await;
    assert_eq!(bench.journal().await.len(), 0);
}

#[tokio::test]
async fn somebody_else_can_write_too() {
    let bench = Bench::start().await;
    let rows = json!([{ "lastname": "A", "emailaddress1": "a@example.com" }, { "lastname": "B" }]);
    let ids = bench.control("POST", "rows/lead", rows).await["ids"].clone();
    let path = format!("rows/lead/{}", ids[0].as_str().unwrap());
    bench
        .control("PATCH", &path, json!({ "statecode": 2, "statuscode": 5 }))
        .await;
    let lead = bench
        .ok(&format!("leads({})", ids[0].as_str().unwrap()))
        .await;
    assert_eq!(
        (&lead["statecode"], &lead["_createdby_value"]),
        (&json!(2), &json!(known::MIA))
    );
    bench.control("DELETE", &path, json!({})).await;
    assert_eq!(
        bench.try_control("DELETE", &path, json!({})).await.status,
        404
    );
    let truth = bench.control("GET", "rows/lead", Value::Null).await;
    assert_eq!(truth["rows"].as_array().unwrap().len(), 6);
    let journal = bench.journal().await;
    assert_eq!(
        journal.len(),
        1,
        "only what came through the Web API is in the journal"
    );
    assert_eq!(journal[0]["wrote"], json!([]));
}

#[tokio::test]
async fn a_reset_starts_again() {
    let bench = Bench::start().await;
    bench.lead(json!({ "lastname": "A" })).await;
    bench.faults(json!({ "latency_ms": 1 })).await;
    bench.control("POST", "reset", json!({})).await;
    let state = bench.control("GET", "state", Value::Null).await;
    assert_eq!(
        (&state["rows"]["lead"], &state["journal"]),
        (&json!(5), &json!(0))
    );
    assert_eq!(state["organization_url"], bench.dynamics.organization_url());
    assert_eq!(
        bench.get("WhoAmI").await.status,
        401,
        "tokens are forgotten too"
    );
    assert_eq!(
        bench
            .try_control("GET", "nowhere", Value::Null)
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn an_application_user_can_be_taken_away() {
    let bench = Bench::start().await;
    bench.ok("WhoAmI").await;
    bench
        .control("POST", "users", json!({ "remove": true }))
        .await;
    assert_eq!(bench.get("WhoAmI").await.status, 403);
    bench
        .control("POST", "users", json!({ "privileges": ["prvReadLead"] }))
        .await;
    bench.ok("leads?$top=1").await;
}

#[tokio::test]
async fn a_stopped_stand_in_listens_no_more() {
    let bench = Bench::start().await;
    bench.once("*", "timeout").await;
    let call = bench.call("GET", "WhoAmI");
    let hanging = tokio::spawn(async move { call.send().await.is_err() });
    while bench.journal().await.is_empty() {}
    let url: reqwest::Url = bench.dynamics.organization_url().parse().unwrap();
    let addr = url.socket_addrs(|| None).unwrap();
    bench.dynamics.stop().await;
    assert!(hanging.await.unwrap(), "whoever hangs is let go");
    assert!(tokio::net::TcpStream::connect(&addr[..]).await.is_err());
}
