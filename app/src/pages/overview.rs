//! The overview: what needs attention first, then what came in.

use leadline::{
    store::{
        crm::CrmState,
        now,
        views::{
            crm::CrmHealth,
            overview::{Count, Figures, LatestSubmission, week_of},
            profiles::Profile,
            query::Day,
        },
    },
    submission::MatchingStatus,
};
use leptos::prelude::*;

use super::{STEPS, crm::credential_notice};
use crate::{
    Answer, Visit,
    ui::{
        Bar, BarChart, Column, DayChart, Matching, Notice, Notices, Row, Section, Step, Stepper,
        Table, TestMark, Tile, Tiles, Time, Tone, days_until, thousands, utc_day,
    },
};

/// An authorization that ends within so many days is worth a warning.
const SOON: i64 = 14;
/// The list of what waits to become leads; no lead is wanted of a test.
pub(super) const WAITING: &str = "/submissions?status=pending&state=unprocessed";

/// Shows the overview.
pub async fn show(visit: Visit) -> Answer {
    let reader = visit.reader()?;
    let now = now();
    let profiles = reader.list_profiles().await?;
    let figures = reader.figures(now).await?;
    let crm = match visit.administrator() {
        Ok(administrator) => administrator.crm_health().await?,
        Err(_) => None,
    };
    let crm = crm.and_then(|health| crm_notice(&health, now));
    let latest = reader.list_latest_submissions().await?;
    if latest.is_empty() {
        let configured = visit.services.settings.linkedin_configured;
        return Ok(visit
            .page("Overview")
            .show(move || set_up(&profiles, &figures, crm, configured)));
    }
    let days = reader.count_by_day(now).await?;
    let forms = reader.count_by_form(now).await?;
    let review = match visit.person().administrator {
        true => "/review",
        false => "/submissions?review=yes",
    };
    Ok(visit.page("Overview").show(move || {
        view! {
            {attention(&profiles, &figures, crm, review, now)}
            {tiles(&figures, now)}
            <div class="columns">
                <DayChart title="Submissions per day" days=days.into_iter().map(day).collect() />
                {(!forms.is_empty()).then(|| view! {
                    <BarChart title="Submissions by form, last 30 days" bars=forms.into_iter().map(form).collect() />
                })}
            </div>
            {latest_submissions(latest)}
        }
    }))
}

/// Before the first submission: the way there, with the step that comes now.
fn set_up(
    profiles: &[Profile],
    figures: &Figures,
    crm: Option<Notice>,
    configured: bool,
) -> impl IntoView + use<> {
    let step = current_step(profiles);
    let unfinished = profiles
        .iter()
        .find(|p| p.state == "authorized" && p.confirmed_at.is_none());
    let id = unfinished.map_or(0, |p| p.id);
    let (text, path, label) = match step {
        0 if !configured => (
            "Leadline needs a LinkedIn app before anybody can connect. Set linkedin.client_id and linkedin.client_secret in the configuration and start Leadline again.",
            "/profiles".to_owned(),
            "Go to the user profiles",
        ),
        0 => (
            "Add your LinkedIn profile. LinkedIn asks whether Leadline may read the lead forms of your ad accounts.",
            "/auth/linkedin/start".to_owned(),
            "Connect LinkedIn",
        ),
        1 => (
            "LinkedIn has given its permission. Choose the accounts whose leads should come in.",
            format!("/profiles/{id}/accounts"),
            "Choose accounts",
        ),
        2 => (
            "Say which organization receives the leads. Nothing is read before.",
            format!("/profiles/{id}/confirm"),
            "Confirm the organization",
        ),
        _ => (
            "All is set. Leadline asks LinkedIn for submissions by itself; the first ones arrive as soon as somebody fills in a form.",
            "/sync".to_owned(),
            "Look at the sync",
        ),
    };
    let stuck = (figures.stuck_accounts > 0).then(|| stuck(figures.stuck_accounts));
    let notices: Vec<Notice> = crm.into_iter().chain(stuck).collect();
    view! {
        {(!notices.is_empty()).then(|| view! { <Notices notices=notices /> })}
        <Section title="From LinkedIn to a lead">
            <Stepper steps=Step::sequence(&STEPS, step) />
            <div class="card stack">
                <p>{text}</p>
                <a class="button primary" href=path>{label}</a>
            </div>
        </Section>
    }
}

