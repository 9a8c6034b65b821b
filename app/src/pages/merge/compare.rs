//! Two leads side by side: which values are taken, and what merging does, in words.

use leadline::{
    lead::{Change, Lead, LeadFields, display_name},
    merge::differences,
    store::{
        merges::{MergeWish, Pair},
        views::{choices::Choice as Named, paging::Total},
    },
};
use leptos::prelude::*;

use super::{OTHER, PICK};
use crate::{
    Answer, FormState, Visit,
    ui::{
        Choice, Column, LeadState, More, Pick, Row, Section, Submit, Table, Time, blank, counted,
        pick, thousands,
    },
};

/// The two leads, with what was chosen so far.
pub(super) async fn compare(visit: &Visit, id: i64, wish: &MergeWish, form: FormState) -> Answer {
    let pair = visit.administrator()?.find_pair(id, wish.other).await?;
    let fields = visit.services.store.lead_fields().await?;
    let owner = wish
        .choice
        .owner
        .or(pair.survivor.owner)
        .or(pair.other.owner);
    let owners = visit.reader()?.list_owner_choices(owner).await?;
    let name = display_name(&pair.survivor.fields);
    let sheet = visit
        .page("Merge two leads")
        .back(format!("/leads/{id}"), name)
        .form(form);
    let wish = wish.clone();
    Ok(sheet.show(move || body(&pair, &wish, &fields, owner, owners)))
}

fn body(
    pair: &Pair,
    wish: &MergeWish,
    fields: &LeadFields,
    owner: Option<i64>,
    owners: Vec<Named>,
) -> impl IntoView + use<> {
    let Pair { survivor, other } = pair;
    let swapped = format!("/leads/{}/merge?with={}", other.id, survivor.id);
    let leads = both(pair, &owners);
    let values = values(pair, wish, fields);
    let owner_choice = owner_choice(survivor, owner, owners);
    let sentences = sentences(pair).into_iter();
    let sentences = sentences
        .map(|text| view! { <li>{text}</li> })
        .collect_view();
    view! {
        <form class="form wide" method="post" action=format!("/leads/{}/merge", survivor.id)>
            <input type="hidden" name="with" value=other.id.to_string() />
            <input type="hidden" name="version" value=survivor.version.to_string() />
            <input type="hidden" name="other_version" value=other.version.to_string() />
            <Section title="The two leads" actions=move || view! {
                <a class="button" href=swapped.clone()>"Keep the other one instead"</a>
            }.into_any()>{leads}</Section>
            <Section title="Values">{values}</Section>
            <Section title="Who works on it">{owner_choice}</Section>
            <Section title="What will happen"><ul>{sentences}</ul></Section>
            <Submit label="Merge the leads" />
        </form>
    }
}

/// Which is which.
fn both(pair: &Pair, owners: &[Named]) -> impl IntoView + use<> {
    let columns = vec![
        Column::new("Lead"),
        Column::new("What becomes of it"),
        Column::new("State"),
        Column::new("Owner"),
        Column::new("Submissions").number(),
        Column::new("Latest submission"),
    ];
    let row = |lead: &Lead, becomes: &'static str| {
        let owner = owners.iter().find(|person| Some(person.id) == lead.owner);
        let owner = owner.map(|person| person.name.clone());
        Row::new()
            .link(format!("/leads/{}", lead.id), display_name(&lead.fields))
            .cell(becomes)
            .cell(view! { <LeadState open=lead.open /> })
            .cell(owner.map_or_else(blank, |name| view! { <bdi>{name}</bdi> }.into_any()))
            .cell(thousands(lead.submission_count))
            .cell(view! { <Time at=lead.latest_submitted_at /> })
    };
    let rows = vec![
        row(&pair.survivor, "Stays"),
        row(&pair.other, "Goes into the other"),
    ];
    view! { <Table caption="The two leads" columns=columns rows=rows /> }
}

