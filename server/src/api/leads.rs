//! Leads.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use leadline::error::{Error, Kind};
use leadline::store::access::Salesperson;
use leadline::store::lead_edit::{LeadEdit, UNREAD, may_edit};
use leadline::store::now;
use leadline::store::views::leads::LeadFilter;
use leadline::store::views::records::LeadRecord;
use leadline_app::Services;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::{Caller, May};
use super::input::{Body, Field, Filter, Id, Kind as Holds, Wanted, given};
use super::listed::Listed;
use super::problem::{Problem, Wrong};
use super::rules::conflict;
use super::shapes::{Moment, Named};

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::default()
        .routes(routes!(list_leads))
        .routes(routes!(get_lead, change_lead))
}

impl Filter for LeadFilter {
    const FIELDS: &'static [Field] = &[
        (
            "q",
            Holds::Text,
            "What the name begins with; with an @ in it, what the e-mail address begins with",
        ),
        (
            "company",
            Holds::Text,
            "What the company's name begins with",
        ),
        ("owner", Holds::Id, "The user who works on it"),
        (
            "form",
            Holds::Id,
            "A version of the form that it came from; all versions are meant",
        ),
        ("campaign", Holds::Id, "The campaign that it came from"),
        (
            "state",
            Holds::Word(&["open", "closed"]),
            "Only open leads, or only closed ones",
        ),
        (
            "sort",
            Holds::Word(&["latest", "name", "modified"]),
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
    pub fn of(record: LeadRecord, public_url: &str) -> Result<Lead, Error> {
        let here = || format!("{public_url}/leads/{}", record.id);
        let crm_url = record.record_url().unwrap_or_else(here);
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
            crm_url,
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

/// What to change of a lead; what is missing stays as it is.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "version": 3, "fields": { "jobtitle": "Cook", "telephone1": null }, "state": "open" })))]
struct LeadChange {
    /// The version that was read.
    #[schema(minimum = 1)]
    version: i64,
    /// Fields by logical name; null empties one.
    fields: Option<BTreeMap<String, Option<String>>>,
    /// The user who works on it, by Leadline's id; null: nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, minimum = 1, required = false)]
    owner_id: Option<Option<i64>>,
    /// Whether submissions may still change it.
    state: Option<LeadState>,
}

/// Whether submissions may still change a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum LeadState {
    /// They may.
    Open,
    /// They may not: the next one of this person makes a new lead.
    Closed,
}

impl LeadChange {
    /// The whole lead as it is to be.
    fn onto(&self, record: &LeadRecord) -> Result<LeadEdit, Error> {
        let mut fields = record.fields()?;
        for (name, value) in self.fields.iter().flatten() {
            fields.insert(name.clone(), value.clone().unwrap_or_default());
        }
        Ok(LeadEdit {
            fields,
            owner: self.owner_id.unwrap_or(record.owner_id),
            open: self
                .state
                .map_or(record.open, |state| state == LeadState::Open),
            version: self.version,
        })
    }
}

/// Change a lead
///
/// Fields, owner and state; later submissions change fields again, earlier ones do not. Where leads live
/// in Dynamics 365, columns that Leadline does not read are refused. A salesperson's token changes the
/// leads of whoever made it.
#[utoipa::path(patch, path = "/leads/{id}", tag = "leads", params(Id), request_body = LeadChange,
    responses(
        (status = 200, description = "The lead as it is now", body = Lead),
        (status = 204, description = "It is changed, and from now on not for this token"),
    ))]
async fn change_lead(
    State(services): State<Services>,
    caller: Caller,
    May(salesperson): May<Salesperson>,
    Id(id): Id,
    Body(change): Body<LeadChange>,
) -> Result<Response, Problem> {
    let reader = caller.reader()?;
    let record = reader.find_lead_record(id).await?;
    if !may_edit(salesperson.person(), record.owner_id) {
        return Err(Error::not_found("lead").into());
    }
    if let Some(into) = record.merged_into_id {
        let detail = format!("It was merged: lead {into} stands for it. Change that one.");
        return Err(Problem::new(StatusCode::CONFLICT, detail));
    }
    let edit = change.onto(&record)?;
    check(&services, &change, &edit, &record).await?;
    let saved = salesperson.edit_lead(id, &edit, now()).await;
    let stands = match reader.find_lead_record(id).await {
        Err(error) if saved.is_ok() && error.kind() == Kind::NotFound => {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        found => found?,
    };
    match saved {
        Err(error) if error.kind() == Kind::Conflict => {
            let stands = json!({
                "version": stands.version,
                "fields": stands.fields()?,
                "owner_id": stands.owner_id,
                "state": if stands.open { "open" } else { "closed" },
            });
            Err(conflict(error, change.version, &change, &stands))
        }
        Err(error) if error.kind() == Kind::Invalid => Err(Problem::pointer(
            "/owner_id",
            "must be an active user who may work on leads.",
        )),
        saved => {
            saved?;
            Ok(Json(Lead::of(stands, &services.settings.public_url)?).into_response())
        }
    }
}

/// Refuses fields that no lead has or that are not read of it, and values that do not fit into theirs.
async fn check(
    services: &Services,
    change: &LeadChange,
    edit: &LeadEdit,
    record: &LeadRecord,
) -> Result<(), Problem> {
    let known = services.store.lead_fields().await?;
    let editable = services.store.editable_fields(&record.fields()?).await?;
    let sent = change.fields.iter().flatten().map(|(name, _)| name);
    let at = |name: &str| format!("/fields/{}", name.replace('~', "~0").replace('/', "~1"));
    let refused = sent.filter_map(|name| match (known.get(name), editable.get(name)) {
        (None, _) => Some(Wrong::pointer(at(name), "is no field of a lead.")),
        (_, None) => Some(Wrong::pointer(at(name), UNREAD)),
        _ => None,
    });
    let mut wrong: Vec<Wrong> = refused.collect();
    let problems = edit.problems(&editable, &record.fields()?).into_iter();
    wrong.extend(problems.map(|(name, says)| Wrong::pointer(at(&name), says)));
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(Problem::wrong(StatusCode::UNPROCESSABLE_ENTITY, wrong)),
    }
}
