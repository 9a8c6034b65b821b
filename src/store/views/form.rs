//! One version of a form.

use sea_orm::{FromQueryResult, Value};

use super::accounts::is_mine;
use super::forms::{BY_FORM, Yield, find_yields};
use crate::drift::{Change, differences};
use crate::error::{Error, Result};
use crate::store::access::Reader;
use crate::store::{from_json, row, rows};
use crate::submission::FormContent;

/// A form version as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormView {
    /// What LinkedIn says about it.
    pub form: FormVersion,
    /// The questions, consents and hidden fields.
    pub content: FormContent,
    /// All versions of the form that are known, the newest first.
    pub versions: Vec<VersionRow>,
    /// What came of the form, in all its versions.
    pub came: Yield,
}

/// One version of a form, as LinkedIn tells it.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct FormVersion {
    /// Leadline's id of this version.
    pub id: i64,
    /// LinkedIn's id of the form.
    pub linkedin_id: i64,
    /// The version.
    pub version: i64,
    /// Whether it is the version that people fill in now.
    pub current: bool,
    /// Its name.
    pub name: String,
    /// LinkedIn's state, such as `PUBLISHED`.
    pub state: Option<String>,
    /// LinkedIn's review status.
    pub review_status: Option<String>,
    /// `language_COUNTRY`.
    pub locale: Option<String>,
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
    /// When it was seen first.
    pub created_at: i64,
    /// When it was changed last.
    pub modified_at: i64,
    /// The account.
    pub account_id: i64,
    /// The account's name.
    pub account_name: String,
    /// Whether this person may open the account's page.
    pub account_open: bool,
    questions: String,
}

/// A version in the list of versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRow {
    /// Leadline's id of the version.
    pub id: i64,
    /// The version.
    pub version: i64,
    /// Whether it is the version that people fill in now.
    pub current: bool,
    /// When it was seen first.
    pub created_at: i64,
    /// What differs from the version before it that is known.
    pub differences: Vec<Change>,
}

#[derive(FromQueryResult)]
struct ContentRow {
    id: i64,
    version: i64,
    current: bool,
    created_at: i64,
    questions: String,
}

/// Puts beside each version what differs from the one before it; they come the newest first.
fn compared(found: Vec<ContentRow>) -> Result<Vec<VersionRow>> {
    let contents = found.iter().map(|row| from_json(&row.questions));
    let contents = contents.collect::<Result<Vec<FormContent>>>()?;
    let compared = found
        .into_iter()
        .enumerate()
        .map(|(place, row)| VersionRow {
            id: row.id,
            version: row.version,
            current: row.current,
            created_at: row.created_at,
            differences: match contents.get(place + 1) {
                Some(before) => differences(before, &contents[place]),
                None => Vec::new(),
            },
        });
    Ok(compared.collect())
}

impl Reader {
    /// One version of a form.
    ///
    /// # Errors
    /// When there is no such version, or the database cannot be reached.
    pub async fn find_form(&self, id: i64) -> Result<FormView> {
        let db = self.store().reading();
        let sql = format!(
            "SELECT f.id, f.linkedin_id, f.version, f.current, f.name, f.state, f.review_status, f.locale, f.headline, \
               f.description, f.thank_you, f.landing_page_url, f.privacy_policy_url, f.created_at, f.modified_at, \
               f.account_id, a.name AS account_name, {} AS account_open, f.questions \
             FROM form f JOIN linked_account a ON a.id = f.account_id WHERE f.id = $1",
            is_mine("a.id", "$2", "$3")
        );
        let person = self.person();
        let values: [Value; 3] = [id.into(), person.administrator.into(), person.id.into()];
        let form = row::<FormVersion>(db, &sql, values)
            .await?
            .ok_or_else(|| Error::not_found("form"))?;
        let sql = "SELECT id, version, current, created_at, questions FROM form WHERE account_id = $1 AND linkedin_id = $2 \
             ORDER BY version DESC LIMIT 50";
        let values = [form.account_id.into(), form.linkedin_id.into()];
        Ok(FormView {
            content: from_json(&form.questions)?,
            versions: compared(rows(db, sql, values).await?)?,
            came: find_yields(db, BY_FORM, [id], self.sight().await?)
                .await?
                .remove(&id)
                .unwrap_or_default(),
            form,
        })
    }
}
