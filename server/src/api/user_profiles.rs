//! User profiles: the authorizations of LinkedIn members.

use axum::Json;
use axum::http::StatusCode;
use leadline::store::now;
use leadline::store::views::profiles::Profile;
use leadline_app::Services;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::Caller;
use super::input::{Id, NoFilter, Wanted};
use super::listed::Listed;
use super::problem::Problem;
use super::shapes::{Moment, Named, moment};

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::default()
        .routes(routes!(list_user_profiles))
        .routes(routes!(get_user_profile))
        .routes(routes!(disconnect_user_profile))
}

/// One LinkedIn member's authorization.
#[derive(Debug, Serialize, ToSchema)]
struct UserProfile {
    /// Leadline's id.
    id: i64,
    /// What its owner calls it.
    name: String,
    /// The user whose profile it is.
    owner: Named,
    /// The LinkedIn member's name, when LinkedIn told it.
    #[schema(required)]
    member_name: Option<String>,
    /// `not_authorized`, `authorized`, `expired`, `reauthorizing` or `revoked`.
    state: String,
    /// What happened and what to do, in words; null when all is well.
    #[schema(required)]
    detail: Option<String>,
    /// What LinkedIn lets Leadline do, in LinkedIn's words.
    scopes: Vec<String>,
    /// When the member has to authorize again.
    #[schema(required)]
    expires_at: Option<Moment>,
    /// Whether Leadline renews the access by itself until then.
    renews: bool,
    /// When the member authorized last.
    #[schema(required)]
    authorized_at: Option<Moment>,
    /// When its user confirmed who receives the data; until then nothing syncs.
    #[schema(required)]
    confirmed_at: Option<Moment>,
    /// How many linked accounts it reaches.
    accounts: i64,
    /// How many of them its user chose for syncing.
    chosen_accounts: i64,
}

impl From<Profile> for UserProfile {
    fn from(profile: Profile) -> UserProfile {
        let scopes = profile.scopes.split([' ', ',']).filter(|s| !s.is_empty());
        UserProfile {
            scopes: scopes.map(str::to_owned).collect(),
            id: profile.id,
            name: profile.name,
            owner: Named {
                id: profile.owner_id,
                name: Some(profile.owner_name),
            },
            member_name: profile.member_name,
            state: profile.state,
            detail: profile.status_detail,
            expires_at: moment(profile.expires_at),
            renews: profile.renews,
            authorized_at: moment(profile.authorized_at),
            confirmed_at: moment(profile.confirmed_at),
            accounts: profile.accounts,
            chosen_accounts: profile.chosen,
        }
    }
}

/// List user profiles, by name
///
/// A salesperson's token gets the profiles of whoever made it.
#[utoipa::path(get, path = "/user-profiles", tag = "user-profiles", params(Wanted<NoFilter>),
    responses((status = 200, description = "One page of the list", body = Listed<UserProfile>)))]
async fn list_user_profiles(
    caller: Caller,
    wanted: Wanted<NoFilter>,
) -> Result<Json<Listed<UserProfile>>, Problem> {
    let all = match caller.inbound() {
        Ok(inbound) => inbound.list_profiles().await?,
        Err(_) => caller.reader()?.list_profiles().await?,
    };
    let all = all.into_iter().map(UserProfile::from).collect();
    Ok(Json(Listed::cut(all, &wanted.paging)))
}

/// Get one user profile
#[utoipa::path(get, path = "/user-profiles/{id}", tag = "user-profiles", params(Id),
    responses((status = 200, description = "The user profile", body = UserProfile)))]
async fn get_user_profile(caller: Caller, Id(id): Id) -> Result<Json<UserProfile>, Problem> {
    let profile = match caller.inbound() {
        Ok(inbound) => inbound.find_profile(id).await?,
        Err(_) => caller.reader()?.find_profile(id).await?,
    };
    Ok(Json(profile.into()))
}

/// Disconnect a user profile
///
/// Leadline forgets LinkedIn's tokens; what was read stays. A salesperson's token disconnects the
/// profiles of whoever made it.
#[utoipa::path(delete, path = "/user-profiles/{id}/authorization", tag = "user-profiles", params(Id),
    responses((status = 204, description = "It is disconnected")))]
async fn disconnect_user_profile(caller: Caller, Id(id): Id) -> Result<StatusCode, Problem> {
    match caller.administrator() {
        Ok(administrator) => administrator.disconnect_profile(id, now()).await?,
        Err(_) => caller.salesperson()?.disconnect_profile(id, now()).await?,
    }
    Ok(StatusCode::NO_CONTENT)
}
