//! Who asks: whoever shows a token. Cookies count for nothing here, so no other site can make a
//! browser ask for its user.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use leadline::error::Error;
use leadline::store::access::{Administrator, Inbound, Reader, Salesperson, Signed};
use leadline::store::{Store, now};
use leadline_app::Services;

use super::limits::{Limits, address};
use super::problem::Problem;

/// Whoever showed a token.
#[derive(Clone)]
pub struct Caller(Signed);

impl Caller {
    /// What the token's role may read.
    ///
    /// # Errors
    /// When it is the S2S Inbound role.
    pub fn reader(&self) -> Result<Reader, Error> {
        self.0.reader()
    }

    /// What salespeople may do with own profiles.
    ///
    /// # Errors
    /// When it is the S2S Inbound role.
    pub fn salesperson(&self) -> Result<Salesperson, Error> {
        self.0.salesperson()
    }

    /// What administrators may do.
    ///
    /// # Errors
    /// When it is another role.
    pub fn administrator(&self) -> Result<Administrator, Error> {
        self.0.administrator()
    }

    /// What the S2S Inbound role may do.
    ///
    /// # Errors
    /// When it is another role.
    pub fn inbound(&self) -> Result<Inbound, Error> {
        self.0.inbound()
    }

    /// Leadline's id of the token.
    #[must_use]
    pub fn token_id(&self) -> i64 {
        self.0.actor().id().unwrap_or_default()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Caller, Problem> {
        let caller = parts.extensions.get::<Caller>().cloned();
        caller.ok_or_else(refused)
    }
}

/// A handle that a caller's role gives. Asked for before the body, so that a missing permission is
/// said before anything that is wrong with what was sent.
pub struct May<H>(pub H);

/// What [`May`] can be asked for.
pub trait Handle: Sized {
    /// The caller's, if the role gives it.
    ///
    /// # Errors
    /// When it does not.
    fn of(caller: &Caller) -> Result<Self, Error>;
}

impl Handle for Administrator {
    fn of(caller: &Caller) -> Result<Administrator, Error> {
        caller.administrator()
    }
}

impl Handle for Salesperson {
    fn of(caller: &Caller) -> Result<Salesperson, Error> {
        caller.salesperson()
    }
}

impl Handle for Inbound {
    fn of(caller: &Caller) -> Result<Inbound, Error> {
        caller.inbound()
    }
}

impl<S: Send + Sync, H: Handle> FromRequestParts<S> for May<H> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<May<H>, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        Ok(May(H::of(&caller)?))
    }
}

/// What every request passes first: nobody without a token gets any further, not even to learn
/// which paths there are.
pub async fn authenticate(
    Extension(services): Extension<Services>,
    Extension(limits): Extension<Arc<Limits>>,
    mut request: Request,
    next: Next,
) -> Response {
    let from = address(request.extensions());
    let shown = find(&services.store, request.headers()).await;
    let caller = match shown {
        Ok(Some(caller)) => caller,
        // To show none at all costs nothing and is no guess.
        Ok(None) if !request.headers().contains_key(header::AUTHORIZATION) => {
            return refused().into_response();
        }
        Ok(None) => {
            return match limits.refuse(from) {
                Ok(()) => refused().into_response(),
                Err(later) => later.into_response(),
            };
        }
        Err(error) => return Problem::from(error).into_response(),
    };
    let allowance = match limits.take(caller.token_id()) {
        Ok(allowance) => allowance,
        Err(later) => return later.into_response(),
    };
    request.extensions_mut().insert(caller);
    let mut response = next.run(request).await;
    allowance.tell(response.headers_mut());
    response
}

/// Whoever shows a token that can be used; `None` when there is none.
///
/// # Errors
/// When the database cannot be reached.
pub async fn find(store: &Store, headers: &HeaderMap) -> Result<Option<Caller>, Error> {
    let Some(token) = bearer(headers) else {
        return Ok(None);
    };
    let signed = Signed::by_token(store, token, now()).await?;
    Ok(signed.map(Caller))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let said = all.next()?.to_str().ok()?;
    let (scheme, token) = said.split_once(' ')?;
    let alone = all.next().is_none();
    (alone && scheme.eq_ignore_ascii_case("bearer")).then(|| token.trim())
}

/// The same words whatever is wrong with a token.
#[must_use]
pub fn refused() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "Show a valid API token: `Authorization: Bearer leadline_…`. Administrators make them at /tokens.",
    )
}
