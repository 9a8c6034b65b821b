//! The reconciler: pull → match → map → write. The stages meet in the database, not in memory.

pub mod arrive;
pub mod process;
pub mod windows;
