//! The client for Dynamics 365 against the sandbox, over real HTTP: tokens, rows, what a table looks
//! like, the service's limits, and every way in which it can fail.

#![cfg(not(target_family = "wasm"))]
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod bench;
mod failures;
mod limits;
mod metadata;
mod rows;
mod sign_in;
mod tls;