/// How far the set-up is: the index of the step in [`STEPS`] that comes now.
fn current_step(profiles: &[Profile]) -> usize {
    let authorized = || profiles.iter().filter(|p| p.state == "authorized");
    if authorized().any(|p| p.confirmed_at.is_some() && p.chosen > 0) {
        3
    } else if authorized().any(|p| p.chosen > 0) {
        2
    } else if authorized().next().is_some() {
        1
    } else {
        0
    }
}

/// Everything that somebody should do something about, the worst first.
fn attention(
    profiles: &[Profile],
    figures: &Figures,
    crm: Option<Notice>,
    review: &'static str,
    now: i64,
) -> Option<impl IntoView + use<>> {
    let authorizations = profiles.iter().filter_map(|p| authorization(p, now));
    let counted = [
        crm,
        (figures.stuck_accounts > 0).then(|| stuck(figures.stuck_accounts)),
        (figures.failed > 0).then(|| Notice {
            tone: Tone::Bad,
            text: format!("{} could not become leads", submissions(figures.failed)),
            path: "/submissions?state=failed".into(),
            action: "See why",
        }),
        (figures.held > 0).then(|| Notice {
            tone: Tone::Warn,
            text: format!("{} held until somebody decides", submissions(figures.held)),
            path: review.into(),
            action: "See why",
        }),
        (figures.form_changes > 0).then(|| Notice {
            tone: Tone::Warn,
            text: form_changes(figures.form_changes),
            path: super::form_changes::PATH.into(),
            action: "See what changed",
        }),
    ];
    let mut notices: Vec<Notice> = authorizations
        .chain(counted.into_iter().flatten())
        .collect();
    notices.sort_by_key(|notice| notice.tone != Tone::Bad);
    (!notices.is_empty())
        .then(|| view! { <Section title="Needs attention"><Notices notices=notices /></Section> })
}

/// What is to be done about the connection to the CRM.
fn crm_notice(health: &CrmHealth, now: i64) -> Option<Notice> {
    let (tone, text) = match CrmState::parse(&health.state)? {
        CrmState::Draft => return None,
        CrmState::Broken => (Tone::Bad, format!("Nothing can be sent to {}", health.name)),
        CrmState::Active => credential_notice(health.credential_expires_at?, now)?,
    };
    Some(Notice {
        tone,
        text,
        path: "/crm".into(),
        action: "See why",
    })
}

fn authorization(profile: &Profile, now: i64) -> Option<Notice> {
    let name = &profile.name;
    let days = profile.expires_at.map(|at| days_until(at, now));
    let (tone, text, action) = match (profile.state.as_str(), days) {
        ("authorized", _) if profile.confirmed_at.is_none() => (
            Tone::Warn,
            format!("The profile {name} is not set up to the end"),
            "Go on",
        ),
        ("authorized", Some(days)) if days <= SOON => (
            Tone::Warn,
            format!("The authorization of {name} ends in {}", in_days(days)),
            "Authorize again",
        ),
        ("authorized", _) => return None,
        _ => (
            Tone::Bad,
            format!("The profile {name} needs to be authorized again"),
            "Authorize again",
        ),
    };
    Some(Notice {
        tone,
        text,
        path: format!("/profiles/{}", profile.id),
        action,
    })
}

fn in_days(days: i64) -> String {
    match days {
        ..=1 => "less than a day".to_owned(),
        days => format!("{days} days"),
    }
}

fn stuck(accounts: i64) -> Notice {
    let text = match accounts {
        1 => "One account cannot be synced".to_owned(),
        many => format!("{many} accounts cannot be synced"),
    };
    Notice {
        tone: Tone::Bad,
        text,
        path: "/sync".into(),
        action: "See why",
    }
}

fn form_changes(count: i64) -> String {
    match count {
        1 => "One change at a form that nobody has looked at".to_owned(),
        many => format!(
            "{} changes at forms that nobody has looked at",
            thousands(many)
        ),
    }
}

