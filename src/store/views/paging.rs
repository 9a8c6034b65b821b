//! Lists in pages, by key.
//!
//! A page begins after (or ends before) a row that was seen, by the column that the list is sorted
//! by and the row's id: an index leads straight to it, and rows that arrive meanwhile neither repeat
//! nor hide others. Counts stop at a bound, because nobody needs to know more exactly.

use std::fmt;

use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::query::Day;
use crate::error::{Error, Result};
use crate::store::{row, rows};

/// How many rows a page has.
pub const PAGE_SIZE: usize = 50;

/// Counts stop here.
pub const COUNT_LIMIT: i64 = 10_000;

/// A row's place in a list. Of a text that the list is sorted by, only the row's id is told: names
/// and addresses of people do not belong into a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    value: Option<i64>,
    id: i64,
}

impl Cursor {
    /// The place of a row in a list that is sorted by a number.
    #[must_use]
    pub fn at(value: i64, id: i64) -> Cursor {
        Cursor {
            value: Some(value),
            id,
        }
    }

    /// The place of a row in a list that is sorted by a text.
    #[must_use]
    pub fn of(id: i64) -> Cursor {
        Cursor { value: None, id }
    }

    /// The row's id.
    #[must_use]
    pub fn id(self) -> i64 {
        self.id
    }

    /// Reads what [`fmt::Display`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Cursor> {
        match text.split_once('.') {
            Some((value, id)) => Some(Cursor::at(value.parse().ok()?, id.parse().ok()?)),
            None => Some(Cursor::of(text.parse().ok()?)),
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Some(value) => write!(f, "{value}.{}", self.id),
            None => write!(f, "{}", self.id),
        }
    }
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The beginning.
    Start,
    /// What follows this row.
    After(Cursor),
    /// What comes before this row.
    Before(Cursor),
}

/// Which page of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// Where it lies.
    pub place: Place,
    /// How many rows it has at most.
    pub size: usize,
}

impl Paging {
    /// The first page.
    #[must_use]
    pub fn first() -> Paging {
        Paging {
            place: Place::Start,
            size: PAGE_SIZE,
        }
    }

    /// Reads `after` or `before` out of a query string.
    ///
    /// # Errors
    /// When one of them was not made by Leadline.
    pub fn read(get: &impl Fn(&str) -> Option<String>) -> Result<Paging> {
        let cursor = |name: &str| match get(name).filter(|text| !text.is_empty()) {
            None => Ok(None),
            Some(text) => Cursor::parse(&text).map(Some).ok_or_else(|| {
                Error::invalid(format!(
                    "{name}: this is not a place in the list. Begin at the first page."
                ))
            }),
        };
        let place = match (cursor("after")?, cursor("before")?) {
            (Some(after), _) => Place::After(after),
            (None, Some(before)) => Place::Before(before),
            (None, None) => Place::Start,
        };
        Ok(Paging {
            place,
            size: PAGE_SIZE,
        })
    }
}

/// A count that stops at [`COUNT_LIMIT`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Total(i64);

impl Total {
    /// A count that was stopped one above the limit, or that was not stopped.
    #[must_use]
    pub fn new(counted: i64) -> Total {
        Total(counted)
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The count; one above the limit stands for more.
    #[must_use]
    pub fn number(self) -> i64 {
        self.0
    }

    /// Whether there is exactly one.
    #[must_use]
    pub fn is_one(self) -> bool {
        self.0 == 1
    }
}

/// `1,234`, or `10,000+`.
impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.min(COUNT_LIMIT);
        if shown >= 1_000 {
            write!(f, "{},{:03}", shown / 1_000, shown % 1_000)?;
        } else {
            write!(f, "{shown}")?;
        }
        f.write_str(if self.0 > COUNT_LIMIT { "+" } else { "" })
    }
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows, in order.
    pub items: Vec<T>,
    /// How many rows the whole list has.
    pub total: Total,
    /// Where the page before this one ends; `None` on the first page.
    pub before: Option<Cursor>,
    /// Where the next page begins; `None` on the last page.
    pub after: Option<Cursor>,
}

impl<T> Page<T> {
    /// The same page with other items.
    pub(in crate::store) fn map<U>(self, each: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(each).collect(),
            total: self.total,
            before: self.before,
            after: self.after,
        }
    }

    /// The same page with other items, if each can be made.
    pub(super) fn try_map<U>(self, each: impl FnMut(T) -> Result<U>) -> Result<Page<U>> {
        Ok(Page {
            items: self.items.into_iter().map(each).collect::<Result<_>>()?,
            total: self.total,
            before: self.before,
            after: self.after,
        })
    }
}

