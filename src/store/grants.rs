//! Grants: the sealed tokens in a profile's row.
//!
//! The profile's id is bound in when a token is sealed. Every new pair raises `grant_version`;
//! whoever wants to change a grant names the version that was seen, so no news is overwritten by
//! what is older.

use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use secrecy::SecretString;
use serde_json::json;

use super::access::Actor;
use super::audit::{Action, Event, record};
use super::{Store, execute, row, rows, text};
use crate::error::Result;
use crate::secret::Sealer;

/// What LinkedIn gave. Lives are in milliseconds, from the moment it was given.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Opens LinkedIn's API.
    pub access: SecretString,
    /// How long the access token lives, if LinkedIn said so.
    pub access_life: Option<i64>,
    /// Gets new access tokens; most applications get none.
    pub refresh: Option<SecretString>,
    /// How long the refresh token lives.
    pub refresh_life: Option<i64>,
    /// The permissions that were granted.
    pub scopes: Vec<String>,
}

/// Why a profile's grant is of no use any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantEnd {
    /// Its time is over.
    Expired,
    /// LinkedIn does not accept it any more, and does not say why.
    Refused,
    /// The member took it back.
    Revoked,
    /// The sealed token cannot be opened.
    Unreadable,
}

impl GrantEnd {
    fn state(self) -> &'static str {
        match self {
            GrantEnd::Expired | GrantEnd::Refused => "expired",
            GrantEnd::Revoked => "revoked",
            GrantEnd::Unreadable => "not_authorized",
        }
    }

    fn detail(self) -> &'static str {
        match self {
            GrantEnd::Expired => {
                "The authorization has expired: LinkedIn limits each to about 60 days. Authorize again; accounts, history and settings stay."
            }
            GrantEnd::Refused => {
                "LinkedIn does not accept the authorization any more. Authorize again; accounts, history and settings stay."
            }
            GrantEnd::Revoked => {
                "The LinkedIn member has withdrawn the authorization. Authorize again; accounts, history and settings stay."
            }
            GrantEnd::Unreadable => {
                "The kept authorization cannot be read with the configured secret_key. Authorize again; accounts, history and settings stay."
            }
        }
    }
}

/// The sealed grant of an authorized profile.
#[derive(FromQueryResult)]
pub(crate) struct KeptGrant {
    pub(crate) profile_id: i64,
    pub(crate) version: i64,
    pub(crate) access_token: Option<Vec<u8>>,
    pub(crate) granted_at: i64,
    pub(crate) expires_at: Option<i64>,
    pub(crate) refresh_token: Option<Vec<u8>>,
    pub(crate) refresh_expires_at: Option<i64>,
}

const KEPT_GRANT: &str = "SELECT p.id AS profile_id, p.grant_version AS version, p.access_token, \
     COALESCE(p.granted_at, 0) AS granted_at, p.access_expires_at AS expires_at, p.refresh_token, \
     p.refresh_expires_at FROM user_profile p";

impl Store {
    /// The grants by which an account may be read, the one that lasts longest first.
    pub(crate) async fn list_grants_of_account(&self, account_id: i64) -> Result<Vec<KeptGrant>> {
        let sql = format!(
            "{KEPT_GRANT} JOIN profile_account pa ON pa.profile_id = p.id \
             WHERE pa.account_id = $1 AND pa.chosen AND p.state = 'authorized' AND p.confirmed_at IS NOT NULL \
             ORDER BY COALESCE(p.access_expires_at, {}) DESC, p.id",
            i64::MAX
        );
        rows(self.writing(), &sql, [account_id.into()]).await
    }

    /// The grant of a profile, if it is authorized.
    pub(crate) async fn find_grant(&self, profile_id: i64) -> Result<Option<KeptGrant>> {
        let sql = format!("{KEPT_GRANT} WHERE p.id = $1 AND p.state = 'authorized'");
        row(self.writing(), &sql, [profile_id.into()]).await
    }

    /// Claims the right to refresh this version of a grant until then; `false` when another server
    /// has it, or has refreshed already.
    pub(crate) async fn claim_refresh(
        &self,
        grant: &KeptGrant,
        until: i64,
        now: i64,
    ) -> Result<bool> {
        let sql = "UPDATE user_profile SET refresh_lease = $1 \
             WHERE id = $2 AND grant_version = $3 AND state = 'authorized' AND refresh_lease <= $4";
        let values: [Value; 4] = [
            until.into(),
            grant.profile_id.into(),
            grant.version.into(),
            now.into(),
        ];
        Ok(execute(self.writing(), sql, values).await? == 1)
    }

    /// Keeps refreshed tokens, unless the profile was authorized again or disconnected meanwhile.
    pub(crate) async fn save_refreshed(
        &self,
        grant: &KeptGrant,
        tokens: &Tokens,
        sealer: &Sealer,
        now: i64,
    ) -> Result<bool> {
        let (id, version) = (grant.profile_id, grant.version);
        save_tokens(self.writing(), id, version, tokens, sealer, now).await
    }

    /// Marks a profile whose grant is of no use any more, unless a newer one came meanwhile.
    pub(crate) async fn end_grant(
        &self,
        profile_id: i64,
        version: i64,
        end: GrantEnd,
        now: i64,
    ) -> Result<bool> {
        let sql = "UPDATE user_profile SET state = $1, status_detail = $2, modified_at = $3 \
             WHERE id = $4 AND grant_version = $5 AND state = 'authorized' RETURNING name";
        let values: [Value; 5] = [
            end.state().into(),
            end.detail().into(),
            now.into(),
            profile_id.into(),
            version.into(),
        ];
        let tx = self.begin().await?;
        let Some(profile) = row::<Named>(&tx, sql, values).await? else {
            return Ok(false);
        };
        let noun = "user profile";
        let event = Event::new(Action::AuthorizationEnded, noun, profile_id, &profile.name)
            .before(json!({ "state": "authorized" }))
            .after(json!({ "state": end.state(), "reason": end.detail() }));
        record(&tx, &Actor::Engine, event, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}

#[derive(FromQueryResult)]
struct Named {
    name: String,
}

/// What a sealed token is bound to.
pub(crate) fn bound_to(profile_id: i64, column: &str) -> String {
    format!("user_profile:{profile_id}:{column}")
}

/// Puts tokens in the place of those with this version; `false` when they are not there any more.
pub(super) async fn save_tokens(
    db: &impl ConnectionTrait,
    profile_id: i64,
    version: i64,
    tokens: &Tokens,
    sealer: &Sealer,
    now: i64,
) -> Result<bool> {
    let seal = |secret: &SecretString, column| sealer.seal(secret, &bound_to(profile_id, column));
    let access = seal(&tokens.access, "access_token")?;
    let refresh = tokens.refresh.as_ref();
    let refresh = refresh.map(|t| seal(t, "refresh_token")).transpose()?;
    let ends = |life: Option<i64>| Value::from(life.map(|life| now.saturating_add(life)));
    let sql = "UPDATE user_profile SET access_token = $1, access_expires_at = $2, \
           refresh_token = $3, refresh_expires_at = $4, scopes = $5, granted_at = $6, grant_version = grant_version + 1, refresh_lease = 0, modified_at = $6 \
         WHERE id = $7 AND grant_version = $8";
    let values: [Value; 8] = [
        access.into(),
        ends(tokens.access_life),
        refresh.into(),
        ends(tokens.refresh_life),
        text(&tokens.scopes.join(" ")),
        now.into(),
        profile_id.into(),
        version.into(),
    ];
    Ok(execute(db, sql, values).await? == 1)
}
