//! Match → map → write: takes due submissions in batches and leaves each with a verdict and an
//! attempt that explains it.

use std::collections::{BTreeMap, BTreeSet};

use crate::crm::builtin::Builtin;
use crate::error::{Error, Result};
use crate::plan::{Outcome, Rules, Undecided, Verdict, apply, keys};
use crate::review::Reason;
use crate::store::Store;
use crate::store::access::Actor;
use crate::store::attempts::{NewAttempt, insert_attempts};
use crate::store::from_json;
use crate::store::mirrors::mark_to_deliver;
use crate::store::settings::FormChanges;
use crate::store::submissions::{Decided, DueSubmission, list_due, save_decided};
use crate::submission::{MatchingStatus, ProcessingState};

/// Submissions in one transaction.
const BATCH: u64 = 500;

/// How many submissions one call decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Processed {
    /// All of them.
    pub submissions: usize,
}

/// Decides one batch of due submissions; nothing due, nothing done. Where leads live in an
/// organization, [`super::organization`] does.
///
/// A batch that the database refuses is halved until the one submission that it refuses is alone;
/// that one is marked as failed, with its reason, and the others go on.
///
/// # Errors
/// When the database cannot be reached.
pub async fn process_due(store: &Store) -> Result<Processed> {
    if store.lives_elsewhere().await? {
        return Ok(Processed::default());
    }
    let rules = rules_to_decide_by(store).await?;
    let mut size = BATCH;
    loop {
        match process_batch(store, &rules, size).await {
            Ok(submissions) => return Ok(Processed { submissions }),
            Err(error) if error.kind() == crate::error::Kind::Unavailable => return Err(error),
            Err(error) if size > 1 => {
                tracing::warn!(?error, size, "a batch was refused; trying a smaller one");
                size = (size / 2).max(1);
            }
            Err(error) => {
                tracing::error!(?error, "a submission cannot be written");
                let submissions = fail_first(store, &error).await?;
                return Ok(Processed { submissions });
            }
        }
    }
}

/// The rules in force, once leads can be found by all fields that they compare: a lead that cannot
/// be found yet would be made a second time.
pub(super) async fn rules_to_decide_by(store: &Store) -> Result<Rules> {
    let rules = load_rules(store).await?;
    while store.key_leads().await? {}
    Ok(rules)
}

/// The rules in force.
///
/// # Errors
/// When the database cannot be reached.
pub async fn load_rules(store: &Store) -> Result<Rules> {
    let settings = store.settings().await?;
    Ok(Rules {
        lead_fields: store.lead_fields().await?,
        strategies: store.list_active_strategies().await?,
        mappings: store.list_mappings().await?,
        lead_source: settings.lead_source,
        leads_from_tests: settings.leads_from_tests,
        hold_changed_forms: settings.form_changes == FormChanges::Hold,
    })
}

async fn process_batch(store: &Store, rules: &Rules, size: u64) -> Result<usize> {
    let crm = Builtin::begin(store).await?;
    let now = store.clock().await?;
    let due = list_due(crm.transaction(), size, now).await?;
    if due.is_empty() {
        return Ok(0);
    }
    decide(&crm, rules, &due, &Actor::Engine, now).await?;
    crm.commit().await?;
    Ok(due.len())
}

/// Decides submissions within a transaction, in the order in which they come, and tells what became
/// of each. The attempts name whoever had them run again, else `actor`.
pub(super) async fn decide(
    crm: &Builtin,
    rules: &Rules,
    due: &[DueSubmission],
    actor: &Actor,
    now: i64,
) -> Result<Vec<Decided>> {
    let undecided: Vec<Undecided> = due.iter().map(read).collect();
    let wanted: BTreeSet<_> = undecided.iter().flat_map(|s| keys(rules, s)).collect();
    let ids: BTreeSet<i64> = undecided.iter().filter_map(Undecided::known_lead).collect();
    let mut leads = crm.find(&wanted, &ids).await?;
    let mut outcomes: Vec<Outcome> = undecided
        .iter()
        .map(|submission| apply(rules, &mut leads, submission, now))
        .collect();
    let made = crm.write(&leads, now).await?;
    for outcome in &mut outcomes {
        rename(outcome, &made);
    }
    let elsewhere = crm.lives_elsewhere();
    let decided: Vec<Decided> = due
        .iter()
        .zip(&outcomes)
        .map(|(due, outcome)| decided(due, outcome, elsewhere))
        .collect();
    if elsewhere {
        let touched = decided.iter().filter(|d| is_on_its_way(d));
        mark_to_deliver(
            crm.transaction(),
            &touched.filter_map(|d| d.lead_id).collect(),
            now,
        )
        .await?;
    }
    let attempts = due.iter().zip(outcomes).zip(&decided);
    let attempts: Vec<NewAttempt> = attempts
        .map(|((due, outcome), decided)| attempt(due, outcome, decided, actor))
        .collect();
    save_decided(crm.transaction(), &decided, now).await?;
    insert_attempts(crm.transaction(), &attempts, now).await?;
    Ok(decided)
}

