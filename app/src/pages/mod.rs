//! The pages, one file each: what it reads, what it shows, what its forms do.

pub mod account;
pub mod accounts;
pub mod api_docs;
pub mod audit;
pub mod audit_export;
pub mod campaigns;
pub mod choose_accounts;
pub mod confirm_receiver;
pub mod crm;
pub mod delete_tests;
pub mod field;
pub mod fields;
pub mod first_start;
pub mod forgot;
pub mod form;
pub mod form_changes;
pub mod forms;
pub mod invite;
pub mod lead;
pub mod lead_edit;
mod lead_history;
pub mod leads;
pub mod mapping;
pub mod mappings;
pub mod matching;
pub mod me;
pub mod merge;
pub mod overview;
pub mod profile;
pub mod profiles;
pub mod replay;
pub mod revert;
pub mod review;
pub mod review_one;
pub mod second_factor;
pub mod settings;
pub mod sign_in;
pub mod sign_in_code;
pub mod sign_in_link;
pub mod sign_out;
pub mod single_sign_on;
pub mod strategy;
pub mod submission;
pub mod submissions;
pub mod sync;
pub mod tokens;
pub mod unmerge;
pub mod user;
pub mod users;

/// The way from nothing to leads.
const STEPS: [&str; 4] = [
    "Connect LinkedIn",
    "Choose accounts",
    "Confirm the organization",
    "Leads arrive",
];
