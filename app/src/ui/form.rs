//! The fields of a form. Each reads the form's state from the context: what was typed stays, what is
//! wrong stands beside the field.

use leptos::prelude::*;

use crate::form::FormState;

/// A line of text, a password, an e-mail address.
#[component]
pub fn Field(
    /// The field's name in the form.
    #[prop(into)]
    name: String,
    /// What people call it.
    #[prop(into)]
    label: String,
    /// The kind of input: `text`, `email`, `password`, `number`.
    #[prop(default = "text")]
    kind: &'static str,
    /// What it holds before anything was typed.
    #[prop(optional, into)]
    value: String,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What the browser may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// The most characters that it takes.
    #[prop(default = 200)]
    most: u16,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let form = use_context::<FormState>().unwrap_or_default();
    let value = form.value(&name).unwrap_or(value);
    let wrong = form.error(&name);
    let described = described_by(&name, hint.is_some(), wrong.is_some());
    let invalid = wrong.is_some().then_some("true");
    let beside = beside(&name, hint, wrong);
    view! {
        <div class="field">
            <label for=name.clone()>{label}{optional.then_some(view! { <span class="muted">" (optional)"</span> })}</label>
            <input
                id=name.clone()
                name=name
                type=kind
                step=(kind == "number").then_some("any")
                value=value
                autocomplete=autocomplete
                maxlength=most.to_string()
                required=!optional
                aria-invalid=invalid
                aria-describedby=described
            />
            {beside}
        </div>
    }
}

/// A text of several lines.
#[component]
pub fn Text(
    /// The field's name in the form.
    #[prop(into)]
    name: String,
    /// What people call it.
    #[prop(into)]
    label: String,
    /// What it holds before anything was typed.
    #[prop(into)]
    value: String,
    /// The most characters that it takes.
    most: usize,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: Option<String>,
) -> impl IntoView {
    let form = use_context::<FormState>().unwrap_or_default();
    let value = form.value(&name).unwrap_or(value);
    let wrong = form.error(&name);
    let described = described_by(&name, hint.is_some(), wrong.is_some());
    let most = most.to_string();
    let invalid = wrong.is_some().then_some("true");
    let beside = beside(&name, hint, wrong);
    view! {
        <div class="field">
            <label for=name.clone()>{label}<span class="muted">" (optional)"</span></label>
            <textarea id=name.clone() name=name rows="4" maxlength=most
                aria-invalid=invalid aria-describedby=described
            >{value}</textarea>
            {beside}
        </div>
    }
}

/// One of several values.
#[component]
pub fn Choice(
    /// The field's name in the form.
    #[prop(into)]
    name: String,
    /// What people call it.
    #[prop(into)]
    label: String,
    /// The values and their labels.
    options: Vec<(String, String)>,
    /// The value before anything was chosen.
    #[prop(into)]
    value: String,
    /// What helps to choose.
    #[prop(optional, into)]
    hint: Option<String>,
) -> impl IntoView {
    let form = use_context::<FormState>().unwrap_or_default();
    let value = form.value(&name).unwrap_or(value);
    let wrong = form.error(&name);
    let described = described_by(&name, hint.is_some(), wrong.is_some());
    let options = options.into_iter().map(|(key, label)| {
        let selected = key == value;
        view! { <option value=key selected=selected>{label}</option> }
    });
    let beside = beside(&name, hint, wrong);
    view! {
        <div class="field">
            <label for=name.clone()>{label}</label>
            <select id=name.clone() name=name aria-describedby=described>{options.collect_view()}</select>
            {beside}
        </div>
    }
}

/// Boxes to tick that belong together.
#[component]
pub fn Checks(
    /// The boxes' name in the form.
    name: &'static str,
    /// What people call them together.
    #[prop(into)]
    label: String,
    /// `Check`s.
    children: Children,
) -> impl IntoView {
    let form = use_context::<FormState>().unwrap_or_default();
    let wrong = form.error(name);
    let described = described_by(name, false, wrong.is_some());
    view! {
        <fieldset class="field" aria-describedby=described>
            <legend>{label}</legend>
            <div class="checks">{children()}</div>
            {beside(name, None, wrong)}
        </fieldset>
    }
}

/// A box to tick; several may share a name.
#[component]
pub fn Check(
    /// The field's name in the form.
    name: &'static str,
    /// What a ticked box sends.
    #[prop(into)]
    value: String,
    /// What people call it.
    #[prop(into)]
    label: String,
    /// Whether it is ticked.
    checked: bool,
    /// What helps to decide.
    #[prop(optional, into)]
    hint: Option<String>,
) -> impl IntoView {
    view! {
        <label class="check">
            <input type="checkbox" name=name value=value checked=checked />
            <span>{label}{hint.map(|hint| view! { <small>{hint}</small> })}</span>
        </label>
    }
}

/// One of several values of which one is taken; those with the same name belong together.
#[component]
pub fn Pick(
    /// The field's name in the form.
    name: String,
    /// What is sent when this one is taken.
    value: &'static str,
    /// What it is, for whoever does not see what stands around it.
    label: String,
    /// Whether it is taken.
    checked: bool,
    /// What it shows.
    children: Children,
) -> impl IntoView {
    view! {
        <label class="pick">
            <input type="radio" name=name value=value checked=checked aria-label=label />
            <span class="text" dir="auto">{children()}</span>
        </label>
    }
}

/// Fields side by side, where there is room.
#[component]
pub fn Columns(
    /// The fields.
    children: Children,
) -> impl IntoView {
    view! { <div class="columns">{children()}</div> }
}

/// The button that sends the form.
#[component]
pub fn Submit(
    /// What it does, as a verb.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! { <button class="button primary" type="submit">{label}</button> }
}

fn described_by(name: &str, hint: bool, wrong: bool) -> Option<String> {
    let ids = [(wrong, "error"), (hint, "hint")];
    let ids = ids.iter().filter(|(there, _)| *there);
    let text = ids
        .map(|(_, id)| format!("{name}-{id}"))
        .collect::<Vec<_>>()
        .join(" ");
    (!text.is_empty()).then_some(text)
}

fn beside(name: &str, hint: Option<String>, wrong: Option<String>) -> impl IntoView + use<> {
    let (hint_id, wrong_id) = (format!("{name}-hint"), format!("{name}-error"));
    view! {
        {wrong.map(|text| view! { <p class="wrong" id=wrong_id>{text}</p> })}
        {hint.map(|text| view! { <p class="hint" id=hint_id>{text}</p> })}
    }
}