/// Marks the next due submission as failed, because the database refuses what it would write.
pub(super) async fn fail_first(store: &Store, error: &Error) -> Result<usize> {
    let crm = Builtin::begin(store).await?;
    let now = store.clock().await?;
    let Some(due) = list_due(crm.transaction(), 1, now).await?.pop() else {
        return Ok(0);
    };
    let status = match due.lead_id {
        Some(_) => MatchingStatus::UpdateFailed,
        None => MatchingStatus::CreationFailed,
    };
    let decided = Decided {
        id: due.id,
        matching_status: status,
        processing_state: ProcessingState::Failed,
        reason_code: Reason::StoreError.slug(),
        reason: error.message().to_owned(),
        lead_id: due.lead_id,
        attempts: due.attempts + 1,
        owner_id: due.owner_id,
    };
    let attempt = NewAttempt {
        submission_id: due.id,
        actor: tried_by(&due, &Actor::Engine),
        replay_id: due.replay_id,
        number: decided.attempts,
        outcome: "failed",
        reason_code: decided.reason_code,
        reason: decided.reason.clone(),
        lead_id: due.lead_id,
        trace: crate::explain::Trace::default(),
        changes: Vec::new(),
        request_id: None,
    };
    save_decided(crm.transaction(), &[decided], now).await?;
    insert_attempts(crm.transaction(), &[attempt], now).await?;
    crm.commit().await?;
    Ok(1)
}

/// Answers that Leadline cannot read any more are held like malformed ones; the batch goes on.
pub(super) fn read(due: &DueSubmission) -> Undecided {
    let (answers, unreadable) = match from_json(&due.answers) {
        Ok(answers) => (answers, None),
        Err(_) => (
            crate::submission::Answers::default(),
            Some("The stored answers cannot be read.".to_owned()),
        ),
    };
    Undecided {
        id: due.id,
        submitted_at: due.submitted_at,
        test: due.test,
        malformed: due.malformed.clone().or(unreadable),
        account: due.account_id,
        answers,
        facts: due.facts(),
        form: due.form_id,
        form_changed: due.form_changed,
        campaign: due.campaign_id,
        lead: due.lead_id,
        decided: due.decision(),
        owner: due.owner_id,
    }
}

/// Puts the real ids in place of the numbers that stood for new leads.
fn rename(outcome: &mut Outcome, made: &BTreeMap<i64, i64>) {
    let real = |id: i64| made.get(&id).copied().unwrap_or(id);
    outcome.lead = outcome.lead.map(real);
    for strategy in &mut outcome.trace.strategies {
        for candidate in &mut strategy.candidates {
            candidate.lead = real(candidate.lead);
        }
    }
}

fn is_on_its_way(decided: &Decided) -> bool {
    decided.reason_code == Reason::Delivering.slug()
}

/// What became of a submission. One whose lead lives elsewhere is done only when it has arrived there.
fn decided(due: &DueSubmission, outcome: &Outcome, elsewhere: bool) -> Decided {
    use ProcessingState as P;
    let (processing_state, reason_code, reason) = match &outcome.verdict {
        Verdict::Created | Verdict::Updated | Verdict::Unchanged if elsewhere => (
            P::Unprocessed,
            Reason::Delivering.slug(),
            "It is on its way into the CRM.".to_owned(),
        ),
        Verdict::Created | Verdict::Updated => (P::Succeeded, "", String::new()),
        Verdict::Unchanged => (P::Succeeded, "", outcome.trace.decision.clone()),
        Verdict::Held(reason, why) => (P::Unprocessed, reason.slug(), why.clone()),
        Verdict::Skipped(reason, why) => (P::Succeeded, reason.slug(), why.clone()),
    };
    Decided {
        id: due.id,
        matching_status: matching_status(due, &outcome.verdict),
        processing_state,
        reason_code,
        reason,
        lead_id: outcome.lead,
        attempts: due.attempts + 1,
        owner_id: due.owner_id,
    }
}

/// What became of the lead. Running a submission again does not unsay that it made its lead, or
/// updated it.
fn matching_status(due: &DueSubmission, verdict: &Verdict) -> MatchingStatus {
    use MatchingStatus as M;
    let before = due.lead_id.map(|_| due.matching_status());
    match (verdict, before) {
        // A lead whose creation failed in the CRM is made when it is run again.
        (Verdict::Updated | Verdict::Unchanged, Some(M::Created | M::CreationFailed)) => M::Created,
        (Verdict::Unchanged, Some(M::Updated)) => M::Updated,
        (Verdict::Created, _) => M::Created,
        (Verdict::Updated, _) => M::Updated,
        (Verdict::Unchanged, _) => M::MatchedNotUpdated,
        (Verdict::Held(..), Some(_)) => M::UpdateFailed,
        (Verdict::Held(..), None) => M::Failed,
        (Verdict::Skipped(..), _) => M::Pending,
    }
}

/// Who has a submission tried.
fn tried_by(due: &DueSubmission, actor: &Actor) -> String {
    let asked_by = due.asked_by.clone();
    asked_by.unwrap_or_else(|| actor.name().to_owned())
}

fn attempt(due: &DueSubmission, outcome: Outcome, decided: &Decided, actor: &Actor) -> NewAttempt {
    NewAttempt {
        submission_id: outcome.submission,
        actor: tried_by(due, actor),
        replay_id: due.replay_id,
        number: decided.attempts,
        outcome: match outcome.verdict {
            Verdict::Created => "created",
            Verdict::Updated => "updated",
            Verdict::Unchanged => "unchanged",
            Verdict::Held(..) => "held",
            Verdict::Skipped(..) => "skipped",
        },
        reason_code: decided.reason_code,
        reason: decided.reason.clone(),
        lead_id: outcome.lead,
        trace: outcome.trace,
        changes: outcome.changes,
        request_id: None,
    }
}
