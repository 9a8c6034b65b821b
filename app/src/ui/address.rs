//! The address of a list: its filter, its order and its place, read and written.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};
use leadline::store::views::{
    paging::{Cursor, Page, Total},
    query::Pairs,
};
use leptos::prelude::*;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::Pager;

/// The query of a request.
#[derive(Debug, Clone, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// The first value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        let field = self.0.iter().find(|(key, _)| key == name);
        field.map(|(_, value)| value.clone())
    }

    /// All values of a field that may come several times.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        let fields = self.0.iter().filter(|(key, _)| key == name);
        fields.map(|(_, value)| value.as_str()).collect()
    }

    fn parse(text: &str) -> Query {
        let decode = |part: &str| {
            let spaced = part.replace('+', " ");
            percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
        };
        let fields = text.split('&').filter(|field| !field.is_empty());
        let pair = |field: &str| {
            let (key, value) = field.split_once('=').unwrap_or((field, ""));
            (decode(key), decode(value))
        };
        Query(fields.map(pair).collect())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Query, Infallible> {
        Ok(Query::parse(parts.uri.query().unwrap_or_default()))
    }
}

/// A list as it is shown now: its path, what is filtered, and how it is sorted.
#[derive(Debug, Clone)]
pub struct Listed {
    path: &'static str,
    filter: Pairs,
    sort: Option<&'static str>,
}

impl Listed {
    /// A list at a path with a filter.
    #[must_use]
    pub fn new(path: &'static str, filter: Pairs) -> Listed {
        Listed {
            path,
            filter,
            sort: None,
        }
    }

    /// Sorted in another order than its own.
    #[must_use]
    pub fn sorted(mut self, sort: Option<&'static str>) -> Listed {
        self.sort = sort;
        self
    }

    /// Whether anything is filtered.
    #[must_use]
    pub fn filtered(&self) -> bool {
        !self.filter.is_empty()
    }

    /// The address of the same list in another order.
    #[must_use]
    pub fn sort_by(&self, sort: Option<&'static str>) -> String {
        self.clone().sorted(sort).address(None)
    }

    /// The list's own address, at its beginning.
    #[must_use]
    pub fn here(&self) -> String {
        self.address(None)
    }

    fn address(&self, place: Option<(&'static str, Cursor)>) -> String {
        let place = place.map(|(name, cursor)| (name, cursor.to_string()));
        let sort = self.sort.map(|sort| ("sort", sort));
        let fields = self
            .filter
            .iter()
            .chain(sort)
            .chain(place.iter().map(|(name, cursor)| (*name, cursor.as_str())));
        let query: Vec<String> = fields
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
            .collect();
        match query.as_slice() {
            [] => self.path.to_owned(),
            query => format!("{}?{}", self.path, query.join("&")),
        }
    }

    /// The links below the list. `one` and `many` are what its rows are called.
    pub fn pager<T>(
        &self,
        page: &Page<T>,
        one: &'static str,
        many: &'static str,
    ) -> impl IntoView + use<T> {
        let all = counted(page.total, one, many);
        let whole = page.before.is_none() && page.after.is_none();
        let summary = if whole {
            all
        } else {
            format!("{} of {all}", page.items.len())
        };
        view! {
            <Pager
                summary=summary
                previous=page.before.map(|cursor| self.address(Some(("before", cursor))))
                next=page.after.map(|cursor| self.address(Some(("after", cursor))))
            />
        }
    }
}

/// A count with its noun.
#[must_use]
pub fn counted(total: Total, one: &str, many: &str) -> String {
    format!("{total} {}", if total.is_one() { one } else { many })
}

#[cfg(test)]
mod tests {
    use leadline::store::views::{
        leads::LeadFilter, paging::Cursor, submissions::SubmissionFilter,
    };

    use super::*;

    #[test]
    fn a_filter_survives_its_address() {
        let read = |text: &str| {
            let query = Query::parse(text);
            SubmissionFilter::read(&|name| query.get(name)).expect("a filter")
        };
        let filter = read("q=Zo%C3%AB+%26+co&status=failed&test=no&from=2026-01-31&account=7&x=1");
        let address = Listed::new("/submissions", filter.pairs()).address(None);
        assert_eq!(read(&address["/submissions?".len()..]), filter);
        assert_eq!(filter.q.as_deref(), Some("Zoë & co"));
    }

    #[test]
    fn an_address_names_only_what_is_not_usual() {
        let plain = Listed::new("/leads", LeadFilter::default().pairs());
        assert_eq!(plain.address(None), "/leads");
        assert!(!plain.filtered());
        let placed = plain
            .sorted(Some("name"))
            .address(Some(("after", Cursor::of(7))));
        assert_eq!(placed, "/leads?sort=name&after=7");
    }
}
