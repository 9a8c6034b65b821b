use proptest::prelude::{Strategy as _, prop, prop_assert, prop_assert_eq, prop_compose, proptest};

use super::*;
use crate::lead::{LeadField, LeadFields, Policy};
use crate::mapping::{Entry, FieldMapping, Otherwise, Step, TooLong, default_mappings};

fn question(id: i64, text: &str) -> Question {
    Question {
        id,
        name: format!("Custom question {id}"),
        text: text.to_owned(),
        predefined: None,
        required: true,
        options: Vec::new(),
    }
}

fn profile(id: i64, key: &str, text: &str) -> Question {
    Question {
        predefined: Some(key.to_owned()),
        ..question(id, text)
    }
}

fn choice(id: i64, text: &str, options: &[&str]) -> Question {
    let option = |(id, text): (i64, &&str)| QuestionOption {
        id,
        text: (*text).to_owned(),
    };
    Question {
        options: (0..).zip(options).map(option).collect(),
        ..question(id, text)
    }
}

fn form(questions: Vec<Question>) -> FormContent {
    FormContent {
        questions,
        ..FormContent::default()
    }
}

fn words(before: Vec<Question>, after: Vec<Question>) -> Vec<String> {
    let changes = differences(&form(before), &form(after));
    changes.iter().map(Change::words).collect()
}

/// A name, a form before and after, the mappings, what a change means, and whether it matters.
type Meaning<'a> = (
    &'a str,
    Vec<Question>,
    Vec<Question>,
    Vec<FieldMapping>,
    String,
    bool,
);

#[test]
fn what_differs_is_said_in_words() {
    let soon = || choice(2, "How soon?", &["Now", "Later"]);
    let email = || profile(1, "EMAIL", "E-mail");
    type Case<'a> = (&'a str, Vec<Question>, Vec<Question>, &'a [&'a str]);
    let table: [Case; 12] = [
        ("nothing", vec![email(), soon()], vec![email(), soon()], &[]),
        (
            "another order",
            vec![email(), soon()],
            vec![soon(), email()],
            &[],
        ),
        (
            "other ids, the same texts",
            vec![email(), question(2, "Budget?")],
            vec![profile(11, "EMAIL", "E-mail"), question(12, " budget? ")],
            &["Question reworded: “Budget?” is now “ budget? ”"],
        ),
        (
            "a new question",
            vec![email()],
            vec![email(), question(9, "Budget?")],
            &["Question added: “Budget?”"],
        ),
        (
            "a reworded question keeps its id",
            vec![question(2, "Budget?")],
            vec![question(2, "What is your budget?")],
            &["Question reworded: “Budget?” is now “What is your budget?”"],
        ),
        (
            "or its name",
            vec![Question {
                name: "budget".into(),
                ..question(2, "Budget?")
            }],
            vec![Question {
                name: "budget".into(),
                ..question(3, "Money?")
            }],
            &["Question reworded: “Budget?” is now “Money?”"],
        ),
        (
            "a question that is gone",
            vec![email(), question(2, "Budget?")],
            vec![email()],
            &["Question gone: “Budget?”"],
        ),
        (
            "a custom question became a predefined one",
            vec![question(2, "E-mail")],
            vec![profile(2, "EMAIL", "E-mail")],
            &["Question added: “E-mail”", "Question gone: “E-mail”"],
        ),
        (
            "a new option",
            vec![soon()],
            vec![choice(2, "How soon?", &["Now", "Later", "Never"])],
            &["“How soon?” has a new option: “Never”"],
        ),
        (
            "an option less, the others renumbered",
            vec![soon()],
            vec![choice(2, "How soon?", &["Later"])],
            &["“How soon?” has the option “Now” no more"],
        ),
        (
            "a reworded option",
            vec![soon()],
            vec![choice(2, "How soon?", &["At once", "Later"])],
            &["“How soon?”: the option “Now” is now “At once”"],
        ),
        (
            "a question without words",
            vec![],
            vec![Question {
                name: String::new(),
                ..question(5, " ")
            }],
            &["Question added: “Question 5”"],
        ),
    ];
    for (what, before, after, expected) in table {
        assert_eq!(words(before, after), expected, "{what}");
    }
}

