//! Which path is which page.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::from_fn,
    response::{IntoResponse, Response},
};
use leptos::{
    prelude::provide_context,
    reactive::{computed::ScopedFuture, owner::Owner},
};
use server_fn::axum::get_server_fn_service;

use crate::{
    pages::{
        account, accounts, api_docs, audit, audit_export, campaigns, choose_accounts,
        confirm_receiver, crm, delete_tests, field, fields, first_start, forgot, form,
        form_changes, forms, invite, lead, lead_edit, leads, mapping, mappings, matching, me,
        merge, overview, profile, profiles, replay, revert, review, review_one, second_factor,
        settings, sign_in, sign_in_code, sign_in_link, sign_out, single_sign_on, strategy,
        submission, submissions, sync, tokens, unmerge, user, users,
    },
    registry::Routes,
    services::Services,
    visit::{Visitor, around},
};

/// All pages, what the server adds to them (`more`), and the functions that their islands call. A
/// path that is not here becomes the "not found" page. The caller puts the session, the refusal of
/// cross-site posts and the [`Services`] around it, as an extension besides as the state.
pub fn routes(more: Routes<Services>) -> Routes<Services> {
    more.get("/", overview::show)
        .get("/sign-in", sign_in::show)
        .post("/sign-in", sign_in::submit)
        .get("/sign-in/code", sign_in_code::show)
        .post("/sign-in/code", sign_in_code::submit)
        .get("/sign-in/forgot", forgot::show)
        .post("/sign-in/forgot", forgot::submit)
        .get("/sign-in/link/{token}", sign_in_link::show)
        .post("/sign-in/link/{token}", sign_in_link::submit)
        .post("/sign-out", sign_out::submit)
        .get("/me", me::show)
        .post("/me/password", me::change_password)
        .post("/me/sessions/end", me::end_session)
        .post("/me/sessions/end-others", me::end_other_sessions)
        .get("/me/second-factor", second_factor::show)
        .post("/me/second-factor", second_factor::begin)
        .post("/me/second-factor/confirm", second_factor::confirm)
        .post("/me/second-factor/codes", second_factor::renew_codes)
        .post("/me/second-factor/off", second_factor::switch_off)
        .get("/first-start", first_start::show)
        .post("/first-start", first_start::submit)
        .get("/profiles", profiles::show)
        .get("/profiles/{id}", profile::show)
        .post("/profiles/{id}/disconnect", profile::disconnect_profile)
        .get("/profiles/{id}/accounts", choose_accounts::show)
        .post("/profiles/{id}/accounts", choose_accounts::submit)
        .get("/profiles/{id}/confirm", confirm_receiver::show)
        .post("/profiles/{id}/confirm", confirm_receiver::submit)
        .get("/sync", sync::show)
        .post("/sync", sync::sync_all)
        .post("/sync/{id}", sync::sync_one)
        .get("/accounts", accounts::show)
        .get("/accounts/{id}", account::show)
        .post("/accounts/{id}", account::save)
        .post("/accounts/{id}/read-again", account::read_again)
        .get("/audit", audit::show)
        .get("/audit.csv", audit_export::download)
        .get("/campaigns", campaigns::show)
        .get("/crm", crm::show)
        .post("/crm", crm::save)
        .post("/crm/check", crm::again)
        .post("/crm/confirm", crm::confirm)
        .post("/crm/credential", crm::replace)
        .post("/crm/fields", crm::fields)
        .post("/crm/forget", crm::forget)
        .post("/crm/lead-source", crm::lead_source)
        .post("/crm/leave", crm::leave)
        .get("/forms", forms::show)
        .get("/forms/changes", form_changes::show)
        .post("/forms/changes", form_changes::submit)
        .get("/forms/{id}", form::show)
        .get("/fields", fields::show)
        .get("/fields/new", field::begin)
        .post("/fields/new", field::create)
        .get("/fields/{id}", field::show)
        .post("/fields/{id}", field::save)
        .post("/fields/{id}/delete", field::delete)
        .get("/leads", leads::show)
        .get("/leads/{id}", lead::show)
        .get("/leads/{id}/edit", lead_edit::show)
        .post("/leads/{id}/edit", lead_edit::save)
        .get("/leads/{id}/merge", merge::show)
        .post("/leads/{id}/merge", merge::submit)
        .get("/leads/{id}/unmerge", unmerge::show)
        .post("/leads/{id}/unmerge", unmerge::submit)
        .get("/leads/{id}/revert", revert::show)
        .post("/leads/{id}/revert", revert::submit)
        .get("/mappings", mappings::show)
        .get("/mappings/new", mapping::begin)
        .post("/mappings/new", mapping::create)
        .get("/mappings/{id}", mapping::show)
        .post("/mappings/{id}", mapping::save)
        .post("/mappings/{id}/delete", mapping::delete)
        .post("/mappings/{id}/move", mapping::shift)
        .get("/matching", matching::list)
        .get("/matching/new", strategy::begin)
        .post("/matching/new", strategy::create)
        .get("/matching/{id}", strategy::show)
        .post("/matching/{id}", strategy::save)
        .post("/matching/{id}/delete", strategy::delete)
        .post("/matching/{id}/move", strategy::shift)
        .post("/matching/{id}/only", strategy::make_only)
        .get("/replays", replay::list)
        .get("/replays/{id}", replay::show)
        .get("/review", review::show)
        .post("/review", review::submit)
        .get("/review/{id}", review_one::show)
        .post("/review/{id}", review_one::submit)
        .get("/settings", settings::show)
        .post("/settings", settings::save)
        .get("/users", users::show)
        .get("/users/new", invite::show)
        .post("/users/new", invite::submit)
        .get("/users/{id}", user::show)
        .post("/users/{id}", user::save)
        .post("/users/{id}/disable", user::disable)
        .post("/users/{id}/enable", user::enable)
        .post("/users/{id}/link", user::link)
        .post("/users/{id}/second-factor-off", user::second_factor_off)
        .post("/users/{id}/delete", user::delete)
        .get("/submissions", submissions::show)
        .get("/submissions/run-again", replay::preview)
        .post("/submissions/run-again", replay::begin)
        .get("/submissions/{id}", submission::show)
        .post("/submissions/{id}/run-again", replay::one)
        .post("/submissions/delete-tests", delete_tests::all)
        .post("/submissions/{id}/delete", delete_tests::one)
        .get("/api/docs", api_docs::show)
        .get("/tokens", tokens::show)
        .post("/tokens", tokens::create)
        .post("/tokens/{id}/revoke", tokens::revoke)
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(from_fn(single_sign_on::close_other_ways))
        .layer(from_fn(around))
        .functions(call)
}

/// Runs a `#[server]` function for somebody who is signed in; it finds who asks in its context.
async fn call(State(_): State<Services>, visitor: Visitor, request: Request) -> Response {
    if visitor.person.is_none() {
        return (StatusCode::UNAUTHORIZED, "You are not signed in.\n").into_response();
    }
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
