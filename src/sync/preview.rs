//! Edited rules over real submissions, without writing anything.

use std::collections::BTreeSet;

use super::organization::Organization;
use super::process::{load_rules, read};
use crate::error::Result;
use crate::mapping::FieldMapping;
use crate::matching::MatchKey;
use crate::plan::{Leads, Rules, Undecided, keys};
use crate::preview::{Preview, preview};
use crate::store::access::Administrator;
use crate::store::leads::{find_leads, search_leads};
use crate::store::match_fields::match_fields;
use crate::store::strategies::VersionedStrategy;
use crate::store::submissions::list_wanted;
use crate::store::views::paging::Wanted;

/// How many submissions a preview decides at most.
pub const MOST: u64 = 1_000;

/// How many leads are looked through for fields by which they cannot be found yet.
pub const LOOKED_THROUGH: usize = 200_000;

/// What the latest submissions would come to if this mapping stood in place of the one with its id,
/// or behind all others when there is none.
///
/// # Errors
/// When the database cannot be reached.
pub async fn preview_mapping(
    administrator: &Administrator,
    organization: &Organization,
    mapping: &FieldMapping,
    latest: u64,
    now: i64,
) -> Result<Preview> {
    let in_force = load_rules(administrator.store()).await?;
    let mut edited = in_force.clone();
    match edited.mappings.iter_mut().find(|m| m.id == mapping.id) {
        Some(old) => old.clone_from(mapping),
        None => edited.mappings.push(mapping.clone()),
    }
    let rules = [&in_force, &edited];
    decide_twice(administrator, organization, rules, latest, now).await
}

/// What the latest submissions would come to if this strategy were active in place of the one with
/// its id, or behind all others when that one is not active or there is none; without it, if it is
/// not to be active.
///
/// # Errors
/// When the database cannot be reached.
pub async fn preview_strategy(
    administrator: &Administrator,
    organization: &Organization,
    versioned: &VersionedStrategy,
    latest: u64,
    now: i64,
) -> Result<Preview> {
    let in_force = load_rules(administrator.store()).await?;
    let mut edited = in_force.clone();
    let strategy = &versioned.strategy;
    let place = edited.strategies.iter().position(|s| s.id == strategy.id);
    match (place, versioned.active) {
        (Some(place), true) => edited.strategies[place].clone_from(strategy),
        (Some(place), false) => drop(edited.strategies.remove(place)),
        (None, true) => edited.strategies.push(strategy.clone()),
        (None, false) => {}
    }
    let rules = [&in_force, &edited];
    decide_twice(administrator, organization, rules, latest, now).await
}

/// Two reads, however many leads there are; a look at the latest leads more when the edit compares
/// a field by which leads cannot be found yet. Then the organization is asked, if leads live in one.
async fn decide_twice(
    administrator: &Administrator,
    organization: &Organization,
    rules: [&Rules; 2],
    latest: u64,
    now: i64,
) -> Result<Preview> {
    let db = administrator.store().reading();
    // What waits for somebody to look at a changed form is what the edit is for.
    let [in_force, edited] = rules.map(|rules| Rules {
        hold_changed_forms: false,
        ..rules.clone()
    });
    let both = [&in_force, &edited];
    let latest = list_wanted(db, Wanted::default(), latest.min(MOST)).await?;
    let submissions: Vec<Undecided> = latest.iter().map(|due| read(due).as_if_new()).collect();
    let wanted: BTreeSet<MatchKey> = both
        .iter()
        .flat_map(|rules| submissions.iter().flat_map(move |s| keys(rules, s)))
        .collect();
    let lead_fields = &edited.lead_fields;
    let key_fields = match_fields(db).await?;
    let (findable, others): (BTreeSet<_>, BTreeSet<_>) = wanted
        .into_iter()
        .partition(|key| key_fields.get(&key.field).is_some());
    let mut known = find_leads(db, &findable, &BTreeSet::new()).await?;
    for lead in search_leads(db, lead_fields, &others, LOOKED_THROUGH).await? {
        if known.iter().all(|other| other.id != lead.id) {
            known.push(lead);
        }
    }
    let current = organization.current(&both, &submissions, known).await?;
    let compared = edited.strategies.iter().flat_map(|s| s.fields.clone());
    let keyed = key_fields.iter().map(|field| field.name.clone());
    let key_fields = lead_fields.only(&keyed.chain(compared).collect());
    let leads = Leads::new(current.leads, key_fields);
    Ok(Preview {
        not_asked: current.not_asked,
        ..preview(&in_force, &edited, &leads, &submissions, now)
    })
}
