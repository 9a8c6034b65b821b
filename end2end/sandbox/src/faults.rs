//! The knobs: everything that can go wrong, or that differs between LinkedIn applications.
//!
//! Unknown names are refused, so that a misspelt knob in a test is an error and not a silent pass.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::errors::{Kind, Stage, kind_named};
use crate::rng::Rng;

/// Scopes of an application that has all products.
pub(crate) const ALL_SCOPES: &[&str] = &[
    "r_marketing_leadgen_automation",
    "r_ads",
    "rw_ads",
    "r_organization_admin",
    "rw_organization_admin",
    "r_events",
    "r_basicprofile",
    "openid",
    "profile",
    "email",
];

/// Pages of `leadFormResponses` that are shorter than asked for and still not the last.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum ShortPages {
    /// How likely it is that places among the leads are empty.
    Probability(f64),
    /// The same, by name.
    Named { probability: f64 },
    /// No page has more elements than this.
    Cap { cap: u64 },
}

/// What moves while somebody pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DriftMode {
    /// A new lead, submitted now.
    #[default]
    Insert,
    /// A new lead that arrives late: its time lies inside the window being read.
    Late,
    /// No new lead; from this page on the rest of the list comes one place later.
    Repeat,
    /// No new lead; from this page on the rest of the list comes one place earlier.
    Skip,
}

/// Drift at every n-th page of `leadFormResponses`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum PageDrift {
    Every(u64),
    Named {
        every: u64,
        #[serde(default)]
        mode: DriftMode,
    },
}

impl PageDrift {
    pub(crate) fn parts(self) -> (u64, DriftMode) {
        match self {
            PageDrift::Every(every) => (every.max(1), DriftMode::Insert),
            PageDrift::Named { every, mode } => (every.max(1), mode),
        }
    }
}

/// What happens when a member comes to the consent page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Consent {
    #[default]
    Page,
    AutoAllow,
    AutoCancelLogin,
    AutoCancelAuthorize,
    /// Every authorization ends in `error=unauthorized_scope_error`.
    UnauthorizedScope,
}

/// Where an unapproved scope is complained about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ScopeError {
    #[default]
    Page,
    Redirect,
}

/// How a missing role is answered; nobody knows for certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) enum RoleDenied {
    #[default]
    #[serde(rename = "403")]
    Forbidden,
    #[serde(rename = "401")]
    Unauthorized,
    #[serde(rename = "404")]
    NotFound,
    /// An empty list, where the answer is a list.
    #[serde(rename = "empty")]
    Empty,
}

/// An injected error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ErrorRule {
    /// `*`, a path or its beginning, or `resource.METHOD`; `*` may stand anywhere.
    pub(crate) endpoint: String,
    /// A name from [`crate::errors::KINDS`].
    pub(crate) kind: String,
    /// Strikes at most so often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) times: Option<u64>,
    /// Lets so many requests pass first.
    #[serde(default)]
    pub(crate) after: u64,
    /// Strikes with this probability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) probability: Option<f64>,
}

/// All knobs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Faults {
    pub(crate) short_pages: Option<ShortPages>,
    pub(crate) omit_next: bool,
    pub(crate) omit_total: bool,
    pub(crate) page_drift: Option<PageDrift>,
    pub(crate) duplicates: f64,
    pub(crate) max_count: u64,
    pub(crate) latency_ms: u64,
    pub(crate) errors: Vec<ErrorRule>,
    pub(crate) token_delay_seconds: u64,
    pub(crate) refresh_tokens: bool,
    pub(crate) consent: Consent,
    pub(crate) consent_member: Option<String>,
    pub(crate) scope_error: ScopeError,
    pub(crate) approved_scopes: Vec<String>,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) active_versions: Option<Vec<String>>,
    pub(crate) retry_after: Option<u64>,
    pub(crate) access_token_seconds: i64,
    pub(crate) refresh_token_seconds: i64,
    pub(crate) quota_app_day: Option<u64>,
    pub(crate) quota_member_day: Option<u64>,
    pub(crate) retention_days: i64,
    pub(crate) organic_retention_days: i64,
    pub(crate) role_denied: RoleDenied,
    pub(crate) end_inclusive: bool,
    pub(crate) allow_http_webhooks: bool,
    pub(crate) allow_remote_webhooks: bool,
    pub(crate) webhook_revalidate_seconds: i64,
    pub(crate) webhook_drop: f64,
    pub(crate) webhook_duplicate: f64,
    pub(crate) webhook_bad_signature: f64,
    pub(crate) webhook_delay_ms: u64,
    pub(crate) webhook_array: bool,
    pub(crate) seed: u64,
}

