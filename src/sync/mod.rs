//! The reconciler.
pub mod process;
pub mod windows;
