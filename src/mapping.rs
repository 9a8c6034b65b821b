//! Mappings and answers → lead fields and problems, as values that a page can show. Pure.

use serde::{Deserialize, Serialize};

use crate::lead::{Effect, FieldKind, LeadField, Policy, field_label, lead_field};
use crate::submission::Answers;

/// Where a mapping takes its value from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "key")]
pub enum Source {
    /// The answer to a predefined question, by LinkedIn's key; several spellings are separated by a
    /// bar, because LinkedIn's own is not published for all of them (spec/linkedin.md 4.3).
    Predefined(String),
}

impl Source {
    /// The word for the kind of source in the database.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Source::Predefined(_) => "predefined",
        }
    }

    /// The key within its kind.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Source::Predefined(key) => key,
        }
    }

    /// The source with this kind and key.
    #[must_use]
    pub fn parse(kind: &str, key: &str) -> Option<Source> {
        match kind {
            "predefined" => Some(Source::Predefined(key.to_owned())),
            _ => None,
        }
    }

    /// What people call it: `WORK_EMAIL` is "Work email".
    #[must_use]
    pub fn label(&self) -> String {
        let first = self.key().split('|').next().unwrap_or_default();
        let text = first.replace('_', " ").to_lowercase();
        let text = text.replace("linkedin", "LinkedIn");
        let mut chars = text.chars();
        chars
            .next()
            .map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
    }

    fn read(&self, answers: &Answers) -> Option<String> {
        match self {
            Source::Predefined(key) => answers.predefined(&key.split('|').collect::<Vec<_>>()),
        }
    }
}

/// One LinkedIn field → one lead field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldMapping {
    /// Leadline's id.
    pub id: i64,
    /// Where the value comes from.
    pub source: Source,
    /// The lead field's logical name.
    pub lead_field: String,
    /// What may happen to a field that has a value.
    pub policy: Policy,
}

/// The mappings that every installation begins with: all predefined questions that have a lead
/// field (spec/parity.md 5.1). The order decides when two of them fill one field.
#[must_use]
pub fn default_mappings() -> Vec<FieldMapping> {
    const DEFAULTS: [(&str, &str); 23] = [
        ("FIRST_NAME", "firstname"),
        ("LAST_NAME", "lastname"),
        ("EMAIL|EMAIL_ADDRESS", "emailaddress1"),
        ("WORK_EMAIL", "emailaddress2"),
        ("PHONE_NUMBER|PHONE", "mobilephone"),
        ("WORK_PHONE_NUMBER|WORK_PHONE", "telephone1"),
        ("CITY", "address1_city"),
        (
            "STATE|STATE_PROVINCE|STATE_OR_PROVINCE",
            "address1_stateorprovince",
        ),
        ("COUNTRY|COUNTRY_REGION", "address1_country"),
        (
            "POSTAL_CODE|ZIP_CODE|ZIP_POSTAL_CODE",
            "address1_postalcode",
        ),
        ("JOB_TITLE", "jobtitle"),
        ("JOB_FUNCTION", "msdyncrm_jobfunction"),
        ("SENIORITY", "msdyncrm_seniority"),
        ("COMPANY_NAME|COMPANY", "companyname"),
        ("COMPANY_SIZE", "msdyncrm_companysize"),
        ("INDUSTRY|COMPANY_INDUSTRY", "msdyncrm_industry"),
        ("DEGREE", "msdyncrm_degree"),
        ("FIELD_OF_STUDY", "msdyncrm_fieldofstudy"),
        ("SCHOOL|UNIVERSITY|SCHOOL_UNIVERSITY", "msdyncrm_school"),
        ("START_DATE", "msdyncrm_startdate"),
        ("GRADUATION_DATE", "msdyncrm_graduationdate"),
        (
            "LINKEDIN_PROFILE_LINK|LINKEDIN_PROFILE_URL",
            "leadline_linkedinprofile",
        ),
        ("GENDER|GENDER_PRONOUN", "leadline_gender"),
    ];
    DEFAULTS
        .iter()
        .enumerate()
        .map(|(index, (key, lead_field))| FieldMapping {
            id: index as i64 + 1,
            source: Source::Predefined((*key).to_owned()),
            lead_field: (*lead_field).to_owned(),
            policy: Policy::Overwrite,
        })
        .collect()
}

