//! The few pieces that run in the browser. Each calls a `#[server]` function that asks for
//! permission before anything else.

mod sync_progress;

pub use sync_progress::{Progress, SyncProgress};
