//! `leadline user …`: the people who sign in. The same rules hold as on the pages.

use std::io::stdin;

use leadline::error::{Error, Kind};
use leadline::store::access::Administrator;
use leadline::store::people::manage::PersonChange;
use leadline::store::people::{ListedPerson, NewPerson};
use leadline::store::{Store, now};
use serde::Serialize;

use crate::cli::{NewUser, Reset, Role, UserCommand};
use crate::config::{Config, Sources};
use crate::engine::bare;
use crate::failure::{Failure, Outcome};
use crate::serve::public_url;

/// Does what was said with the people in this database.
///
/// # Errors
/// When the rules about people or the database refuse it.
pub async fn run(store: &Store, command: &UserCommand, sources: &Sources) -> Outcome {
    let shell = store.command_line();
    match command {
        UserCommand::Add(new) => add(store, new).await,
        UserCommand::List { json } => list(store, *json).await,
        UserCommand::SetRole { who, role } => set_role(&shell, &who.email, role).await,
        UserCommand::ResetPassword(reset) => reset_password(store, reset, sources).await,
        UserCommand::Disable(who) => {
            let id = find(&shell, &who.email).await?.person.id;
            let person = told(shell.disable_person(id, now()).await)?;
            println!(
                "{} is signed out everywhere and cannot sign in.",
                person.email
            );
            Ok(())
        }
        UserCommand::Enable(who) => {
            let id = find(&shell, &who.email).await?.person.id;
            let person = told(shell.enable_person(id, now()).await)?;
            println!("{} can sign in again.", person.email);
            Ok(())
        }
        UserCommand::ResetSecondFactor(who) => {
            let person = find(&shell, &who.email).await?.person;
            told(shell.switch_off_second_factor(person.id, now()).await)?;
            println!("{} signs in without a second factor.", person.email);
            Ok(())
        }
    }
}

/// What was typed wrongly is a mistake of usage; what the rules refuse is said without a detail.
fn told<T>(result: Result<T, Error>) -> Outcome<T> {
    result.map_err(|error| match error.kind() {
        Kind::Invalid => Failure::Usage(error.message().to_owned()),
        Kind::NotFound | Kind::Conflict => Failure::Failed(error.message().to_owned()),
        _ => error.into(),
    })
}

async fn find(shell: &Administrator, email: &str) -> Outcome<ListedPerson> {
    told(shell.find_person_by_email(email).await)
}

fn read_password() -> Outcome<String> {
    let mut password = String::new();
    let read = stdin().read_line(&mut password);
    read.map_err(|e| Failure::Usage(format!("The password cannot be read: {e}.")))?;
    Ok(password.trim_end_matches(['\r', '\n']).to_owned())
}

async fn add(store: &Store, new: &NewUser) -> Outcome {
    let password = read_password()?;
    let person = NewPerson {
        email: &new.email,
        name: &new.name,
        password: &password,
        administrator: new.role.contains(&Role::Administrator),
        salesperson: new.role.contains(&Role::Salesperson),
    };
    let problems = person.problems();
    if !problems.is_empty() {
        let line = |(field, error)| format!("{field}: {error}");
        let lines: Vec<String> = problems.into_iter().map(line).collect();
        return Err(Failure::Usage(lines.join("\n")));
    }
    let added = told(store.create_person(person, now()).await)?;
    println!("{} can sign in now.", added.email);
    Ok(())
}

async fn set_role(shell: &Administrator, email: &str, roles: &[Role]) -> Outcome {
    let person = find(shell, email).await?.person;
    let new = PersonChange {
        name: &person.name,
        administrator: roles.contains(&Role::Administrator),
        salesperson: roles.contains(&Role::Salesperson),
    };
    let person = told(shell.change_person(person.id, new, now()).await)?;
    println!("{} is {} now.", person.email, person.roles().join(" and "));
    Ok(())
}

/// Takes a password, or prints the link by which the person chooses one: the link alone on standard
/// output.
async fn reset_password(store: &Store, reset: &Reset, sources: &Sources) -> Outcome {
    let email = &reset.who.email;
    if reset.password_stdin {
        let person = told(store.set_password(email, &read_password()?, now()).await)?;
        println!(
            "{} has a new password and is signed out everywhere.",
            person.email
        );
        return Ok(());
    }
    let (set, listen) = Config::load_address(sources)?;
    let here = public_url(set.as_ref(), listen)?;
    let shell = store.command_line();
    let person = find(&shell, email).await?.person;
    let link = told(shell.make_link(person.id, now()).await)?;
    eprintln!(
        "Give {} this link; it works once, for {}:",
        person.email,
        link.kind.validity()
    );
    println!("{}", link.address(&bare(&here)));
    Ok(())
}

/// A person as scripts read it.
#[derive(Serialize)]
struct Line<'a> {
    id: i64,
    email: &'a str,
    name: &'a str,
    roles: Vec<&'static str>,
    state: &'static str,
    disabled: bool,
    second_factor: bool,
    signed_in_at: Option<i64>,
}

impl Line<'_> {
    fn of(listed: &ListedPerson) -> Line<'_> {
        let person = &listed.person;
        Line {
            id: person.id,
            email: &person.email,
            name: &person.name,
            roles: person.roles(),
            state: listed.state().slug(),
            disabled: person.disabled,
            second_factor: listed.second_factor,
            signed_in_at: listed.signed_in_at,
        }
    }
}

async fn list(store: &Store, json: bool) -> Outcome {
    let people = store.list_people().await?;
    let lines: Vec<Line<'_>> = people.iter().map(Line::of).collect();
    if json {
        let text = serde_json::to_string_pretty(&lines);
        println!("{}", text.map_err(|e| Failure::Failed(e.to_string()))?);
        return Ok(());
    }
    for line in lines {
        println!(
            "{:>4}  {}  {}  {}  {}",
            line.id,
            line.email,
            line.name,
            line.roles.join(","),
            line.state
        );
    }
    Ok(())
}
