//! The webhook sender: challenges, signs, delivers, and gives up on who does not answer.
//!
//! Two things are signed with the same key: a challenge code, and `hmacsha256=` in front of a
//! body. Deliveries are tried once; they can be doubled, dropped, delayed or wrongly signed.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::sync::{Semaphore, watch};
use url::Url;

use crate::faults::Faults;
use crate::leads::Lead;
use crate::model::Owner;
use crate::oauth::is_loopback;
use crate::state::{Shared, State};

/// How long an endpoint may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// Failed validations in a row until an endpoint is blocked.
const STRIKES: u32 = 3;
/// How many attempts are remembered.
const ATTEMPTS: usize = 10_000;

/// A subscription.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) id: u64,
    pub(crate) member: String,
    pub(crate) owner: Owner,
    pub(crate) lead_type: String,
    pub(crate) webhook: String,
    pub(crate) form: Option<(u64, u32)>,
    pub(crate) associated: Option<Value>,
    pub(crate) failures: u32,
    pub(crate) blocked: bool,
    pub(crate) checked_at: i64,
}

/// One attempt to deliver, or the decision not to.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Attempt {
    pub(crate) subscription: u64,
    pub(crate) lead: String,
    pub(crate) action: String,
    /// HTTP status, or what happened instead.
    pub(crate) outcome: String,
    pub(crate) at: i64,
}

/// All subscriptions and what was sent.
#[derive(Debug)]
pub(crate) struct Hooks {
    pub(crate) subscriptions: BTreeMap<u64, Subscription>,
    pub(crate) attempts: VecDeque<Attempt>,
    next: u64,
    lanes: Arc<Semaphore>,
}

impl Default for Hooks {
    fn default() -> Hooks {
        Hooks {
            subscriptions: BTreeMap::new(),
            attempts: VecDeque::new(),
            next: 107_708,
            lanes: Arc::new(Semaphore::new(32)),
        }
    }
}

impl Hooks {
    pub(crate) fn add(&mut self, mut subscription: Subscription) -> u64 {
        subscription.id = self.next;
        self.next += 1;
        self.subscriptions.insert(subscription.id, subscription);
        self.next - 1
    }

    fn note(&mut self, attempt: Attempt) {
        if self.attempts.len() == ATTEMPTS {
            self.attempts.pop_front();
        }
        self.attempts.push_back(attempt);
    }
}

/// How one event is to be delivered, where that differs from the knobs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Delivery {
    pub(crate) copies: Option<u64>,
    pub(crate) delay_ms: Option<u64>,
    pub(crate) bad_signature: Option<bool>,
    pub(crate) drop: Option<bool>,
}

fn hmac_hex(secret: &str, parts: &[&[u8]]) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    hex::encode(mac.finalize().into_bytes())
}

/// `X-LI-Signature` of a body.
pub(crate) fn sign(secret: &str, body: &[u8]) -> String {
    hmac_hex(secret, &[b"hmacsha256=", body])
}

/// What an endpoint must answer to a challenge.
pub(crate) fn challenge_response(secret: &str, code: &str) -> String {
    hmac_hex(secret, &[code.as_bytes()])
}

/// The client all webhooks are sent with; it follows no redirects and uses no proxy.
#[expect(
    clippy::disallowed_methods,
    reason = "the sandbox shares no code with the engine"
)]
pub(crate) fn client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(PATIENCE)
        .build()
}

/// Whether LinkedIn (and this sandbox) would send anything to a URL.
pub(crate) fn url_allowed(faults: &Faults, webhook: &str) -> Result<Url, String> {
    let url = Url::parse(webhook).map_err(|error| error.to_string())?;
    let loopback = is_loopback(&url);
    match url.scheme() {
        "https" => {}
        "http" if faults.allow_http_webhooks && loopback => {}
        _ => return Err("only https is allowed".to_owned()),
    }
    if url.host_str().is_some_and(|host| host.contains("ngrok")) {
        return Err("ngrok is not allowed".to_owned());
    }
    if !loopback && !faults.allow_remote_webhooks {
        return Err(
            "this sandbox sends only to loopback unless allow_remote_webhooks is set".to_owned(),
        );
    }
    Ok(url)
}

