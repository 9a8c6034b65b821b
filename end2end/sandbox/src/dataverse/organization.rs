//! What the organization holds: tables with their rows, users with their rights.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::{Value, json};
use uuid::Uuid;

use super::errors::{Failure, Outcome};
use super::schema::{self, Kind, Table};
use super::{seed, text};
use crate::dynamics::known;

/// A row. A lookup holds `{"table","id"}` under the name of its column.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    pub(crate) version: u64,
    pub(crate) values: BTreeMap<String, Value>,
}

impl Row {
    /// The value of a property: a column, or `_column_value` for what a lookup points to.
    pub(crate) fn get(&self, property: &str) -> Value {
        let lookup = property
            .strip_prefix('_')
            .and_then(|rest| rest.strip_suffix("_value"));
        match lookup {
            Some(column) => self
                .values
                .get(column)
                .map_or(Value::Null, |value| value["id"].clone()),
            None => self.values.get(property).cloned().unwrap_or(Value::Null),
        }
    }

    /// `W/"536530"`.
    pub(crate) fn etag(&self) -> String {
        format!("W/\"{}\"", self.version)
    }
}

/// A table and its rows.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) table: Table,
    rows: BTreeMap<Uuid, Row>,
    /// For each property that was looked for: which rows hold a text.
    index: HashMap<String, HashMap<String, BTreeSet<Uuid>>>,
}

impl Store {
    pub(crate) fn row(&self, id: Uuid) -> Option<&Row> {
        self.rows.get(&id)
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }

    /// Rows whose property equals a text, by the index of the property; it is built when it is
    /// first asked for.
    pub(crate) fn with(&mut self, property: &str, value: &str) -> Vec<&Row> {
        if !self.index.contains_key(property) {
            let mut entries: HashMap<String, BTreeSet<Uuid>> = HashMap::new();
            for row in self.rows.values() {
                if let Some(key) = indexed(row, property) {
                    entries.entry(key).or_default().insert(row.id);
                }
            }
            self.index.insert(property.to_owned(), entries);
        }
        let found = self.index[property].get(&text::fold(value));
        let found = found.into_iter().flatten();
        found.filter_map(|id| self.rows.get(id)).collect()
    }

    /// Puts a row in the place of what was there, or takes it away; answers what was there.
    fn put(&mut self, id: Uuid, row: Option<Row>) -> Option<Row> {
        let before = match row {
            Some(row) => self.rows.insert(id, row),
            None => self.rows.remove(&id),
        };
        for (property, entries) in &mut self.index {
            if let Some(key) = before.as_ref().and_then(|row| indexed(row, property))
                && let Some(ids) = entries.get_mut(&key)
            {
                ids.remove(&id);
            }
            if let Some(key) = self.rows.get(&id).and_then(|row| indexed(row, property)) {
                entries.entry(key).or_default().insert(id);
            }
        }
        before
    }
}

fn indexed(row: &Row, property: &str) -> Option<String> {
    row.get(property).as_str().map(text::fold)
}

/// Who calls.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) user: Uuid,
    /// `None`: all there are.
    privileges: Option<BTreeSet<String>>,
}

impl Caller {
    /// A person who may do everything.
    pub(crate) fn anybody(user: Uuid) -> Caller {
        Caller {
            user,
            privileges: None,
        }
    }

    fn may(&self, privilege: &str) -> bool {
        let privileges = self.privileges.as_ref();
        privileges.is_none_or(|privileges| privileges.contains(privilege))
    }

    /// Asks for `prvCreateLead` and the like.
    pub(crate) fn require(&self, verb: &str, table: &Table) -> Outcome<()> {
        let noun = match table.name {
            "systemuser" => "User",
            "transactioncurrency" => "Currency",
            _ => table.schema,
        };
        self.demand(&format!("prv{verb}{noun}"), table)
    }

    /// Asks for a privilege by its whole name.
    pub(crate) fn demand(&self, privilege: &str, table: &Table) -> Outcome<()> {
        match self.may(privilege) {
            true => Ok(()),
            false => Err(Failure::privilege(&self.user.to_string(), privilege, table)),
        }
    }
}

