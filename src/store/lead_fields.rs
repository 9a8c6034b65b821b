//! The fields that leads of the built-in store can have: the standard ones and those that
//! administrators added.

use sea_orm::{ConnectionTrait, FromQueryResult};

use super::{Store, from_json, rows};
use crate::error::{Error, Result};
use crate::lead::{FieldKind, LeadField, LeadFields};

#[derive(FromQueryResult)]
struct FieldRow {
    name: String,
    label: String,
    kind: String,
    max_length: i64,
    choices: String,
}

/// The columns of a [`FieldRow`].
const FIELD: &str = "name, label, kind, max_length, choices";

impl Store {
    /// The fields that a lead can have.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn lead_fields(&self) -> Result<LeadFields> {
        lead_fields(self.reading()).await
    }
}

/// The fields that a lead can have.
pub(crate) async fn lead_fields(db: &impl ConnectionTrait) -> Result<LeadFields> {
    let sql = format!("SELECT {FIELD} FROM lead_field WHERE deleted_at IS NULL ORDER BY id");
    let found = rows::<FieldRow>(db, &sql, []).await?;
    let custom = found.into_iter().map(FieldRow::read);
    let custom = custom.collect::<Result<Vec<LeadField>>>()?;
    let standard = LeadFields::standard();
    Ok(standard.iter().cloned().chain(custom).collect())
}

impl FieldRow {
    fn read(self) -> Result<LeadField> {
        let kind = FieldKind::parse(&self.kind)
            .ok_or_else(|| Error::internal(format!("the unknown kind of field {:?}", self.kind)))?;
        Ok(LeadField {
            name: self.name,
            label: self.label,
            kind,
            max_length: usize::try_from(self.max_length).map_err(Error::internal)?,
            choices: from_json(&self.choices)?,
            required: false,
            custom: true,
        })
    }
}
