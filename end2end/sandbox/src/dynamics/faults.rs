//! The knobs: what can go wrong, and what differs between organizations.
//!
//! Unknown names are refused, so that a misspelt knob in a test is an error and not a silent pass.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::dataverse::errors::catalogued;
use crate::entra::refusal;
use crate::rng::Rng;

/// Where an injected error strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// At Entra ID.
    Login,
    /// Before the organization looks at anything.
    Arrival,
    /// The token does not count.
    Token,
    /// A limit is said to be reached.
    Limit,
    /// Instead of doing what is asked.
    Work,
    /// It was done; what goes wrong is the answer.
    Answer,
}

const ARRIVAL: &[&str] = &[
    "408",
    "413",
    "500",
    "502",
    "503",
    "504",
    "html_502",
    "aspnet_500",
    "reset",
    "timeout",
];
const LIMIT: &[&str] = &[
    "429_requests",
    "429_execution",
    "429_concurrency",
    "429_without_retry_after",
];
const ANSWER: &[&str] = &[
    "timeout_after_commit",
    "reset_after_commit",
    "503_after_commit",
    "truncated",
    "malformed_json",
    "empty_body",
];

/// Whether a kind can strike at a stage; infrastructure fails at both sides alike.
fn strikes(kind: &str, stage: Stage) -> bool {
    match stage {
        Stage::Login => ARRIVAL.contains(&kind) || kind == "429" || refusal(kind).is_some(),
        Stage::Arrival => ARRIVAL.contains(&kind),
        Stage::Token => kind == "401",
        Stage::Limit => LIMIT.contains(&kind),
        Stage::Work => catalogued(kind).is_some(),
        Stage::Answer => ANSWER.contains(&kind),
    }
}

const STAGES: &[Stage] = &[
    Stage::Login,
    Stage::Arrival,
    Stage::Token,
    Stage::Limit,
    Stage::Work,
    Stage::Answer,
];

/// An error to inject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// `*`, a resource (`leads`, `token`) or a method with it (`PATCH leads`).
    pub(crate) endpoint: String,
    pub(crate) kind: String,
    /// How often at most.
    #[serde(default)]
    pub(crate) times: Option<u64>,
    /// How many matching requests are left alone first.
    #[serde(default)]
    pub(crate) after: u64,
    #[serde(default)]
    pub(crate) probability: Option<f64>,
}

/// A customer's synchronous plug-in: it refuses leads with this value in a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plugin {
    pub(crate) column: String,
    /// `null` refuses leads without one.
    pub(crate) value: Value,
    pub(crate) message: String,
}

/// All knobs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Faults {
    pub(crate) errors: Vec<Rule>,
    /// How long every answer of the organization takes; it counts as execution time.
    pub(crate) latency_ms: u64,
    /// Execution time that is counted on top without being waited for.
    pub(crate) booked_ms: u64,
    /// How long a `timeout` keeps the line open.
    pub(crate) hang_ms: u64,
    /// Seconds sent with injected 429 and 503.
    pub(crate) retry_after: Option<u64>,
    /// The sliding window of the limits.
    pub(crate) window_ms: i64,
    pub(crate) max_requests: usize,
    pub(crate) max_execution_ms: i64,
    pub(crate) max_concurrent: usize,
    pub(crate) dop_hint: u32,
    /// Life of access tokens; `null` is 60 to 90 minutes.
    pub(crate) token_seconds: Option<i64>,
    /// The code with `If-None-Match: *` on a row that exists; the documentation shows none.
    pub(crate) exists_code: String,
    /// How long the index of a new alternate key is being built.
    pub(crate) key_index_ms: i64,
    /// Whether a write of a row that is just being written dies in a deadlock.
    pub(crate) row_deadlocks: bool,
    pub(crate) plugins: Vec<Plugin>,
    /// Whether the rule for leads with the same e-mail address is published.
    pub(crate) duplicate_rule: bool,
    /// Whether leads can be written on the condition of a version, as their table says.
    pub(crate) optimistic: bool,
    /// Rows that no role reaches: lists leave them out, and whoever names one is refused.
    pub(crate) unreachable: Vec<Uuid>,
    /// Of the dice.
    pub(crate) seed: u64,
}

impl Default for Faults {
    fn default() -> Faults {
        Faults {
            errors: Vec::new(),
            latency_ms: 0,
            booked_ms: 0,
            hang_ms: 130_000,
            retry_after: None,
            window_ms: 300_000,
            max_requests: 6_000,
            max_execution_ms: 1_200_000,
            max_concurrent: 52,
            dop_hint: 8,
            token_seconds: None,
            exists_code: String::new(),
            key_index_ms: 0,
            row_deadlocks: false,
            plugins: Vec::new(),
            duplicate_rule: true,
            optimistic: true,
            unreachable: Vec::new(),
            seed: 1,
        }
    }
}

impl Faults {
    pub(crate) fn from_json(value: Value) -> Result<Faults, String> {
        let faults: Faults = serde_json::from_value(value).map_err(|error| error.to_string())?;
        let unknown = |rule: &&Rule| !STAGES.iter().any(|stage| strikes(&rule.kind, *stage));
        if let Some(rule) = faults.errors.iter().find(unknown) {
            return Err(format!("no such kind of error: {}", rule.kind));
        }
        if faults.window_ms < 1 || faults.max_requests < 1 || faults.max_concurrent < 1 {
            return Err("the limits are at least one".to_owned());
        }
        Ok(faults)
    }

    /// These knobs with some of them turned.
    pub(crate) fn patched(&self, patch: Value) -> Result<Faults, String> {
        let mut all = serde_json::to_value(self).map_err(|error| error.to_string())?;
        let (Some(knobs), Value::Object(patch)) = (all.as_object_mut(), patch) else {
            return Err("an object is expected".to_owned());
        };
        knobs.extend(patch);
        Faults::from_json(all)
    }
}

/// What chance decides, and how often each rule matched and struck.
#[derive(Debug)]
pub(crate) struct Dice {
    pub(crate) rng: Rng,
    counts: Vec<(u64, u64)>,
}

impl Dice {
    pub(crate) fn new(faults: &Faults) -> Dice {
        Dice {
            rng: Rng::new(faults.seed),
            counts: vec![(0, 0); faults.errors.len()],
        }
    }

    /// The kind of the injected error that strikes a request at this stage, if one does.
    pub(crate) fn strike(
        &mut self,
        faults: &Faults,
        stage: Stage,
        endpoint: &str,
    ) -> Option<String> {
        let resource = endpoint
            .split_once(' ')
            .map_or(endpoint, |(_, resource)| resource);
        for (rule, counts) in faults.errors.iter().zip(&mut self.counts) {
            if !strikes(&rule.kind, stage) || !["*", endpoint, resource].contains(&&*rule.endpoint)
            {
                continue;
            }
            counts.0 += 1;
            let used_up = rule.times.is_some_and(|times| counts.1 >= times);
            if counts.0 <= rule.after
                || used_up
                || !self.rng.chance(rule.probability.unwrap_or(1.0))
            {
                continue;
            }
            counts.1 += 1;
            return Some(rule.kind.clone());
        }
        None
    }
}
