//! Signing in.

use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use leadline::store::{now, sign_in::Proof};
use leptos::prelude::*;
use serde::Deserialize;

use crate::{
    Answer, Failure, FormState, Input, Visitor, own_path,
    ui::{Field, Submit},
};

/// What may stand in the address.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// Where to go afterwards.
    next: Option<String>,
}

/// Shows the form; whoever is signed in already goes on, and before anybody exists the first
/// administrator is made.
pub async fn show(visitor: Visitor, Query(asked): Query<Asked>) -> Answer {
    let next = asked.next.unwrap_or_default();
    if visitor.person.is_some() {
        return Ok(Redirect::to(own_path(&next)).into_response());
    }
    if !visitor.services.store.has_people().await? {
        return Err(Failure::Elsewhere("/first-start".into()));
    }
    Ok(page(&visitor, FormState::default(), StatusCode::OK, next))
}

/// Signs in, unless too many tries came before this one.
pub async fn submit(visitor: Visitor, input: Input) -> Answer {
    let (email, next) = (input.text("email"), input.text("next").to_owned());
    let form = FormState::of(&input);
    let (services, address) = (&visitor.services, visitor.address);
    if let Err(wait) = services.throttle.admit(email, address, now()) {
        let form = form.problem_is(too_many(wait));
        return Ok(page(&visitor, form, StatusCode::TOO_MANY_REQUESTS, next));
    }
    let store = &services.store;
    let found = store.check_password(email, input.raw("password")).await?;
    let Some(person) = found else {
        let from = address.to_string();
        store.note_refusal(email, &from, now()).await?;
        let form = form.problem_is("E-mail address or password is wrong. Try again, or ask an administrator for a new password.");
        return Ok(page(&visitor, form, StatusCode::UNPROCESSABLE_ENTITY, next));
    };
    services.throttle.succeeded(email, address);
    visitor.sign_in(&person, Proof::Password, &next).await
}

fn too_many(wait: i64) -> String {
    let seconds = (wait + 999) / 1000;
    let time = match seconds {
        ..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", (seconds + 59) / 60),
    };
    format!("Too many tries. Wait {time} and try again.")
}

fn page(
    visitor: &Visitor,
    form: FormState,
    status: StatusCode,
    next: String,
) -> axum::response::Response {
    visitor.page("Sign in").bare().form(form).status(status).show(move || {
        view! {
            <form method="post" action="/sign-in">
                <input type="hidden" name="next" value=next />
                <Field name="email" label="E-mail address" kind="email" autocomplete="username" most=254 />
                <Field name="password" label="Password" kind="password" autocomplete="current-password" most=256 />
                <Submit label="Sign in" />
            </form>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::too_many;

    #[test]
    fn the_wait_is_said_in_plain_words() {
        let said = [1, 1_001, 90_000, 91_000].map(too_many);
        let waits = ["a second", "2 seconds", "90 seconds", "2 minutes"];
        for (text, wait) in said.iter().zip(waits) {
            assert_eq!(text, &format!("Too many tries. Wait {wait} and try again."));
        }
    }
}
