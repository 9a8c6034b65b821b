//! What can be done to an answer on its way into a lead field.
//!
//! A step is one word of a closed language. It takes text and gives text or a reason why it cannot;
//! it never looks anything up, never loops, and what it gives is bounded by [`LONGEST`]. So the page
//! may run the very steps that the worker runs, on whatever somebody types.

use serde::{Deserialize, Serialize};

use super::template::Others;
use super::{date, name, number, template};
use crate::phone;

/// How many bytes a value has at most after any step. An answer has at most 4,000 characters.
pub const LONGEST: usize = 16 * 1024;
/// How many steps one mapping has at most.
pub const MOST_STEPS: usize = 12;
/// How many lines a table has at most.
pub const MOST_ENTRIES: usize = 500;
/// How many characters a separator, an entry or a default has at most.
pub const MOST_CHARS: usize = 500;

/// One step. The names are those of the JSON in `field_mapping.steps`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum Step {
    /// Blanks at both ends go, inner ones become one.
    Trim,
    /// All letters large.
    Upper,
    /// All letters small.
    Lower,
    /// A person's name that is written all large or all small, as names are written.
    NameCase,
    /// A telephone number as E.164. For numbers without a country code the country is taken from
    /// the person's own answer when that is a code, else `country`.
    Phone {
        /// ISO 3166-1 alpha-2, such as `DE`; empty for none.
        #[serde(default)]
        country: String,
        /// What becomes of what is no number.
        #[serde(default)]
        otherwise: Otherwise,
    },
    /// One part of the text.
    Part {
        /// Which.
        part: Part,
    },
    /// What stands at one place between separators, counted from one.
    Split {
        /// What separates.
        separator: String,
        /// Which place.
        place: u32,
    },
    /// One text for another, by a table; compared like answers are matched.
    Replace {
        /// What becomes what.
        entries: Vec<Entry>,
        /// What becomes of a text that is not in the table.
        #[serde(default)]
        otherwise: Otherwise,
    },
    /// A number out of a text such as `51-200` or `10,001+`.
    Number {
        /// Which end of a range.
        #[serde(default)]
        pick: Pick,
        /// Whether a range without an upper end (`10,001+`) counts as its lower one.
        #[serde(default)]
        open_ended: bool,
    },
    /// A date as `YYYY-MM-DD`.
    Date {
        /// In which order day, month and year are written.
        #[serde(default)]
        order: DateOrder,
    },
    /// Several answers as one text.
    Join {
        /// What to put between them.
        separator: String,
    },
    /// A text made from a template, in which `value` is the answer so far and `answers` has the
    /// predefined ones.
    Template {
        /// The template, in the language of Jinja.
        template: String,
    },
    /// What to take when nothing is there.
    Default {
        /// The text.
        text: String,
    },
}

/// Which part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The first word.
    FirstWord,
    /// Everything but the first word.
    Rest,
    /// The last word.
    LastWord,
    /// What stands behind the `@` of an e-mail address, or the host of a web address.
    Domain,
}

/// One line of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The text as it is answered.
    pub from: String,
    /// The text for the lead.
    pub to: String,
}

/// What becomes of a text that a step cannot use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// It stays as it is.
    #[default]
    Keep,
    /// Nothing is written.
    Blank,
    /// A person has to decide.
    Hold,
}

/// Which number of a range.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    /// The smaller one.
    #[default]
    Low,
    /// The larger one.
    High,
    /// What lies in the middle, rounded down.
    Middle,
}

/// In which order a date is written when it does not say so itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 31.12.2026 or 31/12/2026
    #[default]
    DayMonthYear,
    /// 12/31/2026
    MonthDayYear,
    /// 2026-12-31
    YearMonthDay,
}

