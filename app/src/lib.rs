//! Leadline's pages.
//!
//! **A page is an async function.** axum routes to it, it asks for what it needs with `await`, fails
//! with `?`, and ends in [`Visitor::page`] with a Leptos view. The view is rendered in one go, after
//! everything has been read, so that status codes and redirects are real, nothing is sent twice, and
//! a page without JavaScript is the same page. What must move in the browser is an island
//! ([`islands`]); only a page that holds one gets wasm.
//!
//! ```text
//! pub async fn show(visit: Visit, Path(id): Path<i64>) -> Answer {
//!     let form = visit.reader()?.form(id).await?;          // a foreign row: the 404 page
//!     Ok(visit.page(form.name.clone()).back("/forms", "Forms").show(move || view! { … }))
//! }
//! pub async fn save(visit: Visit, input: Input) -> Answer {
//!     let administrator = visit.administrator()?;         // a missing permission: the 403 page
//!     …
//!     visit.done("/forms", "Saved.").await                // Post/Redirect/Get
//! }
//! ```
//!
//! A form that is wrong is the same page again, with [`Sheet::form`]: status 422, the values kept,
//! each message beside its field. The shared pieces are in `ui`; paths are in `routes`.

// A view is one deep type.
#![recursion_limit = "256"]

pub mod islands;

#[cfg(feature = "ssr")]
mod csv;
#[cfg(feature = "ssr")]
mod entrance;
#[cfg(feature = "ssr")]
mod failure;
#[cfg(feature = "ssr")]
mod form;
#[cfg(feature = "ssr")]
mod mail;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
mod registry;
#[cfg(feature = "ssr")]
mod routes;
#[cfg(feature = "ssr")]
mod services;
#[cfg(feature = "ssr")]
mod shell;
#[cfg(feature = "ssr")]
pub mod ui;
#[cfg(feature = "ssr")]
mod visit;

#[cfg(feature = "ssr")]
pub use {
    entrance::kept,
    failure::{Answer, Failure, status},
    form::{FormState, Input},
    registry::{Address, Routes},
    routes::routes,
    services::{Assets, DynamicsSandbox, PublicSettings, Services, SingleSignOn},
    shell::Sheet,
    visit::{PERSON_ID, RequestId, Visit, Visitor, WAY_OUT, own_path},
};

/// What the browser calls once, before it wakes the islands.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
