//! Creating, changing and deleting, and what the server adds itself.

use leadline_sandbox::known;
use serde_json::{Value, json};

use crate::bench::{Answer, Bench, error};

#[tokio::test]
async fn a_created_lead_is_answered_with_its_address() {
    let bench = Bench::start().await;
    let answer = bench
        .post(
            "leads",
            json!({ "subject": "Form", "firstname": "Monte", "lastname": "Orton" }),
        )
        .await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    assert_eq!(answer.header("odata-entityid"), answer.header("location"));
    let id = answer.id();
    assert_eq!(
        answer.header("location"),
        bench.url(&format!("/api/data/v9.2/leads({id})"))
    );
    let lead = bench.ok(&format!("leads({id})")).await;
    assert_eq!(lead["fullname"], "Monte Orton");
    assert_eq!(
        (&lead["statecode"], &lead["statuscode"]),
        (&json!(0), &json!(1))
    );
    for by in ["_ownerid_value", "_createdby_value", "_modifiedby_value"] {
        assert_eq!(lead[by], known::USER, "{by}");
    }
    assert_eq!(
        (&lead["followemail"], &lead["donotemail"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        (&lead["leadqualitycode"], &lead["leadsourcecode"]),
        (&json!(2), &Value::Null)
    );
}

#[tokio::test]
async fn the_row_comes_back_to_whoever_prefers_it() {
    let bench = Bench::start().await;
    let prefer = ("Prefer", "return=representation");
    let call = bench
        .call("POST", "leads?$select=leadid")
        .header(prefer.0, prefer.1);
    let created = Answer::of(call.json(&json!({ "lastname": "A" }))).await;
    assert_eq!(
        (created.status, created.header("preference-applied")),
        (201, "return=representation")
    );
    assert_eq!(created.header("odata-entityid"), "");
    let body = created.json();
    let id = body["leadid"].as_str().unwrap();
    assert_eq!(body["@odata.etag"], created.header("etag"));
    assert_eq!(body.as_object().unwrap().len(), 3);
    let changed = bench
        .patch_if(
            &format!("leads({id})?$select=leadid"),
            prefer,
            json!({ "lastname": "B" }),
        )
        .await;
    assert_eq!(changed.status, 200);
    let new = "leads(11111111-2222-4333-8444-555555555555)?$select=leadid";
    let upserted = bench
        .patch_if(new, prefer, json!({ "lastname": "C" }))
        .await;
    assert_eq!(upserted.status, 201);
}

#[tokio::test]
async fn neither_name_nor_topic_is_required_by_the_api() {
    let bench = Bench::start().await;
    let id = bench.lead(json!({})).await;
    let lead = bench
        .ok(&format!("leads({id})?$select=fullname,subject"))
        .await;
    assert_eq!(
        (&lead["fullname"], &lead["subject"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn only_what_is_sent_changes_and_the_version_counts_on() {
    let bench = Bench::start().await;
    let id = bench
        .lead(json!({ "firstname": "A", "lastname": "B", "jobtitle": "C" }))
        .await;
    let before = bench.etag(&id).await;
    let answer = bench
        .patch(
            &format!("leads({id})"),
            json!({ "lastname": "D", "jobtitle": null }),
        )
        .await;
    assert_eq!(answer.status, 204);
    assert_eq!(
        answer.id(),
        id,
        "a client looks for OData-EntityId here too"
    );
    let lead = bench.ok(&format!("leads({id})")).await;
    assert_eq!(
        (&lead["fullname"], &lead["jobtitle"]),
        (&json!("A D"), &Value::Null)
    );
    assert_ne!(lead["@odata.etag"], json!(before));
}

#[tokio::test]
async fn one_property_is_put_and_deleted_by_itself() {
    let bench = Bench::start().await;
    let path = format!("leads({})/jobtitle", known::OTHER_CASE);
    let put = Answer::of(bench.call("PUT", &path).json(&json!({ "value": "CTO" }))).await;
    assert_eq!(put.status, 204);
    let read = format!("leads({})?$select=jobtitle", known::OTHER_CASE);
    assert_eq!(bench.ok(&read).await["jobtitle"], "CTO");
    assert_eq!(Answer::of(bench.call("DELETE", &path)).await.status, 204);
    assert_eq!(bench.ok(&read).await["jobtitle"], Value::Null);
}

#[tokio::test]
async fn a_deleted_lead_is_gone() {
    let bench = Bench::start().await.becomes(known::CUSTOMIZER).await;
    let path = format!("leads({})", known::OTHER_CASE);
    assert_eq!(Answer::of(bench.call("DELETE", &path)).await.status, 204);
    for method in ["GET", "DELETE"] {
        let answer = Answer::of(bench.call(method, &path)).await;
        assert_eq!(answer.error(), error(404, "0x80040217"));
        assert_eq!(
            answer.message(),
            format!("lead With Id = {} Does Not Exist", known::OTHER_CASE)
        );
    }
}

#[tokio::test]
async fn columns_that_cannot_be_written_are_passed_over() {
    let bench = Bench::start().await;
    let body = json!({ "lastname": "A", "fullname": "Forged", "statecode": 2, "statuscode": 4, "versionnumber": 1, "createdon": "2001-01-01T00:00:00Z" });
    let id = bench.lead(body).await;
    let lead = bench.ok(&format!("leads({id})")).await;
    assert_eq!(
        (&lead["fullname"], &lead["statecode"], &lead["statuscode"]),
        (&json!("A"), &json!(0), &json!(1))
    );
    assert!(!lead["createdon"].as_str().unwrap().starts_with("2001"));
    bench
        .patch(
            &format!("leads({id})"),
            json!({ "overriddencreatedon": "2020-01-01" }),
        )
        .await;
    let lead = bench
        .ok(&format!("leads({id})?$select=overriddencreatedon"))
        .await;
    assert_eq!(
        lead["overriddencreatedon"],
        Value::Null,
        "it counts at the creation alone"
    );
}

#[tokio::test]
async fn the_day_of_creation_can_be_set_back() {
    let bench = Bench::start().await;
    let id = bench
        .lead(json!({ "lastname": "A", "overriddencreatedon": "2026-01-02" }))
        .await;
    let lead = bench
        .ok(&format!(
            "leads({id})?$select=createdon,overriddencreatedon"
        ))
        .await;
    assert_eq!(lead["createdon"], "2026-01-02T00:00:00Z");
}

#[tokio::test]
async fn lookups_are_bound_and_cleared() {
    let bench = Bench::start().await;
    let body = json!({
        "lastname": "A",
        "campaignid@odata.bind": format!("/campaigns({})", known::CAMPAIGN),
        "customerid_contact@odata.bind": format!("contacts({})", known::GRACE),
        "ownerid@odata.bind": format!("/teams({})", known::TEAM),
    });
    let id = bench.lead(body).await;
    let path = format!("leads({id})?$select=_campaignid_value,_customerid_value,_ownerid_value");
    let lead = bench.ok(&path).await;
    assert_eq!(
        (
            &lead["_campaignid_value"],
            &lead["_customerid_value"],
            &lead["_ownerid_value"]
        ),
        (
            &json!(known::CAMPAIGN),
            &json!(known::GRACE),
            &json!(known::TEAM)
        )
    );
    bench
        .patch(
            &format!("leads({id})"),
            json!({ "campaignid@odata.bind": null }),
        )
        .await;
    assert_eq!(bench.ok(&path).await["_campaignid_value"], Value::Null);

    let nowhere = "/campaigns(11111111-2222-4333-8444-555555555555)";
    let cases = [
        (
            "campaignid@odata.bind",
            json!(nowhere),
            error(404, "0x80040217"),
        ),
        (
            "campaignid@odata.bind",
            json!(format!("/contacts({})", known::GRACE)),
            error(400, "0x80048d19"),
        ),
        (
            "CampaignId@odata.bind",
            json!(nowhere),
            error(400, "0x80048d19"),
        ),
        (
            "_campaignid_value",
            json!(known::CAMPAIGN),
            error(400, "0x80048d19"),
        ),
        (
            "campaignid",
            json!(known::CAMPAIGN),
            error(400, "0x80048d19"),
        ),
    ];
    for (name, value, expected) in cases {
        let answer = bench
            .patch(&format!("leads({id})"), json!({ name: value }))
            .await;
        assert_eq!(answer.error(), expected, "{name}");
    }
}

#[tokio::test]
async fn states_and_their_reasons_belong_together() {
    let bench = Bench::start().await;
    let id = bench.lead(json!({ "lastname": "A" })).await;
    let path = format!("leads({id})");
    for (body, status) in [
        (json!({ "statuscode": 2 }), 204),
        (json!({ "statuscode": 3 }), 400),
        (json!({ "statecode": 1, "statuscode": 1 }), 400),
        (json!({ "statecode": 2 }), 204),
        (json!({ "statecode": 1, "statuscode": 3 }), 400),
        (json!({ "jobtitle": "a closed lead can be written" }), 204),
        (json!({ "statecode": 0, "statuscode": 1 }), 204),
        (json!({ "statecode": 1, "statuscode": 3 }), 204),
        (json!({ "statecode": 2, "statuscode": 4 }), 400),
    ] {
        let answer = bench.patch(&path, body.clone()).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
        if status == 400 {
            assert_eq!(answer.error(), error(400, "0x80048408"));
        }
    }
}

#[tokio::test]
async fn duplicates_are_looked_for_only_when_asked() {
    let bench = Bench::start().await;
    let body = json!({ "lastname": "A", "emailaddress1": "kevin.obrien@brightworks.example" });
    bench.lead(body.clone()).await;
    let detect = |on: bool| {
        let call = bench.call("POST", "leads").json(&body);
        Answer::of(call.header(
            "MSCRM.SuppressDuplicateDetection",
            if on { "false" } else { "true" },
        ))
    };
    assert_eq!(detect(false).await.status, 204);
    assert_eq!(detect(true).await.error(), error(412, "0x80040333"));
    bench.faults(json!({ "duplicate_rule": false })).await;
    assert_eq!(detect(true).await.status, 204);
}

#[tokio::test]
async fn the_customers_plugin_can_refuse() {
    let bench = Bench::start().await;
    let message = "Every lead needs a company.";
    bench
        .faults(
            json!({ "plugins": [{ "column": "companyname", "value": null, "message": message }] }),
        )
        .await;
    let refused = bench.post("leads", json!({ "lastname": "A" })).await;
    assert_eq!(
        (refused.error(), refused.message()),
        (error(400, "0x80040265"), message.to_owned())
    );
    bench
        .lead(json!({ "lastname": "A", "companyname": "B" }))
        .await;
}

#[tokio::test]
async fn contacts_are_created_and_linked() {
    let bench = Bench::start().await;
    let contact = bench
        .post(
            "contacts",
            json!({ "firstname": "Ada", "lastname": "King", "emailaddress1": "ada@example.com" }),
        )
        .await;
    let bind = format!("/contacts({})", contact.id());
    let id = bench
        .lead(json!({ "lastname": "King", "parentcontactid@odata.bind": bind }))
        .await;
    let lead = bench
        .ok(&format!("leads({id})?$select=_parentcontactid_value"))
        .await;
    assert_eq!(lead["_parentcontactid_value"], json!(contact.id()));
}
