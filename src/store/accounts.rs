//! Linked accounts: what a profile reaches, whose turn it is, and who works on it.
//!
//! An account is worked on by one server at a time. The claim is a lease on the database's clock:
//! the holder renews it while it works, and a lease that ran out (a killed server) makes the
//! account due again at once.

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Value};

use super::{Store, execute, row, rows, text};
use crate::error::{Error, Result};

/// How long a claim holds without being renewed, in milliseconds.
pub const LEASE_MS: i64 = 30_000;

/// What kind of LinkedIn owner an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    /// An ad account: sponsored leads and campaigns.
    AdAccount,
    /// A company page: event, page and product leads.
    Organization,
}

impl AccountKind {
    /// The word for it in the database.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            AccountKind::AdAccount => "ad_account",
            AccountKind::Organization => "organization",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn parse(word: &str) -> AccountKind {
        match word {
            "organization" => AccountKind::Organization,
            _ => AccountKind::AdAccount,
        }
    }
}

/// How far the forms or campaigns of an account have come; the old connector's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartStatus {
    /// Not looked at yet.
    Pending,
    /// There are some.
    Active,
    /// There are none.
    NoneAvailable,
    /// LinkedIn refuses.
    Forbidden,
}

impl PartStatus {
    /// The word for it in the database.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            PartStatus::Pending => "pending",
            PartStatus::Active => "active",
            PartStatus::NoneAvailable => "none_available",
            PartStatus::Forbidden => "forbidden",
        }
    }
}

/// An account that a member can reach, as LinkedIn tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundAccount {
    /// `urn:li:sponsoredAccount:…` or `urn:li:organization:…`.
    pub urn: String,
    /// Which of the two it is.
    pub kind: AccountKind,
    /// Its name.
    pub name: String,
    /// LinkedIn's status, such as `ACTIVE`.
    pub linkedin_status: Option<String>,
    /// Its currency.
    pub currency: Option<String>,
    /// Whether it is a test account.
    pub test: bool,
    /// The company page attached to it; without one LinkedIn gives no leads.
    pub organization_urn: Option<String>,
    /// That page's name.
    pub organization_name: Option<String>,
    /// The member's role.
    pub role: Option<String>,
}

/// An account whose turn it is, claimed for this server.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct ClaimedAccount {
    /// Leadline's id.
    pub id: i64,
    /// LinkedIn's name for it.
    pub urn: String,
    /// `ad_account` or `organization`.
    pub kind: String,
    /// When its forms were read last.
    pub forms_synced_at: Option<i64>,
    /// When its campaigns were read last.
    pub campaigns_synced_at: Option<i64>,
    /// How many passes failed in a row.
    pub failures: i32,
    /// Whether somebody asked for this pass.
    pub requested: bool,
}

/// How a pass over an account ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountOutcome {
    /// `idle`, `waiting`, `needs_authorization`, `forbidden` or `failed`.
    pub state: &'static str,
    /// What happened and what to do, in plain words; `None` when all is well.
    pub detail: Option<String>,
    /// Not again before this time.
    pub not_before: i64,
    /// How many passes have failed in a row now.
    pub failures: i32,
}

/// The condition [`SYNCABLE`] for `concat!`.
macro_rules! syncable {
    () => {
        "a.sync_enabled AND EXISTS (SELECT 1 FROM profile_account pa \
         JOIN user_profile p ON p.id = pa.profile_id \
         WHERE pa.account_id = a.id AND pa.chosen AND p.state = 'authorized' AND p.confirmed_at IS NOT NULL)"
    };
}
pub(crate) use syncable;

/// An account syncs when its switch is on and an authorized profile, whose user confirmed the
/// receiving organization, has chosen it.
pub(crate) const SYNCABLE: &str = syncable!();

