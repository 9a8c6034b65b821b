//! The audit log: who did what, the latest first.

use leadline::store::{
    audit::Action,
    views::{
        audit::{AuditEvent, AuditFilter, AuditRow},
        paging::Paging,
    },
};
use leptos::prelude::*;
use serde_json::Value;

use crate::{
    Answer, Visit,
    ui::{
        Brief, Column, Empty, FilterBar, Hidden, Listed, OnDay, Query, Row, Select, Sentence,
        Table, Time, blank, words,
    },
};

/// What the filters offer.
struct Offer {
    who: Vec<(String, String)>,
    nouns: Vec<String>,
}

/// The list as its address says.
pub async fn show(visit: Visit, query: Query) -> Answer {
    let administrator = visit.administrator()?;
    let get = |name: &str| query.get(name);
    let filter = AuditFilter::read(&get)?;
    let page = administrator
        .list_audit_events(&filter, &Paging::read(&get)?)
        .await?;
    let actors = administrator.list_audit_actors().await?.into_iter();
    let actors = actors.map(|actor| (actor.who, actor.name));
    let others = [
        ("engine", "S2S Inbound"),
        ("command-line", "Command line"),
        ("single-sign-on", "Single sign-on"),
        ("stranger", "Nobody signed in"),
    ];
    let others = others.map(|(word, label)| (word.to_owned(), label.to_owned()));
    let offer = Offer {
        who: others.into_iter().chain(actors).collect(),
        nouns: administrator.list_audit_nouns().await?,
    };
    let listed = Listed::new("/audit", filter.pairs());
    let file = Listed::new("/audit.csv", filter.pairs()).here();
    let sheet = visit
        .page("Audit log")
        .actions(move || view! { <a class="button" href=file download>"Export as CSV"</a> });
    Ok(sheet.show(move || {
        let pager = listed.pager(&page, "event", "events");
        let list = if page.items.is_empty() {
            view! {
                <Empty title="No event fits this filter">
                    <p><a class="button" href="/audit">"Show all events"</a></p>
                </Empty>
            }
            .into_any()
        } else {
            let rows = page.items.into_iter().map(row).collect();
            view! { <Table caption="Events" columns=columns() rows=rows />{pager} }.into_any()
        };
        view! { {filters(&listed, &filter, offer)}{list} }
    }))
}

fn filters(listed: &Listed, filter: &AuditFilter, offer: Offer) -> impl IntoView + use<> {
    let actions = Action::ALL.iter();
    let actions = actions.map(|action| (action.slug().to_owned(), action.label()));
    let nouns = offer.nouns.into_iter().map(|noun| {
        let (first, rest) = noun.split_at_checked(1).unwrap_or(("", &noun));
        let label = first.to_uppercase() + rest;
        (noun, label)
    });
    let thing = filter.thing.map(|id| id.to_string());
    let now = filter.pairs();
    let now = move |name| now.value(name).to_owned();
    view! {
        <FilterBar path="/audit" active=listed.filtered()>
            <Select name="who" label="Who" options=offer.who value=now("who") any="Anybody" />
            <Select name="action" label="What was done" options=actions.collect() value=now("action") />
            <Select name="noun" label="To what" options=nouns.collect() value=now("noun") />
            <OnDay name="from" label="From (UTC)" value=now("from") />
            <OnDay name="to" label="To (UTC)" value=now("to") />
            <Hidden name="thing" value=thing />
        </FilterBar>
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("What happened"),
        Column::new("When"),
        Column::new("From where"),
    ]
}

fn row(event: AuditEvent) -> Row {
    let changes = changes(&event);
    let row = event.row;
    let (before, after) = row.phrase();
    let actor = row.actor().to_owned();
    let thing = after.map(|after| view! { {thing(&row)}{after} });
    Row::new()
        .cell(view! {
            <Sentence><bdi>{actor}</bdi>" "{before}{thing}</Sentence>
            <Brief changes=changes />
        })
        .cell(view! { <Time at=row.at /> })
        .cell(
            row.address
                .map_or_else(blank, |address| view! { <code>{address}</code> }.into_any()),
        )
}

/// The thing's name, as a link when it is still there.
fn thing(row: &AuditRow) -> AnyView {
    let name = row.thing().to_owned();
    match path(row) {
        Some(path) => view! { <a href=path><bdi>{name}</bdi></a> }.into_any(),
        None => view! { <bdi>{name}</bdi> }.into_any(),
    }
}

/// The page of the thing, when it is still there.
fn path(row: &AuditRow) -> Option<String> {
    if row.noun == "API token" {
        return Some("/tokens".to_owned());
    }
    let list = match row.noun.as_str() {
        "user" => "users",
        "user profile" => "profiles",
        "linked account" => "accounts",
        "matching strategy" => "matching",
        "lead" => "leads",
        "submission" => "submissions",
        _ => return None,
    };
    let id = row.noun_id.filter(|_| row.exists_still)?;
    Some(format!("/{list}/{id}"))
}

/// Every field that the event names, before and after.
fn changes(event: &AuditEvent) -> Vec<(String, Option<String>, Option<String>)> {
    let mut names: Vec<&String> = event.before.keys().chain(event.after.keys()).collect();
    names.sort();
    names.dedup();
    let said = |value: Option<&Value>| value.and_then(said);
    names
        .into_iter()
        .map(|name| {
            (
                words(name),
                said(event.before.get(name)),
                said(event.after.get(name)),
            )
        })
        .filter(|(_, before, after)| before.is_some() || after.is_some())
        .collect()
}

/// A value in words; nothing when it is nothing.
fn said(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(true) => Some("yes".to_owned()),
        Value::Bool(false) => Some("no".to_owned()),
        Value::Array(items) if items.is_empty() => Some("none".to_owned()),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter_map(said).collect();
            Some(items.join(", "))
        }
        Value::Object(fields) => {
            let field = |(name, value)| Some(format!("{name} {}", said(value)?));
            let fields: Vec<String> = fields.iter().filter_map(field).collect();
            (!fields.is_empty()).then(|| fields.join(", "))
        }
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::said;

    #[test]
    fn values_are_said_in_words() {
        let cases = [
            (json!(null), None),
            (json!(true), Some("yes")),
            (json!([]), Some("none")),
            (json!(["Contoso", "Fabrikam"]), Some("Contoso, Fabrikam")),
            (json!({}), None),
            (
                json!({"who": "engine", "to": "2026-11-24"}),
                Some("to 2026-11-24, who engine"),
            ),
            (json!("on"), Some("on")),
            (json!(7), Some("7")),
        ];
        for (value, words) in cases {
            assert_eq!(said(&value).as_deref(), words, "{value}");
        }
    }
}
