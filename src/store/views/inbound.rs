//! What the S2S Inbound role reads: the rules, and all profiles and accounts that submissions come
//! from. No lead, and of submissions none but the one that was just brought.

use super::account::AccountView;
use super::accounts::{AccountFilter, AccountRow};
use super::lead_fields::FieldView;
use super::paging::{Page, Paging};
use super::profiles::Profile;
use super::records::SubmissionRecord;
use super::rules::{MappingView, StrategyView};
use crate::error::Result;
use crate::store::access::{Inbound, Reader};

impl Inbound {
    /// Reads like an administrator.
    fn reader(&self) -> Reader {
        self.everything().reader()
    }

    /// All user profiles; see [`Reader::list_profiles`].
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_profiles(&self) -> Result<Vec<Profile>> {
        self.reader().list_profiles().await
    }

    /// One user profile.
    ///
    /// # Errors
    /// When it does not exist.
    pub async fn find_profile(&self, id: i64) -> Result<Profile> {
        self.reader().find_profile(id).await
    }

    /// One page of the accounts that are wanted.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_accounts(
        &self,
        filter: &AccountFilter,
        paging: &Paging,
    ) -> Result<Page<AccountRow>> {
        self.reader().list_accounts(filter, paging).await
    }

    /// One account.
    ///
    /// # Errors
    /// When it does not exist.
    pub async fn find_account(&self, id: i64) -> Result<AccountView> {
        self.reader().find_account(id).await
    }

    /// All matching strategies, in the order in which they are tried.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_strategies(&self) -> Result<Vec<StrategyView>> {
        self.everything().list_strategies().await
    }

    /// One matching strategy.
    ///
    /// # Errors
    /// When it does not exist.
    pub async fn find_strategy(&self, id: i64) -> Result<StrategyView> {
        self.everything().find_strategy(id).await
    }

    /// All field mappings, in order.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_mapping_views(&self) -> Result<Vec<MappingView>> {
        self.everything().list_mapping_views().await
    }

    /// The submission that was just brought.
    ///
    /// # Errors
    /// When it has been deleted meanwhile.
    pub(crate) async fn find_received(&self, id: i64) -> Result<SubmissionRecord> {
        self.reader().find_submission_record(id).await
    }

    /// All lead fields, the standard ones first.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_lead_fields(&self) -> Result<Vec<FieldView>> {
        self.everything().list_lead_fields().await
    }
}
