//! With which lead: those that may be of the same person, and whatever is searched.

use leadline::store::views::{
    leads::{LeadFilter, LeadRow},
    paging::Paging,
};
use leptos::prelude::*;

use crate::{
    Answer, FormState, Visit,
    ui::{
        Column, Empty, FilterBar, LeadState, Query, Row, Search, Section, Table, Time, blank,
        thousands,
    },
};

/// The leads to choose from.
pub(super) async fn choose(visit: &Visit, id: i64, query: &Query, form: FormState) -> Answer {
    let reader = visit.reader()?;
    let lead = reader.find_lead_record(id).await?;
    let doubles = visit.administrator()?.list_doubles(id).await?;
    let get = |name: &str| query.get(name).filter(|_| name == "q" || name == "company");
    let filter = LeadFilter::read(&get)?;
    let found = match filter.searches() {
        true => Some(reader.list_leads(&filter, &Paging::first()).await?),
        false => None,
    };
    let found = found.map(|page| page.items.into_iter().filter(|l| l.id != id).collect());
    let name = lead.full_name;
    let sheet = visit
        .page("Merge with another lead")
        .back(format!("/leads/{id}"), name.clone())
        .form(form);
    Ok(sheet.show(move || body(id, name, doubles, &filter, found)))
}

fn body(
    id: i64,
    name: String,
    doubles: Vec<LeadRow>,
    filter: &LeadFilter,
    found: Option<Vec<LeadRow>>,
) -> impl IntoView + use<> {
    let pairs = filter.pairs();
    let (q, company) = (
        pairs.value("q").to_owned(),
        pairs.value("company").to_owned(),
    );
    let alike = match doubles.is_empty() {
        true => view! {
            <p class="muted">"No other lead has the same name, or a value by which leads are matched."</p>
        }
        .into_any(),
        false => table("Leads of the same name or with equal values", id, doubles).into_any(),
    };
    let found = found.map(|leads| match leads.is_empty() {
        true => view! {
            <Empty title="No other lead fits">
                <p>"Search for the beginning of a name, an e-mail address or a company."</p>
            </Empty>
        }
        .into_any(),
        false => table("Leads that were found", id, leads).into_any(),
    });
    view! {
        <div class="page">
            <p>"Choose the lead to be merged with "<bdi>{name}</bdi>". Nothing happens before you have seen both side by side."</p>
            <Section title="Perhaps the same person">{alike}</Section>
            <Section title="Any other lead">
                <FilterBar path=format!("/leads/{id}/merge") active=found.is_some() search="Name or e-mail begins with" value=q>
                    <Search name="company" label="Company begins with" value=company />
                </FilterBar>
                {found}
            </Section>
        </div>
    }
}

fn table(caption: &'static str, id: i64, leads: Vec<LeadRow>) -> impl IntoView {
    let columns = vec![
        Column::new("Name"),
        Column::new("Company"),
        Column::new("Owner"),
        Column::new("Submissions").number(),
        Column::new("Latest submission"),
    ];
    let rows = leads.into_iter().map(|lead| row(id, lead)).collect();
    view! { <Table caption=caption columns=columns rows=rows /> }
}

fn row(id: i64, lead: LeadRow) -> Row {
    let path = format!("/leads/{id}/merge?with={}", lead.id);
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
        .cell(thousands(lead.submission_count))
        .cell(view! { <Time at=lead.latest_submitted_at /> })
}
