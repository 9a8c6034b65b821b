//! What a person changes in a lead by hand: fields, owner, whether it is open.
//!
//! An administrator edits every lead, a salesperson their own. What was changed stands in the lead's
//! history with the person's name. The audit log names only the fields, never their values: those
//! are somebody's answers.
//!
//! Where leads live in an organization, only what is read there can be changed here: nobody overwrites
//! what they could not see.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use serde_json::json;

use super::access::{Actor, Salesperson};
use super::audit::{Action, Event, record};
use super::lead_fields::lead_fields;
use super::leads::{find_leads, save_keys, update_leads};
use super::match_fields::match_fields;
use super::people::Person;
use super::{Store, execute, placeholders, row, rows, text};
use crate::crm::asking::asked;
use crate::edit::{edit as apply, problem};
use crate::error::{Error, Kind, Result};
use crate::lead::{Change, Fields, Lead, LeadField, LeadFields};
use crate::plan::lead_keys;

/// What a lead is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadEdit {
    /// All fields by logical name; one that is blank or missing is emptied.
    pub fields: Fields,
    /// Who works on it.
    pub owner: Option<i64>,
    /// Whether submissions may still change it.
    pub open: bool,
    /// The version of the lead that the person saw.
    pub version: i64,
}

impl LeadEdit {
    /// What is wrong, by the field's logical name. What the lead holds already may stay, and so may
    /// nothing: an organization can have a value that Leadline does not know.
    #[must_use]
    pub fn problems(&self, fields: &LeadFields, before: &Fields) -> Vec<(String, String)> {
        let typed = self.fields.iter();
        typed
            .filter(|(name, value)| before.get(*name).map_or("", String::as_str) != value.trim())
            .filter_map(|(name, value)| Some((name.clone(), problem(fields.get(name)?, value)?)))
            .collect()
    }

    /// A field that is filled and cannot be changed here.
    fn beyond<'a>(&self, all: &'a LeadFields, editable: &LeadFields) -> Option<&'a LeadField> {
        let filled = |name: &str| self.fields.get(name).is_some_and(|v| !v.trim().is_empty());
        let mut beyond = all.iter().filter(|f| editable.get(&f.name).is_none());
        beyond.find(|field| filled(&field.name))
    }
}

/// What is said of a field that cannot be changed here.
pub const UNREAD: &str = "Leadline does not read this column of Dynamics 365. Change it there.";

impl Store {
    /// The fields of a lead that can be changed here: where leads live in an organization those that
    /// are read there, and those that the lead holds.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn editable_fields(&self, lead: &Fields) -> Result<LeadFields> {
        let read = self.read_fields().await?;
        Ok(editable(&self.lead_fields().await?, read.as_ref(), lead))
    }

    /// The fields that are read of each lead of the organization; `None` where leads live here.
    async fn read_fields(&self) -> Result<Option<BTreeSet<String>>> {
        if !self.lives_elsewhere().await? {
            return Ok(None);
        }
        let strategies = self.list_active_strategies().await?;
        let mappings = self.list_mappings().await?;
        let fields = self.lead_fields().await?;
        Ok(Some(asked(&fields, &strategies, &mappings)))
    }
}

fn editable(all: &LeadFields, read: Option<&BTreeSet<String>>, lead: &Fields) -> LeadFields {
    match read {
        Some(read) => all.only(&read.iter().chain(lead.keys()).cloned().collect()),
        None => all.clone(),
    }
}

