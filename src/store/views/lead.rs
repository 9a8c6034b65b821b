//! One lead with where it came from and what changed it.

use sea_orm::FromQueryResult;

use super::paging::Paging;
use super::sight::Sight;
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
    /// The lead of the latest merge into it that was not undone: the one that can be.
    pub undoable: Option<i64>,
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
    /// The lead that stands for it since it was merged.
    pub merged_into_id: Option<i64>,
    /// That lead's name.
    pub merged_into_name: Option<String>,
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

/// What happened to a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// A submission made it.
    Created,
    /// A submission changed it.
    Updated,
    /// A person edited it.
    Edited,
    /// Another lead was merged into it.
    Merged,
    /// That was undone.
    Unmerged,
    /// What a submission had changed was taken back.
    Reverted,
}

impl Happening {
    fn parse(word: &str) -> Happening {
        match word {
            "created" => Happening::Created,
            "edited" => Happening::Edited,
            "merged" => Happening::Merged,
            "unmerged" => Happening::Unmerged,
            "reverted" => Happening::Reverted,
            _ => Happening::Updated,
        }
    }
}

/// What one submission or one person changed in a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// What happened.
    pub what: Happening,
    /// The lead to which it happened: this one, or one that was merged into it.
    pub lead_id: i64,
    /// The other lead of a merge, or the submission whose changes were taken back.
    pub about_id: Option<i64>,
    /// That other lead's name.
    pub about_name: Option<String>,
    /// The how-manieth attempt of the submission it was.
    pub attempt: Option<i64>,
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
    /// The fields before and after.
    pub changes: Vec<Change>,
}

#[derive(FromQueryResult)]
struct Merged {
    merged_id: i64,
}

#[derive(FromQueryResult)]
struct HistoryRow {
    lead_id: i64,
    about_id: Option<i64>,
    about_name: Option<String>,
    attempt: Option<i64>,
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
            what: Happening::parse(&self.outcome),
            lead_id: self.lead_id,
            about_id: self.about_id,
            about_name: self.about_name,
            attempt: self.attempt,
            at: self.at,
            actor: self.actor,
            submission_id: self.submission_id,
            submitted_at: self.submitted_at,
            form_name: self.form_name,
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
        let (own, other) = (sight.and_lead("l"), sight.and_lead("b"));
        let sql = format!(
            "SELECT l.id, l.full_name, l.state = 'open' AS open, l.merged_into_id, \
               (SELECT b.full_name FROM lead b WHERE b.id = l.merged_into_id{other}) AS merged_into_name, \
               (SELECT NULLIF(COALESCE(b.merged_into_id, b.id), l.id) FROM lead b WHERE b.id = l.follows_id{other}) \
                 AS follows_id, l.owner_id, \
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
            history: self.list_history(id, sight).await?,
            submissions: self
                .list_submissions(&filter, &Paging::first())
                .await?
                .items,
            undoable: self.find_last_merge(id).await?,
            row,
        })
    }

    /// The lead of the latest merge into a lead that was not undone.
    async fn find_last_merge(&self, lead: i64) -> Result<Option<i64>> {
        let sql = "SELECT merged_id FROM lead_merge WHERE survivor_id = $1 AND undone_at IS NULL ORDER BY id DESC LIMIT 1";
        let found = row::<Merged>(self.store().reading(), sql, [lead.into()]).await?;
        Ok(found.map(|merge| merge.merged_id))
    }

    /// What submissions and people changed, in it and in the leads that were merged into it, each
    /// found by its index, put in order.
    async fn list_history(&self, lead: i64, sight: Sight) -> Result<Vec<HistoryEntry>> {
        let db = self.store().reading();
        let parts = "(SELECT CAST($1 AS bigint) UNION ALL SELECT p.id FROM lead p WHERE p.merged_into_id = $1)";
        let attempts = format!(
            "SELECT t.lead_id, CAST(NULL AS bigint) AS about_id, CAST(NULL AS text) AS about_name, t.number AS attempt, \
               t.at, t.actor, t.submission_id, s.submitted_at, f.name AS form_name, t.outcome, t.changes \
             FROM attempt t JOIN submission s ON s.id = t.submission_id LEFT JOIN form f ON f.id = s.form_id \
             WHERE t.lead_id IN {parts} AND t.changes <> '[]' ORDER BY t.id DESC LIMIT {SHOWN}"
        );
        let edits = format!(
            "SELECT e.lead_id, e.about_id, \
               (SELECT b.full_name FROM lead b WHERE b.id = e.about_id AND e.kind IN ('merged', 'unmerged'){}) AS about_name, \
               CAST(NULL AS bigint) AS attempt, e.at, e.actor, CAST(NULL AS bigint) AS submission_id, \
               CAST(NULL AS bigint) AS submitted_at, CAST(NULL AS text) AS form_name, e.kind AS outcome, e.changes \
             FROM lead_edit e WHERE e.lead_id IN {parts} ORDER BY e.id DESC LIMIT {SHOWN}",
            sight.and_lead("b")
        );
        let mut entries = rows::<HistoryRow>(db, &attempts, [lead.into()]).await?;
        entries.extend(rows::<HistoryRow>(db, &edits, [lead.into()]).await?);
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
        entries.truncate(SHOWN);
        entries.into_iter().map(HistoryRow::read).collect()
    }
}
