//! What administrators set for a linked account, and passes that are asked for. Each change is told
//! in the audit log.

use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use serde_json::json;

use super::access::{Actor, Administrator};
use super::audit::{Action, Event, record};
use super::{Store, execute, row, rows};
use crate::error::{Error, Result};

impl Store {
    /// Asks for a pass now: over one account, or over all.
    ///
    /// # Errors
    /// When the database refuses, or there is no such account.
    pub async fn request_sync(
        &self,
        account_id: Option<i64>,
        actor: &Actor,
        now: i64,
    ) -> Result<()> {
        let tx = self.begin().await?;
        let sql = "UPDATE linked_account SET sync_requested_at = $1, not_before = 0 WHERE id = $2 OR $2 IS NULL \
             RETURNING name";
        let values = [now.into(), cast_id(account_id)];
        let asked = rows::<Name>(&tx, sql, values).await?;
        let name = match (account_id, asked.first()) {
            (None, _) => "all accounts",
            (Some(_), Some(account)) => &account.name,
            (Some(_), None) => return Err(Error::not_found("linked account")),
        };
        let event = account_event(Action::SyncRequested, account_id, name);
        record(&tx, actor, event, now).await?;
        Ok(tx.commit().await?)
    }
}

impl Administrator {
    /// Switches the sync of an account on or off.
    ///
    /// # Errors
    /// When the database refuses, or there is no such account.
    pub async fn set_account_sync(&self, account_id: i64, enabled: bool, now: i64) -> Result<()> {
        let tx = self.store().begin().await?;
        let was = touch(&tx, account_id, now).await?;
        if was.sync_enabled == enabled {
            return Ok(());
        }
        let sql = "UPDATE linked_account SET sync_enabled = $1 WHERE id = $2";
        execute(&tx, sql, [enabled.into(), account_id.into()]).await?;
        let action = match enabled {
            true => Action::SyncSwitchedOn,
            false => Action::SyncSwitchedOff,
        };
        let event = account_event(action, Some(account_id), &was.name)
            .before(json!({ "sync": on_off(was.sync_enabled) }))
            .after(json!({ "sync": on_off(enabled) }));
        record(&tx, self.actor(), event, now).await?;
        Ok(tx.commit().await?)
    }

    /// Sets who owns the leads of an account; `None`: the owner of the profile. Its submissions
    /// without a lead go along.
    ///
    /// # Errors
    /// When the database refuses, or there is no such account or person.
    pub async fn set_account_owner(
        &self,
        account_id: i64,
        owner: Option<i64>,
        now: i64,
    ) -> Result<()> {
        if let Some(person) = owner
            && self.store().find_active_person(person).await?.is_none()
        {
            return Err(Error::invalid(
                "default owner: this person does not exist or is disabled. Choose another one.",
            ));
        }
        let tx = self.store().begin_alone().await?;
        let was = touch(&tx, account_id, now).await?;
        if was.default_owner_id == owner {
            return Ok(());
        }
        let sql = "UPDATE linked_account SET default_owner_id = $1 WHERE id = $2";
        execute(&tx, sql, [cast_id(owner), account_id.into()]).await?;
        give_away(&tx, account_id, owner).await?;
        let before = person_name(&tx, was.default_owner_id).await?;
        let after = person_name(&tx, owner).await?;
        let event = account_event(Action::DefaultOwnerSet, Some(account_id), &was.name)
            .before(json!({ "default_owner": before }))
            .after(json!({ "default_owner": after }));
        record(&tx, self.actor(), event, now).await?;
        Ok(tx.commit().await?)
    }

    /// Asks for a pass now: over one account, or over all.
    ///
    /// # Errors
    /// When the database refuses, or there is no such account.
    pub async fn request_sync(&self, account_id: Option<i64>, now: i64) -> Result<()> {
        let store = self.store();
        store.request_sync(account_id, self.actor(), now).await
    }
}

/// Gives the submissions of an account that have no lead to whom a lead would belong.
async fn give_away(db: &impl ConnectionTrait, account_id: i64, owner: Option<i64>) -> Result<()> {
    let sql = "UPDATE submission SET owner_id = COALESCE($1, \
           (SELECT p.owner_id FROM user_profile p WHERE p.id = submission.profile_id)) \
         WHERE account_id = $2 AND lead_id IS NULL";
    execute(db, sql, [cast_id(owner), account_id.into()]).await?;
    Ok(())
}

fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

#[derive(FromQueryResult)]
struct Name {
    name: String,
}

/// The settings of an account before they are changed.
#[derive(FromQueryResult)]
pub(super) struct Touched {
    pub(super) name: String,
    sync_enabled: bool,
    default_owner_id: Option<i64>,
}

/// Locks an account and tells its settings.
pub(super) async fn touch(db: &impl ConnectionTrait, account_id: i64, now: i64) -> Result<Touched> {
    let sql = "UPDATE linked_account SET modified_at = $1 WHERE id = $2 \
         RETURNING name, sync_enabled, default_owner_id";
    let found = row::<Touched>(db, sql, [now.into(), account_id.into()]).await?;
    found.ok_or_else(|| Error::not_found("linked account"))
}

/// Something happened to an account, or to all of them.
pub(super) fn account_event(action: Action, id: Option<i64>, name: &str) -> Event<'_> {
    Event::new(action, "linked account", id, name)
}

async fn person_name(db: &impl ConnectionTrait, id: Option<i64>) -> Result<Option<String>> {
    let sql = "SELECT name FROM person WHERE id = $1";
    Ok(row::<Name>(db, sql, [cast_id(id)])
        .await?
        .map(|row| row.name))
}

fn cast_id(id: Option<i64>) -> Value {
    Value::BigInt(id)
}
