//! One linked account: its state, what was read from it, and its settings.

use axum::extract::Path;
use leadline::{
    error::Kind,
    store::{
        now,
        views::{
            account::{AccountView, RunRow, StreamRow},
            accounts::{ListedAccount, ReachingProfile},
            choices::Choice as Named,
        },
    },
};
use leptos::prelude::*;

use crate::{
    Answer, FormState, Input, Visit,
    ui::{
        Banner, Check, Choice, Column, Confirm, Empty, Fact, Facts, PartState, ProfileState, Row,
        Section, Submit, SyncState, Table, TestMark, Tile, Tiles, Time, Tone, blank, pick,
        thousands, words,
    },
};

/// The page.
pub async fn show(visit: Visit, Path(id): Path<i64>) -> Answer {
    render(&visit, id, FormState::default()).await
}

/// Saves the settings.
pub async fn save(visit: Visit, Path(id): Path<i64>, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    let owner = match input.text("owner") {
        "" => Ok(None),
        owner => owner.parse().map(Some),
    };
    let Ok(owner) = owner else {
        let mut form = FormState::of(&input);
        form.wrong("owner", "Choose a person out of the list.");
        return render(&visit, id, form).await;
    };
    match administrator.set_account_owner(id, owner, now()).await {
        Err(error) if error.kind() == Kind::Invalid => {
            let mut form = FormState::of(&input);
            form.wrong("owner", error.message());
            return render(&visit, id, form).await;
        }
        saved => saved?,
    }
    let enabled = input.text("sync") == "on";
    administrator.set_account_sync(id, enabled, now()).await?;
    visit
        .done(&format!("/accounts/{id}"), "The settings are saved.")
        .await
}

/// Has everything read again that LinkedIn still has.
pub async fn read_again(visit: Visit, Path(id): Path<i64>) -> Answer {
    visit.administrator()?.read_again(id, now()).await?;
    visit.services.worker.wake();
    let said = "Everything is read again. What is here already is not touched.";
    visit.done(&format!("/accounts/{id}"), said).await
}

async fn render(visit: &Visit, id: i64, form: FormState) -> Answer {
    let reader = visit.reader()?;
    let view = reader.find_account(id).await?;
    let owners = match visit.person().administrator {
        true => Some(
            reader
                .list_owner_choices(view.account.default_owner_id)
                .await?,
        ),
        false => None,
    };
    let sheet = visit
        .page(view.account.name.clone())
        .back("/accounts", "Accounts");
    Ok(sheet.form(form).show(move || body(view, owners)))
}

fn body(view: AccountView, owners: Option<Vec<Named>>) -> impl IntoView {
    let (account, holds) = (view.account, view.holds);
    let id = account.id;
    let tone = match account.sync_state.as_str() {
        "failed" | "forbidden" | "needs_authorization" => Tone::Bad,
        _ => Tone::Info,
    };
    view! {
        <div class="page">
            {account.status_detail.clone().map(|text| view! { <Banner tone=tone>{text}</Banner> })}
            {facts(account.clone())}
            <Tiles>
                <Tile label="Submissions" value=holds.submissions.to_string() path=format!("/submissions?account={id}") />
                <Tile label="Forms" value=holds.forms.to_string() path=format!("/forms?account={id}") />
                <Tile label="Campaigns" value=holds.campaigns.to_string() path=format!("/campaigns?account={id}") />
            </Tiles>
            {owners.map(|owners| settings(account, owners))}
            <Section title="Reached by">{profiles(view.profiles)}</Section>
            {streams(view.streams)}
            <Section title="Recent passes">{runs(view.runs)}</Section>
        </div>
    }
}

fn facts(account: ListedAccount) -> impl IntoView {
    let time = |at: Option<i64>| {
        at.map_or_else(blank, |at| {
            view! { <Time at=at relative=true /> }.into_any()
        })
    };
    let text = |text: Option<String>| {
        text.map_or_else(blank, |text| view! { <bdi>{text}</bdi> }.into_any())
    };
    let (kind, test) = (account.kind(), account.test);
    let owner = match account.default_owner_name {
        Some(name) => view! { <bdi>{name}</bdi> }.into_any(),
        None => "The profile's owner".into_any(),
    };
    let campaigns = (account.kind == "ad_account").then(|| {
        view! {
            <Fact term="Campaigns"><PartState state=account.campaign_sync_status parts="campaigns" /></Fact>
            <Fact term="Campaigns read">{time(account.campaigns_synced_at)}</Fact>
        }
    });
    view! {
        <Facts>
            <Fact term="Sync"><SyncState state=account.sync_state enabled=account.sync_enabled syncs=account.syncs last=account.last_finished_at /></Fact>
            <Fact term="Last sync">{time(account.last_finished_at)}</Fact>
            <Fact term="Forms"><PartState state=account.form_sync_status parts="forms" /></Fact>
            <Fact term="Forms read">{time(account.forms_synced_at)}</Fact>
            {campaigns}
            <Fact term="Kind">{kind}{test.then(|| view! { " "<TestMark /> })}</Fact>
            <Fact term="Company page">{text(account.organization_name)}</Fact>
            <Fact term="LinkedIn's status">{text(account.linkedin_status.as_deref().map(words))}</Fact>
            <Fact term="Currency">{text(account.currency)}</Fact>
            <Fact term="Default owner">{owner}</Fact>
            <Fact term="LinkedIn's id"><code>{account.urn}</code></Fact>
        </Facts>
    }
}

