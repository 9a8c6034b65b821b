//! The review queue: submissions about which a person has to decide.

use leadline::{
    error::Error,
    review::{Choice, Decision, Reason},
    store::views::{
        paging::Paging,
        submissions::{SubmissionFilter, SubmissionRow},
    },
    sync::review::settle,
};
use leptos::prelude::*;

use crate::{
    Answer, Input, Visit,
    ui::{Column, Empty, Listed, Query, Row, Table, Tabs, TestMark, Tick, Time, blank, thousands},
};

/// The queue's path.
pub(super) const PATH: &str = "/review";

/// The queue, as its address says.
pub async fn show(visit: Visit, query: Query) -> Answer {
    visit.administrator()?;
    let get = |name: &str| query.get(name);
    let filter = waiting(SubmissionFilter::read(&get)?);
    let reader = visit.reader()?;
    let page = reader
        .list_submissions(&filter, &Paging::read(&get)?)
        .await?;
    let counts = visit.administrator()?.count_review().await?;
    let listed = listed(&filter);
    Ok(visit.page("Review queue").show(move || {
        let pager = listed.pager(&page, "submission", "submissions");
        let tabs = tabs(filter.reason, &counts);
        if page.items.is_empty() {
            return view! { <div class="page">{tabs}{nothing()}</div> }.into_any();
        }
        let place = listed.here();
        let rows = page.items.into_iter().map(|s| row(s, &filter)).collect();
        let columns = ["Person", "Submitted", "Form", "Why it waits"];
        let columns = columns.map(Column::new).to_vec();
        view! {
            <div class="page">
                {tabs}
                <form class="ticks" method="post" action=place>
                    <Table caption="Submissions that wait for a decision" columns=columns rows=rows />
                    {bulk()}
                </form>
                {pager}
                <p class="muted keys">{KEYS}</p>
            </div>
        }
        .into_any()
    }))
}

const KEYS: &str = "By keyboard: J and K move through the list, X ticks, Enter opens.";

/// Decides about the submissions that were ticked.
pub async fn submit(visit: Visit, query: Query, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    let filter = waiting(SubmissionFilter::read(&|name| query.get(name))?);
    let Some(decision) = read(&input) else {
        return Err(Error::invalid("what: this is not one of the decisions.").into());
    };
    let ids = input.ids("id");
    let place = listed(&filter).here();
    if ids.is_empty() {
        let said = "Nothing was ticked, so nothing was decided.";
        return visit.done(&place, said).await;
    }
    let settled = settle(&administrator, &ids, &decision).await?;
    let still = settled.decided.iter().filter(|d| d.waits()).count();
    let done = settled.decided.len() - still;
    let said = match (done, still, settled.passed_over) {
        (done, 0, 0) => format!("{} decided.", thousands(done as i64)),
        (done, still, 0) => format!("{done} decided. {still} still wait; each says why."),
        (done, still, over) => format!(
            "{done} decided, {still} still wait. {over} were left as they are: they belong to a lead already."
        ),
    };
    visit.done(&place, &said).await
}

/// What a form of the queue, or of one submission in it, says.
pub(super) fn read(input: &Input) -> Option<Decision> {
    let note = input.text("note").to_owned();
    let choice = match input.text("what") {
        "again" | "leave_out" => None,
        "" => Some(Choice::parse("lead", input.text("lead").parse().ok())?),
        word => Some(Choice::parse(word, None)?),
    };
    // Whoever chooses a lead has seen what does not fit: waiting on would help nobody.
    let seen = choice.is_some() && input.text("leave_out") == "yes";
    Some(Decision {
        choice,
        leave_out: seen || input.text("what") == "leave_out",
        note,
    })
}

/// The filter of the queue: of everything that was asked for, what waits.
pub(super) fn waiting(filter: SubmissionFilter) -> SubmissionFilter {
    SubmissionFilter {
        review: true,
        ..filter
    }
}

/// The queue as it is shown.
fn listed(filter: &SubmissionFilter) -> Listed {
    let shown = SubmissionFilter {
        review: false,
        ..filter.clone()
    };
    Listed::new(PATH, shown.pairs())
}

fn tabs(now: Option<Reason>, counts: &[(Reason, i64)]) -> impl IntoView + use<> {
    let all: i64 = counts.iter().map(|(_, n)| n).sum();
    let first = (
        PATH.to_owned(),
        format!("All {}", thousands(all)),
        now.is_none(),
    );
    let tab = |(reason, n): &(Reason, i64)| {
        let path = format!("{PATH}?reason={}", reason.slug());
        let name = format!("{reason} {}", thousands(*n));
        (path, name, now == Some(*reason))
    };
    let tabs = std::iter::once(first)
        .chain(counts.iter().map(tab))
        .collect();
    view! { <Tabs label="Reasons" tabs=tabs /> }
}

fn nothing() -> impl IntoView {
    view! {
        <Empty title="Nothing waits for you">
            <p>"Submissions come here when several leads match, a value does not fit its field, or whatever else the rules leave to a person."</p>
            <p><a class="button" href="/submissions">"Show all submissions"</a></p>
        </Empty>
    }
}

fn row(submission: SubmissionRow, filter: &SubmissionFilter) -> Row {
    let person = match submission.person_name.as_str() {
        "" => "Unnamed person".to_owned(),
        name => name.to_owned(),
    };
    let id = submission.id;
    let path = one(id, filter.reason);
    let reason = Reason::parse(&submission.reason_code);
    let campaign = submission.campaign_name;
    Row::new()
        .cell(view! {
            <Tick id=id label=format!("Tick {person}") />
            <a href=path data-row=""><bdi>{person.clone()}</bdi></a>
            {submission.test.then(|| view! { " "<TestMark /> })}
            <small class="muted">{submission.person_email}</small>
        })
        .cell(view! { <Time at=submission.submitted_at /> })
        .cell(view! {
            {submission.form_name.map_or_else(blank, |name| view! { <bdi>{name}</bdi> }.into_any())}
            <small class="muted"><bdi>{campaign}</bdi></small>
        })
        .cell(view! {
            {reason.map_or("Waits", Reason::label)}
            <small class="muted">{submission.reason}</small>
        })
}

/// The address of one submission in the queue; the next one is of the same reason.
pub(super) fn one(id: i64, reason: Option<Reason>) -> String {
    let reason = reason.map(|reason| format!("?reason={}", reason.slug()));
    format!("{PATH}/{id}{}", reason.unwrap_or_default())
}

/// What can be decided about all that are ticked.
fn bulk() -> impl IntoView {
    let button = |what: &'static str, label: &'static str| {
        view! { <button class="button" name="what" value=what>{label}</button> }
    };
    view! {
        <fieldset class="bulk">
            <legend>"With those that are ticked"</legend>
            <div class="row">
                {button("again", "Run again")}
                {button("new", "Make new leads")}
                {button("leave_out", "Leave out what does not fit")}
                {button("exclude", "Exclude")}
            </div>
            <label>
                <span>"Why they are excluded (optional)"</span>
                <input name="note" maxlength="500" autocomplete="off" />
            </label>
        </fieldset>
    }
}
