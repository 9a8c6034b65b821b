//! Due submissions, rules and known leads → what is to be written, and why. Pure: the worker writes
//! what this says, a preview shows it.
//!
//! Submissions are decided one after the other in the order in which they were submitted, each
//! seeing what those before it did, so that two of one person in one batch end on one lead.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::explain::Trace;
use crate::lead::{Change, Effect, Fields, Lead, LeadField, LeadFields, Origin, write_field};
use crate::mapping::{Facts, FieldMapping, Mapped, map};
use crate::matching::{self, Candidate, MatchKey, Strategy, decide};
use crate::review::{self, Choice, Reason};
use crate::submission::Answers;

#[cfg(test)]
mod tests;

/// The rules in force.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The fields that a lead can have.
    pub lead_fields: LeadFields,
    /// The active strategies, in order.
    pub strategies: Vec<Strategy>,
    /// The field mappings, in order.
    pub mappings: Vec<FieldMapping>,
    /// What a lead says about where it came from.
    pub lead_source: String,
    /// Whether test leads become leads.
    pub leads_from_tests: bool,
    /// Whether submissions of a changed form wait until somebody has looked at the change.
    pub hold_changed_forms: bool,
}

/// A submission that is to be decided.
#[derive(Debug, Clone)]
pub struct Undecided {
    /// Leadline's id.
    pub id: i64,
    /// When it was submitted, in milliseconds since the epoch.
    pub submitted_at: i64,
    /// Whether it is a test.
    pub test: bool,
    /// What is wrong with it.
    pub malformed: Option<String>,
    /// The linked account.
    pub account: i64,
    /// The answers.
    pub answers: Answers,
    /// What LinkedIn says about it besides the answers.
    pub facts: Facts,
    /// The form version that it answers.
    pub form: Option<i64>,
    /// Whether a change up to this version matters to the mappings, and nobody has looked at it yet.
    pub form_changed: bool,
    /// The campaign that it came from.
    pub campaign: Option<i64>,
    /// The lead that it belongs to already.
    pub lead: Option<i64>,
    /// What a person decided about it.
    pub decided: review::Decision,
    /// Who owns a lead that is made from it.
    pub owner: Option<i64>,
}

/// What one submission comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A lead is made.
    Created,
    /// A lead is updated.
    Updated,
    /// A lead is found, and nothing in it is to be changed.
    Unchanged,
    /// A person has to decide; the reason and the words say why.
    Held(Reason, String),
    /// No lead is wanted; the reason and the words say why.
    Skipped(Reason, String),
}

/// One submission's verdict with everything that explains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The submission.
    pub submission: i64,
    /// What it comes to.
    pub verdict: Verdict,
    /// The lead; below zero when it is a new one.
    pub lead: Option<i64>,
    /// How it came to this.
    pub trace: Trace,
    /// What it changes.
    pub changes: Vec<Change>,
}

/// Leads that only the organization has so far have numbers from here on in a preview; no lead of the
/// database gets that far.
pub const ONLY_THERE: i64 = 1 << 62;

/// A batch of leads that is being worked on.
#[derive(Debug, Clone)]
pub struct Leads {
    leads: BTreeMap<i64, Entry>,
    by_key: HashMap<MatchKey, BTreeSet<i64>>,
    key_fields: LeadFields,
    made: i64,
}

#[derive(Debug, Clone)]
struct Entry {
    lead: Lead,
    candidate: Candidate,
    touched: bool,
}

impl Leads {
    /// The leads that are there, to be found by these fields.
    #[must_use]
    pub fn new(known: Vec<Lead>, key_fields: LeadFields) -> Leads {
        let mut leads = Leads {
            leads: BTreeMap::new(),
            by_key: HashMap::new(),
            key_fields,
            made: 0,
        };
        for lead in known {
            leads.put(lead, false);
        }
        leads
    }

    /// The leads that were made, in the order in which they were.
    pub fn made(&self) -> impl Iterator<Item = &Lead> {
        self.touched().filter(|lead| lead.id < 0)
    }

