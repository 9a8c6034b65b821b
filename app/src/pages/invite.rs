//! Inviting somebody.

use axum::response::Response;
use leadline::{
    error::Kind,
    store::{
        now,
        people::manage::{Invitation, PersonChange},
    },
};
use leptos::prelude::*;

use crate::{
    Answer, FormState, Input, Visit,
    pages::user::{RoleBoxes, hand_over},
    ui::{Field, Submit},
};

/// Shows the form.
pub async fn show(visit: Visit) -> Answer {
    visit.administrator()?;
    Ok(page(&visit, FormState::default(), (false, true)))
}

/// Invites somebody, by mail or by a link that the page shows once.
pub async fn submit(visit: Visit, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    let person = change(&input);
    let new = Invitation {
        email: input.text("email"),
        person,
    };
    let mut form = FormState::of(&input);
    for (field, error) in new.problems() {
        form.wrong(field, error.message());
    }
    let chosen = (person.administrator, person.salesperson);
    if form.is_wrong() {
        return Ok(page(&visit, form, chosen));
    }
    match administrator.invite(new, now()).await {
        Ok((person, link)) => hand_over(&visit, &person, &link).await,
        Err(error) if error.kind() == Kind::Conflict => {
            form.wrong("email", error.message());
            Ok(page(&visit, form, chosen))
        }
        Err(error) => Err(error.into()),
    }
}

/// What a form says about somebody.
pub(super) fn change(input: &Input) -> PersonChange<'_> {
    let ticked = |role| input.all("role").any(|value| value == role);
    PersonChange {
        name: input.text("name"),
        administrator: ticked("administrator"),
        salesperson: ticked("salesperson"),
    }
}

fn page(visit: &Visit, form: FormState, chosen: (bool, bool)) -> Response {
    let by_mail = visit.services.mailer.is_some();
    let sheet = visit.page("Invite a user").back("/users", "Users");
    sheet.form(form).show(move || {
        view! {
            <p class="muted">
                {if by_mail { "They get a mail with a link" } else { "You get a link for them" }}
                " by which they choose a password of their own. It works once, for 7 days."
            </p>
            <form class="form" method="post" action="/users/new">
                <Field name="name" label="Name" />
                <Field name="email" label="E-mail address" kind="email" most=254
                    hint="They sign in with it. It cannot be changed later." />
                <RoleBoxes administrator=chosen.0 salesperson=chosen.1 />
                <Submit label="Invite" />
            </form>
        }
    })
}
