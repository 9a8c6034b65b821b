//! One version of a lead form, out of a list of forms or out of a lead that answers it.

use serde_json::Value;

use super::json::{at, id, list, locale, localized, number, text_at, truth};
use super::urn::FormRef;
use super::words::Word;
use crate::submission::{ConsentQuestion, FormContent, HiddenField, Question, QuestionOption};

/// A version of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormVersion {
    /// Its id and version.
    pub form: FormRef,
    /// Its name; empty if it has none.
    pub name: String,
    /// `DRAFT`, `PUBLISHED`, `ARCHIVED`, …; a lead does not say.
    pub state: Option<String>,
    /// What LinkedIn's review says; absent until there was one.
    pub review_status: Option<String>,
    /// The language that it is written in, as `language_COUNTRY`.
    pub locale: Option<String>,
    /// Its questions, consents and hidden fields.
    pub content: FormContent,
    /// What stands above the questions.
    pub headline: Option<String>,
    /// What the form says about itself.
    pub description: Option<String>,
    /// What is said after it was sent.
    pub thank_you: Option<String>,
    /// Where the person is sent afterwards.
    pub landing_page_url: Option<String>,
    /// The privacy policy that it links to.
    pub privacy_policy_url: Option<String>,
    /// The form as LinkedIn sent it.
    pub raw: String,
}

impl Word for FormVersion {
    fn read(value: &Value) -> Result<FormVersion, String> {
        let part = |name: &str| {
            at(value, &[name])
                .and_then(|part| id(part, "leadGenForm"))
                .ok_or_else(|| format!("the field \"{name}\" is missing or not an id"))
        };
        let form = FormRef {
            id: part("id")?,
            version: part("versionId")?,
        };
        Ok(FormVersion::of(form, value))
    }
}

impl FormVersion {
    /// Reads what can be read of a form whose id and version are known.
    pub(super) fn of(form: FormRef, value: &Value) -> FormVersion {
        let locale = at(value, &["creationLocale"]).and_then(locale);
        let written = |path: &[&str]| {
            localized(at(value, path)?, locale.as_deref()).filter(|text| !text.trim().is_empty())
        };
        let after = ["content", "postSubmissionInfo"];
        FormVersion {
            form,
            name: text_at(value, &["name"]).unwrap_or_default(),
            state: text_at(value, &["state"]),
            review_status: text_at(value, &["reviewInfo", "reviewStatus"]),
            content: content(value, locale.as_deref()),
            headline: written(&["content", "headline"]),
            description: written(&["content", "description"]),
            thank_you: written(&[after[0], after[1], "message"]),
            landing_page_url: text_at(
                value,
                &[
                    after[0],
                    after[1],
                    "callToAction",
                    "callToActionTarget",
                    "landingPageUrl",
                ],
            ),
            privacy_policy_url: text_at(value, &["content", "legalInfo", "privacyPolicyUrl"]),
            raw: value.to_string(),
            locale,
        }
    }
}

/// What a form asks. A question without an id cannot be answered, so it is left out.
fn content(form: &Value, locale: Option<&str>) -> FormContent {
    let questions = list(form, &["content", "questions"]);
    let consents = list(form, &["content", "legalInfo", "consents"]);
    let hidden = list(form, &["hiddenFields"]);
    FormContent {
        questions: questions
            .iter()
            .filter_map(|q| question(q, locale))
            .collect(),
        consents: consents.iter().filter_map(|c| consent(c, locale)).collect(),
        hidden: hidden.iter().filter_map(hidden_field).collect(),
    }
}

fn question(value: &Value, locale: Option<&str>) -> Option<Question> {
    let options = [
        "questionDetails",
        "multipleChoiceQuestionDetails",
        "options",
    ];
    Some(Question {
        id: number(at(value, &["questionId"])?)?,
        name: text_at(value, &["name"]).unwrap_or_default(),
        text: said(value, "question", locale),
        predefined: text_at(value, &["predefinedField"]),
        required: yes(value, "responseRequired"),
        options: list(value, &options)
            .iter()
            .filter_map(|option| {
                Some(QuestionOption {
                    id: number(at(option, &["id"])?)?,
                    text: said(option, "text", locale),
                })
            })
            .collect(),
    })
}

fn consent(value: &Value, locale: Option<&str>) -> Option<ConsentQuestion> {
    Some(ConsentQuestion {
        id: number(at(value, &["id"])?)?,
        text: said(value, "consent", locale),
        required: yes(value, "checkRequired"),
    })
}

