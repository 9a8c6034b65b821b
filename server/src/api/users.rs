//! The people who sign in.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use leadline::error::Error;
use leadline::store::access::Administrator;
use leadline::store::now;
use leadline::store::people::ListedPerson;
use leadline::store::people::manage::{Invitation, PersonChange};
use leadline::store::views::people::PersonFilter;
use leadline_app::Services;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::{Caller, May};
use super::input::{Body, Field, Filter, Id, Kind, Wanted};
use super::listed::Listed;
use super::problem::{Problem, Wrong};
use super::shapes::{Moment, moment};

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::default()
        .routes(routes!(list_users, create_user))
        .routes(routes!(get_user, change_user))
}

impl Filter for PersonFilter {
    const FIELDS: &'static [Field] = &[
        (
            "q",
            Kind::Text,
            "What the name or the e-mail address has in it",
        ),
        (
            "role",
            Kind::Word(&["administrator", "salesperson", "s2s-inbound"]),
            "What they may do; `s2s-inbound` is no person's",
        ),
        (
            "state",
            Kind::Word(&["active", "invited", "disabled"]),
            "Whether they can sign in",
        ),
        (
            "sort",
            Kind::Word(&["name", "signed-in"]),
            "The order: by name, or who signed in last first",
        ),
    ];

    fn read(get: &impl Fn(&str) -> Option<String>) -> leadline::error::Result<PersonFilter> {
        PersonFilter::read(get)
    }
}

/// Somebody who signs in.
#[derive(Debug, Serialize, ToSchema)]
struct User {
    /// Leadline's id.
    id: i64,
    /// The e-mail address they sign in with.
    email: String,
    /// Their name.
    name: String,
    /// What they may do: `administrator`, `salesperson`, or both.
    roles: Vec<&'static str>,
    /// `active`, `invited` (they have not chosen a password yet) or `disabled`.
    state: &'static str,
    /// Whether they have to give a code besides their password.
    second_factor: bool,
    /// Whether they sign in by single sign-on only.
    single_sign_on: bool,
    /// When they were added.
    created_at: Moment,
    /// When they last signed in.
    #[schema(required)]
    signed_in_at: Option<Moment>,
}

impl From<ListedPerson> for User {
    fn from(listed: ListedPerson) -> User {
        User {
            roles: listed.person.roles(),
            state: listed.state().slug(),
            second_factor: listed.second_factor,
            single_sign_on: listed.single_sign_on,
            created_at: listed.created_at.into(),
            signed_in_at: moment(listed.signed_in_at),
            id: listed.person.id,
            email: listed.person.email,
            name: listed.person.name,
        }
    }
}

/// List users, by name
///
/// Needs the role Administrator.
#[utoipa::path(get, path = "/users", tag = "users", params(Wanted<PersonFilter>),
    responses((status = 200, description = "One page of the list", body = Listed<User>)))]
async fn list_users(
    caller: Caller,
    wanted: Wanted<PersonFilter>,
) -> Result<Json<Listed<User>>, Problem> {
    let administrator = caller.administrator()?;
    let page = administrator
        .list_people(&wanted.filter, &wanted.paging)
        .await?;
    Ok(Json(Listed::of(page, |row| Ok::<_, Problem>(row.into()))?))
}

/// Get one user
///
/// Needs the role Administrator.
#[utoipa::path(get, path = "/users/{id}", tag = "users", params(Id),
    responses((status = 200, description = "The user", body = User)))]
async fn get_user(caller: Caller, Id(id): Id) -> Result<Json<User>, Problem> {
    Ok(Json(caller.administrator()?.find_person(id).await?.into()))
}

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum UserRole {
    /// Configures.
    Administrator,
    /// Authorizes LinkedIn accounts and works leads.
    Salesperson,
}

/// Somebody to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "email": "ada@example.com", "name": "Ada", "roles": ["salesperson"] })))]
struct NewUser {
    /// The e-mail address to sign in with.
    #[schema(max_length = 254)]
    email: String,
    /// Their name.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// What they may do; at least one role.
    #[schema(min_items = 1, max_items = 2)]
    roles: Vec<UserRole>,
}

