//! Single sign-on: to the organization's OpenID provider and back.
//!
//! What somebody left for is kept in their session: state, nonce and PKCE's verifier. It counts
//! once. The cookie is `SameSite=Lax`, and so the browser brings it along when the provider sends
//! people back by a link, which is what `response_mode=query` does. Whatever goes wrong ends on the
//! sign-in page, with a code out of a closed set.

mod claims;
mod pending;
mod provider;
mod refusal;

use axum::Extension;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect};
use leadline::error::Error;
use leadline::single_sign_on::{Identity, SignOnError};
use leadline::store::now;
use leadline::store::people::Person;
use leadline::store::sign_in::Proof;
use leadline_app::{Answer, Routes, Services, Visitor, WAY_OUT, own_path};
use serde::Deserialize;
use url::Url;

use pending::PendingSignOn;
pub use provider::Provider;
use provider::Vouch;

/// The session's key for the sign-on that somebody has left for.
const PENDING: &str = "single_sign_on";

/// The two addresses of single sign-on. They need an `Option` of the [`Provider`] as an extension.
pub fn routes() -> Routes<Services> {
    Routes::new()
        .get("/sign-in/sso", start)
        .get("/sign-in/sso/callback", callback)
}

#[derive(Deserialize)]
struct Wish {
    next: Option<String>,
}

/// What the provider sends back. It must not be logged.
#[derive(Deserialize)]
struct Returned {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// Why somebody who came back is not signed in.
enum Stopped {
    /// The provider does not vouch for anybody.
    Unknown(SignOnError),
    /// It vouches for somebody who does not get in.
    Refused(SignOnError, Box<Identity>),
    /// The engine could not.
    Engine(Error),
}

impl From<SignOnError> for Stopped {
    fn from(error: SignOnError) -> Stopped {
        Stopped::Unknown(error)
    }
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Stopped {
        Stopped::Engine(error)
    }
}

async fn start(
    visitor: Visitor,
    Extension(provider): Extension<Option<Provider>>,
    Query(wish): Query<Wish>,
) -> Answer {
    let provider = provider.ok_or_else(not_configured)?;
    let next = wish.next.unwrap_or_default();
    if visitor.person.is_some() {
        return Ok(Redirect::to(own_path(&next)).into_response());
    }
    let pending = PendingSignOn::begin(next, now())?;
    match provider.address(&pending).await {
        Ok(there) => {
            visitor.session.insert(PENDING, &pending).await?;
            Ok(Redirect::to(there.as_str()).into_response())
        }
        Err(error) => Ok(back(error)),
    }
}

async fn callback(
    visitor: Visitor,
    Extension(provider): Extension<Option<Provider>>,
    Query(returned): Query<Returned>,
) -> Answer {
    let provider = provider.ok_or_else(not_configured)?;
    let pending = visitor.session.remove::<PendingSignOn>(PENDING).await?;
    let Some(pending) = pending else {
        // Anybody can make anybody's browser come here: nothing was begun, so nothing is noted.
        return Ok(back(SignOnError::WrongState));
    };
    // Used up now, and not only when the provider has answered.
    visitor.session.save().await?;
    let (error, identity) = match arrive(&visitor, &provider, &pending, &returned).await {
        Ok((person, way_out)) => {
            let signed_in = visitor.sign_in(&person, Proof::SingleSignOn, &pending.next);
            let let_in = signed_in.await?;
            if let Some(there) = way_out {
                visitor.session.insert(WAY_OUT, there.as_str()).await?;
            }
            return Ok(let_in);
        }
        Err(Stopped::Engine(error)) => return Err(error.into()),
        Err(Stopped::Unknown(error)) => (error, None),
        Err(Stopped::Refused(error, identity)) => (error, Some(identity)),
    };
    let store = &visitor.services.store;
    let address = visitor.address.to_string();
    store
        .note_sign_on_refusal(identity.as_deref(), error, &address, now())
        .await?;
    Ok(back(error))
}

async fn arrive(
    visitor: &Visitor,
    provider: &Provider,
    pending: &PendingSignOn,
    returned: &Returned,
) -> Result<(Person, Option<Url>), Stopped> {
    let state = returned.state.as_deref().unwrap_or_default();
    pending.check(state, now())?;
    provider.check_issuer(returned.iss.as_deref()).await?;
    if let Some(error) = &returned.error {
        return Err(SignOnError::from_callback(error).into());
    }
    let code = returned.code.as_deref().filter(|code| !code.is_empty());
    let code = code.ok_or(SignOnError::Unknown)?;
    let Vouch { identity, way_out } = provider.identify(pending, code).await?;
    let groups = &provider.settings().groups;
    let admitted = visitor.services.store.admit(&identity, groups, now());
    match admitted.await? {
        Ok(person) => Ok((person, way_out)),
        Err(error) => Err(Stopped::Refused(error, Box::new(identity))),
    }
}

fn back(error: SignOnError) -> axum::response::Response {
    tracing::info!(reason = error.code(), "no single sign-on");
    Redirect::to(&format!("/sign-in?error={}", error.code())).into_response()
}

fn not_configured() -> Error {
    Error::not_found("page")
}
