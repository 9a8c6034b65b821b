//! The list of people who sign in.

use leadline::store::{
    people::{ListedPerson, PersonState},
    views::{
        paging::{Page, Paging},
        people::{PersonFilter, RoleFilter},
    },
};
use leptos::prelude::*;

use crate::{
    Answer, Visit,
    ui::{
        Badge, Column, Empty, FilterBar, Hidden, Listed, Order, PersonBadge, Query, Row, Select,
        Table, Time, Tone, blank, roles,
    },
};

/// The list as its address says.
pub async fn show(visit: Visit, query: Query) -> Answer {
    let administrator = visit.administrator()?;
    let get = |name: &str| query.get(name);
    let filter = PersonFilter::read(&get)?;
    let paging = Paging::read(&get)?;
    let page = administrator.list_people(&filter, &paging).await?;
    let listed = Listed::new("/users", filter.pairs()).sorted(slug(&filter));
    let sheet = visit
        .page("Users")
        .actions(|| view! { <a class="button primary" href="/users/new">"Invite a user"</a> });
    Ok(sheet.show(move || view! { {filters(&listed, &filter)}{list(&listed, &filter, page)} }))
}

/// The word for the order in the address; the usual one needs none.
fn slug(filter: &PersonFilter) -> Option<&'static str> {
    filter.latest_first.then_some("signed-in")
}

fn filters(listed: &Listed, filter: &PersonFilter) -> impl IntoView + use<> {
    let pair = |(slug, label): (&str, &str)| (slug.to_owned(), label.to_owned());
    let roles = RoleFilter::ALL.map(|role| pair((role.slug(), role.label())));
    let states = PersonState::ALL.map(|state| pair((state.slug(), state.label())));
    let sort = slug(filter).map(str::to_owned);
    let now = filter.pairs();
    let now = move |name| now.value(name).to_owned();
    view! {
        <FilterBar path="/users" active=listed.filtered() search="Name or e-mail contains" value=now("q")>
            <Select name="role" label="Role" options=roles.to_vec() value=now("role") />
            <Select name="state" label="State" options=states.to_vec() value=now("state") />
            <Hidden name="sort" value=sort />
        </FilterBar>
    }
}

fn list(listed: &Listed, filter: &PersonFilter, page: Page<ListedPerson>) -> AnyView {
    let engine = (filter.wants_engine() && page.before.is_none()).then(engine);
    if page.items.is_empty() && engine.is_none() {
        return view! {
            <Empty title="Nobody fits this filter">
                <p><a class="button" href="/users">"Show all users"</a></p>
            </Empty>
        }
        .into_any();
    }
    let pager = listed.pager(&page, "user", "users");
    let rows = engine.into_iter().chain(page.items.into_iter().map(row));
    let (columns, rows) = (columns(listed, filter), rows.collect());
    view! { <Table caption="Users" columns=columns rows=rows />{pager} }.into_any()
}

fn columns(listed: &Listed, filter: &PersonFilter) -> Vec<Column> {
    let latest = filter.latest_first;
    vec![
        Column::new("Name").sort(listed.sort_by(None), (!latest).then_some(Order::Ascending)),
        Column::new("Roles"),
        Column::new("State"),
        Column::new("Second factor"),
        Column::new("Last signed in").sort(
            listed.sort_by(Some("signed-in")),
            latest.then_some(Order::Descending),
        ),
    ]
}

fn row(listed: ListedPerson) -> Row {
    let state = listed.state();
    let person = listed.person;
    let path = format!("/users/{}", person.id);
    Row::new()
        .cell(view! {
            <a href=path><bdi>{person.name.clone()}</bdi></a>
            <small class="muted">{person.email.clone()}</small>
        })
        .cell(roles(&person))
        .cell(view! { <PersonBadge state=state /> })
        .cell(second_factor(listed.second_factor))
        .cell(match listed.signed_in_at {
            Some(at) => view! { <Time at=at relative=true /> }.into_any(),
            None => view! { <span class="muted">"Never"</span> }.into_any(),
        })
}

/// Whether somebody gives a code besides their password.
pub(super) fn second_factor(on: bool) -> AnyView {
    match on {
        true => "On".into_any(),
        false => view! { <span class="muted">"Off"</span> }.into_any(),
    }
}

/// The sync engine's own identity, which is nobody's.
fn engine() -> Row {
    Row::new()
        .cell(view! {
            "S2S Inbound"
            <small class="muted">"Leadline’s own identity, in whose name it syncs. It cannot be changed or deleted."</small>
        })
        .cell("S2S Inbound")
        .cell(view! { <Badge tone=Tone::Quiet>"Built in"</Badge> })
        .cell(blank())
        .cell(view! { <span class="muted">"Never signs in"</span> })
}
