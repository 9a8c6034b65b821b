//! Signing out at the request of an application: RP-Initiated Logout 1.0, as strict as the strictest
//! (Okta's). Without a question to whoever is signed in, only an ID token proves that the request is
//! the application's and about them.

use super::Fault;
use crate::oauth::{form, redirect_allowed};
use crate::page;
use crate::server::{Call, Reply};
use crate::state::{Shared, State};

pub(super) fn end_session(shared: &Shared, state: &mut State, call: &Call) -> Reply {
    if state.oidc.has(Fault::NoEndSession) {
        return page::failed(404, "Not here", "The OpenID provider has no such page.");
    }
    let said = match call.method {
        axum::http::Method::POST => form(&call.body),
        _ => form(call.query.as_bytes()),
    };
    let given = |name: &str| said.get(name).map(String::as_str).unwrap_or_default();
    if !state.oidc.id_tokens.contains(given("id_token_hint")) {
        return page::failed(400, "Unknown ID token", "Send the one you were given.");
    }
    if said
        .get("client_id")
        .is_some_and(|id| *id != shared.config.client_id)
    {
        return page::failed(400, "Unknown application", "The ID token is another's.");
    }
    let Some(mut back) = redirect_allowed(
        given("post_logout_redirect_uri"),
        &state.faults.redirect_uris,
    ) else {
        return page::failed(400, "Unknown URL", "Register this URL first.");
    };
    state.oidc.wish.claims.clear();
    state.oidc.wish.userinfo.clear();
    if let Some(echo) = said.get("state") {
        back.query_pairs_mut().append_pair("state", echo);
    }
    Reply::redirect(back.into())
}
