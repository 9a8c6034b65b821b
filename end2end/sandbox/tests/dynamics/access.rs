//! Who may do what: the challenge without a token, membership, roles.

use leadline_sandbox::known;
use serde_json::{Value, json};

use crate::bench::{Answer, Bench, error};

#[tokio::test]
async fn without_a_token_the_challenge_tells_tenant_and_resource() {
    let bench = Bench::start().await;
    let url = bench.url("/api/data/v9.2/");
    let answer = Answer::of(bench.client.get(&url)).await;
    let login = bench.dynamics.authority_url();
    let expected = format!(
        "Bearer authorization_uri={login}/{}/oauth2/authorize, resource_id={}/",
        known::TENANT,
        bench.dynamics.organization_url()
    );
    assert_eq!(
        (answer.status, answer.header("www-authenticate")),
        (401, &*expected)
    );
    assert_eq!(answer.text, "");
    let wrong = Answer::of(bench.client.get(&url).bearer_auth("guessed")).await;
    assert!(
        wrong
            .header("www-authenticate")
            .starts_with("Bearer error=invalid_token, ")
    );
}

#[tokio::test]
async fn a_token_counts_for_its_resource_until_it_expires() {
    let mut bench = Bench::start().await;
    bench.ok("WhoAmI").await;
    let wish = json!({ "resource": "https://other.crm.dynamics.com" });
    let other = bench.control("POST", "tokens", wish).await;
    let own = std::mem::replace(
        &mut bench.token,
        other["access_token"].as_str().unwrap().to_owned(),
    );
    assert_eq!(bench.get("WhoAmI").await.status, 401);
    bench.token = own;
    assert_eq!(
        bench.control("POST", "tokens/expire", json!({})).await["expired"],
        2
    );
    assert_eq!(bench.get("WhoAmI").await.status, 401);
}

#[tokio::test]
async fn who_am_i_names_the_organization_and_is_read_with_get_alone() {
    let bench = Bench::start().await;
    let answer = bench.get("WhoAmI").await;
    let body = answer.json();
    assert_eq!(body["OrganizationId"], known::ORGANIZATION);
    assert_eq!(
        (&body["UserId"], &body["BusinessUnitId"]),
        (&json!(known::USER), &json!(known::BUSINESS_UNIT))
    );
    assert_eq!(answer.header("x-ms-dop-hint"), "8");
    assert_eq!(
        bench.post("WhoAmI", json!({})).await.error(),
        error(404, "")
    );
    let detail = bench
        .ok("RetrieveCurrentOrganization(AccessType=Microsoft.Dynamics.CRM.EndpointAccessType'Default')")
        .await["Detail"]
        .clone();
    assert_eq!(detail["FriendlyName"], known::ORGANIZATION_NAME);
    assert_eq!(
        (&detail["OrganizationId"], &detail["TenantId"]),
        (&json!(known::ORGANIZATION), &json!(known::TENANT))
    );
    assert!(
        bench.ok("RetrieveVersion()").await["Version"]
            .as_str()
            .unwrap()
            .starts_with("9.2.")
    );
    let organizations = bench.ok("organizations?$select=name").await;
    assert_eq!(organizations["value"][0]["name"], known::ORGANIZATION_NAME);
}

#[tokio::test]
async fn a_copied_organization_has_another_id() {
    let bench = Bench::start().await;
    let copy = json!({ "id": "0a6a512a-0000-4f01-9001-00000000000c", "name": "Contoso (copy)" });
    bench.control("POST", "organization", copy.clone()).await;
    assert_eq!(bench.ok("WhoAmI").await["OrganizationId"], copy["id"]);
}

#[tokio::test]
async fn a_token_alone_is_not_enough() {
    let bench = Bench::start().await.becomes(known::STRANGER).await;
    let answer = bench.get("WhoAmI").await;
    assert_eq!(answer.error(), error(403, "0x80072560"));
    assert_eq!(
        answer.message(),
        "The user is not a member of the organization."
    );
    let bench = bench.becomes(known::ROLELESS).await;
    assert_eq!(bench.get("WhoAmI").await.error(), error(403, "0x80042F09"));
    let wish = json!({ "client": known::STRANGER, "privileges": ["prvReadLead"] });
    bench.control("POST", "users", wish).await;
    let bench = bench.becomes(known::STRANGER).await;
    bench.ok("leads?$select=leadid&$top=1").await;
}

#[tokio::test]
async fn each_missing_privilege_is_named() {
    let bench = Bench::start().await;
    let campaign = format!("/campaigns({})", known::CAMPAIGN);
    let owner = format!("/systemusers({})", known::MIA);
    let lead = format!("leads({})", known::OTHER_CASE);
    let cases: Vec<(&str, &str, &str, Value)> = vec![
        ("prvReadLead", "GET", &lead, Value::Null),
        ("prvCreateLead", "POST", "leads", json!({ "lastname": "A" })),
        ("prvWriteLead", "PATCH", &lead, json!({ "lastname": "A" })),
        (
            "prvAppendLead",
            "PATCH",
            &lead,
            json!({ "campaignid@odata.bind": campaign }),
        ),
        (
            "prvAppendToCampaign",
            "PATCH",
            &lead,
            json!({ "campaignid@odata.bind": campaign }),
        ),
        (
            "prvAssignLead",
            "PATCH",
            &lead,
            json!({ "ownerid@odata.bind": owner }),
        ),
        (
            "prvOverrideCreatedOnCreatedBy",
            "POST",
            "leads",
            json!({ "overriddencreatedon": "2026-01-02" }),
        ),
        ("prvReadUser", "GET", "systemusers", Value::Null),
    ];
    for (privilege, method, path, body) in cases {
        let revoke = json!({ "client": known::CLIENT, "revoke": [privilege] });
        bench.control("POST", "users", revoke).await;
        let answer = Answer::of(bench.call(method, path).json(&body)).await;
        assert_eq!(answer.error(), error(403, "0x80040220"), "{privilege}");
        let named = format!("is missing {privilege} privilege");
        assert!(answer.message().contains(&named), "{}", answer.message());
        let grant = json!({ "client": known::CLIENT, "grant": [privilege] });
        bench.control("POST", "users", grant).await;
        let answer = Answer::of(bench.call(method, path).json(&body)).await;
        assert!(answer.status < 300, "{privilege}: {}", answer.text);
    }
    let deleted = Answer::of(bench.call("DELETE", &lead)).await;
    assert_eq!(
        deleted.error(),
        error(403, "0x80040220"),
        "Leadline needs no right to delete"
    );
    let acting = bench
        .call("GET", "WhoAmI")
        .header("CallerObjectId", known::MIA);
    assert_eq!(Answer::of(acting).await.error(), error(403, "0x80040220"));
}

#[tokio::test]
async fn every_answer_carries_its_ids_and_version() {
    let bench = Bench::start().await;
    for path in ["WhoAmI", "leads?$top=1", "nothings"] {
        let answer = bench.get(path).await;
        assert_eq!(answer.header("odata-version"), "4.0");
        assert_eq!(
            answer.header("content-type"),
            "application/json; odata.metadata=minimal"
        );
        assert_eq!(
            answer.header("req_id"),
            answer.header("x-ms-service-request-id")
        );
        assert_eq!(answer.header("req_id").len(), 36);
        assert_ne!(
            answer.header("x-ms-ratelimit-burst-remaining-xrm-requests"),
            ""
        );
    }
}
