//! The list of campaigns.

use sea_orm::FromQueryResult;

use super::forms::{BY_CAMPAIGN, Yield, find_yields};
use super::paging::{Listing, Order, Page, Paging, Wanted, read_page};
use super::query::{self, Pairs};
use crate::error::{Error, Result};
use crate::store::access::Reader;
use crate::store::row;

/// Which campaigns are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CampaignFilter {
    /// What the name has in it.
    pub q: Option<String>,
    /// Leadline's id of the account.
    pub account: Option<i64>,
    /// LinkedIn's status of the campaign, such as `ACTIVE`.
    pub status: Option<String>,
}

impl CampaignFilter {
    /// Reads the filter out of a query string.
    ///
    /// # Errors
    /// When a field holds something else than it may; the message names it.
    pub fn read(get: &impl Fn(&str) -> Option<String>) -> Result<CampaignFilter> {
        Ok(CampaignFilter {
            q: query::text(get, "q")?,
            account: query::id(get, "account")?,
            status: query::text(get, "status")?,
        })
    }

    /// The filter as a query string has it.
    #[must_use]
    pub fn pairs(&self) -> Pairs {
        let mut pairs = Pairs::default();
        pairs.add("q", self.q.as_ref());
        pairs.add("account", self.account);
        pairs.add("status", self.status.as_ref());
        pairs
    }

    fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        wanted.contains("c.name", self.q.as_deref());
        wanted.equal("c.account_id", self.account);
        wanted.equal("c.linkedin_status", self.status.clone());
        wanted
    }
}

/// One campaign in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignRow {
    /// What LinkedIn says about it.
    pub campaign: ListedCampaign,
    /// What came of it.
    pub came: Yield,
}

/// What stands in the row of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct ListedCampaign {
    /// Leadline's id.
    pub id: i64,
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
    /// When it begins.
    pub starts_at: Option<i64>,
    /// When it ends.
    pub ends_at: Option<i64>,
    /// The account.
    pub account_id: i64,
    /// The account's name.
    pub account_name: String,
}

const LISTING: Listing = Listing {
    columns: "c.id, c.linkedin_id, c.name, c.campaign_type, c.objective, c.linkedin_status, c.starts_at, c.ends_at, \
         c.account_id, a.name AS account_name",
    table: "campaign",
    alias: "c",
    joins: "JOIN linked_account a ON a.id = c.account_id",
};

impl Reader {
    /// One page of the campaigns that are wanted, by name.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_campaigns(
        &self,
        filter: &CampaignFilter,
        paging: &Paging,
    ) -> Result<Page<CampaignRow>> {
        let db = self.store().reading();
        let order = Order {
            column: "c.name",
            text: true,
            descending: false,
        };
        let cursor = |campaign: &ListedCampaign| order.cursor(0, campaign.id);
        let page = read_page(db, &LISTING, filter.wanted(), order, paging, cursor).await?;
        let ids = page.items.iter().map(|campaign| campaign.id);
        let yields = find_yields(db, BY_CAMPAIGN, ids, self.sight().await?).await?;
        Ok(page.map(|campaign| CampaignRow {
            came: yields.get(&campaign.id).copied().unwrap_or_default(),
            campaign,
        }))
    }

    /// One campaign.
    ///
    /// # Errors
    /// When there is no such campaign, or the database cannot be reached.
    pub async fn find_campaign(&self, id: i64) -> Result<CampaignRow> {
        let db = self.store().reading();
        let found = row::<ListedCampaign>(db, &LISTING.one(), [id.into()]).await?;
        let campaign = found.ok_or_else(|| Error::not_found("campaign"))?;
        let came = find_yields(db, BY_CAMPAIGN, [id], self.sight().await?)
            .await?
            .remove(&id);
        Ok(CampaignRow {
            came: came.unwrap_or_default(),
            campaign,
        })
    }
}
