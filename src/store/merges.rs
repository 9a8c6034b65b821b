//! Merging two leads of one person, and undoing it.
//!
//! A lead that was merged stays as a row, in the state `merged`: the submission that it was made from
//! is its key, so that submission can never make a second one, and whatever points to it still finds
//! it. It has no keys, no owner and no submissions as long, so nothing is matched to it or counted
//! with it, and it says which lead stands for it now (`merged_into_id`, also when that one was merged
//! in turn). What undoing takes is kept in `lead_merge`. A lead's merges are undone in reverse.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};
use serde_json::json;

use super::access::Administrator;
use super::audit::{Action, Event, record};
use super::lead_edit::{Note, NoteKind, check_owner, name_of};
use super::leads::{find_leads, save_keys, update_leads};
use super::match_fields::match_fields;
use super::mirrors::lives_elsewhere;
use super::{execute, from_json, row, text};
use crate::error::{Error, Kind, Result};
use crate::lead::{Change, Lead};
use crate::merge::{Choice, Images, Latest, Undone, differences, merge, undo};
use crate::plan::lead_keys;

/// Two leads that could become one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The one that stays.
    pub survivor: Lead,
    /// The one that is merged into it.
    pub other: Lead,
}

/// What an administrator wants to be merged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MergeWish {
    /// The lead that is merged into the survivor.
    pub other: i64,
    /// Which values are taken, and who works on it.
    pub choice: Choice,
    /// The versions of survivor and other that the administrator saw.
    pub seen: Option<(i64, i64)>,
}

/// The latest merge into a lead, and what undoing it would come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undoable {
    /// The survivor as it is now.
    pub lead: Lead,
    /// The lead that was merged into it, before.
    pub other: Lead,
    /// When they were merged.
    pub at: i64,
    /// By whom.
    pub actor: String,
    /// What undoing comes to.
    pub undone: Undone,
    /// How many submissions go back.
    pub returning: i64,
    /// How many came to the survivor since, and stay.
    pub came: i64,
    id: i64,
}

#[derive(FromQueryResult)]
struct MergeRow {
    id: i64,
    at: i64,
    actor: String,
    images: String,
}

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

#[derive(FromQueryResult)]
struct Count {
    n: i64,
}

#[derive(FromQueryResult)]
struct Submitted {
    submitted_at: i64,
    form_id: Option<i64>,
    campaign_id: Option<i64>,
}

impl Administrator {
    /// Two leads, to be looked at before they are merged.
    ///
    /// # Errors
    /// When one of them does not exist, was merged already, or they are the same.
    pub async fn find_pair(&self, survivor: i64, other: i64) -> Result<Pair> {
        find_pair(self.store().reading(), survivor, other).await
    }

    /// Merges a lead into the one that survives: fields, submissions and all.
    ///
    /// # Errors
    /// When one of them does not exist or was merged already, the owner may own nothing, or somebody
    /// changed one of them meanwhile; then nothing is done.
    pub async fn merge_leads(&self, survivor: i64, wish: &MergeWish, now: i64) -> Result<()> {
        let tx = self.store().begin_alone().await?;
        if lives_elsewhere(&tx).await? {
            return Err(conflict(
                "Leads live in Dynamics 365. Merge them there: it has its own way to do so, and Leadline follows.",
            ));
        }
        let Pair { survivor, other } = find_pair(&tx, survivor, wish.other).await?;
        let versions = (survivor.version, other.version);
        if wish.seen.is_some_and(|seen| seen != versions) {
            return Err(conflict(
                "One of the leads was changed meanwhile. Nothing is merged yet.",
            ));
        }
        if let Some(owner) = wish.choice.owner.filter(|id| survivor.owner != Some(*id)) {
            check_owner(self.store(), owner).await?;
        }
        let first = |id| first_submitted(&tx, id);
        let other_was_first = first(other.id).await? < first(survivor.id).await?;
        let after = merge(&survivor, &other, &wish.choice, other_was_first, now);
        let images = Images {
            before: survivor,
            after,
            other,
        };
        let moved = self.keep(&tx, &images, now).await?;
        put_in(&tx, &images, now).await?;
        self.tell(
            &tx,
            NoteKind::Merged,
            &images.before,
            &images.after,
            &images.other,
            now,
        )
        .await?;
        let after = json!({ "merged": images.other.id, "submissions": moved });
        self.finish(tx, Action::Merged, &images.after, after, now)
            .await
    }

    /// The latest merge into a lead that was not undone, and what undoing it would come to.
    ///
    /// # Errors
    /// When there is no such lead, or no merge of it to undo.
    pub async fn find_undoable(&self, lead: i64, now: i64) -> Result<Undoable> {
        self.undoable(self.store().reading(), lead, now).await
    }

