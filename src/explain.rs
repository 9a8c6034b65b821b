//! The trace of one attempt: how a submission found its lead and what was written. Pure data, made
//! by the worker, kept in `attempt.trace`, shown by the submission page.

use serde::{Deserialize, Serialize};

use crate::mapping::MappingTrace;
use crate::matching::StrategyTrace;

/// Everything that explains one attempt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The strategies that were tried, in order.
    #[serde(default)]
    pub strategies: Vec<StrategyTrace>,
    /// The decision, in words.
    #[serde(default)]
    pub decision: String,
    /// The mappings, in order.
    #[serde(default)]
    pub mappings: Vec<MappingTrace>,
}
