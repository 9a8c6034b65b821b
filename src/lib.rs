//! Leadline's engine: brings LinkedIn Lead Gen Form submissions into a CRM and explains each.
//!
//! The modules are listed in the order in which a lead travels; a module may use those before it,
//! never those after. The first half is pure (no clock, no randomness, no world) and also compiles
//! for the browser; the second half touches the world.

#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test may fail by panicking")
)]

pub mod backoff;
pub mod drift;
pub mod edit;
pub mod error;
pub mod explain;
pub mod lead;
pub mod linkedin;
pub mod mapping;
pub mod matching;
pub mod merge;
pub mod phone;
pub mod plan;
pub mod preview;
pub mod revert;
pub mod review;
pub mod single_sign_on;
pub mod submission;
pub mod throttle;

#[cfg(not(target_family = "wasm"))]
pub mod crm;
#[cfg(not(target_family = "wasm"))]
pub mod device;
#[cfg(not(target_family = "wasm"))]
pub mod http;
#[cfg(not(target_family = "wasm"))]
pub mod mail;
#[cfg(not(target_family = "wasm"))]
pub mod oauth;
#[cfg(not(target_family = "wasm"))]
pub mod password;
#[cfg(not(target_family = "wasm"))]
pub mod secret;
#[cfg(not(target_family = "wasm"))]
pub mod store;
#[cfg(not(target_family = "wasm"))]
pub mod sync;
#[cfg(not(target_family = "wasm"))]
pub mod totp;