    /// The leads that were there and were changed.
    pub fn changed(&self) -> impl Iterator<Item = &Lead> {
        self.touched().filter(|lead| lead.id > 0)
    }

    /// The keys of a lead as it is now.
    #[must_use]
    pub fn keys(&self, lead: i64) -> BTreeSet<MatchKey> {
        self.leads
            .get(&lead)
            .map(|entry| entry.candidate.keys.clone())
            .unwrap_or_default()
    }

    fn touched(&self) -> impl Iterator<Item = &Lead> {
        self.leads
            .values()
            .rev()
            .filter(|e| e.touched)
            .map(|e| &e.lead)
    }

    fn put(&mut self, lead: Lead, touched: bool) {
        let keys = lead_keys(&self.key_fields, &lead.fields);
        if let Some(old) = self.leads.get(&lead.id) {
            for key in &old.candidate.keys {
                if let Some(ids) = self.by_key.get_mut(key) {
                    ids.remove(&lead.id);
                }
            }
        }
        for key in &keys {
            self.by_key.entry(key.clone()).or_default().insert(lead.id);
        }
        let candidate = Candidate {
            lead: lead.id,
            open: lead.open,
            modified_at: lead.modified_at,
            keys,
        };
        self.leads.insert(
            lead.id,
            Entry {
                lead,
                candidate,
                touched,
            },
        );
    }

    fn candidates(&self, keys: &BTreeSet<MatchKey>) -> Vec<&Candidate> {
        let ids: BTreeSet<i64> = keys
            .iter()
            .filter_map(|key| self.by_key.get(key))
            .flatten()
            .copied()
            .collect();
        ids.iter()
            .filter_map(|id| self.leads.get(id))
            .map(|entry| &entry.candidate)
            .collect()
    }
}

/// The keys by which a lead with these fields is found.
#[must_use]
pub fn lead_keys(key_fields: &LeadFields, fields: &Fields) -> BTreeSet<MatchKey> {
    keys_of(key_fields.iter(), |name| {
        fields.get(name).map(String::as_str)
    })
}

/// The keys by which a submission's lead could be found; none when it is known already.
#[must_use]
pub fn keys(rules: &Rules, submission: &Undecided) -> BTreeSet<MatchKey> {
    if submission.known_lead().is_some() {
        return BTreeSet::new();
    }
    let mapped = rules.map(submission);
    let strategies = rules.strategies_for(submission);
    keys_of(rules.compared(&strategies), |field| mapped.value(field))
}

fn keys_of<'a, 'f>(
    fields: impl Iterator<Item = &'f LeadField>,
    value: impl Fn(&str) -> Option<&'a str>,
) -> BTreeSet<MatchKey> {
    fields
        .filter_map(|field| MatchKey::new(field, value(&field.name)?))
        .collect()
}

impl Undecided {
    /// The same as if it arrived now. What a person excluded stays excluded.
    #[must_use]
    pub fn as_if_new(&self) -> Undecided {
        let mut new = Undecided {
            lead: None,
            ..self.clone()
        };
        if new.decided.choice != Some(Choice::Exclude) {
            new.decided = review::Decision::default();
        }
        new
    }

    /// The lead that it belongs to already, or that a person chose for it.
    #[must_use]
    pub fn known_lead(&self) -> Option<i64> {
        self.lead.or(self.decided.lead())
    }
}

impl Rules {
    /// What a submission says, as lead fields.
    #[must_use]
    pub fn map(&self, submission: &Undecided) -> Mapped {
        let (answers, facts) = (&submission.answers, &submission.facts);
        map(&self.lead_fields, &self.mappings, answers, facts)
    }

    /// What belongs to a lead already was decided before its form was changed.
    fn waits_for_its_form(&self, submission: &Undecided) -> bool {
        self.hold_changed_forms && submission.form_changed && submission.lead.is_none()
    }

