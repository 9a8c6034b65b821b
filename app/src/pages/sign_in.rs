//! Signing in.

use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use leadline::{
    store::{
        now,
        sign_in::{Proof, Tried},
    },
    throttle::Guess,
};
use leptos::prelude::*;
use serde::Deserialize;

use crate::{
    Answer, Failure, FormState, Input, Visitor, own_path,
    pages::single_sign_on,
    ui::{Field, Submit},
};

/// What may stand in the address.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// Where to go afterwards.
    next: Option<String>,
    /// The code of a single sign-on that failed.
    error: Option<String>,
}

/// Shows the form; whoever is signed in already goes on, and before anybody exists the first
/// administrator is made.
pub async fn show(visitor: Visitor, Query(asked): Query<Asked>) -> Answer {
    if visitor.person.is_some() {
        let next = asked.next.unwrap_or_default();
        return Ok(Redirect::to(own_path(&next)).into_response());
    }
    let services = &visitor.services;
    let first = asked.error.is_none() && !single_sign_on::only(services);
    if first && !services.store.has_people().await? {
        return Err(Failure::Elsewhere("/first-start".into()));
    }
    Ok(page(&visitor, FormState::default(), StatusCode::OK, asked))
}

/// Signs in, unless too many tries came before this one.
pub async fn submit(visitor: Visitor, input: Input) -> Answer {
    let (email, next) = (input.text("email"), input.text("next").to_owned());
    let form = FormState::of(&input);
    let refused = |form, status| {
        let (next, error) = (Some(next.clone()), None);
        Ok(page(&visitor, form, status, Asked { next, error }))
    };
    let guess = match visitor.admit(Guess::password(email, visitor.address), email) {
        Ok(guess) => guess,
        Err(says) => return refused(form.problem_is(says), StatusCode::TOO_MANY_REQUESTS),
    };
    let store = &visitor.services.store;
    let found = store.check_password(email, input.raw("password")).await?;
    let Some(person) = found else {
        let address = visitor.address.to_string();
        store
            .note_refusal(email, Tried::Password, &address, now())
            .await?;
        let form = form.problem_is("E-mail address or password is wrong. Try again, or ask an administrator for a new password.");
        return refused(form, StatusCode::UNPROCESSABLE_ENTITY);
    };
    visitor.services.throttle.succeeded(&guess);
    visitor.sign_in(&person, Proof::Password, &next).await
}

/// The form once more, saying why.
pub(super) fn again(visitor: &Visitor, why: &str) -> Response {
    let form = FormState::default().problem_is(why);
    let asked = Asked::default();
    page(visitor, form, StatusCode::UNPROCESSABLE_ENTITY, asked)
}

fn page(visitor: &Visitor, form: FormState, status: StatusCode, asked: Asked) -> Response {
    let next = asked.next.unwrap_or_default();
    let failed = single_sign_on::problem(asked.error.as_deref());
    let elsewhere = single_sign_on::button(visitor, &next);
    let by_mail = visitor.services.mailer.is_some();
    let here = (!single_sign_on::only(&visitor.services)).then(|| password(next, by_mail));
    let sheet = visitor.page("Sign in").bare().form(form).status(status);
    sheet.show(move || view! { {failed} {elsewhere} {here} })
}

fn password(next: String, by_mail: bool) -> impl IntoView {
    view! {
        <form method="post" action="/sign-in">
            <input type="hidden" name="next" value=next />
            <Field name="email" label="E-mail address" kind="email" autocomplete="username" most=254 />
            <Field name="password" label="Password" kind="password" autocomplete="current-password" most=256 />
            <Submit label="Sign in" />
        </form>
        {by_mail.then(|| view! { <p><a href="/sign-in/forgot">"Forgot your password?"</a></p> })}
    }
}
