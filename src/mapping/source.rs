//! Where a mapping takes its value from.

use serde::{Deserialize, Serialize};

use super::template::Others;
use crate::lead::{FieldKind, normalise};
use crate::submission::{Answer, AnswerValue, Answers, FormContent, LeadType, Question};

/// Where a mapping takes its value from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "key")]
pub enum Source {
    /// The answer to a predefined question, by LinkedIn's key; several spellings are separated by a
    /// bar, because LinkedIn's own is not published for all of them (spec/linkedin.md 4.3).
    Predefined(String),
    /// The answer to a custom question, by the question's text or name as the form has it, however
    /// it is capitalized (spec/parity.md 5.2).
    Question(String),
    /// A hidden field of the form, by its name.
    Hidden(String),
    /// Whether a consent was given (`Yes` or `No`), by what it says.
    Consent(String),
    /// What LinkedIn says about the submission besides its answers.
    Fact(Fact),
    /// Always the same text.
    Constant(String),
}

/// What LinkedIn says about a submission besides its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// The form's name.
    Form,
    /// The campaign's name.
    Campaign,
    /// The creative's URN.
    Creative,
    /// The linked account's name.
    Account,
    /// The kind of lead, in words.
    LeadType,
    /// When it was submitted: RFC 3339, UTC.
    SubmittedAt,
}

/// The facts about one submission, as far as they are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// LinkedIn's id of the form.
    pub form_id: Option<i64>,
    /// The form's name.
    pub form: Option<String>,
    /// The campaign's name.
    pub campaign: Option<String>,
    /// The creative's URN.
    pub creative: Option<String>,
    /// The linked account's name.
    pub account: Option<String>,
    /// LinkedIn's word for the kind of lead.
    pub lead_type: String,
    /// When it was submitted, in milliseconds since the epoch.
    pub submitted_at: i64,
}

impl Facts {
    fn read(&self, fact: Fact) -> Option<String> {
        match fact {
            Fact::Form => self.form.clone(),
            Fact::Campaign => self.campaign.clone(),
            Fact::Creative => self.creative.clone(),
            Fact::Account => self.account.clone(),
            Fact::LeadType => Some(match LeadType::parse(&self.lead_type) {
                Some(known) => known.label().to_owned(),
                None => self.lead_type.clone(),
            }),
            Fact::SubmittedAt => rfc3339(self.submitted_at),
        }
    }
}

fn rfc3339(ms: i64) -> Option<String> {
    let time = time::OffsetDateTime::from_unix_timestamp(ms.div_euclid(1_000)).ok()?;
    time.format(&time::format_description::well_known::Rfc3339)
        .ok()
}

impl Fact {
    /// All of them.
    pub const ALL: [Fact; 6] = [
        Fact::Form,
        Fact::Campaign,
        Fact::Creative,
        Fact::Account,
        Fact::LeadType,
        Fact::SubmittedAt,
    ];

    /// The word for it in the database.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Fact::Form => "form",
            Fact::Campaign => "campaign",
            Fact::Creative => "creative",
            Fact::Account => "account",
            Fact::LeadType => "lead_type",
            Fact::SubmittedAt => "submitted_at",
        }
    }

    /// The fact in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Fact::Form => "Form",
            Fact::Campaign => "Campaign",
            Fact::Creative => "Creative",
            Fact::Account => "Linked account",
            Fact::LeadType => "Lead type",
            Fact::SubmittedAt => "Submitted at",
        }
    }
}

