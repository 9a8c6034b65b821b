//! A company with a past: several accounts, languages and generations of forms, and leads typed by
//! real people on real phones, that is, with everything that can go wrong in a text.

mod forms;
mod leads;

use serde_json::json;

use super::{ORGANIZATION, account, account_role, members, organization, page_role};
use crate::calendar::DAY;
use crate::model::{Campaign, CampaignGroup, Creative, Form, Owner, World};

const HOUR: i64 = 3_600_000;
const PARTNER_PAGE: u64 = 55_667_788;

const EMEA: u64 = 501_234_567;
const AMERICAS: u64 = 501_234_568;
const JAPAN: u64 = 501_234_569;
const TEST: u64 = 501_234_570;
const OLD: u64 = 501_234_571;
const NO_PAGE: u64 = 501_234_572;
const AGENCY: u64 = 501_234_573;

const DEMO_FORM: u64 = 7_234_246;
/// Beyond 2^53, as real ones are.
const BIG_FORM: u64 = 6_851_219_773_716_516_864;
const FRENCH_FORM: u64 = 7_240_011;
const JAPANESE_FORM: u64 = 7_240_012;
const ARABIC_FORM: u64 = 7_240_013;
const ODD_FORM: u64 = 6_955_637_458_260_688_897;
const TEST_FORM: u64 = 7_240_015;
const EVENT_FORM: u64 = 7_240_016;
const PAGE_FORM: u64 = 7_240_017;
const PRODUCT_FORM: u64 = 7_240_018;
const AGENCY_FORM: u64 = 7_240_019;
const OLD_FORM: u64 = 7_240_020;

const WEBINAR: u64 = 7_100_000_000_000_000_001;
const FAIR: u64 = 7_100_000_000_000_000_002;

/// The demo's world.
pub(crate) fn world(now: i64) -> World {
    let mut world = World {
        members: members(),
        ..World::default()
    };
    people_and_places(&mut world, now);
    campaigns(&mut world, now);
    for form in forms::all_forms(now) {
        world.forms.insert(form.id, form);
    }
    leads::ordinary_leads(&mut world, now);
    leads::hostile_leads(&mut world, now);
    leads::organic_leads(&mut world, now);
    leads::test_leads(&mut world, now);
    world
}

fn people_and_places(world: &mut World, now: i64) {
    let page = "Harbor & Pine";
    world.organizations.insert(
        ORGANIZATION,
        organization(ORGANIZATION, page, "harbor-and-pine"),
    );
    world.organizations.insert(
        PARTNER_PAGE,
        organization(PARTNER_PAGE, "Nordlicht Agentur", "nordlicht-agentur"),
    );
    let mut accounts = vec![
        account(EMEA, "Harbor & Pine EMEA", "EUR", Some(ORGANIZATION), now),
        account(
            AMERICAS,
            "Harbor & Pine Americas",
            "USD",
            Some(ORGANIZATION),
            now,
        ),
        account(JAPAN, "Harbor & Pine 日本", "JPY", Some(ORGANIZATION), now),
        account(TEST, "Harbor & Pine (test)", "USD", Some(ORGANIZATION), now),
        account(OLD, "Harbor Ltd 2019", "GBP", Some(ORGANIZATION), now),
        account(NO_PAGE, "Pine Ventures", "CHF", None, now),
        account(
            AGENCY,
            "Nordlicht Agentur Mandanten",
            "EUR",
            Some(PARTNER_PAGE),
            now,
        ),
    ];
    accounts[1].extra.insert(
        "totalBudget".to_owned(),
        json!({ "amount": "25000", "currencyCode": "USD" }),
    );
    accounts[2].kind = "ENTERPRISE".to_owned();
    accounts[2].extra.insert(
        "growthTier".to_owned(),
        json!({ "level": 3, "labels": ["new", null] }),
    );
    accounts[3].test = true;
    accounts[4].status = "CANCELED".to_owned();
    for account in accounts {
        let role = match account.id {
            JAPAN => "CAMPAIGN_MANAGER",
            AGENCY => "VIEWER",
            EMEA => "ACCOUNT_BILLING_ADMIN",
            _ => "ACCOUNT_MANAGER",
        };
        world
            .account_roles
            .push(account_role("ada", account.id, role, now));
        world.accounts.insert(account.id, account);
    }
    world
        .account_roles
        .push(account_role("bea", EMEA, "VIEWER", now));
    world
        .page_roles
        .push(page_role("ada", ORGANIZATION, "ADMINISTRATOR", now));
    world
        .page_roles
        .push(page_role("bea", ORGANIZATION, "ANALYST", now));
    let mut asked = page_role("ada", PARTNER_PAGE, "CURATOR", now);
    asked.state = "REQUESTED".to_owned();
    world.page_roles.push(asked);
    world.events.insert(
        WEBINAR,
        "Supply chains without surprises (webinar)".to_owned(),
    );
    world
        .events
        .insert(FAIR, "Hannover fair: breakfast at our stand".to_owned());
}

