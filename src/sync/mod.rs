//! The reconciler: pull → match → map → write.
//!
//! There is one code path. A timer, a person who pressed *sync now* and a notification from
//! LinkedIn all do the same: they wake the worker. What is to be done it takes from the database:
//! accounts whose turn it is (`store::accounts`), windows of time that have not been read
//! (`windows`), submissions that are due (`process`). The stages meet in the database, not in
//! memory: pulling writes submissions and commits, deciding takes them from there. So a killed
//! server loses at most the page it was reading, and the next one goes on from the marks.
//!
//! Several servers may share a PostgreSQL database: an account is leased by one of them at a time,
//! and due submissions are decided by one of them at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::error::Result;
use crate::linkedin::LinkedIn;
use crate::oauth::TokenKeeper;
use crate::store::Store;
use crate::store::accounts::ClaimedAccount;
use crate::store::crm::CrmConfig;
use organization::{Organization, Round};

pub mod arrive;
pub mod crm;
pub mod discover;
pub mod door;
pub mod organization;
mod pass;
pub mod preview;
pub mod process;
mod pull;
pub mod replay;
pub mod review;
pub mod windows;

/// How the sync goes about its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Seconds between two passes over an account.
    pub interval_seconds: i64,
    /// How far every pass looks back, in hours.
    pub lookback_hours: i64,
    /// Responses in one request, at most 1,000.
    pub page_size: u64,
    /// How far the first pass looks back, in days; LinkedIn keeps sponsored leads for about 90.
    pub backfill_days: i64,
    /// Accounts that are read at the same time.
    pub concurrency: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            interval_seconds: 300,
            lookback_hours: 24,
            page_size: 100,
            backfill_days: 90,
            concurrency: 4,
        }
    }
}

impl Settings {
    pub(crate) fn interval_ms(&self) -> i64 {
        self.interval_seconds * 1_000
    }
}

/// Wakes the worker; cheap to clone and harmless to call too often.
#[derive(Debug, Clone, Default)]
pub struct Handle {
    accounts: Arc<Notify>,
    submissions: Arc<Notify>,
}

impl Handle {
    /// There may be something to do: look now instead of at the next tick.
    pub fn wake(&self) {
        self.accounts.notify_one();
        self.submissions.notify_one();
    }
}

/// Does the work of the sync. All of its state is in the database.
#[derive(Debug, Clone)]
pub struct Worker {
    store: Store,
    linkedin: LinkedIn,
    keeper: TokenKeeper,
    crm: CrmConfig,
    settings: Settings,
    handle: Handle,
    holder: Arc<str>,
    organization: Organization,
}

/// How often the worker looks for work that nobody woke it for.
const TICK: Duration = Duration::from_secs(1);
/// How often it is looked whether the connection to the CRM is due to be looked at.
const CRM_TICK: Duration = Duration::from_secs(2);
/// How long to wait after the database refused.
const AFTER_ERROR: Duration = Duration::from_secs(2);

impl Worker {
    /// A worker; `holder` is a name that no other worker of this database has.
    #[must_use]
    pub fn new(
        store: Store,
        linkedin: LinkedIn,
        keeper: TokenKeeper,
        crm: CrmConfig,
        settings: Settings,
        holder: &str,
    ) -> Worker {
        Worker {
            organization: Organization::new(store.clone(), crm.clone(), holder),
            store,
            linkedin,
            keeper,
            crm,
            settings,
            handle: Handle::default(),
            holder: holder.into(),
        }
    }

    /// What wakes this worker.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// The work with the organization that leads live in. Whoever asks that organization something
    /// does it through this one, so that all keep one pace.
    #[must_use]
    pub fn organization(&self) -> Organization {
        self.organization.clone()
    }

