//! Consent, codes, tokens, refreshing, introspection.

use leadline_sandbox::{Config, Seed};
use reqwest::Url;
use serde_json::{Value, json};

use crate::bench::{Answer, Bench};

const REDIRECT: &str = "http://127.0.0.1:9/callback?tenant=1";
const DAY: i64 = 86_400;

fn ask(scope: &str) -> Vec<(&'static str, String)> {
    vec![
        ("response_type", "code".to_owned()),
        ("client_id", "sandbox-client".to_owned()),
        ("redirect_uri", REDIRECT.to_owned()),
        ("state", "st&te <1>".to_owned()),
        ("scope", scope.to_owned()),
    ]
}

async fn visit(bench: &Bench, params: &[(&str, String)]) -> Answer {
    Answer::read(
        bench
            .request("GET", "/oauth/v2/authorization")
            .query(params)
            .send()
            .await
            .unwrap(),
    )
    .await
}

async fn decide(
    bench: &Bench,
    mut params: Vec<(&'static str, String)>,
    member: &str,
    decision: &str,
) -> Answer {
    params.extend([
        ("member", member.to_owned()),
        ("decision", decision.to_owned()),
    ]);
    Answer::read(
        bench
            .request("POST", "/oauth/v2/authorization")
            .form(&params)
            .send()
            .await
            .unwrap(),
    )
    .await
}

fn param(answer: &Answer, name: &str) -> Option<String> {
    assert_eq!(answer.status, 302, "{}", answer.text);
    let url = Url::parse(answer.header("location")).unwrap();
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

async fn token(bench: &Bench, path: &str, params: &[(&str, &str)]) -> Answer {
    Answer::read(
        bench
            .request("POST", &format!("/oauth/v2/{path}"))
            .form(params)
            .send()
            .await
            .unwrap(),
    )
    .await
}

async fn exchange(bench: &Bench, code: &str) -> Answer {
    let params = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("client_id", "sandbox-client"),
        ("client_secret", "sandbox-client-secret"),
        ("redirect_uri", REDIRECT),
    ];
    token(bench, "accessToken", &params).await
}

async fn connect(bench: &Bench, scope: &str) -> Value {
    let allowed = decide(bench, ask(scope), "ada", "allow").await;
    let answer = exchange(bench, &param(&allowed, "code").unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

async fn refresh(bench: &Bench, refresh_token: &str) -> Answer {
    let params = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
        ("client_id", "sandbox-client"),
        ("client_secret", "sandbox-client-secret"),
    ];
    token(bench, "accessToken", &params).await
}

async fn introspect(bench: &Bench, id: &str, secret: &str, it: &str) -> Answer {
    token(
        bench,
        "introspectToken",
        &[("client_id", id), ("client_secret", secret), ("token", it)],
    )
    .await
}

#[tokio::test]
async fn the_consent_page_leads_to_a_token() {
    let bench = Bench::start(Seed::Demo).await;
    let page = visit(&bench, &ask("r_ads r_marketing_leadgen_automation")).await;
    assert_eq!(page.status, 200);
    for part in [
        "LinkedIn sandbox",
        "name=\"member\" value=\"cem\"",
        "value=\"allow\"",
        "st&amp;te &lt;1&gt;",
        "lang=\"en\"",
    ] {
        assert!(page.text.contains(part), "{part}");
    }
    assert!(!page.text.contains("<script"));
    let allowed = decide(
        &bench,
        ask("r_ads r_marketing_leadgen_automation"),
        "bea",
        "allow",
    )
    .await;
    assert_eq!(param(&allowed, "state").as_deref(), Some("st&te <1>"));
    assert_eq!(param(&allowed, "tenant").as_deref(), Some("1"));
    let code = param(&allowed, "code").unwrap();
    let body = exchange(&bench, &code).await.json();
    assert_eq!(body["scope"], "r_ads,r_marketing_leadgen_automation");
    assert_eq!(
        (&body["expires_in"], &body["token_type"]),
        (&json!(5_184_000), &json!("Bearer"))
    );
    assert_eq!(body["access_token"].as_str().unwrap().len(), 500);
    assert!(body.get("refresh_token").is_none() && body.get("id_token").is_none());
    let again = exchange(&bench, &code).await;
    assert_eq!(
        (again.status, &again.json()["error"]),
        (401, &json!("invalid_request"))
    );
    let log = bench
        .control("GET", "requests", Value::Null)
        .await
        .to_string();
    assert!(!log.contains(&code) && !log.contains(body["access_token"].as_str().unwrap()));
}

#[tokio::test]
async fn a_member_may_cancel_in_two_ways() {
    let bench = Bench::start(Seed::Demo).await;
    for (decision, error) in [
        ("cancel", "user_cancelled_authorize"),
        ("cancel_login", "user_cancelled_login"),
    ] {
        let answer = decide(&bench, ask("r_ads"), "ada", decision).await;
        assert_eq!(param(&answer, "error").as_deref(), Some(error));
        assert!(param(&answer, "state").is_some() && param(&answer, "error_description").is_some());
        let automatic = if decision == "cancel" {
            "auto_cancel_authorize"
        } else {
            "auto_cancel_login"
        };
        bench.faults(json!({ "consent": automatic })).await;
        assert_eq!(
            param(&visit(&bench, &ask("r_ads")).await, "error").as_deref(),
            Some(error)
        );
        bench.faults(json!({ "consent": "page" })).await;
    }
    bench
        .faults(json!({ "consent": "unauthorized_scope" }))
        .await;
    let answer = visit(&bench, &ask("r_ads")).await;
    assert_eq!(
        param(&answer, "error").as_deref(),
        Some("unauthorized_scope_error")
    );
}

#[tokio::test]
async fn wrong_requests_fail_on_the_page_itself() {
    let bench = Bench::start(Seed::Demo).await;
    let mut wrong_client = ask("r_ads");
    wrong_client[1].1 = "other".to_owned();
    let mut wrong_redirect = ask("r_ads");
    wrong_redirect[2].1 = "https://evil.example/cb".to_owned();
    for params in [
        wrong_client,
        wrong_redirect,
        ask("r_ads w_everything"),
        ask(""),
    ] {
        let answer = visit(&bench, &params).await;
        assert_eq!(answer.status, 401, "{params:?}");
        assert!(answer.headers.get("location").is_none());
    }
    bench
        .faults(json!({ "scope_error": "redirect", "approved_scopes": ["r_ads"] }))
        .await;
    let answer = visit(&bench, &ask("r_ads r_marketing_leadgen_automation")).await;
    assert_eq!(
        param(&answer, "error").as_deref(),
        Some("unauthorized_scope_error")
    );
    bench
        .faults(json!({ "redirect_uris": ["https://crm.example/cb"] }))
        .await;
    assert_eq!(visit(&bench, &ask("r_ads")).await.status, 401);
}

#[tokio::test]
async fn with_auto_login_nobody_clicks() {
    let config = Config {
        auto_login: Some("bea".to_owned()),
        ..Config::default()
    };
    let bench = Bench::with(config).await;
    let code = param(&visit(&bench, &ask("openid profile email")).await, "code").unwrap();
    let body = exchange(&bench, &code).await.json();
    assert_eq!(body["id_token"].as_str().unwrap().split('.').count(), 3);
    let request = bench
        .request("GET", "/v2/userinfo")
        .bearer_auth(body["access_token"].as_str().unwrap());
    let info = Answer::read(request.send().await.unwrap()).await.json();
    assert_eq!(
        (&info["given_name"], &info["sub"]),
        (&json!("Bea"), &json!("q1w2E3r4T5"))
    );
    assert_eq!(info["locale"]["language"], "sv");
    let request = bench
        .request("GET", "/v2/me")
        .bearer_auth(body["access_token"].as_str().unwrap());
    let me = Answer::read(request.send().await.unwrap()).await;
    assert_eq!(me.status, 403);
    assert_eq!(
        me.json()["message"],
        "Not enough permissions to access: me.GET.NO_VERSION"
    );
}

#[tokio::test]
async fn the_token_endpoint_says_what_is_wrong() {
    let bench = Bench::start(Seed::Empty).await;
    let good = [
        ("grant_type", "authorization_code"),
        ("code", "nope"),
        ("redirect_uri", REDIRECT),
        ("client_id", "sandbox-client"),
        ("client_secret", "sandbox-client-secret"),
    ];
    for (missing, _) in good {
        let params: Vec<_> = good
            .into_iter()
            .filter(|(name, _)| *name != missing)
            .collect();
        let answer = token(&bench, "accessToken", &params).await;
        let text = format!("A required parameter \"{missing}\" is missing");
        assert_eq!(
            (answer.status, answer.json()),
            (
                400,
                json!({ "error": "invalid_request", "error_description": text })
            )
        );
    }
    assert_eq!(token(&bench, "accessToken", &good).await.status, 401);
    let mut wrong = good;
    wrong[4].1 = "guess";
    let answer = token(&bench, "accessToken", &wrong).await;
    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (401, &json!("invalid_client"))
    );
    let allowed = decide(&bench, ask("r_ads"), "ada", "allow").await;
    let code = param(&allowed, "code").unwrap();
    let mut elsewhere = good;
    (elsewhere[1].1, elsewhere[2].1) = (&code, "http://127.0.0.1:9/other");
    let answer = token(&bench, "accessToken", &elsewhere).await;
    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (400, &json!("invalid_redirect_uri"))
    );
    bench.advance(31 * 60).await;
    let answer = exchange(&bench, &code).await;
    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (400, &json!("invalid_redirect_uri"))
    );
    let missing = token(&bench, "accessToken", &[("grant_type", "refresh_token")]).await;
    assert!(missing.text.contains("\\\"refresh_token\\\" is missing"));
}

