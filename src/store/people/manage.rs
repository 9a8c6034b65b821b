//! What administrators do with people: invite, change, disable, delete.
//!
//! Whoever has a shell on the server may do the same, under the same rules
//! ([`Signed::command_line`](crate::store::access::Signed::command_line)).

use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::{Map, Value, json};

use super::changing::Changing;
use super::links::{self, LinkKind, NewLink};
use super::{
    LISTED, ListedPerson, NOUN, PERSON, Person, PersonState, Problems, check_email, check_name,
    check_role, email_key, refuse, taken, tell, wrong,
};
use crate::error::{Error, Kind, Result};
use crate::store::access::Administrator;
use crate::store::audit::{self, Action, Event};
use crate::store::{Store, execute, row, text};

/// What can be changed about somebody.
#[derive(Debug, Clone, Copy)]
pub struct PersonChange<'a> {
    /// Their name.
    pub name: &'a str,
    /// Whether they configure.
    pub administrator: bool,
    /// Whether they authorize LinkedIn accounts and work leads.
    pub salesperson: bool,
}

impl PersonChange<'_> {
    /// What is wrong, field by field: `name`, `role`.
    #[must_use]
    pub fn problems(&self) -> Problems {
        wrong([
            ("name", check_name(self.name)),
            ("role", check_role(self.administrator, self.salesperson)),
        ])
    }
}

/// Somebody who is to choose a password of their own.
#[derive(Debug, Clone, Copy)]
pub struct Invitation<'a> {
    /// The e-mail address to sign in with.
    pub email: &'a str,
    /// Their name and what they may do.
    pub person: PersonChange<'a>,
}

impl Invitation<'_> {
    /// What is wrong, field by field: `email`, `name`, `role`.
    #[must_use]
    pub fn problems(&self) -> Problems {
        let mut problems = wrong([("email", check_email(self.email))]);
        problems.extend(self.person.problems());
        problems
    }
}

/// What belongs to somebody and would be nobody's without them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct Belongings {
    /// User profiles that they own.
    pub profiles: i64,
    /// Linked accounts whose leads go to them.
    pub accounts: i64,
    /// Leads that they own.
    pub leads: i64,
}

impl Belongings {
    /// In words, such as "2 user profiles and 31 leads"; `None` when there is nothing.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let all = [
            (self.profiles, "user profile", "user profiles"),
            (self.accounts, "linked account", "linked accounts"),
            (self.leads, "lead", "leads"),
        ];
        let mut words: Vec<String> = all
            .iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }))
            .collect();
        let last = words.pop()?;
        Some(match words.as_slice() {
            [] => last,
            others => format!("{} and {last}", others.join(", ")),
        })
    }
}

impl Administrator {
    /// Somebody.
    ///
    /// # Errors
    /// When there is nobody with this id.
    pub async fn find_person(&self, id: i64) -> Result<ListedPerson> {
        let sql = format!("SELECT {LISTED} FROM person p WHERE p.id = $1");
        let found = row(self.store().reading(), &sql, [id.into()]).await?;
        found.ok_or_else(|| Error::not_found("user"))
    }

    /// Somebody by their e-mail address.
    ///
    /// # Errors
    /// When nobody has it.
    pub async fn find_person_by_email(&self, email: &str) -> Result<ListedPerson> {
        let sql = format!("SELECT {LISTED} FROM person p WHERE p.email_key = $1");
        let found = row(self.store().reading(), &sql, [text(&email_key(email))]).await?;
        found.ok_or_else(|| Error::new(Kind::NotFound, "There is nobody with this e-mail address."))
    }

