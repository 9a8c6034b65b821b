//! The token endpoint: a code and its verifier turn into an access token and an ID token.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::authorize::random;
use super::keys::{base64url, unsigned};
use super::{Code, Fault, issuer};
use crate::oauth::form;
use crate::server::{Call, Reply};
use crate::state::{Shared, State};

/// How long tokens live, in seconds.
const LIFE: i64 = 300;

fn denied(status: u16, error: &str) -> Reply {
    Reply {
        reason: error.to_owned(),
        ..Reply::json(status, &json!({ "error": error }))
    }
}

pub(super) fn token(shared: &Shared, state: &mut State, call: &Call) -> Reply {
    let params = form(&call.body);
    if !knows_secret(shared, call, &params) {
        return denied(401, "invalid_client").with("www-authenticate", "Basic realm=\"stand-in\"");
    }
    let given = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
    if given("grant_type") != "authorization_code" {
        return denied(400, "unsupported_grant_type");
    }
    // A code is gone once it was shown, whatever comes of it.
    let now = state.now();
    let code = state.oidc.codes.remove(given("code"));
    let fits = |code: &Code| {
        let challenge = base64url(&Sha256::digest(given("code_verifier")));
        code.redirect_uri == given("redirect_uri")
            && code.challenge == challenge
            && (43..=128).contains(&given("code_verifier").len())
            && code.expires_at > now
    };
    let Some(code) = code.filter(fits) else {
        return denied(400, "invalid_grant");
    };
    let access_token = random();
    let id_token = id_token(shared, state, &code, &access_token);
    state.oidc.id_tokens.extend(id_token.clone());
    let mut body = json!({
        "access_token": access_token, "token_type": "Bearer", "expires_in": LIFE, "scope": code.scopes.join(" "),
    });
    if !state.oidc.has(Fault::NoIdToken) {
        body["id_token"] = json!(id_token);
    }
    state.oidc.tokens.insert(access_token, code.scopes);
    Reply::json(200, &body)
}

/// Whether the application proves who it is, in one of the two ways of RFC 6749, section 2.3.1.
fn knows_secret(shared: &Shared, call: &Call, params: &HashMap<String, String>) -> bool {
    let (id, secret) = (&shared.config.client_id, &shared.config.client_secret);
    let Some(basic) = call.header("authorization") else {
        return params.get("client_id") == Some(id) && params.get("client_secret") == Some(secret);
    };
    let decoded = basic
        .strip_prefix("Basic ")
        .and_then(|text| BASE64.decode(text).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let pair = decoded.as_deref().and_then(|text| text.split_once(':'));
    let plain = |text: &str| form(format!("x={text}").as_bytes()).remove("x");
    pair.is_some_and(|(i, s)| plain(i).as_ref() == Some(id) && plain(s).as_ref() == Some(secret))
}

fn id_token(shared: &Shared, state: &State, code: &Code, access_token: &str) -> Option<String> {
    let oidc = &state.oidc;
    let key = oidc.key.as_ref()?;
    let claims = claims(shared, state, code, access_token);
    let kid = match oidc.has(Fault::UnknownKey) {
        true => "of-somebody-else".to_owned(),
        false => key.id(),
    };
    let header = json!({ "alg": key.algorithm(), "typ": "JWT", "kid": kid });
    if oidc.has(Fault::Unsigned) {
        return Some(format!("{}.", unsigned(&json!({ "alg": "none" }), &claims)));
    }
    if oidc.has(Fault::SignedWithSecret) {
        return with_secret(&shared.config.client_secret, &claims);
    }
    if oidc.has(Fault::WrongSignature) {
        let mut others = claims.clone();
        others["sub"] = json!("somebody-else");
        let other = key.sign(&header, &others)?;
        let (_, signature) = other.rsplit_once('.')?;
        return Some(format!("{}.{signature}", unsigned(&header, &claims)));
    }
    key.sign(&header, &claims)
}

fn claims(shared: &Shared, state: &State, code: &Code, access_token: &str) -> Value {
    let (oidc, client) = (&state.oidc, &shared.config.client_id);
    let now = state.now() / 1000;
    // The left half of the hash: OpenID Connect Core, section 3.1.3.6.
    let vouched = |token: &str| base64url(&Sha256::digest(token)[..16]);
    let mut claims = oidc.visible(&oidc.wish.claims, &code.scopes);
    let mut say = |name: &str, value: Value| {
        claims.insert(name.to_owned(), value);
    };
    say("iss", json!(issuer(shared)));
    say("aud", json!(client));
    say("iat", json!(now));
    say("auth_time", json!(now));
    say("exp", json!(now + LIFE));
    say("nonce", json!(code.nonce));
    say("at_hash", json!(vouched(access_token)));
    match oidc.wish.fault {
        Some(Fault::WrongNonce) => say("nonce", json!(random())),
        Some(Fault::NoNonce) => {
            claims.remove("nonce");
        }
        Some(Fault::WrongAudience) => say("aud", json!("another-application")),
        Some(Fault::ForeignAudience) => say("aud", json!([client, "another-application"])),
        Some(Fault::WrongParty) => say("azp", json!("another-application")),
        Some(Fault::WrongIssuer) => say("iss", json!("https://elsewhere.example")),
        Some(Fault::Expired) => say("exp", json!(now - LIFE)),
        Some(Fault::WrongAccessToken) => say("at_hash", json!(vouched("another-token"))),
        _ => {}
    }
    Value::Object(claims)
}

/// What somebody could make who knows the client's secret, but not the provider's key.
fn with_secret(secret: &str, claims: &Value) -> Option<String> {
    let message = unsigned(&json!({ "alg": "HS256" }), claims);
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(message.as_bytes());
    let signature = base64url(&mac.finalize().into_bytes());
    Some(format!("{message}.{signature}"))
}
