//! Field mappings.

use axum::Json;
use leadline::error::Error;
use leadline::store::views::rules::MappingView;
use leadline_app::Services;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::Caller;
use super::input::{Id, NoFilter, Wanted};
use super::listed::Listed;
use super::problem::Problem;

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::default()
        .routes(routes!(list_field_mappings))
        .routes(routes!(get_field_mapping))
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
}

/// Where a value comes from.
#[derive(Debug, Serialize, ToSchema)]
struct MappingSource {
    /// The kind of source: `predefined`, `question`, `hidden`, `consent`, `fact` or `constant`.
    kind: &'static str,
    /// The key within its kind; several spellings of a predefined one are separated by a bar.
    key: String,
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
                kind: mapping.source.kind(),
                key: mapping.source.key().to_owned(),
            },
            lead_field: mapping.lead_field,
            policy: mapping.policy.slug(),
            forms: view.forms,
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
    let mut all = all(&caller).await?.into_iter();
    let found = all.find(|view| view.mapping.id == id);
    let found = found.ok_or_else(|| Error::not_found("field mapping"))?;
    Ok(Json(found.try_into()?))
}
