//! LinkedIn's refusals, told apart.
//!
//! The HTTP status decides, then the code, then the service error code. Texts may change at any
//! time, so they decide nothing but whose daily quota is used up.

use serde_json::Value;

use super::failure::{Endpoint, Failure, Kind, Whose};
use super::json::{at, number};

/// Pages are never asked for with fewer places than this because of a refusal.
pub const SMALLEST_PAGE: u64 = 10;

/// The parts of a refusal that matter.
#[derive(Debug, Clone, Copy, Default)]
pub struct Refusal<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The header `X-LI-UUID`.
    pub li_uuid: Option<&'a str>,
    /// The header `Retry-After`.
    pub retry_after: Option<&'a str>,
    /// Whether LinkedIn's gateway refused it, before any resource saw it.
    pub gateway: bool,
    /// The body.
    pub body: &'a str,
    /// How many places the page had that was asked for.
    pub page_size: Option<u64>,
}

impl Failure {
    /// A refusal of LinkedIn's.
    #[must_use]
    pub fn refused(endpoint: Endpoint, refusal: &Refusal) -> Failure {
        let body: Value = serde_json::from_str(refusal.body).unwrap_or_default();
        let code = at(&body, &["code"]).and_then(Value::as_str).and_then(word);
        let service = at(&body, &["serviceErrorCode"]).and_then(number);
        let said = Said {
            code: code.as_deref().unwrap_or_default(),
            service: service.unwrap_or_default(),
            message: at(&body, &["message"])
                .and_then(Value::as_str)
                .unwrap_or_default(),
        };
        Failure {
            kind: classify(refusal, &said),
            status: Some(refusal.status),
            service_error_code: service,
            li_uuid: refusal.li_uuid.and_then(word),
            retry_after: refusal.retry_after.and_then(retry_after),
            code,
            ..Failure::new(Kind::Refused, endpoint)
        }
    }
}

struct Said<'a> {
    code: &'a str,
    service: i64,
    message: &'a str,
}

fn classify(refusal: &Refusal, said: &Said) -> Kind {
    match refusal.status {
        300..=399 => Kind::Redirected,
        400 => bad_request(refusal, said),
        401 => unauthorized(said),
        403 => forbidden(refusal, said),
        404 if said.code == "RESOURCE_NOT_FOUND" => Kind::NoSuchCall,
        404 => Kind::Gone,
        408 => Kind::ServerTrouble,
        409 => Kind::Conflict,
        426 => Kind::VersionGone,
        429 => too_many(said),
        501 => Kind::NotImplemented,
        500..=599 => Kind::ServerTrouble,
        _ => Kind::Refused,
    }
}

/// LinkedIn does not say how many places a page may have, and refuses too many like anything else.
fn bad_request(refusal: &Refusal, said: &Said) -> Kind {
    let large = refusal.page_size.is_some_and(|size| size > SMALLEST_PAGE);
    match said.code {
        "" | "INVALID_VALUE_FOR_FIELD" | "ILLEGAL_ARGUMENT" if large => Kind::PageRefused,
        _ => Kind::BadRequest,
    }
}

fn unauthorized(said: &Said) -> Kind {
    match (said.code, said.service) {
        ("EMPTY_ACCESS_TOKEN", _) => Kind::TokenEmpty,
        ("INVALID_ACCESS_TOKEN", _) => Kind::TokenInvalid,
        ("REVOKED_ACCESS_TOKEN", _) => Kind::TokenRevoked,
        ("EXPIRED_ACCESS_TOKEN", _) => Kind::TokenExpired,
        (_, 65_600) => Kind::TokenInvalid,
        (_, 65_601) => Kind::TokenRevoked,
        (_, 65_602) => Kind::TokenExpired,
        _ => Kind::Unauthorized,
    }
}

fn forbidden(refusal: &Refusal, said: &Said) -> Kind {
    match said.code {
        "ACCESS_DENIED" => Kind::ScopeMissing,
        "NO_PERMISSION_ON_ENTITY" | "NO_PERMISSION_ON_FIELD" | "NO_PERMISSION_TO_UPDATE" => {
            Kind::RoleMissing
        }
        _ if said.service == 100 || refusal.gateway => Kind::ScopeMissing,
        _ => Kind::RoleMissing,
    }
}

fn too_many(said: &Said) -> Kind {
    let message = said.message.to_uppercase();
    if message.contains("MEMBER DAY") {
        Kind::DayQuota(Whose::Member)
    } else if message.contains("APPLICATION DAY") {
        Kind::DayQuota(Whose::App)
    } else {
        Kind::Throttled
    }
}

/// A code as it may go to the log: one short word.
fn word(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.+/=".contains(&byte);
    let text = text.trim();
    let good = !text.is_empty() && text.len() <= 80 && text.bytes().all(plain);
    good.then(|| text.to_owned())
}

/// `Retry-After` in seconds → milliseconds, between a second and a day.
fn retry_after(header: &str) -> Option<i64> {
    let seconds = header.trim().parse::<u32>().ok()?;
    Some(i64::from(seconds.clamp(1, 86_400)) * 1000)
}
