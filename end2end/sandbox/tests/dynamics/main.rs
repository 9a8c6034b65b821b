//! The stand-in for Entra ID and Dataverse over real HTTP, as a client sees it.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod access;
mod assertion;
mod batch;
mod bench;
mod conditions;
mod control;
mod entra;
mod faults;
mod limits;
mod metadata;
mod multiple;
mod query;
mod tls;
mod values;
mod write;
