//! Submissions and leads as programs read them: lists of whole records, under the filters and in
//! the order of the pages' lists.

use sea_orm::FromQueryResult;

use super::leads::{LeadFilter, LeadSort};
use super::paging::{Listing, Page, Paging, read_page};
use super::record::record_url;
use super::submissions::SubmissionFilter;
use crate::error::{Error, Result};
use crate::lead::Fields;
use crate::store::access::Reader;
use crate::store::{from_json, row};
use crate::submission::{Answers, MatchingStatus, ProcessingState};

/// A submission with its answers and the names of what it points to.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct SubmissionRecord {
    /// Leadline's id.
    pub id: i64,
    /// LinkedIn's id of the response.
    pub linkedin_id: String,
    /// The account.
    pub account_id: i64,
    /// LinkedIn's name for it.
    pub account_urn: String,
    /// Its name.
    pub account_name: String,
    /// LinkedIn's word for the kind of lead.
    pub lead_type: String,
    /// Whether LinkedIn says it is a test.
    pub test: bool,
    /// When it was submitted.
    pub submitted_at: i64,
    /// When Leadline got it.
    pub received_at: i64,
    /// By which way: `poll`, `webhook`, `import` or `api`.
    pub received_by: String,
    /// What is shown as the person.
    pub person_name: String,
    matching_status: i64,
    processing_state: i64,
    /// Why, as a word; empty when there is nothing to say.
    pub reason_code: String,
    /// Why, in words; empty when there is nothing to say.
    pub reason: String,
    /// What is wrong with it as LinkedIn sent it.
    pub malformed: Option<String>,
    /// When it was decided last.
    pub processed_at: Option<i64>,
    /// The form version that it answers.
    pub form_id: Option<i64>,
    /// LinkedIn's id of the form.
    pub form_linkedin_id: Option<i64>,
    /// The form's version.
    pub form_version: Option<i64>,
    /// The form's name.
    pub form_name: Option<String>,
    /// The campaign.
    pub campaign_id: Option<i64>,
    /// LinkedIn's id of the campaign.
    pub campaign_linkedin_id: Option<i64>,
    /// Its name.
    pub campaign_name: Option<String>,
    /// The creative, by LinkedIn's name.
    pub creative_urn: Option<String>,
    /// The lead that it belongs to.
    pub lead_id: Option<i64>,
    /// Its name.
    pub lead_name: Option<String>,
    answers: String,
}

impl SubmissionRecord {
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

    /// The answers, consents and hidden fields.
    ///
    /// # Errors
    /// When they are not what Leadline wrote.
    pub fn answers(&self) -> Result<Answers> {
        from_json(&self.answers)
    }
}

/// A lead with its fields and the names of what it points to.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct LeadRecord {
    /// Leadline's id.
    pub id: i64,
    /// Its name.
    pub full_name: String,
    /// Whether submissions may still change it.
    pub open: bool,
    /// Grows with every change.
    pub version: i64,
    /// The lead that stands for it since it was merged.
    pub merged_into_id: Option<i64>,
    /// The closed lead of the same person that it continues.
    pub follows_id: Option<i64>,
    /// Who works on it.
    pub owner_id: Option<i64>,
    /// That person's name.
    pub owner_name: Option<String>,
    /// Where it came from.
    pub lead_source: String,
    /// The form of the first submission.
    pub first_form_id: Option<i64>,
    /// The form of the latest submission.
    pub latest_form_id: Option<i64>,
    /// The campaign of the first submission.
    pub first_campaign_id: Option<i64>,
    /// The campaign of the latest submission.
    pub latest_campaign_id: Option<i64>,
    /// How many submissions belong to it.
    pub submission_count: i64,
    /// When the latest of them was submitted.
    pub latest_submitted_at: i64,
    /// When it was made.
    pub created_at: i64,
    /// When it was changed last.
    pub modified_at: i64,
    fields: String,
    organization: Option<String>,
    record_id: Option<String>,
}

