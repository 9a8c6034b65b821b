//! What happened, said in a sentence.

use leptos::prelude::*;

/// A sentence in a list; its links look like links.
#[component]
pub fn Sentence(
    /// The sentence.
    children: Children,
) -> impl IntoView {
    view! { <p class="sentence">{children()}</p> }
}
