//! The token endpoints: exchange, refresh, introspection.

use std::collections::HashMap;

use serde_json::{Value, json};
use url::Url;

use super::{Refresh, Scopes, Token, form, joined, secret};
use crate::errors::Stage;
use crate::server::{Call, Reply, spoil};
use crate::state::{Shared, State};

/// An error of the token endpoint.
fn denied(status: u16, error: &str, description: &str) -> Reply {
    let body = json!({ "error": error, "error_description": description });
    Reply {
        reason: description.to_owned(),
        ..Reply::json(status, &body)
    }
}

fn missing(params: &HashMap<String, String>, names: &[&str]) -> Option<Reply> {
    let name = names
        .iter()
        .find(|name| params.get(**name).is_none_or(String::is_empty))?;
    Some(denied(
        400,
        "invalid_request",
        &format!("A required parameter \"{name}\" is missing"),
    ))
}

fn wrong_client(shared: &Shared, params: &HashMap<String, String>) -> Option<Reply> {
    if params.get("client_id") != Some(&shared.config.client_id) {
        return Some(denied(
            401,
            "invalid_client_id",
            "Client authentication failed",
        ));
    }
    let right = params.get("client_secret") == Some(&shared.config.client_secret);
    (!right).then(|| denied(401, "invalid_client", "Client authentication failed"))
}

fn is_form(call: &Call) -> bool {
    call.header("content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

/// Injected failures that the token endpoints know: throttling and their like.
fn injected(state: &mut State, call: &Call) -> Option<Reply> {
    let State { dice, faults, .. } = state;
    let endpoint = call.path.trim_start_matches('/').to_owned();
    [
        Stage::Path,
        Stage::Quota,
        Stage::Role,
        Stage::Syntax,
        Stage::Token,
        Stage::Scope,
    ]
    .into_iter()
    .find_map(|stage| {
        let kind = dice.strike(faults, stage, &call.path, &endpoint)?;
        Some(Reply::error(&kind.error(&endpoint, "", faults.retry_after)))
    })
}

/// `/oauth/v2/accessToken`: codes and refresh tokens turn into tokens.
pub(super) fn access_token(shared: &Shared, call: &Call) -> Reply {
    let mut guard = shared.state();
    let state = &mut *guard;
    if let Some(reply) = injected(state, call) {
        return reply;
    }
    let params = if is_form(call) {
        form(&call.body)
    } else {
        HashMap::new()
    };
    if let Some(reply) = missing(&params, &["grant_type"]) {
        return reply;
    }
    let mut reply = match params["grant_type"].as_str() {
        "authorization_code" => from_code(shared, state, &params),
        "refresh_token" => from_refresh(shared, state, &params),
        _ => denied(
            400,
            "unsupported_grant_type",
            "The grant type is not supported",
        ),
    };
    if let Some(kind) = state.dice.strike(
        &state.faults,
        Stage::Answer,
        &call.path,
        "oauth/v2/accessToken",
    ) {
        spoil(&mut reply, kind.name);
    }
    reply
}

fn from_code(shared: &Shared, state: &mut State, params: &HashMap<String, String>) -> Reply {
    if let Some(reply) = missing(
        params,
        &["code", "redirect_uri", "client_id", "client_secret"],
    ) {
        return reply;
    }
    if let Some(reply) = wrong_client(shared, params) {
        return reply;
    }
    let now = state.now();
    let Some(code) = state
        .grants
        .codes
        .get_mut(&params["code"])
        .filter(|code| !code.used)
    else {
        return denied(
            401,
            "invalid_request",
            "Unable to retrieve access token: authorization code not found",
        );
    };
    let redirect = Url::parse(&params["redirect_uri"])
        .map(|url| url.to_string())
        .unwrap_or_default();
    if code.redirect_uri != redirect || code.expires_at <= now {
        return denied(
            400,
            "invalid_redirect_uri",
            "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. \
             Or authorization code expired. Or external member binding exists",
        );
    }
    code.used = true;
    let code = code.clone();
    grant(state, &code.member, &code.client, &code.scopes).1
}

/// Gives out tokens after a consent; the access token and the whole answer.
pub(crate) fn grant(
    state: &mut State,
    member: &str,
    client: &str,
    scopes: &Scopes,
) -> (String, Reply) {
    let now = state.now();
    let refresh = state.faults.refresh_tokens.then(|| {
        let token = secret("AQW");
        let refresh = Refresh {
            member: member.to_owned(),
            client: client.to_owned(),
            scopes: scopes.clone(),
            authorized_at: now,
            expires_at: now + state.faults.refresh_token_seconds * 1000,
            revoked: false,
        };
        state.grants.refresh.insert(token.clone(), refresh);
        token
    });
    mint(state, member, client, scopes, now, refresh.as_deref())
}

fn mint(
    state: &mut State,
    member: &str,
    client: &str,
    scopes: &Scopes,
    authorized_at: i64,
    refresh: Option<&str>,
) -> (String, Reply) {
    let now = state.now();
    let refresh_left = refresh
        .and_then(|token| state.grants.refresh.get(token))
        .map(|grant| grant.expires_at - now);
    let life = (state.faults.access_token_seconds * 1000).min(refresh_left.unwrap_or(i64::MAX));
    let token = secret("AQX");
    let grant = Token {
        member: member.to_owned(),
        client: client.to_owned(),
        scopes: scopes.clone(),
        created_at: now,
        authorized_at,
        expires_at: now + life,
        // Without a delay a token works even if the clock is set back.
        usable_from: match i64::try_from(state.faults.token_delay_seconds).unwrap_or(0) {
            0 => i64::MIN,
            seconds => now + seconds * 1000,
        },
        revoked: false,
    };
    state.grants.tokens.insert(token.clone(), grant);
    let mut body = json!({
        "access_token": token, "expires_in": life / 1000, "scope": joined(scopes), "token_type": "Bearer",
    });
    if let (Some(refresh), Some(left)) = (refresh, refresh_left) {
        body["refresh_token"] = json!(refresh);
        // A second that has begun counts.
        body["refresh_token_expires_in"] = json!((left + 999) / 1000);
    }
    if scopes.contains("openid") {
        body["id_token"] = json!(id_token(state, member, client, now));
    }
    let mut reply = Reply::json(200, &body);
    reply.member = Some(member.to_owned());
    (token, reply)
}

/// A token of the right shape; its signature means nothing.
fn id_token(state: &State, member: &str, client: &str, now: i64) -> String {
    let claims = state.world.member(member).map_or(Value::Null, |member| {
        json!({ "iss": "https://www.linkedin.com/oauth", "aud": client, "sub": member.person,
            "name": member.name(), "iat": now / 1000, "exp": now / 1000 + 3600 })
    });
    let part = |value: &Value| base64url(value.to_string().as_bytes());
    format!(
        "{}.{}.{}",
        part(&json!({ "alg": "RS256", "kid": "sandbox" })),
        part(&claims),
        base64url(b"unsigned")
    )
}

fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .fold(0u32, |bits, byte| (bits << 8) | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            out.push(char::from(
                LETTERS[(bits >> (18 - 6 * place)) as usize & 63],
            ));
        }
    }
    out
}

