//! What a person sees who has to decide about a submission, and what their decision comes to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::process::{decide, load_rules, read, rules_to_decide_by};
use crate::crm::builtin::Builtin;
use crate::error::{Error, Result};
use crate::lead::{Change, Fields, Lead, LeadFields};
use crate::mapping::Mapped;
use crate::plan::{Leads, Rules, Undecided, apply, keys};
use crate::review::{Choice, Decision};
use crate::store::access::Administrator;
use crate::store::audit::{Action, Event, record};
use crate::store::decisions::save_decision;
use crate::store::leads::find_leads;
use crate::store::match_fields::match_fields;
use crate::store::submissions::{Decided, list_these};

/// What a submission says, beside the leads that it may belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The fields that a lead can have.
    pub fields: LeadFields,
    /// What the mappings make of the answers, by the lead field's logical name.
    pub values: Fields,
    /// What does not fit: the lead field's logical name, and what is wrong.
    pub problems: Vec<(String, String)>,
    /// The mappings that these problems come from, by lead field.
    pub mappings: BTreeMap<String, i64>,
    /// The leads, the likeliest first.
    pub candidates: Vec<Candidate>,
}

/// A lead that a submission may belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The lead as it is.
    pub lead: Lead,
    /// Why it was looked at, and why it was not taken.
    pub verdict: String,
    /// What the submission would change in it.
    pub changes: Vec<Change>,
}

/// Looks at what a submission says and at the leads that it may belong to. `beside` is a lead that
/// the person wants to see too.
///
/// # Errors
/// When there is no such submission, or the database cannot be reached.
pub async fn compare(
    administrator: &Administrator,
    id: i64,
    beside: Option<i64>,
    now: i64,
) -> Result<Comparison> {
    let store = administrator.store();
    let db = store.reading();
    let rules = load_rules(store).await?;
    let due = list_these(db, &[id]).await?;
    let due = due.first().ok_or_else(|| Error::not_found("submission"))?;
    // As if it arrived now, whatever does not fit: the strategies are to say what they see.
    let submission = Undecided {
        lead: None,
        malformed: None,
        decided: Decision {
            leave_out: true,
            ..Decision::default()
        },
        ..read(due)
    };
    let wanted = keys(&rules, &submission);
    let known = find_leads(db, &wanted, &beside.into_iter().collect()).await?;
    let leads = Leads::new(known.clone(), match_fields(db).await?);
    let mapped = rules.map(&submission);
    let refused = |field: &str| {
        let mut traces = mapped.traces.iter();
        let found = traces.find(|t| t.lead_field == field && t.note.is_some());
        found.map(|trace| (field.to_owned(), trace.mapping))
    };
    Ok(Comparison {
        fields: rules.lead_fields.clone(),
        values: values(&mapped),
        mappings: mapped
            .problems
            .iter()
            .filter_map(|p| refused(&p.lead_field))
            .collect(),
        candidates: candidates(&rules, &leads, &submission, known, now),
        problems: mapped
            .problems
            .into_iter()
            .map(|p| (p.lead_field, p.message))
            .collect(),
    })
}

fn values(mapped: &Mapped) -> Fields {
    let fields: BTreeSet<&str> = mapped
        .traces
        .iter()
        .map(|t| t.lead_field.as_str())
        .collect();
    fields
        .into_iter()
        .filter_map(|field| Some((field.to_owned(), mapped.value(field)?.to_owned())))
        .collect()
}

/// The leads in the order in which the strategies look at them; one that the person asked for and
/// that no strategy saw comes last.
fn candidates(
    rules: &Rules,
    leads: &Leads,
    submission: &Undecided,
    mut known: Vec<Lead>,
    now: i64,
) -> Vec<Candidate> {
    let seen = apply(rules, &mut leads.clone(), submission, now);
    let tried = seen.trace.strategies.into_iter().flat_map(|s| s.candidates);
    let verdicts: Vec<(i64, String)> = tried.map(|c| (c.lead, c.verdict)).collect();
    let verdict = |id: i64| verdicts.iter().find(|(lead, _)| *lead == id);
    let place = |id: i64| verdicts.iter().position(|(lead, _)| *lead == id);
    known.sort_by_key(|lead| (place(lead.id).unwrap_or(usize::MAX), -lead.modified_at));
    let candidate = |lead: Lead| {
        let chosen = Undecided {
            decided: Decision {
                choice: Some(Choice::Lead(lead.id)),
                ..submission.decided.clone()
            },
            ..submission.clone()
        };
        let outcome = apply(rules, &mut leads.clone(), &chosen, now);
        Candidate {
            verdict: verdict(lead.id).map_or_else(
                || "Not looked at by the strategies.".to_owned(),
                |(_, verdict)| verdict.clone(),
            ),
            changes: outcome.changes,
            lead,
        }
    };
    known.into_iter().take(MOST).map(candidate).collect()
}

/// How many leads are shown beside a submission.
const MOST: usize = 10;

/// What a decision came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// What became of each submission.
    pub decided: Vec<Decided>,
    /// How many were left as they are, because they belong to a lead already.
    pub passed_over: usize,
}

/// Keeps a person's decision and carries it out, all in one transaction. A decision without a
/// choice runs the submissions again by the rules in force.
///
/// # Errors
/// When there are no such submissions, they belong to a lead already, the chosen lead does not
/// exist, or the database refuses; then nothing was changed.
pub async fn settle(
    administrator: &Administrator,
    ids: &[i64],
    decision: &Decision,
) -> Result<Settled> {
    let store = administrator.store();
    let rules = rules_to_decide_by(store).await?;
    let crm = Builtin::begin(store).await?;
    let now = store.clock().await?;
    let meant = save_decision(crm.transaction(), ids, decision).await?;
    let due = list_these(crm.transaction(), &meant).await?;
    let decided = decide(&crm, &rules, &due, administrator.actor(), now).await?;
    let name = match meant.as_slice() {
        [only] => only.to_string(),
        many => format!("{} and {} more", many[0], many.len() - 1),
    };
    let event = Event::new(Action::Decided, "submission", meant[0], &name).after(json!({
        "choice": decision.choice.map_or("run again", Choice::slug),
        "lead": decision.lead(),
        "left out what does not fit": decision.leave_out,
        "submissions": meant,
    }));
    record(crm.transaction(), administrator.actor(), event, now).await?;
    crm.commit().await?;
    Ok(Settled {
        passed_over: ids.len() - meant.len(),
        decided,
    })
}
