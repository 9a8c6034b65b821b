//! Where leads live: in the built-in store, which finds the leads that share a key and writes leads
//! with the submissions that made or changed them, and in an organization of Dynamics 365.

pub mod builtin;
pub mod dynamics;
