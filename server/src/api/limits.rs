//! How often a token may ask, and how often an address may show a wrong one.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use super::problem::Problem;

/// How many wrong tokens an address may show in a minute.
const REFUSALS: NonZeroU32 = NonZeroU32::new(300).expect("not zero");
/// Beyond so many keys those that rest are forgotten.
const KEYS: usize = 10_000;

type Keyed<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// What was used of the limits; each server counts for itself.
pub struct Limits {
    tokens: Keyed<i64>,
    refusals: Keyed<IpAddr>,
    clock: DefaultClock,
    per_minute: NonZeroU32,
}

/// What is left to a token.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    per_minute: NonZeroU32,
    left: u32,
}

/// Somebody asked too often.
#[derive(Debug)]
pub struct Later {
    seconds: u64,
    detail: &'static str,
    policy: Option<NonZeroU32>,
}

impl Limits {
    /// Nothing used yet.
    #[must_use]
    pub fn new(per_minute: NonZeroU32) -> Limits {
        Limits {
            tokens: keyed(per_minute),
            refusals: keyed(REFUSALS),
            clock: DefaultClock::default(),
            per_minute,
        }
    }

    /// Takes one request of a token's.
    ///
    /// # Errors
    /// When there is none left.
    pub fn take(&self, token: i64) -> Result<Allowance, Later> {
        forget(&self.tokens);
        let (clock, per_minute) = (&self.clock, self.per_minute);
        match self.tokens.check_key(&token) {
            Ok(state) => Ok(Allowance {
                per_minute,
                left: state.remaining_burst_capacity(),
            }),
            Err(not_until) => Err(Later {
                seconds: seconds(not_until.wait_time_from(clock.now())),
                detail: "This token has asked too often. `Retry-After` says when it may again.",
                policy: Some(per_minute),
            }),
        }
    }

    /// Counts a refusal of an address.
    ///
    /// # Errors
    /// When there were too many.
    pub fn refuse(&self, from: IpAddr) -> Result<(), Later> {
        forget(&self.refusals);
        match self.refusals.check_key(&from) {
            Ok(_) => Ok(()),
            Err(not_until) => Err(Later {
                seconds: seconds(not_until.wait_time_from(self.clock.now())),
                detail: "Too many requests without a valid token came from this address.",
                policy: None,
            }),
        }
    }
}

fn keyed<K: std::hash::Hash + Eq + Clone>(per_minute: NonZeroU32) -> Keyed<K> {
    RateLimiter::dashmap(Quota::per_minute(per_minute))
        .with_middleware::<StateInformationMiddleware>()
}

fn forget<K: std::hash::Hash + Eq + Clone>(limiter: &Keyed<K>) {
    if limiter.len() > KEYS {
        limiter.retain_recent();
    }
}

/// Begun seconds count as whole ones.
fn seconds(wait: std::time::Duration) -> u64 {
    wait.as_secs() + 1
}

/// Who asks, as far as the network knows.
#[must_use]
pub fn address(extensions: &Extensions) -> IpAddr {
    let from = extensions.get::<ConnectInfo<SocketAddr>>();
    from.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |from| from.0.ip())
}

impl Allowance {
    /// Says in an answer what is left.
    pub fn tell(self, headers: &mut HeaderMap) {
        policy(headers, self.per_minute, self.left);
    }
}

/// `RateLimit-Policy` and `RateLimit`, as in the IETF's draft.
fn policy(headers: &mut HeaderMap, per_minute: NonZeroU32, left: u32) {
    let pairs = [
        ("ratelimit-policy", format!("\"token\";q={per_minute};w=60")),
        ("ratelimit", format!("\"token\";r={left}")),
    ];
    for (name, value) in pairs {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
}

impl IntoResponse for Later {
    fn into_response(self) -> Response {
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, self.detail);
        let mut response = problem.into_response();
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(self.seconds));
        if let Some(per_minute) = self.policy {
            policy(headers, per_minute, 0);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_may_ask_as_often_as_its_limit_says_and_another_one_too() {
        let limits = Limits::new(NonZeroU32::new(3).unwrap());
        let left = |token| limits.take(token).map(|allowance| allowance.left).ok();
        assert_eq!(
            [left(1), left(1), left(1), left(1)],
            [Some(2), Some(1), Some(0), None]
        );
        assert_eq!(left(2), Some(2));
        let later = limits.take(1).unwrap_err().into_response();
        assert_eq!(later.status(), StatusCode::TOO_MANY_REQUESTS);
        let seconds = later.headers()[header::RETRY_AFTER].to_str().unwrap();
        assert!(
            (1..=21).contains(&seconds.parse::<u64>().unwrap()),
            "{seconds}"
        );
    }
}
