//! The OpenID provider: what it asks for, what it gives, that each thing counts once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use leadline_sandbox::Seed;
use reqwest::Url;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::bench::{Answer, Bench};

const BACK: &str = "http://127.0.0.1:9/back";
const VERIFIER: &str = "a-verifier-that-is-long-enough-for-the-standard";

fn ask() -> Vec<(&'static str, String)> {
    let challenge = BASE64URL.encode(Sha256::digest(VERIFIER));
    [
        ("response_type", "code"),
        ("client_id", "sandbox-client"),
        ("redirect_uri", BACK),
        ("scope", "openid email"),
        ("state", "a-state-of-22-letters-."),
        ("nonce", "a-nonce-of-22-letters-."),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

async fn authorize(bench: &Bench, params: &[(&str, String)]) -> Answer {
    let request = bench.request("GET", "/oidc/authorize").query(params);
    Answer::read(request.send().await.unwrap()).await
}

fn param(answer: &Answer, name: &str) -> Option<String> {
    let url = Url::parse(answer.header("location")).unwrap();
    let pair = url.query_pairs().find(|(key, _)| key == name);
    pair.map(|(_, value)| value.into_owned())
}

async fn exchange(bench: &Bench, code: &str, verifier: &str, secret: &str) -> Answer {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", BACK),
        ("code_verifier", verifier),
    ];
    let request = bench.request("POST", "/oidc/token").form(&form);
    let request = request.basic_auth("sandbox-client", Some(secret));
    Answer::read(request.send().await.unwrap()).await
}

async fn signed_in() -> Bench {
    let bench = Bench::start(Seed::Empty).await;
    let wish = json!({ "claims": { "sub": "7", "email": "ada@example.com", "name": "Ada", "groups": ["sales"] } });
    bench.control("POST", "oidc", wish).await;
    bench
}

async fn code(bench: &Bench) -> String {
    let back = authorize(bench, &ask()).await;
    assert_eq!(
        param(&back, "state").as_deref(),
        Some("a-state-of-22-letters-.")
    );
    assert_eq!(param(&back, "iss"), Some(bench.url("/oidc")));
    param(&back, "code").unwrap()
}

const SECRET: &str = "sandbox-client-secret";

#[tokio::test]
async fn a_code_gives_tokens_once_to_whoever_asked_for_it() {
    let bench = signed_in().await;
    for (verifier, secret, status) in [
        (VERIFIER, SECRET, 200),
        (VERIFIER, "guessed", 401),
        ("another-verifier-that-is-long-enough-for-it", SECRET, 400),
    ] {
        let answer = exchange(&bench, &code(&bench).await, verifier, secret).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    let code = code(&bench).await;
    assert_eq!(exchange(&bench, &code, VERIFIER, SECRET).await.status, 200);
    let again = exchange(&bench, &code, VERIFIER, SECRET).await;
    assert_eq!(again.json(), json!({ "error": "invalid_grant" }));
}

#[tokio::test]
async fn the_id_token_tells_what_was_asked_for_and_is_signed_with_the_published_key() {
    let bench = signed_in().await;
    for algorithm in ["RS256", "ES256"] {
        let answer = exchange(&bench, &code(&bench).await, VERIFIER, SECRET).await;
        let tokens = answer.json();
        let parts: Vec<&str> = tokens["id_token"].as_str().unwrap().split('.').collect();
        let read = |part: &str| -> Value {
            serde_json::from_slice(&BASE64URL.decode(part).unwrap()).unwrap()
        };
        let (header, claims) = (read(parts[0]), read(parts[1]));
        assert_eq!(claims["iss"], bench.url("/oidc"));
        assert_eq!(claims["aud"], "sandbox-client");
        assert_eq!(claims["nonce"], "a-nonce-of-22-letters-.");
        assert_eq!(claims["groups"], json!(["sales"]));
        assert_eq!(claims["email"], "ada@example.com");
        assert_eq!(claims.get("name"), None, "`profile` was not asked for");

        assert_eq!(header["alg"], algorithm);
        let keys = bench.ok("/oidc/jwks").await["keys"].clone();
        assert_eq!(keys.as_array().unwrap().len(), 1);
        assert_eq!(
            (&keys[0]["kid"], &keys[0]["alg"]),
            (&header["kid"], &header["alg"])
        );
        bench.control("POST", "oidc/rotate", json!({})).await;
    }
}

#[tokio::test]
async fn a_request_without_pkce_state_or_nonce_comes_back_refused() {
    let bench = signed_in().await;
    let cases = [
        ("code_challenge_method", "plain", "invalid_request"),
        ("nonce", "", "invalid_request"),
        ("state", "short", "invalid_request"),
        ("scope", "email", "invalid_scope"),
        ("response_type", "token", "unsupported_response_type"),
    ];
    for (name, value, error) in cases {
        let mut params = ask();
        params.retain(|(key, _)| *key != name);
        params.push((name, value.to_owned()));
        let back = authorize(&bench, &params).await;
        assert_eq!(param(&back, "error").as_deref(), Some(error), "{name}");
        assert_eq!(param(&back, "code"), None);
    }
    for name in ["client_id", "redirect_uri"] {
        let mut params = ask();
        params.retain(|(key, _)| *key != name);
        params.push((name, "https://evil.example".to_owned()));
        let refused = authorize(&bench, &params).await;
        assert_eq!(
            (refused.status, refused.header("location")),
            (400, ""),
            "{name}"
        );
    }
}

#[tokio::test]
async fn signing_out_wants_the_id_token_and_a_known_place_to_go_back_to() {
    let bench = signed_in().await;
    let discovery = bench.ok("/oidc/.well-known/openid-configuration").await;
    assert_eq!(
        discovery["end_session_endpoint"],
        bench.url("/oidc/end-session")
    );
    let tokens = exchange(&bench, &code(&bench).await, VERIFIER, SECRET).await;
    let tokens = tokens.json();
    let hint = tokens["id_token"].as_str().unwrap();
    let sign_out = async |hint, client, back| {
        let query = [
            ("id_token_hint", hint),
            ("client_id", client),
            ("post_logout_redirect_uri", back),
            ("state", "echo"),
        ];
        let request = bench.request("GET", "/oidc/end-session").query(&query);
        Answer::read(request.send().await.unwrap()).await
    };
    let altered = &hint[1..];
    for (hint, client, back) in [
        ("", "sandbox-client", BACK),
        (altered, "sandbox-client", BACK),
        (hint, "another", BACK),
        (hint, "sandbox-client", "https://evil.example"),
        (hint, "sandbox-client", ""),
    ] {
        let refused = sign_out(hint, client, back).await;
        assert_eq!((refused.status, refused.header("location")), (400, ""));
    }
    let still_in = authorize(&bench, &ask()).await;
    assert!(param(&still_in, "code").is_some());
    let out = sign_out(hint, "sandbox-client", BACK).await;
    assert_eq!(out.header("location"), format!("{BACK}?state=echo"));
    let nobody = authorize(&bench, &ask()).await;
    assert!(
        nobody.text.contains("Nobody is signed in"),
        "{}",
        nobody.text
    );
}

#[tokio::test]
async fn userinfo_wants_the_access_token() {
    let bench = signed_in().await;
    let tokens = exchange(&bench, &code(&bench).await, VERIFIER, SECRET)
        .await
        .json();
    let token = tokens["access_token"].as_str().unwrap();
    for (token, status) in [(token, 200), ("guessed", 401)] {
        let request = bench.request("GET", "/oidc/userinfo").bearer_auth(token);
        let answer = Answer::read(request.send().await.unwrap()).await;
        assert_eq!(answer.status, status);
    }
}
