//! Who works with the organization, and what stands in the way of the work.

use std::time::Duration;

use sea_orm::FromQueryResult;

use super::super::mirrors::LIVES_ELSEWHERE;
use super::super::{Store, execute, maybe_text, row, text};
use crate::error::Result;

#[derive(FromQueryResult)]
struct Paused {
    paused_until: i64,
}

#[derive(FromQueryResult)]
struct Problem {
    problem: Option<String>,
}

impl Store {
    /// Takes the work with the organization for `ms` milliseconds, or keeps it; `false` when another
    /// server has it.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn lease_crm(&self, holder: &str, ms: i64, now: i64) -> Result<bool> {
        let sql = "UPDATE crm_worker SET holder = $1, leased_until = $2 WHERE id = 1 AND (holder = $1 OR leased_until <= $3)";
        let values = [holder.into(), (now + ms).into(), now.into()];
        Ok(execute(self.writing(), sql, values).await? == 1)
    }

    /// Gives the work with the organization back.
    pub(crate) async fn release_crm(&self, holder: &str) -> Result<()> {
        let sql = "UPDATE crm_worker SET leased_until = 0 WHERE id = 1 AND holder = $1";
        execute(self.writing(), sql, [holder.into()]).await?;
        Ok(())
    }

    /// Why nothing can be brought to the organization at present, in plain words.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn crm_problem(&self) -> Result<Option<String>> {
        let sql = format!("SELECT problem FROM crm_worker WHERE id = 1 AND {LIVES_ELSEWHERE}");
        let found = row::<Problem>(self.reading(), &sql, []).await?;
        Ok(found.and_then(|row| row.problem))
    }

    /// Until when the organization asked to wait, in milliseconds since the epoch.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn crm_paused_until(&self) -> Result<i64> {
        let sql = "SELECT paused_until FROM crm_worker WHERE id = 1";
        let found = row::<Paused>(self.reading(), sql, []).await?;
        Ok(found.map_or(0, |row| row.paused_until))
    }

    /// The organization asked to wait until then: whoever asks it next waits too, also after a restart.
    /// A longer wait is not cut short by one that is told later.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn save_crm_pause(&self, until: i64) -> Result<()> {
        let sql = "UPDATE crm_worker SET paused_until = CASE WHEN paused_until < $1 THEN $1 ELSE paused_until END \
             WHERE id = 1";
        execute(self.writing(), sql, [until.into()]).await?;
        Ok(())
    }

    /// Keeps for how long the organization asked to wait, if it did.
    pub(crate) async fn keep_crm_pause(&self, wait: Option<Duration>) -> Result<()> {
        let Some(wait) = wait else {
            return Ok(());
        };
        let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        let now = self.clock().await?;
        self.save_crm_pause(now.saturating_add(wait)).await
    }

    /// Says why nothing can be brought to the organization, or that it can be again.
    pub(crate) async fn save_crm_problem(&self, problem: Option<&str>, now: i64) -> Result<()> {
        let sql = "UPDATE crm_worker SET problem = $1, problem_at = $2 WHERE id = 1 AND COALESCE(problem, '') <> $3";
        let since = problem.map(|_| now);
        let values = [
            maybe_text(problem),
            since.into(),
            text(problem.unwrap_or_default()),
        ];
        execute(self.writing(), sql, values).await?;
        Ok(())
    }

    /// Notes which version the organization's columns have; tells whether it is another one than
    /// before, so that they are to be read again.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub(crate) async fn notice_crm_schema(&self, schema: &str) -> Result<bool> {
        let sql = "UPDATE crm_worker SET schema_version = $1 WHERE id = 1 AND schema_version <> $1";
        Ok(execute(self.writing(), sql, [text(schema)]).await? == 1)
    }
}
