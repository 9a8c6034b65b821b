//! What the sync is doing right now, looked at every two seconds until it is done.

use std::time::Duration;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// How often the browser asks.
const EVERY: Duration = Duration::from_secs(2);

/// What the sync is doing right now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Whether anything goes on or is about to.
    pub busy: bool,
    /// A line for each account that is being read: its name and what came so far.
    pub reading: Vec<(String, String)>,
    /// How many submissions wait to be brought into the CRM, in words.
    pub waiting: String,
}

#[cfg(feature = "ssr")]
impl Progress {
    /// What the status comes down to.
    #[must_use]
    pub fn of(status: &leadline::store::views::sync::SyncStatus) -> Progress {
        use crate::ui::thousands;
        let reading = status.accounts.iter().filter(|account| account.is_busy());
        let reading = reading.map(|account| {
            let came = match account.sync_state.as_str() {
                "running" => format!(
                    "{} read, {} new",
                    thousands(account.received.unwrap_or(0)),
                    thousands(account.added.unwrap_or(0))
                ),
                _ => "about to begin".to_owned(),
            };
            (account.name.clone(), came)
        });
        let waiting = match status.waiting_in_all() {
            0 => "No submission waits".to_owned(),
            1 => "One submission waits to become a lead".to_owned(),
            10_001.. => "More than 10,000 submissions wait to become leads".to_owned(),
            many => format!("{} submissions wait to become leads", thousands(many)),
        };
        Progress {
            busy: status.is_busy(),
            reading: reading.collect(),
            waiting,
        }
    }
}

/// What the sync is doing with the accounts that the person may see.
///
/// # Errors
/// When nobody is signed in, or the database is away.
#[server(prefix = "/fn", endpoint = "sync_progress", server = server_fn::axum::AxumServerFnBackend)]
pub async fn sync_progress() -> Result<Progress, ServerFnError> {
    let reader = crate::visit::caller()?
        .reader()
        .map_err(ServerFnError::new)?;
    let status = reader.sync_status().await.map_err(ServerFnError::new)?;
    Ok(Progress::of(&status))
}

/// Shows the progress and keeps it up to date; when the sync is done, the page is loaded again.
#[island]
pub fn SyncProgress(
    /// What it was when the page was made.
    first: Progress,
) -> impl IntoView {
    let (progress, set_progress) = signal(first);
    watch(set_progress);
    view! {
        <section class="card" aria-live="polite">
            <p class="loading">"Syncing"</p>
            <ul class="progress">
                {move || progress.get().reading.into_iter().map(|(name, came)| view! {
                    <li><span>{name}</span><span class="number">{came}</span></li>
                }).collect_view()}
            </ul>
            <p class="muted">{move || progress.get().waiting}</p>
        </section>
    }
}

/// Asks again and again. A failed request is asked again; the page says what it last knew.
fn watch(set_progress: WriteSignal<Progress>) {
    let ask = Action::new(move |(): &()| async move {
        if let Ok(now) = sync_progress().await {
            if !now.busy {
                reload();
            }
            set_progress.set(now);
        }
    });
    Effect::new(move || {
        let timer = set_interval_with_handle(move || drop(ask.dispatch(())), EVERY);
        on_cleanup(move || {
            if let Ok(timer) = timer {
                timer.clear();
            }
        });
    });
}

/// The page knows more than the island: everything in it is new then.
fn reload() {
    // A browser that refuses to reload keeps showing what it last knew.
    let _ = window().location().reload();
}
