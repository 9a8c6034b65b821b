//! Mappings and answers → lead fields and problems, as values that a page can show. Pure.

use serde::{Deserialize, Serialize};

use crate::lead::{Effect, LeadField, LeadFields, Policy};
use crate::submission::Answers;

mod date;
mod fit;
mod name;
mod number;
mod source;
mod step;
mod template;
mod trouble;

#[cfg(test)]
mod tests;

pub use source::{Fact, Facts, Source, carried};
pub use step::{
    DateOrder, Entry, LONGEST, MOST_CHARS, MOST_ENTRIES, MOST_STEPS, Otherwise, Part, Pick, Step,
    run,
};
pub use template::Others;

/// What several answers to one question become when no step joins them.
const BETWEEN: &str = "; ";

/// What happens to a text that is longer than its field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TooLong {
    /// It is cut, and the trace says so. Half an address is of no use, so addresses and numbers are
    /// never cut.
    #[default]
    Cut,
    /// The submission is held.
    Hold,
}

impl TooLong {
    /// All of them.
    pub const ALL: [TooLong; 2] = [TooLong::Cut, TooLong::Hold];

    /// The word for it in the database and in files.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            TooLong::Cut => "cut",
            TooLong::Hold => "hold",
        }
    }

    /// The rule in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            TooLong::Cut => "Cut to fit",
            TooLong::Hold => "Hold for review",
        }
    }

    /// The rule with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<TooLong> {
        TooLong::ALL.into_iter().find(|rule| rule.slug() == word)
    }
}

/// One LinkedIn field → one lead field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldMapping {
    /// Leadline's id.
    pub id: i64,
    /// Where the value comes from.
    pub source: Source,
    /// LinkedIn's id of the only form whose submissions it is for; `None` for all.
    pub form: Option<i64>,
    /// What is done to the value, in order.
    pub steps: Vec<Step>,
    /// The lead field's logical name.
    pub lead_field: String,
    /// What may happen to a field that has a value.
    pub policy: Policy,
    /// What happens to a text that is longer than the field.
    pub too_long: TooLong,
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
            form: None,
            steps: Vec::new(),
            lead_field: (*lead_field).to_owned(),
            policy: Policy::Overwrite,
            too_long: TooLong::Cut,
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
    /// What each step made of it, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepTrace>,
    /// The value for the lead; `None` when there is none.
    pub output: Option<String>,
    /// What it did.
    pub effect: Effect,
    /// Anything a person should know, such as that the value was cut.
    pub note: Option<String>,
}

/// What one step made of a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepTrace {
    /// The step in words.
    pub step: String,
    /// The value after it; `None` when nothing was left.
    pub value: Option<String>,
}

/// A value that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The lead field's logical name.
    pub lead_field: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// The answers as lead fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapped {
    /// One entry per mapping that is for this submission's form, in order.
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

/// Runs a submission through the mappings to these lead fields. A mapping to any other does nothing.
#[must_use]
pub fn map(
    fields: &LeadFields,
    mappings: &[FieldMapping],
    answers: &Answers,
    facts: &Facts,
) -> Mapped {
    let others = source::others(answers);
    let mut mapped = Mapped::default();
    for mapping in mappings {
        let elsewhere = mapping.form.is_some() && mapping.form != facts.form_id;
        if elsewhere {
            continue;
        }
        let taken = mapped.value(&mapping.lead_field).is_some();
        let mut trace = MappingTrace {
            mapping: mapping.id,
            source: mapping.source.label(),
            lead_field: mapping.lead_field.clone(),
            policy: mapping.policy,
            input: None,
            steps: Vec::new(),
            output: None,
            effect: Effect::Blank,
            note: None,
        };
        let field = fields.get(&mapping.lead_field);
        let made = field.map(|field| mapping.value(field, answers, facts, &others, &mut trace));
        match made.unwrap_or(Ok(None)) {
            Ok(None) => {}
            _ if taken => trace.effect = Effect::Superseded,
            Ok(output) => trace.output = output,
            Err(message) => {
                trace.effect = Effect::Refused;
                trace.note = Some(message.clone());
                mapped.problems.push(Problem {
                    lead_field: mapping.lead_field.clone(),
                    message,
                });
            }
        }
        mapped.traces.push(trace);
    }
    mapped
}

impl FieldMapping {
    /// What is wrong with the mapping itself: which part of it, and why.
    ///
    /// # Errors
    /// The first mistake: the field of a form (`source`, `lead_field`, `steps`) and the words.
    pub fn check(&self, fields: &LeadFields) -> Result<(), (&'static str, String)> {
        match self.source.key().trim().chars().count() {
            0 => return Err(("source", "Choose where the value comes from.".to_owned())),
            1..=1_000 => {}
            _ => return Err(("source", "This is longer than 1,000 characters.".to_owned())),
        }
        if fields.get(&self.lead_field).is_none() {
            return Err(("lead_field", "Choose a field of the lead.".to_owned()));
        }
        if self.steps.len() > MOST_STEPS {
            let message = format!("A mapping has at most {MOST_STEPS} steps.");
            return Err(("steps", message));
        }
        for (place, step) in self.steps.iter().enumerate() {
            let wrong = |why| ("steps", format!("Step {}: {why}", place + 1));
            step.check().map_err(wrong)?;
        }
        Ok(())
    }

    /// The value for the lead field, noting on the way what became of it.
    fn value(
        &self,
        field: &LeadField,
        answers: &Answers,
        facts: &Facts,
        others: &Others,
        trace: &mut MappingTrace,
    ) -> Result<Option<String>, String> {
        let mut values = self.source.read(answers, facts);
        trace.input = joined(&values);
        for step in &self.steps {
            values = step.apply(values, others)?;
            trace.steps.push(StepTrace {
                step: step.label(),
                value: joined(&values),
            });
        }
        match joined(&values) {
            Some(value) => self.fit(field, &value, &mut trace.note),
            None => Ok(None),
        }
    }
}

fn joined(values: &[String]) -> Option<String> {
    (!values.is_empty()).then(|| values.join(BETWEEN))
}
