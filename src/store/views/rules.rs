//! Matching strategies and field mappings as their pages show them.

use std::collections::HashMap;

use sea_orm::FromQueryResult;

use crate::error::{Error, Result};
use crate::mapping::FieldMapping;
use crate::matching::Strategy;
use crate::store::access::Administrator;
use crate::store::rules::{MAPPING, MappingRow, STRATEGY, StrategyRow};
use crate::store::{from_json, row, rows};
use crate::submission::FormContent;

/// How many forms are looked through for the fields that they ask for.
const FORMS: usize = 1_000;

/// A matching strategy as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrategyView {
    /// The rule itself.
    pub strategy: Strategy,
    /// Its place in the order in which strategies are tried.
    pub position: i64,
    /// Whether it is tried.
    pub active: bool,
    /// When it was changed last.
    pub modified_at: i64,
    /// Grows with every change.
    pub version: i64,
}

/// A field mapping as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingView {
    /// The rule itself.
    pub mapping: FieldMapping,
    /// Grows with every change.
    pub version: i64,
    /// How many of the current forms ask for it.
    pub forms: usize,
}

#[derive(FromQueryResult)]
struct PlacedStrategyRow {
    #[sea_orm(nested)]
    strategy: StrategyRow,
    position: i64,
    active: bool,
    modified_at: i64,
    version: i64,
}

#[derive(FromQueryResult)]
struct VersionedMappingRow {
    #[sea_orm(nested)]
    mapping: MappingRow,
    version: i64,
}

#[derive(FromQueryResult)]
struct QuestionsRow {
    questions: String,
}

impl PlacedStrategyRow {
    fn read(self) -> Result<StrategyView> {
        Ok(StrategyView {
            strategy: self.strategy.read()?,
            position: self.position,
            active: self.active,
            modified_at: self.modified_at,
            version: self.version,
        })
    }
}

fn strategies() -> String {
    format!("SELECT {STRATEGY}, position, active, modified_at, version FROM matching_strategy")
}

impl Administrator {
    /// All matching strategies, in the order in which they are tried.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_strategies(&self) -> Result<Vec<StrategyView>> {
        let sql = format!("{} ORDER BY position, id", strategies());
        rows::<PlacedStrategyRow>(self.store().reading(), &sql, [])
            .await?
            .into_iter()
            .map(PlacedStrategyRow::read)
            .collect()
    }

    /// One matching strategy.
    ///
    /// # Errors
    /// When there is no such strategy, or the database cannot be reached.
    pub async fn find_strategy(&self, id: i64) -> Result<StrategyView> {
        let sql = format!("{} WHERE id = $1", strategies());
        row::<PlacedStrategyRow>(self.store().reading(), &sql, [id.into()])
            .await?
            .ok_or_else(|| Error::not_found("matching strategy"))?
            .read()
    }

    /// All field mappings, in order, with how many of the current forms ask for each.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_mapping_views(&self) -> Result<Vec<MappingView>> {
        let db = self.store().reading();
        let sql = format!("SELECT {MAPPING}, version FROM field_mapping ORDER BY position, id");
        let mappings = rows::<VersionedMappingRow>(db, &sql, []).await?;
        let asked = self.count_asked_fields().await?;
        mappings
            .into_iter()
            .map(|row| {
                let mapping = row.mapping.read()?;
                let forms = mapping
                    .source
                    .key()
                    .split('|')
                    .filter_map(|key| asked.get(key))
                    .sum();
                Ok(MappingView {
                    mapping,
                    version: row.version,
                    forms,
                })
            })
            .collect()
    }

    /// How many of the current forms ask for each predefined field.
    async fn count_asked_fields(&self) -> Result<HashMap<String, usize>> {
        let sql =
            format!("SELECT questions FROM form WHERE current ORDER BY name, id LIMIT {FORMS}");
        let mut asked: HashMap<String, usize> = HashMap::new();
        for row in rows::<QuestionsRow>(self.store().reading(), &sql, []).await? {
            let content: FormContent = from_json(&row.questions)?;
            for key in content.questions.into_iter().filter_map(|q| q.predefined) {
                *asked.entry(key).or_default() += 1;
            }
        }
        Ok(asked)
    }
}
