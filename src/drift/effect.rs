//! What a change of a form means for what mappings make of its answers.

use super::{Asked, Change, Kind};
use crate::lead::{FieldKind, LeadFields, normalise};
use crate::mapping::{Facts, FieldMapping, Source, Step, carried, map};
use crate::submission::{Answer, AnswerValue, Answers, Choice, FormContent};

/// A lead field that a mapping fills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fill {
    /// The mapping.
    pub mapping: i64,
    /// The lead field's logical name.
    pub lead_field: String,
}

/// What a change of a form comes to by the mappings in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effect {
    /// What the answers fill.
    pub filled: Vec<Fill>,
    /// What was filled and will stay blank for this form.
    pub blank: Vec<Fill>,
    /// What gets an option that its mapping does not translate.
    pub untranslated: Vec<Fill>,
    /// What no mapping takes.
    pub unmapped: Vec<Source>,
}

impl Effect {
    /// Whether answers reach no lead because of the change, or reach it as something else than was
    /// meant. What nobody mapped before it was reworded does not count, nor do consents and hidden
    /// fields that nobody mapped.
    #[must_use]
    pub fn matters(&self, change: &Change) -> bool {
        let asked = |source: &Source| matches!(source, Source::Predefined(_) | Source::Question(_));
        let new = change.kind != Kind::Edited;
        let lost = new && self.unmapped.iter().any(asked);
        lost || !self.blank.is_empty() || !self.untranslated.is_empty()
    }

    /// What it comes to, in words. `version` is the version that brings the change.
    #[must_use]
    pub fn words(&self, change: &Change, version: i64, fields: &LeadFields) -> String {
        let named = |fills: &[Fill]| -> String {
            let labels = fills.iter().map(|fill| fields.label(&fill.lead_field));
            labels.collect::<Vec<_>>().join(", ")
        };
        let mut said = Vec::new();
        if !self.blank.is_empty() {
            let blank = named(&self.blank);
            said.push(format!(
                "{blank}: blank for this form from version {version} on."
            ));
        }
        if !self.untranslated.is_empty() {
            let option = change.option_after.as_deref().unwrap_or_default();
            let untranslated = named(&self.untranslated);
            said.push(format!(
                "{untranslated}: the mapping does not know “{option}”."
            ));
        }
        match (change.kind, self.unmapped.as_slice()) {
            (_, []) => {}
            (Kind::NewForm, unmapped) => {
                let quoted = |source: &Source| format!("“{}”", source.label());
                let labels: Vec<String> = unmapped.iter().map(quoted).collect();
                said.push(format!("No mapping takes {}.", labels.join(", ")));
            }
            (_, _) => said.push("No mapping takes it: the answers reach no lead.".to_owned()),
        }
        match (change.kind, self.filled.as_slice()) {
            (_, []) => {}
            (Kind::NewForm, [_]) => said.insert(0, "Fills one field.".to_owned()),
            (Kind::NewForm, filled) => said.insert(0, format!("Fills {} fields.", filled.len())),
            (_, filled) => said.push(format!("Fills {}.", named(filled))),
        }
        match said.is_empty() {
            true => "Nothing changes for leads.".to_owned(),
            false => said.join(" "),
        }
    }
}

impl Change {
    /// What the change comes to for the submissions of this form, whose content is now this.
    #[must_use]
    pub fn effect(
        &self,
        form: i64,
        now: &FormContent,
        mappings: &[FieldMapping],
        fields: &LeadFields,
    ) -> Effect {
        let mappings: Vec<&FieldMapping> = mappings
            .iter()
            .filter(|mapping| mapping.form.is_none_or(|own| own == form))
            .collect();
        match self.kind {
            Kind::NewForm => of_form(now, &mappings),
            Kind::NewVersion | Kind::OptionGone => Effect::default(),
            Kind::Added | Kind::Edited | Kind::Gone => self.of_question(now, &mappings),
            Kind::OptionAdded | Kind::OptionEdited => self.of_option(&mappings, fields),
        }
    }

