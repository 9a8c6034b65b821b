//! API tokens.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use leadline::store::access::Administrator;
use leadline::store::now;
use leadline::store::tokens::{NewToken, Token, TokenRole};
use leadline_app::Services;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::{Caller, May};
use super::input::{Body, Id, NoFilter, Wanted};
use super::listed::Listed;
use super::problem::{Problem, Wrong};
use super::shapes::{Moment, moment};

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::default()
        .routes(routes!(list_tokens, create_token))
        .routes(routes!(get_token, revoke_token))
}

/// A token; what it is nobody can read any more.
#[derive(Debug, Serialize, ToSchema)]
struct ApiToken {
    /// Leadline's id.
    id: i64,
    /// What it is for.
    name: String,
    /// `administrator`, `salesperson` or `s2s-inbound`.
    role: &'static str,
    /// `active`, `expired`, `revoked`, or `orphaned`: whoever made it is no active administrator
    /// any more.
    state: &'static str,
    /// Who made it.
    created_by: String,
    /// When.
    created_at: Moment,
    /// When its time is over; null: never.
    #[schema(required)]
    expires_at: Option<Moment>,
    /// When it was used last, to the minute.
    #[schema(required)]
    last_used_at: Option<Moment>,
    /// When it was revoked.
    #[schema(required)]
    revoked_at: Option<Moment>,
}

impl From<Token> for ApiToken {
    fn from(token: Token) -> ApiToken {
        ApiToken {
            role: token.role().slug(),
            state: token.state(now()).slug(),
            id: token.id,
            name: token.name,
            created_by: token.created_by,
            created_at: token.created_at.into(),
            expires_at: moment(token.expires_at),
            last_used_at: moment(token.last_used_at),
            revoked_at: moment(token.revoked_at),
        }
    }
}

/// List tokens, the newest first
///
/// Needs the role Administrator.
#[utoipa::path(get, path = "/tokens", tag = "tokens", params(Wanted<NoFilter>),
    responses((status = 200, description = "One page of the list", body = Listed<ApiToken>)))]
async fn list_tokens(
    caller: Caller,
    wanted: Wanted<NoFilter>,
) -> Result<Json<Listed<ApiToken>>, Problem> {
    let administrator = caller.administrator()?;
    let page = administrator.list_tokens(&wanted.paging).await?;
    Ok(Json(Listed::of(page, |token| {
        Ok::<_, Problem>(token.into())
    })?))
}

/// Get one token
///
/// Needs the role Administrator.
#[utoipa::path(get, path = "/tokens/{id}", tag = "tokens", params(Id),
    responses((status = 200, description = "The token", body = ApiToken)))]
async fn get_token(caller: Caller, Id(id): Id) -> Result<Json<ApiToken>, Problem> {
    Ok(Json(caller.administrator()?.find_token(id).await?.into()))
}

/// A token to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "name": "Nightly export", "role": "salesperson", "expires_in_days": 90 })))]
struct NewApiToken {
    /// What it is for, in one line.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// What it may do.
    role: Role,
    /// After how many days its time is over; null or missing: never.
    #[schema(minimum = 1, maximum = 3650)]
    expires_in_days: Option<i64>,
}

/// What a token may do.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Role {
    /// Reads and configures everything.
    Administrator,
    /// Reads submissions and leads.
    Salesperson,
    /// Brings submissions in.
    S2sInbound,
}

impl From<Role> for TokenRole {
    fn from(role: Role) -> TokenRole {
        match role {
            Role::Administrator => TokenRole::Administrator,
            Role::Salesperson => TokenRole::Salesperson,
            Role::S2sInbound => TokenRole::S2sInbound,
        }
    }
}

/// A token that was just made.
#[derive(Debug, Serialize, ToSchema)]
struct MadeApiToken {
    /// What is known of it from now on.
    #[serde(flatten)]
    token: ApiToken,
    /// The token itself, told this one time.
    #[schema(examples("leadline_<43 characters>"))]
    secret: String,
}

/// Make a token
///
/// It acts on behalf of whoever made the token that makes it. Needs the role Administrator.
#[utoipa::path(post, path = "/tokens", tag = "tokens", request_body = NewApiToken,
    responses((status = 201, description = "The token", body = MadeApiToken,
        headers(("Location" = String, description = "Its path")))))]
async fn create_token(
    May(administrator): May<Administrator>,
    Body(new): Body<NewApiToken>,
) -> Result<Response, Problem> {
    let new = NewToken {
        name: &new.name,
        role: new.role.into(),
        days: new.expires_in_days,
    };
    let wrong = new.problems().into_iter().map(|(field, error)| {
        let field = if field == "expires" {
            "expires_in_days"
        } else {
            field
        };
        Wrong::pointer(format!("/{field}"), error.message())
    });
    let wrong: Vec<Wrong> = wrong.collect();
    if !wrong.is_empty() {
        return Err(Problem::wrong(StatusCode::UNPROCESSABLE_ENTITY, wrong));
    }
    let made = administrator.create_token(new, now()).await?;
    let place = format!("/api/v1/tokens/{}", made.token.id);
    let body = Json(MadeApiToken {
        token: made.token.into(),
        secret: made.secret.expose_secret().to_owned(),
    });
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], body).into_response())
}

/// Revoke a token
///
/// It is refused from now on, and stays in the list. Needs the role Administrator.
#[utoipa::path(delete, path = "/tokens/{id}", tag = "tokens", params(Id),
    responses((status = 204, description = "It is revoked")))]
async fn revoke_token(caller: Caller, Id(id): Id) -> Result<StatusCode, Problem> {
    caller.administrator()?.revoke_token(id, now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
