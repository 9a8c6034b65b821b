//! The fields that a lead can have: a catalogue that the CRM in use gives, and how the values of
//! each are compared.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use unicode_normalization::UnicodeNormalization;

use super::value;
use crate::phone;

/// A field that a lead can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadField {
    /// Its logical name.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// What it holds; decides how values are compared and which fit.
    pub kind: FieldKind,
    /// How many characters it holds, in units of UTF-16.
    pub max_length: usize,
    /// What it may hold, if it is a choice.
    pub choices: Vec<String>,
    /// Whether the CRM takes no lead without it.
    pub required: bool,
    /// Whether somebody added it to those that the CRM begins with.
    pub custom: bool,
    /// Whether leads can be looked for by it.
    pub findable: bool,
}

/// What a lead field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Any text.
    Text,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A web address.
    Url,
    /// A number: digits, a point before its fraction, a minus in front if it is below zero.
    Number,
    /// A day, as `YYYY-MM-DD`.
    Date,
    /// One of the field's choices.
    Choice,
    /// `true` or `false`.
    YesNo,
}

impl FieldKind {
    /// All of them.
    pub const ALL: [FieldKind; 8] = [
        FieldKind::Text,
        FieldKind::Number,
        FieldKind::Date,
        FieldKind::Choice,
        FieldKind::YesNo,
        FieldKind::Email,
        FieldKind::Phone,
        FieldKind::Url,
    ];

    /// The kind in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            FieldKind::Text => "Text",
            FieldKind::Email => "E-mail address",
            FieldKind::Phone => "Telephone number",
            FieldKind::Url => "Web address",
            FieldKind::Number => "Number",
            FieldKind::Date => "Date",
            FieldKind::Choice => "Choice",
            FieldKind::YesNo => "Yes or no",
        }
    }

    /// Whether it holds text that may be of any length up to the field's.
    #[must_use]
    pub fn is_text(self) -> bool {
        match self {
            FieldKind::Text | FieldKind::Email | FieldKind::Phone | FieldKind::Url => true,
            FieldKind::Number | FieldKind::Date | FieldKind::Choice | FieldKind::YesNo => false,
        }
    }

    /// The word for it in the database and in the API.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            FieldKind::Text => "text",
            FieldKind::Email => "email",
            FieldKind::Phone => "phone",
            FieldKind::Url => "url",
            FieldKind::Number => "number",
            FieldKind::Date => "date",
            FieldKind::Choice => "choice",
            FieldKind::YesNo => "yes_no",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<FieldKind> {
        FieldKind::ALL.into_iter().find(|kind| kind.slug() == word)
    }
}

impl LeadField {
    /// The value in the form in which it is compared; `None` when it is blank.
    #[must_use]
    pub fn normalised(&self, value: &str) -> Option<String> {
        normalise(self.kind, value)
    }
}

/// The fields that the leads of one CRM can have, in the order in which a page shows them. Cheap to
/// clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadFields(Arc<[LeadField]>);

impl LeadFields {
    /// The fields of a lead in the built-in store. Names and lengths are those of Dataverse's lead
    /// table.
    #[must_use]
    pub fn standard() -> LeadFields {
        static ALL: LazyLock<LeadFields> =
            LazyLock::new(|| standard_fields().into_iter().collect());
        ALL.clone()
    }

    /// The field with this logical name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&LeadField> {
        self.iter().find(|field| field.name == name)
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, LeadField> {
        self.0.iter()
    }

    /// What people call the field with this logical name; the name itself when it is not known.
    #[must_use]
    pub fn label<'a>(&'a self, name: &'a str) -> &'a str {
        match name {
            "ownerid" => "Owner",
            "statecode" => "State",
            _ => self.get(name).map_or(name, |field| &field.label),
        }
    }

    /// A field's value as people read it.
    #[must_use]
    pub fn shown(&self, name: &str, value: String) -> String {
        match self.get(name) {
            Some(field) => field.shown(&value),
            None => value,
        }
    }

    /// Those of them that have one of these names.
    #[must_use]
    pub fn only(&self, names: &BTreeSet<String>) -> LeadFields {
        let named = self.iter().filter(|field| names.contains(&field.name));
        named.cloned().collect()
    }
}

