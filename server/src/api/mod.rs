//! The REST API: one file for each noun, and what lies around all of them.
//!
//! A request passes `authenticate` (who asks, how often), `idempotency` (was it answered already),
//! and comes to a function that decodes it (`input`), asks for a handle, calls the engine, and
//! answers with a shape of its own. What the pages show and what the API tells may change apart.
//! Routes and description are one: both are made of the `#[utoipa::path]` above each function.

mod audit_events;
mod authenticate;
mod campaigns;
mod crm;
mod decisions;
mod document;
mod field_mappings;
mod form_changes;
mod forms;
mod idempotency;
mod input;
mod lead_changes;
mod lead_fields;
mod leads;
mod limits;
mod linked_accounts;
mod listed;
mod matching_strategies;
mod problem;
mod replays;
mod rules;
mod shapes;
mod submissions;
mod sync_status;
mod tokens;
mod user_profiles;
mod users;

use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use leadline_app::{Routes, Services};
use utoipa_axum::router::OpenApiRouter;

pub use limits::Limits;
use problem::Problem;

/// No body is larger than this, in bytes. One that is somewhat larger is read to its end before it is
/// refused, so that the answer reaches whoever is still sending; what is larger still never comes here
/// (`security`).
const BODY_AT_MOST: usize = 64 * 1024;
/// Where the API is.
const PATH: &str = "/api/v1";

fn nouns() -> OpenApiRouter<Services> {
    let nouns = OpenApiRouter::default()
        .merge(submissions::routes())
        .merge(decisions::routes())
        .merge(replays::routes())
        .merge(leads::routes())
        .merge(lead_changes::routes())
        .merge(user_profiles::routes())
        .merge(linked_accounts::routes())
        .merge(forms::routes())
        .merge(form_changes::routes())
        .merge(campaigns::routes())
        .merge(sync_status::routes())
        .merge(matching_strategies::routes())
        .merge(field_mappings::routes())
        .merge(lead_fields::routes())
        .merge(crm::routes())
        .merge(tokens::routes())
        .merge(audit_events::routes())
        .merge(users::routes());
    OpenApiRouter::default().nest(PATH, nouns)
}

/// The description's route, which belongs to the pages: a session opens it, too.
pub fn described() -> Routes<Services> {
    Routes::new().documented(OpenApiRouter::default().nest(PATH, document::routes()))
}

/// All routes that need a token. They need [`Services`], the engine and [`Limits`] as extensions.
pub fn routes() -> Routes<Services> {
    Routes::new()
        .documented(nouns())
        .layer(from_fn(idempotency::once))
        .layer(from_fn(authenticate::authenticate))
}

/// The whole description.
#[must_use]
pub fn document() -> serde_json::Value {
    let described = OpenApiRouter::default().nest(PATH, document::routes());
    document::document(nouns().merge(described))
}

/// Makes a problem of whatever was refused below the API's path before or beside its own functions:
/// a body that is too large, a path that is not there, a method that it has not.
pub async fn speak_json(request: Request, next: Next) -> Response {
    let here = request.uri().path().starts_with("/api/v1/");
    let response = next.run(request).await;
    let status = response.status();
    if !here || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    if is_problem(response.headers()) {
        return response;
    }
    let mut problem = Problem::of_status(status).into_response();
    if let Some(allow) = response.headers().get(header::ALLOW) {
        problem.headers_mut().insert(header::ALLOW, allow.clone());
    }
    problem
}

fn is_problem(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes() == problem::MEDIA_TYPE.as_bytes())
}

#[cfg(test)]
mod tests;
