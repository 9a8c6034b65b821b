//! The matrix of specification 2.4: what a PATCH does, by what exists and what is demanded.

use leadline_sandbox::known;
use serde_json::json;

use crate::bench::{Answer, Bench, error};

const NEW: &str = "leads(7b1f2c3d-0000-4000-8000-00000000abcd)";

fn existing() -> String {
    format!("leads({})", known::OTHER_CASE)
}

#[tokio::test]
async fn without_a_condition_a_patch_creates_what_is_missing() {
    let bench = Bench::start().await;
    assert_eq!(
        bench
            .patch(&existing(), json!({ "lastname": "A" }))
            .await
            .status,
        204
    );
    let created = bench.patch(NEW, json!({ "lastname": "A" })).await;
    assert_eq!(
        (created.status, created.id()),
        (204, NEW[6..NEW.len() - 1].to_owned())
    );
    assert_eq!(bench.ok(NEW).await["lastname"], "A");
    // "null" is the documented way to demand nothing.
    let null = bench
        .patch_if(NEW, ("If-None-Match", "null"), json!({ "lastname": "B" }))
        .await;
    assert_eq!(null.status, 204);
}

#[tokio::test]
async fn if_match_anything_updates_and_never_creates() {
    let bench = Bench::start().await;
    let any = ("If-Match", "*");
    assert_eq!(
        bench
            .patch_if(&existing(), any, json!({ "lastname": "A" }))
            .await
            .status,
        204
    );
    let missing = bench.patch_if(NEW, any, json!({ "lastname": "A" })).await;
    assert_eq!(missing.error(), error(404, "0x80040217"));
    assert_eq!(bench.get(NEW).await.status, 404);
}

#[tokio::test]
async fn if_none_match_anything_creates_and_never_updates() {
    let bench = Bench::start().await;
    let none = ("If-None-Match", "*");
    assert_eq!(
        bench
            .patch_if(NEW, none, json!({ "lastname": "A" }))
            .await
            .status,
        204
    );
    let again = bench.patch_if(NEW, none, json!({ "lastname": "B" })).await;
    assert_eq!(again.error(), error(412, ""));
    assert_eq!(
        again.message(),
        "A record with matching key values already exists."
    );
    assert_eq!(bench.ok(NEW).await["lastname"], "A");
    for code in ["0x80040237", "0x80060892"] {
        bench.faults(json!({ "exists_code": code })).await;
        assert_eq!(
            bench.patch_if(NEW, none, json!({})).await.error(),
            error(412, code)
        );
    }
}

