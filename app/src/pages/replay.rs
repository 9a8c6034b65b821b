//! Running submissions again: what it would come to, the run itself, and the runs so far.

use axum::extract::Path;
use leadline::{
    lead::LeadFields,
    review::Decision,
    store::{
        now,
        replays::Replay,
        views::{submission::AttemptOutcome, submissions::SubmissionFilter},
    },
    sync::{
        replay::{Becomes, Foreseen, foresee},
        review::settle,
    },
};
use leptos::prelude::*;

use super::mapping::seen::not_asked;
use crate::{
    Answer, Visit,
    ui::{
        Brief, Column, Empty, Fact, Facts, Listed, Query, Row, Section, Table, Time, counted,
        field_changes, thousands,
    },
};

/// Where it is said what running again would come to.
pub(super) const PATH: &str = "/submissions/run-again";
/// How many submissions that would become something else are listed.
const LISTED: usize = 50;

/// What running the submissions of a filter again would come to. Nothing is written.
pub async fn preview(visit: Visit, query: Query) -> Answer {
    let administrator = visit.administrator()?;
    let filter = read(&query)?;
    let organization = &visit.services.organization;
    let foreseen = foresee(&administrator, organization, &filter, now()).await?;
    let sheet = visit
        .page("Run submissions again")
        .back("/submissions", "Submissions")
        .actions(|| view! { <a class="button" href="/replays">"Runs so far"</a> });
    Ok(sheet.show(move || seen(foreseen, &filter)))
}

/// Begins to run them again.
pub async fn begin(visit: Visit, query: Query) -> Answer {
    let filter = read(&query)?;
    let id = visit.administrator()?.start_replay(&filter, now()).await?;
    visit.services.worker.wake();
    let said = "It has begun. You can leave this page; it goes on.";
    visit.done(&format!("/replays/{id}"), said).await
}

/// Runs one submission again, now.
pub async fn one(visit: Visit, Path(id): Path<i64>) -> Answer {
    let settled = settle(&visit.administrator()?, &[id], &Decision::default()).await?;
    let said = match settled.decided.first() {
        Some(decided) if decided.waits() => format!("It still waits: {}", decided.reason),
        _ => "It was run again. See below what came of it.".to_owned(),
    };
    visit.done(&format!("/submissions/{id}"), &said).await
}

/// The runs so far.
pub async fn list(visit: Visit) -> Answer {
    let replays = visit.administrator()?.list_replays().await?;
    let sheet = visit.page("Runs").back("/submissions", "Submissions");
    Ok(sheet.show(move || {
        if replays.is_empty() {
            return view! {
                <Empty title="Nothing was run again yet">
                    <p>"After a mapping or a strategy has changed, submissions that are there can be run again by the new rules."</p>
                    <p><a class="button" href=PATH>"See what that would come to"</a></p>
                </Empty>
            }
            .into_any();
        }
        let columns = ["Begun", "By", "Which", "Submissions", "Left"];
        let columns = columns.map(Column::new).to_vec();
        let row = |run: Replay| {
            Row::new()
                .cell(view! { <a href=format!("/replays/{}", run.id)><Time at=run.started_at /></a> })
                .cell(run.actor)
                .cell(run.wanted)
                .cell(thousands(run.submissions))
                .cell(thousands(run.left))
        };
        let rows = replays.into_iter().map(row).collect();
        view! { <Table caption="Runs" columns=columns rows=rows /> }.into_any()
    }))
}

/// How far a run is, and what came of it so far.
pub async fn show(visit: Visit, Path(id): Path<i64>) -> Answer {
    let administrator = visit.administrator()?;
    let run = administrator.find_replay(id).await?;
    let outcomes = administrator.replay_outcomes(id).await?;
    let sheet = visit.page(format!("Run {id}")).back("/replays", "Runs");
    let sheet = match run.left {
        0 => sheet,
        _ => sheet.again_in(2),
    };
    Ok(sheet.show(move || progress(run, outcomes)))
}

