//! Submissions in the database: written once per response of LinkedIn's, due until decided.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Value};

use super::campaigns::{NewCampaign, save_mentioned_campaigns};
use super::form_changes::notice;
use super::forms::save_form_versions;
use super::views::paging::Wanted;
use super::{Store, execute, maybe_text, placeholders, row, rows, search_key, text};
use crate::error::Result;
use crate::lead::FieldKind;
use crate::linkedin::{FormRef, FormVersion};
use crate::mapping::Facts;
use crate::review::{Choice, Decision};
use crate::submission::{MatchingStatus, ProcessingState};

/// A response as it came, ready to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSubmission {
    /// LinkedIn's id of the response: the key that makes arriving twice harmless.
    pub linkedin_id: String,
    /// Grows when the same response is sent again, as after registering for an event anew.
    pub revision: i64,
    /// LinkedIn's word for the kind of lead.
    pub lead_type: String,
    /// Whether LinkedIn says it is a test.
    pub test: bool,
    /// When it was submitted, by LinkedIn's clock.
    pub submitted_at: i64,
    /// The form and version that it answers.
    pub form: Option<FormRef>,
    /// LinkedIn's id of the campaign.
    pub campaign: Option<i64>,
    /// The creative, by LinkedIn's name.
    pub creative_urn: Option<String>,
    /// What a list shows as the person.
    pub person_name: String,
    /// Their e-mail address as it is compared; empty when there is none.
    pub person_email: String,
    /// The answers, as JSON of [`crate::submission::Answers`].
    pub answers: String,
    /// LinkedIn's own words.
    pub raw: String,
    /// What is wrong with it.
    pub malformed: Option<String>,
}

/// One page of responses with what they brought along.
#[derive(Debug, Clone, Default)]
pub struct Arrivals {
    /// The responses.
    pub submissions: Vec<NewSubmission>,
    /// The form versions that they answer.
    pub forms: Vec<FormVersion>,
    /// The campaigns that they name.
    pub campaigns: Vec<NewCampaign>,
}

/// By which way a response came.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The account that it belongs to.
    pub account_id: i64,
    /// The profile through which it was read.
    pub profile_id: Option<i64>,
    /// `poll`, `webhook`, `import` or `api`.
    pub received_by: &'a str,
    /// When.
    pub now: i64,
}

/// A submission that waits to be decided.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct DueSubmission {
    /// Leadline's id.
    pub id: i64,
    /// When it was submitted.
    pub submitted_at: i64,
    /// Whether it is a test.
    pub test: bool,
    /// What is wrong with it.
    pub malformed: Option<String>,
    /// The answers, as JSON.
    pub answers: String,
    /// The form version that it answers.
    pub form_id: Option<i64>,
    /// Whether a change up to this version matters to the mappings, and nobody has looked at it yet.
    pub form_changed: bool,
    /// The campaign that it came from.
    pub campaign_id: Option<i64>,
    /// The lead that it belongs to already.
    pub lead_id: Option<i64>,
    /// How often it has been tried.
    pub attempts: i64,
    /// The run over many submissions that it is part of.
    pub replay_id: Option<i64>,
    /// Who began that run.
    pub asked_by: Option<String>,
    /// Who owns a lead that is made from it.
    pub owner_id: Option<i64>,
    /// The linked account that it came through.
    pub account_id: i64,
    /// Why it was left as it is the last time, in words.
    pub reason: String,
    matching_status: i64,
    chosen: Option<String>,
    chosen_lead_id: Option<i64>,
    leave_out: bool,
    decision_note: String,
    lead_type: String,
    creative_urn: Option<String>,
    form_linkedin_id: Option<i64>,
    form_name: Option<String>,
    campaign_name: Option<String>,
    account_name: String,
}

impl DueSubmission {
    /// What became of its lead the last time.
    #[must_use]
    pub fn matching_status(&self) -> MatchingStatus {
        MatchingStatus::from_code(self.matching_status).unwrap_or(MatchingStatus::Pending)
    }

    /// What a person decided about it.
    #[must_use]
    pub fn decision(&self) -> Decision {
        let chosen = self.chosen.as_deref();
        Decision {
            choice: chosen.and_then(|word| Choice::parse(word, self.chosen_lead_id)),
            leave_out: self.leave_out,
            note: self.decision_note.clone(),
        }
    }

