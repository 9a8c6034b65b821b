//! The editor of a matching strategy, with a preview of whose lead each submission would be.

use std::collections::BTreeSet;

use axum::extract::Path;
use leadline::{
    error::{Error, Kind},
    lead::LeadFields,
    matching::{Contacts, Otherwise, Scope, Several, Strategy, default_strategy, useless},
    preview::Preview,
    store::{
        access::Administrator,
        now,
        order::Towards,
        strategies::VersionedStrategy,
        views::{choices::Choice as Named, rules::StrategyView},
    },
    sync::preview::preview_strategy,
};
use leptos::prelude::*;

use super::{
    mapping::seen::Seen,
    matching::{only_active, sentences},
};
use crate::{
    Answer, FormState, Input, Visit,
    ui::{Banner, Check, Choice, Confirm, Field, More, Section, Tone},
};

/// How many submissions the preview looks at when nobody says otherwise.
const LATEST: u64 = 200;

/// An empty editor.
pub async fn begin(visit: Visit) -> Answer {
    let strategy = Strategy {
        id: 0,
        name: String::new(),
        fields: Vec::new(),
        ..default_strategy()
    };
    let new = VersionedStrategy {
        strategy,
        active: true,
        version: 0,
    };
    render(&visit, new, FormState::default(), None).await
}

/// The editor of a strategy that is there.
pub async fn show(visit: Visit, Path(id): Path<i64>) -> Answer {
    let strategy = visit.administrator()?.edit_strategy(id).await?;
    render(&visit, strategy, FormState::default(), None).await
}

/// A new strategy: saved or previewed.
pub async fn create(visit: Visit, input: Input) -> Answer {
    visit.administrator()?;
    post(visit, 0, input).await
}

/// A strategy that is there: saved or previewed.
pub async fn save(visit: Visit, Path(id): Path<i64>, input: Input) -> Answer {
    visit.administrator()?.edit_strategy(id).await?;
    post(visit, id, input).await
}

/// Deletes a strategy, unless it is the last active one.
pub async fn delete(visit: Visit, Path(id): Path<i64>) -> Answer {
    let administrator = visit.administrator()?;
    match administrator.delete_strategy(id, now()).await {
        Err(error) if error.kind() == Kind::Conflict => {
            let stands = administrator.edit_strategy(id).await?;
            render(&visit, stands, FormState::default().refused(&error), None).await
        }
        deleted => {
            deleted?;
            visit
                .done(
                    "/matching",
                    "The strategy is deleted. What it found stays found.",
                )
                .await
        }
    }
}

/// Makes a strategy the only active one.
pub async fn make_only(visit: Visit, Path(id): Path<i64>, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    let version = input.text("version").parse().unwrap_or(-1);
    match administrator.make_only_active(id, version, now()).await {
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            let stands = administrator.edit_strategy(id).await?;
            render(&visit, stands, FormState::default().refused(&error), None).await
        }
        switched => {
            switched?;
            visit.services.worker.wake();
            let said =
                "It is the only active strategy now. It decides about submissions from now on.";
            visit.done("/matching", said).await
        }
    }
}

/// Moves a strategy in the order.
pub async fn shift(visit: Visit, Path(id): Path<i64>, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    let towards = Towards::parse(input.text("to"));
    let towards =
        towards.ok_or_else(|| Error::invalid("A strategy is moved up, down or to a place."))?;
    administrator.move_strategy(id, towards, now()).await?;
    visit.done("/matching", "The order is saved.").await
}

async fn post(visit: Visit, id: i64, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    let typed = VersionedStrategy {
        strategy: read(id, &input),
        active: input.text("active") == "yes",
        version: input.text("version").parse().unwrap_or(-1),
    };
    let mut form = FormState::of(&input);
    if let Err((field, message)) = typed
        .strategy
        .check(&visit.services.store.lead_fields().await?)
    {
        form.wrong(field, message);
        return render(&visit, typed, form, None).await;
    }
    if input.text("do") == "preview" {
        let latest = input.text("latest").parse().unwrap_or(LATEST);
        let organization = &visit.services.organization;
        let seen = preview_strategy(&administrator, organization, &typed, latest, now()).await?;
        return render(&visit, typed, form, Some(seen)).await;
    }
    match store(&administrator, &typed).await {
        Err(error) if error.kind() == Kind::Conflict && id != 0 => {
            let stands = administrator.edit_strategy(id).await?;
            render(&visit, stands, FormState::default().refused(&error), None).await
        }
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            render(&visit, typed, form.refused(&error), None).await
        }
        saved => {
            saved?;
            visit.services.worker.wake();
            let said = "The strategy is saved. It decides about submissions from now on.";
            visit.done("/matching", said).await
        }
    }
}

async fn store(administrator: &Administrator, typed: &VersionedStrategy) -> Result<(), Error> {
    match typed.strategy.id {
        0 => administrator.create_strategy(typed, now()).await.map(drop),
        _ => administrator.save_strategy(typed, now()).await,
    }
}

