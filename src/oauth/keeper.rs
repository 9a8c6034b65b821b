//! Who may read an account at LinkedIn right now, and what a refusal means for that permission.
//!
//! Any number of servers may ask at once. A refresh is claimed in the database first, so that one
//! of them makes it; new tokens are in the database before anybody uses them; and a grant is
//! declared dead only in the very version that was refused.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::time::sleep;

use super::timing::{must_refresh, patience};
use super::{OAuth, RefreshError, TokenState, Tokens};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::linkedin::failure::{Action, Failure, Kind};
use crate::secret::Sealer;
use crate::store::grants::{GrantEnd, KeptGrant, bound_to};
use crate::store::{Store, now as clock};

/// For how long one server alone may refresh; longer than the call can take.
const LEASE: i64 = 90_000;
/// How long somebody waits for another server's refresh, in steps.
const WAIT_STEPS: u32 = 50;
const WAIT_STEP: Duration = Duration::from_millis(200);

/// Permission to read as one member; its version tells it from those before and after.
#[derive(Clone)]
pub struct Grant {
    /// The profile that it belongs to.
    pub profile_id: i64,
    /// The access token.
    pub token: SecretString,
    /// Which of the profile's tokens it is.
    pub version: i64,
}

impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grant")
            .field("profile_id", &self.profile_id)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// What helps after a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Ask for the grant again after that time and make the same call.
    TryAgain {
        /// In milliseconds.
        after_ms: u64,
    },
    /// This profile does not help; another one may.
    OtherProfile,
    /// The refusal has nothing to do with the grant.
    None,
}

/// Hands out grants, refreshes them, and draws the conclusions from refusals.
#[derive(Clone, Debug)]
pub struct TokenKeeper {
    store: Store,
    sealer: Arc<Sealer>,
    oauth: OAuth,
}

impl TokenKeeper {
    /// A keeper of the tokens in this store.
    #[must_use]
    pub fn new(store: Store, sealer: Arc<Sealer>, oauth: OAuth) -> TokenKeeper {
        TokenKeeper {
            store,
            sealer,
            oauth,
        }
    }

    /// The best usable profile that reaches the account (authorized, confirmed, chosen), except
    /// those in `tried`.
    ///
    /// # Errors
    /// When the database refuses, or the only grant is being refreshed and LinkedIn is slow.
    pub async fn token_for_account(
        &self,
        account_id: i64,
        tried: &[i64],
        now: i64,
    ) -> Result<Option<Grant>> {
        for kept in self.store.list_grants_of_account(account_id).await? {
            if tried.contains(&kept.profile_id) {
                continue;
            }
            if let Some(grant) = self.usable(kept, now).await? {
                return Ok(Some(grant));
            }
        }
        Ok(None)
    }

    /// The grant of a profile that is authorized, confirmed or not.
    ///
    /// # Errors
    /// When the database refuses, or the grant is being refreshed and LinkedIn is slow.
    pub async fn token_for_profile(&self, profile_id: i64, now: i64) -> Result<Option<Grant>> {
        match self.store.find_grant(profile_id).await? {
            Some(kept) => self.usable(kept, now).await,
            None => Ok(None),
        }
    }

