//! What an organization is asked before submissions are decided: which of its leads could be theirs.
//! Pure.
//!
//! The organization compares texts without regard to case, but knows nothing of the forms in which
//! Leadline compares. So it is asked for each spelling that is likely there; what it answers is then
//! compared by Leadline's own rules.

use std::collections::BTreeSet;

use crate::lead::LeadFields;
use crate::mapping::{FieldMapping, Mapped};
use crate::matching::Strategy;
use crate::plan::{Rules, Undecided};

/// A field and the spellings that are looked for in it.
pub type Sought = (String, BTreeSet<String>);

/// One question: which leads have one of these spellings in each of the fields, or in any of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question {
    /// The fields.
    pub sought: Vec<Sought>,
    /// Whether all fields have to be equal. If not, the answer only has to show that there are such
    /// leads, and may be cut short.
    pub all: bool,
}

/// The fields that are read of each lead by these rules: those that are mapped or compared, and those
/// that a page shows.
#[must_use]
pub fn asked(
    fields: &LeadFields,
    strategies: &[Strategy],
    mappings: &[FieldMapping],
) -> BTreeSet<String> {
    let shown = ["firstname", "lastname", "emailaddress1", "companyname"];
    let mapped = mappings.iter().map(|m| m.lead_field.as_str());
    let compared = strategies
        .iter()
        .flat_map(|s| s.fields.iter().map(String::as_str));
    let names = shown.into_iter().chain(mapped).chain(compared);
    let known = names.filter(|name| fields.get(name).is_some());
    known.map(str::to_owned).collect()
}

/// What has to be asked to decide a submission; nothing when its lead is known.
#[must_use]
pub fn questions(rules: &Rules, submission: &Undecided) -> Vec<Question> {
    let settled = submission.known_lead().is_some() || submission.decided.choice.is_some();
    let test = submission.test && !rules.leads_from_tests;
    if settled || test {
        return Vec::new();
    }
    let mapped = rules.map(submission);
    let mut questions = Vec::new();
    for strategy in rules.strategies_for(submission).iter() {
        if strategy.always_create {
            continue;
        }
        let sought: Vec<Sought> = strategy
            .fields
            .iter()
            .filter_map(|name| Some((name.clone(), spellings(rules, &mapped, name)?)))
            .collect();
        let whole = sought.len() == strategy.fields.len();
        if whole {
            questions.push(Question {
                sought: sought.clone(),
                all: true,
            });
        }
        if strategy.fields.len() > 1 && !sought.is_empty() {
            questions.push(Question { sought, all: false });
        }
    }
    questions.sort();
    questions.dedup();
    questions
}

/// How a value may be written in the organization: as the mapping gives it, and as it is compared.
fn spellings(rules: &Rules, mapped: &Mapped, name: &str) -> Option<BTreeSet<String>> {
    let field = rules.lead_fields.get(name)?;
    let value = mapped.value(name)?.trim();
    let compared = field.normalised(value)?;
    let differs = compared.to_lowercase() != value.to_lowercase();
    let mut spellings = BTreeSet::from([value.to_owned()]);
    spellings.extend(differs.then_some(compared));
    Some(spellings)
}
