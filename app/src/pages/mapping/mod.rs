//! The editor of a field mapping, with a preview of what it would do.

use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect},
};
use leadline::{
    error::{Error, Kind},
    lead::{LeadFields, Policy},
    mapping::{Fact, FieldMapping, Source, TooLong},
    store::{mappings::VersionedMapping, now, order::Towards, views::sources::FoundSource},
    sync::preview::preview_mapping,
};
use leptos::prelude::*;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::{
    Answer, Failure, FormState, Input, Visit,
    ui::{Banner, Choice, Confirm, Field, Section, Tone},
};

mod draft;
pub(super) mod seen;
mod steps;

use seen::Seen;
use steps::Steps;

use super::fields::in_full;

/// How many submissions the preview looks at when nobody says otherwise.
const LATEST: u64 = 200;

/// What a mapping begins with, or gets: a source, a lead field.
#[derive(Debug, Default, Deserialize)]
pub struct Wish {
    #[serde(default)]
    source: String,
    #[serde(default)]
    field: String,
}

/// An empty editor, or one that begins with a source.
pub async fn begin(visit: Visit, Query(wish): Query<Wish>) -> Answer {
    if let Some(typed) = with_new_field(&visit, 0, &wish).await? {
        return render(&visit, typed, FormState::default(), None).await;
    }
    let mapping = FieldMapping {
        id: 0,
        source: source(&wish.source, "").unwrap_or(Source::Predefined(String::new())),
        form: None,
        steps: Vec::new(),
        lead_field: wish.field,
        policy: Policy::Overwrite,
        too_long: TooLong::Cut,
    };
    render(
        &visit,
        VersionedMapping {
            mapping,
            version: 0,
        },
        FormState::default(),
        None,
    )
    .await
}

/// The editor of a mapping that is there.
pub async fn show(visit: Visit, Path(id): Path<i64>, Query(wish): Query<Wish>) -> Answer {
    let mut stands = visit.administrator()?.find_mapping(id).await?;
    let typed = with_new_field(&visit, id, &wish).await?;
    if !wish.field.is_empty() {
        stands.mapping.lead_field = wish.field;
    }
    render(&visit, typed.unwrap_or(stands), FormState::default(), None).await
}

/// What was typed before a lead field was added for it, with that field.
async fn with_new_field(
    visit: &Visit,
    id: i64,
    wish: &Wish,
) -> Result<Option<VersionedMapping>, Failure> {
    visit.administrator()?;
    if wish.field.is_empty() {
        return Ok(None);
    }
    let kept = draft::take(visit, id).await?;
    Ok(kept.map(|input| {
        let mut typed = typed(id, &input);
        typed.mapping.lead_field.clone_from(&wish.field);
        typed
    }))
}

/// A new mapping: saved, previewed, or with another step.
pub async fn create(visit: Visit, input: Input) -> Answer {
    visit.administrator()?;
    post(visit, 0, input).await
}

/// A mapping that is there: saved, previewed, or with another step.
pub async fn save(visit: Visit, Path(id): Path<i64>, input: Input) -> Answer {
    visit.administrator()?.find_mapping(id).await?;
    post(visit, id, input).await
}

/// Deletes a mapping.
pub async fn delete(visit: Visit, Path(id): Path<i64>) -> Answer {
    visit.administrator()?.delete_mapping(id, now()).await?;
    visit
        .done(
            "/mappings",
            "The mapping is deleted. Leads keep what it wrote.",
        )
        .await
}

/// Moves a mapping in the order.
pub async fn shift(visit: Visit, Path(id): Path<i64>, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    let towards = Towards::parse(input.text("to"));
    let towards =
        towards.ok_or_else(|| Error::invalid("A mapping is moved up, down or to a place."))?;
    administrator.move_mapping(id, towards, now()).await?;
    visit.done("/mappings", "The order is saved.").await
}

