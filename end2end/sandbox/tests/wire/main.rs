//! The sandbox over real HTTP, as a client sees it.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod bench;
mod control;
mod gates;
mod oauth;
mod oidc;
mod paging;
mod resources;
mod webhooks;
