//! One version of a form: what it asks, and what came of it.

use axum::extract::Path;
use leadline::{
    drift::Change,
    store::{
        now,
        views::{
            form::{FormVersion, FormView, VersionRow},
            form_changes::{FormChange, FormChangeFilter},
            paging::{Page, Paging},
        },
    },
    submission::{FormContent, Question},
};
use leptos::prelude::*;

use super::form_changes;
use crate::{
    Answer, Visit,
    ui::{
        Badge, Banner, Column, Fact, Facts, LinkedInState, Row, Section, Table, Tile, Tiles, Time,
        Tone, blank,
    },
};

/// The page.
pub async fn show(visit: Visit, Path(id): Path<i64>) -> Answer {
    let reader = visit.reader()?;
    let form = reader.find_form(id).await?;
    let filter = FormChangeFilter {
        form: Some(id),
        ..FormChangeFilter::waiting()
    };
    let first = Paging::first();
    let changes = reader.list_form_changes(&filter, &first, now()).await?;
    let administrator = visit.person().administrator;
    let sheet = visit.page(form.form.name.clone()).back("/forms", "Forms");
    Ok(sheet.show(move || {
        view! { {changes_section(changes, administrator, id)}{body(form)} }
    }))
}

/// What waits for somebody to look at it.
fn changes_section(
    changes: Page<FormChange>,
    administrator: bool,
    id: i64,
) -> Option<impl IntoView> {
    (!changes.items.is_empty()).then(|| {
        view! {
            <Section title="Changes to look at">
                {form_changes::list(changes, administrator, format!("/forms/{id}"))}
            </Section>
        }
    })
}

fn body(view: FormView) -> impl IntoView {
    let (form, came) = (view.form, view.came);
    let id = form.id;
    let (questions, consents) = (questions(&view.content), consents(&view.content));
    let hidden = hidden(&view.content);
    let current = view.versions.iter().find(|v| v.current).map(|v| v.id);
    let outdated = (!form.current).then_some(current).flatten();
    view! {
        <div class="page">
            {outdated.map(|id| view! {
                <Banner tone=Tone::Info title="This is an older version of the form.">
                    <a href=format!("/forms/{id}")>"See what people fill in now"</a>
                </Banner>
            })}
            <Tiles>
                <Tile label="Submissions" value=came.submissions.to_string() path=format!("/submissions?form={id}") />
                <Tile label="Leads" value=came.leads.to_string() path=format!("/leads?form={id}") />
            </Tiles>
            {facts(form.clone(), came.last_submitted_at)}
            <Section title="Questions">{questions}</Section>
            {consents}
            {hidden}
            <Section title="What people see">{texts(form)}</Section>
            {versions(view.versions, id)}
        </div>
    }
}

fn facts(form: FormVersion, last: Option<i64>) -> impl IntoView {
    let (id, name) = (form.account_id, form.account_name.clone());
    let account = match form.account_open {
        true => view! { <a href=format!("/accounts/{id}")><bdi>{name}</bdi></a> }.into_any(),
        false => view! { <bdi>{name}</bdi> }.into_any(),
    };
    let last = last.map_or_else(blank, |at| view! { <Time at=at /> }.into_any());
    view! {
        <Facts>
            <Fact term="Account">{account}</Fact>
            <Fact term="State"><LinkedInState state=form.state.clone() /></Fact>
            <Fact term="Review"><LinkedInState state=form.review_status.clone() /></Fact>
            <Fact term="Language">{form.locale.clone().map_or_else(blank, IntoAny::into_any)}</Fact>
            <Fact term="Version">{form.version}</Fact>
            <Fact term="Latest submission">{last}</Fact>
            <Fact term="LinkedIn's id"><code>{form.linkedin_id}</code></Fact>
        </Facts>
    }
}

fn questions(content: &FormContent) -> AnyView {
    if content.questions.is_empty() {
        return view! { <p class="muted">"This form asks nothing."</p> }.into_any();
    }
    let columns = vec![
        Column::new("Question"),
        Column::new("LinkedIn field"),
        Column::new("Required"),
        Column::new("Options"),
    ];
    let rows = content.questions.iter().map(question).collect();
    view! { <Table caption="Questions" columns=columns rows=rows /> }.into_any()
}

