//! A text to be taken elsewhere.

use leptos::prelude::*;

/// A text that somebody takes elsewhere: it can be selected with one key, or copied with the button
/// where the browser can.
#[component]
pub fn Copy(
    /// A name for the field, unique on the page.
    id: &'static str,
    /// What people call the text.
    #[prop(into)]
    label: String,
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! {
        <div class="field copy">
            <label for=id>{label}</label>
            <div>
                <input id=id type="text" readonly value=text autocomplete="off" spellcheck="false" />
                <button class="button" type="button" data-copy=id hidden>"Copy"</button>
            </div>
        </div>
    }
}
