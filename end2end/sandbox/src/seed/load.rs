//! Many leads at the price of a few bytes each: a lead is a number until somebody looks at it.
//!
//! Everything about lead *n* follows from *n*: when it was submitted, by which person, on which
//! form, and its id, which can be turned back into *n*.

use crate::calendar::DAY;
use crate::leads::{Answer, Lead, LeadStore};
use crate::model::{Campaign, CampaignGroup, Creative, Owner, World};
use crate::rng::mix;
use crate::seed::{ACCOUNT, forms, one_account};

/// How far back the oldest lead lies.
const SPAN: i64 = 80 * DAY;
/// Odd, so multiplication modulo 2^32 can be undone by `UNSPREAD`.
const SPREAD: u32 = 0x9e37_79b1;
const UNSPREAD: u32 = inverse(SPREAD);
/// First form and campaign ids.
const FORM: u64 = 8_100_001;
const CAMPAIGN: u64 = 300_100_001;
const CREATIVE: u64 = 240_100_001;

const GIVEN: &[&str] = &[
    "Alex", "Sam", "Kim", "Noor", "Jamie", "Robin", "Lena", "Omar", "Ivy", "Juan", "Mei", "Tom",
];
const FAMILY: &[&str] = &[
    "Berg", "Okafor", "Tanaka", "Silva", "Novak", "Haddad", "Keller", "Dubois", "Rossi", "Shah",
];
const TITLES: &[&str] = &[
    "Head of Sales",
    "Buyer",
    "CTO",
    "Marketing Manager",
    "Owner",
    "Analyst",
];

/// The inverse of an odd number modulo 2^32, by Newton's method.
const fn inverse(odd: u32) -> u32 {
    let mut inverse = odd;
    let mut round = 0;
    while round < 5 {
        inverse = inverse.wrapping_mul(2u32.wrapping_sub(odd.wrapping_mul(inverse)));
        round += 1;
    }
    inverse
}

/// What the leads of a load seed are made from.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) leads: u32,
    pub(crate) persons: u64,
    pub(crate) account: u64,
    pub(crate) forms: Vec<(u64, u32)>,
    from: i64,
    seed: u64,
}

impl Plan {
    /// When lead `number` was submitted; never before its predecessor.
    pub(crate) fn at(&self, number: u32) -> i64 {
        let leads = i64::from(self.leads.max(1));
        let step = (SPAN / leads).max(1);
        let jitter = self.draw(number, 1) % step.unsigned_abs();
        self.from + i64::from(number) * SPAN / leads + i64::try_from(jitter).unwrap_or(0)
    }

    fn draw(&self, number: u32, what: u64) -> u64 {
        mix(self.seed ^ (what << 40), u64::from(number))
    }

    /// Index of the form lead `number` came through.
    pub(crate) fn form(&self, number: u32) -> usize {
        (self.draw(number, 2) % self.forms.len() as u64) as usize
    }

    /// Everybody submits once before anybody submits again.
    fn person(&self, number: u32) -> u64 {
        if u64::from(number) < self.persons {
            return u64::from(number);
        }
        self.draw(number, 3) % self.persons.max(1)
    }

    /// The address as typed: other case and stray blanks happen.
    pub(crate) fn email(&self, number: u32) -> String {
        let plain = format!("person-{}@example.com", self.person(number));
        match self.draw(number, 4) % 10 {
            0 => plain.to_uppercase(),
            1 => plain.replacen('p', "P", 1).replace("example", "Example"),
            2 => format!(" {plain}"),
            3 => format!("{plain} "),
            4 => format!("  {} ", plain.to_uppercase()),
            _ => plain,
        }
    }

    /// `<8 hex that hold the number>-…-6`.
    pub(crate) fn id(&self, number: u32) -> String {
        let spread = number.wrapping_mul(SPREAD);
        let noise = self.draw(number, 5);
        format!(
            "{spread:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}-6",
            noise & 0xffff,
            (noise >> 16) & 0xfff,
            (noise >> 28) & 0xfff,
            mix(noise, 0) & 0xffff_ffff_ffff
        )
    }

    /// The number an id was made from.
    pub(crate) fn number(&self, id: &str) -> Option<u32> {
        let number = u32::from_str_radix(id.get(..8)?, 16)
            .ok()?
            .wrapping_mul(UNSPREAD);
        (number < self.leads && self.id(number) == id).then_some(number)
    }

