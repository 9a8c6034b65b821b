//! Submissions, and the door by which programs bring them in.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use leadline::store::access::Inbound;
use leadline::store::forget::MadeLeads;
use leadline::store::now;
use leadline::store::views::records::SubmissionRecord;
use leadline::store::views::submissions::SubmissionFilter;
use leadline::sync::door::{Account, Received};
use leadline_app::Services;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::{Caller, May};
use super::input::{Body, Field, Filter, Id, Kind, Wanted};
use super::listed::Listed;
use super::problem::Problem;
use super::shapes::{ApiAnswer, ApiConsent, ApiHiddenField, Moment, Named, OfAccount, moment};

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::default()
        .routes(routes!(list_submissions, create_submission))
        .routes(routes!(get_submission, delete_submission))
}

impl Filter for SubmissionFilter {
    const FIELDS: &'static [Field] = &[
        (
            "q",
            Kind::Text,
            "What the person's name begins with, or their whole e-mail address",
        ),
        (
            "status",
            Kind::Word(&[
                "pending",
                "created",
                "updated",
                "failed",
                "creation_failed",
                "update_failed",
                "matched_not_updated",
            ]),
            "The matching status",
        ),
        (
            "state",
            Kind::Word(&["unprocessed", "succeeded", "failed"]),
            "The processing state",
        ),
        ("account", Kind::Id, "The linked account"),
        (
            "form",
            Kind::Id,
            "A version of the form; all versions of the form are meant",
        ),
        ("campaign", Kind::Id, "The campaign"),
        ("lead", Kind::Id, "The lead"),
        (
            "test",
            Kind::Word(&["yes", "no"]),
            "Only test leads, or none",
        ),
        (
            "type",
            Kind::Word(&["SPONSORED", "EVENT", "COMPANY", "ORGANIZATION_PRODUCT"]),
            "LinkedIn's word for the kind of lead",
        ),
        (
            "reason",
            Kind::Word(&[
                "several_leads",
                "partial_match",
                "closed_lead",
                "no_strategy",
                "value_problem",
                "form_changed",
                "malformed",
                "lead_gone",
                "store_error",
                "test_lead",
                "excluded",
            ]),
            "Why it makes no lead, or not yet",
        ),
        (
            "review",
            Kind::Word(&["yes", "no"]),
            "Only those about which a person has to decide",
        ),
        ("from", Kind::Day, "Submitted on this day (UTC) or later"),
        ("to", Kind::Day, "Submitted on this day (UTC) or earlier"),
        (
            "sort",
            Kind::Word(&["newest", "oldest"]),
            "The order, unless names are searched: those come in alphabetical order",
        ),
    ];

    fn read(get: &impl Fn(&str) -> Option<String>) -> leadline::error::Result<SubmissionFilter> {
        SubmissionFilter::read(get)
    }
}

/// One form response as LinkedIn gave it, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Submission {
    /// Leadline's id.
    id: i64,
    /// LinkedIn's id of the response, unique within its account.
    linkedin_id: String,
    /// The linked account.
    account: OfAccount,
    /// LinkedIn's word for the kind of lead, such as `SPONSORED`.
    lead_type: String,
    /// Whether LinkedIn says it is a test.
    test: bool,
    /// When it was submitted, by LinkedIn's clock.
    submitted_at: Moment,
    /// When Leadline got it.
    received_at: Moment,
    /// By which way: `poll`, `webhook`, `import` or `api`.
    received_by: String,
    /// What is shown as the person: the name, else the e-mail address, else nothing.
    person_name: String,
    /// The form version that it answers.
    #[schema(required)]
    form: Option<OfForm>,
    /// The campaign that it came from.
    #[schema(required)]
    campaign: Option<OfCampaign>,
    /// The creative that it came from, by LinkedIn's name.
    #[schema(required)]
    creative: Option<String>,
    /// What became of its lead: `pending`, `created`, `updated`, `failed` (held: a person has to
    /// decide), `creation_failed`, `update_failed` or `matched_not_updated`.
    matching_status: &'static str,
    /// Whether it is done: `unprocessed`, `succeeded` or `failed`.
    processing_state: &'static str,
    /// Why, as a word; null when there is nothing to say.
    #[schema(required)]
    reason_code: Option<String>,
    /// Why, in words; null when there is nothing to say.
    #[schema(required)]
    reason: Option<String>,
    /// What is wrong with it as it came; null when all is well.
    #[schema(required)]
    malformed: Option<String>,
    /// When it was decided last.
    #[schema(required)]
    processed_at: Option<Moment>,
    /// The lead that it belongs to.
    #[schema(required)]
    lead: Option<Named>,
    /// What was answered.
    answers: Vec<ApiAnswer>,
    /// What was consented to.
    consents: Vec<ApiConsent>,
    /// The constants that the form carries with it.
    hidden_fields: Vec<ApiHiddenField>,
}

