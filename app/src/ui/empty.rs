//! Nothing there, and not there yet.

use leptos::prelude::*;

/// Nothing is there: says why, and in the children what to do.
#[component]
pub fn Empty(
    /// What is not there, such as "No leads yet".
    #[prop(into)]
    title: String,
    /// Why, and what to do next.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="empty">
            <strong>{title}</strong>
            <div>{children()}</div>
        </div>
    }
}

/// Something is on its way.
#[component]
pub fn Loading(
    /// What is on its way.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! { <p class="loading" role="status">{label}</p> }
}
