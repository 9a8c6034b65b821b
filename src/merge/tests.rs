use proptest::prelude::*;

use super::*;
use crate::lead::{Fields, LeadFields, Policy, Provenance, write_field};

const FIELDS: [&str; 3] = ["jobtitle", "companyname", "address1_city"];
const NOW: i64 = 100;

/// A submission: when it was made, and what it says.
type Said = (i64, Vec<Option<String>>);

/// A lead of these submissions, whose ids begin above `id` times a thousand.
fn lead(id: i64, said: &[Said]) -> Lead {
    let mut lead = Lead {
        id,
        created_by: id * 1_000,
        follows: None,
        open: true,
        owner: Some(id),
        fields: Fields::new(),
        provenance: Provenance::new(),
        source: String::new(),
        first_form: Some(id),
        latest_form: Some(id),
        first_campaign: None,
        latest_campaign: Some(id),
        submission_count: said.len() as i64,
        latest_submitted_at: said.iter().map(|(at, _)| *at).max().unwrap_or(0),
        modified_at: 1,
        version: 7,
    };
    for submission in submissions(id, said) {
        write(&mut lead, submission);
    }
    lead
}

fn submissions(lead: i64, said: &[Said]) -> Vec<(i64, &Said)> {
    let numbered = said.iter().enumerate();
    numbered
        .map(|(place, said)| (lead * 1_000 + place as i64, said))
        .collect()
}

/// Lets a submission write what it says; tells how many fields that changed.
fn write(lead: &mut Lead, (id, (submitted_at, values)): (i64, &Said)) -> usize {
    let origin = Origin {
        submission: Some(id),
        submitted_at: *submitted_at,
    };
    let catalogue = LeadFields::standard();
    let said = FIELDS.iter().zip(values);
    let said = said.filter_map(|(name, value)| Some((catalogue.get(name)?, value.as_ref()?)));
    let changes = said.filter_map(|(field, value)| {
        let (fields, provenance) = (&mut lead.fields, &mut lead.provenance);
        write_field(fields, provenance, field, value, Policy::Overwrite, &origin).1
    });
    changes.count()
}

/// Without what every change counts up.
fn content(lead: &Lead) -> Lead {
    Lead {
        version: 0,
        modified_at: 0,
        ..lead.clone()
    }
}

fn choose(names: &[&str]) -> Choice {
    Choice {
        from_other: names.iter().map(|name| (*name).to_owned()).collect(),
        owner: None,
    }
}

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

fn two() -> (Lead, Lead) {
    let own = lead(1, &[(10, vec![text("Cook"), None, text("Oslo")])]);
    let other = lead(2, &[(20, vec![text("Chef"), text("Acme"), text("Oslo")])]);
    (own, other)
}

#[test]
fn the_survivor_keeps_its_values_and_is_filled_where_it_has_none() {
    let (own, other) = two();
    let merged = merge(&own, &other, &Choice::default(), false, NOW);
    let values: Vec<&str> = FIELDS
        .iter()
        .map(|name| merged.fields[*name].as_str())
        .collect();
    assert_eq!(values, ["Cook", "Acme", "Oslo"]);
    assert_eq!(merged.provenance["companyname"].submission, Some(2_000));
    assert_eq!(
        merged.provenance["address1_city"].submission,
        Some(2_000),
        "the newer of two equal"
    );
    assert_eq!(
        merged.provenance["jobtitle"].submission, None,
        "somebody preferred the older one"
    );
    assert_eq!((merged.submission_count, merged.owner), (2, Some(1)));
    assert_eq!((merged.first_form, merged.latest_form), (Some(1), Some(2)));

    let chosen = merge(&own, &other, &choose(&["jobtitle"]), true, NOW);
    assert_eq!(chosen.fields["jobtitle"], "Chef");
    assert_eq!(chosen.provenance["jobtitle"].submission, Some(2_000));
    assert_eq!(chosen.first_form, Some(2));
}

#[test]
fn a_lead_never_continues_itself() {
    let (mut own, mut other) = two();
    own.follows = Some(other.id);
    other.follows = Some(9);
    let merged = merge(&own, &other, &Choice::default(), false, NOW);
    assert_eq!(merged.follows, Some(9));
    other.follows = Some(own.id);
    let merged = merge(&own, &other, &Choice::default(), false, NOW);
    assert_eq!(merged.follows, None);
}

