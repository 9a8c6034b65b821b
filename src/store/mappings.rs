//! Field mappings as administrators change them.

use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};
use serde_json::{Value as Json, json};

use super::access::Administrator;
use super::audit::{Action, Event, record};
use super::lead_fields::lead_fields;
use super::order::Towards;
use super::rules::{MAPPING, MappingRow, STRATEGY, StrategyRow, insert_mapping, mappings};
use super::{execute, json as to_json, row, rows, text};
use crate::drift::alike;
use crate::error::{Error, Kind, Result};
use crate::mapping::{FieldMapping, Source};

/// How many mappings there are at most.
pub const MOST_MAPPINGS: usize = 500;

/// A mapping with the version of it that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionedMapping {
    /// The mapping.
    pub mapping: FieldMapping,
    /// Grows with every change.
    pub version: i64,
}

#[derive(FromQueryResult)]
struct VersionedRow {
    #[sea_orm(nested)]
    mapping: MappingRow,
    version: i64,
}

#[derive(FromQueryResult)]
struct PlaceRow {
    id: i64,
    position: i64,
}

impl Administrator {
    /// One mapping.
    ///
    /// # Errors
    /// When there is no such mapping, or the database cannot be reached.
    pub async fn find_mapping(&self, id: i64) -> Result<VersionedMapping> {
        find(self.store().reading(), id).await
    }

