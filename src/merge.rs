//! Two leads become one, and two again. Pure.
//!
//! The survivor gets one value for each field: its own, or the other lead's when somebody chose that
//! or it has none. A value keeps its origin, so that the submissions of both leads can be decided
//! again without changing anything. Where the older of two values was chosen, a newer submission
//! would bring the other one back; such a value counts as written by a person.
//!
//! Undoing takes back what is still as the merge left it, and nothing else: whatever a submission or
//! a person did to the survivor since stays.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::lead::{Change, Lead, Origin};

/// What somebody chose for two leads that are to become one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Logical names of the fields that get the other lead's value, although the survivor has one.
    pub from_other: BTreeSet<String>,
    /// Who works on it; `None` leaves it with the survivor's owner.
    pub owner: Option<i64>,
}

/// A merge as it is kept, with everything that undoing it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Images {
    /// The survivor before.
    pub before: Lead,
    /// The survivor after.
    pub after: Lead,
    /// The lead that was merged into it, before.
    pub other: Lead,
}

/// A submission, as far as a lead remembers its latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latest {
    /// When it was submitted, in milliseconds since the epoch.
    pub submitted_at: i64,
    /// The form that it answers.
    pub form: Option<i64>,
    /// The campaign that it came from.
    pub campaign: Option<i64>,
}

/// Two leads again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The survivor without the other.
    pub survivor: Lead,
    /// The other lead, as it was.
    pub other: Lead,
    /// Fields that the merge had changed and that stay, because they were changed again since.
    pub kept: Vec<String>,
}

/// The survivor with the other lead in it. `other_was_first` says that the other lead's first
/// submission is the earlier one.
#[must_use]
pub fn merge(
    survivor: &Lead,
    other: &Lead,
    choice: &Choice,
    other_was_first: bool,
    now: i64,
) -> Lead {
    let mut merged = survivor.clone();
    for name in names([survivor, other]) {
        let (own, theirs) = (entry(survivor, name), entry(other, name));
        let wanted = own.0.is_none() || (choice.from_other.contains(name) && theirs.0.is_some());
        let (chosen, rival) = if wanted { (theirs, own) } else { (own, theirs) };
        put(&mut merged, name, chosen.0, origin_of(chosen, rival, now));
    }
    merged.owner = choice.owner.or(survivor.owner);
    let own_past = survivor.follows.filter(|id| *id != other.id);
    merged.follows = own_past.or(other.follows.filter(|id| *id != survivor.id));
    if other_was_first {
        merged.first_form = other.first_form;
        merged.first_campaign = other.first_campaign;
    }
    if other.latest_submitted_at > survivor.latest_submitted_at {
        merged.latest_form = other.latest_form;
        merged.latest_campaign = other.latest_campaign;
        merged.latest_submitted_at = other.latest_submitted_at;
    }
    merged.submission_count += other.submission_count;
    merged.modified_at = now;
    merged.version += 1;
    merged
}

/// Takes a merge back. `lead` is the survivor now, `returning` how many of the submissions that
/// moved go back, and `latest` the latest submission of those that stay.
#[must_use]
pub fn undo(
    lead: &Lead,
    images: &Images,
    returning: i64,
    latest: Option<Latest>,
    now: i64,
) -> Undone {
    let Images {
        before,
        after,
        other,
    } = images;
    let mut survivor = lead.clone();
    let mut kept = Vec::new();
    for name in names([before, after]) {
        let (old, merged, stands) = (entry(before, name), entry(after, name), entry(lead, name));
        if stands == merged {
            put(&mut survivor, name, old.0, old.1.cloned());
        } else if old.0 != merged.0 {
            kept.push(name.to_owned());
        }
    }
    if lead.owner == after.owner {
        survivor.owner = before.owner;
    }
    survivor.follows = before.follows;
    survivor.first_form = before.first_form;
    survivor.first_campaign = before.first_campaign;
    let latest = latest.filter(|latest| latest.submitted_at > before.latest_submitted_at);
    let latest = latest.unwrap_or(Latest {
        submitted_at: before.latest_submitted_at,
        form: before.latest_form,
        campaign: before.latest_campaign,
    });
    survivor.latest_form = latest.form;
    survivor.latest_campaign = latest.campaign;
    survivor.latest_submitted_at = latest.submitted_at;
    survivor.submission_count -= returning;
    survivor.modified_at = now;
    survivor.version += 1;
    let other = Lead {
        submission_count: returning,
        modified_at: now,
        // Being merged was a change of it, and this is the next.
        version: other.version + 2,
        ..other.clone()
    };
    Undone {
        survivor,
        other,
        kept,
    }
}

/// The fields in which two states of a lead, or two leads, differ.
#[must_use]
pub fn differences(before: &Lead, after: &Lead) -> Vec<Change> {
    let change = |name: &str| Change {
        field: name.to_owned(),
        before: before.fields.get(name).cloned(),
        after: after.fields.get(name).cloned(),
    };
    let all = names([before, after]).into_iter().map(change);
    all.filter(|change| change.before != change.after).collect()
}

/// A field's value and where it came from.
type Entry<'a> = (Option<&'a String>, Option<&'a Origin>);

fn entry<'a>(lead: &'a Lead, name: &str) -> Entry<'a> {
    (lead.fields.get(name), lead.provenance.get(name))
}

fn put(lead: &mut Lead, name: &str, value: Option<&String>, origin: Option<Origin>) {
    match value {
        Some(value) => lead.fields.insert(name.to_owned(), value.clone()),
        None => lead.fields.remove(name),
    };
    match origin {
        Some(origin) => lead.provenance.insert(name.to_owned(), origin),
        None => lead.provenance.remove(name),
    };
}

/// The one origin of a value that was chosen among two.
fn origin_of(chosen: Entry<'_>, rival: Entry<'_>, now: i64) -> Option<Origin> {
    let overtaken = |rival: &&Origin| chosen.1.is_none_or(|own| own.is_before(rival));
    match rival.1.filter(overtaken) {
        Some(newer) if chosen.0 == rival.0 => Some(newer.clone()),
        Some(newer) => Some(Origin::of_a_person(now, newer)),
        None => chosen.1.cloned(),
    }
}

/// All fields that hold something in one of two leads, or were emptied by a person.
fn names(leads: [&Lead; 2]) -> BTreeSet<&str> {
    let held = leads.into_iter().flat_map(|lead| lead.fields.keys());
    let told = leads.into_iter().flat_map(|lead| lead.provenance.keys());
    held.chain(told).map(String::as_str).collect()
}

#[cfg(test)]
mod tests;
