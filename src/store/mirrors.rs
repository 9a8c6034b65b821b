//! Leads of an organization in the database: what was last seen of each, and what waits to be
//! brought there.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, QueryResult, Value};
use uuid::Uuid;

use super::access::Actor;
use super::attempts::{NewAttempt, insert_attempts};
use super::leads::{LEAD, LeadRow, insert_leads, save_keys, update_leads};
use super::{Store, execute, from_json, json, maybe_text, placeholders, row, rows, text};
use crate::crm::dynamics::Receipt;
use crate::crm::mirror::{Mirror, Seen, There, absorb, known, take_back};
use crate::error::{Error, Result};
use crate::explain::Trace;
use crate::lead::{Lead, LeadFields};
use crate::plan::lead_keys;
use crate::review::Reason;
use crate::submission::{MatchingStatus, ProcessingState};

/// Says of a lead that the organization deleted it.
const DELETED: &str = "deleted";

/// A lead's row with what the organization has of it.
struct MirrorRow {
    lead: LeadRow,
    record_id: Option<String>,
    record_version: Option<String>,
    record_fields: String,
    record_open: bool,
    record_user: Option<String>,
    record_owner_id: Option<i64>,
}

impl FromQueryResult for MirrorRow {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, sea_orm::DbErr> {
        Ok(MirrorRow {
            lead: LeadRow::from_query_result(row, prefix)?,
            record_id: row.try_get(prefix, "record_id")?,
            record_version: row.try_get(prefix, "record_version")?,
            record_fields: row.try_get(prefix, "record_fields")?,
            record_open: row.try_get(prefix, "record_open")?,
            record_user: row.try_get(prefix, "record_user")?,
            record_owner_id: row.try_get(prefix, "record_owner_id")?,
        })
    }
}

impl MirrorRow {
    fn read(self) -> Result<Mirror> {
        let id = |text: Option<String>| {
            let id = text.as_deref().map(str::parse::<Uuid>);
            id.transpose().map_err(Error::internal)
        };
        Ok(Mirror {
            lead: self.lead.read()?,
            record: id(self.record_id)?,
            version: self.record_version,
            seen: There {
                fields: from_json(&self.record_fields)?,
                open: self.record_open,
                user: id(self.record_user)?,
                owner: self.record_owner_id,
            },
        })
    }
}

/// Something that is to be brought to the organization.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    /// The lead and what was last seen of it.
    pub mirror: Mirror,
    /// The submission that it was made from, in LinkedIn's words; `None` when the organization had
    /// the lead before.
    pub made_from: Option<MadeFrom>,
    /// The e-mail address of whoever owns it.
    pub owner: Option<String>,
    /// How often it was tried in vain.
    pub failures: u32,
}

/// The submission that a lead was made from.
#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct MadeFrom {
    /// LinkedIn's name of the account.
    pub account: String,
    /// LinkedIn's id of the response.
    pub response: String,
    /// What the form is called.
    pub form: Option<String>,
}

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

#[derive(FromQueryResult)]
struct Waiting {
    id: i64,
    attempts: i64,
}

#[derive(FromQueryResult)]
struct More {
    delivery_failures: i64,
    owner_email: Option<String>,
}

/// The leads with these ids, and those with these records.
pub(crate) async fn find_mirrors(
    db: &impl ConnectionTrait,
    ids: &BTreeSet<i64>,
    records: &BTreeSet<Uuid>,
) -> Result<Vec<Mirror>> {
    let mut found = BTreeMap::new();
    let by_id: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let by_record: Vec<Value> = records.iter().map(|id| id.to_string().into()).collect();
    let columns = [
        ("id", "left_in IS NULL", by_id),
        // What was deleted may be restored.
        (
            "record_id",
            "(left_in IS NULL OR left_in = 'deleted')",
            by_record,
        ),
    ];
    for (column, condition, values) in columns {
        for some in values.chunks(500) {
            let list = placeholders(1, &vec![""; some.len()], 1);
            let sql = format!(
                "SELECT {LEAD}, record_id, record_version, record_fields, record_open, record_user, record_owner_id \
                   FROM lead WHERE {column} IN {list} AND state <> 'merged' AND {condition}"
            );
            for row in rows::<MirrorRow>(db, &sql, some.iter().cloned()).await? {
                let mirror = row.read()?;
                found.insert(mirror.lead.id, mirror);
            }
        }
    }
    Ok(found.into_values().collect())
}