impl Step {
    /// The step in words, for lists and traces.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Step::Trim => "Trim blanks".to_owned(),
            Step::Upper => "UPPER CASE".to_owned(),
            Step::Lower => "lower case".to_owned(),
            Step::NameCase => "Write as a name".to_owned(),
            Step::Phone { country, .. } if country.is_empty() => "Phone as E.164".to_owned(),
            Step::Phone { country, .. } => format!("Phone as E.164, {country} assumed"),
            Step::Part { part } => part.label().to_owned(),
            Step::Split { separator, place } => format!("Part {place} between “{separator}”"),
            Step::Replace { entries, .. } => match entries.len() {
                1 => "Replace by a table of 1 line".to_owned(),
                lines => format!("Replace by a table of {lines} lines"),
            },
            Step::Number { pick, .. } => format!("Number, {} of a range", pick.label()),
            Step::Date { order } => format!("Date, {}", order.label()),
            Step::Join { separator } => format!("Join by “{separator}”"),
            Step::Template { .. } => "Template".to_owned(),
            Step::Default { text } => format!("“{text}” when empty"),
        }
    }

    /// What is wrong with the step itself, before it sees any answer.
    ///
    /// # Errors
    /// In words, with the remedy.
    pub fn check(&self) -> Result<(), String> {
        let short = |what: &str, text: &str| match text.chars().count() {
            0 => Err(format!("The {what} is missing.")),
            1..=MOST_CHARS => Ok(()),
            _ => Err(format!("The {what} has more than {MOST_CHARS} characters.")),
        };
        match self {
            Step::Trim
            | Step::Upper
            | Step::Lower
            | Step::NameCase
            | Step::Part { .. }
            | Step::Number { .. }
            | Step::Date { .. } => Ok(()),
            Step::Phone { country, .. } => {
                match country.is_empty() || phone::country(country).is_some() {
                    true => Ok(()),
                    false => Err(
                        "The country must be a code of two letters, such as DE or US.".to_owned(),
                    ),
                }
            }
            Step::Split { separator, place } => {
                short("separator", separator)?;
                match place {
                    1..=100 => Ok(()),
                    _ => Err("The place must be a number from 1 to 100.".to_owned()),
                }
            }
            Step::Replace { entries, .. } => check_entries(entries),
            Step::Join { separator } => match separator.chars().count() {
                ..=MOST_CHARS => Ok(()),
                _ => Err(format!(
                    "The separator has more than {MOST_CHARS} characters."
                )),
            },
            Step::Template { template } => template::check(template),
            Step::Default { text } => short("text", text),
        }
    }

    /// The values after this step. Most steps treat each of several answers by itself.
    ///
    /// # Errors
    /// Why it cannot be done, in words, without the value unless it is a choice.
    pub fn apply(&self, values: Vec<String>, others: &Others) -> Result<Vec<String>, String> {
        match self {
            Step::Default { text } if values.is_empty() => {
                Ok(kept(text.clone()).into_iter().collect())
            }
            Step::Default { .. } => Ok(values),
            Step::Join { separator } => Ok(kept(values.join(separator)).into_iter().collect()),
            _ => {
                let each = values.iter().map(|value| self.apply_one(value, others));
                let done: Result<Vec<Option<String>>, String> = each.collect();
                Ok(done?.into_iter().flatten().filter_map(kept).collect())
            }
        }
    }

    fn apply_one(&self, value: &str, others: &Others) -> Result<Option<String>, String> {
        Ok(match self {
            Step::Trim => Some(words(value).join(" ")),
            Step::Upper => Some(value.to_uppercase()),
            Step::Lower => Some(value.to_lowercase()),
            Step::NameCase => Some(name::cased(value)),
            Step::Phone { country, otherwise } => dialled(value, country, *otherwise, others)?,
            Step::Part { part } => part.of(value),
            Step::Split { separator, place } => split(value, separator, *place),
            Step::Replace { entries, otherwise } => replace(value, entries, *otherwise)?,
            Step::Number { pick, open_ended } => Some(number::read(value, *pick, *open_ended)?),
            Step::Date { order } => Some(date::read(value, *order)?),
            Step::Template { template } => Some(template::render(template, value, others)?),
            Step::Join { .. } | Step::Default { .. } => Some(value.to_owned()),
        })
    }
}

/// Runs the steps one after the other. Between them blank values go.
///
/// # Errors
/// Why one of them cannot be done, with its place.
pub fn run(steps: &[Step], values: Vec<String>, others: &Others) -> Result<Vec<String>, String> {
    let mut values: Vec<String> = values.into_iter().filter_map(kept).collect();
    for step in steps {
        values = step.apply(values, others)?;
    }
    Ok(values)
}

/// A value that is there, cut to the bound.
fn kept(mut value: String) -> Option<String> {
    value.truncate(value.floor_char_boundary(LONGEST));
    (!value.trim().is_empty()).then_some(value)
}