impl Store {
    /// Keeps the accounts that a profile reaches; what is known already is brought up to date and
    /// keeps its settings. New ones wait to be chosen.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn save_found_accounts(
        &self,
        profile_id: i64,
        accounts: &[FoundAccount],
        now: i64,
    ) -> Result<()> {
        let tx = self.begin().await?;
        // The profile first and the accounts in one order, as everybody does who changes them, so that
        // nobody waits in a circle.
        let sql = "UPDATE user_profile SET discovered_at = $1 WHERE id = $2";
        execute(&tx, sql, [now.into(), profile_id.into()]).await?;
        let mut accounts: Vec<&FoundAccount> = accounts.iter().collect();
        accounts.sort_by(|a, b| a.urn.cmp(&b.urn));
        for account in accounts {
            let id = save_account(&tx, account, now).await?;
            let sql = "INSERT INTO profile_account (profile_id, account_id, role, chosen) VALUES ($1, $2, $3, FALSE) \
                 ON CONFLICT (profile_id, account_id) DO UPDATE SET role = excluded.role";
            execute(
                &tx,
                sql,
                [profile_id.into(), id.into(), account.role.clone().into()],
            )
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Claims the account that has waited longest for its turn, if one is due.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn claim_account(
        &self,
        holder: &str,
        interval_ms: i64,
        now: i64,
    ) -> Result<Option<ClaimedAccount>> {
        let skip = match self.backend() {
            DbBackend::Postgres => "FOR UPDATE OF a SKIP LOCKED",
            _ => "",
        };
        let sql = format!(
            "UPDATE linked_account SET lease_holder = $3, lease_until = $4, sync_state = 'running', \
               status_detail = NULL, last_started_at = $1 \
             WHERE id = (SELECT a.id FROM linked_account a \
               WHERE {SYNCABLE} AND a.lease_until < $1 AND (a.sync_requested_at IS NOT NULL OR (a.not_before <= $1 \
                 AND (a.sync_state = 'running' OR a.last_finished_at IS NULL OR a.last_finished_at <= $2))) \
               ORDER BY COALESCE(a.last_finished_at, 0), a.id LIMIT 1 {skip}) \
             RETURNING id, urn, kind, forms_synced_at, campaigns_synced_at, failures, \
               sync_requested_at IS NOT NULL AS requested"
        );
        let values: [Value; 4] = [
            now.into(),
            (now - interval_ms).into(),
            holder.into(),
            (now + LEASE_MS).into(),
        ];
        row(self.writing(), &sql, values).await
    }

    /// Prolongs a claim; `false` when it is lost.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn renew_lease(&self, account_id: i64, holder: &str, now: i64) -> Result<bool> {
        let sql = "UPDATE linked_account SET lease_until = $1 WHERE id = $2 AND lease_holder = $3";
        let values = [(now + LEASE_MS).into(), account_id.into(), holder.into()];
        Ok(execute(self.writing(), sql, values).await? == 1)
    }

    /// Writes how a pass ended and gives the account free, unless the claim was lost meanwhile.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn finish_account(
        &self,
        account_id: i64,
        holder: &str,
        outcome: &AccountOutcome,
        now: i64,
    ) -> Result<()> {
        let sql = "UPDATE linked_account SET sync_state = $1, status_detail = $2, not_before = $3, failures = $4, \
             last_finished_at = $5, lease_holder = NULL, lease_until = 0, \
             sync_requested_at = CASE WHEN sync_requested_at > last_started_at THEN sync_requested_at END \
             WHERE id = $6 AND lease_holder = $7";
        let values: [Value; 7] = [
            outcome.state.into(),
            outcome.detail.clone().into(),
            outcome.not_before.into(),
            outcome.failures.into(),
            now.into(),
            account_id.into(),
            holder.into(),
        ];
        execute(self.writing(), sql, values).await?;
        Ok(())
    }

    /// Gives free what a server of the same name held before it was killed. Only where there is one
    /// server: the embedded database.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn release_leases_if_alone(&self) -> Result<()> {
        if self.backend() == DbBackend::Sqlite {
            let accounts = "UPDATE linked_account SET lease_until = 0 WHERE lease_until > 0";
            let crm = "UPDATE crm_worker SET leased_until = 0 WHERE leased_until > 0";
            for sql in [accounts, crm] {
                execute(self.writing(), sql, []).await?;
            }
        }
        Ok(())
    }

    /// Keeps how reading the forms or the campaigns went.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn save_part_status(
        &self,
        account_id: i64,
        part: Part,
        status: PartStatus,
        now: i64,
    ) -> Result<()> {
        let sql = match part {
            Part::Forms => {
                "UPDATE linked_account SET form_sync_status = $1, forms_synced_at = $2 WHERE id = $3"
            }
            Part::Campaigns => {
                "UPDATE linked_account SET campaign_sync_status = $1, campaigns_synced_at = $2 WHERE id = $3"
            }
        };
        let values = [status.slug().into(), now.into(), account_id.into()];
        execute(self.writing(), sql, values).await?;
        Ok(())
    }

    /// Whether an account is being worked on or due: while there is one, the sync is not idle.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn accounts_are_busy(&self, interval_ms: i64, now: i64) -> Result<bool> {
        let sql = format!(
            "SELECT a.id FROM linked_account a WHERE {SYNCABLE} AND (a.sync_state = 'running' \
               OR a.sync_requested_at IS NOT NULL OR (a.not_before <= $1 \
               AND (a.last_finished_at IS NULL OR a.last_finished_at <= $2))) LIMIT 1"
        );
        let found = rows::<Id>(
            self.reading(),
            &sql,
            [now.into(), (now - interval_ms).into()],
        );
        Ok(!found.await?.is_empty())
    }

    /// The profiles whose accounts have not been looked up since `before`.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_profiles_to_discover(&self, before: i64) -> Result<Vec<i64>> {
        let sql = "SELECT id FROM user_profile WHERE state = 'authorized' \
             AND (discovered_at IS NULL OR discovered_at < $1) ORDER BY id";
        let found = rows::<Id>(self.reading(), sql, [before.into()]).await?;
        Ok(found.into_iter().map(|row| row.id).collect())
    }

    /// Puts off the next look-up of a profile's accounts, because this one failed.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn mark_profile_discovered(&self, profile_id: i64, now: i64) -> Result<()> {
        let sql = "UPDATE user_profile SET discovered_at = $1 WHERE id = $2";
        execute(self.writing(), sql, [now.into(), profile_id.into()]).await?;
        Ok(())
    }
}

