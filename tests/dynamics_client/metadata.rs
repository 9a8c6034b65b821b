//! What the lead table looks like, and that its columns take what is written for them.

use leadline::crm::dynamics::{Class, ColumnKind, Required, Table, TableDescription, Written};
use leadline_sandbox::known;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::bench::Bench;

const ENGLISH: u32 = 1033;
const GERMAN: u32 = 1031;

async fn leads(bench: &Bench, languages: &[u32]) -> TableDescription {
    bench
        .dynamics
        .describe(Table::Leads, languages)
        .await
        .unwrap()
}

#[tokio::test]
async fn leads_describe_themselves_in_the_administrators_language() {
    let bench = Bench::start().await;
    let english = leads(&bench, &[ENGLISH]).await;
    assert_eq!(
        (&*english.table, &*english.set, &*english.id_column),
        ("lead", "leads", "leadid")
    );
    assert!(english.optimistic);
    let german = leads(&bench, &[GERMAN]).await;
    for (description, topic, source) in [
        (&english, "Topic", "Trade Show"),
        (&german, "Thema", "Messe"),
    ] {
        let subject = description.column("subject").unwrap();
        assert_eq!((&*subject.label, subject.max_length), (topic, Some(300)));
        assert_eq!(subject.required, Required::Business);
        let choices = &description.column("leadsourcecode").unwrap().options;
        let fair = choices.iter().find(|choice| choice.value == 7).unwrap();
        assert_eq!(fair.label, source);
        assert_eq!(fair.labels, ["Trade Show", "Messe"]);
    }
    let kept = serde_json::to_string(&german).unwrap();
    assert_eq!(
        serde_json::from_str::<TableDescription>(&kept).unwrap(),
        german
    );
    bench.done().await;
}

#[tokio::test]
async fn every_column_has_its_kind_and_what_cannot_be_filled_is_left_out() {
    let bench = Bench::start().await;
    let leads = leads(&bench, &[]).await;
    let table = [
        ("lastname", ColumnKind::Text),
        ("emailaddress1", ColumnKind::Email),
        ("mobilephone", ColumnKind::Phone),
        ("websiteurl", ColumnKind::Url),
        ("description", ColumnKind::Memo),
        ("numberofemployees", ColumnKind::Integer),
        ("revenue", ColumnKind::Money),
        ("donotemail", ColumnKind::YesNo),
        ("industrycode", ColumnKind::Choice),
        ("estimatedclosedate", ColumnKind::Date),
        ("statecode", ColumnKind::State),
        ("statuscode", ColumnKind::Status),
        ("ownerid", ColumnKind::Lookup),
        ("campaignid", ColumnKind::Lookup),
    ];
    for (name, kind) in table {
        assert_eq!(
            leads.column(name).map(|column| column.kind),
            Some(kind),
            "{name}"
        );
    }
    for name in [
        "leadid",
        "fullname",
        "createdon",
        "revenue_base",
        "owneridname",
        "yomifirstname",
        "versionnumber",
    ] {
        assert_eq!(leads.column(name), None, "{name}");
    }
    let employees = leads.column("numberofemployees").unwrap();
    assert_eq!(
        (employees.min, employees.max),
        (Some(0.0), Some(1_000_000.0))
    );
    let owner = leads.column("ownerid").unwrap();
    assert_eq!(owner.targets, ["systemuser", "team"]);
    assert_eq!(owner.property(), "_ownerid_value");
    assert!(
        !leads
            .column("overriddencreatedon")
            .unwrap()
            .valid_for_update
    );
    assert!(!leads.column("statecode").unwrap().valid_for_create);
    bench.done().await;
}

#[tokio::test]
async fn what_is_written_into_every_kind_of_column_reads_the_same() {
    let bench = Bench::start().await;
    let text = json!({ "@odata.type": "Microsoft.Dynamics.CRM.MultiSelectPicklistAttributeMetadata",
        "SchemaName": "new_Topics", "OptionSet": { "Options": [
            { "Value": 1, "Label": "Cloud" }, { "Value": 2, "Label": "On site" }] } });
    bench.control("POST", "columns", text).await;
    let leads = leads(&bench, &[GERMAN]).await;
    let wanted = [
        ("lastname", "O'Neil"),
        ("description", "zwei\nZeilen"),
        ("numberofemployees", "250"),
        ("revenue", "1500000.5"),
        ("donotemail", "true"),
        ("leadsourcecode", "Messe"),
        ("industrycode", "Banking"),
        ("estimatedclosedate", "2027-02-28"),
        ("new_topics", "Cloud; On site"),
    ];
    let mut body = Map::new();
    for (name, text) in wanted {
        match leads.column(name).unwrap().to_json(text) {
            Ok(value) => drop(body.insert(name.to_owned(), value)),
            Err(problem) => assert_eq!(name, "industrycode", "{problem}"),
        }
    }
    let new = Uuid::new_v4();
    let made = bench
        .dynamics
        .create(Table::Leads, new, body)
        .await
        .unwrap();
    assert!(matches!(made, Written::Made(_)));
    let names: Vec<&str> = wanted.iter().map(|(name, _)| *name).collect();
    let read = bench.read(new, &names).await.unwrap();
    for (name, text) in wanted {
        let value = read.columns.get(name).unwrap_or(&Value::Null);
        let own = leads.column(name).unwrap().to_text(value).unwrap();
        let text = (name != "industrycode").then_some(text);
        assert_eq!(own.as_deref(), text, "{name}");
    }
    bench.done().await;
}

#[tokio::test]
async fn a_customers_change_changes_the_version() {
    let bench = Bench::start().await;
    let before = leads(&bench, &[ENGLISH]).await;
    assert_eq!(leads(&bench, &[ENGLISH]).await.version, before.version);
    let choices = json!([{ "Value": 8, "Label": "Web" }, { "Value": 100_000_000, "Label": "LinkedIn|LinkedIn" }]);
    bench
        .control("PUT", "columns/leadsourcecode/choices", choices)
        .await;
    let after = leads(&bench, &[ENGLISH]).await;
    assert_ne!(after.version, before.version);
    let source = after.column("leadsourcecode").unwrap();
    assert_eq!(source.to_json("linkedin"), Ok(json!(100_000_000)));
    bench.done().await;
}

#[tokio::test]
async fn an_environment_without_leads_says_so() {
    let bench = Bench::start().await;
    bench.fails("GET EntityDefinitions", "0x80040217").await;
    let failure = bench
        .dynamics
        .describe(Table::Leads, &[])
        .await
        .unwrap_err();
    assert_eq!(failure.class, Class::Setup);
    assert!(failure.message().contains("Dynamics 365 Sales"));
    // Whoever may read leads may read how they are described.
    bench.faults(json!({ "errors": [] })).await;
    let reader = bench.as_client(known::READER);
    assert!(reader.describe(Table::Leads, &[]).await.is_ok());
    bench.done().await;
}
