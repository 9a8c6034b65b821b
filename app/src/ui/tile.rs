//! Figures.

use leptos::prelude::*;

/// A row of figures.
#[component]
pub fn Tiles(
    /// `Tile`s.
    children: Children,
) -> impl IntoView {
    view! { <ul class="tiles">{children()}</ul> }
}

/// One figure, which leads to what it counts.
#[component]
pub fn Tile(
    /// What is counted.
    #[prop(into)]
    label: String,
    /// The figure.
    #[prop(into)]
    value: String,
    /// What puts it into proportion.
    #[prop(optional, into)]
    hint: Option<String>,
    /// The list that it counts.
    #[prop(into)]
    path: String,
) -> impl IntoView {
    view! {
        <li>
            <a class="tile" href=path>
                <span>{label}</span>
                <strong>{value}</strong>
                {hint.map(|hint| view! { <small>{hint}</small> })}
            </a>
        </li>
    }
}