    /// What belongs to somebody, and keeps them from being deleted.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn find_belongings(&self, id: i64) -> Result<Belongings> {
        belongings(self.store().reading(), id).await
    }

    /// Makes somebody who has yet to choose a password, and the link by which they do.
    ///
    /// # Errors
    /// When a field is wrong, or the e-mail address is taken.
    pub async fn invite(&self, new: Invitation<'_>, now: i64) -> Result<(Person, NewLink)> {
        refuse(new.problems())?;
        let tx = self.store().begin().await?;
        let sql = format!(
            "INSERT INTO person (email, email_key, name, password_hash, administrator, salesperson, disabled, created_at) \
             VALUES ($1, $2, $3, '', $4, $5, FALSE, $6) ON CONFLICT (email_key) DO NOTHING RETURNING {PERSON}"
        );
        let values = [
            text(new.email.trim()),
            text(&email_key(new.email)),
            text(new.person.name.trim()),
            new.person.administrator.into(),
            new.person.salesperson.into(),
            now.into(),
        ];
        let person: Person = row(&tx, &sql, values).await?.ok_or_else(taken)?;
        tell(&tx, self.actor(), &person, now).await?;
        let link = links::make(&tx, self.actor(), &person, LinkKind::Invitation, now).await?;
        tx.commit().await?;
        Ok((person, link))
    }

    /// Makes the link by which somebody chooses a password: the first one, or another. Another one
    /// signs them out everywhere, because whoever is in there may not be them.
    ///
    /// # Errors
    /// When they are disabled, sign in by single sign-on only, or are the administrator themselves.
    pub async fn make_link(&self, id: i64, now: i64) -> Result<NewLink> {
        let found = self.find_person(id).await?;
        let conflict = |message: &str| Err(Error::new(Kind::Conflict, message));
        let kind = match found.state() {
            PersonState::Invited => LinkKind::Invitation,
            PersonState::Disabled => return conflict("They are disabled. Enable them first."),
            PersonState::Active if found.single_sign_on => return Err(only_single_sign_on()),
            PersonState::Active if self.is_oneself(id) => {
                return conflict("Change your own password on your own page.");
            }
            PersonState::Active => LinkKind::Reset,
        };
        let tx = self.store().begin().await?;
        sign_out(&tx, id).await?;
        let link = links::make(&tx, self.actor(), &found.person, kind, now).await?;
        tx.commit().await?;
        Ok(link)
    }

    /// Changes somebody's name and what they may do, from their next request on.
    ///
    /// # Errors
    /// When a field is wrong, there is nobody with this id, or it would leave no administrator.
    pub async fn change_person(&self, id: i64, new: PersonChange<'_>, now: i64) -> Result<Person> {
        refuse(new.problems())?;
        let change = |before: &Person| Person {
            name: new.name.trim().to_owned(),
            administrator: new.administrator,
            salesperson: new.salesperson,
            ..before.clone()
        };
        change_person(self, id, change, now).await
    }

    /// Keeps somebody from signing in, and signs them out everywhere.
    ///
    /// # Errors
    /// When there is nobody with this id, it would leave no administrator, or it is the
    /// administrator themselves.
    pub async fn disable_person(&self, id: i64, now: i64) -> Result<Person> {
        self.not_oneself(id, "disable")?;
        let change = |before: &Person| Person {
            disabled: true,
            ..before.clone()
        };
        change_person(self, id, change, now).await
    }

    /// Lets somebody sign in again.
    ///
    /// # Errors
    /// When there is nobody with this id.
    pub async fn enable_person(&self, id: i64, now: i64) -> Result<Person> {
        let change = |before: &Person| Person {
            disabled: false,
            ..before.clone()
        };
        change_person(self, id, change, now).await
    }

    /// Deletes somebody to whom nothing belongs.
    ///
    /// # Errors
    /// When something does, there is nobody with this id, it would leave no administrator, or it is
    /// the administrator themselves.
    pub async fn delete_person(&self, id: i64, now: i64) -> Result<()> {
        self.not_oneself(id, "delete")?;
        let changing = Changing::begin(self.store()).await?;
        let person = find(&changing.tx, id).await?;
        if let Some(words) = belongings(&changing.tx, id).await?.words() {
            return Err(Error::new(
                Kind::Conflict,
                format!(
                    "{} belong to {}. Disable them instead: they cannot sign in then, and nothing is lost.",
                    words, person.name
                ),
            ));
        }
        execute(
            &changing.tx,
            "DELETE FROM person WHERE id = $1",
            [id.into()],
        )
        .await?;
        let event = Event::new(Action::Deleted, NOUN, id, &person.name).before(person.told());
        audit::record(&changing.tx, self.actor(), event, now).await?;
        changing.commit().await
    }

    fn is_oneself(&self, id: i64) -> bool {
        self.person().id == id
    }

    fn not_oneself(&self, id: i64, verb: &str) -> Result<()> {
        if !self.is_oneself(id) {
            return Ok(());
        }
        let message = format!("You cannot {verb} yourself. Ask another administrator.");
        Err(Error::new(Kind::Conflict, message))
    }
}

