//! Certificates: an assertion counts once, for one audience, for ten minutes, with its signature.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE as PADDED;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use leadline_sandbox::known;
use rcgen::{CertificateParams, PKCS_RSA_SHA256, PublicKeyData, SignatureAlgorithm, SigningKey};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use serde_json::{Value, json};

use crate::bench::{Answer, Bench};

const KEY: &[u8] = include_bytes!("../../src/oidc/stand-in-key.der");

fn pair() -> RsaKeyPair {
    RsaKeyPair::from_der(KEY).unwrap()
}

/// The key as what makes certificates takes it.
struct Signer(Vec<u8>);

impl PublicKeyData for Signer {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

impl SigningKey for Signer {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(signature(&RSA_PKCS1_SHA256, message))
    }
}

fn signature(algorithm: &'static dyn RsaEncoding, message: &[u8]) -> Vec<u8> {
    let pair = pair();
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(algorithm, &SystemRandom::new(), message, &mut signature)
        .unwrap();
    signature
}

/// A certificate of the key: PEM and DER.
fn certificate() -> (String, Vec<u8>) {
    let key = Signer(pair().public().as_ref().to_vec());
    let params = CertificateParams::new(vec!["leadline".to_owned()]).unwrap();
    let own = params.self_signed(&key).unwrap();
    (own.pem(), own.der().to_vec())
}

fn sign(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| BASE64URL.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = match header["alg"].as_str() {
        Some("PS256") => signature(&RSA_PSS_SHA256, message.as_bytes()),
        _ => signature(&RSA_PKCS1_SHA256, message.as_bytes()),
    };
    format!("{message}.{}", BASE64URL.encode(signature))
}

struct Desk {
    bench: Bench,
    der: Vec<u8>,
    jti: std::cell::Cell<u32>,
}

impl Desk {
    async fn open() -> Desk {
        let bench = Bench::start().await;
        let (pem, der) = certificate();
        let wish = json!({ "client": known::CLIENT, "certificate": pem });
        bench.control("POST", "applications", wish).await;
        Desk {
            bench,
            der,
            jti: std::cell::Cell::new(0),
        }
    }

    fn token_url(&self) -> String {
        let base = self.bench.dynamics.authority_url();
        format!("{base}/{}/oauth2/v2.0/token", known::TENANT)
    }

    fn header(&self) -> Value {
        let print = BASE64URL.encode(digest(&SHA256, &self.der));
        json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": print })
    }

    async fn claims(&self) -> Value {
        let state = self.bench.control("GET", "state", Value::Null).await;
        let now = state["now"].as_i64().unwrap() / 1000;
        self.jti.set(self.jti.get() + 1);
        json!({
            "aud": self.token_url(), "iss": known::CLIENT, "sub": known::CLIENT,
            "jti": format!("jti-{}", self.jti.get()), "nbf": now, "iat": now, "exp": now + 600,
        })
    }

    async fn present(&self, assertion: &str) -> Answer {
        let scope = format!("{}/.default", self.bench.dynamics.organization_url());
        let form = [
            ("client_id", known::CLIENT),
            ("grant_type", "client_credentials"),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", assertion),
            ("scope", &scope),
        ];
        Answer::of(self.bench.client.post(self.token_url()).form(&form)).await
    }
}

#[tokio::test]
async fn the_documented_form_gives_a_token_once() {
    let mut desk = Desk::open().await;
    let assertion = sign(&desk.header(), &desk.claims().await);
    let answer = desk.present(&assertion).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    desk.bench.token = answer.json()["access_token"].as_str().unwrap().to_owned();
    desk.bench.ok("WhoAmI").await;
    let again = desk.present(&assertion).await;
    assert_eq!(
        (again.status, again.json()["error_codes"][0].clone()),
        (401, json!(700_027))
    );
}

#[tokio::test]
async fn the_older_form_of_microsofts_libraries_counts_too() {
    let desk = Desk::open().await;
    let print = PADDED.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &desk.der));
    let header = json!({ "alg": "RS256", "typ": "JWT", "x5t": print });
    let mut claims = desk.claims().await;
    claims.as_object_mut().unwrap().remove("nbf");
    claims["iat"] = json!(claims["iat"].as_f64().unwrap() + 0.25);
    claims["exp"] = json!(claims["iat"].as_f64().unwrap() + 600.0);
    let answer = desk.present(&sign(&header, &claims)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn every_claim_is_looked_at() {
    let desk = Desk::open().await;
    let now = desk.claims().await["nbf"].as_i64().unwrap();
    let cases = [
        (
            "aud",
            json!("https://login.microsoftonline.com/common/oauth2/v2.0/token"),
            700_023,
        ),
        ("iss", json!(known::READER), 700_021),
        ("sub", json!(known::READER), 700_021),
        ("exp", json!(now - 1), 700_024),
        ("exp", json!(now + 700), 700_024),
        ("exp", Value::Null, 700_024),
        ("nbf", json!(now + 120), 700_024),
        ("nbf", Value::Null, 700_024),
        ("jti", json!(""), 700_027),
    ];
    for (name, value, number) in cases {
        let mut claims = desk.claims().await;
        claims[name] = value.clone();
        let answer = desk.present(&sign(&desk.header(), &claims)).await;
        let found = (answer.status, answer.json()["error_codes"][0].clone());
        assert_eq!(found, (401, json!(number)), "{name}={value}");
    }
}

#[tokio::test]
async fn the_signature_and_the_certificate_have_to_fit() {
    let desk = Desk::open().await;
    let claims = desk.claims().await;
    let right = sign(&desk.header(), &claims);
    let (message, _) = right.rsplit_once('.').unwrap();
    let other_print = json!({ "alg": "PS256", "x5t#S256": BASE64URL.encode([7; 32]) });
    let mut rs256 = desk.header();
    rs256["alg"] = json!("RS256");
    let forgeries = [
        format!("{message}.{}", BASE64URL.encode([0; 256])),
        format!("{message}."),
        message.to_owned(),
        sign(&other_print, &claims),
        sign(&json!({ "alg": "PS256" }), &claims),
        sign(&rs256, &claims),
        format!(
            "{}.{}.",
            BASE64URL.encode("{\"alg\":\"none\"}"),
            BASE64URL.encode(claims.to_string())
        ),
    ];
    for forged in forgeries {
        let answer = desk.present(&forged).await;
        let found = (answer.status, answer.json()["error_codes"][0].clone());
        assert_eq!(found, (401, json!(700_027)), "{forged}");
    }
    assert_eq!(desk.present(&right).await.status, 200);
}