#[test]
fn undoing_leaves_what_happened_since() {
    let (before, other) = two();
    let after = merge(&before, &other, &Choice::default(), false, NOW);
    let mut lead = after.clone();
    write(&mut lead, (3_000, &(200, vec![None, text("Globex"), None])));
    lead.owner = Some(5);
    lead.submission_count += 1;
    let images = Images {
        before,
        after,
        other,
    };
    let latest = Latest {
        submitted_at: 200,
        form: Some(3),
        campaign: None,
    };
    let undone = undo(&lead, &images, 1, Some(latest), 300);
    assert_eq!(undone.kept, ["companyname"]);
    assert_eq!(undone.survivor.fields["companyname"], "Globex");
    assert_eq!(
        (undone.survivor.owner, undone.survivor.submission_count),
        (Some(5), 2)
    );
    assert_eq!(
        (
            undone.survivor.latest_form,
            undone.survivor.latest_submitted_at
        ),
        (Some(3), 200)
    );
    assert_eq!(content(&undone.other), content(&images.other));
    assert_eq!(undone.other.version, images.other.version + 2);
    let back = differences(&lead, &undone.survivor);
    assert_eq!(back, [], "Cook and Oslo were its own");
}

fn said() -> impl Strategy<Value = Vec<Said>> {
    let value = proptest::option::of("[A-Ca-c]");
    let values = proptest::collection::vec(value, FIELDS.len());
    proptest::collection::vec((0..50i64, values), 1..5)
}

fn chosen() -> impl Strategy<Value = Choice> {
    let names = proptest::sample::subsequence(FIELDS.to_vec(), 0..=FIELDS.len());
    (names, proptest::option::of(3..5i64)).prop_map(|(names, owner)| Choice {
        owner,
        ..choose(&names)
    })
}

proptest! {
    #[test]
    fn merging_and_undoing_gives_both_leads_back(
        own in said(), others in said(), choice in chosen(), other_was_first: bool,
    ) {
        let (before, other) = (lead(1, &own), lead(2, &others));
        let after = merge(&before, &other, &choice, other_was_first, NOW);
        let images = Images { before, after: after.clone(), other };
        let staying = own.iter().max_by_key(|(at, _)| *at).map(|(at, _)| Latest {
            submitted_at: *at, form: None, campaign: None,
        });
        let undone = undo(&after, &images, images.other.submission_count, staying, 2 * NOW);
        prop_assert_eq!(content(&undone.survivor), content(&images.before));
        prop_assert_eq!(content(&undone.other), content(&images.other));
        prop_assert_eq!(undone.kept.len(), 0);
        prop_assert!(undone.survivor.version > after.version);
    }

    #[test]
    fn no_value_is_lost_and_the_counts_are_the_sum(own in said(), others in said(), choice in chosen()) {
        let (before, other) = (lead(1, &own), lead(2, &others));
        let after = merge(&before, &other, &choice, false, NOW);
        prop_assert_eq!(after.submission_count, (own.len() + others.len()) as i64);
        prop_assert_eq!(after.latest_submitted_at, before.latest_submitted_at.max(other.latest_submitted_at));
        for name in FIELDS {
            let (ours, theirs) = (before.fields.get(name), other.fields.get(name));
            let stands = after.fields.get(name);
            let wanted = if choice.from_other.contains(name) { theirs.or(ours) } else { ours.or(theirs) };
            prop_assert_eq!(stands, wanted);
        }
    }

    /// Deciding any of the submissions again, in any order, does not touch what was chosen.
    #[test]
    fn a_replay_after_a_merge_changes_nothing(
        own in said(), others in said(), choice in chosen(), now in 0..60i64, backwards: bool,
    ) {
        let (before, other) = (lead(1, &own), lead(2, &others));
        let mut merged = merge(&before, &other, &choice, false, now);
        let after = merged.clone();
        let mut all = submissions(1, &own);
        all.extend(submissions(2, &others));
        if backwards {
            all.reverse();
        }
        for submission in all {
            write(&mut merged, submission);
        }
        prop_assert_eq!(merged.fields, after.fields);
    }

    /// A into B, B into C; taken back in reverse.
    #[test]
    fn a_chain_comes_undone_in_reverse(first in said(), second in said(), third in said(), choice in chosen()) {
        let (a, b, c) = (lead(1, &first), lead(2, &second), lead(3, &third));
        let ab = merge(&b, &a, &choice, false, NOW);
        let abc = merge(&c, &ab, &choice, true, NOW + 1);
        let second = Images { before: c.clone(), after: abc.clone(), other: ab.clone() };
        let apart = undo(&abc, &second, ab.submission_count, None, NOW + 2);
        prop_assert_eq!(content(&apart.survivor), content(&c));
        let first = Images { before: b.clone(), after: ab, other: a.clone() };
        let apart = undo(&apart.other, &first, a.submission_count, None, NOW + 3);
        prop_assert_eq!(content(&apart.survivor), content(&b));
        prop_assert_eq!(content(&apart.other), content(&a));
    }
}
