//! Leads that live in an organization, as Leadline knows them: what is taken over from there, and
//! what is still to be brought there. Pure.
//!
//! A lead's row holds three things: what it is to be (its values, whether it is open, whose it is), what
//! the organization had of that when it was last seen, and what the organization calls that version (an
//! ETag). What differs between the first two is to be brought there. Nothing else is kept about what
//! is to be written, so a delivery that is interrupted anywhere is simply done again.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::lead::{Fields, Lead, LeadFields, Origin, beginning};

/// A record as the organization has it, in the form in which Leadline keeps values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The record.
    pub id: Uuid,
    /// What the organization calls this version of it.
    pub version: String,
    /// When it was changed last, in milliseconds since the epoch.
    pub modified_at: i64,
    /// What it has of the lead; of the fields those that were asked for.
    pub has: There,
}

/// What the organization has of a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct There {
    /// The values; blank ones are absent.
    pub fields: Fields,
    /// Whether it is open: neither qualified nor disqualified.
    pub open: bool,
    /// The user or team whose it is there; `None` as long as that was not seen.
    pub user: Option<Uuid>,
    /// Whose the lead was here when that was so.
    pub owner: Option<i64>,
}

/// A lead with what the organization has of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror {
    /// The lead as it is to be.
    pub lead: Lead,
    /// Its record, or the one that it will be; `None` when that is open.
    pub record: Option<Uuid>,
    /// What the organization calls the version that was last seen; `None` when there was none yet.
    pub version: Option<String>,
    /// What was last seen; what a new record will have, as long as there is none.
    pub seen: There,
}

/// The state and its reason in which a lead is that is opened: Open, New.
const OPENED: [(&str, i64); 2] = [("statecode", 0), ("statuscode", 1)];
/// Those of a lead that is closed here: Disqualified, Lost. To qualify leads is for the organization.
const CLOSED: [(&str, i64); 2] = [("statecode", 2), ("statuscode", 4)];

/// Whose lead nobody's submission made: the organization had it before. The number is below zero,
/// says which record it is, and so is the same whenever the record is seen.
#[must_use]
pub fn origin_of(record: Uuid) -> i64 {
    let (_, low) = record.as_u64_pair();
    // The first bit is the same in all of them.
    -1 - (low & i64::MAX.unsigned_abs()).cast_signed()
}

/// The record that a submission makes in an organization: the same whenever it is tried, so that it
/// cannot be made twice (`dataverse.md` section 5, 4a).
#[must_use]
pub fn record_for(organization: Uuid, account: &str, response: &str) -> Uuid {
    let name = format!("linkedin-lead|{account}|{response}");
    Uuid::new_v5(&organization, name.as_bytes())
}

/// A lead that the organization had before. Who wrote what when is not told there, so all that it has
/// counts as written by somebody there when the record was changed last.
#[must_use]
pub fn known(seen: &Seen) -> Mirror {
    let names = seen.has.fields.keys();
    let lead = Lead {
        id: 0,
        created_by: origin_of(seen.id),
        follows: None,
        open: seen.has.open,
        owner: seen.has.owner,
        fields: seen.has.fields.clone(),
        provenance: names
            .map(|name| (name.clone(), by_somebody_there(seen)))
            .collect(),
        source: String::new(),
        first_form: None,
        latest_form: None,
        first_campaign: None,
        latest_campaign: None,
        submission_count: 0,
        latest_submitted_at: 0,
        modified_at: seen.modified_at,
        version: 1,
    };
    Mirror {
        lead,
        record: Some(seen.id),
        version: Some(seen.version.clone()),
        seen: seen.has.clone(),
    }
}

/// Where a value comes from that somebody there wrote, as far as the record tells.
fn by_somebody_there(seen: &Seen) -> Origin {
    Origin {
        submission: None,
        submitted_at: seen.modified_at,
    }
}

/// Takes over what the organization has now, of the columns that were asked for. What Leadline still
/// has to bring there stays, unless somebody changed the same field there later. Tells whether the
/// lead is another than before.
pub fn absorb(mirror: &mut Mirror, seen: &Seen, asked: &BTreeSet<String>) -> bool {
    let before = mirror.lead.clone();
    for name in asked {
        let (there, was) = (seen.has.fields.get(name), mirror.seen.fields.get(name));
        let waits = mirror.lead.fields.get(name) != was;
        if there == was || there == mirror.lead.fields.get(name) {
            continue;
        }
        let ours = mirror.lead.provenance.get(name);
        let older = ours.is_none_or(|ours| ours.submitted_at < seen.modified_at);
        if waits && !older {
            continue;
        }
        match there {
            Some(value) => mirror.lead.fields.insert(name.clone(), value.clone()),
            None => mirror.lead.fields.remove(name),
        };
        let origin = by_somebody_there(seen);
        mirror.lead.provenance.insert(name.clone(), origin);
    }
    for name in asked {
        match seen.has.fields.get(name) {
            Some(value) => mirror.seen.fields.insert(name.clone(), value.clone()),
            None => mirror.seen.fields.remove(name),
        };
    }
    // It is open or not: who changed that there wants what somebody here wants, or is the only one.
    if seen.has.open != mirror.seen.open {
        mirror.lead.open = seen.has.open;
    }
    mirror.seen.open = seen.has.open;
    mirror.lead.owner = owner(mirror, seen);
    if mirror.lead.owner == seen.has.owner {
        mirror.seen.owner = seen.has.owner;
    }
    mirror.seen.user = seen.has.user;
    mirror.record = Some(seen.id);
    mirror.version = Some(seen.version.clone());
    let another = mirror.lead != before;
    if another {
        mirror.lead.modified_at = mirror.lead.modified_at.max(seen.modified_at);
        mirror.lead.version += 1;
    }
    another
}

