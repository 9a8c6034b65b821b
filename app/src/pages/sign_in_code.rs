//! The second step of signing in: a code of the authenticator app, or a recovery code.

use axum::{http::StatusCode, response::Response};
use leadline::{
    store::{now, sign_in::Tried},
    throttle::Guess,
};
use leptos::prelude::*;

use crate::{
    Answer, Failure, FormState, Input, Visitor,
    pages::sign_in,
    ui::{Field, Submit},
};

/// Asks for the code.
pub async fn show(visitor: Visitor) -> Answer {
    match visitor.owing().await? {
        Some(_) => Ok(page(&visitor, FormState::default())),
        None => Err(Failure::Elsewhere("/sign-in".into())),
    }
}

/// Lets in whoever gives the code, once.
pub async fn submit(visitor: Visitor, input: Input) -> Answer {
    let Some(owing) = visitor.owing().await? else {
        return Ok(sign_in::again(
            &visitor,
            "That took too long. Sign in again.",
        ));
    };
    let (services, person) = (&visitor.services, &owing.person);
    let mut form = FormState::default();
    let guess = Guess::code(person.id, visitor.address);
    let guess = match visitor.admit(guess, &person.email) {
        Ok(guess) => guess,
        Err(says) => return Ok(wait(&visitor, form.problem_is(says))),
    };
    let used = services
        .store
        .use_code(&services.sealer, person.id, input.text("code"), now())
        .await?;
    let Some(used) = used else {
        let address = visitor.address.to_string();
        let store = &services.store;
        store
            .note_refusal(&person.email, Tried::Code, &address, now())
            .await?;
        form.wrong("code", WRONG);
        return Ok(page(&visitor, form));
    };
    services.throttle.succeeded(&guess);
    visitor.complete(owing, used).await
}

/// What to say about a code that is not accepted.
pub(super) const WRONG: &str =
    "This code is wrong or has been used. Wait until the app shows the next one, and type that.";

fn wait(visitor: &Visitor, form: FormState) -> Response {
    let mut response = page(visitor, form);
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response
}

fn page(visitor: &Visitor, form: FormState) -> Response {
    visitor.page("Enter your code").bare().form(form).show(|| {
        view! {
            <form method="post" action="/sign-in/code">
                <Field name="code" label="Code" autocomplete="one-time-code" most=40
                    hint="Six digits from your authenticator app, or one of your recovery codes." />
                <Submit label="Go on" />
            </form>
            <p class="muted">
                "Neither app nor recovery codes at hand? Ask an administrator to switch your second factor off."
            </p>
            <p><a href="/sign-in">"Sign in as somebody else"</a></p>
        }
    })
}
