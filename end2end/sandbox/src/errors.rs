//! LinkedIn's errors: status, code, service code and message, as recorded.
//!
//! The body says what LinkedIn would say. What the sandbox knows beyond that stands in the response
//! header `X-Sandbox-Reason`, for the developer and not for the client.

use serde_json::{Map, Value, json};

/// An error answer of the REST side.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: Option<&'static str>,
    pub(crate) service: Option<u32>,
    pub(crate) message: String,
    /// What really happened, for `X-Sandbox-Reason`.
    pub(crate) reason: String,
    pub(crate) gateway: bool,
    pub(crate) retry_after: Option<u64>,
    pub(crate) details: Option<Box<Value>>,
}

impl ApiError {
    pub(crate) fn new(
        status: u16,
        code: Option<&'static str>,
        service: Option<u32>,
        message: impl Into<String>,
    ) -> ApiError {
        ApiError {
            status,
            code,
            service,
            message: message.into(),
            reason: String::new(),
            gateway: false,
            retry_after: None,
            details: None,
        }
    }

    pub(crate) fn because(mut self, reason: impl Into<String>) -> ApiError {
        self.reason = reason.into();
        self
    }

    /// 400 `Parameter 'x' is invalid`.
    pub(crate) fn parameter(name: &str, reason: impl Into<String>) -> ApiError {
        ApiError::new(400, None, None, format!("Parameter '{name}' is invalid")).because(reason)
    }

    /// 400 `Parameter 'x' is required`.
    pub(crate) fn required(name: &str) -> ApiError {
        ApiError::new(400, None, None, format!("Parameter '{name}' is required"))
    }

    /// 400 `Invalid query parameters passed to request`.
    pub(crate) fn query(reason: impl Into<String>) -> ApiError {
        ApiError::new(
            400,
            None,
            None,
            "Invalid query parameters passed to request",
        )
        .because(reason)
    }

    /// 404 for an entity that is not, or no longer, there.
    pub(crate) fn gone(what: impl Into<String>) -> ApiError {
        ApiError::new(404, Some("NOT_FOUND"), None, "Could not find entity").because(what)
    }

    /// 404 for a path that leads nowhere.
    pub(crate) fn no_resource() -> ApiError {
        ApiError::new(
            404,
            Some("RESOURCE_NOT_FOUND"),
            None,
            "No virtual resource found",
        )
    }

    /// 422 for a body field nobody knows.
    pub(crate) fn unknown_field(field: &str) -> ApiError {
        ApiError::new(
            422,
            None,
            None,
            format!("ERROR :: /{field} :: unrecognized field found but not allowed"),
        )
    }

    /// 403 for a missing scope or product.
    pub(crate) fn scope(endpoint: &str, version: &str, reason: impl Into<String>) -> ApiError {
        let message = format!("Not enough permissions to access: {endpoint}.{version}");
        ApiError::new(403, Some("ACCESS_DENIED"), Some(100), message).because(reason)
    }

    /// The body, with only the fields that are set.
    pub(crate) fn body(&self) -> Value {
        let mut body = Map::new();
        body.insert("status".to_owned(), json!(self.status));
        body.insert("message".to_owned(), json!(self.message));
        if let Some(code) = self.code {
            body.insert("code".to_owned(), json!(code));
        }
        if let Some(service) = self.service {
            body.insert("serviceErrorCode".to_owned(), json!(service));
        }
        if let Some(details) = &self.details {
            body.insert(
                "errorDetailType".to_owned(),
                json!("com.linkedin.common.error.BadRequest"),
            );
            body.insert("errorDetails".to_owned(), details.as_ref().clone());
        }
        Value::Object(body)
    }

    /// The richer form that ads resources answer bad input with.
    pub(crate) fn with_input(mut self, field: &str) -> ApiError {
        self.details = Some(Box::new(json!({ "inputErrors": [{
            "description": self.reason, "code": self.code.unwrap_or("INVALID_VALUE_FOR_FIELD"),
            "input": { "inputPath": { "fieldPath": field } },
        }] })));
        self
    }
}

