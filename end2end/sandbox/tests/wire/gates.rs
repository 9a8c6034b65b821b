//! The gates: each refusal's status and body, and how strict the syntax is.

use leadline_sandbox::Seed;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::bench::{ACCOUNT, Answer, Bench, VERSION, leads_of};

async fn send(request: reqwest::RequestBuilder) -> Answer {
    Answer::read(request.send().await.unwrap()).await
}

#[tokio::test]
async fn each_gate_has_its_error() {
    let bench = Bench::start(Seed::Demo).await;
    let users = "/rest/adAccountUsers?q=authenticatedUser";
    let nowhere = bench.get("/rest/leadGenForms").await;
    assert_eq!(
        nowhere.json(),
        json!({ "status": 404, "code": "RESOURCE_NOT_FOUND", "message": "No virtual resource found" })
    );
    assert_eq!(nowhere.header("x-restli-protocol-version"), "2.0.0");
    assert!(!nowhere.header("x-li-uuid").is_empty() && !nowhere.header("x-li-fabric").is_empty());

    let missing = send(bench.request("GET", users).bearer_auth(&bench.token)).await;
    assert_eq!(
        (missing.status, &missing.json()["code"]),
        (400, &json!("VERSION_MISSING"))
    );
    assert!(!missing.header("x-restli-gateway-error").is_empty());

    for (version, echo) in [
        ("202504", "20250401"),
        ("202512", "20251201"),
        ("202504.02", "20250401"),
    ] {
        let gone = send(
            bench
                .request("GET", users)
                .header("LinkedIn-Version", version)
                .bearer_auth(&bench.token),
        )
        .await;
        let message = format!("Requested version {echo} is not active");
        assert_eq!(
            gone.json(),
            json!({ "status": 426, "code": "NONEXISTENT_VERSION", "message": message })
        );
    }

    let versioned = |request: reqwest::RequestBuilder| {
        request
            .header("LinkedIn-Version", VERSION)
            .header("X-Restli-Protocol-Version", "2.0.0")
    };
    let cases = [
        (None, Some("EMPTY_ACCESS_TOKEN"), json!(401)),
        (Some("Bearer "), Some("EMPTY_ACCESS_TOKEN"), json!(401)),
        (Some("Basic abc"), None, Value::Null),
        (
            Some("Bearer abc"),
            Some("INVALID_ACCESS_TOKEN"),
            json!(65_600),
        ),
    ];
    for (header, code, service) in cases {
        let mut request = versioned(bench.request("GET", users));
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        let answer = send(request).await;
        let body = answer.json();
        assert_eq!(
            (
                answer.status,
                body["code"].as_str(),
                &body["serviceErrorCode"]
            ),
            (401, code, &service)
        );
    }

    let poor = bench.token_of(json!({ "scopes": ["r_ads"] })).await;
    let denied = send(versioned(bench.request("GET", &leads_of(ACCOUNT))).bearer_auth(poor)).await;
    let message = "Not enough permissions to access: leadFormResponses.FINDER-owner.20260701";
    assert_eq!(
        denied.json(),
        json!({ "status": 403, "code": "ACCESS_DENIED", "serviceErrorCode": 100, "message": message })
    );

    bench.control("POST", "tokens/expire", json!({})).await;
    assert_eq!(bench.get(users).await.json()["serviceErrorCode"], 65_602);
    bench.control("POST", "tokens/revoke", json!({})).await;
    let revoked = bench.get(users).await.json();
    assert_eq!(
        (&revoked["code"], &revoked["serviceErrorCode"]),
        (&json!("REVOKED_ACCESS_TOKEN"), &json!(65_601))
    );
}

