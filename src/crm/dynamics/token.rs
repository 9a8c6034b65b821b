//! Tokens of Entra ID: one is kept until shortly before it ends, and one request at most is under
//! way for the next (specification 1.1 to 1.4).

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use time::OffsetDateTime;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::assertion::Signer;
use super::connection::{Connection, Credential};
use super::entra::Refusal;
use super::failure::{Class, Failure};
use super::refusal::{request_id, retry_after};
use crate::error::Result;
use crate::http::{self as web, Client, Limits, Trouble};

/// How long before its end a token is replaced, at most.
const EARLY: Duration = Duration::from_secs(300);
/// How long Entra ID is left alone after it failed while the old token still counts.
const REST: Duration = Duration::from_secs(30);
/// What the endpoint is called in failures.
const CALL: &str = "POST token";
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A token, and which of all it is.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) text: SecretString,
    pub(super) number: u64,
}

/// Gets tokens and keeps the last one.
#[derive(Debug)]
pub(super) struct Keeper {
    client: Client,
    limits: Limits,
    url: Url,
    client_id: String,
    scope: String,
    proof: Proof,
    state: Mutex<State>,
    /// How many requests have ended: whoever waited while one failed gets its failure.
    ended: std::sync::atomic::AtomicU64,
}

#[derive(Debug)]
enum Proof {
    Secret(SecretString),
    Certificate(Box<Signer>),
}

#[derive(Debug, Default)]
struct State {
    kept: Option<Kept>,
    number: u64,
    failure: Option<Arc<Failure>>,
    /// No request goes out before, because Entra ID asked for it or has just failed.
    not_before: Option<Instant>,
}

#[derive(Debug)]
struct Kept {
    token: Token,
    ends: Instant,
    replace: Instant,
}

/// What Entra ID answers.
#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: u64,
}

impl Keeper {
    pub(super) fn new(connection: &Connection, limits: Limits) -> Result<Keeper> {
        let url = connection.token_url()?;
        Ok(Keeper {
            client: web::client(&connection.authority, limits)?,
            limits,
            client_id: connection.client_id.clone(),
            scope: connection.scope(),
            proof: match &connection.credential {
                Credential::Secret(secret) => Proof::Secret(secret.clone()),
                Credential::Certificate {
                    certificate_pem,
                    private_key_pem,
                } => Proof::Certificate(Box::new(Signer::new(certificate_pem, private_key_pem)?)),
            },
            url,
            state: Mutex::default(),
            ended: 0.into(),
        })
    }

    /// A token that counts; any but the one with this number, which was refused.
    ///
    /// # Errors
    /// When Entra ID gives none.
    pub(super) async fn token(&self, refused: Option<u64>) -> Result<Token, Failure> {
        use std::sync::atomic::Ordering::{Acquire, Release};
        let before = self.ended.load(Acquire);
        let mut state = self.state.lock().await;
        let now = Instant::now();
        let last = state.kept.as_ref().map(|kept| kept.token.number);
        if refused.is_some() && last == refused {
            state.kept = None;
        }
        let kept = state.kept.as_ref().filter(|kept| now < kept.ends);
        let resting = state.not_before.is_some_and(|time| now < time);
        if let Some(kept) = kept.filter(|kept| now < kept.replace || resting) {
            return Ok(kept.token.clone());
        }
        let waited = before != self.ended.load(Acquire);
        if let Some(failure) = state.failure.as_ref().filter(|_| waited || resting) {
            return Err(Failure::clone(failure));
        }
        let got = self.ask().await;
        self.ended.fetch_add(1, Release);
        state.keep(got)
    }

    async fn ask(&self) -> Result<Answer, Failure> {
        let mut form = vec![
            ("client_id", self.client_id.clone()),
            ("grant_type", "client_credentials".to_owned()),
        ];
        match &self.proof {
            Proof::Secret(secret) => {
                form.push(("client_secret", secret.expose_secret().to_owned()));
            }
            Proof::Certificate(signer) => {
                let now = OffsetDateTime::now_utc().unix_timestamp();
                let assertion = signer.assertion(self.url.as_str(), &self.client_id, now);
                let cannot = |_| {
                    failure(
                        Class::Bug,
                        "The certificate's key cannot sign. Give Leadline another certificate on the CRM page.",
                    )
                };
                form.push(("client_assertion_type", JWT_BEARER.to_owned()));
                form.push(("client_assertion", assertion.map_err(cannot)?));
            }
        }
        form.push(("scope", self.scope.clone()));
        let request = self.client.request(Method::POST, self.url.clone());
        let request = request.map_err(lost)?.form(&form);
        let request = request.header(header::ACCEPT, "application/json").build();
        let request = request.map_err(|_| lost(Trouble::Elsewhere))?;
        let response = self.client.execute(request).await.map_err(lost)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = web::body(response, self.limits).await;
        read(status, &headers, body)
    }
}

impl State {
    /// Keeps a new token; a failure leaves the old one until it ends.
    fn keep(&mut self, got: Result<Answer, Failure>) -> Result<Token, Failure> {
        let now = Instant::now();
        match got {
            Ok(answer) => {
                let life = Duration::from_secs(answer.expires_in);
                self.number += 1;
                let token = Token {
                    text: answer.access_token.into(),
                    number: self.number,
                };
                self.kept = Some(Kept {
                    token: token.clone(),
                    ends: now + life,
                    replace: now + life.saturating_sub(EARLY.min(life / 4)),
                });
                (self.failure, self.not_before) = (None, None);
                Ok(token)
            }
            Err(failure) => {
                self.failure = Some(Arc::new(failure.clone()));
                let old = self.kept.as_ref().filter(|kept| now < kept.ends);
                let rest = failure.retry_after.or(old.map(|_| REST));
                self.not_before = rest.map(|rest| now + rest);
                old.map(|kept| kept.token.clone()).ok_or(failure)
            }
        }
    }
}

fn read(
    status: StatusCode,
    headers: &HeaderMap,
    body: Result<Vec<u8>, Trouble>,
) -> Result<Answer, Failure> {
    if status.is_success() {
        let body = body.map_err(lost)?;
        return serde_json::from_slice(&body).map_err(|_| {
            failure(Class::Retry, "The sign-in address answers with something else than a token. Leadline tries again by itself; if this lasts, check the address, and any proxy in between.")
        });
    }
    // A refusal counts even when its body is lost.
    let refusal = Refusal::read(&body.unwrap_or_default());
    let (class, said) = refusal.verdict(status.as_u16());
    Err(Failure {
        status: Some(status.as_u16()),
        code: refusal.code(),
        retry_after: retry_after(headers),
        request_id: request_id(headers),
        ..failure(class, said)
    })
}

fn failure(class: Class, said: &'static str) -> Failure {
    Failure::new(class, CALL, said)
}

fn lost(trouble: Trouble) -> Failure {
    let (class, said) = match trouble {
        Trouble::Unreachable => (
            Class::Retry,
            "Entra ID cannot be reached. Leadline tries again by itself; if this lasts, check the network and any proxy in between.",
        ),
        Trouble::TimedOut => (
            Class::Retry,
            "Entra ID did not answer in time. Leadline tries again by itself.",
        ),
        Trouble::CutOff => (
            Class::Retry,
            "The connection to Entra ID broke. Leadline tries again by itself.",
        ),
        Trouble::TooLarge | Trouble::Elsewhere => (
            Class::Bug,
            "The sign-in address cannot be used. Report it with what the log says.",
        ),
    };
    failure(class, said)
}
