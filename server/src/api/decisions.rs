//! What a person decides about a submission that waits for one.

use axum::Json;
use leadline::review::{Choice, Decision};
use leadline::store::access::Administrator;
use leadline::sync::review::settle;
use leadline_app::Services;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::{Caller, May};
use super::input::{Body, Id};
use super::problem::Problem;
use super::submissions::Submission;

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::default().routes(routes!(create_decision))
}

/// What is to become of a submission.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum What {
    /// It belongs to the lead that `lead` names, which is opened again if it is closed.
    Lead,
    /// It gets a lead of its own.
    New,
    /// It makes no lead.
    Exclude,
    /// The rules in force decide it again; also takes an exclusion back.
    RunAgain,
}

/// A decision about a submission.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "what": "lead", "lead": 1 })))]
struct NewDecision {
    /// What is to become of it.
    what: What,
    /// The lead, by Leadline's id; only with `what: lead`.
    #[serde(default)]
    #[schema(minimum = 1)]
    lead: Option<i64>,
    /// Whether values that do not fit are left out instead of being a reason to wait.
    #[serde(default)]
    leave_out: bool,
    /// Why, in a person's words.
    #[serde(default)]
    #[schema(max_length = 500)]
    note: String,
}

/// Decide about a submission
///
/// It is carried out at once: the answer says what became of the submission. Who has a lead keeps
/// it; for those only `run_again` can be asked for.
#[utoipa::path(post, path = "/submissions/{id}/decision", tag = "submissions", params(Id), request_body = NewDecision,
    responses(
        (status = 200, description = "What became of it", body = Submission),
        (status = 409, description = "It belongs to a lead already"),
    ))]
async fn create_decision(
    caller: Caller,
    May(administrator): May<Administrator>,
    Id(id): Id,
    Body(new): Body<NewDecision>,
) -> Result<Json<Submission>, Problem> {
    let choice = match (new.what, new.lead) {
        (What::Lead, None) => {
            return Err(Problem::pointer("/lead", "Say which lead it belongs to."));
        }
        (What::Lead, Some(lead)) => Some(Choice::Lead(lead)),
        (_, Some(_)) => {
            return Err(Problem::pointer(
                "/lead",
                "Only with what: lead. Leave it out.",
            ));
        }
        (What::New, None) => Some(Choice::New),
        (What::Exclude, None) => Some(Choice::Exclude),
        (What::RunAgain, None) => None,
    };
    let decision = Decision {
        choice,
        leave_out: new.leave_out,
        note: new.note,
    };
    settle(&administrator, &[id], &decision).await?;
    let record = caller.reader()?.find_submission_record(id).await?;
    Ok(Json(record.try_into()?))
}
