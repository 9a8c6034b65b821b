//! "Forgot your password?": a link by mail. The answer is the same for everybody and comes at once;
//! whether there is somebody to write to is found out afterwards.

use axum::{http::StatusCode, response::Response};
use leadline::{
    error::{Error, Kind},
    store::now,
    throttle::Guess,
};
use leptos::prelude::*;

use crate::{
    Answer, FormState, Input, Services, Visitor, mail,
    ui::{Banner, Field, Submit, Tone},
};

/// Shows the form, when there is a mail server.
pub async fn show(visitor: Visitor) -> Answer {
    only_with_mail(&visitor)?;
    Ok(page(&visitor, FormState::default(), StatusCode::OK))
}

/// Takes the address, unless too many came before this one.
pub async fn submit(visitor: Visitor, input: Input) -> Answer {
    only_with_mail(&visitor)?;
    let services = visitor.services.clone();
    let email = input.text("email").to_owned();
    if let Err(says) = visitor.admit(Guess::mail(&email, visitor.address), &email) {
        let form = FormState::of(&input).problem_is(says);
        return Ok(page(&visitor, form, StatusCode::TOO_MANY_REQUESTS));
    }
    tokio::spawn(async move {
        if let Err(error) = write(&services, &email).await {
            tracing::error!(?error, "no mail to somebody who forgot their password");
        }
    });
    Ok(visitor.page("Look into your mail").bare().show(|| {
        view! {
            <Banner tone=Tone::Info live=true>
                "If somebody signs in here with this e-mail address and a password, a mail with a link is on its way. The \
                 link works once, for 24 hours."
            </Banner>
            <p class="muted">"No mail after a few minutes? Look into the folder for spam, then ask an administrator."</p>
            <p><a class="button" href="/sign-in">"Back to signing in"</a></p>
        }
    }))
}

async fn write(services: &Services, email: &str) -> Result<(), Error> {
    match services.store.make_forgotten_link(email, now()).await? {
        Some((person, link)) => mail::send_link(services, &person, &link)
            .await
            .unwrap_or(Ok(())),
        None => Ok(()),
    }
}

fn only_with_mail(visitor: &Visitor) -> Result<(), Error> {
    if visitor.services.mailer.is_some() {
        return Ok(());
    }
    let message =
        "Leadline sends no mail here. Ask an administrator for a link to choose a new password.";
    Err(Error::new(Kind::NotFound, message))
}

fn page(visitor: &Visitor, form: FormState, status: StatusCode) -> Response {
    let sheet = visitor.page("Forgot your password?").bare().form(form);
    sheet.status(status).show(|| {
        view! {
            <p class="muted">"Leadline sends you a link by which you choose a new one."</p>
            <form method="post" action="/sign-in/forgot">
                <Field name="email" label="E-mail address" kind="email" autocomplete="username" most=254 />
                <Submit label="Send the link" />
            </form>
            <p><a href="/sign-in">"Back to signing in"</a></p>
        }
    })
}
