//! Values between the two: a lead's texts here, a record's columns there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::crm::dynamics::{Column, Record, TableDescription};
use crate::crm::mirror::{Seen, There};
use crate::error::{Error, Result};
use crate::lead::Fields;

/// The property that says whose a record is.
const OWNER: &str = "_ownerid_value";
/// What is asked for besides the fields.
const ALWAYS: [&str; 3] = ["statecode", "modifiedon", OWNER];

/// A record as Leadline keeps it, with these fields. Whose it is here is for others to say.
///
/// # Errors
/// When the record does not say when it was changed.
pub(super) fn seen(
    table: &TableDescription,
    asked: &BTreeSet<String>,
    record: &Record,
) -> Result<Seen> {
    let columns = &record.columns;
    let text = |name: &str| columns.get(name).and_then(Value::as_str);
    let modified_at = text("modifiedon").and_then(milliseconds);
    let fields = asked.iter().filter_map(|name| {
        let column = table.column(name)?;
        let value = columns.get(&column.property())?;
        let text = column.to_text(value).unwrap_or_else(|_| Some(raw(value)))?;
        Some((name.clone(), text))
    });
    Ok(Seen {
        id: record.id,
        version: record.etag.clone(),
        modified_at: modified_at
            .ok_or_else(|| Error::internal("a record without the moment of its last change"))?,
        has: There {
            fields: fields.collect::<Fields>(),
            open: columns.get("statecode").and_then(Value::as_i64) == Some(0),
            user: text(OWNER).and_then(|id| id.parse().ok()),
            owner: None,
        },
    })
}

/// What the description does not explain, a choice of today for one, as it is there: the field is not
/// empty.
fn raw(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The names in requests of the columns that are read for these fields.
pub(super) fn select(table: &TableDescription, asked: &BTreeSet<String>) -> Vec<String> {
    let columns = asked.iter().filter_map(|name| table.column(name));
    let always = ALWAYS.into_iter().map(str::to_owned);
    always.chain(columns.map(Column::property)).collect()
}

/// Fields as a request carries them. A field that does not fit is named with what is wrong.
///
/// # Errors
/// The first field that does not fit, in words for the administrator.
pub(super) fn columns(
    table: &TableDescription,
    fields: &BTreeMap<String, Option<String>>,
) -> Result<Map<String, Value>, String> {
    let mut columns = Map::new();
    for (name, value) in fields {
        let Some(column) = table.column(name) else {
            continue;
        };
        let json = match value {
            None => Value::Null,
            Some(text) => column
                .to_json(text)
                .map_err(|problem| format!("{}: {problem}", column.label))?,
        };
        columns.insert(name.clone(), json);
    }
    Ok(columns)
}

/// `2026-11-29T11:50:06Z` in milliseconds since the epoch.
fn milliseconds(text: &str) -> Option<i64> {
    let moment =
        time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).ok()?;
    i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).ok()
}