/// Somebody who was invited.
#[derive(Debug, Serialize, ToSchema)]
struct InvitedUser {
    /// What is known of them.
    #[serde(flatten)]
    user: User,
    /// The link by which they choose a password, told this one time. It is not mailed: give it to
    /// them by a way that nobody else reads.
    invitation_url: String,
    /// Until when the link works.
    invitation_expires_at: Moment,
}

/// Invite a user
///
/// Needs the role Administrator.
#[utoipa::path(post, path = "/users", tag = "users", request_body = NewUser,
    responses((status = 201, description = "They are invited", body = InvitedUser,
        headers(("Location" = String, description = "Its path")))))]
async fn create_user(
    State(services): State<Services>,
    May(administrator): May<Administrator>,
    Body(new): Body<NewUser>,
) -> Result<Response, Problem> {
    check_roles(&new.roles)?;
    let invitation = Invitation {
        email: &new.email,
        person: change(&new.name, &new.roles),
    };
    refuse(invitation.problems())?;
    let (person, link) = administrator.invite(invitation, now()).await?;
    let place = format!("/api/v1/users/{}", person.id);
    let body = Json(InvitedUser {
        user: administrator.find_person(person.id).await?.into(),
        invitation_url: link.address(&services.settings.public_url),
        invitation_expires_at: link.expires_at.into(),
    });
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], body).into_response())
}

/// What to change of somebody; what is missing stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "roles": ["administrator", "salesperson"] })))]
struct UserChange {
    /// Their name.
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    /// What they may do; at least one role.
    #[schema(min_items = 1, max_items = 2)]
    roles: Option<Vec<UserRole>>,
    /// Whether they may not sign in any more.
    disabled: Option<bool>,
}

/// Change a user
///
/// From their next request on. The last administrator can be neither disabled nor made something
/// else. Needs the role Administrator.
#[utoipa::path(patch, path = "/users/{id}", tag = "users", params(Id), request_body = UserChange,
    responses((status = 200, description = "The user as they are now", body = User)))]
async fn change_user(
    May(administrator): May<Administrator>,
    Id(id): Id,
    Body(wish): Body<UserChange>,
) -> Result<Json<User>, Problem> {
    check_roles(wish.roles.as_deref().unwrap_or_default())?;
    let before = administrator.find_person(id).await?.person;
    if wish.name.is_some() || wish.roles.is_some() {
        let name = wish.name.as_deref().unwrap_or(&before.name);
        let new = match &wish.roles {
            Some(roles) => change(name, roles),
            None => PersonChange {
                name,
                administrator: before.administrator,
                salesperson: before.salesperson,
            },
        };
        refuse(new.problems())?;
        administrator.change_person(id, new, now()).await?;
    }
    if let Some(disabled) = wish.disabled.filter(|wish| *wish != before.disabled) {
        switch(&administrator, id, disabled).await?;
    }
    Ok(Json(administrator.find_person(id).await?.into()))
}

async fn switch(administrator: &Administrator, id: i64, disabled: bool) -> Result<(), Error> {
    match disabled {
        true => administrator.disable_person(id, now()).await?,
        false => administrator.enable_person(id, now()).await?,
    };
    Ok(())
}

fn change<'a>(name: &'a str, roles: &[UserRole]) -> PersonChange<'a> {
    PersonChange {
        name,
        administrator: roles.contains(&UserRole::Administrator),
        salesperson: roles.contains(&UserRole::Salesperson),
    }
}

/// There are two roles to give; that at least one must be given is said by the engine.
fn check_roles(roles: &[UserRole]) -> Result<(), Problem> {
    match roles.len() {
        0..=2 => Ok(()),
        _ => Err(Problem::pointer("/roles", "must be at most two roles.")),
    }
}

fn refuse(problems: Vec<(&'static str, Error)>) -> Result<(), Problem> {
    let wrong = problems.into_iter().map(|(field, error)| {
        let field = if field == "role" { "roles" } else { field };
        Wrong::pointer(format!("/{field}"), error.message())
    });
    let wrong: Vec<Wrong> = wrong.collect();
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(Problem::wrong(StatusCode::UNPROCESSABLE_ENTITY, wrong)),
    }
}
