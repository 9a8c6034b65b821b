//! Linked accounts: the ad accounts and pages at LinkedIn.

use axum::Json;
use leadline::store::access::Administrator;
use leadline::store::now;
use leadline::store::views::accounts::{AccountFilter, ListedAccount, ReachingProfile};
use leadline_app::Services;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::{Caller, May};
use super::input::{Body, Field, Filter, Id, Kind, Wanted, given};
use super::listed::Listed;
use super::problem::Problem;
use super::shapes::{Moment, Named, moment};

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::default()
        .routes(routes!(list_linked_accounts))
        .routes(routes!(get_linked_account, change_linked_account))
}

impl Filter for AccountFilter {
    const FIELDS: &'static [Field] = &[
        ("q", Kind::Text, "What the name has in it"),
        (
            "sync",
            Kind::Word(&["on", "off"]),
            "Those that are switched on, or those that are off",
        ),
    ];

    fn read(get: &impl Fn(&str) -> Option<String>) -> leadline::error::Result<AccountFilter> {
        AccountFilter::read(get)
    }
}

/// An ad account or a company page at LinkedIn.
#[derive(Debug, Serialize, ToSchema)]
struct LinkedAccount {
    /// Leadline's id.
    id: i64,
    /// LinkedIn's name for it.
    urn: String,
    /// `ad_account` or `organization`.
    kind: String,
    /// Its name.
    name: String,
    /// Whether it is a test account.
    test: bool,
    /// LinkedIn's status, such as `ACTIVE`.
    #[schema(required)]
    linkedin_status: Option<String>,
    /// Its currency.
    #[schema(required)]
    currency: Option<String>,
    /// The company page attached to it.
    #[schema(required)]
    organization_name: Option<String>,
    /// Whether it is switched on.
    sync_enabled: bool,
    /// What the sync is doing with it: `idle`, `waiting`, `running`, `needs_authorization`,
    /// `forbidden` or `failed`.
    state: String,
    /// What happened and what to do, in words; null when all is well.
    #[schema(required)]
    detail: Option<String>,
    /// `pending`, `active`, `none_available` or `forbidden`.
    form_sync_status: String,
    /// `pending`, `active`, `none_available` or `forbidden`.
    campaign_sync_status: String,
    /// Who owns its leads; null: the owner of the profile.
    #[schema(required)]
    default_owner: Option<Named>,
    /// When the last pass ended.
    #[schema(required)]
    last_finished_at: Option<Moment>,
    /// The user profiles that reach it, of those that may be read.
    profiles: Vec<AccountProfile>,
}

/// A user profile that reaches an account.
#[derive(Debug, Serialize, ToSchema)]
struct AccountProfile {
    /// Leadline's id.
    id: i64,
    /// Its name.
    name: String,
    /// Its state.
    state: String,
    /// The member's role in the account.
    #[schema(required)]
    role: Option<String>,
    /// Whether its user chose the account for syncing.
    chosen: bool,
}

impl LinkedAccount {
    fn of(account: ListedAccount, profiles: Vec<ReachingProfile>) -> LinkedAccount {
        let profile = |profile: ReachingProfile| AccountProfile {
            id: profile.id,
            name: profile.name,
            state: profile.state,
            role: profile.role,
            chosen: profile.chosen,
        };
        LinkedAccount {
            id: account.id,
            urn: account.urn,
            kind: account.kind,
            name: account.name,
            test: account.test,
            linkedin_status: account.linkedin_status,
            currency: account.currency,
            organization_name: account.organization_name,
            sync_enabled: account.sync_enabled,
            state: account.sync_state,
            detail: account.status_detail,
            form_sync_status: account.form_sync_status,
            campaign_sync_status: account.campaign_sync_status,
            default_owner: Named::of(account.default_owner_id, account.default_owner_name),
            last_finished_at: moment(account.last_finished_at),
            profiles: profiles.into_iter().map(profile).collect(),
        }
    }
}

/// List linked accounts, by name
///
/// A salesperson's token gets those that the profiles of whoever made it reach.
#[utoipa::path(get, path = "/linked-accounts", tag = "linked-accounts", params(Wanted<AccountFilter>),
    responses((status = 200, description = "One page of the list", body = Listed<LinkedAccount>)))]
async fn list_linked_accounts(
    caller: Caller,
    wanted: Wanted<AccountFilter>,
) -> Result<Json<Listed<LinkedAccount>>, Problem> {
    let Wanted { filter, paging } = &wanted;
    let page = match caller.inbound() {
        Ok(inbound) => inbound.list_accounts(filter, paging).await?,
        Err(_) => caller.reader()?.list_accounts(filter, paging).await?,
    };
    Ok(Json(Listed::of(page, |row| {
        Ok::<_, Problem>(LinkedAccount::of(row.account, row.profiles))
    })?))
}

/// Get one linked account
#[utoipa::path(get, path = "/linked-accounts/{id}", tag = "linked-accounts", params(Id),
    responses((status = 200, description = "The linked account", body = LinkedAccount)))]
async fn get_linked_account(caller: Caller, Id(id): Id) -> Result<Json<LinkedAccount>, Problem> {
    Ok(Json(find(&caller, id).await?))
}

async fn find(caller: &Caller, id: i64) -> Result<LinkedAccount, Problem> {
    let view = match caller.inbound() {
        Ok(inbound) => inbound.find_account(id).await?,
        Err(_) => caller.reader()?.find_account(id).await?,
    };
    Ok(LinkedAccount::of(view.account, view.profiles))
}

/// What to change of a linked account; what is missing stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "sync_enabled": false })))]
struct AccountChange {
    /// Whether it is switched on.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(value_type = bool, required = false)]
    sync_enabled: Option<bool>,
    /// The user who owns its leads, by Leadline's id; null: the owner of the profile.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, minimum = 1, required = false)]
    default_owner_id: Option<Option<i64>>,
}

fn not_null<'de, D: Deserializer<'de>>(value: D) -> Result<Option<bool>, D::Error> {
    bool::deserialize(value).map(Some)
}

/// Change a linked account
///
/// Needs the role Administrator.
#[utoipa::path(patch, path = "/linked-accounts/{id}", tag = "linked-accounts", params(Id),
    request_body = AccountChange,
    responses((status = 200, description = "The linked account as it is now", body = LinkedAccount)))]
async fn change_linked_account(
    caller: Caller,
    May(administrator): May<Administrator>,
    Id(id): Id,
    Body(change): Body<AccountChange>,
) -> Result<Json<LinkedAccount>, Problem> {
    if let Some(owner) = change.default_owner_id {
        let set = administrator.set_account_owner(id, owner, now()).await;
        set.map_err(|error| match error.kind() {
            leadline::error::Kind::Invalid => {
                Problem::pointer("/default_owner_id", "must be an active user.")
            }
            _ => error.into(),
        })?;
    }
    if let Some(enabled) = change.sync_enabled {
        administrator.set_account_sync(id, enabled, now()).await?;
    }
    Ok(Json(find(&caller, id).await?))
}
