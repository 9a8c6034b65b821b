//! The list of linked accounts.

use leadline::store::views::{
    accounts::{AccountFilter, AccountRow},
    paging::Paging,
};
use leptos::prelude::*;

use crate::{
    Answer, Visit,
    ui::{
        Column, Empty, FilterBar, Listed, Query, Row, Select, SyncState, Table, TestMark, Time,
        blank,
    },
};

/// The list as its address says.
pub async fn show(visit: Visit, query: Query) -> Answer {
    let get = |name: &str| query.get(name);
    let filter = AccountFilter::read(&get)?;
    let page = visit
        .reader()?
        .list_accounts(&filter, &Paging::read(&get)?)
        .await?;
    let listed = Listed::new("/accounts", filter.pairs());
    Ok(visit.page("Accounts").show(move || {
        let pager = listed.pager(&page, "account", "accounts");
        let list = if page.items.is_empty() {
            nothing(listed.filtered()).into_any()
        } else {
            let rows = page.items.into_iter().map(row).collect();
            view! { <Table caption="Linked accounts" columns=columns() rows=rows />{pager} }
                .into_any()
        };
        view! { {filters(&listed, &filter)}{list} }
    }))
}

fn filters(listed: &Listed, filter: &AccountFilter) -> impl IntoView + use<> {
    let switches = [("on", "Switched on"), ("off", "Switched off")];
    let switches = switches.map(|(key, label)| (key.to_owned(), label.to_owned()));
    let now = filter.pairs();
    let now = move |name| now.value(name).to_owned();
    view! {
        <FilterBar path="/accounts" active=listed.filtered() search="Name contains" value=now("q")>
            <Select name="sync" label="Sync" options=switches.to_vec() value=now("sync") />
        </FilterBar>
    }
}

fn nothing(filtered: bool) -> impl IntoView {
    if filtered {
        return view! {
            <Empty title="No account fits this filter">
                <p><a class="button" href="/accounts">"Show all accounts"</a></p>
            </Empty>
        };
    }
    view! {
        <Empty title="No linked accounts yet">
            <p>"Authorize a LinkedIn profile: the ad accounts and pages that it reaches appear here."</p>
            <p><a class="button primary" href="/profiles">"Authorize LinkedIn"</a></p>
        </Empty>
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("Account"),
        Column::new("Kind"),
        Column::new("Sync"),
        Column::new("Default owner"),
        Column::new("Reached by"),
        Column::new("Last sync"),
    ]
}

fn row(row: AccountRow) -> Row {
    let account = row.account;
    let (kind, enabled) = (account.kind(), account.sync_enabled);
    let profiles = row.profiles.into_iter().map(|profile| {
        view! { <li><a href=format!("/profiles/{}", profile.id)><bdi>{profile.name}</bdi></a></li> }
    });
    let owner = match account.default_owner_name {
        Some(name) => view! { <bdi>{name}</bdi> }.into_any(),
        None => view! { <span class="muted">"The profile's owner"</span> }.into_any(),
    };
    Row::new()
        .cell(view! {
            <a href=format!("/accounts/{}", account.id)><bdi>{account.name}</bdi></a>
            {account.test.then(|| view! { " "<TestMark /> })}
        })
        .cell(kind)
        .cell(view! {
            <SyncState state=account.sync_state enabled=enabled syncs=account.syncs last=account.last_finished_at />
            <small class="muted">{account.status_detail}</small>
        })
        .cell(owner)
        .cell(view! { <ul class="plain">{profiles.collect_view()}</ul> })
        .cell(account.last_finished_at.map_or_else(blank, |at| {
            view! { <Time at=at relative=true /> }.into_any()
        }))
}
