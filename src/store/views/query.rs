//! Filters in a query string: read with an error that names the field, and written back.

use std::str::FromStr;

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

use crate::error::{Error, Result};

/// The longest text that can be searched for.
const TEXT_LENGTH: usize = 200;

/// Milliseconds in a day.
const DAY_MS: i64 = 86_400_000;

/// One field of a query string; `None` when it is missing or blank.
fn field(get: &impl Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    get(name)
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

/// A text to search for.
pub(super) fn text(get: &impl Fn(&str) -> Option<String>, name: &str) -> Result<Option<String>> {
    match field(get, name) {
        Some(text) if text.chars().count() > TEXT_LENGTH => Err(Error::invalid(format!(
            "{name}: at most {TEXT_LENGTH} characters can be searched for."
        ))),
        text => Ok(text),
    }
}

/// A number, such as an id.
pub(super) fn id(get: &impl Fn(&str) -> Option<String>, name: &str) -> Result<Option<i64>> {
    field(get, name)
        .map(|text| {
            i64::from_str(&text).map_err(|_| Error::invalid(format!("{name}: must be a number.")))
        })
        .transpose()
}

/// Several ids with commas between; none when the field is missing.
pub(super) fn ids(
    get: &impl Fn(&str) -> Option<String>,
    name: &str,
    most: usize,
) -> Result<Vec<i64>> {
    let text = field(get, name).unwrap_or_default();
    let parts: Vec<&str> = text.split(',').filter(|part| !part.is_empty()).collect();
    if parts.len() > most {
        return Err(Error::invalid(format!("{name}: at most {most} ids.")));
    }
    let read = |part: &str| part.trim().parse();
    let ids: std::result::Result<Vec<i64>, _> = parts.into_iter().map(read).collect();
    ids.map_err(|_| Error::invalid(format!("{name}: must be numbers with commas between.")))
}

/// One of a closed set of words.
pub(super) fn word<T>(
    get: &impl Fn(&str) -> Option<String>,
    name: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>> {
    field(get, name)
        .map(|text| {
            parse(&text).ok_or_else(|| {
                Error::invalid(format!("{name}: not one of the words that are known here."))
            })
        })
        .transpose()
}

/// `yes` or `no`.
pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// A day of the calendar, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(Date);

impl Day {
    /// Reads `2026-11-24`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Day> {
        let mut parts = text.splitn(3, '-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if year.len() != 4 || ![year, month, day].into_iter().all(digits) {
            return None;
        }
        let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
        let date = Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?);
        date.ok().map(Day)
    }

    /// The day of a moment in milliseconds since the epoch.
    #[must_use]
    pub fn of(at: i64) -> Option<Day> {
        let moment = OffsetDateTime::from_unix_timestamp(at.div_euclid(1_000)).ok()?;
        Some(Day(moment.date()))
    }

    /// When it begins, in milliseconds since the epoch.
    #[must_use]
    pub fn begins(self) -> i64 {
        PrimitiveDateTime::new(self.0, Time::MIDNIGHT)
            .assume_utc()
            .unix_timestamp()
            * 1_000
    }

    /// When the next day begins.
    #[must_use]
    pub fn ends(self) -> i64 {
        self.begins() + DAY_MS
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month, day) = (self.0.year(), u8::from(self.0.month()), self.0.day());
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// A day.
pub(super) fn day(get: &impl Fn(&str) -> Option<String>, name: &str) -> Result<Option<Day>> {
    field(get, name)
        .map(|text| {
            Day::parse(&text)
                .ok_or_else(|| Error::invalid(format!("{name}: must be a day such as 2026-11-24.")))
        })
        .transpose()
}

/// The fields of a filter as a query string has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairs(Vec<(&'static str, String)>);

impl Pairs {
    /// Adds a field that is set.
    pub(super) fn add(&mut self, name: &'static str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.0.push((name, value.to_string()));
        }
    }

    /// The names and values, not yet encoded.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The value of a field; empty when it is not set.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        let pair = self.0.iter().find(|(key, _)| *key == name);
        pair.map_or("", |(_, value)| value)
    }

    /// Whether nothing is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_and_ends_at_midnight_utc() {
        let day = Day::parse("2024-02-29").expect("a day");
        assert_eq!(day.to_string(), "2024-02-29");
        assert_eq!(day.begins(), 1_709_164_800_000);
        assert_eq!(day.ends(), 1_709_251_200_000);
        for at in [day.begins(), day.ends() - 1] {
            assert_eq!(Day::of(at), Some(day));
        }
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in [
            "2023-02-29",
            "2024-13-01",
            "24-01-01",
            "2024-1",
            "+024-01-01",
            "today",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_error_names_the_field() {
        let get = |_: &str| Some("many".to_owned());
        let error = id(&get, "account").expect_err("no number");
        assert_eq!(error.message(), "account: must be a number.");
    }
}
