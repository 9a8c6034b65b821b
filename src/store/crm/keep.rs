//! What Leadline itself keeps about the connection while it is in use: whether it works, and which
//! columns there are.

use sea_orm::Value;
use serde_json::json;

use super::{ID, NOUN, kept};
use crate::crm::dynamics::TableDescription;
use crate::error::Result;
use crate::store::access::Actor;
use crate::store::audit::{Action, Event, record};
use crate::store::{Store, execute, json as to_json, text};

/// How long a connection that works is used until it is looked at again, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;
/// How long one rests that does not work.
const MINUTES: i64 = 10 * 60 * 1000;

/// Who found that a connection does not work; they alone find that it works again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy {
    /// A look at the connection: who the application is, which organization, which columns.
    Look,
    /// The work: what the application may read and write.
    Work,
}

impl FoundBy {
    fn is_work(self) -> bool {
        self == FoundBy::Work
    }
}

impl Store {
    /// Claims the next look at the connection in use, daily or, while it does not work, every few
    /// minutes; `false` when it is not its time, or another server looks.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn claim_crm_check(&self, now: i64) -> Result<bool> {
        let sql = "UPDATE crm_connection SET checked_at = $1 WHERE id = $2 \
             AND (state = 'active' AND checked_at <= $3 OR state = 'broken' AND checked_at <= $4)";
        let values: [Value; 4] = [
            now.into(),
            ID.into(),
            (now - DAY).into(),
            (now - MINUTES).into(),
        ];
        Ok(execute(self.writing(), sql, values).await? == 1)
    }

    /// Has the connection looked at as soon as possible.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn request_crm_check(&self) -> Result<()> {
        let sql = "UPDATE crm_connection SET checked_at = 0 WHERE id = $1";
        execute(self.writing(), sql, [ID.into()]).await?;
        Ok(())
    }

    /// Notes why the connection in use does not work until an administrator does something; `false`
    /// when that is known, or the connection was changed since this version was read.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn mark_crm_broken(
        &self,
        version: i64,
        reason: &str,
        by: FoundBy,
        now: i64,
    ) -> Result<bool> {
        let tx = self.begin().await?;
        let sql = "UPDATE crm_connection SET state = 'broken', reason = $1, broken_at_work = $2 \
             WHERE id = $3 AND version = $4 AND state = 'active'";
        let values: [Value; 4] = [text(reason), by.is_work().into(), ID.into(), version.into()];
        if execute(&tx, sql, values).await? == 0 {
            return Ok(false);
        }
        let name = kept(&tx).await?.and_then(|kept| kept.organization_name);
        let name = name.unwrap_or_default();
        let event =
            Event::new(Action::CrmBroken, NOUN, ID, &name).after(json!({ "reason": reason }));
        record(&tx, &Actor::Engine, event, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Notes that the connection works again, if these found that it did not.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn mark_crm_working(&self, version: i64, by: FoundBy) -> Result<bool> {
        let sql = "UPDATE crm_connection SET state = 'active', reason = '' \
             WHERE id = $1 AND version = $2 AND state = 'broken' AND broken_at_work = $3";
        let values: [Value; 3] = [ID.into(), version.into(), by.is_work().into()];
        Ok(execute(self.writing(), sql, values).await? == 1)
    }

    /// Keeps the columns as they were read just now; tells whether they changed. The connection's
    /// version stays: nobody who changes it overlooks anything.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn save_crm_fields(&self, table: &TableDescription, now: i64) -> Result<bool> {
        let sql = "UPDATE crm_connection SET fields = $1, fields_version = $2, fields_read_at = $3 \
             WHERE id = $4 AND fields_version <> $2";
        let values: [Value; 4] = [
            to_json(table)?.into(),
            text(&table.version),
            now.into(),
            ID.into(),
        ];
        if execute(self.writing(), sql, values).await? == 1 {
            return Ok(true);
        }
        let sql = "UPDATE crm_connection SET fields_read_at = $1 WHERE id = $2";
        execute(self.writing(), sql, [now.into(), ID.into()]).await?;
        Ok(false)
    }
}
