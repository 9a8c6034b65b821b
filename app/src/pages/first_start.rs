//! The first start: somebody makes themselves the first administrator. As soon as there is anybody,
//! this page is gone.

use axum::response::Response;
use leadline::{
    error::{Error, Kind},
    store::{now, people::NewPerson, sign_in::Proof},
};
use leptos::prelude::*;

use crate::{
    Answer, FormState, Input, Visitor,
    pages::single_sign_on,
    ui::{Field, Submit},
};

/// Shows the form, as long as there is nobody.
pub async fn show(visitor: Visitor) -> Answer {
    still_nobody(&visitor).await?;
    Ok(page(&visitor, FormState::default()))
}

/// Makes the first administrator and signs them in.
pub async fn submit(visitor: Visitor, input: Input) -> Answer {
    still_nobody(&visitor).await?;
    let new = NewPerson {
        email: input.text("email"),
        name: input.text("name"),
        password: input.raw("password"),
        administrator: true,
        salesperson: true,
    };
    let form = check(&input, &new);
    if form.is_wrong() {
        return Ok(page(&visitor, form));
    }
    let store = &visitor.services.store;
    let person = match store.create_first_administrator(new, now()).await {
        Err(error) if error.kind() == Kind::Invalid => {
            return Ok(page(&visitor, form.refused(&error)));
        }
        made => made?,
    };
    visitor.sign_in(&person, Proof::Password, "/").await
}

fn check(input: &Input, new: &NewPerson<'_>) -> FormState {
    let mut form = FormState::of(input);
    for (field, error) in new.problems() {
        form.wrong(field, error.message());
    }
    same_twice(input, &mut form);
    form
}

/// Notes when a new password was not typed twice alike.
pub(super) fn same_twice(input: &Input, form: &mut FormState) {
    if input.raw("password") != input.raw("password_again") {
        form.wrong(
            "password_again",
            "The two passwords differ. Type the same one twice.",
        );
    }
}

async fn still_nobody(visitor: &Visitor) -> Result<(), Error> {
    if visitor.services.store.has_people().await? {
        return Err(Error::new(
            Kind::NotFound,
            "The first administrator has been made already.",
        ));
    }
    Ok(())
}

fn page(visitor: &Visitor, form: FormState) -> Response {
    let elsewhere = single_sign_on::button(visitor, "");
    visitor.page("Welcome").bare().form(form).show(|| {
        view! {
            <p class="muted">"You are the first one here. Make yourself the administrator; you can add colleagues later."</p>
            {elsewhere}
            <form method="post" action="/first-start">
                <Field name="name" label="Your name" autocomplete="name" />
                <Field name="email" label="E-mail address" kind="email" autocomplete="username" most=254 />
                <Field name="password" label="Password" kind="password" autocomplete="new-password" most=256
                    hint="At least 12 characters. A few unusual words are easier to remember than symbols." />
                <Field name="password_again" label="The same password again" kind="password" autocomplete="new-password" most=256 />
                <Submit label="Create administrator" />
            </form>
        }
    })
}