async fn post(visit: Visit, id: i64, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    let typed = typed(id, &input);
    let mut form = FormState::of(&input);
    let pressed = input.text("do");
    if pressed == "new-field" {
        draft::keep(&visit, id, &input).await?;
        return Ok(Redirect::to(&new_field(id, input.text("source"))).into_response());
    }
    if !matches!(pressed, "save" | "preview") {
        return render(&visit, typed, form, None).await;
    }
    if let Err((field, message)) = typed
        .mapping
        .check(&visit.services.store.lead_fields().await?)
    {
        form.wrong(field, message);
        return render(&visit, typed, form, None).await;
    }
    if pressed == "preview" {
        let latest = input.text("latest").parse().unwrap_or(LATEST);
        let organization = &visit.services.organization;
        let seen = preview_mapping(&administrator, organization, &typed.mapping, latest, now());
        let seen = seen.await?;
        return render(&visit, typed, form, Some(seen)).await;
    }
    let saved = match id {
        0 => administrator
            .create_mapping(&typed.mapping, now())
            .await
            .map(drop),
        _ => administrator.save_mapping(&typed, now()).await,
    };
    match saved {
        Err(error) if error.kind() == Kind::Conflict => {
            let stands = administrator.find_mapping(id).await?;
            render(&visit, stands, FormState::default().refused(&error), None).await
        }
        Err(error) if error.kind() == Kind::Invalid => {
            render(&visit, typed, form.refused(&error), None).await
        }
        saved => {
            saved?;
            let said = "The mapping is saved. Submissions that arrive from now on carry it.";
            visit.done("/mappings", said).await
        }
    }
}

fn typed(id: i64, input: &Input) -> VersionedMapping {
    VersionedMapping {
        mapping: read(id, input),
        version: input.text("version").parse().unwrap_or(-1),
    }
}

fn read(id: i64, input: &Input) -> FieldMapping {
    let policy = Policy::parse(input.text("policy")).unwrap_or(Policy::Overwrite);
    let source = source(input.text("source"), input.text("constant"));
    FieldMapping {
        id,
        source: source.unwrap_or(Source::Predefined(String::new())),
        form: input.text("form").parse().ok(),
        steps: steps::read(input),
        lead_field: input.text("lead_field").to_owned(),
        policy,
        too_long: TooLong::parse(input.text("too_long")).unwrap_or_default(),
    }
}

/// A source as the form names it: kind, a colon, key; the text of a fixed text stands for itself.
pub(super) fn source(word: &str, constant: &str) -> Option<Source> {
    let (kind, key) = word.split_once(':')?;
    match kind {
        "constant" if key.is_empty() => Some(Source::Constant(constant.to_owned())),
        _ => Source::parse(kind, key),
    }
}

fn word(source: &Source) -> String {
    match source {
        Source::Constant(_) => "constant:".to_owned(),
        _ => format!("{}:{}", source.kind(), source.key()),
    }
}

async fn render(
    visit: &Visit,
    versioned: VersionedMapping,
    form: FormState,
    seen: Option<leadline::preview::Preview>,
) -> Answer {
    let administrator = visit.administrator()?;
    let found = administrator.list_found_sources().await?;
    let forms = administrator.list_form_names().await?;
    let fields = visit.services.store.lead_fields().await?;
    let elsewhere = visit.services.store.receiver().await?.is_some();
    let title = match versioned.mapping.id {
        0 => "New field mapping".to_owned(),
        _ => format!("Mapping of {}", versioned.mapping.source.label()),
    };
    let wrong = form.error("steps");
    let sheet = visit
        .page(title)
        .back("/mappings", "Field mappings")
        .form(form);
    Ok(sheet.show(move || body(versioned, fields, elsewhere, found, forms, wrong, seen)))
}

