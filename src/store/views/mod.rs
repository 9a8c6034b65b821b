//! Read models: what a page shows, read in a few statements, for one person's eyes.
//!
//! Everything here is a method on [`Reader`](super::access::Reader), so that no row is read without
//! a person whose permission decides: forms and campaigns may be read by everybody who signs in;
//! submissions and leads as [`sight`] says; linked accounts and user profiles are those of the person, or all of
//! them for an administrator. A row that is not the person's is "not found", like one that does not
//! exist. What only administrators read is a method on
//! [`Administrator`](super::access::Administrator).
//!
//! A list takes its filter from the query string ([`query`]) and is cut into pages by key
//! ([`paging`]): a page costs the same at the beginning and at the end of ten million rows.

pub mod account;
pub mod accounts;
pub mod audit;
pub mod campaigns;
pub mod choices;
pub mod crm;
pub mod doubles;
pub mod form;
pub mod form_changes;
pub mod forms;
pub mod inbound;
pub mod lead;
pub mod lead_fields;
pub mod leads;
pub mod overview;
pub mod paging;
pub mod people;
pub mod profiles;
pub mod query;
pub mod record;
pub mod records;
pub mod rules;
mod sight;
pub mod sources;
pub mod submission;
pub mod submissions;
pub mod sync;

#[cfg(test)]
mod plans;
