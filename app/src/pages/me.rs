//! One's own account.

use axum::response::Response;
use leadline::{
    error::Kind,
    store::{
        now,
        own_account::{OwnSession, Sure},
        second_factor::SecondFactor,
        sign_in::Tried,
    },
    throttle::Guess,
};
use leptos::prelude::*;

use crate::{
    Answer, Failure, FormState, Input, Visit,
    pages::{first_start::same_twice, single_sign_on},
    ui::{Badge, Column, Fact, Facts, Field, Row, Section, Submit, Table, Time, Tone, roles},
};

/// Shows the account.
pub async fn show(visit: Visit) -> Answer {
    render(&visit, FormState::default()).await
}

/// Changes the password; all other sessions end.
pub async fn change_password(visit: Visit, input: Input) -> Answer {
    let mut form = FormState::of(&input);
    let new = input.raw("password");
    same_twice(&input, &mut form);
    let Some(sure) = prove(&visit, input.raw("current_password"), &mut form).await? else {
        return render(&visit, form).await;
    };
    if form.is_wrong() {
        return render(&visit, form).await;
    }
    match sure.change_password(new, &session_id(&visit), now()).await {
        Err(error) if error.kind() == Kind::Invalid => {
            form.wrong("password", error.message());
            return render(&visit, form).await;
        }
        changed => changed?,
    }
    visit.session.cycle_id().await?;
    visit
        .done(
            "/me",
            "Your password is changed, and you are signed out everywhere else.",
        )
        .await
}

/// Ends one of the own sessions.
pub async fn end_session(visit: Visit, input: Input) -> Answer {
    visit
        .signed()
        .end_session(input.text("session"), now())
        .await?;
    visit.done("/me", "That session has ended.").await
}

/// Ends all own sessions but this one.
pub async fn end_other_sessions(visit: Visit) -> Answer {
    let ended = visit
        .signed()
        .end_other_sessions(&session_id(&visit), now())
        .await?;
    let said = match ended {
        0 => "There were no other sessions.".to_owned(),
        1 => "One other session has ended.".to_owned(),
        _ => format!("{ended} other sessions have ended."),
    };
    visit.done("/me", &said).await
}

/// The person, sure to be it, if this is their password; else the form says why not.
pub(super) async fn prove(
    visit: &Visit,
    password: &str,
    form: &mut FormState,
) -> Result<Option<Sure>, Failure> {
    const FIELD: &str = "current_password";
    let email = &visit.person().email;
    let guess = match visit.admit(Guess::password(email, visit.address), email) {
        Ok(guess) => guess,
        Err(says) => {
            form.wrong(FIELD, says);
            return Ok(None);
        }
    };
    let sure = visit.signed().prove(password).await?;
    match sure {
        Some(_) => visit.services.throttle.succeeded(&guess),
        None => {
            note_refusal(visit, Tried::Password).await?;
            form.wrong(FIELD, "This is not your password. Try again.");
        }
    }
    Ok(sure)
}

/// Notes that somebody could not prove that the account is theirs.
pub(super) async fn note_refusal(visit: &Visit, tried: Tried) -> Result<(), Failure> {
    let (signed, address) = (visit.signed(), visit.address.to_string());
    Ok(signed.note_refused_proof(tried, &address, now()).await?)
}

/// The id that this browser holds.
pub(super) fn session_id(visit: &Visit) -> String {
    visit
        .session
        .id()
        .map_or_else(String::new, |id| id.to_string())
}

async fn render(visit: &Visit, form: FormState) -> Result<Response, Failure> {
    let signed = visit.signed();
    let closed = single_sign_on::only(&visit.services);
    let has_password = !closed && signed.has_password().await?;
    let second = visit
        .services
        .store
        .second_factor(visit.person().id)
        .await?;
    let sessions = signed.list_sessions(&session_id(visit), now()).await?;
    let person = visit.person().clone();
    let what = roles(&person);
    Ok(visit.page("Your account").form(form).show(move || {
        view! {
            <div class="page">
                <Facts>
                    <Fact term="Name">{person.name}</Fact>
                    <Fact term="E-mail address">{person.email}</Fact>
                    <Fact term="Roles">{what}</Fact>
                </Facts>
                {if has_password {
                    view! { {password_form()} {second_factor(second)} }.into_any()
                } else {
                    elsewhere().into_any()
                }}
                {list(sessions)}
            </div>
        }
    }))
}

