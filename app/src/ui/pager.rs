//! The links to newer and older rows.

use leptos::prelude::*;

/// The links below a list. The read model gives the two addresses' cursors.
#[component]
pub fn Pager(
    /// What is shown, such as "50 of 1,204 submissions".
    #[prop(into)]
    summary: String,
    /// The address of the page before; `None` on the first.
    previous: Option<String>,
    /// The address of the page after; `None` on the last.
    next: Option<String>,
) -> impl IntoView {
    let link = |path: Option<String>, rel: &'static str, label: &'static str| match path {
        Some(path) => view! { <a class="button" rel=rel href=path>{label}</a> }.into_any(),
        None => view! { <span class="button" aria-disabled="true">{label}</span> }.into_any(),
    };
    let paged = previous.is_some() || next.is_some();
    view! {
        <nav class="pager" aria-label="Pages">
            <p>{summary}</p>
            {paged.then(|| view! {
                <div>{link(previous, "prev", "Previous")}{link(next, "next", "Next")}</div>
            })}
        </nav>
    }
}
