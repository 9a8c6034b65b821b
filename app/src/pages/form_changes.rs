//! What changed at forms, for somebody to look at: as a list of its own, and on the pages of forms.

use leadline::{
    error::Error,
    mapping::Source,
    store::{
        form_changes::{AT_MOST, TickedOff},
        now,
        views::{
            choices,
            form_changes::{FormChange, FormChangeFilter},
            paging::{Page, Paging},
        },
    },
};
use leptos::prelude::*;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    Answer, Input, Visit,
    ui::{
        Badge, Column, Empty, FilterBar, Hidden, Listed, Query, Row, Select, Table, Tabs, Time,
        Tone, counted, pick,
    },
    visit::own_path,
};

/// The list's path.
pub(super) const PATH: &str = "/forms/changes";

/// The list as its address says; without words those that wait.
pub async fn show(visit: Visit, query: Query) -> Answer {
    let reader = visit.reader()?;
    let get = |name: &str| query.get(name);
    let mut filter = FormChangeFilter::read(&get)?;
    filter.open.get_or_insert(true);
    let page = reader
        .list_form_changes(&filter, &Paging::read(&get)?, now())
        .await?;
    let accounts = reader.list_account_choices(filter.account).await?;
    let administrator = visit.person().administrator;
    let sheet = visit.page("Form changes").back("/forms", "Forms");
    Ok(sheet.show(move || {
        let listed = Listed::new(PATH, filter.pairs());
        let pager = listed.pager(&page, "change", "changes");
        let list = match page.items.is_empty() {
            true => nothing(&filter).into_any(),
            false => view! { {list(page, administrator, listed.here())}{pager} }.into_any(),
        };
        view! { <div class="page">{tabs(&filter)}{filters(&filter, accounts)}{list}</div> }
    }))
}

/// Ticks changes off.
pub async fn submit(visit: Visit, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    let place = match own_path(input.text("back")) {
        back if back.starts_with("/forms") => back.to_owned(),
        _ => PATH.to_owned(),
    };
    let ids = match input.text("form").parse() {
        Ok(form) => open_of(&visit, form).await?,
        Err(_) => input.ids("id"),
    };
    if ids.is_empty() {
        let said = "Nothing was chosen, so nothing was ticked off.";
        return visit.done(&place, said).await;
    }
    let ticked = administrator.tick_off_form_changes(&ids, now()).await?;
    visit.services.worker.wake();
    visit.done(&place, &said(ticked)).await
}

/// The changes of a form that wait.
async fn open_of(visit: &Visit, form: i64) -> Result<Vec<i64>, Error> {
    let filter = FormChangeFilter {
        form: Some(form),
        ..FormChangeFilter::waiting()
    };
    let paging = Paging {
        size: AT_MOST,
        ..Paging::first()
    };
    let reader = visit.reader()?;
    let open = reader.list_form_changes(&filter, &paging, now()).await?;
    Ok(open.items.iter().map(|change| change.id).collect())
}

fn said(ticked: TickedOff) -> String {
    let changes = match ticked.changes {
        0 => "Somebody has ticked it off already.".to_owned(),
        1 => "Ticked off.".to_owned(),
        many => format!("{many} changes ticked off."),
    };
    match ticked.submissions {
        0 => changes,
        1 => format!("{changes} The submission that waited goes on."),
        many => format!("{changes} The {many} submissions that waited go on."),
    }
}

fn tabs(filter: &FormChangeFilter) -> impl IntoView + use<> {
    let tab = |open: bool, name: &str| {
        let other = FormChangeFilter {
            open: Some(open),
            ..filter.clone()
        };
        let path = Listed::new(PATH, other.pairs()).here();
        (path, name.to_owned(), filter.open == Some(open))
    };
    let tabs = vec![tab(true, "To look at"), tab(false, "Ticked off")];
    view! { <Tabs label="Changes" tabs=tabs /> }
}

fn filters(filter: &FormChangeFilter, accounts: Vec<choices::Choice>) -> impl IntoView + use<> {
    let now = filter.pairs();
    let [state, form, account] =
        ["state", "form", "account"].map(|name| now.value(name).to_owned());
    let keep = |value: String| Some(value).filter(|value| !value.is_empty());
    let (state, form) = (keep(state), keep(form));
    let active = filter.account.is_some() || filter.form.is_some();
    view! {
        <FilterBar path=PATH active=active>
            <Hidden name="state" value=state />
            <Hidden name="form" value=form />
            <Select name="account" label="Account" options=pick(accounts) value=account />
        </FilterBar>
    }
}

