//! Which path is which page.

use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use leptos::{
    prelude::provide_context,
    reactive::{computed::ScopedFuture, owner::Owner},
};
use server_fn::axum::get_server_fn_service;

use crate::{
    pages::{
        account, accounts, campaigns, choose_accounts, confirm_receiver, first_start, form, forms,
        lead, leads, mappings, matching, overview, profile, profiles, sign_in, sign_out,
        submission, submissions, sync,
    },
    services::Services,
    visit::{Visitor, around},
};

/// All pages, what the server adds to them (`more`), and the functions that their islands call. The
/// caller puts the session layer and the refusal of cross-site posts around it; a path that is not
/// here becomes the "not found" page.
pub fn routes(services: Services, more: Router<Services>) -> Router {
    more.route("/", get(overview::show))
        .route("/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/sign-out", post(sign_out::submit))
        .route(
            "/first-start",
            get(first_start::show).post(first_start::submit),
        )
        .route("/profiles", get(profiles::show))
        .route("/profiles/{id}", get(profile::show))
        .route(
            "/profiles/{id}/disconnect",
            post(profile::disconnect_profile),
        )
        .route(
            "/profiles/{id}/accounts",
            get(choose_accounts::show).post(choose_accounts::submit),
        )
        .route(
            "/profiles/{id}/confirm",
            get(confirm_receiver::show).post(confirm_receiver::submit),
        )
        .route("/sync", get(sync::show).post(sync::sync_all))
        .route("/sync/{id}", post(sync::sync_one))
        .route("/accounts", get(accounts::show))
        .route("/accounts/{id}", get(account::show).post(account::save))
        .route("/accounts/{id}/read-again", post(account::read_again))
        .route("/campaigns", get(campaigns::show))
        .route("/forms", get(forms::show))
        .route("/forms/{id}", get(form::show))
        .route("/leads", get(leads::show))
        .route("/leads/{id}", get(lead::show))
        .route("/mappings", get(mappings::show))
        .route("/matching", get(matching::list))
        .route("/matching/{id}", get(matching::show))
        .route("/submissions", get(submissions::show))
        .route("/submissions/{id}", get(submission::show))
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(from_fn_with_state(services.clone(), around))
        .route("/fn/{*name}", post(call))
        .with_state(services)
}

/// Runs a `#[server]` function; it finds who asks in its context.
async fn call(State(_): State<Services>, visitor: Visitor, request: Request) -> Response {
    let (path, method) = (request.uri().path().to_owned(), request.method().clone());
    let Some(mut function) = get_server_fn_service(&path, method) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let owner = Owner::new();
    let run = owner.with(|| {
        provide_context(visitor);
        ScopedFuture::new(async move { function.run(request).await })
    });
    run.await.into_response()
}
