//! A lead changed by hand: its fields, its owner, whether it is open.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::extract::Path;
use leadline::{
    error::{Error, Kind},
    lead::{FieldKind, Fields, LeadField, LeadFields},
    store::{
        lead_edit::{LeadEdit, may_edit},
        now,
        views::{
            choices::Choice as Named,
            lead::{HistoryEntry, LeadView},
        },
    },
};
use leptos::prelude::*;

use crate::{
    Answer, FormState, Input, Visit,
    ui::{
        Changes, Check, Choice, Columns, Field, Moment, Section, Submit, Text, Timeline, Tone, pick,
    },
};

/// The form.
pub async fn show(visit: Visit, Path(id): Path<i64>) -> Answer {
    render(&visit, id, None, FormState::default()).await
}

/// Changes the lead, unless somebody else did since the form was read.
pub async fn save(visit: Visit, Path(id): Path<i64>, input: Input) -> Answer {
    let salesperson = visit.salesperson()?;
    let lead = visit.reader()?.find_lead(id).await?;
    let fields = visit.services.store.editable_fields(&lead.fields).await?;
    let input = meant(&fields, input, &lead);
    let mut form = FormState::of(&input);
    let typed = typed(&fields, &input);
    for (field, problem) in typed.problems(&fields, &lead.fields) {
        form.wrong(&field, problem);
    }
    if form.is_wrong() {
        return render(&visit, id, Some(&input), form).await;
    }
    match salesperson.edit_lead(id, &typed, now()).await {
        Err(error) if matches!(error.kind(), Kind::Conflict | Kind::Invalid) => {
            render(&visit, id, Some(&input), form.refused(&error)).await
        }
        saved => {
            let said = match saved? {
                true => "The lead is saved.",
                false => "There was nothing to change.",
            };
            visit.done(&after(&visit, id).await?, said).await
        }
    }
}

/// Where to go afterwards: who gave a lead away may not see it any more.
async fn after(visit: &Visit, id: i64) -> Result<String, Error> {
    match visit.reader()?.find_lead(id).await {
        Err(error) if error.kind() == Kind::NotFound => Ok("/leads".to_owned()),
        found => found.map(|_| format!("/leads/{id}")),
    }
}

fn typed(fields: &LeadFields, input: &Input) -> LeadEdit {
    let field = |field: &LeadField| {
        (
            field.name.clone(),
            input.text(&field.name).replace("\r\n", "\n"),
        )
    };
    LeadEdit {
        fields: fields.iter().map(field).collect(),
        owner: input.text("owner").parse().ok(),
        open: input.text("open") == "yes",
        version: input.text("version").parse().unwrap_or(-1),
    }
}

/// What the person wants: what they left as they saw it is as it is now, also when it was changed
/// meanwhile. Only when a field that they changed was changed meanwhile do they have to say so again.
fn meant(fields: &LeadFields, mut input: Input, lead: &LeadView) -> Input {
    let now = |field: &LeadField| lead.fields.get(&field.name).cloned().unwrap_or_default();
    let mut held: Vec<(String, String)> = fields.iter().map(|f| (f.name.clone(), now(f))).collect();
    let owner = lead.row.owner_id.map(|id| id.to_string());
    held.push(("owner".to_owned(), owner.unwrap_or_default()));
    held.push(("open".to_owned(), word(lead.row.open).to_owned()));
    let mut overtaken = false;
    for (name, now) in held {
        match way(&input, &name, &now) {
            Way::LeftAlone => input.put(&name, &now),
            Way::Changed => {}
            Way::Overtaken => overtaken = true,
        }
    }
    if !overtaken {
        input.put("version", &lead.row.version.to_string());
    }
    input
}

/// What a person did with a field.
enum Way {
    /// It is as they saw it.
    LeftAlone,
    /// They changed it, and nobody else did.
    Changed,
    /// They changed it, and it was changed meanwhile; or nobody knows what they saw.
    Overtaken,
}

