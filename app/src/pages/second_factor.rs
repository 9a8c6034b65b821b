//! Setting up, renewing and switching off one's own second factor.
//!
//! Each step that changes something asks for the password. After it has been given, the session may
//! show the new secret for ten minutes, so that the page can be loaded again; nobody sees it later.

use axum::response::{IntoResponse, Redirect, Response};
use leadline::{
    store::{now, own_account::Sure, second_factor::SecondFactor, sign_in::Tried},
    throttle::Guess,
    totp::Authenticator,
};
use leptos::prelude::*;
use secrecy::{ExposeSecret, SecretString};

use super::{
    me::{note_refusal, prove, session_id},
    sign_in_code::WRONG,
};
use crate::{
    Answer, Failure, FormState, Input, Visit,
    ui::{Banner, Field, Qr, Section, Submit, Tone},
};

/// Where it is.
const PATH: &str = "/me/second-factor";
/// The session's key for until when it may show the new secret.
const SHOWN_UNTIL: &str = "second_factor_shown_until";
/// How long that is, in milliseconds.
const SHOWN_FOR: i64 = 10 * 60 * 1000;

/// Shows the step that comes next.
pub async fn show(visit: Visit) -> Answer {
    render(&visit, FormState::default()).await
}

/// Makes a new secret after the password was given, and shows it.
pub async fn begin(visit: Visit, input: Input) -> Answer {
    let mut form = FormState::default();
    let Some(sure) = prove(&visit, input.raw("current_password"), &mut form).await? else {
        return render(&visit, form).await;
    };
    sure.begin_second_factor(&visit.services.sealer).await?;
    visit.session.insert(SHOWN_UNTIL, now() + SHOWN_FOR).await?;
    Ok(Redirect::to(PATH).into_response())
}

/// Switches it on with the first code, and shows the recovery codes this once.
pub async fn confirm(visit: Visit, input: Input) -> Answer {
    let mut form = FormState::default();
    let Some(guess) = admit(&visit, &mut form) else {
        return render(&visit, form).await;
    };
    let (sealer, session) = (&visit.services.sealer, session_id(&visit));
    let confirmed = visit
        .signed()
        .confirm_second_factor(sealer, input.text("code"), &session, now())
        .await?;
    let Some(codes) = confirmed else {
        form.wrong("code", WRONG);
        return render(&visit, form).await;
    };
    visit.services.throttle.succeeded(&guess);
    visit.session.remove::<i64>(SHOWN_UNTIL).await?;
    Ok(recovery_codes(&visit, "Your second factor is on", codes))
}

/// Makes new recovery codes.
pub async fn renew_codes(visit: Visit, input: Input) -> Answer {
    let mut form = FormState::default();
    let renewed = match both(&visit, &input, &mut form).await? {
        Some((sure, guess)) => {
            let sealer = &visit.services.sealer;
            let codes = sure
                .renew_recovery_codes(sealer, input.text("code"), now())
                .await?;
            codes.inspect(|_| visit.services.throttle.succeeded(&guess))
        }
        None => return render(&visit, form).await,
    };
    match renewed {
        Some(codes) => Ok(recovery_codes(&visit, "New recovery codes", codes)),
        None => wrong_code(&visit, form).await,
    }
}

/// Switches it off.
pub async fn switch_off(visit: Visit, input: Input) -> Answer {
    let mut form = FormState::default();
    let Some((sure, guess)) = both(&visit, &input, &mut form).await? else {
        return render(&visit, form).await;
    };
    let sealer = &visit.services.sealer;
    if !sure
        .switch_off_second_factor(sealer, input.text("code"), now())
        .await?
    {
        return wrong_code(&visit, form).await;
    }
    visit.services.throttle.succeeded(&guess);
    visit
        .done(
            "/me",
            "Your second factor is off. Your password alone lets you in.",
        )
        .await
}

/// Whoever has typed both the password and a code soon enough; the code is not looked at yet.
async fn both(
    visit: &Visit,
    input: &Input,
    form: &mut FormState,
) -> Result<Option<(Sure, Guess)>, Failure> {
    let Some(sure) = prove(visit, input.raw("current_password"), form).await? else {
        return Ok(None);
    };
    Ok(admit(visit, form).map(|guess| (sure, guess)))
}

