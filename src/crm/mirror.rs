//! Leads that live in an organization, as Leadline knows them: what is taken over from there, and
//! what is still to be brought there. Pure.
//!
//! A lead's row holds three things: the values that it is to have, the values that the organization
//! had when it was last seen, and what the organization calls that state (an ETag). What differs
//! between the first two is to be brought there. Nothing else is kept about what is to be written,
//! so a delivery that is interrupted anywhere is simply done again.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::lead::{Fields, Lead, LeadFields, Origin};

/// A record as the organization has it, in the form in which Leadline keeps values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The record.
    pub id: Uuid,
    /// What the organization calls this state of it.
    pub version: String,
    /// Whether submissions may change it.
    pub open: bool,
    /// When it was changed last, in milliseconds since the epoch.
    pub modified_at: i64,
    /// The values of the columns that were asked for; blank ones are absent.
    pub fields: Fields,
}

/// A lead with what the organization has of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror {
    /// The lead as it is to be.
    pub lead: Lead,
    /// Its record; `None` when there is none yet.
    pub record: Option<Uuid>,
    /// What the organization calls the state that was last seen.
    pub version: Option<String>,
    /// The values that were last seen.
    pub seen: Fields,
}

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

/// A lead that the organization had before.
#[must_use]
pub fn known(seen: &Seen) -> Mirror {
    let lead = Lead {
        id: 0,
        created_by: origin_of(seen.id),
        follows: None,
        open: seen.open,
        owner: None,
        fields: seen.fields.clone(),
        provenance: BTreeMap::new(),
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
        seen: seen.fields.clone(),
    }
}

/// Takes over what the organization has now, of the columns that were asked for. What Leadline still
/// has to bring there stays, unless somebody changed the same field there later. Tells whether the
/// lead is another than before.
pub fn absorb(mirror: &mut Mirror, seen: &Seen, asked: &BTreeSet<String>) -> bool {
    let before = mirror.lead.clone();
    for name in asked {
        let (there, was) = (seen.fields.get(name), mirror.seen.get(name));
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
        match seen.fields.get(name) {
            Some(value) => mirror.seen.insert(name.clone(), value.clone()),
            None => mirror.seen.remove(name),
        };
    }
    mirror.lead.open = seen.open;
    mirror.record = Some(seen.id);
    mirror.version = Some(seen.version.clone());
    let another = mirror.lead != before;
    if another {
        mirror.lead.modified_at = mirror.lead.modified_at.max(seen.modified_at);
        mirror.lead.version += 1;
    }
    another
}

/// What is still to be brought to the organization: the fields that it can have and in which the
/// lead differs from what was last seen. `None` empties a field.
#[must_use]
pub fn outgoing(mirror: &Mirror, fields: &LeadFields) -> BTreeMap<String, Option<String>> {
    let differs = |name: &&str| mirror.lead.fields.get(*name) != mirror.seen.get(*name);
    let names = fields.iter().map(|field| field.name.as_str());
    names
        .filter(differs)
        .map(|name| (name.to_owned(), mirror.lead.fields.get(name).cloned()))
        .collect()
}

/// What a new lead gets that nothing else gives it: Dynamics 365 shows no lead without a topic and a
/// last name, but takes one (`dataverse.md` section 4). `about` is what the topic says.
#[must_use]
pub fn supplied(lead: &Fields, about: &str) -> Fields {
    let mut supplied = Fields::new();
    if !lead.contains_key("subject") {
        let topic: String = format!("LinkedIn: {about}").chars().take(300).collect();
        supplied.insert("subject".to_owned(), topic);
    }
    if !lead.contains_key("lastname") {
        let name = lead.get("companyname").or(lead.get("emailaddress1"));
        let name = name.map_or("Unknown", String::as_str);
        supplied.insert("lastname".to_owned(), name.chars().take(50).collect());
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
            open: true,
            modified_at: at,
            fields: fields(of),
        }
    }

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
        assert_eq!(mirror.seen["jobtitle"], "Cook");
        assert_eq!(mirror.lead.fields["jobtitle"], "Chef");
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
        let of = |lead: &[(&str, &str)]| supplied(&fields(lead), "Q4 form");
        assert_eq!(of(&[])["lastname"], "Unknown");
        assert_eq!(of(&[("companyname", "Harbor")])["lastname"], "Harbor");
        assert_eq!(of(&[("lastname", "Byron")]).len(), 1);
        assert_eq!(of(&[])["subject"], "LinkedIn: Q4 form");
    }
}
