//! Fields that somebody adds to those that a lead begins with.

use unicode_normalization::UnicodeNormalization;

use super::{FieldKind, LeadField, LeadFields, normalise};

/// How many fields can be added.
pub const MOST_CUSTOM: usize = 100;
/// How many choices a field has at most.
pub const MOST_CHOICES: usize = 100;
/// How many characters a text holds at most.
pub const MOST_CHARS: usize = 2_000;
/// How many characters a label or a choice has at most.
pub const LABEL_CHARS: usize = 100;
/// How many characters a logical name has at most, before a number that makes it unique.
const NAME_CHARS: usize = 45;
/// How many characters a number, a date or a yes takes.
const PLAIN_CHARS: usize = 30;

/// What an added field is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomField {
    /// What people call it.
    pub label: String,
    /// What it holds.
    pub kind: FieldKind,
    /// How many characters it holds.
    pub max_length: usize,
    /// What it may hold, if it is a choice.
    pub choices: Vec<String>,
}

impl CustomField {
    /// A field without what its kind does not have and without needless blanks.
    #[must_use]
    pub fn new(label: &str, kind: FieldKind, max_length: usize, choices: &[String]) -> CustomField {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let choices = choices.iter().map(|choice| words(choice));
        CustomField {
            label: words(label),
            kind,
            max_length: match kind {
                _ if kind.is_text() => max_length,
                FieldKind::Choice => LABEL_CHARS,
                _ => PLAIN_CHARS,
            },
            choices: match kind {
                FieldKind::Choice => choices.filter(|choice| !choice.is_empty()).collect(),
                _ => Vec::new(),
            },
        }
    }

    /// What is wrong with it among these fields: the field of a form (`label`, `max_length`,
    /// `choices`) and the words. `own` is its logical name when it is one of them.
    #[must_use]
    pub fn problems(&self, fields: &LeadFields, own: Option<&str>) -> Vec<(&'static str, String)> {
        let found = [
            ("label", self.wrong_label(fields, own)),
            ("max_length", self.wrong_length()),
            ("choices", self.wrong_choices()),
        ];
        let found = found.into_iter();
        found
            .filter_map(|(field, wrong)| Some((field, wrong?)))
            .collect()
    }

    fn wrong_label(&self, fields: &LeadFields, own: Option<&str>) -> Option<String> {
        let key = normalise(FieldKind::Text, &self.label);
        let same = |field: &&LeadField| normalise(FieldKind::Text, &field.label) == key;
        let mut others = fields.iter().filter(|field| own != Some(&field.name));
        match self.label.chars().count() {
            _ if key.is_none() => Some("The label is missing.".to_owned()),
            1..=LABEL_CHARS => others
                .find(same)
                .map(|_| "There is a field with this label already. Choose another.".to_owned()),
            _ => Some(format!(
                "The label must have at most {LABEL_CHARS} characters."
            )),
        }
    }

    fn wrong_length(&self) -> Option<String> {
        let right = (1..=MOST_CHARS).contains(&self.max_length);
        (!right).then(|| "The length must be a number from 1 to 2,000.".to_owned())
    }

    fn wrong_choices(&self) -> Option<String> {
        let keys = self
            .choices
            .iter()
            .map(|choice| normalise(FieldKind::Text, choice));
        let mut keys: Vec<_> = keys.collect();
        keys.sort();
        let count = keys.len();
        keys.dedup();
        let long = |choice: &String| choice.chars().count() > LABEL_CHARS;
        if self.kind == FieldKind::Choice && count == 0 {
            return Some("Write at least one choice.".to_owned());
        }
        if count > MOST_CHOICES {
            return Some(format!("There can be at most {MOST_CHOICES} choices."));
        }
        if self.choices.iter().any(long) {
            return Some(format!(
                "A choice must have at most {LABEL_CHARS} characters."
            ));
        }
        (keys.len() < count || keys.contains(&None))
            .then(|| "Two choices are the same but for case and blanks.".to_owned())
    }

    /// A logical name that is not taken, after the label.
    #[must_use]
    pub fn name(&self, taken: impl Fn(&str) -> bool) -> String {
        let letters = self.label.nfkd().filter(|c| !is_mark(*c));
        let letters = letters.flat_map(char::to_lowercase);
        let plain = letters.map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' });
        let plain: String = plain.collect();
        let mut name = plain.split_whitespace().collect::<Vec<_>>().join("_");
        name.truncate(NAME_CHARS - "leadline_".len());
        let name = match name.trim_end_matches('_') {
            "" => "leadline_field".to_owned(),
            name => format!("leadline_{name}"),
        };
        let mut number = 1;
        loop {
            let next = match number {
                1 => name.clone(),
                _ => format!("{name}_{number}"),
            };
            if !taken(&next) {
                return next;
            }
            number += 1;
        }
    }
}

/// An accent that stands by itself once a letter is taken apart.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(label: &str) -> CustomField {
        CustomField::new(label, FieldKind::Text, 100, &[])
    }

    fn choice(choices: &[&str]) -> CustomField {
        let choices: Vec<String> = choices.iter().map(|c| (*c).to_owned()).collect();
        CustomField::new("Budget", FieldKind::Choice, 0, &choices)
    }

    #[test]
    fn a_name_comes_from_the_label_and_is_nobody_else_s() {
        let taken = ["leadline_gender", "leadline_budget", "leadline_budget_2"];
        let table = [
            ("Shoe size", "leadline_shoe_size"),
            ("  What's your rôle? ", "leadline_what_s_your_role"),
            ("Gender", "leadline_gender_2"),
            ("Budget", "leadline_budget_3"),
            ("预算", "leadline_field"),
            (&"x".repeat(100), &format!("leadline_{}", "x".repeat(36))),
        ];
        for (label, name) in table {
            let made = text(label).name(|name| taken.contains(&name));
            assert_eq!(made, name, "{label}");
        }
    }

    #[test]
    fn what_cannot_be_a_field_is_said() {
        let fields = LeadFields::standard();
        let wrong = |field: &CustomField| {
            let problems = field.problems(&fields, None);
            problems.first().map(|(field, _)| *field)
        };
        assert_eq!(wrong(&text("Shoe size")), None);
        assert_eq!(wrong(&text(" ")), Some("label"));
        assert_eq!(wrong(&text("JOB  title")), Some("label"), "a standard one");
        assert_eq!(wrong(&text(&"x".repeat(101))), Some("label"));
        for length in [0, 2_001] {
            let long = CustomField::new("A", FieldKind::Text, length, &[]);
            assert_eq!(wrong(&long), Some("max_length"));
        }
        assert_eq!(wrong(&choice(&["Up to 10 k", " ", "More"])), None);
        assert_eq!(wrong(&choice(&[" "])), Some("choices"));
        assert_eq!(wrong(&choice(&["More", "more "])), Some("choices"));
        assert_eq!(wrong(&choice(&[&"x".repeat(101)])), Some("choices"));
        let many: Vec<String> = (0..101).map(|n| n.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(wrong(&choice(&many)), Some("choices"));
    }

    #[test]
    fn its_own_label_may_stay() {
        let fields = LeadFields::standard();
        let company = text("company");
        assert_eq!(company.problems(&fields, Some("companyname")), []);
    }
}
