//! The list of leads.

use leadline::store::views::{
    choices::Choice,
    leads::{LeadFilter, LeadRow, LeadSort},
    paging::Paging,
};
use leptos::prelude::*;

use crate::{
    Answer, Visit,
    ui::{
        Column, Empty, FilterBar, Hidden, LeadState, Listed, Order, Query, Row, Search, Select,
        Table, Time, blank, pick, thousands,
    },
};

/// What the filters offer.
struct Offer {
    owners: Vec<Choice>,
    forms: Vec<Choice>,
    campaigns: Vec<Choice>,
}

/// The list as its address says.
pub async fn show(visit: Visit, query: Query) -> Answer {
    let reader = visit.reader()?;
    let get = |name: &str| query.get(name);
    let filter = LeadFilter::read(&get)?;
    let page = reader.list_leads(&filter, &Paging::read(&get)?).await?;
    let offer = Offer {
        owners: reader.list_owner_choices(filter.owner).await?,
        forms: reader.list_form_choices(filter.form).await?,
        campaigns: reader.list_campaign_choices(filter.campaign).await?,
    };
    let listed = Listed::new("/leads", filter.pairs()).sorted(slug(filter.sort));
    Ok(visit.page("Leads").show(move || {
        let pager = listed.pager(&page, "lead", "leads");
        let list = if page.items.is_empty() {
            nothing(listed.filtered()).into_any()
        } else {
            let columns = columns(&listed, &filter);
            let rows = page.items.into_iter().map(row).collect();
            view! { <Table caption="Leads" columns=columns rows=rows />{pager} }.into_any()
        };
        view! { {filters(&listed, &filter, offer)}{list} }
    }))
}

/// The word for an order in the address; the usual one needs none.
fn slug(sort: LeadSort) -> Option<&'static str> {
    (sort != LeadSort::default()).then(|| sort.slug())
}

fn filters(listed: &Listed, filter: &LeadFilter, offer: Offer) -> impl IntoView + use<> {
    let states = [("open", "Open"), ("closed", "Closed")];
    let states = states.map(|(key, label)| (key.to_owned(), label.to_owned()));
    let sort = slug(filter.sort).map(str::to_owned);
    let now = filter.pairs();
    let now = move |name| now.value(name).to_owned();
    view! {
        <FilterBar path="/leads" active=listed.filtered() search="Name or e-mail begins with" value=now("q")>
            <Search name="company" label="Company begins with" value=now("company") />
            <Select name="owner" label="Owner" options=pick(offer.owners) value=now("owner") />
            <Select name="form" label="First form" options=pick(offer.forms) value=now("form") />
            <Select name="campaign" label="First campaign" options=pick(offer.campaigns) value=now("campaign") />
            <Select name="state" label="State" options=states.to_vec() value=now("state") />
            <Hidden name="sort" value=sort />
        </FilterBar>
    }
}

fn nothing(filtered: bool) -> impl IntoView {
    if filtered {
        return view! {
            <Empty title="No lead fits this filter">
                <p><a class="button" href="/leads">"Show all leads"</a></p>
            </Empty>
        };
    }
    view! {
        <Empty title="No leads yet">
            <p>"Leadline makes one of every submission that belongs to nobody known."</p>
            <p><a class="button" href="/submissions">"See the submissions"</a></p>
        </Empty>
    }
}

fn columns(listed: &Listed, filter: &LeadFilter) -> Vec<Column> {
    let sortable = |column: Column, sort: LeadSort, order: Order| {
        let now = (filter.sort == sort && !filter.searches()).then_some(order);
        column.sort(listed.sort_by(slug(sort)), now)
    };
    vec![
        sortable(Column::new("Name"), LeadSort::Name, Order::Ascending),
        Column::new("Company"),
        Column::new("Owner"),
        Column::new("First form and campaign"),
        Column::new("Submissions").number(),
        sortable(
            Column::new("Latest submission"),
            LeadSort::Latest,
            Order::Descending,
        ),
        sortable(
            Column::new("Changed"),
            LeadSort::Modified,
            Order::Descending,
        ),
    ]
}

/// A lead in the list.
fn row(lead: LeadRow) -> Row {
    let path = format!("/leads/{}", lead.id);
    let text = |text: String| match text.as_str() {
        "" => blank(),
        _ => view! { <bdi>{text}</bdi> }.into_any(),
    };
    Row::new()
        .cell(view! {
            <a href=path><bdi>{lead.full_name}</bdi></a>
            {(!lead.open).then(|| view! { " "<LeadState open=false /> })}
            <small class="muted">{lead.email}</small>
        })
        .cell(text(lead.company))
        .cell(text(lead.owner_name.unwrap_or_default()))
        .cell(view! {
            {text(lead.form_name.unwrap_or_default())}
            {lead.campaign_name.map(|name| view! { <small class="muted"><bdi>{name}</bdi></small> })}
        })
        .cell(thousands(lead.submission_count))
        .cell(view! { <Time at=lead.latest_submitted_at /> })
        .cell(view! { <Time at=lead.modified_at /> })
}
