//! Writing rows: create, update, upsert, delete, and the conditions on them (specification 2.2 to 2.4).

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::address::Options;
use super::context::{Context, Means};
use super::errors::{Failure, Outcome};
use super::organization::Row;
use super::schema::{Kind, Table};
use super::values::{self, Changes};
use super::{rules, text};
use crate::calendar::timestamp;
use crate::server::Reply;

type Body = Map<String, Value>;

impl Context<'_> {
    /// POST to a set.
    pub(super) fn post(&mut self, table: &Table, body: &Body, options: &Options) -> Outcome<Reply> {
        let id = self.create(table, body, &Means::Id(Uuid::nil()))?;
        let means = Means::Id(id);
        self.written(201, table, &means, id, options)
    }

    /// PATCH of a row: update, or create what is not there, as the conditions allow.
    pub(super) fn patch(
        &mut self,
        table: &Table,
        means: &Means,
        body: &Body,
        options: &Options,
    ) -> Outcome<Reply> {
        let existing = self.find(table, means)?;
        match existing {
            Some(row) => {
                if self.wishes.if_none_match.as_deref() == Some("*") {
                    return Err(Failure::new(
                        412,
                        &self.faults.exists_code,
                        "A record with matching key values already exists.",
                    ));
                }
                self.same_version(&row)?;
                self.update(table, &row, body)?;
                self.written(200, table, means, row.id, options)
            }
            None => {
                if self.wishes.if_match.is_some() {
                    return Err(Self::absent(table, means));
                }
                let id = self.create(table, body, means)?;
                self.written(201, table, means, id, options)
            }
        }
    }

    /// PUT of one property.
    pub(super) fn put_property(
        &mut self,
        table: &Table,
        row: &Row,
        property: &str,
        value: Value,
    ) -> Outcome<Reply> {
        table
            .readable(property)
            .ok_or_else(|| Failure::no_resource(property))?;
        self.same_version(row)?;
        let body = Body::from_iter([(property.to_owned(), value)]);
        self.update(table, row, &body)?;
        Ok(Reply::empty(204))
    }

    /// DELETE of a row.
    pub(super) fn delete(&mut self, table: &Table, row: &Row) -> Outcome<Reply> {
        self.caller.require("Delete", table)?;
        self.same_version(row)?;
        self.organization.delete(table.name, row.id);
        Ok(Reply::empty(204))
    }

    fn same_version(&self, row: &Row) -> Outcome<()> {
        match self.wishes.if_match.as_deref() {
            None | Some("*") => Ok(()),
            Some(etag) if etag == row.etag() => Ok(()),
            Some(_) => Err(Failure::new(
                412,
                "0x80060882",
                "The version of the existing record doesn't match the RowVersion property provided.",
            )),
        }
    }

    /// 204 with the address, or the row itself for whoever prefers it.
    fn written(
        &self,
        status: u16,
        table: &Table,
        means: &Means,
        id: Uuid,
        options: &Options,
    ) -> Outcome<Reply> {
        if !self.wishes.representation {
            let address = self.address(table, means);
            let reply = Reply::empty(204).with("odata-entityid", address.clone());
            return Ok(match status {
                201 => reply.with("location", address),
                _ => reply,
            });
        }
        let row = self
            .organization
            .store(table.name)
            .and_then(|store| store.row(id));
        let row = row.ok_or_else(|| Failure::no_row(table.name, &id.to_string()))?;
        let reply = self.representation(status, table, row, options.select.as_deref())?;
        Ok(reply.with("preference-applied", "return=representation"))
    }

    /// Creates a row; its id is the one that is meant, the one in the body, or a new one.
    fn create(&mut self, table: &Table, body: &Body, means: &Means) -> Outcome<Uuid> {
        self.caller.require("Create", table)?;
        let mut changes = values::read(self.organization, table, body, true)?;
        self.require_lookups(table, &changes)?;
        let id = match means {
            Means::Id(id) if !id.is_nil() => *id,
            Means::Alternate(pairs) => {
                // The body wins over the address.
                for (name, value) in pairs {
                    changes.entry(name.clone()).or_insert_with(|| json!(value));
                }
                own_id(table, &changes)
            }
            Means::Id(_) => own_id(table, &changes),
        };
        let mut row = self.defaults(table);
        if let Some(day) = changes
            .get("overriddencreatedon")
            .filter(|day| !day.is_null())
        {
            self.caller.demand("prvOverrideCreatedOnCreatedBy", table)?;
            let day = day.as_str().unwrap_or_default();
            row.insert("createdon".to_owned(), json!(format!("{day}T00:00:00Z")));
        }
        row.extend(changes);
        row.insert(table.key.to_owned(), json!(id.to_string()));
        let exists = self
            .organization
            .store(table.name)
            .and_then(|store| store.row(id));
        if exists.is_some() {
            return Err(Failure::new(
                412,
                "0x80040237",
                "A record with matching key values already exists. Cannot insert duplicate key.",
            ));
        }
        self.save(table, id, row)?;
        Ok(id)
    }

    fn update(&mut self, table: &Table, row: &Row, body: &Body) -> Outcome<()> {
        self.caller.require("Write", table)?;
        let changes = values::read(self.organization, table, body, false)?;
        self.require_lookups(table, &changes)?;
        let mut after = row.values.clone();
        rules::state(table, &mut after, &changes)?;
        after.extend(changes);
        self.save(table, row.id, after)
    }

    /// What the server itself knows about a new row.
    fn defaults(&self, table: &Table) -> Changes {
        let mut row = Changes::new();
        for column in table.columns.values() {
            let value = match &column.kind {
                Kind::Boolean { default, .. } => json!(default),
                Kind::Choice { default, .. } if *default >= 0 => json!(default),
                Kind::State { choices } => json!(choices.first().map(|choice| choice.value)),
                Kind::Status { choices } => json!(choices.first().map(|choice| choice.value)),
                _ => continue,
            };
            row.insert(column.name.clone(), value);
        }
        if table.columns.contains_key("ownerid") {
            let me = json!({ "table": "systemuser", "id": self.caller.user });
            row.insert("ownerid".to_owned(), me.clone());
            row.insert("createdby".to_owned(), me);
            let unit =
                json!({ "table": "businessunit", "id": crate::dynamics::known::BUSINESS_UNIT });
            row.insert("owningbusinessunit".to_owned(), unit);
            row.insert("createdon".to_owned(), json!(timestamp(self.now)));
        }
        row
    }

    /// Pointing to a row takes rights on both sides; giving one away takes another.
    fn require_lookups(&self, table: &Table, changes: &Changes) -> Outcome<()> {
        for value in changes.iter().filter(|(_, value)| value.is_object()) {
            let (name, value) = value;
            if name == "ownerid" {
                self.caller.require("Assign", table)?;
                continue;
            }
            self.caller.require("Append", table)?;
            let target = value["table"].as_str().unwrap_or_default();
            if let Some(store) = self.organization.store(target) {
                self.caller.require("AppendTo", &store.table)?;
            }
        }
        Ok(())
    }

    /// The rules of the table and of the customer, then the write.
    fn save(&mut self, table: &Table, id: Uuid, mut row: Changes) -> Outcome<()> {
        rules::required(table, &row)?;
        rules::full_name(table, &mut row);
        rules::plugins(self.faults, &row)?;
        self.unique_keys(table, id, &row)?;
        self.unlike_others(table, id, &row)?;
        if table.columns.contains_key("modifiedon") {
            let me = json!({ "table": "systemuser", "id": self.caller.user });
            row.insert("modifiedby".to_owned(), me);
            row.insert("modifiedon".to_owned(), json!(timestamp(self.now)));
        }
        self.organization.write(table.name, id, row);
        Ok(())
    }

    /// Alternate keys are unique; a row in which a column of the key is empty collides with none.
    fn unique_keys(&mut self, table: &Table, id: Uuid, row: &Changes) -> Outcome<()> {
        let Some(store) = self.organization.stores.get_mut(table.name) else {
            return Ok(());
        };
        let folded = |value: Option<&Value>| match value {
            Some(Value::String(value)) => Some(text::fold(value)),
            Some(Value::Null) | None => None,
            Some(other) => Some(other.to_string()),
        };
        for key in &table.keys {
            let own: Option<Vec<String>> = key
                .columns
                .iter()
                .map(|column| folded(row.get(column)))
                .collect();
            let Some(own) = own else {
                continue;
            };
            let same = |other: &&Row| {
                let theirs = key.columns.iter();
                let theirs: Option<Vec<String>> = theirs
                    .map(|column| folded(other.values.get(column)))
                    .collect();
                other.id != id && theirs.as_ref() == Some(&own)
            };
            let text = key.columns.iter().find_map(|column| {
                let value = row.get(column)?.as_str()?;
                Some((column, value))
            });
            let rows = match text {
                Some((column, value)) => store.with(column, value),
                None => store.rows().collect(),
            };
            if let Some(other) = rows.into_iter().find(same) {
                return Err(rules::key_violated(key, &other.id.to_string()));
            }
        }
        Ok(())
    }

    /// The customer's rule about duplicates counts only for whoever asks for it.
    fn unlike_others(&mut self, table: &Table, id: Uuid, row: &Changes) -> Outcome<()> {
        if !self.wishes.detect_duplicates || !self.faults.duplicate_rule || table.name != "lead" {
            return Ok(());
        }
        let Some(email) = row.get("emailaddress1").and_then(Value::as_str) else {
            return Ok(());
        };
        let Some(store) = self.organization.stores.get_mut(table.name) else {
            return Ok(());
        };
        let same = store.with("emailaddress1", email);
        match same.iter().any(|other| other.id != id) {
            true => Err(Failure::new(
                412,
                "0x80040333",
                "A record was not created or updated because a duplicate of the current record already exists.",
            )),
            false => Ok(()),
        }
    }
}

fn own_id(table: &Table, changes: &Changes) -> Uuid {
    let chosen = changes.get(table.key).and_then(Value::as_str);
    chosen
        .and_then(|id| id.parse().ok())
        .unwrap_or_else(Uuid::new_v4)
}
