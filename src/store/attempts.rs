//! Attempts: one row for every try to bring a submission into the CRM.

use sea_orm::{ConnectionTrait, Value};

use super::{execute, json, maybe_text, placeholders, text};
use crate::error::Result;
use crate::explain::Trace;
use crate::lead::Change;

/// The columns of an attempt that is written.
const COLUMNS: usize = 12;

/// One try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttempt {
    /// The submission.
    pub submission_id: i64,
    /// Who tried, or had it tried.
    pub actor: String,
    /// The run over many submissions that it was part of.
    pub replay_id: Option<i64>,
    /// The how-manieth try it is, from 1.
    pub number: i64,
    /// `created`, `updated`, `unchanged`, `held`, `skipped` or `failed`.
    pub outcome: &'static str,
    /// Why, as a word; empty when there is nothing to say.
    pub reason_code: &'static str,
    /// Why, in words.
    pub reason: String,
    /// The lead that was made or found.
    pub lead_id: Option<i64>,
    /// How it came to this.
    pub trace: Trace,
    /// What was changed.
    pub changes: Vec<Change>,
    /// What the CRM calls the request that it refused.
    pub request_id: Option<String>,
}

/// Writes attempts, all of one moment.
pub(crate) async fn insert_attempts(
    db: &impl ConnectionTrait,
    attempts: &[NewAttempt],
    now: i64,
) -> Result<()> {
    if attempts.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO attempt (submission_id, number, at, actor, outcome, reason_code, reason, lead_id, trace, changes, \
           replay_id, request_id) VALUES {}",
        placeholders(attempts.len(), &[""; COLUMNS], 1)
    );
    let mut values: Vec<Value> = Vec::with_capacity(attempts.len() * COLUMNS);
    for attempt in attempts {
        values.extend([
            attempt.submission_id.into(),
            attempt.number.into(),
            now.into(),
            text(&attempt.actor),
            attempt.outcome.into(),
            attempt.reason_code.into(),
            text(&attempt.reason),
            attempt.lead_id.into(),
            json(&attempt.trace)?.into(),
            json(&attempt.changes)?.into(),
            attempt.replay_id.into(),
            maybe_text(attempt.request_id.as_deref()),
        ]);
    }
    execute(db, &sql, values).await?;
    Ok(())
}
