//! What differs between two versions of a form, and what that means for the mappings. Pure: the sync
//! notes it when it reads a version, a page shows it between any two.
//!
//! Questions are the same when LinkedIn gives them the same id; else when they are the same
//! predefined one, have the same text, or at least the same name. Options are the same when they say
//! the same, else when they have the same id.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::lead::{FieldKind, normalise};
use crate::mapping::Source;
use crate::submission::{ConsentQuestion, FormContent, HiddenField, Question, QuestionOption};

mod effect;

#[cfg(test)]
mod tests;

pub use effect::{Effect, Fill, alike};

/// What became of a form, or of a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A form that was not there before.
    NewForm,
    /// A version that asks what the one before it asked.
    NewVersion,
    /// A question, a consent or a hidden field that was not there before.
    Added,
    /// It is worded in another way.
    Edited,
    /// It is not there any more.
    Gone,
    /// An option that a question did not have before.
    OptionAdded,
    /// An option is worded in another way.
    OptionEdited,
    /// A question has an option no more.
    OptionGone,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 8] = [
        Kind::NewForm,
        Kind::NewVersion,
        Kind::Added,
        Kind::Edited,
        Kind::Gone,
        Kind::OptionAdded,
        Kind::OptionEdited,
        Kind::OptionGone,
    ];

    /// The word for it in the database and in the API.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Kind::NewForm => "new_form",
            Kind::NewVersion => "new_version",
            Kind::Added => "question_added",
            Kind::Edited => "question_edited",
            Kind::Gone => "question_gone",
            Kind::OptionAdded => "option_added",
            Kind::OptionEdited => "option_edited",
            Kind::OptionGone => "option_gone",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.slug() == word)
    }
}

/// Something that a form asks for or carries with it: the JSON in `form_change`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// LinkedIn's id of the question or consent; a hidden field has none.
    pub id: Option<i64>,
    /// What a mapping would take it by; `None` when it says nothing to find it by.
    pub source: Option<Source>,
    /// How it is worded.
    pub text: String,
}

/// One difference between two versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub kind: Kind,
    /// What it was.
    pub before: Option<Asked>,
    /// What it is.
    pub after: Option<Asked>,
    /// The option as it was, when it is about one.
    pub option_before: Option<String>,
    /// The option as it is, when it is about one.
    pub option_after: Option<String>,
}

impl Change {
    /// Something that happened to a form as a whole.
    #[must_use]
    pub fn of_form(kind: Kind) -> Change {
        Change {
            kind,
            before: None,
            after: None,
            option_before: None,
            option_after: None,
        }
    }

    /// What happened, in words.
    #[must_use]
    pub fn words(&self) -> String {
        let asked = self.after.as_ref().or(self.before.as_ref());
        let noun = asked.map_or("Question", Asked::noun);
        let text = asked.map_or("", |asked| asked.text.as_str());
        let before = self.before.as_ref().map_or("", |asked| &asked.text);
        let option = |option: &Option<String>| option.clone().unwrap_or_default();
        let (was, is) = (option(&self.option_before), option(&self.option_after));
        match self.kind {
            Kind::NewForm => "New form".to_owned(),
            Kind::NewVersion => "New version, the same questions".to_owned(),
            Kind::Added => format!("{noun} added: “{text}”"),
            Kind::Edited => format!("{noun} reworded: “{before}” is now “{text}”"),
            Kind::Gone => format!("{noun} gone: “{text}”"),
            Kind::OptionAdded => format!("“{text}” has a new option: “{is}”"),
            Kind::OptionEdited => format!("“{text}”: the option “{was}” is now “{is}”"),
            Kind::OptionGone => format!("“{text}” has the option “{was}” no more"),
        }
    }
}

impl Asked {
    fn noun(&self) -> &'static str {
        match self.source {
            Some(Source::Consent(_)) => "Consent",
            Some(Source::Hidden(_)) => "Hidden field",
            _ => "Question",
        }
    }

    fn of_question(question: &Question) -> Asked {
        let source = Source::of_question(question);
        let text = [&question.text, &question.name];
        let text = text.into_iter().find(|text| !text.trim().is_empty());
        let said = source.as_ref().map(Source::label);
        Asked {
            id: Some(question.id),
            text: text
                .cloned()
                .or(said)
                .unwrap_or_else(|| format!("Question {}", question.id)),
            source,
        }
    }

    fn of_consent(consent: &ConsentQuestion) -> Asked {
        Asked {
            id: Some(consent.id),
            source: written(&consent.text).map(Source::Consent),
            text: consent.text.clone(),
        }
    }

    fn of_hidden(field: &HiddenField) -> Asked {
        Asked {
            id: None,
            source: written(&field.name).map(Source::Hidden),
            text: field.name.clone(),
        }
    }
}