    /// What mappings can read besides the answers.
    #[must_use]
    pub fn facts(&self) -> Facts {
        Facts {
            form_id: self.form_linkedin_id,
            form: self.form_name.clone(),
            campaign: self.campaign_name.clone(),
            creative: self.creative_urn.clone(),
            account: Some(self.account_name.clone()),
            lead_type: self.lead_type.clone(),
            submitted_at: self.submitted_at,
        }
    }
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Leadline's id.
    pub id: i64,
    /// What became of its lead.
    pub matching_status: MatchingStatus,
    /// Whether it is done.
    pub processing_state: ProcessingState,
    /// Why, as a word; empty when there is nothing to say.
    pub reason_code: &'static str,
    /// Why, in words.
    pub reason: String,
    /// The lead that it belongs to.
    pub lead_id: Option<i64>,
    /// How often it has been tried now.
    pub attempts: i64,
    /// Who would own a lead that is made from it; with a lead, the lead's owner counts.
    pub owner_id: Option<i64>,
}

impl Decided {
    /// Whether a person still has to decide.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.matching_status.waits()
    }
}

#[derive(FromQueryResult)]
struct KnownRow {
    linkedin_id: String,
    revision: i64,
}

const COLUMNS: &str = "account_id, linkedin_id, revision, lead_type, test, submitted_at, received_at, received_by, \
     profile_id, form_linkedin_id, form_version, form_id, campaign_id, campaign_linkedin_id, creative_urn, \
     person_name, person_key, person_email, answers, raw, malformed, matching_status, processing_state, reason_code, reason, \
     attempts, due_at, owner_id";

impl Store {
    /// Keeps a page of responses. Those known already are not touched, whatever way they came;
    /// tells how many are new.
    ///
    /// # Errors
    /// When the database refuses; then nothing of the page is kept.
    pub async fn save_arrivals(&self, page: &Arrivals, by: Arrival<'_>) -> Result<u64> {
        let tx = self.begin().await?;
        let fresh = unknown(&tx, by.account_id, &page.submissions).await?;
        if fresh.is_empty() {
            tx.rollback().await?;
            return Ok(0);
        }
        let wanted: BTreeSet<FormRef> = fresh.iter().filter_map(|s| s.form).collect();
        let (forms, kept) =
            save_form_versions(&tx, by.account_id, &page.forms, &wanted, by.now).await?;
        let campaigns =
            save_mentioned_campaigns(&tx, by.account_id, &page.campaigns, by.now).await?;
        let sql = format!(
            "INSERT INTO submission ({COLUMNS}) VALUES {} ON CONFLICT (account_id, linkedin_id) DO UPDATE SET \
               revision = excluded.revision, test = excluded.test, submitted_at = excluded.submitted_at, \
               received_at = excluded.received_at, received_by = excluded.received_by, \
               form_linkedin_id = excluded.form_linkedin_id, form_version = excluded.form_version, \
               form_id = excluded.form_id, campaign_id = excluded.campaign_id, \
               campaign_linkedin_id = excluded.campaign_linkedin_id, creative_urn = excluded.creative_urn, \
               person_name = excluded.person_name, person_key = excluded.person_key, \
               person_email = excluded.person_email, answers = excluded.answers, \
               raw = excluded.raw, malformed = excluded.malformed, matching_status = excluded.matching_status, \
               processing_state = excluded.processing_state, reason_code = '', reason = '', due_at = excluded.due_at, \
               chosen = NULL, chosen_lead_id = NULL, leave_out = FALSE, decision_note = '' \
             WHERE excluded.revision > submission.revision",
            placeholders(fresh.len(), &[""; 28], 1)
        );
        let owner = owner_of_new(&tx, by).await?;
        let values = fresh
            .iter()
            .flat_map(|s| values(s, by, owner, &forms, &campaigns));
        let added = execute(&tx, &sql, values).await?;
        notice(&tx, by.account_id, kept, by.now).await?;
        tx.commit().await?;
        Ok(added)
    }

    /// How many submissions wait to be decided, up to a bound, and since when the oldest one does.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn count_due(&self) -> Result<i64> {
        let sql = "SELECT count(*) AS n FROM (SELECT id FROM submission WHERE due_at IS NOT NULL LIMIT 10001) AS due";
        let found = row::<Count>(self.reading(), sql, []).await?;
        Ok(found.map_or(0, |count| count.n))
    }
}

#[derive(FromQueryResult)]
struct Count {
    n: i64,
}

