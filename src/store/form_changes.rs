//! What changed at forms: noted in the transaction that keeps a version, open until an administrator
//! has looked at it.
//!
//! A form begins with the version that was seen first; what comes after it is compared with the
//! version before it, whatever order they arrive in. Versions older than the beginning are history.
//! A draft is nothing yet: nobody can fill it in.

use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Value};
use serde_json::json;

use super::access::{Actor, Administrator};
use super::audit::{Action, Event, record};
use super::lead_fields::lead_fields;
use super::mappings::map_alike;
use super::replays::insert_run;
use super::rules::mappings;
use super::settings::{FormChanges, settings};
use super::{execute, from_json, json as to_json, maybe_text, placeholders, row, rows, text};
use crate::drift::{Change, Kind, differences};
use crate::error::{Error, Result};
use crate::linkedin::{FormRef, FormVersion};
use crate::mapping::Source;
use crate::review::Reason;
use crate::submission::FormContent;

#[cfg(test)]
mod tests;

/// How many changes can be ticked off at once.
pub const AT_MOST: usize = 500;
/// LinkedIn's state of a form that nobody can fill in yet.
pub(crate) const DRAFT: &str = "DRAFT";

/// A version that was kept now, or says something else than before.
pub(crate) struct Kept<'a> {
    /// The version.
    pub(crate) form: &'a FormVersion,
    /// What the same version asked before, when it was known.
    pub(crate) before: Option<FormContent>,
}

#[derive(FromQueryResult)]
struct Version {
    version: i64,
}

#[derive(FromQueryResult)]
struct Earlier {
    version: i64,
    questions: String,
}

#[derive(FromQueryResult)]
struct Count {
    n: i64,
}

/// Notes what the versions that were kept changed, and maps what is to be mapped by its text. It ends
/// with audit events, so nothing should be written after it.
pub(crate) async fn notice(
    tx: &DatabaseTransaction,
    account_id: i64,
    mut kept: Vec<Kept<'_>>,
    now: i64,
) -> Result<()> {
    kept.retain(|kept| kept.form.state.as_deref() != Some(DRAFT));
    if kept.is_empty() {
        return Ok(());
    }
    kept.sort_by_key(|kept| kept.form.form);
    let by_text = settings(tx).await?.form_changes == FormChanges::MapByText;
    let beginning = is_first_pass(tx, account_id).await?;
    let fields = lead_fields(tx).await?;
    let mut made = Vec::new();
    for kept in &kept {
        let Some((from, changes)) = compare(tx, account_id, kept).await? else {
            continue;
        };
        let (form, content) = (kept.form.form, &kept.form.content);
        // Of what is noticed together the last one is listed first.
        for change in changes.into_iter().rev() {
            let note = match by_text {
                true => {
                    map_alike(tx, form.id, &questions(&change, content), &mut made, now).await?
                }
                false => String::new(),
            };
            let effect = change.effect(form.id, content, &mappings(tx).await?, &fields);
            let noted = Noted {
                from,
                note: &note,
                affects: effect.matters(&change),
                done: beginning,
            };
            insert(tx, account_id, form, &change, &noted, now).await?;
        }
    }
    for mapping in &made {
        let event = Event::new(
            Action::Created,
            super::mappings::NOUN,
            mapping.id,
            &mapping.lead_field,
        );
        let event = event.after(super::mappings::told(mapping));
        record(tx, &Actor::Engine, event, now).await?;
    }
    Ok(())
}

/// Whether the sync reads the account for the first time: then all that it finds is the beginning.
async fn is_first_pass(tx: &DatabaseTransaction, account_id: i64) -> Result<bool> {
    let sql = "SELECT count(*) AS n FROM linked_account WHERE id = $1 AND lease_holder IS NOT NULL \
         AND (last_finished_at IS NULL OR forms_synced_at IS NULL)";
    let found = row::<Count>(tx, sql, [account_id.into()]).await?;
    Ok(found.is_some_and(|count| count.n > 0))
}

