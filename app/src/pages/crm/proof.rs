//! The steps of a proof: what each found, or what is wrong and what to do.

use leadline::crm::proof::{Outcome, Proved, Step};
use leptos::prelude::*;

use crate::ui::{self, Banner, Section, StepList, Time, Tone};

/// The steps with what came of them; without any, what will be proven.
#[component]
pub(super) fn Proofs(
    /// What came of the steps.
    steps: Vec<Proved>,
    /// When, if they are kept.
    at: Option<i64>,
) -> impl IntoView {
    let steps = match steps.is_empty() {
        true => Step::ALL.map(ahead).to_vec(),
        false => steps,
    };
    let failed = steps
        .iter()
        .find(|proved| proved.outcome == Outcome::Failed);
    let failed = failed.map(|proved| {
        let text = format!(
            "“{}” does not work yet. The step says what to do.",
            proved.step.label()
        );
        view! { <Banner tone=Tone::Bad>{text}</Banner> }
    });
    let when = at.map(|at| view! { <p class="muted">"Checked "<Time at=at relative=true /></p> });
    let steps = steps.into_iter().map(outcome).collect();
    view! {
        <div id="steps">
            <Section title="Step by step">
                {failed}
                {when}
                <StepList steps=steps />
            </Section>
        </div>
    }
}

fn ahead(step: Step) -> Proved {
    Proved {
        step,
        outcome: Outcome::NotReached,
        message: String::new(),
    }
}

fn outcome(proved: Proved) -> ui::Outcome {
    let (tone, word) = match proved.outcome {
        Outcome::Passed => (Tone::Good, "Proven"),
        Outcome::Noted => (Tone::Warn, "Proven"),
        Outcome::Failed => (Tone::Bad, "Does not work"),
        Outcome::LeftOut => (Tone::Quiet, "Left out"),
        Outcome::NotReached => (Tone::Quiet, "Not yet"),
    };
    ui::Outcome {
        label: proved.step.label(),
        tone,
        word,
        text: proved.message,
    }
}
