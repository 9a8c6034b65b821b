//! The parts of a record's page.

use leptos::prelude::*;

/// A part of a page with a title of its own.
#[component]
pub fn Section(
    /// What the part is about.
    #[prop(into)]
    title: String,
    /// What can be done with the part, beside its title.
    #[prop(optional, into)]
    actions: ViewFn,
    /// What it shows.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="section">
            <div class="section-head"><h2>{title}</h2>{actions.run()}</div>
            {children()}
        </section>
    }
}

/// A list of facts.
#[component]
pub fn Facts(
    /// `Fact`s.
    children: Children,
) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }
}

/// One fact.
#[component]
pub fn Fact(
    /// What it is.
    #[prop(into)]
    term: String,
    /// Its value.
    children: Children,
) -> impl IntoView {
    view! { <div><dt>{term}</dt><dd>{children()}</dd></div> }
}
