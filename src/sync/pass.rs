//! One pass over one account: read, and when LinkedIn refuses do what the refusal asks for.

use std::time::Duration;

use tokio::sync::watch;

use super::{Worker, pull};
use crate::backoff::Backoff;
use crate::error::{Error, Result};
use crate::linkedin::{Action, Failure};
use crate::oauth::Remedy;
use crate::store::accounts::{AccountOutcome, ClaimedAccount, LEASE_MS};

/// How often one pass asks again after it got another token. The keeper's waits for a token that not
/// all of LinkedIn knows yet double, so this is enough for about a minute of them.
const TRIES: usize = 7;
/// When nothing but a person can help, the account is looked at again after this time.
const PATIENCE_MS: i64 = 3_600_000;

/// How often in a row a pass that the database refused is begun again in a moment.
const IN_A_MOMENT: u32 = 6;

/// Why a pass ends early.
#[derive(Debug)]
pub(super) enum Stop {
    /// LinkedIn refused.
    LinkedIn(Failure),
    /// The database refused, or another server took over.
    Engine(Error),
    /// The server is being shut down.
    Shutdown,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::LinkedIn(failure)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Engine(error)
    }
}

/// Reads an account that this worker holds, and gives it free with a word on how it went.
pub(super) async fn run(worker: Worker, account: ClaimedAccount, stop: watch::Receiver<bool>) {
    let lease = keep_lease(&worker, account.id);
    let outcome = tokio::select! {
        outcome = attempt(&worker, &account, stop) => outcome,
        () = lease => return,
    };
    if let Err(error) = finish(&worker, &account, outcome).await {
        // The lease runs out, and the account is due again.
        tracing::warn!(?error, account = account.id, "a pass could not be finished");
    }
    worker.handle.wake();
}

async fn finish(
    worker: &Worker,
    account: &ClaimedAccount,
    outcome: Result<AccountOutcome>,
) -> Result<()> {
    let now = worker.store.clock().await?;
    let outcome = outcome.unwrap_or_else(|error| {
        tracing::warn!(?error, account = account.id, "a pass was broken off");
        broken_off(account, &error, now)
    });
    worker
        .store
        .finish_account(account.id, &worker.holder, &outcome, now)
        .await
}

/// Renews the lease for as long as it is polled; ends when the lease is lost.
async fn keep_lease(worker: &Worker, account_id: i64) {
    loop {
        tokio::time::sleep(Duration::from_millis(LEASE_MS as u64 / 3)).await;
        match renew(worker, account_id).await {
            Ok(true) => {}
            Ok(false) => {
                tracing::warn!(account = account_id, "another server took the account over");
                return;
            }
            Err(error) => tracing::warn!(?error, account = account_id, "a lease was not renewed"),
        }
    }
}

async fn renew(worker: &Worker, account_id: i64) -> Result<bool> {
    let now = worker.store.clock().await?;
    let store = &worker.store;
    store.renew_lease(account_id, &worker.holder, now).await
}

async fn attempt(
    worker: &Worker,
    account: &ClaimedAccount,
    stop: watch::Receiver<bool>,
) -> Result<AccountOutcome> {
    let store = &worker.store;
    let now = store.clock().await?;
    store.close_orphaned_runs(account.id, now).await?;
    let reason = if account.requested {
        "requested"
    } else {
        "timer"
    };
    let run = store.begin_run(account.id, reason, now).await?;
    let outcome = with_tokens(worker, account, run, stop).await?;
    let now = store.clock().await?;
    let word = match outcome.state {
        "idle" => "done",
        other => other,
    };
    store
        .finish_run(run, account.id, word, outcome.detail.as_deref(), now)
        .await?;
    Ok(outcome)
}

