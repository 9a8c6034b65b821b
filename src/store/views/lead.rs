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
    /// What changed it, the latest first.
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
    /// Leadline's id of who works on it.
    pub owner_id: Option<i64>,
    /// Their name.
    pub owner_name: Option<String>,
    /// Grows with every change.
    pub version: i64,
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

/// What one submission or one person changed in a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// When it was changed.
    pub at: i64,
    /// Who or what changed it.
    pub actor: String,
    /// The submission; `None` when a person changed it.
    pub submission_id: Option<i64>,
    /// When that was submitted.
    pub submitted_at: Option<i64>,
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
    submission_id: Option<i64>,
    submitted_at: Option<i64>,
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
        let sight = self.sight().await?;
        let (own, followed) = (sight.and("l.owner_id"), sight.and("b.owner_id"));
        let sql = format!(
            "SELECT l.id, l.full_name, l.state = 'open' AS open, \
               (SELECT b.id FROM lead b WHERE b.id = l.follows_id{followed}) AS follows_id, l.owner_id, \
               o.name AS owner_name, l.version, l.lead_source, l.first_form_id, ff.name AS first_form_name, l.latest_form_id, \
               lf.name AS latest_form_name, l.first_campaign_id, fc.name AS first_campaign_name, \
               l.latest_campaign_id, lc.name AS latest_campaign_name, l.submission_count, l.latest_submitted_at, \
               l.created_at, l.modified_at, l.fields \
             FROM lead l LEFT JOIN person o ON o.id = l.owner_id \
             LEFT JOIN form ff ON ff.id = l.first_form_id LEFT JOIN form lf ON lf.id = l.latest_form_id \
             LEFT JOIN campaign fc ON fc.id = l.first_campaign_id \
             LEFT JOIN campaign lc ON lc.id = l.latest_campaign_id WHERE l.id = $1{own}"
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

    /// What submissions and people changed, each found by its index, put in order.
    async fn list_history(&self, lead: i64) -> Result<Vec<HistoryEntry>> {
        let db = self.store().reading();
        let attempts = format!(
            "SELECT t.at, t.actor, t.submission_id, s.submitted_at, f.name AS form_name, t.outcome, t.changes \
             FROM attempt t JOIN submission s ON s.id = t.submission_id LEFT JOIN form f ON f.id = s.form_id \
             WHERE t.lead_id = $1 AND t.changes <> '[]' ORDER BY t.id DESC LIMIT {SHOWN}"
        );
        let edits = format!(
            "SELECT at, actor, CAST(NULL AS bigint) AS submission_id, CAST(NULL AS bigint) AS submitted_at, \
               CAST(NULL AS text) AS form_name, 'edited' AS outcome, changes \
             FROM lead_edit WHERE lead_id = $1 ORDER BY id DESC LIMIT {SHOWN}"
        );
        let mut entries = rows::<HistoryRow>(db, &attempts, [lead.into()]).await?;
        entries.extend(rows::<HistoryRow>(db, &edits, [lead.into()]).await?);
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
        entries.truncate(SHOWN);
        entries.into_iter().map(HistoryRow::read).collect()
    }
}
