//! The list of campaigns.

use leadline::store::views::{
    campaigns::{CampaignFilter, CampaignRow},
    choices::Choice,
    paging::Paging,
};
use leptos::prelude::*;

use crate::{
    Answer, Visit,
    ui::{
        Column, Day, Empty, FilterBar, LinkedInState, Listed, Query, Row, Select, Table, Time,
        blank, pick, words,
    },
};

/// LinkedIn's statuses of a campaign.
const STATUSES: [(&str, &str); 6] = [
    ("ACTIVE", "Active"),
    ("PAUSED", "Paused"),
    ("COMPLETED", "Completed"),
    ("ARCHIVED", "Archived"),
    ("CANCELED", "Canceled"),
    ("DRAFT", "Draft"),
];

/// The list as its address says.
pub async fn show(visit: Visit, query: Query) -> Answer {
    let reader = visit.reader()?;
    let get = |name: &str| query.get(name);
    let filter = CampaignFilter::read(&get)?;
    let page = reader.list_campaigns(&filter, &Paging::read(&get)?).await?;
    let accounts = reader.list_account_choices(filter.account).await?;
    let listed = Listed::new("/campaigns", filter.pairs());
    Ok(visit.page("Campaigns").show(move || {
        let pager = listed.pager(&page, "campaign", "campaigns");
        let list = if page.items.is_empty() {
            nothing(listed.filtered()).into_any()
        } else {
            let rows = page.items.into_iter().map(row).collect();
            view! { <Table caption="Campaigns" columns=columns() rows=rows />{pager} }.into_any()
        };
        view! { {filters(&listed, &filter, accounts)}{list} }
    }))
}

fn filters(
    listed: &Listed,
    filter: &CampaignFilter,
    accounts: Vec<Choice>,
) -> impl IntoView + use<> {
    let statuses = STATUSES.map(|(key, label)| (key.to_owned(), label.to_owned()));
    let now = filter.pairs();
    let now = move |name| now.value(name).to_owned();
    view! {
        <FilterBar path="/campaigns" active=listed.filtered() search="Name contains" value=now("q")>
            <Select name="account" label="Account" options=pick(accounts) value=now("account") />
            <Select name="status" label="Status" options=statuses.to_vec() value=now("status") />
        </FilterBar>
    }
}

fn nothing(filtered: bool) -> impl IntoView {
    if filtered {
        return view! {
            <Empty title="No campaign fits this filter">
                <p><a class="button" href="/campaigns">"Show all campaigns"</a></p>
            </Empty>
        };
    }
    view! {
        <Empty title="No campaigns yet">
            <p>"Campaigns are read from LinkedIn when an ad account syncs."</p>
            <p><a class="button" href="/accounts">"See the accounts"</a></p>
        </Empty>
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("Campaign"),
        Column::new("Account"),
        Column::new("Type"),
        Column::new("Status"),
        Column::new("Runs"),
        Column::new("Submissions").number(),
        Column::new("Leads").number(),
        Column::new("Latest submission"),
    ]
}

fn row(row: CampaignRow) -> Row {
    let (campaign, came) = (row.campaign, row.came);
    let id = campaign.id;
    let day = |at: Option<i64>| at.map(|at| view! { <Day at=at /> });
    let runs = match (campaign.starts_at, campaign.ends_at) {
        (None, None) => blank(),
        (from, None) => view! { "Since "{day(from)} }.into_any(),
        (None, to) => view! { "Until "{day(to)} }.into_any(),
        (from, to) => view! { {day(from)}" – "{day(to)} }.into_any(),
    };
    let kind = campaign
        .campaign_type
        .map_or_else(blank, |kind| words(&kind).into_any());
    let objective = campaign.objective.map(|objective| words(&objective));
    Row::new()
        .cell(view! { <bdi>{campaign.name}</bdi> })
        .cell(view! { <bdi>{campaign.account_name}</bdi> })
        .cell(view! { {kind}<small class="muted">{objective}</small> })
        .cell(view! { <LinkedInState state=campaign.linkedin_status /> })
        .cell(runs)
        .link(
            format!("/submissions?campaign={id}"),
            came.submissions.to_string(),
        )
        .link(format!("/leads?campaign={id}"), came.leads.to_string())
        .cell(
            came.last_submitted_at
                .map_or_else(blank, |at| view! { <Time at=at /> }.into_any()),
        )
}