/// The responses that are not known yet, or in an older revision only; each once. What was deleted is
/// known in every revision.
async fn unknown<'a>(
    tx: &DatabaseTransaction,
    account_id: i64,
    submissions: &'a [NewSubmission],
) -> Result<Vec<&'a NewSubmission>> {
    if submissions.is_empty() {
        return Ok(Vec::new());
    }
    let ids = placeholders(1, &vec![""; submissions.len()], 2);
    let sql = format!(
        "SELECT linkedin_id, revision FROM submission WHERE account_id = $1 AND linkedin_id IN {ids} \
         UNION ALL SELECT linkedin_id, {} FROM forgotten_submission WHERE account_id = $1 AND linkedin_id IN {ids}",
        i64::MAX
    );
    let ids = submissions.iter().map(|s| text(&s.linkedin_id));
    let values = std::iter::once(Value::from(account_id)).chain(ids);
    let mut newest: HashMap<String, i64> = rows::<KnownRow>(tx, &sql, values)
        .await?
        .into_iter()
        .map(|row| (row.linkedin_id, row.revision))
        .collect();
    let mut fresh: HashMap<&str, &NewSubmission> = HashMap::new();
    for submission in submissions {
        let id = submission.linkedin_id.as_str();
        if newest
            .get(id)
            .is_none_or(|known| *known < submission.revision)
        {
            newest.insert(id.to_owned(), submission.revision);
            fresh.insert(id, submission);
        }
    }
    let mut fresh: Vec<&NewSubmission> = fresh.into_values().collect();
    fresh.sort_by(|a, b| (a.submitted_at, &a.linkedin_id).cmp(&(b.submitted_at, &b.linkedin_id)));
    Ok(fresh)
}

fn values(
    submission: &NewSubmission,
    by: Arrival<'_>,
    owner: Option<i64>,
    forms: &HashMap<FormRef, i64>,
    campaigns: &HashMap<i64, i64>,
) -> [Value; 28] {
    let form = submission.form;
    let campaign = submission.campaign;
    [
        by.account_id.into(),
        text(&submission.linkedin_id),
        submission.revision.into(),
        text(&submission.lead_type),
        submission.test.into(),
        submission.submitted_at.into(),
        by.now.into(),
        by.received_by.into(),
        by.profile_id.into(),
        form.map(|f| f.id).into(),
        form.map(|f| f.version).into(),
        form.and_then(|key| forms.get(&key).copied()).into(),
        campaign.and_then(|id| campaigns.get(&id).copied()).into(),
        campaign.into(),
        maybe_text(submission.creative_urn.as_deref()),
        text(&submission.person_name),
        search_key(FieldKind::Text, &submission.person_name).into(),
        search_key(FieldKind::Email, &submission.person_email).into(),
        text(&submission.answers),
        text(&submission.raw),
        maybe_text(submission.malformed.as_deref()),
        MatchingStatus::Pending.code().into(),
        ProcessingState::Unprocessed.code().into(),
        "".into(),
        "".into(),
        0i64.into(),
        by.now.into(),
        owner.into(),
    ]
}

#[derive(FromQueryResult)]
struct Owner {
    owner_id: Option<i64>,
}

/// Who would own a lead that is made from a submission that comes by this way.
async fn owner_of_new(db: &impl ConnectionTrait, by: Arrival<'_>) -> Result<Option<i64>> {
    let sql = "SELECT COALESCE(a.default_owner_id, p.owner_id) AS owner_id FROM linked_account a \
         LEFT JOIN user_profile p ON p.id = $1 WHERE a.id = $2";
    let found = row::<Owner>(db, sql, [by.profile_id.into(), by.account_id.into()]).await?;
    Ok(found.and_then(|row| row.owner_id))
}

/// The next submissions to decide, in the order in which they were submitted.
pub(crate) async fn list_due(
    db: &impl ConnectionTrait,
    limit: u64,
    now: i64,
) -> Result<Vec<DueSubmission>> {
    let sql = format!("{TO_DECIDE} WHERE s.due_at <= $1 ORDER BY s.submitted_at, s.id LIMIT $2");
    rows(db, &sql, [now.into(), limit.into()]).await
}

