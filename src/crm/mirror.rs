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
    let by_somebody_there = Origin {
        submission: None,
        submitted_at: seen.modified_at,
    };
    let names = seen.has.fields.keys();
    let lead = Lead {
        id: 0,
        created_by: origin_of(seen.id),
        follows: None,
        open: seen.has.open,
        owner: seen.has.owner,
        fields: seen.has.fields.clone(),
        provenance: names
            .map(|name| (name.clone(), by_somebody_there.clone()))
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
        let by_somebody_there = Origin {
            submission: None,
            submitted_at: seen.modified_at,
        };
        mirror
            .lead
            .provenance
            .insert(name.clone(), by_somebody_there);
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

/// Takes back what these submissions changed in the lead and what has not arrived.
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
        lead.provenance.remove(&name);
        match there.cloned() {
            Some(value) => lead.fields.insert(name, value),
            None => lead.fields.remove(&name),
        };
    }
    let count = i64::try_from(submissions.len()).unwrap_or(i64::MAX);
    lead.submission_count = lead.submission_count.saturating_sub(count).max(0);
    lead.version += 1;
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
mod tests {
    use super::*;

    fn fields(of: &[(&str, &str)]) -> Fields {
        of.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn seen(at: i64, of: &[(&str, &str)]) -> Seen {
        Seen {
            id: Uuid::from_u128(7),
            version: format!("W/\"{at}\""),
            modified_at: at,
            has: There {
                fields: fields(of),
                open: true,
                user: Some(MIA),
                owner: None,
            },
        }
    }

    const MIA: Uuid = Uuid::from_u128(11);
    const LOU: Uuid = Uuid::from_u128(12);

    fn asked() -> BTreeSet<String> {
        ["firstname", "jobtitle"].map(str::to_owned).into()
    }

    /// A lead that was seen at 10, and in which a submission made at 20 then changed the job.
    fn waiting() -> Mirror {
        let mut mirror = known(&seen(10, &[("firstname", "Ada"), ("jobtitle", "Cook")]));
        mirror
            .lead
            .fields
            .insert("jobtitle".to_owned(), "Chef".to_owned());
        let by = Origin {
            submission: Some(3),
            submitted_at: 20,
        };
        mirror.lead.provenance.insert("jobtitle".to_owned(), by);
        mirror
    }

    #[test]
    fn what_a_lead_has_when_it_is_first_seen_is_as_old_as_its_last_change() {
        let lead = known(&seen(10, &[("firstname", "Ada")])).lead;
        let origin = &lead.provenance["firstname"];
        assert_eq!((origin.submission, origin.submitted_at), (None, 10));
        assert_eq!(lead.provenance.len(), 1, "what is empty may be filled");
    }

    #[test]
    fn only_what_differs_goes_out() {
        let out = outgoing(&waiting(), &LeadFields::standard());
        assert_eq!(
            out,
            [("jobtitle".to_owned(), Some("Chef".to_owned()))].into()
        );
        let mut emptied = waiting();
        emptied.lead.fields.remove("firstname");
        let out = outgoing(&emptied, &LeadFields::standard());
        assert_eq!(out.get("firstname"), Some(&None));
    }

    #[test]
    fn what_others_changed_there_is_taken_over_and_what_waits_stays() {
        let mut mirror = waiting();
        let now = seen(15, &[("firstname", "Augusta"), ("jobtitle", "Cook")]);
        assert!(absorb(&mut mirror, &now, &asked()));
        assert_eq!(
            mirror.lead.fields,
            fields(&[("firstname", "Augusta"), ("jobtitle", "Chef")])
        );
        assert_eq!(mirror.lead.provenance["firstname"].submission, None);
        let out = outgoing(&mirror, &LeadFields::standard());
        assert_eq!(out.len(), 1, "the job still goes out");
        assert!(!absorb(&mut mirror, &now, &asked()), "nothing more to take");
    }

    #[test]
    fn of_two_changes_of_one_field_the_later_one_counts() {
        for (at, kept) in [(19, "Chef"), (21, "Baker")] {
            let mut mirror = waiting();
            let now = seen(at, &[("firstname", "Ada"), ("jobtitle", "Baker")]);
            absorb(&mut mirror, &now, &asked());
            assert_eq!(mirror.lead.fields["jobtitle"], kept, "changed at {at}");
            let out = outgoing(&mirror, &LeadFields::standard());
            assert_eq!(out.is_empty(), kept == "Baker");
        }
    }

    #[test]
    fn what_arrived_already_does_not_go_out_again() {
        let mut mirror = waiting();
        let now = seen(30, &[("firstname", "Ada"), ("jobtitle", "Chef")]);
        assert!(!absorb(&mut mirror, &now, &asked()));
        assert!(outgoing(&mirror, &LeadFields::standard()).is_empty());
        assert_eq!(
            mirror.lead.provenance["jobtitle"].submission,
            Some(3),
            "it is still the submission's"
        );
    }

    #[test]
    fn a_column_that_was_not_asked_for_is_left_alone() {
        let mut mirror = waiting();
        let only: BTreeSet<String> = ["firstname".to_owned()].into();
        absorb(&mut mirror, &seen(30, &[("firstname", "Ada")]), &only);
        assert_eq!(mirror.seen.fields["jobtitle"], "Cook");
        assert_eq!(mirror.lead.fields["jobtitle"], "Chef");
    }

    /// A record that was open or closed when it was seen at 10.
    fn stands(open: bool, at: i64) -> Seen {
        let mut seen = seen(at, &[]);
        seen.has.open = open;
        seen
    }

    #[test]
    fn the_state_goes_out_with_its_reason_when_it_differs() {
        for (there, here, out) in [
            (true, true, None),
            (true, false, Some([("statecode", 2), ("statuscode", 4)])),
            (false, true, Some([("statecode", 0), ("statuscode", 1)])),
            (false, false, None),
        ] {
            let mut mirror = known(&stands(there, 10));
            mirror.lead.open = here;
            assert_eq!(state(&mirror), out, "{there} there, {here} here");
            mirror.seen = arrived(&mirror, &BTreeMap::new(), None);
            assert_eq!(state(&mirror), None, "it has arrived");
        }
    }

    #[test]
    fn a_state_that_was_changed_there_is_taken_over_and_one_that_waits_stays() {
        for (was, here, there, becomes, goes_out) in [
            (true, true, false, false, false),
            (false, false, true, true, false),
            // It waits, and something else was changed there.
            (true, false, true, false, true),
            (false, true, false, true, true),
            // Closed here, qualified there; opened here and there.
            (true, false, false, false, false),
            (false, true, true, true, false),
        ] {
            let mut mirror = known(&stands(was, 10));
            mirror.lead.open = here;
            let another = absorb(&mut mirror, &stands(there, 30), &asked());
            assert_eq!(mirror.lead.open, becomes, "{was} {here} {there}");
            assert_eq!(state(&mirror).is_some(), goes_out, "{was} {here} {there}");
            assert_eq!(another, here != becomes);
        }
    }

    /// A record of this user's, who is this person here.
    fn belongs(user: Uuid, owner: Option<i64>, at: i64) -> Seen {
        let mut seen = seen(at, &[]);
        (seen.has.user, seen.has.owner) = (Some(user), owner);
        seen
    }

    #[test]
    fn whoever_owns_it_there_owns_it_here() {
        let mut mirror = known(&belongs(MIA, Some(1), 10));
        assert_eq!(mirror.lead.owner, Some(1));
        assert!(absorb(&mut mirror, &belongs(LOU, Some(2), 30), &asked()));
        assert_eq!(mirror.lead.owner, Some(2));
        assert!(absorb(&mut mirror, &belongs(MIA, None, 40), &asked()));
        assert_eq!(mirror.lead.owner, None, "it is somebody's who is not here");
        assert!(absorb(&mut mirror, &belongs(MIA, Some(1), 40), &asked()));
        assert_eq!(mirror.lead.owner, Some(1), "who has come since");
        assert!(!absorb(&mut mirror, &belongs(MIA, None, 40), &asked()));
        assert_eq!(mirror.lead.owner, Some(1), "only giving it away takes it");
    }

    #[test]
    fn of_two_new_owners_the_later_one_counts() {
        for (at, owner) in [(19, Some(3)), (21, Some(2))] {
            let mut mirror = known(&belongs(MIA, Some(1), 10));
            (mirror.lead.owner, mirror.lead.modified_at) = (Some(3), 20);
            absorb(&mut mirror, &belongs(LOU, Some(2), at), &asked());
            assert_eq!(mirror.lead.owner, owner, "given away there at {at}");
            assert_eq!(mirror.seen.user, Some(LOU));
            assert_eq!(mirror.lead.owner != mirror.seen.owner, at == 19);
        }
    }

    #[test]
    fn an_owner_who_has_no_user_there_owns_it_here_until_it_is_given_away() {
        let mut mirror = known(&belongs(MIA, None, 10));
        (mirror.lead.owner, mirror.seen.user) = (Some(3), None);
        mirror.seen = arrived(&mirror, &BTreeMap::new(), None);
        assert_eq!(mirror.seen.owner, Some(3), "nothing more goes out");
        absorb(&mut mirror, &belongs(MIA, None, 30), &asked());
        assert_eq!(mirror.lead.owner, Some(3), "the first time it is seen");
        absorb(&mut mirror, &belongs(LOU, Some(2), 40), &asked());
        assert_eq!(mirror.lead.owner, Some(2));
    }

    #[test]
    fn a_record_is_the_same_however_often_it_is_tried() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(record_for(one, "1", "a"), record_for(one, "1", "a"));
        assert_ne!(record_for(one, "1", "a"), record_for(one, "2", "a"));
        assert_ne!(record_for(one, "1", "a"), record_for(other, "1", "a"));
        assert!(origin_of(Uuid::from_u128(u128::MAX)) < 0 && origin_of(Uuid::nil()) < 0);
        assert_ne!(origin_of(one), origin_of(Uuid::nil()));
    }

