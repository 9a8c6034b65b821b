//! Strategies, one submission's keys and the candidates → an existing lead, a new one, or a person
//! who has to decide. Pure: no database, no clock.
//!
//! Active strategies are tried in order until one finds an open lead; within one strategy all
//! fields must be equal. Values are compared in normalised form ([`crate::lead::normalise`]). Leads
//! that match only in part, or that are closed, are remembered while the remaining strategies are
//! tried, and decide only when none found an open lead.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::lead::{LeadField, LeadFields};
use crate::review::Reason;

mod trouble;

pub use trouble::useless;

/// A field and its value in normalised form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MatchKey {
    /// The lead field's logical name.
    pub field: String,
    /// The value as it is compared; never empty.
    pub value: String,
}

/// Values are compared by this many bytes; an index of PostgreSQL holds no more than 2,700.
const KEY_BYTES: usize = 500;

impl MatchKey {
    /// The key of a lead field's value; `None` when the value is blank.
    #[must_use]
    pub fn new(field: &LeadField, value: &str) -> Option<MatchKey> {
        let mut value = field.normalised(value)?;
        value.truncate(value.floor_char_boundary(KEY_BYTES));
        Some(MatchKey {
            field: field.name.clone(),
            value,
        })
    }
}

/// Which lead is taken when several match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Several {
    /// The one that was modified last.
    Newest,
    /// The one that was made first.
    Oldest,
    /// None: a person decides.
    Hold,
}

/// What happens when there is no lead to update, but a reason to hesitate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// A new lead is made, and the trace says why.
    Create,
    /// A person decides.
    Hold,
}

impl Several {
    /// The rule in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Several::Newest => "Newest modified",
            Several::Oldest => "Oldest",
            Several::Hold => "Hold for review",
        }
    }

    /// The word for it in the database.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Several::Newest => "newest",
            Several::Oldest => "oldest",
            Several::Hold => "hold",
        }
    }

    /// The rule with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Several> {
        [Several::Newest, Several::Oldest, Several::Hold]
            .into_iter()
            .find(|s| s.slug() == word)
    }
}

impl Otherwise {
    /// The rule in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Otherwise::Create => "Create a new lead",
            Otherwise::Hold => "Hold for review",
        }
    }

    /// The word for it in the database.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Otherwise::Create => "create",
            Otherwise::Hold => "hold",
        }
    }

    /// The rule with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Otherwise> {
        [Otherwise::Create, Otherwise::Hold]
            .into_iter()
            .find(|s| s.slug() == word)
    }
}

/// What happens about the contact of a lead that is made (parity row 38). Only an organization has
/// contacts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contacts {
    /// Nothing.
    #[default]
    None,
    /// The contact in whom the strategy's fields are equal is linked, if there is exactly one.
    Link,
    /// The same, and where there is none one is made.
    LinkOrCreate,
}

impl Contacts {
    /// All of them.
    pub const ALL: [Contacts; 3] = [Contacts::None, Contacts::Link, Contacts::LinkOrCreate];

    /// The rule in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Contacts::None => "Leave contacts alone",
            Contacts::Link => "Link the contact that is there",
            Contacts::LinkOrCreate => "Link the contact that is there, else create one",
        }
    }

    /// The word for it in the database.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Contacts::None => "none",
            Contacts::Link => "link",
            Contacts::LinkOrCreate => "link_or_create",
        }
    }

    /// The rule with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Contacts> {
        Contacts::ALL.into_iter().find(|rule| rule.slug() == word)
    }
}

/// Which fields must all be equal for a submission to belong to a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strategy {
    /// Leadline's id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Logical names of lead fields; all must be equal.
    pub fields: Vec<String>,
    /// Whether every submission gets a lead of its own.
    pub always_create: bool,
    /// What happens when several open leads match.
    pub several: Several,
    /// What happens when leads match only in part.
    pub partial: Otherwise,
    /// What happens when only closed leads match.
    pub closed: Otherwise,
    /// What happens about the contact of a lead that is made.
    #[serde(default)]
    pub contacts: Contacts,
    /// For which submissions it is.
    pub scope: Scope,
}

/// For which submissions a strategy is: for all, or for those of the accounts, forms and campaigns
/// that are listed. A list that is empty leaves none out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scope {
    /// Leadline's ids of linked accounts.
    pub accounts: BTreeSet<i64>,
    /// LinkedIn's ids of forms.
    pub forms: BTreeSet<i64>,
    /// Leadline's ids of campaigns.
    pub campaigns: BTreeSet<i64>,
}

impl Scope {
    /// Whether nothing is left out.
    #[must_use]
    pub fn is_all(&self) -> bool {
        [&self.accounts, &self.forms, &self.campaigns]
            .iter()
            .all(|list| list.is_empty())
    }

