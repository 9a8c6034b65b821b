//! The demo's leads: ordinary people first, then everything that breaks naive software.

use serde_json::json;

use super::*;
use crate::leads::{Answer, Lead};
use crate::rng::Rng;

/// Given name, family name, mailbox, company, title.
const PEOPLE: &[(&str, &str, &str, &str, &str)] = &[
    (
        "Kevin",
        "O’Brien",
        "kevin.obrien@brightworks.example",
        "Brightworks",
        "Head of Operations",
    ),
    (
        "Maria",
        "García López",
        "maria.garcia@lumbre.example",
        "Lumbre S.A.",
        "Directora de compras",
    ),
    (
        "Jürgen",
        "Weiß",
        "j.weiss@stahlbau-mueller.example",
        "Stahlbau Müller GmbH & Co. KG",
        "Einkaufsleiter",
    ),
    (
        "Anaïs",
        "Lefèvre",
        "anais.lefevre@atelier-nord.example",
        "Atelier Nord",
        "Responsable achats",
    ),
    (
        "太郎",
        "山田",
        "taro.yamada@sakura-seiki.example",
        "さくら精機株式会社",
        "購買部長",
    ),
    (
        "فاطمة",
        "الزهراء",
        "fatima@nakheel-trading.example",
        "شركة النخيل للتجارة",
        "مديرة المشتريات",
    ),
    (
        "Siobhán",
        "Ní Bhriain",
        "siobhan@galway-freight.example",
        "Galway Freight",
        "COO",
    ),
    (
        "Priya",
        "Subramaniam",
        "priya.s@kaveri-exports.example",
        "Kaveri Exports",
        "Supply Chain Manager",
    ),
    (
        "Lars",
        "Ørsted",
        "lars@fjordlog.example",
        "Fjord Logistik A/S",
        "CFO",
    ),
    (
        "Chidi",
        "Okonkwo",
        "chidi.okonkwo@lagosports.example",
        "Lagos Ports Ltd",
        "Procurement Lead",
    ),
    (
        "Mei",
        "Chen 陈",
        "mei.chen@bluecrane.example",
        "Blue Crane 蓝鹤",
        "Director",
    ),
    (
        "Łukasz",
        "Wiśniewski",
        "lukasz@drewno.example",
        "Drewno Sp. z o.o.",
        "Kierownik",
    ),
    (
        "Emily",
        "Carter-Jones",
        "emily.carter-jones@northgate.example",
        "Northgate",
        "VP Sourcing",
    ),
    (
        "Özgür",
        "Şahin",
        "ozgur.sahin@bogazici-lojistik.example",
        "Boğaziçi Lojistik A.Ş.",
        "Satın alma",
    ),
    (
        "José",
        "d’Ávila",
        "jose@davila-e-filhos.example",
        "d’Ávila & Filhos",
        "Sócio",
    ),
    (
        "Ingrid",
        "Bergström",
        "ingrid@timmer.example",
        "Timmer AB",
        "Inköpschef",
    ),
    (
        "Nguyễn",
        "Thị Hồng",
        "hong.nguyen@mekongrice.example",
        "Mekong Rice",
        "Export manager",
    ),
    (
        "Dmitri",
        "Волков",
        "d.volkov@baltline.example",
        "Baltline",
        "Логист",
    ),
    (
        "Grace",
        "Kim",
        "grace.kim@hanriver.example",
        "Han River 한강",
        "Strategist",
    ),
    ("Tom", "Smith", "tom@smith.example", "Smith", "Owner"),
    (
        "Tom",
        "Smith",
        "tom.smith@smith-and-sons.example",
        "Smith & Sons",
        "Buyer",
    ),
    (
        "Amélie",
        "van den Berg",
        "amelie@vdberg.example",
        "Van den Berg BV",
        "Inkoper",
    ),
];

struct Source {
    form: u64,
    campaign: Option<u64>,
    owner: Owner,
    lead_type: &'static str,
    event: Option<u64>,
}

fn sponsored(form: u64, account: u64, campaign: u64) -> Source {
    Source {
        form,
        campaign: Some(campaign),
        owner: Owner::Account(account),
        lead_type: "SPONSORED",
        event: None,
    }
}

