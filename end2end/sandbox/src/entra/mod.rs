//! Entra ID, as far as an application needs it that signs in as itself: discovery of a tenant and
//! the token endpoint with a secret or a certificate (specification 1.1 to 1.4).
//!
//! Access tokens are opaque: nobody but the organization of this process reads them.

mod assertion;
mod refusal;
mod token;

use std::collections::{HashMap, HashSet};

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::dynamics::known;
use crate::dynamics::state::{Shared, State};
use crate::server::{Call, Reply};
use refusal::Refusal;
pub(crate) use refusal::refusal;

/// An application as registered in its tenant.
#[derive(Debug)]
pub(crate) struct Application {
    pub(crate) client: String,
    tenant: String,
    /// Each with the time it expires at.
    secrets: Vec<(String, i64)>,
    /// As DER.
    certificates: Vec<Vec<u8>>,
}

/// What an access token stands for.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) client: String,
    pub(crate) resource: String,
    pub(crate) expires_at: i64,
}

/// Tenants, applications and the tokens they were given.
#[derive(Debug)]
pub(crate) struct Directory {
    applications: Vec<Application>,
    tokens: HashMap<String, Token>,
    /// `jti` of assertions that were used.
    used: HashSet<String>,
}

/// The id of a tenant that an address names by id or by domain.
fn tenant(name: &str) -> Option<&'static str> {
    let is = |known: &str| known.eq_ignore_ascii_case(name);
    if is(known::TENANT) || is(known::TENANT_DOMAIN) {
        return Some(known::TENANT);
    }
    is(known::OTHER_TENANT).then_some(known::OTHER_TENANT)
}

impl Directory {
    pub(crate) fn new(now: i64) -> Directory {
        let application = |client: &str, tenant: &str| Application {
            client: client.to_owned(),
            tenant: tenant.to_owned(),
            secrets: vec![(known::SECRET.to_owned(), i64::MAX)],
            certificates: Vec::new(),
        };
        let mut applications = vec![
            application(known::CLIENT, known::TENANT),
            application(known::STRANGER, known::TENANT),
            application(known::ROLELESS, known::TENANT),
            application(known::READER, known::TENANT),
            application(known::CUSTOMIZER, known::TENANT),
            application(known::WANDERER, known::OTHER_TENANT),
        ];
        applications[0]
            .secrets
            .push((known::EXPIRED_SECRET.to_owned(), now - 1));
        Directory {
            applications,
            tokens: HashMap::new(),
            used: HashSet::new(),
        }
    }

    fn application(&self, client: &str, tenant: &str) -> Option<&Application> {
        let mut known = self.applications.iter();
        known.find(|own| own.client.eq_ignore_ascii_case(client) && own.tenant == tenant)
    }

    /// What a token stands for, if it was given out here, expired or not.
    pub(crate) fn token(&self, token: &str) -> Option<&Token> {
        self.tokens.get(token)
    }

    /// A new access token for a resource.
    pub(crate) fn issue(&mut self, token: Token) -> String {
        let [a, b, c] = [Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4()]
            .map(|id| BASE64URL.encode(id.as_bytes()));
        let text = format!("eyJ0eXAiOiJKV1QifQ.{a}{b}.{c}");
        self.tokens.insert(text.clone(), token);
        text
    }

    /// Ends all tokens; answers how many still counted.
    pub(crate) fn expire(&mut self, now: i64) -> usize {
        let alive = self.tokens.values_mut().filter(|own| own.expires_at > now);
        alive.map(|own| own.expires_at = now).count()
    }

    /// Changes an application: the control API's `applications`.
    pub(crate) fn register(&mut self, wish: &Value, now: i64) -> Result<Value, String> {
        let client = wish["client"].as_str().unwrap_or(known::CLIENT).to_owned();
        let own = self.applications.iter_mut();
        let own = own.filter(|own| own.client == client).last();
        let own = own.ok_or("no such application")?;
        if let Some(secret) = wish["secret"].as_str() {
            let life = wish["expires_in"].as_i64().unwrap_or(i64::from(u32::MAX));
            own.secrets.push((secret.to_owned(), now + life * 1000));
        }
        if let Some(secret) = wish["remove_secret"].as_str() {
            own.secrets.retain(|(value, _)| value != secret);
        }
        if let Some(pem) = wish["certificate"].as_str() {
            let der = assertion::certificate(pem).ok_or("certificate is no PEM certificate")?;
            own.certificates.push(der);
        }
        Ok(
            json!({ "client": client, "secrets": own.secrets.len(), "certificates": own.certificates.len() }),
        )
    }
}

/// The name of an endpoint for the journal and for injected errors.
pub(crate) fn endpoint(call: &Call) -> String {
    let resource = call.path.rsplit('/').next().unwrap_or_default();
    format!("{} {resource}", call.method)
}

/// Everything on Entra ID's port; an injected kind is answered instead.
pub(crate) fn handle(
    shared: &Shared,
    state: &mut State,
    call: &Call,
    injected: Option<&str>,
) -> Reply {
    let now = state.now();
    let answered = match injected.and_then(refusal) {
        Some(refusal) => Err(refusal),
        None => route(shared, state, call),
    };
    let mut reply = answered.unwrap_or_else(|refusal| {
        let mut reply = refusal.reply(now);
        reply.endpoint = format!("AADSTS{}", refusal.number);
        reply
    });
    reply = reply
        .with("cache-control", "no-store, no-cache")
        .with("x-ms-request-id", Uuid::new_v4().to_string());
    if call.header("return-client-request-id") == Some("true")
        && let Some(id) = call.header("client-request-id")
    {
        reply = reply.with("client-request-id", id.to_owned());
    }
    reply
}

fn route(shared: &Shared, state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let segments: Vec<&str> = call.path.trim_matches('/').split('/').collect();
    match (segments.as_slice(), &call.method) {
        ([tenant, "v2.0", ".well-known", "openid-configuration"], &Method::GET) => {
            discovery(shared, tenant)
        }
        ([tenant, "oauth2", "v2.0", "token"], &Method::POST) => {
            token::token(shared, state, call, tenant)
        }
        ([_, "oauth2", "v2.0", "token"], _) => Ok(Reply::empty(405)),
        _ => Ok(Reply::new(404, "text/html", "<html>Not found</html>")),
    }
}

fn unknown_tenant(name: &str) -> Refusal {
    Refusal::new(
        90_002,
        format!(
            "Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."
        ),
    )
}

fn discovery(shared: &Shared, name: &str) -> Result<Reply, Refusal> {
    let common = ["common", "organizations", "consumers"].contains(&name);
    let Some(id) = (if common { Some(name) } else { tenant(name) }) else {
        let mut refusal = unknown_tenant(name);
        refusal.error = "invalid_tenant";
        return Err(refusal);
    };
    let base = format!("{}/{id}", shared.login);
    Ok(Reply::json(
        200,
        &json!({
            "token_endpoint": format!("{base}/oauth2/v2.0/token"),
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": format!("{base}/discovery/v2.0/keys"),
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": format!("{base}/v2.0"),
            "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
            "tenant_region_scope": "EU",
        }),
    ))
}
