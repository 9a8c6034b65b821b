//! What running submissions again would come to, without writing anything.

use std::collections::BTreeSet;

use super::organization::Organization;
use super::preview::MOST;
use super::process::{load_rules, read};
use crate::error::Result;
use crate::lead::{Change, LeadFields};
use crate::matching::MatchKey;
use crate::plan::{Leads, Undecided, Verdict, apply, keys};
use crate::preview::Counts;
use crate::store::access::Administrator;
use crate::store::leads::find_leads;
use crate::store::match_fields::match_fields;
use crate::store::replays::meant;
use crate::store::submissions::list_wanted;
use crate::store::views::paging::Total;
use crate::store::views::submissions::{SubmissionFilter, count_wanted};

/// What running submissions again would come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreseen {
    /// The fields that a lead can have.
    pub fields: LeadFields,
    /// How many submissions are meant.
    pub total: Total,
    /// How many of them were looked at: the latest.
    pub seen: usize,
    /// What those come to.
    pub counts: Counts,
    /// Those that would become something else than they are, the latest first.
    pub changes: Vec<Becomes>,
    /// Why the organization that leads live in could not be asked; then this is what was known of its
    /// leads.
    pub not_asked: Option<String>,
}

/// One submission that would become something else than it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Becomes {
    /// Leadline's id of the submission.
    pub submission: i64,
    /// What it comes to, in words.
    pub words: String,
    /// What would change in its lead.
    pub changes: Vec<Change>,
}

/// What the submissions that are wanted would come to if they were run again now.
///
/// # Errors
/// When the database cannot be reached.
pub async fn foresee(
    administrator: &Administrator,
    organization: &Organization,
    filter: &SubmissionFilter,
    now: i64,
) -> Result<Foreseen> {
    let store = administrator.store();
    let db = store.reading();
    let rules = load_rules(store).await?;
    let total = count_wanted(db, &meant(filter)).await?;
    let latest = list_wanted(db, meant(filter), MOST).await?;
    let submissions: Vec<Undecided> = latest.iter().map(read).collect();
    let wanted: BTreeSet<MatchKey> = submissions.iter().flat_map(|s| keys(&rules, s)).collect();
    let ids = submissions.iter().filter_map(Undecided::known_lead);
    let known = find_leads(db, &wanted, &ids.collect()).await?;
    let current = organization.current(&[&rules], &submissions, known).await?;
    let mut leads = Leads::new(current.leads, match_fields(db).await?);
    let mut foreseen = Foreseen {
        fields: rules.lead_fields.clone(),
        total,
        seen: submissions.len(),
        counts: Counts::default(),
        changes: Vec::new(),
        not_asked: current.not_asked,
    };
    for (submission, due) in submissions.iter().zip(&latest) {
        let outcome = apply(&rules, &mut leads, submission, now);
        foreseen.counts.count(&outcome.verdict);
        let words = match (&outcome.verdict, submission.lead) {
            (Verdict::Created, _) => "Makes a new lead".to_owned(),
            (Verdict::Updated, None) => "Comes to a lead that is there".to_owned(),
            (Verdict::Updated, Some(_)) => "Changes its lead".to_owned(),
            (Verdict::Unchanged, None) => "Comes to a lead, changes nothing in it".to_owned(),
            (Verdict::Held(_, why), _) if *why != due.reason => format!("Held: {why}"),
            (Verdict::Skipped(_, why), _) if *why != due.reason => why.clone(),
            _ => continue,
        };
        foreseen.changes.push(Becomes {
            submission: submission.id,
            words,
            changes: outcome.changes,
        });
    }
    foreseen.changes.reverse();
    Ok(foreseen)
}
