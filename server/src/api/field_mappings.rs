//! Field mappings.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use leadline::error::{Error, Kind};
use leadline::lead::Policy;
use leadline::mapping::{FieldMapping, MOST_STEPS, Source, Step, TooLong};
use leadline::store::access::Administrator;
use leadline::store::mappings::VersionedMapping;
use leadline::store::now;
use leadline::store::views::rules::MappingView;
use leadline::sync::preview::preview_mapping;
use leadline_app::Services;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::{Caller, May};
use super::input::{Body, Id, NoFilter, Wanted, given};
use super::listed::Listed;
use super::problem::Problem;
use super::rules::{Move, PreviewAnswer, conflict, latest, no_version, unknown, version, word};

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::default()
        .routes(routes!(list_field_mappings, create_field_mapping))
        .routes(routes!(
            get_field_mapping,
            change_field_mapping,
            delete_field_mapping
        ))
        .routes(routes!(move_field_mapping))
        .routes(routes!(preview_field_mapping))
}

/// One LinkedIn field → one lead field.
#[derive(Debug, Serialize, ToSchema)]
struct Mapping {
    /// Leadline's id.
    id: i64,
    /// Where the value comes from.
    source: MappingSource,
    /// LinkedIn's id of the only form whose submissions it is for; null: all.
    #[schema(required)]
    form_linkedin_id: Option<i64>,
    /// What is done to the value, in order; each names its `step`.
    #[schema(value_type = Vec<Object>)]
    steps: Vec<Value>,
    /// The lead field's logical name.
    lead_field: String,
    /// What may happen to a field that has a value: `overwrite`, `fill_empty` or `never`.
    policy: &'static str,
    /// What happens to a text that is longer than the field: `cut` or `hold`.
    too_long: &'static str,
    /// How many of the current forms ask for it.
    forms: usize,
    /// Grows with every change. Whoever changes it sends the one that they read.
    version: i64,
}

/// Where a value comes from.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MappingSource {
    /// The kind of source.
    #[schema(schema_with = source_kind)]
    kind: String,
    /// The key within its kind; several spellings of a predefined one are separated by a bar, and a
    /// constant's is the text itself.
    #[schema(min_length = 1, max_length = 1000)]
    key: String,
}

fn source_kind() -> Object {
    let kinds = [
        "predefined",
        "question",
        "hidden",
        "consent",
        "fact",
        "constant",
    ];
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(kinds))
        .build()
}

impl TryFrom<MappingView> for Mapping {
    type Error = Error;

    fn try_from(view: MappingView) -> Result<Mapping, Error> {
        let mapping = view.mapping;
        let steps = mapping.steps.iter().map(serde_json::to_value);
        Ok(Mapping {
            steps: steps.collect::<Result<_, _>>().map_err(Error::internal)?,
            form_linkedin_id: mapping.form,
            too_long: mapping.too_long.slug(),
            id: mapping.id,
            source: MappingSource {
                kind: mapping.source.kind().to_owned(),
                key: mapping.source.key().to_owned(),
            },
            lead_field: mapping.lead_field,
            policy: mapping.policy.slug(),
            forms: view.forms,
            version: view.version,
        })
    }
}

async fn all(caller: &Caller) -> Result<Vec<MappingView>, Error> {
    match caller.inbound() {
        Ok(inbound) => inbound.list_mapping_views().await,
        Err(_) => caller.administrator()?.list_mapping_views().await,
    }
}

/// List field mappings, in order
///
/// Needs the role Administrator or S2S Inbound.
#[utoipa::path(get, path = "/field-mappings", tag = "field-mappings", params(Wanted<NoFilter>),
    responses((status = 200, description = "One page of the list", body = Listed<Mapping>)))]
async fn list_field_mappings(
    caller: Caller,
    wanted: Wanted<NoFilter>,
) -> Result<Json<Listed<Mapping>>, Problem> {
    let all = all(&caller).await?.into_iter().map(Mapping::try_from);
    let all = all.collect::<Result<_, Error>>()?;
    Ok(Json(Listed::cut(all, &wanted.paging)))
}

