//! Edited rules over real submissions, without writing anything.

use std::collections::BTreeSet;

use super::process::{load_rules, read};
use crate::error::Result;
use crate::mapping::FieldMapping;
use crate::plan::{Leads, Undecided, keys};
use crate::preview::{Preview, preview};
use crate::store::access::Administrator;
use crate::store::leads::find_leads;
use crate::store::submissions::list_latest;

/// How many submissions a preview decides at most.
pub const MOST: u64 = 1_000;

/// What the latest submissions would come to if this mapping stood in place of the one with its id,
/// or behind all others when there is none. Three reads, however many leads there are.
///
/// # Errors
/// When the database cannot be reached.
pub async fn preview_mapping(
    administrator: &Administrator,
    mapping: &FieldMapping,
    latest: u64,
    now: i64,
) -> Result<Preview> {
    let store = administrator.store();
    let in_force = load_rules(store).await?;
    let mut edited = in_force.clone();
    match edited.mappings.iter_mut().find(|m| m.id == mapping.id) {
        Some(old) => old.clone_from(mapping),
        None => edited.mappings.push(mapping.clone()),
    }
    let db = store.reading();
    let latest = list_latest(db, latest.min(MOST)).await?;
    let submissions: Vec<Undecided> = latest.iter().map(read).collect();
    let both = [&in_force, &edited].into_iter();
    let wanted: BTreeSet<_> = both
        .flat_map(|rules| submissions.iter().flat_map(move |s| keys(rules, s)))
        .collect();
    let leads = Leads::new(find_leads(db, &wanted, &BTreeSet::new()).await?);
    Ok(preview(&in_force, &edited, &leads, &submissions, now))
}