    /// Whether a submission of this account, form and campaign is meant.
    #[must_use]
    pub fn holds(&self, account: i64, form: Option<i64>, campaign: Option<i64>) -> bool {
        let meant = |list: &BTreeSet<i64>, id: Option<i64>| {
            list.is_empty() || id.is_some_and(|id| list.contains(&id))
        };
        meant(&self.accounts, Some(account))
            && meant(&self.forms, form)
            && meant(&self.campaigns, campaign)
    }
}

/// How many fields a strategy compares at most.
pub const MOST_FIELDS: usize = 5;
/// How many characters its name has at most.
const NAME_AT_MOST: usize = 100;

impl Strategy {
    /// What is wrong with it: the field of a form (`name`, `fields`) and the words.
    ///
    /// # Errors
    /// The first mistake.
    pub fn check(&self, fields: &LeadFields) -> Result<(), (&'static str, String)> {
        match self.name.trim().chars().count() {
            0 => return Err(("name", "The name is missing.".to_owned())),
            1..=NAME_AT_MOST => {}
            _ => {
                let message = format!("The name must have at most {NAME_AT_MOST} characters.");
                return Err(("name", message));
            }
        }
        let message = match self.fields.len() {
            0 if self.always_create => return Ok(()),
            0 => "Choose at least one field, or let every submission make a lead.".to_owned(),
            1..=MOST_FIELDS => match self.fields.iter().find_map(|name| useless(fields, name)) {
                Some(why) => why,
                None => return Ok(()),
            },
            _ => format!("A strategy compares at most {MOST_FIELDS} fields. Choose fewer."),
        };
        Err(("fields", message))
    }
}

/// The strategy that every installation begins with.
#[must_use]
pub fn default_strategy() -> Strategy {
    Strategy {
        id: 1,
        name: "E-mail (default)".to_owned(),
        fields: vec!["emailaddress1".to_owned()],
        always_create: false,
        several: Several::Newest,
        partial: Otherwise::Create,
        closed: Otherwise::Create,
        contacts: Contacts::None,
        scope: Scope::default(),
    }
}

/// A lead that shares at least one key with the submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The lead's id.
    pub lead: i64,
    /// Whether it may still be changed.
    pub open: bool,
    /// When it was changed last, in milliseconds since the epoch.
    pub modified_at: i64,
    /// Its keys.
    pub keys: BTreeSet<MatchKey>,
}

/// Where a submission belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// To this lead.
    Existing(i64),
    /// To a new lead; `follows` is the closed lead that it continues.
    Create {
        /// The closed lead of the same person.
        follows: Option<i64>,
    },
    /// A person has to say.
    Hold(Why),
}

/// Why a submission is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Several open leads match.
    Several,
    /// Leads match only in part.
    Partial,
    /// Only closed leads match.
    Closed,
    /// There is no active strategy for it.
    NoStrategy,
}

impl Why {
    /// What it is called in lists.
    #[must_use]
    pub fn reason(self) -> Reason {
        match self {
            Why::Several => Reason::SeveralLeads,
            Why::Partial => Reason::PartialMatch,
            Why::Closed => Reason::ClosedLead,
            Why::NoStrategy => Reason::NoStrategy,
        }
    }

    /// The reason in words.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Why::Several => "Several open leads match. Choose the one it belongs to.",
            Why::Partial => "A lead matches only in part. Choose it, or create a new one.",
            Why::Closed => "Only a closed lead matches. Reopen it, or create a new one.",
            Why::NoStrategy => {
                "No active matching strategy is for this submission. Activate or make one."
            }
        }
    }
}

/// What one strategy did with one submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StrategyTrace {
    /// The strategy's id.
    pub strategy: i64,
    /// Its name at that time.
    pub name: String,
    /// The values that were compared, as they were compared; `None` where the answer was blank.
    pub compared: Vec<Compared>,
    /// What came of it, in words.
    pub outcome: String,
    /// The leads that were looked at.
    pub candidates: Vec<CandidateTrace>,
}

/// One field of a strategy with the submission's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// The lead field's logical name.
    pub field: String,
    /// The value as it was compared; `None` when the answer was blank.
    pub value: Option<String>,
}

/// One lead that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateTrace {
    /// The lead's id.
    pub lead: i64,
    /// Why it was taken or not, in words.
    pub verdict: String,
}

/// Candidates beyond this number are not listed in a trace.
const TRACED: usize = 10;