    /// Adds a mapping behind all others and tells its id.
    ///
    /// # Errors
    /// When it cannot be used, or there are too many already.
    pub async fn create_mapping(&self, mapping: &FieldMapping, now: i64) -> Result<i64> {
        let tx = self.begin_rules().await?;
        checked(&tx, mapping).await?;
        let places = places(&tx).await?;
        if places.len() >= MOST_MAPPINGS {
            return Err(Error::invalid(format!(
                "There are {MOST_MAPPINGS} mappings already, the most that there can be."
            )));
        }
        let position = places.last().map_or(1, |last| last.position + 1);
        let id = insert_mapping(&tx, position, mapping, now).await?;
        let event = Event::new(Action::Created, NOUN, id, &mapping.lead_field);
        record(&tx, self.actor(), event.after(told(mapping)), now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Changes a mapping, unless somebody did so since this version was read.
    ///
    /// # Errors
    /// When it cannot be used, is gone, or was changed meanwhile.
    pub async fn save_mapping(&self, new: &VersionedMapping, now: i64) -> Result<()> {
        let tx = self.begin_rules().await?;
        checked(&tx, &new.mapping).await?;
        let old = find(&tx, new.mapping.id).await?;
        if old.version != new.version {
            return Err(changed_meanwhile());
        }
        let mapping = &new.mapping;
        let sql = "UPDATE field_mapping SET source_kind = $1, source_key = $2, lead_field = $3, policy = $4, \
             form_linkedin_id = $5, steps = $6, too_long = $7, modified_at = $8, version = version + 1 \
             WHERE id = $9 AND version = $10";
        let values = [
            mapping.source.kind().into(),
            text(mapping.source.key()),
            text(&mapping.lead_field),
            mapping.policy.slug().into(),
            mapping.form.into(),
            to_json(&mapping.steps)?.into(),
            mapping.too_long.slug().into(),
            now.into(),
            mapping.id.into(),
            new.version.into(),
        ];
        if execute(&tx, sql, values).await? == 0 {
            return Err(changed_meanwhile());
        }
        keep_compared_fields(&tx).await?;
        let event = Event::new(Action::Changed, NOUN, mapping.id, &mapping.lead_field);
        let event = event.before(told(&old.mapping)).after(told(mapping));
        record(&tx, self.actor(), event, now).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes a mapping. Leads keep what it wrote.
    ///
    /// # Errors
    /// When there is no such mapping.
    pub async fn delete_mapping(&self, id: i64, now: i64) -> Result<()> {
        let tx = self.begin_rules().await?;
        let old = find(&tx, id).await?.mapping;
        let sql = "DELETE FROM field_mapping WHERE id = $1";
        execute(&tx, sql, [id.into()]).await?;
        keep_compared_fields(&tx).await?;
        let event = Event::new(Action::Deleted, NOUN, id, &old.lead_field);
        record(&tx, self.actor(), event.before(told(&old)), now).await?;
        Ok(tx.commit().await?)
    }

    /// Moves a mapping in the order; at its end it stays where it is.
    ///
    /// # Errors
    /// When there is no such mapping.
    pub async fn move_mapping(&self, id: i64, towards: Towards, now: i64) -> Result<()> {
        let tx = self.store().begin().await?;
        let mapping = find(&tx, id).await?.mapping;
        let mut order: Vec<i64> = places(&tx)
            .await?
            .into_iter()
            .map(|place| place.id)
            .collect();
        let Some((here, there)) = towards.arrange(&mut order, id) else {
            return Ok(());
        };
        for (position, id) in order.iter().enumerate() {
            let sql = "UPDATE field_mapping SET position = $1 WHERE id = $2 AND position <> $1";
            execute(&tx, sql, [(position as i64 + 1).into(), (*id).into()]).await?;
        }
        let event = Event::new(Action::Changed, NOUN, id, &mapping.lead_field);
        let event = event
            .before(json!({ "place": here + 1 }))
            .after(json!({ "place": there + 1 }));
        record(&tx, self.actor(), event, now).await?;
        Ok(tx.commit().await?)
    }
}

pub(super) const NOUN: &str = "field mapping";

async fn find(db: &impl ConnectionTrait, id: i64) -> Result<VersionedMapping> {
    let sql = format!("SELECT {MAPPING}, version FROM field_mapping WHERE id = $1");
    let found = row::<VersionedRow>(db, &sql, [id.into()]).await?;
    let found = found.ok_or_else(|| Error::not_found(NOUN))?;
    Ok(VersionedMapping {
        version: found.version,
        mapping: found.mapping.read()?,
    })
}

async fn places(tx: &DatabaseTransaction) -> Result<Vec<PlaceRow>> {
    let sql = "SELECT id, position FROM field_mapping ORDER BY position, id";
    rows(tx, sql, []).await
}

/// Refuses to go on when an active strategy compares a field that no mapping fills any more: it would
/// never find a lead again, and every submission would make one.
async fn keep_compared_fields(tx: &DatabaseTransaction) -> Result<()> {
    let sql =
        format!("SELECT {STRATEGY} FROM matching_strategy WHERE active ORDER BY position, id");
    let strategies = rows::<StrategyRow>(tx, &sql, []).await?;
    let fields = lead_fields(tx).await?;
    let mapped = mapped_fields(tx).await?;
    for strategy in strategies {
        let strategy = strategy.read()?;
        let lost = strategy.fields.iter().find(|field| !mapped.contains(field));
        if let Some(field) = lost.filter(|_| !strategy.always_create) {
            return Err(Error::new(
                Kind::Conflict,
                format!(
                    "The matching strategy “{}” compares {}, and no other mapping fills it. Change the strategy first.",
                    strategy.name,
                    fields.label(field)
                ),
            ));
        }
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct FieldRow {
    lead_field: String,
}

/// The lead fields that a mapping fills.
pub(super) async fn mapped_fields(db: &impl ConnectionTrait) -> Result<Vec<String>> {
    let sql = "SELECT DISTINCT lead_field FROM field_mapping ORDER BY lead_field";
    let found = rows::<FieldRow>(db, sql, []).await?;
    Ok(found.into_iter().map(|row| row.lead_field).collect())
}

async fn checked(tx: &DatabaseTransaction, mapping: &FieldMapping) -> Result<()> {
    let fields = lead_fields(tx).await?;
    mapping
        .check(&fields)
        .map_err(|(_, message)| Error::invalid(message))
}

/// Maps questions of a form that no mapping takes like those that say the same, for this form only
/// and right behind them. Adds the mappings to `made`, and tells in words what was done.
pub(super) async fn map_alike(
    tx: &DatabaseTransaction,
    form: i64,
    questions: &[Source],
    made: &mut Vec<FieldMapping>,
    now: i64,
) -> Result<String> {
    let mut said = Vec::new();
    for question in questions {
        let all = mappings(tx).await?;
        let here = |mapping: &FieldMapping| mapping.form.is_none_or(|own| own == form);
        if all.iter().any(|m| here(m) && m.source.covers(question)) {
            continue;
        }
        let models = all.iter().filter(|mapping| match &mapping.source {
            Source::Question(text) => alike(text, question.key()),
            _ => false,
        });
        let mut models: Vec<&FieldMapping> = models.collect();
        models.sort_by_key(|mapping| mapping.form != Some(form));
        let mut fields: Vec<&str> = Vec::new();
        for model in models {
            let full = all.len() + fields.len() >= MOST_MAPPINGS;
            if full || fields.contains(&model.lead_field.as_str()) {
                continue;
            }
            fields.push(&model.lead_field);
            let mut copy = FieldMapping {
                source: question.clone(),
                form: Some(form),
                ..model.clone()
            };
            copy.id = insert_behind(tx, model.id, &copy, now).await?;
            said.push(format!(
                "Mapped by its text: treated as “{}”.",
                model.source.label()
            ));
            made.push(copy);
        }
    }
    said.dedup();
    Ok(said.join(" "))
}

/// Puts a mapping right behind another one and tells its id.
async fn insert_behind(
    tx: &DatabaseTransaction,
    other: i64,
    mapping: &FieldMapping,
    now: i64,
) -> Result<i64> {
    let places = places(tx).await?;
    let place = places.iter().find(|place| place.id == other);
    let position = place.map_or(0, |place| place.position);
    let sql = "UPDATE field_mapping SET position = position + 1 WHERE position > $1";
    execute(tx, sql, [position.into()]).await?;
    insert_mapping(tx, position + 1, mapping, now).await
}

fn changed_meanwhile() -> Error {
    Error::new(
        Kind::Conflict,
        "Somebody changed this mapping since you opened it. This is how it stands now: make your change again.",
    )
}

/// The mapping as the audit log tells it.
pub(super) fn told(mapping: &FieldMapping) -> Json {
    let steps: Vec<String> = mapping.steps.iter().map(|step| step.label()).collect();
    json!({
        "source": format!("{}: {}", mapping.source.kind_label(), mapping.source.label()),
        "lead_field": mapping.lead_field,
        "form": mapping.form,
        "steps": steps,
        "policy": mapping.policy.slug(),
        "too_long": mapping.too_long.slug(),
    })
}