#[test]
fn consents_and_hidden_fields_count_too() {
    let consent = |id, text: &str| ConsentQuestion {
        id,
        text: text.to_owned(),
        required: true,
    };
    let hidden = |name: &str, value: &str| HiddenField {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let before = FormContent {
        consents: vec![consent(0, "I agree."), consent(1, "Newsletter")],
        hidden: vec![hidden("utm_source", "a"), hidden("code", "1")],
        ..FormContent::default()
    };
    let after = FormContent {
        consents: vec![consent(0, "Newsletter"), consent(1, "I agree to all.")],
        hidden: vec![hidden("utm_source", "b"), hidden("sales", "1")],
        ..FormContent::default()
    };
    let changes = differences(&before, &after);
    let words: Vec<String> = changes.iter().map(Change::words).collect();
    assert_eq!(
        words,
        [
            "Consent added: “I agree to all.”",
            "Consent gone: “I agree.”",
            "Hidden field added: “sales”",
            "Hidden field gone: “code”"
        ]
    );
}

fn mapping(id: i64, question: &str, lead_field: &str) -> FieldMapping {
    FieldMapping {
        id,
        source: Source::Question(question.to_owned()),
        form: None,
        steps: Vec::new(),
        lead_field: lead_field.to_owned(),
        policy: Policy::Overwrite,
        too_long: TooLong::Cut,
    }
}

/// What the changes mean for form 7, in words, and whether any of it matters.
fn meaning(
    before: Vec<Question>,
    after: Vec<Question>,
    mappings: &[FieldMapping],
    fields: &LeadFields,
) -> (Vec<String>, bool) {
    let now = form(after);
    let changes = differences(&form(before), &now);
    let effects: Vec<(Effect, &Change)> = changes
        .iter()
        .map(|change| (change.effect(7, &now, mappings, fields), change))
        .collect();
    let words = effects.iter().map(|(e, change)| e.words(change, 2, fields));
    (
        words.collect(),
        effects.iter().any(|(e, change)| e.matters(change)),
    )
}

#[test]
fn what_a_change_means_follows_from_the_mappings() {
    let fields = LeadFields::standard();
    let all = &fields;
    let budget = || question(2, "Budget?");
    let money = || question(2, "Money?");
    let mut elsewhere = mapping(1, "Budget?", "description");
    elsewhere.form = Some(8);
    let [description, topic] = [("Budget?", "description"), ("Money?", "jobtitle")]
        .map(|(question, field)| mapping(1, question, field));
    let unmapped = "No mapping takes it: the answers reach no lead.";
    let blank = "Description: blank for this form from version 2 on.";
    let table: [Meaning; 10] = [
        (
            "gone",
            vec![budget()],
            vec![],
            vec![description.clone()],
            blank.into(),
            true,
        ),
        (
            "gone, nobody took it",
            vec![budget()],
            vec![],
            vec![],
            "Nothing changes for leads.".into(),
            false,
        ),
        (
            "gone here, mapped for another form",
            vec![budget()],
            vec![],
            vec![elsewhere.clone()],
            "Nothing changes for leads.".into(),
            false,
        ),
        (
            "reworded",
            vec![budget()],
            vec![money()],
            vec![description.clone()],
            format!("{blank} {unmapped}"),
            true,
        ),
        (
            "reworded, nobody took it",
            vec![budget()],
            vec![money()],
            vec![],
            unmapped.into(),
            false,
        ),
        (
            "reworded, and mapped by both words",
            vec![budget()],
            vec![money()],
            vec![description.clone(), topic.clone()],
            format!("{blank} Fills Job title."),
            true,
        ),
        (
            "reworded, and mapped to the same field by both words",
            vec![budget()],
            vec![money()],
            vec![description.clone(), mapping(2, "Money?", "description")],
            "Fills Description.".into(),
            false,
        ),
        (
            "reworded in case only: the mapping still finds it",
            vec![budget()],
            vec![question(2, "BUDGET?")],
            vec![description.clone()],
            "Fills Description.".into(),
            false,
        ),
        (
            "new",
            vec![],
            vec![budget()],
            vec![elsewhere],
            unmapped.into(),
            true,
        ),
        (
            "new and mapped",
            vec![],
            vec![budget()],
            vec![description.clone()],
            "Fills Description.".into(),
            false,
        ),
    ];
    for (what, before, after, mappings, expected, matters) in table {
        let seen = meaning(before, after, &mappings, all);
        assert_eq!(seen, (vec![expected], matters), "{what}");
    }
}

#[test]
fn a_mapping_that_still_has_another_spelling_to_take_stays_filled() {
    let before = vec![
        profile(1, "EMAIL", "E-mail"),
        profile(2, "EMAIL_ADDRESS", "Mail"),
    ];
    let after = vec![profile(2, "EMAIL_ADDRESS", "Mail")];
    let (words, matters) = meaning(before, after, &default_mappings(), &LeadFields::standard());
    assert_eq!(
        (words, matters),
        (vec!["Nothing changes for leads.".to_owned()], false)
    );
}

#[test]
fn an_option_matters_when_its_mapping_does_not_know_it() {
    let soon: LeadField = LeadField {
        name: "leadline_soon".to_owned(),
        label: "Soon".to_owned(),
        kind: FieldKind::Choice,
        max_length: 100,
        choices: vec!["Now".to_owned(), "Later".to_owned()],
        required: false,
        custom: true,
        findable: true,
    };
    let fields: LeadFields = LeadFields::standard()
        .iter()
        .cloned()
        .chain([soon])
        .collect();
    let entries = ["Now", "Never"].map(|from| Entry {
        from: from.to_owned(),
        to: "Later".to_owned(),
    });
    let table = Step::Replace {
        entries: entries.to_vec(),
        otherwise: Otherwise::Keep,
    };
    let by_table = |field: &str| FieldMapping {
        steps: vec![table.clone()],
        ..mapping(1, "How soon?", field)
    };
    let unknown =
        |field: &str, option: &str| format!("{field}: the mapping does not know “{option}”.");
    for (option, mapping, expected) in [
        (
            "Later",
            mapping(1, "How soon?", "leadline_soon"),
            "Fills Soon.".to_owned(),
        ),
        (
            "Never",
            mapping(1, "How soon?", "leadline_soon"),
            unknown("Soon", "Never"),
        ),
        ("never", by_table("leadline_soon"), "Fills Soon.".to_owned()),
        (
            "Sometime",
            by_table("leadline_soon"),
            unknown("Soon", "Sometime"),
        ),
        (
            "Never",
            by_table("description"),
            "Fills Description.".to_owned(),
        ),
        (
            "Sometime",
            by_table("description"),
            unknown("Description", "Sometime"),
        ),
        (
            "Sometime",
            mapping(1, "How soon?", "description"),
            "Fills Description.".to_owned(),
        ),
    ] {
        let before = vec![choice(2, "How soon?", &["Now"])];
        let after = vec![choice(2, "How soon?", &["Now", option])];
        let (words, matters) = meaning(before, after, &[mapping], &fields);
        assert_eq!(words, std::slice::from_ref(&expected));
        assert_eq!(matters, expected.contains("does not know"));
    }
}

#[test]
fn a_new_form_matters_when_it_asks_what_no_mapping_takes() {
    let hidden = HiddenField {
        name: "utm_source".to_owned(),
        value: "linkedin".to_owned(),
    };
    let now = |question: Question| FormContent {
        questions: vec![profile(1, "EMAIL", "E-mail"), question],
        hidden: vec![hidden.clone()],
        ..FormContent::default()
    };
    let fields = LeadFields::standard();
    let new = Change::of_form(Kind::NewForm);
    let asks = |question: Question| {
        let effect = new.effect(7, &now(question), &default_mappings(), &fields);
        (effect.words(&new, 1, &fields), effect.matters(&new))
    };
    let (words, matters) = asks(question(2, "Budget?"));
    assert_eq!(
        words,
        "Fills one field. No mapping takes “Budget?”, “utm_source”."
    );
    assert!(matters);
    let (words, matters) = asks(profile(2, "CITY", "City"));
    assert_eq!(words, "Fills 2 fields. No mapping takes “utm_source”.");
    assert!(!matters, "a hidden field that nobody mapped holds nothing");
}

#[test]
fn questions_say_the_same_whatever_their_case_blanks_and_punctuation() {
    for (one, other) in [
        ("How soon?", "how  soon"),
        ("Budget (EUR)", "Budget: EUR?"),
        ("ÉTAT-CIVIL", "état civil"),
        ("予算は？", "予算は"),
    ] {
        assert!(alike(one, other), "{one} / {other}");
    }
    for (one, other) in [
        ("How soon?", "How many?"),
        ("?", "!"),
        ("", ""),
        ("a b", "ab"),
    ] {
        assert!(!alike(one, other), "{one} / {other}");
    }
}

prop_compose! {
    fn asked()(text in prop::sample::select(vec!["A", "a", "B", "C", "", "D?"]),
        key in prop::option::weighted(0.3, prop::sample::select(vec!["EMAIL", "CITY"])),
        options in prop::collection::vec(prop::sample::select(vec!["x", "X", "y", "z"]), 0..4)) -> Question {
        Question { predefined: key.map(str::to_owned), ..choice(0, text, &options) }
    }
}

prop_compose! {
    /// A form whose questions have ids of their own, as LinkedIn's have.
    fn any_form()(questions in prop::collection::vec(asked(), 0..6), first in 0..6i64) -> FormContent {
        form((first..).zip(questions).map(|(id, q)| Question { id, ..q }).collect())
    }
}

fn count(changes: &[Change], kind: Kind) -> usize {
    changes.iter().filter(|change| change.kind == kind).count()
}

proptest! {
    #[test]
    fn a_form_does_not_differ_from_itself(form in any_form()) {
        prop_assert_eq!(differences(&form, &form), []);
    }

    #[test]
    fn what_is_new_one_way_is_gone_the_other(before in any_form(), after in any_form()) {
        let (there, back) = (differences(&before, &after), differences(&after, &before));
        prop_assert_eq!(count(&there, Kind::Added), count(&back, Kind::Gone));
        prop_assert_eq!(count(&there, Kind::Gone), count(&back, Kind::Added));
    }

    #[test]
    fn every_question_is_accounted_for_once(before in any_form(), after in any_form()) {
        let changes = differences(&before, &after);
        let kept = after.questions.len() - count(&changes, Kind::Added);
        prop_assert_eq!(kept, before.questions.len() - count(&changes, Kind::Gone));
        prop_assert!(count(&changes, Kind::Edited) <= kept);
    }

    #[test]
    fn the_order_of_questions_makes_no_difference(
        before in any_form(), (after, shuffled) in any_form().prop_flat_map(|form| {
            let questions = prop::strategy::Just(form.questions.clone()).prop_shuffle();
            questions.prop_map(move |questions| (form.clone(), FormContent { questions, ..FormContent::default() }))
        })
    ) {
        let kinds = |after: &FormContent| {
            let mut kinds: Vec<Kind> = differences(&before, after).iter().map(|c| c.kind).collect();
            kinds.sort_unstable();
            kinds
        };
        let added = |kinds: &[Kind]| kinds.iter().filter(|kind| **kind == Kind::Added).count();
        prop_assert_eq!(added(&kinds(&after)), added(&kinds(&shuffled)));
        prop_assert_eq!(differences(&after, &shuffled), []);
    }

    #[test]
    fn new_ids_for_the_same_texts_are_no_difference(texts in prop::collection::btree_set("[a-z]{1,6}", 0..8)) {
        let asked = |first: i64| form((first..).zip(&texts).map(|(id, text)| question(id, text)).collect());
        prop_assert_eq!(differences(&asked(0), &asked(1_000)), []);
    }

    #[test]
    fn whatever_a_form_says_has_words_and_an_effect(before in any_form(), after in any_form()) {
        let fields = LeadFields::standard();
        for change in differences(&before, &after) {
            prop_assert!(!change.words().is_empty());
            let effect = change.effect(7, &after, &default_mappings(), &fields);
            prop_assert!(!effect.words(&change, 2, &fields).is_empty());
        }
    }
}
