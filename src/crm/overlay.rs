//! Leads for a preview: what the organization has now, laid over what is known of its leads. Pure.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::mirror::{Mirror, Seen, absorb, known};
use crate::lead::Lead;
use crate::plan::ONLY_THERE;

/// Leads as they are with what the organization has now, for a preview. `mirrors` are the leads that
/// are known of the records that were seen; the others get numbers from [`ONLY_THERE`] on.
#[must_use]
pub fn overlay(
    leads: Vec<Lead>,
    mirrors: Vec<Mirror>,
    seen: &[Seen],
    asked: &BTreeSet<String>,
    gone: &[i64],
) -> Vec<Lead> {
    let mut now: BTreeMap<i64, Lead> = leads.into_iter().map(|lead| (lead.id, lead)).collect();
    for id in gone {
        now.remove(id);
    }
    let mut mirrors: BTreeMap<Uuid, Mirror> = mirrors
        .into_iter()
        .filter_map(|mirror| Some((mirror.record?, mirror)))
        .collect();
    for (id, seen) in (ONLY_THERE..).zip(seen) {
        let lead = match mirrors.remove(&seen.id) {
            Some(mut mirror) => {
                absorb(&mut mirror, seen, asked);
                mirror.lead
            }
            None => Lead {
                id,
                ..known(seen).lead
            },
        };
        now.insert(lead.id, lead);
    }
    now.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::super::mirror::There;
    use super::*;

    fn seen(record: u128, at: i64, name: &str) -> Seen {
        Seen {
            id: Uuid::from_u128(record),
            version: format!("W/\"{at}\""),
            modified_at: at,
            has: There {
                fields: [("firstname".to_owned(), name.to_owned())].into(),
                open: true,
                user: None,
                owner: None,
            },
        }
    }

    #[test]
    fn a_preview_sees_what_is_there_now_and_keeps_strangers_apart() {
        let mirror = |id: i64, record: u128| {
            let mut mirror = known(&seen(record, 10, "Ada"));
            mirror.lead.id = id;
            mirror
        };
        let (changed, deleted, waits) = (mirror(1, 7), mirror(2, 8), mirror(3, 9));
        let leads = [&changed, &deleted, &waits].map(|m| m.lead.clone());
        let news = [
            seen(7, 15, "Augusta"),
            seen(20, 15, "Bob"),
            seen(21, 15, "Bob"),
        ];
        let asked = ["firstname".to_owned()].into();
        let now = overlay(leads.to_vec(), vec![changed], &news, &asked, &[2]);
        let told: Vec<(i64, &str)> = now
            .iter()
            .map(|lead| (lead.id, lead.fields["firstname"].as_str()))
            .collect();
        let (bob, other_bob) = (ONLY_THERE + 1, ONLY_THERE + 2);
        assert_eq!(
            told,
            [(1, "Augusta"), (3, "Ada"), (bob, "Bob"), (other_bob, "Bob")]
        );
    }
}