#[tokio::test]
async fn an_etag_counts_until_somebody_else_writes() {
    let bench = Bench::start().await;
    let etag = bench.etag(known::OTHER_CASE).await;
    let path = format!("rows/lead/{}", known::OTHER_CASE);
    let same = bench
        .patch_if(&existing(), ("If-Match", &etag), json!({ "jobtitle": "A" }))
        .await;
    assert_eq!(same.status, 204);
    let etag = bench.etag(known::OTHER_CASE).await;
    bench
        .control("PATCH", &path, json!({ "jobtitle": "B" }))
        .await;
    for method in ["PATCH", "DELETE"] {
        bench
            .control("POST", "users", json!({ "grant": ["prvDeleteLead"] }))
            .await;
        let call = bench.call(method, &existing()).header("If-Match", &etag);
        let stale = Answer::of(call.json(&json!({ "jobtitle": "C" }))).await;
        assert_eq!(stale.error(), error(412, "0x80060882"));
    }
    assert_eq!(bench.ok(&existing()).await["jobtitle"], "B");
    let missing = bench.patch_if(NEW, ("If-Match", &etag), json!({})).await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn an_unchanged_row_is_not_sent_again() {
    let bench = Bench::start().await;
    let etag = bench.etag(known::OTHER_CASE).await;
    let ask = |annotations: bool| {
        let call = bench
            .call("GET", &existing())
            .header("If-None-Match", &etag);
        let call = match annotations {
            true => call.header("Prefer", "odata.include-annotations=\"*\""),
            false => call,
        };
        Answer::of(call)
    };
    assert_eq!(ask(false).await.status, 304);
    assert_eq!(ask(true).await.status, 200, "never with annotations");
    bench.patch(&existing(), json!({ "jobtitle": "A" })).await;
    assert_eq!(ask(false).await.status, 200);
}

#[tokio::test]
async fn a_chosen_id_counts_once() {
    let bench = Bench::start().await;
    let body = json!({ "leadid": "7b1f2c3d-0000-4000-8000-00000000abcd", "lastname": "A" });
    assert_eq!(
        bench.post("leads", body.clone()).await.id(),
        NEW[6..NEW.len() - 1]
    );
    assert_eq!(
        bench.post("leads", body).await.error(),
        error(412, "0x80040237")
    );
}

#[tokio::test]
async fn an_alternate_key_addresses_creates_and_updates() {
    let bench = Bench::start().await.with_key().await;
    let path = "leads(new_linkedinresponseid='r''1')";
    let created = bench.patch(path, json!({ "lastname": "A" })).await;
    assert_eq!(created.status, 204);
    let address = bench.url(&format!("/api/data/v9.2/{path}"));
    assert_eq!(
        created.header("odata-entityid"),
        address,
        "the key as it was given, not the id"
    );
    assert_eq!(
        bench.patch(path, json!({ "jobtitle": "B" })).await.status,
        204
    );
    let lead = bench.ok(path).await;
    assert_eq!(
        (
            &lead["lastname"],
            &lead["jobtitle"],
            &lead["new_linkedinresponseid"]
        ),
        (&json!("A"), &json!("B"), &json!("r'1"))
    );
    let again = bench
        .patch_if(path, ("If-None-Match", "*"), json!({}))
        .await;
    assert_eq!(again.error(), error(412, ""));
    let missing = bench
        .patch_if(
            "leads(new_linkedinresponseid='r2')",
            ("If-Match", "*"),
            json!({}),
        )
        .await;
    assert_eq!(missing.error(), error(404, "0x80060891"));
    assert_eq!(
        bench
            .get("leads(new_linkedinresponseid='r2')")
            .await
            .error(),
        error(404, "0x80060891")
    );
}

#[tokio::test]
async fn an_alternate_key_is_unique_and_says_who_has_it() {
    let bench = Bench::start().await.with_key().await;
    let first = bench.lead(json!({ "new_linkedinresponseid": "R1" })).await;
    let call = bench
        .call("POST", "leads")
        .json(&json!({ "new_linkedinresponseid": "r1" }));
    let second = Answer::of(call.header("Prefer", "odata.include-annotations=\"*\"")).await;
    assert_eq!(second.error(), error(412, "0x80060892"));
    let details = second.json()["error"].clone();
    let name = "@Microsoft.PowerApps.CDS.ErrorDetails.DuplicateEntity";
    assert_eq!(details[name], json!(first));
    for _ in 0..2 {
        bench
            .lead(json!({ "lastname": "without a key collides with nobody" }))
            .await;
    }
    let other = bench.lead(json!({ "new_linkedinresponseid": "r2" })).await;
    let update = bench
        .patch(
            &format!("leads({other})"),
            json!({ "new_linkedinresponseid": "r1" }),
        )
        .await;
    assert_eq!(update.error(), error(412, "0x80060892"));
}

#[tokio::test]
async fn a_urn_cannot_be_the_value_of_a_key_in_an_address() {
    let bench = Bench::start().await.with_key().await;
    let urn = "leads(new_linkedinresponseid='urn%3Ali%3AleadGenFormResponse%3A1')";
    assert_eq!(bench.get(urn).await.status, 400);
    assert_eq!(bench.patch(urn, json!({})).await.status, 400);
    bench
        .lead(json!({ "new_linkedinresponseid": "urn:li:leadGenFormResponse:1" }))
        .await;
}

#[tokio::test]
async fn a_key_nobody_declared_or_that_is_not_yet_active_addresses_nothing() {
    let bench = Bench::start().await;
    let undeclared = bench.get("leads(emailaddress1='a')").await;
    assert_eq!(undeclared.error(), error(400, "0x80060888"));
    assert!(
        undeclared
            .message()
            .starts_with("The key in the request URI is not valid for resource")
    );
    bench.faults(json!({ "key_index_ms": 60_000 })).await;
    let bench = bench.becomes(known::CUSTOMIZER).await;
    let key = json!({ "SchemaName": "new_Key", "KeyAttributes": ["emailaddress3"] });
    assert_eq!(
        bench
            .post("EntityDefinitions(LogicalName='lead')/Keys", key)
            .await
            .status,
        204
    );
    let status = || async {
        bench.ok("EntityDefinitions(LogicalName='lead')/Keys").await["value"][0]["EntityKeyIndexStatus"].clone()
    };
    assert_eq!(status().await, "Pending");
    assert_eq!(bench.get("leads(emailaddress3='a')").await.status, 400);
    bench.advance(61.0).await;
    assert_eq!(status().await, "Active");
    assert_eq!(bench.get("leads(emailaddress3='a')").await.status, 404);
}
