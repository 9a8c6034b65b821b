//! Where leads live. The built-in store ([`builtin::Builtin`]) finds the leads that share a key, and
//! writes leads with the submissions that made or changed them. [`dynamics`] is the way to an
//! organization of Dynamics 365; [`proof`] shows step by step that it works, [`fields`] what a
//! mapping can fill there, [`asking`] what it is asked, [`mirror`] what is known of its leads,
//! and [`overlay`] what a preview makes of both.

pub mod asking;
pub mod builtin;
pub mod dynamics;
pub mod fields;
pub mod mirror;
pub mod overlay;
mod probe;
pub mod proof;
mod step;