impl LeadRecord {
    /// Where a person opens it in the organization; `None` when it is not there.
    #[must_use]
    pub fn record_url(&self) -> Option<String> {
        Some(record_url(
            self.organization.as_deref()?,
            self.record_id.as_deref()?,
        ))
    }

    /// Its fields by logical name.
    ///
    /// # Errors
    /// When they are not what Leadline wrote.
    pub fn fields(&self) -> Result<Fields> {
        from_json(&self.fields)
    }
}

const SUBMISSIONS: Listing = Listing {
    columns: "s.id, s.linkedin_id, s.account_id, a.urn AS account_urn, a.name AS account_name, s.lead_type, s.test, \
         s.submitted_at, s.received_at, s.received_by, s.person_name, s.matching_status, s.processing_state, \
         s.reason_code, s.reason, s.malformed, s.processed_at, s.form_id, s.form_linkedin_id, s.form_version, \
         f.name AS form_name, s.campaign_id, s.campaign_linkedin_id, c.name AS campaign_name, s.creative_urn, \
         s.lead_id, l.full_name AS lead_name, s.answers",
    table: "submission",
    alias: "s",
    joins: "JOIN linked_account a ON a.id = s.account_id LEFT JOIN form f ON f.id = s.form_id \
         LEFT JOIN campaign c ON c.id = s.campaign_id LEFT JOIN lead l ON l.id = s.lead_id",
};

const LEADS: Listing = Listing {
    columns: "l.id, l.full_name, l.state = 'open' AS open, l.version, l.merged_into_id, l.follows_id, l.owner_id, o.name AS owner_name, l.lead_source, \
         l.first_form_id, l.latest_form_id, l.first_campaign_id, l.latest_campaign_id, l.submission_count, \
         l.latest_submitted_at, l.created_at, l.modified_at, l.fields, \
         (SELECT c.url FROM crm_connection c WHERE c.state <> 'draft' AND l.left_in IS NULL) AS organization, \
         CASE WHEN l.record_version IS NOT NULL THEN l.record_id END AS record_id",
    table: "lead",
    alias: "l",
    joins: "LEFT JOIN person o ON o.id = l.owner_id",
};

impl Reader {
    /// One page of the submissions that are wanted, whole.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_submission_records(
        &self,
        filter: &SubmissionFilter,
        paging: &Paging,
    ) -> Result<Page<SubmissionRecord>> {
        let order = filter.order();
        let cursor = |row: &SubmissionRecord| order.cursor(row.submitted_at, row.id);
        let db = self.store().reading();
        let wanted = filter.wanted(self.sight().await?);
        read_page(db, &SUBMISSIONS, wanted, order, paging, cursor).await
    }

    /// One submission, whole.
    ///
    /// # Errors
    /// When there is no such submission.
    pub async fn find_submission_record(&self, id: i64) -> Result<SubmissionRecord> {
        let sql = SUBMISSIONS.one() + &self.sight().await?.and("s.owner_id");
        let found = row(self.store().reading(), &sql, [id.into()]).await?;
        found.ok_or_else(|| Error::not_found("submission"))
    }

    /// One page of the leads that are wanted, whole.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_lead_records(
        &self,
        filter: &LeadFilter,
        paging: &Paging,
    ) -> Result<Page<LeadRecord>> {
        let order = filter.order();
        let cursor = |row: &LeadRecord| {
            let value = match filter.sort {
                LeadSort::Modified => row.modified_at,
                LeadSort::Latest | LeadSort::Name => row.latest_submitted_at,
            };
            order.cursor(value, row.id)
        };
        let db = self.store().reading();
        let wanted = filter.wanted(self.sight().await?);
        read_page(db, &LEADS, wanted, order, paging, cursor).await
    }

    /// One lead, whole.
    ///
    /// # Errors
    /// When there is no such lead.
    pub async fn find_lead_record(&self, id: i64) -> Result<LeadRecord> {
        let sql = LEADS.one() + &self.sight().await?.and_lead("l");
        let found = row(self.store().reading(), &sql, [id.into()]).await?;
        found.ok_or_else(|| Error::not_found("lead"))
    }
}
