//! The parts of a record that have a page each.

use leptos::prelude::*;

/// Links to the parts of a record. They are pages of their own, so that each has its address.
#[component]
pub fn Tabs(
    /// What the tabs are parts of; spoken, not shown.
    #[prop(into)]
    label: String,
    /// The tabs: address, name, and whether it is the one that is shown.
    tabs: Vec<(String, String, bool)>,
) -> impl IntoView {
    let tabs = tabs.into_iter().map(|(path, name, shown)| {
        view! { <a href=path aria-current=shown.then_some("page")>{name}</a> }
    });
    view! { <nav class="tabs" aria-label=label>{tabs.collect_view()}</nav> }
}
