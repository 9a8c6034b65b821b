//! Everything that the API refuses, as `application/problem+json` (RFC 9457).

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use leadline::error::{Error, Kind};
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request was refused (RFC 9457).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "type": "about:blank",
    "title": "Bad Request",
    "status": 400,
    "detail": "The request cannot be used; `errors` says what is wrong.",
    "errors": [{ "parameter": "limit", "detail": "must be a number from 1 to 200." }],
})))]
pub struct Problem {
    /// Always `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status.
    status: u16,
    /// What happened and what to do.
    detail: String,
    /// What is wrong with what was sent, or stands otherwise, part by part.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Wrong>,
}

/// One thing that is wrong with what was sent. It names either a parameter or a place in the body.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Wrong {
    /// The name of the parameter or header.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
    /// The place in the body, as a JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    /// What is wrong.
    detail: String,
}

impl Wrong {
    /// A parameter or header is wrong.
    #[must_use]
    pub fn parameter(name: &str, detail: impl Into<String>) -> Wrong {
        Wrong {
            parameter: Some(name.to_owned()),
            pointer: None,
            detail: detail.into(),
        }
    }

    /// A place in the body is wrong.
    #[must_use]
    pub fn pointer(pointer: impl Into<String>, detail: impl Into<String>) -> Wrong {
        Wrong {
            parameter: None,
            pointer: Some(pointer.into()),
            detail: detail.into(),
        }
    }
}

impl Problem {
    /// A problem of this status.
    #[must_use]
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Problem {
        Problem {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    /// Something that was sent is wrong: 400 for parameters and headers, 422 for the body.
    #[must_use]
    pub fn wrong(status: StatusCode, errors: Vec<Wrong>) -> Problem {
        let detail = "The request cannot be used; `errors` says what is wrong.";
        Problem {
            errors,
            ..Problem::new(status, detail)
        }
    }

    /// One parameter or header is wrong.
    #[must_use]
    pub fn parameter(name: &str, detail: impl Into<String>) -> Problem {
        Problem::wrong(
            StatusCode::BAD_REQUEST,
            vec![Wrong::parameter(name, detail)],
        )
    }

    /// One place in the body is wrong.
    #[must_use]
    pub fn pointer(pointer: impl Into<String>, detail: impl Into<String>) -> Problem {
        let wrong = Wrong::pointer(pointer, detail);
        Problem::wrong(StatusCode::UNPROCESSABLE_ENTITY, vec![wrong])
    }

    /// Somebody else changed it since it was read; what stands otherwise than it was sent.
    #[must_use]
    pub fn overtaken(errors: Vec<Wrong>) -> Problem {
        let detail = "It was changed meanwhile, and nothing of yours is saved. `errors` says what stands otherwise \
             than you sent it: read it again, and make your change.";
        Problem {
            errors,
            ..Problem::new(StatusCode::CONFLICT, detail)
        }
    }

    /// What is said about a status that the framework chose.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Problem {
        let detail = match status {
            StatusCode::NOT_FOUND => "There is nothing at this path. See /api/v1/openapi.json.",
            StatusCode::METHOD_NOT_ALLOWED => "This path has other methods; `Allow` names them.",
            StatusCode::PAYLOAD_TOO_LARGE => "The body is larger than 64 kilobytes.",
            StatusCode::GATEWAY_TIMEOUT => "It took too long. Try again in a moment.",
            _ if status.is_server_error() => "Something went wrong in Leadline. The log says more.",
            _ => "The request cannot be used.",
        };
        Problem::new(status, detail)
    }
}

/// The engine's errors. Its details go to the log, its messages to whoever asks.
impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        match error.kind() {
            Kind::Internal | Kind::Unavailable => tracing::error!(?error, "no answer"),
            _ => tracing::debug!(?error, "no answer"),
        }
        Problem::new(leadline_app::status(error.kind()), error.message())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer realm=\"Leadline\"");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
