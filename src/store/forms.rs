//! Forms, one row a version, in the database.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Value};

use super::{Store, execute, json, maybe_text, placeholders, rows, text};
use crate::error::Result;
use crate::submission::FormContent;

/// LinkedIn's id of a form and the version.
pub type FormKey = (i64, i64);

/// One version of a form, as LinkedIn tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewForm {
    /// LinkedIn's id and the version.
    pub key: FormKey,
    /// Its name.
    pub name: String,
    /// LinkedIn's state, such as `PUBLISHED`.
    pub state: Option<String>,
    /// LinkedIn's review status.
    pub review_status: Option<String>,
    /// The headline.
    pub headline: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// What is shown after sending.
    pub thank_you: Option<String>,
    /// Where the button after sending leads.
    pub landing_page_url: Option<String>,
    /// The advertiser's privacy policy.
    pub privacy_policy_url: Option<String>,
    /// `language_COUNTRY`.
    pub locale: Option<String>,
    /// The questions, consents and hidden fields.
    pub content: FormContent,
    /// LinkedIn's own words.
    pub raw: String,
}

#[derive(FromQueryResult)]
struct KeyRow {
    id: i64,
    linkedin_id: i64,
    version: i64,
}

const COLUMNS: &str = "account_id, linkedin_id, version, current, name, state, review_status, headline, description, \
     thank_you, landing_page_url, privacy_policy_url, locale, questions, raw, created_at, modified_at";

impl Store {
    /// Keeps the current versions of an account's forms. A form that says what it said before is
    /// not touched.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn save_current_forms(
        &self,
        account_id: i64,
        forms: &[NewForm],
        now: i64,
    ) -> Result<()> {
        let tx = self.begin().await?;
        for form in forms {
            let sql = format!(
                "INSERT INTO form ({COLUMNS}) VALUES {} ON CONFLICT (account_id, linkedin_id, version) DO UPDATE SET \
                   name = excluded.name, state = excluded.state, review_status = excluded.review_status, \
                   headline = excluded.headline, description = excluded.description, thank_you = excluded.thank_you, \
                   landing_page_url = excluded.landing_page_url, privacy_policy_url = excluded.privacy_policy_url, \
                   locale = excluded.locale, questions = excluded.questions, raw = excluded.raw, \
                   modified_at = excluded.modified_at WHERE form.raw <> excluded.raw",
                placeholders(1, &[""; 17], 1)
            );
            execute(&tx, &sql, values(account_id, form, true, now)?).await?;
            let sql = "UPDATE form SET current = (version = $1) \
                 WHERE account_id = $2 AND linkedin_id = $3 AND current <> (version = $1)";
            let (id, version) = form.key;
            execute(&tx, sql, [version.into(), account_id.into(), id.into()]).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Keeps form versions that responses brought along, unless they are known, and tells the id of
/// each that was asked for.
pub(crate) async fn save_form_versions(
    tx: &DatabaseTransaction,
    account_id: i64,
    forms: &[NewForm],
    wanted: &BTreeSet<FormKey>,
    now: i64,
) -> Result<HashMap<FormKey, i64>> {
    let mut known = find_form_ids(tx, account_id, wanted).await?;
    let unknown: Vec<&NewForm> = forms
        .iter()
        .filter(|f| !known.contains_key(&f.key))
        .collect();
    if unknown.is_empty() {
        return Ok(known);
    }
    for form in unknown {
        let sql = format!(
            "INSERT INTO form ({COLUMNS}) VALUES {} ON CONFLICT (account_id, linkedin_id, version) DO NOTHING",
            placeholders(1, &[""; 17], 1)
        );
        execute(tx, &sql, values(account_id, form, false, now)?).await?;
        // Until the list of forms says otherwise, the newest version seen is the current one.
        let sql = "UPDATE form SET current = TRUE WHERE account_id = $1 AND linkedin_id = $2 \
             AND version = (SELECT MAX(version) FROM form WHERE account_id = $1 AND linkedin_id = $2) \
             AND NOT EXISTS (SELECT 1 FROM form f WHERE f.account_id = $1 AND f.linkedin_id = $2 AND f.current)";
        execute(tx, sql, [account_id.into(), form.key.0.into()]).await?;
    }
    known.extend(find_form_ids(tx, account_id, wanted).await?);
    Ok(known)
}

async fn find_form_ids(
    tx: &impl ConnectionTrait,
    account_id: i64,
    keys: &BTreeSet<FormKey>,
) -> Result<HashMap<FormKey, i64>> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: BTreeSet<i64> = keys.iter().map(|(id, _)| *id).collect();
    let sql = format!(
        "SELECT id, linkedin_id, version FROM form WHERE account_id = $1 AND linkedin_id IN {}",
        placeholders(1, &vec![""; ids.len()], 2)
    );
    let values = std::iter::once(Value::from(account_id)).chain(ids.into_iter().map(Value::from));
    let found = rows::<KeyRow>(tx, &sql, values).await?;
    Ok(found
        .into_iter()
        .map(|row| ((row.linkedin_id, row.version), row.id))
        .collect())
}

fn values(account_id: i64, form: &NewForm, current: bool, now: i64) -> Result<[Value; 17]> {
    let (id, version) = form.key;
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
