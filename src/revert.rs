//! What one attempt changed in a lead is taken back, as far as nothing newer changed it. Pure.

use crate::lead::{Change, Lead, Origin};

/// What taking back comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reverted {
    /// The fields that return to what they were.
    pub back: Vec<Change>,
    /// The fields that were changed since, and stay.
    pub kept: Vec<String>,
}

/// Returns each field that still holds what this submission wrote to its value before. It counts as
/// written by a person now: the submission, when it is decided again, does not write it once more.
pub fn revert(lead: &mut Lead, submission: i64, changes: &[Change], now: i64) -> Reverted {
    let mut reverted = Reverted::default();
    for change in changes {
        let origin = lead.provenance.get(&change.field);
        let origin = origin.filter(|origin| origin.submission == Some(submission));
        let stands = lead.fields.get(&change.field) == change.after.as_ref();
        match origin.filter(|_| stands) {
            None => reverted.kept.push(change.field.clone()),
            Some(origin) => {
                let by_a_person = Origin::of_a_person(now, origin);
                reverted.back.push(Change {
                    field: change.field.clone(),
                    before: change.after.clone(),
                    after: change.before.clone(),
                });
                match &change.before {
                    Some(value) => lead.fields.insert(change.field.clone(), value.clone()),
                    None => lead.fields.remove(&change.field),
                };
                lead.provenance.insert(change.field.clone(), by_a_person);
            }
        }
    }
    reverted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lead::{Effect, Fields, LeadFields, Policy, Provenance, write_field};

    /// A lead of submission 1, which was made at 10, with what it wrote.
    fn lead(job: &str) -> Lead {
        let origin = Origin {
            submission: Some(1),
            submitted_at: 10,
        };
        Lead {
            id: 1,
            created_by: 1,
            follows: None,
            open: true,
            owner: None,
            fields: Fields::from([("jobtitle".to_owned(), job.to_owned())]),
            provenance: Provenance::from([("jobtitle".to_owned(), origin)]),
            source: String::new(),
            first_form: None,
            latest_form: None,
            first_campaign: None,
            latest_campaign: None,
            submission_count: 1,
            latest_submitted_at: 10,
            modified_at: 10,
            version: 1,
        }
    }

    /// What a submission does to the lead's fields.
    fn submit(lead: &mut Lead, id: i64, at: i64, values: &[(&str, &str)]) -> Vec<Change> {
        let origin = Origin {
            submission: Some(id),
            submitted_at: at,
        };
        let (catalogue, mut changes) = (LeadFields::standard(), Vec::new());
        for (name, value) in values {
            let field = catalogue.get(name).unwrap();
            let (fields, provenance) = (&mut lead.fields, &mut lead.provenance);
            let policy = Policy::Overwrite;
            let (effect, change) = write_field(fields, provenance, field, value, policy, &origin);
            assert_eq!(effect == Effect::Written, change.is_some());
            changes.extend(change);
        }
        changes
    }

    #[test]
    fn what_was_changed_since_stays() {
        let mut lead = lead("Cook");
        let values = [
            ("jobtitle", "Chef"),
            ("companyname", "Acme"),
            ("address1_city", "Oslo"),
        ];
        let changes = submit(&mut lead, 2, 20, &values);
        submit(&mut lead, 3, 30, &[("companyname", "Globex")]);
        let told = revert(&mut lead, 2, &changes, 40);
        assert_eq!(told.kept, ["companyname"]);
        let back: Vec<_> = told
            .back
            .iter()
            .map(|c| (c.field.as_str(), c.after.as_deref()))
            .collect();
        assert_eq!(back, [("jobtitle", Some("Cook")), ("address1_city", None)]);
        assert_eq!(lead.fields["jobtitle"], "Cook");
        assert_eq!(lead.fields["companyname"], "Globex");
        assert!(!lead.fields.contains_key("address1_city"));
        let again = revert(&mut lead, 2, &changes, 50);
        assert_eq!(
            (again.back.len(), again.kept.len()),
            (0, 3),
            "it is done once"
        );
    }

    #[test]
    fn the_same_value_of_another_submission_stays() {
        let mut lead = lead("Cook");
        let changes = submit(&mut lead, 2, 20, &[("jobtitle", "Chef")]);
        submit(&mut lead, 3, 30, &[("jobtitle", "Chef")]);
        assert_eq!(revert(&mut lead, 2, &changes, 40).back, []);
    }

    proptest! {
        /// Whatever it wrote and whatever the clock says: deciding it again writes nothing, and a
        /// later submission does.
        #[test]
        fn what_was_taken_back_stays_away(
            values in proptest::collection::btree_map("jobtitle|companyname|address1_city", "[A-C]", 0..4),
            now in 0..60i64,
        ) {
            let values: Vec<(&str, &str)> = values.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            let first = lead("A");
            let mut lead = first.clone();
            let changes = submit(&mut lead, 2, 20, &values);
            let told = revert(&mut lead, 2, &changes, now);
            prop_assert_eq!(told.kept.len(), 0);
            prop_assert_eq!(&lead.fields, &first.fields);
            prop_assert_eq!(submit(&mut lead, 2, 20, &values), vec![]);
            prop_assert_eq!(submit(&mut lead, 3, 99, &values).len(), changes.len());
        }
    }
}
