//! What is there for whoever wants to see it.

use leptos::prelude::*;

/// Something that is folded away until it is asked for.
#[component]
pub fn More(
    /// What it is.
    #[prop(into)]
    title: String,
    /// What is folded away.
    children: Children,
) -> impl IntoView {
    view! {
        <details class="more">
            <summary>{title}</summary>
            {children()}
        </details>
    }
}

/// A long text in somebody else's words, such as JSON.
#[component]
pub fn Raw(
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <pre class="raw" tabindex="0" dir="ltr">{text}</pre> }
}
