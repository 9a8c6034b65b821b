//! The audit log.

use std::collections::BTreeMap;

use axum::Json;
use leadline::store::views::audit::{AuditEvent, AuditFilter};
use leadline_app::Services;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::Caller;
use super::input::{Field, Filter, Id, Kind, Wanted};
use super::listed::Listed;
use super::problem::Problem;
use super::shapes::Moment;

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::default()
        .routes(routes!(list_audit_events))
        .routes(routes!(get_audit_event))
}

impl Filter for AuditFilter {
    const FIELDS: &'static [Field] = &[
        (
            "who",
            Kind::Text,
            "Who did it: `engine`, `command-line`, `single-sign-on`, `stranger`, or `user:3`, `api-token:7`",
        ),
        ("action", Kind::Text, "What was done, such as `created`"),
        (
            "noun",
            Kind::Text,
            "The kind of thing, such as `linked account`",
        ),
        ("thing", Kind::Id, "The thing; only together with its noun"),
        ("from", Kind::Day, "On this day (UTC) or later"),
        ("to", Kind::Day, "On this day (UTC) or earlier"),
    ];

    fn read(get: &impl Fn(&str) -> Option<String>) -> leadline::error::Result<AuditFilter> {
        AuditFilter::read(get)
    }
}

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
struct ApiAuditEvent {
    /// Its number in the log.
    id: i64,
    /// When it happened.
    at: Moment,
    /// Who did it.
    actor: ApiActor,
    /// What was done, such as `created`.
    action: String,
    /// The kind of thing, such as `linked account`.
    noun: String,
    /// Leadline's id of the thing.
    #[schema(required)]
    noun_id: Option<i64>,
    /// The thing's name at that time.
    noun_name: String,
    /// The fields that changed, before.
    before: BTreeMap<String, Value>,
    /// The fields that changed, after.
    after: BTreeMap<String, Value>,
    /// From which network address.
    #[schema(required)]
    address: Option<String>,
}

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
struct ApiActor {
    /// `user`, `api-token`, `engine`, `command-line`, `single-sign-on` or `stranger`.
    kind: String,
    /// Leadline's id of the user or token.
    #[schema(required)]
    id: Option<i64>,
    /// The name at that time.
    name: String,
}

impl From<AuditEvent> for ApiAuditEvent {
    fn from(event: AuditEvent) -> ApiAuditEvent {
        let row = event.row;
        ApiAuditEvent {
            id: row.id,
            at: row.at.into(),
            action: row.action_word().to_owned(),
            actor: ApiActor {
                kind: row.actor_kind,
                id: row.actor_id,
                name: row.actor_name,
            },
            noun: row.noun,
            noun_id: row.noun_id,
            noun_name: row.noun_name,
            before: event.before,
            after: event.after,
            address: row.address,
        }
    }
}

/// List audit events, the latest first
///
/// Needs the role Administrator.
#[utoipa::path(get, path = "/audit-events", tag = "audit-events", params(Wanted<AuditFilter>),
    responses((status = 200, description = "One page of the list", body = Listed<ApiAuditEvent>)))]
async fn list_audit_events(
    caller: Caller,
    wanted: Wanted<AuditFilter>,
) -> Result<Json<Listed<ApiAuditEvent>>, Problem> {
    let administrator = caller.administrator()?;
    let page = administrator
        .list_audit_events(&wanted.filter, &wanted.paging)
        .await?;
    Ok(Json(Listed::of(page, |event| {
        Ok::<_, Problem>(event.into())
    })?))
}

/// Get one audit event
///
/// Needs the role Administrator.
#[utoipa::path(get, path = "/audit-events/{id}", tag = "audit-events", params(Id),
    responses((status = 200, description = "The event", body = ApiAuditEvent)))]
async fn get_audit_event(caller: Caller, Id(id): Id) -> Result<Json<ApiAuditEvent>, Problem> {
    Ok(Json(
        caller.administrator()?.find_audit_event(id).await?.into(),
    ))
}
