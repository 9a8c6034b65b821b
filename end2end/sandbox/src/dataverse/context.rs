//! One data call: who makes it, with which wishes, on what.

use serde_json::Value;
use uuid::Uuid;

use super::address::{Key, guid, key_value};
use super::errors::{Failure, Outcome};
use super::organization::{Caller, Organization, Row};
use super::prefer::Wishes;
use super::schema::{Kind, Table};
use super::text;
use crate::dynamics::faults::Faults;

/// What a call works with.
pub(crate) struct Context<'a> {
    pub(super) organization: &'a mut Organization,
    pub(super) caller: Caller,
    pub(super) faults: &'a Faults,
    pub(super) wishes: Wishes,
    pub(super) now: i64,
    /// `https://org.crm.dynamics.com/api/data/v9.2`
    pub(super) base: String,
}

/// A row that a path means, whether it exists or not.
#[derive(Debug, Clone)]
pub(super) enum Means {
    Id(Uuid),
    /// Columns of an alternate key with their values.
    Alternate(Vec<(String, String)>),
}

impl Context<'_> {
    /// What a key in the path means.
    pub(super) fn means(&self, table: &Table, key: &Key) -> Outcome<Means> {
        let pairs = match key {
            Key::Id(id) => return Ok(Means::Id(*id)),
            Key::Named(pairs) => pairs,
        };
        if let [(name, value)] = pairs.as_slice()
            && name == table.key
        {
            let id = guid(value).ok_or_else(|| invalid_key(table))?;
            return Ok(Means::Id(id));
        }
        let mut names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        let declared = table.keys.iter().find(|key| {
            let mut columns: Vec<&str> = key.columns.iter().map(String::as_str).collect();
            columns.sort_unstable();
            columns == names
        });
        let declared = declared.ok_or_else(|| invalid_key(table))?;
        if declared.active_at > self.now {
            return Err(invalid_key(table).because("the index of the key is being built"));
        }
        let values = pairs
            .iter()
            .map(|(name, value)| Ok((name.clone(), key_value(value)?)));
        Ok(Means::Alternate(values.collect::<Outcome<_>>()?))
    }

    /// The row itself, if there is one.
    pub(super) fn find(&mut self, table: &Table, means: &Means) -> Outcome<Option<Row>> {
        let Some(store) = self.organization.stores.get_mut(table.name) else {
            return Ok(None);
        };
        let pairs = match means {
            Means::Id(id) => return Ok(store.row(*id).cloned()),
            Means::Alternate(pairs) => pairs,
        };
        let same = |row: &&Row| {
            pairs.iter().all(|(name, value)| match row.get(name) {
                Value::String(own) => text::fold(&own) == text::fold(value),
                Value::Null => false,
                own => own.to_string().as_str() == value,
            })
        };
        let indexed = pairs.iter().find(|(name, _)| {
            let column = table.columns.get(name);
            column.is_some_and(|column| matches!(column.kind, Kind::Text { .. }))
        });
        let rows: Vec<&Row> = match indexed {
            Some((name, value)) => store.with(name, value).into_iter().filter(same).collect(),
            None => store.rows().filter(same).collect(),
        };
        match rows.as_slice() {
            [] => Ok(None),
            [row] => Ok(Some((*row).clone())),
            _ => Err(Failure::new(
                412,
                "0x8006089D",
                format!(
                    "More than one record exists for entity {} with entity key.",
                    table.name
                ),
            )),
        }
    }

    /// The 404 of a row that is not there.
    pub(super) fn absent(table: &Table, means: &Means) -> Failure {
        match means {
            Means::Id(id) => Failure::no_row(table.name, &id.to_string()),
            Means::Alternate(_) => Failure::new(
                404,
                "0x80060891",
                format!(
                    "A record with the specified key values does not exist in {} entity",
                    table.name
                ),
            ),
        }
    }

    /// The address of a row as it was meant: by id, or by its alternate key.
    pub(super) fn address(&self, table: &Table, means: &Means) -> String {
        let key = match means {
            Means::Id(id) => id.to_string(),
            Means::Alternate(pairs) => {
                let pairs = pairs.iter();
                let pairs =
                    pairs.map(|(name, value)| format!("{name}='{}'", value.replace('\'', "''")));
                pairs.collect::<Vec<String>>().join(",")
            }
        };
        format!("{}/{}({key})", self.base, table.set)
    }
}

fn invalid_key(table: &Table) -> Failure {
    Failure::syntax(format!(
        "The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.{}'. Ensure that the names and number of key properties match the declared or alternate key properties for the resource.",
        table.name
    ))
}
