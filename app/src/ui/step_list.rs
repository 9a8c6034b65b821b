//! Steps one below the other, with what came of each.

use leptos::prelude::*;

use super::{Badge, Tone};

/// One step and what came of it.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What was done.
    pub label: &'static str,
    /// How good or bad it is.
    pub tone: Tone,
    /// The same in a word.
    pub word: &'static str,
    /// What was found, or what to do.
    pub text: String,
}

/// Steps one below the other, with what came of each.
#[component]
pub fn StepList(
    /// The steps, in order.
    steps: Vec<Outcome>,
) -> impl IntoView {
    let steps = steps.into_iter().map(|step| {
        let text = (!step.text.is_empty()).then(|| view! { <p dir="auto">{step.text}</p> });
        view! {
            <li data-tone=step.tone.name()>
                <strong>{step.label}</strong>
                <Badge tone=step.tone>{step.word}</Badge>
                {text}
            </li>
        }
    });
    view! { <ol class="step-list">{steps.collect_view()}</ol> }
}
