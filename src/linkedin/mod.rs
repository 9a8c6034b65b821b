//! LinkedIn: its own words and what they mean (pure), and the client that speaks with it.
//!
//! The wire is described in LinkedIn's terms: Rest.li 2.0 queries (`restli`), URNs (`urn`), the
//! objects of its API (`words`, `form`, `reading`), its pages (`page`) and what can go wrong
//! (`refusal`, `failure`). Nothing here writes to the store or decides what to do next.

mod answers;
pub mod failure;
pub mod form;
mod json;
pub mod page;
pub mod reading;
pub mod refusal;
pub mod restli;
pub mod urn;
pub mod words;

#[cfg(not(target_family = "wasm"))]
pub mod client;
#[cfg(not(target_family = "wasm"))]
mod wire;

/// Where LinkedIn's API is.
pub const API_URL: &str = "https://api.linkedin.com";

/// The version of LinkedIn's API that this client was written for, as `YYYYMM`.
pub const API_VERSION: &str = "202607";

pub use failure::{Action, Endpoint, Failure};
pub use form::FormVersion;
pub use page::{Element, Page};
pub use reading::Reading;
pub use urn::{FormRef, Owner};
pub use words::{AdAccount, AdAccountUser, Campaign, OrganizationAcl, UserInfo};

#[cfg(not(target_family = "wasm"))]
pub use client::{LinkedIn, Member, ResponsesQuery, Settings};