/// The fields that differ, to choose from; the others folded away.
fn values(pair: &Pair, wish: &MergeWish, fields: &LeadFields) -> impl IntoView + use<> {
    let place = |name: &str| fields.iter().position(|field| field.name == name);
    let mut differing = differences(&pair.survivor, &pair.other);
    differing.sort_by_key(|change| place(&change.field).unwrap_or(usize::MAX));
    let columns = || {
        vec![
            Column::new("Field"),
            Column::new("Stays"),
            Column::new("Goes"),
        ]
    };
    let rows: Vec<Row> = differing
        .iter()
        .map(|change| {
            let label = fields.label(&change.field).to_owned();
            values_of(
                change,
                label,
                wish.choice.from_other.contains(&change.field),
            )
        })
        .collect();
    let same: Vec<Row> = fields
        .iter()
        .filter_map(|field| Some((field, pair.survivor.fields.get(&field.name)?)))
        .filter(|(field, value)| pair.other.fields.get(&field.name) == Some(value))
        .map(|(field, value)| Row::new().cell(field.label.clone()).cell(shown(value)))
        .collect();
    let title = match same.len() {
        1 => "One field is the same in both".to_owned(),
        many => format!("{many} fields are the same in both"),
    };
    let differ = match rows.is_empty() {
        true => view! { <p class="muted">"There is nothing to choose: no field differs."</p> }
            .into_any(),
        false => {
            view! { <Table caption="Values that differ" columns=columns() rows=rows /> }.into_any()
        }
    };
    view! {
        {differ}
        {(!same.is_empty()).then(|| view! {
            <More title=title>
                <Table caption="Values that are the same" columns=vec![Column::new("Field"), Column::new("Both")] rows=same />
            </More>
        })}
    }
}

/// One field in both leads. Where only one has a value, that one is taken.
fn values_of(change: &Change, label: String, from_other: bool) -> Row {
    let (own, theirs) = (change.before.as_deref(), change.after.as_deref());
    let name = format!("{PICK}{}", change.field);
    let choice = |value: Option<&str>, word: &'static str, checked: bool| match value {
        Some(value) if own.is_some() && theirs.is_some() => {
            let (spoken, value) = (format!("{label}: {value}"), value.to_owned());
            view! { <Pick name=name.clone() value=word label=spoken checked=checked>{value}</Pick> }
                .into_any()
        }
        Some(value) => {
            view! { {shown(value)}<small class="muted">"Taken: the other has none"</small> }
                .into_any()
        }
        None => blank(),
    };
    Row::new()
        .cell(label.clone())
        .cell(choice(own, "own", !from_other))
        .cell(choice(theirs, OTHER, from_other))
}

fn shown(value: &str) -> AnyView {
    view! { <span class="text" dir="auto">{value.to_owned()}</span> }.into_any()
}

fn owner_choice(survivor: &Lead, owner: Option<i64>, owners: Vec<Named>) -> impl IntoView + use<> {
    let nobody = (String::new(), "Nobody".to_owned());
    let mut people: Vec<(String, String)> = Vec::new();
    people.extend(survivor.owner.is_none().then_some(nobody));
    people.extend(pick(owners));
    let owner = owner.map(|id| id.to_string()).unwrap_or_default();
    view! { <Choice name="owner" label="Owner" options=people value=owner /> }
}

/// What merging does, with numbers.
fn sentences(pair: &Pair) -> Vec<String> {
    let Pair { survivor, other } = pair;
    let (stays, goes) = (display_name(&survivor.fields), display_name(&other.fields));
    let submissions = |n| counted(Total::new(n), "submission", "submissions");
    let sum = survivor.submission_count + other.submission_count;
    let moving = if other.submission_count == 1 {
        "moves"
    } else {
        "move"
    };
    let state = if survivor.open { "open" } else { "closed" };
    vec![
        format!(
            "{} {moving} to {stays} (lead {}), which has {sum} then. Its history shows what happened to both.",
            submissions(other.submission_count),
            survivor.id
        ),
        format!(
            "{goes} (lead {}) is in no list any more, and no submission is matched to it. Its address leads to the lead that stays.",
            other.id
        ),
        format!("The lead stays {state}. Submissions of the person are matched to it by the values chosen above."),
        "It can be undone on the page of the lead: values and submissions go back, what happens after the merge stays.".to_owned(),
    ]
}