fn check_entries(entries: &[Entry]) -> Result<(), String> {
    if entries.is_empty() {
        return Err("The table is empty. Write a line such as: old = new".to_owned());
    }
    if entries.len() > MOST_ENTRIES {
        return Err(format!("The table has more than {MOST_ENTRIES} lines."));
    }
    let long = |text: &str| text.chars().count() > MOST_CHARS;
    match entries.iter().position(|e| long(&e.from) || long(&e.to)) {
        Some(line) => Err(format!(
            "Line {} of the table has more than {MOST_CHARS} characters on one side.",
            line + 1
        )),
        None => Ok(()),
    }
}

fn words(value: &str) -> Vec<&str> {
    value.split_whitespace().collect()
}

fn split(value: &str, separator: &str, place: u32) -> Option<String> {
    if separator.is_empty() {
        return Some(value.to_owned());
    }
    let place = usize::try_from(place).ok()?.checked_sub(1)?;
    Some(value.split(separator).nth(place)?.trim().to_owned())
}

fn replace(value: &str, entries: &[Entry], otherwise: Otherwise) -> Result<Option<String>, String> {
    use crate::lead::{FieldKind, normalise};
    let key = normalise(FieldKind::Text, value);
    let found = entries
        .iter()
        .find(|entry| normalise(FieldKind::Text, &entry.from) == key);
    match found {
        Some(entry) => Ok(Some(entry.to.clone())),
        None => otherwise.instead(value, "is not in the table. Add a line for it"),
    }
}

fn dialled(
    value: &str,
    country: &str,
    otherwise: Otherwise,
    others: &Others,
) -> Result<Option<String>, String> {
    let own = others
        .get("country")
        .and_then(|answer| phone::country(answer));
    match phone::e164(value, own.or_else(|| phone::country(country))) {
        Some(number) => Ok(Some(number)),
        None => otherwise.instead(
            value,
            "is no telephone number. Choose the country that it belongs to",
        ),
    }
}

impl Otherwise {
    /// All of them.
    pub const ALL: [Otherwise; 3] = [Otherwise::Keep, Otherwise::Blank, Otherwise::Hold];

    /// The rule in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Otherwise::Keep => "Keep it as it is",
            Otherwise::Blank => "Write nothing",
            Otherwise::Hold => "Hold for review",
        }
    }

    /// What becomes of a value that the step cannot use.
    fn instead(self, value: &str, wrong: &str) -> Result<Option<String>, String> {
        match self {
            Otherwise::Keep => Ok(Some(value.to_owned())),
            Otherwise::Blank => Ok(None),
            Otherwise::Hold => Err(format!(
                "“{}” {wrong}, or choose what else happens.",
                number::shown(value)
            )),
        }
    }
}

impl Part {
    /// All of them.
    pub const ALL: [Part; 4] = [Part::FirstWord, Part::Rest, Part::LastWord, Part::Domain];

    /// The part in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Part::FirstWord => "First word",
            Part::Rest => "All but the first word",
            Part::LastWord => "Last word",
            Part::Domain => "Domain of an address",
        }
    }

    fn of(self, value: &str) -> Option<String> {
        let words = words(value);
        match self {
            Part::FirstWord => words.first().map(|word| (*word).to_owned()),
            Part::LastWord => words.last().map(|word| (*word).to_owned()),
            Part::Rest => words.get(1..).map(|rest| rest.join(" ")),
            Part::Domain => domain(value.trim()),
        }
    }
}

fn domain(address: &str) -> Option<String> {
    let host = match address.rsplit_once('@') {
        Some((_, host)) => host,
        None => {
            let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
            rest.split(['/', '?', '#', ':']).next()?
        }
    };
    host.contains('.').then(|| host.to_lowercase())
}

impl Pick {
    /// The end in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Pick::Low => "lower end",
            Pick::High => "upper end",
            Pick::Middle => "middle",
        }
    }
}

impl DateOrder {
    /// The order in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            DateOrder::DayMonthYear => "day, month, year",
            DateOrder::MonthDayYear => "month, day, year",
            DateOrder::YearMonthDay => "year, month, day",
        }
    }
}

#[cfg(test)]
mod tests;
