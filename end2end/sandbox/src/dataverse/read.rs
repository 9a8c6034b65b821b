//! Reading rows: one by its key, many by a query (specification 2.5).

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::address::{Options, names};
use super::context::Context;
use super::errors::{Failure, Outcome};
use super::filter::{self, Filter, Type};
use super::organization::{Organization, Row, Store};
use super::prefer::Wishes;
use super::schema::{Kind, Table};
use super::text;
use crate::server::Reply;

/// Rows of a page, and what `$count` counts to.
const PAGE: usize = 5000;

const FORMATTED: &str = "OData.Community.Display.V1.FormattedValue";
const LOOKUP: &str = "Microsoft.Dynamics.CRM.lookuplogicalname";
const SCHEMA: &str = "Microsoft.Dynamics.CRM.globalmetadataversion";

/// What a property of a table holds.
fn kind(table: &Table, property: &str) -> Outcome<Type> {
    let column = table
        .readable(property)
        .ok_or_else(|| Failure::no_property(property, table.name))?;
    Ok(match column.kind {
        Kind::Text { .. } | Kind::Memo { .. } | Kind::Choices { .. } | Kind::Virtual => Type::Text,
        Kind::Boolean { .. } => Type::Flag,
        Kind::Date { only: true } => Type::Date,
        Kind::Date { only: false } => Type::Time,
        Kind::Lookup { .. } | Kind::Key => Type::Guid,
        _ => Type::Number,
    })
}

/// The properties to show: those selected, or all.
fn selected(table: &Table, select: Option<&[String]>) -> Outcome<Vec<String>> {
    let Some(select) = select else {
        let columns = table.columns.values();
        let columns = columns.filter(|column| !matches!(column.kind, Kind::Virtual));
        return Ok(columns.map(|column| column.property()).collect());
    };
    for name in select {
        table
            .readable(name)
            .ok_or_else(|| Failure::no_property(name, table.name))?;
    }
    let mut all = select.to_vec();
    // The primary id is always told.
    if !all.iter().any(|name| name == table.key) {
        all.push(table.key.to_owned());
    }
    Ok(all)
}

fn shown(
    organization: &Organization,
    table: &Table,
    row: &Row,
    properties: &[String],
    wishes: &Wishes,
) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("@odata.etag".to_owned(), json!(row.etag()));
    for property in properties {
        let value = row.get(property);
        let column = table.readable(property);
        let stored = column.and_then(|column| row.values.get(&column.name));
        if let (Some(column), Some(stored)) = (column, stored.filter(|value| !value.is_null())) {
            let formatted = organization.formatted(table, &column.name, stored);
            if let Some(text) = formatted.filter(|_| wishes.annotated(FORMATTED)) {
                body.insert(format!("{property}@{FORMATTED}"), json!(text));
            }
            if matches!(column.kind, Kind::Lookup { .. }) && wishes.annotated(LOOKUP) {
                body.insert(format!("{property}@{LOOKUP}"), stored["table"].clone());
            }
        }
        body.insert(property.clone(), value);
    }
    body
}