    /// Works until `stop` turns true; then finishes what it has begun.
    ///
    /// # Errors
    /// When the database cannot be prepared at the start.
    pub async fn run(self, stop: watch::Receiver<bool>) -> Result<()> {
        self.store.release_leases_if_alone().await?;
        tokio::join!(
            self.read_accounts(stop.clone()),
            self.look_after_the_crm(stop.clone()),
            self.decide_submissions(stop)
        );
        if let Err(error) = self.organization.leave().await {
            tracing::warn!(
                ?error,
                "the organization is left to others only when the lease ends"
            );
        }
        Ok(())
    }

    /// Works until nothing is due any more, as the command `leadline sync` does.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn run_until_idle(&self) -> Result<()> {
        self.store.release_leases_if_alone().await?;
        discover::discover_due(self).await?;
        let mut running = JoinSet::new();
        loop {
            let (_stop, going) = watch::channel(false);
            while running.len() < self.settings.concurrency.max(1)
                && let Some(account) = self.claim().await?
            {
                let worker = self.clone();
                let going = going.clone();
                running.spawn(pass::run(worker, account, going));
            }
            while self.decide().await? == Round::Done {}
            if running.join_next().await.is_none() {
                return Ok(());
            }
        }
    }

    /// Whether there is nothing left to do: no account is being read or due, no submission waits.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn is_idle(&self) -> Result<bool> {
        let now = self.store.clock().await?;
        let busy = self
            .store
            .accounts_are_busy(self.settings.interval_ms(), now)
            .await?;
        if busy || self.store.count_due().await? > 0 {
            return Ok(false);
        }
        Ok(!self.store.lives_elsewhere().await? || !self.store.has_to_deliver().await?)
    }

    /// Decides one batch of submissions, wherever their leads live.
    async fn decide(&self) -> Result<Round> {
        if process::process_due(&self.store).await?.submissions > 0 {
            return Ok(Round::Done);
        }
        self.organization.round().await
    }

    async fn claim(&self) -> Result<Option<ClaimedAccount>> {
        let now = self.store.clock().await?;
        self.store
            .claim_account(&self.holder, self.settings.interval_ms(), now)
            .await
    }

    async fn read_accounts(&self, mut stop: watch::Receiver<bool>) {
        let mut running = JoinSet::new();
        while !*stop.borrow() {
            if let Err(error) = self.start_due(&mut running, &stop).await {
                tracing::warn!(?error, "looking for due accounts failed");
                tokio::time::sleep(AFTER_ERROR).await;
            }
            tokio::select! {
                _ = stop.changed() => {}
                () = self.handle.accounts.notified() => {}
                Some(_) = running.join_next(), if !running.is_empty() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    async fn look_after_the_crm(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if let Err(error) = crm::keep_up(&self.store, &self.crm).await {
                tracing::warn!(?error, "looking after the CRM failed");
            }
            tokio::select! {
                _ = stop.changed() => {}
                () = tokio::time::sleep(CRM_TICK) => {}
            }
        }
    }

    async fn start_due(
        &self,
        running: &mut JoinSet<()>,
        stop: &watch::Receiver<bool>,
    ) -> Result<()> {
        discover::discover_due(self).await?;
        while running.len() < self.settings.concurrency.max(1) {
            let Some(account) = self.claim().await? else {
                break;
            };
            let worker = self.clone();
            let stop = stop.clone();
            running.spawn(pass::run(worker, account, stop));
        }
        Ok(())
    }

    async fn decide_submissions(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            // Whatever a round with an organization leaves half done is found again.
            let round = tokio::select! {
                round = self.decide() => round,
                _ = stop.changed() => return,
            };
            let pause = match round {
                Ok(Round::Done) => continue,
                Ok(Round::Idle) => TICK,
                Ok(Round::Wait(pause)) => pause,
                Err(error) => {
                    tracing::warn!(?error, "deciding submissions failed");
                    AFTER_ERROR
                }
            };
            tokio::select! {
                _ = stop.changed() => {}
                () = self.handle.submissions.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}
