//! Columns as metadata: what all have in common, and what each type adds.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::errors::{Failure, Outcome};
use super::super::schema::{Choice, Column, Kind, LookupKind, Required, Table};
use super::{NAMESPACE, label};

/// `AttributeType`, `AttributeTypeName` and the type of the metadata.
fn names(kind: &Kind) -> (&'static str, &'static str, &'static str) {
    match kind {
        Kind::Text { .. } => ("String", "StringType", "StringAttributeMetadata"),
        Kind::Memo { .. } => ("Memo", "MemoType", "MemoAttributeMetadata"),
        Kind::Integer { .. } => ("Integer", "IntegerType", "IntegerAttributeMetadata"),
        Kind::BigInt => ("BigInt", "BigIntType", "BigIntAttributeMetadata"),
        Kind::Decimal { .. } => ("Decimal", "DecimalType", "DecimalAttributeMetadata"),
        Kind::Money { .. } => ("Money", "MoneyType", "MoneyAttributeMetadata"),
        Kind::Boolean { .. } => ("Boolean", "BooleanType", "BooleanAttributeMetadata"),
        Kind::Choice { .. } => ("Picklist", "PicklistType", "PicklistAttributeMetadata"),
        Kind::Choices { .. } => (
            "Virtual",
            "MultiSelectPicklistType",
            "MultiSelectPicklistAttributeMetadata",
        ),
        Kind::State { .. } => ("State", "StateType", "StateAttributeMetadata"),
        Kind::Status { .. } => ("Status", "StatusType", "StatusAttributeMetadata"),
        Kind::Date { .. } => ("DateTime", "DateTimeType", "DateTimeAttributeMetadata"),
        Kind::Lookup { kind, .. } => match kind {
            LookupKind::Lookup => ("Lookup", "LookupType", "LookupAttributeMetadata"),
            LookupKind::Customer => ("Customer", "CustomerType", "LookupAttributeMetadata"),
            LookupKind::Owner => ("Owner", "OwnerType", "LookupAttributeMetadata"),
        },
        Kind::Key => (
            "Uniqueidentifier",
            "UniqueidentifierType",
            "UniqueIdentifierAttributeMetadata",
        ),
        Kind::Virtual => ("Virtual", "VirtualType", "AttributeMetadata"),
    }
}

/// Types that columns can be cast to.
const CASTS: &[&str] = &[
    "StringAttributeMetadata",
    "MemoAttributeMetadata",
    "IntegerAttributeMetadata",
    "BigIntAttributeMetadata",
    "DecimalAttributeMetadata",
    "DoubleAttributeMetadata",
    "MoneyAttributeMetadata",
    "BooleanAttributeMetadata",
    "PicklistAttributeMetadata",
    "MultiSelectPicklistAttributeMetadata",
    "StateAttributeMetadata",
    "StatusAttributeMetadata",
    "DateTimeAttributeMetadata",
    "LookupAttributeMetadata",
    "UniqueIdentifierAttributeMetadata",
];

/// Properties of a type alone: they can be selected only after a cast.
pub(super) fn special(name: &str) -> bool {
    [
        "MaxLength",
        "FormatName",
        "Format",
        "DateTimeBehavior",
        "MinValue",
        "MaxValue",
        "Precision",
        "Targets",
        "DefaultValue",
        "DefaultFormValue",
        "OptionSet",
        "GlobalOptionSet",
    ]
    .contains(&name)
}

/// The columns of a table, those of one type after a cast.
pub(super) fn attributes(table: &Table, cast: Option<&str>) -> Outcome<Vec<Value>> {
    if let Some(cast) = cast.filter(|cast| !CASTS.contains(cast)) {
        return Err(Failure::no_resource(&format!("{NAMESPACE}{cast}")));
    }
    let columns = table.columns.values();
    let columns = columns.filter(|column| cast.is_none_or(|cast| names(&column.kind).2 == cast));
    Ok(columns.map(|column| attribute(table, column)).collect())
}

