//! The demo's forms: five languages, two generations, and one from the future.

use serde_json::{Value, json};

use super::*;
use crate::seed::forms::{Ask, Draft, form, object};

const UTM: &[(&str, &str)] = &[
    ("utm_source", "linkedin"),
    ("utm_medium", "paid-social"),
    ("utm_campaign", "spring-demo"),
];
const SIZES: &[&str] = &["1-10", "11-50", "51-200", "201-1000", "1001+"];

fn english(version: u32, q: u64, now: i64) -> Value {
    let mut questions = vec![
        Ask::profile(q + 1, "FIRST_NAME", "First name", "First name"),
        Ask::profile(q + 2, "LAST_NAME", "Last name", "Last name"),
        Ask::profile(q + 3, "EMAIL", "Email address", "Email address"),
        Ask::profile(q + 4, "PHONE_NUMBER", "Phone number", "Phone number").optional(),
        Ask::profile(q + 5, "COMPANY_NAME", "Company name", "Company name"),
        Ask::profile(q + 6, "JOB_TITLE", "Job title", "Job title"),
        Ask::profile(q + 7, "SENIORITY", "Seniority", "Seniority").optional(),
        Ask::profile(q + 8, "INDUSTRY", "Industry", "Industry").optional(),
        Ask::profile(q + 9, "COMPANY_SIZE", "Company size", "Company size").optional(),
        Ask::profile(q + 10, "CITY", "City", "City").optional(),
        Ask::profile(q + 11, "COUNTRY", "Country", "Country/Region"),
        Ask::profile(
            q + 12,
            "LINKEDIN_PROFILE_LINK",
            "LinkedIn profile",
            "LinkedIn profile",
        )
        .optional(),
        Ask::custom(
            q + 13,
            "Custom question 0",
            "What would you like to see in the demo?",
        )
        .optional(),
        Ask::custom(
            q + 14,
            "Custom question 1",
            "How many people work with suppliers?",
        )
        .choice(SIZES),
    ];
    if version > 1 {
        questions.push(Ask::profile(q + 15, "WORK_EMAIL", "Work email", "Work email").optional());
        let tools = &["Spreadsheets", "An ERP", "Another product", "Nothing yet"];
        questions
            .push(Ask::custom(q + 16, "Custom question 2", "What do you use today?").choice(tools));
    }
    object(&Draft {
        id: DEMO_FORM,
        version,
        owner: Owner::Account(EMEA),
        name: "Request a demo",
        locale: "en_US",
        state: "PUBLISHED",
        headline: "See Harbor & Pine at work",
        questions,
        consents: &[
            (
                "I agree that Harbor & Pine may contact me about its products.",
                true,
            ),
            ("Yes, send me the monthly newsletter.", false),
        ],
        hidden: UTM,
        created: now - if version == 1 { 180 } else { 35 } * DAY,
    })
}

/// The five questions nearly every form has, in the words of its language.
fn basics<'a>(q: u64, words: [&'a str; 5]) -> Vec<Ask<'a>> {
    vec![
        Ask::profile(q + 1, "FIRST_NAME", words[0], words[0]),
        Ask::profile(q + 2, "LAST_NAME", words[1], words[1]),
        Ask::profile(q + 3, "EMAIL", words[2], words[2]),
        Ask::profile(q + 4, "COMPANY_NAME", words[3], words[3]),
        Ask::profile(q + 5, "JOB_TITLE", words[4], words[4]).optional(),
    ]
}

const ENGLISH: [&str; 5] = [
    "First name",
    "Last name",
    "Email address",
    "Company name",
    "Job title",
];

