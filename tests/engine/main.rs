//! The engine against real databases and a real sandbox.

#[path = "../support/mod.rs"]
mod support;

mod arrivals;
mod audit;
mod consent;
mod contention;
mod crm;
mod desk;
mod do_not;
mod door;
mod foresight;
mod forget;
mod form_changes;
mod idempotency;
mod keeper;
mod lead_fields;
mod links;
mod mail;
mod managing;
mod mappings;
mod merges;
mod office;
mod organization;
mod own_account;
mod parity;
mod people;
mod process;
mod proof;
mod replay;
mod reverts;
mod review;
mod scale;
mod schema;
mod second_factor;
mod servers;
mod sessions;
mod sign_in;
mod single_sign_on;
mod stand;
mod strategies;
mod sync;
mod texts;
mod tokens;
mod views;
mod world;
