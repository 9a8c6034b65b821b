//! Dynamics 365: tokens of Entra ID for an application, and Dataverse's Web API, version 9.2.
//!
//! `client` is what others call. Below it `wire` makes one call: it asks `gate` for leave, takes a
//! token from `token`, and turns whatever comes back into an answer or a [`Failure`]. What a refusal
//! means is decided by its code in `catalogue` and `entra`, never by its text, which is localised
//! and can hold what people answered. `filter`, `limiter`, `metadata`, `column` and `value` are pure.

mod assertion;
mod catalogue;
mod challenge;
mod client;
mod column;
mod connection;
mod entra;
mod failure;
mod filter;
mod gate;
mod limiter;
mod metadata;
mod refusal;
mod rows;
mod token;
mod value;
mod wire;

pub use challenge::Challenge;
pub(crate) use client::WHO_AM_I;
pub use client::{Dynamics, Identity, Settings};
pub use column::{Choice, Column, ColumnKind, Required, TableDescription};
pub use connection::{
    AUTHORITY, Connection, Credential, check_authority, check_organization, check_tenant,
};
pub use failure::{Class, Failure};
pub use filter::Filter;
pub use limiter::Pace;
pub use rows::{Receipt, Record, Written, bind_owner};
pub use value::Problem;

/// A table that Leadline reads or writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Table {
    /// `lead`
    Leads,
    /// `contact`
    Contacts,
}

impl Table {
    /// Its logical name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Table::Leads => "lead",
            Table::Contacts => "contact",
        }
    }

    /// The name of its set in addresses.
    #[must_use]
    pub fn set(self) -> &'static str {
        match self {
            Table::Leads => "leads",
            Table::Contacts => "contacts",
        }
    }

    /// The column of its primary key.
    #[must_use]
    pub fn id_column(self) -> &'static str {
        match self {
            Table::Leads => "leadid",
            Table::Contacts => "contactid",
        }
    }
}
