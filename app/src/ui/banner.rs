//! Something that a person needs to know, with what to do.

use leptos::prelude::*;

use super::Tone;

/// Something that a person needs to know. Put what to do into the children, as a sentence or a
/// `ButtonLink`-styled link.
#[component]
pub fn Banner(
    /// How good or bad it is.
    tone: Tone,
    /// What it is about, in a few words.
    #[prop(optional, into)]
    title: Option<String>,
    /// Whether it answers what the person just did, so that a screen reader speaks it.
    #[prop(optional)]
    live: bool,
    /// What happened and what to do.
    children: Children,
) -> impl IntoView {
    let role = match (live, tone) {
        (true, Tone::Bad) => Some("alert"),
        (true, _) => Some("status"),
        (false, _) => None,
    };
    view! {
        <div class="banner" data-tone=tone.name() role=role>
            {title.map(|title| view! { <strong>{title}</strong> })}
            <div>{children()}</div>
        </div>
    }
}
