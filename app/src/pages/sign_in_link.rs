//! A link by which somebody who is not signed in chooses a password. Looking at it does not use it
//! up; its address stays on this page, where nothing passes it on.

use axum::{
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use leadline::{
    error::Kind,
    store::{
        now,
        people::Person,
        sign_in::{Proof, Tried},
    },
    throttle::Guess,
};
use leptos::prelude::*;

use crate::{
    Answer, FormState, Input, Visitor,
    pages::first_start::same_twice,
    ui::{Empty, Field, Submit},
};

/// Shows the form, as long as the link works.
pub async fn show(visitor: Visitor, Path(token): Path<String>) -> Answer {
    Ok(match find(&visitor, &token).await? {
        Found::Person(person) => form(&visitor, &token, &person, FormState::default()),
        Found::Nobody => gone(&visitor),
        Found::TooMany(says) => later(&visitor, says),
    })
}

/// Uses the link up: keeps the password and goes on to sign in.
pub async fn submit(visitor: Visitor, Path(token): Path<String>, input: Input) -> Answer {
    let person = match find(&visitor, &token).await? {
        Found::Person(person) => person,
        Found::Nobody => return Ok(gone(&visitor)),
        Found::TooMany(says) => return Ok(later(&visitor, says)),
    };
    let mut state = FormState::of(&input);
    same_twice(&input, &mut state);
    if state.is_wrong() {
        return Ok(form(&visitor, &token, &person, state));
    }
    let store = &visitor.services.store;
    match store.use_link(&token, input.raw("password"), now()).await {
        Ok(person) => visitor.sign_in(&person, Proof::Link, "/").await,
        Err(error) if error.kind() == Kind::Invalid => {
            state.wrong("password", error.message());
            Ok(form(&visitor, &token, &person, state))
        }
        Err(error) if error.kind() == Kind::NotFound => Ok(gone(&visitor)),
        Err(error) => Err(error.into()),
    }
}

/// Whose link it is.
enum Found {
    Person(Person),
    Nobody,
    TooMany(String),
}

/// Looks a link up; who guesses has to wait longer and longer.
async fn find(visitor: &Visitor, token: &str) -> Result<Found, crate::Failure> {
    let guess = match visitor.admit(Guess::link(visitor.address), "") {
        Ok(guess) => guess,
        Err(says) => return Ok(Found::TooMany(says)),
    };
    let services = &visitor.services;
    let Some(person) = services.store.find_link(token, now()).await? else {
        let address = visitor.address.to_string();
        let noted = services
            .store
            .note_refusal("", Tried::Link, &address, now());
        noted.await?;
        return Ok(Found::Nobody);
    };
    services.throttle.succeeded(&guess);
    Ok(Found::Person(person))
}

fn form(visitor: &Visitor, token: &str, person: &Person, state: FormState) -> Response {
    let action = format!("/sign-in/link/{token}");
    let (name, email) = (person.name.clone(), person.email.clone());
    let sheet = visitor.page("Choose a password").bare().form(state);
    private(sheet.show(move || {
        view! {
            <p class="muted">"For "<bdi>{name}</bdi>", who signs in as "<strong>{email.clone()}</strong>"."</p>
            <form method="post" action=action>
                <input type="hidden" name="email" value=email autocomplete="username" />
                <Field name="password" label="Password" kind="password" autocomplete="new-password" most=256
                    hint="At least 12 characters. A few unusual words are easier to remember than symbols." />
                <Field name="password_again" label="The same password again" kind="password" autocomplete="new-password" most=256 />
                <Submit label="Save and sign in" />
            </form>
        }
    }))
}

/// The one page for every link that does not work: unknown, used, run out, replaced.
fn gone(visitor: &Visitor) -> Response {
    let by_mail = visitor.services.mailer.is_some();
    let sheet = visitor.page("This link does not work").bare();
    private(sheet.status(StatusCode::NOT_FOUND).show(move || {
        view! {
            <Empty title="It has been used, has run out, or was replaced by a newer one">
                <p>"If you have chosen a password already, sign in with it. Else ask an administrator of your Leadline for a new link."</p>
                <p><a class="button primary" href="/sign-in">"Sign in"</a></p>
                {by_mail.then(|| view! { <p><a href="/sign-in/forgot">"Forgot your password?"</a></p> })}
            </Empty>
        }
    }))
}

fn later(visitor: &Visitor, says: String) -> Response {
    let state = FormState::default().problem_is(says);
    let sheet = visitor.page("This link does not work").bare().form(state);
    private(sheet.status(StatusCode::TOO_MANY_REQUESTS).show(|| ()))
}

/// Keeps the address from whatever the page leads to.
fn private(mut page: Response) -> Response {
    let none = HeaderValue::from_static("no-referrer");
    page.headers_mut().insert(header::REFERRER_POLICY, none);
    page
}
