//! Matching strategies as administrators change them.
//!
//! At least one strategy is always active. Whoever changes strategies holds a lock, so that two
//! people at once cannot switch off the last two.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult};
use serde_json::{Value as Json, json};

use super::access::Administrator;
use super::audit::{Action, Event, record};
use super::lead_fields::lead_fields;
use super::mappings::mapped_fields;
use super::match_fields::ensure_match_fields;
use super::order::Towards;
use super::rules::{STRATEGY, StrategyRow, insert_strategy};
use super::{execute, json as to_json, row, rows, text};
use crate::error::{Error, Kind, Result};
use crate::matching::Strategy;

/// Lets one transaction at a time change strategies on PostgreSQL; SQLite has one writer anyway.
const RULES_LOCK: i64 = 7_233_031;
/// How many strategies there are at most.
pub const MOST_STRATEGIES: usize = 50;
const NOUN: &str = "matching strategy";

/// A strategy with the version of it that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionedStrategy {
    /// The strategy.
    pub strategy: Strategy,
    /// Whether it is tried.
    pub active: bool,
    /// Grows with every change.
    pub version: i64,
}

#[derive(FromQueryResult)]
struct VersionedRow {
    #[sea_orm(nested)]
    strategy: StrategyRow,
    active: bool,
    version: i64,
}

#[derive(FromQueryResult)]
struct PlaceRow {
    id: i64,
    name: String,
    position: i64,
    active: bool,
}

impl Administrator {
    /// One strategy as it is edited.
    ///
    /// # Errors
    /// When there is no such strategy, or the database cannot be reached.
    pub async fn edit_strategy(&self, id: i64) -> Result<VersionedStrategy> {
        find(self.store().reading(), id).await
    }

