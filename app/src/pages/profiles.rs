//! The list of user profiles.

use axum::extract::Query;
use leadline::{
    oauth::ConsentError,
    store::{now, views::profiles::Profile},
};
use leptos::prelude::*;
use serde::Deserialize;

use crate::{
    Answer, Visit,
    ui::{Banner, Column, Day, Empty, ProfileState, Row, Table, Tone, days_until},
};

/// What may stand in the address.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// The code of a consent that failed.
    error: Option<String>,
}

/// Shows the profiles.
pub async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let profiles = visit.reader()?.list_profiles().await?;
    let failed = asked.error.map(|code| ConsentError::parse(&code));
    let configured = visit.services.settings.linkedin_configured;
    let now = now();
    let sheet = visit.page("User profiles").actions(move || add(configured));
    Ok(sheet.show(move || {
        view! {
            {failed.map(|error| view! {
                <Banner tone=Tone::Bad title=error.title() live=true>{error.remedy()}</Banner>
            })}
            {(!configured && failed.is_none()).then(not_configured)}
            {if profiles.is_empty() { nobody().into_any() } else { list(profiles, now).into_any() }}
        }
    }))
}

/// The link that begins a consent.
fn add(configured: bool) -> Option<impl IntoView> {
    configured.then(|| {
        view! { <a class="button primary" href="/auth/linkedin/start">"Add user profile"</a> }
    })
}

fn not_configured() -> impl IntoView {
    let error = ConsentError::NotConfigured;
    view! { <Banner tone=Tone::Warn title=error.title()>{error.remedy()}</Banner> }
}

fn nobody() -> impl IntoView {
    view! {
        <Empty title="No user profiles yet">
            "A user profile is one LinkedIn member's permission to read the lead forms of their ad accounts. \
             Add yours: LinkedIn asks you to allow it, then you choose the accounts."
        </Empty>
    }
}

fn list(profiles: Vec<Profile>, now: i64) -> impl IntoView {
    let columns = [
        "Profile",
        "State",
        "Authorize again by",
        "Accounts",
        "Owner",
    ];
    let columns = columns.map(Column::new).to_vec();
    let rows = profiles.into_iter().map(|profile| row(profile, now));
    view! { <Table caption="User profiles" columns=columns rows=rows.collect() /> }
}

fn row(profile: Profile, now: i64) -> Row {
    let member = profile.member_name.clone().filter(|m| *m != profile.name);
    let path = format!("/profiles/{}", profile.id);
    let accounts = format!("{} of {} synced", profile.chosen, profile.accounts);
    Row::new()
        .cell(view! {
            <a href=path>{profile.name.clone()}</a>
            {member.map(|name| view! { <small>{name}</small> })}
        })
        .cell(view! { <ProfileState state=profile.state.clone() /> })
        .cell(expiry(&profile, now))
        .cell(accounts)
        .cell(profile.owner_name)
}

/// Until when an authorization holds, and how many days are left.
pub(super) fn expiry(profile: &Profile, now: i64) -> AnyView {
    let authorized = profile.state == "authorized" || profile.state == "reauthorizing";
    let at = profile.expires_at.filter(|_| authorized);
    match at {
        Some(at) => view! { <Day at=at />" "<small>{left(days_until(at, now))}</small> }.into_any(),
        None => view! { <span class="muted">"–"</span> }.into_any(),
    }
}

fn left(days: i64) -> String {
    match days {
        ..=0 => "over".to_owned(),
        1 => "one day left".to_owned(),
        days => format!("{days} days left"),
    }
}

#[cfg(test)]
mod tests {
    use super::left;

    #[test]
    fn days_left_are_said_in_words() {
        assert_eq!(
            [-3, 0, 1, 2].map(left),
            ["over", "over", "one day left", "2 days left"]
        );
    }
}