    /// Undoes the latest merge into a lead; tells the lead that is there again. `seen` is the
    /// survivor's version that the administrator saw.
    ///
    /// # Errors
    /// When there is no merge to undo, or somebody changed the lead meanwhile; then nothing is done.
    pub async fn unmerge_lead(&self, lead: i64, seen: Option<i64>, now: i64) -> Result<i64> {
        let tx = self.store().begin_alone().await?;
        let undoable = self.undoable(&tx, lead, now).await?;
        if seen.is_some_and(|version| version != undoable.lead.version) {
            return Err(conflict(
                "The lead was changed meanwhile. Nothing is undone yet.",
            ));
        }
        let Undone {
            survivor, other, ..
        } = &undoable.undone;
        take_out(&tx, &undoable, now).await?;
        self.tell(
            &tx,
            NoteKind::Unmerged,
            &undoable.lead,
            survivor,
            other,
            now,
        )
        .await?;
        let back = Note {
            lead: other.id,
            kind: NoteKind::Unmerged,
            about: Some(lead),
            changes: &[],
        };
        back.write(&tx, self.actor(), now).await?;
        let after = json!({ "unmerged": other.id, "submissions": undoable.returning });
        let returned = other.id;
        self.finish(tx, Action::Unmerged, survivor, after, now)
            .await?;
        Ok(returned)
    }

    /// Keeps what undoing takes, and which submissions move; tells how many do.
    async fn keep(&self, tx: &DatabaseTransaction, images: &Images, now: i64) -> Result<u64> {
        let sql = "INSERT INTO lead_merge (survivor_id, merged_id, at, actor, images) VALUES ($1, $2, $3, $4, $5) RETURNING id";
        let values = [
            images.before.id.into(),
            images.other.id.into(),
            now.into(),
            text(self.actor().name()),
            super::json(images)?.into(),
        ];
        let made = row::<Id>(tx, sql, values).await?;
        let merge = made.ok_or_else(|| Error::internal("no merge"))?.id;
        let sql = "INSERT INTO lead_merge_submission (merge_id, submission_id) \
             SELECT CAST($1 AS bigint), id FROM submission WHERE lead_id = $2";
        execute(tx, sql, [merge.into(), images.other.id.into()]).await
    }

    async fn undoable(&self, db: &impl ConnectionTrait, lead: i64, now: i64) -> Result<Undoable> {
        let found = find_leads(db, &BTreeSet::new(), &BTreeSet::from([lead])).await?;
        let found = found.into_iter().next();
        let lead = found.ok_or_else(|| Error::not_found("lead"))?;
        let sql = "SELECT id, at, actor, images FROM lead_merge WHERE survivor_id = $1 AND undone_at IS NULL \
             ORDER BY id DESC LIMIT 1";
        let merge = row::<MergeRow>(db, sql, [lead.id.into()]).await?;
        let merge = merge.ok_or_else(|| conflict("There is no merge of this lead to undo."))?;
        let mut images: Images = from_json(&merge.images)?;
        // Somebody who was deleted meanwhile owns nothing any more.
        for image in [&mut images.before, &mut images.other] {
            if name_of(db, image.owner).await?.is_none() {
                image.owner = None;
            }
        }
        let sql = "SELECT count(*) AS n FROM lead_merge_submission m JOIN submission s ON s.id = m.submission_id \
             WHERE m.merge_id = $1 AND s.lead_id = $2";
        let counted = row::<Count>(db, sql, [merge.id.into(), lead.id.into()]).await?;
        let returning = counted.map_or(0, |count| count.n);
        let latest = latest_staying(db, &lead, merge.id).await?;
        let undone = undo(&lead, &images, returning, latest, now);
        Ok(Undoable {
            came: undone.survivor.submission_count - images.before.submission_count,
            other: images.other,
            at: merge.at,
            actor: merge.actor,
            undone,
            returning,
            lead,
            id: merge.id,
        })
    }

    /// Writes what changed into the survivor's history.
    async fn tell(
        &self,
        tx: &DatabaseTransaction,
        kind: NoteKind,
        before: &Lead,
        after: &Lead,
        other: &Lead,
        now: i64,
    ) -> Result<()> {
        let mut changes = differences(before, after);
        if before.owner != after.owner {
            changes.push(Change {
                field: "ownerid".to_owned(),
                before: name_of(tx, before.owner).await?,
                after: name_of(tx, after.owner).await?,
            });
        }
        let note = Note {
            lead: after.id,
            kind,
            about: Some(other.id),
            changes: &changes,
        };
        note.write(tx, self.actor(), now).await
    }

    /// Writes the audit event and makes it all so.
    async fn finish(
        &self,
        tx: DatabaseTransaction,
        action: Action,
        lead: &Lead,
        after: serde_json::Value,
        now: i64,
    ) -> Result<()> {
        let name = lead.id.to_string();
        let event = Event::new(action, "lead", lead.id, &name).after(after);
        record(&tx, self.actor(), event, now).await?;
        Ok(tx.commit().await?)
    }
}

async fn find_pair(db: &impl ConnectionTrait, survivor: i64, other: i64) -> Result<Pair> {
    if survivor == other {
        return Err(Error::invalid(
            "with: a lead cannot be merged with itself. Choose another one.",
        ));
    }
    let ids = BTreeSet::from([survivor, other]);
    let found = find_leads(db, &BTreeSet::new(), &ids).await?;
    let mut found: BTreeMap<i64, Lead> = found.into_iter().map(|lead| (lead.id, lead)).collect();
    let survivor = found.remove(&survivor);
    let other = found.remove(&other);
    Ok(Pair {
        survivor: survivor.ok_or_else(|| Error::not_found("lead"))?,
        other: other.ok_or_else(|| {
            Error::invalid(
                "with: this lead does not exist, or was merged already. Choose another one.",
            )
        })?,
    })
}

