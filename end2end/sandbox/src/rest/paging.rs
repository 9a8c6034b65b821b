//! Pages: by offset (`start`, `count`) and by cursor (`pageSize`, `pageToken`).

use serde_json::{Value, json};

use super::Ask;
use crate::errors::ApiError;
use crate::server::Reply;
use crate::state::State;

/// The part of a list that is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) count: u64,
}

/// Reads `start` and `count`.
pub(super) fn span(state: &State, ask: &Ask) -> Result<Span, ApiError> {
    let start = ask.number("start")?.unwrap_or(0);
    let count = ask.number("count")?.unwrap_or(10);
    if count == 0 || count > state.faults.max_count {
        let reason = format!("count must lie between 1 and {}", state.faults.max_count);
        return Err(ApiError::parameter("count", reason));
    }
    Ok(Span { start, count })
}

/// The `paging` object; `total` where the resource has one and the knobs do not hide it.
pub(super) fn paging(
    state: &State,
    ask: &Ask,
    span: Span,
    total: Option<u64>,
    more: bool,
) -> Value {
    let link = |rel: &str, start: u64| {
        let query = ask.query.with(&[
            ("start", start.to_string()),
            ("count", span.count.to_string()),
        ]);
        json!({ "rel": rel, "href": format!("{}?{query}", ask.path), "type": "application/json" })
    };
    let mut links = Vec::new();
    if span.start > 0 {
        links.push(link("prev", span.start.saturating_sub(span.count)));
    }
    if more && !state.faults.omit_next {
        links.push(link("next", span.start + span.count));
    }
    let mut paging = json!({ "start": span.start, "count": span.count, "links": links });
    if let Some(total) = total.filter(|_| !state.faults.omit_total) {
        paging["total"] = json!(total);
    }
    paging
}

/// A page of a list that is short enough to have been made whole.
pub(super) fn by_offset(
    state: &State,
    ask: &Ask,
    all: Vec<Value>,
    with_total: bool,
) -> Result<Reply, ApiError> {
    let span = span(state, ask)?;
    let total = all.len() as u64;
    let more = span.start.saturating_add(span.count) < total;
    let elements: Vec<Value> = all
        .into_iter()
        .skip(usize::try_from(span.start).unwrap_or(usize::MAX))
        .take(usize::try_from(span.count).unwrap_or(usize::MAX))
        .map(|element| ask.project(element))
        .collect();
    let paging = paging(state, ask, span, with_total.then_some(total), more);
    Ok(Reply::json(
        200,
        &json!({ "elements": elements, "paging": paging }),
    ))
}

/// A page by cursor; the cursor is opaque to everybody but this function.
pub(super) fn by_cursor(ask: &Ask, all: Vec<Value>) -> Result<Reply, ApiError> {
    let size = ask.number("pageSize")?.unwrap_or(100);
    if !(1..=1000).contains(&size) {
        return Err(
            ApiError::parameter("pageSize", "pageSize must lie between 1 and 1000")
                .with_input("pageSize"),
        );
    }
    let token = ask.value("pageToken")?;
    let start = match token.as_ref().map(|token| token.scalar()) {
        None => 0,
        Some(text) => text
            .and_then(|text| usize::from_str_radix(text.strip_prefix("DgGerr")?, 16).ok())
            .ok_or_else(|| {
                ApiError::parameter("pageToken", "not a token of this sandbox")
                    .with_input("pageToken")
            })?,
    };
    let size = usize::try_from(size).unwrap_or(1000);
    let more = start.saturating_add(size) < all.len();
    let elements: Vec<Value> = all
        .into_iter()
        .skip(start)
        .take(size)
        .map(|element| ask.project(element))
        .collect();
    let metadata = if more {
        json!({ "nextPageToken": format!("DgGerr{:06x}", start + size) })
    } else {
        json!({})
    };
    Ok(Reply::json(
        200,
        &json!({ "elements": elements, "metadata": metadata }),
    ))
}