/// Asks an endpoint to prove that it knows the secret.
pub(crate) async fn challenge(shared: &Shared, webhook: &str) -> Result<(), String> {
    let mut url = url_allowed(&shared.state().faults, webhook)?;
    let code = uuid::Uuid::new_v4().to_string();
    url.query_pairs_mut().append_pair("challengeCode", &code);
    let asked = async {
        let response = shared
            .client
            .get(url)
            .send()
            .await
            .map_err(|error| error.to_string())?;
        let status = response.status();
        let json = response
            .headers()
            .get("content-type")
            .and_then(|kind| kind.to_str().ok())
            .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/json"));
        if status != 200 || !json {
            return Err(format!("status {status}, JSON: {json}"));
        }
        let body = response.bytes().await.map_err(|error| error.to_string())?;
        serde_json::from_slice::<Value>(&body).map_err(|error| error.to_string())
    };
    let body = tokio::time::timeout(PATIENCE, asked)
        .await
        .map_err(|_| "no answer within 3 s".to_owned())??;
    if body["challengeCode"] != json!(code) {
        return Err("challengeCode is not the one sent".to_owned());
    }
    let right = challenge_response(&shared.config.client_secret, &code);
    (body["challengeResponse"] == json!(right))
        .then_some(())
        .ok_or("challengeResponse is wrong".to_owned())
}

/// The event as it is sent.
fn event(lead: &Lead, action: &str, occurred_at: i64) -> Value {
    let mut event = json!({
        "type": "LEAD_ACTION", "leadAction": action, "leadType": lead.lead_type, "occurredAt": occurred_at,
        "leadGenFormResponse": format!("urn:li:leadGenFormResponse:{}", lead.id),
        "leadGenForm": lead.form_urn(), "owner": lead.owner.json(),
    });
    // Named differently here than on the lead itself.
    match (lead.creative, lead.event) {
        (Some(id), _) => {
            event["associatedEntity"] =
                json!({ "sponsoredCreative": format!("urn:li:sponsoredCreative:{id}") });
        }
        (None, Some(id)) => {
            event["associatedEntity"] = json!({ "event": format!("urn:li:event:{id}") })
        }
        (None, None) => {}
    }
    event
}

fn wants(subscription: &Subscription, lead: &Lead) -> bool {
    subscription.owner == lead.owner
        && subscription.lead_type == lead.lead_type
        && subscription
            .form
            .is_none_or(|form| form == (lead.form, lead.version))
        && subscription
            .associated
            .as_ref()
            .is_none_or(|entity| lead.associated_entity().as_ref() == Some(entity))
}

/// Tells everybody who subscribed; answers how many deliveries are on their way.
pub(crate) fn announce(
    shared: &Arc<Shared>,
    state: &mut State,
    lead: &Lead,
    action: &str,
    how: Delivery,
) -> u64 {
    let now = state.now();
    let listeners: Vec<Subscription> = state
        .hooks
        .subscriptions
        .values()
        .filter(|known| wants(known, lead))
        .cloned()
        .collect();
    let mut sent = 0;
    for subscription in listeners {
        let allowed = state
            .world
            .may_read_leads(&subscription.member, lead.owner, &lead.lead_type)
            .is_ok();
        let silent = if subscription.blocked {
            Some("blocked")
        } else if !allowed || !state.grants.consents(&subscription.member) {
            Some("the subscribing member lost the role or revoked consent")
        } else if how
            .drop
            .unwrap_or_else(|| state.dice.rng.chance(state.faults.webhook_drop))
        {
            Some("dropped")
        } else {
            None
        };
        let attempt = |outcome: &str| Attempt {
            subscription: subscription.id,
            lead: lead.id.clone(),
            action: action.to_owned(),
            outcome: outcome.to_owned(),
            at: now,
        };
        if let Some(reason) = silent {
            state.hooks.note(attempt(reason));
            continue;
        }
        let event = event(lead, action, now);
        let body = if state.faults.webhook_array {
            json!([event])
        } else {
            event
        }
        .to_string();
        let bad = how
            .bad_signature
            .unwrap_or_else(|| state.dice.rng.chance(state.faults.webhook_bad_signature));
        let secret = &shared.config.client_secret;
        let signature = if bad {
            sign("not the secret", body.as_bytes())
        } else {
            sign(secret, body.as_bytes())
        };
        let doubled = state.dice.rng.chance(state.faults.webhook_duplicate);
        for _ in 0..how.copies.unwrap_or(1 + u64::from(doubled)) {
            let delay = how
                .delay_ms
                .unwrap_or_else(|| state.dice.rng.below(state.faults.webhook_delay_ms + 1));
            let parcel = Parcel {
                url: subscription.webhook.clone(),
                body: body.clone(),
                signature: signature.clone(),
                delay,
            };
            tokio::spawn(deliver(Arc::clone(shared), parcel, attempt("")));
            sent += 1;
        }
    }
    sent
}