fn read(id: i64, input: &Input) -> Strategy {
    let several = Several::parse(input.text("several")).unwrap_or(Several::Newest);
    let otherwise = |name| Otherwise::parse(input.text(name)).unwrap_or(Otherwise::Create);
    let ids = |name| input.ids(name).into_iter().collect::<BTreeSet<i64>>();
    Strategy {
        id,
        name: input.text("name").to_owned(),
        fields: input.all("field").map(str::to_owned).collect(),
        always_create: input.text("always_create") == "yes",
        several,
        partial: otherwise("partial"),
        closed: otherwise("closed"),
        contacts: Contacts::parse(input.text("contacts")).unwrap_or_default(),
        scope: Scope {
            accounts: ids("account"),
            forms: ids("form"),
            campaigns: ids("campaign"),
        },
    }
}

/// What can be chosen on the page.
struct Choices {
    /// Whether leads live in an organization.
    elsewhere: bool,
    lead_fields: LeadFields,
    mapped: Vec<String>,
    accounts: Vec<Named>,
    forms: Vec<(i64, String)>,
    campaigns: Vec<Named>,
    strategies: Vec<StrategyView>,
}

async fn render(
    visit: &Visit,
    versioned: VersionedStrategy,
    form: FormState,
    seen: Option<Preview>,
) -> Answer {
    let administrator = visit.administrator()?;
    let reader = visit.reader()?;
    let choices = Choices {
        lead_fields: visit.services.store.lead_fields().await?,
        mapped: administrator.list_mapped_fields().await?,
        accounts: reader.list_account_choices(None).await?,
        forms: administrator.list_form_names().await?,
        campaigns: reader.list_campaign_choices(None).await?,
        elsewhere: visit.services.store.lives_elsewhere().await?,
        strategies: administrator.list_strategies().await?,
    };
    let title = match versioned.strategy.id {
        0 => "New matching strategy".to_owned(),
        _ => versioned.strategy.name.clone(),
    };
    let wrong = form.error("fields");
    let sheet = visit
        .page(title)
        .back("/matching", "Lead matching")
        .form(form);
    Ok(sheet.show(move || body(versioned, choices, wrong, seen)))
}

fn body(
    versioned: VersionedStrategy,
    choices: Choices,
    wrong: Option<String>,
    seen: Option<Preview>,
) -> impl IntoView {
    let strategy = versioned.strategy;
    let id = strategy.id;
    let (action, delete) = match id {
        0 => ("/matching/new".to_owned(), None),
        _ => (
            format!("/matching/{id}"),
            Some(format!("/matching/{id}/delete")),
        ),
    };
    let told = (id != 0).then(|| sentences(&choices.lead_fields, &strategy).into_iter());
    let told = told.map(|lines| lines.map(|line| view! { <li>{line}</li> }).collect_view());
    let trouble = (id != 0).then(|| strategy.trouble(&choices.lead_fields));
    let trouble = trouble.flatten().map(|why| {
        view! { <Banner tone=Tone::Bad title="This strategy does not work">{why}</Banner> }
    });
    let several = [Several::Newest, Several::Oldest, Several::Hold];
    let several = several.map(|rule| (rule.slug().to_owned(), rule.label().to_owned()));
    let otherwise = [Otherwise::Create, Otherwise::Hold];
    let otherwise = otherwise.map(|rule| (rule.slug().to_owned(), rule.label().to_owned()));
    let scope = scope(&strategy.scope, &choices);
    let contacts = (choices.elsewhere || strategy.contacts != Contacts::None)
        .then(|| contacts(strategy.contacts));
    let only = choices
        .strategies
        .iter()
        .find(|known| known.strategy.id == id);
    let only =
        only.and_then(|known| only_active(&known.strategy, known.version, &choices.strategies));
    view! {
        <div class="page">
            {trouble}
            {told.map(|lines| view! { <ul>{lines}</ul> })}
            <form class="form wide" method="post" action=action>
                <input type="hidden" name="version" value=versioned.version.to_string() />
                <Field name="name" label="Name" value=strategy.name.clone() most=100 />
                <div class="checks">
                    <Check name="active" value="yes" label="Active" checked=versioned.active
                        hint="Active strategies are tried in their order. One must always be active." />
                </div>
                {fields(&strategy, &choices, wrong)}
                <Section title="When it is not clear">
                    <Choice name="several" label="Several open leads are equal" options=several.to_vec() value=strategy.several.slug() />
                    <Choice name="partial" label="Only some of the fields are equal" options=otherwise.to_vec() value=strategy.partial.slug() />
                    <Choice name="closed" label="Only closed leads are equal" options=otherwise.to_vec() value=strategy.closed.slug()
                        hint="A closed lead is never changed. A new lead says which one it continues." />
                </Section>
                {contacts}
                {scope}
                <div class="row">
                    <button class="button primary" type="submit" name="do" value="save">"Save strategy"</button>
                    <button class="button" type="submit" name="do" value="preview">"Preview"</button>
                    <label for="latest">"of the latest"</label>
                    <select id="latest" name="latest">
                        <option value="50">"50 submissions"</option>
                        <option value="200" selected=true>"200 submissions"</option>
                        <option value="1000">"1,000 submissions"</option>
                    </select>
                </div>
            </form>
            {seen.map(|seen| view! { <Seen fields=choices.lead_fields preview=seen /> })}
            <div class="row">
            {only}
            {delete.map(|action| view! {
                <Confirm id="delete" label="Delete" title="Delete this strategy?" action=action danger=true>
                    <p>"Submissions that arrive from now on are matched without it. Leads and what was matched stay."</p>
                </Confirm>
            })}
            </div>
        </div>
    }
}

