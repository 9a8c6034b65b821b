//! One user profile: its state, its accounts, what can be done with it.

use axum::extract::Path;
use leadline::store::{
    now,
    views::profiles::{Profile, ProfileAccount},
};
use leptos::prelude::*;

use crate::{
    Answer, Visit,
    pages::profiles::expiry,
    ui::{
        Badge, Banner, Column, Confirm, Empty, Fact, Facts, ProfileState, Row, Section, SyncState,
        Table, Time, Tone, words,
    },
};

/// What the person who looks may do with the profile.
#[derive(Clone, Copy)]
struct May {
    /// Authorize again, choose accounts: only the owner.
    change: bool,
    /// Take the authorization back: the owner and administrators.
    disconnect: bool,
}

/// Shows the profile.
pub async fn show(visit: Visit, Path(id): Path<i64>) -> Answer {
    let reader = visit.reader()?;
    let profile = reader.find_profile(id).await?;
    let accounts = reader.list_profile_accounts(id).await?;
    let own = profile.owner_id == visit.person().id;
    let connected = profile.state == "authorized";
    let may = May {
        change: own,
        disconnect: connected && (own || visit.person().administrator),
    };
    let (again, now) = (again(&profile, may), now());
    let sheet = visit
        .page(profile.name.clone())
        .back("/profiles", "User profiles");
    Ok(sheet.actions(move || again).show(move || {
        view! {
            {attention(&profile, may)}
            {facts(&profile, now)}
            {associated(profile.id, accounts, may)}
            {may.disconnect.then(|| disconnect(&profile))}
        }
    }))
}

fn facts(profile: &Profile, now: i64) -> impl IntoView + use<> {
    let (expiry, renewal) = (expiry(profile, now), renewal(profile));
    let Profile {
        state,
        member_name,
        authorized_at,
        confirmed_at,
        owner_name,
        scopes,
        ..
    } = profile.clone();
    let member = member_name.unwrap_or_else(|| "LinkedIn did not say".into());
    view! {
        <Facts>
            <Fact term="State"><ProfileState state=state /></Fact>
            <Fact term="LinkedIn member">{member}</Fact>
            <Fact term="Authorize again by">{expiry}" "{renewal}</Fact>
            <Fact term="Authorized">{moment(authorized_at)}</Fact>
            <Fact term="Receiver confirmed">{moment(confirmed_at)}</Fact>
            <Fact term="Owner">{owner_name}</Fact>
            <Fact term="LinkedIn's permissions"><code>{scopes}</code></Fact>
        </Facts>
    }
}

/// Takes the authorization back.
pub async fn disconnect_profile(visit: Visit, Path(id): Path<i64>) -> Answer {
    match visit.administrator() {
        Ok(administrator) => administrator.disconnect_profile(id, now()).await?,
        Err(_) => visit.salesperson()?.disconnect_profile(id, now()).await?,
    }
    let notice = "Disconnected. Its tokens are destroyed; leads and history stay.";
    visit.done(&format!("/profiles/{id}"), notice).await
}

fn again(profile: &Profile, may: May) -> Option<impl IntoView + use<>> {
    let path = format!("/auth/linkedin/start?profile={}", profile.id);
    let urgent = profile.state != "authorized";
    let class = if urgent { "button primary" } else { "button" };
    may.change
        .then(|| view! { <a class=class href=path>"Authorize again"</a> })
}

/// What keeps the profile from syncing, and the next step.
fn attention(profile: &Profile, may: May) -> Option<AnyView> {
    let detail = profile.status_detail.clone();
    if profile.state != "authorized" {
        let text = detail.unwrap_or_else(|| "Authorize again to go on syncing.".into());
        return Some(view! { <Banner tone=Tone::Bad title="Nothing is synced through this profile">{text}</Banner> }.into_any());
    }
    let step = if profile.chosen == 0 && profile.confirmed_at.is_none() {
        "accounts"
    } else {
        "confirm"
    };
    let path = format!("/profiles/{}/{step}", profile.id);
    profile.confirmed_at.is_none().then(|| {
        view! {
            <Banner tone=Tone::Warn title="Nothing is synced yet">
                <p>"The organization that receives the leads is not confirmed."</p>
                {may.change.then(|| view! { <a class="button" href=path>"Go on setting up"</a> })}
            </Banner>
        }
        .into_any()
    })
}