/// The organization.
#[derive(Debug)]
pub(crate) struct Organization {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) stores: BTreeMap<&'static str, Store>,
    /// By user: the privileges of their roles.
    pub(crate) privileges: HashMap<Uuid, BTreeSet<String>>,
    /// Counts on with every change of the schema.
    pub(crate) schema_version: u64,
    /// Counts on with every write.
    version: u64,
    /// What was written since it was last asked for.
    pub(crate) wrote: Vec<(&'static str, String)>,
    /// What a transaction has to put back if it fails.
    undo: Option<Vec<(&'static str, Uuid, Option<Row>)>>,
    /// Rows that requests under way are about to write.
    pub(crate) busy: HashSet<String>,
}

impl Organization {
    pub(crate) fn new() -> Organization {
        let stores = schema::tables().into_iter().map(|table| {
            let store = Store {
                table,
                rows: BTreeMap::new(),
                index: HashMap::new(),
            };
            (store.table.name, store)
        });
        let mut organization = Organization {
            id: known::ORGANIZATION.to_owned(),
            name: known::ORGANIZATION_NAME.to_owned(),
            stores: stores.collect(),
            privileges: HashMap::new(),
            schema_version: 9_000_001,
            version: 536_529,
            wrote: Vec::new(),
            undo: None,
            busy: HashSet::new(),
        };
        seed::plant(&mut organization);
        organization
    }

    pub(crate) fn store(&self, name: &str) -> Option<&Store> {
        self.stores.get(name)
    }

    /// The table whose rows a path names: `leads`.
    pub(crate) fn by_set(&self, set: &str) -> Outcome<&Store> {
        let mut stores = self.stores.values();
        stores
            .find(|store| store.table.set == set)
            .ok_or_else(|| Failure::no_resource(set))
    }

    /// Who an application is in this organization.
    pub(crate) fn member(&self, client: &str) -> Outcome<Caller> {
        let mut users = self.stores["systemuser"].rows();
        let own = users.find(|row| row.get("applicationid") == json!(client));
        let user = own.map(|row| row.id).ok_or_else(|| {
            Failure::new(
                403,
                "0x80072560",
                "The user is not a member of the organization.",
            )
        })?;
        match self.privileges.get(&user) {
            Some(privileges) if !privileges.is_empty() => Ok(Caller {
                user,
                privileges: Some(privileges.clone()),
            }),
            _ => Err(Failure::new(
                403,
                "0x80042F09",
                "The user has not been assigned any roles.",
            )),
        }
    }

    /// Writes a row as it is now to be; answers its version.
    pub(crate) fn write(&mut self, table: &'static str, id: Uuid, values: BTreeMap<String, Value>) {
        self.version += 1;
        let mut values = values;
        values.insert("versionnumber".to_owned(), json!(self.version));
        let row = Row {
            id,
            version: self.version,
            values,
        };
        let existed = self.replace(table, id, Some(row));
        let what = if existed { "updated" } else { "created" };
        self.wrote.push((what, format!("{table} {id}")));
    }

    /// Takes a row away; answers whether there was one.
    pub(crate) fn delete(&mut self, table: &'static str, id: Uuid) -> bool {
        let existed = self.replace(table, id, None);
        if existed {
            self.wrote.push(("deleted", format!("{table} {id}")));
        }
        existed
    }

    fn replace(&mut self, table: &'static str, id: Uuid, row: Option<Row>) -> bool {
        let Some(store) = self.stores.get_mut(table) else {
            return false;
        };
        let before = store.put(id, row);
        let existed = before.is_some();
        if let Some(undo) = &mut self.undo {
            undo.push((table, id, before));
        }
        existed
    }

    /// Does all of something or nothing of it.
    pub(crate) fn atomically<T>(
        &mut self,
        work: impl FnOnce(&mut Organization) -> Outcome<T>,
    ) -> Outcome<T> {
        let wrote = self.wrote.len();
        self.undo = Some(Vec::new());
        let done = work(self);
        let undo = self.undo.take().unwrap_or_default();
        if done.is_err() {
            self.wrote.truncate(wrote);
            for (table, id, before) in undo.into_iter().rev() {
                if let Some(store) = self.stores.get_mut(table) {
                    store.put(id, before);
                }
            }
        }
        done
    }

    /// The text that stands for a row in other rows.
    pub(crate) fn name_of(&self, lookup: &Value) -> Option<String> {
        let store = self.store(lookup["table"].as_str()?)?;
        let row = store.row(lookup["id"].as_str()?.parse().ok()?)?;
        row.get(store.table.primary_name)
            .as_str()
            .map(str::to_owned)
    }

    /// What a person reads instead of a value, where that differs.
    pub(crate) fn formatted(&self, table: &Table, column: &str, value: &Value) -> Option<String> {
        let column = table.columns.get(column)?;
        let choice = |value: i64| {
            let mut choices = column.choices()?.iter();
            choices.find(|choice| choice.value == value)
        };
        match &column.kind {
            Kind::Lookup { .. } => self.name_of(value),
            Kind::Boolean { yes, no, .. } => {
                let label = if value.as_bool()? { yes } else { no };
                Some(label.text().to_owned())
            }
            Kind::Choices { .. } => {
                let values = value.as_str()?.split(',');
                let labels = values.filter_map(|value| choice(value.parse().ok()?));
                let labels: Vec<&str> = labels.map(|choice| choice.label.text()).collect();
                Some(labels.join("; "))
            }
            Kind::Choice { .. } | Kind::State { .. } | Kind::Status { .. } => {
                choice(value.as_i64()?).map(|choice| choice.label.text().to_owned())
            }
            Kind::Integer { .. }
            | Kind::Money { .. }
            | Kind::Decimal { .. }
            | Kind::Date { .. } => Some(
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned),
            ),
            _ => None,
        }
    }
}
