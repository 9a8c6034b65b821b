//! The one way in which a page fails: `?`.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use leadline::error::{Error, Kind};

/// What a page's function returns.
pub type Answer = Result<Response, Failure>;

/// Why there is no page.
#[derive(Debug)]
pub enum Failure {
    /// The person is sent elsewhere, to one of Leadline's own paths.
    Elsewhere(String),
    /// The engine said no, or could not.
    Engine(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Engine(error)
    }
}

impl From<tower_sessions::session::Error> for Failure {
    fn from(error: tower_sessions::session::Error) -> Failure {
        let message = "Your sign-in state cannot be read. Try again in a moment.";
        Failure::Engine(Error::new(Kind::Unavailable, message).with_detail(error))
    }
}

/// The HTTP status that a kind of error has, here and in the API.
#[must_use]
pub fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The error travels beside an empty response; `visit::around` makes the page of it, since only
/// there it is known who asks.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Failure::Elsewhere(path) => Redirect::to(&path).into_response(),
            Failure::Engine(error) => {
                let mut response = status(error.kind()).into_response();
                response.extensions_mut().insert(error);
                response
            }
        }
    }
}
