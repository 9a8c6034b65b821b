//! Tokens: who gets one, for how long, and what each refusal says.

use leadline_sandbox::known;
use serde_json::{Value, json};

use crate::bench::{Answer, Bench};

fn scope(bench: &Bench) -> String {
    format!("{}/.default", bench.dynamics.organization_url())
}

async fn ask(bench: &Bench, tenant: &str, changes: &[(&str, &str)]) -> Answer {
    let scope = scope(bench);
    let mut form = vec![
        ("client_id", known::CLIENT),
        ("grant_type", "client_credentials"),
        ("client_secret", known::SECRET),
        ("scope", &scope),
    ];
    for (name, value) in changes {
        form.retain(|(own, _)| own != name);
        if !value.is_empty() {
            form.push((name, value));
        }
    }
    let url = format!(
        "{}/{tenant}/oauth2/v2.0/token",
        bench.dynamics.authority_url()
    );
    Answer::of(bench.client.post(url).form(&form)).await
}

/// Status, `error` and the AADSTS number.
fn refusal(answer: &Answer) -> (u16, String, u64) {
    let body = answer.json();
    let error = body["error"].as_str().unwrap().to_owned();
    (
        answer.status,
        error,
        body["error_codes"][0].as_u64().unwrap(),
    )
}

#[tokio::test]
async fn a_secret_gives_a_token_that_the_organization_takes() {
    let mut bench = Bench::start().await;
    for tenant in [known::TENANT, known::TENANT_DOMAIN] {
        let answer = ask(&bench, tenant, &[]).await;
        let body = answer.json();
        assert_eq!(
            (answer.status, &body["token_type"]),
            (200, &json!("Bearer"))
        );
        assert_eq!(answer.header("cache-control"), "no-store, no-cache");
        let life = body["expires_in"].as_i64().unwrap();
        assert!(
            (3_600..5_400).contains(&life),
            "60 to 90 minutes, not {life} s"
        );
        bench.token = body["access_token"].as_str().unwrap().to_owned();
        bench.ok("WhoAmI").await;
    }
}

#[tokio::test]
async fn the_secret_may_come_as_http_basic_encoded_as_in_a_form() {
    let bench = Bench::start().await;
    let encoded: String = reqwest::Url::parse_with_params("http://x", [("s", known::SECRET)])
        .unwrap()
        .query()
        .unwrap()[2..]
        .to_owned();
    let url = format!(
        "{}/{}/oauth2/v2.0/token",
        bench.dynamics.authority_url(),
        known::TENANT
    );
    for (secret, status) in [(encoded.as_str(), 200), (known::SECRET, 401)] {
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", &scope(&bench)),
        ];
        let request = bench.client.post(&url).form(&form);
        let answer = Answer::of(request.basic_auth(known::CLIENT, Some(secret))).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}

/// A tenant, what is changed in the form, and the refusal.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], (u16, &'a str, u64));

#[tokio::test]
async fn each_refusal_has_its_number() {
    let bench = Bench::start().await;
    let two = format!("{} https://graph.microsoft.com/.default", scope(&bench));
    let unknown = "https://elsewhere.crm.dynamics.com/.default";
    let at_home = known::TENANT;
    let cases: &[Case<'_>] = &[
        (
            at_home,
            &[("client_secret", "guessed")],
            (401, "invalid_client", 7_000_215),
        ),
        (
            at_home,
            &[("client_secret", known::EXPIRED_SECRET)],
            (401, "invalid_client", 7_000_222),
        ),
        (
            at_home,
            &[("client_secret", "")],
            (401, "invalid_client", 7_000_218),
        ),
        (
            at_home,
            &[("client_id", known::WANDERER)],
            (400, "unauthorized_client", 700_016),
        ),
        (
            known::OTHER_TENANT,
            &[],
            (400, "unauthorized_client", 700_016),
        ),
        ("nowhere.example", &[], (400, "invalid_request", 90_002)),
        ("common", &[], (400, "invalid_request", 9_001_023)),
        (
            known::OTHER_TENANT,
            &[("client_id", known::WANDERER)],
            (400, "invalid_resource", 500_011),
        ),
        (
            at_home,
            &[("scope", unknown)],
            (400, "invalid_resource", 500_011),
        ),
        (at_home, &[("scope", &two)], (400, "invalid_scope", 700_022)),
        (
            at_home,
            &[("scope", "user_impersonation")],
            (400, "invalid_scope", 70_011),
        ),
        (at_home, &[("scope", "")], (400, "invalid_request", 900_144)),
        (
            at_home,
            &[("client_id", "")],
            (400, "invalid_request", 900_144),
        ),
        (
            at_home,
            &[("grant_type", "password")],
            (400, "unsupported_grant_type", 70_003),
        ),
    ];
    for (tenant, changes, (status, error, number)) in cases {
        let answer = ask(&bench, tenant, changes).await;
        assert_eq!(
            refusal(&answer),
            (*status, (*error).to_owned(), *number),
            "{changes:?}"
        );
        let body = answer.json();
        let description = body["error_description"].as_str().unwrap();
        assert!(
            description.starts_with(&format!("AADSTS{number}: ")),
            "{description}"
        );
        assert!(description.contains("\r\nTrace ID: ") && description.ends_with('Z'));
        assert!(
            !description.contains("guessed"),
            "a refusal repeats no secret"
        );
    }
}