fn way(input: &Input, name: &str, now: &str) -> Way {
    let mut pairs = input.pairs();
    let seen = pairs.find(|(key, _)| key.strip_prefix(SEEN) == Some(name));
    let (typed, now) = (mark(input.raw(name)), mark(now));
    match seen {
        Some((_, seen)) if seen == typed => Way::LeftAlone,
        Some((_, seen)) if seen == now || typed == now => Way::Changed,
        _ => Way::Overtaken,
    }
}

/// Tells one text from another, in few characters.
fn mark(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.replace("\r\n", "\n").trim().hash(&mut hasher);
    format!("{:x}", hasher.finish())
}

/// What a field held when the person saw it is marked in a hidden field of this name before its own.
const SEEN: &str = "seen.";

/// What owner and state come to where leads live in an organization.
const THERE: &str = "Closing the lead disqualifies it in Dynamics 365, with the reason Lost; opening it again opens it \
     there. A new owner gets it there too, if a user there has the same e-mail address.";

/// Why not all columns are offered where leads live in an organization.
const READ: &str = "These are the columns of Dynamics 365 that Leadline reads: those that field mappings fill and \
     strategies compare. Change all others there.";

fn word(open: bool) -> &'static str {
    if open { "yes" } else { "" }
}

/// The form with what was typed, else with what the lead holds.
async fn render(visit: &Visit, id: i64, input: Option<&Input>, form: FormState) -> Answer {
    let reader = visit.reader()?;
    let lead = reader.find_lead(id).await?;
    if lead.row.merged_into_id.is_some() || !may_edit(visit.person(), lead.row.owner_id) {
        return Err(Error::not_found("lead").into());
    }
    let store = &visit.services.store;
    let all = store.lead_fields().await?;
    let editable = store.editable_fields(&lead.fields).await?;
    let owners = reader.list_owner_choices(lead.row.owner_id).await?;
    let there = There {
        elsewhere: store.lives_elsewhere().await?,
        record: reader.find_record(id).await?.and_then(|record| record.url),
    };
    let number = |name| input.and_then(|input| input.text(name).parse::<i64>().ok());
    let overtaken = number("version").is_some_and(|seen| seen != lead.row.version);
    let since = number("seen_at").filter(|_| overtaken);
    let shown = match input {
        Some(input) => typed(&editable, input),
        None => LeadEdit {
            fields: lead.fields.clone(),
            owner: lead.row.owner_id,
            open: lead.row.open,
            version: lead.row.version,
        },
    };
    let sheet = visit
        .page(format!("Edit {}", lead.row.full_name))
        .back(format!("/leads/{id}"), lead.row.full_name.clone());
    Ok(sheet.form(form).show(
        move || view! { {meanwhile(&lead, all, since)}{fields(&lead, &editable, shown, owners, there)} },
    ))
}

/// Where the lead is, if not here.
struct There {
    /// Whether leads live in an organization.
    elsewhere: bool,
    /// Where its record is opened.
    record: Option<String>,
}

/// What changed since the person saw the lead; nothing when nothing did.
fn meanwhile(
    lead: &LeadView,
    all: LeadFields,
    since: Option<i64>,
) -> Option<impl IntoView + use<>> {
    let since = since?;
    let news: Vec<HistoryEntry> = lead
        .history
        .iter()
        .filter(|entry| entry.at > since)
        .cloned()
        .collect();
    let moments = move |entry: HistoryEntry| {
        let all = all.clone();
        view! {
            <Moment at=entry.at tone=Tone::Warn title=format!("By {}", entry.actor)>
                <Changes fields=all changes=entry.changes />
            </Moment>
        }
    };
    (!news.is_empty()).then(|| {
        view! {
            <Section title="Changed meanwhile">
                <p>"Save again to put what stands below in its place."</p>
                <Timeline>{news.into_iter().map(moments).collect_view()}</Timeline>
            </Section>
        }
    })
}

