//! One submission about which a person has to decide, beside the leads that it may belong to.

use std::collections::BTreeSet;

use axum::extract::Path;
use leadline::{
    error::{Error, Kind},
    lead::{Fields, LeadField, LeadFields, display_name},
    review::Reason,
    store::{
        now,
        views::{
            leads::{LeadFilter, LeadRow},
            paging::{Cursor, Paging, Place},
            submission::Submission,
            submissions::SubmissionFilter,
        },
    },
    sync::review::{Candidate, Comparison, compare, settle},
};
use leptos::prelude::*;

use super::form_changes;
use super::review::{PATH, one, read, waiting};
use crate::{
    Answer, FormState, Input, Visit,
    ui::{Banner, Changes, Compare, Compared, Key, Query, Section, Tone},
};

/// How many leads a search shows.
const FOUND: usize = 10;

/// What the page shows.
struct Shown {
    submission: Submission,
    comparison: Comparison,
    before: Option<i64>,
    after: Option<i64>,
    reason: Option<Reason>,
    find: Option<String>,
    found: Vec<LeadRow>,
}

/// The page.
pub async fn show(visit: Visit, Path(id): Path<i64>, query: Query) -> Answer {
    render(&visit, id, &query, FormState::default()).await
}

/// Decides, and goes on to the next one.
pub async fn submit(visit: Visit, Path(id): Path<i64>, query: Query, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    let Some(decision) = read(&input) else {
        return Err(Error::invalid("what: this is not one of the decisions.").into());
    };
    let filter = waiting(SubmissionFilter::read(&|name| query.get(name))?);
    // Where to go on is looked up before: afterwards it is not in the queue any more.
    let (_, next) = neighbours(&visit, id, &filter).await?;
    let settled = match settle(&administrator, &[id], &decision).await {
        Err(error) if matches!(error.kind(), Kind::Conflict | Kind::Invalid) => {
            let form = FormState::of(&input).refused(&error);
            return render(&visit, id, &query, form).await;
        }
        settled => settled?,
    };
    let Some(decided) = settled.decided.first().filter(|d| d.waits()) else {
        let place = next.map_or_else(|| PATH.to_owned(), |next| one(next, filter.reason));
        return visit.done(&place, "Decided.").await;
    };
    let said = format!("It still waits: {}", decided.reason);
    visit.done(&one(id, filter.reason), &said).await
}

async fn render(visit: &Visit, id: i64, query: &Query, form: FormState) -> Answer {
    let administrator = visit.administrator()?;
    let reader = visit.reader()?;
    let filter = waiting(SubmissionFilter::read(&|name| query.get(name))?);
    let submission = reader.find_submission(id).await?;
    let beside = query.get("beside").and_then(|lead| lead.parse().ok());
    let find = query.get("find").filter(|text| !text.trim().is_empty());
    let found = match &find {
        Some(_) => {
            let wanted = LeadFilter::read(&|name| (name == "q").then(|| find.clone()).flatten())?;
            let paging = Paging {
                place: Place::Start,
                size: FOUND,
            };
            reader.list_leads(&wanted, &paging).await?.items
        }
        None => Vec::new(),
    };
    let (before, after) = neighbours(visit, id, &filter).await?;
    let shown = Shown {
        comparison: compare(&administrator, id, beside, now()).await?,
        submission,
        before,
        after,
        reason: filter.reason,
        find,
        found,
    };
    let title = match shown.submission.row.person_name.as_str() {
        "" => format!("Submission {id}"),
        name => name.to_owned(),
    };
    let queue = filter.reason.map_or_else(
        || PATH.to_owned(),
        |reason| format!("{PATH}?reason={}", reason.slug()),
    );
    let sheet = visit.page(title).back(queue, "Review queue").form(form);
    let ways = ways(&shown);
    Ok(sheet.actions(move || ways).show(move || body(shown)))
}

/// The submissions before and after this one in the queue.
async fn neighbours(
    visit: &Visit,
    id: i64,
    filter: &SubmissionFilter,
) -> Result<(Option<i64>, Option<i64>), Error> {
    let reader = visit.reader()?;
    let here = reader.find_submission(id).await?.row;
    let cursor = Cursor::at(here.submitted_at, id);
    let at = async |place: Place| {
        let paging = Paging { place, size: 1 };
        let page = reader.list_submissions(filter, &paging).await?;
        Ok::<_, Error>(page.items.first().map(|row| row.id))
    };
    Ok((
        at(Place::Before(cursor)).await?,
        at(Place::After(cursor)).await?,
    ))
}

