//! The list of linked accounts: those that the person's own profiles reach; all for administrators.

use std::collections::HashMap;

use sea_orm::{FromQueryResult, Value};

use super::paging::{Listing, Order, Page, Paging, Wanted, read_page};
use super::query::{self, Pairs};
use crate::error::Result;
use crate::store::access::Reader;
use crate::store::accounts::syncable;
use crate::store::people::Person;
use crate::store::{placeholders, rows};

/// The condition that a person may see an account: `everything` and `person` are the placeholders
/// of whether they are an administrator, and of their id.
pub(super) fn is_mine(account: &str, everything: &str, person: &str) -> String {
    format!(
        "({everything} OR EXISTS (SELECT 1 FROM profile_account mine JOIN user_profile own ON own.id = mine.profile_id \
           WHERE mine.account_id = {account} AND own.owner_id = {person}))"
    )
}

/// Which accounts are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// What the name has in it.
    pub q: Option<String>,
    /// Those that are switched on, or those that are off.
    pub enabled: Option<bool>,
}

impl AccountFilter {
    /// Reads the filter out of a query string.
    ///
    /// # Errors
    /// When a field holds something else than it may; the message names it.
    pub fn read(get: &impl Fn(&str) -> Option<String>) -> Result<AccountFilter> {
        Ok(AccountFilter {
            q: query::text(get, "q")?,
            enabled: query::word(get, "sync", |word| match word {
                "on" => Some(true),
                "off" => Some(false),
                _ => None,
            })?,
        })
    }

    /// The filter as a query string has it.
    #[must_use]
    pub fn pairs(&self) -> Pairs {
        let mut pairs = Pairs::default();
        pairs.add("q", self.q.as_ref());
        pairs.add("sync", self.enabled.map(|on| if on { "on" } else { "off" }));
        pairs
    }

    fn wanted(&self, person: &Person) -> Wanted {
        let mut wanted = Wanted::default();
        let everything = wanted.bind(person.administrator);
        let id = wanted.bind(person.id);
        wanted.and(is_mine("a.id", &everything, &id));
        wanted.contains("a.name", self.q.as_deref());
        wanted.equal("a.sync_enabled", self.enabled);
        wanted
    }
}

/// One account in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// The account itself.
    pub account: ListedAccount,
    /// The profiles that reach it, of those that the person may see.
    pub profiles: Vec<ReachingProfile>,
}

/// What stands in the row of an account.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct ListedAccount {
    /// Leadline's id.
    pub id: i64,
    /// LinkedIn's name for it.
    pub urn: String,
    /// `ad_account` or `organization`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Whether it is a test account.
    pub test: bool,
    /// LinkedIn's status, such as `ACTIVE`.
    pub linkedin_status: Option<String>,
    /// Its currency.
    pub currency: Option<String>,
    /// The company page attached to it.
    pub organization_name: Option<String>,
    /// Whether it is switched on.
    pub sync_enabled: bool,
    /// Whether it syncs at all: switched on, chosen in an authorized profile, its receiver confirmed.
    pub syncs: bool,
    /// What the sync is doing with it; see the status vocabulary in the documentation.
    pub sync_state: String,
    /// What happened and what to do, in plain words; `None` when all is well.
    pub status_detail: Option<String>,
    /// How far its forms have come.
    pub form_sync_status: String,
    /// How far its campaigns have come.
    pub campaign_sync_status: String,
    /// Who owns its leads; `None`: the owner of the profile.
    pub default_owner_id: Option<i64>,
    /// That person's name.
    pub default_owner_name: Option<String>,
    /// When the last pass ended.
    pub last_finished_at: Option<i64>,
    /// When its forms were read last.
    pub forms_synced_at: Option<i64>,
    /// When its campaigns were read last.
    pub campaigns_synced_at: Option<i64>,
    /// Not again before this time.
    pub not_before: i64,
}

impl ListedAccount {
    /// What people call its kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.kind.as_str() {
            "organization" => "Company page",
            _ => "Ad account",
        }
    }
}

/// A profile that reaches an account.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct ReachingProfile {
    /// Leadline's id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: String,
    /// The member's role in the account.
    pub role: Option<String>,
    /// Whether its user chose the account for syncing.
    pub chosen: bool,
    account_id: i64,
}

pub(super) const LISTING: Listing = Listing {
    columns: concat!(
        "a.id, a.urn, a.kind, a.name, a.test, a.linkedin_status, a.currency, a.organization_name, a.sync_enabled, \
         a.sync_state, a.status_detail, a.form_sync_status, a.campaign_sync_status, a.default_owner_id, \
         o.name AS default_owner_name, a.last_finished_at, a.forms_synced_at, a.campaigns_synced_at, a.not_before, (",
        syncable!(),
        ") AS syncs"
    ),
    table: "linked_account",
    alias: "a",
    joins: "LEFT JOIN person o ON o.id = a.default_owner_id",
};

impl Reader {
    /// One page of the accounts that are wanted, by name.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_accounts(
        &self,
        filter: &AccountFilter,
        paging: &Paging,
    ) -> Result<Page<AccountRow>> {
        let db = self.store().reading();
        let order = Order {
            column: "a.name",
            text: true,
            descending: false,
        };
        let wanted = filter.wanted(self.person());
        let cursor = |account: &ListedAccount| order.cursor(0, account.id);
        let page = read_page(db, &LISTING, wanted, order, paging, cursor).await?;
        let ids = page.items.iter().map(|account| account.id);
        let mut profiles = self.list_reaching_profiles(ids).await?;
        Ok(page.map(|account| AccountRow {
            profiles: profiles.remove(&account.id).unwrap_or_default(),
            account,
        }))
    }

    /// The profiles that reach these accounts, of those that the person may see.
    pub(super) async fn list_reaching_profiles(
        &self,
        accounts: impl IntoIterator<Item = i64>,
    ) -> Result<HashMap<i64, Vec<ReachingProfile>>> {
        let person = self.person();
        let mut values: Vec<Value> = vec![person.administrator.into(), person.id.into()];
        values.extend(accounts.into_iter().map(Value::from));
        let mut by_account: HashMap<i64, Vec<ReachingProfile>> = HashMap::new();
        if values.len() == 2 {
            return Ok(by_account);
        }
        let sql = format!(
            "SELECT p.id, p.name, p.state, pa.role, pa.chosen, pa.account_id FROM profile_account pa \
             JOIN user_profile p ON p.id = pa.profile_id \
             WHERE ($1 OR p.owner_id = $2) AND pa.account_id IN {} ORDER BY p.name, p.id LIMIT 1000",
            placeholders(1, &vec![""; values.len() - 2], 3)
        );
        for profile in rows::<ReachingProfile>(self.store().reading(), &sql, values).await? {
            by_account
                .entry(profile.account_id)
                .or_default()
                .push(profile);
        }
        Ok(by_account)
    }
}
