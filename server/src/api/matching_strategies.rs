//! Matching strategies.

use axum::Json;
use leadline::matching::Scope;
use leadline::store::views::rules::StrategyView;
use leadline_app::Services;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::Caller;
use super::input::{Id, NoFilter, Wanted};
use super::listed::Listed;
use super::problem::Problem;
use super::shapes::Moment;

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::default()
        .routes(routes!(list_matching_strategies))
        .routes(routes!(get_matching_strategy))
}

/// Which fields must all be equal for a submission to belong to a lead.
#[derive(Debug, Serialize, ToSchema)]
struct MatchingStrategy {
    /// Leadline's id.
    id: i64,
    /// Its name.
    name: String,
    /// Its place in the order in which strategies are tried.
    position: i64,
    /// Whether it is tried.
    active: bool,
    /// Logical names of lead fields; all must be equal.
    fields: Vec<String>,
    /// Whether every submission gets a lead of its own.
    always_create: bool,
    /// What happens when several open leads match: `newest`, `oldest` or `hold`.
    several: &'static str,
    /// What happens when leads match only in part: `create` or `hold`.
    partial: &'static str,
    /// What happens when only closed leads match: `create` or `hold`.
    closed: &'static str,
    /// For which submissions it is.
    scope: StrategyScope,
    /// When it was changed last.
    modified_at: Moment,
}

/// For which submissions a strategy is; an empty list leaves none out.
#[derive(Debug, Serialize, ToSchema)]
struct StrategyScope {
    /// Leadline's ids of linked accounts.
    accounts: Vec<i64>,
    /// LinkedIn's ids of forms.
    forms: Vec<i64>,
    /// Leadline's ids of campaigns.
    campaigns: Vec<i64>,
}

impl From<Scope> for StrategyScope {
    fn from(scope: Scope) -> StrategyScope {
        StrategyScope {
            accounts: scope.accounts.into_iter().collect(),
            forms: scope.forms.into_iter().collect(),
            campaigns: scope.campaigns.into_iter().collect(),
        }
    }
}

impl From<StrategyView> for MatchingStrategy {
    fn from(view: StrategyView) -> MatchingStrategy {
        let strategy = view.strategy;
        MatchingStrategy {
            id: strategy.id,
            name: strategy.name,
            position: view.position,
            active: view.active,
            fields: strategy.fields,
            always_create: strategy.always_create,
            several: strategy.several.slug(),
            partial: strategy.partial.slug(),
            closed: strategy.closed.slug(),
            scope: strategy.scope.into(),
            modified_at: view.modified_at.into(),
        }
    }
}

/// List matching strategies, in the order in which they are tried
///
/// Needs the role Administrator or S2S Inbound.
#[utoipa::path(get, path = "/matching-strategies", tag = "matching-strategies", params(Wanted<NoFilter>),
    responses((status = 200, description = "One page of the list", body = Listed<MatchingStrategy>)))]
async fn list_matching_strategies(
    caller: Caller,
    wanted: Wanted<NoFilter>,
) -> Result<Json<Listed<MatchingStrategy>>, Problem> {
    let all = match caller.inbound() {
        Ok(inbound) => inbound.list_strategies().await?,
        Err(_) => caller.administrator()?.list_strategies().await?,
    };
    let all = all.into_iter().map(MatchingStrategy::from).collect();
    Ok(Json(Listed::cut(all, &wanted.paging)))
}

/// Get one matching strategy
///
/// Needs the role Administrator or S2S Inbound.
#[utoipa::path(get, path = "/matching-strategies/{id}", tag = "matching-strategies", params(Id),
    responses((status = 200, description = "The matching strategy", body = MatchingStrategy)))]
async fn get_matching_strategy(
    caller: Caller,
    Id(id): Id,
) -> Result<Json<MatchingStrategy>, Problem> {
    let view = match caller.inbound() {
        Ok(inbound) => inbound.find_strategy(id).await?,
        Err(_) => caller.administrator()?.find_strategy(id).await?,
    };
    Ok(Json(view.into()))
}