impl Salesperson {
    /// Changes a lead; tells whether there was anything to change.
    ///
    /// # Errors
    /// When the lead does not exist or is not the person's to edit, a field is wrong or not read, the
    /// owner may own nothing, or somebody else changed the lead meanwhile.
    pub async fn edit_lead(&self, id: i64, edit: &LeadEdit, now: i64) -> Result<bool> {
        let read = self.store().read_fields().await?;
        let tx = self.store().begin_alone().await?;
        let all = lead_fields(&tx).await?;
        let found = find_leads(&tx, &BTreeSet::new(), &BTreeSet::from([id])).await?;
        let found = found.into_iter().next();
        let mut lead = found
            .filter(|lead| may_edit(self.person(), lead.owner))
            .ok_or_else(|| Error::not_found("lead"))?;
        if lead.version != edit.version {
            return Err(changed_meanwhile());
        }
        let fields = editable(&all, read.as_ref(), &lead.fields);
        if let Some(field) = edit.beyond(&all, &fields) {
            return Err(Error::invalid(format!("{}: {UNREAD}", field.label)));
        }
        if let Some((field, problem)) = edit.problems(&fields, &lead.fields).into_iter().next() {
            return Err(Error::invalid(format!("{field}: {problem}")));
        }
        let before = lead.clone();
        let mut changes = apply(&fields, &mut lead, &edit.fields, now);
        lead.open = edit.open;
        lead.owner = edit.owner;
        changes.extend(self.other_changes(&tx, &before, &lead).await?);
        if changes.is_empty() {
            return Ok(false);
        }
        lead.version += 1;
        lead.modified_at = now;
        let keys = lead_keys(&match_fields(&tx).await?, &lead.fields);
        update_leads(&tx, &[&lead]).await?;
        save_keys(&tx, &[(id, keys)]).await?;
        if before.owner != lead.owner {
            let sql = "UPDATE submission SET owner_id = $1 WHERE lead_id = $2";
            execute(&tx, sql, [lead.owner.into(), id.into()]).await?;
        }
        self.note(&tx, &lead, &changes, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The owner and the state, as far as they change, in words.
    async fn other_changes(
        &self,
        tx: &impl ConnectionTrait,
        before: &Lead,
        after: &Lead,
    ) -> Result<Vec<Change>> {
        let mut changes = Vec::new();
        if before.owner != after.owner {
            if let Some(new) = after.owner {
                check_owner(self.store(), new).await?;
            }
            let (old, new) = (
                name_of(tx, before.owner).await?,
                name_of(tx, after.owner).await?,
            );
            changes.push(change("ownerid", old, new));
        }
        if before.open != after.open {
            let word = |open: bool| Some(if open { "Open" } else { "Closed" }.to_owned());
            changes.push(change("statecode", word(before.open), word(after.open)));
        }
        Ok(changes)
    }

    /// Writes the change into the lead's history and its fields into the audit log.
    async fn note(
        &self,
        tx: &impl ConnectionTrait,
        lead: &Lead,
        changes: &[Change],
        now: i64,
    ) -> Result<()> {
        let note = Note {
            lead: lead.id,
            kind: NoteKind::Edited,
            about: None,
            changes,
        };
        note.write(tx, self.actor(), now).await?;
        let fields: Vec<&str> = changes.iter().map(|change| change.field.as_str()).collect();
        let name = lead.id.to_string();
        let event =
            Event::new(Action::Changed, "lead", lead.id, &name).after(json!({ "changed": fields }));
        record(tx, self.actor(), event, now).await
    }
}

/// What a person did to a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteKind {
    /// Its fields, its owner or its state were edited.
    Edited,
    /// Another lead was merged into it.
    Merged,
    /// That was undone.
    Unmerged,
    /// What a submission had changed was taken back.
    Reverted,
}

impl NoteKind {
    /// The word for it in the database.
    pub(super) fn slug(self) -> &'static str {
        match self {
            NoteKind::Edited => "edited",
            NoteKind::Merged => "merged",
            NoteKind::Unmerged => "unmerged",
            NoteKind::Reverted => "reverted",
        }
    }
}

/// An entry in a lead's history that a person is the cause of.
#[derive(Debug)]
pub(super) struct Note<'a> {
    /// The lead.
    pub(super) lead: i64,
    /// What was done.
    pub(super) kind: NoteKind,
    /// The other lead, or the submission.
    pub(super) about: Option<i64>,
    /// The fields before and after.
    pub(super) changes: &'a [Change],
}

impl Note<'_> {
    /// Writes it.
    pub(super) async fn write(
        &self,
        db: &impl ConnectionTrait,
        actor: &Actor,
        now: i64,
    ) -> Result<()> {
        let sql = "INSERT INTO lead_edit (lead_id, at, actor, kind, about_id, changes) VALUES ($1, $2, $3, $4, $5, $6)";
        let values = [
            self.lead.into(),
            now.into(),
            text(actor.name()),
            self.kind.slug().into(),
            self.about.into(),
            text(&super::json(&self.changes)?),
        ];
        execute(db, sql, values).await?;
        Ok(())
    }
}

/// Whether somebody may edit a lead that has this owner.
#[must_use]
pub fn may_edit(person: &Person, owner: Option<i64>) -> bool {
    person.administrator || (person.salesperson && owner == Some(person.id))
}

fn change(field: &str, before: Option<String>, after: Option<String>) -> Change {
    Change {
        field: field.to_owned(),
        before,
        after,
    }
}

#[derive(FromQueryResult)]
struct Named {
    name: String,
}

/// Makes sure that somebody may own leads.
pub(super) async fn check_owner(store: &Store, id: i64) -> Result<()> {
    match store.find_active_person(id).await? {
        Some(person) if person.salesperson || person.administrator => Ok(()),
        _ => Err(Error::invalid(
            "owner: this person does not exist or may work on no leads. Choose another one.",
        )),
    }
}

#[derive(FromQueryResult)]
struct Owner {
    id: i64,
    email_key: String,
}

impl Store {
    /// Those who may own leads among the people with these e-mail addresses, by address in the form in
    /// which addresses are compared.
    pub(crate) async fn find_owners(
        &self,
        email_keys: impl Iterator<Item = &String>,
    ) -> Result<BTreeMap<String, i64>> {
        let keys: Vec<Value> = email_keys.map(|key| text(key)).collect();
        let mut owners = BTreeMap::new();
        for some in keys.chunks(500) {
            let list = placeholders(1, &vec![""; some.len()], 1);
            let sql = format!(
                "SELECT id, email_key FROM person WHERE email_key IN {list} AND NOT disabled \
                   AND (salesperson OR administrator)"
            );
            let found = rows::<Owner>(self.reading(), &sql, some.iter().cloned()).await?;
            owners.extend(found.into_iter().map(|owner| (owner.email_key, owner.id)));
        }
        Ok(owners)
    }
}

/// Somebody's name; `None` for nobody.
pub(super) async fn name_of(db: &impl ConnectionTrait, id: Option<i64>) -> Result<Option<String>> {
    let sql = "SELECT name FROM person WHERE id = $1";
    let found = row::<Named>(db, sql, [id.into()]).await?;
    Ok(found.map(|person| person.name))
}

fn changed_meanwhile() -> Error {
    Error::new(
        Kind::Conflict,
        "The lead was changed meanwhile. Nothing of yours is saved yet.",
    )
}
