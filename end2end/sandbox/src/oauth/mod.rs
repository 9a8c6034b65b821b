//! OAuth 2.0 as LinkedIn does it: consent, codes, tokens, refreshing, introspection.
//!
//! Particular to LinkedIn: consent is all or nothing; asking for another set of scopes kills every
//! earlier token of the member; the life of a refresh token is counted from the first consent and
//! never grows; one error text stands for three causes.

mod consent;
mod tokens;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::http::Method;
use rand::Rng as _;
use serde::{Deserialize, Serialize};

pub(crate) use consent::{is_loopback, redirect_allowed};
pub(crate) use tokens::mint_directly;

use crate::errors::ApiError;
use crate::server::{Call, Reply};
use crate::state::Shared;

/// How long a code may wait, in milliseconds.
const CODE_LIFE: i64 = 30 * 60 * 1000;

type Scopes = BTreeSet<String>;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Code {
    member: String,
    client: String,
    redirect_uri: String,
    scopes: Scopes,
    expires_at: i64,
    used: bool,
}

/// An access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Token {
    pub(crate) member: String,
    pub(crate) client: String,
    pub(crate) scopes: Scopes,
    pub(crate) created_at: i64,
    authorized_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) usable_from: i64,
    pub(crate) revoked: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Refresh {
    member: String,
    client: String,
    scopes: Scopes,
    authorized_at: i64,
    expires_at: i64,
    revoked: bool,
}

/// All codes and tokens ever given out.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(crate) struct Grants {
    codes: HashMap<String, Code>,
    tokens: HashMap<String, Token>,
    refresh: HashMap<String, Refresh>,
}

impl Grants {
    pub(crate) fn token(&self, token: &str) -> Option<&Token> {
        self.tokens.get(token)
    }

    /// Counts for the control API: tokens, of which revoked.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (
            self.tokens.len(),
            self.tokens.values().filter(|token| token.revoked).count(),
        )
    }

    /// Whether the member still has a token that was not revoked.
    pub(crate) fn consents(&self, member: &str) -> bool {
        self.tokens
            .values()
            .any(|token| token.member == member && !token.revoked)
    }

    /// Revokes what a member (or everybody) gave; says how many access tokens that were.
    pub(crate) fn revoke(&mut self, member: Option<&str>) -> usize {
        for refresh in self
            .refresh
            .values_mut()
            .filter(|refresh| member.is_none_or(|key| refresh.member == key))
        {
            refresh.revoked = true;
        }
        let tokens = self
            .tokens
            .values_mut()
            .filter(|token| member.is_none_or(|key| token.member == key));
        tokens.map(|token| token.revoked = true).count()
    }

    /// Lets the access tokens of a member (or of everybody) expire now.
    pub(crate) fn expire(&mut self, member: Option<&str>, now: i64) -> usize {
        let tokens = self
            .tokens
            .values_mut()
            .filter(|token| member.is_none_or(|key| token.member == key));
        tokens
            .map(|token| token.expires_at = token.expires_at.min(now))
            .count()
    }

    /// Consent to another set of scopes kills what was given before.
    fn forget_other_scopes(&mut self, member: &str, client: &str, scopes: &Scopes) {
        for token in self.tokens.values_mut() {
            token.revoked |=
                token.member == member && token.client == client && token.scopes != *scopes;
        }
        for refresh in self.refresh.values_mut() {
            refresh.revoked |=
                refresh.member == member && refresh.client == client && refresh.scopes != *scopes;
        }
    }
}

/// A secret of LinkedIn's usual length.
fn secret(prefix: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut rng = rand::rng();
    let tail = (0..497).map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())]));
    prefix.chars().chain(tail).collect()
}

fn joined(scopes: &Scopes) -> String {
    scopes
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(",")
}

/// Everything below `/oauth/`.
pub(crate) fn handle(shared: &Arc<Shared>, call: &Call) -> Reply {
    let reply = match (call.path.as_str(), &call.method) {
        ("/oauth/v2/authorization", &Method::GET | &Method::POST) => {
            consent::authorization(shared, call)
        }
        ("/oauth/v2/accessToken", &Method::POST) => tokens::access_token(shared, call),
        ("/oauth/v2/introspectToken", &Method::POST) => tokens::introspect(shared, call),
        _ => Reply::error(&ApiError::no_resource()),
    };
    // The consent page sets its own rules; everything here is not for keeping.
    reply.with("cache-control", "no-store")
}

/// Parameters in form encoding.
pub(crate) fn form(raw: &[u8]) -> HashMap<String, String> {
    url::form_urlencoded::parse(raw).into_owned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_five_hundred_characters_and_differ() {
        assert_eq!(secret("AQX").len(), 500);
        assert_ne!(secret("AQX"), secret("AQX"));
    }
}
