//! The authorization endpoint: a request is checked, and whoever is signed in is sent back at once.

use std::collections::HashMap;

use rand::Rng as _;
use url::Url;

use super::{Code, Fault, issuer};
use crate::oauth::{form, redirect_allowed};
use crate::page;
use crate::server::{Call, Reply};
use crate::state::{Shared, State};

/// How long a code may wait, in milliseconds.
const CODE_LIFE: i64 = 60_000;

pub(super) fn authorize(shared: &Shared, state: &mut State, call: &Call) -> Reply {
    let params = form(call.query.as_bytes());
    let given = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
    // Nobody is sent to an address that is not known to be the application's.
    if given("client_id") != shared.config.client_id {
        return page::failed(400, "Unknown application", "No application has this id.");
    }
    let Some(back) = redirect_allowed(given("redirect_uri"), &state.faults.redirect_uris) else {
        return page::failed(400, "Unknown redirect URL", "Register this URL first.");
    };
    let answer = match wrong(&params) {
        Some(error) => vec![("error", error.to_owned())],
        None if state.oidc.has(Fault::Refused) => vec![("error", "access_denied".to_owned())],
        None if state.oidc.wish.claims.is_empty() => {
            return page::failed(
                200,
                "Nobody is signed in",
                "Say who through the control API.",
            );
        }
        None => vec![("code", code(state, &params))],
    };
    send_back(shared, state, back, &params, answer)
}

/// What is wrong with a request, in the words of the standard.
fn wrong(params: &HashMap<String, String>) -> Option<&'static str> {
    let given = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
    if given("response_type") != "code" {
        return Some("unsupported_response_type");
    }
    if !given("scope").split(' ').any(|scope| scope == "openid") {
        return Some("invalid_scope");
    }
    let pkce = given("code_challenge_method") == "S256" && given("code_challenge").len() == 43;
    let enough = |name: &str| given(name).len() >= 22;
    (!pkce || !enough("state") || !enough("nonce")).then_some("invalid_request")
}

fn code(state: &mut State, params: &HashMap<String, String>) -> String {
    let given = |name: &str| params.get(name).cloned().unwrap_or_default();
    let code = random();
    let kept = Code {
        redirect_uri: given("redirect_uri"),
        challenge: given("code_challenge"),
        nonce: given("nonce"),
        scopes: given("scope").split(' ').map(str::to_owned).collect(),
        expires_at: state.now() + CODE_LIFE,
    };
    state.oidc.codes.insert(code.clone(), kept);
    code
}

fn send_back(
    shared: &Shared,
    state: &State,
    mut back: Url,
    params: &HashMap<String, String>,
    answer: Vec<(&str, String)>,
) -> Reply {
    let mut query = back.query_pairs_mut();
    query.extend_pairs(answer);
    if let Some(state) = params.get("state") {
        query.append_pair("state", state);
    }
    if state.oidc.has(Fault::ForeignIssuerInAnswer) {
        query.append_pair("iss", "https://elsewhere.example");
    } else if !state.oidc.has(Fault::NoIssuerInAnswer) {
        query.append_pair("iss", &issuer(shared));
    }
    drop(query);
    Reply::redirect(back.into())
}

/// 256 random bits.
pub(super) fn random() -> String {
    let bytes: [u8; 32] = rand::rng().random();
    hex::encode(bytes)
}
