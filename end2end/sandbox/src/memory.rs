//! What outlives the process, when a file for it is named: the moment the world was planted, so
//! that the same leads are there again, and what members consented to.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::oauth::Grants;

/// What is written down.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Memory {
    pub(crate) planted_at: i64,
    pub(crate) grants: Grants,
}

impl Memory {
    /// What an earlier sandbox wrote down, if that can be read.
    pub(crate) fn read(path: &Path) -> Option<Memory> {
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }

    /// Writes it down; a reader never sees half of it.
    pub(crate) fn write(&self, path: &Path) -> std::io::Result<()> {
        let next = path.with_extension("next");
        std::fs::write(&next, serde_json::to_vec(self)?)?;
        std::fs::rename(next, path)
    }
}
