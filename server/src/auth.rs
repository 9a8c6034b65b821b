//! LinkedIn's consent: away to LinkedIn, and back with a code.
//!
//! A state of 32 random bytes is kept in the session and compared once, so that an answer counts only
//! in the browser that asked, for the person who asked, and for a quarter of an hour. The profile is
//! made after LinkedIn gave the token: whatever fails before leaves nothing behind.

use axum::extract::Query;
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use axum::{Extension, Router};
use leadline::error::{Error, Kind};
use leadline::oauth::{ConsentError, PendingConsent, ProfileMember, Tokens};
use leadline::store::access::Salesperson;
use leadline::store::now;
use leadline::sync::discover::discover_profile;
use leadline_app::{Answer, Services, Visit};
use serde::Deserialize;

use crate::engine::Engine;

/// The session's key for the consent that was begun.
const PENDING: &str = "pending_consent";

/// The two addresses of the consent.
pub fn routes(engine: Engine) -> Router<Services> {
    Router::new()
        .route("/auth/linkedin/start", get(start))
        .route("/auth/linkedin/callback", get(callback))
        .layer(Extension(engine))
}

#[derive(Deserialize)]
struct Start {
    profile: Option<i64>,
}

/// Sends a person to LinkedIn's consent, for a new profile or for one of their own.
async fn start(visit: Visit, Query(wish): Query<Start>, engine: Extension<Engine>) -> Answer {
    let salesperson = visit.salesperson()?;
    if !engine.oauth.is_configured() {
        return refused(ConsentError::NotConfigured);
    }
    let now = now();
    if let Some(profile) = wish.profile {
        salesperson.begin_reauthorization(profile, now).await?;
    }
    let pending = PendingConsent::begin(visit.person().id, wish.profile, now)?;
    visit.session.insert(PENDING, &pending).await?;
    let address = engine.oauth.authorization_url(pending.state());
    Ok(Redirect::to(&address).into_response())
}

#[derive(Deserialize)]
struct Callback {
    #[serde(default)]
    state: String,
    code: Option<String>,
    error: Option<String>,
}

/// Takes a person back from LinkedIn.
async fn callback(
    visit: Visit,
    Query(answer): Query<Callback>,
    engine: Extension<Engine>,
) -> Answer {
    let salesperson = visit.salesperson()?;
    let pending: Option<PendingConsent> = visit.session.remove(PENDING).await?;
    match accept(&salesperson, &engine, pending, answer).await {
        Ok(path) => Ok(Redirect::to(&path).into_response()),
        Err(Stop::Consent(error)) => {
            tracing::info!(code = error.code(), "a consent came to nothing");
            refused(error)
        }
        Err(Stop::Engine(error)) => Err(error.into()),
    }
}

enum Stop {
    Consent(ConsentError),
    Engine(Error),
}

impl From<ConsentError> for Stop {
    fn from(error: ConsentError) -> Stop {
        Stop::Consent(error)
    }
}

impl From<Error> for Stop {
    /// A profile that went away meanwhile is one of the things that a consent can end in.
    fn from(error: Error) -> Stop {
        match error.kind() {
            Kind::NotFound => Stop::Consent(ConsentError::ProfileGone),
            _ => Stop::Engine(error),
        }
    }
}

/// Checks the answer, gets the tokens and keeps them; tells where to go on.
async fn accept(
    salesperson: &Salesperson,
    engine: &Engine,
    pending: Option<PendingConsent>,
    answer: Callback,
) -> Result<String, Stop> {
    let pending = pending.ok_or(ConsentError::WrongState)?;
    pending.check(&answer.state, salesperson.person().id, now())?;
    if let Some(error) = &answer.error {
        return Err(ConsentError::from_callback(error).into());
    }
    let code = answer.code.ok_or(ConsentError::Unknown)?;
    let tokens = engine.oauth.exchange(&code).await?;
    let member = identify(engine, &tokens).await;
    let (profile, confirmed) = keep(salesperson, engine, &pending, &tokens, member).await?;
    discover(engine, profile).await?;
    engine.worker.handle().wake();
    Ok(match confirmed {
        true => format!("/profiles/{profile}"),
        false => format!("/profiles/{profile}/accounts"),
    })
}

/// Who consented, if the application may know; nothing depends on it.
async fn identify(engine: &Engine, tokens: &Tokens) -> Option<ProfileMember> {
    let user = engine.linkedin.member(&tokens.access).user_info().await;
    let user = user.ok().flatten()?;
    Some(ProfileMember {
        id: user.id,
        name: user.name,
    })
}

/// Keeps the tokens in a new profile or in the one that was to be authorized again; tells which it
/// is, and whether its user has confirmed already who receives the data.
async fn keep(
    salesperson: &Salesperson,
    engine: &Engine,
    pending: &PendingConsent,
    tokens: &Tokens,
    member: Option<ProfileMember>,
) -> Result<(i64, bool), Stop> {
    let (member, sealer) = (member.as_ref(), &*engine.sealer);
    let Some(id) = pending.profile_id else {
        let id = salesperson
            .create_profile(tokens, member, sealer, now())
            .await?;
        return Ok((id, false));
    };
    let profile = salesperson.own_profile(id).await?;
    let known = profile.member_id.as_deref().zip(member);
    if known.is_some_and(|(known, member)| known != member.id) {
        return Err(ConsentError::MemberMismatch.into());
    }
    salesperson
        .reauthorize_profile(id, tokens, member, sealer, now())
        .await?;
    Ok((id, profile.confirmed_at.is_some()))
}

/// Looks up the accounts at once, so that the next page can show them. What fails here the worker
/// tries again.
async fn discover(engine: &Engine, profile: i64) -> Result<(), Stop> {
    let Some(grant) = engine.keeper.token_for_profile(profile, now()).await? else {
        return Ok(());
    };
    let found = discover_profile(&engine.store, &engine.linkedin, &grant, now()).await?;
    if let Err(failure) = found {
        tracing::warn!(profile, %failure, "accounts could not be looked up");
    }
    Ok(())
}

fn refused(error: ConsentError) -> Answer {
    Ok(Redirect::to(&format!("/profiles?error={}", error.code())).into_response())
}
