//! What the sync is doing, account by account.

use std::collections::HashMap;

use sea_orm::FromQueryResult;

use crate::error::Result;
use crate::store::access::Reader;
use crate::store::accounts::SYNCABLE;
use crate::store::mirrors::ON_ITS_WAY;
use crate::store::rows;

/// No more than this is counted: what is above says no more to a person.
pub const COUNTED_AT_MOST: i64 = 10_001;

/// An account as the sync sees it.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct AccountSync {
    /// Leadline's id.
    pub id: i64,
    /// LinkedIn's name for it.
    pub urn: String,
    /// Its name.
    pub name: String,
    /// Whether it is switched on.
    pub sync_enabled: bool,
    /// Whether it syncs at all: switched on, chosen in an authorized profile, its receiver confirmed.
    pub syncs: bool,
    /// `idle`, `waiting`, `running`, `needs_authorization`, `forbidden` or `failed`.
    pub sync_state: String,
    /// What happened and what to do, in plain words.
    pub status_detail: Option<String>,
    /// Whether somebody asked for a pass that has not begun.
    pub requested: bool,
    /// Not again before this time.
    pub not_before: i64,
    /// When the last pass ended.
    pub last_finished_at: Option<i64>,
    /// When the latest pass began, ended or not.
    pub run_started_at: Option<i64>,
    /// How many submissions LinkedIn showed in it, known ones included.
    pub received: Option<i64>,
    /// How many of them were new.
    pub added: Option<i64>,
}

impl AccountSync {
    /// Whether a pass is going on or about to begin.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.syncs && (self.requested || self.sync_state == "running")
    }

    /// When the next pass begins, if one will: passes begin `interval` after the last one.
    #[must_use]
    pub fn next_at(&self, interval: i64) -> Option<i64> {
        let regular = self.last_finished_at.map_or(0, |last| last + interval);
        (self.syncs && self.sync_state != "running").then_some(regular.max(self.not_before))
    }
}

/// The sync as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncStatus {
    /// The accounts that the person may see, by name.
    pub accounts: Vec<AccountSync>,
    /// How many submissions of each account wait to be brought into the CRM, at most
    /// [`COUNTED_AT_MOST`] in all.
    pub waiting: HashMap<i64, i64>,
    /// When the oldest of those came.
    pub oldest: HashMap<i64, i64>,
    /// Why nothing can be brought into the CRM at present, in plain words.
    pub crm_problem: Option<String>,
}

impl SyncStatus {
    /// Whether anything goes on or is about to.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.waiting_in_all() > 0 || self.accounts.iter().any(AccountSync::is_busy)
    }

    /// How many submissions wait.
    #[must_use]
    pub fn waiting_in_all(&self) -> i64 {
        self.waiting.values().sum()
    }
}

#[derive(FromQueryResult)]
struct Waiting {
    account_id: i64,
    waiting: i64,
    oldest: i64,
}

impl Reader {
    /// What the sync is doing with the accounts that the person may see.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn sync_status(&self) -> Result<SyncStatus> {
        let db = self.store().reading();
        let person = self.person();
        let sql = format!(
            "SELECT a.id, a.urn, a.name, a.sync_enabled, ({SYNCABLE}) AS syncs, a.sync_state, a.status_detail, \
               a.sync_requested_at IS NOT NULL AS requested, a.not_before, a.last_finished_at, \
               r.started_at AS run_started_at, r.received, r.added \
             FROM linked_account a \
             LEFT JOIN sync_run r ON r.id = (SELECT max(id) FROM sync_run l WHERE l.account_id = a.id) \
             WHERE ($1 OR EXISTS (SELECT 1 FROM profile_account pa JOIN user_profile p ON p.id = pa.profile_id \
               WHERE pa.account_id = a.id AND p.owner_id = $2)) \
             ORDER BY a.name, a.id LIMIT 1000"
        );
        let values = [person.administrator.into(), person.id.into()];
        let accounts = rows::<AccountSync>(db, &sql, values).await?;
        let sql = format!(
            "SELECT account_id, count(*) AS waiting, min(received_at) AS oldest \
             FROM (SELECT account_id, received_at FROM submission \
               WHERE due_at IS NOT NULL OR {ON_ITS_WAY} LIMIT {COUNTED_AT_MOST}) due GROUP BY account_id"
        );
        let waiting = rows::<Waiting>(db, &sql, []).await?;
        let seen = |row: &&Waiting| accounts.iter().any(|account| account.id == row.account_id);
        let waiting = waiting.iter().filter(seen);
        Ok(SyncStatus {
            oldest: waiting
                .clone()
                .map(|row| (row.account_id, row.oldest))
                .collect(),
            waiting: waiting.map(|row| (row.account_id, row.waiting)).collect(),
            crm_problem: self.store().crm_problem().await?,
            accounts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::AccountSync;

    fn account() -> AccountSync {
        AccountSync {
            id: 1,
            urn: "urn:li:sponsoredAccount:1".into(),
            name: "Northwind".into(),
            sync_enabled: true,
            syncs: true,
            sync_state: "idle".into(),
            status_detail: None,
            requested: false,
            not_before: 0,
            last_finished_at: Some(1_000),
            run_started_at: None,
            received: None,
            added: None,
        }
    }

    #[test]
    fn the_next_pass_waits_for_the_interval_and_for_linkedin() {
        assert_eq!(account().next_at(300), Some(1_300));
        let throttled = AccountSync {
            not_before: 5_000,
            ..account()
        };
        assert_eq!(throttled.next_at(300), Some(5_000));
        let off = AccountSync {
            syncs: false,
            ..account()
        };
        assert_eq!((off.next_at(300), off.is_busy()), (None, false));
    }

    #[test]
    fn a_request_counts_only_where_it_can_be_fulfilled() {
        let asked = AccountSync {
            requested: true,
            ..account()
        };
        assert!(asked.is_busy());
        let off = AccountSync {
            syncs: false,
            ..asked
        };
        assert!(!off.is_busy());
    }
}
