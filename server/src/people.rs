//! `leadline user …`: the people who sign in.

use std::io::stdin;

use leadline::store::people::{ListedPerson, NewPerson};
use leadline::store::{Store, now};
use serde::Serialize;

use crate::cli::{NewUser, Role, UserCommand};
use crate::failure::{Failure, Outcome};

/// Does what was said with the people in this database.
///
/// # Errors
/// When somebody cannot be added, or the database refuses.
pub async fn run(store: &Store, command: &UserCommand) -> Outcome {
    match command {
        UserCommand::Add(new) => add(store, new).await,
        UserCommand::List { json } => list(store, *json).await,
    }
}

async fn add(store: &Store, new: &NewUser) -> Outcome {
    let mut password = String::new();
    let read = stdin().read_line(&mut password);
    read.map_err(|e| Failure::Usage(format!("The password cannot be read: {e}.")))?;
    let person = NewPerson {
        email: &new.email,
        name: &new.name,
        password: password.trim_end_matches(['\r', '\n']),
        administrator: new.role.contains(&Role::Administrator),
        salesperson: new.role.contains(&Role::Salesperson),
    };
    let problems = person.problems();
    if !problems.is_empty() {
        let line = |(field, error)| format!("{field}: {error}");
        let lines: Vec<String> = problems.into_iter().map(line).collect();
        return Err(Failure::Usage(lines.join("\n")));
    }
    let added = store.create_person(person, now()).await?;
    println!("{} can sign in now.", added.email);
    Ok(())
}

/// A person as scripts read it.
#[derive(Serialize)]
struct Line<'a> {
    id: i64,
    email: &'a str,
    name: &'a str,
    roles: Vec<&'static str>,
    disabled: bool,
    signed_in_at: Option<i64>,
}

impl Line<'_> {
    fn of(listed: &ListedPerson) -> Line<'_> {
        let person = &listed.person;
        let roles = [
            (person.administrator, "administrator"),
            (person.salesperson, "salesperson"),
        ];
        Line {
            id: person.id,
            email: &person.email,
            name: &person.name,
            roles: roles
                .into_iter()
                .filter(|(has, _)| *has)
                .map(|(_, role)| role)
                .collect(),
            disabled: person.disabled,
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
        let disabled = if line.disabled { "  (disabled)" } else { "" };
        println!(
            "{:>4}  {}  {}  {}{disabled}",
            line.id,
            line.email,
            line.name,
            line.roles.join(",")
        );
    }
    Ok(())
}