fn hidden_field(value: &Value) -> Option<HiddenField> {
    Some(HiddenField {
        name: text_at(value, &["name"])?,
        value: text_at(value, &["value"]).unwrap_or_default(),
    })
}

/// The localized text of a field, else the plain label that newer versions have beside it.
fn said(value: &Value, field: &str, locale: Option<&str>) -> String {
    at(value, &[field])
        .and_then(|text| localized(text, locale))
        .or_else(|| text_at(value, &["label"]))
        .unwrap_or_default()
}

fn yes(value: &Value, field: &str) -> bool {
    at(value, &[field]).and_then(truth).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sample() -> Value {
        json!({"id": 6_851_219_773_716_516_864_i64, "name": "Demo form", "state": "PUBLISHED", "versionId": 2,
            "creationLocale": {"country": "ES", "language": "es"},
            "reviewInfo": {"reviewStatus": "NEEDS_REVIEW"},
            "hiddenFields": [{"name": "hidden_field", "value": "abc678"}, {"value": "nameless"}],
            "content": {
                "headline": {"localized": {"es_ES": "Hola"}}, "description": {"localized": {"es_ES": " "}},
                "questions": [
                    {"questionId": 107_234_246, "name": "First name", "question": {"localized": {"en_US": "Name", "es_ES": "Nombre"}},
                     "predefinedField": "FIRST_NAME", "responseRequired": true,
                     "questionDetails": {"textQuestionDetails": {"maxResponseLength": 300}}},
                    {"questionId": "707234246", "name": "Custom question 0", "label": "Color?",
                     "questionDetails": {"multipleChoiceQuestionDetails": {"options": [
                        {"id": 0, "text": {"localized": {"es_ES": "Rojo"}}}, {"id": 1, "label": "Azul"}, {"text": "?"}]}}},
                    {"name": "without an id"}],
                "postSubmissionInfo": {"message": {"localized": {"es_ES": "Gracias"}},
                    "callToAction": {"callToActionTarget": {"landingPageUrl": "https://example.com"}}},
                "legalInfo": {"privacyPolicyUrl": "https://example.com/privacy",
                    "consents": [{"id": 0, "checkRequired": true, "consent": {"localized": {"es_ES": "Acepto"}}}]}}})
    }

    #[test]
    fn a_form_is_read_in_its_own_language() {
        let form = FormVersion::read(&sample()).unwrap();
        assert_eq!(form.form.id, 6_851_219_773_716_516_864);
        assert_eq!(
            (form.form.version, form.locale.as_deref()),
            (2, Some("es_ES"))
        );
        assert_eq!(form.headline.as_deref(), Some("Hola"));
        assert_eq!(form.description, None);
        assert_eq!(form.thank_you.as_deref(), Some("Gracias"));
        assert_eq!(
            form.landing_page_url.as_deref(),
            Some("https://example.com")
        );
        let [first, second] = &form.content.questions[..] else {
            panic!("two questions have an id")
        };
        assert_eq!((first.text.as_str(), first.required), ("Nombre", true));
        assert_eq!(first.predefined.as_deref(), Some("FIRST_NAME"));
        assert_eq!((second.id, second.text.as_str()), (707_234_246, "Color?"));
        let options: Vec<&str> = second.options.iter().map(|o| o.text.as_str()).collect();
        assert_eq!(options, ["Rojo", "Azul"]);
        assert_eq!(form.content.consents[0].text, "Acepto");
        assert_eq!(form.content.hidden.len(), 1);
    }

    #[test]
    fn a_form_needs_only_its_id_and_version() {
        let form = FormVersion::read(&json!({"id": "7", "versionId": "1"})).unwrap();
        assert_eq!(form.form, FormRef { id: 7, version: 1 });
        for value in [json!({"id": 7}), json!({"versionId": 1}), json!(null)] {
            assert!(FormVersion::read(&value).is_err());
        }
    }

    #[test]
    fn every_part_may_be_junk() {
        for junk in [
            json!(null),
            json!(7),
            json!("x"),
            json!([{}, null, 1]),
            json!({"a": []}),
        ] {
            for part in [
                "name",
                "content",
                "hiddenFields",
                "creationLocale",
                "reviewInfo",
            ] {
                let mut value = sample();
                value[part] = junk.clone();
                assert_eq!(FormVersion::read(&value).unwrap().form.version, 2);
            }
            for part in ["questions", "headline", "legalInfo", "postSubmissionInfo"] {
                let mut value = sample();
                value["content"][part] = junk.clone();
                assert!(FormVersion::read(&value).is_ok());
            }
        }
    }
}