#[tokio::test]
async fn refreshing_never_extends_the_first_consent() {
    let bench = Bench::start(Seed::Empty).await;
    bench.faults(json!({ "refresh_tokens": true })).await;
    let first = connect(&bench, "r_ads").await;
    let token = first["refresh_token"].as_str().unwrap();
    let days = |body: &Value| {
        let day = |name: &str| (body[name].as_i64().unwrap() + DAY / 2) / DAY;
        (day("expires_in"), day("refresh_token_expires_in"))
    };
    assert_eq!(days(&first), (60, 365));
    bench.advance(59 * DAY).await;
    let second = refresh(&bench, token).await.json();
    assert_eq!(
        (days(&second), &second["refresh_token"]),
        ((60, 306), &first["refresh_token"])
    );
    bench.advance(301 * DAY).await;
    assert_eq!(days(&refresh(&bench, token).await.json()), (5, 5));
    bench.advance(6 * DAY).await;
    let late = refresh(&bench, token).await;
    assert_eq!(
        (late.status, &late.json()["error"]),
        (400, &json!("invalid_request"))
    );
    assert!(late.text.contains("invalid, expired or revoked"));
}

#[tokio::test]
async fn another_set_of_scopes_kills_earlier_tokens() {
    let bench = Bench::start(Seed::Empty).await;
    bench.faults(json!({ "refresh_tokens": true })).await;
    let first = connect(&bench, "r_ads").await;
    let same = connect(&bench, "r_ads").await;
    let check = async |body: &Value| {
        let path = "/rest/adAccountUsers?q=authenticatedUser";
        let request = bench.call("GET", path).header("authorization", "");
        let request = request.build().unwrap();
        let mut request = request;
        let bearer = format!("Bearer {}", body["access_token"].as_str().unwrap());
        request
            .headers_mut()
            .insert("authorization", bearer.parse().unwrap());
        Answer::read(bench.client.execute(request).await.unwrap()).await
    };
    assert_eq!(
        (check(&first).await.status, check(&same).await.status),
        (200, 200)
    );
    let wider = connect(&bench, "r_ads,r_organization_admin").await;
    let dead = check(&first).await;
    assert_eq!(
        (dead.status, &dead.json()["serviceErrorCode"]),
        (401, &json!(65_601))
    );
    assert_eq!(check(&wider).await.status, 200);
    assert_eq!(
        refresh(&bench, first["refresh_token"].as_str().unwrap())
            .await
            .status,
        400
    );
    bench.faults(json!({ "token_delay_seconds": 30 })).await;
    let young = connect(&bench, "r_ads,r_organization_admin").await;
    assert_eq!(check(&young).await.json()["serviceErrorCode"], 65_600);
    bench.advance(31).await;
    assert_eq!(check(&young).await.status, 200);
}

