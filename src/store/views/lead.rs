//! One lead with where it came from and what changed it.

use sea_orm::FromQueryResult;

use super::paging::Paging;
use super::submissions::{SubmissionFilter, SubmissionRow};
use crate::error::{Error, Result};
use crate::lead::{Change, Fields};
use crate::store::access::Reader;
use crate::store::{from_json, row, rows};

/// How many changes and submissions a lead's page shows.
const SHOWN: usize = 50;

/// A lead as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadView {
    /// What stands in its row, and the names of what it points to.
    pub row: Sourced,
    /// Its fields by logical name.
    pub fields: Fields,
    /// The submissions that changed it, the latest first.
    pub history: Vec<HistoryEntry>,
    /// Its submissions, the latest first.
    pub submissions: Vec<SubmissionRow>,
}

/// A lead's row with the names of what it points to.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Sourced {
    /// Leadline's id.
    pub id: i64,
    /// Its name.
    pub full_name: String,
    /// Whether submissions may still change it.
    pub open: bool,
    /// The closed lead of the same person that it continues.
    pub follows_id: Option<i64>,
    /// Who works on it.
    pub owner_name: Option<String>,
    /// Where it came from.
    pub lead_source: String,
    /// The form of the first submission.
    pub first_form_id: Option<i64>,
    /// Its name.
    pub first_form_name: Option<String>,
    /// The form of the latest submission.
    pub latest_form_id: Option<i64>,
    /// Its name.
    pub latest_form_name: Option<String>,
    /// The campaign of the first submission.
    pub first_campaign_id: Option<i64>,
    /// Its name.
    pub first_campaign_name: Option<String>,
    /// The campaign of the latest submission.
    pub latest_campaign_id: Option<i64>,
    /// Its name.
    pub latest_campaign_name: Option<String>,
    /// How many submissions belong to it.
    pub submission_count: i64,
    /// When the latest of them was submitted.
    pub latest_submitted_at: i64,
    /// When it was made.
    pub created_at: i64,
    /// When it was changed last.
    pub modified_at: i64,
    fields: String,
}

/// What one submission changed in a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// When it was changed.
    pub at: i64,
    /// Who or what changed it.
    pub actor: String,
    /// The submission.
    pub submission_id: i64,
    /// When that was submitted.
    pub submitted_at: i64,
    /// The form that it answers.
    pub form_name: Option<String>,
    /// Whether the lead was made then.
    pub created: bool,
    /// The fields before and after.
    pub changes: Vec<Change>,
}

#[derive(FromQueryResult)]
struct HistoryRow {
    at: i64,
    actor: String,
    submission_id: i64,
    submitted_at: i64,
    form_name: Option<String>,
    outcome: String,
    changes: String,
}

impl HistoryRow {
    fn read(self) -> Result<HistoryEntry> {
        Ok(HistoryEntry {
            at: self.at,
            actor: self.actor,
            submission_id: self.submission_id,
            submitted_at: self.submitted_at,
            form_name: self.form_name,
            created: self.outcome == "created",
            changes: from_json(&self.changes)?,
        })
    }
}

impl Reader {
    /// One lead with where it came from and what changed it.
    ///
    /// # Errors
    /// When there is no such lead, or the database cannot be reached.
    pub async fn find_lead(&self, id: i64) -> Result<LeadView> {
        let sql = format!(
            "SELECT l.id, l.full_name, l.state = 'open' AS open, l.follows_id, o.name AS owner_name, \
               l.lead_source, l.first_form_id, ff.name AS first_form_name, l.latest_form_id, \
               lf.name AS latest_form_name, l.first_campaign_id, fc.name AS first_campaign_name, \
               l.latest_campaign_id, lc.name AS latest_campaign_name, l.submission_count, l.latest_submitted_at, \
               l.created_at, l.modified_at, l.fields \
             FROM lead l LEFT JOIN person o ON o.id = l.owner_id \
             LEFT JOIN form ff ON ff.id = l.first_form_id LEFT JOIN form lf ON lf.id = l.latest_form_id \
             LEFT JOIN campaign fc ON fc.id = l.first_campaign_id \
             LEFT JOIN campaign lc ON lc.id = l.latest_campaign_id WHERE l.id = $1{}",
            self.sight().await?.and("l.owner_id")
        );
        let row = row::<Sourced>(self.store().reading(), &sql, [id.into()])
            .await?
            .ok_or_else(|| Error::not_found("lead"))?;
        let filter = SubmissionFilter {
            lead: Some(id),
            ..SubmissionFilter::default()
        };
        Ok(LeadView {
            fields: from_json(&row.fields)?,
            history: self.list_history(id).await?,
            submissions: self
                .list_submissions(&filter, &Paging::first())
                .await?
                .items,
            row,
        })
    }

    async fn list_history(&self, lead: i64) -> Result<Vec<HistoryEntry>> {
        let sql = format!(
            "SELECT t.at, t.actor, t.submission_id, s.submitted_at, f.name AS form_name, t.outcome, t.changes \
             FROM attempt t JOIN submission s ON s.id = t.submission_id LEFT JOIN form f ON f.id = s.form_id \
             WHERE t.lead_id = $1 AND t.changes <> '[]' ORDER BY t.id DESC LIMIT {SHOWN}"
        );
        rows::<HistoryRow>(self.store().reading(), &sql, [lead.into()])
            .await?
            .into_iter()
            .map(HistoryRow::read)
            .collect()
    }
}