/// Get one field mapping
///
/// Needs the role Administrator or S2S Inbound.
#[utoipa::path(get, path = "/field-mappings/{id}", tag = "field-mappings", params(Id),
    responses((status = 200, description = "The field mapping", body = Mapping)))]
async fn get_field_mapping(caller: Caller, Id(id): Id) -> Result<Json<Mapping>, Problem> {
    Ok(Json(one(all(&caller).await?, id)?))
}

fn one(all: Vec<MappingView>, id: i64) -> Result<Mapping, Error> {
    let found = all.into_iter().find(|view| view.mapping.id == id);
    let found = found.ok_or_else(|| Error::not_found("field mapping"))?;
    found.try_into()
}

/// What a mapping is to be. What is missing stays as it is; in a new one it is as in those that every
/// installation begins with, and `source` and `lead_field` are needed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "source": { "kind": "question", "key": "What is your budget?" },
    "steps": [{ "step": "trim" }],
    "lead_field": "description",
})))]
struct MappingWish {
    /// The version that was read. It is needed to change a mapping, and a new one has none.
    #[schema(minimum = 1)]
    version: Option<i64>,
    /// Where the value comes from.
    source: Option<MappingSource>,
    /// LinkedIn's id of the only form whose submissions it is for; null: all.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, required = false)]
    form_linkedin_id: Option<Option<i64>>,
    /// What is done to the value, in order; each names its `step`, as the mappings that are there show.
    #[schema(value_type = Option<Vec<Object>>, max_items = 12)]
    steps: Option<Vec<Step>>,
    /// The lead field's logical name.
    lead_field: Option<String>,
    /// What may happen to a field that has a value.
    #[schema(schema_with = policy, required = false)]
    policy: Option<Policy>,
    /// What happens to a text that is longer than the field.
    #[schema(schema_with = too_long, required = false)]
    too_long: Option<TooLong>,
}

const _: () = assert!(MOST_STEPS == 12, "the description says so");

fn policy() -> Object {
    let all = [Policy::Overwrite, Policy::FillEmpty, Policy::Never];
    word(&all.map(Policy::slug))
}

fn too_long() -> Object {
    word(&TooLong::ALL.map(TooLong::slug))
}

impl MappingWish {
    /// The mapping with what is wished put in its place; `at` is where the wish stands in the body.
    fn onto(&self, base: FieldMapping, at: &str) -> Result<FieldMapping, Problem> {
        let wish = self.clone();
        let source = match wish.source {
            None => base.source,
            Some(source) => Source::parse(&source.kind, &source.key).ok_or_else(|| {
                Problem::pointer(format!("{at}/source"), "is none that a mapping can have.")
            })?,
        };
        Ok(FieldMapping {
            id: base.id,
            source,
            form: wish.form_linkedin_id.unwrap_or(base.form),
            steps: wish.steps.unwrap_or(base.steps),
            lead_field: wish.lead_field.unwrap_or(base.lead_field),
            policy: wish.policy.unwrap_or(base.policy),
            too_long: wish.too_long.unwrap_or(base.too_long),
        })
    }
}

/// A mapping as it begins.
fn begun() -> FieldMapping {
    FieldMapping {
        id: 0,
        source: Source::Predefined(String::new()),
        form: None,
        steps: Vec::new(),
        lead_field: String::new(),
        policy: Policy::Overwrite,
        too_long: TooLong::Cut,
    }
}

/// Refuses what can be seen to be wrong in the mapping itself, with its place in the body.
async fn check(services: &Services, mapping: &FieldMapping, at: &str) -> Result<(), Problem> {
    let fields = services.store.lead_fields().await?;
    let wrong = |(field, message)| Problem::pointer(format!("{at}/{field}"), message);
    mapping.check(&fields).map_err(wrong)
}

/// Add a field mapping
///
/// It stands behind all others. Needs the role Administrator.
#[utoipa::path(post, path = "/field-mappings", tag = "field-mappings", request_body = MappingWish,
    responses((status = 201, description = "The field mapping", body = Mapping,
        headers(("Location" = String, description = "Its path")))))]