fn fields(
    lead: &LeadView,
    all: &LeadFields,
    edit: LeadEdit,
    owners: Vec<Named>,
    there: There,
) -> impl IntoView + use<> {
    let row = &lead.row;
    let mut people = vec![(String::new(), "Nobody".to_owned())];
    people.extend(pick(owners));
    let owner = edit.owner.map(|id| id.to_string());
    let held = |field: &LeadField| lead.fields.get(&field.name).cloned().unwrap_or_default();
    let needed = |field: &LeadField| field.required && !held(field).is_empty();
    let inputs = all.iter().map(|f| input(f, &edit.fields, needed(f)));
    let inputs: Vec<AnyView> = inputs.collect();
    let mut seen: Vec<(String, String)> = all.iter().map(|f| (f.name.clone(), held(f))).collect();
    let owned = row.owner_id.map(|id| id.to_string()).unwrap_or_default();
    seen.push(("owner".to_owned(), owned));
    seen.push(("open".to_owned(), word(row.open).to_owned()));
    let seen = seen.into_iter().map(|(name, value)| {
        view! { <input type="hidden" name=format!("{SEEN}{name}") value=mark(&value) /> }
    });
    view! {
        <form class="form" method="post" action=format!("/leads/{}/edit", row.id)>
            <input type="hidden" name="version" value=row.version.to_string() />
            <input type="hidden" name="seen_at" value=row.modified_at.to_string() />
            {seen.collect_view()}
            <Section title="Who works on it">
                <Choice name="owner" label="Owner" options=people value=owner.unwrap_or_default() />
                <div class="checks">
                    <Check name="open" value="yes" label="Open" checked=edit.open
                        hint="Off: the lead is closed. Submissions do not change it any more; the next one of this person makes a new lead." />
                </div>
                {there.elsewhere.then(|| view! { <p class="muted">{THERE}</p> })}
            </Section>
            <Section title="Fields">
                {there.elsewhere.then(|| view! { <p class="muted">{READ}</p> })}
                {there.record.map(|url| view! {
                    <p><a href=url target="_blank" rel="noopener">"Open in Dynamics 365"</a></p>
                })}
                <Columns>{inputs}</Columns>
            </Section>
            <Submit label="Save lead" />
        </form>
    }
}

/// The input that fits what the field holds; `needed` when it may not be emptied.
fn input(field: &LeadField, fields: &Fields, needed: bool) -> AnyView {
    let (name, label) = (field.name.clone(), field.label.clone());
    let value = fields.get(&name).cloned().unwrap_or_default();
    let optional = !needed;
    let (kind, most) = match field.kind {
        FieldKind::Choice | FieldKind::YesNo => {
            let options = options(field, &value);
            return view! { <Choice name=name label=label options=options value=value /> }
                .into_any();
        }
        FieldKind::Text if field.max_length > 1000 => {
            let most = field.max_length;
            return view! { <Text name=name label=label value=value most=most /> }.into_any();
        }
        FieldKind::Number => ("number", 30),
        FieldKind::Date => ("date", 10),
        FieldKind::Phone => ("tel", field.max_length),
        FieldKind::Text | FieldKind::Email | FieldKind::Url => ("text", field.max_length),
    };
    let most = u16::try_from(most).unwrap_or(u16::MAX);
    view! { <Field name=name label=label kind=kind value=value most=most optional=optional /> }
        .into_any()
}

/// What can be chosen; a value that the lead has already stays among it.
fn options(field: &LeadField, value: &str) -> Vec<(String, String)> {
    let yes_no = ["true".to_owned(), "false".to_owned()];
    let values = match field.kind {
        FieldKind::YesNo => &yes_no[..],
        _ => &field.choices,
    };
    let other = (!value.is_empty() && !values.iter().any(|own| own == value)).then_some(value);
    let all = values.iter().map(String::as_str).chain(other);
    let all = all.map(|value| (value.to_owned(), field.shown(value)));
    [(String::new(), "–".to_owned())]
        .into_iter()
        .chain(all)
        .collect()
}