/// Which fields must all be equal; only those that a mapping fills can be, and by which leads can be
/// found. One that was chosen before stays, with what is wrong with it.
fn fields(strategy: &Strategy, choices: &Choices, wrong: Option<String>) -> impl IntoView + use<> {
    let boxes = choices.mapped.iter().cloned().filter_map(|field| {
        let checked = strategy.fields.contains(&field);
        let label = choices.lead_fields.label(&field).to_owned();
        match useless(&choices.lead_fields, &field) {
            None => Some(
                view! { <Check name="field" value=field label=label checked=checked /> }.into_any(),
            ),
            Some(why) if checked => Some(
                view! { <Check name="field" value=field label=label checked=true hint=why /> }
                    .into_any(),
            ),
            Some(_) => None,
        }
    });
    let boxes = boxes.collect_view();
    let asked = choices.elsewhere.then(|| {
        view! { <p class="hint">"Leads live in Dynamics 365, so these are the fields by which it can be asked for leads: columns that hold a line of text."</p> }
    });
    let always = strategy.always_create;
    view! {
        <fieldset class="steps-form">
            <legend>"Fields that must all be equal"</legend>
            <p class="hint">"One field that is a person's own is best, such as the e-mail address. Values are compared without regard to case and blanks; a blank never equals anything."</p>
            {asked}
            {wrong.map(|text| view! { <p class="wrong" id="fields-error">{text}</p> })}
            <div class="checks columns">{boxes}</div>
            <div class="checks">
                <Check name="always_create" value="yes" label="Look for no lead: every submission makes one" checked=always
                    hint="Exactly one lead for each submission, also when it is read again." />
            </div>
        </fieldset>
    }
}

/// What happens about the contact of a lead that is made.
fn contacts(rule: Contacts) -> impl IntoView {
    let rules = Contacts::ALL.map(|rule| (rule.slug().to_owned(), rule.label().to_owned()));
    view! {
        <Section title="Contacts in Dynamics 365">
            <Choice name="contacts" label="When a lead is made" options=rules.to_vec() value=rule.slug()
                hint="The contact is looked for by the same fields. Where several are equal, none is linked." />
        </Section>
    }
}

/// For which submissions it is.
fn scope(scope: &Scope, choices: &Choices) -> impl IntoView + use<> {
    let accounts = choices
        .accounts
        .iter()
        .map(|a| (a.id, a.name.clone()))
        .collect();
    let campaigns = choices
        .campaigns
        .iter()
        .map(|c| (c.id, c.name.clone()))
        .collect();
    let lists = [
        ("account", "Accounts", accounts, &scope.accounts),
        ("form", "Forms", choices.forms.clone(), &scope.forms),
        ("campaign", "Campaigns", campaigns, &scope.campaigns),
    ];
    let lists = lists.map(|(name, title, list, chosen)| only(name, title, list, chosen));
    view! {
        <Section title="For which submissions">
            <p class="muted">"For all, as long as nothing is ticked."</p>
            {lists.collect_view()}
        </Section>
    }
}

fn only(
    name: &'static str,
    title: &'static str,
    list: Vec<(i64, String)>,
    chosen: &BTreeSet<i64>,
) -> impl IntoView + use<> {
    let summary = match chosen.len() {
        0 => format!("{title}: all"),
        many => format!("{title}: {many} chosen"),
    };
    // What was chosen stays, even when the list is too long to have it.
    let unlisted = chosen
        .iter()
        .filter(|id| list.iter().all(|(own, _)| own != *id));
    let unlisted: Vec<_> = unlisted.map(|id| (*id, format!("Number {id}"))).collect();
    let boxes = list.into_iter().chain(unlisted).map(|(id, label)| {
        let checked = chosen.contains(&id);
        view! { <Check name=name value=id.to_string() label=label checked=checked /> }
    });
    let boxes = boxes.collect_view();
    view! { <More title=summary><div class="checks">{boxes}</div></More> }
}
