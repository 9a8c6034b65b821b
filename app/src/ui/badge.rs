//! A state, as a word.

use leptos::prelude::*;

/// How good or bad something is; always beside words that say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// All is well.
    Good,
    /// Something goes on.
    Info,
    /// Somebody should look.
    Warn,
    /// Something is broken.
    Bad,
    /// Nothing to say.
    Quiet,
}

impl Tone {
    /// The value of `data-tone`, which `style/` knows.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Tone::Good => "good",
            Tone::Info => "info",
            Tone::Warn => "warn",
            Tone::Bad => "bad",
            Tone::Quiet => "quiet",
        }
    }
}

/// A state, as a word and a tone.
#[component]
pub fn Badge(
    /// How good or bad the state is.
    tone: Tone,
    /// The word.
    children: Children,
) -> impl IntoView {
    view! { <span class="badge" data-tone=tone.name()>{children()}</span> }
}
