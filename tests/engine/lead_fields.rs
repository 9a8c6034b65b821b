//! Administrators add lead fields: answers get the form of the field, what is none of its choices is
//! held, and a field that rules use stays.

use leadline::error::Kind;
use leadline::lead::{CustomField, FieldKind, MOST_CUSTOM, Policy};
use leadline::mapping::{FieldMapping, Source, TooLong};
use leadline::matching::{Strategy, default_strategy};
use leadline::store::access::Administrator;
use leadline::store::lead_fields::VersionedField;
use leadline::store::strategies::VersionedStrategy;

use crate::mappings::{arrive, response, world};
use crate::on_both;
use crate::support::TestStore;

const NOW: i64 = 1_780_000_000_000;

fn field(label: &str, kind: FieldKind, choices: &[&str]) -> CustomField {
    let choices: Vec<String> = choices.iter().map(|c| (*c).to_owned()).collect();
    CustomField::new(label, kind, 200, &choices)
}

fn budget() -> CustomField {
    field("Budget", FieldKind::Choice, &["51-200", "More"])
}

/// Adds a field and a mapping of the question for the budget to it.
async fn mapped(administrator: &Administrator, new: &CustomField) -> (VersionedField, i64) {
    let made = administrator.create_lead_field(new, NOW).await;
    let made = made.expect("made");
    let mapping = FieldMapping {
        id: 0,
        source: Source::Question("What is your budget?".to_owned()),
        form: None,
        steps: Vec::new(),
        lead_field: made.field.name.clone(),
        policy: Policy::Overwrite,
        too_long: TooLong::Cut,
    };
    let mapping = administrator.create_mapping(&mapping, NOW).await;
    (made, mapping.expect("mapped"))
}

