//! The list of what changed at forms, with what each change comes to by the mappings in force.

use std::collections::HashMap;

use sea_orm::{FromQueryResult, Value};

use super::paging::{COUNT_LIMIT, Listing, Order, Page, Paging, Total, Wanted, read_page};
use super::query::{self, Pairs};
use crate::drift::{Asked, Change, Effect, Kind};
use crate::error::{Error, Result};
use crate::lead::LeadFields;
use crate::mapping::FieldMapping;
use crate::review::Reason;
use crate::store::access::Reader;
use crate::store::{from_json, placeholders, row, rows};
use crate::submission::FormContent;

/// How far back submissions are counted, in milliseconds: 30 days.
const LOOKED_BACK: i64 = 30 * 86_400_000;

/// Which changes are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormChangeFilter {
    /// Only those that wait for somebody to look at them, or only those that somebody ticked off.
    pub open: Option<bool>,
    /// Leadline's id of a version of the form; all versions of the form are meant.
    pub form: Option<i64>,
    /// Leadline's id of the account.
    pub account: Option<i64>,
}

impl FormChangeFilter {
    /// Those that wait for somebody to look at them.
    #[must_use]
    pub fn waiting() -> FormChangeFilter {
        FormChangeFilter {
            open: Some(true),
            ..FormChangeFilter::default()
        }
    }

    /// Reads the filter out of a query string.
    ///
    /// # Errors
    /// When a field holds something else than it may; the message names it.
    pub fn read(get: &impl Fn(&str) -> Option<String>) -> Result<FormChangeFilter> {
        let state = |word: &str| match word {
            "open" => Some(true),
            "done" => Some(false),
            _ => None,
        };
        Ok(FormChangeFilter {
            open: query::word(get, "state", state)?,
            form: query::id(get, "form")?,
            account: query::id(get, "account")?,
        })
    }

    /// The filter as a query string has it.
    #[must_use]
    pub fn pairs(&self) -> Pairs {
        let mut pairs = Pairs::default();
        let state = self.open.map(|open| if open { "open" } else { "done" });
        pairs.add("state", state);
        pairs.add("form", self.form);
        pairs.add("account", self.account);
        pairs
    }

    pub(super) fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        match self.open {
            Some(true) => wanted.and("c.done_at IS NULL"),
            Some(false) => wanted.and("c.done_at IS NOT NULL"),
            None => {}
        }
        if let Some(form) = self.form {
            let id = wanted.bind(form);
            wanted.and(format!(
                "(c.account_id, c.linkedin_id) = (SELECT account_id, linkedin_id FROM form WHERE id = {id})"
            ));
        }
        wanted.equal("c.account_id", self.account);
        wanted
    }
}

/// One change of a form in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormChange {
    /// Leadline's id.
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// The account's name.
    pub account_name: String,
    /// Leadline's id of the version that brought it.
    pub form_id: Option<i64>,
    /// The form's name.
    pub form_name: String,
    /// LinkedIn's id of the form.
    pub linkedin_id: i64,
    /// The version that it was compared with; the same one when that was changed itself.
    pub from_version: Option<i64>,
    /// The version that brought it.
    pub to_version: i64,
    /// What it is.
    pub change: Change,
    /// What it comes to by the mappings in force.
    pub effect: Effect,
    /// The same in words.
    pub means: String,
    /// What Leadline did about it by itself; empty when nothing.
    pub note: String,
    /// Whether it mattered to the mappings when it was noticed.
    pub affects: bool,
    /// When it was noticed.
    pub noticed_at: i64,
    /// When it was ticked off; `None` while it waits.
    pub done_at: Option<i64>,
    /// Who ticked it off.
    pub done_by: Option<String>,
    /// How many submissions of the last 30 days answer the question; of the form, when it is about
    /// no question.
    pub carried: Total,
    /// How many submissions wait for somebody to look at it.
    pub held: Total,
}

#[derive(FromQueryResult)]
struct ChangeRow {
    id: i64,
    account_id: i64,
    account_name: String,
    form_id: Option<i64>,
    form_name: Option<String>,
    questions: Option<String>,
    linkedin_id: i64,
    from_version: Option<i64>,
    to_version: i64,
    kind: String,
    before_asked: Option<String>,
    after_asked: Option<String>,
    option_before: Option<String>,
    option_after: Option<String>,
    affects: bool,
    note: String,
    noticed_at: i64,
    done_at: Option<i64>,
    done_by: Option<String>,
}

#[derive(FromQueryResult)]
struct CountsRow {
    id: i64,
    carried: i64,
    held: i64,
}

pub(super) const LISTING: Listing = Listing {
    columns: "c.id, c.account_id, a.name AS account_name, f.id AS form_id, f.name AS form_name, f.questions, \
         c.linkedin_id, c.from_version, c.to_version, c.kind, c.before_asked, c.after_asked, c.option_before, \
         c.option_after, c.affects, c.note, c.noticed_at, c.done_at, c.done_by",
    table: "form_change",
    alias: "c",
    joins: "JOIN linked_account a ON a.id = c.account_id LEFT JOIN form f ON f.account_id = c.account_id \
         AND f.linkedin_id = c.linkedin_id AND f.version = c.to_version",
};