/// Takes over what the organization was seen to have; `asked` are the columns that it was asked for.
pub(crate) async fn save_seen(
    tx: &DatabaseTransaction,
    seen: &[Seen],
    asked: &BTreeSet<String>,
    key_fields: &LeadFields,
    now: i64,
) -> Result<()> {
    let records: BTreeSet<Uuid> = seen.iter().map(|seen| seen.id).collect();
    let there = find_mirrors(tx, &BTreeSet::new(), &records).await?;
    let mut there: BTreeMap<Uuid, Mirror> = there
        .into_iter()
        .filter_map(|mirror| Some((mirror.record?, mirror)))
        .collect();
    let (mut new, mut same, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    for seen in seen {
        match there.remove(&seen.id) {
            None => new.push(known(seen)),
            Some(mut mirror) => {
                let was_open = mirror.version.is_some() && mirror.lead.open;
                let another = absorb(&mut mirror, seen, asked);
                if was_open && !mirror.lead.open {
                    decide_again(tx, &mut mirror, now).await?;
                }
                match another {
                    true => changed.push(mirror),
                    false => same.push(mirror),
                }
            }
        }
    }
    let made = insert_leads(tx, &new.iter().map(|m| &m.lead).collect::<Vec<_>>(), now).await?;
    for mirror in &mut new {
        let id = made.get(&mirror.lead.created_by);
        mirror.lead.id = *id.ok_or_else(|| Error::internal("a lead was not kept"))?;
    }
    let leads: Vec<_> = changed.iter().map(|mirror| &mirror.lead).collect();
    update_leads(tx, &leads).await?;
    give_along(tx, &leads).await?;
    let restored = restored(tx, &same).await?;
    let same_again = same.iter().filter(|m| restored.contains(&m.lead.id));
    let keys: Vec<_> = new
        .iter()
        .chain(&changed)
        .chain(same_again)
        .map(|m| (m.lead.id, lead_keys(key_fields, &m.lead.fields)))
        .collect();
    save_keys(tx, &keys).await?;
    for mirror in new.iter().chain(&changed).chain(&same) {
        save_record(tx, mirror).await?;
    }
    Ok(())
}

/// The organization closed the lead: submissions that were on their way to it are decided again, and
/// what they brought is taken back. What a person changed here stays.
async fn decide_again(db: &impl ConnectionTrait, mirror: &mut Mirror, now: i64) -> Result<()> {
    let id = mirror.lead.id;
    let sql = format!("SELECT id FROM submission WHERE lead_id = $1 AND {ON_ITS_WAY}");
    let waiting = rows::<Id>(db, &sql, [id.into()]).await?;
    let waiting: BTreeSet<i64> = waiting.into_iter().map(|row| row.id).collect();
    take_back(mirror, &waiting);
    let sql = format!(
        "UPDATE submission SET due_at = $1, lead_id = NULL WHERE lead_id = $2 AND {ON_ITS_WAY}"
    );
    execute(db, &sql, [now.into(), id.into()]).await?;
    Ok(())
}

/// Which of these leads were deleted and are there again; nothing finds them yet.
async fn restored(db: &impl ConnectionTrait, seen: &[Mirror]) -> Result<BTreeSet<i64>> {
    let mut restored = BTreeSet::new();
    for some in seen.chunks(500) {
        let list = placeholders(1, &vec![""; some.len()], 2);
        let sql = format!("SELECT id FROM lead WHERE left_in = $1 AND id IN {list}");
        let ids = some.iter().map(|mirror| Value::from(mirror.lead.id));
        let found = rows::<Id>(db, &sql, std::iter::once(DELETED.into()).chain(ids)).await?;
        restored.extend(found.into_iter().map(|row| row.id));
    }
    Ok(restored)
}

/// The submissions of leads go along with them to their owners.
async fn give_along(db: &impl ConnectionTrait, leads: &[&Lead]) -> Result<()> {
    let owner = "(SELECT l.owner_id FROM lead l WHERE l.id = submission.lead_id)";
    for some in leads.chunks(500) {
        let list = placeholders(1, &vec![""; some.len()], 1);
        let sql = format!(
            "UPDATE submission SET owner_id = {owner} WHERE lead_id IN {list} AND owner_id IS DISTINCT FROM {owner}"
        );
        execute(db, &sql, some.iter().map(|lead| Value::from(lead.id))).await?;
    }
    Ok(())
}

/// Notes what was last seen of a lead.
async fn save_record(db: &impl ConnectionTrait, mirror: &Mirror) -> Result<()> {
    let sql = "UPDATE lead SET record_id = $1, record_version = $2, record_fields = $3, record_open = $4, \
         record_user = $5, record_owner_id = $6, left_in = NULL WHERE id = $7";
    let values = [
        mirror.record.map(|id| id.to_string()).into(),
        mirror.version.clone().into(),
        json(&mirror.seen.fields)?.into(),
        mirror.seen.open.into(),
        mirror.seen.user.map(|id| id.to_string()).into(),
        mirror.seen.owner.into(),
        mirror.lead.id.into(),
    ];
    execute(db, sql, values).await?;
    Ok(())
}

/// The organization deleted these leads. They are found by nothing any more; submissions that wait to
/// be brought to them are decided anew.
pub(crate) async fn save_gone(db: &impl ConnectionTrait, ids: &[i64], now: i64) -> Result<()> {
    for id in ids {
        let sql = "UPDATE lead SET left_in = $1, deliver_at = NULL WHERE id = $2";
        execute(db, sql, [DELETED.into(), (*id).into()]).await?;
        let sql = "DELETE FROM lead_key WHERE lead_id = $1";
        execute(db, sql, [(*id).into()]).await?;
        // The one that the lead was made from keeps it: it does not make the lead a second time.
        let sql = "UPDATE submission SET due_at = $1, lead_id = CASE WHEN id = (SELECT created_by FROM lead WHERE id = $2) \
             THEN lead_id END WHERE lead_id = $2 AND reason_code = 'delivering'";
        execute(db, sql, [now.into(), (*id).into()]).await?;
    }
    Ok(())
}

/// What became of these leads is to be brought to the organization.
pub(crate) async fn mark_to_deliver(
    db: &impl ConnectionTrait,
    ids: &BTreeSet<i64>,
    now: i64,
) -> Result<()> {
    let ids: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    for some in ids.chunks(500) {
        let list = placeholders(1, &vec![""; some.len()], 2);
        let sql = format!(
            "UPDATE lead SET deliver_at = $1, delivery_failures = 0, delivery_problem = NULL WHERE id IN {list}"
        );
        let values = std::iter::once(now.into()).chain(some.iter().cloned());
        execute(db, &sql, values).await?;
    }
    Ok(())
}

impl Store {
    /// The leads whose turn it is to be brought to the organization, those that wait longest first.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_to_deliver(&self, limit: u64, now: i64) -> Result<Vec<i64>> {
        let sql = "SELECT id FROM lead WHERE deliver_at <= $1 ORDER BY deliver_at, id LIMIT $2";
        let found = rows::<Id>(self.writing(), sql, [now.into(), limit.into()]).await?;
        Ok(found.into_iter().map(|row| row.id).collect())
    }

    /// Whether anything waits to be brought to the organization, be it now or later.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn has_to_deliver(&self) -> Result<bool> {
        let sql = "SELECT id FROM lead WHERE deliver_at IS NOT NULL LIMIT 1";
        Ok(row::<Id>(self.reading(), sql, []).await?.is_some())
    }

    /// A lead with all that is needed to bring it to the organization; `None` when it is not there any
    /// more.
    pub(crate) async fn find_delivery(&self, id: i64) -> Result<Option<Delivery>> {
        let db = self.writing();
        let found = find_mirrors(db, &BTreeSet::from([id]), &BTreeSet::new()).await?;
        let Some(mirror) = found.into_iter().next() else {
            return Ok(None);
        };
        let sql = "SELECT l.delivery_failures, p.email AS owner_email FROM lead l LEFT JOIN person p ON p.id = l.owner_id \
             WHERE l.id = $1";
        let more = row::<More>(db, sql, [id.into()]).await?;
        let sql = "SELECT a.urn AS account, s.linkedin_id AS response, f.name AS form FROM submission s \
             JOIN linked_account a ON a.id = s.account_id LEFT JOIN form f ON f.id = s.form_id WHERE s.id = $1";
        let made_from = row::<MadeFrom>(db, sql, [mirror.lead.created_by.into()]).await?;
        Ok(more.map(|more| Delivery {
            mirror,
            made_from,
            owner: more.owner_email,
            failures: u32::try_from(more.delivery_failures).unwrap_or(0),
        }))
    }

    /// The organization has this of the lead now. The submissions that waited for it are done, unless
    /// the lead changed meanwhile; then it is brought there once more.
    pub(crate) async fn save_delivered(
        &self,
        delivery: &Delivery,
        there: &There,
        record: Uuid,
        receipt: &Receipt,
    ) -> Result<()> {
        let lead = &delivery.mirror.lead;
        let now = self.clock().await?;
        let tx = self.begin_alone().await?;
        let sql = "UPDATE lead SET record_id = $1, record_version = $2, record_fields = $3, record_open = $6, \
             record_user = $7, record_owner_id = $8, delivery_failures = 0, delivery_problem = NULL, \
             deliver_at = CASE WHEN version = $4 THEN NULL ELSE deliver_at END WHERE id = $5";
        let values = [
            record.to_string().into(),
            text(&receipt.etag),
            json(&there.fields)?.into(),
            lead.version.into(),
            lead.id.into(),
            there.open.into(),
            there.user.map(|id| id.to_string()).into(),
            there.owner.into(),
        ];
        execute(&tx, sql, values).await?;
        let sql = "UPDATE attempt SET arrived_at = $1, request_id = $2 WHERE lead_id = $3 AND arrived_at IS NULL \
             AND (SELECT deliver_at FROM lead WHERE id = $3) IS NULL \
             AND EXISTS (SELECT 1 FROM submission s WHERE s.id = attempt.submission_id AND s.attempts = attempt.number \
               AND s.reason_code = 'delivering')";
        let request = maybe_text(receipt.request_id.as_deref());
        execute(&tx, sql, [now.into(), request, lead.id.into()]).await?;
        let sql = "UPDATE submission SET processing_state = $1, reason_code = '', reason = '' \
             WHERE lead_id = $2 AND reason_code = 'delivering' AND (SELECT deliver_at FROM lead WHERE id = $2) IS NULL";
        let values = [ProcessingState::Succeeded.code().into(), lead.id.into()];
        execute(&tx, sql, values).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The organization has changed the lead; takes it over.
    pub(crate) async fn save_seen_again(
        &self,
        seen: &[Seen],
        asked: &BTreeSet<String>,
        now: i64,
    ) -> Result<()> {
        let tx = self.begin_alone().await?;
        let key_fields = super::match_fields::match_fields(&tx).await?;
        save_seen(&tx, seen, asked, &key_fields, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Says which record a lead is or will be, before what the organization has of it was read.
    pub(crate) async fn save_record_of(&self, id: i64, record: Uuid) -> Result<()> {
        let sql = "UPDATE lead SET record_id = $1 WHERE id = $2";
        execute(self.writing(), sql, [record.to_string().into(), id.into()]).await?;
        Ok(())
    }

    /// The organization does not have the lead any more.
    pub(crate) async fn save_lead_gone(&self, id: i64, now: i64) -> Result<()> {
        let tx = self.begin_alone().await?;
        save_gone(&tx, &[id], now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// It did not work for now: the lead is tried again at `again`, and the reason is said.
    pub(crate) async fn save_put_off(&self, id: i64, again: i64, why: &str) -> Result<()> {
        let sql = "UPDATE lead SET deliver_at = $1, delivery_failures = delivery_failures + 1, delivery_problem = $2 \
             WHERE id = $3 AND deliver_at IS NOT NULL";
        let values = [again.into(), text(why), id.into()];
        execute(self.writing(), sql, values).await?;
        Ok(())
    }

    /// The organization does not take the lead as it is, and trying again would not help: the
    /// submissions that wait for it have failed, with the reason, which is an attempt of its own in
    /// the history of each. Running one again tries anew. `request_id` is what the organization calls
    /// the request, if it was asked.
    pub(crate) async fn save_refused(
        &self,
        delivery: &Delivery,
        why: &str,
        request_id: Option<&str>,
    ) -> Result<()> {
        let lead = &delivery.mirror.lead;
        let now = self.clock().await?;
        let status = match delivery.mirror.version {
            None => MatchingStatus::CreationFailed,
            Some(_) => MatchingStatus::UpdateFailed,
        };
        let tx = self.begin_alone().await?;
        let sql = "UPDATE lead SET deliver_at = NULL, delivery_problem = $1 WHERE id = $2 AND version = $3";
        let values = [text(why), lead.id.into(), lead.version.into()];
        if execute(&tx, sql, values).await? == 0 {
            // It is another one by now, and gets its own try.
            return Ok(());
        }
        let sql =
            format!("SELECT id, attempts FROM submission WHERE lead_id = $1 AND {ON_ITS_WAY}");
        let waiting = rows::<Waiting>(&tx, &sql, [lead.id.into()]).await?;
        let attempts = waiting.into_iter().map(|waiting| NewAttempt {
            submission_id: waiting.id,
            actor: Actor::Engine.name().to_owned(),
            replay_id: None,
            number: waiting.attempts + 1,
            outcome: "failed",
            reason_code: Reason::CrmRefused.slug(),
            reason: why.to_owned(),
            lead_id: Some(lead.id),
            trace: Trace::default(),
            changes: Vec::new(),
            request_id: request_id.map(str::to_owned),
        });
        insert_attempts(&tx, &attempts.collect::<Vec<_>>(), now).await?;
        let sql = "UPDATE submission SET processing_state = $1, matching_status = $2, reason_code = $3, reason = $4, \
             attempts = attempts + 1 WHERE lead_id = $5 AND reason_code = 'delivering'";
        let values = [
            ProcessingState::Failed.code().into(),
            status.code().into(),
            Reason::CrmRefused.slug().into(),
            text(why),
            lead.id.into(),
        ];
        execute(&tx, sql, values).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Whether a submission is decided and on its way into the organization, as a condition of SQL; an
/// index has the same words.
pub(super) const ON_ITS_WAY: &str = "reason_code = 'delivering'";

/// Whether leads live in an organization, as a condition of SQL.
pub(super) const LIVES_ELSEWHERE: &str =
    "EXISTS (SELECT 1 FROM crm_connection WHERE state IN ('active', 'broken'))";

#[derive(FromQueryResult)]
struct Elsewhere {
    elsewhere: bool,
}

/// Whether leads live in an organization, and what lies here is what is known of them.
pub(crate) async fn lives_elsewhere(db: &impl ConnectionTrait) -> Result<bool> {
    let sql = format!("SELECT {LIVES_ELSEWHERE} AS elsewhere");
    let found = row::<Elsewhere>(db, &sql, []).await?;
    Ok(found.is_some_and(|row| row.elsewhere))
}

impl Store {
    /// Whether leads live in an organization.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn lives_elsewhere(&self) -> Result<bool> {
        lives_elsewhere(self.reading()).await
    }
}
