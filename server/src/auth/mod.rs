//! To LinkedIn's consent and back.
//!
//! What the person left for is kept in their session: a random state, when that was, for which
//! profile. It counts once. Nothing is written about a new profile before LinkedIn has given its
//! tokens; whatever goes wrong leads to the page of the profiles, with a code out of a closed set.

use std::time::Duration;

use axum::Extension;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect};
use leadline::error::{Error, Kind};
use leadline::oauth::{ConsentError, Grant, PendingConsent, ProfileMember, Remedy, Tokens};
use leadline::store::access::{Salesperson, Signed};
use leadline::store::now;
use leadline::sync::discover::discover_profile;
use leadline_app::{Answer, Routes, Services, Visit, Visitor};
use serde::Deserialize;

use crate::engine::Engine;

#[cfg(test)]
mod tests;

/// The session's key for the consent that the person has left for.
const PENDING: &str = "linkedin_consent";
/// How long somebody who comes back is kept waiting for a token to become known at LinkedIn, in
/// milliseconds. After that the worker goes on looking for the accounts.
const PATIENCE: u64 = 8_000;

/// The two addresses of the consent. They need the [`Engine`] as an extension.
pub fn routes() -> Routes<Services> {
    Routes::new()
        .get("/auth/linkedin/start", start)
        .get("/auth/linkedin/callback", callback)
}

#[derive(Deserialize)]
struct Wish {
    profile: Option<i64>,
}