fn attribute(table: &Table, column: &Column) -> Value {
    let (kind, name, metadata) = names(&column.kind);
    let required = match column.required {
        Required::None => "None",
        Required::Recommended => "Recommended",
        Required::Application => "ApplicationRequired",
        Required::System => "SystemRequired",
    };
    let mut own = json!({
        "@odata.type": format!("#{NAMESPACE}{metadata}"),
        "MetadataId": column.id,
        "LogicalName": column.name,
        "SchemaName": column.schema,
        "EntityLogicalName": table.name,
        "AttributeOf": column.parent,
        "AttributeType": kind,
        "AttributeTypeName": { "Value": name },
        "DisplayName": label(&column.label),
        "Description": label(&Default::default()),
        "RequiredLevel": {
            "Value": required, "CanBeChanged": column.required != Required::System,
            "ManagedPropertyLogicalName": "canmodifyrequirementlevelsettings",
        },
        "IsValidForCreate": column.create,
        "IsValidForUpdate": column.update,
        "IsValidForRead": true,
        "IsCustomAttribute": column.custom,
        "IsPrimaryId": column.name == table.key,
        "IsPrimaryName": column.name == table.primary_name,
        "IsLogical": matches!(column.kind, Kind::Virtual),
        "IsSecured": false,
    });
    if let Value::Object(more) = details(table, column)
        && let Some(own) = own.as_object_mut()
    {
        own.extend(more);
    }
    own
}

/// What a type adds.
fn details(table: &Table, column: &Column) -> Value {
    match &column.kind {
        Kind::Text { max, format } => {
            json!({ "MaxLength": max, "FormatName": { "Value": format }, "Format": format })
        }
        Kind::Memo { max } => {
            json!({ "MaxLength": max, "FormatName": { "Value": "TextArea" }, "Format": "TextArea" })
        }
        Kind::Integer { min, max } => {
            json!({ "MinValue": min, "MaxValue": max, "Format": "None" })
        }
        Kind::Decimal {
            min,
            max,
            precision,
        }
        | Kind::Money {
            min,
            max,
            precision,
        } => json!({ "MinValue": min, "MaxValue": max, "Precision": precision }),
        Kind::Boolean { yes, no, default } => json!({
            "DefaultValue": default,
            "OptionSet": {
                "MetadataId": Uuid::nil(), "Name": format!("{}_{}", table.name, column.name),
                "OptionSetType": "Boolean", "IsGlobal": false,
                "TrueOption": { "Value": 1, "Label": label(yes) },
                "FalseOption": { "Value": 0, "Label": label(no) },
            },
            "GlobalOptionSet": null,
        }),
        Kind::Choice { choices, default } => {
            with_choices(table, column, choices, "Picklist", json!(default))
        }
        Kind::Choices { choices } => with_choices(table, column, choices, "Picklist", json!(-1)),
        Kind::State { choices } => with_choices(table, column, choices, "State", json!(0)),
        Kind::Status { choices } => with_choices(table, column, choices, "Status", json!(-1)),
        Kind::Date { only } => {
            let format = if *only { "DateOnly" } else { "DateAndTime" };
            let behaviour = if *only { "DateOnly" } else { "UserLocal" };
            json!({ "Format": format, "DateTimeBehavior": { "Value": behaviour } })
        }
        Kind::Lookup { targets, .. } => {
            let targets: Vec<&str> = targets.iter().map(|target| target.table.as_str()).collect();
            json!({ "Targets": targets })
        }
        Kind::BigInt | Kind::Key | Kind::Virtual => Value::Object(Map::new()),
    }
}

fn with_choices(
    table: &Table,
    column: &Column,
    choices: &[Choice],
    kind: &str,
    default: Value,
) -> Value {
    let option = |choice: &Choice| {
        let mut option = json!({
            "Value": choice.value, "Label": label(&choice.label), "Description": label(&Default::default()),
            "Color": null, "IsManaged": true, "ExternalValue": "",
        });
        match (kind, choice.belongs) {
            ("State", Some(status)) => option["DefaultStatus"] = json!(status),
            ("Status", Some(state)) => option["State"] = json!(state),
            _ => {}
        }
        option
    };
    json!({
        "DefaultFormValue": default,
        "OptionSet": {
            "MetadataId": column.id, "Name": format!("{}_{}", table.name, column.name),
            "OptionSetType": kind, "IsGlobal": false,
            "Options": choices.iter().map(option).collect::<Vec<Value>>(),
        },
        "GlobalOptionSet": null,
    })
}