/// What one mapping made of one submission; the effect on the lead is filled in when it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingTrace {
    /// The mapping's id.
    pub mapping: i64,
    /// What people call its source.
    pub source: String,
    /// The lead field's logical name.
    pub lead_field: String,
    /// What happens to a field that has a value.
    pub policy: Policy,
    /// The answer as it was given; `None` when the form has no such answer.
    pub input: Option<String>,
    /// The value for the lead; `None` when there is none.
    pub output: Option<String>,
    /// What it did.
    pub effect: Effect,
    /// Anything a person should know, such as that the value was cut.
    pub note: Option<String>,
}

/// A value that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The lead field's logical name.
    pub lead_field: String,
    /// What is wrong and what to do, without the value itself.
    pub message: String,
}

/// The answers as lead fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapped {
    /// One entry per mapping, in order.
    pub traces: Vec<MappingTrace>,
    /// What does not fit; a submission with a problem is held.
    pub problems: Vec<Problem>,
}

impl Mapped {
    /// The value for a lead field.
    #[must_use]
    pub fn value(&self, lead_field: &str) -> Option<&str> {
        self.traces
            .iter()
            .filter(|t| t.lead_field == lead_field && t.effect != Effect::Superseded)
            .find_map(|t| t.output.as_deref())
    }
}

/// Runs the answers through the mappings.
#[must_use]
pub fn map(mappings: &[FieldMapping], answers: &Answers) -> Mapped {
    let mut mapped = Mapped::default();
    for mapping in mappings {
        let input = mapping.source.read(answers);
        let taken = mapped.value(&mapping.lead_field).is_some();
        let mut trace = MappingTrace {
            mapping: mapping.id,
            source: mapping.source.label(),
            lead_field: mapping.lead_field.clone(),
            policy: mapping.policy,
            input: input.clone(),
            output: None,
            effect: Effect::Blank,
            note: None,
        };
        if let Some((field, input)) = lead_field(&mapping.lead_field).zip(input) {
            match fit(field, &input) {
                _ if taken => trace.effect = Effect::Superseded,
                Ok((output, note)) => {
                    trace.output = output;
                    trace.note = note;
                }
                Err(message) => {
                    trace.effect = Effect::Refused;
                    trace.note = Some(message.clone());
                    mapped.problems.push(Problem {
                        lead_field: mapping.lead_field.clone(),
                        message,
                    });
                }
            }
        }
        mapped.traces.push(trace);
    }
    mapped
}

/// An answer as a value of the field: trimmed, without control characters, and cut to the field's
/// length where cutting leaves something useful. Half an e-mail address is of no use to anybody.
fn fit(field: &LeadField, input: &str) -> Result<(Option<String>, Option<String>), String> {
    let clean: String = input
        .chars()
        .filter(|c| !c.is_control() || *c == '\n' || *c == '\t')
        .collect();
    let text = clean.trim();
    if text.is_empty() {
        return Ok((None, None));
    }
    let length = text.chars().count();
    if length <= field.max_length {
        return Ok((Some(text.to_owned()), None));
    }
    let (label, max) = (field_label(field.name), field.max_length);
    if field.kind != FieldKind::Text {
        return Err(format!(
            "{label} holds {max} characters, the answer has {length}. Correct the lead by hand, or change the mapping."
        ));
    }
    let cut: String = text.chars().take(max).collect();
    Ok((
        Some(cut.trim_end().to_owned()),
        Some(format!(
            "Cut from {length} to {max} characters; the whole answer stays on the submission."
        )),
    ))
}