/// The conditions of a list with their values.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    clauses: Vec<String>,
    values: Vec<Value>,
}

impl Wanted {
    /// Takes a value and tells its placeholder.
    pub(in crate::store) fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// Adds a condition.
    pub(in crate::store) fn and(&mut self, clause: impl Into<String>) {
        self.clauses.push(clause.into());
    }

    /// The column has this value, if one is asked for.
    pub(in crate::store) fn equal(&mut self, column: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            let place = self.bind(value);
            self.and(format!("{column} = {place}"));
        }
    }

    /// The column is a moment on these days.
    pub(super) fn within(&mut self, column: &str, from: Option<Day>, to: Option<Day>) {
        if let Some(day) = from {
            let at = self.bind(day.begins());
            self.and(format!("{column} >= {at}"));
        }
        if let Some(day) = to {
            let at = self.bind(day.ends());
            self.and(format!("{column} < {at}"));
        }
    }

    /// The column begins with this text. It has to be one that is compared byte by byte.
    pub(in crate::store) fn begins(&mut self, column: &str, prefix: &str) {
        let (from, to) = (
            self.bind(prefix.to_owned()),
            self.bind(format!("{prefix}{}", char::MAX)),
        );
        self.and(format!("{column} >= {from} AND {column} < {to}"));
    }

    /// The column has this text in it, whatever its case (that of ASCII letters on SQLite). For
    /// small tables only.
    pub(in crate::store) fn contains(&mut self, column: &str, text: Option<&str>) {
        if let Some(text) = text {
            let escaped = text
                .to_lowercase()
                .replace('\\', "\\\\")
                .replace('%', "\\%")
                .replace('_', "\\_");
            let place = self.bind(format!("%{escaped}%"));
            self.and(format!("LOWER({column}) LIKE {place} ESCAPE '\\'"));
        }
    }

    /// The condition as it stands behind a table, and its values.
    pub(crate) fn into_parts(self) -> (String, Vec<Value>) {
        (self.sql(), self.values)
    }

    fn sql(&self) -> String {
        match self.clauses.as_slice() {
            [] => String::new(),
            clauses => format!(" WHERE {}", clauses.join(" AND ")),
        }
    }
}

/// A list: what is read, from where.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Listing {
    /// The columns of a row.
    pub(in crate::store) columns: &'static str,
    /// The table.
    pub(in crate::store) table: &'static str,
    /// Its short name in the statement.
    pub(in crate::store) alias: &'static str,
    /// What is joined to show a row; never what decides which rows there are.
    pub(in crate::store) joins: &'static str,
}

impl Listing {
    /// The statement that reads the row with the id `$1`.
    pub(in crate::store) fn one(&self) -> String {
        let Listing {
            columns,
            table,
            alias,
            joins,
        } = self;
        format!("SELECT {columns} FROM {table} {alias} {joins} WHERE {alias}.id = $1")
    }
}

/// In which order a list is read: by a column of its table, then by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Order {
    /// The column.
    pub(in crate::store) column: &'static str,
    /// Whether it is a text, of which a cursor tells only the id.
    pub(in crate::store) text: bool,
    /// Whether the greatest comes first.
    pub(in crate::store) descending: bool,
}

impl Order {
    /// The cursor of a row whose column, if it is a number, has this value.
    pub(in crate::store) fn cursor(self, value: i64, id: i64) -> Cursor {
        if self.text {
            Cursor::of(id)
        } else {
            Cursor::at(value, id)
        }
    }
}

#[derive(FromQueryResult)]
struct Counted {
    n: i64,
}

#[derive(FromQueryResult)]
struct TextRow {
    value: String,
}

/// Reads one page of a list. `cursor` tells the place of a row.
pub(in crate::store) async fn read_page<R: FromQueryResult>(
    db: &impl ConnectionTrait,
    listing: &Listing,
    wanted: Wanted,
    order: Order,
    paging: &Paging,
    cursor: impl Fn(&R) -> Cursor,
) -> Result<Page<R>> {
    let total = count(db, listing, &wanted).await?;
    let (place, backwards) = match paging.place {
        Place::Start => (None, false),
        Place::After(cursor) => (Some(cursor), false),
        Place::Before(cursor) => (Some(cursor), true),
    };
    let from = match place {
        Some(cursor) => find_key(db, listing, order, cursor).await?,
        None => None,
    };
    let inside = from.is_some();
    let (sql, values) = statement(listing, wanted, order, from, backwards, paging.size);
    let mut items = rows::<R>(db, &sql, values).await?;
    let more = items.len() > paging.size;
    items.truncate(paging.size);
    if backwards && inside {
        items.reverse();
    }
    let (earlier, later) = match (inside, backwards) {
        (true, true) => (more, true),
        (true, false) => (true, more),
        (false, _) => (false, more),
    };
    Ok(Page {
        total,
        before: items.first().filter(|_| earlier).map(&cursor),
        after: items.last().filter(|_| later).map(&cursor),
        items,
    })
}

