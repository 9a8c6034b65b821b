//! One form response as Leadline keeps it, and the form it answers.
//!
//! LinkedIn's answers carry only a question id; here they are already joined with the questions of
//! the response's own form version (spec/linkedin.md 5.2), in a shape that a page can show and the
//! mappings can read. What cannot be understood is kept verbatim and said so.

use serde::{Deserialize, Serialize};

/// What became of a submission as far as its lead is concerned; the numbers are the old connector's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchingStatus {
    /// Nobody has looked for a lead yet.
    Pending,
    /// A lead was made from it.
    Created,
    /// It belongs to a lead that was there before, and updated it.
    Updated,
    /// It is held: a person has to decide.
    Failed,
    /// A lead should have been made and could not.
    CreationFailed,
    /// A lead should have been updated and could not.
    UpdateFailed,
    /// It belongs to a lead, in which nothing was to be changed.
    MatchedNotUpdated,
}

impl MatchingStatus {
    /// All of them, in the order of their codes.
    pub const ALL: [MatchingStatus; 7] = [
        MatchingStatus::Pending,
        MatchingStatus::Created,
        MatchingStatus::Updated,
        MatchingStatus::Failed,
        MatchingStatus::CreationFailed,
        MatchingStatus::UpdateFailed,
        MatchingStatus::MatchedNotUpdated,
    ];

    /// The option value that the old connector used.
    #[must_use]
    pub fn code(self) -> i64 {
        192_350_000
            + match self {
                MatchingStatus::Pending => 0,
                MatchingStatus::Created => 1,
                MatchingStatus::Updated => 2,
                MatchingStatus::Failed => 3,
                MatchingStatus::CreationFailed => 4,
                MatchingStatus::UpdateFailed => 5,
                MatchingStatus::MatchedNotUpdated => 6,
            }
    }

    /// The status with this code.
    #[must_use]
    pub fn from_code(code: i64) -> Option<MatchingStatus> {
        MatchingStatus::ALL.into_iter().find(|s| s.code() == code)
    }

    /// Whether a person has to decide what becomes of it.
    #[must_use]
    pub fn waits(self) -> bool {
        matches!(
            self,
            MatchingStatus::Failed | MatchingStatus::CreationFailed | MatchingStatus::UpdateFailed
        )
    }

    /// The name people know it by.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            MatchingStatus::Pending => "Pending lead matching",
            MatchingStatus::Created => "New lead created",
            MatchingStatus::Updated => "Updated existing lead",
            MatchingStatus::Failed => "Match failed",
            MatchingStatus::CreationFailed => "Lead creation failed",
            MatchingStatus::UpdateFailed => "Lead update failed",
            MatchingStatus::MatchedNotUpdated => "Lead matched but not updated",
        }
    }

    /// The word for it in addresses and in the API.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            MatchingStatus::Pending => "pending",
            MatchingStatus::Created => "created",
            MatchingStatus::Updated => "updated",
            MatchingStatus::Failed => "failed",
            MatchingStatus::CreationFailed => "creation_failed",
            MatchingStatus::UpdateFailed => "update_failed",
            MatchingStatus::MatchedNotUpdated => "matched_not_updated",
        }
    }
}

/// How far the processing of a submission has come; the numbers are the old connector's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProcessingState {
    /// It waits for its turn, or for a person.
    Unprocessed,
    /// It is done.
    Succeeded,
    /// The last try failed.
    Failed,
}

impl ProcessingState {
    /// All of them, in the order of their codes.
    pub const ALL: [ProcessingState; 3] = [
        ProcessingState::Unprocessed,
        ProcessingState::Succeeded,
        ProcessingState::Failed,
    ];

    /// The option value that the old connector used.
    #[must_use]
    pub fn code(self) -> i64 {
        192_350_000
            + match self {
                ProcessingState::Unprocessed => 0,
                ProcessingState::Succeeded => 1,
                ProcessingState::Failed => 2,
            }
    }

    /// The state with this code.
    #[must_use]
    pub fn from_code(code: i64) -> Option<ProcessingState> {
        ProcessingState::ALL.into_iter().find(|s| s.code() == code)
    }

    /// The name people know it by.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            ProcessingState::Unprocessed => "Unprocessed",
            ProcessingState::Succeeded => "Processing succeeded",
            ProcessingState::Failed => "Processing failed",
        }
    }

    /// The word for it in addresses and in the API.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            ProcessingState::Unprocessed => "unprocessed",
            ProcessingState::Succeeded => "succeeded",
            ProcessingState::Failed => "failed",
        }
    }
}

/// The kinds of leads that LinkedIn knows (spec/linkedin.md 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LeadType {
    /// From an advertisement.
    Sponsored,
    /// From an event's registration form.
    Event,
    /// From a company page.
    Company,
    /// From a product page.
    OrganizationProduct,
}

impl LeadType {
    /// All of them.
    pub const ALL: [LeadType; 4] = [
        LeadType::Sponsored,
        LeadType::Event,
        LeadType::Company,
        LeadType::OrganizationProduct,
    ];

