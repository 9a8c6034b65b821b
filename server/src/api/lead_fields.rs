//! Lead fields.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use leadline::error::Error;
use leadline::lead::{CustomField, FieldKind};
use leadline::store::access::Administrator;
use leadline::store::now;
use leadline::store::views::lead_fields::FieldView;
use leadline_app::Services;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::{Caller, May};
use super::input::{Body, Id, NoFilter, Wanted};
use super::listed::Listed;
use super::problem::{Problem, Wrong};

/// How many characters a text holds when nothing is said.
const USUAL_CHARS: usize = 200;

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::default()
        .routes(routes!(list_lead_fields, create_lead_field))
        .routes(routes!(
            get_lead_field,
            change_lead_field,
            delete_lead_field
        ))
}

/// A field that leads can have.
#[derive(Debug, Serialize, ToSchema)]
struct Field {
    /// Leadline's id; null: a standard field, which cannot be changed.
    #[schema(required)]
    id: Option<i64>,
    /// Its logical name, under which a lead's `fields` have it. It never changes.
    name: String,
    /// What people call it.
    label: String,
    /// What it holds: `text`, `number`, `date`, `choice`, `yes_no`, `email`, `phone` or `url`.
    kind: &'static str,
    /// How many characters it holds.
    max_length: usize,
    /// What it may hold, if it is a choice.
    choices: Vec<String>,
    /// How many field mappings fill it.
    mappings: usize,
    /// How many matching strategies compare it.
    strategies: usize,
    /// How many of the latest 20,000 leads hold something in it.
    leads: usize,
    /// Grows with every change; null: a standard field.
    #[schema(required)]
    version: Option<i64>,
}

impl From<FieldView> for Field {
    fn from(view: FieldView) -> Field {
        let field = view.field;
        Field {
            id: view.added.map(|(id, _)| id),
            version: view.added.map(|(_, version)| version),
            name: field.name,
            label: field.label,
            kind: field.kind.slug(),
            max_length: field.max_length,
            choices: field.choices,
            mappings: view.mappings,
            strategies: view.strategies,
            leads: view.leads,
        }
    }
}

async fn all(caller: &Caller) -> Result<Vec<FieldView>, Error> {
    match caller.inbound() {
        Ok(inbound) => inbound.list_lead_fields().await,
        Err(_) => caller.administrator()?.list_lead_fields().await,
    }
}

/// List lead fields, the standard ones first
///
/// Needs the role Administrator or S2S Inbound.
#[utoipa::path(get, path = "/lead-fields", tag = "lead-fields", params(Wanted<NoFilter>),
    responses((status = 200, description = "One page of the list", body = Listed<Field>)))]
async fn list_lead_fields(
    caller: Caller,
    wanted: Wanted<NoFilter>,
) -> Result<Json<Listed<Field>>, Problem> {
    let all = all(&caller).await?.into_iter().map(Field::from);
    Ok(Json(Listed::cut(all.collect(), &wanted.paging)))
}

/// Get one of the added lead fields
///
/// Needs the role Administrator or S2S Inbound.
#[utoipa::path(get, path = "/lead-fields/{id}", tag = "lead-fields", params(Id),
    responses((status = 200, description = "The lead field", body = Field)))]
async fn get_lead_field(caller: Caller, Id(id): Id) -> Result<Json<Field>, Problem> {
    let mut all = all(&caller).await?.into_iter();
    let found = all.find(|view| view.added.is_some_and(|(own, _)| own == id));
    let found = found.ok_or_else(|| Error::not_found("lead field"))?;
    Ok(Json(found.into()))
}

/// A lead field to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "label": "Budget", "kind": "choice", "choices": ["Up to 10 k", "More"] })))]
struct NewField {
    /// What people call it. Its logical name is made of it.
    #[schema(min_length = 1, max_length = 100)]
    label: String,
    /// What it holds. It cannot be changed later.
    kind: HeldKind,
    /// How many characters it holds, if it is text; 200 when nothing is said.
    #[schema(minimum = 1, maximum = 2000)]
    max_length: Option<usize>,
    /// What it may hold, if it is a choice.
    #[serde(default)]
    #[schema(max_items = 100)]
    choices: Vec<String>,
}

