//! The list of forms: their current versions.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::paging::{COUNT_LIMIT, Listing, Order, Page, Paging, Total, Wanted, read_page};
use super::query::{self, Pairs};
use super::sight::Sight;
use crate::error::Result;
use crate::store::access::Reader;
use crate::store::{placeholders, rows};

/// Which forms are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormFilter {
    /// What the name has in it.
    pub q: Option<String>,
    /// Leadline's id of the account.
    pub account: Option<i64>,
    /// LinkedIn's state of the form, such as `PUBLISHED`.
    pub state: Option<String>,
}

impl FormFilter {
    /// Reads the filter out of a query string.
    ///
    /// # Errors
    /// When a field holds something else than it may; the message names it.
    pub fn read(get: &impl Fn(&str) -> Option<String>) -> Result<FormFilter> {
        Ok(FormFilter {
            q: query::text(get, "q")?,
            account: query::id(get, "account")?,
            state: query::text(get, "state")?,
        })
    }

    /// The filter as a query string has it.
    #[must_use]
    pub fn pairs(&self) -> Pairs {
        let mut pairs = Pairs::default();
        pairs.add("q", self.q.as_ref());
        pairs.add("account", self.account);
        pairs.add("state", self.state.as_ref());
        pairs
    }

    fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        wanted.and("f.current");
        wanted.contains("f.name", self.q.as_deref());
        wanted.equal("f.account_id", self.account);
        wanted.equal("f.state", self.state.clone());
        wanted
    }
}

/// One form in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormRow {
    /// What LinkedIn says about it.
    pub form: ListedForm,
    /// What came of it.
    pub came: Yield,
}

/// What stands in the row of a form.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct ListedForm {
    /// Leadline's id of this version.
    pub id: i64,
    /// LinkedIn's id of the form.
    pub linkedin_id: i64,
    /// The version.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// LinkedIn's state, such as `PUBLISHED`.
    pub state: Option<String>,
    /// `language_COUNTRY`.
    pub locale: Option<String>,
    /// The account.
    pub account_id: i64,
    /// The account's name.
    pub account_name: String,
}

/// What came of a form or a campaign.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Yield {
    /// How many submissions.
    pub submissions: Total,
    /// How many leads.
    pub leads: Total,
    /// When the last submission was made.
    pub last_submitted_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct YieldRow {
    id: i64,
    submissions: i64,
    leads: i64,
    last_submitted_at: Option<i64>,
}

/// What a form's submissions and leads are counted by.
pub(super) const BY_FORM: (&str, &str, &str) = (
    "form",
    "s.form_linkedin_id = x.linkedin_id",
    "l.first_form_id IN (SELECT v.id FROM form v WHERE v.account_id = x.account_id \
     AND v.linkedin_id = x.linkedin_id)",
);

/// What a campaign's submissions and leads are counted by.
pub(super) const BY_CAMPAIGN: (&str, &str, &str) = (
    "campaign",
    "s.campaign_id = x.id",
    "l.first_campaign_id = x.id",
);

/// What came of each of these rows, as far as it is in sight, in one statement that finds all of it
/// by index.
pub(super) async fn find_yields(
    db: &impl ConnectionTrait,
    (table, of_submission, of_lead): (&str, &str, &str),
    ids: impl IntoIterator<Item = i64>,
    sight: Sight,
) -> Result<HashMap<i64, Yield>> {
    let ids: Vec<Value> = ids.into_iter().map(Value::from).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let counted = |from: &str| {
        let most = COUNT_LIMIT + 1;
        format!("(SELECT count(*) FROM (SELECT 1 AS one FROM {from} LIMIT {most}) AS counted)")
    };
    let own = sight.and("s.owner_id");
    let sql = format!(
        "SELECT x.id, {} AS submissions, {} AS leads, \
           (SELECT s.submitted_at FROM submission s WHERE {of_submission}{own} \
             ORDER BY s.submitted_at DESC LIMIT 1) AS last_submitted_at \
         FROM {table} x WHERE x.id IN {}",
        counted(&format!("submission s WHERE {of_submission}{own}")),
        counted(&format!(
            "lead l WHERE {of_lead} AND l.state <> 'merged' AND l.left_in IS NULL{}",
            sight.and("l.owner_id")
        )),
        placeholders(1, &vec![""; ids.len()], 1),
    );
    let found = rows::<YieldRow>(db, &sql, ids).await?;
    let each = |row: YieldRow| {
        let came = Yield {
            submissions: Total::new(row.submissions),
            leads: Total::new(row.leads),
            last_submitted_at: row.last_submitted_at,
        };
        (row.id, came)
    };
    Ok(found.into_iter().map(each).collect())
}

const LISTING: Listing = Listing {
    columns: "f.id, f.linkedin_id, f.version, f.name, f.state, f.locale, f.account_id, a.name AS account_name",
    table: "form",
    alias: "f",
    joins: "JOIN linked_account a ON a.id = f.account_id",
};

impl Reader {
    /// One page of the forms that are wanted, by name.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_forms(&self, filter: &FormFilter, paging: &Paging) -> Result<Page<FormRow>> {
        let db = self.store().reading();
        let order = Order {
            column: "f.name",
            text: true,
            descending: false,
        };
        let cursor = |form: &ListedForm| order.cursor(0, form.id);
        let page = read_page(db, &LISTING, filter.wanted(), order, paging, cursor).await?;
        let ids = page.items.iter().map(|form| form.id);
        let yields = find_yields(db, BY_FORM, ids, self.sight().await?).await?;
        Ok(page.map(|form| FormRow {
            came: yields.get(&form.id).copied().unwrap_or_default(),
            form,
        }))
    }
}
