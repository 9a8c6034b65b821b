//! What changed a lead, in order, with what can be taken back.

use leadline::{
    lead::LeadFields,
    store::views::lead::{Happening, HistoryEntry, LeadView},
};
use leptos::prelude::*;

use super::revert;
use crate::ui::{Changes, Empty, Moment, Time, Timeline, Tone};

/// What whoever looks may take back.
#[derive(Debug, Clone, Copy)]
pub(super) struct May {
    /// What a submission changed: whoever may edit the lead.
    pub(super) revert: bool,
    /// A merge: administrators.
    pub(super) unmerge: bool,
}

/// What changed a lead, the latest first.
pub(super) fn history(lead: &LeadView, fields: &LeadFields, may: May) -> AnyView {
    if lead.history.is_empty() {
        return view! {
            <Empty title="No changes yet"><p>"Neither a submission nor a person has changed this lead."</p></Empty>
        }
        .into_any();
    }
    let moments = lead.history.iter().map(|entry| {
        let (by, action) = (by(lead.row.id, entry), action(lead, entry, may));
        let changes = (!entry.changes.is_empty()).then(|| {
            view! { <Changes fields=fields.clone() changes=entry.changes.clone() /> }
        });
        view! {
            <Moment at=entry.at tone=Tone::Good title=title(entry.what)>
                <p>{by}</p>
                {changes}
                {action.map(|(path, label)| view! { <p><a class="button small" href=path>{label}</a></p> })}
            </Moment>
        }
    });
    let moments = moments.collect_view();
    view! { <Timeline>{moments}</Timeline> }.into_any()
}

fn title(what: Happening) -> &'static str {
    match what {
        Happening::Created => "Created",
        Happening::Updated => "Updated",
        Happening::Edited => "Edited",
        Happening::Merged => "Merged",
        Happening::Unmerged => "Merge undone",
        Happening::Reverted => "Changes undone",
    }
}

/// Who or what did it, and to which of the leads that are one now.
fn by(lead: i64, entry: &HistoryEntry) -> AnyView {
    let actor = entry.actor.clone();
    let about = entry.about_id;
    let other = move |id: i64, name: Option<String>| {
        let path = format!("/leads/{id}");
        let name = name.unwrap_or_else(|| format!("lead {id}"));
        view! { <a href=path><bdi>{name}</bdi></a> }
    };
    let elsewhere = (entry.lead_id != lead).then(|| {
        view! { ", in "{other(entry.lead_id, None)}" before it was merged" }
    });
    let submission = entry.submission_id.zip(entry.submitted_at);
    let what = match (entry.what, about, submission) {
        (_, _, Some((id, at))) => {
            let path = format!("/submissions/{id}");
            let form = entry.form_name.clone();
            let form = form.map(|name| view! { " to "<bdi>{name}</bdi> });
            view! { "By a "<a href=path>"submission"</a>{form}" of "<Time at=at /> }.into_any()
        }
        (Happening::Merged, Some(id), _) => {
            let name = entry.about_name.clone();
            view! { "By "<bdi>{actor}</bdi>": "{other(id, name)}" was merged into it" }.into_any()
        }
        (Happening::Unmerged, Some(id), _) => {
            let name = entry.about_name.clone();
            view! { "By "<bdi>{actor}</bdi>": it and "{other(id, name)}" are two leads again" }
                .into_any()
        }
        (Happening::Reverted, Some(id), _) => {
            let path = format!("/submissions/{id}");
            view! { "By "<bdi>{actor}</bdi>": what "<a href=path>"a submission"</a>" had changed" }
                .into_any()
        }
        _ => view! { "By "<bdi>{actor}</bdi> }.into_any(),
    };
    view! { {what}{elsewhere} }.into_any()
}

/// What takes an entry back: where, and what it is called.
fn action(lead: &LeadView, entry: &HistoryEntry, may: May) -> Option<(String, &'static str)> {
    if lead.row.merged_into_id.is_some() {
        return None;
    }
    match entry.what {
        Happening::Merged if may.unmerge && entry.about_id == lead.undoable => {
            let path = format!("/leads/{}/unmerge", lead.row.id);
            Some((path, "Undo the merge"))
        }
        Happening::Updated if may.revert => {
            let (submission, attempt) = entry.submission_id.zip(entry.attempt)?;
            let path = revert::path(entry.lead_id, submission, attempt);
            Some((path, "Undo these changes"))
        }
        _ => None,
    }
}