/// What a lead field holds.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum HeldKind {
    /// Any text.
    Text,
    /// A number, as digits with a point before the fraction.
    Number,
    /// A day, such as `2026-11-24`.
    Date,
    /// One of the field's choices.
    Choice,
    /// `true` or `false`.
    YesNo,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A web address.
    Url,
}

impl From<HeldKind> for FieldKind {
    fn from(kind: HeldKind) -> FieldKind {
        match kind {
            HeldKind::Text => FieldKind::Text,
            HeldKind::Number => FieldKind::Number,
            HeldKind::Date => FieldKind::Date,
            HeldKind::Choice => FieldKind::Choice,
            HeldKind::YesNo => FieldKind::YesNo,
            HeldKind::Email => FieldKind::Email,
            HeldKind::Phone => FieldKind::Phone,
            HeldKind::Url => FieldKind::Url,
        }
    }
}

/// Add a lead field
///
/// Needs the role Administrator.
#[utoipa::path(post, path = "/lead-fields", tag = "lead-fields", request_body = NewField,
    responses((status = 201, description = "The lead field", body = Field,
        headers(("Location" = String, description = "Its path")))))]
async fn create_lead_field(
    State(services): State<Services>,
    May(administrator): May<Administrator>,
    Body(new): Body<NewField>,
) -> Result<Response, Problem> {
    let length = new.max_length.unwrap_or(USUAL_CHARS);
    let field = CustomField::new(&new.label, new.kind.into(), length, &new.choices);
    refuse(&services, &field, None).await?;
    let id = administrator.create_lead_field(&field, now()).await?.id;
    let made: Field = administrator.find_lead_field(id).await?.into();
    let place = format!("/api/v1/lead-fields/{id}");
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], Json(made)).into_response())
}

/// What to change of an added lead field; what is missing stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "choices": ["Up to 10 k", "More"], "version": 1 })))]
struct FieldChange {
    /// What people call it.
    #[schema(min_length = 1, max_length = 100)]
    label: Option<String>,
    /// How many characters it holds, if it is text.
    #[schema(minimum = 1, maximum = 2000)]
    max_length: Option<usize>,
    /// What it may hold, if it is a choice.
    #[schema(max_items = 100)]
    choices: Option<Vec<String>>,
    /// The version that was read; when the field was changed since, nothing is.
    version: Option<i64>,
}

/// Change an added lead field
///
/// What leads hold stays as it is. Needs the role Administrator.
#[utoipa::path(patch, path = "/lead-fields/{id}", tag = "lead-fields", params(Id), request_body = FieldChange,
    responses((status = 200, description = "The lead field as it is now", body = Field)))]
async fn change_lead_field(
    State(services): State<Services>,
    May(administrator): May<Administrator>,
    Id(id): Id,
    Body(wish): Body<FieldChange>,
) -> Result<Json<Field>, Problem> {
    let stands = administrator.find_lead_field(id).await?;
    let read = stands.added.map_or(0, |(_, version)| version);
    let old = stands.field;
    let field = CustomField::new(
        wish.label.as_deref().unwrap_or(&old.label),
        old.kind,
        wish.max_length.unwrap_or(old.max_length),
        wish.choices.as_deref().unwrap_or(&old.choices),
    );
    refuse(&services, &field, Some(&old.name)).await?;
    let version = wish.version.unwrap_or(read);
    administrator
        .save_lead_field(id, version, &field, now())
        .await?;
    Ok(Json(administrator.find_lead_field(id).await?.into()))
}

/// Delete an added lead field that no rule uses
///
/// Leads keep what they hold in it. Needs the role Administrator.
#[utoipa::path(delete, path = "/lead-fields/{id}", tag = "lead-fields", params(Id),
    responses((status = 204, description = "It is deleted")))]
async fn delete_lead_field(caller: Caller, Id(id): Id) -> Result<StatusCode, Problem> {
    caller.administrator()?.delete_lead_field(id, now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says everything that is wrong with a field at once.
async fn refuse(
    services: &Services,
    field: &CustomField,
    own: Option<&str>,
) -> Result<(), Problem> {
    let fields = services.store.lead_fields().await?;
    let wrong = field.problems(&fields, own).into_iter();
    let wrong = wrong.map(|(field, message)| Wrong::pointer(format!("/{field}"), message));
    let wrong: Vec<Wrong> = wrong.collect();
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(Problem::wrong(StatusCode::UNPROCESSABLE_ENTITY, wrong)),
    }
}