impl Context<'_> {
    fn context_url(&self, table: &Table, select: Option<&[String]>, entity: bool) -> String {
        let columns = select.map_or(String::new(), |names| format!("({})", names.join(",")));
        let entity = if entity { "/$entity" } else { "" };
        format!("{}/$metadata#{}{columns}{entity}", self.base, table.set)
    }

    /// One row, as it is answered to a read and to a write that wants to see it.
    pub(super) fn representation(
        &self,
        status: u16,
        table: &Table,
        row: &Row,
        select: Option<&[String]>,
    ) -> Outcome<Reply> {
        let properties = selected(table, select)?;
        let mut body = Map::new();
        let context = self.context_url(table, select, true);
        body.insert("@odata.context".to_owned(), json!(context));
        self.tell_schema(&mut body);
        body.extend(shown(
            self.organization,
            table,
            row,
            &properties,
            &self.wishes,
        ));
        Ok(Reply::json(status, &Value::Object(body)).with("etag", row.etag()))
    }

    fn tell_schema(&self, body: &mut Map<String, Value>) {
        if self.wishes.annotated(SCHEMA) {
            let version = self.organization.schema_version.to_string();
            body.insert(format!("@{SCHEMA}"), json!(version));
        }
    }

    /// GET of one row.
    pub(super) fn get(&self, table: &Table, row: &Row, options: &Options) -> Outcome<Reply> {
        self.caller.require("Read", table)?;
        if options.expand.is_some() {
            return Err(Failure::syntax("$expand is not part of this stand-in."));
        }
        let known = self.wishes.if_none_match.as_deref() == Some(&*row.etag());
        if known && !self.wishes.any_annotations() {
            return Ok(Reply::empty(304).with("etag", row.etag()));
        }
        self.representation(200, table, row, options.select.as_deref())
    }

    /// GET of many rows.
    pub(super) fn list(&mut self, table: &Table, options: &Options, query: &str) -> Outcome<Reply> {
        self.caller.require("Read", table)?;
        if options.expand.is_some() {
            return Err(Failure::syntax("$expand is not part of this stand-in."));
        }
        let properties = selected(table, options.select.as_deref())?;
        let filter = options
            .filter
            .as_deref()
            .map(|text| filter::parse(text, &options.aliases, &|name| kind(table, name)))
            .transpose()?;
        let order = order(table, options.orderby.as_deref())?;
        let Some(store) = self.organization.stores.get_mut(table.name) else {
            return Err(Failure::no_resource(table.set));
        };
        let mut rows: Vec<Row> = matching(store, filter.as_ref())
            .into_iter()
            .cloned()
            .collect();
        rows.retain(|row| !self.faults.unreachable.contains(&row.id));
        rows.sort_by(|a, b| compare(a, b, &order));
        let total = rows.len();
        let page = self.page(options, query, &mut rows)?;

        let mut body = Map::new();
        let context = self.context_url(table, options.select.as_deref(), false);
        body.insert("@odata.context".to_owned(), json!(context));
        self.tell_schema(&mut body);
        if options.count {
            body.insert("@odata.count".to_owned(), json!(total.min(PAGE)));
        }
        let rows = rows
            .iter()
            .map(|row| shown(self.organization, table, row, &properties, &self.wishes));
        body.insert("value".to_owned(), rows.map(Value::Object).collect());
        if let Some(next) = page {
            let link = format!("{}/{}?{next}", self.base, table.set);
            body.insert("@odata.nextLink".to_owned(), json!(link));
        }
        Ok(Reply::json(200, &Value::Object(body)))
    }

    /// Cuts rows to one page; answers the query of the next one, if there is one.
    fn page(&self, options: &Options, query: &str, rows: &mut Vec<Row>) -> Outcome<Option<String>> {
        // `$top` is ignored by whoever pages.
        if let (Some(top), None) = (options.top, self.wishes.page_size) {
            rows.truncate(top.min(PAGE));
            return Ok(None);
        }
        let size = self.wishes.page_size.unwrap_or(PAGE).clamp(1, PAGE);
        let start = match &options.skiptoken {
            Some(token) => token
                .strip_prefix("sandbox-")
                .and_then(|number| number.parse::<usize>().ok())
                .ok_or_else(|| Failure::syntax("The skip token is malformed."))?,
            None => 0,
        };
        rows.drain(..start.min(rows.len()));
        if rows.len() <= size {
            return Ok(None);
        }
        rows.truncate(size);
        let kept = query.split('&');
        let kept = kept.filter(|part| {
            !part.is_empty() && !part.starts_with("$skiptoken") && !part.starts_with("%24skiptoken")
        });
        let mut next: Vec<String> = kept.map(str::to_owned).collect();
        next.push(format!("$skiptoken=sandbox-{}", start + size));
        Ok(Some(next.join("&")))
    }
}

fn matching<'a>(store: &'a mut Store, filter: Option<&Filter>) -> Vec<&'a Row> {
    let Some(filter) = filter else {
        return store.rows().collect();
    };
    let fits = |row: &Row| filter.fits(&|name| row.get(name));
    let candidates = match filter.pinned() {
        Some((property, value)) => store.with(property, value),
        None => store.rows().collect(),
    };
    candidates.into_iter().filter(|row| fits(row)).collect()
}

/// Properties to sort by, and whether downwards.
fn order(table: &Table, orderby: Option<&str>) -> Outcome<Vec<(String, bool)>> {
    let parts = orderby.map(names).unwrap_or_default().into_iter();
    let parts = parts.map(|part| {
        let (name, direction) = part.split_once(' ').unwrap_or((&part, "asc"));
        kind(table, name)?;
        match direction.trim() {
            "asc" => Ok((name.to_owned(), false)),
            "desc" => Ok((name.to_owned(), true)),
            other => Err(Failure::syntax(format!(
                "Syntax error at '{other}' in '{part}'."
            ))),
        }
    });
    parts.collect()
}

fn compare(a: &Row, b: &Row, order: &[(String, bool)]) -> Ordering {
    let by = |(name, down): &(String, bool)| {
        let order = values(&a.get(name), &b.get(name));
        if *down { order.reverse() } else { order }
    };
    let decided = order.iter().map(by).find(|order| order.is_ne());
    decided.unwrap_or(Ordering::Equal)
}

/// Nothing comes first, as in SQL.
fn values(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::String(a), Value::String(b)) => text::fold(a).cmp(&text::fold(b)),
        (Value::Number(a), Value::Number(b)) => a
            .as_f64()
            .partial_cmp(&b.as_f64())
            .unwrap_or(Ordering::Equal),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (a, b) => b.is_null().cmp(&a.is_null()),
    }
}
