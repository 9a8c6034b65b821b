//! One lead field of one's own: added, changed, deleted.

use axum::extract::{Path, Query};
use leadline::{
    error::Kind,
    lead::{CustomField, FieldKind, LABEL_CHARS, MOST_CHARS},
    store::{now, views::lead_fields::FieldView},
};
use leptos::prelude::*;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::{fields::holds, mapping::source};
use crate::{
    Answer, FormState, Input, Visit,
    ui::{Choice, Confirm, Fact, Facts, Field, Section, Submit, Text},
};

/// How many characters a text holds when nobody says otherwise.
const USUAL_CHARS: usize = 200;

/// For which mapping a field is added: what it takes its value from, and its id if it is there.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Wish {
    #[serde(default)]
    source: String,
    #[serde(default)]
    mapping: String,
}

impl Wish {
    /// Where to go with the new field.
    fn back(&self, name: &str) -> Option<String> {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let field = encoded(name);
        match self.mapping.parse::<i64>() {
            Ok(id) => Some(format!("/mappings/{id}?field={field}")),
            Err(_) if self.source.is_empty() => None,
            Err(_) => {
                let source = encoded(&self.source);
                Some(format!("/mappings/new?source={source}&field={field}"))
            }
        }
    }
}

/// An empty form, or one that begins with a question and its options.
pub async fn begin(visit: Visit, Query(wish): Query<Wish>) -> Answer {
    let administrator = visit.administrator()?;
    let asked = source(&wish.source, "");
    let choices = match &asked {
        Some(source) => administrator.list_options(source).await?,
        None => Vec::new(),
    };
    let kind = match choices.is_empty() {
        true => FieldKind::Text,
        false => FieldKind::Choice,
    };
    let label = asked.map(|source| source.label()).unwrap_or_default();
    let label: String = label.chars().take(LABEL_CHARS).collect();
    let field = CustomField {
        label,
        kind,
        max_length: USUAL_CHARS,
        choices,
    };
    page(&visit, field, wish, FormState::default())
}

/// Adds a field.
pub async fn create(visit: Visit, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    let wish = Wish {
        source: input.text("source").to_owned(),
        mapping: input.text("mapping").to_owned(),
    };
    let kind = FieldKind::parse(input.text("kind"));
    let typed = typed(&input, kind.unwrap_or(FieldKind::Text));
    let mut form = FormState::of(&input);
    if kind.is_none() {
        form.wrong("kind", "Choose what the field holds.");
    }
    let fields = visit.services.store.lead_fields().await?;
    for (field, problem) in typed.problems(&fields, None) {
        form.wrong(field, problem);
    }
    if form.is_wrong() {
        return page(&visit, typed, wish, form);
    }
    match administrator.create_lead_field(&typed, now()).await {
        Err(error) if error.kind() == Kind::Invalid => {
            page(&visit, typed, wish, form.refused(&error))
        }
        made => {
            let made = made?.field;
            let back = wish.back(&made.name);
            let next = match back {
                Some(_) => "Now save the mapping that fills it.",
                None => "Now let a field mapping fill it.",
            };
            let said = format!("The field {} is added. {next}", made.label);
            visit
                .done(back.as_deref().unwrap_or("/fields"), &said)
                .await
        }
    }
}

/// The form of a field that is there.
pub async fn show(visit: Visit, Path(id): Path<i64>) -> Answer {
    let stands = visit.administrator()?.find_lead_field(id).await?;
    edit(&visit, id, stands, None, FormState::default())
}

/// Changes a field, unless somebody else did since the form was read.
pub async fn save(visit: Visit, Path(id): Path<i64>, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    let stands = administrator.find_lead_field(id).await?;
    let typed = typed(&input, stands.field.kind);
    let version = input.text("version").parse().unwrap_or(-1);
    let mut form = FormState::of(&input);
    let fields = visit.services.store.lead_fields().await?;
    for (field, problem) in typed.problems(&fields, Some(&stands.field.name)) {
        form.wrong(field, problem);
    }
    if form.is_wrong() {
        return edit(&visit, id, stands, Some((typed, version)), form);
    }
    let saved = administrator.save_lead_field(id, version, &typed, now());
    match saved.await {
        Err(error) if error.kind() == Kind::Conflict => {
            let stands = administrator.find_lead_field(id).await?;
            edit(
                &visit,
                id,
                stands,
                None,
                FormState::default().refused(&error),
            )
        }
        Err(error) if error.kind() == Kind::Invalid => edit(
            &visit,
            id,
            stands,
            Some((typed, version)),
            form.refused(&error),
        ),
        saved => {
            saved?;
            visit.done("/fields", "The field is saved.").await
        }
    }
}

/// Deletes a field that no rule uses.
pub async fn delete(visit: Visit, Path(id): Path<i64>) -> Answer {
    let administrator = visit.administrator()?;
    match administrator.delete_lead_field(id, now()).await {
        Err(error) if error.kind() == Kind::Conflict => {
            let stands = administrator.find_lead_field(id).await?;
            edit(
                &visit,
                id,
                stands,
                None,
                FormState::default().refused(&error),
            )
        }
        deleted => {
            deleted?;
            visit
                .done(
                    "/fields",
                    "The field is deleted. Leads keep what they hold in it.",
                )
                .await
        }
    }
}

