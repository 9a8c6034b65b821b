//! One linked account.

use sea_orm::{FromQueryResult, Value};

use super::accounts::{LISTING, ListedAccount, ReachingProfile, is_mine};
use super::paging::{COUNT_LIMIT, Total};
use crate::error::{Error, Result};
use crate::store::access::Reader;
use crate::store::{row, rows};
use crate::submission::LeadType;

/// How many passes the page shows.
const RUNS: usize = 10;

/// An account as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountView {
    /// The account itself.
    pub account: ListedAccount,
    /// The profiles that reach it, of those that the person may see.
    pub profiles: Vec<ReachingProfile>,
    /// What was read from it.
    pub holds: Holdings,
    /// How far each kind of leads has been read.
    pub streams: Vec<StreamRow>,
    /// The latest passes, the latest first.
    pub runs: Vec<RunRow>,
}

/// What was read from an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Holdings {
    /// How many forms.
    pub forms: Total,
    /// How many campaigns.
    pub campaigns: Total,
    /// How many submissions.
    pub submissions: Total,
}

#[derive(FromQueryResult)]
struct HoldingsRow {
    forms: i64,
    campaigns: i64,
    submissions: i64,
}

/// How far one kind of leads has been read.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct StreamRow {
    lead_type: String,
    /// Everything before this has been read once.
    pub pulled_until: Option<i64>,
    /// The newest submission that was seen.
    pub highest_submitted_at: Option<i64>,
    /// Where reading the past began.
    pub backfill_from: Option<i64>,
    /// When the past had been read.
    pub backfill_done_at: Option<i64>,
}

impl StreamRow {
    /// What people call the kind of leads.
    #[must_use]
    pub fn lead_type(&self) -> &str {
        LeadType::parse(&self.lead_type).map_or(self.lead_type.as_str(), |kind| kind.label())
    }
}

/// One pass over an account.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct RunRow {
    /// Why it was made.
    pub reason: String,
    /// When it began.
    pub started_at: i64,
    /// When it ended; `None` while it is running.
    pub finished_at: Option<i64>,
    /// Requests to LinkedIn.
    pub calls: i64,
    /// Submissions that LinkedIn showed.
    pub received: i64,
    /// Submissions that were new.
    pub added: i64,
    /// How it ended.
    pub outcome: String,
    /// What happened, in words.
    pub detail: Option<String>,
}

impl Reader {
    /// One linked account.
    ///
    /// # Errors
    /// When there is no such account or it is not the person's, or the database cannot be reached.
    pub async fn find_account(&self, id: i64) -> Result<AccountView> {
        let db = self.store().reading();
        let sql = format!(
            "SELECT {} FROM {} a {} WHERE a.id = $1 AND {}",
            LISTING.columns,
            LISTING.table,
            LISTING.joins,
            is_mine("a.id", "$2", "$3")
        );
        let person = self.person();
        let values: [Value; 3] = [id.into(), person.administrator.into(), person.id.into()];
        let account = row::<ListedAccount>(db, &sql, values)
            .await?
            .ok_or_else(|| Error::not_found("linked account"))?;
        let streams = "SELECT lead_type, pulled_until, highest_submitted_at, backfill_from, backfill_done_at \
             FROM sync_stream WHERE account_id = $1 ORDER BY lead_type";
        let runs = format!(
            "SELECT reason, started_at, finished_at, calls, received, added, outcome, detail FROM sync_run \
             WHERE account_id = $1 ORDER BY id DESC LIMIT {RUNS}"
        );
        let profiles = self.list_reaching_profiles([id]).await?.remove(&id);
        Ok(AccountView {
            account,
            profiles: profiles.unwrap_or_default(),
            holds: self.find_holdings(id).await?,
            streams: rows(db, streams, [id.into()]).await?,
            runs: rows(db, &runs, [id.into()]).await?,
        })
    }

    async fn find_holdings(&self, account: i64) -> Result<Holdings> {
        let most = COUNT_LIMIT + 1;
        let sql = format!(
            "SELECT (SELECT count(*) FROM form WHERE account_id = $1 AND current) AS forms, \
               (SELECT count(*) FROM campaign WHERE account_id = $1) AS campaigns, \
               (SELECT count(*) FROM (SELECT 1 AS one FROM submission WHERE account_id = $1{} LIMIT {most}) AS counted) \
                 AS submissions",
            self.sight().await?.and("owner_id")
        );
        let found = row::<HoldingsRow>(self.store().reading(), &sql, [account.into()]).await?;
        Ok(found.map_or_else(Holdings::default, |row| Holdings {
            forms: Total::new(row.forms),
            campaigns: Total::new(row.campaigns),
            submissions: Total::new(row.submissions),
        }))
    }
}
