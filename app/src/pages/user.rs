//! Somebody who signs in: what they may do, whether they can, what an administrator can do about it.

use axum::extract::Path;
use leadline::{
    error::{Error, Kind},
    store::{
        now,
        people::{
            ListedPerson, Person, PersonState,
            links::{LinkKind, NewLink},
            manage::Belongings,
        },
    },
};
use leptos::prelude::*;

use crate::{
    Answer, FormState, Input, Visit, failure, mail,
    pages::{invite::change, users::second_factor},
    ui::{
        Banner, Check, Checks, Confirm, Copy, Fact, Facts, Field, PersonBadge, Section, Submit,
        Time, Tone, roles,
    },
};

/// Shows somebody.
pub async fn show(visit: Visit, Path(id): Path<i64>) -> Answer {
    render(&visit, id, FormState::default(), None).await
}

/// Changes their name and what they may do.
pub async fn save(visit: Visit, Path(id): Path<i64>, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    let new = change(&input);
    let mut form = FormState::of(&input);
    for (field, error) in new.problems() {
        form.wrong(field, error.message());
    }
    let chosen = Some((new.administrator, new.salesperson));
    if form.is_wrong() {
        return render(&visit, id, form, chosen).await;
    }
    match administrator.change_person(id, new, now()).await {
        Ok(person) if person.id == visit.person().id && !person.administrator => {
            visit
                .done("/", "Saved. You are no administrator any more.")
                .await
        }
        Ok(_) => done(&visit, id, "Saved.").await,
        Err(error) => refused(&visit, id, form, chosen, error).await,
    }
}

/// Keeps them from signing in.
pub async fn disable(visit: Visit, Path(id): Path<i64>) -> Answer {
    let disabled = visit.administrator()?.disable_person(id, now()).await;
    match disabled {
        Ok(_) => done(&visit, id, "Disabled. They are signed out everywhere.").await,
        Err(error) => refused(&visit, id, FormState::default(), None, error).await,
    }
}

/// Lets them sign in again.
pub async fn enable(visit: Visit, Path(id): Path<i64>) -> Answer {
    visit.administrator()?.enable_person(id, now()).await?;
    done(&visit, id, "Enabled. They can sign in again.").await
}

/// Makes the link by which they choose a password.
pub async fn link(visit: Visit, Path(id): Path<i64>) -> Answer {
    let administrator = visit.administrator()?;
    let person = administrator.find_person(id).await?.person;
    match administrator.make_link(id, now()).await {
        Ok(link) => hand_over(&visit, &person, &link).await,
        Err(error) => refused(&visit, id, FormState::default(), None, error).await,
    }
}

/// Switches their second factor off, which they have lost.
pub async fn second_factor_off(visit: Visit, Path(id): Path<i64>) -> Answer {
    let administrator = visit.administrator()?;
    administrator.switch_off_second_factor(id, now()).await?;
    done(&visit, id, "Their second factor is off.").await
}

/// Deletes them.
pub async fn delete(visit: Visit, Path(id): Path<i64>) -> Answer {
    let administrator = visit.administrator()?;
    let name = administrator.find_person(id).await?.person.name;
    match administrator.delete_person(id, now()).await {
        Ok(()) => visit.done("/users", &format!("{name} is deleted.")).await,
        Err(error) => refused(&visit, id, FormState::default(), None, error).await,
    }
}

async fn done(visit: &Visit, id: i64, notice: &str) -> Answer {
    visit.done(&format!("/users/{id}"), notice).await
}

/// The same page again, with why not.
async fn refused(
    visit: &Visit,
    id: i64,
    form: FormState,
    chosen: Option<(bool, bool)>,
    error: Error,
) -> Answer {
    match error.kind() {
        Kind::Conflict => render(visit, id, form.refused(&error), chosen).await,
        _ => Err(error.into()),
    }
}