/// What a version changed, and since which version; `None` when it changed nothing.
async fn compare(
    tx: &DatabaseTransaction,
    account_id: i64,
    kept: &Kept<'_>,
) -> Result<Option<(Option<i64>, Vec<Change>)>> {
    let FormRef { id, version } = kept.form.form;
    let sql = "SELECT to_version AS version FROM form_change WHERE account_id = $1 AND linkedin_id = $2 \
         AND kind = 'new_form' ORDER BY to_version LIMIT 1";
    let first = row::<Version>(tx, sql, [account_id.into(), id.into()]).await?;
    let Some(first) = first else {
        return Ok(Some((None, vec![Change::of_form(Kind::NewForm)])));
    };
    if version < first.version {
        return Ok(None);
    }
    if let Some(before) = &kept.before {
        let changes = differences(before, &kept.form.content);
        return Ok((!changes.is_empty()).then_some((Some(version), changes)));
    }
    let sql = "SELECT version, questions FROM form WHERE account_id = $1 AND linkedin_id = $2 AND version < $3 \
         AND COALESCE(state, '') <> $4 ORDER BY version DESC LIMIT 1";
    let values: [Value; 4] = [account_id.into(), id.into(), version.into(), DRAFT.into()];
    let earlier = row::<Earlier>(tx, sql, values).await?;
    let mut changes = match &earlier {
        Some(earlier) => differences(&from_json(&earlier.questions)?, &kept.form.content),
        None => Vec::new(),
    };
    if changes.is_empty() {
        changes.push(Change::of_form(Kind::NewVersion));
    }
    Ok(Some((earlier.map(|earlier| earlier.version), changes)))
}

/// The custom questions that a change brings.
fn questions(change: &Change, content: &FormContent) -> Vec<Source> {
    let brought = match change.kind {
        Kind::NewForm => crate::mapping::carried(content),
        Kind::Added | Kind::Edited => {
            let after = change.after.iter();
            after.filter_map(|asked| asked.source.clone()).collect()
        }
        _ => Vec::new(),
    };
    let custom = |source: &Source| matches!(source, Source::Question(_));
    brought.into_iter().filter(custom).collect()
}

/// What is noted beside a change.
struct Noted<'a> {
    from: Option<i64>,
    note: &'a str,
    affects: bool,
    done: bool,
}

async fn insert(
    tx: &DatabaseTransaction,
    account_id: i64,
    form: FormRef,
    change: &Change,
    noted: &Noted<'_>,
    now: i64,
) -> Result<()> {
    let question = |asked: &Option<crate::drift::Asked>| {
        let asked = asked.as_ref()?;
        let consent = matches!(asked.source, Some(Source::Consent(_)));
        asked.id.filter(|_| !consent)
    };
    let asked = |asked: &Option<crate::drift::Asked>| asked.as_ref().map(to_json).transpose();
    let sql = format!(
        "INSERT INTO form_change (account_id, linkedin_id, from_version, to_version, kind, before_id, after_id, \
         before_asked, after_asked, option_before, option_after, affects, note, noticed_at, done_at, done_by) VALUES {}",
        placeholders(1, &[""; 16], 1)
    );
    let values: [Value; 16] = [
        account_id.into(),
        form.id.into(),
        noted.from.into(),
        form.version.into(),
        change.kind.slug().into(),
        question(&change.before).into(),
        question(&change.after).into(),
        maybe_text(asked(&change.before)?.as_deref()),
        maybe_text(asked(&change.after)?.as_deref()),
        maybe_text(change.option_before.as_deref()),
        maybe_text(change.option_after.as_deref()),
        noted.affects.into(),
        text(noted.note),
        now.into(),
        noted.done.then_some(now).into(),
        noted.done.then(|| Actor::Engine.name().to_owned()).into(),
    ];
    execute(tx, &sql, values).await?;
    Ok(())
}

/// What came of ticking changes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TickedOff {
    /// How many changes; those that somebody had ticked off before are not counted.
    pub changes: u64,
    /// How many submissions that waited for it are decided now.
    pub submissions: u64,
}

