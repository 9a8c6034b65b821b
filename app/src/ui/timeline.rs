//! What happened, in order.

use leptos::prelude::*;

use super::{Time, Tone};

/// What happened, in order.
#[component]
pub fn Timeline(
    /// `Moment`s.
    children: Children,
) -> impl IntoView {
    view! { <ol class="timeline">{children()}</ol> }
}

/// One thing that happened.
#[component]
pub fn Moment(
    /// When, in milliseconds since the epoch.
    at: i64,
    /// How good or bad it was.
    tone: Tone,
    /// What happened.
    #[prop(into)]
    title: String,
    /// The details.
    children: Children,
) -> impl IntoView {
    view! {
        <li data-tone=tone.name()>
            <div class="moment-head"><strong>{title}</strong><Time at=at /></div>
            {children()}
        </li>
    }
}