fn settings(account: ListedAccount, owners: Vec<Named>) -> impl IntoView {
    let mut options = vec![(String::new(), "The profile's owner".to_owned())];
    options.extend(pick(owners));
    let owner = account.default_owner_id.map(|id| id.to_string());
    view! {
        <Section title="Settings">
            <form class="form" method="post" action=format!("/accounts/{}", account.id)>
                <div class="checks">
                    <Check name="sync" value="on" label="Sync this account" checked=account.sync_enabled
                        hint="Off: nothing is read from LinkedIn any more; what is here stays." />
                </div>
                <Choice name="owner" label="Default lead owner" options=options value=owner.unwrap_or_default()
                    hint="Who gets the leads that are made from this account's submissions." />
                <Submit label="Save settings" />
            </form>
        </Section>
        <Section title="Read everything again">
            <p class="muted">"When submissions seem to be missing, or roles at LinkedIn were granted late."</p>
            <Confirm id="read-again" label="Read again" title="Read this account again?"
                action=format!("/accounts/{}/read-again", account.id)>
                <p>
                    "Leadline asks LinkedIn for everything that it still has, about 90 days. Submissions that are here \
                     already are not touched, and no lead is made twice."
                </p>
            </Confirm>
        </Section>
    }
}

fn profiles(profiles: Vec<ReachingProfile>) -> AnyView {
    if profiles.is_empty() {
        return view! {
            <Empty title="No profile reaches this account">
                <p><a class="button" href="/profiles">"Authorize LinkedIn"</a></p>
            </Empty>
        }
        .into_any();
    }
    let columns = vec![
        Column::new("Profile"),
        Column::new("Authorization"),
        Column::new("Role in the account"),
        Column::new("Chosen for syncing"),
    ];
    let rows = profiles.into_iter().map(|profile| {
        let role = profile
            .role
            .map_or_else(blank, |role| words(&role).into_any());
        Row::new()
            .cell(
                view! { <a href=format!("/profiles/{}", profile.id)><bdi>{profile.name}</bdi></a> },
            )
            .cell(view! { <ProfileState state=profile.state /> })
            .cell(role)
            .cell(if profile.chosen { "Yes" } else { "No" })
    });
    view! { <Table caption="Profiles" columns=columns rows=rows.collect() /> }.into_any()
}

fn streams(streams: Vec<StreamRow>) -> Option<impl IntoView> {
    let columns = vec![
        Column::new("Kind of leads"),
        Column::new("Read up to"),
        Column::new("Newest submission"),
        Column::new("Past"),
    ];
    let time = |at: Option<i64>| at.map_or_else(blank, |at| view! { <Time at=at /> }.into_any());
    let any = !streams.is_empty();
    let rows = streams.into_iter().map(|stream| {
        let past = match (stream.backfill_done_at, stream.backfill_from) {
            (Some(_), Some(from)) => view! { "Read since "<Time at=from /> }.into_any(),
            (Some(_), None) => "Read".into_any(),
            (None, Some(from)) => view! { "Being read since "<Time at=from /> }.into_any(),
            (None, None) => blank(),
        };
        Row::new()
            .cell(stream.lead_type().to_owned())
            .cell(time(stream.pulled_until))
            .cell(time(stream.highest_submitted_at))
            .cell(past)
    });
    let rows = rows.collect();
    any.then(|| {
        view! { <Section title="How far it has been read"><Table caption="Kinds of leads" columns=columns rows=rows /></Section> }
    })
}

fn runs(runs: Vec<RunRow>) -> AnyView {
    if runs.is_empty() {
        return view! {
            <Empty title="Nothing has been read yet">
                <p>"The account is read as soon as a profile that reaches it is authorized and confirmed."</p>
            </Empty>
        }
        .into_any();
    }
    let columns = vec![
        Column::new("Began"),
        Column::new("Why"),
        Column::new("Outcome"),
        Column::new("Requests").number(),
        Column::new("Seen").number(),
        Column::new("New").number(),
    ];
    let rows = runs.into_iter().map(|run| {
        let outcome = match run.finished_at {
            Some(_) => words(&run.outcome),
            None => "Running".to_owned(),
        };
        Row::new()
            .cell(view! { <Time at=run.started_at /> })
            .cell(words(&run.reason))
            .cell(view! { {outcome}<small class="muted">{run.detail}</small> })
            .cell(thousands(run.calls))
            .cell(thousands(run.received))
            .cell(thousands(run.added))
    });
    view! { <Table caption="Recent passes" columns=columns rows=rows.collect() /> }.into_any()
}
