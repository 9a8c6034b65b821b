//! A list's filters. They are a GET form, so that the list's state is in its address.

use leadline::store::views::choices;
use leptos::prelude::*;

/// The filters of the list at `path`.
#[component]
pub fn FilterBar(
    /// The list's path.
    #[prop(into)]
    path: String,
    /// Whether any filter is set, so that there is something to clear.
    active: bool,
    /// What the text of `q` is searched in, such as "Name contains"; a list need not be searchable.
    #[prop(optional)]
    search: Option<&'static str>,
    /// What is searched for now.
    #[prop(optional, into)]
    value: String,
    /// `Select`s and the like, folded away on a narrow screen; hidden inputs keep what is not a
    /// filter, such as the sort order.
    children: Children,
) -> impl IntoView {
    let clear = active.then(|| path.clone());
    view! {
        <form class="filter" method="get" action=path role="search">
            {search.map(|label| view! { <Search label=label value=value /> })}
            <details>
                <summary class="button">{if search.is_some() { "More filters" } else { "Filters" }}</summary>
                <div class="fields">{children()}</div>
            </details>
            <div class="row">
                <button class="button" type="submit">"Filter"</button>
                {clear.map(|path| view! { <a class="button quiet" href=path>"Clear"</a> })}
            </div>
        </form>
    }
}

/// A text to search for.
#[component]
pub fn Search(
    /// The name in the address.
    #[prop(default = "q")]
    name: &'static str,
    /// What is searched, such as "Name or e-mail".
    #[prop(into)]
    label: String,
    /// What is searched for now.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    view! {
        <label class="grow">
            <span>{label}</span>
            <input type="search" name=name value=value maxlength="200" />
        </label>
    }
}

/// One of several values; the first choice, "any", is no filter.
#[component]
pub fn Select(
    /// The name in the address.
    name: &'static str,
    /// What is chosen.
    #[prop(into)]
    label: String,
    /// The values and their labels.
    options: Vec<(String, String)>,
    /// The value that is chosen now; empty for none.
    #[prop(into)]
    value: String,
    /// What the choice of none is called.
    #[prop(default = "Any")]
    any: &'static str,
) -> impl IntoView {
    let options = options.into_iter().map(|(key, label)| {
        let selected = key == value;
        view! { <option value=key selected=selected>{label}</option> }
    });
    view! {
        <label>
            <span>{label}</span>
            <select name=name>
                <option value="">{any}</option>
                {options.collect_view()}
            </select>
        </label>
    }
}

/// A day.
#[component]
pub fn OnDay(
    /// The name in the address.
    name: &'static str,
    /// What the day is, such as "From".
    #[prop(into)]
    label: String,
    /// The day that is chosen now, such as `2026-11-24`; empty for none.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    view! {
        <label>
            <span>{label}</span>
            <input type="date" name=name value=value />
        </label>
    }
}

/// A part of the list's address that is kept, but cannot be changed here.
#[component]
pub fn Hidden(
    /// The name in the address.
    name: &'static str,
    /// Its value; nothing is written when there is none.
    value: Option<String>,
) -> impl IntoView {
    value.map(|value| view! { <input type="hidden" name=name value=value /> })
}

/// Names as the options of a `Select` or a `Choice`.
#[must_use]
pub fn pick(choices: Vec<choices::Choice>) -> Vec<(String, String)> {
    let option = |choice: choices::Choice| (choice.id.to_string(), choice.name);
    choices.into_iter().map(option).collect()
}