/// Decides where a submission with these keys belongs, and tells how.
#[must_use]
pub fn decide(
    fields: &LeadFields,
    strategies: &[Strategy],
    keys: &BTreeSet<MatchKey>,
    candidates: &[&Candidate],
) -> (Decision, Vec<StrategyTrace>) {
    let mut traces = Vec::new();
    let mut hesitation: Option<(Why, Otherwise, Option<i64>)> = None;
    for strategy in strategies {
        if strategy.always_create {
            traces.push(trace(
                strategy,
                Vec::new(),
                "Always creates a lead of its own.",
                Vec::new(),
            ));
            return (Decision::Create { follows: None }, traces);
        }
        let compared = compared(strategy, keys);
        if let Some(blank) = compared.iter().find(|c| c.value.is_none()) {
            let outcome = format!("Not applicable: {} is blank.", fields.label(&blank.field));
            traces.push(trace(strategy, compared, &outcome, Vec::new()));
            continue;
        }
        let (decision, doubt, tried) = try_strategy(strategy, compared, candidates);
        traces.push(tried);
        if let Some(decision) = decision {
            return (decision, traces);
        }
        // A closed lead that matches in full says more than an open one that matches in part.
        if let Some(doubt) = doubt
            && hesitation.is_none_or(|(why, ..)| why == Why::Partial && doubt.0 == Why::Closed)
        {
            hesitation = Some(doubt);
        }
    }
    if strategies.is_empty() {
        return (Decision::Hold(Why::NoStrategy), traces);
    }
    let decision = match hesitation {
        Some((why, Otherwise::Hold, _)) => Decision::Hold(why),
        Some((_, Otherwise::Create, follows)) => Decision::Create { follows },
        None => Decision::Create { follows: None },
    };
    (decision, traces)
}

fn compared(strategy: &Strategy, keys: &BTreeSet<MatchKey>) -> Vec<Compared> {
    let value = |field: &String| {
        keys.iter()
            .find(|k| k.field == *field)
            .map(|k| k.value.clone())
    };
    strategy
        .fields
        .iter()
        .map(|f| Compared {
            field: f.clone(),
            value: value(f),
        })
        .collect()
}

type Doubt = (Why, Otherwise, Option<i64>);

/// Tries one strategy whose values are all there.
fn try_strategy(
    strategy: &Strategy,
    compared: Vec<Compared>,
    candidates: &[&Candidate],
) -> (Option<Decision>, Option<Doubt>, StrategyTrace) {
    let wanted: BTreeSet<MatchKey> = compared
        .iter()
        .filter_map(|c| {
            c.value.clone().map(|value| MatchKey {
                field: c.field.clone(),
                value,
            })
        })
        .collect();
    let equal = |c: &Candidate| wanted.iter().filter(|k| c.keys.contains(k)).count();
    let full: Vec<&Candidate> = candidates
        .iter()
        .copied()
        .filter(|c| equal(c) == wanted.len())
        .collect();
    let partial: Vec<&Candidate> = candidates
        .iter()
        .copied()
        .filter(|c| c.open && (1..wanted.len()).contains(&equal(c)))
        .collect();
    let (mut open, closed): (Vec<&Candidate>, Vec<&Candidate>) =
        full.into_iter().partition(|c| c.open);
    open.sort_by_key(|c| match strategy.several {
        Several::Oldest => (c.lead, 0),
        Several::Newest | Several::Hold => (-c.modified_at, -c.lead),
    });
    let newest_closed = closed
        .iter()
        .max_by_key(|c| (c.modified_at, c.lead))
        .map(|c| c.lead);

    let mut listed: Vec<CandidateTrace> = Vec::new();
    let mut list = |leads: &[&Candidate], verdict: &str| {
        listed.extend(leads.iter().map(|c| CandidateTrace {
            lead: c.lead,
            verdict: verdict.to_owned(),
        }));
    };
    let (decision, doubt, outcome) = match (open.as_slice(), newest_closed) {
        ([only], _) => {
            list(&[only], "Chosen: the only open lead that is equal.");
            (
                Some(Decision::Existing(only.lead)),
                None,
                "Found the lead.".to_owned(),
            )
        }
        ([first, rest @ ..], _) if strategy.several != Several::Hold => {
            let rule = strategy.several.label().to_lowercase();
            list(&[first], &format!("Chosen: {rule} of {}.", open.len()));
            list(rest, "Not chosen: equal, but not the one the rule takes.");
            (
                Some(Decision::Existing(first.lead)),
                None,
                format!("Several leads are equal; took the {rule}."),
            )
        }
        (several @ [_, ..], _) => {
            list(several, "Equal.");
            (
                Some(Decision::Hold(Why::Several)),
                None,
                "Several leads are equal: held for review.".to_owned(),
            )
        }
        ([], Some(lead)) => {
            list(&closed, "Equal, but closed: never rewritten.");
            (
                None,
                Some((Why::Closed, strategy.closed, Some(lead))),
                "Only closed leads are equal.".to_owned(),
            )
        }
        ([], None) if !partial.is_empty() => {
            list(&partial, "Equal in part only.");
            (
                None,
                Some((Why::Partial, strategy.partial, None)),
                "Leads are equal in part only.".to_owned(),
            )
        }
        ([], None) => (None, None, "No lead is equal.".to_owned()),
    };
    listed.truncate(TRACED);
    (decision, doubt, trace(strategy, compared, &outcome, listed))
}

fn trace(
    strategy: &Strategy,
    compared: Vec<Compared>,
    outcome: &str,
    candidates: Vec<CandidateTrace>,
) -> StrategyTrace {
    StrategyTrace {
        strategy: strategy.id,
        name: strategy.name.clone(),
        compared,
        outcome: outcome.to_owned(),
        candidates,
    }
}
