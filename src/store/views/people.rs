//! The list of people who sign in.

use super::paging::{Listing, Order, Page, Paging, Wanted, read_page};
use super::query::{self, Pairs};
use crate::error::Result;
use crate::store::access::Administrator;
use crate::store::people::{LISTED, ListedPerson, PersonState};

/// A role by which the list can be filtered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleFilter {
    /// Those who configure.
    Administrator,
    /// Those who authorize LinkedIn accounts and work leads.
    Salesperson,
    /// The sync engine's own identity, which is no person.
    S2sInbound,
}

impl RoleFilter {
    /// All of them.
    pub const ALL: [RoleFilter; 3] = [
        RoleFilter::Administrator,
        RoleFilter::Salesperson,
        RoleFilter::S2sInbound,
    ];

    /// The word for it in addresses.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            RoleFilter::Administrator => "administrator",
            RoleFilter::Salesperson => "salesperson",
            RoleFilter::S2sInbound => "s2s-inbound",
        }
    }

    /// The word for it on a page.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            RoleFilter::Administrator => "Administrator",
            RoleFilter::Salesperson => "Salesperson",
            RoleFilter::S2sInbound => "S2S Inbound",
        }
    }

    fn parse(word: &str) -> Option<RoleFilter> {
        RoleFilter::ALL.into_iter().find(|role| role.slug() == word)
    }
}

/// Which people are wanted, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonFilter {
    /// What stands in the name or in the e-mail address.
    pub q: Option<String>,
    /// What they may do.
    pub role: Option<RoleFilter>,
    /// Whether they can sign in.
    pub state: Option<PersonState>,
    /// Who signed in last comes first, rather than by name.
    pub latest_first: bool,
}

impl PersonFilter {
    /// Reads the filter out of a query string.
    ///
    /// # Errors
    /// When a field holds something else than it may; the message names it.
    pub fn read(get: &impl Fn(&str) -> Option<String>) -> Result<PersonFilter> {
        let sort = |word: &str| match word {
            "name" => Some(false),
            "signed-in" => Some(true),
            _ => None,
        };
        Ok(PersonFilter {
            q: query::text(get, "q")?,
            role: query::word(get, "role", RoleFilter::parse)?,
            state: query::word(get, "state", PersonState::parse)?,
            latest_first: query::word(get, "sort", sort)?.unwrap_or_default(),
        })
    }

    /// The filter as a query string has it, without the order.
    #[must_use]
    pub fn pairs(&self) -> Pairs {
        let mut pairs = Pairs::default();
        pairs.add("q", self.q.as_ref());
        pairs.add("role", self.role.map(RoleFilter::slug));
        pairs.add("state", self.state.map(PersonState::slug));
        pairs
    }

    /// Whether the sync engine's own identity is among those who are wanted.
    #[must_use]
    pub fn wants_engine(&self) -> bool {
        let any_role = matches!(self.role, None | Some(RoleFilter::S2sInbound));
        any_role && self.q.is_none() && self.state.is_none()
    }

    fn order(&self) -> Order {
        Order {
            column: match self.latest_first {
                true => "COALESCE(p.signed_in_at, 0)",
                false => "p.name",
            },
            text: !self.latest_first,
            descending: self.latest_first,
        }
    }

    fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        wanted.contains("p.name || ' ' || p.email", self.q.as_deref());
        if let Some(role) = self.role {
            wanted.and(match role {
                RoleFilter::Administrator => "p.administrator",
                RoleFilter::Salesperson => "p.salesperson",
                RoleFilter::S2sInbound => "FALSE",
            });
        }
        if let Some(state) = self.state {
            const INVITED: &str = "(p.password_hash = '' AND p.oidc_subject IS NULL)";
            wanted.and(match state {
                PersonState::Disabled => "p.disabled".to_owned(),
                PersonState::Invited => format!("NOT p.disabled AND {INVITED}"),
                PersonState::Active => format!("NOT p.disabled AND NOT {INVITED}"),
            });
        }
        wanted
    }
}

const LISTING: Listing = Listing {
    columns: LISTED,
    table: "person",
    alias: "p",
    joins: "",
};

impl Administrator {
    /// One page of the people who are wanted.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_people(
        &self,
        filter: &PersonFilter,
        paging: &Paging,
    ) -> Result<Page<ListedPerson>> {
        let order = filter.order();
        let cursor = |row: &ListedPerson| {
            let signed_in_at = row.signed_in_at.unwrap_or(0);
            order.cursor(signed_in_at, row.person.id)
        };
        let db = self.store().reading();
        read_page(db, &LISTING, filter.wanted(), order, paging, cursor).await
    }
}
