//! CreateMultiple, UpdateMultiple, UpsertMultiple: all or nothing.

use serde_json::{Value, json};

use crate::bench::{Bench, error};

const CREATE: &str = "leads/Microsoft.Dynamics.CRM.CreateMultiple";
const UPDATE: &str = "leads/Microsoft.Dynamics.CRM.UpdateMultiple";
const UPSERT: &str = "leads/Microsoft.Dynamics.CRM.UpsertMultiple";

fn lead(mut body: Value) -> Value {
    body["@odata.type"] = json!("Microsoft.Dynamics.CRM.lead");
    body
}

#[tokio::test]
async fn many_are_created_with_their_ids() {
    let bench = Bench::start().await;
    let targets =
        json!({ "Targets": [lead(json!({ "lastname": "A" })), lead(json!({ "lastname": "B" }))] });
    let answer = bench.post(CREATE, targets).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let ids = answer.json()["Ids"].clone();
    for (place, name) in ["A", "B"].iter().enumerate() {
        let path = format!("leads({})", ids[place].as_str().unwrap());
        assert_eq!(bench.ok(&path).await["lastname"], *name);
    }
    let untyped = bench
        .post(CREATE, json!({ "Targets": [{ "lastname": "A" }] }))
        .await;
    assert_eq!(untyped.error(), error(400, "0x80048d19"));
}

#[tokio::test]
async fn one_bad_row_undoes_all() {
    let bench = Bench::start().await;
    let targets = json!({ "Targets": [lead(json!({ "lastname": "Good" })), lead(json!({ "leadsourcecode": 99 }))] });
    assert_eq!(
        bench.post(CREATE, targets).await.error(),
        error(400, "0x8004431A")
    );
    assert_eq!(
        bench.ok("leads?$filter=lastname eq 'Good'").await["value"],
        json!([])
    );
    let journal = bench.journal().await;
    assert_eq!(journal[0]["wrote"], json!([]));
}

#[tokio::test]
async fn rows_are_updated_by_id_and_upserted_by_key() {
    let bench = Bench::start().await.with_key().await;
    let id = bench
        .lead(json!({ "lastname": "A", "new_linkedinresponseid": "r1" }))
        .await;
    let update = json!({ "Targets": [lead(json!({ "leadid": id, "lastname": "B" }))] });
    assert_eq!(bench.post(UPDATE, update).await.status, 204);
    let missing =
        json!({ "Targets": [lead(json!({ "leadid": "11111111-2222-4333-8444-555555555555" }))] });
    assert_eq!(bench.post(UPDATE, missing).await.status, 404);
    let by_key = |key: &str| {
        lead(
            json!({ "@odata.id": format!("leads(new_linkedinresponseid='{key}')"), "jobtitle": "C" }),
        )
    };
    let upsert = bench
        .post(UPSERT, json!({ "Targets": [by_key("r1"), by_key("r2")] }))
        .await;
    assert_eq!(
        (upsert.status, upsert.text.as_str()),
        (204, ""),
        "nobody says which was which"
    );
    let lead = bench.ok(&format!("leads({id})")).await;
    assert_eq!(
        (&lead["lastname"], &lead["jobtitle"]),
        (&json!("B"), &json!("C"))
    );
    assert_eq!(
        bench.ok("leads(new_linkedinresponseid='r2')").await["jobtitle"],
        "C"
    );
}
