//! Between Leadline's texts and Dataverse's JSON (specification 4.2). The server coerces nothing,
//! so what does not fit is found here, before it is sent.

use std::fmt;

use serde_json::{Number, Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime, UtcOffset};

use super::column::{Choice, Column, ColumnKind};
use crate::lead::{FieldKind, normalise};

/// The first year of a date.
const FIRST_YEAR: i32 = 1753;
/// The hour of a day that has none: with it, it is the same day nearly everywhere.
const NOON: &str = "T12:00:00Z";
/// What stands between several choices.
const BETWEEN: char = ';';

/// Why a value does not fit a column. It never holds the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The text is too long: so many UTF-16 units fit.
    TooLong(usize),
    /// It is no number.
    NoNumber,
    /// The column takes whole numbers only.
    NotWhole,
    /// The number has too many digits: so many fit behind its point.
    TooPrecise(u8),
    /// The number is below the least or above the largest one.
    OutOfRange,
    /// It says neither yes nor no.
    NoYesNo,
    /// It is none of the column's options.
    NoOption,
    /// It is no date of 1753 or later.
    NoDate,
    /// The column cannot be filled from text.
    NotFillable,
    /// The organization has a value there that its description does not explain: the description
    /// is out of date.
    Unknown,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::TooLong(most) => {
                write!(
                    f,
                    "is longer than the {most} characters that the field holds in Dynamics 365"
                )
            }
            Problem::NoNumber => f.write_str("is not a number"),
            Problem::NotWhole => f.write_str("is not a whole number, which the field asks for"),
            Problem::TooPrecise(most) => {
                write!(
                    f,
                    "has more than the {most} digits behind its point that the field holds"
                )
            }
            Problem::OutOfRange => f.write_str("is outside the numbers that the field takes"),
            Problem::NoYesNo => f.write_str("says neither yes nor no"),
            Problem::NoOption => f.write_str("is none of the field's choices in Dynamics 365"),
            Problem::NoDate => f.write_str("is not a date of the year 1753 or later"),
            Problem::NotFillable => {
                f.write_str("cannot be written into this field of Dynamics 365")
            }
            Problem::Unknown => f.write_str(
                "is not explained by what Leadline knows of the field: read the fields again",
            ),
        }
    }
}

impl Column {
    /// A canonical text as JSON for the column.
    ///
    /// # Errors
    /// When the column cannot hold it.
    pub fn to_json(&self, text: &str) -> Result<Value, Problem> {
        match self.kind {
            ColumnKind::Text
            | ColumnKind::Email
            | ColumnKind::Phone
            | ColumnKind::Url
            | ColumnKind::Memo => self.text(text),
            ColumnKind::Integer => self.whole(text),
            ColumnKind::Decimal | ColumnKind::Money => self.decimal(text),
            ColumnKind::YesNo => match text.trim() {
                "true" => Ok(json!(true)),
                "false" => Ok(json!(false)),
                _ => Err(Problem::NoYesNo),
            },
            ColumnKind::Choice | ColumnKind::State | ColumnKind::Status => {
                self.option(text).map(|choice| json!(choice.value))
            }
            ColumnKind::Choices => self.several(text),
            ColumnKind::Date => day(text).map(|day| json!(day.to_string())),
            ColumnKind::DateTime => moment(text).map(|moment| json!(moment)),
            ColumnKind::Lookup => Err(Problem::NotFillable),
        }
    }

    /// What the organization has in the column as canonical text; `None` when it is empty.
    ///
    /// # Errors
    /// [`Problem::Unknown`] when the description does not explain it.
    pub fn to_text(&self, value: &Value) -> Result<Option<String>, Problem> {
        let text = match (self.kind, value) {
            (_, Value::Null) => None,
            (
                ColumnKind::Integer | ColumnKind::Decimal | ColumnKind::Money,
                Value::Number(number),
            ) => Some(plain(number).ok_or(Problem::Unknown)?),
            (ColumnKind::YesNo, Value::Bool(yes)) => Some(yes.to_string()),
            (ColumnKind::Choice | ColumnKind::State | ColumnKind::Status, value) => {
                Some(self.label(value.as_i64())?.to_owned())
            }
            (ColumnKind::Choices, Value::String(list)) => Some(self.labels(list)?),
            (ColumnKind::DateTime, Value::String(text)) => Some(shown(text)?),
            (ColumnKind::YesNo | ColumnKind::Choices | ColumnKind::DateTime, _)
            | (ColumnKind::Integer | ColumnKind::Decimal | ColumnKind::Money, _) => {
                return Err(Problem::Unknown);
            }
            (_, Value::String(text)) => Some(text.clone()),
            _ => return Err(Problem::Unknown),
        };
        Ok(text.filter(|text| !text.trim().is_empty()))
    }

    fn text(&self, text: &str) -> Result<Value, Problem> {
        let most = self.max_length.unwrap_or(usize::MAX);
        if text.encode_utf16().count() > most {
            return Err(Problem::TooLong(most));
        }
        Ok(json!(text))
    }

    fn whole(&self, text: &str) -> Result<Value, Problem> {
        let text = text.trim();
        let number = match text.parse::<i64>() {
            Ok(number) => number,
            Err(_) if text.parse::<f64>().is_ok_and(f64::is_finite) => {
                return Err(Problem::NotWhole);
            }
            Err(_) => return Err(Problem::NoNumber),
        };
        // Whole columns hold 32 bits, which are exact in a double.
        self.within(
            i32::try_from(number)
                .map(f64::from)
                .map_err(|_| Problem::OutOfRange)?,
        )?;
        Ok(json!(number))
    }

