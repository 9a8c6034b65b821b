//! What the overview shows: what needs attention, what came in.

use sea_orm::{FromQueryResult, Value};

use super::sync::COUNTED_AT_MOST;
use crate::error::{Error, Result};
use crate::store::access::Reader;
use crate::store::{placeholders, row, rows};
use crate::submission::{MatchingStatus, ProcessingState};

const DAY: i64 = 86_400_000;
/// How many days the chart shows.
const DAYS: i64 = 14;

/// Counts; each stops at [`COUNTED_AT_MOST`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct Figures {
    /// Submissions made since midnight UTC.
    pub today: i64,
    /// Submissions made in the last seven days, today included.
    pub week: i64,
    /// Leads created in the last seven days.
    pub created: i64,
    /// Submissions that updated a lead in the last seven days.
    pub updated: i64,
    /// Submissions that wait to be brought into the CRM.
    pub waiting: i64,
    /// Submissions about which a person has to decide.
    pub held: i64,
    /// Submissions that could not be brought into the CRM.
    pub failed: i64,
    /// Changes of forms that nobody has looked at.
    pub form_changes: i64,
    /// Chosen accounts that cannot be synced until somebody does something.
    pub stuck_accounts: i64,
}

/// How many submissions a day or a form has.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Count {
    /// The day's begin in milliseconds since the epoch, or the id of the form's current version.
    pub key: i64,
    /// The form's name; empty for a day.
    pub name: String,
    /// How many, at most [`COUNTED_AT_MOST`].
    pub submissions: i64,
}

/// One of the latest submissions.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct LatestSubmission {
    /// Leadline's id.
    pub id: i64,
    /// Who made it.
    pub person_name: String,
    /// Their e-mail address.
    pub person_email: String,
    /// The form that it answers.
    pub form_name: Option<String>,
    /// When it was made.
    pub submitted_at: i64,
    /// Whether it is LinkedIn's test.
    pub test: bool,
    /// What became of it, as the old connector's code.
    pub matching_status: i64,
    /// How far its processing is, as the old connector's code.
    pub processing_state: i64,
}

impl LatestSubmission {
    /// What became of it.
    #[must_use]
    pub fn status(&self) -> MatchingStatus {
        MatchingStatus::from_code(self.matching_status).unwrap_or(MatchingStatus::Pending)
    }

    /// How far its processing is.
    #[must_use]
    pub fn state(&self) -> ProcessingState {
        ProcessingState::from_code(self.processing_state).unwrap_or(ProcessingState::Unprocessed)
    }
}

/// When the last seven days began, today included: a midnight in UTC, so that a list filtered by day
/// shows what was counted.
#[must_use]
pub fn week_of(now: i64) -> i64 {
    now - now.rem_euclid(DAY) - 6 * DAY
}

impl Reader {
    /// The figures of the overview.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn figures(&self, now: i64) -> Result<Figures> {
        let midnight = now - now.rem_euclid(DAY);
        let week = week_of(now);
        let own = self.sight().await?.and("owner_id");
        let submissions = |condition: String| {
            format!(
                "(SELECT count(*) FROM (SELECT 1 FROM submission WHERE {condition}{own} LIMIT {COUNTED_AT_MOST}) c)"
            )
        };
        let with = |status: MatchingStatus| format!("matching_status = {}", status.code());
        let sql = format!(
            "SELECT {} AS today, {} AS week, {} AS created, {} AS updated, {} AS waiting, {} AS held, {} AS failed, \
             (SELECT count(*) FROM (SELECT 1 FROM form_change WHERE done_at IS NULL LIMIT {COUNTED_AT_MOST}) c) AS form_changes, \
             (SELECT count(*) FROM linked_account a WHERE a.sync_enabled \
               AND a.sync_state IN ('needs_authorization', 'forbidden', 'failed') \
               AND EXISTS (SELECT 1 FROM profile_account pa WHERE pa.account_id = a.id AND pa.chosen) \
               AND ($3 OR EXISTS (SELECT 1 FROM profile_account pa JOIN user_profile p ON p.id = pa.profile_id \
                 WHERE pa.account_id = a.id AND p.owner_id = $4))) AS stuck_accounts",
            submissions("submitted_at >= $1".into()),
            submissions("submitted_at >= $2".into()),
            submissions(format!(
                "{} AND submitted_at >= $2",
                with(MatchingStatus::Created)
            )),
            submissions(format!(
                "{} AND submitted_at >= $2",
                with(MatchingStatus::Updated)
            )),
            submissions("due_at IS NOT NULL".into()),
            submissions(with(MatchingStatus::Failed)),
            submissions(format!(
                "matching_status IN ({}, {})",
                MatchingStatus::CreationFailed.code(),
                MatchingStatus::UpdateFailed.code()
            )),
        );
        let person = self.person();
        let values: [Value; 4] = [
            midnight.into(),
            week.into(),
            person.administrator.into(),
            person.id.into(),
        ];
        let figures = row(self.store().reading(), &sql, values).await?;
        figures.ok_or_else(|| Error::internal("no figures"))
    }

    /// How many submissions were made on each of the last days, oldest first.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn count_by_day(&self, now: i64) -> Result<Vec<Count>> {
        let today = now - now.rem_euclid(DAY);
        let days = (0..DAYS).rev().map(|back| Value::from(today - back * DAY));
        let sql = format!(
            "WITH day (starts) AS (VALUES {}) SELECT starts AS key, '' AS name, \
               (SELECT count(*) FROM (SELECT 1 FROM submission WHERE submitted_at >= day.starts \
                 AND submitted_at < day.starts + {DAY}{} LIMIT {COUNTED_AT_MOST}) c) AS submissions \
             FROM day ORDER BY starts",
            placeholders(usize::try_from(DAYS).unwrap_or_default(), &["bigint"], 1),
            self.sight().await?.and("owner_id")
        );
        rows(self.store().reading(), &sql, days).await
    }

    /// The forms with the most submissions in the last 30 days.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn count_by_form(&self, now: i64) -> Result<Vec<Count>> {
        let sql = format!(
            "SELECT key, name, submissions FROM (SELECT f.id AS key, f.name, \
               (SELECT count(*) FROM (SELECT 1 FROM submission s WHERE s.form_linkedin_id = f.linkedin_id \
                 AND s.submitted_at >= $1{} LIMIT {COUNTED_AT_MOST}) c) AS submissions \
             FROM form f WHERE f.current) counted WHERE submissions > 0 ORDER BY submissions DESC, name LIMIT 8",
            self.sight().await?.and("s.owner_id")
        );
        rows(self.store().reading(), &sql, [(now - 30 * DAY).into()]).await
    }

    /// The submissions that were made last.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_latest_submissions(&self) -> Result<Vec<LatestSubmission>> {
        let sql = format!(
            "SELECT s.id, s.person_name, s.person_email, f.name AS form_name, s.submitted_at, s.test, s.matching_status, \
               s.processing_state \
             FROM submission s LEFT JOIN form f ON f.id = s.form_id WHERE TRUE{} \
             ORDER BY s.submitted_at DESC, s.id DESC LIMIT 8",
            self.sight().await?.and("s.owner_id")
        );
        rows(self.store().reading(), &sql, []).await
    }
}