struct Parcel {
    url: String,
    body: String,
    signature: String,
    delay: u64,
}

async fn deliver(shared: Arc<Shared>, parcel: Parcel, mut attempt: Attempt) {
    tokio::time::sleep(Duration::from_millis(parcel.delay)).await;
    let lanes = Arc::clone(&shared.state().hooks.lanes);
    let _lane = lanes.acquire().await;
    let request = shared
        .client
        .post(&parcel.url)
        .header("content-type", "application/json");
    let sent = request
        .header("x-li-signature", parcel.signature)
        .body(parcel.body)
        .send()
        .await;
    attempt.outcome = match sent {
        Ok(response) => response.status().as_u16().to_string(),
        Err(error) => error.without_url().to_string(),
    };
    let mut state = shared.state();
    attempt.at = state.now();
    state.hooks.note(attempt);
}

/// Validates the endpoints whose time has come (or all), and blocks who failed three times.
pub(crate) async fn revalidate(shared: &Shared, all: bool) -> Vec<(u64, Result<(), String>)> {
    let due: Vec<(u64, String)> = {
        let mut state = shared.state();
        let now = state.now();
        let interval = state.faults.webhook_revalidate_seconds * 1000;
        let due = state.hooks.subscriptions.values_mut().filter(|known| {
            all || (interval > 0 && !known.blocked && now >= known.checked_at + interval)
        });
        due.map(|known| {
            known.checked_at = now;
            (known.id, known.webhook.clone())
        })
        .collect()
    };
    let mut results = Vec::new();
    for (id, webhook) in due {
        let result = challenge(shared, &webhook).await;
        if let Some(known) = shared.state().hooks.subscriptions.get_mut(&id) {
            known.failures = if result.is_ok() {
                0
            } else {
                known.failures + 1
            };
            known.blocked = known.failures >= STRIKES;
        }
        results.push((id, result));
    }
    results
}

/// Runs the validation timer until told to stop.
pub(crate) async fn revalidate_forever(shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(Duration::from_millis(100)) => {}
        }
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            _ = revalidate(&shared, false) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "sandbox-client-secret";

    #[test]
    fn the_vectors_of_the_specification() {
        assert_eq!(
            challenge_response(SECRET, "890e4665-4dfe-4ab1-b689-ed553bceeed0"),
            "851189724799fa45e83f5ac7f1a84b31755f65660a4020674d49d4798a5a506d"
        );
        assert_eq!(
            sign(SECRET, br#"{"type":"LEAD_ACTION","leadAction":"CREATED"}"#),
            "c2e2419ca6191164c3c02598038e5e37f3f2d6264884dd7ccc20d160e595f7c5"
        );
    }

    #[test]
    fn only_https_or_loopback_and_never_ngrok() {
        let mut faults = Faults::default();
        assert!(url_allowed(&faults, "http://127.0.0.1:3000/hook").is_ok());
        assert!(url_allowed(&faults, "http://hooks.example.com/li").is_err());
        assert!(url_allowed(&faults, "https://hooks.example.com/li").is_err());
        faults.allow_remote_webhooks = true;
        faults.allow_http_webhooks = false;
        assert!(url_allowed(&faults, "https://hooks.example.com/li").is_ok());
        assert!(url_allowed(&faults, "https://x.ngrok.io/li").is_err());
        assert!(url_allowed(&faults, "http://127.0.0.1:3000/hook").is_err());
    }
}
