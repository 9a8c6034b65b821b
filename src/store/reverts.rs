//! Taking back what one attempt changed in a lead.
//!
//! It is an edit of the lead like any other: by an administrator, or by whoever owns the lead.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::json;

use super::access::Salesperson;
use super::audit::{Action, Event, record};
use super::lead_edit::{Note, NoteKind, may_edit};
use super::leads::{find_leads, save_keys, update_leads};
use super::match_fields::match_fields;
use super::{from_json, row};
use crate::error::{Error, Kind, Result};
use crate::lead::{Change, Lead, display_name};
use crate::plan::lead_keys;
use crate::revert::{Reverted, revert};

/// One attempt of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptId {
    /// The submission.
    pub submission: i64,
    /// The how-manieth try it was.
    pub number: i64,
}

/// What taking back an attempt's changes would come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revertible {
    /// The lead as it is now.
    pub lead: Lead,
    /// Its name.
    pub name: String,
    /// When the attempt was.
    pub at: i64,
    /// What returns, and what stays.
    pub reverted: Reverted,
    /// Why nothing returns; `None` when something does.
    pub why_not: Option<&'static str>,
    after: Lead,
}

#[derive(FromQueryResult)]
struct AttemptRow {
    at: i64,
    outcome: String,
    changes: String,
}

#[derive(FromQueryResult)]
struct Living {
    id: i64,
}

impl Salesperson {
    /// What taking back an attempt's changes in a lead would come to. Of a lead that was merged, the
    /// one that stands for it is looked at.
    ///
    /// # Errors
    /// When the lead does not exist or is not the person's to edit, or the attempt was not one of it.
    pub async fn find_revertible(
        &self,
        lead: i64,
        attempt: AttemptId,
        now: i64,
    ) -> Result<Revertible> {
        self.revertible(self.store().reading(), lead, attempt, now)
            .await
    }

    /// Takes back what an attempt changed in a lead, as far as nothing newer changed it. `seen` is
    /// the version of the lead that the person saw.
    ///
    /// # Errors
    /// When the lead does not exist or is not the person's to edit, nothing can be taken back, or
    /// somebody changed the lead meanwhile; then nothing is done.
    pub async fn revert_attempt(
        &self,
        lead: i64,
        attempt: AttemptId,
        seen: Option<i64>,
        now: i64,
    ) -> Result<Revertible> {
        let tx = self.store().begin_alone().await?;
        let found = self.revertible(&tx, lead, attempt, now).await?;
        if let Some(why) = found.why_not {
            return Err(Error::new(Kind::Conflict, why));
        }
        if seen.is_some_and(|version| version != found.lead.version) {
            let why = "The lead was changed meanwhile. Nothing is taken back yet.";
            return Err(Error::new(Kind::Conflict, why));
        }
        let after = &found.after;
        update_leads(&tx, &[after]).await?;
        let keys = lead_keys(&match_fields(&tx).await?, &after.fields);
        save_keys(&tx, &[(after.id, keys)]).await?;
        let note = Note {
            lead: after.id,
            kind: NoteKind::Reverted,
            about: Some(attempt.submission),
            changes: &found.reverted.back,
        };
        note.write(&tx, self.actor(), now).await?;
        let fields = found.reverted.back.iter();
        let fields: Vec<&str> = fields.map(|change| change.field.as_str()).collect();
        let name = after.id.to_string();
        let told = json!({ "submission": attempt.submission, "attempt": attempt.number, "changed": fields });
        let event = Event::new(Action::Reverted, "lead", after.id, &name).after(told);
        record(&tx, self.actor(), event, now).await?;
        tx.commit().await?;
        Ok(found)
    }

    async fn revertible(
        &self,
        db: &impl ConnectionTrait,
        lead: i64,
        attempt: AttemptId,
        now: i64,
    ) -> Result<Revertible> {
        let lead_now = find_living(db, lead).await?;
        let lead_now = lead_now.filter(|lead| may_edit(self.person(), lead.owner));
        let lead_now = lead_now.ok_or_else(|| Error::not_found("lead"))?;
        let sql = "SELECT at, outcome, changes FROM attempt WHERE submission_id = $1 AND number = $2 AND lead_id = $3";
        let values = [
            attempt.submission.into(),
            attempt.number.into(),
            lead.into(),
        ];
        let found = row::<AttemptRow>(db, sql, values).await?;
        let found = found.ok_or_else(|| {
            Error::invalid("attempt: there is no such attempt at this lead. Choose another one.")
        })?;
        let changes: Vec<Change> = match found.outcome.as_str() {
            "created" => Vec::new(),
            _ => from_json(&found.changes)?,
        };
        let mut after = Lead {
            version: lead_now.version + 1,
            modified_at: now,
            ..lead_now.clone()
        };
        let reverted = revert(&mut after, attempt.submission, &changes, now);
        Ok(Revertible {
            name: display_name(&lead_now.fields),
            lead: lead_now,
            at: found.at,
            why_not: why_not(&found.outcome, &changes, &reverted),
            reverted,
            after,
        })
    }
}

fn why_not(outcome: &str, changes: &[Change], reverted: &Reverted) -> Option<&'static str> {
    match (outcome, changes) {
        ("created", _) => Some(
            "This attempt made the lead, and a lead is not deleted. Edit it, close it, or merge it with another one.",
        ),
        (_, []) => Some("This attempt changed nothing."),
        _ if reverted.back.is_empty() => {
            Some("All that this attempt changed was changed again since. It stays as it is.")
        }
        _ => None,
    }
}

/// A lead, or the one that stands for it since it was merged.
async fn find_living(db: &impl ConnectionTrait, lead: i64) -> Result<Option<Lead>> {
    let sql = "SELECT COALESCE(merged_into_id, id) AS id FROM lead WHERE id = $1";
    let Some(living) = row::<Living>(db, sql, [lead.into()]).await? else {
        return Ok(None);
    };
    let found = find_leads(db, &BTreeSet::new(), &BTreeSet::from([living.id])).await?;
    Ok(found.into_iter().next())
}