/// Whose the lead is once it was seen like this: the later one of two changes counts.
fn owner(mirror: &Mirror, seen: &Seen) -> Option<i64> {
    let (ours, was, theirs) = (mirror.lead.owner, mirror.seen.owner, seen.has.owner);
    let newer = ours != was && mirror.lead.modified_at >= seen.modified_at;
    match mirror.seen.user {
        // Nobody gave it away there; but they whose it is may be new here.
        user if user == seen.has.user => ours.or(theirs.filter(|_| was.is_none())),
        _ if newer => ours,
        // It was not known whose it is there. If that is nobody here, it stays theirs who have it.
        None => theirs.or(ours),
        Some(_) => theirs,
    }
}

/// What is still to be brought to the organization: the fields that it can have and in which the
/// lead differs from what was last seen. `None` empties a field.
#[must_use]
pub fn outgoing(mirror: &Mirror, fields: &LeadFields) -> BTreeMap<String, Option<String>> {
    let differs = |name: &&str| mirror.lead.fields.get(*name) != mirror.seen.fields.get(*name);
    let names = fields.iter().map(|field| field.name.as_str());
    names
        .filter(differs)
        .map(|name| (name.to_owned(), mirror.lead.fields.get(name).cloned()))
        .collect()
}

/// The state and its reason that are still to be brought to a record; always both. A lead that is closed
/// there stays closed in its own way, so that none that was qualified is disqualified.
#[must_use]
pub fn state(mirror: &Mirror) -> Option<[(&'static str, i64); 2]> {
    let state = if mirror.lead.open { OPENED } else { CLOSED };
    (mirror.lead.open != mirror.seen.open).then_some(state)
}

/// Takes back what these submissions changed in the lead and what has not arrived. The lead became
/// another one already when it was seen, so that its version stays.
pub fn take_back(mirror: &mut Mirror, submissions: &BTreeSet<i64>) {
    let lead = &mut mirror.lead;
    let by_them = |origin: &Origin| {
        origin
            .submission
            .is_some_and(|id| submissions.contains(&id))
    };
    let waits = lead.provenance.iter().filter(|(_, origin)| by_them(origin));
    let names: Vec<String> = waits.map(|(name, _)| name.clone()).collect();
    for name in names {
        let there = mirror.seen.fields.get(&name);
        if lead.fields.get(&name) == there {
            continue;
        }
        match there.cloned() {
            Some(value) => {
                // It is as old as the last change there, as what is seen for the first time.
                let there = Origin {
                    submission: None,
                    submitted_at: lead.modified_at,
                };
                lead.provenance.insert(name.clone(), there);
                lead.fields.insert(name, value);
            }
            None => {
                lead.provenance.remove(&name);
                lead.fields.remove(&name);
            }
        }
    }
    let count = i64::try_from(submissions.len()).unwrap_or(i64::MAX);
    lead.submission_count = lead.submission_count.saturating_sub(count).max(0);
}

/// What the organization has once the lead has arrived with these values, and with this user as the
/// owner if it is to be another one.
#[must_use]
pub fn arrived(
    mirror: &Mirror,
    values: &BTreeMap<String, Option<String>>,
    user: Option<Uuid>,
) -> There {
    let mut fields = mirror.seen.fields.clone();
    for (name, value) in values {
        match value {
            Some(value) => fields.insert(name.clone(), value.clone()),
            None => fields.remove(name),
        };
    }
    There {
        fields,
        open: mirror.lead.open,
        user: user.or(mirror.seen.user),
        // Whoever has no user there owns it here only; nothing more can be brought there.
        owner: mirror.lead.owner.or(mirror.seen.owner),
    }
}

/// What a new lead gets that nothing else gives it: Dynamics 365 shows no lead without a topic and a
/// last name, but takes one (`dataverse.md` section 4). `about` is what the topic says. Each is cut to
/// what its field holds.
#[must_use]
pub fn supplied(lead: &Fields, about: &str, fields: &LeadFields) -> Fields {
    let mut supplied = Fields::new();
    let mut supply = |name: &str, value: &str, usual: usize| {
        let most = fields.get(name).map_or(usual, |field| field.max_length);
        supplied.insert(name.to_owned(), beginning(value, most).to_owned());
    };
    if !lead.contains_key("subject") {
        supply("subject", &format!("LinkedIn: {about}"), 300);
    }
    if !lead.contains_key("lastname") {
        let name = lead.get("companyname").or(lead.get("emailaddress1"));
        supply("lastname", name.map_or("Unknown", String::as_str), 50);
    }
    supplied
}

#[cfg(test)]
mod tests;