async fn wrong_code(visit: &Visit, mut form: FormState) -> Answer {
    note_refusal(visit, Tried::Code).await?;
    form.wrong("code", WRONG);
    render(visit, form).await
}

fn admit(visit: &Visit, form: &mut FormState) -> Option<Guess> {
    let person = visit.person();
    let guess = visit.admit(Guess::code(person.id, visit.address), &person.email);
    guess.map_err(|says| form.wrong("code", says)).ok()
}

async fn render(visit: &Visit, form: FormState) -> Result<Response, Failure> {
    let second = visit
        .services
        .store
        .second_factor(visit.person().id)
        .await?;
    let sheet = visit
        .page("Second factor")
        .back("/me", "Your account")
        .form(form);
    if second.on_since.is_some() {
        return Ok(sheet.show(move || manage(second)));
    }
    match shown(visit).await? {
        Some(authenticator) => {
            let address = authenticator.address()?;
            Ok(sheet.show(move || scan(&authenticator.secret(), &address)))
        }
        None => {
            let owes = visit.owes_second_factor;
            Ok(sheet.show(move || ask(owes)))
        }
    }
}

/// The new authenticator, while this session may show it.
async fn shown(visit: &Visit) -> Result<Option<Authenticator>, Failure> {
    let until = visit.session.get::<i64>(SHOWN_UNTIL).await?;
    if until.is_none_or(|until| until <= now()) {
        return Ok(None);
    }
    let sealer = &visit.services.sealer;
    Ok(visit.signed().new_authenticator(sealer).await?)
}

fn ask(owes: bool) -> impl IntoView {
    view! {
        {owes.then(|| view! {
            <Banner tone=Tone::Warn title="Administrators need a second factor here">
                "Set one up, and you can go on."
            </Banner>
        })}
        <form class="form" method="post" action=PATH>
            <p>
                "You need an authenticator app: it shows six digits that change every half minute. From then on \
                 Leadline asks for them after your password."
            </p>
            <Field name="current_password" label="Your password" kind="password" autocomplete="current-password" most=256 />
            <Submit label="Go on" />
        </form>
    }
}

fn scan(secret: &SecretString, address: &SecretString) -> impl IntoView + use<> {
    let address = address.expose_secret().to_owned();
    let groups = secret.expose_secret().as_bytes().chunks(4);
    let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
    let typed = groups.join(" ");
    view! {
        <Section title="1. Add Leadline to your app">
            <p>"Scan this with your authenticator app."</p>
            <Qr text=address label="QR code for your authenticator app" />
            <p>"Or type this secret into the app: "<code class="secret">{typed}</code></p>
        </Section>
        <Section title="2. Type what the app shows">
            <form class="form" method="post" action=format!("{PATH}/confirm")>
                <Field name="code" label="Code" autocomplete="one-time-code" most=20
                    hint="Six digits. You will be signed out everywhere else." />
                <Submit label="Switch on" />
            </form>
        </Section>
    }
}

fn recovery_codes(visit: &Visit, title: &str, codes: Vec<String>) -> Response {
    let codes = codes
        .into_iter()
        .map(|code| view! { <li><code>{code}</code></li> });
    let codes = codes.collect_view();
    visit.page(title).show(move || {
        view! {
            <Banner tone=Tone::Warn title="Keep these recovery codes">
                "Without your phone, each of them lets you in once. Print them or put them into a password \
                 manager: they are not shown again."
            </Banner>
            <ul class="codes" aria-label="Recovery codes">{codes}</ul>
            <p><a class="button primary" href="/me">"I have kept them"</a></p>
        }
    })
}

fn manage(second: SecondFactor) -> impl IntoView {
    let left = second.codes_left;
    view! {
        <form class="form" method="post" action=format!("{PATH}/codes")>
            <p>
                {match left {
                    1 => "One recovery code is left.".to_owned(),
                    left => format!("{left} recovery codes are left."),
                }}
                " New ones replace those that you have. For another phone, switch the second factor off and set it up again."
            </p>
            <Field name="current_password" label="Your password" kind="password" autocomplete="current-password" most=256 />
            <Field name="code" label="Code" autocomplete="one-time-code" most=40
                hint="Six digits from your authenticator app, or one of your recovery codes." />
            <div class="actions">
                <Submit label="Make new recovery codes" />
                <button class="button danger" type="submit" formaction=format!("{PATH}/off")>"Switch off"</button>
            </div>
        </form>
    }
}
