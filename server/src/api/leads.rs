//! Leads.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use leadline::store::views::leads::LeadFilter;
use leadline::store::views::records::LeadRecord;
use leadline_app::Services;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::Caller;
use super::input::{Field, Filter, Id, Kind, Wanted};
use super::listed::Listed;
use super::problem::Problem;
use super::shapes::{Moment, Named};

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::default()
        .routes(routes!(list_leads))
        .routes(routes!(get_lead))
}

impl Filter for LeadFilter {
    const FIELDS: &'static [Field] = &[
        (
            "q",
            Kind::Text,
            "What the name begins with; with an @ in it, what the e-mail address begins with",
        ),
        ("company", Kind::Text, "What the company's name begins with"),
        ("owner", Kind::Id, "The user who works on it"),
        (
            "form",
            Kind::Id,
            "A version of the form that it came from; all versions are meant",
        ),
        ("campaign", Kind::Id, "The campaign that it came from"),
        (
            "state",
            Kind::Word(&["open", "closed"]),
            "Only open leads, or only closed ones",
        ),
        (
            "sort",
            Kind::Word(&["latest", "name", "modified"]),
            "The order, unless something is searched: that comes in alphabetical order",
        ),
    ];

    fn read(get: &impl Fn(&str) -> Option<String>) -> leadline::error::Result<LeadFilter> {
        LeadFilter::read(get)
    }
}

/// A lead in the CRM.
#[derive(Debug, Serialize, ToSchema)]
pub struct Lead {
    /// Leadline's id.
    id: i64,
    /// Its name.
    full_name: String,
    /// `open`: submissions may still change it; `closed`: they may not; `merged`: another lead stands
    /// for it, and it is in no list.
    state: &'static str,
    /// The lead that stands for it since it was merged, by Leadline's id.
    #[schema(required)]
    merged_into_id: Option<i64>,
    /// Grows with every change.
    version: i64,
    /// Its fields by logical name, such as `emailaddress1`. A field that is blank is absent.
    #[schema(examples(json!({ "firstname": "Ada", "emailaddress1": "ada@example.com" })))]
    fields: BTreeMap<String, String>,
    /// Who works on it.
    #[schema(required)]
    owner: Option<Named>,
    /// Where it came from, in words.
    lead_source: String,
    /// The closed lead of the same person that it continues, by Leadline's id.
    #[schema(required)]
    follows_id: Option<i64>,
    /// The form of its first submission, by Leadline's id.
    #[schema(required)]
    first_form_id: Option<i64>,
    /// The form of its latest submission.
    #[schema(required)]
    latest_form_id: Option<i64>,
    /// The campaign of its first submission.
    #[schema(required)]
    first_campaign_id: Option<i64>,
    /// The campaign of its latest submission.
    #[schema(required)]
    latest_campaign_id: Option<i64>,
    /// How many submissions belong to it.
    submission_count: i64,
    /// When the latest of them was submitted.
    latest_submitted_at: Moment,
    /// Where it is shown in the CRM.
    crm_url: String,
    /// When it was made.
    created_at: Moment,
    /// When it was changed last.
    modified_at: Moment,
}

impl Lead {
    /// A lead out of its record.
    pub fn of(record: LeadRecord, public_url: &str) -> Result<Lead, leadline::error::Error> {
        Ok(Lead {
            fields: record.fields()?,
            id: record.id,
            full_name: record.full_name,
            state: match record.merged_into_id {
                Some(_) => "merged",
                None if record.open => "open",
                None => "closed",
            },
            merged_into_id: record.merged_into_id,
            version: record.version,
            owner: Named::of(record.owner_id, record.owner_name),
            lead_source: record.lead_source,
            follows_id: record.follows_id,
            first_form_id: record.first_form_id,
            latest_form_id: record.latest_form_id,
            first_campaign_id: record.first_campaign_id,
            latest_campaign_id: record.latest_campaign_id,
            submission_count: record.submission_count,
            latest_submitted_at: record.latest_submitted_at.into(),
            crm_url: format!("{public_url}/leads/{}", record.id),
            created_at: record.created_at.into(),
            modified_at: record.modified_at.into(),
        })
    }
}

/// List leads, the one with the latest submission first
#[utoipa::path(get, path = "/leads", tag = "leads", params(Wanted<LeadFilter>),
    responses((status = 200, description = "One page of the list", body = Listed<Lead>)))]
async fn list_leads(
    State(services): State<Services>,
    caller: Caller,
    wanted: Wanted<LeadFilter>,
) -> Result<Json<Listed<Lead>>, Problem> {
    let reader = caller.reader()?;
    let page = reader.list_lead_records(&wanted.filter, &wanted.paging);
    let public_url = &services.settings.public_url;
    Ok(Json(Listed::of(page.await?, |record| {
        Lead::of(record, public_url)
    })?))
}

/// Get one lead
#[utoipa::path(get, path = "/leads/{id}", tag = "leads", params(Id),
    responses((status = 200, description = "The lead", body = Lead)))]
async fn get_lead(
    State(services): State<Services>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Lead>, Problem> {
    let record = caller.reader()?.find_lead_record(id).await?;
    Ok(Json(Lead::of(record, &services.settings.public_url)?))
}
