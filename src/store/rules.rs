//! Matching strategies and field mappings in the database.

use sea_orm::{FromQueryResult, Value};

use super::access::Actor;
use super::audit::{Action, Event, record};
use super::match_fields::ensure_match_fields;
use super::{Store, execute, from_json, json, row, rows, text};
use crate::error::{Error, Result};
use crate::lead::Policy;
use crate::mapping::{FieldMapping, Source, TooLong, default_mappings};
use crate::matching::{Contacts, Otherwise, Several, Strategy, default_strategy};

#[derive(FromQueryResult)]
pub(crate) struct StrategyRow {
    id: i64,
    name: String,
    fields: String,
    always_create: bool,
    several: String,
    partial: String,
    closed: String,
    contacts: String,
    scope: String,
}

/// The columns of a [`StrategyRow`].
pub(crate) const STRATEGY: &str =
    "id, name, fields, always_create, several, partial, closed, contacts, scope";

#[derive(FromQueryResult)]
pub(crate) struct MappingRow {
    id: i64,
    source_kind: String,
    source_key: String,
    lead_field: String,
    policy: String,
    form_linkedin_id: Option<i64>,
    steps: String,
    too_long: String,
}

/// The columns of a [`MappingRow`].
pub(crate) const MAPPING: &str =
    "id, source_kind, source_key, lead_field, policy, form_linkedin_id, steps, too_long";

impl Store {
    /// Puts the default strategy and the default mappings in place, once, and sees to it that leads can
    /// be found by what the active strategies compare.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) async fn seed_rules(&self, now: i64) -> Result<()> {
        self.seed_defaults(now).await?;
        for strategy in self.list_active_strategies().await? {
            ensure_match_fields(self.writing(), &strategy.fields).await?;
        }
        Ok(())
    }

    async fn seed_defaults(&self, now: i64) -> Result<()> {
        let tx = self.begin().await?;
        let seeded = "INSERT INTO setting (name, value) VALUES ('rules_seeded', 'true') ON CONFLICT (name) DO NOTHING";
        if execute(&tx, seeded, []).await? == 0 {
            return Ok(tx.rollback().await?);
        }
        let strategy = default_strategy();
        insert_strategy(&tx, 1, true, &strategy, now).await?;
        let mappings = default_mappings();
        for (position, mapping) in mappings.iter().enumerate() {
            insert_mapping(&tx, position as i64 + 1, mapping, now).await?;
        }
        let event = Event::new(Action::Created, "matching strategy", None, &strategy.name)
            .after(serde_json::json!({ "fields": strategy.fields }));
        record(&tx, &Actor::Engine, event, now).await?;
        let event = Event::new(Action::Created, "field mappings", None, "of the beginning")
            .after(serde_json::json!({ "mappings": mappings.len() }));
        record(&tx, &Actor::Engine, event, now).await?;
        Ok(tx.commit().await?)
    }

    /// The active strategies, in the order in which they are tried.
    ///
    /// # Errors
    /// When the database cannot be reached or holds an unknown word.
    pub async fn list_active_strategies(&self) -> Result<Vec<Strategy>> {
        let sql =
            format!("SELECT {STRATEGY} FROM matching_strategy WHERE active ORDER BY position, id");
        let found = rows::<StrategyRow>(self.reading(), &sql, []).await?;
        found.into_iter().map(StrategyRow::read).collect()
    }

    /// The field mappings, in order.
    ///
    /// # Errors
    /// When the database cannot be reached or holds an unknown word.
    pub async fn list_mappings(&self) -> Result<Vec<FieldMapping>> {
        mappings(self.reading()).await
    }
}

/// The field mappings, in order.
pub(crate) async fn mappings(db: &impl sea_orm::ConnectionTrait) -> Result<Vec<FieldMapping>> {
    let sql = format!("SELECT {MAPPING} FROM field_mapping ORDER BY position, id");
    let found = rows::<MappingRow>(db, &sql, []).await?;
    found.into_iter().map(MappingRow::read).collect()
}

