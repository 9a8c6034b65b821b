//! Leads of the built-in store in the database, with the keys by which they are found.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::mirrors::LIVES_ELSEWHERE;
use super::{execute, from_json, json, placeholders, rows, search_key, text};
use crate::error::{Error, Result};
use crate::lead::{FieldKind, Lead, LeadFields, display_name};
use crate::matching::MatchKey;
use crate::plan::lead_keys;

#[derive(FromQueryResult)]
pub(super) struct LeadRow {
    id: i64,
    created_by: i64,
    follows_id: Option<i64>,
    state: String,
    owner_id: Option<i64>,
    fields: String,
    provenance: String,
    lead_source: String,
    first_form_id: Option<i64>,
    latest_form_id: Option<i64>,
    first_campaign_id: Option<i64>,
    latest_campaign_id: Option<i64>,
    submission_count: i64,
    latest_submitted_at: i64,
    modified_at: i64,
    version: i64,
}

#[derive(FromQueryResult)]
struct KeyRow {
    lead_id: i64,
}

#[derive(FromQueryResult)]
struct MadeRow {
    id: i64,
    created_by: i64,
}

/// Finds the leads that share at least one key, and those with these ids: two statements,
/// however many leads there are. One that was merged into another is not there any more.
pub(crate) async fn find_leads(
    db: &impl ConnectionTrait,
    keys: &BTreeSet<MatchKey>,
    ids: &BTreeSet<i64>,
) -> Result<Vec<Lead>> {
    let mut ids = ids.clone();
    ids.extend(find_ids(db, keys).await?);
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let list = placeholders(1, &vec![""; ids.len()], 1);
    let sql = format!("SELECT {LEAD} FROM lead WHERE id IN {list} AND {LIVING}");
    let leads = rows::<LeadRow>(db, &sql, ids.into_iter().map(Value::from)).await?;
    leads.into_iter().map(LeadRow::read).collect()
}

/// The leads that share at least one of these keys, by looking at each of the latest `most` leads:
/// for fields by which leads cannot be found yet.
pub(crate) async fn search_leads(
    db: &impl ConnectionTrait,
    fields: &LeadFields,
    keys: &BTreeSet<MatchKey>,
    most: usize,
) -> Result<Vec<Lead>> {
    let names: BTreeSet<String> = keys.iter().map(|key| key.field.clone()).collect();
    let fields = fields.only(&names);
    let (mut found, mut before, mut seen) = (Vec::new(), i64::MAX, 0);
    while seen < most && !keys.is_empty() {
        let sql = format!(
            "SELECT {LEAD} FROM lead WHERE id < $1 AND {LIVING} ORDER BY id DESC LIMIT {SEARCHED}"
        );
        let page = rows::<LeadRow>(db, &sql, [before.into()]).await?;
        seen += page.len();
        let full = page.len() == SEARCHED;
        before = page.last().map_or(0, |row| row.id);
        for row in page {
            let lead = row.read()?;
            if !lead_keys(&fields, &lead.fields).is_disjoint(keys) {
                found.push(lead);
            }
        }
        if !full {
            break;
        }
    }
    Ok(found)
}

/// How many leads are searched with one statement.
const SEARCHED: usize = 5_000;

/// Neither merged into another lead, nor left in another CRM or deleted there.
pub(super) const LIVING: &str = "state <> 'merged' AND left_in IS NULL";

/// The columns of a [`LeadRow`].
pub(super) const LEAD: &str = "id, created_by, follows_id, state, owner_id, fields, provenance, lead_source, first_form_id, \
     latest_form_id, first_campaign_id, latest_campaign_id, submission_count, latest_submitted_at, modified_at, version";

