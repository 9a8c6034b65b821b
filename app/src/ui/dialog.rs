//! A dialog before something that cannot be taken back. The browser's own popover opens it, so that
//! it works without JavaScript.

use leptos::prelude::*;

/// A button that opens a dialog which says what will happen; its form does it.
#[component]
pub fn Confirm(
    /// A name for the dialog, unique on the page.
    #[prop(into)]
    id: String,
    /// What the button and the form do, as a verb.
    #[prop(into)]
    label: String,
    /// What the button is called where several do the same to different things.
    #[prop(optional, into)]
    named: Option<String>,
    /// What the dialog asks.
    #[prop(into)]
    title: String,
    /// Where the form is posted to.
    #[prop(into)]
    action: String,
    /// Whether something is lost by it.
    #[prop(optional)]
    danger: bool,
    /// What will happen and how many records it touches; may hold fields of the form.
    children: Children,
) -> impl IntoView {
    let title_id = format!("{id}-title");
    let labelled = title_id.clone();
    let target = id.clone();
    let close = id.clone();
    let class = if danger {
        "button danger"
    } else {
        "button primary"
    };
    view! {
        <button class="button" type="button" popovertarget=target aria-label=named>{label.clone()}"…"</button>
        <div class="dialog" id=id popover="auto" role="dialog" aria-labelledby=labelled>
            <form method="post" action=action>
                <h2 id=title_id>{title}</h2>
                {children()}
                <div class="actions">
                    <button class="button" type="button" popovertarget=close popovertargetaction="hide">"Cancel"</button>
                    <button class=class type="submit">{label}</button>
                </div>
            </form>
        </div>
    }
}
