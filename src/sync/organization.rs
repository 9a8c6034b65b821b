//! Where leads live in an organization: what it has is taken over, submissions are decided, and what
//! they come to is brought there. One server does it at a time.
//!
//! Each round takes due submissions, asks the organization for the leads that could be theirs
//! ([`refresh`]), decides them in one transaction by the same rules as anywhere, and then brings the
//! leads that were made or changed to the organization ([`deliver`]). The stages meet in the database:
//! whatever is interrupted is found there again.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

use super::process::{decide, fail_first, read, rules_to_decide_by};
use crate::backoff::Backoff;
use crate::crm::asking::asked;
use crate::crm::builtin::Builtin;
use crate::crm::dynamics::{Class, Dynamics, Failure, Pace, Settings};
use crate::crm::proof::{lasts, looks_prove, other_organization};
use crate::error::{Error, Kind, Result};
use crate::plan::{Rules, Undecided};
use crate::store::Store;
use crate::store::access::Actor;
use crate::store::crm::{Connected, Crm, CrmConfig, FoundBy, is_connected};
use crate::store::match_fields::match_fields;
use crate::store::mirrors::{save_gone, save_seen};
use crate::store::submissions::{list_due, list_still_due};
use owners::Users;

mod columns;
mod contact;
mod current;
mod deliver;
mod owners;
mod refresh;

/// Submissions that are decided in one round.
const BATCH: u64 = 200;
/// Leads that are brought to the organization in one round.
const DELIVERIES: u64 = 200;
/// How long a server holds the work without renewing it. Should two ever work at the same time, they
/// hinder each other and do no harm: a record is made only once, and changed only as it was read.
const LEASE_MS: i64 = 20_000;
/// How long to wait when only a person can help.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long work rests that found that it may not be done.
const TRY_AGAIN: Duration = Duration::from_secs(600);

/// What a round came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// Something was done: there may be more.
    Done,
    /// There is nothing to do.
    Idle,
    /// Nothing can be done before this time has gone by.
    Wait(Duration),
}

/// Why a round ends early.
enum Stop {
    /// The organization refused, and it is not about one lead.
    Refused(Failure),
    /// Another organization answers at the address.
    Elsewhere(String),
    /// The database refused.
    Engine(Error),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Refused(failure)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Engine(error)
    }
}

/// The work with the organization that leads live in. Cheap to clone; clones share the client and its
/// pace.
#[derive(Debug, Clone)]
pub struct Organization {
    store: Store,
    config: CrmConfig,
    holder: Arc<str>,
    client: Arc<Mutex<Option<Client>>>,
    /// Rounds in a row that ended in trouble that passes.
    failures: Arc<AtomicU32>,
    /// When the work found last that it may not be done.
    forbidden: Arc<Mutex<Option<Instant>>>,
}

/// The client for one version of the connection, with what it learned.
#[derive(Debug, Clone)]
struct Client {
    version: i64,
    dynamics: Dynamics,
    users: Users,
}

/// What a round with the organization did.
struct Done {
    /// Whether it did anything.
    any: bool,
    /// What some leads lack, in words for the administrator.
    hindered: Option<String>,
}

/// The organization at work, for one round.
struct Desk {
    store: Store,
    dynamics: Dynamics,
    users: Users,
    connected: Connected,
}

impl Organization {
    /// The work for one server; `holder` is a name that no other worker of this database has.
    #[must_use]
    pub fn new(store: Store, config: CrmConfig, holder: &str) -> Organization {
        Organization {
            store,
            config,
            holder: holder.into(),
            client: Arc::default(),
            failures: Arc::default(),
            forbidden: Arc::default(),
        }
    }

