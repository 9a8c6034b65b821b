//! How far each stream of submissions has been read, and what each pass did.
//!
//! A stream is one kind of leads of one account. Its marks only move forward, only for the holder
//! of the account's lease, and only after what they speak of has been committed.

use sea_orm::{FromQueryResult, Value};

use super::access::Administrator;
use super::account_settings::{account_event, touch};
use super::audit::{Action, record};
use super::{Store, execute, row};
use crate::error::{Error, Result};
use crate::submission::LeadType;

/// How far a stream has been read. All times in milliseconds since the epoch.
#[derive(Debug, Clone, Default, PartialEq, Eq, FromQueryResult)]
pub struct Stream {
    /// Everything before this has been read once.
    pub pulled_until: Option<i64>,
    /// The newest submission that was seen, by LinkedIn's clock.
    pub highest_submitted_at: Option<i64>,
    /// Where reading the past began.
    pub backfill_from: Option<i64>,
    /// When the past had been read.
    pub backfill_done_at: Option<i64>,
    /// When the last week was read again for the last time.
    pub swept_at: Option<i64>,
}

/// What a pass did, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// Requests to LinkedIn.
    pub calls: i64,
    /// Submissions that LinkedIn showed, including those known already.
    pub received: i64,
    /// Submissions that were new.
    pub added: i64,
}

impl Store {
    /// How far a stream has been read; nothing when it is new.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn find_stream(&self, account_id: i64, lead_type: LeadType) -> Result<Stream> {
        let sql = "SELECT pulled_until, highest_submitted_at, backfill_from, backfill_done_at, swept_at \
             FROM sync_stream WHERE account_id = $1 AND lead_type = $2";
        let values = [account_id.into(), lead_type.as_str().into()];
        Ok(row(self.writing(), sql, values).await?.unwrap_or_default())
    }

    /// Moves a stream's marks forward; never back, and only for who holds the account.
    ///
    /// # Errors
    /// When the database refuses, or the account is not held any more.
    pub async fn advance_stream(
        &self,
        account_id: i64,
        lead_type: LeadType,
        holder: &str,
        to: &Stream,
    ) -> Result<()> {
        let sql = "INSERT INTO sync_stream (account_id, lead_type, pulled_until, highest_submitted_at, \
               backfill_from, backfill_done_at, swept_at) \
             SELECT id, $2, $3, $4, $5, $6, $7 FROM linked_account WHERE id = $1 AND lease_holder = $8 \
             ON CONFLICT (account_id, lead_type) DO UPDATE SET \
               pulled_until = CASE WHEN sync_stream.pulled_until > excluded.pulled_until \
                 THEN sync_stream.pulled_until ELSE COALESCE(excluded.pulled_until, sync_stream.pulled_until) END, \
               highest_submitted_at = CASE WHEN sync_stream.highest_submitted_at > excluded.highest_submitted_at \
                 THEN sync_stream.highest_submitted_at \
                 ELSE COALESCE(excluded.highest_submitted_at, sync_stream.highest_submitted_at) END, \
               backfill_from = COALESCE(sync_stream.backfill_from, excluded.backfill_from), \
               backfill_done_at = COALESCE(sync_stream.backfill_done_at, excluded.backfill_done_at), \
               swept_at = COALESCE(excluded.swept_at, sync_stream.swept_at)";
        let values: [Value; 8] = [
            account_id.into(),
            lead_type.as_str().into(),
            to.pulled_until.into(),
            to.highest_submitted_at.into(),
            to.backfill_from.into(),
            to.backfill_done_at.into(),
            to.swept_at.into(),
            holder.into(),
        ];
        match execute(self.writing(), sql, values).await? {
            0 => Err(Error::new(
                crate::error::Kind::Conflict,
                "Another server took this account over.",
            )),
            _ => Ok(()),
        }
    }

    /// Notes that a pass over an account begins.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn begin_run(&self, account_id: i64, reason: &str, now: i64) -> Result<i64> {
        let sql = "INSERT INTO sync_run (account_id, reason, started_at, calls, received, added, outcome) \
             VALUES ($1, $2, $3, 0, 0, 0, 'running') RETURNING id";
        let values = [account_id.into(), reason.into(), now.into()];
        row::<RunId>(self.writing(), sql, values)
            .await?
            .map(|run| run.id)
            .ok_or_else(|| Error::internal("a run was not saved"))
    }

    /// Keeps what a pass has done so far, so that a page can show its progress.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn save_run_progress(&self, run_id: i64, counts: RunCounts) -> Result<()> {
        let sql = "UPDATE sync_run SET calls = $1, received = $2, added = $3 WHERE id = $4";
        let values = [
            counts.calls.into(),
            counts.received.into(),
            counts.added.into(),
            run_id.into(),
        ];
        execute(self.writing(), sql, values).await?;
        Ok(())
    }

    /// Notes how a pass ended; passes older than the last 200 of the account are forgotten.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn finish_run(
        &self,
        run_id: i64,
        account_id: i64,
        outcome: &str,
        detail: Option<&str>,
        now: i64,
    ) -> Result<()> {
        let sql = "UPDATE sync_run SET outcome = $1, detail = $2, finished_at = $3 WHERE id = $4";
        let values = [
            outcome.into(),
            super::maybe_text(detail),
            now.into(),
            run_id.into(),
        ];
        execute(self.writing(), sql, values).await?;
        let sql = "DELETE FROM sync_run WHERE account_id = $1 AND id <= \
             (SELECT id FROM sync_run WHERE account_id = $1 ORDER BY id DESC LIMIT 1 OFFSET 200)";
        execute(self.writing(), sql, [account_id.into()]).await?;
        Ok(())
    }

    /// Marks passes that a killed server left open.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn close_orphaned_runs(&self, account_id: i64, now: i64) -> Result<()> {
        let sql = "UPDATE sync_run SET outcome = 'interrupted', finished_at = $1 \
             WHERE account_id = $2 AND finished_at IS NULL";
        execute(self.writing(), sql, [now.into(), account_id.into()]).await?;
        Ok(())
    }
}

impl Administrator {
    /// Forgets how far an account has been read and asks for a pass, so that everything that LinkedIn
    /// still has is read again. Nothing that is here is touched, and nothing is made twice.
    ///
    /// # Errors
    /// When the database refuses, or there is no such account.
    pub async fn read_again(&self, account_id: i64, now: i64) -> Result<()> {
        let tx = self.store().begin().await?;
        let sql = "DELETE FROM sync_stream WHERE account_id = $1";
        execute(&tx, sql, [account_id.into()]).await?;
        let sql = "UPDATE linked_account SET sync_requested_at = $1, not_before = 0 WHERE id = $2";
        execute(&tx, sql, [now.into(), account_id.into()]).await?;
        let account = touch(&tx, account_id, now).await?;
        let event = account_event(Action::ReadAgain, Some(account_id), &account.name);
        record(&tx, self.actor(), event, now).await?;
        Ok(tx.commit().await?)
    }
}

#[derive(FromQueryResult)]
struct RunId {
    id: i64,
}
