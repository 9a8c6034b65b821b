//! Rows that are ticked, and keys that press buttons.

use leptos::prelude::*;

/// A box to tick a row of a list with; its form sends the ids as `id`.
#[component]
pub fn Tick(
    /// The row's id.
    id: i64,
    /// What ticking means; spoken, not shown.
    label: String,
    /// The name under which the form sends it.
    #[prop(default = "id")]
    name: &'static str,
) -> impl IntoView {
    view! { <input class="tick" type="checkbox" name=name value=id.to_string() aria-label=label /> }
}

/// The key that presses the button it stands in, which has it as `data-key`.
#[component]
pub fn Key(
    /// The key.
    #[prop(into)]
    key: String,
) -> impl IntoView {
    view! { <kbd aria-hidden="true">{key.to_uppercase()}</kbd> }
}
