//! The fields that leads can have: in the built-in store the standard ones and those that
//! administrators added, in Dynamics 365 the columns of the organization.
//!
//! A logical name is given once: a deleted field stays in its table, so that no other field ever
//! gets the values that leads still hold under its name.

use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};
use serde_json::{Value as Json, json};

use super::access::Administrator;
use super::audit::{Action, Event, record};
use super::crm::active_table;
use super::{Store, execute, from_json, json as to_json, row, rows, text};
use crate::crm::fields;
use crate::error::{Error, Kind, Result};
use crate::lead::{CustomField, FieldKind, LeadField, LeadFields, MOST_CUSTOM};

const NOUN: &str = "lead field";

#[derive(FromQueryResult)]
pub(super) struct FieldRow {
    pub(super) id: i64,
    name: String,
    label: String,
    kind: String,
    max_length: i64,
    choices: String,
    pub(super) version: i64,
}

/// The columns of a [`FieldRow`], of the fields that are there.
pub(super) const FIELDS: &str = "SELECT id, name, label, kind, max_length, choices, version \
     FROM lead_field WHERE deleted_at IS NULL";

/// An added field with the version of it that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionedField {
    /// Leadline's id.
    pub id: i64,
    /// The field.
    pub field: LeadField,
    /// Grows with every change.
    pub version: i64,
}

impl Store {
    /// The fields that a lead of the CRM in use can have.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn lead_fields(&self) -> Result<LeadFields> {
        lead_fields(self.reading()).await
    }
}

/// The fields that a lead of the CRM in use can have.
pub(crate) async fn lead_fields(db: &impl ConnectionTrait) -> Result<LeadFields> {
    match active_table(db).await? {
        Some(table) => Ok(fields::lead_fields(&table)),
        None => builtin_fields(db).await,
    }
}

/// The fields that a lead of the built-in store can have.
async fn builtin_fields(db: &impl ConnectionTrait) -> Result<LeadFields> {
    let found = rows::<FieldRow>(db, &format!("{FIELDS} ORDER BY id"), []).await?;
    let custom = found.into_iter().map(|row| Ok(row.read()?.field));
    let custom = custom.collect::<Result<Vec<LeadField>>>()?;
    let standard = LeadFields::standard();
    Ok(standard.iter().cloned().chain(custom).collect())
}

