//! The states of Leadline's nouns, as badges: the one place where their words and tones are.

use leadline::submission::MatchingStatus;
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

/// Marks what LinkedIn made for trying out.
#[component]
pub fn TestMark() -> impl IntoView {
    view! { <Badge tone=Tone::Quiet>"Test"</Badge> }
}