fn written(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}

/// What differs between two versions of a form: questions with their options, consents, hidden
/// fields. The order in which they stand, values of hidden fields and whether an answer is required
/// make no difference for a lead.
#[must_use]
pub fn differences(before: &FormContent, after: &FormContent) -> Vec<Change> {
    let mut changes = Vec::new();
    let questions = pair(&before.questions, &after.questions, QUESTIONS);
    for (was, is) in questions {
        let asked = [was, is].map(|question| question.map(Asked::of_question));
        compare(asked, &mut changes);
        if let (Some(was), Some(is)) = (was, is) {
            compare_options(was, is, &mut changes);
        }
    }
    for (was, is) in pair(&before.consents, &after.consents, CONSENTS) {
        compare([was, is].map(|c| c.map(Asked::of_consent)), &mut changes);
    }
    for (was, is) in pair(&before.hidden, &after.hidden, HIDDEN) {
        compare([was, is].map(|f| f.map(Asked::of_hidden)), &mut changes);
    }
    changes
}

fn compare([before, after]: [Option<Asked>; 2], changes: &mut Vec<Change>) {
    let kind = match (&before, &after) {
        (Some(was), Some(is)) if was.text.trim() == is.text.trim() => return,
        (Some(_), Some(_)) => Kind::Edited,
        (Some(_), None) => Kind::Gone,
        (None, _) => Kind::Added,
    };
    changes.push(Change {
        before,
        after,
        ..Change::of_form(kind)
    });
}

fn compare_options(was: &Question, is: &Question, changes: &mut Vec<Change>) {
    for (before, after) in pair(&was.options, &is.options, OPTIONS) {
        let kind = match (before, after) {
            (Some(before), Some(after)) if before.text.trim() == after.text.trim() => continue,
            (Some(_), Some(_)) => Kind::OptionEdited,
            (Some(_), None) => Kind::OptionGone,
            (None, _) => Kind::OptionAdded,
        };
        changes.push(Change {
            kind,
            before: Some(Asked::of_question(was)),
            after: Some(Asked::of_question(is)),
            option_before: before.map(|option| option.text.clone()),
            option_after: after.map(|option| option.text.clone()),
        });
    }
}

/// By what two things can be recognized as the same; what is equal by an earlier key counts first.
type Keys<T> = &'static [fn(&T) -> Option<String>];

const QUESTIONS: Keys<Question> = &[
    |q| Some(format!("{} {:?}", q.id, q.predefined)),
    |q| q.predefined.clone(),
    |q| custom(q, &q.text),
    |q| custom(q, &q.name),
];
const CONSENTS: Keys<ConsentQuestion> = &[
    |c| normalise(FieldKind::Text, &c.text),
    |c| Some(c.id.to_string()),
];
const HIDDEN: Keys<HiddenField> = &[|f| normalise(FieldKind::Text, &f.name)];
const OPTIONS: Keys<QuestionOption> = &[
    |o| normalise(FieldKind::Text, &o.text),
    |o| Some(o.id.to_string()),
];

/// A text of a question that LinkedIn does not know by itself.
fn custom(question: &Question, text: &str) -> Option<String> {
    let own = question.predefined.is_none();
    own.then(|| normalise(FieldKind::Text, text)).flatten()
}

/// Puts what was beside what is, each with at most one: first what is there, in its order, then what
/// is gone.
fn pair<'a, T>(
    before: &'a [T],
    after: &'a [T],
    keys: Keys<T>,
) -> Vec<(Option<&'a T>, Option<&'a T>)> {
    let mut left: Vec<Option<&T>> = before.iter().map(Some).collect();
    let mut found: Vec<Option<&T>> = vec![None; after.len()];
    for key in keys {
        let mut by_key: HashMap<String, VecDeque<usize>> = HashMap::new();
        for (place, was) in left.iter().enumerate() {
            if let Some(key) = was.and_then(key) {
                by_key.entry(key).or_default().push_back(place);
            }
        }
        for (is, found) in after.iter().zip(&mut found) {
            if found.is_some() {
                continue;
            }
            let places = key(is).and_then(|key| by_key.get_mut(&key));
            if let Some(place) = places.and_then(VecDeque::pop_front) {
                *found = left[place].take();
            }
        }
    }
    let there = found.into_iter().zip(after.iter().map(Some));
    let gone = left.into_iter().flatten().map(|was| (Some(was), None));
    there.chain(gone).collect()
}
