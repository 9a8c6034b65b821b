//! The token endpoint: client credentials by secret (in the form or as HTTP Basic) or by certificate.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;

use super::{Refusal, Token, assertion, tenant, unknown_tenant};
use crate::dynamics::known;
use crate::dynamics::state::{Shared, State};
use crate::oauth::form;
use crate::server::{Call, Reply};

/// The only kind of assertion there is.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub(super) fn token(
    shared: &Shared,
    state: &mut State,
    call: &Call,
    name: &str,
) -> Result<Reply, Refusal> {
    let kind = call.header("content-type").unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(missing("grant_type").because("the body is no form"));
    }
    if ["common", "consumers"].contains(&name) {
        return Err(Refusal::new(
            9_001_023,
            format!(
                "The grant type is not supported over the /{name} endpoint. Please use a tenant-specific endpoint."
            ),
        ));
    }
    let tenant = tenant(name).ok_or_else(|| unknown_tenant(name))?;
    let mut params = form(&call.body);
    basic(call, &mut params);
    let given = |name: &str| params.get(name).filter(|value| !value.is_empty());
    for name in ["grant_type", "client_id", "scope"] {
        given(name).ok_or_else(|| missing(name))?;
    }
    if params["grant_type"] != "client_credentials" {
        return Err(Refusal::new(
            70_003,
            "The app returned an unsupported grant type.",
        ));
    }
    let client = authenticate(shared, state, &params, (name, tenant))?;
    let resource = resource(&params["scope"])?;
    // The other tenant has no organization.
    if tenant != known::TENANT || !shared.is_organization(&resource) {
        return Err(Refusal::new(
            500_011,
            format!(
                "The resource principal named {resource} was not found in the tenant named {name}."
            ),
        ));
    }
    let seconds = match state.faults.token_seconds {
        Some(seconds) => seconds,
        None => 3_600 + i64::try_from(state.dice.rng.below(1_800)).unwrap_or(0),
    };
    let expires_at = state.now() + seconds * 1000;
    let token = state.directory.issue(Token {
        client: client.clone(),
        resource,
        expires_at,
    });
    let body = json!({
        "token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token,
    });
    Ok(Reply {
        member: Some(client),
        ..Reply::json(200, &body)
    })
}

fn missing(name: &str) -> Refusal {
    Refusal::new(
        900_144,
        format!("The request body must contain the following parameter: '{name}'."),
    )
}

/// RFC 6749, section 2.3.1: id and secret are encoded as in a form before they are joined.
fn basic(call: &Call, params: &mut HashMap<String, String>) {
    let decoded = call
        .header("authorization")
        .and_then(|text| text.strip_prefix("Basic "))
        .and_then(|text| BASE64.decode(text).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let Some((id, secret)) = decoded.as_deref().and_then(|text| text.split_once(':')) else {
        return;
    };
    for (name, value) in [("client_id", id), ("client_secret", secret)] {
        if let Some(value) = form(format!("x={value}").as_bytes()).remove("x") {
            params.insert(name.to_owned(), value);
        }
    }
}

/// The application that proved who it is.
fn authenticate(
    shared: &Shared,
    state: &mut State,
    params: &HashMap<String, String>,
    (name, tenant): (&str, &str),
) -> Result<String, Refusal> {
    let now = state.now();
    let directory = &mut state.directory;
    let id = &params["client_id"];
    let Some(own) = directory.application(id, tenant) else {
        return Err(Refusal::new(
            700_016,
            format!("Application with identifier '{id}' was not found in the directory '{name}'."),
        ));
    };
    let client = own.client.clone();
    if let Some(secret) = params.get("client_secret") {
        let known = own.secrets.iter().find(|(value, _)| value == secret);
        return match known {
            Some((_, expires_at)) if *expires_at > now => Ok(client),
            Some(_) => Err(Refusal::new(
                7_000_222,
                format!("The provided client secret keys for app '{id}' are expired."),
            )),
            None => Err(Refusal::new(
                7_000_215,
                format!(
                    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{id}'."
                ),
            )),
        };
    }
    let Some(text) = params.get("client_assertion") else {
        return Err(Refusal::new(
            7_000_218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        ));
    };
    if params.get("client_assertion_type").map(String::as_str) != Some(JWT_BEARER) {
        return Err(missing("client_assertion_type"));
    }
    let wanted = assertion::Wanted {
        audience: format!("{}/{name}/oauth2/v2.0/token", shared.login),
        client: &client,
        certificates: &own.certificates,
        now,
    };
    let jti = assertion::verify(text, &wanted)?;
    if !directory.used.insert(jti) {
        return Err(Refusal::new(700_027, "Client assertion was used before.")
            .because("the jti of the assertion was seen before"));
    }
    Ok(client)
}

/// The one resource of a scope.
fn resource(scope: &str) -> Result<String, Refusal> {
    if scope.split(' ').count() > 1 {
        return Err(Refusal::new(
            700_022,
            "The provided value for the input parameter 'scope' is not valid because it contains more than one resource.",
        ));
    }
    let resource = scope.strip_suffix("/.default").ok_or_else(|| {
        Refusal::new(
            70_011,
            format!(
                "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid."
            ),
        )
    })?;
    Ok(resource.trim_end_matches('/').to_owned())
}
