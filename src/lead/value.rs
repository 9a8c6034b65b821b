//! What a lead field holds: values are kept as text, each kind in one form, so that they can be
//! compared, kept and handed on alike in every CRM.

use time::{Date, Month};

use super::{FieldKind, LeadField, normalise};

/// How many digits a number has at most before its point.
const WHOLE_DIGITS: usize = 18;
/// How many digits a number has at most behind its point.
const FRACTION_DIGITS: usize = 6;

impl LeadField {
    /// A value in the form in which the field keeps it; `None` when it holds no such value.
    #[must_use]
    pub fn kept(&self, value: &str) -> Option<String> {
        let text = value.trim();
        match self.kind {
            FieldKind::Text | FieldKind::Email | FieldKind::Phone | FieldKind::Url => {
                let fits = (1..=self.max_length).contains(&length(text));
                fits.then(|| text.to_owned())
            }
            FieldKind::Number => number(text),
            FieldKind::Date => date(text).map(|_| text.to_owned()),
            FieldKind::YesNo => yes_no(text).map(|yes| yes.to_string()),
            FieldKind::Choice => {
                let key = normalise(FieldKind::Text, text)?;
                let mut choices = self.choices.iter();
                let same = |c: &&String| normalise(FieldKind::Text, c).as_ref() == Some(&key);
                choices.find(same).cloned()
            }
        }
    }

    /// A value as people read it: a date in words, yes or no.
    #[must_use]
    pub fn shown(&self, value: &str) -> String {
        let text = match self.kind {
            FieldKind::Date => {
                date(value).map(|date| format!("{} {} {}", date.day(), date.month(), date.year()))
            }
            FieldKind::YesNo => yes_no(value).map(|yes| if yes { "Yes" } else { "No" }.to_owned()),
            _ => None,
        };
        text.unwrap_or_else(|| value.to_owned())
    }
}

/// How long a text is, counted as Dataverse and browsers count: in units of UTF-16.
#[must_use]
pub fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// As much of a text's beginning as is no longer than this; no character is cut in two.
#[must_use]
pub fn beginning(text: &str, most: usize) -> &str {
    let mut left = most;
    let end = text.char_indices().find(|(_, character)| {
        let units = character.len_utf16();
        let fits = units <= left;
        left = left.saturating_sub(units);
        !fits
    });
    &text[..end.map_or(text.len(), |(end, _)| end)]
}

/// A plain number without needless zeros.
pub(super) fn number(text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let only = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit())
    };
    if !only(whole, WHOLE_DIGITS) || fraction.is_some_and(|f| !only(f, FRACTION_DIGITS)) {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    Some(match fraction.unwrap_or_default().trim_end_matches('0') {
        "" if whole == "0" => whole.to_owned(),
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    })
}

/// The day that `YYYY-MM-DD` names.
fn date(text: &str) -> Option<Date> {
    let lengths = text.split('-').map(str::len);
    if !lengths.eq([4, 2, 2]) || text.contains(|c: char| !c.is_ascii_digit() && c != '-') {
        return None;
    }
    let mut parts = text.split('-');
    let year = parts.next()?.parse().ok()?;
    let month = Month::try_from(parts.next()?.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year, month, parts.next()?.parse().ok()?).ok()
}

/// Whether a word says yes; `None` when it says neither yes nor no.
pub(super) fn yes_no(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" => Some(true),
        "false" | "no" | "n" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: FieldKind) -> LeadField {
        LeadField {
            name: "leadline_x".to_owned(),
            label: "X".to_owned(),
            kind,
            max_length: 5,
            choices: vec!["Up to 10 k".to_owned(), "More".to_owned()],
            required: false,
            custom: true,
            findable: true,
        }
    }

    #[test]
    fn every_kind_keeps_its_values_in_one_form() {
        use FieldKind::{Choice, Date, Number, Text, YesNo};
        let table = [
            (Text, " abc ", Some("abc")),
            (Text, "éééééé", None),
            (Text, "😀😀", Some("😀😀")),
            (Text, "😀😀😀", None),
            (Text, " ", None),
            (Number, "007", Some("7")),
            (Number, "-1.50", Some("-1.5")),
            (Number, "-0.0", Some("0")),
            (Number, "1,5", None),
            (Number, "1.", None),
            (Number, ".5", None),
            (Number, "1e3", None),
            (Number, "1234567890123456789", None),
            (Number, "0.1234567", None),
            (Date, "2024-02-29", Some("2024-02-29")),
            (Date, "2023-02-29", None),
            (Date, "2024-2-9", None),
            (Date, "+024-02-09", None),
            (Choice, "up  to 10 K", Some("Up to 10 k")),
            (Choice, "Other", None),
            (YesNo, "Yes", Some("true")),
            (YesNo, "0", Some("false")),
            (YesNo, "perhaps", None),
        ];
        for (kind, value, kept) in table {
            assert_eq!(field(kind).kept(value).as_deref(), kept, "{kind:?} {value}");
        }
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        let table = [
            ("abc", 5, "abc"),
            ("abc", 2, "ab"),
            ("😀😀", 4, "😀😀"),
            ("😀😀", 3, "😀"),
            ("é😀x", 2, "é"),
            ("😀x", 1, ""),
            ("", 1, ""),
        ];
        for (text, most, cut) in table {
            assert_eq!(beginning(text, most), cut, "{text} {most}");
        }
    }

    #[test]
    fn values_are_shown_as_people_read_them() {
        let table = [
            (FieldKind::Date, "2026-11-24", "24 November 2026"),
            (FieldKind::YesNo, "true", "Yes"),
            (FieldKind::YesNo, "perhaps", "perhaps"),
            (FieldKind::Number, "1500.5", "1500.5"),
        ];
        for (kind, value, shown) in table {
            assert_eq!(field(kind).shown(value), shown, "{value}");
        }
    }
}
