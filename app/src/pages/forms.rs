//! The list of forms.

use leadline::store::{
    now,
    views::{
        choices::Choice,
        form_changes::{FormChange, FormChangeFilter},
        forms::{FormFilter, FormRow},
        paging::{Page, Paging},
    },
};
use leptos::prelude::*;

use super::form_changes;
use crate::{
    Answer, Visit,
    ui::{
        Column, Empty, FilterBar, LinkedInState, Listed, Query, Row, Section, Select, Table, Time,
        blank, counted, pick,
    },
};

/// How many changes stand above the list.
const CHANGES: usize = 5;

/// LinkedIn's states of a form.
const STATES: [(&str, &str); 3] = [
    ("PUBLISHED", "Published"),
    ("DRAFT", "Draft"),
    ("ARCHIVED", "Archived"),
];

/// The list as its address says.
pub async fn show(visit: Visit, query: Query) -> Answer {
    let reader = visit.reader()?;
    let get = |name: &str| query.get(name);
    let filter = FormFilter::read(&get)?;
    let page = reader.list_forms(&filter, &Paging::read(&get)?).await?;
    let accounts = reader.list_account_choices(filter.account).await?;
    let first = Paging {
        size: CHANGES,
        ..Paging::first()
    };
    let waiting = FormChangeFilter::waiting();
    let changes = reader.list_form_changes(&waiting, &first, now()).await?;
    let administrator = visit.person().administrator;
    let listed = Listed::new("/forms", filter.pairs());
    Ok(visit.page("Forms").show(move || {
        let pager = listed.pager(&page, "form", "forms");
        let list = if page.items.is_empty() {
            nothing(listed.filtered()).into_any()
        } else {
            let rows = page.items.into_iter().map(row).collect();
            view! { <Table caption="Forms" columns=columns() rows=rows />{pager} }.into_any()
        };
        let changes = changes_section(changes, administrator);
        view! {
            {changes}
            {filters(&listed, &filter, accounts)}
            {list}
            <p><a href=form_changes::PATH>"What changed at forms"</a></p>
        }
    }))
}

/// What waits for somebody to look at it, above the list.
fn changes_section(changes: Page<FormChange>, administrator: bool) -> Option<impl IntoView> {
    let more = counted(changes.total, "change", "changes");
    let several = changes.after.is_some();
    (!changes.items.is_empty()).then(|| {
        view! {
            <Section title="Changes to look at">
                {form_changes::list(changes, administrator, "/forms".to_owned())}
                {several.then(|| view! { <p><a href=form_changes::PATH>{format!("Show all {more}")}</a></p> })}
            </Section>
        }
    })
}

fn filters(listed: &Listed, filter: &FormFilter, accounts: Vec<Choice>) -> impl IntoView + use<> {
    let states = STATES.map(|(key, label)| (key.to_owned(), label.to_owned()));
    let now = filter.pairs();
    let now = move |name| now.value(name).to_owned();
    view! {
        <FilterBar path="/forms" active=listed.filtered() search="Name contains" value=now("q")>
            <Select name="account" label="Account" options=pick(accounts) value=now("account") />
            <Select name="state" label="State" options=states.to_vec() value=now("state") />
        </FilterBar>
    }
}

fn nothing(filtered: bool) -> impl IntoView {
    if filtered {
        return view! {
            <Empty title="No form fits this filter">
                <p><a class="button" href="/forms">"Show all forms"</a></p>
            </Empty>
        };
    }
    view! {
        <Empty title="No forms yet">
            <p>"Forms are read from LinkedIn when an account syncs."</p>
            <p><a class="button" href="/accounts">"See the accounts"</a></p>
        </Empty>
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("Form"),
        Column::new("Account"),
        Column::new("State"),
        Column::new("Language"),
        Column::new("Submissions").number(),
        Column::new("Leads").number(),
        Column::new("Latest submission"),
    ]
}

fn row(row: FormRow) -> Row {
    let (form, came) = (row.form, row.came);
    let id = form.id;
    Row::new()
        .cell(view! { <a href=format!("/forms/{id}")><bdi>{form.name}</bdi></a> })
        .cell(view! { <bdi>{form.account_name}</bdi> })
        .cell(view! { <LinkedInState state=form.state /> })
        .cell(form.locale.map_or_else(blank, |locale| locale.into_any()))
        .link(
            format!("/submissions?form={id}"),
            came.submissions.to_string(),
        )
        .link(format!("/leads?form={id}"), came.leads.to_string())
        .cell(
            came.last_submitted_at
                .map_or_else(blank, |at| view! { <Time at=at /> }.into_any()),
        )
}
