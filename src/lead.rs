//! The lead, its fields, and what a submission changed in it.
//!
//! Field names are Dataverse's logical names in every CRM, so that moving from the built-in store
//! to Dynamics 365 needs no remapping.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::phone;

/// A lead's fields by logical name; a field that is blank is absent.
pub type Fields = BTreeMap<String, String>;

/// Which submission set a field, so that an older one that arrives late does not win.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Leadline's id of the submission; `None` when a person wrote the value.
    pub submission: Option<i64>,
    /// When that submission was made, in milliseconds since the epoch.
    pub submitted_at: i64,
}

/// Where each field's value came from, by logical name: the JSON in `lead.provenance`.
pub type Provenance = BTreeMap<String, Origin>;

/// One field before and after: the JSON in `attempt.changes` is a list of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The field's logical name.
    pub field: String,
    /// Its value before; `None` when it was blank.
    pub before: Option<String>,
    /// Its value after; `None` when it is blank.
    pub after: Option<String>,
}

/// A field that a lead can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeadField {
    /// Its logical name.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// How many characters it holds.
    pub max_length: usize,
    /// What kind of text it is; decides how values are compared and whether one may be cut.
    pub kind: FieldKind,
}

/// What kind of text a lead field holds.
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
}

impl LeadField {
    /// The value in the form in which it is compared; `None` when it is blank.
    #[must_use]
    pub fn normalised(&self, value: &str) -> Option<String> {
        normalise(self.kind, value)
    }
}

const fn field(name: &'static str, label: &'static str, max_length: usize) -> LeadField {
    LeadField {
        name,
        label,
        max_length,
        kind: FieldKind::Text,
    }
}

const fn of_kind(kind: FieldKind, field: LeadField) -> LeadField {
    LeadField { kind, ..field }
}

/// A value in the form in which it is compared (design decision 2): Unicode NFKC, trimmed, inner
/// blanks collapsed, case-folded; e-mail addresses without any blanks, telephone numbers as
/// E.164, or as their digits when they say no country. `None` when nothing is left: a blank never matches anything.
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
        FieldKind::Text => folded.split_whitespace().collect::<Vec<_>>().join(" "),
        FieldKind::Phone => phone::e164(&folded, None).unwrap_or_else(|| phone_digits(&folded)),
    };
    (!text.is_empty()).then_some(text)
}

/// Characters that nobody sees and that copy-and-paste leaves behind.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
        || (c.is_control() && !c.is_whitespace())
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

/// The fields of a lead in the built-in store, in the order in which a page shows them.
/// Names and lengths are those of Dataverse's lead table.
pub const LEAD_FIELDS: [LeadField; 25] = [
    field("firstname", "First name", 50),
    field("lastname", "Last name", 50),
    of_kind(FieldKind::Email, field("emailaddress1", "E-mail", 100)),
    of_kind(FieldKind::Email, field("emailaddress2", "Work e-mail", 100)),
    of_kind(FieldKind::Phone, field("mobilephone", "Mobile phone", 50)),
    of_kind(FieldKind::Phone, field("telephone1", "Business phone", 50)),
    field("jobtitle", "Job title", 100),
    field("msdyncrm_jobfunction", "Job function", 100),
    field("msdyncrm_seniority", "Seniority", 100),
    field("companyname", "Company", 100),
    field("msdyncrm_companysize", "Company size", 100),
    field("msdyncrm_industry", "Industry", 100),
    of_kind(FieldKind::Url, field("websiteurl", "Website", 200)),
    field("address1_city", "City", 80),
    field("address1_stateorprovince", "State or province", 50),
    field("address1_country", "Country", 80),
    field("address1_postalcode", "Postal code", 20),
    field("msdyncrm_degree", "Degree", 100),
    field("msdyncrm_fieldofstudy", "Field of study", 100),
    field("msdyncrm_school", "School", 100),
    field("msdyncrm_startdate", "Start date", 100),
    field("msdyncrm_graduationdate", "Graduation date", 100),
    of_kind(
        FieldKind::Url,
        field("leadline_linkedinprofile", "LinkedIn profile", 500),
    ),
    field("leadline_gender", "Gender", 100),
    field("description", "Description", 2000),
];

/// The field with this logical name.
#[must_use]
pub fn lead_field(name: &str) -> Option<&'static LeadField> {
    LEAD_FIELDS.iter().find(|f| f.name == name)
}

/// What people call the field with this logical name; the name itself when it is not known.
#[must_use]
pub fn field_label(name: &str) -> &str {
    match name {
        "ownerid" => "Owner",
        "statecode" => "State",
        _ => lead_field(name).map_or(name, |f| f.label),
    }
}

/// What a list shows as the lead's name: first and last name, else e-mail, else company.
#[must_use]
pub fn display_name(fields: &Fields) -> String {
    let part = |name: &str| fields.get(name).map_or("", |v| v.trim());
    let full = format!("{} {}", part("firstname"), part("lastname"))
        .trim()
        .to_owned();
    [
        full.as_str(),
        part("emailaddress1"),
        part("emailaddress2"),
        part("companyname"),
    ]
    .into_iter()
    .find(|text| !text.is_empty())
    .unwrap_or("Unnamed lead")
    .to_owned()
}