impl Source {
    /// The word for the kind of source in the database.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Source::Predefined(_) => "predefined",
            Source::Question(_) => "question",
            Source::Hidden(_) => "hidden",
            Source::Consent(_) => "consent",
            Source::Fact(_) => "fact",
            Source::Constant(_) => "constant",
        }
    }

    /// What the kind of source is called.
    #[must_use]
    pub fn kind_label(&self) -> &'static str {
        match self {
            Source::Predefined(_) => "LinkedIn field",
            Source::Question(_) => "Custom question",
            Source::Hidden(_) => "Hidden field",
            Source::Consent(_) => "Consent",
            Source::Fact(_) => "About the submission",
            Source::Constant(_) => "Fixed text",
        }
    }

    /// The key within its kind.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Source::Predefined(key)
            | Source::Question(key)
            | Source::Hidden(key)
            | Source::Consent(key)
            | Source::Constant(key) => key,
            Source::Fact(fact) => fact.slug(),
        }
    }

    /// The source with this kind and key.
    #[must_use]
    pub fn parse(kind: &str, key: &str) -> Option<Source> {
        let key = key.to_owned();
        Some(match kind {
            "predefined" => Source::Predefined(key),
            "question" => Source::Question(key),
            "hidden" => Source::Hidden(key),
            "consent" => Source::Consent(key),
            "constant" => Source::Constant(key),
            "fact" => Source::Fact(Fact::ALL.into_iter().find(|fact| fact.slug() == key)?),
            _ => return None,
        })
    }

    /// The source that a question of a form is; `None` when it says nothing to find it by.
    #[must_use]
    pub fn of_question(question: &Question) -> Option<Source> {
        let source = match &question.predefined {
            Some(key) => Source::Predefined(key.clone()),
            None if question.text.trim().is_empty() => Source::Question(question.name.clone()),
            None => Source::Question(question.text.clone()),
        };
        (!source.key().trim().is_empty()).then_some(source)
    }

    /// What people call it: `WORK_EMAIL` is "Work email".
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Source::Predefined(key) => predefined_label(key),
            Source::Fact(fact) => fact.label().to_owned(),
            Source::Constant(text) => format!("“{text}”"),
            Source::Question(key) | Source::Hidden(key) | Source::Consent(key) => key.clone(),
        }
    }

    /// Whether it takes what another source of one spelling stands for.
    #[must_use]
    pub fn covers(&self, other: &Source) -> bool {
        match self {
            Source::Predefined(keys) => {
                other.kind() == self.kind() && keys.split('|').any(|key| key == other.key())
            }
            _ => other.kind() == self.kind() && same(self.key(), other.key()),
        }
    }

    /// The values that a submission has for it; none when it has none.
    #[must_use]
    pub fn read(&self, answers: &Answers, facts: &Facts) -> Vec<String> {
        let one = |value: Option<String>| value.into_iter().collect();
        match self {
            Source::Predefined(keys) => keys
                .split('|')
                .filter_map(|key| answers.answers.iter().find(|a| is_predefined(a, key)))
                .map(|answer| texts(&answer.value))
                .find(|values| !values.is_empty())
                .unwrap_or_default(),
            Source::Question(text) => {
                let custom = answers.answers.iter().filter(|a| a.predefined.is_none());
                let mut asked = custom.filter(|a| same(&a.question, text) || same(&a.name, text));
                asked
                    .next()
                    .map(|answer| texts(&answer.value))
                    .unwrap_or_default()
            }
            Source::Hidden(name) => {
                let mut fields = answers.hidden.iter();
                one(fields
                    .find(|f| same(&f.name, name))
                    .map(|f| f.value.clone()))
            }
            Source::Consent(text) => {
                let mut consents = answers.consents.iter();
                let accepted = consents
                    .find(|c| same(&c.text, text))
                    .and_then(|c| c.accepted);
                one(accepted.map(|yes| if yes { "Yes" } else { "No" }.to_owned()))
            }
            Source::Fact(fact) => one(facts.read(*fact)),
            Source::Constant(text) => vec![text.clone()],
        }
    }
}

/// Everything that a form asks for or carries with it, that a mapping could take.
#[must_use]
pub fn carried(content: &FormContent) -> Vec<Source> {
    let questions = content.questions.iter().filter_map(Source::of_question);
    let hidden = content.hidden.iter();
    let hidden = hidden.map(|field| Source::Hidden(field.name.clone()));
    let consents = content.consents.iter();
    let consents = consents.map(|consent| Source::Consent(consent.text.clone()));
    let all = questions.chain(hidden).chain(consents);
    all.filter(|source| !source.key().trim().is_empty())
        .collect()
}

/// The predefined answers for templates, by LinkedIn's key in small letters.
pub(super) fn others(answers: &Answers) -> Others {
    let named = |answer: &Answer| {
        let key = answer.predefined.as_ref()?.to_lowercase();
        Some((key, answer.value.text()))
    };
    answers.answers.iter().filter_map(named).collect()
}

fn is_predefined(answer: &Answer, key: &str) -> bool {
    answer.predefined.as_deref() == Some(key)
}

fn same(one: &str, other: &str) -> bool {
    let key = |text| normalise(FieldKind::Text, text);
    key(one).is_some_and(|one| Some(one) == key(other))
}

/// What was answered, each choice by itself; blanks are no answer.
fn texts(value: &AnswerValue) -> Vec<String> {
    let texts = match value {
        AnswerValue::Choices(choices) => choices.iter().map(|choice| choice.label()).collect(),
        AnswerValue::Text(_) | AnswerValue::Unknown(_) => vec![value.text()],
    };
    texts
        .into_iter()
        .filter(|text| !text.trim().is_empty())
        .collect()
}

fn predefined_label(key: &str) -> String {
    let first = key.split('|').next().unwrap_or_default();
    let text = first.replace('_', " ").to_lowercase();
    let text = text.replace("linkedin", "LinkedIn");
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}
