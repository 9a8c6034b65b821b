//! The states of Leadline's nouns, as badges: the one place where their words and tones are.

use leadline::{
    store::{
        people::{Person, PersonState},
        views::submission::AttemptOutcome,
    },
    submission::{MatchingStatus, ProcessingState},
};
use leptos::prelude::*;

use super::{Badge, Tone};

/// Whether somebody can sign in.
#[component]
pub fn PersonBadge(
    /// The state.
    state: PersonState,
) -> impl IntoView {
    let tone = match state {
        PersonState::Active => Tone::Good,
        PersonState::Invited => Tone::Info,
        PersonState::Disabled => Tone::Quiet,
    };
    view! { <Badge tone=tone>{state.label()}</Badge> }
}

/// What somebody may do, in words.
#[must_use]
pub fn roles(person: &Person) -> &'static str {
    match (person.administrator, person.salesperson) {
        (true, true) => "Administrator, salesperson",
        (true, false) => "Administrator",
        (false, true) => "Salesperson",
        (false, false) => "No role",
    }
}

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
    /// Whether it syncs at all: switched on, chosen, authorized, its receiver confirmed.
    syncs: bool,
    /// When the last pass ended, if any has.
    last: Option<i64>,
) -> impl IntoView {
    let (tone, label) = sync_state(&state, enabled, syncs, last.is_some());
    view! { <Badge tone=tone>{label}</Badge> }
}

fn sync_state(state: &str, enabled: bool, syncs: bool, ever: bool) -> (Tone, &'static str) {
    match state {
        _ if !enabled => (Tone::Quiet, "Switched off"),
        "needs_authorization" => (Tone::Bad, "Needs authorization"),
        _ if !syncs => (Tone::Quiet, "Not syncing"),
        "running" => (Tone::Info, "Syncing"),
        "waiting" => (Tone::Warn, "Waiting for LinkedIn"),
        "forbidden" => (Tone::Bad, "Forbidden"),
        "failed" => (Tone::Bad, "Failed"),
        _ if !ever => (Tone::Info, "Not synced yet"),
        _ => (Tone::Good, "Up to date"),
    }
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
    /// How far the processing is: what is done and was not matched never will be.
    state: ProcessingState,
) -> impl IntoView {
    let (tone, label) = matching(status, state);
    view! { <Badge tone=tone>{label}</Badge> }
}

fn matching(status: MatchingStatus, state: ProcessingState) -> (Tone, &'static str) {
    let tone = match status {
        MatchingStatus::Pending if state == ProcessingState::Succeeded => {
            return (Tone::Quiet, AttemptOutcome::Skipped.label());
        }
        MatchingStatus::Pending => Tone::Info,
        MatchingStatus::Created | MatchingStatus::Updated => Tone::Good,
        MatchingStatus::MatchedNotUpdated => Tone::Quiet,
        MatchingStatus::Failed => Tone::Warn,
        MatchingStatus::CreationFailed | MatchingStatus::UpdateFailed => Tone::Bad,
    };
    (tone, status.label())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linkedins_words_are_not_shouted() {
        assert_eq!(words("ACCOUNT_MANAGER"), "Account manager");
        assert_eq!(words(""), "");
    }

    #[test]
    fn nobody_waits_for_the_match_of_a_test() {
        let told = |state| matching(MatchingStatus::Pending, state).1;
        assert_eq!(told(ProcessingState::Unprocessed), "Pending lead matching");
        assert_eq!(told(ProcessingState::Succeeded), "No lead wanted");
    }

    #[test]
    fn an_account_is_up_to_date_only_when_it_was_synced_and_goes_on() {
        let told = |state, syncs, ever| sync_state(state, true, syncs, ever).1;
        assert_eq!(told("idle", true, true), "Up to date");
        assert_eq!(told("idle", true, false), "Not synced yet");
        assert_eq!(told("idle", false, true), "Not syncing");
        assert_eq!(told("forbidden", false, true), "Not syncing");
        assert_eq!(
            told("needs_authorization", false, true),
            "Needs authorization"
        );
        assert_eq!(sync_state("failed", false, true, true).1, "Switched off");
    }
}