/// What of an account is read besides its submissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Its lead gen forms.
    Forms,
    /// Its campaigns.
    Campaigns,
}

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

async fn save_account(db: &impl ConnectionTrait, account: &FoundAccount, now: i64) -> Result<i64> {
    let sql = "INSERT INTO linked_account (urn, kind, name, linkedin_status, currency, test, organization_urn, \
           organization_name, sync_enabled, form_sync_status, campaign_sync_status, sync_state, not_before, failures, \
           lease_until, created_at, modified_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, TRUE, 'pending', 'pending', 'idle', 0, 0, 0, $9, $9) \
         ON CONFLICT (urn) DO UPDATE SET name = excluded.name, linkedin_status = excluded.linkedin_status, \
           currency = excluded.currency, test = excluded.test, organization_urn = excluded.organization_urn, \
           organization_name = COALESCE(excluded.organization_name, linked_account.organization_name), \
           modified_at = excluded.modified_at \
         RETURNING id";
    let values: [Value; 9] = [
        text(&account.urn),
        account.kind.slug().into(),
        text(&account.name),
        account.linkedin_status.clone().into(),
        account.currency.clone().into(),
        account.test.into(),
        account.organization_urn.clone().into(),
        account.organization_name.clone().into(),
        now.into(),
    ];
    row::<Id>(db, sql, values)
        .await?
        .map(|row| row.id)
        .ok_or_else(|| Error::internal("an account was not saved"))
}