fn submissions(count: i64) -> String {
    match count {
        1 => "One submission".to_owned(),
        10_001.. => "More than 10,000 submissions".to_owned(),
        many => format!("{} submissions", thousands(many)),
    }
}

/// The list of what was submitted since the day of a moment, in UTC.
pub(super) fn since(at: i64, status: Option<MatchingStatus>) -> String {
    let day = Day::of(at).map(|day| format!("from={day}"));
    let status = status.map(|status| format!("status={}", status.slug()));
    let query: Vec<String> = day.into_iter().chain(status).collect();
    format!("/submissions?{}", query.join("&"))
}

fn tiles(figures: &Figures, now: i64) -> impl IntoView + use<> {
    let week = week_of(now);
    let count = |count: i64| match count {
        10_001.. => "10,000+".to_owned(),
        count => thousands(count),
    };
    let figures = *figures;
    view! {
        <Tiles>
            <Tile label="Submissions today" value=count(figures.today) hint="since midnight UTC" path=since(now, None) />
            <Tile label="Submissions" value=count(figures.week) hint="last 7 days" path=since(week, None) />
            <Tile label="Leads created" value=count(figures.created) hint="last 7 days" path=since(week, Some(MatchingStatus::Created)) />
            <Tile label="Leads updated" value=count(figures.updated) hint="last 7 days" path=since(week, Some(MatchingStatus::Updated)) />
            <Tile label="Waiting" value=count(figures.waiting) hint="to become leads" path=WAITING />
        </Tiles>
    }
}

fn day(count: Count) -> Bar {
    Bar {
        label: utc_day(count.key),
        value: count.submissions,
        path: None,
    }
}

fn form(count: Count) -> Bar {
    Bar {
        path: Some(format!("/submissions?form={}", count.key)),
        label: count.name,
        value: count.submissions,
    }
}

fn latest_submissions(latest: Vec<LatestSubmission>) -> impl IntoView {
    let columns = ["Person", "Form", "Result", "Submitted"];
    let columns = columns.map(Column::new).to_vec();
    let rows = latest.into_iter().map(row).collect();
    let all = || view! { <a class="button" href="/submissions">"All submissions"</a> };
    view! {
        <Section title="Latest submissions" actions=all>
            <Table caption="Latest submissions" columns=columns rows=rows />
        </Section>
    }
}

fn row(submission: LatestSubmission) -> Row {
    let (status, state) = (submission.status(), submission.state());
    let names = [submission.person_name, submission.person_email];
    let name = names.into_iter().find(|text| !text.is_empty());
    Row::new()
        .link(format!("/submissions/{}", submission.id), name.unwrap_or_else(|| "No name given".into()))
        .cell(view! { <bdi>{submission.form_name.unwrap_or_else(|| "Unknown form".into())}</bdi> })
        .cell(view! { <span class="row"><Matching status=status state=state />{submission.test.then(|| view! { <TestMark /> })}</span> })
        .cell(view! { <Time at=submission.submitted_at relative=true /> })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(state: &str, chosen: i64, confirmed: bool) -> Profile {
        Profile {
            id: 1,
            name: "Ada".into(),
            owner_id: 1,
            owner_name: "Ada".into(),
            member_name: None,
            state: state.into(),
            status_detail: None,
            scopes: String::new(),
            expires_at: None,
            renews: false,
            authorized_at: None,
            confirmed_at: confirmed.then_some(1),
            discovered_at: None,
            accounts: 2,
            chosen,
        }
    }

    #[test]
    fn the_first_steps_know_how_far_the_set_up_is() {
        assert_eq!(current_step(&[]), 0);
        assert_eq!(current_step(&[profile("expired", 2, true)]), 0);
        assert_eq!(current_step(&[profile("authorized", 0, false)]), 1);
        assert_eq!(current_step(&[profile("authorized", 2, false)]), 2);
        let beside = [profile("expired", 0, false), profile("authorized", 1, true)];
        assert_eq!(current_step(&beside), 3);
    }
}
