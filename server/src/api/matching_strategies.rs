//! Matching strategies.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use leadline::error::Kind;
use leadline::matching::{
    Contacts, MOST_FIELDS, Otherwise, Scope, Several, Strategy, default_strategy,
};
use leadline::store::access::Administrator;
use leadline::store::now;
use leadline::store::strategies::VersionedStrategy;
use leadline::store::views::rules::StrategyView;
use leadline::sync::preview::preview_strategy;
use leadline_app::Services;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::{Caller, May};
use super::input::{Body, Id, NoFilter, Wanted};
use super::listed::Listed;
use super::problem::Problem;
use super::rules::{Move, PreviewAnswer, conflict, latest, no_version, unknown, version, word};
use super::shapes::Moment;

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::default()
        .routes(routes!(list_matching_strategies, create_matching_strategy))
        .routes(routes!(
            get_matching_strategy,
            change_matching_strategy,
            delete_matching_strategy
        ))
        .routes(routes!(move_matching_strategy))
        .routes(routes!(make_matching_strategy_the_only_active_one))
        .routes(routes!(preview_matching_strategy))
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
    /// What happens about the contact of a lead that is made in Dynamics 365: `none`, `link` or
    /// `link_or_create`.
    contacts: &'static str,
    /// For which submissions it is.
    scope: StrategyScope,
    /// When it was changed last.
    modified_at: Moment,
    /// Grows with every change. Whoever changes it sends the one that they read.
    version: i64,
}

/// For which submissions a strategy is; an empty list leaves none out.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct StrategyScope {
    /// Leadline's ids of linked accounts.
    accounts: Vec<i64>,
    /// LinkedIn's ids of forms.
    forms: Vec<i64>,
    /// Leadline's ids of campaigns.
    campaigns: Vec<i64>,
}

impl From<StrategyScope> for Scope {
    fn from(scope: StrategyScope) -> Scope {
        Scope {
            accounts: scope.accounts.into_iter().collect(),
            forms: scope.forms.into_iter().collect(),
            campaigns: scope.campaigns.into_iter().collect(),
        }
    }
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
            contacts: strategy.contacts.slug(),
            scope: strategy.scope.into(),
            modified_at: view.modified_at.into(),
            version: view.version,
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

/// What a strategy is to be. What is missing stays as it is; in a new one it is as in the strategy
/// that every installation begins with.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "name": "Name and company", "fields": ["lastname", "companyname"], "several": "hold" })))]
struct StrategyWish {
    /// The version that was read. It is needed to change a strategy, and a new one has none.
    #[schema(minimum = 1)]
    version: Option<i64>,
    /// Its name.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Whether it is tried.
    active: Option<bool>,
    /// Logical names of lead fields; all must be equal.
    #[schema(max_items = 5)]
    fields: Option<Vec<String>>,
    /// Whether every submission gets a lead of its own.
    always_create: Option<bool>,
    /// What happens when several open leads match.
    #[schema(schema_with = several, required = false)]
    several: Option<Several>,
    /// What happens when leads match only in part.
    #[schema(schema_with = otherwise, required = false)]
    partial: Option<Otherwise>,
    /// What happens when only closed leads match.
    #[schema(schema_with = otherwise, required = false)]
    closed: Option<Otherwise>,
    /// What happens about the contact of a lead that is made in Dynamics 365.
    #[schema(schema_with = contacts, required = false)]
    contacts: Option<Contacts>,
    /// For which submissions it is.
    scope: Option<StrategyScope>,
}

const _: () = assert!(MOST_FIELDS == 5, "the description says so");

fn several() -> Object {
    word(&[
        Several::Newest.slug(),
        Several::Oldest.slug(),
        Several::Hold.slug(),
    ])
}

fn contacts() -> Object {
    word(&Contacts::ALL.map(Contacts::slug))
}

fn otherwise() -> Object {
    word(&[Otherwise::Create.slug(), Otherwise::Hold.slug()])
}

impl StrategyWish {
    /// The strategy with what is wished put in its place.
    fn onto(&self, base: VersionedStrategy) -> VersionedStrategy {
        let old = base.strategy;
        let wish = self.clone();
        VersionedStrategy {
            strategy: Strategy {
                id: old.id,
                name: wish.name.unwrap_or(old.name),
                fields: wish.fields.unwrap_or(old.fields),
                always_create: wish.always_create.unwrap_or(old.always_create),
                several: wish.several.unwrap_or(old.several),
                partial: wish.partial.unwrap_or(old.partial),
                closed: wish.closed.unwrap_or(old.closed),
                contacts: wish.contacts.unwrap_or(old.contacts),
                scope: wish.scope.map_or(old.scope, Scope::from),
            },
            active: wish.active.unwrap_or(base.active),
            version: base.version,
        }
    }
}

/// A strategy as it begins.
fn begun() -> VersionedStrategy {
    VersionedStrategy {
        strategy: Strategy {
            id: 0,
            name: String::new(),
            fields: Vec::new(),
            ..default_strategy()
        },
        active: true,
        version: 0,
    }
}

/// Refuses what can be seen to be wrong in the strategy itself, with its place in the body.
async fn check(services: &Services, strategy: &Strategy, at: &str) -> Result<(), Problem> {
    let fields = services.store.lead_fields().await?;
    let wrong = |(field, message)| Problem::pointer(format!("{at}/{field}"), message);
    strategy.check(&fields).map_err(wrong)
}

/// Add a matching strategy
///
/// It is tried behind all others. Needs the role Administrator.
#[utoipa::path(post, path = "/matching-strategies", tag = "matching-strategies", request_body = StrategyWish,
    responses((status = 201, description = "The matching strategy", body = MatchingStrategy,
        headers(("Location" = String, description = "Its path")))))]