impl FromIterator<LeadField> for LeadFields {
    fn from_iter<I: IntoIterator<Item = LeadField>>(fields: I) -> LeadFields {
        LeadFields(fields.into_iter().collect())
    }
}

fn standard_fields() -> [LeadField; 25] {
    use FieldKind::{Email, Phone, Text, Url};
    [
        ("firstname", "First name", Text, 50),
        ("lastname", "Last name", Text, 50),
        ("emailaddress1", "E-mail", Email, 100),
        ("emailaddress2", "Work e-mail", Email, 100),
        ("mobilephone", "Mobile phone", Phone, 50),
        ("telephone1", "Business phone", Phone, 50),
        ("jobtitle", "Job title", Text, 100),
        ("msdyncrm_jobfunction", "Job function", Text, 100),
        ("msdyncrm_seniority", "Seniority", Text, 100),
        ("companyname", "Company", Text, 100),
        ("msdyncrm_companysize", "Company size", Text, 100),
        ("msdyncrm_industry", "Industry", Text, 100),
        ("websiteurl", "Website", Url, 200),
        ("address1_city", "City", Text, 80),
        ("address1_stateorprovince", "State or province", Text, 50),
        ("address1_country", "Country", Text, 80),
        ("address1_postalcode", "Postal code", Text, 20),
        ("msdyncrm_degree", "Degree", Text, 100),
        ("msdyncrm_fieldofstudy", "Field of study", Text, 100),
        ("msdyncrm_school", "School", Text, 100),
        ("msdyncrm_startdate", "Start date", Text, 100),
        ("msdyncrm_graduationdate", "Graduation date", Text, 100),
        ("leadline_linkedinprofile", "LinkedIn profile", Url, 500),
        ("leadline_gender", "Gender", Text, 100),
        ("description", "Description", Text, 2000),
    ]
    .map(|(name, label, kind, max_length)| LeadField {
        name: name.to_owned(),
        label: label.to_owned(),
        kind,
        max_length,
        choices: Vec::new(),
        required: false,
        custom: false,
        findable: true,
    })
}

/// A value in the form in which it is compared (design decision 2): Unicode NFKC, trimmed, inner
/// blanks collapsed, case-folded; e-mail addresses without any blanks, telephone numbers as
/// E.164, or as their digits when they say no country; numbers without needless zeros. `None` when nothing is left: a blank never matches anything.
#[must_use]
pub fn normalise(kind: FieldKind, value: &str) -> Option<String> {
    let folded: String = value
        .nfkc()
        .collect::<String>()
        .to_lowercase()
        .nfkc()
        .filter(|c| !is_invisible(*c))
        .collect();
    let text = match kind {
        FieldKind::Email | FieldKind::Url => folded.split_whitespace().collect::<String>(),
        FieldKind::Text | FieldKind::Date | FieldKind::Choice => words(&folded),
        FieldKind::Number => value::number(folded.trim()).unwrap_or_else(|| words(&folded)),
        FieldKind::YesNo => {
            value::yes_no(&folded).map_or_else(|| words(&folded), |yes| yes.to_string())
        }
        FieldKind::Phone => phone::e164(&folded, None).unwrap_or_else(|| phone_digits(&folded)),
    };
    (!text.is_empty()).then_some(text)
}

/// The words of a text, a blank between two.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters that nobody sees and that copy-and-paste leaves behind.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
        || (c.is_control() && !c.is_whitespace())
}

/// A text without the blanks and the invisible characters at its ends.
#[must_use]
pub fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c))
}

/// The digits of a number, with a plus in front when it is written internationally.
fn phone_digits(text: &str) -> String {
    let digits: String = text
        .chars()
        .filter_map(|c| c.to_digit(10))
        .filter_map(|d| char::from_digit(d, 10))
        .collect();
    if digits.is_empty() {
        return digits;
    }
    if text.trim_start().starts_with('+') {
        return format!("+{digits}");
    }
    match digits.strip_prefix("00") {
        Some(rest) if !rest.is_empty() => format!("+{rest}"),
        _ => digits,
    }
}