#[tokio::test]
async fn roles_are_asked_for() {
    let mut bench = Bench::start(Seed::Demo).await;
    // No company page; only REQUESTED on the page; not her account.
    for account in [501_234_572_u64, 501_234_573] {
        let refused = bench.get(&leads_of(account)).await;
        assert_eq!(
            (refused.status, &refused.json()["code"]),
            (403, &json!("NO_PERMISSION_ON_ENTITY")),
            "{account}"
        );
    }
    for (how, status) in [("401", 401), ("404", 404), ("empty", 200)] {
        bench.faults(json!({ "role_denied": how })).await;
        assert_eq!(bench.get(&leads_of(501_234_573)).await.status, status);
    }
    bench.token = bench.token_of(json!({ "member": "bea" })).await;
    bench.faults(json!({ "role_denied": "403" })).await;
    assert_eq!(bench.get(&leads_of(ACCOUNT)).await.status, 200);
    assert_eq!(bench.get(&leads_of(501_234_568)).await.status, 403);
    let event =
        "/rest/leadFormResponses?q=owner&owner=(organization:urn%3Ali%3Aorganization%3A11223344)";
    assert_eq!(
        bench
            .get(&format!("{event}&leadType=(leadType:EVENT)"))
            .await
            .status,
        403
    );
    assert_eq!(
        bench
            .get(&format!("{event}&leadType=(leadType:COMPANY)"))
            .await
            .status,
        200
    );
    bench
        .control(
            "POST",
            "roles",
            json!({ "member": "bea", "account": ACCOUNT, "role": null }),
        )
        .await;
    assert_eq!(bench.get(&leads_of(ACCOUNT)).await.status, 403);
}