fn body(
    versioned: VersionedMapping,
    fields: LeadFields,
    elsewhere: bool,
    found: Vec<FoundSource>,
    forms: Vec<(i64, String)>,
    wrong: Option<String>,
    seen: Option<leadline::preview::Preview>,
) -> impl IntoView {
    let mapping = versioned.mapping;
    let id = mapping.id;
    let (action, delete) = match id {
        0 => ("/mappings/new".to_owned(), None),
        _ => (
            format!("/mappings/{id}"),
            Some(format!("/mappings/{id}/delete")),
        ),
    };
    let constant = match &mapping.source {
        Source::Constant(text) => text.clone(),
        _ => String::new(),
    };
    let lead_fields = fields.iter().map(|field| match elsewhere {
        true => (field.name.clone(), in_full(field)),
        false => (field.name.clone(), field.label.clone()),
    });
    let lead_fields = choose("Choose a field")
        .chain(lead_fields)
        .collect::<Vec<_>>();
    let policies = [Policy::Overwrite, Policy::FillEmpty, Policy::Never];
    let policies = policies.map(|p| (p.slug().to_owned(), p.label().to_owned()));
    let lengths = TooLong::ALL.map(|t| (t.slug().to_owned(), t.label().to_owned()));
    let everywhere = [(String::new(), "All forms".to_owned())];
    let forms = forms.into_iter().map(|(id, name)| (id.to_string(), name));
    let forms = everywhere.into_iter().chain(forms).collect::<Vec<_>>();
    let form = mapping.form.map(|id| id.to_string()).unwrap_or_default();
    let source_word = word(&mapping.source);
    let new_field = match elsewhere {
        true => view! {
            <p class="hint">"Columns are added in Dynamics 365; then read the fields again on the page "<a href="/crm">"CRM"</a>"."</p>
        }
        .into_any(),
        false => view! {
            <p><button class="button small" type="submit" name="do" value="new-field">"New field…"</button></p>
        }
        .into_any(),
    };
    let chosen = fields.get(&mapping.lead_field);
    let choices = chosen.filter(|field| !field.choices.is_empty()).map(|field| {
        view! { <p class="hint">{format!("{} holds: {}", field.label, field.choices.join(", "))}</p> }
    });
    let trouble = (id != 0).then(|| mapping.trouble(&fields)).flatten();
    let trouble = trouble.map(|why| {
        view! { <Banner tone=Tone::Bad title="This mapping does not work">{why}</Banner> }
    });
    view! {
        <div class="page">
            {trouble}
            <form class="form wide" method="post" action=action>
                <input type="hidden" name="version" value=versioned.version.to_string() />
                <Section title="From LinkedIn">
                    <Choice name="source" label="Value" options=sources(&mapping.source, found) value=source_word
                        hint="A custom question is found by its text, in every form that asks it." />
                    <Field name="constant" label="Text, if it is a fixed text" value=constant most=500 optional=true />
                    <Choice name="form" label="For the submissions of" options=forms value=form />
                </Section>
                <Steps steps=mapping.steps wrong=wrong />
                <Section title="To the lead">
                    <Choice name="lead_field" label="Field" options=lead_fields value=mapping.lead_field />
                    {choices}
                    {new_field}
                    <Choice name="policy" label="When the lead has a value" options=policies.to_vec() value=mapping.policy.slug()
                        hint="A blank answer never erases a value." />
                    <Choice name="too_long" label="When a text is too long" options=lengths.to_vec() value=mapping.too_long.slug()
                        hint="Addresses and telephone numbers are never cut." />
                </Section>
                <div class="row">
                    <button class="button primary" type="submit" name="do" value="save">"Save mapping"</button>
                    <button class="button" type="submit" name="do" value="preview">"Preview"</button>
                    <label for="latest">"of the latest"</label>
                    <select id="latest" name="latest">
                        <option value="50">"50 submissions"</option>
                        <option value="200" selected=true>"200 submissions"</option>
                        <option value="1000">"1,000 submissions"</option>
                    </select>
                </div>
            </form>
            {seen.map(|seen| view! { <Seen fields=fields preview=seen /> })}
            {delete.map(|action| view! {
                <Confirm id="delete" label="Delete" title="Delete this mapping?" action=action danger=true>
                    <p>"Submissions that arrive from now on do not fill the field any more. Leads keep what they have."</p>
                </Confirm>
            })}
        </div>
    }
}

/// Where a lead field is added for this mapping.
fn new_field(id: i64, source: &str) -> String {
    let source = utf8_percent_encode(source, NON_ALPHANUMERIC);
    match id {
        0 => format!("/fields/new?source={source}"),
        _ => format!("/fields/new?source={source}&mapping={id}"),
    }
}

fn choose(text: &str) -> impl Iterator<Item = (String, String)> + use<> {
    [(String::new(), text.to_owned())].into_iter()
}

/// Everything that a value can be taken from, by kind; the one in use is always among it.
fn sources(own: &Source, found: Vec<FoundSource>) -> Vec<(String, String)> {
    let mut all: Vec<Source> = found.into_iter().map(|found| found.source).collect();
    if !own.key().is_empty() && !all.contains(own) && !matches!(own, Source::Constant(_)) {
        all.insert(0, own.clone());
    }
    for fact in Fact::ALL.map(Source::Fact) {
        if !all.contains(&fact) {
            all.push(fact);
        }
    }
    let option = |source: Source| {
        let label = format!("{}: {}", source.kind_label(), source.label());
        (word(&source), label)
    };
    let fixed = ("constant:".to_owned(), "Fixed text".to_owned());
    choose("Choose what to take")
        .chain(all.into_iter().map(option))
        .chain([fixed])
        .collect()
}
