//! From a body to what is stored: nothing is coerced but numbers written as text (specification 4.2).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::address::guid;
use super::dates;
use super::errors::{Failure, Outcome};
use super::organization::Organization;
use super::schema::{Choice, Column, Kind, Table};

/// What a body sets, by column.
pub(crate) type Changes = BTreeMap<String, Value>;

/// Reads a body for a table. What is not valid for this kind of write is passed over silently.
pub(crate) fn read(
    organization: &Organization,
    table: &Table,
    body: &Map<String, Value>,
    creating: bool,
) -> Outcome<Changes> {
    let mut changes = Changes::new();
    for (name, value) in body {
        if let Some(property) = name.strip_suffix("@odata.bind") {
            let (column, value) = bind(organization, table, property, value)?;
            if valid(column, creating) {
                changes.insert(column.name.clone(), value);
            }
            continue;
        }
        if name.contains('@') {
            continue;
        }
        let column = column(table, name)?;
        if valid(column, creating) && !matches!(column.kind, Kind::Virtual) {
            let value = convert(table, column, value)?;
            changes.insert(column.name.clone(), value);
        }
    }
    Ok(changes)
}

fn valid(column: &Column, creating: bool) -> bool {
    if creating {
        column.create
    } else {
        column.update
    }
}

fn column<'a>(table: &'a Table, name: &str) -> Outcome<&'a Column> {
    let lookup = table
        .readable(name)
        .or_else(|| table.columns.get(name))
        .filter(|column| matches!(column.kind, Kind::Lookup { .. }));
    if lookup.is_some() {
        return Err(Failure::payload(
            table.set,
            "CRM do not support direct update of Entity Reference properties, Use Navigation properties instead.",
        )
        .because(format!("{name} is set with @odata.bind")));
    }
    table.columns.get(name).ok_or_else(|| {
        Failure::payload(
            table.set,
            format!(
                "Invalid property '{name}' was found in entity 'Microsoft.Dynamics.CRM.{}'.",
                table.name
            ),
        )
    })
}

/// `"ownerid@odata.bind": "/systemusers(…)"`; null clears the lookup.
fn bind<'a>(
    organization: &Organization,
    table: &'a Table,
    property: &str,
    value: &Value,
) -> Outcome<(&'a Column, Value)> {
    let undeclared = || {
        Failure::payload(
            table.set,
            format!(
                "An undeclared property '{property}' which only has property annotations in the payload but no property value was found in the payload."
            ),
        )
    };
    let (column, targets) = table.navigation(property).ok_or_else(undeclared)?;
    let Some(text) = value.as_str() else {
        return match value {
            Value::Null => Ok((column, Value::Null)),
            _ => Err(undeclared()),
        };
    };
    let wrong = || Failure::payload(table.set, format!("Resource not found for '{text}'."));
    let last = text.rsplit('/').next().unwrap_or_default();
    let (set, key) = last.split_once('(').ok_or_else(wrong)?;
    let target = organization.by_set(set)?;
    let id = key.strip_suffix(')').and_then(guid).ok_or_else(wrong)?;
    if !targets.contains(&target.table.name) {
        return Err(wrong().because(format!("{property} does not point to {set}")));
    }
    target
        .row(id)
        .ok_or_else(|| Failure::no_row(target.table.name, &id.to_string()))?;
    Ok((column, json!({ "table": target.table.name, "id": id })))
}

