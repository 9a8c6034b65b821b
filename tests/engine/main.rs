//! The engine against real databases and a real sandbox.

#[path = "../support/mod.rs"]
mod support;

mod audit;
mod consent;
mod keeper;
mod people;
mod process;
mod schema;
mod servers;
mod sessions;
mod sign_in;
mod stand;
mod sync;
mod views;
mod world;
