//! Why somebody gets no token (specification 1.4).

use serde_json::json;
use uuid::Uuid;

use crate::calendar::timestamp;
use crate::server::Reply;

/// A refusal: the number is for people, `error` and the status are for programs.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    pub(super) error: &'static str,
    pub(super) number: u32,
    text: String,
    reason: String,
}

impl Refusal {
    pub(super) fn new(number: u32, text: impl Into<String>) -> Refusal {
        let (_, status, error, _) = ROWS.iter().find(|row| row.0 == number).copied().unwrap_or((
            number,
            400,
            "invalid_request",
            "",
        ));
        Refusal {
            status,
            error,
            number,
            text: text.into(),
            reason: String::new(),
        }
    }

    pub(super) fn because(mut self, reason: impl Into<String>) -> Refusal {
        self.reason = reason.into();
        self
    }

    pub(super) fn reply(&self, now: i64) -> Reply {
        let (trace, correlation) = (Uuid::new_v4(), Uuid::new_v4());
        let stamp = timestamp(now).replace('T', " ");
        let description = format!(
            "AADSTS{}: {}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {stamp}",
            self.number, self.text
        );
        let body = json!({
            "error": self.error, "error_description": description, "error_codes": [self.number],
            "timestamp": stamp, "trace_id": trace.to_string(), "correlation_id": correlation.to_string(),
            "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.number),
        });
        let mut reply = Reply::json(self.status, &body);
        reply.reason.clone_from(&self.reason);
        reply
    }
}

type Row = (u32, u16, &'static str, &'static str);

/// Specification 1.4, and the numbers the checks of this stand-in need besides. Where the
/// specification records no error and status, those of the same family are taken.
const ROWS: &[Row] = &[
    (
        7_000_215,
        401,
        "invalid_client",
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.",
    ),
    (
        7_000_222,
        401,
        "invalid_client",
        "The provided client secret keys are expired.",
    ),
    (
        7_000_218,
        401,
        "invalid_client",
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    ),
    (
        700_027,
        401,
        "invalid_client",
        "The certificate with identifier used to sign the client assertion is not registered on application.",
    ),
    (
        700_024,
        401,
        "invalid_client",
        "Client assertion is not within its valid time range.",
    ),
    (
        700_023,
        401,
        "invalid_client",
        "Client assertion audience claim does not match Realm issuer.",
    ),
    (
        700_021,
        401,
        "invalid_client",
        "Client assertion application identifier doesn't match 'client_id' parameter.",
    ),
    (
        700_016,
        400,
        "unauthorized_client",
        "Application was not found in the directory.",
    ),
    (90_002, 400, "invalid_request", "Tenant not found."),
    (
        500_011,
        400,
        "invalid_resource",
        "The resource principal was not found in the tenant.",
    ),
    (
        70_011,
        400,
        "invalid_scope",
        "The provided value for the input parameter 'scope' is not valid.",
    ),
    (
        28_002,
        400,
        "invalid_scope",
        "The provided value for the input parameter scope is not valid when requesting an access token.",
    ),
    (
        700_022,
        400,
        "invalid_scope",
        "The scope names more than one resource.",
    ),
    (
        900_144,
        400,
        "invalid_request",
        "The request body must contain a parameter that is missing.",
    ),
    (
        9_001_023,
        400,
        "invalid_request",
        "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.",
    ),
    (
        70_003,
        400,
        "unsupported_grant_type",
        "The app returned an unsupported grant type.",
    ),
    (
        65_001,
        400,
        "invalid_grant",
        "The user or administrator has not consented to use the application.",
    ),
    (90_094, 400, "invalid_grant", "Admin consent is required."),
    (
        65_004,
        400,
        "invalid_grant",
        "The resource owner or authorization server denied the request.",
    ),
    (
        53_003,
        400,
        "invalid_grant",
        "Access has been blocked by Conditional Access policies.",
    ),
    (50_196, 400, "invalid_grant", "A request loop was detected."),
    (
        90_055,
        503,
        "temporarily_unavailable",
        "The server is too busy to handle the request.",
    ),
    (
        90_024,
        503,
        "temporarily_unavailable",
        "A transient error has occurred. Please try again.",
    ),
    (
        90_090,
        503,
        "temporarily_unavailable",
        "A transient error has occurred.",
    ),
    (
        90_033,
        503,
        "temporarily_unavailable",
        "A transient error has occurred. Please try again.",
    ),
];

/// A refusal that can be injected, by its number.
pub(crate) fn refusal(kind: &str) -> Option<Refusal> {
    let number: u32 = kind.parse().ok()?;
    let (number, _, _, text) = ROWS.iter().find(|row| row.0 == number)?;
    Some(Refusal::new(*number, *text).because("injected fault"))
}