fn organic(form: u64, lead_type: &'static str, event: Option<u64>) -> Source {
    Source {
        form,
        campaign: None,
        owner: Owner::Organization(ORGANIZATION),
        lead_type,
        event,
    }
}

/// Lead ids look like LinkedIn's and are the same at every start.
fn lead_id(kind: u8, number: u64) -> String {
    let noise = crate::rng::mix(u64::from(kind), number);
    format!(
        "{:08x}-{:04x}-4{:03x}-b{:03x}-{:010x}{:02x}-6",
        noise >> 32,
        noise & 0xffff,
        (noise >> 16) & 0xfff,
        number & 0xfff,
        crate::rng::mix(noise, number) & 0xff_ffff_ffff,
        kind
    )
}

/// A lead of a person through a form; optional questions are sometimes left out.
fn lead(
    world: &World,
    source: &Source,
    version: u32,
    person: usize,
    email: &str,
    rng: &mut Rng,
) -> Lead {
    let (given, family, _, company, title) = PEOPLE[person];
    let mut answers = Vec::new();
    let form = &world.forms[&source.form];
    for question in form.questions(version) {
        let answer = match question.predefined.as_deref() {
            Some("FIRST_NAME") => given,
            Some("LAST_NAME") => family,
            Some("EMAIL") => email,
            Some("COMPANY_NAME") => company,
            Some("JOB_TITLE") => title,
            // Everything else is optional and left out about every third time.
            _ if rng.below(3) == 0 && question.options.is_empty() => continue,
            Some("PHONE_NUMBER" | "WORK_PHONE_NUMBER") => *rng.pick(&[
                "+44 20 7946 0018",
                "(030) 901820",
                "0033 1 99 00 12 34",
                "+1-202-555-0143",
            ]),
            Some("SENIORITY") => rng.pick(&["Director", "Manager", "Senior"]),
            Some("INDUSTRY") => {
                rng.pick(&["Freight & Package Transportation", "Forestry", "Machinery"])
            }
            Some("COMPANY_SIZE") => rng.pick(&["11-50", "51-200", "1001-5000"]),
            Some("CITY") => rng.pick(&["Hamburg", "São Paulo", "Kraków", "東京"]),
            Some("COUNTRY") => rng.pick(&["Germany", "Brazil", "Poland", "Japan"]),
            Some("POSTAL_CODE") => rng.pick(&["01067", "20457", "80331"]),
            Some("LINKEDIN_PROFILE_LINK") => "https://www.linkedin.com/in/example-profile",
            Some("WORK_EMAIL") => email,
            Some("FAVORITE_TRANSIT") => rng.pick(&["Ferry", "🚲", "On foot"]),
            Some(_) => "she/they",
            None if question.options.is_empty() => rng.pick(&[
                "Pricing, please.",
                "Integration with our ERP",
                "ask my colleague",
                "-",
                "Call after 3pm; not Fridays",
            ]),
            None => {
                let mut picked =
                    vec![question.options[rng.below(question.options.len() as u64) as usize].0];
                let second = question.options[0].0;
                if rng.below(4) == 0 && picked[0] != second {
                    picked.push(second);
                }
                answers.push((question.id, Answer::Options(picked)));
                continue;
            }
        };
        answers.push((question.id, Answer::Text(answer.to_owned())));
    }
    let turn = rng.below(answers.len().max(1) as u64) as usize;
    answers.rotate_left(turn);
    let consents = form.versions[&version]["content"]["legalInfo"]["consents"].as_array();
    let consents = consents.into_iter().flatten().filter_map(|consent| {
        let required = consent["checkRequired"].as_bool()?;
        Some((consent["id"].as_u64()?, required || rng.below(2) == 0))
    });
    let creative = |campaign: u64| {
        world
            .creatives
            .values()
            .find(|creative| creative.campaign == campaign)
            .map(|it| it.id)
    };
    Lead {
        id: String::new(),
        owner: source.owner,
        lead_type: source.lead_type.to_owned(),
        submitted_at: 0,
        test: false,
        form: source.form,
        version,
        submitter: format!("p{person:02}Xy7Qk"),
        campaign: source.campaign,
        creative: source.campaign.and_then(creative),
        event: source.event,
        consents: consents.collect(),
        answers,
        hidden: None,
        raw_form_response: None,
        raw: None,
        email: Some(email.to_owned()),
    }
}