impl Administrator {
    /// Adds a field, and tells how it is.
    ///
    /// # Errors
    /// When it cannot be one, there are too many already, or leads live elsewhere.
    pub async fn create_lead_field(&self, new: &CustomField, now: i64) -> Result<VersionedField> {
        let tx = self.begin_rules().await?;
        if active_table(&tx).await?.is_some() {
            return Err(elsewhere());
        }
        let fields = builtin_fields(&tx).await?;
        refuse(new.problems(&fields, None))?;
        if fields.iter().filter(|field| field.custom).count() >= MOST_CUSTOM {
            return Err(Error::invalid(format!(
                "There are {MOST_CUSTOM} fields of your own already, the most that there can be."
            )));
        }
        let name = free_name(&tx, new, &fields).await?;
        let sql = "INSERT INTO lead_field (name, label, kind, max_length, choices, version, created_at, modified_at) \
             VALUES ($1, $2, $3, $4, $5, 1, $6, $6) RETURNING id";
        let values = [
            text(&name),
            text(&new.label),
            new.kind.slug().into(),
            length(new)?.into(),
            to_json(&new.choices)?.into(),
            now.into(),
        ];
        let made = row::<MadeRow>(&tx, sql, values).await?;
        let made = made.ok_or_else(|| Error::internal("a lead field has no id"))?;
        let made = find(&tx, made.id).await?;
        let event = Event::new(Action::Created, NOUN, made.id, &made.field.label);
        record(&tx, self.actor(), event.after(told(&made.field)), now).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// Changes what a field is called, its length and its choices, unless somebody did so since this
    /// version was read. What leads hold stays as it is.
    ///
    /// # Errors
    /// When it cannot be so, is gone, or was changed meanwhile.
    pub async fn save_lead_field(
        &self,
        id: i64,
        version: i64,
        new: &CustomField,
        now: i64,
    ) -> Result<()> {
        let tx = self.begin_rules().await?;
        let old = find(&tx, id).await?;
        if old.version != version {
            return Err(changed_meanwhile());
        }
        if new.kind != old.field.kind {
            return Err(Error::invalid(
                "What a field holds cannot be changed. Add another field.",
            ));
        }
        refuse(new.problems(&builtin_fields(&tx).await?, Some(&old.field.name)))?;
        let sql = "UPDATE lead_field SET label = $1, max_length = $2, choices = $3, modified_at = $4, \
             version = version + 1 WHERE id = $5";
        let values = [
            text(&new.label),
            length(new)?.into(),
            to_json(&new.choices)?.into(),
            now.into(),
            id.into(),
        ];
        execute(&tx, sql, values).await?;
        let stands = find(&tx, id).await?.field;
        let event = Event::new(Action::Changed, NOUN, id, &stands.label);
        let event = event.before(told(&old.field)).after(told(&stands));
        record(&tx, self.actor(), event, now).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes a field that no rule uses. What leads hold in it stays on them.
    ///
    /// # Errors
    /// When there is no such field, or a mapping or a strategy uses it.
    pub async fn delete_lead_field(&self, id: i64, now: i64) -> Result<()> {
        let tx = self.begin_rules().await?;
        let old = find(&tx, id).await?.field;
        keep_used(&tx, &old).await?;
        let sql = "UPDATE lead_field SET deleted_at = $1 WHERE id = $2";
        execute(&tx, sql, [now.into(), id.into()]).await?;
        let event = Event::new(Action::Deleted, NOUN, id, &old.label);
        record(&tx, self.actor(), event.before(told(&old)), now).await?;
        Ok(tx.commit().await?)
    }
}

#[derive(FromQueryResult)]
struct MadeRow {
    id: i64,
}

#[derive(FromQueryResult)]
struct NameRow {
    name: String,
}

async fn find(db: &impl ConnectionTrait, id: i64) -> Result<VersionedField> {
    let found = row::<FieldRow>(db, &format!("{FIELDS} AND id = $1"), [id.into()]).await?;
    found.ok_or_else(|| Error::not_found(NOUN))?.read()
}

/// A logical name that no field has or had.
async fn free_name(
    tx: &DatabaseTransaction,
    new: &CustomField,
    fields: &LeadFields,
) -> Result<String> {
    let given = rows::<NameRow>(tx, "SELECT name FROM lead_field", []).await?;
    let taken = |name: &str| fields.get(name).is_some() || given.iter().any(|row| row.name == name);
    Ok(new.name(taken))
}

/// Refuses to go on when a mapping fills the field or a strategy compares it.
async fn keep_used(tx: &DatabaseTransaction, field: &LeadField) -> Result<()> {
    let usage = super::views::lead_fields::usage(tx).await?;
    let rules = [
        (usage.mappings(&field.name), "a field mapping fills it"),
        (
            usage.strategies(&field.name),
            "a matching strategy compares it",
        ),
    ];
    match rules.iter().find(|(count, _)| *count > 0) {
        Some((_, why)) => Err(Error::new(
            Kind::Conflict,
            format!(
                "{} cannot be deleted: {why}. Change or delete that first.",
                field.label
            ),
        )),
        None => Ok(()),
    }
}

fn refuse(problems: Vec<(&'static str, String)>) -> Result<()> {
    match problems.into_iter().next() {
        Some((_, message)) => Err(Error::invalid(message)),
        None => Ok(()),
    }
}

fn length(field: &CustomField) -> Result<i64> {
    i64::try_from(field.max_length).map_err(Error::internal)
}

fn elsewhere() -> Error {
    Error::new(
        Kind::Conflict,
        "Leads live in Dynamics 365. Add the column there, then read the fields again on the CRM page.",
    )
}

fn changed_meanwhile() -> Error {
    Error::new(
        Kind::Conflict,
        "Somebody changed this field since you opened it. This is how it stands now: make your change again.",
    )
}

/// The field as the audit log tells it.
fn told(field: &LeadField) -> Json {
    json!({
        "name": field.name,
        "label": field.label,
        "kind": field.kind.slug(),
        "max_length": field.max_length,
        "choices": field.choices,
    })
}

impl FieldRow {
    pub(super) fn read(self) -> Result<VersionedField> {
        let kind = FieldKind::parse(&self.kind)
            .ok_or_else(|| Error::internal(format!("the unknown kind of field {:?}", self.kind)))?;
        Ok(VersionedField {
            id: self.id,
            version: self.version,
            field: LeadField {
                name: self.name,
                label: self.label,
                kind,
                max_length: usize::try_from(self.max_length).map_err(Error::internal)?,
                choices: from_json(&self.choices)?,
                required: false,
                custom: true,
                findable: true,
            },
        })
    }
}
