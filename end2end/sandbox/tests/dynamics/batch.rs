//! `$batch`: order, errors, change sets, and how strict the framing is.

use serde_json::{Value, json};

use crate::bench::{Answer, Bench, error};

const PART: &str = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n";

fn get(url: &str) -> String {
    format!("--b\r\n{PART}\r\nGET {url} HTTP/1.1\r\n\r\n")
}

fn post(body: &Value) -> String {
    format!("--b\r\n{PART}\r\n{}", request(body))
}

fn request(body: &Value) -> String {
    format!(
        "POST /api/data/v9.2/leads HTTP/1.1\r\nContent-Type: application/json; type=entry\r\n\r\n{body}\r\n"
    )
}

fn change_set(bodies: &[Value]) -> String {
    let items = bodies.iter().enumerate().map(|(place, body)| {
        format!(
            "--c\r\n{PART}Content-ID: {}\r\n\r\n{}",
            place + 1,
            request(body)
        )
    });
    format!(
        "--b\r\nContent-Type: multipart/mixed; boundary=\"c\"\r\n\r\n{}--c--\r\n\r\n",
        items.collect::<String>()
    )
}

async fn send(bench: &Bench, body: String, prefer: &str) -> Answer {
    let call = bench.call("POST", "$batch").header("Prefer", prefer);
    let call = call.header("Content-Type", "multipart/mixed; boundary=\"b\"");
    Answer::of(call.body(body)).await
}

fn statuses(answer: &Answer) -> Vec<&str> {
    let lines = answer.text.split("\r\n");
    lines
        .filter_map(|line| line.strip_prefix("HTTP/1.1 "))
        .map(|line| &line[..3])
        .collect()
}

#[tokio::test]
async fn requests_are_answered_in_their_order() {
    let bench = Bench::start().await;
    // Microsoft's client writes blanks into the address.
    let list = format!(
        "{}?$select=leadid&$filter=lastname eq 'B1'",
        bench.url("/api/data/v9.2/leads")
    );
    let body = format!(
        "{}{}{}--b--\r\n",
        post(&json!({ "lastname": "B1" })),
        get(&list),
        get("WhoAmI")
    );
    let answer = send(&bench, body, "").await;
    assert_eq!(
        (answer.status, statuses(&answer)),
        (200, vec!["204", "200", "200"]),
        "{}",
        answer.text
    );
    assert!(
        answer
            .header("content-type")
            .starts_with("multipart/mixed; boundary=batchresponse_")
    );
    assert!(answer.text.contains("\"leadid\""));
}

#[tokio::test]
async fn the_first_error_ends_a_batch_unless_it_may_go_on() {
    let bench = Bench::start().await;
    let bad = json!({ "subject": "x".repeat(301) });
    let body = format!("{}{}{}--b--\r\n", get("WhoAmI"), post(&bad), get("WhoAmI"));
    let stopped = send(&bench, body.clone(), "").await;
    assert_eq!(
        (stopped.status, statuses(&stopped)),
        (400, vec!["200", "400"])
    );
    assert!(stopped.text.contains("0x80044331"));
    let went_on = send(&bench, body, "odata.continue-on-error").await;
    assert_eq!(
        (went_on.status, statuses(&went_on)),
        (200, vec!["200", "400", "200"])
    );
}

#[tokio::test]
async fn a_change_set_counts_as_a_whole() {
    let bench = Bench::start().await;
    let good = change_set(&[json!({ "lastname": "S1" }), json!({ "lastname": "S1" })]);
    let answer = send(&bench, format!("{good}--b--\r\n"), "").await;
    assert_eq!(
        (answer.status, statuses(&answer)),
        (200, vec!["204", "204"]),
        "{}",
        answer.text
    );
    assert!(answer.text.contains("changesetresponse_") && answer.text.contains("Content-ID: 2"));
    let bad = change_set(&[json!({ "lastname": "S2" }), json!({ "leadsourcecode": 99 })]);
    let answer = send(&bench, format!("{bad}--b--\r\n"), "").await;
    assert_eq!((answer.status, statuses(&answer)), (400, vec!["400"]));
    assert_eq!(
        bench.ok("leads?$filter=lastname eq 'S2'").await["value"],
        json!([])
    );
}

#[tokio::test]
async fn what_was_made_before_can_be_referred_to() {
    let bench = Bench::start().await;
    let contact = format!(
        "--c\r\n{PART}Content-ID: 1\r\n\r\nPOST contacts HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{}\r\n",
        json!({ "lastname": "C" })
    );
    let set = |reference: &str| {
        let lead = request(&json!({ "lastname": "L", "parentcontactid@odata.bind": reference }));
        format!(
            "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n{contact}--c\r\n{PART}Content-ID: 2\r\n\r\n{lead}--c--\r\n\r\n--b--\r\n"
        )
    };
    let answer = send(&bench, set("$1"), "").await;
    assert_eq!(
        (answer.status, statuses(&answer)),
        (200, vec!["204", "204"]),
        "{}",
        answer.text
    );
    let undefined = send(&bench, set("$9"), "").await;
    assert!(
        undefined
            .text
            .contains("Content-ID Reference: '$9' does not exist in the batch context.")
    );
}

#[tokio::test]
async fn framing_is_strict() {
    let bench = Bench::start().await;
    let good = format!("{}--b--\r\n", get("WhoAmI"));
    for broken in [
        good.replace("\r\n", "\n"),
        good.trim_end().to_owned(),
        good.replace("--b--", "--c--"),
    ] {
        assert_eq!(
            send(&bench, broken, "").await.error(),
            error(400, "0x80048d19")
        );
    }
    let no_id = change_set(&[json!({})]).replace("Content-ID: 1\r\n", "");
    let answer = send(&bench, format!("{no_id}--b--\r\n"), "").await;
    assert_eq!(
        (answer.error(), answer.message()),
        (
            error(400, "0x80060888"),
            "Content-ID header not present".to_owned()
        )
    );
    let json = bench
        .call("POST", "$batch")
        .json(&json!({ "requests": [] }));
    assert_eq!(
        Answer::of(json).await.status,
        400,
        "there is no JSON batch in OData 4.0"
    );
    let many = format!("{}--b--\r\n", get("WhoAmI").repeat(1001));
    assert_eq!(
        send(&bench, many, "").await.error(),
        error(400, "0x80060888")
    );
}