    /// The lead fields that strategies compare.
    fn compared(&self, strategies: &[Strategy]) -> impl Iterator<Item = &LeadField> {
        let names = strategies.iter().flat_map(|strategy| &strategy.fields);
        names.filter_map(|name| self.lead_fields.get(name))
    }

    /// The active strategies that are for this submission, in order.
    pub(crate) fn strategies_for(&self, submission: &Undecided) -> Cow<'_, [Strategy]> {
        let meant = |strategy: &&Strategy| {
            let (account, form) = (submission.account, submission.facts.form_id);
            strategy.scope.holds(account, form, submission.campaign)
        };
        match self.strategies.iter().all(|s| s.scope.is_all()) {
            true => Cow::Borrowed(&self.strategies),
            false => self.strategies.iter().filter(meant).cloned().collect(),
        }
    }
}

const FORM_CHANGED: &str = "The form was changed in a way that matters to the mappings. It waits until an \
     administrator has looked at the change.";

/// Decides one submission and applies it to the leads. `now` is when a lead that changes is said to
/// have been changed.
pub fn apply(rules: &Rules, leads: &mut Leads, submission: &Undecided, now: i64) -> Outcome {
    let mut outcome = Outcome {
        submission: submission.id,
        verdict: Verdict::Unchanged,
        lead: submission.lead,
        trace: Trace::default(),
        changes: Vec::new(),
    };
    let stop = |mut outcome: Outcome, verdict: Verdict| {
        outcome.trace.decision = match &verdict {
            Verdict::Held(_, why) | Verdict::Skipped(_, why) => why.clone(),
            _ => String::new(),
        };
        outcome.verdict = verdict;
        outcome
    };
    let made_anyway = submission.decided.makes_a_lead();
    if submission.test && !rules.leads_from_tests && !made_anyway {
        let why = "A test lead: kept as a submission, no lead is made.".to_owned();
        return stop(outcome, Verdict::Skipped(Reason::TestLead, why));
    }
    if let Some(why) = submission.decided.excluded() {
        return stop(outcome, Verdict::Skipped(Reason::Excluded, why));
    }
    let strict = !submission.decided.leave_out;
    if let Some(wrong) = submission.malformed.as_ref().filter(|_| strict) {
        return stop(outcome, Verdict::Held(Reason::Malformed, wrong.clone()));
    }
    let mapped = rules.map(submission);
    outcome.trace.mappings.clone_from(&mapped.traces);
    if strict && !made_anyway && rules.waits_for_its_form(submission) {
        return stop(
            outcome,
            Verdict::Held(Reason::FormChanged, FORM_CHANGED.to_owned()),
        );
    }
    if let Some(problem) = mapped.problems.first().filter(|_| strict) {
        return stop(
            outcome,
            Verdict::Held(Reason::ValueProblem, problem.message.clone()),
        );
    }
    let decision = match (submission.known_lead(), submission.decided.choice) {
        (Some(lead), _) => matching::Decision::Existing(lead),
        (None, Some(Choice::New)) => matching::Decision::Create { follows: None },
        (None, _) => {
            let strategies = rules.strategies_for(submission);
            let keys = keys_of(rules.compared(&strategies), |field| mapped.value(field));
            let candidates = leads.candidates(&keys);
            let (decision, traces) = decide(&rules.lead_fields, &strategies, &keys, &candidates);
            outcome.trace.strategies = traces;
            decision
        }
    };
    match decision {
        matching::Decision::Hold(why) => stop(
            outcome,
            Verdict::Held(why.reason(), why.message().to_owned()),
        ),
        matching::Decision::Create { follows } => {
            create(rules, leads, submission, mapped, follows, outcome, now)
        }
        matching::Decision::Existing(lead) => {
            update(rules, leads, submission, mapped, lead, outcome, now)
        }
    }
}