fn renewal(profile: &Profile) -> Option<impl IntoView + use<>> {
    (profile.renews && profile.expires_at.is_some())
        .then(|| view! { <small>"Leadline renews the access until then."</small> })
}

fn moment(at: Option<i64>) -> AnyView {
    match at {
        Some(at) => view! { <Time at=at /> }.into_any(),
        None => view! { <span class="muted">"Not yet"</span> }.into_any(),
    }
}

fn associated(id: i64, accounts: Vec<ProfileAccount>, may: May) -> impl IntoView {
    let path = format!("/profiles/{id}/accounts");
    let choose = move || {
        let path = path.clone();
        may.change
            .then(|| view! { <a class="button" href=path>"Choose accounts"</a> })
    };
    view! {
        <Section title="Associated LinkedIn accounts" actions=choose>
            {if accounts.is_empty() { no_accounts().into_any() } else { list(accounts).into_any() }}
        </Section>
    }
}

fn no_accounts() -> impl IntoView {
    view! {
        <Empty title="No accounts">
            "LinkedIn shows this member no ad account or company page. In LinkedIn's Campaign Manager, \
             ask for a role in the account; Leadline looks again with every sync."
        </Empty>
    }
}

fn list(accounts: Vec<ProfileAccount>) -> impl IntoView {
    let columns = ["Account", "Kind", "Member's role", "Sync", "Last synced"];
    let columns = columns.map(Column::new).to_vec();
    let rows = accounts.into_iter().map(|account| {
        let sync = sync(&account);
        let last = account.last_finished_at;
        Row::new()
            .link(format!("/accounts/{}", account.id), account.name)
            .cell(if account.kind == "organization" {
                "Company page"
            } else {
                "Ad account"
            })
            .cell(
                account
                    .role
                    .map_or_else(|| "–".to_owned(), |role| words(&role)),
            )
            .cell(sync)
            .cell(last.map(|at| view! { <Time at=at relative=true /> }))
    });
    view! { <Table caption="Associated LinkedIn accounts" columns=columns rows=rows.collect() /> }
}

fn sync(account: &ProfileAccount) -> impl IntoView + use<> {
    let detail = account.status_detail.clone();
    let (state, enabled) = (account.sync_state.clone(), account.sync_enabled);
    let (syncs, last) = (account.syncs, account.last_finished_at);
    if account.chosen {
        return view! {
            <SyncState state=state enabled=enabled syncs=syncs last=last />
            {detail.map(|text| view! { <small>{text}</small> })}
        }
        .into_any();
    }
    view! { <Badge tone=Tone::Quiet>"Not chosen"</Badge> }.into_any()
}

fn disconnect(profile: &Profile) -> impl IntoView + use<> {
    let action = format!("/profiles/{}/disconnect", profile.id);
    let accounts = match profile.chosen {
        1 => "One account is".to_owned(),
        count => format!("{count} accounts are"),
    };
    view! {
        <Section title="Disconnect">
            <p class="muted">"Leadline forgets the tokens. Leads, submissions and history stay."</p>
            <div>
                <Confirm id="disconnect" label="Disconnect" title="Disconnect this profile?" action=action danger=true>
                    <p>
                        {accounts}
                        " synced through this profile and will stop, unless another profile reaches them. \
                         LinkedIn keeps submissions for about 90 days: authorize again before then and nothing is lost."
                    </p>
                </Confirm>
            </div>
        </Section>
    }
}