/// The budget on the lead with this e-mail address, as its JSON has it.
async fn budget_of(test: &TestStore, email: &str) -> String {
    let fields = format!("SELECT fields AS t FROM lead WHERE email = '{email}'");
    let fields = test.texts(&fields).await.concat();
    let found = fields.split_once(r#""leadline_budget":""#);
    found.map_or_else(String::new, |(_, rest)| {
        rest.split('"').next().unwrap_or_default().to_owned()
    })
}

async fn reasons(test: &TestStore) -> Vec<String> {
    let sql = "SELECT reason AS t FROM submission WHERE reason_code = 'value_problem' ORDER BY id";
    test.texts(sql).await
}

on_both!(answers_get_the_form_of_the_field_and_what_is_no_choice_is_held);
async fn answers_get_the_form_of_the_field_and_what_is_no_choice_is_held(test: TestStore) {
    let administrator = world(&test).await;
    let (made, _) = mapped(&administrator, &budget()).await;
    assert_eq!(made.field.name, "leadline_budget");

    let fits = response("c", NOW, "ada@example.com", " 51-200");
    let other = response("d", NOW + 1, "bob@example.com", "A lot");
    arrive(&test, vec![fits, other]).await;
    assert_eq!(budget_of(&test, "ada@example.com").await, "51-200");
    assert_eq!(
        reasons(&test).await,
        [
            "“A lot” is none of the choices of Budget. Add it to the field, or replace it by a table."
        ]
    );

    let wider = field("Budget in k", FieldKind::Choice, &["51-200", "A LOT"]);
    let saved = administrator.save_lead_field(made.id, made.version, &wider, NOW);
    saved.await.expect("saved");
    arrive(
        &test,
        vec![response("e", NOW + 2, "bob@example.com", "a  lot")],
    )
    .await;
    assert_eq!(budget_of(&test, "bob@example.com").await, "A LOT");

    let view = administrator.find_lead_field(made.id).await.expect("there");
    assert_eq!((view.mappings, view.strategies, view.leads), (1, 0, 2));
    assert_eq!(view.field.label, "Budget in k");
    assert_eq!(view.field.name, "leadline_budget", "a name never changes");
    let told = "SELECT actor_name || ' ' || action || ' ' || noun_name AS t FROM audit_event \
         WHERE noun = 'lead field'";
    let told = test.texts(told).await;
    assert_eq!(told, ["Ann changed Budget in k", "Ann created Budget"]);
}

on_both!(a_field_that_rules_use_stays_and_its_name_is_never_given_again);
async fn a_field_that_rules_use_stays_and_its_name_is_never_given_again(test: TestStore) {
    let administrator = world(&test).await;
    let (made, mapping) = mapped(&administrator, &budget()).await;
    arrive(&test, vec![response("c", NOW, "ada@example.com", "More")]).await;
    let refused = administrator.delete_lead_field(made.id, NOW).await;
    let refused = refused.expect_err("in use");
    assert_eq!(refused.kind(), Kind::Conflict);
    assert!(refused.message().contains("a field mapping fills it"));

    let deleted = administrator.delete_mapping(mapping, NOW).await;
    deleted.expect("the mapping is gone");
    let deleted = administrator.delete_lead_field(made.id, NOW).await;
    deleted.expect("the field is gone");
    assert_eq!(
        budget_of(&test, "ada@example.com").await,
        "More",
        "it stays"
    );
    let fields = test.store.lead_fields().await.expect("fields");
    assert!(fields.get("leadline_budget").is_none());

    let again = administrator.create_lead_field(&budget(), NOW).await;
    assert_eq!(again.expect("made").field.name, "leadline_budget_2");
    let gone = administrator.delete_lead_field(made.id, NOW).await;
    assert_eq!(gone.map_err(|e| e.kind()), Err(Kind::NotFound));
}

on_both!(leads_are_found_by_a_number_however_it_is_written);
async fn leads_are_found_by_a_number_however_it_is_written(test: TestStore) {
    let administrator = world(&test).await;
    let number = field("Budget", FieldKind::Number, &[]);
    mapped(&administrator, &number).await;
    let strategy = VersionedStrategy {
        strategy: Strategy {
            id: 0,
            name: "By number".to_owned(),
            fields: vec!["leadline_budget".to_owned()],
            ..default_strategy()
        },
        active: true,
        version: 0,
    };
    let id = administrator.create_strategy(&strategy, NOW).await;
    let id = id.expect("made");
    arrive(&test, vec![response("c", NOW, "cy@example.com", "0042")]).await;
    arrive(
        &test,
        vec![response("d", NOW + 1, "di@example.com", "42.0")],
    )
    .await;
    let lead = "SELECT email AS t FROM lead WHERE submission_count = 2";
    assert_eq!(test.texts(lead).await, ["di@example.com"]);

    let by_name = administrator.list_lead_fields().await.expect("fields");
    let by_name = by_name.iter().find(|view| view.added.is_some());
    assert_eq!(by_name.expect("there").strategies, 1);
    let first = administrator.list_strategies().await.expect("strategies");
    assert_eq!(first.last().map(|view| view.strategy.id), Some(id));
}

on_both!(of_two_edits_of_a_field_at_once_the_second_is_told);
async fn of_two_edits_of_a_field_at_once_the_second_is_told(test: TestStore) {
    let administrator = world(&test).await;
    let made = administrator.create_lead_field(&budget(), NOW).await;
    let made = made.expect("made");
    let (one, two) = (
        field("One", FieldKind::Choice, &["A"]),
        field("Two", FieldKind::Choice, &["A"]),
    );
    let (first, second) = tokio::join!(
        administrator.save_lead_field(made.id, made.version, &one, NOW),
        administrator.save_lead_field(made.id, made.version, &two, NOW),
    );
    let refused: Vec<Kind> = [first, second]
        .into_iter()
        .filter_map(|saved| saved.err().map(|error| error.kind()))
        .collect();
    assert_eq!(refused, [Kind::Conflict]);
    let other_kind = field("One", FieldKind::Number, &[]);
    let refused = administrator.save_lead_field(made.id, made.version + 1, &other_kind, NOW);
    assert_eq!(refused.await.map_err(|e| e.kind()), Err(Kind::Invalid));
}

on_both!(there_are_no_more_fields_than_there_may_be);
async fn there_are_no_more_fields_than_there_may_be(test: TestStore) {
    let administrator = world(&test).await;
    for number in 0..MOST_CUSTOM {
        let new = field(&format!("Field {number}"), FieldKind::Text, &[]);
        let made = administrator.create_lead_field(&new, NOW).await;
        made.expect("made");
    }
    let refused = administrator.create_lead_field(&budget(), NOW).await;
    let refused = refused.expect_err("too many");
    assert!(refused.message().contains("100 fields"), "{refused}");
    let same = field("field  7", FieldKind::Text, &[]);
    let twice = administrator.create_lead_field(&same, NOW).await;
    let twice = twice.expect_err("there already");
    assert!(twice.message().contains("this label already"), "{twice}");
}
