//! What is done to leads: merged, taken apart again, changes taken back.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use leadline::error::{Error, Kind};
use leadline::merge::Choice;
use leadline::store::access::{Administrator, Salesperson};
use leadline::store::merges::MergeWish;
use leadline::store::now;
use leadline::store::reverts::AttemptId;
use leadline_app::Services;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::{Caller, May};
use super::input::{Body, Id};
use super::leads::Lead;
use super::problem::Problem;

/// The routes.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::default()
        .routes(routes!(merge_lead))
        .routes(routes!(unmerge_lead))
        .routes(routes!(revert_attempt))
}

/// Which lead is merged into the one of the path, and what is taken from it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "with": 12, "take": ["jobtitle"] })))]
struct Merge {
    /// The lead that is merged, by Leadline's id.
    #[schema(minimum = 1)]
    with: i64,
    /// Logical names of the fields whose value is taken from it although the lead of the path has
    /// one. Fields that only one of them has are taken in any case.
    #[serde(default)]
    take: BTreeSet<String>,
    /// Who works on the lead then, by Leadline's id; null or missing: its owner does.
    #[schema(minimum = 1)]
    owner: Option<i64>,
    /// The `version` of the lead of the path: if it was changed since, nothing is merged.
    version: Option<i64>,
    /// The `version` of the lead that is merged; goes with `version`.
    with_version: Option<i64>,
}

/// Merge another lead into this one
///
/// Its submissions move to this lead, and it is in no list any more. Needs the role Administrator.
#[utoipa::path(post, path = "/leads/{id}/merge", tag = "leads", params(Id), request_body = Merge,
    responses((status = 200, description = "The lead that stays", body = Lead)))]
async fn merge_lead(
    State(services): State<Services>,
    May(administrator): May<Administrator>,
    caller: Caller,
    Id(id): Id,
    Body(merge): Body<Merge>,
) -> Result<Json<Lead>, Problem> {
    let wish = MergeWish {
        other: merge.with,
        choice: Choice {
            from_other: merge.take,
            owner: merge.owner,
        },
        seen: seen(merge.version, merge.with_version)?,
    };
    let merged = administrator.merge_leads(id, &wish, now()).await;
    merged.map_err(|error| wrong_field(error, &["with", "owner"]))?;
    answer(&services, &caller, id).await
}

/// One version alone would guard only half of what is changed.
fn seen(version: Option<i64>, with_version: Option<i64>) -> Result<Option<(i64, i64)>, Problem> {
    match (version, with_version) {
        (None, None) => Ok(None),
        (Some(own), Some(other)) => Ok(Some((own, other))),
        (None, Some(_)) => Err(Problem::pointer("/version", "goes with `with_version`.")),
        (Some(_), None) => Err(Problem::pointer("/with_version", "goes with `version`.")),
    }
}

/// The two leads that were one.
#[derive(Debug, Serialize, ToSchema)]
struct Unmerged {
    /// The lead of the path.
    lead: Lead,
    /// The lead that is there again.
    returned: Lead,
}

/// Undo the latest merge into this lead
///
/// The other lead comes back with the submissions that had moved; what happened to this one since
/// stays. Needs the role Administrator.
#[utoipa::path(post, path = "/leads/{id}/unmerge", tag = "leads", params(Id),
    responses((status = 200, description = "Both leads", body = Unmerged)))]
async fn unmerge_lead(
    State(services): State<Services>,
    May(administrator): May<Administrator>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Unmerged>, Problem> {
    let returned = administrator.unmerge_lead(id, None, now()).await?;
    let Json(lead) = answer(&services, &caller, id).await?;
    let Json(returned) = answer(&services, &caller, returned).await?;
    Ok(Json(Unmerged { lead, returned }))
}

/// Of which attempt the changes are taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "submission": 31, "attempt": 1 })))]
struct Revert {
    /// The submission, by Leadline's id.
    #[schema(minimum = 1)]
    submission: i64,
    /// The how-manieth attempt of it, from 1.
    #[schema(minimum = 1)]
    attempt: i64,
    /// The `version` of the lead: if it was changed since, nothing is taken back.
    version: Option<i64>,
}

/// What was taken back.
#[derive(Debug, Serialize, ToSchema)]
struct Reverted {
    /// The lead as it is now.
    lead: Lead,
    /// Logical names of the fields that returned to what they were.
    reverted: Vec<String>,
    /// Logical names of those that were changed since, and stay.
    kept: Vec<String>,
}

/// Take back what an attempt of a submission changed in this lead
///
/// Each field that still holds what the attempt wrote returns to what it was. Needs the role
/// Administrator, or Salesperson for a lead of one's own.
#[utoipa::path(post, path = "/leads/{id}/revert", tag = "leads", params(Id), request_body = Revert,
    responses((status = 200, description = "What was taken back", body = Reverted)))]
async fn revert_attempt(
    State(services): State<Services>,
    May(salesperson): May<Salesperson>,
    caller: Caller,
    Id(id): Id,
    Body(revert): Body<Revert>,
) -> Result<Json<Reverted>, Problem> {
    let attempt = AttemptId {
        submission: revert.submission,
        number: revert.attempt,
    };
    let done = salesperson.revert_attempt(id, attempt, revert.version, now());
    let done = done
        .await
        .map_err(|error| wrong_field(error, &["attempt"]))?;
    let Json(lead) = answer(&services, &caller, done.lead.id).await?;
    let back = done.reverted.back.into_iter();
    Ok(Json(Reverted {
        lead,
        reverted: back.map(|change| change.field).collect(),
        kept: done.reverted.kept,
    }))
}

async fn answer(services: &Services, caller: &Caller, id: i64) -> Result<Json<Lead>, Problem> {
    let record = caller.reader()?.find_lead_record(id).await?;
    Ok(Json(Lead::of(record, &services.settings.public_url)?))
}

/// Which field an error of the engine's is about stands before its first colon.
fn wrong_field(error: Error, known: &[&str]) -> Problem {
    match error.message().split_once(": ") {
        Some((field, detail)) if error.kind() == Kind::Invalid && known.contains(&field) => {
            Problem::pointer(format!("/{field}"), detail)
        }
        _ => error.into(),
    }
}