    /// LinkedIn's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            LeadType::Sponsored => "SPONSORED",
            LeadType::Event => "EVENT",
            LeadType::Company => "COMPANY",
            LeadType::OrganizationProduct => "ORGANIZATION_PRODUCT",
        }
    }

    /// The kind with LinkedIn's word.
    #[must_use]
    pub fn parse(word: &str) -> Option<LeadType> {
        LeadType::ALL.into_iter().find(|t| t.as_str() == word)
    }

    /// The name people know it by.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            LeadType::Sponsored => "Sponsored",
            LeadType::Event => "Event",
            LeadType::Company => "Company page",
            LeadType::OrganizationProduct => "Product page",
        }
    }
}

/// What a person wrote and chose, joined with the form: the JSON in `submission.answers`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// The answers, in the order of the form's questions.
    #[serde(default)]
    pub answers: Vec<Answer>,
    /// The consents, in the order of the form.
    #[serde(default)]
    pub consents: Vec<ConsentAnswer>,
    /// The form's hidden fields as they were when the response was read.
    #[serde(default)]
    pub hidden: Vec<HiddenField>,
}

impl Answers {
    /// The text given to the first of these predefined fields that has one.
    #[must_use]
    pub fn predefined(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| {
            self.answers
                .iter()
                .find(|a| a.predefined.as_deref() == Some(key))
                .map(|a| a.value.text())
                .filter(|text| !text.trim().is_empty())
        })
    }
}

/// One answer with the question it answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// LinkedIn's id of the question; `None` when LinkedIn sent something unreadable.
    pub question_id: Option<i64>,
    /// The question's name, in the language of the form's creator.
    pub name: String,
    /// The question as the person saw it.
    pub question: String,
    /// LinkedIn's key when the question is a predefined one, such as `EMAIL`.
    pub predefined: Option<String>,
    /// What was answered.
    pub value: AnswerValue,
}

impl Answer {
    /// What a page shows as the question: its text, else its name, else its id.
    #[must_use]
    pub fn title(&self) -> String {
        if !self.question.is_empty() {
            self.question.clone()
        } else if !self.name.is_empty() {
            self.name.clone()
        } else {
            self.question_id.map_or_else(
                || "Unknown question".to_owned(),
                |id| format!("Question {id}"),
            )
        }
    }
}

/// The answer itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerValue {
    /// What was written.
    Text(String),
    /// What was chosen.
    Choices(Vec<Choice>),
    /// A kind of answer that this version does not know, as LinkedIn sent it.
    Unknown(serde_json::Value),
}

impl AnswerValue {
    /// The answer as one line of text; several choices are joined by a semicolon.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            AnswerValue::Text(text) => text.clone(),
            AnswerValue::Choices(choices) => choices
                .iter()
                .map(Choice::label)
                .collect::<Vec<_>>()
                .join("; "),
            AnswerValue::Unknown(_) => String::new(),
        }
    }
}

/// One chosen option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The option's id within its question.
    pub id: i64,
    /// The option's text; `None` when the form does not know the id.
    pub text: Option<String>,
}

impl Choice {
    /// The option's text, else its id.
    #[must_use]
    pub fn label(&self) -> String {
        self.text
            .clone()
            .unwrap_or_else(|| format!("Option {}", self.id))
    }
}

/// One consent with what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentAnswer {
    /// The consent's id within its form.
    pub id: i64,
    /// What the person was asked to consent to; empty when the form is not known.
    pub text: String,
    /// Whether the form could be sent without it.
    pub required: bool,
    /// Whether the person consented; `None` when LinkedIn said nothing about it.
    pub accepted: Option<bool>,
}

/// A constant that the form carries with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HiddenField {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// What a form version asks: the JSON in `form.questions`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormContent {
    /// The questions, in order.
    #[serde(default)]
    pub questions: Vec<Question>,
    /// The consents, in order.
    #[serde(default)]
    pub consents: Vec<ConsentQuestion>,
    /// The hidden fields.
    #[serde(default)]
    pub hidden: Vec<HiddenField>,
}

/// One question of a form version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// LinkedIn's id.
    pub id: i64,
    /// Its name, in the language of the form's creator.
    pub name: String,
    /// Its text, in the form's language.
    pub text: String,
    /// LinkedIn's key when it is a predefined one.
    pub predefined: Option<String>,
    /// Whether it has to be answered.
    pub required: bool,
    /// Its options when it is a multiple choice question, otherwise empty.
    #[serde(default)]
    pub options: Vec<QuestionOption>,
}

/// One option of a multiple choice question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionOption {
    /// Its id within the question.
    pub id: i64,
    /// Its text, in the form's language.
    pub text: String,
}

/// One consent that a form asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentQuestion {
    /// Its id within the form.
    pub id: i64,
    /// What it says.
    pub text: String,
    /// Whether it has to be given.
    pub required: bool,
}