/// One look into the index for each key. As a join with the keys, both databases would rather read
/// all keys of all leads once they know how many there are.
async fn find_ids(db: &impl ConnectionTrait, keys: &BTreeSet<MatchKey>) -> Result<Vec<i64>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut by_field: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for key in keys {
        by_field.entry(&key.field).or_default().push(&key.value);
    }
    let (mut arms, mut values) = (Vec::new(), Vec::<Value>::new());
    for (field, wanted) in by_field {
        values.push(field.into());
        let place = values.len();
        let list = placeholders(1, &vec![""; wanted.len()], place + 1);
        arms.push(format!(
            "SELECT lead_id FROM lead_key WHERE field = ${place} AND value IN {list}"
        ));
        values.extend(wanted.into_iter().map(Value::from));
    }
    let found = rows::<KeyRow>(db, &arms.join(" UNION ALL "), values).await?;
    Ok(found.into_iter().map(|row| row.lead_id).collect())
}

/// Leads that one statement writes. Each takes some twenty values, of which SQLite allows 32,766 and
/// PostgreSQL 65,535.
const TOGETHER: usize = 1_000;

/// Writes new leads and tells the id of each by the submission that it was made from.
pub(crate) async fn insert_leads(
    db: &impl ConnectionTrait,
    leads: &[&Lead],
    now: i64,
) -> Result<BTreeMap<i64, i64>> {
    let mut made = BTreeMap::new();
    for some in leads.chunks(TOGETHER) {
        made.extend(insert_some(db, some, now).await?);
    }
    Ok(made)
}

async fn insert_some(
    db: &impl ConnectionTrait,
    leads: &[&Lead],
    now: i64,
) -> Result<BTreeMap<i64, i64>> {
    // What such a submission made where leads lived before gives way.
    let list = placeholders(1, &vec![""; leads.len()], 1);
    let sql = format!(
        "UPDATE lead SET created_by = -id WHERE left_in IS NOT NULL AND created_by IN {list}"
    );
    execute(
        db,
        &sql,
        leads.iter().map(|lead| Value::from(lead.created_by)),
    )
    .await?;
    let sql = format!(
        "INSERT INTO lead (created_by, follows_id, state, owner_id, fields, provenance, full_name, email, company, \
           name_key, email_key, company_key, lead_source, first_form_id, latest_form_id, first_campaign_id, latest_campaign_id, submission_count, \
           latest_submitted_at, version, created_at, modified_at) VALUES {} RETURNING id, created_by",
        placeholders(leads.len(), &[""; 22], 1)
    );
    let mut values: Vec<Value> = Vec::with_capacity(leads.len() * 22);
    for lead in leads {
        values.extend([
            lead.created_by.into(),
            lead.follows.into(),
            state(lead).into(),
            lead.owner.into(),
            json(&lead.fields)?.into(),
            json(&lead.provenance)?.into(),
        ]);
        values.extend(listed(lead));
        values.extend([
            text(&lead.source),
            lead.first_form.into(),
            lead.latest_form.into(),
            lead.first_campaign.into(),
            lead.latest_campaign.into(),
            lead.submission_count.into(),
            lead.latest_submitted_at.into(),
            lead.version.into(),
            now.into(),
            lead.modified_at.into(),
        ]);
    }
    let made = rows::<MadeRow>(db, &sql, values).await?;
    Ok(made
        .into_iter()
        .map(|row| (row.created_by, row.id))
        .collect())
}

/// Writes what changed in leads that are there. A lead that somebody else changed meanwhile is a
/// conflict, and nothing of the batch may be committed then.
pub(crate) async fn update_leads(db: &impl ConnectionTrait, leads: &[&Lead]) -> Result<()> {
    for some in leads.chunks(TOGETHER) {
        update_some(db, some).await?;
    }
    Ok(())
}

