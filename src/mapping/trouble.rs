//! What a mapping cannot do with the lead fields as they are now. Fields of a CRM change without
//! anybody asking its mappings.

use super::{FieldMapping, Source, Step};
use crate::lead::{FieldKind, LeadFields};

/// How many values a message names.
const NAMED: usize = 3;

impl FieldMapping {
    /// Why the mapping cannot work, as far as that can be told before an answer comes: its field is
    /// not there, or what it writes is none of the field's choices. In words, with the remedy.
    #[must_use]
    pub fn trouble(&self, fields: &LeadFields) -> Option<String> {
        let Some(field) = fields.get(&self.lead_field) else {
            return Some(format!(
                "The CRM in use has no field {}. Choose another field, or delete the mapping.",
                self.lead_field
            ));
        };
        if field.kind != FieldKind::Choice {
            return None;
        }
        let written = self.written().into_iter();
        let gone: Vec<&str> = written
            .filter(|text| !text.trim().is_empty() && field.kept(text).is_none())
            .collect();
        let named: Vec<String> = gone.iter().take(NAMED).map(|g| format!("“{g}”")).collect();
        let (named, label) = (named.join(", "), &field.label);
        match gone.len() {
            0 => None,
            1 => Some(format!(
                "{named} is none of the choices of {label} any more. Change what the mapping writes."
            )),
            many if many > NAMED => Some(format!(
                "{named} and {} more are none of the choices of {label} any more. Change what the mapping writes.",
                many - NAMED
            )),
            _ => Some(format!(
                "{named} are none of the choices of {label} any more. Change what the mapping writes."
            )),
        }
    }

    /// The texts that it can write whatever is answered: a fixed text, the results of a table at the
    /// end, what stands for an empty answer.
    fn written(&self) -> Vec<&str> {
        let mut texts = Vec::new();
        for step in self.steps.iter().rev() {
            match step {
                Step::Default { text } => texts.push(text.as_str()),
                Step::Replace { entries, .. } => {
                    texts.extend(entries.iter().map(|entry| entry.to.as_str()));
                    return texts;
                }
                _ => return texts,
            }
        }
        if let Source::Constant(text) = &self.source {
            texts.push(text);
        }
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Entry, Otherwise, TooLong};
    use super::*;
    use crate::lead::{LeadField, Policy};

    fn fields() -> LeadFields {
        let source = LeadField {
            name: "leadsourcecode".to_owned(),
            label: "Lead source".to_owned(),
            kind: FieldKind::Choice,
            max_length: 20,
            choices: vec!["Web".to_owned(), "Trade Show".to_owned()],
            required: false,
            custom: false,
            findable: true,
        };
        LeadFields::standard()
            .iter()
            .cloned()
            .chain([source])
            .collect()
    }

    fn mapping(source: Source, steps: Vec<Step>, lead_field: &str) -> FieldMapping {
        FieldMapping {
            id: 1,
            source,
            form: None,
            steps,
            lead_field: lead_field.to_owned(),
            policy: Policy::Overwrite,
            too_long: TooLong::Cut,
        }
    }

    fn fixed(text: &str) -> FieldMapping {
        mapping(
            Source::Constant(text.to_owned()),
            Vec::new(),
            "leadsourcecode",
        )
    }

    fn table(to: &[&str]) -> Step {
        let entry = |to: &&str| Entry {
            from: "x".to_owned(),
            to: (*to).to_owned(),
        };
        Step::Replace {
            entries: to.iter().map(entry).collect(),
            otherwise: Otherwise::Hold,
        }
    }

    #[test]
    fn a_field_that_is_gone_is_named() {
        let gone = mapping(Source::Constant("x".to_owned()), Vec::new(), "new_gone");
        let told = gone.trouble(&fields()).unwrap();
        assert!(told.contains("new_gone") && told.contains("delete the mapping"));
        let there = mapping(Source::Constant("x".to_owned()), Vec::new(), "jobtitle");
        assert_eq!(there.trouble(&fields()), None);
    }

    #[test]
    fn choices_that_are_gone_are_named() {
        assert_eq!(fixed("trade  show").trouble(&fields()), None);
        assert!(
            fixed("Radio")
                .trouble(&fields())
                .unwrap()
                .contains("“Radio” is none")
        );
        let question = || Source::Question("Where?".to_owned());
        let told = |steps| mapping(question(), steps, "leadsourcecode").trouble(&fields());
        let default = |text: &str| Step::Default {
            text: text.to_owned(),
        };
        assert_eq!(told(vec![]), None, "nobody knows what is answered");
        assert_eq!(told(vec![table(&["Web", ""]), default("Web")]), None);
        assert!(
            told(vec![table(&["Web"]), default("None")])
                .unwrap()
                .contains("“None” is")
        );
        let many = told(vec![table(&["A", "B", "C", "D"])]).unwrap();
        assert!(many.contains("“C” and 1 more are none"), "{many}");
        let read_further = vec![table(&["A"]), Step::Upper];
        assert_eq!(
            told(read_further),
            None,
            "what a later step makes of it is not known"
        );
    }
}
