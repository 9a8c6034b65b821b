//! Where a lead's record is in the CRM, and whether it is as Leadline wants it.

use sea_orm::FromQueryResult;

use crate::error::Result;
use crate::store::access::Reader;
use crate::store::{Store, row};

/// A lead in the organization that leads live in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordView {
    /// Where a person opens it; `None` when it is not there.
    pub url: Option<String>,
    /// How it stands there.
    pub standing: Standing,
}

/// How a lead stands in the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It has what Leadline has.
    InStep,
    /// What changed is on its way; the text says why it is not there yet, if the way is difficult.
    OnItsWay(Option<String>),
    /// The organization does not take it, for this reason.
    Refused(String),
    /// It is not in the CRM that is in use now: it stayed in the one before.
    Left,
    /// The organization deleted it.
    Deleted,
}

#[derive(FromQueryResult)]
struct RecordRow {
    organization: Option<String>,
    record_id: Option<String>,
    waits: bool,
    delivery_problem: Option<String>,
    left_in: Option<String>,
}

#[derive(FromQueryResult)]
struct Organization {
    url: String,
}

/// Where a person opens a record.
#[must_use]
pub fn record_url(organization: &str, record: &str) -> String {
    let base = organization.trim_end_matches('/');
    format!("{base}/main.aspx?pagetype=entityrecord&etn=lead&id={record}")
}

impl Store {
    /// The address of the organization that leads live in, if they do.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn organization_url(&self) -> Result<Option<String>> {
        let sql = "SELECT url FROM crm_connection WHERE state <> 'draft'";
        let found = row::<Organization>(self.reading(), sql, []).await?;
        Ok(found.map(|row| row.url))
    }
}

impl Reader {
    /// How a lead stands in the organization; `None` when leads live in Leadline itself and this one
    /// always did. Whether the person may see the lead is for the caller to know.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn find_record(&self, lead: i64) -> Result<Option<RecordView>> {
        let sql = "SELECT (SELECT url FROM crm_connection WHERE state <> 'draft') AS organization, \
             CASE WHEN record_version IS NOT NULL THEN record_id END AS record_id, \
             deliver_at IS NOT NULL AS waits, delivery_problem, left_in FROM lead WHERE id = $1";
        let found = row::<RecordRow>(self.store().reading(), sql, [lead.into()]).await?;
        Ok(found.and_then(RecordRow::read))
    }
}

impl RecordRow {
    fn read(self) -> Option<RecordView> {
        let standing = match (self.left_in.as_deref(), self.waits, self.delivery_problem) {
            (Some("deleted"), ..) => Standing::Deleted,
            (Some(_), ..) => Standing::Left,
            (None, ..) if self.organization.is_none() => return None,
            (None, true, why) => Standing::OnItsWay(why),
            (None, false, Some(why)) => Standing::Refused(why),
            (None, false, None) => Standing::InStep,
        };
        let there = !matches!(standing, Standing::Deleted | Standing::Left);
        let url = self.organization.zip(self.record_id);
        Some(RecordView {
            url: url
                .filter(|_| there)
                .map(|(organization, record)| record_url(&organization, &record)),
            standing,
        })
    }
}