/// Their password is not Leadline's to change: whoever could set one here would come in past
/// everything that the single sign-on asks for.
pub(super) fn only_single_sign_on() -> Error {
    Error::new(
        Kind::Conflict,
        "They sign in by single sign-on and have no password here.",
    )
}

async fn change_person(
    administrator: &Administrator,
    id: i64,
    change: impl FnOnce(&Person) -> Person,
    now: i64,
) -> Result<Person> {
    let changing = Changing::begin(administrator.store()).await?;
    let before = find(&changing.tx, id).await?;
    let after = change(&before);
    let Some((old, new)) = differences(&before, &after) else {
        return Ok(before);
    };
    let sql = "UPDATE person SET name = $1, administrator = $2, salesperson = $3, disabled = $4 WHERE id = $5";
    let values = [
        text(&after.name),
        after.administrator.into(),
        after.salesperson.into(),
        after.disabled.into(),
        id.into(),
    ];
    execute(&changing.tx, sql, values).await?;
    if after.disabled {
        sign_out(&changing.tx, id).await?;
        links::void(&changing.tx, id).await?;
    }
    let event = Event::new(Action::Changed, NOUN, id, &after.name);
    let event = event.before(old).after(new);
    audit::record(&changing.tx, administrator.actor(), event, now).await?;
    changing.commit().await?;
    Ok(after)
}

/// What the audit log says about a change; `None` when nothing is different.
fn differences(before: &Person, after: &Person) -> Option<(Value, Value)> {
    let fields = |person: &Person| {
        [
            ("name", json!(person.name)),
            ("roles", json!(person.roles())),
            ("disabled", json!(person.disabled)),
        ]
    };
    let (old, new) = (fields(before), fields(after));
    let differ: Vec<usize> = (0..old.len()).filter(|i| old[*i] != new[*i]).collect();
    let object = |fields: &[(&str, Value); 3]| {
        let pairs = differ.iter().map(|i| &fields[*i]);
        let pairs = pairs.map(|(name, value)| ((*name).to_owned(), value.clone()));
        Value::Object(pairs.collect::<Map<_, _>>())
    };
    (!differ.is_empty()).then(|| (object(&old), object(&new)))
}

async fn find(db: &impl ConnectionTrait, id: i64) -> Result<Person> {
    let sql = format!("SELECT {PERSON} FROM person WHERE id = $1");
    let found = row(db, &sql, [id.into()]).await?;
    found.ok_or_else(|| Error::not_found("user"))
}

/// Ends all sessions of somebody.
pub(crate) async fn sign_out(db: &impl ConnectionTrait, id: i64) -> Result<()> {
    execute(db, "DELETE FROM session WHERE person_id = $1", [id.into()]).await?;
    Ok(())
}

async fn belongings(db: &impl ConnectionTrait, id: i64) -> Result<Belongings> {
    let sql = "SELECT (SELECT count(*) FROM user_profile WHERE owner_id = $1) AS profiles, \
         (SELECT count(*) FROM linked_account WHERE default_owner_id = $1) AS accounts, \
         (SELECT count(*) FROM lead WHERE owner_id = $1) AS leads";
    let found = row(db, sql, [id.into()]).await?;
    found.ok_or_else(|| Error::internal("no count"))
}

impl Store {
    /// What whoever has a shell on the server may do with people.
    #[must_use]
    pub fn command_line(&self) -> Administrator {
        Administrator::command_line(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_somebody_is_said_in_words() {
        let of = |profiles, accounts, leads| {
            let all = Belongings {
                profiles,
                accounts,
                leads,
            };
            all.words()
        };
        assert_eq!(of(0, 0, 0), None);
        assert_eq!(of(0, 1, 0).as_deref(), Some("1 linked account"));
        let all = of(2, 1, 31);
        assert_eq!(
            all.as_deref(),
            Some("2 user profiles, 1 linked account and 31 leads")
        );
    }

    #[test]
    fn a_change_names_only_what_differs() {
        let ada = Person {
            id: 1,
            email: "ada@example.com".to_owned(),
            name: "Ada".to_owned(),
            administrator: true,
            salesperson: false,
            disabled: false,
        };
        assert_eq!(differences(&ada, &ada), None);
        let both = Person {
            salesperson: true,
            ..ada.clone()
        };
        let expected = (
            json!({"roles": ["administrator"]}),
            json!({"roles": ["administrator", "salesperson"]}),
        );
        assert_eq!(differences(&ada, &both), Some(expected));
    }
}
