use super::*;
use serde_json::json;

fn labels(english: &str, german: &str) -> Value {
    json!({
        "LocalizedLabels": [
            { "Label": english, "LanguageCode": 1033 },
            { "Label": german, "LanguageCode": 1031 },
        ],
        "UserLocalizedLabel": { "Label": english, "LanguageCode": 1033 },
    })
}

fn attribute(name: &str, kind: &str, more: Value) -> Value {
    let mut own = json!({
        "LogicalName": name, "DisplayName": labels(name, &format!("{name} auf Deutsch")),
        "AttributeTypeName": { "Value": kind }, "RequiredLevel": { "Value": "None" },
        "IsValidForCreate": true, "IsValidForUpdate": true, "IsValidForRead": true,
        "AttributeOf": null, "IsCustomAttribute": false, "IsPrimaryId": false,
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        own[name] = value.clone();
    }
    own
}

fn description(columns: Vec<Value>, details: Vec<Value>, languages: &[u32]) -> TableDescription {
    let table = json!({
        "LogicalName": "lead", "EntitySetName": "leads", "PrimaryIdAttribute": "leadid",
        "IsOptimisticConcurrencyEnabled": true,
    });
    let answers = Answers {
        table,
        columns,
        details,
        keys: Vec::new(),
    };
    read(&answers, languages).unwrap()
}

#[test]
fn the_key_of_responses_is_active_and_a_text_alone() {
    let text = attribute("new_linkedinresponseid", "StringType", json!({}));
    let number = attribute("new_linkedinresponseid", "IntegerType", json!({}));
    let key = |columns: &[&str], status: &str| json!({ "KeyAttributes": columns, "EntityKeyIndexStatus": status });
    let alone = &["new_linkedinresponseid"][..];
    let table = [
        (key(alone, "Active"), &text, Some("new_linkedinresponseid")),
        (key(alone, "Pending"), &text, None),
        (
            key(&["new_linkedinresponseid", "lastname"], "Active"),
            &text,
            None,
        ),
        (key(&["emailaddress1"], "Active"), &text, None),
        (key(alone, "Active"), &number, None),
        (json!({}), &text, None),
    ];
    for (key, column, wanted) in table {
        let answers = Answers {
            table: json!({ "LogicalName": "lead", "EntitySetName": "leads", "PrimaryIdAttribute": "leadid" }),
            columns: vec![
                column.clone(),
                attribute("emailaddress1", "StringType", json!({})),
            ],
            details: Vec::new(),
            keys: vec![key.clone()],
        };
        let read = read(&answers, &[1033]).unwrap();
        assert_eq!(read.response_key.as_deref(), wanted, "{key}");
    }
}

#[test]
fn every_type_has_its_kind_and_its_details() {
    let table = [
        (
            "StringType",
            json!({ "MaxLength": 20, "FormatName": { "Value": "Phone" } }),
            Some(ColumnKind::Phone),
        ),
        (
            "StringType",
            json!({ "FormatName": { "Value": "Email" } }),
            Some(ColumnKind::Email),
        ),
        (
            "StringType",
            json!({ "FormatName": { "Value": "Url" } }),
            Some(ColumnKind::Url),
        ),
        (
            "StringType",
            json!({ "FormatName": { "Value": "TextArea" } }),
            Some(ColumnKind::Memo),
        ),
        (
            "StringType",
            json!({ "FormatName": { "Value": "TickerSymbol" } }),
            Some(ColumnKind::Text),
        ),
        ("MemoType", json!({}), Some(ColumnKind::Memo)),
        ("IntegerType", json!({}), Some(ColumnKind::Integer)),
        ("DecimalType", json!({}), Some(ColumnKind::Decimal)),
        ("DoubleType", json!({}), Some(ColumnKind::Decimal)),
        ("MoneyType", json!({}), Some(ColumnKind::Money)),
        ("BooleanType", json!({}), Some(ColumnKind::YesNo)),
        ("PicklistType", json!({}), Some(ColumnKind::Choice)),
        (
            "MultiSelectPicklistType",
            json!({}),
            Some(ColumnKind::Choices),
        ),
        ("StateType", json!({}), Some(ColumnKind::State)),
        ("StatusType", json!({}), Some(ColumnKind::Status)),
        (
            "DateTimeType",
            json!({ "DateTimeBehavior": { "Value": "DateOnly" } }),
            Some(ColumnKind::Date),
        ),
        (
            "DateTimeType",
            json!({ "Format": "DateOnly", "DateTimeBehavior": { "Value": "UserLocal" } }),
            Some(ColumnKind::DateTime),
        ),
        (
            "LookupType",
            json!({ "Targets": ["campaign"] }),
            Some(ColumnKind::Lookup),
        ),
        ("CustomerType", json!({}), Some(ColumnKind::Lookup)),
        ("OwnerType", json!({}), Some(ColumnKind::Lookup)),
        ("BigIntType", json!({}), None),
        ("UniqueidentifierType", json!({}), None),
        ("ImageType", json!({}), None),
        ("VirtualType", json!({}), None),
        ("EntityNameType", json!({}), None),
    ];
    for (name, mut more, kind) in table {
        more["LogicalName"] = json!("x");
        let own = description(vec![attribute("x", name, json!({}))], vec![more], &[]);
        assert_eq!(
            own.columns.first().map(|column| column.kind),
            kind,
            "{name}"
        );
    }
}

#[test]
fn what_cannot_be_filled_is_left_out() {
    let hidden = [
        ("leadid", json!({ "IsPrimaryId": true })),
        ("owneridname", json!({ "AttributeOf": "ownerid" })),
        ("revenue_base", json!({})),
        ("yomifirstname", json!({})),
        (
            "createdon",
            json!({ "IsValidForCreate": false, "IsValidForUpdate": false }),
        ),
        ("secret", json!({ "IsValidForRead": false })),
    ];
    for (name, more) in hidden {
        let own = description(vec![attribute(name, "StringType", more)], Vec::new(), &[]);
        assert!(own.columns.is_empty(), "{name}");
    }
}

#[test]
fn labels_are_in_the_administrators_language() {
    let details = json!({
        "LogicalName": "leadsourcecode",
        "OptionSet": { "Options": [{ "Value": 7, "Label": labels("Trade Show", "Messe") }] },
    });
    let table = [
        (&[1031][..], "leadsourcecode auf Deutsch", "Messe"),
        (&[1036, 1031], "leadsourcecode auf Deutsch", "Messe"),
        (&[1036], "leadsourcecode", "Trade Show"),
        (&[], "leadsourcecode", "Trade Show"),
    ];
    for (languages, label, option) in table {
        let own = attribute("leadsourcecode", "PicklistType", json!({}));
        let own = description(vec![own], vec![details.clone()], languages);
        let column = own.column("leadsourcecode").unwrap();
        assert_eq!(column.label, label, "{languages:?}");
        assert_eq!(column.options[0].label, option);
        assert_eq!(column.options[0].labels, ["Trade Show", "Messe"]);
    }
}

#[test]
fn shared_options_count_when_there_are_none_of_its_own() {
    let details = json!({
        "LogicalName": "x", "OptionSet": null,
        "GlobalOptionSet": { "Options": [{ "Value": 100_000_000, "Label": labels("LinkedIn", "") }] },
    });
    let own = description(
        vec![attribute("x", "PicklistType", json!({}))],
        vec![details],
        &[],
    );
    let options = &own.column("x").unwrap().options;
    assert_eq!(
        (options[0].value, &*options[0].label),
        (100_000_000, "LinkedIn")
    );
}

#[test]
fn a_changed_column_changes_the_version_and_the_order_does_not() {
    let (a, b) = (
        attribute("a", "StringType", json!({})),
        attribute("b", "StringType", json!({})),
    );
    let one = description(vec![a.clone(), b.clone()], Vec::new(), &[]);
    let other = description(vec![b.clone(), a.clone()], Vec::new(), &[]);
    assert_eq!(one, other);
    let longer = json!({ "LogicalName": "b", "MaxLength": 5 });
    let longer = description(vec![a, b], vec![longer], &[]);
    assert_ne!(one.version, longer.version);
    let kept = serde_json::to_string(&longer).unwrap();
    assert_eq!(
        serde_json::from_str::<TableDescription>(&kept).unwrap(),
        longer
    );
}