fn nothing(filter: &FormChangeFilter) -> impl IntoView + use<> {
    let title = match filter.open {
        Some(true) => "Nothing to look at",
        _ => "Nothing was ticked off yet",
    };
    view! {
        <Empty title=title>
            <p>"New forms, new versions, and questions and options that were added, reworded or taken away come here when an account syncs."</p>
            <p><a class="button" href="/forms">"Show all forms"</a></p>
        </Empty>
    }
}

/// Changes with what they come to. Administrators tick them off; `back` is where they come back to.
pub(super) fn list(
    page: Page<FormChange>,
    administrator: bool,
    back: String,
) -> impl IntoView + use<> {
    let open = page.items.iter().filter(|change| change.done_at.is_none());
    let open: Vec<i64> = open.map(|change| change.id).collect();
    let columns = vec![
        Column::new("What changed"),
        Column::new("What it means for leads"),
        Column::new("Submissions, last 30 days").number(),
        Column::new("Noticed"),
        Column::new(""),
    ];
    let rows = page.items.into_iter().map(|c| row(c, administrator));
    let table = view! { <Table caption="Form changes" columns=columns rows=rows.collect() /> };
    let all = (administrator && open.len() > 1).then(|| all_at_once(open, back.clone()));
    view! {
        <form method="post" action=PATH>
            <input type="hidden" name="back" value=back />
            {table}
        </form>
        {all}
    }
}

fn all_at_once(open: Vec<i64>, back: String) -> impl IntoView {
    let label = format!("I have seen all {}", open.len());
    let ids = open.into_iter().map(|id| {
        view! { <input type="hidden" name="id" value=id.to_string() /> }
    });
    view! {
        <form method="post" action=PATH>
            <input type="hidden" name="back" value=back />
            {ids.collect_view()}
            <button class="button" type="submit">{label}</button>
        </form>
    }
}

fn row(change: FormChange, administrator: bool) -> Row {
    let words = change.change.words();
    let versions = match change.from_version {
        Some(from) if from < change.to_version => {
            format!("version {from} → {}", change.to_version)
        }
        Some(_) => format!("changed in version {}", change.to_version),
        None => format!("version {}", change.to_version),
    };
    let name = change.form_name.clone();
    let form = match change.form_id {
        Some(id) => view! { <a href=format!("/forms/{id}")><bdi>{name}</bdi></a> }.into_any(),
        None => view! { <bdi>{name}</bdi> }.into_any(),
    };
    let held = (!change.held.is_zero()).then(|| {
        let held = counted(change.held, "submission waits", "submissions wait");
        view! { " "<Badge tone=Tone::Warn>{held}</Badge> }
    });
    let note = (!change.note.is_empty())
        .then(|| view! { <small><bdi>{change.note.clone()}</bdi></small> });
    Row::new()
        .cell(view! {
            <span dir="auto">{words.clone()}</span>
            <small class="muted">{form}", "{versions}</small>
        })
        .cell(view! { <span>{change.means.clone()}</span>{held}{note} })
        .cell(change.carried.to_string())
        .cell(view! { <Time at=change.noticed_at /> })
        .cell(next(change, words, administrator))
}

/// What can be done about a change, or who did it.
fn next(change: FormChange, words: String, administrator: bool) -> AnyView {
    if let Some(at) = change.done_at {
        let by = change.done_by.unwrap_or_default();
        return view! { <Time at=at /><small class="muted">{by}</small> }.into_any();
    }
    if !administrator {
        return view! { <span class="muted">"To look at"</span> }.into_any();
    }
    let seen = format!("Seen: {words}");
    let waiting = change.form_id.filter(|_| !change.held.is_zero());
    let let_go = waiting.map(|form| {
        let spoken = format!("Let them go on: {words}");
        view! {
            <button class="button small" name="form" value=form.to_string() aria-label=spoken>"Let them go on"</button>
        }
    });
    let unmapped = change.effect.unmapped.iter();
    let asked = |source: &&Source| matches!(source, Source::Predefined(_) | Source::Question(_));
    let questions: Vec<&Source> = unmapped.filter(asked).collect();
    let map = match questions.as_slice() {
        [] => None,
        [only] => Some(map(only).into_any()),
        _ => Some(
            view! { <a class="button small" href="/mappings">"Map the questions"</a> }.into_any(),
        ),
    };
    view! {
        <div class="row">
            {map}
            <button class="button small" name="id" value=change.id.to_string() aria-label=seen>"Seen"</button>
            {let_go}
        </div>
    }
    .into_any()
}

/// The way to the editor of a mapping of what no mapping takes.
fn map(source: &Source) -> impl IntoView + use<> {
    let word = format!("{}:{}", source.kind(), source.key());
    let path = format!(
        "/mappings/new?source={}",
        utf8_percent_encode(&word, NON_ALPHANUMERIC)
    );
    let spoken = format!("Map this question: {}", source.label());
    view! { <a class="button small" href=path aria-label=spoken>"Map this question"</a> }
}
