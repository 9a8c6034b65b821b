//! The field mappings: which LinkedIn field fills which lead field.

use leadline::{lead::field_label, store::views::rules::MappingView};
use leptos::prelude::*;

use crate::{
    Answer, Visit,
    ui::{Column, Empty, Row, Table},
};

/// The list, in order: where two mappings fill one field, the first that has an answer wins.
pub async fn show(visit: Visit) -> Answer {
    let mappings = visit.administrator()?.list_mapping_views().await?;
    Ok(visit.page("Field mappings").show(move || {
        let columns = vec![
            Column::new("LinkedIn field"),
            Column::new("Lead field"),
            Column::new("When the lead has a value"),
            Column::new("Forms that ask for it").number(),
        ];
        let rows: Vec<Row> = mappings.into_iter().map(row).collect();
        let list = if rows.is_empty() {
            view! { <Empty title="No mappings"><p>"Without one, leads stay empty."</p></Empty> }.into_any()
        } else {
            view! { <Table caption="Field mappings" columns=columns rows=rows /> }.into_any()
        };
        view! {
            <div class="page">
                <p class="muted">
                    "A blank answer never erases a value. Where two mappings fill one field, the first that has an answer wins."
                </p>
                {list}
            </div>
        }
    }))
}

fn row(view: MappingView) -> Row {
    let mapping = view.mapping;
    let keys = mapping.source.key().replace('|', ", ");
    Row::new()
        .cell(view! { {mapping.source.label()}<small class="muted"><code>{keys}</code></small> })
        .cell(view! {
            {field_label(&mapping.lead_field).to_owned()}
            <small class="muted"><code>{mapping.lead_field.clone()}</code></small>
        })
        .cell(mapping.policy.label())
        .cell(view.forms)
}
