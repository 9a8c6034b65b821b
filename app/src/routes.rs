//! Which path is which page.

use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::post,
};
use leptos::{
    prelude::provide_context,
    reactive::{computed::ScopedFuture, owner::Owner},
};
use server_fn::axum::get_server_fn_service;

use crate::{
    pages::sign_out,
    services::Services,
    visit::{Visitor, around},
};

/// All pages and the functions that their islands call. The caller puts the session layer and the
/// refusal of cross-site posts around it; a path that is not here becomes the "not found" page.
pub fn routes(services: Services) -> Router {
    Router::new()
        .route("/sign-out", post(sign_out::submit))
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
