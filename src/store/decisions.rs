//! What people decided about submissions, in the database.

use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::{execute, placeholders, row, rows, text};
use crate::error::{Error, Kind, Result};
use crate::review::{Choice, Decision, NOTE_AT_MOST};

/// How many submissions one decision is about at most.
pub const AT_MOST: usize = 500;

#[derive(FromQueryResult)]
struct Found {
    id: i64,
    lead_id: Option<i64>,
}

/// Keeps a decision with those of these submissions for which it can be made, and tells which they
/// are. Who has a lead already keeps it, so there nothing can be chosen; running it again always can.
pub(crate) async fn save_decision(
    db: &impl ConnectionTrait,
    ids: &[i64],
    decision: &Decision,
) -> Result<Vec<i64>> {
    check(db, ids, decision).await?;
    let list = placeholders(1, &vec![""; ids.len()], 1);
    let sql = format!("SELECT id, lead_id FROM submission WHERE id IN {list}");
    let found = rows::<Found>(db, &sql, ids.iter().map(|id| Value::from(*id))).await?;
    if found.is_empty() {
        return Err(Error::not_found("submission"));
    }
    let meant = |found: &Found| decision.choice.is_none() || found.lead_id.is_none();
    let ids: Vec<i64> = found.iter().filter(|f| meant(f)).map(|f| f.id).collect();
    if ids.is_empty() {
        return Err(Error::new(
            Kind::Conflict,
            "It belongs to a lead already: somebody, or the sync, was faster. Look at it again.",
        ));
    }
    let sql = format!(
        "UPDATE submission SET chosen = $1, chosen_lead_id = $2, leave_out = $3, decision_note = $4 WHERE id IN {}",
        placeholders(1, &vec![""; ids.len()], 5)
    );
    let values: [Value; 4] = [
        decision.choice.map(Choice::slug).into(),
        decision.lead().into(),
        decision.leave_out.into(),
        text(decision.note.trim()),
    ];
    let ids_as_values = ids.iter().map(|id| Value::from(*id));
    execute(db, &sql, values.into_iter().chain(ids_as_values)).await?;
    Ok(ids)
}

async fn check(db: &impl ConnectionTrait, ids: &[i64], decision: &Decision) -> Result<()> {
    if ids.is_empty() {
        return Err(Error::invalid("submissions: choose at least one."));
    }
    if ids.len() > AT_MOST {
        return Err(Error::invalid(format!(
            "submissions: at most {AT_MOST} can be decided at once. Choose fewer."
        )));
    }
    if decision.note.trim().chars().count() > NOTE_AT_MOST {
        return Err(Error::invalid(format!(
            "note: at most {NOTE_AT_MOST} characters."
        )));
    }
    let Some(lead) = decision.lead() else {
        return Ok(());
    };
    let sql = "SELECT id, id AS lead_id FROM lead WHERE id = $1 AND state <> 'merged' AND left_in IS NULL";
    match row::<Found>(db, sql, [lead.into()]).await? {
        Some(_) => Ok(()),
        None => Err(Error::invalid(
            "lead: there is no such lead any more. Choose another one.",
        )),
    }
}