impl Default for Faults {
    fn default() -> Faults {
        Faults {
            short_pages: None,
            omit_next: false,
            omit_total: false,
            page_drift: None,
            duplicates: 0.0,
            max_count: 1000,
            latency_ms: 0,
            errors: Vec::new(),
            token_delay_seconds: 0,
            refresh_tokens: false,
            consent: Consent::Page,
            consent_member: None,
            scope_error: ScopeError::Page,
            approved_scopes: ALL_SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
            redirect_uris: Vec::new(),
            active_versions: None,
            retry_after: None,
            access_token_seconds: 5_184_000,
            refresh_token_seconds: 31_536_000,
            quota_app_day: None,
            quota_member_day: None,
            retention_days: 90,
            organic_retention_days: 90,
            role_denied: RoleDenied::Forbidden,
            end_inclusive: false,
            allow_http_webhooks: true,
            allow_remote_webhooks: false,
            webhook_revalidate_seconds: 7_200,
            webhook_drop: 0.0,
            webhook_duplicate: 0.0,
            webhook_bad_signature: 0.0,
            webhook_delay_ms: 0,
            webhook_array: false,
            seed: 1,
        }
    }
}

impl Faults {
    /// Reads a whole set; what is not named gets its default.
    pub(crate) fn from_json(value: Value) -> Result<Faults, String> {
        let faults: Faults = serde_json::from_value(value).map_err(|error| error.to_string())?;
        let lives = [
            faults.access_token_seconds,
            faults.refresh_token_seconds,
            faults.webhook_revalidate_seconds,
        ];
        let days = [faults.retention_days, faults.organic_retention_days];
        if lives
            .iter()
            .chain(&days)
            .any(|span| !(0..=10_000_000_000).contains(span))
            || days.iter().any(|d| *d > 100_000)
        {
            return Err("a span of time is negative or absurdly long".to_owned());
        }
        match faults
            .errors
            .iter()
            .find(|rule| kind_named(&rule.kind).is_none())
        {
            Some(rule) => Err(format!("unknown error kind '{}'", rule.kind)),
            None => Ok(faults),
        }
    }

    /// Changes only what the patch names.
    pub(crate) fn patched(&self, patch: Value) -> Result<Faults, String> {
        let mut whole = serde_json::to_value(self).map_err(|error| error.to_string())?;
        let patch = patch.as_object().ok_or("an object is expected")?;
        for (name, value) in patch {
            whole[name] = value.clone();
        }
        Faults::from_json(whole)
    }

    pub(crate) fn retention(&self, lead_type: &str) -> i64 {
        if lead_type == "SPONSORED" {
            self.retention_days
        } else {
            self.organic_retention_days
        }
    }
}

/// What the rules for injected errors remember, and the dice.
#[derive(Debug)]
pub(crate) struct Dice {
    pub(crate) rng: Rng,
    /// Per rule: requests seen, times struck.
    counts: Vec<(u64, u64)>,
    /// Pages of `leadFormResponses` served.
    pub(crate) pages: u64,
    pub(crate) drifted: u64,
    /// By how many places a list moved since somebody began to page it, by its query.
    pub(crate) shifts: HashMap<String, i64>,
}

impl Dice {
    pub(crate) fn new(faults: &Faults) -> Dice {
        Dice {
            rng: Rng::new(faults.seed),
            counts: vec![(0, 0); faults.errors.len()],
            pages: 0,
            drifted: 0,
            shifts: HashMap::new(),
        }
    }

    /// The injected error that strikes a request at this stage, if one does.
    pub(crate) fn strike(
        &mut self,
        faults: &Faults,
        stage: Stage,
        path: &str,
        endpoint: &str,
    ) -> Option<&'static Kind> {
        for (rule, counts) in faults.errors.iter().zip(&mut self.counts) {
            let Some(kind) = kind_named(&rule.kind).filter(|kind| kind.stage == stage) else {
                continue;
            };
            if !matches(&rule.endpoint, path, endpoint) {
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
            return Some(kind);
        }
        None
    }
}

/// Whether a rule's pattern means this request.
fn matches(pattern: &str, path: &str, endpoint: &str) -> bool {
    let pattern = pattern.trim_start_matches('/');
    let path = path.trim_start_matches('/');
    let short = path.strip_prefix("rest/").unwrap_or(path);
    [path, short, endpoint].iter().any(|text| {
        glob(pattern.as_bytes(), text.as_bytes())
            || text
                .strip_prefix(pattern)
                .is_some_and(|rest| rest.starts_with(['/', '.']))
    })
}

fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.first(), text.first()) {
        (None, None) => true,
        (Some(b'*'), _) => {
            glob(&pattern[1..], text) || (!text.is_empty() && glob(pattern, &text[1..]))
        }
        (Some(expected), Some(found)) if expected == found => glob(&pattern[1..], &text[1..]),
        _ => false,
    }
}

/// A grid of places, some of them empty, laid over a list: how short pages come about.
///
/// LinkedIn cuts pages by place and leaves out what may not be shown, so a page can be short while
/// `start += count` still loses nothing. An aligned block of `size` places shows `shown(block)`.
pub(crate) struct Grid {
    size: u64,
    rule: Rule,
}

enum Rule {
    Full,
    Cap(u64),
    /// Nothing is looked for beyond `limit` places, where the list has ended for certain.
    Holes {
        seed: u64,
        probability: f64,
        limit: u64,
    },
}