fn typed(input: &Input, kind: FieldKind) -> CustomField {
    let choices: Vec<String> = input.raw("choices").lines().map(str::to_owned).collect();
    let length = input.text("max_length").parse().unwrap_or(0);
    CustomField::new(input.text("label"), kind, length, &choices)
}

/// The form of a new field.
fn page(visit: &Visit, field: CustomField, wish: Wish, form: FormState) -> Answer {
    let sheet = visit
        .page("New lead field")
        .back("/fields", "Lead fields")
        .form(form);
    Ok(sheet.show(move || {
        let kinds = FieldKind::ALL.map(|kind| (kind.slug().to_owned(), kind.label().to_owned()));
        view! {
            <form class="form" method="post" action="/fields/new">
                <input type="hidden" name="source" value=wish.source />
                <input type="hidden" name="mapping" value=wish.mapping />
                {label(&field.label)}
                <Choice name="kind" label="Holds" options=kinds.to_vec() value=field.kind.slug()
                    hint="It cannot be changed later." />
                {length(field.max_length, "For texts and addresses. Numbers, dates and choices need none.")}
                {choices(&field.choices, "One in each line, as leads are to hold it. For a choice only.")}
                <Submit label="Add field" />
            </form>
        }
    }))
}

/// The form of a field that is there, with what was typed, else how it stands.
fn edit(
    visit: &Visit,
    id: i64,
    stands: FieldView,
    typed: Option<(CustomField, i64)>,
    form: FormState,
) -> Answer {
    let field = &stands.field;
    let version = stands.added.map_or(-1, |(_, version)| version);
    let as_it_stands =
        || CustomField::new(&field.label, field.kind, field.max_length, &field.choices);
    let (shown, version) = typed.unwrap_or_else(|| (as_it_stands(), version));
    let sheet = visit
        .page(field.label.clone())
        .back("/fields", "Lead fields")
        .form(form);
    Ok(sheet.show(move || {
        let text = shown.kind.is_text();
        let choice = shown.kind == FieldKind::Choice;
        view! {
            <div class="page">
                {facts(&stands)}
                <form class="form" method="post" action=format!("/fields/{id}")>
                    <input type="hidden" name="version" value=version.to_string() />
                    {label(&shown.label)}
                    {text.then(|| length(shown.max_length, "Longer values that leads hold already stay."))}
                    {choice.then(|| choices(&shown.choices, "One in each line. Leads keep a choice that you take away."))}
                    <Submit label="Save field" />
                </form>
                {deletion(id, &stands)}
            </div>
        }
    }))
}

fn label(value: &str) -> impl IntoView + use<> {
    view! { <Field name="label" label="Label" value=value.to_owned() most=100 /> }
}

fn length(value: usize, hint: &'static str) -> impl IntoView + use<> {
    let label = format!("Characters at most, up to {MOST_CHARS}");
    view! { <Field name="max_length" label=label kind="number" value=value.to_string() hint=hint optional=true /> }
}

fn choices(choices: &[String], hint: &'static str) -> impl IntoView + use<> {
    view! { <Text name="choices" label="Choices" value=choices.join("\n") most=10_000 hint=hint /> }
}

fn facts(view: &FieldView) -> impl IntoView + use<> {
    let (name, holds) = (view.field.name.clone(), holds(&view.field));
    let mappings = counted(view.mappings, "mapping", "mappings");
    let strategies = counted(view.strategies, "strategy", "strategies");
    let leads = counted(view.leads, "lead", "leads");
    view! {
        <Facts>
            <Fact term="Logical name"><code>{name}</code></Fact>
            <Fact term="Holds">{holds}</Fact>
            <Fact term="Filled by">{mappings}</Fact>
            <Fact term="Compared by">{strategies}</Fact>
            <Fact term="On">{leads}</Fact>
        </Facts>
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn deletion(id: i64, view: &FieldView) -> impl IntoView + use<> {
    let free = view.mappings == 0 && view.strategies == 0;
    let title = format!("Delete {}?", view.field.label);
    let leads = match view.leads {
        0 => "No lead holds anything in it.".to_owned(),
        count => format!(
            "{} what they hold in it: it stays on their pages under {}, and nothing changes it any more.",
            match count {
                1 => "1 lead keeps".to_owned(),
                _ => format!("{count} leads keep"),
            },
            view.field.name
        ),
    };
    let what = match free {
        false => view! {
            <p class="muted">"A mapping fills it or a strategy compares it. Change or delete that first."</p>
        }
        .into_any(),
        true => view! {
            <div>
                <Confirm id="delete" label="Delete" title=title action=format!("/fields/{id}/delete") danger=true>
                    <p>{leads}" Its logical name is never given to another field."</p>
                </Confirm>
            </div>
        }
        .into_any(),
    };
    view! { <Section title="Delete">{what}</Section> }
}
