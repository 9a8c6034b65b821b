//! Where in a sequence a person is.

use leptos::prelude::*;

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It is behind.
    Done,
    /// It is what to do now.
    Current,
    /// It comes later.
    Ahead,
}

/// One step.
#[derive(Debug, Clone)]
pub struct Step {
    /// What is done in it.
    pub label: String,
    /// What helps with it.
    pub hint: Option<String>,
    /// How far it is.
    pub progress: Progress,
}

impl Step {
    /// Steps in order, of which `current` (from 0) is what to do now.
    #[must_use]
    pub fn sequence(labels: &[&str], current: usize) -> Vec<Step> {
        let step = |(number, label): (usize, &&str)| Step {
            label: (*label).to_owned(),
            hint: None,
            progress: match number.cmp(&current) {
                std::cmp::Ordering::Less => Progress::Done,
                std::cmp::Ordering::Equal => Progress::Current,
                std::cmp::Ordering::Greater => Progress::Ahead,
            },
        };
        labels.iter().enumerate().map(step).collect()
    }
}

/// Steps in order.
#[component]
pub fn Stepper(
    /// The steps.
    steps: Vec<Step>,
) -> impl IntoView {
    let steps = steps.into_iter().map(|step| {
        let (state, spoken) = match step.progress {
            Progress::Done => ("done", "Done: "),
            Progress::Current => ("current", "Now: "),
            Progress::Ahead => ("ahead", ""),
        };
        let current = (step.progress == Progress::Current).then_some("step");
        view! {
            <li data-state=state aria-current=current>
                <span class="quiet-text">{spoken}</span>
                <strong>{step.label}</strong>
                {step.hint.map(|hint| view! { <small>{hint}</small> })}
            </li>
        }
    });
    view! { <ol class="stepper">{steps.collect_view()}</ol> }
}