    #[test]
    fn a_lead_without_a_name_gets_one() {
        let all = LeadFields::standard();
        let of = |lead: &[(&str, &str)]| supplied(&fields(lead), "Q4 form", &all);
        assert_eq!(of(&[])["lastname"], "Unknown");
        assert_eq!(of(&[("companyname", "Harbor")])["lastname"], "Harbor");
        assert_eq!(of(&[("lastname", "Byron")]).len(), 1);
        assert_eq!(of(&[])["subject"], "LinkedIn: Q4 form");
    }

    #[test]
    fn what_is_supplied_fits_its_column_and_no_character_is_cut_in_two() {
        let harbor = format!("{}\u{1F6A2}, a harbor", "x".repeat(49));
        let lead = fields(&[("companyname", &harbor)]);
        let standard = supplied(&lead, &"\u{1F6A2}".repeat(200), &LeadFields::standard());
        assert_eq!(standard["lastname"], "x".repeat(49), "50 units of UTF-16");
        assert_eq!(
            standard["subject"],
            format!("LinkedIn: {}", "\u{1F6A2}".repeat(145))
        );

        let mut short = LeadFields::standard().get("lastname").unwrap().clone();
        short.max_length = 20;
        let own = supplied(&lead, "form", &[short].into_iter().collect());
        assert_eq!(own["lastname"], "x".repeat(20), "as long as the column");
    }
}
