//! Shapes that several nouns share.

use leadline::submission::{Answer, AnswerValue, ConsentAnswer, HiddenField};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::rfc3339::utc;

/// A moment, RFC 3339 in UTC, to the millisecond.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(value_type = String, format = DateTime, examples("2026-11-24T08:34:56.789Z"))]
pub struct Moment(String);

impl From<i64> for Moment {
    fn from(at: i64) -> Moment {
        Moment(utc(at))
    }
}

/// A moment, if there is one.
#[must_use]
pub fn moment(at: Option<i64>) -> Option<Moment> {
    at.map(Moment::from)
}

/// Something of Leadline's, by id and name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Named {
    /// Leadline's id.
    pub id: i64,
    /// Its name.
    #[schema(required)]
    pub name: Option<String>,
}

impl Named {
    /// Something that may not be there.
    #[must_use]
    pub fn of(id: Option<i64>, name: Option<String>) -> Option<Named> {
        id.map(|id| Named { id, name })
    }
}

/// The linked account that something belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfAccount {
    /// Leadline's id.
    pub id: i64,
    /// LinkedIn's name for it.
    #[schema(examples("urn:li:sponsoredAccount:501234567"))]
    pub urn: String,
    /// Its name.
    pub name: String,
}

/// One answer with the question it answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiAnswer {
    /// LinkedIn's id of the question; null when it cannot be read.
    #[schema(required)]
    question_id: Option<i64>,
    /// The question's name, in the language of the form's creator.
    name: String,
    /// The question as the person saw it.
    question: String,
    /// LinkedIn's key when the question is a predefined one, such as `EMAIL`.
    #[schema(required)]
    predefined: Option<String>,
    /// The answer as text; several choices are joined by a semicolon.
    value: String,
    /// What was chosen, when it is a question with choices.
    choices: Vec<ApiChoice>,
    /// A kind of answer that this version does not know, as LinkedIn sent it; else null.
    #[schema(required)]
    unknown: Option<Value>,
}

/// One chosen option.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiChoice {
    /// The option's id within its question.
    id: i64,
    /// The option's text; null when the form does not know the id.
    #[schema(required)]
    text: Option<String>,
}

impl From<Answer> for ApiAnswer {
    fn from(answer: Answer) -> ApiAnswer {
        let value = answer.value.text();
        let (choices, unknown) = match answer.value {
            AnswerValue::Text(_) => (Vec::new(), None),
            AnswerValue::Choices(choices) => (choices, None),
            AnswerValue::Unknown(value) => (Vec::new(), Some(value)),
        };
        let choice = |choice: leadline::submission::Choice| ApiChoice {
            id: choice.id,
            text: choice.text,
        };
        ApiAnswer {
            question_id: answer.question_id,
            name: answer.name,
            question: answer.question,
            predefined: answer.predefined,
            value,
            choices: choices.into_iter().map(choice).collect(),
            unknown,
        }
    }
}

/// One consent with what it says.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiConsent {
    /// The consent's id within its form.
    id: i64,
    /// What the person was asked to consent to; empty when the form is not known.
    text: String,
    /// Whether the form could be sent without it.
    required: bool,
    /// Whether the person consented; null when LinkedIn said nothing about it.
    #[schema(required)]
    accepted: Option<bool>,
}

impl From<ConsentAnswer> for ApiConsent {
    fn from(consent: ConsentAnswer) -> ApiConsent {
        ApiConsent {
            id: consent.id,
            text: consent.text,
            required: consent.required,
            accepted: consent.accepted,
        }
    }
}

/// A constant that the form carries with it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiHiddenField {
    /// Its name.
    name: String,
    /// Its value.
    value: String,
}

impl From<HiddenField> for ApiHiddenField {
    fn from(field: HiddenField) -> ApiHiddenField {
        ApiHiddenField {
            name: field.name,
            value: field.value,
        }
    }
}