#[tokio::test]
async fn syntax_is_taken_seriously() {
    let bench = Bench::start(Seed::Empty).await;
    let urn = "urn%3Ali%3AsponsoredAccount%3A501234567";
    let owner = format!("owner=(sponsoredAccount:{urn})");
    let kind = "leadType=(leadType:SPONSORED)";
    let cases = [
        (
            format!("owner=(sponsoredAccount:urn:li:sponsoredAccount:501234567)&{kind}"),
            "Parameter 'owner' is invalid",
        ),
        (
            format!("owner=%28sponsoredAccount%3A{urn}%29&{kind}"),
            "Parameter 'owner' is invalid",
        ),
        (
            format!("owner={urn}&{kind}"),
            "Parameter 'owner' is invalid",
        ),
        (
            format!(
                "owner=(sponsoredAccount:urn%253Ali%253AsponsoredAccount%253A501234567)&{kind}"
            ),
            "Parameter 'owner' is invalid",
        ),
        (
            format!("owner=(account:{urn})&{kind}"),
            "Parameter 'owner' is invalid",
        ),
        (kind.to_owned(), "Parameter 'owner' is required"),
        (owner.clone(), "Parameter 'leadType' is required"),
        (
            format!("{owner}&leadType=SPONSORED"),
            "Parameter 'leadType' is invalid",
        ),
        (
            format!("{owner}&leadType=%28leadType%3ASPONSORED%29"),
            "Parameter 'leadType' is invalid",
        ),
        (
            format!("{owner}&leadType=(leadType:ORGANIC)"),
            "Parameter 'leadType' is invalid",
        ),
        (
            format!("{owner}&leadType=(leadType:EVENT)"),
            "Parameter 'leadType' is invalid",
        ),
        (
            format!("{owner}&{kind}&submittedAtTimeRange=(end:5)"),
            "Parameter 'submittedAtTimeRange' is invalid",
        ),
        (
            format!("{owner}&{kind}&submittedAtTimeRange=(start:5,end:1)"),
            "Parameter 'submittedAtTimeRange' is invalid",
        ),
        (
            format!("{owner}&{kind}&submittedAtTimeRange=%28start%3A5%29"),
            "Parameter 'submittedAtTimeRange' is invalid",
        ),
        (
            format!("{owner}&{kind}&count=0"),
            "Parameter 'count' is invalid",
        ),
        (
            format!("{owner}&{kind}&count=1001"),
            "Parameter 'count' is invalid",
        ),
        (
            format!("{owner}&{kind}&limitedToTestLeads=yes"),
            "Parameter 'limitedToTestLeads' is invalid",
        ),
        (
            format!(
                "{owner}&{kind}&versionedLeadGenFormUrn=urn%3Ali%3AversionedLeadGenForm%3A(urn%3Ali%3AleadGenForm%3A1,1)"
            ),
            "Parameter 'versionedLeadGenFormUrn' is invalid",
        ),
        (
            format!("{owner}&{kind}&fields=id%2Cowner"),
            "Invalid query parameters passed to request",
        ),
        (
            format!("{owner}&{kind}&submitedAtTimeRange=(start:1)"),
            "Invalid query parameters passed to request",
        ),
    ];
    for (query, message) in cases {
        let answer = bench
            .get(&format!("/rest/leadFormResponses?q=owner&{query}"))
            .await;
        assert_eq!(
            (answer.status, answer.json()["message"].as_str()),
            (400, Some(message)),
            "{query}"
        );
        assert!(
            !answer.header("x-sandbox-reason").is_empty() || message.contains("required"),
            "{query}"
        );
    }
    let old = bench
        .request("GET", &leads_of(ACCOUNT))
        .header("LinkedIn-Version", VERSION)
        .bearer_auth(&bench.token);
    assert_eq!(send(old).await.status, 400);
    assert_eq!(bench.get("/rest/leadForms?q=author").await.status, 400);
    assert_eq!(
        send(bench.call("PUT", "/rest/leadForms/1")).await.status,
        405
    );
    assert_eq!(
        send(bench.call("POST", "/rest/leadForms").body("{}"))
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn long_queries_are_tunneled() {
    let bench = Bench::start(Seed::Demo).await;
    let path = leads_of(ACCOUNT);
    let (path, query) = path.split_once('?').unwrap();
    let plain = bench.ok(&format!("{path}?{query}&count=3")).await;
    let tunnel = |query: String| {
        let request = bench
            .call("POST", path)
            .header("X-HTTP-Method-Override", "GET");
        request
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(query)
    };
    let tunneled = send(tunnel(format!("{query}&count=3"))).await;
    assert_eq!(tunneled.json(), plain);
    let long = format!("{query}&fields=id,{}", "owner,".repeat(1000) + "testLead");
    assert_eq!(bench.get(&format!("{path}?{long}")).await.status, 414);
    assert_eq!(send(tunnel(long)).await.status, 200);
    let both = bench
        .call("POST", &format!("{path}?count=1"))
        .header("X-HTTP-Method-Override", "GET");
    let both = both
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(query.to_owned());
    assert_eq!(send(both).await.status, 400);
    let log = bench.control("GET", "requests", Value::Null).await;
    let entry = &log["requests"][1];
    assert_eq!(
        (&entry["tunneled"], &entry["method"]),
        (&json!(true), &json!("GET"))
    );
    assert_eq!(entry["endpoint"], "leadFormResponses.FINDER-owner");
}

#[tokio::test]
async fn an_empty_post_needs_its_length() {
    let bench = Bench::start(Seed::Empty).await;
    let mut line = tokio::net::TcpStream::connect(bench.sandbox.addr())
        .await
        .unwrap();
    line.write_all(
        b"POST /rest/leadNotifications HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    .await
    .unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 411"), "{answer}");
}

#[tokio::test]
async fn versions_live_by_the_clock_and_the_knob() {
    let bench = Bench::start(Seed::Empty).await;
    let path = "/rest/adAccountUsers?q=authenticatedUser";
    let try_version = async |version: &str| {
        let request = bench
            .request("GET", path)
            .header("LinkedIn-Version", version);
        send(
            request
                .header("X-Restli-Protocol-Version", "2.0.0")
                .bearer_auth(&bench.token),
        )
        .await
        .status
    };
    // 2026-11-10: the last days of 202511.
    bench
        .control("POST", "clock", json!({ "set": 1_794_268_800_000_i64 }))
        .await;
    assert_eq!(
        (try_version("202511").await, try_version("202611").await),
        (200, 200)
    );
    bench.advance(7 * 86_400).await;
    assert_eq!(
        (try_version("202511").await, try_version("202607.01").await),
        (426, 200)
    );
    bench.faults(json!({ "active_versions": ["209901"] })).await;
    assert_eq!(
        (try_version("202607").await, try_version("209901").await),
        (426, 200)
    );
}

#[tokio::test]
async fn injected_errors_strike_where_they_should() {
    let bench = Bench::start(Seed::Demo).await;
    let path = format!("{}&count=100", leads_of(ACCOUNT));
    let cases = [
        ("app_day_429", 429, "APPLICATION DAY"),
        ("member_day_429", 429, "MEMBER DAY"),
        ("transient_429", 429, "throttle limit"),
        ("500", 500, "INTERNAL_ERROR"),
        ("503", 503, "UNDER_MAINTENANCE"),
        ("504", 504, "status"),
        ("revoked_401", 401, "65601"),
        ("expired_401", 401, "65602"),
        ("invalid_401", 401, "65600"),
        ("empty_401", 401, "EMPTY_ACCESS_TOKEN"),
        ("403_scope", 403, "leadFormResponses.FINDER-owner.20260701"),
        ("403_role", 403, "NO_PERMISSION_ON_ENTITY"),
        ("403_gateway", 403, "denied"),
        ("404", 404, "RESOURCE_NOT_FOUND"),
        ("426", 426, "20260701 is not active"),
        ("400_version_missing", 400, "VERSION_MISSING"),
        ("400_param", 400, "is invalid"),
        ("422", 422, "unrecognized field"),
        ("html_502", 502, "<html>"),
    ];
    for (kind, status, text) in cases {
        let rule = json!({ "endpoint": "leadFormResponses", "kind": kind, "times": 1 });
        bench
            .faults(json!({ "errors": [rule], "retry_after": 7 }))
            .await;
        let answer = bench.get(&path).await;
        assert_eq!(answer.status, status, "{kind}");
        assert!(answer.text.contains(text), "{kind}: {}", answer.text);
        assert!(!answer.header("x-li-uuid").is_empty(), "{kind}");
        bench.faults(json!({ "latency_ms": 1 })).await;
        assert_eq!(
            answer.header("retry-after"),
            if [429, 503].contains(&status) {
                "7"
            } else {
                ""
            },
            "{kind}"
        );
        assert_eq!(
            bench
                .get("/rest/adAccountUsers?q=authenticatedUser")
                .await
                .status,
            200
        );
        assert_eq!(bench.get(&path).await.status, 200, "{kind} strikes once");
    }
    for kind in ["malformed_json", "empty_body", "wrong_content_type"] {
        bench
            .faults(json!({ "errors": [{ "endpoint": "*", "kind": kind, "times": 1 }] }))
            .await;
        let answer = bench.get(&path).await;
        assert_eq!(answer.status, 200);
        assert!(
            serde_json::from_str::<Value>(&answer.text).is_err(),
            "{kind}"
        );
    }
    bench
        .faults(json!({ "errors": [{ "endpoint": "*", "kind": "connection_reset", "times": 1 }] }))
        .await;
    assert!(bench.call("GET", &path).send().await.is_err());
    bench
        .faults(json!({ "errors": [{ "endpoint": "*", "kind": "truncated", "times": 1 }] }))
        .await;
    let half = bench.call("GET", &path).send().await.unwrap();
    assert_eq!(half.status(), 200);
    assert!(half.bytes().await.is_err());
    assert_eq!(bench.get(&path).await.status, 200);
    assert_eq!(
        bench
            .try_control("PATCH", "faults", json!({ "no_such_knob": 1 }))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn daily_quotas_end_at_midnight() {
    let bench = Bench::start(Seed::Empty).await;
    let path = "/rest/adAccountUsers?q=authenticatedUser";
    bench.faults(json!({ "quota_member_day": 2 })).await;
    let statuses = [
        bench.get(path).await.status,
        bench.get(path).await.status,
        bench.get(path).await.status,
    ];
    assert_eq!(statuses, [200, 200, 429]);
    assert!(bench.get(path).await.text.contains("MEMBER DAY"));
    assert_eq!(bench.get("/rest/adAccounts?q=search").await.status, 200);
    bench.advance(86_400).await;
    assert_eq!(bench.get(path).await.status, 200);
}