    fn decimal(&self, text: &str) -> Result<Value, Problem> {
        let text = text.trim();
        let digits = |c: char| c.is_ascii_digit() || c == '-' || c == '.';
        let number: f64 = match text.parse() {
            Ok(number) if text.chars().all(digits) => number,
            _ => return Err(Problem::NoNumber),
        };
        self.within(number)?;
        let behind = text.split_once('.').map_or("", |(_, behind)| behind);
        let behind = behind.trim_end_matches('0').len();
        if let Some(most) = self.precision.filter(|most| behind > usize::from(*most)) {
            return Err(Problem::TooPrecise(most));
        }
        // Fifteen digits survive a double.
        if text.chars().filter(char::is_ascii_digit).count() > 15 {
            return Err(Problem::TooPrecise(self.precision.unwrap_or(0)));
        }
        match behind {
            // A whole number is written as one.
            0 => text
                .split('.')
                .next()
                .and_then(|whole| whole.parse::<i64>().ok())
                .map(|whole| json!(whole))
                .ok_or(Problem::NoNumber),
            _ => Number::from_f64(number)
                .map(Value::Number)
                .ok_or(Problem::NoNumber),
        }
    }

    fn within(&self, number: f64) -> Result<(), Problem> {
        let low = self.min.is_some_and(|min| number < min);
        let high = self.max.is_some_and(|max| number > max);
        match low || high {
            true => Err(Problem::OutOfRange),
            false => Ok(()),
        }
    }

    /// The option that a text names in any language.
    fn option(&self, text: &str) -> Result<&Choice, Problem> {
        let key = normalise(FieldKind::Text, text).ok_or(Problem::NoOption)?;
        let same = |label: &String| normalise(FieldKind::Text, label).as_ref() == Some(&key);
        // The administrator's own language first: another one may use the same word for another.
        let own = self.options.iter().find(|choice| same(&choice.label));
        let any = || {
            self.options
                .iter()
                .find(|choice| choice.labels.iter().any(same))
        };
        own.or_else(any).ok_or(Problem::NoOption)
    }

    fn several(&self, text: &str) -> Result<Value, Problem> {
        if let Ok(choice) = self.option(text) {
            return Ok(json!(choice.value.to_string()));
        }
        let parts = text.split(BETWEEN).filter(|part| !part.trim().is_empty());
        let values = parts.map(|part| self.option(part).map(|choice| choice.value));
        let mut values = values.collect::<Result<Vec<i64>, Problem>>()?;
        values.sort_unstable();
        values.dedup();
        if values.is_empty() {
            return Err(Problem::NoOption);
        }
        let values: Vec<String> = values.iter().map(i64::to_string).collect();
        Ok(json!(values.join(",")))
    }

    fn label(&self, number: Option<i64>) -> Result<&str, Problem> {
        let number = number.ok_or(Problem::Unknown)?;
        let found = self.options.iter().find(|choice| choice.value == number);
        found
            .map(|choice| choice.label.as_str())
            .ok_or(Problem::Unknown)
    }

    fn labels(&self, list: &str) -> Result<String, Problem> {
        let mut numbers = list
            .split(',')
            .map(|part| part.trim().parse().map_err(|_| Problem::Unknown))
            .collect::<Result<Vec<i64>, Problem>>()?;
        numbers.sort_unstable();
        let labels = numbers.into_iter().map(|number| self.label(Some(number)));
        Ok(labels.collect::<Result<Vec<&str>, Problem>>()?.join("; "))
    }
}

/// A number in the form in which a lead field keeps it.
fn plain(number: &Number) -> Option<String> {
    if let Some(whole) = number.as_i64() {
        return Some(whole.to_string());
    }
    // Rust writes doubles without an exponent, and as short as they can be.
    number.as_f64().map(|number| number.to_string())
}

/// The day of a text that is one, or that begins with one.
fn day(text: &str) -> Result<Date, Problem> {
    let text = text.trim();
    let day = text.get(..10).unwrap_or(text);
    let rest = text.get(10..).unwrap_or_default();
    if !(rest.is_empty() || rest.starts_with('T')) {
        return Err(Problem::NoDate);
    }
    let mut parts = day
        .split('-')
        .map(|part| (part.len(), part.parse::<u16>().ok()));
    let mut part = |digits| match parts.next() {
        Some((length, Some(number))) if length == digits => Ok(number),
        _ => Err(Problem::NoDate),
    };
    let (year, month, day) = (i32::from(part(4)?), part(2)?, part(2)?);
    let month = u8::try_from(month)
        .ok()
        .and_then(|month| time::Month::try_from(month).ok());
    let date = month
        .zip(u8::try_from(day).ok())
        .and_then(|(month, day)| Date::from_calendar_date(year, month, day).ok());
    date.filter(|date| date.year() >= FIRST_YEAR)
        .ok_or(Problem::NoDate)
}

/// A moment in UTC, to the second.
fn moment(text: &str) -> Result<String, Problem> {
    let day = day(text)?;
    let text = text.trim();
    if text.len() == 10 {
        return Ok(format!("{day}{NOON}"));
    }
    let moment = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| Problem::NoDate)?;
    let moment = moment.to_offset(UtcOffset::UTC);
    let moment = moment.replace_nanosecond(0).map_err(|_| Problem::NoDate)?;
    moment.format(&Rfc3339).map_err(|_| Problem::NoDate)
}

/// The same the other way: noon is how a day without a time is written.
fn shown(text: &str) -> Result<String, Problem> {
    let moment = moment(text).map_err(|_| Problem::Unknown)?;
    Ok(match moment.strip_suffix(NOON) {
        Some(day) => day.to_owned(),
        None => moment,
    })
}

#[cfg(test)]
mod tests;