fn progress(run: Replay, outcomes: Vec<(AttemptOutcome, i64)>) -> impl IntoView {
    let done = run.submissions - run.left;
    let said = match run.left {
        0 => "All of them were run again.".to_owned(),
        _ => format!(
            "{} of {} are done.",
            thousands(done),
            thousands(run.submissions)
        ),
    };
    let held = outcomes
        .iter()
        .any(|(outcome, _)| matches!(outcome, AttemptOutcome::Held | AttemptOutcome::Failed));
    let rows = outcomes
        .into_iter()
        .map(|(outcome, n)| Row::new().cell(outcome.label()).cell(thousands(n)));
    let columns = vec![
        Column::new("What came of it"),
        Column::new("Submissions").number(),
    ];
    view! {
        <div class="page">
            <p role="status">{said}</p>
            <progress max=run.submissions.to_string() value=done.to_string() aria-label="Submissions that were run again"></progress>
            <Facts short=true>
                <Fact term="Begun"><Time at=run.started_at /></Fact>
                <Fact term="By">{run.actor}</Fact>
                <Fact term="Which">{run.wanted}</Fact>
            </Facts>
            <Table caption="What came of it" columns=columns rows=rows.collect() />
            {held.then(|| view! { <p><a class="button" href="/review">"Go to the review queue"</a></p> })}
        </div>
    }
}

/// The filter; ids may come one by one, as ticked boxes send them.
fn read(query: &Query) -> leadline::error::Result<SubmissionFilter> {
    SubmissionFilter::read(&|name| match name {
        "ids" => Some(query.all("ids").join(",")),
        _ => query.get(name),
    })
}

fn seen(foreseen: Foreseen, filter: &SubmissionFilter) -> impl IntoView + use<> {
    let Foreseen {
        fields,
        total,
        seen,
        counts,
        changes,
        not_asked: unasked,
    } = foreseen;
    let action = Listed::new(PATH, filter.pairs()).here();
    let which = counted(total, "submission", "submissions");
    if total.is_zero() {
        return view! {
            <Empty title="No submission fits this filter">
                <p>"Those that a person excluded are left out; each can be run again on its own page."</p>
                <p><a class="button" href="/submissions">"Show all submissions"</a></p>
            </Empty>
        }
        .into_any();
    }
    let looked_at = match total.to_string() == thousands(seen as i64) {
        true => String::new(),
        false => format!(
            " The latest {} of them were looked at.",
            thousands(seen as i64)
        ),
    };
    let many = changes.len();
    let said = match many {
        0 => "Nothing would become different.".to_owned(),
        1 => "1 would become something else than it is.".to_owned(),
        _ => format!(
            "{} would become something else than they are.",
            thousands(many as i64)
        ),
    };
    let line = |name: &'static str, n: usize| Row::new().cell(name).cell(thousands(n as i64));
    let lines = vec![
        line("Make a new lead", counts.created),
        line("Change a lead that is there", counts.updated),
        line("Nothing to change", counts.unchanged),
        line("Wait for a person", counts.held),
        line("Left out", counts.skipped),
    ];
    let columns = vec![
        Column::new("They would"),
        Column::new("Submissions").number(),
    ];
    let listed = changes
        .into_iter()
        .take(LISTED)
        .map(|c| becomes(&fields, c))
        .collect();
    let head = ["Submission", "What it comes to", "What changes in the lead"];
    view! {
        <div class="page">
            {unasked.map(not_asked)}
            <p role="status">{format!("{which} by this filter.{looked_at} {said} Nothing has been written.")}</p>
            <p class="muted">
                "Each is decided by the rules in force. Who has a lead keeps it, none gets a second one, and what people or newer submissions wrote stays."
            </p>
            <form method="post" action=action>
                <button class="button primary" type="submit">{format!("Run {which} again")}</button>
            </form>
            <Table caption="What they would come to" columns=columns rows=lines />
            {(many > 0).then(|| view! {
                <Section title="What would become different">
                    <Table caption="Submissions that would become different" columns=head.map(Column::new).to_vec() rows=listed />
                    {(many > LISTED).then(|| view! { <p class="muted">{format!("And {} more.", many - LISTED)}</p> })}
                </Section>
            })}
        </div>
    }
    .into_any()
}

fn becomes(fields: &LeadFields, change: Becomes) -> Row {
    let id = change.submission;
    Row::new()
        .link(format!("/submissions/{id}"), format!("Submission {id}"))
        .cell(change.words)
        .cell(view! { <Brief changes=field_changes(fields, change.changes) /> })
}