/// A lead as the CRM keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// Its id; below zero as long as it has not been written.
    pub id: i64,
    /// The submission that it was made from: the key that makes a second one impossible.
    pub created_by: i64,
    /// The closed lead of the same person that it continues.
    pub follows: Option<i64>,
    /// Whether it may still be changed by submissions.
    pub open: bool,
    /// Who works on it.
    pub owner: Option<i64>,
    /// Its fields.
    pub fields: Fields,
    /// Where each field's value came from.
    pub provenance: Provenance,
    /// Where it came from; set when it is made and never again.
    pub source: String,
    /// The form of the first submission.
    pub first_form: Option<i64>,
    /// The form of the latest submission.
    pub latest_form: Option<i64>,
    /// The campaign of the first submission.
    pub first_campaign: Option<i64>,
    /// The campaign of the latest submission.
    pub latest_campaign: Option<i64>,
    /// How many submissions belong to it.
    pub submission_count: i64,
    /// When the latest of them was submitted, in milliseconds since the epoch.
    pub latest_submitted_at: i64,
    /// When it was changed last, in milliseconds since the epoch.
    pub modified_at: i64,
    /// Grows with every change.
    pub version: i64,
}

/// What one mapped value did to its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The field has the new value now.
    Written,
    /// The field had this value already, or one that differs only in case and blanks.
    Same,
    /// The answer was blank; a blank never erases a value.
    Blank,
    /// The field keeps what a newer submission or a person wrote.
    KeptNewer,
    /// The mapping only fills empty fields, and this one was not.
    KeptFilled,
    /// The mapping never updates a lead that is there.
    NeverUpdated,
    /// An earlier mapping to the same field had a value already.
    Superseded,
    /// The value does not fit into the field.
    Refused,
}

impl Effect {
    /// The effect in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Effect::Written => "Written",
            Effect::Same => "Already the same",
            Effect::Blank => "Blank answer, nothing erased",
            Effect::KeptNewer => "Kept the newer value",
            Effect::KeptFilled => "Kept: fills empty fields only",
            Effect::NeverUpdated => "Kept: never updates",
            Effect::Superseded => "Another mapping came first",
            Effect::Refused => "Refused",
        }
    }
}

/// What may happen to a field that has a value already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// The newer value wins.
    Overwrite,
    /// Only an empty field is filled.
    FillEmpty,
    /// The field is set when the lead is made and never again.
    Never,
}

impl Policy {
    /// The policy in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Policy::Overwrite => "Overwrite",
            Policy::FillEmpty => "Fill if empty",
            Policy::Never => "Never update",
        }
    }

    /// The word for it in the database and in files.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Policy::Overwrite => "overwrite",
            Policy::FillEmpty => "fill_empty",
            Policy::Never => "never",
        }
    }

    /// The policy with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Policy> {
        [Policy::Overwrite, Policy::FillEmpty, Policy::Never]
            .into_iter()
            .find(|p| p.slug() == word)
    }
}

/// Writes one value into a lead's fields as its policy allows, and says what it did.
///
/// The order in which submissions were made decides, not the order in which they arrived: a value
/// from an older submission never replaces one from a newer (design decision 10).
pub fn write_field(
    fields: &mut Fields,
    provenance: &mut Provenance,
    field: &LeadField,
    value: &str,
    policy: Policy,
    origin: &Origin,
) -> (Effect, Option<Change>) {
    let before = fields.get(field.name).filter(|v| !v.is_empty()).cloned();
    if let Some(present) = &before {
        if field.normalised(present) == field.normalised(value) {
            if policy == Policy::Overwrite
                && provenance
                    .get(field.name)
                    .is_none_or(|o| o.is_before(origin))
            {
                provenance.insert(field.name.to_owned(), origin.clone());
            }
            return (Effect::Same, None);
        }
        match policy {
            Policy::FillEmpty => return (Effect::KeptFilled, None),
            Policy::Never => return (Effect::NeverUpdated, None),
            Policy::Overwrite => {}
        }
        if provenance
            .get(field.name)
            .is_some_and(|o| !o.is_before(origin))
        {
            return (Effect::KeptNewer, None);
        }
    }
    fields.insert(field.name.to_owned(), value.to_owned());
    provenance.insert(field.name.to_owned(), origin.clone());
    let change = Change {
        field: field.name.to_owned(),
        before,
        after: Some(value.to_owned()),
    };
    (Effect::Written, Some(change))
}

impl Origin {
    /// Whether this value is older than the other; of two submissions of the same millisecond the
    /// one with the smaller id is.
    #[must_use]
    pub fn is_before(&self, other: &Origin) -> bool {
        (self.submitted_at, self.submission) < (other.submitted_at, other.submission)
    }
}