/// Writes a new strategy at a place of the order, and tells its id.
pub(crate) async fn insert_strategy(
    db: &impl sea_orm::ConnectionTrait,
    position: i64,
    active: bool,
    strategy: &Strategy,
    now: i64,
) -> Result<i64> {
    let sql = "INSERT INTO matching_strategy (name, position, active, fields, always_create, contact_creation, several, \
         partial, closed, contacts, scope, version, created_at, modified_at) \
         VALUES ($1, $2, $3, $4, $5, TRUE, $6, $7, $8, $9, $10, 1, $11, $11) RETURNING id";
    let values: [Value; 11] = [
        text(strategy.name.trim()),
        position.into(),
        active.into(),
        json(&strategy.fields)?.into(),
        strategy.always_create.into(),
        strategy.several.slug().into(),
        strategy.partial.slug().into(),
        strategy.closed.slug().into(),
        strategy.contacts.slug().into(),
        json(&strategy.scope)?.into(),
        now.into(),
    ];
    let made = row::<MadeRow>(db, sql, values).await?;
    let made = made.ok_or_else(|| Error::internal("a strategy has no id"))?;
    Ok(made.id)
}

/// Writes a new mapping at a place of the order, and tells its id.
pub(crate) async fn insert_mapping(
    db: &impl sea_orm::ConnectionTrait,
    position: i64,
    mapping: &FieldMapping,
    now: i64,
) -> Result<i64> {
    let sql = "INSERT INTO field_mapping (position, source_kind, source_key, lead_field, policy, version, created_at, \
         modified_at, form_linkedin_id, steps, too_long) VALUES ($1, $2, $3, $4, $5, 1, $6, $6, $7, $8, $9) RETURNING id";
    let values: [Value; 9] = [
        position.into(),
        mapping.source.kind().into(),
        text(mapping.source.key()),
        text(&mapping.lead_field),
        mapping.policy.slug().into(),
        now.into(),
        mapping.form.into(),
        json(&mapping.steps)?.into(),
        mapping.too_long.slug().into(),
    ];
    let made = row::<MadeRow>(db, sql, values).await?;
    let made = made.ok_or_else(|| Error::internal("a mapping has no id"))?;
    Ok(made.id)
}

#[derive(FromQueryResult)]
struct MadeRow {
    id: i64,
}

impl StrategyRow {
    pub(crate) fn read(self) -> Result<Strategy> {
        Ok(Strategy {
            id: self.id,
            fields: from_json(&self.fields)?,
            always_create: self.always_create,
            several: Several::parse(&self.several).ok_or_else(|| unknown(&self.several))?,
            partial: Otherwise::parse(&self.partial).ok_or_else(|| unknown(&self.partial))?,
            closed: Otherwise::parse(&self.closed).ok_or_else(|| unknown(&self.closed))?,
            contacts: Contacts::parse(&self.contacts).ok_or_else(|| unknown(&self.contacts))?,
            scope: from_json(&self.scope)?,
            name: self.name,
        })
    }
}

impl MappingRow {
    pub(crate) fn read(self) -> Result<FieldMapping> {
        Ok(FieldMapping {
            id: self.id,
            source: Source::parse(&self.source_kind, &self.source_key)
                .ok_or_else(|| unknown(&self.source_kind))?,
            policy: Policy::parse(&self.policy).ok_or_else(|| unknown(&self.policy))?,
            form: self.form_linkedin_id,
            steps: from_json(&self.steps)?,
            too_long: TooLong::parse(&self.too_long).ok_or_else(|| unknown(&self.too_long))?,
            lead_field: self.lead_field,
        })
    }
}

fn unknown(word: &str) -> Error {
    Error::internal(format!("a rule holds the unknown word {word:?}"))
}
