//! The authorization endpoint: what is refused on the page, what is sent back, what a click means.

use std::collections::HashMap;

use axum::http::Method;
use url::Url;

use super::{CODE_LIFE, Code, Scopes, form, secret};
use crate::faults::{Consent, ScopeError};
use crate::page;
use crate::server::{Call, Reply};
use crate::state::{Shared, State};

/// What an authorization request asks for, checked.
struct Ask {
    redirect_uri: Url,
    state: Option<String>,
    scopes: Scopes,
}

/// `/oauth/v2/authorization`: the page, or where it leads.
pub(super) fn authorization(shared: &Shared, call: &Call) -> Reply {
    let params = if call.method == Method::POST {
        form(&call.body)
    } else {
        form(call.query.as_bytes())
    };
    let mut guard = shared.state();
    let state = &mut *guard;
    let ask = match check(shared, state, &params) {
        Ok(ask) => ask,
        Err(reply) => return *reply,
    };
    let decision = match state.faults.consent {
        Consent::UnauthorizedScope => {
            return refuse(
                &ask,
                "unauthorized_scope_error",
                "Scope is not authorized for your application",
            );
        }
        Consent::AutoCancelLogin => "cancel_login",
        Consent::AutoCancelAuthorize => "cancel",
        Consent::AutoAllow => "allow",
        Consent::Page if call.method == Method::POST => {
            params.get("decision").map_or("", String::as_str)
        }
        Consent::Page if shared.config.auto_login.is_some() => "allow",
        Consent::Page => "",
    };
    match decision {
        "allow" => {
            let picked = params.get("member").filter(|_| call.method == Method::POST);
            let configured = state
                .faults
                .consent_member
                .as_ref()
                .or(shared.config.auto_login.as_ref());
            let first = state.world.members.first().map(|member| &member.key);
            match picked.or(configured).or(first).cloned() {
                Some(key) if state.world.member(&key).is_some() => allow(shared, state, &ask, &key),
                _ => page::failed(
                    400,
                    "No such member",
                    "Choose one of the members of this sandbox.",
                ),
            }
        }
        "cancel" => refuse(
            &ask,
            "user_cancelled_authorize",
            "The user cancelled the authorization",
        ),
        "cancel_login" => refuse(
            &ask,
            "user_cancelled_login",
            "The user cancelled LinkedIn login",
        ),
        _ => page::consent(
            &state.world.members,
            &ask.scopes,
            &ask.redirect_uri,
            &params,
        ),
    }
}

/// Answers on the page itself whatever must not be answered on a redirect.
fn check(
    shared: &Shared,
    state: &State,
    params: &HashMap<String, String>,
) -> Result<Ask, Box<Reply>> {
    let failed = |title: &str, text: &str| Err(Box::new(page::failed(401, title, text)));
    let given = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
    if given("client_id") != shared.config.client_id {
        return failed(
            "Client id does not match",
            "The client_id is not that of a registered application.",
        );
    }
    let Some(redirect_uri) = redirect_allowed(given("redirect_uri"), &state.faults.redirect_uris)
    else {
        return failed(
            "The redirect_uri does not match the registered value",
            "Register this redirect URL first.",
        );
    };
    if given("response_type") != "code" {
        return failed("Invalid response type", "response_type must be code.");
    }
    let scopes: Scopes = given("scope")
        .split([' ', ','])
        .filter(|scope| !scope.is_empty())
        .map(str::to_owned)
        .collect();
    let ask = Ask {
        redirect_uri,
        state: params.get("state").cloned(),
        scopes,
    };
    let unknown = ask
        .scopes
        .iter()
        .find(|scope| !state.faults.approved_scopes.contains(scope));
    if ask.scopes.is_empty() || unknown.is_some() {
        let text = format!(
            "Scope \"{}\" is not authorized for your application",
            unknown.map_or("", |scope| scope)
        );
        return match state.faults.scope_error {
            ScopeError::Page => failed("Invalid scope", &text),
            ScopeError::Redirect => Err(Box::new(refuse(&ask, "unauthorized_scope_error", &text))),
        };
    }
    Ok(ask)
}

/// Any loopback URL will do unless some were registered; a registered URL's query is ignored.
pub(crate) fn redirect_allowed(given: &str, registered: &[String]) -> Option<Url> {
    let url = Url::parse(given)
        .ok()
        .filter(|url| url.fragment().is_none() && url.has_host())?;
    let allowed = if registered.is_empty() {
        matches!(url.scheme(), "http" | "https") && is_loopback(&url)
    } else {
        let bare = |url: &str| url.split('?').next().unwrap_or_default().to_owned();
        registered.iter().any(|known| bare(known) == bare(given))
    };
    allowed.then_some(url)
}

/// Whether a URL leads back to this machine, as far as its text tells.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn allow(shared: &Shared, state: &mut State, ask: &Ask, member: &str) -> Reply {
    state
        .grants
        .forget_other_scopes(member, &shared.config.client_id, &ask.scopes);
    let code = secret("AQ");
    let grant = Code {
        member: member.to_owned(),
        client: shared.config.client_id.clone(),
        redirect_uri: ask.redirect_uri.to_string(),
        scopes: ask.scopes.clone(),
        expires_at: state.now() + CODE_LIFE,
        used: false,
    };
    state.grants.codes.insert(code.clone(), grant);
    let mut reply = back(ask, &[("code", &code)]);
    reply.member = Some(member.to_owned());
    reply
}

fn refuse(ask: &Ask, error: &str, description: &str) -> Reply {
    let mut reply = back(ask, &[("error", error), ("error_description", description)]);
    reply.reason = error.to_owned();
    reply
}

fn back(ask: &Ask, params: &[(&str, &str)]) -> Reply {
    let mut url = ask.redirect_uri.clone();
    url.query_pairs_mut()
        .extend_pairs(params)
        .extend_pairs(ask.state.iter().map(|state| ("state", state)));
    Reply::redirect(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_go_to_loopback_or_to_what_is_registered() {
        for ok in [
            "http://127.0.0.1:3000/cb",
            "https://localhost/cb?x=1",
            "http://[::1]:9/",
            "http://a.localhost/cb",
        ] {
            assert!(redirect_allowed(ok, &[]).is_some(), "{ok}");
        }
        for bad in [
            "",
            "/cb",
            "http://example.com/cb",
            "http://localhost/cb#x",
            "javascript:alert(1)",
            "ftp://localhost/",
        ] {
            assert!(redirect_allowed(bad, &[]).is_none(), "{bad}");
        }
        let registered = ["https://crm.example/cb?a=1".to_owned()];
        assert!(redirect_allowed("https://crm.example/cb?b=2", &registered).is_some());
        assert!(redirect_allowed("https://crm.example/cb/2", &registered).is_none());
        assert!(redirect_allowed("http://127.0.0.1/cb", &registered).is_none());
    }
}
