//! What a row has to keep to, whoever writes it.

use serde_json::{Value, json};

use super::errors::{Failure, Outcome};
use super::schema::{AlternateKey, Kind, Required, Table};
use super::text;
use super::values::Changes;
use crate::dynamics::faults::Faults;

/// Only what the system itself requires is enforced: a lead without a name or a topic is taken.
pub(super) fn required(table: &Table, row: &Changes) -> Outcome<()> {
    let empty = table.columns.values().find(|column| {
        column.required == Required::System && row.get(&column.name).is_none_or(Value::is_null)
    });
    match empty {
        Some(column) => Err(Failure::new(
            400,
            "0x80040203",
            format!("Invalid argument: '{}' cannot be empty.", column.name),
        )),
        None => Ok(()),
    }
}

/// The full name is composed, never written.
pub(super) fn full_name(table: &Table, row: &mut Changes) {
    if table.primary_name != "fullname" {
        return;
    }
    let parts = ["firstname", "middlename", "lastname"];
    let parts: Vec<&str> = parts
        .iter()
        .filter_map(|name| row.get(*name)?.as_str())
        .collect();
    let name = match parts.is_empty() {
        true => Value::Null,
        false => json!(parts.join(" ")),
    };
    row.insert("fullname".to_owned(), name);
}

/// State and status change together: a state brings its default status, a status fits its state,
/// and a closed lead is opened before it is closed in another way.
pub(super) fn state(table: &Table, row: &mut Changes, changes: &Changes) -> Outcome<()> {
    let choices = |name: &str| match table.columns.get(name).map(|column| &column.kind) {
        Some(Kind::State { choices } | Kind::Status { choices }) => choices.as_slice(),
        _ => &[],
    };
    let number = |changes: &Changes, name: &str| changes.get(name).and_then(Value::as_i64);
    let (state, status) = (number(changes, "statecode"), number(changes, "statuscode"));
    if state.is_none() && status.is_none() {
        return Ok(());
    }
    let before = number(row, "statecode").unwrap_or(0);
    let state = state.unwrap_or(before);
    let belonging = |name: &str, value: i64| {
        let choice = choices(name).iter().find(|choice| choice.value == value);
        choice.and_then(|choice| choice.belongs)
    };
    let wrong = |status: i64| {
        Failure::new(
            400,
            "0x80048408",
            format!(
                "{status} is not a valid status code for state code {state} on {}.",
                table.name
            ),
        )
    };
    let default = belonging("statecode", state).unwrap_or(1);
    let status = status.unwrap_or(default);
    if belonging("statuscode", status) != Some(state)
        || (before != 0 && state != 0 && before != state)
    {
        return Err(wrong(status));
    }
    row.insert("statecode".to_owned(), json!(state));
    row.insert("statuscode".to_owned(), json!(status));
    Ok(())
}

/// What the customer's own code says.
pub(super) fn plugins(faults: &Faults, row: &Changes) -> Outcome<()> {
    let refusing =
        faults
            .plugins
            .iter()
            .find(|plugin| match (row.get(&plugin.column), &plugin.value) {
                (None | Some(Value::Null), Value::Null) => true,
                (Some(Value::String(own)), Value::String(value)) => {
                    text::fold(own) == text::fold(value)
                }
                (Some(own), value) => own == value,
                _ => false,
            });
    match refusing {
        Some(plugin) => Err(Failure::new(400, "0x80040265", plugin.message.clone())),
        None => Ok(()),
    }
}

pub(super) fn key_violated(key: &AlternateKey, other: &str) -> Failure {
    let columns = key.columns.join(",");
    let mut failure = Failure::new(
        412,
        "0x80060892",
        format!(
            "Entity Key {} violated. A record with the same value for {columns} already exists. A duplicate record cannot be created. Select one or more unique values and try again.",
            key.label.text()
        ),
    );
    failure.details = vec![
        ("DuplicateEntity", other.to_owned()),
        ("DuplicateAttributes", columns),
    ];
    failure
}