/// All forms of the demo.
pub(super) fn all_forms(now: i64) -> Vec<Form> {
    let created = now - 150 * DAY;
    let draft = |id, owner, name, locale, headline, questions| Draft {
        id,
        version: 1,
        owner,
        name,
        locale,
        state: "PUBLISHED",
        headline,
        questions,
        consents: &[],
        hidden: &[],
        created,
    };
    let (emea, page) = (Owner::Account(EMEA), Owner::Organization(ORGANIZATION));

    let mut demo = Form {
        id: DEMO_FORM,
        owner: emea,
        lead_type: "SPONSORED".to_owned(),
        versions: Default::default(),
    };
    demo.versions.insert(1, english(1, 107_234_200, now));
    demo.versions
        .insert(2, english(2, 9_007_199_254_741_000, now));

    let words = [
        "Vorname",
        "Nachname",
        "E-Mail-Adresse",
        "Unternehmen",
        "Jobbezeichnung",
    ];
    let mut questions = basics(68_512_000, words);
    questions.push(
        Ask::profile(68_512_006, "PHONE_NUMBER", "Telefonnummer", "Telefonnummer").optional(),
    );
    questions
        .push(Ask::profile(68_512_007, "POSTAL_CODE", "Postleitzahl", "Postleitzahl").optional());
    questions.push(
        Ask::custom(
            68_512_008,
            "Individuelle Frage 0",
            "Welche Themen beschäftigen Sie?",
        )
        .choice(&[
            "Lieferketten",
            "Einkauf & Verträge",
            "Größere Übersicht",
            "Sonstiges",
        ]),
    );
    let mut german = draft(
        BIG_FORM,
        emea,
        "Whitepaper Lieferketten",
        "de_DE",
        "Das Whitepaper für den Einkauf",
        questions,
    );
    german.consents = &[
        ("Ich stimme der Verarbeitung meiner Daten zu (DSGVO).", true),
        ("Newsletter abonnieren", false),
    ];
    german.hidden = &[("utm_source", "linkedin"), ("aktion", "weißbuch-ü")];

    let mut questions = basics(
        72_400_110,
        [
            "Prénom",
            "Nom",
            "Adresse e-mail",
            "Entreprise",
            "Intitulé de poste",
        ],
    );
    questions.push(
        Ask::profile(
            72_400_116,
            "WORK_PHONE_NUMBER",
            "Téléphone pro",
            "Téléphone professionnel",
        )
        .optional(),
    );
    questions.push(
        Ask::custom(
            72_400_117,
            "Question personnalisée 0",
            "Qu’attendez-vous de l’essai ?",
        )
        .optional(),
    );
    let mut french = draft(
        FRENCH_FORM,
        emea,
        "Essai gratuit – été",
        "fr_FR",
        "Essayez pendant 30 jours",
        questions,
    );
    french.consents = &[("J’accepte d’être contacté·e.", true)];

    // Made by an English-speaking colleague: the names are English, the questions are not.
    let mut questions = basics(72_400_120, ENGLISH);
    let japanese = ["名", "姓", "メールアドレス", "会社名", "役職"];
    for (ask, text) in questions.iter_mut().zip(japanese) {
        ask.text = text;
    }
    questions.push(
        Ask::custom(72_400_127, "Custom question 0", "導入時期").choice(&[
            "すぐに",
            "半年以内",
            "未定",
        ]),
    );
    let japanese = draft(
        JAPANESE_FORM,
        Owner::Account(JAPAN),
        "資料請求フォーム",
        "ja_JP",
        "資料を請求する",
        questions,
    );

    let mut questions = basics(
        72_400_130,
        [
            "الاسم الأول",
            "اسم العائلة",
            "البريد الإلكتروني",
            "الشركة",
            "المسمى الوظيفي",
        ],
    );
    questions.push(Ask::custom(72_400_136, "سؤال مخصص 0", "كيف يمكننا مساعدتك؟").optional());
    let mut arabic = draft(
        ARABIC_FORM,
        emea,
        "طلب عرض توضيحي",
        "ar_AE",
        "شاهد المنتج",
        questions,
    );
    arabic.consents = &[("أوافق على التواصل معي", true)];

    let mut questions = basics(72_400_140, ENGLISH);
    questions.push(
        Ask::profile(
            72_400_146,
            "FAVORITE_TRANSIT",
            "Favorite transit",
            "How do you commute?",
        )
        .optional(),
    );
    questions.push(Ask::profile(72_400_147, "GENDER_PRONOUN", "Pronouns", "Pronouns").optional());
    questions.push(
        Ask::custom(72_400_148, "Custom question 0", "Topics").choice(&[
            "Ports",
            "Forests",
            "<b>Both</b>",
        ]),
    );
    let odd = draft(
        ODD_FORM,
        Owner::Account(AMERICAS),
        "Newsletter & \"friends\"",
        "en_US",
        "Stay in the loop",
        questions,
    );
    let mut odd = form("SPONSORED", &odd);
    if let Some(json) = odd.versions.get_mut(&1) {
        make_odd(json);
    }

    let test = draft(
        TEST_FORM,
        Owner::Account(TEST),
        "Test form",
        "en_US",
        "Only a test",
        basics(72_400_150, ENGLISH),
    );
    let mut questions = basics(72_400_160, ENGLISH);
    questions.push(Ask::custom(72_400_166, "Custom question 0", "Any dietary needs?").optional());
    let event = draft(
        EVENT_FORM,
        page,
        "Event registration",
        "en_GB",
        "Register",
        questions,
    );
    let company = draft(
        PAGE_FORM,
        page,
        "Contact us (page)",
        "en_US",
        "Contact us",
        basics(72_400_170, ENGLISH),
    );
    let product = draft(
        PRODUCT_FORM,
        page,
        "Pine Planner",
        "en_US",
        "Get a quote",
        basics(72_400_180, ENGLISH),
    );
    let agency = draft(
        AGENCY_FORM,
        Owner::Account(AGENCY),
        "Mandant A: Kontakt",
        "de_DE",
        "Kontakt",
        basics(72_400_190, words),
    );
    let mut old = draft(
        OLD_FORM,
        Owner::Account(OLD),
        "Legacy form",
        "en_GB",
        "Hello",
        basics(72_400_200, ENGLISH),
    );
    old.state = "ARCHIVED";

    let mut forms = vec![demo, odd, form("EVENT", &event), form("COMPANY", &company)];
    forms.push(form("ORGANIZATION_PRODUCT", &product));
    forms.extend(
        [german, french, japanese, arabic, test, agency, old]
            .iter()
            .map(|draft| form("SPONSORED", draft)),
    );
    forms
}

/// What a newer LinkedIn might send: unknown enum values, unknown fields, labels.
fn make_odd(json: &mut Value) {
    json["reviewInfo"] = json!({ "reviewStatus": "ESCALATED_TO_ROBOT", "rejectionReasons": ["TOO_POETIC"], "lastUpdated": 1 });
    json["experimentBucket"] = json!({ "name": "b", "weights": [0.5, null, "x"] });
    json["creationLocale"]["variant"] = json!("POSIX");
    json["content"]["postSubmissionInfo"]["callToAction"]["callToActionLabel"] =
        json!("BEAM_ME_UP");
    for question in json["content"]["questions"]
        .as_array_mut()
        .into_iter()
        .flatten()
    {
        question["label"] = question["name"].clone();
        question["aiHint"] = json!(null);
    }
}
