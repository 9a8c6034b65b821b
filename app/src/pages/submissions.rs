//! The list of submissions.

use leadline::{
    review::Reason,
    store::views::{
        choices::Choice,
        paging::Paging,
        submissions::{SubmissionFilter, SubmissionRow, SubmissionSort},
    },
    submission::{LeadType, MatchingStatus, ProcessingState},
};
use leptos::prelude::*;

use super::{delete_tests::confirm_all, replay};
use crate::{
    Answer, Visit,
    ui::{
        Column, Empty, FilterBar, Hidden, Listed, Matching, OnDay, Order, Query, Row, Select,
        Table, TestMark, Tick, Time, blank, pick,
    },
};

/// What the filters offer.
struct Offer {
    accounts: Vec<Choice>,
    forms: Vec<Choice>,
    campaigns: Vec<Choice>,
}

/// The list as its address says.
pub async fn show(visit: Visit, query: Query) -> Answer {
    let reader = visit.reader()?;
    let get = |name: &str| query.get(name);
    let filter = SubmissionFilter::read(&get)?;
    let page = reader
        .list_submissions(&filter, &Paging::read(&get)?)
        .await?;
    let offer = Offer {
        accounts: reader.list_account_choices(filter.account).await?,
        forms: reader.list_form_choices(filter.form).await?,
        campaigns: reader.list_campaign_choices(filter.campaign).await?,
    };
    let sort = (filter.sort != SubmissionSort::default()).then(|| filter.sort.slug());
    let listed = Listed::new("/submissions", filter.pairs()).sorted(sort);
    let administrator = visit.person().administrator;
    let again = Listed::new(replay::PATH, filter.pairs()).here();
    let delete = match administrator && filter.test == Some(true) {
        true => confirm_all(&filter, visit.administrator()?.count_tests(&filter).await?),
        false => None,
    };
    let sheet = visit.page("Submissions").actions(move || {
        view! { {delete}{administrator.then(|| view! { <a class="button" href=again>"Run these again…"</a> })} }
    });
    Ok(sheet.show(move || {
        let pager = listed.pager(&page, "submission", "submissions");
        let list = if page.items.is_empty() {
            nothing(listed.filtered()).into_any()
        } else {
            let columns = columns(&listed, &filter);
            let rows = page
                .items
                .into_iter()
                .map(|s| row(s, administrator))
                .collect();
            let table = view! { <Table caption="Submissions" columns=columns rows=rows /> };
            match administrator {
                true => view! {
                    <form class="ticks" method="get" action=replay::PATH>
                        {table}
                        <fieldset class="bulk">
                            <legend>"With those that are ticked"</legend>
                            <div class="row"><button class="button">"Run again…"</button></div>
                        </fieldset>
                    </form>
                    {pager}
                }
                .into_any(),
                false => view! { {table}{pager} }.into_any(),
            }
        };
        view! { {filters(&listed, &filter, sort, offer)}{list} }
    }))
}

fn filters(
    listed: &Listed,
    filter: &SubmissionFilter,
    sort: Option<&'static str>,
    offer: Offer,
) -> impl IntoView + use<> {
    let statuses = MatchingStatus::ALL.map(|s| (s.slug().to_owned(), s.label().to_owned()));
    let states = ProcessingState::ALL.map(|s| (s.slug().to_owned(), s.label().to_owned()));
    let reasons = Reason::ALL.map(|r| (r.slug().to_owned(), r.label().to_owned()));
    let types = LeadType::ALL.map(|t| (t.as_str().to_owned(), t.label().to_owned()));
    let tests = [("no", "Without tests"), ("yes", "Only tests")];
    let tests = tests.map(|(key, label)| (key.to_owned(), label.to_owned()));
    let lead = filter.lead.map(|id| id.to_string());
    let now = filter.pairs();
    let now = move |name| now.value(name).to_owned();
    view! {
        <FilterBar path="/submissions" active=listed.filtered() search="Name begins with, or e-mail" value=now("q")>
            <Select name="status" label="Matching" options=statuses.to_vec() value=now("status") />
            <Select name="state" label="Processing" options=states.to_vec() value=now("state") />
            <Select name="reason" label="Reason" options=reasons.to_vec() value=now("reason") />
            <Select name="account" label="Account" options=pick(offer.accounts) value=now("account") />
            <Select name="form" label="Form" options=pick(offer.forms) value=now("form") />
            <Select name="campaign" label="Campaign" options=pick(offer.campaigns) value=now("campaign") />
            <Select name="type" label="Kind" options=types.to_vec() value=now("type") />
            <Select name="test" label="Tests" options=tests.to_vec() value=now("test") any="All" />
            <OnDay name="from" label="From (UTC)" value=now("from") />
            <OnDay name="to" label="To (UTC)" value=now("to") />
            <Hidden name="lead" value=lead />
            <Hidden name="sort" value=sort.map(str::to_owned) />
        </FilterBar>
    }
}

fn nothing(filtered: bool) -> impl IntoView {
    if filtered {
        return view! {
            <Empty title="No submission fits this filter">
                <p><a class="button" href="/submissions">"Show all submissions"</a></p>
            </Empty>
        };
    }
    view! {
        <Empty title="No submissions yet">
            <p>"They appear here as soon as a LinkedIn account syncs."</p>
            <p><a class="button primary" href="/profiles">"Authorize LinkedIn"</a></p>
        </Empty>
    }
}

fn columns(listed: &Listed, filter: &SubmissionFilter) -> Vec<Column> {
    let (other, now) = match filter.sort {
        _ if filter.by_name() => (None, None),
        SubmissionSort::Newest => (Some(SubmissionSort::Oldest.slug()), Some(Order::Descending)),
        SubmissionSort::Oldest => (None, Some(Order::Ascending)),
    };
    vec![
        Column::new("Person"),
        Column::new("Submitted").sort(listed.sort_by(other), now),
        Column::new("Form"),
        Column::new("Result"),
        Column::new("Lead"),
    ]
}

/// A submission in the list.
fn row(submission: SubmissionRow, administrator: bool) -> Row {
    let status = submission.matching_status();
    let state = submission.processing_state();
    let person = match submission.person_name.as_str() {
        "" => "Unnamed person".to_owned(),
        name => name.to_owned(),
    };
    let id = submission.id;
    let path = format!("/submissions/{id}");
    let lead = submission.lead_id.zip(submission.lead_name);
    let place = match (submission.campaign_name, submission.account_name) {
        (Some(campaign), Some(account)) => {
            view! { <bdi>{campaign}</bdi>" · "<bdi>{account}</bdi> }.into_any()
        }
        (campaign, account) => view! { <bdi>{campaign.or(account)}</bdi> }.into_any(),
    };
    Row::new()
        .cell(view! {
            {administrator.then(|| view! { <Tick id=id name="ids" label=format!("Tick {person}") /> })}
            <a href=path data-row=""><bdi>{person.clone()}</bdi></a>
            {submission.test.then(|| view! { " "<TestMark /> })}
            <small class="muted">{submission.person_email}</small>
        })
        .cell(view! { <Time at=submission.submitted_at /> })
        .cell(view! {
            {submission.form_name.map_or_else(blank, |name| view! { <bdi>{name}</bdi> }.into_any())}
            <small class="muted">{place}</small>
        })
        .cell(view! { <Matching status=status state=state /><small class="muted">{submission.reason}</small> })
        .cell(lead.map_or_else(blank, |(id, name)| {
            view! { <a href=format!("/leads/{id}")><bdi>{name}</bdi></a> }.into_any()
        }))
}