fn ways(shown: &Shown) -> impl IntoView + use<> {
    let way = |id: Option<i64>, label: &'static str, key: &'static str| {
        id.map(|id| {
            let path = one(id, shown.reason);
            view! { <a class="button" href=path data-key=key>{label}<Key key=key /></a> }
        })
    };
    view! {
        {way(shown.before, "Previous", "k")}
        {way(shown.after, "Next", "j")}
    }
}

fn body(shown: Shown) -> impl IntoView {
    let id = shown.submission.row.id;
    let action = one(id, shown.reason);
    let waits = shown.submission.row.waits();
    let why = shown.submission.row.reason.clone();
    let changes = changes(&shown.submission);
    let problems = problems(&shown.comparison);
    let any_problem =
        !shown.comparison.problems.is_empty() || shown.submission.row.malformed.is_some();
    let has_lead = shown.submission.row.lead_id.is_some();
    let search = search(&action, shown.reason, shown.find, shown.found);
    let effects = effects(&shown.comparison.fields, &shown.comparison.candidates);
    view! {
        <div class="page">
            {match waits {
                true => view! { <Banner tone=Tone::Warn>{why}{changes}</Banner> }.into_any(),
                false => view! {
                    <Banner tone=Tone::Info title="It waits for nobody any more.">
                        <a href=format!("/submissions/{id}")>"See what became of it"</a>
                    </Banner>
                }.into_any(),
            }}
            {problems}
            <form class="page" method="post" action=action>
                {any_problem.then(|| view! { <input type="hidden" name="leave_out" value="yes" /> })}
                {table(shown.comparison, has_lead)}
                {others(any_problem, has_lead)}
            </form>
            {(!has_lead).then_some(search)}
            {effects}
            <p><a href=format!("/submissions/{id}")>"All answers, and what was tried so far"</a></p>
        </div>
    }
}

/// The way to the changes of the form, when it waits because of them.
fn changes(submission: &Submission) -> Option<impl IntoView + use<>> {
    let row = &submission.row;
    let waits = Reason::parse(&row.reason_code) == Some(Reason::FormChanged);
    row.form_id.filter(|_| waits).map(|form| {
        let path = format!("{}?form={form}", form_changes::PATH);
        view! { " "<a href=path>"See what changed"</a> }
    })
}

/// What does not fit, each with the mapping to mend.
fn problems(comparison: &Comparison) -> Option<impl IntoView + use<>> {
    let line = |(field, message): &(String, String)| {
        let mapping = comparison.mappings.get(field).map(|id| {
            view! { " "<a href=format!("/mappings/{id}")>"Change the mapping"</a> }
        });
        view! { <li>{message.clone()}{mapping}</li> }
    };
    let lines: Vec<_> = comparison.problems.iter().map(line).collect();
    (!lines.is_empty()).then(|| {
        view! {
            <Section title="What does not fit">
                <ul>{lines}</ul>
                <p class="muted">"Change the mapping and run it again. Choosing a lead, or a new one, brings it in without these values."</p>
            </Section>
        }
    })
}

/// The submission beside the leads, field by field.
fn table(comparison: Comparison, has_lead: bool) -> impl IntoView {
    let Comparison {
        fields: all,
        values,
        candidates,
        ..
    } = comparison;
    let leads: Vec<&Fields> = candidates.iter().map(|c| &c.lead.fields).collect();
    let named: BTreeSet<&str> = std::iter::once(&values)
        .chain(leads.iter().copied())
        .flat_map(|fields| fields.keys().map(String::as_str))
        .collect();
    let fields = all
        .iter()
        .filter(|field| named.contains(field.name.as_str()));
    let line = |field: &LeadField| {
        let mine = values.get(&field.name).cloned();
        let cell = |fields: &&Fields| {
            let theirs = fields.get(&field.name).cloned();
            let key = |value: &Option<String>| value.as_deref().and_then(|v| field.normalised(v));
            Compared {
                equal: mine.is_some() && key(&mine) == key(&theirs),
                value: theirs,
            }
        };
        (
            field.label.clone(),
            mine.clone(),
            leads.iter().map(cell).collect::<Vec<_>>(),
        )
    };
    let lines = fields.map(line).collect();
    let heads = candidates
        .iter()
        .zip(1..)
        .map(|(candidate, number)| head(candidate, number, has_lead).into_any())
        .collect();
    view! { <Compare caption="The submission and the leads that it may belong to" first="This submission" heads=heads lines=lines /> }
}