    /// What a refusal of LinkedIn's means for the grant.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn report(&self, grant: &Grant, failure: &Failure, now: i64) -> Result<Remedy> {
        match failure.action(now) {
            Action::Reconnect => self.end(grant, GrantEnd::Revoked, now).await,
            Action::Refresh | Action::Introspect => self.doubt(grant, failure.kind, now).await,
            Action::RoleMissing | Action::ScopeMissing => Ok(Remedy::OtherProfile),
            Action::Retry { .. }
            | Action::ParkUntil { .. }
            | Action::Gone
            | Action::SmallerPages
            | Action::OperatorAlert
            | Action::Bug => Ok(Remedy::None),
        }
    }

    /// The token was refused, and the question is what that means.
    async fn doubt(&self, grant: &Grant, refusal: Kind, now: i64) -> Result<Remedy> {
        let Some(kept) = self.store.find_grant(grant.profile_id).await? else {
            return Ok(Remedy::OtherProfile);
        };
        if kept.version != grant.version {
            return Ok(Remedy::TryAgain { after_ms: 0 });
        }
        if refusal == Kind::TokenInvalid
            && let Some(after_ms) = patience(kept.granted_at, now)
        {
            return Ok(Remedy::TryAgain { after_ms });
        }
        let state = match refusal {
            Kind::TokenExpired => Ok(TokenState::Expired),
            _ => self.oauth.introspect(&grant.token).await,
        };
        match state {
            Ok(TokenState::Revoked) => self.end(grant, GrantEnd::Revoked, now).await,
            // The token is in order, so it is the member who may not.
            Ok(TokenState::Active) if refusal == Kind::Unauthorized => Ok(Remedy::OtherProfile),
            Ok(_) if kept.refresh_token.is_some() => self.after_refresh(kept, now).await,
            Ok(TokenState::Expired) => self.end(grant, GrantEnd::Expired, now).await,
            Ok(TokenState::Inactive) => self.end(grant, GrantEnd::Refused, now).await,
            // LinkedIn contradicts itself; that is no reason to have somebody authorize again.
            Ok(TokenState::Active) => Ok(Remedy::OtherProfile),
            Err(_) => Ok(Remedy::None),
        }
    }

    async fn after_refresh(&self, kept: KeptGrant, now: i64) -> Result<Remedy> {
        match self.refresh(&kept, now).await? {
            Refreshed::Renewed => Ok(Remedy::TryAgain { after_ms: 0 }),
            Refreshed::Over => Ok(Remedy::OtherProfile),
            Refreshed::NotNow => Ok(Remedy::None),
        }
    }

    async fn end(&self, grant: &Grant, end: GrantEnd, now: i64) -> Result<Remedy> {
        let (id, version) = (grant.profile_id, grant.version);
        if self.store.end_grant(id, version, end, now).await? {
            tracing::warn!(
                profile = id,
                ?end,
                "a user profile has to be authorized again"
            );
            return Ok(Remedy::OtherProfile);
        }
        // Either somebody authorized or refreshed meanwhile, or somebody else noted the end.
        match self.store.find_grant(id).await? {
            Some(_) => Ok(Remedy::TryAgain { after_ms: 0 }),
            None => Ok(Remedy::OtherProfile),
        }
    }

    /// A grant that can be used now, refreshed if its end is near.
    async fn usable(&self, kept: KeptGrant, now: i64) -> Result<Option<Grant>> {
        let alive = kept.expires_at.is_none_or(|end| end > now);
        if !must_refresh(&kept, now) {
            if alive {
                return self.open(kept, now).await;
            }
            self.end_kept(&kept, GrantEnd::Expired, now).await?;
            return Ok(None);
        }
        let id = kept.profile_id;
        match self.refresh(&kept, now).await? {
            Refreshed::NotNow if alive => self.open(kept, now).await,
            Refreshed::NotNow => Err(Error::new(
                ErrorKind::Unavailable,
                "LinkedIn does not renew an authorization right now. Leadline tries again by itself.",
            )),
            Refreshed::Over => Ok(None),
            Refreshed::Renewed => match self.store.find_grant(id).await? {
                Some(renewed) => self.open(renewed, now).await,
                None => Ok(None),
            },
        }
    }

    /// Refreshes a grant, or waits for the server that is doing it when there is no other way.
    async fn refresh(&self, kept: &KeptGrant, now: i64) -> Result<Refreshed> {
        if self.store.claim_refresh(kept, now + LEASE, now).await? {
            return self.refresh_claimed(kept, now).await;
        }
        if kept.expires_at.is_none_or(|end| end > now) {
            return self.outcome(kept).await;
        }
        for _ in 0..WAIT_STEPS {
            let seen = self.outcome(kept).await?;
            if seen != Refreshed::NotNow {
                return Ok(seen);
            }
            sleep(WAIT_STEP).await;
        }
        Ok(Refreshed::NotNow)
    }

    /// What has become of a grant that somebody else may be refreshing.
    async fn outcome(&self, kept: &KeptGrant) -> Result<Refreshed> {
        Ok(match self.store.find_grant(kept.profile_id).await? {
            Some(seen) if seen.version != kept.version => Refreshed::Renewed,
            Some(_) => Refreshed::NotNow,
            None => Refreshed::Over,
        })
    }

    async fn refresh_claimed(&self, kept: &KeptGrant, now: i64) -> Result<Refreshed> {
        let Some(token) = self.opened_refresh_token(kept) else {
            self.end_kept(kept, GrantEnd::Unreadable, now).await?;
            return self.outcome(kept).await;
        };
        let asked = clock();
        match self.oauth.refresh(&token).await {
            Ok(tokens) => {
                // LinkedIn says how long from now; the call itself may have taken a while.
                let now = now + (clock() - asked).max(0);
                let tokens = Tokens {
                    refresh_life: tokens
                        .refresh_life
                        .or_else(|| kept.refresh_expires_at.map(|end| end - now)),
                    refresh: Some(tokens.refresh.unwrap_or(token)),
                    ..tokens
                };
                let saved = self.store.save_refreshed(kept, &tokens, &self.sealer, now);
                saved.await?;
                self.outcome(kept).await
            }
            // The claim is left to run out: nobody asks again before that.
            Err(RefreshError::Unavailable) => Ok(Refreshed::NotNow),
            Err(RefreshError::Over) => {
                self.end_kept(kept, GrantEnd::Refused, now).await?;
                self.outcome(kept).await
            }
        }
    }

    fn opened_refresh_token(&self, kept: &KeptGrant) -> Option<SecretString> {
        let sealed = kept.refresh_token.as_deref()?;
        let bound_to = bound_to(kept.profile_id, "refresh_token");
        self.sealer.open(sealed, &bound_to).ok()
    }

    async fn open(&self, kept: KeptGrant, now: i64) -> Result<Option<Grant>> {
        let bound_to = bound_to(kept.profile_id, "access_token");
        let sealed = kept.access_token.as_deref().unwrap_or_default();
        if let Ok(token) = self.sealer.open(sealed, &bound_to) {
            return Ok(Some(Grant {
                profile_id: kept.profile_id,
                token,
                version: kept.version,
            }));
        }
        self.end_kept(&kept, GrantEnd::Unreadable, now).await?;
        Ok(None)
    }

    async fn end_kept(&self, kept: &KeptGrant, end: GrantEnd, now: i64) -> Result<()> {
        let (id, version) = (kept.profile_id, kept.version);
        if self.store.end_grant(id, version, end, now).await? {
            tracing::warn!(
                profile = id,
                ?end,
                "a user profile has to be authorized again"
            );
        }
        Ok(())
    }
}

/// How a refresh went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refreshed {
    /// There is a newer grant.
    Renewed,
    /// LinkedIn did not answer, or another server is at it.
    NotNow,
    /// The profile is not authorized any more.
    Over,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_does_not_get_the_token() {
        let grant = Grant {
            profile_id: 1,
            token: SecretString::from("AQX"),
            version: 2,
        };
        assert_eq!(
            format!("{grant:?}"),
            "Grant { profile_id: 1, version: 2, .. }"
        );
    }
}