    fn of_question(&self, now: &FormContent, mappings: &[&FieldMapping]) -> Effect {
        let taking = |asked: &Option<Asked>| taking(asked.as_ref(), mappings);
        let filled = taking(&self.after);
        let asked = carried(now);
        let takes = |mapping: &&FieldMapping| asked.iter().any(|s| mapping.source.covers(s));
        let still: Vec<&str> = mappings
            .iter()
            .filter(|mapping| takes(mapping))
            .map(|mapping| mapping.lead_field.as_str())
            .collect();
        let lost = |mapping: &&FieldMapping| !still.contains(&mapping.lead_field.as_str());
        let before = taking(&self.before).into_iter();
        let after = self.after.as_ref().and_then(|asked| asked.source.clone());
        Effect {
            blank: before.filter(lost).map(fill).collect(),
            unmapped: after.into_iter().filter(|_| filled.is_empty()).collect(),
            filled: filled.into_iter().map(fill).collect(),
            untranslated: Vec::new(),
        }
    }

    fn of_option(&self, mappings: &[&FieldMapping], fields: &LeadFields) -> Effect {
        let Some((asked, option)) = self.after.as_ref().zip(self.option_after.as_deref()) else {
            return Effect::default();
        };
        let (known, unknown): (Vec<_>, Vec<_>) = taking(Some(asked), mappings)
            .into_iter()
            .partition(|mapping| translates(mapping, asked, option, fields));
        Effect {
            filled: known.into_iter().map(fill).collect(),
            untranslated: unknown.into_iter().map(fill).collect(),
            ..Effect::default()
        }
    }
}

fn of_form(now: &FormContent, mappings: &[&FieldMapping]) -> Effect {
    let mut effect = Effect::default();
    for source in carried(now) {
        let mut taking = mappings.iter().filter(|m| m.source.covers(&source));
        match taking.next() {
            Some(first) => {
                effect.filled.push(fill(first));
                effect.filled.extend(taking.map(|m| fill(m)));
            }
            None => effect.unmapped.push(source),
        }
    }
    effect
}

fn taking<'a>(asked: Option<&Asked>, mappings: &[&'a FieldMapping]) -> Vec<&'a FieldMapping> {
    let Some(source) = asked.and_then(|asked| asked.source.as_ref()) else {
        return Vec::new();
    };
    let taking = mappings.iter().filter(|m| m.source.covers(source));
    taking.copied().collect()
}

fn fill(mapping: &FieldMapping) -> Fill {
    Fill {
        mapping: mapping.id,
        lead_field: mapping.lead_field.clone(),
    }
}

/// Whether a mapping knows what to make of an option: its table has it, or its field takes it.
fn translates(mapping: &FieldMapping, asked: &Asked, option: &str, fields: &LeadFields) -> bool {
    let chosen = Answer {
        question_id: asked.id,
        name: String::new(),
        question: asked.text.clone(),
        predefined: match &asked.source {
            Some(Source::Predefined(key)) => Some(key.clone()),
            _ => None,
        },
        value: AnswerValue::Choices(vec![Choice {
            id: 0,
            text: Some(option.to_owned()),
        }]),
    };
    let answers = Answers {
        answers: vec![chosen],
        ..Answers::default()
    };
    let facts = Facts {
        form_id: mapping.form,
        ..Facts::default()
    };
    let mapped = map(fields, std::slice::from_ref(mapping), &answers, &facts);
    if !mapped.problems.is_empty() {
        return false;
    }
    let choice = fields.get(&mapping.lead_field);
    if choice.is_some_and(|field| field.kind == FieldKind::Choice) {
        return true;
    }
    let key = |text: &str| normalise(FieldKind::Text, text);
    mapping.steps.iter().all(|step| match step {
        Step::Replace { entries, .. } => entries.iter().any(|e| key(&e.from) == key(option)),
        _ => true,
    })
}

/// Whether two questions say the same but for case, blanks and punctuation.
#[must_use]
pub fn alike(one: &str, other: &str) -> bool {
    let key = |text: &str| {
        let words = text.replace(|c: char| !c.is_alphanumeric(), " ");
        normalise(FieldKind::Text, &words)
    };
    key(one).is_some_and(|one| Some(one) == key(other))
}