async fn create_field_mapping(
    State(services): State<Services>,
    May(administrator): May<Administrator>,
    Body(wish): Body<MappingWish>,
) -> Result<Response, Problem> {
    no_version(wish.version, "")?;
    let new = wish.onto(begun(), "")?;
    check(&services, &new, "").await?;
    let id = administrator.create_mapping(&new, now()).await?;
    let made = one(administrator.list_mapping_views().await?, id)?;
    let place = format!("/api/v1/field-mappings/{id}");
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], Json(made)).into_response())
}

/// Change a field mapping
///
/// What is missing stays as it is. Needs the role Administrator.
#[utoipa::path(patch, path = "/field-mappings/{id}", tag = "field-mappings", params(Id),
    request_body = MappingWish,
    responses((status = 200, description = "The field mapping as it is now", body = Mapping)))]
async fn change_field_mapping(
    State(services): State<Services>,
    May(administrator): May<Administrator>,
    Id(id): Id,
    Body(wish): Body<MappingWish>,
) -> Result<Json<Mapping>, Problem> {
    let seen = version(wish.version)?;
    let old = administrator.find_mapping(id).await?;
    let new = VersionedMapping {
        mapping: wish.onto(old.mapping, "")?,
        version: seen,
    };
    check(&services, &new.mapping, "").await?;
    let saved = administrator.save_mapping(&new, now()).await;
    let stands = one(administrator.list_mapping_views().await?, id)?;
    match saved {
        Err(error) if error.kind() == Kind::Conflict => Err(conflict(error, seen, &wish, &stands)),
        saved => {
            saved?;
            Ok(Json(stands))
        }
    }
}

/// Delete a field mapping
///
/// Leads keep what it wrote. Needs the role Administrator.
#[utoipa::path(delete, path = "/field-mappings/{id}", tag = "field-mappings", params(Id),
    responses((status = 204, description = "It is deleted")))]
async fn delete_field_mapping(
    May(administrator): May<Administrator>,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    administrator.delete_mapping(id, now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Move a field mapping by one place
///
/// At the end of the order it stays where it is. Needs the role Administrator.
#[utoipa::path(post, path = "/field-mappings/{id}/move", tag = "field-mappings", params(Id),
    request_body = Move,
    responses((status = 200, description = "The field mapping", body = Mapping)))]
async fn move_field_mapping(
    May(administrator): May<Administrator>,
    Id(id): Id,
    Body(wish): Body<Move>,
) -> Result<Json<Mapping>, Problem> {
    administrator.move_mapping(id, wish.into(), now()).await?;
    Ok(Json(one(administrator.list_mapping_views().await?, id)?))
}

/// A mapping to preview.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MappingPreview {
    /// The mapping in whose place it would stand, by Leadline's id; missing or null: it would be new.
    #[schema(minimum = 1)]
    id: Option<i64>,
    /// How many of the latest submissions are decided; 200 when it is missing.
    #[schema(minimum = 1, maximum = 1000)]
    latest: Option<u64>,
    /// What it would be.
    mapping: MappingWish,
}

/// Preview a field mapping
///
/// What the latest submissions would come to. Nothing is written. Needs the role Administrator.
#[utoipa::path(post, path = "/field-mappings/preview", tag = "field-mappings", request_body = MappingPreview,
    responses((status = 200, description = "What would be different", body = PreviewAnswer)))]
async fn preview_field_mapping(
    State(services): State<Services>,
    May(administrator): May<Administrator>,
    Body(asked): Body<MappingPreview>,
) -> Result<Json<PreviewAnswer>, Problem> {
    no_version(asked.mapping.version, "/mapping")?;
    let latest = latest(asked.latest)?;
    let base = match asked.id {
        Some(id) => {
            administrator
                .find_mapping(id)
                .await
                .map_err(unknown)?
                .mapping
        }
        None => begun(),
    };
    let edited = asked.mapping.onto(base, "/mapping")?;
    check(&services, &edited, "/mapping").await?;
    let organization = &services.organization;
    let seen = preview_mapping(&administrator, organization, &edited, latest, now()).await?;
    Ok(Json(seen.into()))
}