/// Those of these submissions that are to be decided now, in the order in which they were submitted.
pub(crate) async fn list_still_due(
    db: &impl ConnectionTrait,
    ids: &[i64],
    now: i64,
) -> Result<Vec<DueSubmission>> {
    let list = placeholders(1, &vec![""; ids.len()], 2);
    let sql = format!(
        "{TO_DECIDE} WHERE s.due_at <= $1 AND s.id IN {list} ORDER BY s.submitted_at, s.id"
    );
    let values = std::iter::once(now.into()).chain(ids.iter().map(|id| Value::from(*id)));
    rows(db, &sql, values).await
}

/// What is known of a submission before it is decided. A lead that stayed where leads lived before is
/// not its lead any more.
const TO_DECIDE: &str = "SELECT s.id, s.submitted_at, s.test, s.malformed, s.answers, s.form_id, s.campaign_id, \
       CASE WHEN l.left_in IS NULL OR l.left_in = 'deleted' THEN s.lead_id END AS lead_id, \
       EXISTS (SELECT 1 FROM form_change ch WHERE ch.account_id = s.account_id AND ch.linkedin_id = s.form_linkedin_id \
         AND ch.to_version <= s.form_version AND ch.done_at IS NULL AND ch.affects) AS form_changed, \
       s.attempts, s.replay_id, r.actor AS asked_by, COALESCE(a.default_owner_id, p.owner_id) AS owner_id, s.account_id, \
       s.reason, s.matching_status, s.chosen, s.chosen_lead_id, s.leave_out, s.decision_note, s.lead_type, s.creative_urn, \
       s.form_linkedin_id, f.name AS form_name, c.name AS campaign_name, a.name AS account_name \
     FROM submission s JOIN linked_account a ON a.id = s.account_id \
     LEFT JOIN lead l ON l.id = s.lead_id LEFT JOIN user_profile p ON p.id = s.profile_id \
     LEFT JOIN form f ON f.id = s.form_id LEFT JOIN campaign c ON c.id = s.campaign_id \
     LEFT JOIN replay r ON r.id = s.replay_id";

/// These submissions, whatever became of them, in the order in which they were submitted.
pub(crate) async fn list_these(
    db: &impl ConnectionTrait,
    ids: &[i64],
) -> Result<Vec<DueSubmission>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let list = placeholders(1, &vec![""; ids.len()], 1);
    let sql = format!("{TO_DECIDE} WHERE s.id IN {list} ORDER BY s.submitted_at, s.id");
    rows(db, &sql, ids.iter().map(|id| Value::from(*id))).await
}

/// The latest of the submissions that are wanted, in the order in which they were submitted.
pub(crate) async fn list_wanted(
    db: &impl ConnectionTrait,
    wanted: Wanted,
    limit: u64,
) -> Result<Vec<DueSubmission>> {
    let (clause, values) = wanted.into_parts();
    let sql = format!("{TO_DECIDE}{clause} ORDER BY s.submitted_at DESC, s.id DESC LIMIT {limit}");
    let mut latest = rows::<DueSubmission>(db, &sql, values).await?;
    latest.reverse();
    Ok(latest)
}

/// Writes what became of submissions; none of them is due any more.
pub(crate) async fn save_decided(
    db: &impl ConnectionTrait,
    decided: &[Decided],
    now: i64,
) -> Result<()> {
    if decided.is_empty() {
        return Ok(());
    }
    let types = [
        "bigint", "bigint", "bigint", "text", "text", "bigint", "bigint", "bigint",
    ];
    let sql = format!(
        "WITH v (id, matching_status, processing_state, reason_code, reason, lead_id, attempts, owner_id) AS (VALUES {}) \
         UPDATE submission SET matching_status = v.matching_status, processing_state = v.processing_state, \
           reason_code = v.reason_code, reason = v.reason, lead_id = v.lead_id, attempts = v.attempts, \
           owner_id = CASE WHEN v.lead_id IS NULL THEN v.owner_id \
             ELSE (SELECT l.owner_id FROM lead l WHERE l.id = v.lead_id) END, \
           due_at = NULL, replay_id = NULL, processed_at = {} FROM v WHERE submission.id = v.id",
        placeholders(decided.len(), &types, 1),
        now
    );
    let values = decided.iter().flat_map(|d| -> [Value; 8] {
        [
            d.id.into(),
            d.matching_status.code().into(),
            d.processing_state.code().into(),
            d.reason_code.into(),
            text(&d.reason),
            d.lead_id.into(),
            d.attempts.into(),
            d.owner_id.into(),
        ]
    });
    execute(db, &sql, values).await?;
    Ok(())
}
