//! A value as its lead field can hold it, or why it cannot: never a silent drop.

use super::{FieldMapping, Step, TooLong, date, number, number::shown};
use crate::lead::{FieldKind, LeadField, beginning, length, trim};

impl FieldMapping {
    /// A value as the field can hold it: trimmed, without control characters, in the form of the
    /// field's kind. A text is cut to the field's length where that is wanted.
    ///
    /// # Errors
    /// Why it does not fit, in words, and what to do.
    pub(super) fn fit(
        &self,
        field: &LeadField,
        value: &str,
        note: &mut Option<String>,
    ) -> Result<Option<String>, String> {
        let kept = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
        let clean: String = value.chars().filter(kept).collect();
        let text = trim(&clean);
        if text.is_empty() {
            return Ok(None);
        }
        match field.kind {
            FieldKind::Text | FieldKind::Email | FieldKind::Phone | FieldKind::Url => {
                self.fit_length(field, text, note)
            }
            FieldKind::Number => self.fit_number(field, text),
            FieldKind::Date => date::only(text),
            FieldKind::Choice => field.kept(text).ok_or_else(|| {
                format!(
                    "“{}” is none of the choices of {}. Add it to the field, or replace it by a table.",
                    shown(text),
                    field.label
                )
            }),
            FieldKind::YesNo => field.kept(text).ok_or_else(|| {
                format!(
                    "“{}” is neither yes nor no. Replace it by a table.",
                    shown(text)
                )
            }),
        }
        .map(Some)
    }

    fn fit_length(
        &self,
        field: &LeadField,
        text: &str,
        note: &mut Option<String>,
    ) -> Result<String, String> {
        let (length, most) = (length(text), field.max_length);
        if length <= most {
            return Ok(text.to_owned());
        }
        if self.too_long == TooLong::Hold || field.kind != FieldKind::Text {
            return Err(format!(
                "{} holds {most} characters, the answer has {length}. Correct the lead by hand, or \
                 change the mapping.",
                field.label
            ));
        }
        *note = Some(format!(
            "Cut from {length} to {most} characters; the whole answer stays on the submission."
        ));
        Ok(beginning(text, most).trim_end().to_owned())
    }

    /// A plain number, or one that people write in a way that can be read only as one. Whoever
    /// chose the step knows how it reads.
    fn fit_number(&self, field: &LeadField, text: &str) -> Result<String, String> {
        let chosen = self.steps.iter().any(|s| matches!(s, Step::Number { .. }));
        let written = if chosen { None } else { number::only(text) };
        match (field.kept(text), written) {
            (Some(plain), Some(written)) if plain != written => Err(format!(
                "“{}” can be read as {plain} and as {written}. Add the step “Number out of a text”, \
                 which reads it as {written}.",
                shown(text)
            )),
            (Some(number), _) | (None, Some(number)) => Ok(number),
            (None, None) => Err(format!(
                "“{}” is not a number that {} can hold. Choose a rule: add the step “Number out of \
                 a text”, or replace it by a table.",
                shown(text),
                field.label
            )),
        }
    }
}

#[cfg(test)]
mod tests;
