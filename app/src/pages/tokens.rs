//! API tokens: what programs show instead of a password. A new one is shown once, on the answer to
//! the form that made it, because nothing keeps it.

use axum::{extract::Path, http::StatusCode};
use leadline::store::{
    now,
    tokens::{MadeToken, NewToken, Token, TokenRole, TokenState},
    views::paging::{Page, Paging},
};
use leptos::prelude::*;
use secrecy::ExposeSecret;

use crate::{
    Answer, FormState, Input, Visit,
    ui::{
        Badge, Banner, Choice, Column, Confirm, Copy, Empty, Field, Listed, Query, Row, Section,
        Submit, Table, Time, Tone, blank,
    },
};

/// The list, and the form for a new one.
pub async fn show(visit: Visit, query: Query) -> Answer {
    let paging = Paging::read(&|name: &str| query.get(name))?;
    render(&visit, &paging, FormState::default(), None).await
}

/// Makes a token and shows it.
pub async fn create(visit: Visit, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    let mut form = FormState::of(&input);
    let role = TokenRole::parse(input.text("role"));
    let days = match input.text("expires") {
        "never" => Some(None),
        days => days.parse().ok().map(Some),
    };
    if role.is_none() {
        form.wrong("role", "Choose a role.");
    }
    let new = NewToken {
        name: input.text("name"),
        role: role.unwrap_or(TokenRole::S2sInbound),
        days: days.unwrap_or(Some(0)),
    };
    for (field, error) in new.problems() {
        form.wrong(field, error.message());
    }
    if form.is_wrong() {
        return render(&visit, &Paging::first(), form, None).await;
    }
    let made = administrator.create_token(new, now()).await?;
    render(&visit, &Paging::first(), FormState::default(), Some(made)).await
}

/// Revokes a token.
pub async fn revoke(visit: Visit, Path(id): Path<i64>) -> Answer {
    let token = visit.administrator()?.revoke_token(id, now()).await?;
    let said = format!("The token “{}” is revoked.", token.name);
    visit.done("/tokens", &said).await
}

async fn render(
    visit: &Visit,
    paging: &Paging,
    form: FormState,
    made: Option<MadeToken>,
) -> Answer {
    let page = visit.administrator()?.list_tokens(paging).await?;
    let sheet = visit.page("API tokens").form(form);
    let sheet = match made {
        Some(_) => sheet.status(StatusCode::CREATED),
        None => sheet,
    };
    Ok(sheet.show(move || {
        view! {
            {made.map(shown_once)}
            <p class="muted">
                "Programs use a token to read from Leadline or to bring submissions in. Whoever has it can do what its \
                 role may, so keep it as secret as a password. "
                <a href="/api/docs">"How the REST API is used"</a>
            </p>
            {list(page)}
            <Section title="Make a token">{make()}</Section>
        }
    }))
}

fn shown_once(made: MadeToken) -> impl IntoView {
    let title = format!("The token “{}” is made.", made.token.name);
    view! {
        <Banner tone=Tone::Good title=title live=true>
            "Copy it now: it is not kept, so it is never shown again."
            <Copy id="token" label="The new token" text=made.secret.expose_secret() />
        </Banner>
    }
}

fn list(page: Page<Token>) -> AnyView {
    if page.items.is_empty() {
        return view! {
            <Empty title="No tokens yet"><p>"Make one below for each program that is to use Leadline."</p></Empty>
        }
        .into_any();
    }
    let columns = vec![
        Column::new("Token"),
        Column::new("Role"),
        Column::new("State"),
        Column::new("Made by"),
        Column::new("Expires"),
        Column::new("Last used"),
        Column::new("Action"),
    ];
    let pager = Listed::new("/tokens", Default::default()).pager(&page, "token", "tokens");
    let rows = page.items.into_iter().map(row).collect();
    view! { <Table caption="API tokens" columns=columns rows=rows />{pager} }.into_any()
}

fn row(token: Token) -> Row {
    let state = token.state(now());
    let (role, made) = (token.role().label(), token.created_at);
    let never = || view! { <span class="muted">"Never"</span> }.into_any();
    let time = |at| view! { <Time at=at relative=true /> }.into_any();
    Row::new()
        .cell(view! { <bdi>{token.name.clone()}</bdi> })
        .cell(role)
        .cell(badge(state))
        .cell(view! { <bdi>{token.created_by}</bdi><small class="muted"><Time at=made relative=true /></small> })
        .cell(token.expires_at.map_or_else(never, time))
        .cell(token.last_used_at.map_or_else(never, time))
        .cell(match state {
            TokenState::Revoked => blank(),
            _ => revoking(token.id, &token.name).into_any(),
        })
}

fn badge(state: TokenState) -> impl IntoView {
    let (tone, label) = match state {
        TokenState::Active => (Tone::Good, "Active"),
        TokenState::Expired => (Tone::Warn, "Expired"),
        TokenState::Revoked => (Tone::Quiet, "Revoked"),
        TokenState::Orphaned => (Tone::Warn, "Refused"),
    };
    let why = (state == TokenState::Orphaned).then(|| {
        view! { <small class="muted">"Its maker is no active administrator."</small> }
    });
    view! { <Badge tone=tone>{label}</Badge>{why} }
}

fn revoking(id: i64, name: &str) -> impl IntoView + use<> {
    view! {
        <Confirm id=format!("revoke-{id}") label="Revoke" title=format!("Revoke “{name}”?") danger=true
            action=format!("/tokens/{id}/revoke")>
            <p>"Programs that use this one token are refused at once. It cannot be taken back."</p>
        </Confirm>
    }
}

fn make() -> impl IntoView {
    let roles = [
        (TokenRole::S2sInbound, "S2S Inbound: brings submissions in"),
        (
            TokenRole::Salesperson,
            "Salesperson: reads submissions and leads",
        ),
        (
            TokenRole::Administrator,
            "Administrator: reads and configures everything",
        ),
    ];
    let roles = roles.map(|(role, label)| (role.slug().to_owned(), label.to_owned()));
    let ends = [
        ("30", "In 30 days"),
        ("90", "In 90 days"),
        ("365", "In a year"),
        ("never", "Never"),
    ];
    let ends = ends.map(|(days, label)| (days.to_owned(), label.to_owned()));
    view! {
        <form class="form" method="post" action="/tokens">
            <Field name="name" label="Name" most=100 hint="What it is for, such as “Nightly export”." />
            <Choice name="role" label="Role" options=roles.to_vec() value="s2s-inbound" />
            <Choice name="expires" label="Expires" options=ends.to_vec() value="90" />
            <Submit label="Make token" />
        </form>
    }
}
