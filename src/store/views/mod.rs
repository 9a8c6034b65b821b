//! Read models: what a page shows, read in one or two statements, for one person's eyes.

pub mod overview;
pub mod profiles;
pub mod sync;
