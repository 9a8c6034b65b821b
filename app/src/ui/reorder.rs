//! Moving a row of an ordered list: by one place with buttons; where there is JavaScript, `page.js`
//! adds a grip to drag it by, which posts the same form.

use leptos::prelude::*;

/// The form that moves a row up, down, or to the place that it was dragged to.
#[component]
pub fn Reorder(
    /// What the row is called.
    #[prop(into)]
    name: String,
    /// Where the form is posted to; `to` is `up`, `down` or a place counted from one.
    #[prop(into)]
    action: String,
    /// Its place, counted from zero.
    place: usize,
    /// How many rows there are.
    of: usize,
) -> impl IntoView {
    let (up, down) = (format!("Up: {name}"), format!("Down: {name}"));
    view! {
        <form class="row" method="post" action=action data-order="">
            <button class="button small" name="to" value="up" aria-label=up disabled=place == 0>"Up"</button>
            <button class="button small" name="to" value="down" aria-label=down disabled=place + 1 == of>"Down"</button>
        </form>
    }
}
