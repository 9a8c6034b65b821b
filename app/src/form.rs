//! What was typed into a form, and what is wrong with it.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Form,
    extract::{FromRequest, Request},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use leadline::error::Error;

/// No field of a form is longer than this, in bytes.
const FIELD_AT_MOST: usize = 10_000;
/// No form holds more than this, in bytes.
const FORM_AT_MOST: usize = 64 * 1024;

/// The fields of a posted form, in the order in which they came.
#[derive(Debug, Clone, Default)]
pub struct Input(Vec<(String, String)>);

impl Input {
    /// The field's first value, without blanks around it; empty when it is missing.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// Puts a value in the place of what was typed into a field.
    pub(crate) fn put(&mut self, name: &str, value: &str) {
        self.0.retain(|(key, _)| key != name);
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// The field's first value exactly as typed: for passwords.
    #[must_use]
    pub fn raw(&self, name: &str) -> &str {
        let field = self.0.iter().find(|(key, _)| key == name);
        field.map_or("", |(_, value)| value)
    }

    /// All values of a field that may come several times.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let fields = self.0.iter().filter(move |(key, _)| key == name);
        fields.map(|(_, value)| value.as_str())
    }

    /// All fields with their values, in the order in which they came.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The ids among the values of a field that may come several times.
    #[must_use]
    pub fn ids(&self, name: &str) -> Vec<i64> {
        self.all(name).filter_map(|id| id.parse().ok()).collect()
    }
}

impl FromIterator<(String, String)> for Input {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(fields: I) -> Input {
        Input(fields.into_iter().collect())
    }
}

impl<S: Send + Sync> FromRequest<S> for Input {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Input, Response> {
        let form = Form::<Vec<(String, String)>>::from_request(request, state).await;
        let Form(fields) = form.map_err(IntoResponse::into_response)?;
        let all: usize = fields.iter().map(|(k, v)| k.len() + v.len()).sum();
        if all > FORM_AT_MOST || fields.iter().any(|(_, v)| v.len() > FIELD_AT_MOST) {
            return Err(StatusCode::PAYLOAD_TOO_LARGE.into_response());
        }
        Ok(Input(fields))
    }
}

/// A form as it is shown again: the typed values and what is wrong with them. The fields of
/// `ui::form` read it from the context.
#[derive(Debug, Clone, Default)]
pub struct FormState {
    values: Arc<BTreeMap<String, String>>,
    errors: BTreeMap<String, String>,
    problem: Option<String>,
}

impl FormState {
    /// What was typed, nothing wrong yet. Passwords, secrets and keys are not kept.
    #[must_use]
    pub fn of(input: &Input) -> FormState {
        let hidden = ["password", "secret", "private"];
        let shown = |key: &str| !hidden.iter().any(|word| key.contains(word));
        let kept = input.0.iter().filter(|(key, _)| shown(key));
        FormState {
            values: Arc::new(kept.cloned().collect()),
            ..FormState::default()
        }
    }

    /// Notes what is wrong with a field; the first message stays.
    pub fn wrong(&mut self, field: &str, message: impl Into<String>) {
        self.errors
            .entry(field.to_owned())
            .or_insert_with(|| message.into());
    }

    /// Notes what is wrong with the form as a whole.
    #[must_use]
    pub fn problem_is(mut self, text: impl Into<String>) -> FormState {
        self.problem = Some(text.into());
        self
    }

    /// Notes that the engine refused the form.
    #[must_use]
    pub fn refused(self, error: &Error) -> FormState {
        self.problem_is(error.message())
    }

    /// Whether anything is wrong.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.problem.is_some() || !self.errors.is_empty()
    }

    /// What was typed into a field; `None` when the form has not been posted with it.
    #[must_use]
    pub fn value(&self, field: &str) -> Option<String> {
        self.values.get(field).cloned()
    }

    /// What is wrong with a field.
    #[must_use]
    pub fn error(&self, field: &str) -> Option<String> {
        self.errors.get(field).cloned()
    }

    /// What is wrong with the form as a whole.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        self.problem.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(fields: &[(&str, &str)]) -> Input {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        Input(fields.iter().map(owned).collect())
    }

    #[test]
    fn a_wrong_form_keeps_what_was_typed_but_never_a_password() {
        let typed = input(&[
            ("email", " ada@example.com "),
            ("password", "secret"),
            ("password_again", "x"),
            ("client_secret", "x"),
            ("private_key", "x"),
        ]);
        let mut form = FormState::of(&typed);
        assert!(!form.is_wrong());
        form.wrong("email", "first");
        form.wrong("email", "second");
        assert_eq!(form.value("email").as_deref(), Some(" ada@example.com "));
        assert_eq!(form.error("email").as_deref(), Some("first"));
        assert_eq!(
            (form.value("password"), form.value("password_again")),
            (None, None)
        );
        assert_eq!(form.value("client_secret"), None);
        assert_eq!(form.value("private_key"), None);
        assert!(form.is_wrong());
    }

    #[test]
    fn a_field_may_come_several_times_and_what_is_no_id_is_left_out() {
        let ticked = input(&[
            ("account", "3"),
            ("account", "x"),
            ("account", "5"),
            ("name", " N "),
        ]);
        assert_eq!(ticked.ids("account"), [3, 5]);
        assert_eq!(
            (ticked.text("name"), ticked.raw("name"), ticked.text("none")),
            ("N", " N ", "")
        );
    }
}
