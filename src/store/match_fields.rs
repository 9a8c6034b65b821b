//! By which lead fields leads can be found.
//!
//! Every field that a strategy compares has a normalised, indexed key for each lead (`lead_key`), so
//! that matching a batch is one query however many leads there are. When a strategy brings a new
//! field, the leads that are there get their keys in batches, and nothing is decided until they have
//! them: a lead that cannot be found yet would be made a second time.

use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Value};

use super::lead_fields::lead_fields;
use super::leads::LIVING;
use super::{Store, execute, from_json, placeholders, row, rows};
use crate::error::Result;
use crate::lead::{Fields, LeadField, LeadFields};
use crate::matching::MatchKey;

/// How many leads get their keys with one statement.
const BATCH: u64 = 2_000;

#[derive(FromQueryResult)]
struct FieldRow {
    field: String,
}

#[derive(FromQueryResult)]
struct Unready {
    field: String,
    keyed_until: i64,
}

#[derive(FromQueryResult)]
struct LeadRow {
    id: i64,
    fields: String,
}

/// A field whose keys are being made, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Keying {
    /// The lead field's logical name.
    pub field: String,
    /// How many leads have their key.
    pub done: i64,
    /// How many leads there are.
    pub all: i64,
}

/// Lets leads be found by these fields from now on.
pub(crate) async fn ensure_match_fields(
    db: &impl ConnectionTrait,
    fields: &[String],
) -> Result<()> {
    for field in fields {
        let sql = "INSERT INTO match_field (field, keyed_until) VALUES ($1, 0) ON CONFLICT (field) DO NOTHING";
        execute(db, sql, [field.clone().into()]).await?;
    }
    Ok(())
}

/// The fields by which leads can be found, or will be soon: the keys of a lead that is written are of
/// these. Whoever writes leads reads them in the same transaction.
pub(crate) async fn match_fields(db: &impl ConnectionTrait) -> Result<LeadFields> {
    let sql = "SELECT field FROM match_field";
    let found = rows::<FieldRow>(db, sql, []).await?;
    let names = found.into_iter().map(|row| row.field).collect();
    Ok(lead_fields(db).await?.only(&names))
}

impl Store {
    /// The fields whose keys are being made.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_keying(&self) -> Result<Vec<Keying>> {
        let sql = "SELECT m.field, (SELECT count(*) FROM lead WHERE id <= m.keyed_until) AS done, \
             (SELECT count(*) FROM lead) AS \"all\" FROM match_field m WHERE m.ready_at IS NULL ORDER BY m.field";
        rows(self.reading(), sql, []).await
    }

    /// Gives the next batch of leads their keys; tells whether there was one.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) async fn key_leads(&self) -> Result<bool> {
        const NEXT: &str = "SELECT field, keyed_until FROM match_field WHERE ready_at IS NULL ORDER BY field LIMIT 1";
        if row::<Unready>(self.reading(), NEXT, []).await?.is_none() {
            return Ok(false);
        }
        let tx = self.begin_alone().await?;
        let Some(next) = row::<Unready>(&tx, NEXT, []).await? else {
            return Ok(true);
        };
        let sql = format!(
            "SELECT id, fields FROM lead WHERE id > $1 AND {LIVING} ORDER BY id LIMIT {BATCH}"
        );
        let leads = rows::<LeadRow>(&tx, &sql, [next.keyed_until.into()]).await?;
        let last = leads.last().map_or(next.keyed_until, |lead| lead.id);
        let ready = (leads.len() < BATCH as usize).then(super::now);
        // A field that is gone has no keys.
        if let Some(field) = lead_fields(&tx).await?.get(&next.field) {
            insert_keys(&tx, field, leads).await?;
        }
        let sql = "UPDATE match_field SET keyed_until = $1, ready_at = $2 WHERE field = $3";
        execute(&tx, sql, [last.into(), ready.into(), next.field.into()]).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// A lead that was written meanwhile has its key already.
async fn insert_keys(
    tx: &DatabaseTransaction,
    field: &LeadField,
    leads: Vec<LeadRow>,
) -> Result<()> {
    let mut keys: Vec<(String, i64)> = Vec::with_capacity(leads.len());
    for lead in leads {
        let fields: Fields = from_json(&lead.fields)?;
        let key = fields
            .get(&field.name)
            .and_then(|value| MatchKey::new(field, value));
        keys.extend(key.map(|key| (key.value, lead.id)));
    }
    if keys.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO lead_key (field, value, lead_id) VALUES {} ON CONFLICT (field, value, lead_id) DO NOTHING",
        placeholders(keys.len(), &[""; 3], 1)
    );
    let values = keys
        .into_iter()
        .flat_map(|(value, lead)| [Value::from(field.name.clone()), value.into(), lead.into()]);
    execute(tx, &sql, values).await?;
    Ok(())
}