    /// Leaves the work to whoever wants it next.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn leave(&self) -> Result<()> {
        self.store.release_crm(&self.holder).await
    }

    /// Does one round of it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn round(&self) -> Result<Round> {
        let Crm::Dynamics(connected) = self.store.crm(&self.config).await? else {
            return Ok(Round::Idle);
        };
        let trying = connected.broken.is_some();
        if trying && !self.may_try(&connected).await {
            return Ok(Round::Wait(PATIENCE));
        }
        let now = self.store.clock().await?;
        if !self.store.lease_crm(&self.holder, LEASE_MS, now).await? {
            return Ok(Round::Idle);
        }
        let paused = self.store.crm_paused_until().await? - now;
        if paused > 0 {
            return Ok(Round::Wait(Duration::from_millis(paused.unsigned_abs())));
        }
        let version = connected.version;
        let done = tokio::select! {
            done = self.work(connected) => done,
            error = self.keep_lease() => Err(Stop::Engine(error)),
        };
        match done {
            Ok(done) => {
                self.failures.store(0, Ordering::Relaxed);
                let hindered = done.hindered.as_deref();
                self.store.save_crm_problem(hindered, now).await?;
                if trying && done.any && hindered.is_none() {
                    let by = FoundBy::Work;
                    self.store.mark_crm_working(version, by).await?;
                }
                Ok(if done.any { Round::Done } else { Round::Idle })
            }
            Err(Stop::Engine(error)) => Err(error),
            Err(Stop::Refused(failure)) => {
                tracing::warn!(%failure, "the organization refused");
                self.store.keep_crm_pause(failure.retry_after).await?;
                let why = failure.message();
                if lasts(&failure) {
                    self.forbid(version, &failure).await?;
                }
                if failure.class == Class::Mapping {
                    // A column that was asked for is gone: they are read again.
                    self.store.request_crm_check().await?;
                }
                self.say(&why).await?;
                let failures = self.failures.fetch_add(1, Ordering::Relaxed);
                Ok(Round::Wait(pause(&failure, failures)))
            }
            Err(Stop::Elsewhere(other)) => {
                tracing::error!("another organization answers at the address");
                self.say(&other).await?;
                Ok(Round::Wait(PATIENCE))
            }
        }
    }

    /// Whether work that may not be done is to be tried again: only the work finds that it may. What a
    /// look at the connection found, `sync::crm` looks after.
    async fn may_try(&self, connected: &Connected) -> bool {
        let rested = |since: Instant| since.elapsed() >= TRY_AGAIN;
        let forbidden = *self.forbidden.lock().await;
        connected.broken_by == FoundBy::Work && forbidden.is_none_or(rested)
    }

    /// Nothing can be done until somebody does something.
    async fn forbid(&self, version: i64, failure: &Failure) -> Result<()> {
        *self.forbidden.lock().await = Some(Instant::now());
        let by = match looks_prove(failure) {
            true => FoundBy::Look,
            false => FoundBy::Work,
        };
        let (why, now) = (failure.message(), self.store.clock().await?);
        if self.store.mark_crm_broken(version, &why, by, now).await? {
            self.store.request_crm_check().await?;
        }
        Ok(())
    }

    fn settings(&self) -> Settings {
        let pace = Pace {
            requests: self.config.requests,
            ..Pace::default()
        };
        Settings {
            pace,
            ..Settings::default()
        }
    }

    /// Says on the pages why nothing can be done.
    async fn say(&self, why: &str) -> Result<()> {
        let now = self.store.clock().await?;
        self.store.save_crm_problem(Some(why), now).await
    }

    async fn work(&self, connected: Box<Connected>) -> Result<Done, Stop> {
        let desk = Arc::new(self.desk(connected).await?);
        let pauses = desk.dynamics.pauses();
        let done = tokio::select! {
            done = desk.round() => done,
            error = self.keep_pauses(pauses.clone()) => Err(Stop::Engine(error)),
        };
        // What was told last may not be kept yet.
        let until = *pauses.borrow();
        self.keep_until(until).await;
        if let Some(schema) = desk.dynamics.new_schema()
            && self.store.notice_crm_schema(&schema).await?
        {
            self.store.request_crm_check().await?;
        }
        done
    }

    async fn desk(&self, connected: Box<Connected>) -> Result<Desk, Stop> {
        let client = self.client(&connected).await?;
        Ok(Desk {
            store: self.store.clone(),
            dynamics: client.dynamics,
            users: client.users,
            connected: *connected,
        })
    }

    /// Keeps until when the organization asked to wait, for as long as it is polled.
    async fn keep_pauses(&self, mut pauses: watch::Receiver<Option<Instant>>) -> Error {
        while pauses.changed().await.is_ok() {
            let until = *pauses.borrow_and_update();
            self.keep_until(until).await;
        }
        std::future::pending().await
    }

    /// Keeps until when the organization asked to wait, if that time has not come.
    async fn keep_until(&self, until: Option<Instant>) {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let left = left.filter(|left| !left.is_zero());
        if let Err(error) = self.store.keep_crm_pause(left).await {
            tracing::warn!(?error, "a pause was not kept");
        }
    }

    /// The client for this connection; it keeps its token and its pace from round to round. A new one
    /// first looks whether it is the organization that a person confirmed.
    async fn client(&self, connected: &Connected) -> Result<Client, Stop> {
        let mut kept = self.client.lock().await;
        if let Some(client) = &*kept
            && client.version == connected.version
        {
            return Ok(client.clone());
        }
        let dynamics = Dynamics::with(&connected.connection, self.settings())?;
        let found = dynamics.who_am_i().await?.organization_id;
        if let Some(other) = other_organization(Some(connected.organization_id), found) {
            return Err(Stop::Elsewhere(other));
        }
        let client = Client {
            version: connected.version,
            users: Users::new(dynamics.clone()),
            dynamics,
        };
        *kept = Some(client.clone());
        Ok(client)
    }

    /// Renews the lease for as long as it is polled; ends when it is lost.
    async fn keep_lease(&self) -> Error {
        loop {
            tokio::time::sleep(Duration::from_millis(LEASE_MS as u64 / 3)).await;
            let renewed = async {
                let now = self.store.clock().await?;
                self.store.lease_crm(&self.holder, LEASE_MS, now).await
            };
            match renewed.await {
                Ok(true) => {}
                Ok(false) => return Error::internal("another server took the organization over"),
                Err(error) => tracing::warn!(?error, "the lease was not renewed"),
            }
        }
    }
}