/// The form version that a submission answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfForm {
    /// Leadline's id of the version; null when it is not known.
    #[schema(required)]
    id: Option<i64>,
    /// LinkedIn's id of the form.
    linkedin_id: i64,
    /// The version.
    #[schema(required)]
    version: Option<i64>,
    /// The form's name.
    #[schema(required)]
    name: Option<String>,
}

/// The campaign that a submission came from.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfCampaign {
    /// Leadline's id; null when it is not known.
    #[schema(required)]
    id: Option<i64>,
    /// LinkedIn's id.
    linkedin_id: i64,
    /// Its name.
    #[schema(required)]
    name: Option<String>,
}

impl TryFrom<SubmissionRecord> for Submission {
    type Error = leadline::error::Error;

    fn try_from(record: SubmissionRecord) -> Result<Submission, Self::Error> {
        let answers = record.answers()?;
        let (matching, processing) = (record.matching_status(), record.processing_state());
        let said = |text: String| Some(text).filter(|text| !text.is_empty());
        Ok(Submission {
            id: record.id,
            linkedin_id: record.linkedin_id,
            account: OfAccount {
                id: record.account_id,
                urn: record.account_urn,
                name: record.account_name,
            },
            lead_type: record.lead_type,
            test: record.test,
            submitted_at: record.submitted_at.into(),
            received_at: record.received_at.into(),
            received_by: record.received_by,
            person_name: record.person_name,
            form: record.form_linkedin_id.map(|linkedin_id| OfForm {
                id: record.form_id,
                linkedin_id,
                version: record.form_version,
                name: record.form_name,
            }),
            campaign: record.campaign_linkedin_id.map(|linkedin_id| OfCampaign {
                id: record.campaign_id,
                linkedin_id,
                name: record.campaign_name,
            }),
            creative: record.creative_urn,
            matching_status: matching.slug(),
            processing_state: processing.slug(),
            reason_code: said(record.reason_code),
            reason: said(record.reason),
            malformed: record.malformed,
            processed_at: moment(record.processed_at),
            lead: Named::of(record.lead_id, record.lead_name),
            answers: answers.answers.into_iter().map(Into::into).collect(),
            consents: answers.consents.into_iter().map(Into::into).collect(),
            hidden_fields: answers.hidden.into_iter().map(Into::into).collect(),
        })
    }
}

/// List submissions, whole, the newest first
#[utoipa::path(get, path = "/submissions", tag = "submissions", params(Wanted<SubmissionFilter>),
    responses((status = 200, description = "One page of the list", body = Listed<Submission>)))]
async fn list_submissions(
    caller: Caller,
    wanted: Wanted<SubmissionFilter>,
) -> Result<Json<Listed<Submission>>, Problem> {
    let reader = caller.reader()?;
    let page = reader.list_submission_records(&wanted.filter, &wanted.paging);
    Ok(Json(Listed::of(page.await?, Submission::try_from)?))
}

/// Get one submission
#[utoipa::path(get, path = "/submissions/{id}", tag = "submissions", params(Id),
    responses((status = 200, description = "The submission", body = Submission)))]
async fn get_submission(caller: Caller, Id(id): Id) -> Result<Json<Submission>, Problem> {
    let record = caller.reader()?.find_submission_record(id).await?;
    Ok(Json(record.try_into()?))
}

