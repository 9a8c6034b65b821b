//! The lead fields: those of one's own, which can be changed, and the standard ones.

use leadline::{
    lead::LeadField,
    store::views::{
        crm::Receiver,
        lead_fields::{FieldView, LEADS_COUNTED},
    },
};
use leptos::prelude::*;

use crate::{
    Answer, Visit,
    ui::{Column, Empty, Row, Section, Table, thousands},
};

/// How many choices a list names.
const CHOICES_NAMED: usize = 5;

/// The list.
pub async fn show(visit: Visit) -> Answer {
    let all = visit.administrator()?.list_lead_fields().await?;
    if let Some(receiver) = visit.services.store.receiver().await? {
        return Ok(visit
            .page("Lead fields")
            .show(move || columns_of(receiver, all)));
    }
    let (added, standard): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|view| view.added.is_some());
    let sheet = visit
        .page("Lead fields")
        .actions(|| view! { <a class="button primary" href="/fields/new">"New field"</a> });
    Ok(sheet.show(move || {
        let counted = thousands(i64::from(LEADS_COUNTED));
        view! {
            <div class="page">
                <Section title="Your own fields">
                    <p class="muted">
                        {format!("For what your forms ask and no standard field holds. Leads are counted among the latest {counted}.")}
                    </p>
                    {own(added)}
                </Section>
                <Section title="Standard fields">{table("Standard fields", standard)}</Section>
            </div>
        }
    }))
}

/// The columns of the organization that is the CRM.
fn columns_of(receiver: Receiver, all: Vec<FieldView>) -> impl IntoView {
    view! {
        <div class="page">
            <p class="muted">
                "Leads live in "<bdi>{receiver.name}</bdi>". These are its columns that field mappings can fill. Columns are \
                 added and changed in Dynamics 365; Leadline reads them every day, and when you ask for it on the page "
                <a href="/crm">"CRM"</a>"."
            </p>
            {table("Columns", all)}
        </div>
    }
}

fn own(added: Vec<FieldView>) -> AnyView {
    if added.is_empty() {
        return view! {
            <Empty title="No fields of your own yet">
                <p>"Add one, then let a "<a href="/mappings">"field mapping"</a>" fill it."</p>
            </Empty>
        }
        .into_any();
    }
    table("Your own fields", added).into_any()
}

fn table(caption: &'static str, views: Vec<FieldView>) -> impl IntoView {
    let columns = vec![
        Column::new("Field"),
        Column::new("Holds"),
        Column::new("Mappings").number(),
        Column::new("Strategies").number(),
        Column::new("Leads").number(),
    ];
    let rows = views.into_iter().map(row).collect();
    view! { <Table caption=caption columns=columns rows=rows /> }
}

fn row(view: FieldView) -> Row {
    let holds = holds(&view.field);
    let required = view.field.required;
    let (label, name) = (view.field.label, view.field.name);
    let label = match view.added {
        Some((id, _)) => {
            view! { <a href=format!("/fields/{id}")><bdi>{label}</bdi></a> }.into_any()
        }
        None => label.into_any(),
    };
    Row::new()
        .cell(view! { {label}<small class="muted"><code>{name}</code></small> })
        .cell(
            view! { {holds}{required.then(|| view! { <small class="muted">"Required"</small> })} },
        )
        .cell(view.mappings)
        .cell(view.strategies)
        .cell(view.leads)
}

/// A field's label with what it holds and whether it is required, in one line.
pub(super) fn in_full(field: &LeadField) -> String {
    let required = if field.required { ", required" } else { "" };
    format!("{} – {}{required}", field.label, holds(field))
}

/// What a field holds, in words.
pub(super) fn holds(field: &LeadField) -> String {
    let kind = field.kind;
    let label = kind.label();
    if kind.is_text() {
        return format!("{label}, at most {} characters", field.max_length);
    }
    let named: Vec<&str> = field.choices.iter().map(String::as_str).collect();
    match named.get(..CHOICES_NAMED) {
        _ if named.is_empty() => label.to_owned(),
        Some(first) if named.len() > CHOICES_NAMED => {
            let more = named.len() - CHOICES_NAMED;
            format!("{label}: {} and {more} more", first.join(", "))
        }
        _ => format!("{label}: {}", named.join(", ")),
    }
}