/// The submissions that wait because of a form and for which no change is open any more.
const FREE: &str = "FROM submission s WHERE s.reason_code = $1 AND s.due_at IS NULL AND s.lead_id IS NULL \
     AND NOT EXISTS (SELECT 1 FROM form_change c WHERE c.account_id = s.account_id \
       AND c.linkedin_id = s.form_linkedin_id AND c.to_version <= s.form_version AND c.done_at IS NULL AND c.affects)";

impl Administrator {
    /// Ticks changes of forms off. Submissions that waited for nothing else are decided again, by the
    /// worker.
    ///
    /// # Errors
    /// When none of them is there, they are too many, or the database refuses.
    pub async fn tick_off_form_changes(&self, ids: &[i64], now: i64) -> Result<TickedOff> {
        if ids.is_empty() {
            return Err(Error::invalid("changes: choose at least one."));
        }
        if ids.len() > AT_MOST {
            return Err(Error::invalid(format!(
                "changes: at most {AT_MOST} can be ticked off at once. Choose fewer."
            )));
        }
        // While nobody decides, so that none is held for what is ticked off here.
        let tx = self.store().begin_alone().await?;
        let numbers = || ids.iter().map(|id| Value::from(*id));
        let list = placeholders(1, &vec![""; ids.len()], 1);
        let sql = format!("SELECT count(*) AS n FROM form_change WHERE id IN {list}");
        let found = row::<Count>(&tx, &sql, numbers()).await?;
        if found.is_none_or(|count| count.n == 0) {
            return Err(Error::not_found("change"));
        }
        let sql = format!(
            "UPDATE form_change SET done_at = $1, done_by = $2 WHERE done_at IS NULL AND id IN {}",
            placeholders(1, &vec![""; ids.len()], 3)
        );
        let values = [now.into(), text(self.actor().name())];
        let changes = execute(&tx, &sql, values.into_iter().chain(numbers())).await?;
        if changes == 0 {
            return Ok(TickedOff {
                changes,
                submissions: 0,
            });
        }
        let submissions = self.let_go(&tx, now).await?;
        let name = match changes {
            1 => ids[0].to_string(),
            _ => format!("{} and {} more", ids[0], changes - 1),
        };
        let event = Event::new(Action::TickedOff, "form change", ids[0], &name)
            .after(json!({ "changes": ids, "submissions": submissions }));
        record(&tx, self.actor(), event, now).await?;
        tx.commit().await?;
        Ok(TickedOff {
            changes,
            submissions,
        })
    }

    /// Has the submissions decided again that wait for no change any more.
    async fn let_go(&self, tx: &DatabaseTransaction, now: i64) -> Result<u64> {
        let reason = Value::from(Reason::FormChanged.slug());
        let sql = format!("SELECT count(*) AS n {FREE}");
        let free = row::<Count>(tx, &sql, [reason.clone()]).await?;
        let free = free.map_or(0, |count| count.n);
        if free == 0 {
            return Ok(0);
        }
        let wanted = "held because their form was changed";
        let run = insert_run(tx, self.actor(), wanted, free, now).await?;
        let sql = format!(
            "UPDATE submission SET replay_id = $2, due_at = $3 WHERE id IN (SELECT s.id {FREE})"
        );
        execute(tx, &sql, [reason, run.into(), now.into()]).await
    }
}

/// The forms of these versions as they are kept, by version.
pub(crate) async fn kept_before(
    tx: &impl ConnectionTrait,
    account_id: i64,
    form: FormRef,
) -> Result<Option<FormContent>> {
    let sql = "SELECT version, questions FROM form WHERE account_id = $1 AND linkedin_id = $2 AND version = $3 \
         AND COALESCE(state, '') <> $4";
    let FormRef { id, version } = form;
    let values: [Value; 4] = [account_id.into(), id.into(), version.into(), DRAFT.into()];
    let found = rows::<Earlier>(tx, sql, values).await?.pop();
    found.map(|kept| from_json(&kept.questions)).transpose()
}
