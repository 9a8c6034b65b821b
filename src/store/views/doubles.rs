//! Leads that may be of the same person as another one.

use super::leads::{LISTING, LeadRow};
use super::paging::Listing;
use crate::error::Result;
use crate::store::access::Administrator;
use crate::store::rows;

/// How many are suggested.
const DOUBLES: usize = 10;
/// How many of each kind are looked at: many people may have one name.
const LOOKED_AT: usize = 200;

impl Administrator {
    /// The leads that share a match key with a lead, or have the same name; the latest first. Each
    /// is found by an index.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_doubles(&self, lead: i64) -> Result<Vec<LeadRow>> {
        let Listing { columns, joins, .. } = LISTING;
        let sql = format!(
            "WITH keyed (id) AS (SELECT k.lead_id FROM lead_key own JOIN lead_key k ON k.field = own.field \
               AND k.value = own.value WHERE own.lead_id = $1 LIMIT {LOOKED_AT}), \
             named (id) AS (SELECT n.id FROM lead own JOIN lead n ON n.name_key = own.name_key \
               WHERE own.id = $1 LIMIT {LOOKED_AT}) \
             SELECT {columns} FROM (SELECT id FROM keyed UNION SELECT id FROM named) d JOIN lead l ON l.id = d.id {joins} \
             WHERE l.id <> $1 AND l.state <> 'merged' AND l.left_in IS NULL ORDER BY l.latest_submitted_at DESC, l.id DESC LIMIT {DOUBLES}"
        );
        rows(self.store().reading(), &sql, [lead.into()]).await
    }
}