/// Tries with one token after the other until the account has been read or nothing helps.
async fn with_tokens(
    worker: &Worker,
    account: &ClaimedAccount,
    run: i64,
    stop: watch::Receiver<bool>,
) -> Result<AccountOutcome> {
    let mut tried = Vec::new();
    let mut last = None;
    let mut partly = None;
    for _ in 0..TRIES {
        let now = worker.store.clock().await?;
        let Some(grant) = worker
            .keeper
            .token_for_account(account.id, &tried, now)
            .await?
        else {
            break;
        };
        let mut pull = pull::Pull::new(worker, account, &grant, run, stop.clone());
        let failure = match pull.everything().await {
            Ok(refused) if refused.is_empty() => return Ok(all_is_well()),
            // Another member may see the rest.
            Ok(refused) => {
                tried.push(grant.profile_id);
                partly = Some(all_but(&refused));
                continue;
            }
            Err(Stop::Shutdown) => return Ok(interrupted(account)),
            Err(Stop::Engine(error)) => return Err(error),
            Err(Stop::LinkedIn(failure)) => failure,
        };
        let now = worker.store.clock().await?;
        tracing::warn!(account = account.id, %failure, "LinkedIn refused");
        match worker.keeper.report(&grant, &failure, now).await? {
            Remedy::TryAgain { after_ms } => {
                tokio::time::sleep(Duration::from_millis(after_ms)).await;
            }
            Remedy::OtherProfile => tried.push(grant.profile_id),
            Remedy::None => return Ok(refused(account, &failure, now)),
        }
        last = Some(failure);
    }
    let now = worker.store.clock().await?;
    Ok(match (partly, last) {
        (Some(partly), _) => partly,
        (None, Some(failure)) => refused(account, &failure, now),
        (None, None) => needs_authorization(now),
    })
}

fn all_is_well() -> AccountOutcome {
    AccountOutcome {
        state: "idle",
        detail: None,
        not_before: 0,
        failures: 0,
    }
}

/// Everything was read that a member may read; the rest is said.
fn all_but(refused: &[pull::Refused]) -> AccountOutcome {
    let parts: Vec<String> = refused
        .iter()
        .map(|part| format!("{}: {}", part.what, part.failure.message()))
        .collect();
    AccountOutcome {
        detail: Some(parts.join(" ")),
        ..all_is_well()
    }
}

fn interrupted(account: &ClaimedAccount) -> AccountOutcome {
    AccountOutcome {
        state: "running",
        detail: None,
        not_before: 0,
        failures: account.failures,
    }
}

fn needs_authorization(now: i64) -> AccountOutcome {
    AccountOutcome {
        state: "needs_authorization",
        detail: Some(
            "No user profile may read this account at present. Authorize one of its profiles again."
                .to_owned(),
        ),
        not_before: now + PATIENCE_MS,
        failures: 0,
    }
}

/// What a refusal means for the account.
fn refused(account: &ClaimedAccount, failure: &Failure, now: i64) -> AccountOutcome {
    let failures = account.failures.saturating_add(1);
    let (state, not_before) = match failure.action(now) {
        Action::ParkUntil { until, .. } => ("waiting", until + jitter(60_000)),
        Action::Retry { not_before } => {
            ("waiting", after(account, now).max(not_before.unwrap_or(0)))
        }
        Action::SmallerPages => ("waiting", after(account, now)),
        Action::ScopeMissing | Action::RoleMissing | Action::Gone => {
            ("forbidden", now + PATIENCE_MS)
        }
        Action::Refresh | Action::Reconnect | Action::Introspect => {
            ("needs_authorization", now + PATIENCE_MS)
        }
        Action::OperatorAlert | Action::Bug => ("failed", now + PATIENCE_MS),
    };
    AccountOutcome {
        state,
        detail: Some(failure.message()),
        not_before,
        failures,
    }
}

/// The database refused something. The account is given free, so that its lease does not have to run
/// out first, and is due again in a moment; a database that goes on refusing is asked as often as
/// LinkedIn is.
fn broken_off(account: &ClaimedAccount, error: &Error, now: i64) -> AccountOutcome {
    let before = u32::try_from(account.failures).unwrap_or(0);
    let failures = account.failures.saturating_add(1);
    if before >= IN_A_MOMENT {
        return AccountOutcome {
            state: "failed",
            detail: Some(error.message().to_owned()),
            not_before: 0,
            failures,
        };
    }
    AccountOutcome {
        not_before: now + Backoff::DATABASE.delay(before, rand::random()),
        failures,
        ..interrupted(account)
    }
}

/// When an account that failed is tried again: later with every failure, at a random moment.
fn after(account: &ClaimedAccount, now: i64) -> i64 {
    let failures = u32::try_from(account.failures).unwrap_or(0);
    now + Backoff::LINKEDIN.delay(failures, rand::random())
}

fn jitter(up_to_ms: u64) -> i64 {
    i64::try_from(rand::random::<u64>() % up_to_ms).unwrap_or(0)
}
