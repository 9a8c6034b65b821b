//! What columns are made of, and those that many tables have.

use super::{Choice, Column, Kind, Label, LookupKind, Required, Target};

pub(super) fn text(schema: &str, label: &str, max: usize) -> Column {
    formatted(schema, label, max, "Text")
}

pub(super) fn formatted(schema: &str, label: &str, max: usize, format: &str) -> Column {
    let format = format.to_owned();
    Column::new(schema, label, Kind::Text { max, format })
}

pub(super) fn flag(schema: &str, label: &str, (yes, no): (&str, &str), default: bool) -> Column {
    let (yes, no) = (Label::of(yes), Label::of(no));
    Column::new(schema, label, Kind::Boolean { yes, no, default })
}

/// Choices written as `1=Hot|Heiß;2=Warm|Warm`.
fn choices(list: &str) -> Vec<Choice> {
    let parts = list.split(';').filter_map(|part| part.split_once('='));
    parts
        .map(|(value, label)| Choice {
            value: value.trim().parse().unwrap_or(0),
            label: Label::of(label),
            belongs: None,
        })
        .collect()
}

pub(super) fn choice(schema: &str, label: &str, list: &str, default: i64) -> Column {
    let choices = choices(list);
    Column::new(schema, label, Kind::Choice { choices, default })
}

pub(super) fn lookup(
    schema: &str,
    label: &str,
    kind: LookupKind,
    targets: &[(&str, &str)],
) -> Column {
    let targets = targets
        .iter()
        .map(|(table, property)| Target {
            table: (*table).to_owned(),
            property: (*property).to_owned(),
        })
        .collect();
    Column::new(schema, label, Kind::Lookup { targets, kind })
}

/// What every table has that belongs to somebody.
pub(super) fn owned() -> Vec<Column> {
    let person: &[(&str, &str)] = &[("systemuser", "")];
    let by =
        |schema: &str, label: &str| lookup(schema, label, LookupKind::Lookup, person).read_only();
    let time = |schema: &str, label: &str| {
        Column::new(schema, label, Kind::Date { only: false }).read_only()
    };
    vec![
        lookup(
            "OwnerId",
            "Owner|Besitzer",
            LookupKind::Owner,
            &[("systemuser", "ownerid"), ("team", "ownerid")],
        )
        .required(Required::System),
        Column {
            parent: Some("ownerid".to_owned()),
            ..Column::new("OwnerIdName", "", Kind::Virtual).read_only()
        },
        lookup(
            "OwningBusinessUnit",
            "Owning Business Unit|Zuständiger Unternehmensmandant",
            LookupKind::Lookup,
            &[("businessunit", "")],
        )
        .read_only(),
        by("CreatedBy", "Created By|Erstellt von"),
        by("ModifiedBy", "Modified By|Geändert von"),
        time("CreatedOn", "Created On|Erstellt am"),
        time("ModifiedOn", "Modified On|Geändert am"),
        Column::new(
            "OverriddenCreatedOn",
            "Record Created On|Datensatz erstellt am",
            Kind::Date { only: true },
        )
        .create_only(),
        Column::new(
            "ImportSequenceNumber",
            "Import Sequence Number|Importsequenznummer",
            Kind::Integer {
                min: -2_147_483_648,
                max: 2_147_483_647,
            },
        )
        .create_only(),
        Column::new(
            "VersionNumber",
            "Version Number|Versionsnummer",
            Kind::BigInt,
        )
        .read_only(),
    ]
}

/// State and status: `(value, label, default status)` and `(value, label, state)`.
pub(super) fn states(states: &[(i64, &str, i64)], statuses: &[(i64, &str, i64)]) -> [Column; 2] {
    let choices = |list: &[(i64, &str, i64)]| {
        let list = list.iter();
        list.map(|(value, label, belongs)| Choice {
            value: *value,
            label: Label::of(label),
            belongs: Some(*belongs),
        })
        .collect()
    };
    [
        Column::new(
            "StateCode",
            "Status|Status",
            Kind::State {
                choices: choices(states),
            },
        )
        .required(Required::System)
        .update_only(),
        Column::new(
            "StatusCode",
            "Status Reason|Statusgrund",
            Kind::Status {
                choices: choices(statuses),
            },
        )
        .update_only(),
    ]
}
