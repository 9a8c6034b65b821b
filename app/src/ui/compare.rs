//! One record beside others, field by field.

use leptos::prelude::*;

use super::blank;

/// A value beside the one that it is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The value; `None` when it is blank.
    pub value: Option<String>,
    /// Whether both are equal as they are compared.
    pub equal: bool,
}

/// One record beside others, a column each; what is equal says so.
#[component]
pub fn Compare(
    /// What is compared; spoken, not shown.
    caption: &'static str,
    /// What the first column is.
    first: &'static str,
    /// What stands above each of the others.
    heads: Vec<AnyView>,
    /// What people call the field, the record's own value, and those of the others.
    lines: Vec<(String, Option<String>, Vec<Compared>)>,
) -> impl IntoView {
    let heads = heads
        .into_iter()
        .map(|head| view! { <th scope="col">{head}</th> });
    let text = |text: Option<String>| {
        text.map_or_else(blank, |text| {
            view! { <span class="text" dir="auto">{text}</span> }.into_any()
        })
    };
    let cell = move |compared: Compared| {
        let equal = compared.equal;
        view! {
            <td class=equal.then_some("equal")>
                {text(compared.value)}
                {equal.then(|| view! { <small class="muted">"Equal"</small> })}
            </td>
        }
    };
    let line = move |(label, own, others): (String, Option<String>, Vec<Compared>)| {
        view! {
            <tr>
                <th scope="row">{label}</th>
                <td>{text(own)}</td>
                {others.into_iter().map(cell).collect_view()}
            </tr>
        }
    };
    view! {
        <div class="compare" role="group" aria-label=caption tabindex="0">
            <table>
                <caption class="quiet-text">{caption}</caption>
                <thead>
                    <tr><th scope="col">"Field"</th><th scope="col">{first}</th>{heads.collect_view()}</tr>
                </thead>
                <tbody>{lines.into_iter().map(line).collect_view()}</tbody>
            </table>
        </div>
    }
}
