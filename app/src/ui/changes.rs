//! What was changed, before and after.

use leadline::lead::{Change, LeadFields};
use leptos::prelude::*;

use super::{Column, Row, Table};

/// Fields before and after.
#[component]
pub fn Changes(
    /// The fields that a lead can have.
    fields: LeadFields,
    /// Those that changed.
    changes: Vec<Change>,
) -> impl IntoView {
    // Of a new lead nothing was there before.
    let fresh = changes.iter().all(|change| change.before.is_none());
    let names: &[&str] = match fresh {
        true => &["Field", "Value"],
        false => &["Field", "Before", "After"],
    };
    let columns = names.iter().copied().map(Column::new).collect();
    let row = |change: Change| {
        let row = Row::new().cell(fields.label(&change.field).to_owned());
        let text = |text: String| fields.shown(&change.field, text);
        let before = change
            .before
            .map(text)
            .map(|text| view! { <del dir="auto">{text}</del> }.into_any());
        let after = change
            .after
            .map(text)
            .map(|text| view! { <ins dir="auto">{text}</ins> }.into_any());
        let row = match fresh {
            true => row,
            false => row.cell(before.unwrap_or_else(blank)),
        };
        row.cell(after.unwrap_or_else(blank))
    };
    let rows = changes.into_iter().map(row).collect();
    view! { <div class="changes"><Table caption="Changes" columns=columns rows=rows /></div> }
}

/// Fields before and after, a line each, for where a table has no room.
#[component]
pub fn Brief(
    /// What people call each field, its value before and its value after.
    changes: Vec<(String, Option<String>, Option<String>)>,
) -> impl IntoView {
    let line = |(label, before, after): (String, Option<String>, Option<String>)| {
        let arrow = (before.is_some() && after.is_some()).then_some(" → ");
        view! {
            <li>
                {label}": "
                {before.map(|text| view! { <del dir="auto">{text}</del> })}
                {arrow}
                {after.map(|text| view! { <ins dir="auto">{text}</ins> })}
            </li>
        }
    };
    let any = !changes.is_empty();
    any.then(|| {
        view! { <ul class="brief">{changes.into_iter().map(line).collect_view()}</ul> }
    })
}

/// Changes of lead fields as [`Brief`] shows them.
#[must_use]
pub fn field_changes(
    fields: &LeadFields,
    changes: Vec<Change>,
) -> Vec<(String, Option<String>, Option<String>)> {
    let named = |change: Change| {
        let label = fields.label(&change.field).to_owned();
        (label, change.before, change.after)
    };
    changes.into_iter().map(named).collect()
}

/// Shown where there is nothing.
pub(crate) fn blank() -> AnyView {
    view! { <span class="muted">"–"</span> }.into_any()
}
