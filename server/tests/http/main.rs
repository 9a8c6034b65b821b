//! The program from the outside: its command line, its HTTP, its log.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod access;
mod api;
mod assets;
mod audit;
mod command_line;
mod crm;
mod crm_storm;
mod fields;
mod form_changes;
mod fuzz;
mod guard;
mod hardening;
mod journey;
mod kill;
mod lead_edit;
mod merge;
mod people;
mod people_commands;
#[path = "../../../tests/support/postgres.rs"]
mod postgres;
mod secrets;
mod sign_in;
mod single_sign_on;
#[path = "../../../tests/support/smtp.rs"]
mod smtp;
mod support;
mod tokens;
