use super::*;
use crate::submission::{Answer, AnswerValue, Choice, ConsentAnswer, HiddenField};

fn answer(question: &str, predefined: Option<&str>, value: AnswerValue) -> Answer {
    Answer {
        question_id: Some(1),
        name: format!("{question} (name)"),
        question: question.to_owned(),
        predefined: predefined.map(str::to_owned),
        value,
    }
}

fn text(text: &str) -> AnswerValue {
    AnswerValue::Text(text.to_owned())
}

fn choices(texts: &[&str]) -> AnswerValue {
    let choice = |(id, text): (usize, &&str)| Choice {
        id: id as i64,
        text: Some((*text).to_owned()),
    };
    AnswerValue::Choices(texts.iter().enumerate().map(choice).collect())
}

/// What Ada answered, and what is known about it.
fn ada() -> (Answers, Facts) {
    let answers = Answers {
        answers: vec![
            answer("First name", Some("FIRST_NAME"), text("ADA")),
            answer(
                "Your e-mail",
                Some("EMAIL_ADDRESS"),
                text(" ada@Example.com "),
            ),
            answer("What is your budget?", None, choices(&["51-200"])),
            answer("Which products?", None, choices(&["Boats", "Oars"])),
        ],
        consents: vec![ConsentAnswer {
            id: 1,
            text: "Send me news.".to_owned(),
            required: false,
            accepted: Some(true),
        }],
        hidden: vec![HiddenField {
            name: "utm_source".to_owned(),
            value: "linkedin".to_owned(),
        }],
    };
    let facts = Facts {
        form_id: Some(77),
        form: Some("Contact us".to_owned()),
        campaign: None,
        creative: Some("urn:li:sponsoredCreative:5".to_owned()),
        account: Some("Harbor & Pine".to_owned()),
        lead_type: "SPONSORED".to_owned(),
        submitted_at: 1_767_225_600_000,
    };
    (answers, facts)
}

fn mapping(id: i64, source: Source, lead_field: &str, steps: Vec<Step>) -> FieldMapping {
    FieldMapping {
        id,
        source,
        form: None,
        steps,
        lead_field: lead_field.to_owned(),
        policy: Policy::Overwrite,
        too_long: TooLong::Cut,
    }
}

fn mapped(mappings: &[FieldMapping]) -> Mapped {
    let (answers, facts) = ada();
    map(&LeadFields::standard(), mappings, &answers, &facts)
}

fn value(source: Source, steps: Vec<Step>) -> Option<String> {
    let mapped = mapped(&[mapping(1, source, "description", steps)]);
    mapped.value("description").map(str::to_owned)
}

fn question(text: &str) -> Source {
    Source::Question(text.to_owned())
}

#[test]
fn every_kind_of_source_has_its_value() {
    let table = [
        (
            Source::Predefined("EMAIL|EMAIL_ADDRESS".into()),
            Some("ada@Example.com"),
        ),
        (Source::Predefined("PHONE".into()), None),
        (question("what is your BUDGET? "), Some("51-200")),
        (question("What is your budget? (name)"), Some("51-200")),
        (question("Which products?"), Some("Boats; Oars")),
        (question("First name"), None),
        (Source::Hidden("UTM_Source".into()), Some("linkedin")),
        (Source::Consent("Send me news.".into()), Some("Yes")),
        (Source::Consent("Sell me".into()), None),
        (Source::Fact(Fact::Form), Some("Contact us")),
        (Source::Fact(Fact::Campaign), None),
        (
            Source::Fact(Fact::Creative),
            Some("urn:li:sponsoredCreative:5"),
        ),
        (Source::Fact(Fact::Account), Some("Harbor & Pine")),
        (Source::Fact(Fact::LeadType), Some("Sponsored")),
        (
            Source::Fact(Fact::SubmittedAt),
            Some("2026-01-01T00:00:00Z"),
        ),
        (Source::Constant("Webinar".into()), Some("Webinar")),
    ];
    for (source, wanted) in table {
        let again = Source::parse(source.kind(), source.key());
        assert_eq!(again.as_ref(), Some(&source), "kept in two columns");
        assert_eq!(
            value(source.clone(), Vec::new()).as_deref(),
            wanted,
            "{source:?}"
        );
    }
    assert_eq!(Source::parse("fact", "weather"), None);
}

#[test]
fn a_mapping_for_one_form_leaves_the_others_alone() {
    let mut here = mapping(1, Source::Fact(Fact::Form), "description", Vec::new());
    here.form = Some(77);
    assert_eq!(
        mapped(&[here.clone()]).value("description"),
        Some("Contact us")
    );
    here.form = Some(78);
    assert_eq!(mapped(&[here]), Mapped::default());
}

