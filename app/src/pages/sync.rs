//! What the sync is doing, account by account.

use axum::extract::Path;
use leadline::{
    store::{
        now,
        views::{
            overview::{Figures, week_of},
            sync::{AccountSync, SyncStatus},
        },
    },
    submission::MatchingStatus,
};
use leptos::prelude::*;

use super::overview::{WAITING, since};
use crate::{
    Answer, Visit,
    islands::{Progress, SyncProgress},
    ui::{Banner, Column, Empty, Row, SyncState, Table, Tile, Tiles, Time, Tone, thousands},
};

/// Shows the status; while something goes on, an island keeps it up to date.
pub async fn show(visit: Visit) -> Answer {
    let reader = visit.reader()?;
    let status = reader.sync_status().await?;
    let figures = reader.figures(now()).await?;
    let administrator = visit.person().administrator;
    let interval = visit.services.settings.sync_interval;
    let (busy, some) = (status.is_busy(), !status.accounts.is_empty());
    let sheet = visit.page("Sync status").actions(move || {
        view! {
            {busy.then(|| view! { <a class="button" href="/sync">"Refresh"</a> })}
            {(administrator && some).then(|| sync_now("/sync", "button primary", "Sync all now"))}
        }
    });
    let problem = status.crm_problem.clone().map(|why| {
        let more = administrator.then(|| view! { <a href="/crm">"Look at the CRM"</a> });
        view! {
            <Banner tone=Tone::Warn title="Nothing reaches the CRM for now"><p>{why}" "{more}</p></Banner>
        }
    });
    Ok(sheet.show(move || {
        view! {
            {problem}
            {busy.then(|| view! { <SyncProgress first=Progress::of(&status) /> })}
            {if some {
                view! { {tiles(&status, figures)} {list(&status, administrator, interval)} }.into_any()
            } else {
                nothing().into_any()
            }}
        }
    }))
}

/// Asks for a pass over every account.
pub async fn sync_all(visit: Visit) -> Answer {
    visit.administrator()?.request_sync(None, now()).await?;
    visit.services.worker.wake();
    visit.done("/sync", "Every account is synced now.").await
}

/// Asks for a pass over one account.
pub async fn sync_one(visit: Visit, Path(id): Path<i64>) -> Answer {
    visit.administrator()?.request_sync(Some(id), now()).await?;
    visit.services.worker.wake();
    visit.done("/sync", "The account is synced now.").await
}

fn sync_now(path: impl Into<String>, class: &'static str, label: &'static str) -> impl IntoView {
    view! {
        <form method="post" action=path.into()>
            <button class=class type="submit">{label}</button>
        </form>
    }
}

fn nothing() -> impl IntoView {
    view! {
        <Empty title="Nothing to sync yet">
            <p>"Accounts appear here when a user profile is authorized."</p>
            <a class="button primary" href="/profiles">"Go to the user profiles"</a>
        </Empty>
    }
}

fn tiles(status: &SyncStatus, figures: Figures) -> impl IntoView + use<> {
    let syncing = status.accounts.iter().filter(|a| a.syncs).count();
    let all = status.accounts.len();
    let last = status
        .accounts
        .iter()
        .filter_map(|a| a.last_finished_at)
        .max();
    let waiting = status.waiting_in_all();
    let week = week_of(now());
    view! {
        <Tiles>
            <Tile label="Accounts that sync" value=syncing.to_string() hint=format!("of {all}") path="/accounts" />
            <Tile label="Waiting" value=at_most(waiting) hint="to become leads" path=WAITING />
            <Tile label="Leads created" value=at_most(figures.created) hint="last 7 days" path=since(week, Some(MatchingStatus::Created)) />
            <Tile label="Leads updated" value=at_most(figures.updated) hint="last 7 days" path=since(week, Some(MatchingStatus::Updated)) />
        </Tiles>
        <p class="muted">
            {match last {
                Some(at) => view! { "Last synced " <Time at=at relative=true /> "." }.into_any(),
                None => "No account has been synced yet.".into_any(),
            }}
        </p>
    }
}

fn at_most(count: i64) -> String {
    match count {
        10_001.. => "10,000+".to_owned(),
        count => thousands(count),
    }
}

fn list(status: &SyncStatus, administrator: bool, interval: i64) -> impl IntoView + use<> {
    let names = [
        "Account",
        "State",
        "Last sync",
        "Read",
        "New",
        "Waiting",
        "Next sync",
    ];
    let numbers = ["Read", "New", "Waiting"];
    let mut columns: Vec<Column> = names
        .into_iter()
        .map(|name| match numbers.contains(&name) {
            true => Column::new(name).number(),
            false => Column::new(name),
        })
        .collect();
    if administrator {
        columns.push(Column::new("Action"));
    }
    let now = now();
    let rows = status.accounts.iter().map(|account| {
        let waiting = status.waiting.get(&account.id).copied().unwrap_or(0);
        let row = row(account, waiting, account.next_at(interval), now);
        let path = format!("/sync/{}", account.id);
        match administrator {
            true => row.cell(account.syncs.then(|| sync_now(path, "button", "Sync now"))),
            false => row,
        }
    });
    view! { <Table caption="Accounts and their sync" columns=columns rows=rows.collect() /> }
}

fn row(account: &AccountSync, waiting: i64, next: Option<i64>, now: i64) -> Row {
    let number = |count: Option<i64>| count.map_or_else(|| "–".to_owned(), thousands);
    let last = account.last_finished_at;
    let next = match next {
        Some(at) if at <= now || account.requested => "now".into_any(),
        // By the time that somebody reads it, a moment may be over.
        Some(at) if at - now < 60_000 => "in a moment".into_any(),
        Some(at) => view! { <Time at=at relative=true /> }.into_any(),
        None if account.sync_state == "running" => "now".into_any(),
        None => "–".into_any(),
    };
    Row::new()
        .link(format!("/accounts/{}", account.id), account.name.clone())
        .cell(state(account))
        .cell(last.map_or_else(
            || "Never".into_any(),
            |at| view! { <Time at=at relative=true /> }.into_any(),
        ))
        .cell(number(account.received))
        .cell(number(account.added))
        .cell(thousands(waiting))
        .cell(next)
}

/// The state, and in plain words what keeps the account from syncing.
fn state(account: &AccountSync) -> AnyView {
    let detail = account.status_detail.clone();
    let silent = account.sync_enabled && !account.syncs && detail.is_none();
    let detail = match silent {
        true => Some(
            "No authorized profile has chosen it, or its organization is not confirmed.".to_owned(),
        ),
        false => detail,
    };
    view! {
        <SyncState state=account.sync_state.clone() enabled=account.sync_enabled syncs=account.syncs last=account.last_finished_at />
        {detail.map(|text| view! { <small>{text}</small> })}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::at_most;

    #[test]
    fn what_was_not_counted_to_the_end_says_so() {
        assert_eq!([0, 10_000, 10_001].map(at_most), ["0", "10,000", "10,000+"]);
    }
}