/// Delete one test submission
///
/// It is gone for good, and does not come back when LinkedIn is read again. The lead that was made
/// from it stays. Only tests can be deleted. Needs the role Administrator.
#[utoipa::path(delete, path = "/submissions/{id}", tag = "submissions", params(Id),
    responses((status = 204, description = "It is deleted")))]
async fn delete_submission(caller: Caller, Id(id): Id) -> Result<StatusCode, Problem> {
    let administrator = caller.administrator()?;
    caller.reader()?.find_submission_record(id).await?;
    let this = SubmissionFilter {
        ids: vec![id],
        ..SubmissionFilter::default()
    };
    administrator
        .delete_tests(&this, MadeLeads::Keep, 1, now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A form response to bring in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "account": "urn:li:sponsoredAccount:501234567",
    "response": {
        "id": "b7a0f4c1-5d1e-4f0b-9a55-0e7a3f0b8d11-1",
        "leadType": "SPONSORED",
        "submittedAt": 1795509296789_i64,
        "testLead": false,
        "versionedLeadGenFormUrn": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1)",
        "formResponse": { "answers": [
            { "questionId": 1, "answerDetails": { "textQuestionAnswer": { "answer": "Ada" } } },
        ] },
    },
})))]
struct NewSubmission {
    /// The linked account that it belongs to: Leadline's id, or LinkedIn's URN.
    account: AccountName,
    /// The response as LinkedIn's `leadFormResponses` words it. When it comes without its `form`,
    /// and Leadline knows that form version, the answers are joined with it. Whatever it holds is
    /// kept: a response that cannot be understood is held for review with the reason.
    #[schema(value_type = Object)]
    response: Map<String, Value>,
}

/// An account by Leadline's id, or by LinkedIn's URN.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
enum AccountName {
    /// Leadline's id.
    Id(i64),
    /// LinkedIn's URN.
    Urn(String),
}

/// A submission that was brought in.
#[derive(Debug, Serialize, ToSchema)]
struct ReceivedSubmission {
    /// What became of it. When `unchanged` is false, its person, answers, consents and hidden fields
    /// are left empty: the S2S Inbound role does not read what others brought.
    #[serde(flatten)]
    submission: Submission,
    /// Whether what is kept is what was brought. False when the response came before with other
    /// answers; then nothing was changed.
    unchanged: bool,
}

/// Bring a form response in
///
/// It goes the same way as one that is read from LinkedIn, and it is known by its account and
/// LinkedIn's id: bringing it again, or reading it from LinkedIn as well, doubles nothing. Needs the
/// role S2S Inbound.
#[utoipa::path(post, path = "/submissions", tag = "submissions", request_body = NewSubmission,
    responses(
        (status = 201, description = "It is new, or LinkedIn sent it anew, and waits for its turn",
            body = ReceivedSubmission, headers(("Location" = String, description = "Its path"))),
        (status = 200, description = "It was known already and was not touched", body = ReceivedSubmission),
    ))]
async fn create_submission(
    State(services): State<Services>,
    May(inbound): May<Inbound>,
    Body(new): Body<NewSubmission>,
) -> Result<Response, Problem> {
    let account = match new.account {
        AccountName::Id(id) => Account::Id(id),
        AccountName::Urn(urn) => Account::Urn(urn),
    };
    let response = Value::Object(new.response).to_string();
    let received = inbound.receive(&account, &response, now()).await;
    let received = received.map_err(|error| match error.kind() {
        leadline::error::Kind::Invalid => Problem::pointer("/account", error.message()),
        _ => error.into(),
    })?;
    services.worker.wake();
    answer(received)
}

fn answer(received: Received) -> Result<Response, Problem> {
    let Received {
        submission,
        new,
        same,
    } = received;
    let mut submission = Submission::try_from(submission)?;
    if !same {
        submission.person_name.clear();
        submission.answers.clear();
        submission.consents.clear();
        submission.hidden_fields.clear();
    }
    let place = format!("/api/v1/submissions/{}", submission.id);
    let body = Json(ReceivedSubmission {
        submission,
        unchanged: same,
    });
    Ok(match new {
        true => (StatusCode::CREATED, [(header::LOCATION, place)], body).into_response(),
        false => body.into_response(),
    })
}
