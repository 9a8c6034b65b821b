//! What the sync is doing, and asking it to begin now.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use leadline::store::access::Administrator;
use leadline::store::now;
use leadline::store::views::sync::{AccountSync, SyncStatus as Status};
use leadline_app::Services;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::{Caller, May};
use super::input::{Body, Id, NoFilter, Wanted};
use super::listed::Listed;
use super::problem::Problem;
use super::shapes::{Moment, moment};

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::default()
        .routes(routes!(list_sync_status))
        .routes(routes!(get_sync_status))
        .routes(routes!(create_sync_request))
}

/// What the sync is doing.
#[derive(Debug, Serialize, ToSchema)]
struct SyncStatus {
    /// Whether nothing is left to do: no account is being read or due, and no submission waits.
    idle: bool,
    /// How many submissions wait to be brought into the CRM; it is not counted beyond 10,001.
    waiting: i64,
    /// The accounts, by name.
    #[serde(flatten)]
    accounts: Listed<AccountStatus>,
}

/// What the sync is doing with one linked account.
#[derive(Debug, Serialize, ToSchema)]
struct AccountStatus {
    /// Leadline's id of the account.
    id: i64,
    /// LinkedIn's name for it.
    urn: String,
    /// Its name.
    name: String,
    /// Whether it is switched on.
    sync_enabled: bool,
    /// Whether it syncs at all: switched on, chosen in an authorized profile, its receiver confirmed.
    syncs: bool,
    /// `idle`, `waiting`, `running`, `needs_authorization`, `forbidden` or `failed`.
    state: String,
    /// What happened and what to do, in words; null when all is well.
    #[schema(required)]
    detail: Option<String>,
    /// When the last pass ended.
    #[schema(required)]
    last_finished_at: Option<Moment>,
    /// When the next pass begins, if one will.
    #[schema(required)]
    next_at: Option<Moment>,
    /// How many submissions wait to be brought into the CRM.
    waiting: i64,
    /// When the oldest of them came.
    #[schema(required)]
    oldest_waiting_at: Option<Moment>,
}

async fn status(caller: &Caller) -> Result<Status, Problem> {
    Ok(caller.reader()?.sync_status().await?)
}

fn account(status: &Status, account: &AccountSync, interval: i64) -> AccountStatus {
    let waiting = status.waiting.get(&account.id).copied();
    let oldest = status.oldest.get(&account.id).copied();
    AccountStatus {
        id: account.id,
        urn: account.urn.clone(),
        name: account.name.clone(),
        sync_enabled: account.sync_enabled,
        syncs: account.syncs,
        state: account.sync_state.clone(),
        detail: account.status_detail.clone(),
        last_finished_at: moment(account.last_finished_at),
        next_at: moment(account.next_at(interval)),
        waiting: waiting.unwrap_or(0),
        oldest_waiting_at: moment(oldest),
    }
}

/// Get the sync's status
///
/// A salesperson's token gets the accounts that the profiles of whoever made it reach.
#[utoipa::path(get, path = "/sync-status", tag = "sync-status", params(Wanted<NoFilter>),
    responses((status = 200, description = "The status, with one page of the accounts", body = SyncStatus)))]
async fn list_sync_status(
    State(services): State<Services>,
    caller: Caller,
    wanted: Wanted<NoFilter>,
) -> Result<Json<SyncStatus>, Problem> {
    let status = status(&caller).await?;
    let interval = services.settings.sync_interval;
    let now = now();
    let due = |account: &AccountSync| account.next_at(interval).is_some_and(|next| next <= now);
    let accounts = status.accounts.iter();
    let accounts = accounts.map(|one| account(&status, one, interval));
    Ok(Json(SyncStatus {
        idle: !status.is_busy() && !status.accounts.iter().any(due),
        waiting: status.waiting_in_all(),
        accounts: Listed::cut(accounts.collect(), &wanted.paging),
    }))
}

/// Get the status of one account
#[utoipa::path(get, path = "/sync-status/{id}", tag = "sync-status", params(Id),
    responses((status = 200, description = "The status of the linked account", body = AccountStatus)))]
async fn get_sync_status(
    State(services): State<Services>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<AccountStatus>, Problem> {
    let status = status(&caller).await?;
    let found = status.accounts.iter().find(|account| account.id == id);
    let found = found.ok_or_else(|| leadline::error::Error::not_found("linked account"))?;
    let interval = services.settings.sync_interval;
    Ok(Json(account(&status, found, interval)))
}

/// What is to be synced now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "account": 1 })))]
struct NewSyncRequest {
    /// The linked account, by Leadline's id; null or missing: all of them.
    #[schema(minimum = 1)]
    account: Option<i64>,
    /// Whether to read everything again that LinkedIn still has, about 90 days; only of one account.
    /// What is here already is not touched.
    #[serde(default)]
    everything: bool,
}

/// A pass that was asked for.
#[derive(Debug, Serialize, ToSchema)]
struct SyncRequest {
    /// The linked account; null: all of them.
    #[schema(required)]
    account: Option<i64>,
    /// Whether everything is read again.
    everything: bool,
    /// When it was asked for.
    requested_at: Moment,
}

/// Sync now
///
/// The pass begins at once; `sync-status` tells when it has ended. Needs the role Administrator.
#[utoipa::path(post, path = "/sync-requests", tag = "sync-status", request_body = NewSyncRequest,
    responses((status = 202, description = "The pass is about to begin", body = SyncRequest)))]
async fn create_sync_request(
    State(services): State<Services>,
    May(administrator): May<Administrator>,
    Body(new): Body<NewSyncRequest>,
) -> Result<(StatusCode, Json<SyncRequest>), Problem> {
    let now = now();
    let asked = match (new.account, new.everything) {
        (Some(id), true) => administrator.read_again(id, now).await,
        (None, true) => {
            let detail = "must name the account that is to be read again.";
            return Err(Problem::pointer("/account", detail));
        }
        (account, false) => administrator.request_sync(account, now).await,
    };
    asked.map_err(|error| match error.kind() {
        leadline::error::Kind::NotFound => {
            Problem::pointer("/account", "must be a linked account.")
        }
        _ => error.into(),
    })?;
    services.worker.wake();
    let request = SyncRequest {
        account: new.account,
        everything: new.everything,
        requested_at: now.into(),
    };
    Ok((StatusCode::ACCEPTED, Json(request)))
}
