//! Who connected: `/v2/userinfo` and `/v2/me`, which know no versions.

use std::sync::Arc;

use axum::http::Method;
use serde_json::json;

use crate::errors::ApiError;
use crate::rest::gate;
use crate::server::{Call, Reply};
use crate::state::{Shared, State};

/// Everything below `/v2/`.
pub(crate) fn handle(shared: &Arc<Shared>, call: &Call) -> Reply {
    let endpoint = match call.path.as_str() {
        "/v2/userinfo" => "userinfo.GET",
        "/v2/me" => "me.GET",
        _ => return Reply::error(&ApiError::no_resource()),
    };
    let mut guard = shared.state();
    let mut reply = match answer(&mut guard, call, endpoint) {
        Ok(reply) => reply,
        Err(error) => Reply::error(&error),
    };
    reply.endpoint = endpoint.to_owned();
    reply
}

fn answer(state: &mut State, call: &Call, endpoint: &str) -> Result<Reply, ApiError> {
    if call.method != Method::GET {
        return Err(ApiError::new(405, None, None, "Method not allowed"));
    }
    let holder = gate::token(state, call, endpoint)?;
    gate::quota(state, call, endpoint, &holder.member)?;
    let needed: &[&str] = if endpoint == "me.GET" {
        &["r_basicprofile"]
    } else {
        &["openid"]
    };
    gate::scope(state, call, endpoint, "NO_VERSION", &holder.scopes, needed)?;
    let member = state
        .world
        .member(&holder.member)
        .ok_or_else(|| ApiError::gone("the member is gone"))?;
    let mut body = if endpoint == "me.GET" {
        json!({
            "id": member.person, "localizedFirstName": member.given, "localizedLastName": member.family,
            "firstName": { "localized": { format!("{}_{}", member.language, member.country): member.given },
                "preferredLocale": { "country": member.country, "language": member.language } },
        })
    } else {
        json!({
            "sub": member.person, "name": member.name(), "given_name": member.given, "family_name": member.family,
            "locale": { "country": member.country, "language": member.language },
        })
    };
    if endpoint == "userinfo.GET" && holder.scopes.contains("email") {
        body["email"] = json!(member.email);
        body["email_verified"] = json!(true);
    }
    let mut reply = Reply::json(200, &body);
    reply.member = Some(holder.member);
    Ok(reply)
}
