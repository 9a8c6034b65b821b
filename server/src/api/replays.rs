//! Running many submissions again.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use leadline::store::access::Administrator;
use leadline::store::now;
use leadline::store::replays::Replay as Run;
use leadline::store::views::submissions::SubmissionFilter;
use leadline_app::Services;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::May;
use super::input::{Body, Id, NoFilter, Wanted};
use super::listed::Listed;
use super::problem::Problem;
use super::shapes::Moment;

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::default()
        .routes(routes!(list_replays, create_replay))
        .routes(routes!(get_replay))
}

/// A run over many submissions again.
#[derive(Debug, Serialize, ToSchema)]
struct Replay {
    /// Leadline's id.
    id: i64,
    /// When it was begun.
    started_at: Moment,
    /// Who began it.
    actor: String,
    /// Which submissions were wanted, in words.
    wanted: String,
    /// How many they were.
    submissions: i64,
    /// How many of them still wait for their turn.
    left: i64,
}

impl From<Run> for Replay {
    fn from(run: Run) -> Replay {
        Replay {
            id: run.id,
            started_at: run.started_at.into(),
            actor: run.actor,
            wanted: run.wanted,
            submissions: run.submissions,
            left: run.left,
        }
    }
}

/// List the latest runs
#[utoipa::path(get, path = "/replays", tag = "replays", params(Wanted<NoFilter>),
    responses((status = 200, description = "One page of the latest 50 runs", body = Listed<Replay>)))]
async fn list_replays(
    May(administrator): May<Administrator>,
    wanted: Wanted<NoFilter>,
) -> Result<Json<Listed<Replay>>, Problem> {
    let runs = administrator.list_replays().await?;
    let runs = runs.into_iter().map(Replay::from).collect();
    Ok(Json(Listed::cut(runs, &wanted.paging)))
}

/// Get one run
#[utoipa::path(get, path = "/replays/{id}", tag = "replays", params(Id),
    responses((status = 200, description = "The run, and how far it is", body = Replay)))]
async fn get_replay(
    May(administrator): May<Administrator>,
    Id(id): Id,
) -> Result<Json<Replay>, Problem> {
    Ok(Json(administrator.find_replay(id).await?.into()))
}

/// Which submissions are to be run again: those that fit all that is said; nothing said, all of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "reason": "value_problem", "form": 1 })))]
struct NewReplay {
    /// These, by Leadline's ids; at most 500.
    #[serde(default)]
    #[schema(max_items = 500)]
    submissions: Vec<i64>,
    /// The matching status.
    status: Option<String>,
    /// The processing state.
    state: Option<String>,
    /// Why they make no lead, or not yet.
    reason: Option<String>,
    /// The linked account.
    account: Option<i64>,
    /// A version of the form; all versions of the form are meant.
    form: Option<i64>,
    /// The campaign.
    campaign: Option<i64>,
    /// The lead.
    lead: Option<i64>,
    /// Submitted on this day (UTC) or later.
    from: Option<String>,
    /// Submitted on this day (UTC) or earlier.
    to: Option<String>,
}

impl NewReplay {
    fn filter(&self) -> Result<SubmissionFilter, Problem> {
        let ids: Vec<String> = self.submissions.iter().map(i64::to_string).collect();
        let number = |id: Option<i64>| id.map(|id| id.to_string());
        let get = |name: &str| match name {
            "ids" => Some(ids.join(",")),
            "status" => self.status.clone(),
            "state" => self.state.clone(),
            "reason" => self.reason.clone(),
            "account" => number(self.account),
            "form" => number(self.form),
            "campaign" => number(self.campaign),
            "lead" => number(self.lead),
            "from" => self.from.clone(),
            "to" => self.to.clone(),
            _ => None,
        };
        SubmissionFilter::read(&get).map_err(|error| match error.message().split_once(": ") {
            Some(("ids", detail)) => Problem::pointer("/submissions", detail),
            Some((name, detail)) => Problem::pointer(format!("/{name}"), detail),
            None => error.into(),
        })
    }
}

/// Run submissions again
///
/// Each is decided by the rules in force, in the background. Who has a lead keeps it, none gets a
/// second one, and what people or newer submissions wrote stays. Those that a person excluded are
/// left out.
#[utoipa::path(post, path = "/replays", tag = "replays", request_body = NewReplay,
    responses((status = 202, description = "It has begun", body = Replay,
        headers(("Location" = String, description = "Its path")))))]
async fn create_replay(
    State(services): State<Services>,
    May(administrator): May<Administrator>,
    Body(new): Body<NewReplay>,
) -> Result<impl IntoResponse, Problem> {
    let id = administrator.start_replay(&new.filter()?, now()).await?;
    services.worker.wake();
    let place = format!("/api/v1/replays/{id}");
    let run = Replay::from(administrator.find_replay(id).await?);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, place)], Json(run)))
}
