//! What was changed, before and after.

use leadline::lead::{Change, field_label};
use leptos::prelude::*;

use super::{Column, Row, Table};

/// Fields before and after.
#[component]
pub fn Changes(
    /// The fields.
    changes: Vec<Change>,
) -> impl IntoView {
    let columns = vec![
        Column::new("Field"),
        Column::new("Before"),
        Column::new("After"),
    ];
    let row = |change: Change| {
        let label = field_label(&change.field).to_owned();
        let before = change
            .before
            .map(|text| view! { <del dir="auto">{text}</del> });
        let after = change
            .after
            .map(|text| view! { <ins dir="auto">{text}</ins> });
        Row::new()
            .cell(label)
            .cell(view! { {before.map_or_else(blank, IntoAny::into_any)} })
            .cell(view! { {after.map_or_else(blank, IntoAny::into_any)} })
    };
    view! { <Table caption="Changes" columns=columns rows=changes.into_iter().map(row).collect() /> }
}

/// Shown where there is nothing.
pub(crate) fn blank() -> AnyView {
    view! { <span class="muted">"–"</span> }.into_any()
}
