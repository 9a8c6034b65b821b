//! What the sandbox is filled with when it starts.
//!
//! Every seed is a function of the time it is planted at: the same time gives the same world.

pub(crate) mod demo;
pub(crate) mod forms;
pub(crate) mod load;

use crate::calendar::DAY;
use crate::model::{Account, AccountRole, Member, Organization, PageRole, World};

/// The world a sandbox begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seed {
    /// A believable and hostile demo: several members, accounts, languages, and every oddity that
    /// the specification names.
    Demo,
    /// One ad account with many leads of many persons, made on the fly.
    Load {
        /// How many leads.
        leads: u64,
        /// How many different persons submitted them.
        persons: u64,
    },
    /// One member, one ad account, one form, no leads.
    Empty,
}

/// Builds the world of a seed.
pub(crate) fn plant(seed: Seed, now: i64) -> World {
    match seed {
        Seed::Demo => demo::world(now),
        Seed::Load { leads, persons } => load::world(leads, persons, now),
        Seed::Empty => empty(now),
    }
}

/// The ad account of the `Empty` and `Load` seeds.
pub(crate) const ACCOUNT: u64 = 501_234_567;
/// The company page of all seeds.
pub(crate) const ORGANIZATION: u64 = 11_223_344;

fn empty(now: i64) -> World {
    let mut world = one_account(now);
    let form = forms::contact_form(7_234_246, "Contact us", ACCOUNT, now - 30 * DAY);
    world.forms.insert(form.id, form);
    world
}

/// Ada, one account, one page.
fn one_account(now: i64) -> World {
    let mut world = World {
        members: members(),
        ..World::default()
    };
    world.members.truncate(1);
    let name = "Harbor & Pine";
    world.organizations.insert(
        ORGANIZATION,
        organization(ORGANIZATION, name, "harbor-and-pine"),
    );
    world.accounts.insert(
        ACCOUNT,
        account(ACCOUNT, "Harbor & Pine", "EUR", Some(ORGANIZATION), now),
    );
    world
        .account_roles
        .push(account_role("ada", ACCOUNT, "ACCOUNT_MANAGER", now));
    world
        .page_roles
        .push(page_role("ada", ORGANIZATION, "ADMINISTRATOR", now));
    world
}

fn members() -> Vec<Member> {
    let member =
        |key: &str, person: &str, given: &str, family: &str, locale: (&str, &str), about: &str| {
            Member {
                key: key.to_owned(),
                person: person.to_owned(),
                given: given.to_owned(),
                family: family.to_owned(),
                email: format!("{key}@harbor-and-pine.example"),
                country: locale.0.to_owned(),
                language: locale.1.to_owned(),
                about: about.to_owned(),
            }
        };
    vec![
        member(
            "ada",
            "BcLKblgopR",
            "Ada",
            "Demirkan",
            ("US", "en"),
            "Marketing lead, runs several ad accounts and the company page",
        ),
        member(
            "bea",
            "q1w2E3r4T5",
            "Bea",
            "Lindqvist",
            ("SE", "sv"),
            "Analyst, may only look at one ad account",
        ),
        member(
            "cem",
            "zX9cV8bN7m",
            "Cem",
            "Aydın",
            ("TR", "tr"),
            "New colleague without any ad account",
        ),
    ]
}

fn organization(id: u64, name: &str, vanity: &str) -> Organization {
    Organization {
        id,
        name: name.to_owned(),
        vanity: vanity.to_owned(),
    }
}

fn account(id: u64, name: &str, currency: &str, organization: Option<u64>, now: i64) -> Account {
    Account {
        id,
        name: name.to_owned(),
        status: "ACTIVE".to_owned(),
        kind: "BUSINESS".to_owned(),
        currency: currency.to_owned(),
        organization,
        test: false,
        created: now - 400 * DAY,
        extra: serde_json::Map::new(),
    }
}

fn account_role(member: &str, account: u64, role: &str, now: i64) -> AccountRole {
    AccountRole {
        member: member.to_owned(),
        account,
        role: role.to_owned(),
        created: now - 300 * DAY,
    }
}

fn page_role(member: &str, organization: u64, role: &str, now: i64) -> PageRole {
    PageRole {
        member: member.to_owned(),
        organization,
        role: role.to_owned(),
        state: "APPROVED".to_owned(),
        created: now - 300 * DAY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEN: i64 = 1_795_435_200_000;

    fn fingerprint(seed: Seed) -> String {
        let world = plant(seed, THEN);
        let mut out = String::new();
        for (owner, lead_type, test, row) in world.leads.all() {
            let lead = world.leads.lead(row.slot).unwrap();
            out.push_str(&format!("{owner:?}{lead_type}{test}{lead:?}"));
        }
        for form in world.forms.values() {
            out.push_str(&format!("{:?}", form.versions));
        }
        out
    }

    #[test]
    fn seeds_are_the_same_at_the_same_time() {
        for seed in [
            Seed::Demo,
            Seed::Empty,
            Seed::Load {
                leads: 500,
                persons: 40,
            },
        ] {
            assert_eq!(fingerprint(seed), fingerprint(seed));
        }
    }

    #[test]
    fn the_empty_seed_has_a_form_and_no_lead() {
        let world = plant(Seed::Empty, THEN);
        assert_eq!(
            (world.accounts.len(), world.forms.len(), world.leads.len()),
            (1, 1, 0)
        );
        assert_eq!(world.members[0].key, "ada");
    }
}