#[tokio::test]
async fn discovery_names_the_token_endpoint_and_knows_who_is_not_there() {
    let bench = Bench::start().await;
    let base = bench.dynamics.authority_url();
    let document = |tenant: &str| {
        let url = format!("{base}/{tenant}/v2.0/.well-known/openid-configuration");
        Answer::of(bench.client.get(url))
    };
    let found = document(known::TENANT_DOMAIN).await.json();
    let endpoint = format!("{base}/{}/oauth2/v2.0/token", known::TENANT);
    assert_eq!(found["token_endpoint"], json!(endpoint));
    let missing = document("nowhere.example").await;
    assert_eq!(
        refusal(&missing),
        (400, "invalid_tenant".to_owned(), 90_002)
    );
}

#[tokio::test]
async fn tokens_live_as_long_as_the_switch_says() {
    let mut bench = Bench::start().await;
    bench.faults(json!({ "token_seconds": 20 })).await;
    let body = ask(&bench, known::TENANT, &[]).await.json();
    assert_eq!(body["expires_in"], 20);
    bench.token = body["access_token"].as_str().unwrap().to_owned();
    bench.advance(19.0).await;
    bench.ok("WhoAmI").await;
    bench.advance(1.5).await;
    assert_eq!(bench.get("WhoAmI").await.status, 401);
}

#[tokio::test]
async fn secrets_come_and_go() {
    let bench = Bench::start().await;
    let wish = json!({ "client": known::CLIENT, "secret": "second", "expires_in": 60 });
    bench.control("POST", "applications", wish).await;
    assert_eq!(
        ask(&bench, known::TENANT, &[("client_secret", "second")])
            .await
            .status,
        200
    );
    bench.advance(61.0).await;
    let expired = ask(&bench, known::TENANT, &[("client_secret", "second")]).await;
    assert_eq!(refusal(&expired).2, 7_000_222);
    let wish = json!({ "client": known::CLIENT, "remove_secret": known::SECRET });
    bench.control("POST", "applications", wish).await;
    assert_eq!(refusal(&ask(&bench, known::TENANT, &[]).await).2, 7_000_215);
}

#[tokio::test]
async fn every_documented_number_can_be_injected() {
    let bench = Bench::start().await;
    let numbers: &[(u64, u16, &str)] = &[
        (53_003, 400, "invalid_grant"),
        (50_196, 400, "invalid_grant"),
        (65_001, 400, "invalid_grant"),
        (90_094, 400, "invalid_grant"),
        (65_004, 400, "invalid_grant"),
        (28_002, 400, "invalid_scope"),
        (90_055, 503, "temporarily_unavailable"),
        (90_024, 503, "temporarily_unavailable"),
        (90_090, 503, "temporarily_unavailable"),
        (90_033, 503, "temporarily_unavailable"),
    ];
    for (number, status, error) in numbers {
        bench.once("token", &number.to_string()).await;
        let answer = ask(&bench, known::TENANT, &[]).await;
        assert_eq!(refusal(&answer), (*status, (*error).to_owned(), *number));
        assert_eq!(ask(&bench, known::TENANT, &[]).await.status, 200);
    }
    bench.faults(json!({ "retry_after": 7, "errors": [{ "endpoint": "POST token", "kind": "429", "times": 1 }] })).await;
    let busy = ask(&bench, known::TENANT, &[]).await;
    assert_eq!((busy.status, busy.header("retry-after")), (429, "7"));
}

#[tokio::test]
async fn the_journal_tells_requests_for_tokens_without_secrets() {
    let bench = Bench::start().await;
    ask(&bench, known::TENANT, &[]).await;
    ask(&bench, known::TENANT, &[("client_secret", "guessed")]).await;
    let journal = bench.journal().await;
    let told: Vec<(&Value, &Value, &Value)> = journal
        .iter()
        .map(|entry| (&entry["side"], &entry["endpoint"], &entry["code"]))
        .collect();
    assert_eq!(told[0], (&json!("entra"), &json!("POST token"), &json!("")));
    assert_eq!(told[1].2, &json!("AADSTS7000215"));
    let text = format!("{journal:?}");
    assert!(!text.contains("guessed") && !text.contains(known::SECRET));
}