/// The same mailbox, typed in a hurry.
fn retyped(email: &str, rng: &mut Rng) -> String {
    match rng.below(7) {
        0 => email.to_uppercase(),
        1 => format!(" {email}"),
        2 => format!("{email} "),
        3 => email
            .split('@')
            .map(capitalized)
            .collect::<Vec<_>>()
            .join("@"),
        _ => email.to_owned(),
    }
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

pub(super) fn ordinary_leads(world: &mut World, now: i64) {
    let mut rng = Rng::new(2026);
    let sources = [
        (sponsored(DEMO_FORM, EMEA, 198_356_826), 46),
        (sponsored(BIG_FORM, EMEA, 198_356_827), 20),
        (sponsored(FRENCH_FORM, EMEA, 198_356_828), 10),
        (sponsored(ARABIC_FORM, EMEA, 198_356_829), 7),
        (sponsored(ODD_FORM, AMERICAS, 198_356_830), 16),
        (sponsored(JAPANESE_FORM, JAPAN, 198_356_831), 10),
        (sponsored(AGENCY_FORM, AGENCY, 198_356_833), 5),
        (sponsored(OLD_FORM, OLD, 198_356_834), 2),
    ];
    let mut number = 0;
    for (source, count) in &sources {
        for _ in 0..*count {
            number += 1;
            // The first few of all came within the last hour.
            let age = if number <= 4 {
                number as i64 * 11 * 60_000
            } else {
                HOUR + rng.below((85 * DAY - HOUR) as u64) as i64
            };
            let version = if source.form == DEMO_FORM && age < 35 * DAY {
                2
            } else {
                1
            };
            let person = rng.below(PEOPLE.len() as u64) as usize;
            let email = retyped(PEOPLE[person].2, &mut rng);
            let mut lead = lead(world, source, version, person, &email, &mut rng);
            lead.id = lead_id(1, number);
            lead.submitted_at = now - age;
            if source.form == ODD_FORM && number % 3 == 0 {
                lead.raw = Some(
                    json!({ "leadQualityTier": "PLATINUM", "signals": { "dwell": 12.5, "nested": [null] } }),
                );
            }
            world.leads.insert(lead);
        }
    }
    // Sponsored leads that are about to vanish, and one that has.
    for (index, days) in [88, 89, 91].into_iter().enumerate() {
        let source = &sources[0].0;
        let mut lead = lead(world, source, 1, index, PEOPLE[index].2, &mut rng);
        lead.id = lead_id(2, index as u64);
        lead.submitted_at = now - days * DAY;
        world.leads.insert(lead);
    }
}

/// Texts that break naive software: the field they are put in, and the text.
fn hostile_texts() -> Vec<(&'static str, String)> {
    vec![
        ("FIRST_NAME", "Robert'); DROP TABLE leads;--".to_owned()),
        ("LAST_NAME", "<script>alert('lead')</script>".to_owned()),
        ("COMPANY_NAME", "=cmd|' /C calc'!A0".to_owned()),
        ("COMPANY_NAME", "+1+1\t@SUM(A1:A9)".to_owned()),
        (
            "JOB_TITLE",
            "-2+3\";\"\"quoted\"\", comma, semicolon;".to_owned(),
        ),
        ("FIRST_NAME", "\u{202e}evil\u{202c} مرحبا".to_owned()),
        (
            "LAST_NAME",
            "Zero\u{200b}Width\u{feff}Join\u{200d}er".to_owned(),
        ),
        ("FIRST_NAME", "👩‍👩‍👧‍👦🏳️‍🌈".to_owned()),
        (
            "LAST_NAME",
            "Z\u{0351}a\u{0334}l\u{0321}g\u{0353}o\u{0489}".to_owned(),
        ),
        ("COMPANY_NAME", "Very long ".repeat(400)),
        (
            "JOB_TITLE",
            "line one\r\nline two\u{b}\u{1b}[31mred\u{7f}".to_owned(),
        ),
        ("LAST_NAME", "   ".to_owned()),
        ("FIRST_NAME", "\"><img src=x onerror=alert(1)>".to_owned()),
        (
            "COMPANY_NAME",
            "{{7*7}} ${7*7} %s %n ../../etc/passwd".to_owned(),
        ),
        ("EMAIL", "not an address".to_owned()),
        ("EMAIL", "ünïcode@bücher.example".to_owned()),
    ]
}

pub(super) fn hostile_leads(world: &mut World, now: i64) {
    let mut rng = Rng::new(666);
    let source = sponsored(DEMO_FORM, EMEA, 198_356_826);
    for (number, (field, text)) in hostile_texts().into_iter().enumerate() {
        let person = number % PEOPLE.len();
        let email = format!("hostile-{number}@oddities.example");
        let mut lead = lead(world, &source, 2, person, &email, &mut rng);
        let questions = world.forms[&DEMO_FORM].questions(2);
        let target = questions
            .iter()
            .find(|question| question.predefined.as_deref() == Some(field));
        for (id, answer) in &mut lead.answers {
            if target.is_some_and(|question| question.id == *id) {
                *answer = Answer::Text(text.clone());
            }
        }
        if field == "EMAIL" {
            lead.answers.retain(|(id, _)| {
                questions
                    .iter()
                    .all(|q| q.id != *id || q.predefined.as_deref() != Some("WORK_EMAIL"))
            });
            lead.email = Some(text);
        }
        lead.id = lead_id(3, number as u64);
        lead.submitted_at = now - DAY - number as i64 * 31 * HOUR;
        world.leads.insert(lead);
    }
    // An answer of a kind nobody has seen yet, to a question that is not on the form.
    let mut odd = lead(
        world,
        &source,
        2,
        3,
        "anais.lefevre@atelier-nord.example",
        &mut rng,
    );
    odd.answers.push((
        4_242_424_242,
        Answer::Raw(json!({ "voiceAnswer": { "media": "urn:li:digitalmediaAsset:C4" } })),
    ));
    odd.id = lead_id(3, 99);
    odd.submitted_at = now - 2 * DAY;
    odd.raw = Some(json!({ "futureField": true }));
    world.leads.insert(odd);
}

pub(super) fn organic_leads(world: &mut World, now: i64) {
    let mut rng = Rng::new(7);
    let mut number = 0;
    let kinds = [
        (organic(EVENT_FORM, "EVENT", Some(WEBINAR)), 7),
        (organic(EVENT_FORM, "EVENT", Some(FAIR)), 3),
        (organic(PAGE_FORM, "COMPANY", None), 4),
        (organic(PRODUCT_FORM, "ORGANIZATION_PRODUCT", None), 3),
    ];
    for (source, count) in &kinds {
        for _ in 0..*count {
            number += 1;
            let person = (number as usize * 5) % PEOPLE.len();
            let mut lead = lead(world, source, 1, person, PEOPLE[person].2, &mut rng);
            lead.id = lead_id(4, number);
            lead.submitted_at = now - rng.below((60 * DAY) as u64) as i64 - 2 * HOUR;
            world.leads.insert(lead);
        }
    }
    // Registered, cancelled, registered again: the id is the same, the time and an answer are new.
    let (source, person) = (&kinds[0].0, 12);
    for (age, email) in [
        (20 * DAY, PEOPLE[person].2),
        (90 * 60_000, "emily@private.example"),
    ] {
        let mut lead = lead(world, source, 1, person, email, &mut rng);
        lead.id = lead_id(5, 1);
        lead.submitted_at = now - age;
        world.leads.remove(&lead.id);
        world.leads.insert(lead);
    }
}

pub(super) fn test_leads(world: &mut World, now: i64) {
    let mut rng = Rng::new(99);
    let sources = [
        sponsored(DEMO_FORM, EMEA, 198_356_826),
        sponsored(TEST_FORM, TEST, 198_356_832),
    ];
    for number in 0..4 {
        let source = &sources[number as usize % 2];
        let version = if source.form == DEMO_FORM { 2 } else { 1 };
        let mut lead = lead(world, source, version, 0, "test@linkedin.example", &mut rng);
        lead.id = lead_id(6, number);
        lead.submitted_at = now - (number as i64 * 3 + 1) * DAY;
        lead.test = true;
        world.leads.insert(lead);
    }
}
