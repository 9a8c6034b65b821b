//! The lead, its fields, and what a submission changed in it.
//!
//! Field names are Dataverse's logical names in every CRM, so that moving from the built-in store
//! to Dynamics 365 needs no remapping.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

mod custom;
mod field;
mod value;

pub use custom::{CustomField, LABEL_CHARS, MOST_CHARS, MOST_CHOICES, MOST_CUSTOM};
pub use field::{FieldKind, LeadField, LeadFields, normalise, trim};
pub use value::{beginning, length};

/// A lead's fields by logical name; a field that is blank is absent.
pub type Fields = BTreeMap<String, String>;

/// Which submission set a field, so that an older one that arrives late does not win.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Leadline's id of the submission; `None` when a person wrote the value.
    pub submission: Option<i64>,
    /// When the latest submission was made that said so, or when a person wrote it; in milliseconds
    /// since the epoch.
    pub submitted_at: i64,
}

/// Where each field's value came from, by logical name: the JSON in `lead.provenance`. A field that
/// a person emptied has an origin too, so that an older submission does not fill it again.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
/// from an older submission never replaces one from a newer (design decision 10). A submission that
/// is run again replaces what it wrote itself, whatever the policy: that is how a mended mapping
/// mends leads that are there. A value that differs only in case and blanks is the same, and how it
/// was spelled first stays.
pub fn write_field(
    fields: &mut Fields,
    provenance: &mut Provenance,
    field: &LeadField,
    value: &str,
    policy: Policy,
    origin: &Origin,
) -> (Effect, Option<Change>) {
    let before = fields.get(&field.name).filter(|v| !v.is_empty()).cloned();
    let writer = provenance.get(&field.name);
    let by_whom = writer.and_then(|writer| writer.submission);
    let own = by_whom.is_some() && by_whom == origin.submission;
    let newer = writer.is_some_and(|writer| !writer.is_before(origin));
    if let Some(present) = &before {
        let exact = present == value;
        if exact || (!own && field.normalised(present) == field.normalised(value)) {
            if policy == Policy::Overwrite && !newer {
                // Whose spelling it is stays, unless it is this one's too.
                let submission = by_whom.and(if exact { origin.submission } else { by_whom });
                let submitted_at = origin.submitted_at;
                let confirmed = Origin {
                    submission,
                    submitted_at,
                };
                provenance.insert(field.name.clone(), confirmed);
            }
            return (Effect::Same, None);
        }
        match policy {
            _ if own => {}
            Policy::FillEmpty => return (Effect::KeptFilled, None),
            Policy::Never => return (Effect::NeverUpdated, None),
            Policy::Overwrite => {}
        }
    }
    if newer && !own {
        return (Effect::KeptNewer, None);
    }
    let mut origin = origin.clone();
    // What a newer one confirmed stays confirmed when the writer mends it.
    if let Some(writer) = writer.filter(|_| own) {
        origin.submitted_at = origin.submitted_at.max(writer.submitted_at);
    }
    fields.insert(field.name.clone(), value.to_owned());
    provenance.insert(field.name.clone(), origin);
    let change = Change {
        field: field.name.clone(),
        before,
        after: Some(value.to_owned()),
    };
    (Effect::Written, Some(change))
}

impl Origin {
    /// That of a value which a person puts in the place of another one: newer than that in any case.
    #[must_use]
    pub fn of_a_person(now: i64, over: &Origin) -> Origin {
        Origin {
            submission: None,
            submitted_at: now.max(over.submitted_at.saturating_add(1)),
        }
    }

    /// Whether this value is older than the other; of two submissions of the same millisecond the
    /// one with the smaller id is.
    #[must_use]
    pub fn is_before(&self, other: &Origin) -> bool {
        (self.submitted_at, self.submission) < (other.submitted_at, other.submission)
    }
}