impl Desk {
    async fn round(self: &Arc<Self>) -> Result<Done, Stop> {
        // First what was decided already: it is nearest to its end.
        let brought = self.deliver(DELIVERIES).await?;
        let decided = self.decide().await?;
        Ok(Done {
            any: brought.tried > 0 || decided > 0,
            hindered: brought.hindered,
        })
    }

    /// Decides one batch of due submissions. One that the database refuses is halved until the
    /// submission that it refuses is alone, as in [`super::process::process_due`].
    async fn decide(&self) -> Result<usize, Stop> {
        let rules = rules_to_decide_by(&self.store).await?;
        let mut size = BATCH;
        loop {
            match self.decide_batch(&rules, size).await {
                Err(Stop::Engine(error)) if error.kind() != Kind::Unavailable => {
                    tracing::warn!(?error, size, "a batch was refused");
                    if size == 1 {
                        return Ok(fail_first(&self.store, &error).await?);
                    }
                    size = (size / 2).max(1);
                }
                done => return done,
            }
        }
    }

    async fn decide_batch(&self, rules: &Rules, size: u64) -> Result<usize, Stop> {
        let now = self.store.clock().await?;
        let due = list_due(self.store.writing(), size, now).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let submissions: Vec<Undecided> = due.iter().map(read).collect();
        let known = self.known(rules, &submissions).await?;
        let news = self.refresh(&[rules], &submissions, &known).await?;
        let crm = Builtin::begin(&self.store).await?;
        let now = self.store.clock().await?;
        let tx = crm.transaction();
        if !is_connected(tx, self.connected.version).await? {
            // Leads live elsewhere by now: what was seen belongs to nobody here.
            return Ok(0);
        }
        let key_fields = match_fields(tx).await?;
        save_seen(tx, &news.seen, &news.asked, &key_fields, now).await?;
        save_gone(tx, &news.gone, now).await?;
        let ids: Vec<i64> = due.iter().map(|due| due.id).collect();
        let due = list_still_due(tx, &ids, now).await?;
        decide(&crm, rules, &due, &Actor::Engine, now).await?;
        crm.commit().await?;
        Ok(due.len())
    }

    /// The columns that are read of each lead.
    fn asked(&self, rules: &Rules) -> BTreeSet<String> {
        asked(&rules.lead_fields, &rules.strategies, &rules.mappings)
    }
}

/// How long to wait after a refusal that is not about one lead, and after so many in a row before it.
fn pause(failure: &Failure, failures: u32) -> Duration {
    let breath = Backoff::ORGANIZATION.delay(failures, rand::random());
    let wanted = failure.retry_after.unwrap_or(match failure.class {
        Class::Wait | Class::Retry | Class::Ambiguous | Class::Mapping => {
            Duration::from_millis(breath.unsigned_abs())
        }
        _ => PATIENCE,
    });
    wanted.min(Duration::from_secs(600))
}
