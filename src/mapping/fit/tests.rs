use proptest::prelude::*;

use super::*;
use crate::lead::{LeadFields, Policy};
use crate::mapping::{DateOrder, Facts, Pick, Source, map};
use crate::submission::Answers;

/// The standard fields and one of each kind that holds more than text.
fn with_typed_fields() -> LeadFields {
    let typed = [
        FieldKind::Number,
        FieldKind::Date,
        FieldKind::Choice,
        FieldKind::YesNo,
    ];
    let typed = typed.map(|kind| LeadField {
        name: format!("leadline_{}", kind.slug()),
        label: kind.label().to_owned(),
        kind,
        max_length: 100,
        choices: vec!["Up to 10 k".to_owned(), "More than 10 k".to_owned()],
        required: false,
        custom: true,
        findable: true,
    });
    let standard = LeadFields::standard();
    standard.iter().cloned().chain(typed).collect()
}

/// A mapping of a text that is always the same.
fn constant(text: &str, lead_field: &str, steps: Vec<Step>) -> FieldMapping {
    FieldMapping {
        id: 1,
        source: Source::Constant(text.to_owned()),
        form: None,
        steps,
        lead_field: lead_field.to_owned(),
        policy: Policy::Overwrite,
        too_long: TooLong::Cut,
    }
}

/// What such a text becomes in a field.
fn fitted(text: &str, lead_field: &str, steps: Vec<Step>) -> Result<Option<String>, String> {
    let mappings = [constant(text, lead_field, steps)];
    let (answers, facts) = (Answers::default(), Facts::default());
    let mapped = map(&with_typed_fields(), &mappings, &answers, &facts);
    match mapped.problems.first() {
        Some(problem) => Err(problem.message.clone()),
        None => Ok(mapped.value(lead_field).map(str::to_owned)),
    }
}

#[test]
fn a_value_gets_the_form_of_its_field() {
    let table = [
        ("1500", "leadline_number", "1500"),
        ("$ 12,000", "leadline_number", "12000"),
        ("-1.50", "leadline_number", "-1.5"),
        ("31.12.2026", "leadline_date", "2026-12-31"),
        ("Feb 29th, 2024", "leadline_date", "2024-02-29"),
        ("2026-11-24T10:00:00Z", "leadline_date", "2026-11-24"),
        ("up to  10 K ", "leadline_choice", "Up to 10 k"),
        ("YES", "leadline_yes_no", "true"),
    ];
    for (text, field, value) in table {
        let wanted = Ok(Some(value.to_owned()));
        assert_eq!(fitted(text, field, Vec::new()), wanted, "{text}");
    }
    assert_eq!(fitted(" ", "leadline_number", Vec::new()), Ok(None));
}

#[test]
fn what_does_not_fit_is_a_problem_with_its_remedy() {
    let table = [
        ("10,001+", "leadline_number", "Choose a rule"),
        ("51-200", "leadline_number", "Choose a rule"),
        ("3 cars and 2 boats", "leadline_number", "Choose a rule"),
        ("1.500", "leadline_number", "can be read as 1.5 and as 1500"),
        (
            "1/2/2026",
            "leadline_date",
            "as 2026-02-01 and as 2026-01-02",
        ),
        ("soon", "leadline_date", "is no date"),
        (
            "Other",
            "leadline_choice",
            "none of the choices of Choice. Add it",
        ),
        ("perhaps", "leadline_yes_no", "neither yes nor no"),
    ];
    for (text, field, words) in table {
        let why = fitted(text, field, Vec::new()).unwrap_err();
        assert!(why.contains(words) && why.contains(text), "{text}: {why}");
    }
}

#[test]
fn a_step_says_how_a_number_or_date_is_read() {
    let number = vec![Step::Number {
        pick: Pick::High,
        open_ended: true,
    }];
    for (text, value) in [("51-200", "200"), ("10,001+", "10001"), ("1.500", "1500")] {
        let wanted = Ok(Some(value.to_owned()));
        assert_eq!(fitted(text, "leadline_number", number.clone()), wanted);
    }
    let date = vec![Step::Date {
        order: DateOrder::MonthDayYear,
    }];
    let wanted = Ok(Some("2026-01-02".to_owned()));
    assert_eq!(fitted("1/2/2026", "leadline_date", date), wanted);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("LEADLINE_PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000)
    ))]

    /// Whatever arrives, a field gets what it can hold, or nothing and a reason.
    #[test]
    fn no_field_gets_what_it_cannot_hold(
        text in prop_oneof![
            "\\PC{0,60}",
            "[0-9., '’€k+-]{0,30}",
            "[0-9]{1,4}[./ -][0-9a-zA-Z]{1,9}[./ -][0-9]{1,4}",
            "(?i)(up to|more than) +10 k|yes|no|true|0",
            any::<char>().prop_map(|c| c.to_string().repeat(4_000)),
        ],
        place in 0..29_usize,
        hold in any::<bool>(),
    ) {
        let fields = with_typed_fields();
        let field = fields.iter().nth(place).unwrap();
        let mapping = FieldMapping {
            too_long: if hold { TooLong::Hold } else { TooLong::Cut },
            ..constant(&text, &field.name, Vec::new())
        };
        match mapping.fit(field, &text, &mut None) {
            Ok(Some(value)) => prop_assert_eq!(field.kept(&value), Some(value)),
            Ok(None) => prop_assert!(trim(&text).is_empty()),
            Err(why) => prop_assert!(!why.is_empty() && why.len() < 1_000, "{}", why),
        }
    }
}
