//! What needs attention, one line each.

use leptos::prelude::*;

use super::{Badge, Tone};

/// Something that needs attention.
#[derive(Debug, Clone)]
pub struct Notice {
    /// How bad it is.
    pub tone: Tone,
    /// What it is.
    pub text: String,
    /// Where it is taken care of.
    pub path: String,
    /// What is done there, as a verb.
    pub action: &'static str,
}

/// A list of what needs attention.
#[component]
pub fn Notices(
    /// What needs attention, most urgent first.
    notices: Vec<Notice>,
) -> impl IntoView {
    let lines = notices.into_iter().map(|notice| {
        let word = if notice.tone == Tone::Bad {
            "Problem"
        } else {
            "To do"
        };
        view! {
            <li>
                <Badge tone=notice.tone>{word}</Badge>
                <span>{notice.text}</span>
                <a href=notice.path>{notice.action}</a>
            </li>
        }
    });
    view! { <ul class="notices">{lines.collect_view()}</ul> }
}