fn elsewhere() -> impl IntoView {
    view! {
        <Section title="Password">
            <p class="muted">
                "You sign in through your organization, which also asks for a second factor if it wants one. \
                 There is no password here."
            </p>
        </Section>
    }
}

fn password_form() -> impl IntoView {
    view! {
        <Section title="Password">
            <form class="form" method="post" action="/me/password">
                <Field name="current_password" label="Current password" kind="password" autocomplete="current-password" most=256 />
                <Field name="password" label="New password" kind="password" autocomplete="new-password" most=256
                    hint="At least 12 characters. A few unusual words are easier to remember than symbols." />
                <Field name="password_again" label="The same password again" kind="password" autocomplete="new-password" most=256
                    hint="You will be signed out everywhere else." />
                <Submit label="Change password" />
            </form>
        </Section>
    }
}

fn second_factor(second: SecondFactor) -> impl IntoView {
    let go = |label: &'static str| view! { <a class="button" href="/me/second-factor">{label}</a> };
    match second.on_since {
        Some(since) => {
            let (tone, codes) = match second.codes_left {
                0 => (Tone::Bad, "No recovery code is left".to_owned()),
                1 => (Tone::Warn, "One recovery code is left".to_owned()),
                left @ 2..=3 => (Tone::Warn, format!("{left} recovery codes are left")),
                left => (Tone::Quiet, format!("{left} recovery codes are left")),
            };
            view! {
                <Section title="Second factor" actions=move || go("Manage")>
                    <p>
                        <Badge tone=Tone::Good>"On"</Badge>" since "<Time at=since />" "<Badge tone=tone>{codes}</Badge>
                    </p>
                </Section>
            }
            .into_any()
        }
        None => view! {
            <Section title="Second factor" actions=move || go("Set up")>
                <p>
                    <Badge tone=Tone::Quiet>"Off"</Badge>
                    " With a second factor your password alone lets nobody in: an app on your phone shows a code that is needed too."
                </p>
            </Section>
        }
        .into_any(),
    }
}

fn list(sessions: Vec<OwnSession>) -> impl IntoView {
    let columns = [
        "Browser",
        "Network address",
        "Signed in",
        "Last seen",
        "End",
    ];
    let columns = columns.map(Column::new).to_vec();
    let others = sessions.len() > 1;
    let rows = sessions.into_iter().map(|session| {
        let browser = session.browser.clone().unwrap_or_else(|| "Unknown".into());
        Row::new()
            .cell(browser.clone())
            .cell(session.address.clone().unwrap_or_else(|| "Unknown".into()))
            .cell(view! { <Time at=session.begun_at /> })
            .cell(view! { <Time at=session.seen_at relative=true /> })
            .cell(end(session, &browser))
    });
    let rows = rows.collect();
    let all = move || {
        others.then(|| {
            view! {
                <form method="post" action="/me/sessions/end-others">
                    <button class="button" type="submit">"End all others"</button>
                </form>
            }
        })
    };
    view! {
        <Section title="Where you are signed in" actions=all>
            <p class="muted">"Do you not know one of these? End it, and change your password."</p>
            <Table caption="Your sessions" columns=columns rows=rows />
        </Section>
    }
}

fn end(session: OwnSession, browser: &str) -> AnyView {
    if session.current {
        return view! { <Badge tone=Tone::Good>"This one"</Badge> }.into_any();
    }
    let label = format!("End the session in {browser}");
    view! {
        <form method="post" action="/me/sessions/end">
            <input type="hidden" name="session" value=session.id />
            <button class="button" type="submit" aria-label=label>"End"</button>
        </form>
    }
    .into_any()
}