    /// Lead `number`, in full.
    pub(crate) fn lead(&self, number: u32) -> Lead {
        let (form, version) = self.forms[self.form(number)];
        let person = self.person(number);
        let given = GIVEN[(mix(7, person) % GIVEN.len() as u64) as usize];
        let family = FAMILY[(mix(8, person) % FAMILY.len() as u64) as usize];
        let q = form * 100;
        let email = self.email(number);
        let text = |text: &str| Answer::Text(text.to_owned());
        let mut answers = vec![
            (q + 3, Answer::Text(email.clone())),
            (q + 1, text(given)),
            (q + 2, text(family)),
            (
                q + 5,
                Answer::Text(format!(
                    "Company {}",
                    mix(9, person) % (self.persons / 5 + 1)
                )),
            ),
            (
                q + 6,
                text(TITLES[(mix(10, person) % TITLES.len() as u64) as usize]),
            ),
            (q + 8, Answer::Options(vec![self.draw(number, 6) % 3])),
        ];
        if self.draw(number, 7).is_multiple_of(2) {
            answers.push((
                q + 4,
                Answer::Text(format!("+49 30 {:07}", mix(11, person) % 10_000_000)),
            ));
        }
        let turn = (self.draw(number, 8) % answers.len() as u64) as usize;
        answers.rotate_left(turn);
        let campaign = self.draw(number, 9) % 10;
        Lead {
            id: self.id(number),
            owner: Owner::Account(self.account),
            lead_type: "SPONSORED".to_owned(),
            submitted_at: self.at(number),
            test: false,
            form,
            version,
            submitter: format!("ld{:08x}", mix(12, person) & 0xffff_ffff),
            campaign: Some(CAMPAIGN + campaign),
            creative: Some(CREATIVE + campaign),
            event: None,
            answers,
            consents: vec![(0, true), (1, self.draw(number, 10).is_multiple_of(2))],
            hidden: None,
            raw_form_response: None,
            raw: None,
            email: Some(email),
        }
    }
}

/// One account, five forms, ten campaigns and the leads.
pub(crate) fn world(leads: u64, persons: u64, now: i64) -> World {
    let mut world = one_account(now);
    let created = now - 200 * DAY;
    world.groups.insert(
        600_100_001,
        CampaignGroup {
            id: 600_100_001,
            account: ACCOUNT,
            name: "Always on".to_owned(),
            created,
        },
    );
    for number in 0..5 {
        let form = forms::contact_form(
            FORM + number,
            &format!("Load form {}", number + 1),
            ACCOUNT,
            created,
        );
        world.forms.insert(form.id, form);
    }
    for number in 0..10 {
        let campaign = Campaign {
            id: CAMPAIGN + number,
            account: ACCOUNT,
            group: 600_100_001,
            name: format!("Load campaign {}", number + 1),
            status: "ACTIVE".to_owned(),
            kind: "SPONSORED_UPDATES".to_owned(),
            created,
        };
        let creative = Creative {
            id: CREATIVE + number,
            campaign: campaign.id,
            form: FORM + number % 5,
            name: None,
            created,
        };
        world.campaigns.insert(campaign.id, campaign);
        world.creatives.insert(creative.id, creative);
    }
    world.leads = LeadStore::from_plan(Plan {
        leads: u32::try_from(leads).unwrap_or(u32::MAX),
        persons: persons.max(1),
        account: ACCOUNT,
        forms: (0..5).map(|number| (FORM + number, 1)).collect(),
        from: now - SPAN,
        seed: 42,
    });
    world
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_turn_back_into_numbers_and_times_never_fall() {
        let world = world(3_000, 200, 1_795_435_200_000);
        let mut ids = HashSet::new();
        let mut persons = HashSet::new();
        let mut last = 0;
        for (_, _, _, row) in world.leads.all() {
            let lead = world.leads.lead(row.slot).unwrap();
            assert_eq!(
                world.leads.get(&lead.id).map(|lead| lead.submitted_at),
                Some(row.at)
            );
            assert!(row.at >= last && row.at < 1_795_435_200_000);
            last = row.at;
            assert_eq!(lead.id.len(), 38);
            assert!(uuid::Uuid::parse_str(&lead.id[..36]).is_ok());
            assert!(ids.insert(lead.id));
            persons.insert(lead.email.unwrap().trim().to_lowercase());
        }
        assert_eq!((ids.len(), persons.len()), (3_000, 200));
        assert!(
            world
                .leads
                .get("00000000-0000-4000-a000-000000000000-6")
                .is_none()
        );
    }
}
