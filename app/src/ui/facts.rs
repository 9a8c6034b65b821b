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
    /// Whether they are short, so that more of them stand in a line.
    #[prop(optional)]
    short: bool,
    /// `Fact`s.
    children: Children,
) -> impl IntoView {
    let class = if short { "facts short" } else { "facts" };
    view! { <dl class=class>{children()}</dl> }
}

/// What a record is about, and beside it, where there is room, what is worth knowing of it.
#[component]
pub fn Record(
    /// What is worth knowing: `Section`s.
    beside: AnyView,
    /// What it is about: `Section`s.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="record">
            <div class="page">{children()}</div>
            <div class="page">{beside}</div>
        </div>
    }
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