impl Grid {
    pub(crate) fn new(
        short_pages: Option<ShortPages>,
        elements: u64,
        count: u64,
        seed: u64,
    ) -> Grid {
        match short_pages {
            None => Grid {
                size: 10,
                rule: Rule::Full,
            },
            Some(ShortPages::Cap { cap }) => Grid {
                size: count.max(1),
                rule: Rule::Cap(cap.clamp(1, count.max(1))),
            },
            Some(ShortPages::Probability(probability) | ShortPages::Named { probability }) => {
                let limit = elements.saturating_mul(2).saturating_add(100);
                Grid {
                    size: 10,
                    rule: Rule::Holes {
                        seed,
                        probability,
                        limit,
                    },
                }
            }
        }
    }

    /// How many places of a block hold an element; at least one.
    fn shown(&self, block: u64) -> u64 {
        match self.rule {
            Rule::Full => self.size,
            Rule::Cap(cap) => cap,
            Rule::Holes {
                seed, probability, ..
            } => {
                let mut rng = Rng::new(crate::rng::mix(seed, block));
                if rng.chance(probability) {
                    self.size - 1 - rng.below(3)
                } else {
                    self.size
                }
            }
        }
    }

    /// How many elements lie before a place.
    pub(crate) fn rank(&self, place: u64) -> u64 {
        let place = match self.rule {
            Rule::Holes { limit, .. } => place.min(limit),
            _ => place,
        };
        let (block, inside) = (place / self.size, place % self.size);
        let before = match self.rule {
            Rule::Full => return place,
            Rule::Cap(cap) => block * cap,
            Rule::Holes { .. } => (0..block).map(|block| self.shown(block)).sum(),
        };
        before + inside.min(self.shown(block))
    }

    /// How many places `elements` take up.
    pub(crate) fn places(&self, elements: u64) -> u64 {
        match self.rule {
            Rule::Full => elements,
            Rule::Cap(cap) => (elements / cap) * self.size + elements % cap,
            Rule::Holes { .. } => {
                let (mut block, mut left) = (0, elements);
                while left > self.shown(block) {
                    left -= self.shown(block);
                    block += 1;
                }
                block * self.size + left
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn misspelt_knobs_and_kinds_are_refused() {
        assert!(Faults::from_json(json!({ "short_page": 1.0 })).is_err());
        assert!(
            Faults::from_json(json!({ "errors": [{ "endpoint": "*", "kind": "599" }] })).is_err()
        );
        let faults = Faults::default()
            .patched(json!({ "omit_total": true, "short_pages": { "cap": 3 } }))
            .unwrap();
        assert_eq!(
            (faults.omit_total, faults.short_pages),
            (true, Some(ShortPages::Cap { cap: 3 }))
        );
        assert_eq!(
            faults
                .patched(json!({ "short_pages": null }))
                .unwrap()
                .short_pages,
            None
        );
    }

    #[test]
    fn patterns_mean_paths_their_beginnings_and_methods() {
        let path = "/rest/leadFormResponses/1-2";
        for pattern in [
            "*",
            "leadFormResponses",
            "/rest/leadFormResponses",
            "leadForm*",
            "leadFormResponses.GET",
            "rest/*",
        ] {
            assert!(matches(pattern, path, "leadFormResponses.GET"), "{pattern}");
        }
        for pattern in ["leadForm", "leadForms", "leadFormResponses.FINDER-owner"] {
            assert!(
                !matches(pattern, path, "leadFormResponses.GET"),
                "{pattern}"
            );
        }
    }

    #[test]
    fn rules_wait_and_run_out() {
        let faults = Faults::from_json(
            json!({ "errors": [{ "endpoint": "leadForms", "kind": "500", "after": 1, "times": 2 }] }),
        )
        .unwrap();
        let mut dice = Dice::new(&faults);
        let mut hits = Vec::new();
        for _ in 0..5 {
            hits.push(
                dice.strike(&faults, Stage::Arrival, "/rest/leadForms", "leadForms.GET")
                    .is_some(),
            );
        }
        assert_eq!(hits, [false, true, true, false, false]);
        assert!(
            dice.strike(&faults, Stage::Token, "/rest/leadForms", "leadForms.GET")
                .is_none()
        );
    }

    #[test]
    fn short_pages_lose_nothing_whichever_way_one_counts_on() {
        for short in [
            None,
            Some(ShortPages::Probability(0.5)),
            Some(ShortPages::Cap { cap: 7 }),
        ] {
            let (elements, count) = (237, 25);
            let grid = Grid::new(short, elements, count, 9);
            let places = grid.places(elements);
            assert!(grid.rank(places) >= elements && grid.rank(places - 1) < elements);
            let mut seen = 0;
            let mut start = 0;
            while grid.rank(start) < elements {
                assert_eq!(grid.rank(start), seen);
                seen = grid.rank(start + count).min(elements);
                start += count;
            }
            assert_eq!(seen, elements);
        }
    }
}
