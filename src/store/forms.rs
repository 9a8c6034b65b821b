//! Forms, one row a version, in the database.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Value};

use super::form_changes::{Kept, kept_before, notice};
use super::{Store, execute, json, maybe_text, placeholders, rows, text};
use crate::error::Result;
use crate::linkedin::{FormRef, FormVersion};

#[derive(FromQueryResult)]
struct KeyRow {
    id: i64,
    linkedin_id: i64,
    version: i64,
}

const COLUMNS: &str = "account_id, linkedin_id, version, current, name, state, review_status, headline, description, \
     thank_you, landing_page_url, privacy_policy_url, locale, questions, raw, created_at, modified_at";

impl Store {
    /// Keeps the current versions of an account's forms, and notes what changed. A form that says
    /// what it said before is not touched.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn save_current_forms(
        &self,
        account_id: i64,
        forms: &[FormVersion],
        now: i64,
    ) -> Result<()> {
        let tx = self.begin().await?;
        let mut kept = Vec::new();
        for form in in_order(forms.iter()) {
            let before = kept_before(&tx, account_id, form.form).await?;
            let sql = format!(
                "INSERT INTO form ({COLUMNS}) VALUES {} ON CONFLICT (account_id, linkedin_id, version) DO UPDATE SET \
                   name = excluded.name, state = excluded.state, review_status = excluded.review_status, \
                   headline = excluded.headline, description = excluded.description, thank_you = excluded.thank_you, \
                   landing_page_url = excluded.landing_page_url, privacy_policy_url = excluded.privacy_policy_url, \
                   locale = excluded.locale, questions = excluded.questions, raw = excluded.raw, \
                   modified_at = excluded.modified_at WHERE form.raw <> excluded.raw",
                placeholders(1, &[""; 17], 1)
            );
            if execute(&tx, &sql, values(account_id, form, true, now)?).await? > 0 {
                kept.push(Kept { form, before });
            }
            let sql = "UPDATE form SET current = (version = $1) \
                 WHERE account_id = $2 AND linkedin_id = $3 AND current <> (version = $1)";
            let FormRef { id, version } = form.form;
            execute(&tx, sql, [version.into(), account_id.into(), id.into()]).await?;
        }
        notice(&tx, account_id, kept, now).await?;
        Ok(tx.commit().await?)
    }
}

/// Keeps form versions that responses brought along, unless they are known, and tells the id of
/// each that was asked for, and which were not known.
pub(crate) async fn save_form_versions<'a>(
    tx: &DatabaseTransaction,
    account_id: i64,
    forms: &'a [FormVersion],
    wanted: &BTreeSet<FormRef>,
    now: i64,
) -> Result<(HashMap<FormRef, i64>, Vec<Kept<'a>>)> {
    let mut known = find_form_ids(tx, account_id, wanted).await?;
    let mut kept = Vec::new();
    let unknown = in_order(forms.iter().filter(|f| !known.contains_key(&f.form)));
    if unknown.is_empty() {
        return Ok((known, kept));
    }
    for form in unknown {
        let sql = format!(
            "INSERT INTO form ({COLUMNS}) VALUES {} ON CONFLICT (account_id, linkedin_id, version) DO NOTHING",
            placeholders(1, &[""; 17], 1)
        );
        if execute(tx, &sql, values(account_id, form, false, now)?).await? > 0 {
            kept.push(Kept { form, before: None });
        }
        // Until the list of forms says otherwise, the newest version seen is the current one.
        let sql = "UPDATE form SET current = TRUE WHERE account_id = $1 AND linkedin_id = $2 \
             AND version = (SELECT MAX(version) FROM form WHERE account_id = $1 AND linkedin_id = $2) \
             AND NOT EXISTS (SELECT 1 FROM form f WHERE f.account_id = $1 AND f.linkedin_id = $2 AND f.current)";
        execute(tx, sql, [account_id.into(), form.form.id.into()]).await?;
    }
    known.extend(find_form_ids(tx, account_id, wanted).await?);
    Ok((known, kept))
}

/// In one order everywhere, so that no two transactions wait for each other in a circle.
fn in_order<'a>(forms: impl Iterator<Item = &'a FormVersion>) -> Vec<&'a FormVersion> {
    let mut forms: Vec<&FormVersion> = forms.collect();
    forms.sort_by_key(|form| form.form);
    forms
}

async fn find_form_ids(
    tx: &impl ConnectionTrait,
    account_id: i64,
    keys: &BTreeSet<FormRef>,
) -> Result<HashMap<FormRef, i64>> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: BTreeSet<i64> = keys.iter().map(|key| key.id).collect();
    let sql = format!(
        "SELECT id, linkedin_id, version FROM form WHERE account_id = $1 AND linkedin_id IN {}",
        placeholders(1, &vec![""; ids.len()], 2)
    );
    let values = std::iter::once(Value::from(account_id)).chain(ids.into_iter().map(Value::from));
    let found = rows::<KeyRow>(tx, &sql, values).await?;
    Ok(found
        .into_iter()
        .map(|row| {
            let form = FormRef {
                id: row.linkedin_id,
                version: row.version,
            };
            (form, row.id)
        })
        .collect())
}

fn values(account_id: i64, form: &FormVersion, current: bool, now: i64) -> Result<[Value; 17]> {
    let FormRef { id, version } = form.form;
    Ok([
        account_id.into(),
        id.into(),
        version.into(),
        current.into(),
        text(&form.name),
        maybe_text(form.state.as_deref()),
        maybe_text(form.review_status.as_deref()),
        maybe_text(form.headline.as_deref()),
        maybe_text(form.description.as_deref()),
        maybe_text(form.thank_you.as_deref()),
        maybe_text(form.landing_page_url.as_deref()),
        maybe_text(form.privacy_policy_url.as_deref()),
        maybe_text(form.locale.as_deref()),
        json(&form.content)?.into(),
        text(&form.raw),
        now.into(),
        now.into(),
    ])
}