    /// The lead fields that a strategy can compare: those that a mapping fills.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_mapped_fields(&self) -> Result<Vec<String>> {
        mapped_fields(self.store().reading()).await
    }

    /// Adds a strategy behind all others and tells its id.
    ///
    /// # Errors
    /// When it cannot be used, or there are too many already.
    pub async fn create_strategy(&self, new: &VersionedStrategy, now: i64) -> Result<i64> {
        let tx = self.begin_rules().await?;
        checked(&tx, &new.strategy).await?;
        let places = places(&tx).await?;
        if places.len() >= MOST_STRATEGIES {
            return Err(Error::invalid(format!(
                "There are {MOST_STRATEGIES} strategies already, the most that there can be."
            )));
        }
        let position = places.last().map_or(1, |last| last.position + 1);
        let id = insert_strategy(&tx, position, new.active, &new.strategy, now).await?;
        ensure_match_fields(&tx, &new.strategy.fields).await?;
        let event = Event::new(Action::Created, NOUN, id, &new.strategy.name);
        record(&tx, self.actor(), event.after(told(new)), now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Changes a strategy, unless somebody did so since this version was read.
    ///
    /// # Errors
    /// When it cannot be used, is gone, was changed meanwhile, or no active one would be left.
    pub async fn save_strategy(&self, new: &VersionedStrategy, now: i64) -> Result<()> {
        let tx = self.begin_rules().await?;
        checked(&tx, &new.strategy).await?;
        let strategy = &new.strategy;
        let old = find(&tx, strategy.id).await?;
        if old.version != new.version {
            return Err(changed_meanwhile());
        }
        if !new.active {
            keep_one_active(&tx, strategy.id).await?;
        }
        let sql = "UPDATE matching_strategy SET name = $1, active = $2, fields = $3, always_create = $4, several = $5, \
             partial = $6, closed = $7, contacts = $8, scope = $9, modified_at = $10, version = version + 1 WHERE id = $11";
        let values = [
            text(strategy.name.trim()),
            new.active.into(),
            to_json(&strategy.fields)?.into(),
            strategy.always_create.into(),
            strategy.several.slug().into(),
            strategy.partial.slug().into(),
            strategy.closed.slug().into(),
            strategy.contacts.slug().into(),
            to_json(&strategy.scope)?.into(),
            now.into(),
            strategy.id.into(),
        ];
        execute(&tx, sql, values).await?;
        ensure_match_fields(&tx, &strategy.fields).await?;
        let event = Event::new(Action::Changed, NOUN, strategy.id, &strategy.name);
        let event = event.before(told(&old)).after(told(new));
        record(&tx, self.actor(), event, now).await?;
        Ok(tx.commit().await?)
    }

    /// Makes a strategy the only one that is tried, unless somebody changed it since this version
    /// was read. Those that are switched off keep their place and all else.
    ///
    /// # Errors
    /// When it cannot be used any more, is gone, or was changed meanwhile.
    pub async fn make_only_active(&self, id: i64, version: i64, now: i64) -> Result<()> {
        let tx = self.begin_rules().await?;
        let strategy = find(&tx, id).await?;
        if strategy.version != version {
            return Err(changed_meanwhile());
        }
        checked(&tx, &strategy.strategy).await?;
        let mut switched = places(&tx).await?;
        switched.retain(|place| place.active != (place.id == id));
        let sql = "UPDATE matching_strategy SET active = (id = $1), modified_at = $2, version = version + 1 \
             WHERE active <> (id = $1)";
        execute(&tx, sql, [id.into(), now.into()]).await?;
        for place in switched {
            let event = Event::new(Action::Changed, NOUN, place.id, &place.name);
            let event = event.before(json!({ "active": place.active }));
            let event = event.after(json!({ "active": !place.active }));
            record(&tx, self.actor(), event, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Deletes a strategy. What it found stays found.
    ///
    /// # Errors
    /// When there is no such strategy, or it is the last active one.
    pub async fn delete_strategy(&self, id: i64, now: i64) -> Result<()> {
        let tx = self.begin_rules().await?;
        let old = find(&tx, id).await?;
        keep_one_active(&tx, id).await?;
        let sql = "DELETE FROM matching_strategy WHERE id = $1";
        execute(&tx, sql, [id.into()]).await?;
        let event = Event::new(Action::Deleted, NOUN, id, &old.strategy.name);
        record(&tx, self.actor(), event.before(told(&old)), now).await?;
        Ok(tx.commit().await?)
    }

    /// Moves a strategy in the order; at its end it stays where it is.
    ///
    /// # Errors
    /// When there is no such strategy.
    pub async fn move_strategy(&self, id: i64, towards: Towards, now: i64) -> Result<()> {
        let tx = self.begin_rules().await?;
        let strategy = find(&tx, id).await?.strategy;
        let mut order: Vec<i64> = places(&tx).await?.into_iter().map(|p| p.id).collect();
        let Some((here, there)) = towards.arrange(&mut order, id) else {
            return Ok(());
        };
        for (position, id) in order.iter().enumerate() {
            let sql = "UPDATE matching_strategy SET position = $1 WHERE id = $2 AND position <> $1";
            execute(&tx, sql, [(position as i64 + 1).into(), (*id).into()]).await?;
        }
        let event = Event::new(Action::Changed, NOUN, id, &strategy.name);
        let event = event
            .before(json!({ "place": here + 1 }))
            .after(json!({ "place": there + 1 }));
        record(&tx, self.actor(), event, now).await?;
        Ok(tx.commit().await?)
    }

    /// Begins a transaction in which nobody else changes rules or lead fields.
    pub(super) async fn begin_rules(&self) -> Result<DatabaseTransaction> {
        let tx = self.store().begin().await?;
        if tx.get_database_backend() == DbBackend::Postgres {
            tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({RULES_LOCK})"))
                .await?;
        }
        Ok(tx)
    }
}

async fn find(db: &impl ConnectionTrait, id: i64) -> Result<VersionedStrategy> {
    let sql = format!("SELECT {STRATEGY}, active, version FROM matching_strategy WHERE id = $1");
    let found = row::<VersionedRow>(db, &sql, [id.into()]).await?;
    let found = found.ok_or_else(|| Error::not_found(NOUN))?;
    Ok(VersionedStrategy {
        strategy: found.strategy.read()?,
        active: found.active,
        version: found.version,
    })
}

async fn places(tx: &DatabaseTransaction) -> Result<Vec<PlaceRow>> {
    let sql = "SELECT id, name, position, active FROM matching_strategy ORDER BY position, id";
    rows(tx, sql, []).await
}

/// Refuses to go on when no other strategy is active.
async fn keep_one_active(tx: &DatabaseTransaction, id: i64) -> Result<()> {
    let others = places(tx).await?;
    if others.iter().any(|other| other.active && other.id != id) {
        return Ok(());
    }
    Err(Error::new(
        Kind::Conflict,
        "This is the last active strategy, and one must be active: without one every submission would be held. \
         Activate another first.",
    ))
}

/// A strategy can be used when it is whole and every field that it compares is filled by a mapping.
async fn checked(tx: &DatabaseTransaction, strategy: &Strategy) -> Result<()> {
    let fields = lead_fields(tx).await?;
    strategy
        .check(&fields)
        .map_err(|(_, message)| Error::invalid(message))?;
    let mapped = mapped_fields(tx).await?;
    let unmapped = strategy.fields.iter().find(|field| !mapped.contains(field));
    match unmapped {
        Some(field) if !strategy.always_create => Err(Error::invalid(format!(
            "No mapping fills the field {}, so it would never be equal. Map something to it first.",
            fields.label(field)
        ))),
        _ => Ok(()),
    }
}

fn changed_meanwhile() -> Error {
    Error::new(
        Kind::Conflict,
        "Somebody changed this strategy since you opened it. This is how it stands now: make your change again.",
    )
}

/// The strategy as the audit log tells it.
fn told(versioned: &VersionedStrategy) -> Json {
    let strategy = &versioned.strategy;
    json!({
        "name": strategy.name,
        "active": versioned.active,
        "fields": strategy.fields,
        "always_create": strategy.always_create,
        "contacts": strategy.contacts.slug(),
        "several": strategy.several.slug(),
        "partial": strategy.partial.slug(),
        "closed": strategy.closed.slug(),
        "scope": strategy.scope,
    })
}
