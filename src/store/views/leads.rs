//! The list of leads.

use sea_orm::FromQueryResult;

use super::paging::{Listing, Order, Page, Paging, Wanted, read_page};
use super::query::{self, Pairs};
use super::sight::Sight;
use crate::error::Result;
use crate::lead::FieldKind;
use crate::store::access::Reader;
use crate::store::search_key;

/// Which leads are wanted, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeadFilter {
    /// What the name begins with; with an @ in it, what the e-mail address begins with.
    pub q: Option<String>,
    /// What the company's name begins with.
    pub company: Option<String>,
    /// Leadline's id of the owner.
    pub owner: Option<i64>,
    /// Leadline's id of a version of the form that the lead came from; all versions are meant.
    pub form: Option<i64>,
    /// Leadline's id of the campaign that the lead came from.
    pub campaign: Option<i64>,
    /// Only open leads, or only closed ones.
    pub open: Option<bool>,
    /// The order, unless something is searched: that comes in alphabetical order.
    pub sort: LeadSort,
}

/// In which order leads are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LeadSort {
    /// The latest submission first.
    #[default]
    Latest,
    /// By name.
    Name,
    /// The one that was changed last first.
    Modified,
}

impl LeadSort {
    /// All of them.
    pub const ALL: [LeadSort; 3] = [LeadSort::Latest, LeadSort::Name, LeadSort::Modified];

    /// The word for it in addresses.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            LeadSort::Latest => "latest",
            LeadSort::Name => "name",
            LeadSort::Modified => "modified",
        }
    }

    /// The order in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            LeadSort::Latest => "Latest submission",
            LeadSort::Name => "Name",
            LeadSort::Modified => "Last changed",
        }
    }

    fn parse(word: &str) -> Option<LeadSort> {
        LeadSort::ALL.into_iter().find(|sort| sort.slug() == word)
    }
}

/// The column that a search goes through, and what it begins with.
fn search(filter: &LeadFilter) -> Vec<(&'static str, String)> {
    let text = |text: &String| search_key(FieldKind::Text, text);
    let mut searched = Vec::new();
    match &filter.q {
        Some(q) if q.contains('@') => {
            searched.push(("l.email_key", search_key(FieldKind::Email, q)));
        }
        Some(q) => searched.push(("l.name_key", text(q))),
        None => {}
    }
    searched.extend(filter.company.iter().map(|c| ("l.company_key", text(c))));
    searched
}

impl LeadFilter {
    /// Reads the filter out of a query string.
    ///
    /// # Errors
    /// When a field holds something else than it may; the message names it.
    pub fn read(get: &impl Fn(&str) -> Option<String>) -> Result<LeadFilter> {
        let open = |word: &str| match word {
            "open" => Some(true),
            "closed" => Some(false),
            _ => None,
        };
        Ok(LeadFilter {
            q: query::text(get, "q")?,
            company: query::text(get, "company")?,
            owner: query::id(get, "owner")?,
            form: query::id(get, "form")?,
            campaign: query::id(get, "campaign")?,
            open: query::word(get, "state", open)?,
            sort: query::word(get, "sort", LeadSort::parse)?.unwrap_or_default(),
        })
    }

    /// The filter as a query string has it, without the order.
    #[must_use]
    pub fn pairs(&self) -> Pairs {
        let mut pairs = Pairs::default();
        pairs.add("q", self.q.as_ref());
        pairs.add("company", self.company.as_ref());
        pairs.add("owner", self.owner);
        pairs.add("form", self.form);
        pairs.add("campaign", self.campaign);
        let state = |open| if open { "open" } else { "closed" };
        pairs.add("state", self.open.map(state));
        pairs
    }

    /// Whether the list is in the alphabetical order of what is searched.
    #[must_use]
    pub fn searches(&self) -> bool {
        self.q.is_some() || self.company.is_some()
    }

    pub(super) fn order(&self) -> Order {
        let by = |column, text, descending| Order {
            column,
            text,
            descending,
        };
        match (search(self).first(), self.sort) {
            (Some((column, _)), _) => by(column, true, false),
            (None, LeadSort::Latest) => by("l.latest_submitted_at", false, true),
            (None, LeadSort::Name) => by("l.name_key", true, false),
            (None, LeadSort::Modified) => by("l.modified_at", false, true),
        }
    }

    pub(super) fn wanted(&self, sight: Sight) -> Wanted {
        let mut wanted = Wanted::default();
        wanted.and("l.state <> 'merged' AND l.left_in IS NULL");
        wanted.equal("l.owner_id", sight.owner());
        for (column, prefix) in search(self) {
            wanted.begins(column, &prefix);
        }
        wanted.equal("l.owner_id", self.owner);
        wanted.equal("l.first_campaign_id", self.campaign);
        let state = |open| if open { "open" } else { "closed" };
        wanted.equal("l.state", self.open.map(state));
        if let Some(form) = self.form {
            let id = wanted.bind(form);
            wanted.and(format!(
                "l.first_form_id IN (SELECT v.id FROM form v JOIN form f ON f.account_id = v.account_id \
                   AND f.linkedin_id = v.linkedin_id WHERE f.id = {id})"
            ));
        }
        wanted
    }
}

/// One lead in a list.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct LeadRow {
    /// Leadline's id.
    pub id: i64,
    /// Its name.
    pub full_name: String,
    /// Its e-mail address; empty when there is none.
    pub email: String,
    /// Its company; empty when there is none.
    pub company: String,
    /// Whether submissions may still change it.
    pub open: bool,
    /// Who works on it.
    pub owner_name: Option<String>,
    /// The form that it came from.
    pub form_id: Option<i64>,
    /// That form's name.
    pub form_name: Option<String>,
    /// The campaign that it came from.
    pub campaign_id: Option<i64>,
    /// That campaign's name.
    pub campaign_name: Option<String>,
    /// How many submissions belong to it.
    pub submission_count: i64,
    /// When the latest of them was submitted.
    pub latest_submitted_at: i64,
    /// When it was changed last.
    pub modified_at: i64,
}

/// The list's statement.
pub(super) const LISTING: Listing = Listing {
    columns: "l.id, l.full_name, l.email, l.company, l.state = 'open' AS open, o.name AS owner_name, \
         l.first_form_id AS form_id, f.name AS form_name, l.first_campaign_id AS campaign_id, \
         c.name AS campaign_name, l.submission_count, l.latest_submitted_at, l.modified_at",
    table: "lead",
    alias: "l",
    joins: "LEFT JOIN person o ON o.id = l.owner_id LEFT JOIN form f ON f.id = l.first_form_id \
         LEFT JOIN campaign c ON c.id = l.first_campaign_id",
};

impl Reader {
    /// One page of the leads that are wanted.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_leads(&self, filter: &LeadFilter, paging: &Paging) -> Result<Page<LeadRow>> {
        let order = filter.order();
        let cursor = |row: &LeadRow| {
            let value = match filter.sort {
                LeadSort::Modified => row.modified_at,
                LeadSort::Latest | LeadSort::Name => row.latest_submitted_at,
            };
            order.cursor(value, row.id)
        };
        let db = self.store().reading();
        let wanted = filter.wanted(self.sight().await?);
        read_page(db, &LISTING, wanted, order, paging, cursor).await
    }
}