/// Account, campaign id, name; creatives are numbered alike.
const CAMPAIGNS: &[(u64, u64, &str, &str)] = &[
    (EMEA, 198_356_826, "Spring demo push", "ACTIVE"),
    (EMEA, 198_356_827, "Whitepaper Lieferketten DACH", "ACTIVE"),
    (
        EMEA,
        198_356_828,
        "Essai gratuit, France & Belgique",
        "PAUSED",
    ),
    (EMEA, 198_356_829, "عرض توضيحي (GCC)", "ACTIVE"),
    (
        AMERICAS,
        198_356_830,
        "Q4 newsletter <Americas> \"retargeting\"",
        "ACTIVE",
    ),
    (JAPAN, 198_356_831, "資料請求キャンペーン", "ACTIVE"),
    (TEST, 198_356_832, "Never serves", "DRAFT"),
    (AGENCY, 198_356_833, "Mandant A", "ACTIVE"),
    (OLD, 198_356_834, "Legacy 2019", "ARCHIVED"),
];

fn campaigns(world: &mut World, now: i64) {
    for (number, (account, id, name, status)) in CAMPAIGNS.iter().enumerate() {
        let group = 600_300_001 + account % 100;
        let created = now - 200 * DAY;
        let named = |name: &str| name.to_owned();
        world.groups.entry(group).or_insert_with(|| CampaignGroup {
            id: group,
            account: *account,
            name: named("Lead generation"),
            created,
        });
        let campaign = Campaign {
            id: *id,
            account: *account,
            group,
            name: named(name),
            status: named(status),
            // Somebody at LinkedIn invented a new kind.
            kind: named(if number == 4 {
                "SPONSORED_HOLOGRAM"
            } else {
                "SPONSORED_UPDATES"
            }),
            created,
        };
        let (creative, form) = (241_257_736 + number as u64, form_of(*id));
        let name = number
            .is_multiple_of(2)
            .then(|| format!("Creative {}", number + 1));
        world.creatives.insert(
            creative,
            Creative {
                id: creative,
                campaign: *id,
                form,
                name,
                created,
            },
        );
        world.campaigns.insert(*id, campaign);
    }
}

fn form_of(campaign: u64) -> u64 {
    let forms = [
        DEMO_FORM,
        BIG_FORM,
        FRENCH_FORM,
        ARABIC_FORM,
        ODD_FORM,
        JAPANESE_FORM,
        TEST_FORM,
        AGENCY_FORM,
        OLD_FORM,
    ];
    forms[(campaign - 198_356_826) as usize]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::leads::{Answer, Lead};

    const THEN: i64 = 1_795_435_200_000;

    #[test]
    fn the_demo_is_as_odd_as_promised() {
        let world = world(THEN);
        let leads: Vec<Lead> = world
            .leads
            .all()
            .iter()
            .map(|row| world.leads.lead(row.3.slot).unwrap())
            .collect();
        assert!((150..=170).contains(&leads.len()), "{}", leads.len());
        let ids: HashSet<&str> = leads.iter().map(|lead| lead.id.as_str()).collect();
        assert_eq!(ids.len(), leads.len());
        assert!(
            ids.iter()
                .all(|id| id.len() == 38 && uuid::Uuid::parse_str(&id[..36]).is_ok())
        );
        let kinds: HashSet<&str> = leads.iter().map(|lead| lead.lead_type.as_str()).collect();
        assert_eq!(kinds.len(), 4);
        assert!(leads.iter().any(|lead| lead.test));
        assert!(
            leads
                .iter()
                .filter(|lead| lead.submitted_at > THEN - HOUR)
                .count()
                >= 3
        );
        assert!(leads.iter().all(|lead| lead.submitted_at < THEN));
        assert!(leads.iter().any(|lead| lead.form > 1 << 53));
        let versions: HashSet<u32> = leads
            .iter()
            .filter(|l| l.form == DEMO_FORM)
            .map(|l| l.version)
            .collect();
        assert_eq!(versions.len(), 2);
        let text = format!("{leads:?}");
        for needle in ["<script>", "=cmd", "voiceAnswer", "DROP TABLE"] {
            assert!(text.contains(needle), "{needle}");
        }
        assert!(!leads.iter().any(|lead| {
            lead.answers
                .iter()
                .any(|(_, answer)| matches!(answer, Answer::Text(t) if t.contains('\0')))
        }));
    }

    #[test]
    fn two_versions_share_no_question_id() {
        let world = world(THEN);
        let ids = |version| {
            world.forms[&DEMO_FORM]
                .questions(version)
                .into_iter()
                .map(|q| q.id)
                .collect::<HashSet<_>>()
        };
        assert!(ids(1).is_disjoint(&ids(2)));
        assert_eq!(world.accounts.len(), 7);
    }

    #[test]
    fn people_repeat_under_other_spellings() {
        let world = world(THEN);
        let emails: Vec<String> = world
            .leads
            .all()
            .iter()
            .filter_map(|row| world.leads.identity(row.3.slot)?.1)
            .collect();
        let exact: HashSet<&String> = emails.iter().collect();
        let same: HashSet<String> = emails
            .iter()
            .map(|email| email.trim().to_lowercase())
            .collect();
        assert!(same.len() < exact.len() && exact.len() < emails.len());
    }
}
