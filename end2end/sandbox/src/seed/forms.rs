//! Building lead forms as LinkedIn shows them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::model::{Form, Owner};

/// How a question is asked.
pub(crate) enum Kind<'a> {
    Text,
    Choice(&'a [&'a str]),
}

/// One question of a form to be built.
pub(crate) struct Ask<'a> {
    pub(crate) id: u64,
    /// In the language of whoever made the form.
    pub(crate) name: &'a str,
    /// In the language of the form.
    pub(crate) text: &'a str,
    pub(crate) predefined: Option<&'a str>,
    pub(crate) required: bool,
    pub(crate) kind: Kind<'a>,
}

impl<'a> Ask<'a> {
    /// A question LinkedIn fills in from the profile.
    pub(crate) fn profile(id: u64, predefined: &'a str, name: &'a str, text: &'a str) -> Ask<'a> {
        Ask {
            id,
            name,
            text,
            predefined: Some(predefined),
            required: true,
            kind: Kind::Text,
        }
    }

    /// A question of the advertiser's own.
    pub(crate) fn custom(id: u64, name: &'a str, text: &'a str) -> Ask<'a> {
        Ask {
            id,
            name,
            text,
            predefined: None,
            required: true,
            kind: Kind::Text,
        }
    }

    pub(crate) fn optional(mut self) -> Ask<'a> {
        self.required = false;
        self
    }

    pub(crate) fn choice(mut self, options: &'a [&'a str]) -> Ask<'a> {
        self.kind = Kind::Choice(options);
        self
    }
}

/// A version of a form to be built.
pub(crate) struct Draft<'a> {
    pub(crate) id: u64,
    pub(crate) version: u32,
    pub(crate) owner: Owner,
    pub(crate) name: &'a str,
    /// `language_COUNTRY`.
    pub(crate) locale: &'a str,
    pub(crate) state: &'a str,
    pub(crate) headline: &'a str,
    pub(crate) questions: Vec<Ask<'a>>,
    /// Text and whether it must be ticked.
    pub(crate) consents: &'a [(&'a str, bool)],
    pub(crate) hidden: &'a [(&'a str, &'a str)],
    pub(crate) created: i64,
}

fn localized(locale: &str, text: &str) -> Value {
    json!({ "localized": { locale: text } })
}

fn question(ask: &Ask<'_>, locale: &str) -> Value {
    let details = match ask.kind {
        Kind::Text => json!({ "textQuestionDetails": { "maxResponseLength": 300 } }),
        Kind::Choice(options) => {
            let options: Vec<Value> = options
                .iter()
                .enumerate()
                .map(|(id, text)| json!({ "id": id, "text": localized(locale, text) }))
                .collect();
            json!({ "multipleChoiceQuestionDetails": { "options": options } })
        }
    };
    let mut question = json!({
        "questionId": ask.id, "name": ask.name, "question": localized(locale, ask.text),
        "responseRequired": ask.required, "responseEditable": true, "questionDetails": details,
    });
    if let Some(predefined) = ask.predefined {
        question["predefinedField"] = json!(predefined);
    }
    question
}

/// The object of one version.
pub(crate) fn object(draft: &Draft<'_>) -> Value {
    let locale = draft.locale;
    let (language, country) = locale.split_once('_').unwrap_or((locale, "US"));
    let consents: Vec<Value> = draft
        .consents
        .iter()
        .enumerate()
        .map(|(id, (text, required))| json!({ "id": id, "checkRequired": required, "consent": localized(locale, text) }))
        .collect();
    let hidden: Vec<Value> = draft
        .hidden
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    json!({
        "id": draft.id, "name": draft.name, "state": draft.state, "versionId": draft.version,
        "owner": draft.owner.json(), "created": draft.created, "lastModified": draft.created + 60_000,
        "creationLocale": { "country": country, "language": language },
        "reviewInfo": { "reviewStatus": "APPROVED", "rejectionReasons": [], "lastUpdated": draft.created + 90_000 },
        "hiddenFields": hidden,
        "content": {
            "headline": localized(locale, draft.headline),
            "description": localized(locale, draft.headline),
            "questions": draft.questions.iter().map(|ask| question(ask, locale)).collect::<Vec<_>>(),
            "postSubmissionInfo": {
                "message": localized(locale, "✓"),
                "callToAction": {
                    "callToActionLabel": "VISIT_COMPANY_WEBSITE",
                    "callToActionTarget": { "landingPageUrl": "https://harbor-and-pine.example/thanks" },
                },
            },
            "legalInfo": {
                "legalInfoId": draft.created.unsigned_abs() / 7, "privacyPolicyUrl": "https://harbor-and-pine.example/privacy",
                "legalDisclaimer": localized(locale, "Harbor & Pine"), "consents": consents,
            },
        },
    })
}

/// A form of one version.
pub(crate) fn form(lead_type: &str, draft: &Draft<'_>) -> Form {
    Form {
        id: draft.id,
        owner: draft.owner,
        lead_type: lead_type.to_owned(),
        versions: BTreeMap::from([(draft.version, object(draft))]),
    }
}

/// The plain English form of the small seeds; its question ids begin at 100 times the form's id.
pub(crate) fn contact_form(id: u64, name: &str, account: u64, created: i64) -> Form {
    let q = id * 100;
    form(
        "SPONSORED",
        &Draft {
            id,
            version: 1,
            owner: Owner::Account(account),
            name,
            locale: "en_US",
            state: "PUBLISHED",
            headline: "Talk to us",
            questions: vec![
                Ask::profile(q + 1, "FIRST_NAME", "First name", "First name"),
                Ask::profile(q + 2, "LAST_NAME", "Last name", "Last name"),
                Ask::profile(q + 3, "EMAIL", "Email address", "Email address"),
                Ask::profile(q + 4, "PHONE_NUMBER", "Phone number", "Phone number").optional(),
                Ask::profile(q + 5, "COMPANY_NAME", "Company name", "Company name"),
                Ask::profile(q + 6, "JOB_TITLE", "Job title", "Job title"),
                Ask::custom(q + 7, "Custom question 0", "What are you looking for?").optional(),
                Ask::custom(q + 8, "Custom question 1", "How soon?").choice(&[
                    "This month",
                    "This quarter",
                    "Just looking",
                ]),
            ],
            consents: &[
                ("I agree to be contacted.", true),
                ("Send me the newsletter.", false),
            ],
            hidden: &[("utm_source", "linkedin"), ("utm_medium", "paid-social")],
            created,
        },
    )
}
