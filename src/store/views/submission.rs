//! One submission with everything that explains it.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{FromQueryResult, Value};

use super::accounts::is_mine;
use super::submissions::lead_type_label;
use crate::error::{Error, Result};
use crate::explain::Trace;
use crate::lead::Change;
use crate::store::access::Reader;
use crate::store::{from_json, placeholders, row, rows};
use crate::submission::{Answers, MatchingStatus, ProcessingState};

/// How many attempts a page shows.
const ATTEMPTS: usize = 50;

/// A submission as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// What stands in its row, and the names of what it points to.
    pub row: Attributed,
    /// The answers, consents and hidden fields.
    pub answers: Answers,
    /// LinkedIn's own words; for administrators only.
    pub raw: Option<String>,
    /// The tries to bring it into the CRM, the latest first.
    pub attempts: Vec<Attempt>,
    /// The names of the leads that the attempts speak of.
    pub lead_names: BTreeMap<i64, String>,
}

/// A submission's row with the names of what it points to.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Attributed {
    /// Leadline's id.
    pub id: i64,
    /// LinkedIn's id of the response.
    pub linkedin_id: String,
    lead_type: String,
    /// Whether LinkedIn says it is a test.
    pub test: bool,
    /// When it was submitted.
    pub submitted_at: i64,
    /// When Leadline got it.
    pub received_at: i64,
    received_by: String,
    /// What is shown as the person.
    pub person_name: String,
    matching_status: i64,
    processing_state: i64,
    /// Why, in words; empty when there is nothing to say.
    pub reason: String,
    /// The same as a word of [`crate::review::Reason`].
    pub reason_code: String,
    /// What is wrong with it as LinkedIn sent it.
    pub malformed: Option<String>,
    /// Whether it waits for its turn.
    pub due: bool,
    /// When it was decided last.
    pub processed_at: Option<i64>,
    /// The account.
    pub account_id: i64,
    /// Its name.
    pub account_name: String,
    /// Whether this person may open the account's page.
    pub account_open: bool,
    /// The profile through which it was read.
    pub profile_id: Option<i64>,
    /// The profile's name.
    pub profile_name: Option<String>,
    /// Whether this person may open the profile's page.
    pub profile_open: bool,
    /// The form version.
    pub form_id: Option<i64>,
    /// The form's name.
    pub form_name: Option<String>,
    /// LinkedIn's id of the form.
    pub form_linkedin_id: Option<i64>,
    /// The form's version.
    pub form_version: Option<i64>,
    /// The campaign.
    pub campaign_id: Option<i64>,
    /// Its name.
    pub campaign_name: Option<String>,
    /// LinkedIn's id of the campaign.
    pub campaign_linkedin_id: Option<i64>,
    /// The creative, by LinkedIn's name.
    pub creative_urn: Option<String>,
    /// The lead that it belongs to.
    pub lead_id: Option<i64>,
    /// Its name.
    pub lead_name: Option<String>,
    /// Who works on the lead.
    pub owner_id: Option<i64>,
}

impl Attributed {
    /// What became of the lead.
    #[must_use]
    pub fn matching_status(&self) -> MatchingStatus {
        MatchingStatus::from_code(self.matching_status).unwrap_or(MatchingStatus::Pending)
    }

    /// How far the processing is.
    #[must_use]
    pub fn processing_state(&self) -> ProcessingState {
        ProcessingState::from_code(self.processing_state).unwrap_or(ProcessingState::Unprocessed)
    }

    /// Whether a person has to decide about it.
    #[must_use]
    pub fn waits(&self) -> bool {
        !self.due && self.matching_status().waits()
    }

    /// What people call the kind of lead.
    #[must_use]
    pub fn lead_type(&self) -> String {
        lead_type_label(&self.lead_type)
    }

    /// By which way it came, in words.
    #[must_use]
    pub fn received_by(&self) -> &str {
        match self.received_by.as_str() {
            "poll" => "by asking LinkedIn",
            "webhook" => "by LinkedIn's notification",
            "import" => "from an imported file",
            "api" => "through the API",
            other => other,
        }
    }
}

/// One try to bring a submission into the CRM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The submission.
    pub submission_id: i64,
    /// The how-manieth it is.
    pub number: i64,
    /// When.
    pub at: i64,
    /// Who did it.
    pub actor: String,
    /// What came of it.
    pub outcome: AttemptOutcome,
    /// Why, in words; empty when there is nothing to say.
    pub reason: String,
    /// The lead that was made or found.
    pub lead_id: Option<i64>,
    /// How it came to this.
    pub trace: Trace,
    /// What was changed.
    pub changes: Vec<Change>,
    /// When it arrived in the organization that leads live in, if they live in one.
    pub arrived_at: Option<i64>,
    /// What the organization calls the request, for Microsoft's support.
    pub request_id: Option<String>,
}

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// A lead was made.
    Created,
    /// A lead was changed.
    Updated,
    /// A lead was found, and nothing in it was to be changed.
    Unchanged,
    /// A person has to decide.
    Held,
    /// No lead is wanted.
    Skipped,
    /// It could not be done.
    Failed,
}

