//! User profiles: the authorizations that people got from LinkedIn members, and what
//! their owners do with them.
//!
//! A profile's row is made only together with its tokens, so there is no half-made profile. What
//! happens to the tokens later is in `grants`.

use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use serde_json::json;

use super::access::{Actor, Administrator, Salesperson};
use super::audit::{Action, Event, record};
pub use super::grants::Tokens;
use super::grants::save_tokens;
use super::{Store, execute, maybe_text, placeholders, row, rows, text};
use crate::error::{Error, Result};
use crate::secret::Sealer;

/// A day in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Who gave the consent, if LinkedIn tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileMember {
    /// LinkedIn's id of the member.
    pub id: String,
    /// The member's name.
    pub name: Option<String>,
}

/// A profile as its owner needs it to authorize again.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct OwnProfile {
    /// Leadline's id.
    pub id: i64,
    /// LinkedIn's id of the member, if it is known.
    pub member_id: Option<String>,
    /// When the receiving organization was confirmed.
    pub confirmed_at: Option<i64>,
}

/// Whole days until a grant ends; 0 on its last day and ever after.
#[must_use]
pub fn days_left(expires_at: i64, now: i64) -> i64 {
    (expires_at - now).max(0) / DAY
}

impl Salesperson {
    /// Makes a profile of what LinkedIn gave; tells its id.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn create_profile(
        &self,
        tokens: &Tokens,
        member: Option<&ProfileMember>,
        sealer: &Sealer,
        now: i64,
    ) -> Result<i64> {
        let tx = self.store().begin().await?;
        let sql = "INSERT INTO user_profile (owner_id, name, member_name, member_id, state, scopes, grant_version, \
               refresh_lease, created_at, modified_at) \
             VALUES ($1, $2, $3, $4, 'authorized', '', 0, 0, $5, $5) RETURNING id";
        let member_name = member.and_then(|m| m.name.as_deref());
        let name = member_name.unwrap_or(&self.person().name);
        let values: [Value; 5] = [
            self.person().id.into(),
            text(name),
            maybe_text(member_name),
            maybe_text(member.map(|m| m.id.as_str())),
            now.into(),
        ];
        let id = row::<Id>(&tx, sql, values).await?.map(|row| row.id);
        let id = id.ok_or_else(|| Error::internal("a profile was not saved"))?;
        save_tokens(&tx, id, 0, tokens, sealer, now).await?;
        mark_authorized(&tx, id, member, now).await?;
        let given = json!({ "member": member_name, "permissions": tokens.scopes });
        let event = profile_event(Action::Authorized, id, name).after(given);
        record(&tx, self.actor(), event, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// An own profile.
    ///
    /// # Errors
    /// When there is none with this id.
    pub async fn own_profile(&self, profile_id: i64) -> Result<OwnProfile> {
        let sql =
            "SELECT id, member_id, confirmed_at FROM user_profile WHERE id = $1 AND owner_id = $2";
        let values = [profile_id.into(), self.person().id.into()];
        row(self.store().reading(), sql, values)
            .await?
            .ok_or_else(|| Error::not_found("user profile"))
    }

    /// Notes that the owner has left for LinkedIn to authorize again. A profile that works goes on
    /// working meanwhile.
    ///
    /// # Errors
    /// When it is not the person's.
    pub async fn begin_reauthorization(&self, profile_id: i64, now: i64) -> Result<()> {
        let tx = self.store().begin().await?;
        let was = self.touch_own(&tx, profile_id, now).await?;
        if was.state == "authorized" {
            return Ok(());
        }
        let sql =
            "UPDATE user_profile SET state = 'reauthorizing', status_detail = $1 WHERE id = $2";
        let detail =
            "The new authorization was begun at LinkedIn but not finished. Authorize again.";
        execute(&tx, sql, [detail.into(), profile_id.into()]).await?;
        let event = profile_event(Action::AuthorizationBegun, profile_id, &was.name)
            .before(json!({ "state": was.state }))
            .after(json!({ "state": "reauthorizing" }));
        record(&tx, self.actor(), event, now).await?;
        Ok(tx.commit().await?)
    }

    /// Puts what LinkedIn gave into a profile that exists. Accounts, history and settings stay, and
    /// its accounts are synced at once.
    ///
    /// # Errors
    /// When it is not the person's.
    pub async fn reauthorize_profile(
        &self,
        profile_id: i64,
        tokens: &Tokens,
        member: Option<&ProfileMember>,
        sealer: &Sealer,
        now: i64,
    ) -> Result<()> {
        let tx = self.store().begin().await?;
        let was = self.touch_own(&tx, profile_id, now).await?;
        let version = was.grant_version;
        save_tokens(&tx, profile_id, version, tokens, sealer, now).await?;
        mark_authorized(&tx, profile_id, member, now).await?;
        request_sync(&tx, profile_id, now).await?;
        let event = profile_event(Action::AuthorizedAgain, profile_id, &was.name)
            .before(json!({ "state": was.state }))
            .after(json!({ "state": "authorized", "permissions": tokens.scopes }));
        record(&tx, self.actor(), event, now).await?;
        Ok(tx.commit().await?)
    }

    /// Confirms which CRM receives the leads; before that, nothing is synced through the profile.
    ///
    /// # Errors
    /// When it is not the person's.
    pub async fn confirm_profile(&self, profile_id: i64, crm: &str, now: i64) -> Result<()> {
        let tx = self.store().begin().await?;
        let was = self.touch_own(&tx, profile_id, now).await?;
        let sql = "UPDATE user_profile SET confirmed_at = $1, confirmed_crm = $2 WHERE id = $3";
        execute(&tx, sql, [now.into(), text(crm), profile_id.into()]).await?;
        request_sync(&tx, profile_id, now).await?;
        let event = profile_event(Action::ReceiverConfirmed, profile_id, &was.name)
            .before(json!({ "receiver": was.confirmed_crm }))
            .after(json!({ "receiver": crm }));
        record(&tx, self.actor(), event, now).await?;
        Ok(tx.commit().await?)
    }

    /// Chooses which of the accounts that a profile reaches are synced through it: these and no
    /// others.
    ///
    /// # Errors
    /// When the profile is not the person's, or does not reach one of the accounts.
    pub async fn choose_accounts(
        &self,
        profile_id: i64,
        account_ids: &[i64],
        now: i64,
    ) -> Result<()> {
        let mut wanted = account_ids.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        let tx = self.store().begin().await?;
        let was = self.touch_own(&tx, profile_id, now).await?;
        let before = chosen_accounts(&tx, profile_id).await?;
        let sql = "UPDATE profile_account SET chosen = FALSE WHERE profile_id = $1";
        execute(&tx, sql, [profile_id.into()]).await?;
        if !wanted.is_empty() {
            let list = placeholders(1, &vec![""; wanted.len()], 2);
            let sql = format!(
                "UPDATE profile_account SET chosen = TRUE WHERE profile_id = $1 AND account_id IN {list}"
            );
            let values = std::iter::once(profile_id).chain(wanted.iter().copied());
            if execute(&tx, &sql, values.map(Value::from)).await? != wanted.len() as u64 {
                return Err(Error::not_found("linked account"));
            }
        }
        request_sync(&tx, profile_id, now).await?;
        let after = chosen_accounts(&tx, profile_id).await?;
        if before != after {
            let event = profile_event(Action::AccountsChosen, profile_id, &was.name)
                .before(json!({ "accounts": before }))
                .after(json!({ "accounts": after }));
            record(&tx, self.actor(), event, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Disconnects an own profile: its tokens are destroyed, everything else stays.
    ///
    /// # Errors
    /// When it is not the person's.
    pub async fn disconnect_profile(&self, profile_id: i64, now: i64) -> Result<()> {
        let owner = Some(self.person().id);
        disconnect(self.store(), self.actor(), profile_id, owner, now).await
    }

    /// Makes sure that the profile is the person's, and locks it; tells what it was.
    async fn touch_own(
        &self,
        db: &impl ConnectionTrait,
        profile_id: i64,
        now: i64,
    ) -> Result<Touched> {
        touch(db, profile_id, Some(self.person().id), now).await
    }
}

impl Administrator {
    /// Disconnects anybody's profile: its tokens are destroyed, everything else stays.
    ///
    /// # Errors
    /// When there is no such profile.
    pub async fn disconnect_profile(&self, profile_id: i64, now: i64) -> Result<()> {
        disconnect(self.store(), self.actor(), profile_id, None, now).await
    }
}

/// A profile before it is changed.
#[derive(FromQueryResult)]
struct Touched {
    name: String,
    state: String,
    grant_version: i64,
    confirmed_crm: Option<String>,
}

#[derive(FromQueryResult)]
struct Name {
    name: String,
}

/// Locks a profile and tells what it is; `owner` must be who has it, if one is named.
async fn touch(
    db: &impl ConnectionTrait,
    profile_id: i64,
    owner: Option<i64>,
    now: i64,
) -> Result<Touched> {
    let sql = "UPDATE user_profile SET modified_at = $1 WHERE id = $2 AND (owner_id = $3 OR $3 IS NULL) \
         RETURNING name, state, grant_version, confirmed_crm";
    let values = [now.into(), profile_id.into(), Value::BigInt(owner)];
    let found = row::<Touched>(db, sql, values).await?;
    found.ok_or_else(|| Error::not_found("user profile"))
}

fn profile_event(action: Action, id: i64, name: &str) -> Event<'_> {
    Event::new(action, "user profile", id, name)
}

/// The names of the accounts that are synced through a profile.
async fn chosen_accounts(db: &impl ConnectionTrait, profile_id: i64) -> Result<Vec<String>> {
    let sql = "SELECT a.name FROM profile_account pa JOIN linked_account a ON a.id = pa.account_id \
         WHERE pa.profile_id = $1 AND pa.chosen ORDER BY a.name, a.id";
    let found = rows::<Name>(db, sql, [profile_id.into()]).await?;
    Ok(found.into_iter().map(|row| row.name).collect())
}

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

/// After a consent the profile is authorized, whatever it was before.
async fn mark_authorized(
    db: &impl ConnectionTrait,
    profile_id: i64,
    member: Option<&ProfileMember>,
    now: i64,
) -> Result<()> {
    let sql = "UPDATE user_profile SET state = 'authorized', status_detail = NULL, authorized_at = $1, \
           member_id = COALESCE($2, member_id), member_name = COALESCE($3, member_name), discovered_at = NULL \
         WHERE id = $4";
    let values = [
        now.into(),
        maybe_text(member.map(|m| m.id.as_str())),
        maybe_text(member.and_then(|m| m.name.as_deref())),
        profile_id.into(),
    ];
    execute(db, sql, values).await?;
    Ok(())
}

/// Asks for a pass over the chosen accounts: one after the other in the order in which whoever finds
/// accounts writes them (`save_found_accounts`), so that nobody waits in a circle.
async fn request_sync(db: &impl ConnectionTrait, profile_id: i64, now: i64) -> Result<()> {
    let sql = "SELECT a.id, a.urn FROM linked_account a JOIN profile_account pa ON pa.account_id = a.id \
         WHERE pa.profile_id = $1 AND pa.chosen";
    let mut chosen = rows::<ChosenRow>(db, sql, [profile_id.into()]).await?;
    chosen.sort_by(|a, b| a.urn.cmp(&b.urn));
    for account in chosen {
        let sql = "UPDATE linked_account SET sync_requested_at = $1, not_before = 0 WHERE id = $2";
        execute(db, sql, [now.into(), account.id.into()]).await?;
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct ChosenRow {
    id: i64,
    urn: String,
}

async fn disconnect(
    store: &Store,
    actor: &Actor,
    profile_id: i64,
    owner: Option<i64>,
    now: i64,
) -> Result<()> {
    let tx = store.begin().await?;
    let was = touch(&tx, profile_id, owner, now).await?;
    let sql = "UPDATE user_profile SET access_token = NULL, access_expires_at = NULL, refresh_token = NULL, \
           refresh_expires_at = NULL, granted_at = NULL, grant_version = grant_version + 1, refresh_lease = 0, \
           state = 'not_authorized', status_detail = $1 WHERE id = $2";
    let detail = "Disconnected; the tokens are destroyed. Authorize again to go on syncing.";
    execute(&tx, sql, [detail.into(), profile_id.into()]).await?;
    let event = profile_event(Action::Disconnected, profile_id, &was.name)
        .before(json!({ "state": was.state }))
        .after(json!({ "state": "not_authorized" }));
    record(&tx, actor, event, now).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_down_to_nothing() {
        let cases = [
            (60 * DAY, 60),
            (60 * DAY - 1, 59),
            (DAY, 1),
            (DAY - 1, 0),
            (0, 0),
            (-DAY, 0),
        ];
        for (left, days) in cases {
            assert_eq!(days_left(1_000 + left, 1_000), days, "{left}");
        }
    }
}
