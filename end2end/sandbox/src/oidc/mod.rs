//! An OpenID provider: the stand-in for a company's own single sign-on.
//!
//! It is written from OpenID Connect Core and Discovery 1.0, RFC 6749, PKCE (RFC 7636, required
//! here, S256 alone), the issuer in the answer (RFC 9207) and RP-Initiated Logout 1.0. Nobody types a password at it: the
//! control API says who is signed in, what is told about them, and what is wrong with the answers.

mod authorize;
mod end_session;
mod keys;
mod token;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::page;
use crate::server::{Call, Reply};
use crate::state::{Shared, State};
use keys::Key;

/// Who is signed in at the provider, and how it misbehaves.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Wish {
    /// What the ID token says about the person, `sub` among it. Empty: nobody is signed in.
    claims: Map<String, Value>,
    /// What only the userinfo endpoint says.
    userinfo: Map<String, Value>,
    /// What is wrong with the answers.
    fault: Option<Fault>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Fault {
    /// The person cancels.
    Refused,
    /// The answer names another issuer, as after a mix-up of two providers.
    ForeignIssuerInAnswer,
    /// The answer names no issuer, though discovery promises it.
    NoIssuerInAnswer,
    /// The discovery document is that of another issuer.
    ForeignDiscovery,
    /// The ID token answers another request.
    WrongNonce,
    /// The ID token answers no request in particular.
    NoNonce,
    /// The ID token is for another application.
    WrongAudience,
    /// The ID token is for this application and another one.
    ForeignAudience,
    /// The ID token was given to another application.
    WrongParty,
    /// The ID token is of another issuer.
    WrongIssuer,
    /// The ID token's time is over.
    Expired,
    /// The signature is not that of these claims.
    WrongSignature,
    /// The key that signed is not among the published ones.
    UnknownKey,
    /// The ID token is not signed.
    Unsigned,
    /// The ID token is signed with the client's secret, which is not what was agreed on.
    SignedWithSecret,
    /// The access token is another one than the ID token vouches for.
    WrongAccessToken,
    /// There is no ID token.
    NoIdToken,
    /// Discovery names no place to sign out.
    NoEndSession,
    /// The userinfo endpoint speaks of somebody else.
    ForeignUserinfo,
}

/// A code that was given out and not yet used.
#[derive(Debug)]
struct Code {
    redirect_uri: String,
    challenge: String,
    nonce: String,
    scopes: Vec<String>,
    expires_at: i64,
}

/// The provider.
#[derive(Debug)]
pub(crate) struct Provider {
    wish: Wish,
    /// `None` only if the stand-in's own key were damaged.
    key: Option<Key>,
    codes: HashMap<String, Code>,
    tokens: HashMap<String, Vec<String>>,
    /// The ID tokens that were given out, by which it knows whom to sign out.
    id_tokens: HashSet<String>,
}

impl Provider {
    pub(crate) fn new() -> Provider {
        Provider {
            wish: Wish::default(),
            key: Key::first(),
            codes: HashMap::new(),
            tokens: HashMap::new(),
            id_tokens: HashSet::new(),
        }
    }

    /// The control API's `oidc`: all of it is replaced.
    pub(crate) fn set(&mut self, wish: Value) -> Result<Value, String> {
        self.wish = serde_json::from_value(wish).map_err(|error| error.to_string())?;
        Ok(json!(self.wish))
    }

    /// The control API's `oidc/rotate`: from now on another key signs, and the old one is gone.
    pub(crate) fn rotate(&mut self) -> Value {
        self.key = self.key.as_ref().and_then(Key::next);
        json!({ "kid": self.key.as_ref().map(Key::id) })
    }

    fn has(&self, fault: Fault) -> bool {
        self.wish.fault == Some(fault)
    }

    /// What these scopes let an application know out of some claims.
    fn visible(&self, claims: &Map<String, Value>, scopes: &[String]) -> Map<String, Value> {
        let asked = |scope: &str| scopes.iter().any(|asked| asked == scope);
        let told = |name: &str| match name {
            "email" | "email_verified" => asked("email"),
            "name" | "given_name" | "family_name" => asked("profile"),
            _ => true,
        };
        let claims = claims.iter().filter(|(name, _)| told(name));
        claims
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}

fn issuer(shared: &Shared) -> String {
    format!("{}/oidc", shared.base)
}

/// Everything below `/oidc/`.
pub(crate) fn handle(shared: &Arc<Shared>, call: &Call) -> Reply {
    let mut guard = shared.state();
    let state = &mut *guard;
    let reply = match (call.path.as_str(), &call.method) {
        ("/oidc/.well-known/openid-configuration", &Method::GET) => discovery(shared, state),
        ("/oidc/jwks", &Method::GET) => {
            let keys: Vec<Value> = state.oidc.key.iter().map(Key::jwk).collect();
            Reply::json(200, &json!({ "keys": keys }))
        }
        ("/oidc/authorize", &Method::GET) => authorize::authorize(shared, state, call),
        ("/oidc/token", &Method::POST) => token::token(shared, state, call),
        ("/oidc/userinfo", &Method::GET) => userinfo(state, call),
        ("/oidc/end-session", &Method::GET | &Method::POST) => {
            end_session::end_session(shared, state, call)
        }
        _ => page::failed(404, "Not here", "The OpenID provider has no such page."),
    };
    reply.with("cache-control", "no-store")
}

fn discovery(shared: &Shared, state: &State) -> Reply {
    let issuer = issuer(shared);
    let named = match state.oidc.has(Fault::ForeignDiscovery) {
        true => "https://elsewhere.example".to_owned(),
        false => issuer.clone(),
    };
    let mut document = json!({
        "issuer": named,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        // More than it uses: the client must not let the token choose the weakest.
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": ["openid", "profile", "email"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    });
    if !state.oidc.has(Fault::NoEndSession) {
        document["end_session_endpoint"] = json!(format!("{issuer}/end-session"));
    }
    Reply::json(200, &document)
}

fn userinfo(state: &State, call: &Call) -> Reply {
    let oidc = &state.oidc;
    let bearer = call.header("authorization").unwrap_or_default();
    let token = bearer.strip_prefix("Bearer ").unwrap_or_default();
    let Some(scopes) = oidc.tokens.get(token) else {
        return Reply::json(401, &json!({ "error": "invalid_token" }))
            .with("www-authenticate", "Bearer error=\"invalid_token\"");
    };
    let mut claims = oidc.visible(&oidc.wish.claims, scopes);
    claims.extend(oidc.visible(&oidc.wish.userinfo, scopes));
    if oidc.has(Fault::ForeignUserinfo) {
        claims.insert("sub".to_owned(), json!("somebody-else"));
    }
    Reply::json(200, &Value::Object(claims))
}