fn convert(table: &Table, column: &Column, value: &Value) -> Outcome<Value> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    match &column.kind {
        Kind::Text { max, .. } | Kind::Memo { max } => words(table, column, value, *max),
        Kind::Integer { min, max } => {
            let number = integer(table, value)?;
            if number < *min || number > *max {
                return Err(outside(table, column, value, "0x8004432F"));
            }
            Ok(json!(number))
        }
        Kind::Decimal { min, max, .. } | Kind::Money { min, max, .. } => {
            let number = decimal(value).ok_or_else(|| literal(table, value, "Edm.Decimal"))?;
            if number < *min || number > *max {
                return Err(outside(table, column, value, "0x80044330"));
            }
            Ok(json!(number))
        }
        Kind::BigInt => Ok(json!(integer(table, value)?)),
        Kind::Boolean { .. } => value
            .is_boolean()
            .then(|| value.clone())
            .ok_or_else(|| literal(table, value, "Edm.Boolean")),
        Kind::Choice { choices, .. } | Kind::State { choices } | Kind::Status { choices } => {
            let number = integer(table, value)?;
            one_of(table, column, choices, number)?;
            Ok(json!(number))
        }
        Kind::Choices { choices } => {
            let list = value
                .as_str()
                .ok_or_else(|| literal(table, value, "Edm.String"))?;
            for part in list.split(',') {
                let number = integer(table, &json!(part.trim()))?;
                one_of(table, column, choices, number)?;
            }
            Ok(value.clone())
        }
        Kind::Date { only } => moment(table, value, *only),
        Kind::Key => {
            let id = value.as_str().and_then(guid);
            id.map(|id| json!(id.to_string()))
                .ok_or_else(|| literal(table, value, "Edm.Guid"))
        }
        Kind::Lookup { .. } | Kind::Virtual => Ok(Value::Null),
    }
}

/// An empty text is stored as none.
fn words(table: &Table, column: &Column, value: &Value, max: usize) -> Outcome<Value> {
    let text = value
        .as_str()
        .ok_or_else(|| literal(table, value, "Edm.String"))?;
    if text.encode_utf16().count() > max {
        return Err(Failure::value(
            "0x80044331",
            format!(
                " The length of the '{}' attribute of the '{}' entity exceeded the maximum allowed length of '{max}'.",
                column.name, table.name
            ),
        ));
    }
    Ok(if text.is_empty() {
        Value::Null
    } else {
        value.clone()
    })
}

fn integer(table: &Table, value: &Value) -> Outcome<i64> {
    let number = value.as_i64().or_else(|| value.as_str()?.parse().ok());
    number
        .filter(|number| i32::try_from(*number).is_ok())
        .ok_or_else(|| literal(table, value, "Edm.Int32"))
}

fn decimal(value: &Value) -> Option<f64> {
    let number = value.as_f64().or_else(|| value.as_str()?.parse().ok());
    number.filter(|number: &f64| number.is_finite())
}

fn moment(table: &Table, value: &Value, only: bool) -> Outcome<Value> {
    let kind = if only {
        "Edm.Date"
    } else {
        "Edm.DateTimeOffset"
    };
    let text = value.as_str().unwrap_or_default();
    let stored = match (only, dates::day(text), dates::time(text)) {
        // A date-only column takes a time as well, and keeps its day.
        (true, Some(day), _) => Some(day),
        (_, _, Some(time)) => Some(time),
        _ => None,
    };
    let stored = stored.ok_or_else(|| literal(table, value, kind))?;
    if stored.as_str() < "1753-01-01" {
        return Err(Failure::new(
            400,
            "0x80040203",
            "DateTime is less than minimum value supported by CrmDateTime. Actual value: earlier than 1753, Minimum value supported: 01/01/1753 00:00:00",
        ));
    }
    Ok(json!(if only {
        dates::day_of(&stored)
    } else {
        &stored
    }))
}

fn literal(table: &Table, value: &Value, kind: &str) -> Failure {
    let shown = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    Failure::payload(
        table.set,
        format!("Cannot convert the literal '{shown}' to the expected type '{kind}'."),
    )
}

fn outside(table: &Table, column: &Column, value: &Value, code: &str) -> Failure {
    Failure::value(
        code,
        format!(
            "The value {value} of '{}' on record of type '{}' is outside the valid range.",
            column.name, table.name
        ),
    )
}

fn one_of(table: &Table, column: &Column, choices: &[Choice], number: i64) -> Outcome<()> {
    if choices.iter().any(|choice| choice.value == number) {
        return Ok(());
    }
    let accepted: Vec<String> = choices
        .iter()
        .map(|choice| choice.value.to_string())
        .collect();
    Err(Failure::value(
        "0x8004431A",
        format!(
            "The value {number} of '{}' on record of type '{}' is outside the valid range. Accepted Values: {}",
            column.name,
            table.name,
            accepted.join(",")
        ),
    ))
}