pub(super) const ORDER: Order = Order {
    column: "c.noticed_at",
    text: false,
    descending: true,
};

impl Reader {
    /// One page of the changes that are wanted, the latest first.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_form_changes(
        &self,
        filter: &FormChangeFilter,
        paging: &Paging,
        now: i64,
    ) -> Result<Page<FormChange>> {
        let db = self.store().reading();
        let cursor = |row: &ChangeRow| ORDER.cursor(row.noticed_at, row.id);
        let page = read_page(db, &LISTING, filter.wanted(), ORDER, paging, cursor).await?;
        let ids: Vec<i64> = page.items.iter().map(|row| row.id).collect();
        let counts = self.count_carried(&ids, now).await?;
        let (mappings, fields) = self.rules_now().await?;
        page.try_map(|row| row.read(&counts, &mappings, &fields))
    }

    /// One change.
    ///
    /// # Errors
    /// When there is no such change, or the database cannot be reached.
    pub async fn find_form_change(&self, id: i64, now: i64) -> Result<FormChange> {
        let db = self.store().reading();
        let found = row::<ChangeRow>(db, &LISTING.one(), [id.into()]).await?;
        let found = found.ok_or_else(|| Error::not_found("change"))?;
        let counts = self.count_carried(&[id], now).await?;
        let (mappings, fields) = self.rules_now().await?;
        found.read(&counts, &mappings, &fields)
    }

    async fn rules_now(&self) -> Result<(Vec<FieldMapping>, LeadFields)> {
        let store = self.store();
        Ok((store.list_mappings().await?, store.lead_fields().await?))
    }

    /// How many submissions in sight carry what each change is about, and how many wait because of
    /// its form.
    async fn count_carried(&self, ids: &[i64], now: i64) -> Result<HashMap<i64, (Total, Total)>> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let own = self.sight().await?.and("s.owner_id");
        let counted = |condition: &str| {
            let most = COUNT_LIMIT + 1;
            format!(
                "(SELECT count(*) FROM (SELECT 1 AS one FROM submission s WHERE s.account_id = c.account_id \
                   AND s.form_linkedin_id = c.linkedin_id{own} AND {condition} LIMIT {most}) AS counted)"
            )
        };
        let answered = |id: &str| format!("s.answers LIKE '%\"question_id\":' || {id} || ',%'");
        let carried = format!(
            "s.submitted_at >= $1 AND (COALESCE(c.before_id, c.after_id) IS NULL OR {} OR {})",
            answered("c.before_id"),
            answered("c.after_id")
        );
        let held = "s.reason_code = $2 AND s.form_version >= c.to_version AND c.affects AND c.done_at IS NULL";
        let sql = format!(
            "SELECT c.id, {} AS carried, {} AS held FROM form_change c WHERE c.id IN {}",
            counted(&carried),
            counted(held),
            placeholders(1, &vec![""; ids.len()], 3)
        );
        let reason = Reason::FormChanged.slug();
        let values: [Value; 2] = [(now - LOOKED_BACK).into(), reason.into()];
        let values = values.into_iter().chain(ids.iter().map(|id| (*id).into()));
        let found = rows::<CountsRow>(self.store().reading(), &sql, values).await?;
        let each = |row: CountsRow| (row.id, (Total::new(row.carried), Total::new(row.held)));
        Ok(found.into_iter().map(each).collect())
    }
}

impl ChangeRow {
    fn read(
        self,
        counts: &HashMap<i64, (Total, Total)>,
        mappings: &[FieldMapping],
        fields: &LeadFields,
    ) -> Result<FormChange> {
        let asked = |text: Option<String>| -> Result<Option<Asked>> {
            text.map(|text| from_json(&text)).transpose()
        };
        let change = Change {
            kind: Kind::parse(&self.kind)
                .ok_or_else(|| Error::internal("a change of a form is of an unknown kind"))?,
            before: asked(self.before_asked)?,
            after: asked(self.after_asked)?,
            option_before: self.option_before,
            option_after: self.option_after,
        };
        let now: FormContent = match &self.questions {
            Some(questions) => from_json(questions)?,
            None => FormContent::default(),
        };
        let effect = change.effect(self.linkedin_id, &now, mappings, fields);
        let (carried, held) = counts.get(&self.id).copied().unwrap_or_default();
        Ok(FormChange {
            id: self.id,
            account_id: self.account_id,
            account_name: self.account_name,
            form_id: self.form_id,
            form_name: self.form_name.unwrap_or_default(),
            linkedin_id: self.linkedin_id,
            from_version: self.from_version,
            to_version: self.to_version,
            means: effect.words(&change, self.to_version, fields),
            change,
            effect,
            note: self.note,
            affects: self.affects,
            noticed_at: self.noticed_at,
            done_at: self.done_at,
            done_by: self.done_by,
            carried,
            held,
        })
    }
}
