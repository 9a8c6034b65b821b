//! What becomes of leads when they begin to live elsewhere.
//!
//! Nothing is copied and nothing is deleted: the leads that are there stay where they are, can be read,
//! and are found by no submission any more; those that had stayed where leads live from now on are
//! found again. A submission whose lead stayed behind can be run again, and is then decided as if it
//! had just arrived.

use sea_orm::DatabaseTransaction;

use super::{execute, text};
use crate::error::Result;

/// The word for the built-in store.
pub(super) const BUILT_IN: &str = "built-in";

/// Leaves the leads that are there behind in `from`, and takes those up again that had stayed in `to`.
/// Both are [`BUILT_IN`] or an organization's id.
pub(super) async fn move_on(
    tx: &DatabaseTransaction,
    from: &str,
    to: &str,
    now: i64,
) -> Result<()> {
    let sql = "UPDATE submission SET due_at = $1, lead_id = NULL, reason_code = '', reason = '' \
         WHERE reason_code = 'delivering'";
    execute(tx, sql, [now.into()]).await?;
    let sql = "UPDATE lead SET left_in = $1, deliver_at = NULL WHERE left_in IS NULL";
    execute(tx, sql, [text(from)]).await?;
    execute(
        tx,
        "UPDATE lead SET left_in = NULL WHERE left_in = $1",
        [text(to)],
    )
    .await?;
    Ok(())
}