#[tokio::test]
async fn introspection_tells_active_expired_and_revoked() {
    let bench = Bench::start(Seed::Empty).await;
    let (id, secret) = ("sandbox-client", "sandbox-client-secret");
    let active = introspect(&bench, id, secret, &bench.token).await.json();
    assert_eq!(
        (&active["active"], &active["status"], &active["auth_type"]),
        (&json!(true), &json!("active"), &json!("3L"))
    );
    assert_eq!(
        active["scope"],
        "r_ads,r_marketing_leadgen_automation,r_organization_admin"
    );
    assert!(active["expires_at"].as_i64().unwrap() < 10_000_000_000);
    bench
        .control("POST", "tokens/expire", json!({ "member": "ada" }))
        .await;
    assert_eq!(
        introspect(&bench, id, secret, &bench.token).await.json()["status"],
        "expired"
    );
    bench.control("POST", "tokens/revoke", json!({})).await;
    let revoked = introspect(&bench, id, secret, &bench.token).await.json();
    assert_eq!(
        (&revoked["active"], &revoked["status"]),
        (&json!(false), &json!("revoked"))
    );
    let foreign = bench.token_of(json!({ "client_id": "another" })).await;
    assert_eq!(
        introspect(&bench, id, secret, &foreign).await.json(),
        json!({ "active": false })
    );
    assert_eq!(
        introspect(&bench, "x", secret, &bench.token).await.status,
        400
    );
    assert_eq!(introspect(&bench, id, "x", &bench.token).await.status, 401);
    assert_eq!(introspect(&bench, id, secret, "x").await.status, 400);
}