fn head(candidate: &Candidate, number: u8, has_lead: bool) -> impl IntoView + use<> {
    let id = candidate.lead.id;
    let name = display_name(&candidate.lead.fields);
    let label = match candidate.lead.open {
        true => "It is this lead",
        false => "Open this lead again",
    };
    let key = (number < 10).then(|| number.to_string());
    let pressed = key.clone();
    let spoken = format!("{label}: {name}");
    view! {
        <a href=format!("/leads/{id}")><bdi>{name}</bdi></a>
        <small class="muted">{candidate.verdict.clone()}</small>
        {(!has_lead).then(|| view! {
            <button class="button" name="lead" value=id.to_string() aria-label=spoken data-key=pressed>
                {label}{key.map(|key| view! { <Key key=key /> })}
            </button>
        })}
    }
}

/// What can be decided besides choosing a lead.
fn others(any_problem: bool, has_lead: bool) -> impl IntoView {
    let button = |what: &'static str, label: &'static str, key: &'static str| {
        view! {
            <button class="button" name="what" value=what data-key=key>{label}<Key key=key /></button>
        }
    };
    view! {
        <fieldset class="bulk">
            <legend>"Or"</legend>
            <div class="row">
                {(!has_lead).then(|| button("new", "Make a new lead", "n"))}
                {any_problem.then(|| button("leave_out", "Bring it in without what does not fit", "w"))}
                {button("again", "Run again", "r")}
                {(!has_lead).then(|| button("exclude", "Exclude", "e"))}
            </div>
            {(!has_lead).then(|| view! {
                <label>
                    <span>"Why it is excluded (optional)"</span>
                    <input name="note" maxlength="500" autocomplete="off" />
                </label>
            })}
        </fieldset>
    }
}

/// Looks for a lead that the strategies did not see.
fn search(
    action: &str,
    reason: Option<Reason>,
    find: Option<String>,
    found: Vec<LeadRow>,
) -> impl IntoView + use<> {
    let path = action.split('?').next().unwrap_or_default().to_owned();
    let beside = path.clone();
    let nothing = find.is_some() && found.is_empty();
    let line = move |lead: LeadRow| {
        let reason = reason.map(|reason| format!("&reason={}", reason.slug()));
        let path = format!("{beside}?beside={}{}", lead.id, reason.unwrap_or_default());
        view! {
            <li><a href=path><bdi>{lead.full_name}</bdi></a>" "<span class="muted">{lead.email}</span></li>
        }
    };
    view! {
        <Section title="Another lead">
            <form class="row" method="get" action=path role="search">
                {reason.map(|reason| view! { <input type="hidden" name="reason" value=reason.slug() /> })}
                <label class="grow">
                    <span>"Name begins with, or e-mail"</span>
                    <input type="search" name="find" value=find maxlength="200" />
                </label>
                <button class="button" type="submit">"Find"</button>
            </form>
            {nothing.then(|| view! { <p role="status">"No lead is found by that."</p> })}
            <ul>{found.into_iter().map(line).collect_view()}</ul>
        </Section>
    }
}

/// What the submission would change in each of the leads.
fn effects(fields: &LeadFields, candidates: &[Candidate]) -> Option<impl IntoView + use<>> {
    let effect = |candidate: &Candidate| {
        let name = display_name(&candidate.lead.fields);
        let (fields, changes) = (fields.clone(), candidate.changes.clone());
        view! {
            <Section title=format!("What it would change in {name}")>
                {match changes.is_empty() {
                    true => view! { <p class="muted">"Nothing."</p> }.into_any(),
                    false => view! { <Changes fields=fields changes=changes /> }.into_any(),
                }}
            </Section>
        }
    };
    let effects: Vec<_> = candidates.iter().map(effect).collect();
    (!effects.is_empty()).then_some(effects)
}