fn from_refresh(shared: &Shared, state: &mut State, params: &HashMap<String, String>) -> Reply {
    if let Some(reply) = missing(params, &["refresh_token", "client_id", "client_secret"]) {
        return reply;
    }
    if let Some(reply) = wrong_client(shared, params) {
        return reply;
    }
    let now = state.now();
    let token = &params["refresh_token"];
    let refresh = state.grants.refresh.get(token).filter(|refresh| {
        !refresh.revoked && refresh.expires_at > now && refresh.client == shared.config.client_id
    });
    let Some(refresh) = refresh.filter(|_| state.faults.refresh_tokens).cloned() else {
        return denied(
            400,
            "invalid_request",
            "The provided authorization grant or refresh token is invalid, expired or revoked",
        );
    };
    mint(
        state,
        &refresh.member,
        &refresh.client,
        &refresh.scopes,
        refresh.authorized_at,
        Some(token),
    )
    .1
}

/// `/oauth/v2/introspectToken`.
pub(super) fn introspect(shared: &Shared, call: &Call) -> Reply {
    let mut guard = shared.state();
    let state = &mut *guard;
    if let Some(reply) = injected(state, call) {
        return reply;
    }
    let params = if is_form(call) {
        form(&call.body)
    } else {
        HashMap::new()
    };
    if let Some(reply) = missing(&params, &["client_id", "client_secret", "token"]) {
        return reply;
    }
    if params["client_id"] != shared.config.client_id {
        return denied(400, "invalid_request", "The client_id is invalid");
    }
    if let Some(reply) = wrong_client(shared, &params) {
        return reply;
    }
    let now = state.now();
    let token = &params["token"];
    let (client, scopes, created, authorized, expires, revoked) = match (
        state.grants.tokens.get(token),
        state.grants.refresh.get(token),
    ) {
        (Some(token), _) => (
            &token.client,
            &token.scopes,
            token.created_at,
            token.authorized_at,
            token.expires_at,
            token.revoked,
        ),
        (None, Some(token)) => (
            &token.client,
            &token.scopes,
            token.authorized_at,
            token.authorized_at,
            token.expires_at,
            token.revoked,
        ),
        (None, None) => return denied(400, "invalid_request", "The token is invalid"),
    };
    if *client != shared.config.client_id {
        return Reply::json(200, &json!({ "active": false }));
    }
    let status = match (revoked, expires <= now) {
        (true, _) => "revoked",
        (false, true) => "expired",
        (false, false) => "active",
    };
    Reply::json(
        200,
        &json!({
            "active": status == "active", "status": status, "client_id": client, "scope": joined(scopes),
            "created_at": created / 1000, "authorized_at": authorized / 1000, "expires_at": expires / 1000,
            "auth_type": "3L",
        }),
    )
}

/// Makes a token without anybody clicking; the control API's short cut.
pub(crate) fn mint_directly(
    shared: &Shared,
    state: &mut State,
    wish: &Value,
) -> Result<Value, String> {
    let member = wish["member"].as_str().unwrap_or("ada").to_owned();
    state.world.member(&member).ok_or("no such member")?;
    let client = wish["client_id"]
        .as_str()
        .unwrap_or(&shared.config.client_id)
        .to_owned();
    let scopes: Scopes = match wish["scopes"].as_array() {
        Some(scopes) => scopes
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        None => [
            "r_marketing_leadgen_automation",
            "r_ads",
            "r_organization_admin",
        ]
        .map(str::to_owned)
        .into(),
    };
    let (_, reply) = grant(state, &member, &client, &scopes);
    serde_json::from_str(&reply.body).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64url_has_no_padding() {
        let encoded: Vec<String> = [&b""[..], b"f", b"fo", b"foo", b"foob"]
            .iter()
            .map(|part| base64url(part))
            .collect();
        assert_eq!(encoded, ["", "Zg", "Zm8", "Zm9v", "Zm9vYg"]);
    }
}