impl AttemptOutcome {
    /// The outcome in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            AttemptOutcome::Created => "Created a lead",
            AttemptOutcome::Updated => "Updated a lead",
            AttemptOutcome::Unchanged => "Found the lead, nothing to change",
            AttemptOutcome::Held => "Held for review",
            AttemptOutcome::Skipped => "No lead wanted",
            AttemptOutcome::Failed => "Failed",
        }
    }

    pub(in crate::store) fn parse(word: &str) -> AttemptOutcome {
        match word {
            "created" => AttemptOutcome::Created,
            "updated" => AttemptOutcome::Updated,
            "unchanged" => AttemptOutcome::Unchanged,
            "held" => AttemptOutcome::Held,
            "skipped" => AttemptOutcome::Skipped,
            _ => AttemptOutcome::Failed,
        }
    }
}

#[derive(FromQueryResult)]
struct TextsRow {
    answers: String,
    raw: String,
}

#[derive(FromQueryResult)]
struct AttemptRow {
    submission_id: i64,
    number: i64,
    at: i64,
    actor: String,
    outcome: String,
    reason: String,
    lead_id: Option<i64>,
    trace: String,
    changes: String,
    arrived_at: Option<i64>,
    request_id: Option<String>,
}

#[derive(FromQueryResult)]
struct NameRow {
    id: i64,
    full_name: String,
}

impl AttemptRow {
    fn read(self) -> Result<Attempt> {
        Ok(Attempt {
            submission_id: self.submission_id,
            number: self.number,
            at: self.at,
            actor: self.actor,
            outcome: AttemptOutcome::parse(&self.outcome),
            reason: self.reason,
            lead_id: self.lead_id,
            trace: from_json(&self.trace)?,
            changes: from_json(&self.changes)?,
            arrived_at: self.arrived_at,
            request_id: self.request_id,
        })
    }
}

impl Reader {
    /// One submission with everything that explains it.
    ///
    /// # Errors
    /// When there is no such submission, or the database cannot be reached.
    pub async fn find_submission(&self, id: i64) -> Result<Submission> {
        let db = self.store().reading();
        let found = self.find_attributed(id).await?;
        let sql = "SELECT answers, raw FROM submission WHERE id = $1";
        let texts = row::<TextsRow>(db, sql, [id.into()]).await?;
        let (row, texts) = found
            .zip(texts)
            .ok_or_else(|| Error::not_found("submission"))?;
        let attempts = self.list_attempts(id).await?;
        Ok(Submission {
            lead_names: self.list_lead_names(&attempts).await?,
            row,
            answers: from_json(&texts.answers)?,
            raw: self.person().administrator.then_some(texts.raw),
            attempts,
        })
    }

    async fn find_attributed(&self, id: i64) -> Result<Option<Attributed>> {
        let sql = format!(
            "SELECT s.id, s.linkedin_id, s.lead_type, s.test, s.submitted_at, s.received_at, s.received_by, \
               s.person_name, s.matching_status, s.processing_state, s.reason_code, s.reason, s.malformed, \
               s.due_at IS NOT NULL AS due, s.processed_at, s.account_id, a.name AS account_name, \
               {} AS account_open, p.id AS profile_id, p.name AS profile_name, \
               ($2 OR COALESCE(p.owner_id = $3, FALSE)) AS profile_open, s.form_id, f.name AS form_name, \
               s.form_linkedin_id, s.form_version, s.campaign_id, c.name AS campaign_name, s.campaign_linkedin_id, \
               s.creative_urn, s.lead_id, l.full_name AS lead_name, s.owner_id \
             FROM submission s JOIN linked_account a ON a.id = s.account_id \
             LEFT JOIN user_profile p ON p.id = s.profile_id LEFT JOIN form f ON f.id = s.form_id \
             LEFT JOIN campaign c ON c.id = s.campaign_id LEFT JOIN lead l ON l.id = s.lead_id WHERE s.id = $1{}",
            is_mine("a.id", "$2", "$3"),
            self.sight().await?.and("s.owner_id")
        );
        let person = self.person();
        let values: [Value; 3] = [id.into(), person.administrator.into(), person.id.into()];
        row(self.store().reading(), &sql, values).await
    }

    async fn list_attempts(&self, submission: i64) -> Result<Vec<Attempt>> {
        let sql = format!(
            "SELECT submission_id, number, at, actor, outcome, reason, lead_id, trace, changes, arrived_at, \
             request_id FROM attempt \
             WHERE submission_id = $1 ORDER BY number DESC LIMIT {ATTEMPTS}"
        );
        rows::<AttemptRow>(self.store().reading(), &sql, [submission.into()])
            .await?
            .into_iter()
            .map(AttemptRow::read)
            .collect()
    }

    async fn list_lead_names(&self, attempts: &[Attempt]) -> Result<BTreeMap<i64, String>> {
        let tried = attempts
            .iter()
            .flat_map(|attempt| &attempt.trace.strategies)
            .flat_map(|strategy| &strategy.candidates)
            .map(|candidate| candidate.lead);
        let ids: BTreeSet<i64> = attempts
            .iter()
            .filter_map(|attempt| attempt.lead_id)
            .chain(tried)
            .collect();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let sql = format!(
            "SELECT id, full_name FROM lead WHERE id IN {}{}",
            placeholders(1, &vec![""; ids.len()], 1),
            self.sight().await?.and_lead("lead")
        );
        let values = ids.into_iter().map(Value::from);
        let found = rows::<NameRow>(self.store().reading(), &sql, values).await?;
        Ok(found
            .into_iter()
            .map(|row| (row.id, row.full_name))
            .collect())
    }
}