#[test]
fn each_step_is_told_with_what_it_made() {
    let steps = vec![
        Step::Number {
            pick: Pick::High,
            open_ended: false,
        },
        Step::Template {
            template: "up to {{ value }} ({{ answers.first_name|lower }})".to_owned(),
        },
    ];
    let mapped = mapped(&[mapping(
        1,
        question("What is your budget?"),
        "description",
        steps,
    )]);
    let trace = &mapped.traces[0];
    assert_eq!(trace.input.as_deref(), Some("51-200"));
    let told: Vec<_> = trace.steps.iter().map(|s| s.value.as_deref()).collect();
    assert_eq!(told, [Some("200"), Some("up to 200 (ada)")]);
    assert_eq!(trace.output.as_deref(), Some("up to 200 (ada)"));
}

#[test]
fn several_answers_are_treated_one_by_one_until_they_are_joined() {
    let steps = vec![
        Step::Replace {
            entries: vec![Entry {
                from: " boats".to_owned(),
                to: "B".to_owned(),
            }],
            otherwise: Otherwise::Keep,
        },
        Step::Join {
            separator: " + ".to_owned(),
        },
    ];
    assert_eq!(
        value(question("Which products?"), steps).as_deref(),
        Some("B + Oars")
    );
}

#[test]
fn a_problem_is_told_and_never_a_silent_drop() {
    let table = |otherwise| {
        let entries = vec![Entry {
            from: "1-10".to_owned(),
            to: "small".to_owned(),
        }];
        vec![Step::Replace { entries, otherwise }]
    };
    let budget = question("What is your budget?");
    assert_eq!(
        value(budget.clone(), table(Otherwise::Keep)).as_deref(),
        Some("51-200")
    );
    assert_eq!(value(budget.clone(), table(Otherwise::Blank)), None);
    let held = mapped(&[mapping(1, budget, "description", table(Otherwise::Hold))]);
    assert_eq!(held.problems.len(), 1);
    assert_eq!(held.traces[0].effect, Effect::Refused);
    assert_eq!(
        held.traces[0].note.as_ref(),
        Some(&held.problems[0].message)
    );
}

#[test]
fn a_default_fills_only_what_is_empty_and_the_first_mapping_wins() {
    let default = || {
        vec![Step::Default {
            text: "unknown".to_owned(),
        }]
    };
    let campaign = Source::Fact(Fact::Campaign);
    assert_eq!(
        value(campaign.clone(), default()).as_deref(),
        Some("unknown")
    );
    assert_eq!(
        value(Source::Fact(Fact::Form), default()).as_deref(),
        Some("Contact us")
    );
    let both = mapped(&[
        mapping(1, Source::Fact(Fact::Form), "description", Vec::new()),
        mapping(2, campaign, "description", default()),
    ]);
    assert_eq!(both.value("description"), Some("Contact us"));
    assert_eq!(both.traces[1].effect, Effect::Superseded);
    assert_eq!(both.traces[1].output, None);
}

#[test]
fn what_is_too_long_is_cut_or_held_as_chosen_but_an_address_is_never_cut() {
    let long = Source::Constant("é".repeat(60));
    let mut to_name = mapping(1, long, "firstname", Vec::new());
    let cut = mapped(&[to_name.clone()]);
    assert_eq!(cut.value("firstname").map(|v| v.chars().count()), Some(50));
    assert!(
        cut.traces[0]
            .note
            .as_deref()
            .unwrap()
            .contains("Cut from 60 to 50")
    );
    to_name.too_long = TooLong::Hold;
    assert_eq!(mapped(&[to_name]).problems.len(), 1);
    let address = Source::Constant(format!("{}@example.com", "a".repeat(100)));
    let to_mail = mapping(1, address, "emailaddress1", Vec::new());
    assert_eq!(mapped(&[to_mail]).problems.len(), 1);
}

#[test]
fn what_cannot_be_saved_is_named() {
    let good = mapping(1, question("Budget"), "description", vec![Step::Trim]);
    assert_eq!(good.check(&LeadFields::standard()), Ok(()));
    let wrong = |change: fn(&mut FieldMapping)| {
        let mut mapping = good.clone();
        change(&mut mapping);
        mapping.check(&LeadFields::standard()).unwrap_err().0
    };
    assert_eq!(wrong(|m| m.source = question(" ")), "source");
    assert_eq!(
        wrong(|m| m.lead_field = "nonsense".to_owned()),
        "lead_field"
    );
    assert_eq!(wrong(|m| m.steps = vec![Step::Trim; 13]), "steps");
    let bad_template = |m: &mut FieldMapping| {
        m.steps = vec![Step::Template {
            template: "{% for %}".to_owned(),
        }];
    };
    assert_eq!(wrong(bad_template), "steps");
}