/// What LinkedIn sends back. It must not be logged.
#[derive(Deserialize)]
struct Returned {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// Why somebody who came back gets no profile.
enum Stopped {
    Consent(ConsentError),
    Engine(Error),
}

impl From<ConsentError> for Stopped {
    fn from(error: ConsentError) -> Stopped {
        Stopped::Consent(error)
    }
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Stopped {
        Stopped::Engine(error)
    }
}

async fn start(
    visit: Visit,
    Extension(engine): Extension<Engine>,
    Query(wish): Query<Wish>,
) -> Answer {
    let salesperson = visit.salesperson()?;
    if !engine.oauth.is_configured() {
        return stopped(ConsentError::NotConfigured);
    }
    if let Some(profile) = wish.profile {
        salesperson.begin_reauthorization(profile, now()).await?;
    }
    let pending = PendingConsent::begin(visit.person().id, wish.profile, now())?;
    visit.session.insert(PENDING, &pending).await?;
    let there = engine.oauth.authorization_url(pending.state());
    Ok(Redirect::to(&there).into_response())
}

/// Whoever is not signed in any more is not sent to sign in and then back here, because the address
/// holds the code.
async fn callback(
    visitor: Visitor,
    Extension(engine): Extension<Engine>,
    Query(returned): Query<Returned>,
) -> Answer {
    let Some(person) = visitor.person.clone() else {
        return stopped(ConsentError::ExpiredState);
    };
    let pending = visitor.session.remove::<PendingConsent>(PENDING).await?;
    // Used up now, and not only when LinkedIn has answered.
    visitor.session.save().await?;
    let Some(pending) = pending else {
        return stopped(ConsentError::WrongState);
    };
    let salesperson = Signed::new(visitor.services.store.clone(), person).salesperson()?;
    let arrival = arrive(&engine, &salesperson, &pending, &returned).await;
    visitor.services.worker.wake();
    match arrival {
        Ok(Arrival::New(id)) => {
            Ok(Redirect::to(&format!("/profiles/{id}/accounts")).into_response())
        }
        Ok(Arrival::Again(id)) => {
            let notice = "LinkedIn is authorized again. The chosen accounts are synced now.";
            visitor.done(&format!("/profiles/{id}"), notice).await
        }
        Err(Stopped::Consent(error)) => stopped(error),
        Err(Stopped::Engine(error)) => Err(error.into()),
    }
}

fn stopped(error: ConsentError) -> Answer {
    tracing::info!(code = error.code(), "no LinkedIn authorization");
    Ok(Redirect::to(&format!("/profiles?error={}", error.code())).into_response())
}

/// What came of a consent.
enum Arrival {
    /// A profile whose accounts are to be chosen.
    New(i64),
    /// A confirmed profile that works again.
    Again(i64),
}

async fn arrive(
    engine: &Engine,
    salesperson: &Salesperson,
    pending: &PendingConsent,
    returned: &Returned,
) -> Result<Arrival, Stopped> {
    let state = returned.state.as_deref().unwrap_or_default();
    pending.check(state, salesperson.person().id, now())?;
    if let Some(error) = &returned.error {
        return Err(ConsentError::from_callback(error).into());
    }
    let code = returned.code.as_deref().filter(|code| !code.is_empty());
    let tokens = engine.oauth.exchange(code.ok_or(ConsentError::Unknown)?);
    let tokens = tokens.await?;
    let member = member(engine, &tokens).await;
    let Some(profile) = pending.profile_id else {
        let made = salesperson.create_profile(&tokens, member.as_ref(), &engine.sealer, now());
        let id = made.await?;
        find_accounts(engine, id).await?;
        return Ok(Arrival::New(id));
    };
    let confirmed = authorize_again(engine, salesperson, profile, &tokens, member.as_ref());
    let confirmed = confirmed.await?;
    find_accounts(engine, profile).await?;
    Ok(match confirmed {
        true => Arrival::Again(profile),
        false => Arrival::New(profile),
    })
}

/// Tells whether the profile had been confirmed.
async fn authorize_again(
    engine: &Engine,
    salesperson: &Salesperson,
    profile: i64,
    tokens: &Tokens,
    member: Option<&ProfileMember>,
) -> Result<bool, Stopped> {
    let own = match salesperson.own_profile(profile).await {
        Err(error) if error.kind() == Kind::NotFound => {
            return Err(ConsentError::ProfileGone.into());
        }
        own => own?,
    };
    if let (Some(known), Some(member)) = (&own.member_id, member)
        && *known != member.id
    {
        return Err(ConsentError::MemberMismatch.into());
    }
    salesperson
        .reauthorize_profile(profile, tokens, member, &engine.sealer, now())
        .await?;
    Ok(own.confirmed_at.is_some())
}

/// Who consented, where the application may ask. Nothing depends on it.
async fn member(engine: &Engine, tokens: &Tokens) -> Option<ProfileMember> {
    if !tokens.scopes.iter().any(|scope| scope == "openid") {
        return None;
    }
    let info = engine.linkedin.member(&tokens.access).user_info().await;
    let info = info.ok().flatten()?;
    Some(ProfileMember {
        id: info.id,
        name: info.name,
    })
}

/// Looks up the accounts at once, so that the next page has them. If LinkedIn does not answer, the
/// worker goes on trying.
async fn find_accounts(engine: &Engine, profile: i64) -> Result<(), Error> {
    let mut left = PATIENCE;
    while let Some(grant) = engine.keeper.token_for_profile(profile, now()).await? {
        let Some(wait) = find_with(engine, &grant).await? else {
            break;
        };
        let wait = wait.max(100);
        if wait > left {
            break;
        }
        left -= wait;
        tokio::time::sleep(Duration::from_millis(wait)).await;
    }
    Ok(())
}

/// How long to wait before trying again; `None` when there is no need to, or no use.
async fn find_with(engine: &Engine, grant: &Grant) -> Result<Option<u64>, Error> {
    let found = discover_profile(&engine.store, &engine.linkedin, grant, now()).await?;
    let Err(failure) = found else {
        return Ok(None);
    };
    tracing::warn!(profile = grant.profile_id, %failure, "accounts could not be looked up");
    Ok(match engine.keeper.report(grant, &failure, now()).await? {
        Remedy::TryAgain { after_ms } => Some(after_ms),
        Remedy::OtherProfile | Remedy::None => None,
    })
}