/// When a lead's first submission was made; after everything else when it has none.
async fn first_submitted(db: &impl ConnectionTrait, lead: i64) -> Result<i64> {
    let sql =
        "SELECT submitted_at AS n FROM submission WHERE lead_id = $1 ORDER BY submitted_at LIMIT 1";
    let first = row::<Count>(db, sql, [lead.into()]).await?;
    Ok(first.map_or(i64::MAX, |first| first.n))
}

/// The latest submission of a lead that does not belong to a merge.
async fn latest_staying(
    db: &impl ConnectionTrait,
    lead: &Lead,
    merge: i64,
) -> Result<Option<Latest>> {
    let sql = "SELECT s.submitted_at, s.form_id, s.campaign_id FROM submission s WHERE s.lead_id = $1 AND NOT EXISTS \
         (SELECT 1 FROM lead_merge_submission m WHERE m.merge_id = $2 AND m.submission_id = s.id) \
         ORDER BY s.submitted_at DESC, s.id DESC LIMIT 1";
    let latest = row::<Submitted>(db, sql, [lead.id.into(), merge.into()]).await?;
    Ok(latest.map(|latest| Latest {
        submitted_at: latest.submitted_at,
        form: latest.form_id,
        campaign: latest.campaign_id,
    }))
}

/// Writes the survivor, retires the other lead, and moves its submissions.
async fn put_in(tx: &DatabaseTransaction, images: &Images, now: i64) -> Result<()> {
    let (after, other) = (&images.after, &images.other);
    let retire = "UPDATE lead SET state = 'merged', merged_into_id = $1, owner_id = NULL, submission_count = 0, \
         version = version + 1, modified_at = $2 WHERE id = $3";
    execute(tx, retire, [after.id.into(), now.into(), other.id.into()]).await?;
    let before = "UPDATE lead SET merged_into_id = $1 WHERE merged_into_id = $2";
    execute(tx, before, [after.id.into(), other.id.into()]).await?;
    let moving = "UPDATE submission SET lead_id = $1 WHERE lead_id = $2";
    execute(tx, moving, [after.id.into(), other.id.into()]).await?;
    write_lead(tx, after).await?;
    save_keys(tx, &[(other.id, BTreeSet::new())]).await
}

/// Writes both leads as they are without the merge, and moves the submissions back.
async fn take_out(tx: &DatabaseTransaction, undoable: &Undoable, now: i64) -> Result<()> {
    let Undone {
        survivor, other, ..
    } = &undoable.undone;
    let merge = undoable.id;
    execute(
        tx,
        "UPDATE lead_merge SET undone_at = $1 WHERE id = $2",
        [now.into(), merge.into()],
    )
    .await?;
    let moving = "UPDATE submission SET lead_id = $1 WHERE lead_id = $2 AND id IN \
         (SELECT submission_id FROM lead_merge_submission WHERE merge_id = $3)";
    execute(
        tx,
        moving,
        [other.id.into(), survivor.id.into(), merge.into()],
    )
    .await?;
    // Leads that had been merged into the other one before are that one's again.
    let before = "WITH RECURSIVE part (id) AS (SELECT merged_id FROM lead_merge WHERE survivor_id = $1 AND undone_at IS NULL \
           UNION SELECT m.merged_id FROM lead_merge m JOIN part ON m.survivor_id = part.id WHERE m.undone_at IS NULL) \
         UPDATE lead SET merged_into_id = $1 WHERE id IN (SELECT id FROM part)";
    execute(tx, before, [other.id.into()]).await?;
    let back = "UPDATE lead SET merged_into_id = NULL WHERE id = $1";
    execute(tx, back, [other.id.into()]).await?;
    write_lead(tx, survivor).await?;
    write_lead(tx, other).await
}

/// Writes a lead whole, with its keys, and tells its submissions whose they are.
async fn write_lead(tx: &DatabaseTransaction, lead: &Lead) -> Result<()> {
    update_leads(tx, &[lead]).await?;
    let sql =
        "UPDATE lead SET follows_id = $1, first_form_id = $2, first_campaign_id = $3 WHERE id = $4";
    let values = [
        lead.follows.into(),
        lead.first_form.into(),
        lead.first_campaign.into(),
        lead.id.into(),
    ];
    execute(tx, sql, values).await?;
    let keys = lead_keys(&match_fields(tx).await?, &lead.fields);
    save_keys(tx, &[(lead.id, keys)]).await?;
    let sql =
        "UPDATE submission SET owner_id = $1 WHERE lead_id = $2 AND owner_id IS DISTINCT FROM $1";
    execute(tx, sql, [lead.owner.into(), lead.id.into()]).await?;
    Ok(())
}

fn conflict(message: &str) -> Error {
    Error::new(Kind::Conflict, message)
}
