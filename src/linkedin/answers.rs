//! The answers of a lead, joined with the questions of the form that they answer.

use serde_json::Value;

use super::form::FormVersion;
use super::json::{at, list, number, truth};
use crate::submission::{Answer, AnswerValue, Answers, Choice, ConsentAnswer, Question};

/// What is wrong, each thing said once.
#[derive(Default)]
pub(super) struct Problems(Vec<String>);

impl Problems {
    pub(super) fn note(&mut self, problem: impl Into<String>) {
        let problem = problem.into();
        if !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }

    pub(super) fn unless(&mut self, well: bool, problem: &str) {
        if !well {
            self.note(problem);
        }
    }

    pub(super) fn told(self) -> Option<String> {
        let mut text = self.0.join("; ");
        let first = text.get(..1)?.to_uppercase();
        text.replace_range(..1, &first);
        text.push('.');
        Some(text)
    }
}

/// Reads the answers and consents of a lead in the order of its form.
pub(super) fn answers(
    lead: &Value,
    form: Option<&FormVersion>,
    problems: &mut Problems,
) -> Answers {
    let response = at(lead, &["formResponse"]);
    let given = response.and_then(|response| at(response, &["answers"])?.as_array());
    problems.unless(given.is_some(), "it has no list of answers");
    let mut read: Vec<Answer> = given
        .into_iter()
        .flatten()
        .map(|value| answer(value, form, problems))
        .collect();
    let position = |answer: &Answer| {
        let questions = form.map_or(&[][..], |form| &form.content.questions);
        let found = questions
            .iter()
            .position(|q| Some(q.id) == answer.question_id);
        found.unwrap_or(usize::MAX)
    };
    read.sort_by_cached_key(position);
    Answers {
        answers: read,
        consents: consents(response, form, problems),
        hidden: form.map_or_else(Vec::new, |form| form.content.hidden.clone()),
    }
}

fn answer(value: &Value, form: Option<&FormVersion>, problems: &mut Problems) -> Answer {
    let question_id = at(value, &["questionId"]).and_then(number);
    let question = form.and_then(|form| {
        let questions = &form.content.questions;
        questions.iter().find(|q| Some(q.id) == question_id)
    });
    if question_id.is_none() {
        problems.note("an answer does not say which question it answers");
    } else if form.is_some() && question.is_none() {
        problems.note("an answer is to a question that its form does not have");
    }
    let empty = || (String::new(), String::new(), None);
    let (name, text, predefined) = question.map_or_else(empty, |q| {
        (q.name.clone(), q.text.clone(), q.predefined.clone())
    });
    Answer {
        question_id,
        name,
        question: text,
        predefined,
        value: answer_value(value, question, problems),
    }
}

fn answer_value(
    value: &Value,
    question: Option<&Question>,
    problems: &mut Problems,
) -> AnswerValue {
    let details = at(value, &["answerDetails"]);
    let written = details.and_then(|details| details.get("textQuestionAnswer"));
    if let Some(text) = written.and_then(written_text) {
        return AnswerValue::Text(text);
    }
    if let Some(chosen) = details.and_then(chosen) {
        let choices = chosen.into_iter().map(|id| choice(id, question, problems));
        return AnswerValue::Choices(choices.collect());
    }
    // A new kind of answer to a custom question is worth keeping, but no reason to hold the lead;
    // a predefined one may be what the lead is found by.
    let custom = question.is_some_and(|question| question.predefined.is_none());
    let new_kind = written.is_none()
        && details.and_then(Value::as_object).is_some_and(|details| {
            details.len() == 1 && !details.contains_key("multipleChoiceAnswer")
        });
    problems.unless(
        custom && new_kind,
        "an answer is of a kind that cannot be read",
    );
    AnswerValue::Unknown(details.unwrap_or(value).clone())
}

/// What was written; nothing when the box was left empty.
fn written_text(written: &Value) -> Option<String> {
    match written.as_object()?.get("answer") {
        None | Some(Value::Null) => Some(String::new()),
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(_) => None,
    }
}

/// The ids of the options that were chosen.
fn chosen(details: &Value) -> Option<Vec<i64>> {
    let options = at(details, &["multipleChoiceAnswer", "options"])?.as_array()?;
    options.iter().map(number).collect()
}

fn choice(id: i64, question: Option<&Question>, problems: &mut Problems) -> Choice {
    let options = question.map_or(&[][..], |question| &question.options);
    let text = options
        .iter()
        .find(|option| option.id == id)
        .map(|option| option.text.clone());
    problems.unless(
        text.is_some() || question.is_none(),
        "an answer chooses an option that its form does not have",
    );
    Choice { id, text }
}

/// The form's consents in its order with what was said to them, then those that it does not know.
fn consents(
    response: Option<&Value>,
    form: Option<&FormVersion>,
    problems: &mut Problems,
) -> Vec<ConsentAnswer> {
    let given = response.map_or(&[][..], |response| list(response, &["consentResponses"]));
    let odd = response
        .and_then(|response| at(response, &["consentResponses"]))
        .is_some_and(|consents| !consents.is_array());
    problems.unless(!odd, "its consents cannot be read");
    let mut said: Vec<(i64, Option<bool>)> = Vec::new();
    for consent in given {
        match at(consent, &["consentId"]).and_then(number) {
            Some(id) => said.push((id, at(consent, &["accepted"]).and_then(truth))),
            None => problems.note("its consents cannot be read"),
        }
    }
    let asked = form.map_or(&[][..], |form| &form.content.consents);
    let mut consents: Vec<ConsentAnswer> = asked
        .iter()
        .map(|asked| ConsentAnswer {
            id: asked.id,
            text: asked.text.clone(),
            required: asked.required,
            accepted: said
                .iter()
                .find(|(id, _)| *id == asked.id)
                .and_then(|(_, yes)| *yes),
        })
        .collect();
    let unasked = said
        .into_iter()
        .filter(|(id, _)| asked.iter().all(|asked| asked.id != *id));
    consents.extend(unasked.map(|(id, accepted)| ConsentAnswer {
        id,
        text: String::new(),
        required: false,
        accepted,
    }));
    consents
}