/// Where in the gate order an injected error strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Before anything is looked at: the infrastructure is unwell.
    Arrival,
    Path,
    Version,
    Token,
    Quota,
    Scope,
    Role,
    Syntax,
    /// The answer was made and is spoiled on its way out.
    Answer,
}

/// An error that can be injected by name.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) stage: Stage,
    status: u16,
    code: Option<&'static str>,
    service: Option<u32>,
    message: &'static str,
}

const fn kind(
    name: &'static str,
    stage: Stage,
    status: u16,
    code: Option<&'static str>,
    service: Option<u32>,
    message: &'static str,
) -> Kind {
    Kind {
        name,
        stage,
        status,
        code,
        service,
        message,
    }
}

const APP_DAY: &str =
    "Resource level throttle APPLICATION DAY limit for calls to this resource is reached.";
const MEMBER_DAY: &str =
    "Resource level throttle MEMBER DAY limit for calls to this resource is reached.";
const THROTTLED: &str = "Resource level throttle limit for calls to this resource is reached.";

/// Every error that can be injected: those of specification 2.7 and a few of the network's own.
pub(crate) const KINDS: &[Kind] = &[
    kind(
        "500",
        Stage::Arrival,
        500,
        Some("INTERNAL_ERROR"),
        None,
        "Internal Server Error",
    ),
    kind(
        "501",
        Stage::Arrival,
        501,
        Some("NOT_IMPLEMENTED"),
        None,
        "Not implemented",
    ),
    kind(
        "503",
        Stage::Arrival,
        503,
        Some("UNDER_MAINTENANCE"),
        None,
        "Service Unavailable",
    ),
    kind("504", Stage::Arrival, 504, None, None, "Gateway Timeout"),
    kind(
        "408",
        Stage::Arrival,
        408,
        Some("TIMEOUT"),
        None,
        "Request timeout",
    ),
    kind("411", Stage::Arrival, 411, None, None, "Length Required"),
    kind("414", Stage::Arrival, 414, None, None, "URI Too Long"),
    kind("html_502", Stage::Arrival, 502, None, None, "Bad Gateway"),
    kind("connection_reset", Stage::Arrival, 0, None, None, ""),
    kind("hang", Stage::Arrival, 0, None, None, ""),
    kind(
        "404",
        Stage::Path,
        404,
        Some("RESOURCE_NOT_FOUND"),
        None,
        "No virtual resource found",
    ),
    kind("405", Stage::Path, 405, None, None, "Method not allowed"),
    kind(
        "426",
        Stage::Version,
        426,
        Some("NONEXISTENT_VERSION"),
        None,
        "Requested version {version} is not active",
    ),
    kind(
        "400_version_missing",
        Stage::Version,
        400,
        Some("VERSION_MISSING"),
        None,
        "A version must be present. Please specify a version by adding the LinkedIn-Version header.",
    ),
    kind(
        "empty_401",
        Stage::Token,
        401,
        Some("EMPTY_ACCESS_TOKEN"),
        Some(401),
        "Empty oauth2_access_token",
    ),
    kind(
        "invalid_401",
        Stage::Token,
        401,
        Some("INVALID_ACCESS_TOKEN"),
        Some(65_600),
        "Invalid access token",
    ),
    kind(
        "revoked_401",
        Stage::Token,
        401,
        Some("REVOKED_ACCESS_TOKEN"),
        Some(65_601),
        "The token used in the request has been revoked by the user",
    ),
    kind(
        "expired_401",
        Stage::Token,
        401,
        Some("EXPIRED_ACCESS_TOKEN"),
        Some(65_602),
        "The token used in the request has expired",
    ),
    kind(
        "401_scheme",
        Stage::Token,
        401,
        None,
        None,
        "Unknown authentication scheme",
    ),
    kind("app_day_429", Stage::Quota, 429, None, Some(101), APP_DAY),
    kind(
        "member_day_429",
        Stage::Quota,
        429,
        None,
        Some(101),
        MEMBER_DAY,
    ),
    kind(
        "transient_429",
        Stage::Quota,
        429,
        None,
        Some(101),
        THROTTLED,
    ),
    kind(
        "429_quota_exceeded",
        Stage::Quota,
        429,
        Some("QUOTA_EXCEEDED"),
        None,
        THROTTLED,
    ),
    kind(
        "403_scope",
        Stage::Scope,
        403,
        Some("ACCESS_DENIED"),
        Some(100),
        "Not enough permissions to access: {endpoint}.{version}",
    ),
    kind(
        "403_gateway",
        Stage::Scope,
        403,
        None,
        None,
        "Access to the requested resource is denied",
    ),
    kind(
        "403_role",
        Stage::Role,
        403,
        Some("NO_PERMISSION_ON_ENTITY"),
        None,
        "No permission on entity",
    ),
    kind(
        "403_field",
        Stage::Role,
        403,
        Some("NO_PERMISSION_ON_FIELD"),
        None,
        "No permission on field",
    ),
    kind(
        "403_update",
        Stage::Role,
        403,
        Some("NO_PERMISSION_TO_UPDATE"),
        None,
        "No permission to update",
    ),
    kind("401_role", Stage::Role, 401, None, None, "Unauthorized"),
    kind(
        "404_entity",
        Stage::Role,
        404,
        Some("NOT_FOUND"),
        None,
        "Could not find entity",
    ),
    kind("409", Stage::Role, 409, Some("CONFLICT"), None, "Conflict"),
    kind(
        "412",
        Stage::Role,
        412,
        Some("PRECONDITION_FAILED"),
        None,
        "Precondition failed",
    ),
    kind(
        "400_param",
        Stage::Syntax,
        400,
        None,
        None,
        "Parameter 'owner' is invalid",
    ),
    kind(
        "400_query",
        Stage::Syntax,
        400,
        None,
        None,
        "Invalid query parameters passed to request",
    ),
    kind(
        "400_illegal_argument",
        Stage::Syntax,
        400,
        None,
        None,
        "ILLEGAL_ARGUMENT",
    ),
    kind(
        "400_missing_field",
        Stage::Syntax,
        400,
        Some("MISSING_FIELD"),
        None,
        "Required field is missing",
    ),
    kind(
        "422",
        Stage::Syntax,
        422,
        None,
        None,
        "ERROR :: /field :: unrecognized field found but not allowed",
    ),
    kind("malformed_json", Stage::Answer, 200, None, None, ""),
    kind("truncated", Stage::Answer, 200, None, None, ""),
    kind("empty_body", Stage::Answer, 200, None, None, ""),
    kind("wrong_content_type", Stage::Answer, 200, None, None, ""),
];

/// Finds an injectable error by its name.
pub(crate) fn kind_named(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

impl Kind {
    /// The error as an answer.
    pub(crate) fn error(
        &self,
        endpoint: &str,
        version: &str,
        retry_after: Option<u64>,
    ) -> ApiError {
        let message = self
            .message
            .replace("{endpoint}", endpoint)
            .replace("{version}", version);
        let mut error =
            ApiError::new(self.status, self.code, self.service, message).because("injected fault");
        error.gateway = self.name == "400_version_missing" || self.name == "403_gateway";
        error.retry_after = retry_after.filter(|_| matches!(self.status, 429 | 503));
        error
    }
}

/// A quota that was really used up.
pub(crate) fn quota(member: bool, retry_after: Option<u64>) -> ApiError {
    let mut error = ApiError::new(
        429,
        None,
        Some(101),
        if member { MEMBER_DAY } else { APP_DAY },
    );
    error.reason = "daily quota of this sandbox is used up".to_owned();
    error.retry_after = retry_after;
    error
}