/// Counts the rows of a list, up to the bound.
pub(in crate::store) async fn count(
    db: &impl ConnectionTrait,
    listing: &Listing,
    wanted: &Wanted,
) -> Result<Total> {
    let (sql, values) = count_statement(listing, wanted);
    let counted = row::<Counted>(db, &sql, values).await?;
    Ok(Total(counted.map_or(0, |counted| counted.n)))
}

/// A row's place as values to compare with. A row that has gone means the beginning of the list.
async fn find_key(
    db: &impl ConnectionTrait,
    listing: &Listing,
    order: Order,
    cursor: Cursor,
) -> Result<Option<(Value, i64)>> {
    let Listing { table, alias, .. } = listing;
    match cursor.value {
        Some(value) if !order.text => Ok(Some((value.into(), cursor.id))),
        None if order.text => {
            let sql = format!(
                "SELECT {} AS value FROM {table} {alias} WHERE {alias}.id = $1",
                order.column
            );
            let found = row::<TextRow>(db, &sql, [cursor.id.into()]).await?;
            Ok(found.map(|row| (row.value.into(), cursor.id)))
        }
        // The address was made for another order of the list.
        _ => Ok(None),
    }
}

/// The statement that counts.
pub(in crate::store) fn count_statement(
    listing: &Listing,
    wanted: &Wanted,
) -> (String, Vec<Value>) {
    let Listing { table, alias, .. } = listing;
    let sql = format!(
        "SELECT count(*) AS n FROM (SELECT 1 AS one FROM {table} {alias}{} LIMIT {}) AS counted",
        wanted.sql(),
        COUNT_LIMIT + 1
    );
    (sql, wanted.values.clone())
}

/// The statement that reads a page and one row more.
pub(in crate::store) fn statement(
    listing: &Listing,
    mut wanted: Wanted,
    order: Order,
    from: Option<(Value, i64)>,
    backwards: bool,
    size: usize,
) -> (String, Vec<Value>) {
    let Listing {
        columns,
        table,
        alias,
        joins,
    } = listing;
    let column = order.column;
    let descending = order.descending != (backwards && from.is_some());
    if let Some((value, id)) = from {
        let beyond = if descending { "<" } else { ">" };
        let (value, id) = (wanted.bind(value), wanted.bind(id));
        wanted.and(format!("({column}, {alias}.id) {beyond} ({value}, {id})"));
    }
    let direction = if descending { "DESC" } else { "ASC" };
    let sql = format!(
        "SELECT {columns} FROM {table} {alias} {joins}{} ORDER BY {column} {direction}, {alias}.id {direction} LIMIT {}",
        wanted.sql(),
        size + 1
    );
    (sql, wanted.values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_address_and_nonsense_does_not() {
        for cursor in [
            Cursor::at(1_732_000_000_000, 7),
            Cursor::at(-5, 7),
            Cursor::of(7),
        ] {
            assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        }
        for nonsense in ["", ".", "7.", ".7", "a.7", "7;DROP", "7.7.7"] {
            assert_eq!(Cursor::parse(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_total_says_when_it_stopped_counting() {
        let shown = |n| Total::new(n).to_string();
        assert_eq!(shown(0), "0");
        assert_eq!(shown(999), "999");
        assert_eq!(shown(1_001), "1,001");
        assert_eq!(shown(10_000), "10,000");
        assert_eq!(shown(10_001), "10,000+");
    }

    #[test]
    fn percent_signs_and_underscores_are_searched_for_as_they_are() {
        let mut wanted = Wanted::default();
        wanted.contains("f.name", Some("50%_OFF"));
        assert_eq!(wanted.sql(), " WHERE LOWER(f.name) LIKE $1 ESCAPE '\\'");
        assert_eq!(wanted.values, [Value::from("%50\\%\\_off%")]);
    }
}
