//! The states of Leadline's nouns, as badges: the one place where their words and tones are.

use leadline::submission::{MatchingStatus, ProcessingState};
use leptos::prelude::*;

use super::{Badge, Tone};

/// The state of a user profile's authorization.
#[component]
pub fn ProfileState(
    /// The word in the database.
    #[prop(into)]
    state: String,
) -> impl IntoView {
    let (tone, label) = match state.as_str() {
        "authorized" => (Tone::Good, "Authorized"),
        "expired" => (Tone::Bad, "Expired"),
        "reauthorizing" => (Tone::Info, "Reauthorizing"),
        "revoked" => (Tone::Bad, "Revoked"),
        _ => (Tone::Warn, "Not authorized"),
    };
    view! { <Badge tone=tone>{label}</Badge> }
}

/// What the sync is doing with an account.
#[component]
pub fn SyncState(
    /// The word in the database.
    #[prop(into)]
    state: String,
    /// Whether the account is switched on.
    enabled: bool,
) -> impl IntoView {
    let (tone, label) = match state.as_str() {
        _ if !enabled => (Tone::Quiet, "Switched off"),
        "running" => (Tone::Info, "Syncing"),
        "waiting" => (Tone::Warn, "Waiting for LinkedIn"),
        "needs_authorization" => (Tone::Bad, "Needs authorization"),
        "forbidden" => (Tone::Bad, "Forbidden"),
        "failed" => (Tone::Bad, "Failed"),
        _ => (Tone::Good, "Up to date"),
    };
    view! { <Badge tone=tone>{label}</Badge> }
}

/// How far the forms or the campaigns of an account have come.
#[component]
pub fn PartState(
    /// The word in the database.
    #[prop(into)]
    state: String,
    /// What there is, as a plural: "forms", "campaigns".
    parts: &'static str,
) -> impl IntoView {
    let (tone, label) = match state.as_str() {
        "active" => (Tone::Good, "Active".to_owned()),
        "none_available" => (Tone::Quiet, format!("No {parts} available")),
        "forbidden" => (Tone::Bad, "Forbidden".to_owned()),
        _ => (Tone::Info, "Pending synchronization".to_owned()),
    };
    view! { <Badge tone=tone>{label}</Badge> }
}

/// What became of a submission.
#[component]
pub fn Matching(
    /// The status.
    status: MatchingStatus,
) -> impl IntoView {
    let tone = match status {
        MatchingStatus::Pending => Tone::Info,
        MatchingStatus::Created | MatchingStatus::Updated => Tone::Good,
        MatchingStatus::MatchedNotUpdated => Tone::Quiet,
        MatchingStatus::Failed => Tone::Warn,
        MatchingStatus::CreationFailed | MatchingStatus::UpdateFailed => Tone::Bad,
    };
    view! { <Badge tone=tone>{status.label()}</Badge> }
}

/// How far the processing of a submission is.
#[component]
pub fn Processing(
    /// The state.
    state: ProcessingState,
) -> impl IntoView {
    let tone = match state {
        ProcessingState::Unprocessed => Tone::Info,
        ProcessingState::Succeeded => Tone::Good,
        ProcessingState::Failed => Tone::Bad,
    };
    view! { <Badge tone=tone>{state.label()}</Badge> }
}

/// What LinkedIn says about a form or a campaign, such as `ACTIVE`.
#[component]
pub fn LinkedInState(
    /// LinkedIn's word; `None` when it said none.
    state: Option<String>,
) -> impl IntoView {
    state.map(|word| {
        let tone = match word.as_str() {
            "ACTIVE" | "PUBLISHED" | "APPROVED" => Tone::Good,
            "PAUSED" | "DRAFT" | "PENDING" => Tone::Info,
            "REJECTED" => Tone::Bad,
            _ => Tone::Quiet,
        };
        view! { <Badge tone=tone>{words(&word)}</Badge> }
    })
}

/// LinkedIn's words in ours: `LEAD_GENERATION` is "Lead generation".
#[must_use]
pub fn words(constant: &str) -> String {
    let text = constant.replace('_', " ").to_lowercase();
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().collect::<String>());
    first.map_or_else(String::new, |first| first + chars.as_str())
}

/// Whether a lead may still be changed by submissions.
#[component]
pub fn LeadState(
    /// Whether it may.
    open: bool,
) -> impl IntoView {
    let (tone, label) = if open {
        (Tone::Good, "Open")
    } else {
        (Tone::Quiet, "Closed")
    };
    view! { <Badge tone=tone>{label}</Badge> }
}

/// Marks what LinkedIn made for trying out.
#[component]
pub fn TestMark() -> impl IntoView {
    view! { <Badge tone=Tone::Quiet>"Test"</Badge> }
}
