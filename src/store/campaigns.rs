//! Campaigns in the database.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Value};

use super::{Store, execute, maybe_text, placeholders, rows, text};
use crate::error::Result;

/// A campaign, as LinkedIn tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCampaign {
    /// LinkedIn's id.
    pub linkedin_id: i64,
    /// Its name.
    pub name: String,
    /// LinkedIn's type, such as `SPONSORED_UPDATES`.
    pub campaign_type: Option<String>,
    /// What it is for, such as `LEAD_GENERATION`.
    pub objective: Option<String>,
    /// LinkedIn's status, such as `ACTIVE`.
    pub linkedin_status: Option<String>,
    /// When it begins, in milliseconds since the epoch.
    pub starts_at: Option<i64>,
    /// When it ends.
    pub ends_at: Option<i64>,
    /// LinkedIn's own words.
    pub raw: String,
}

#[derive(FromQueryResult)]
struct KeyRow {
    id: i64,
    linkedin_id: i64,
}

const COLUMNS: &str = "account_id, linkedin_id, name, campaign_type, objective, linkedin_status, starts_at, ends_at, \
     raw, created_at, modified_at";

impl Store {
    /// Keeps campaigns of an account. One that says what it said before is not touched.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn save_campaigns(
        &self,
        account_id: i64,
        campaigns: &[NewCampaign],
        now: i64,
    ) -> Result<()> {
        let tx = self.begin().await?;
        for campaign in in_order(campaigns.iter()) {
            let sql = format!(
                "INSERT INTO campaign ({COLUMNS}) VALUES {} ON CONFLICT (account_id, linkedin_id) DO UPDATE SET \
                   name = excluded.name, campaign_type = excluded.campaign_type, objective = excluded.objective, \
                   linkedin_status = excluded.linkedin_status, starts_at = excluded.starts_at, \
                   ends_at = excluded.ends_at, raw = excluded.raw, modified_at = excluded.modified_at \
                 WHERE campaign.raw <> excluded.raw",
                placeholders(1, &[""; 11], 1)
            );
            execute(&tx, &sql, values(account_id, campaign, now)).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Keeps campaigns that responses brought along, unless they are known, and tells the id of each.
pub(crate) async fn save_mentioned_campaigns(
    tx: &DatabaseTransaction,
    account_id: i64,
    campaigns: &[NewCampaign],
    now: i64,
) -> Result<HashMap<i64, i64>> {
    let wanted: BTreeSet<i64> = campaigns.iter().map(|c| c.linkedin_id).collect();
    let known = find_campaign_ids(tx, account_id, &wanted).await?;
    let unknown = campaigns.iter();
    let unknown = in_order(unknown.filter(|c| !known.contains_key(&c.linkedin_id)));
    if unknown.is_empty() {
        return Ok(known);
    }
    for campaign in unknown {
        let sql = format!(
            "INSERT INTO campaign ({COLUMNS}) VALUES {} ON CONFLICT (account_id, linkedin_id) DO NOTHING",
            placeholders(1, &[""; 11], 1)
        );
        execute(tx, &sql, values(account_id, campaign, now)).await?;
    }
    find_campaign_ids(tx, account_id, &wanted).await
}

/// In one order everywhere: two transactions that write the same ones wait for each other, and neither
/// waits for the other while that one waits for it.
fn in_order<'a>(campaigns: impl Iterator<Item = &'a NewCampaign>) -> Vec<&'a NewCampaign> {
    let mut campaigns: Vec<&NewCampaign> = campaigns.collect();
    campaigns.sort_by_key(|campaign| campaign.linkedin_id);
    campaigns
}

async fn find_campaign_ids(
    tx: &impl ConnectionTrait,
    account_id: i64,
    ids: &BTreeSet<i64>,
) -> Result<HashMap<i64, i64>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT id, linkedin_id FROM campaign WHERE account_id = $1 AND linkedin_id IN {}",
        placeholders(1, &vec![""; ids.len()], 2)
    );
    let values = std::iter::once(Value::from(account_id)).chain(ids.iter().map(|id| (*id).into()));
    let found = rows::<KeyRow>(tx, &sql, values).await?;
    Ok(found
        .into_iter()
        .map(|row| (row.linkedin_id, row.id))
        .collect())
}

fn values(account_id: i64, campaign: &NewCampaign, now: i64) -> [Value; 11] {
    [
        account_id.into(),
        campaign.linkedin_id.into(),
        text(&campaign.name),
        maybe_text(campaign.campaign_type.as_deref()),
        maybe_text(campaign.objective.as_deref()),
        maybe_text(campaign.linkedin_status.as_deref()),
        campaign.starts_at.into(),
        campaign.ends_at.into(),
        text(&campaign.raw),
        now.into(),
        now.into(),
    ]
}