fn create(
    rules: &Rules,
    leads: &mut Leads,
    submission: &Undecided,
    mapped: Mapped,
    follows: Option<i64>,
    mut outcome: Outcome,
    now: i64,
) -> Outcome {
    leads.made += 1;
    let mut lead = Lead {
        id: -leads.made,
        created_by: submission.id,
        follows,
        open: true,
        owner: submission.owner,
        fields: BTreeMap::new(),
        provenance: BTreeMap::new(),
        source: rules.lead_source.clone(),
        first_form: submission.form,
        latest_form: submission.form,
        first_campaign: submission.campaign,
        latest_campaign: submission.campaign,
        submission_count: 1,
        latest_submitted_at: submission.submitted_at,
        modified_at: now,
        version: 1,
    };
    write(rules, &mut lead, submission, mapped, &mut outcome);
    outcome.trace.decision = match (follows, submission.decided.choice) {
        (Some(closed), _) => format!("Made a new lead; it continues the closed lead {closed}."),
        (None, Some(Choice::New)) => "A person decided: made a new lead.".to_owned(),
        (None, _) => "No open lead was equal: made a new lead.".to_owned(),
    };
    outcome.verdict = Verdict::Created;
    outcome.lead = Some(lead.id);
    leads.put(lead, true);
    outcome
}

fn update(
    rules: &Rules,
    leads: &mut Leads,
    submission: &Undecided,
    mapped: Mapped,
    id: i64,
    mut outcome: Outcome,
    now: i64,
) -> Outcome {
    let Some(entry) = leads.leads.get(&id) else {
        outcome.verdict = Verdict::Held(
            Reason::LeadGone,
            "The lead does not exist any more.".to_owned(),
        );
        return outcome;
    };
    let mut lead = entry.lead.clone();
    let known_already = submission.lead == Some(id);
    let chosen = !known_already && submission.decided.lead() == Some(id);
    write(rules, &mut lead, submission, mapped, &mut outcome);
    if chosen && !lead.open {
        lead.open = true;
        outcome.changes.push(Change {
            field: "statecode".to_owned(),
            before: Some("Closed".to_owned()),
            after: Some("Open".to_owned()),
        });
    }
    let later = submission.submitted_at.cmp(&lead.latest_submitted_at);
    let newest = later.is_gt() || (later.is_eq() && !known_already);
    if newest {
        lead.latest_submitted_at = submission.submitted_at;
        lead.latest_form = submission.form;
        lead.latest_campaign = submission.campaign;
    }
    lead.submission_count += i64::from(!known_already);
    let news = !outcome.changes.is_empty() || (newest && !known_already);
    outcome.verdict = if news {
        Verdict::Updated
    } else {
        Verdict::Unchanged
    };
    outcome.trace.decision = match (known_already, news) {
        _ if chosen => "A person decided: it belongs to this lead.".to_owned(),
        (true, _) => "It belongs to this lead already.".to_owned(),
        (false, true) => "Updated the lead that was found.".to_owned(),
        (false, false) => {
            "Found the lead; newer submissions had set every value already.".to_owned()
        }
    };
    outcome.lead = Some(id);
    if lead == entry.lead {
        return outcome;
    }
    // A lead is written once a batch, however many submissions touch it.
    if !entry.touched {
        lead.version += 1;
    }
    lead.modified_at = now;
    leads.put(lead, true);
    outcome
}

/// Writes the mapped values into the lead and notes the effect of each.
fn write(
    rules: &Rules,
    lead: &mut Lead,
    submission: &Undecided,
    mapped: Mapped,
    outcome: &mut Outcome,
) {
    let origin = Origin {
        submission: Some(submission.id),
        submitted_at: submission.submitted_at,
    };
    outcome.trace.mappings = mapped.traces;
    for trace in &mut outcome.trace.mappings {
        let field = rules.lead_fields.get(&trace.lead_field);
        let Some((field, value)) = field.zip(trace.output.as_deref()) else {
            continue;
        };
        if trace.effect == Effect::Superseded {
            continue;
        }
        let (effect, change) = write_field(
            &mut lead.fields,
            &mut lead.provenance,
            field,
            value,
            trace.policy,
            &origin,
        );
        trace.effect = effect;
        outcome.changes.extend(change);
    }
}