async fn create_matching_strategy(
    State(services): State<Services>,
    May(administrator): May<Administrator>,
    Body(wish): Body<StrategyWish>,
) -> Result<Response, Problem> {
    no_version(wish.version, "")?;
    let new = wish.onto(begun());
    check(&services, &new.strategy, "").await?;
    let id = administrator.create_strategy(&new, now()).await?;
    services.worker.wake();
    let made = administrator.find_strategy(id).await?;
    let place = format!("/api/v1/matching-strategies/{id}");
    let body = Json(MatchingStrategy::from(made));
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], body).into_response())
}

/// Change a matching strategy
///
/// What is missing stays as it is. The last active strategy cannot be switched off. Needs the role
/// Administrator.
#[utoipa::path(patch, path = "/matching-strategies/{id}", tag = "matching-strategies", params(Id),
    request_body = StrategyWish,
    responses((status = 200, description = "The matching strategy as it is now", body = MatchingStrategy)))]
async fn change_matching_strategy(
    State(services): State<Services>,
    May(administrator): May<Administrator>,
    Id(id): Id,
    Body(wish): Body<StrategyWish>,
) -> Result<Json<MatchingStrategy>, Problem> {
    let seen = version(wish.version)?;
    let new = VersionedStrategy {
        version: seen,
        ..wish.onto(administrator.edit_strategy(id).await?)
    };
    check(&services, &new.strategy, "").await?;
    let saved = administrator.save_strategy(&new, now()).await;
    let stands = MatchingStrategy::from(administrator.find_strategy(id).await?);
    match saved {
        Err(error) if error.kind() == Kind::Conflict => Err(conflict(error, seen, &wish, &stands)),
        saved => {
            saved?;
            services.worker.wake();
            Ok(Json(stands))
        }
    }
}

/// Delete a matching strategy
///
/// What it found stays found. The last active strategy cannot be deleted. Needs the role
/// Administrator.
#[utoipa::path(delete, path = "/matching-strategies/{id}", tag = "matching-strategies", params(Id),
    responses((status = 204, description = "It is deleted")))]
async fn delete_matching_strategy(
    May(administrator): May<Administrator>,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    administrator.delete_strategy(id, now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Move a matching strategy by one place
///
/// At the end of the order it stays where it is. Needs the role Administrator.
#[utoipa::path(post, path = "/matching-strategies/{id}/move", tag = "matching-strategies", params(Id),
    request_body = Move,
    responses((status = 200, description = "The matching strategy at its place", body = MatchingStrategy)))]
async fn move_matching_strategy(
    May(administrator): May<Administrator>,
    Id(id): Id,
    Body(wish): Body<Move>,
) -> Result<Json<MatchingStrategy>, Problem> {
    administrator.move_strategy(id, wish.into(), now()).await?;
    Ok(Json(administrator.find_strategy(id).await?.into()))
}

/// Which version of something is meant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "version": 1 })))]
struct Read {
    /// The version that was read.
    #[schema(minimum = 1)]
    version: i64,
}

/// Make a matching strategy the only active one
///
/// All others are switched off in the same moment; they stay in the list. Needs the role
/// Administrator.
#[utoipa::path(post, path = "/matching-strategies/{id}/only-active", tag = "matching-strategies", params(Id),
    request_body = Read,
    responses((status = 200, description = "The matching strategy as it is now", body = MatchingStrategy)))]
async fn make_matching_strategy_the_only_active_one(
    State(services): State<Services>,
    May(administrator): May<Administrator>,
    Id(id): Id,
    Body(read): Body<Read>,
) -> Result<Json<MatchingStrategy>, Problem> {
    administrator
        .make_only_active(id, read.version, now())
        .await?;
    services.worker.wake();
    Ok(Json(administrator.find_strategy(id).await?.into()))
}

/// A strategy to preview.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StrategyPreview {
    /// The strategy in whose place it would stand, by Leadline's id; missing or null: it would be new.
    #[schema(minimum = 1)]
    id: Option<i64>,
    /// How many of the latest submissions are decided; 200 when it is missing.
    #[schema(minimum = 1, maximum = 1000)]
    latest: Option<u64>,
    /// What it would be.
    strategy: StrategyWish,
}

/// Preview a matching strategy
///
/// Whose lead the latest submissions would be. Nothing is written. Needs the role Administrator.
#[utoipa::path(post, path = "/matching-strategies/preview", tag = "matching-strategies",
    request_body = StrategyPreview,
    responses((status = 200, description = "What would be different", body = PreviewAnswer)))]
async fn preview_matching_strategy(
    State(services): State<Services>,
    May(administrator): May<Administrator>,
    Body(asked): Body<StrategyPreview>,
) -> Result<Json<PreviewAnswer>, Problem> {
    no_version(asked.strategy.version, "/strategy")?;
    let latest = latest(asked.latest)?;
    let base = match asked.id {
        Some(id) => administrator.edit_strategy(id).await.map_err(unknown)?,
        None => begun(),
    };
    let edited = asked.strategy.onto(base);
    check(&services, &edited.strategy, "/strategy").await?;
    let organization = &services.organization;
    let seen = preview_strategy(&administrator, organization, &edited, latest, now()).await?;
    Ok(Json(seen.into()))
}