/// Brings somebody their link: by mail, else the page shows it, once.
pub(super) async fn hand_over(visit: &Visit, person: &Person, link: &NewLink) -> Answer {
    let services = &visit.services;
    let sent = mail::send_link(services, person, link).await;
    if let Some(Ok(())) = sent {
        let validity = link.kind.validity();
        let notice = format!(
            "A mail is on its way to {}. Its link works for {validity}.",
            person.email
        );
        return done(visit, person.id, &notice).await;
    }
    let failed = sent.and_then(Result::err);
    let address = link.address(&services.settings.public_url);
    let (title, what) = match link.kind {
        LinkKind::Invitation => ("Invitation", "is invited"),
        LinkKind::Reset => ("New password", "can choose a new password"),
    };
    let (name, validity, back) = (
        person.name.clone(),
        link.kind.validity(),
        format!("/users/{}", person.id),
    );
    let sheet = visit.page(title).back(back.clone(), name.clone());
    Ok(sheet.status(axum::http::StatusCode::CREATED).show(move || {
        view! {
            {failed.map(|error| view! {
                <Banner tone=Tone::Warn live=true>{error.message().to_owned()}" Nothing is lost: give them the link yourself."</Banner>
            })}
            <Section title=format!("{name} {what}")>
                <p>
                    "Give them this link. It works once, for "{validity}", and whoever has it can sign in as them: \
                     choose a way that only they read. It is not shown again."
                </p>
                <Copy id="link" label="The link" text=address />
                <p><a class="button" href=back>"Done"</a></p>
            </Section>
        }
    }))
}

async fn render(visit: &Visit, id: i64, form: FormState, chosen: Option<(bool, bool)>) -> Answer {
    let administrator = visit.administrator()?;
    let listed = administrator.find_person(id).await?;
    let belongings = administrator.find_belongings(id).await?;
    let own = visit.person().id == id;
    let name = listed.person.name.clone();
    let status = form.problem().map(|_| failure::status(Kind::Conflict));
    let sheet = visit.page(name).back("/users", "Users").form(form);
    let sheet = match status {
        Some(status) => sheet.status(status),
        None => sheet,
    };
    Ok(sheet.show(move || {
        view! {
            {facts(&listed)}
            {change_form(&listed.person, chosen)}
            {(!own).then(|| view! {
                {password(&listed)}
                {code(&listed)}
                {switch(&listed)}
                {deletion(&listed.person, belongings)}
            })}
        }
    }))
}

fn facts(listed: &ListedPerson) -> impl IntoView + use<> {
    let (state, what) = (listed.state(), roles(&listed.person));
    let email = listed.person.email.clone();
    let what_happened = format!("/audit?noun=user&thing={}", listed.person.id);
    let (added, signed_in) = (listed.created_at, listed.signed_in_at);
    let by = match (state, listed.single_sign_on) {
        (PersonState::Invited, _) => "Not chosen yet",
        (_, true) => "Single sign-on",
        (_, false) => "Password",
    };
    let second_factor = second_factor(listed.second_factor);
    view! {
        <Facts>
            <Fact term="State"><PersonBadge state=state /></Fact>
            <Fact term="E-mail address">{email}</Fact>
            <Fact term="Roles">{what}</Fact>
            <Fact term="Signs in by">{by}</Fact>
            <Fact term="Second factor">{second_factor}</Fact>
            <Fact term="Last signed in">{match signed_in {
                Some(at) => view! { <Time at=at relative=true /> }.into_any(),
                None => view! { <span class="muted">"Never"</span> }.into_any(),
            }}</Fact>
            <Fact term="Added"><Time at=added /></Fact>
            <Fact term="What happened"><a href=what_happened>"Audit log"</a></Fact>
        </Facts>
    }
}

fn change_form(person: &Person, chosen: Option<(bool, bool)>) -> impl IntoView + use<> {
    let (administrator, salesperson) = chosen.unwrap_or((person.administrator, person.salesperson));
    let (action, name) = (format!("/users/{}", person.id), person.name.clone());
    view! {
        <Section title="Name and roles">
            <form class="form" method="post" action=action>
                <Field name="name" label="Name" value=name />
                <RoleBoxes administrator=administrator salesperson=salesperson />
                <Submit label="Save" />
            </form>
        </Section>
    }
}

