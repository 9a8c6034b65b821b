//! What a column takes: lengths, ranges, choices, types (specification 2.9 and 4.2).

use serde_json::{Value, json};

use crate::bench::{Bench, error};

/// Each row: column, value, and the code it is refused with or nothing.
async fn check(cases: &[(&str, Value, &str)]) {
    let bench = Bench::start().await;
    for (column, value, code) in cases {
        let answer = bench.post("leads", json!({ *column: value })).await;
        match *code {
            "" => assert_eq!(answer.status, 204, "{column}={value}: {}", answer.text),
            code => assert_eq!(answer.error(), error(400, code), "{column}={value}"),
        }
    }
}

#[tokio::test]
async fn lengths_are_counted_in_utf16() {
    check(&[
        ("firstname", json!("x".repeat(50)), ""),
        ("firstname", json!("x".repeat(51)), "0x80044331"),
        ("firstname", json!("ü".repeat(50)), ""),
        ("firstname", json!("😀".repeat(25)), ""),
        ("firstname", json!("😀".repeat(26)), "0x80044331"),
        ("mobilephone", json!("0".repeat(20)), ""),
        ("mobilephone", json!("0".repeat(21)), "0x80044331"),
        ("subject", json!("x".repeat(301)), "0x80044331"),
        ("description", json!(format!("{}\n", "x".repeat(1999))), ""),
        ("description", json!("x".repeat(2001)), "0x80044331"),
        ("emailaddress1", json!("no address at all"), ""),
    ])
    .await;
    let bench = Bench::start().await;
    let long = bench
        .post("leads", json!({ "mobilephone": "0".repeat(21) }))
        .await;
    assert_eq!(
        long.message(),
        "A validation error occurred.  The length of the 'mobilephone' attribute of the 'lead' entity exceeded the maximum allowed length of '20'."
    );
}

#[tokio::test]
async fn numbers_stay_in_their_range() {
    check(&[
        ("numberofemployees", json!(1_000_000), ""),
        ("numberofemployees", json!("200"), ""),
        ("numberofemployees", json!(1_000_001), "0x8004432F"),
        ("numberofemployees", json!(-1), "0x8004432F"),
        ("numberofemployees", json!("51-200"), "0x80048d19"),
        ("numberofemployees", json!(1.5), "0x80048d19"),
        ("numberofemployees", json!(5_000_000_000_i64), "0x80048d19"),
        ("revenue", json!(1_234.56), ""),
        ("revenue", json!(-1), "0x80044330"),
        ("revenue", json!("a lot"), "0x80048d19"),
    ])
    .await;
}

#[tokio::test]
async fn choices_are_numbers_that_exist() {
    check(&[
        ("leadsourcecode", json!(8), ""),
        ("leadsourcecode", json!("8"), ""),
        ("leadsourcecode", json!(11), "0x8004431A"),
        ("leadsourcecode", json!("Web"), "0x80048d19"),
        ("industrycode", json!(33), ""),
        ("industrycode", json!(34), "0x8004431A"),
    ])
    .await;
    let bench = Bench::start().await;
    let wrong = bench.post("leads", json!({ "leadqualitycode": 9 })).await;
    assert_eq!(
        wrong.message(),
        "A validation error occurred. The value 9 of 'leadqualitycode' on record of type 'lead' is outside the valid range. Accepted Values: 1,2,3"
    );
    let text = bench
        .post("leads", json!({ "leadsourcecode": "Charity" }))
        .await;
    assert!(
        text.message()
            .contains("Cannot convert the literal 'Charity' to the expected type 'Edm.Int32'.")
    );
}

#[tokio::test]
async fn flags_texts_and_days_are_not_coerced() {
    check(&[
        ("donotemail", json!(true), ""),
        ("donotemail", json!("true"), "0x80048d19"),
        ("donotemail", json!(1), "0x80048d19"),
        ("lastname", json!(5), "0x80048d19"),
        ("lastname", json!(["A"]), "0x80048d19"),
        ("estimatedclosedate", json!("2026-11-23"), ""),
        ("estimatedclosedate", json!("23.11.2026"), "0x80048d19"),
        ("estimatedclosedate", json!("2026-02-30"), "0x80048d19"),
        ("estimatedclosedate", json!("1752-12-31"), "0x80040203"),
        ("estimatedclosedate", json!(null), ""),
    ])
    .await;
}

#[tokio::test]
async fn unknown_columns_are_refused_by_name() {
    check(&[
        ("Name", json!("x"), "0x80048d19"),
        ("LastName", json!("x"), "0x80048d19"),
        ("new_linkedinresponseid", json!("x"), "0x80048d19"),
    ])
    .await;
    let bench = Bench::start().await;
    let unknown = bench.post("leads", json!({ "Name": "x" })).await;
    assert!(
        unknown
            .message()
            .contains("Invalid property 'Name' was found in entity 'Microsoft.Dynamics.CRM.lead'.")
    );
}

#[tokio::test]
async fn an_empty_text_is_stored_as_none() {
    let bench = Bench::start().await;
    let id = bench.lead(json!({ "lastname": "A", "jobtitle": "" })).await;
    assert_eq!(
        bench.ok(&format!("leads({id})")).await["jobtitle"],
        Value::Null
    );
}

#[tokio::test]
async fn a_refused_write_changes_nothing() {
    let bench = Bench::start().await;
    let id = bench.lead(json!({ "lastname": "A" })).await;
    let etag = bench.etag(&id).await;
    bench
        .patch(
            &format!("leads({id})"),
            json!({ "lastname": "B", "leadsourcecode": 99 }),
        )
        .await;
    assert_eq!(bench.etag(&id).await, etag);
}

#[tokio::test]
async fn a_body_is_json_and_says_so() {
    let bench = Bench::start().await;
    let broken = bench
        .call("POST", "leads")
        .header("content-type", "application/json")
        .body("{");
    assert_eq!(
        crate::bench::Answer::of(broken).await.error(),
        error(400, "0x80048d19")
    );
    let form = bench.call("POST", "leads").form(&[("lastname", "A")]);
    assert_eq!(crate::bench::Answer::of(form).await.status, 415);
}