fn question(question: &Question) -> Row {
    let title = if question.text.is_empty() {
        question.name.clone()
    } else {
        question.text.clone()
    };
    let name = (question.name != title).then(|| question.name.clone());
    let field = match question.predefined.clone() {
        Some(key) => view! { <code>{key}</code> }.into_any(),
        None => view! { <span class="muted">"Custom question"</span> }.into_any(),
    };
    let options: Vec<_> = question
        .options
        .iter()
        .map(|option| view! { <li><bdi>{option.text.clone()}</bdi></li> })
        .collect();
    Row::new()
        .cell(view! { <bdi>{title}</bdi>{name.map(|name| view! { <small class="muted"><bdi>{name}</bdi></small> })} })
        .cell(field)
        .cell(yes_or_no(question.required))
        .cell(if options.is_empty() { blank() } else { view! { <ul class="plain">{options}</ul> }.into_any() })
}

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "Yes" } else { "No" }
}

fn consents(content: &FormContent) -> Option<impl IntoView + use<>> {
    let columns = vec![Column::new("Wording"), Column::new("Required")];
    let rows: Vec<Row> = content
        .consents
        .iter()
        .map(|consent| {
            let text = consent.text.clone();
            Row::new()
                .cell(view! { <span class="text" dir="auto">{text}</span> })
                .cell(yes_or_no(consent.required))
        })
        .collect();
    (!rows.is_empty()).then(|| {
        view! { <Section title="Consents"><Table caption="Consents" columns=columns rows=rows /></Section> }
    })
}

fn hidden(content: &FormContent) -> Option<impl IntoView + use<>> {
    let facts: Vec<_> = content
        .hidden
        .iter()
        .map(|field| {
            let value = field.value.clone();
            view! { <Fact term=field.name.clone()><bdi>{value}</bdi></Fact> }
        })
        .collect();
    (!facts.is_empty())
        .then(|| view! { <Section title="Hidden fields"><Facts>{facts}</Facts></Section> })
}

/// The texts around the questions. Addresses are LinkedIn's words and thus text, not links, unless
/// they are of the web.
fn texts(form: FormVersion) -> impl IntoView {
    let text = |text: Option<String>| {
        text.filter(|text| !text.is_empty())
            .map_or_else(blank, |text| {
                view! { <span class="text" dir="auto">{text}</span> }.into_any()
            })
    };
    view! {
        <Facts>
            <Fact term="Headline">{text(form.headline)}</Fact>
            <Fact term="Description">{text(form.description)}</Fact>
            <Fact term="Thank-you message">{text(form.thank_you)}</Fact>
            <Fact term="Landing page">{web(form.landing_page_url)}</Fact>
            <Fact term="Privacy policy">{web(form.privacy_policy_url)}</Fact>
        </Facts>
    }
}

fn web(url: Option<String>) -> AnyView {
    match url.filter(|url| !url.is_empty()) {
        Some(url) if url.starts_with("https://") || url.starts_with("http://") => {
            let path = url.clone();
            view! { <a href=path rel="noreferrer noopener nofollow" target="_blank">{url}</a> }
                .into_any()
        }
        Some(url) => view! { <bdi>{url}</bdi> }.into_any(),
        None => blank(),
    }
}

/// What differs from the version before.
fn differences(changes: &[Change]) -> AnyView {
    if changes.is_empty() {
        return blank();
    }
    let words = changes.iter().map(Change::words);
    let words = words.map(|words| view! { <li dir="auto">{words}</li> });
    view! { <ul class="plain">{words.collect_view()}</ul> }.into_any()
}

fn versions(versions: Vec<VersionRow>, shown: i64) -> Option<impl IntoView> {
    let columns = vec![
        Column::new("Version"),
        Column::new("Seen first"),
        Column::new("What changed"),
        Column::new(""),
    ];
    let several = versions.len() > 1;
    let rows = versions.into_iter().map(|version| {
        let name = format!("Version {}", version.version);
        let name = match version.id == shown {
            true => view! { <strong>{name}</strong> }.into_any(),
            false => view! { <a href=format!("/forms/{}", version.id)>{name}</a> }.into_any(),
        };
        let current = version
            .current
            .then(|| view! { <Badge tone=Tone::Good>"Current"</Badge> });
        Row::new()
            .cell(name)
            .cell(view! { <Time at=version.created_at /> })
            .cell(differences(&version.differences))
            .cell(current)
    });
    let rows = rows.collect();
    several.then(|| {
        view! { <Section title="Versions"><Table caption="Versions" columns=columns rows=rows /></Section> }
    })
}
