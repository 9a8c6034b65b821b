//! The engine against real databases and a real sandbox.

#[path = "../support/mod.rs"]
mod support;

mod process;
mod schema;
