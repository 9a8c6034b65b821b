//! What a preview saw.

use leadline::{
    lead::{Change, LeadFields},
    preview::{Counts, Difference, Preview},
};
use leptos::prelude::*;

use crate::ui::{Banner, Column, Empty, Row, Section, Table, Tone, blank};

/// How many differing submissions are listed.
const LISTED: usize = 50;

/// What edited rules would do. Nothing of it has been written.
#[component]
pub(in crate::pages) fn Seen(
    /// The fields that a lead can have.
    fields: LeadFields,
    /// What was seen.
    preview: Preview,
) -> impl IntoView {
    let (all, different) = (preview.submissions, preview.different.len());
    let said = match (all, different) {
        (0, _) => "There are no submissions yet to try it on.".to_owned(),
        (_, 0) => format!("None of the latest {all} submissions would be treated differently."),
        (_, 1) => format!("1 of the latest {all} submissions would be treated differently."),
        _ => format!("{different} of the latest {all} submissions would be treated differently."),
    };
    let listed = preview
        .different
        .into_iter()
        .take(LISTED)
        .map(|difference| row(difference, &fields))
        .collect();
    let columns = vec![
        Column::new("Submission"),
        Column::new("By the rules in force"),
        Column::new("By your edit"),
        Column::new("Values for the lead"),
    ];
    let more = different.saturating_sub(LISTED);
    view! {
        <Section title="Preview">
            {preview.not_asked.map(not_asked)}
            <p role="status">{said}" Nothing has been written."</p>
            {(all > 0).then(|| counts(preview.today, preview.edited))}
            {match different {
                0 => view! { <Empty title="No difference"><p>"You can save it without any effect on submissions like these."</p></Empty> }.into_any(),
                _ => view! { <Table caption="Submissions that would be treated differently" columns=columns rows=listed /> }.into_any(),
            }}
            {(more > 0).then(|| view! { <p class="muted">{format!("And {more} more.")}</p> })}
        </Section>
    }
}

/// Why a preview knows less than what it is a preview of.
pub(in crate::pages) fn not_asked(why: String) -> impl IntoView {
    view! {
        <Banner tone=Tone::Warn title="Dynamics 365 could not be asked">
            <p>{why}</p>
            <p>"This is what Leadline knew of the leads there at last."</p>
        </Banner>
    }
}

/// As if all of them arrived now.
fn counts(today: Counts, edited: Counts) -> impl IntoView {
    let columns = vec![
        Column::new("If they arrived now"),
        Column::new("By the rules in force").number(),
        Column::new("By your edit").number(),
    ];
    let line = |name: &str, today: usize, edited: usize| {
        Row::new().cell(name.to_owned()).cell(today).cell(edited)
    };
    let rows = vec![
        line("New leads", today.created, edited.created),
        line("Leads updated", today.updated, edited.updated),
        line("Nothing to change", today.unchanged, edited.unchanged),
        line("Held for review", today.held, edited.held),
        line("Left out", today.skipped, edited.skipped),
    ];
    view! { <Table caption="What they would come to" columns=columns rows=rows /> }
}

fn row(difference: Difference, fields: &LeadFields) -> Row {
    let id = difference.submission;
    let same = difference.today == difference.edited;
    let changes = difference.fields.into_iter();
    let changes = changes.map(|c| change(c, fields)).collect_view();
    Row::new()
        .link(format!("/submissions/{id}"), format!("Submission {id}"))
        .cell(difference.today)
        .cell(if same {
            "The same".to_owned()
        } else {
            difference.edited
        })
        .cell(view! { <ul class="plain">{changes}</ul> })
}

fn change(change: Change, fields: &LeadFields) -> impl IntoView + use<> {
    let text = |text: Option<String>| match text {
        Some(text) => {
            let text = fields.shown(&change.field, text);
            view! { <span dir="auto">{text}</span> }.into_any()
        }
        None => blank(),
    };
    view! {
        <li>
            {fields.label(&change.field).to_owned()}": "{text(change.before)}" → "{text(change.after)}
        </li>
    }
}
