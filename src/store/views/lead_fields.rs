//! The lead fields as their page shows them: which rules use each, and how many leads have it.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};

use crate::crm::fields::lead_fields;
use crate::error::{Error, Result};
use crate::lead::{LeadField, LeadFields};
use crate::store::access::Administrator;
use crate::store::crm::active_table;
use crate::store::lead_fields::{FIELDS, FieldRow, VersionedField};
use crate::store::{from_json, rows};

/// How many leads are looked through, the latest first.
pub const LEADS_COUNTED: u32 = 20_000;

/// A lead field as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldView {
    /// Leadline's id and the version, if it is an added one.
    pub added: Option<(i64, i64)>,
    /// The field.
    pub field: LeadField,
    /// How many mappings fill it.
    pub mappings: usize,
    /// How many strategies compare it.
    pub strategies: usize,
    /// How many of the latest [`LEADS_COUNTED`] leads hold something in it.
    pub leads: usize,
}

/// How often each lead field is used, by logical name.
#[derive(Debug, Default)]
pub(in crate::store) struct Usage {
    mappings: BTreeMap<String, usize>,
    strategies: BTreeMap<String, usize>,
}

impl Usage {
    pub(in crate::store) fn mappings(&self, name: &str) -> usize {
        self.mappings.get(name).copied().unwrap_or_default()
    }

    pub(in crate::store) fn strategies(&self, name: &str) -> usize {
        self.strategies.get(name).copied().unwrap_or_default()
    }
}

#[derive(FromQueryResult)]
struct CountRow {
    field: String,
    count: i64,
}

#[derive(FromQueryResult)]
struct FieldsRow {
    fields: String,
}

/// Which lead fields the rules use, also those that are not active.
pub(in crate::store) async fn usage(db: &impl ConnectionTrait) -> Result<Usage> {
    let mut usage = Usage::default();
    let sql =
        "SELECT lead_field AS field, count(*) AS count FROM field_mapping GROUP BY lead_field";
    usage.mappings = counted(rows::<CountRow>(db, sql, []).await?)?;
    let strategies = rows::<FieldsRow>(db, "SELECT fields FROM matching_strategy", []).await?;
    for strategy in strategies {
        for name in from_json::<Vec<String>>(&strategy.fields)? {
            *usage.strategies.entry(name).or_default() += 1;
        }
    }
    Ok(usage)
}

fn counted(found: Vec<CountRow>) -> Result<BTreeMap<String, usize>> {
    let count = |row: CountRow| {
        let count = usize::try_from(row.count).map_err(Error::internal)?;
        Ok((row.field, count))
    };
    found.into_iter().map(count).collect()
}

/// How many of the latest leads hold something in each field.
async fn held(db: &impl ConnectionTrait) -> Result<BTreeMap<String, usize>> {
    let each = match db.get_database_backend() {
        DbBackend::Postgres => "json_each(CAST(l.fields AS json))",
        _ => "json_each(l.fields)",
    };
    let sql = format!(
        "SELECT e.key AS field, count(*) AS count FROM \
           (SELECT fields FROM lead ORDER BY id DESC LIMIT {LEADS_COUNTED}) l, {each} e GROUP BY e.key"
    );
    counted(rows::<CountRow>(db, &sql, []).await?)
}

impl Administrator {
    /// All lead fields of the CRM in use: the standard ones before the added ones, or the columns of
    /// the organization.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_lead_fields(&self) -> Result<Vec<FieldView>> {
        let db = self.store().reading();
        let table = active_table(db).await?;
        let added = match table {
            Some(_) => Vec::new(),
            None => rows::<FieldRow>(db, &format!("{FIELDS} ORDER BY id"), []).await?,
        };
        let (usage, held) = (usage(db).await?, held(db).await?);
        let view = |added: Option<(i64, i64)>, field: LeadField| FieldView {
            added,
            mappings: usage.mappings(&field.name),
            strategies: usage.strategies(&field.name),
            leads: held.get(&field.name).copied().unwrap_or_default(),
            field,
        };
        let standard = table
            .as_ref()
            .map_or_else(LeadFields::standard, lead_fields);
        let standard = standard.iter().map(|field| Ok(view(None, field.clone())));
        let added = added.into_iter().map(|row| {
            let VersionedField { id, field, version } = row.read()?;
            Ok(view(Some((id, version)), field))
        });
        standard.chain(added).collect()
    }

    /// One of the added fields.
    ///
    /// # Errors
    /// When there is no such field, or the database cannot be reached.
    pub async fn find_lead_field(&self, id: i64) -> Result<FieldView> {
        let mut all = self.list_lead_fields().await?.into_iter();
        all.find(|view| view.added.is_some_and(|(own, _)| own == id))
            .ok_or_else(|| Error::not_found("lead field"))
    }
}