/// What somebody may do, to tick.
#[component]
pub(super) fn RoleBoxes(
    /// Whether it is ticked that they configure.
    administrator: bool,
    /// Whether it is ticked that they work leads.
    salesperson: bool,
) -> impl IntoView {
    view! {
        <Checks name="role" label="Roles">
            <Check name="role" value="administrator" label="Administrator" checked=administrator
                hint="Configures: users, matching, mappings, accounts; sees everything." />
            <Check name="role" value="salesperson" label="Salesperson" checked=salesperson
                hint="Authorizes their own LinkedIn profile, and works with submissions and leads." />
        </Checks>
    }
}

/// Another link: to whoever is invited, or forgot.
fn password(listed: &ListedPerson) -> Option<AnyView> {
    let name = listed.person.name.clone();
    let (title, label, question, happens) = match listed.state() {
        PersonState::Disabled => return None,
        PersonState::Active if listed.single_sign_on => return None,
        PersonState::Invited => (
            "Invitation",
            "Invite again",
            format!("Invite {name} again?"),
            "They get a new link, which works for 7 days. The one before works no more.",
        ),
        PersonState::Active => (
            "Password",
            "Make a reset link",
            format!("Make a link for {name}?"),
            "They are signed out everywhere, and can choose a new password with the link within 24 hours. Until \
             they do, the old one still works.",
        ),
    };
    let explained = match listed.state() {
        PersonState::Invited => "They have not chosen a password yet.",
        _ => "When they forgot it, or somebody else may know it.",
    };
    let action = format!("/users/{}/link", listed.person.id);
    let view = view! {
        <Section title=title>
            <p class="muted">{explained}</p>
            <div>
                <Confirm id="make-link" label=label title=question action=action><p>{happens}</p></Confirm>
            </div>
        </Section>
    };
    Some(view.into_any())
}

/// The second factor, when somebody lost it.
fn code(listed: &ListedPerson) -> Option<impl IntoView + use<>> {
    let (id, name) = (listed.person.id, listed.person.name.clone());
    listed.second_factor.then(|| view! {
        <Section title="Second factor">
            <p class="muted">"When they lost both their telephone and their recovery codes."</p>
            <div>
                <Confirm id="second-factor" label="Switch off" title=format!("Switch off the second factor of {name}?")
                    action=format!("/users/{id}/second-factor-off") danger=true>
                    <p>
                        "Their password alone lets them in then, until they switch it on again. Make sure first that it is \
                         them who asks."
                    </p>
                </Confirm>
            </div>
        </Section>
    })
}

/// Disable, or enable again.
fn switch(listed: &ListedPerson) -> AnyView {
    let (id, name) = (listed.person.id, listed.person.name.clone());
    if listed.person.disabled {
        return view! {
            <Section title="Enable">
                <p class="muted">"They cannot sign in. Everything of theirs is still here."</p>
                <form method="post" action=format!("/users/{id}/enable")><Submit label="Enable" /></form>
            </Section>
        }
        .into_any();
    }
    view! {
        <Section title="Disable">
            <p class="muted">"For somebody who left, or who must not sign in for a while."</p>
            <div>
                <Confirm id="disable" label="Disable" title=format!("Disable {name}?")
                    action=format!("/users/{id}/disable") danger=true>
                    <p>
                        "They are signed out everywhere at once, and can sign in no more until you enable them. Their \
                         leads and user profiles stay theirs, and go on syncing."
                    </p>
                </Confirm>
            </div>
        </Section>
    }
    .into_any()
}

fn deletion(person: &Person, belongings: Belongings) -> impl IntoView + use<> {
    let (id, name) = (person.id, person.name.clone());
    let what = match belongings.words() {
        Some(words) => view! {
            <p class="muted">"They cannot be deleted, because "{words}" would be nobody’s. Disable them instead."</p>
        }
        .into_any(),
        None => view! {
            <p class="muted">"Nothing belongs to them, so they can be deleted."</p>
            <div>
                <Confirm id="delete" label="Delete" title=format!("Delete {name}?")
                    action=format!("/users/{id}/delete") danger=true>
                    <p>
                        "One user is deleted, with their sessions and links. The audit log keeps what they did. It \
                         cannot be taken back."
                    </p>
                </Confirm>
            </div>
        }
        .into_any(),
    };
    view! { <Section title="Delete">{what}</Section> }
}