async fn update_some(db: &impl ConnectionTrait, leads: &[&Lead]) -> Result<()> {
    let types = [
        "bigint", "bigint", "text", "bigint", "text", "text", "text", "text", "text", "text",
        "text", "text", "bigint", "bigint", "bigint", "bigint", "bigint",
    ];
    let sql = format!(
        "WITH v (id, version, state, owner_id, fields, provenance, full_name, email, company, name_key, email_key, company_key, \
           latest_form_id, latest_campaign_id, submission_count, latest_submitted_at, modified_at) AS (VALUES {}) \
         UPDATE lead SET version = v.version, state = v.state, owner_id = v.owner_id, fields = v.fields, provenance = v.provenance, \
           full_name = v.full_name, email = v.email, company = v.company, name_key = v.name_key, \
           email_key = v.email_key, company_key = v.company_key, latest_form_id = v.latest_form_id, \
           latest_campaign_id = v.latest_campaign_id, submission_count = v.submission_count, \
           latest_submitted_at = v.latest_submitted_at, modified_at = v.modified_at, \
           deliver_at = CASE WHEN {LIVES_ELSEWHERE} THEN 0 ELSE deliver_at END \
         FROM v WHERE lead.id = v.id AND lead.version = v.version - 1",
        placeholders(leads.len(), &types, 1)
    );
    let mut values: Vec<Value> = Vec::with_capacity(leads.len() * types.len());
    for lead in leads {
        values.extend([
            lead.id.into(),
            lead.version.into(),
            state(lead).into(),
            lead.owner.into(),
            json(&lead.fields)?.into(),
            json(&lead.provenance)?.into(),
        ]);
        values.extend(listed(lead));
        values.extend([
            lead.latest_form.into(),
            lead.latest_campaign.into(),
            lead.submission_count.into(),
            lead.latest_submitted_at.into(),
            lead.modified_at.into(),
        ]);
    }
    match execute(db, &sql, values).await? {
        touched if touched == leads.len() as u64 => Ok(()),
        _ => Err(Error::new(
            crate::error::Kind::Unavailable,
            "A lead was changed by somebody else at the same moment.",
        )),
    }
}

/// Replaces the keys of leads.
pub(crate) async fn save_keys(
    db: &impl ConnectionTrait,
    leads: &[(i64, BTreeSet<MatchKey>)],
) -> Result<()> {
    if leads.is_empty() {
        return Ok(());
    }
    let list = placeholders(1, &vec![""; leads.len()], 1);
    let sql = format!("DELETE FROM lead_key WHERE lead_id IN {list}");
    execute(db, &sql, leads.iter().map(|(id, _)| Value::from(*id))).await?;
    let keys: Vec<(i64, &MatchKey)> = leads
        .iter()
        .flat_map(|(id, keys)| keys.iter().map(|key| (*id, key)))
        .collect();
    for chunk in keys.chunks(5_000) {
        let sql = format!(
            "INSERT INTO lead_key (field, value, lead_id) VALUES {}",
            placeholders(chunk.len(), &[""; 3], 1)
        );
        let values = chunk.iter().flat_map(|(id, key)| {
            [
                Value::from(key.field.clone()),
                key.value.clone().into(),
                (*id).into(),
            ]
        });
        execute(db, &sql, values).await?;
    }
    Ok(())
}

/// What a list shows of a lead and finds it by: name, e-mail address, company, and their keys.
fn listed(lead: &Lead) -> [Value; 6] {
    let field = |name: &str| lead.fields.get(name).map_or("", String::as_str);
    let name = display_name(&lead.fields);
    let (email, company) = (field("emailaddress1"), field("companyname"));
    [
        text(&name),
        text(email),
        text(company),
        search_key(FieldKind::Text, &name).into(),
        search_key(FieldKind::Email, email).into(),
        search_key(FieldKind::Text, company).into(),
    ]
}

fn state(lead: &Lead) -> &'static str {
    if lead.open { "open" } else { "closed" }
}

impl LeadRow {
    pub(super) fn read(self) -> Result<Lead> {
        Ok(Lead {
            id: self.id,
            created_by: self.created_by,
            follows: self.follows_id,
            open: self.state == "open",
            owner: self.owner_id,
            fields: from_json(&self.fields)?,
            provenance: from_json(&self.provenance)?,
            source: self.lead_source,
            first_form: self.first_form_id,
            latest_form: self.latest_form_id,
            first_campaign: self.first_campaign_id,
            latest_campaign: self.latest_campaign_id,
            submission_count: self.submission_count,
            latest_submitted_at: self.latest_submitted_at,
            modified_at: self.modified_at,
            version: self.version,
        })
    }
}
