//! People who sign in.

use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::{Value, json};

use super::access::Actor;
use super::audit::{self, Action, Event};
use super::{Store, row, rows, text};
use crate::error::{Error, Kind, Result};
use crate::lead::{FieldKind, normalise};
use crate::password;

mod changing;
pub mod links;
pub mod manage;
mod single_sign_on;

use changing::Changing;

/// The word for people in the audit log.
pub(crate) const NOUN: &str = "user";
/// The columns of a [`Person`].
pub(crate) const PERSON: &str = "id, email, name, administrator, salesperson, disabled";
/// How many characters an e-mail address has at most (RFC 5321).
const EMAIL_AT_MOST: usize = 254;
/// How many characters a name has at most.
const NAME_AT_MOST: usize = 200;

/// Somebody who signs in.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Person {
    /// Leadline's id.
    pub id: i64,
    /// The e-mail address they sign in with, as typed.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Whether they configure.
    pub administrator: bool,
    /// Whether they authorize LinkedIn accounts and work leads.
    pub salesperson: bool,
    /// Whether they may not sign in any more.
    pub disabled: bool,
}

impl Person {
    /// The words for what they may do, in the database's audit log, in the API and on the command
    /// line.
    #[must_use]
    pub fn roles(&self) -> Vec<&'static str> {
        let roles = [
            (self.administrator, "administrator"),
            (self.salesperson, "salesperson"),
        ];
        let held = roles.into_iter().filter(|(held, _)| *held);
        held.map(|(_, role)| role).collect()
    }

    /// What the audit log says about somebody who comes or goes.
    fn told(&self) -> Value {
        json!({"email": self.email, "name": self.name, "roles": self.roles()})
    }
}

/// Whether somebody can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonState {
    /// They can.
    Active,
    /// They have neither chosen a password nor come by single sign-on yet.
    Invited,
    /// They may not any more.
    Disabled,
}

impl PersonState {
    /// All of them.
    pub const ALL: [PersonState; 3] = [
        PersonState::Active,
        PersonState::Invited,
        PersonState::Disabled,
    ];

    /// The word for it in addresses, in the API and on the command line.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            PersonState::Active => "active",
            PersonState::Invited => "invited",
            PersonState::Disabled => "disabled",
        }
    }

    /// The word for it on a page.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            PersonState::Active => "Active",
            PersonState::Invited => "Invited",
            PersonState::Disabled => "Disabled",
        }
    }

    /// Reads a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<PersonState> {
        let mut all = PersonState::ALL.into_iter();
        all.find(|state| state.slug() == word)
    }
}

/// Somebody as administrators see them.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct ListedPerson {
    /// Who it is.
    #[sea_orm(nested)]
    pub person: Person,
    /// When they were added.
    pub created_at: i64,
    /// When they last signed in.
    pub signed_in_at: Option<i64>,
    /// Whether they have to give a code besides their password.
    pub second_factor: bool,
    /// Whether they sign in by single sign-on only.
    pub single_sign_on: bool,
    invited: bool,
}

impl ListedPerson {
    /// Whether they can sign in.
    #[must_use]
    pub fn state(&self) -> PersonState {
        match (self.person.disabled, self.invited) {
            (true, _) => PersonState::Disabled,
            (false, true) => PersonState::Invited,
            (false, false) => PersonState::Active,
        }
    }
}

/// The columns of a [`ListedPerson`]; the table is `p`.
pub(crate) const LISTED: &str = "p.id, p.email, p.name, p.administrator, p.salesperson, p.disabled, p.created_at, \
     p.signed_in_at, p.totp_confirmed_at IS NOT NULL AS second_factor, \
     (p.password_hash = '' AND p.oidc_subject IS NOT NULL) AS single_sign_on, \
     (p.password_hash = '' AND p.oidc_subject IS NULL) AS invited";

/// Somebody who is to sign in. It cannot be printed, because it holds a password.
#[derive(Clone, Copy)]
pub struct NewPerson<'a> {
    /// The e-mail address to sign in with.
    pub email: &'a str,
    /// Their name.
    pub name: &'a str,
    /// Their password.
    pub password: &'a str,
    /// Whether they configure.
    pub administrator: bool,
    /// Whether they authorize LinkedIn accounts and work leads.
    pub salesperson: bool,
}

impl NewPerson<'_> {
    /// What is wrong, field by field: `email`, `name`, `password`, `role`.
    #[must_use]
    pub fn problems(&self) -> Problems {
        wrong([
            ("name", check_name(self.name)),
            ("email", check_email(self.email)),
            (
                "password",
                password::check(self.password, self.email, self.name),
            ),
            ("role", check_role(self.administrator, self.salesperson)),
        ])
    }
}

/// What is wrong, field by field.
pub type Problems = Vec<(&'static str, Error)>;

fn wrong<const N: usize>(checks: [(&'static str, Result<()>); N]) -> Problems {
    let wrong = |(field, check): (_, Result<()>)| check.err().map(|error| (field, error));
    checks.into_iter().filter_map(wrong).collect()
}

/// The first problem as an error, if there is one.
fn refuse(problems: Problems) -> Result<()> {
    problems
        .into_iter()
        .next()
        .map_or(Ok(()), |(_, error)| Err(error))
}

fn check_role(administrator: bool, salesperson: bool) -> Result<()> {
    if administrator || salesperson {
        return Ok(());
    }
    Err(Error::invalid("Choose at least one role."))
}

fn check_name(name: &str) -> Result<()> {
    match name.trim().chars().count() {
        _ if name.chars().any(char::is_control) => Err(Error::invalid(
            "The name must be one line without control characters.",
        )),
        0 => Err(Error::invalid("The name is missing.")),
        1..=NAME_AT_MOST => Ok(()),
        _ => Err(Error::invalid(format!(
            "The name must have at most {NAME_AT_MOST} characters."
        ))),
    }
}

/// Only what keeps somebody from signing in by mistake; whether mail arrives nobody can see.
fn check_email(email: &str) -> Result<()> {
    let email = email.trim();
    let mut parts = email.split('@');
    let sides = [parts.next(), parts.next()].map(Option::unwrap_or_default);
    let looks_right = sides.iter().all(|side| !side.is_empty())
        && parts.next().is_none()
        && !email.contains(|c: char| c.is_whitespace() || c.is_control())
        && email.chars().count() <= EMAIL_AT_MOST;
    if looks_right {
        return Ok(());
    }
    Err(Error::invalid(
        "The e-mail address must look like name@example.com.",
    ))
}

/// The form in which e-mail addresses are compared.
pub(crate) fn email_key(email: &str) -> String {
    normalise(FieldKind::Email, email).unwrap_or_default()
}

fn taken() -> Error {
    Error::new(
        Kind::Conflict,
        "There is somebody with this e-mail address already. Use another.",
    )
}

impl Store {
    /// The person with this id, unless they may not sign in any more.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn find_active_person(&self, id: i64) -> Result<Option<Person>> {
        let sql = format!("SELECT {PERSON} FROM person WHERE id = $1 AND disabled = FALSE");
        row(self.reading(), &sql, [id.into()]).await
    }

    /// Whether anybody can sign in at all; if not, the first administrator has to be made.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn has_people(&self) -> Result<bool> {
        has_people(self.reading()).await
    }

    /// Everybody, by name.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_people(&self) -> Result<Vec<ListedPerson>> {
        let sql = format!("SELECT {LISTED} FROM person p ORDER BY p.name, p.id");
        rows(self.reading(), &sql, []).await
    }

    /// Makes the first administrator, as long as there is nobody at all; also when several try at
    /// once. The first one holds both roles, because there is nobody else yet.
    ///
    /// # Errors
    /// When a field is wrong, or there is somebody already.
    pub async fn create_first_administrator(&self, new: NewPerson<'_>, now: i64) -> Result<Person> {
        let new = NewPerson {
            administrator: true,
            salesperson: true,
            ..new
        };
        if self.has_people().await? {
            return Err(not_first());
        }
        let hash = checked_hash(&new).await?;
        let changing = Changing::begin(self).await?;
        if has_people(&changing.tx).await? {
            return Err(not_first());
        }
        let person = insert(&changing.tx, &new, hash, now).await?;
        let actor = Actor::from(&person);
        tell(&changing.tx, &actor, &person, now).await?;
        changing.commit().await?;
        Ok(person)
    }

    /// Makes somebody who can sign in, on the command line.
    ///
    /// # Errors
    /// When a field is wrong, or the e-mail address is taken.
    pub async fn create_person(&self, new: NewPerson<'_>, now: i64) -> Result<Person> {
        let hash = checked_hash(&new).await?;
        let tx = self.begin().await?;
        let person = insert(&tx, &new, hash, now).await?;
        tell(&tx, &Actor::CommandLine, &person, now).await?;
        tx.commit().await?;
        Ok(person)
    }

    /// Gives somebody a new password and signs them out everywhere, on the command line.
    ///
    /// # Errors
    /// When nobody has this e-mail address, they sign in by single sign-on only, or the password
    /// may not be chosen.
    pub async fn set_password(&self, email: &str, password: &str, now: i64) -> Result<Person> {
        let found = self.command_line().find_person_by_email(email).await?;
        password::check(password, email, &found.person.name)?;
        if found.single_sign_on {
            return Err(manage::only_single_sign_on());
        }
        let (person, hash) = (found.person, password::hash(password).await?);
        let tx = self.begin().await?;
        links::set_password(&tx, &Actor::CommandLine, &person, hash, now).await?;
        tx.commit().await?;
        Ok(person)
    }
}

#[derive(FromQueryResult)]
struct Found {
    found: bool,
}

async fn has_people(db: &impl ConnectionTrait) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM person) AS found";
    let answer = row::<Found>(db, sql, []).await?;
    Ok(answer.is_some_and(|answer| answer.found))
}

fn not_first() -> Error {
    Error::new(
        Kind::Conflict,
        "The first administrator has been made already. Sign in, or ask them to add you.",
    )
}

async fn checked_hash(new: &NewPerson<'_>) -> Result<String> {
    refuse(new.problems())?;
    password::hash(new.password).await
}

async fn insert(
    db: &impl ConnectionTrait,
    new: &NewPerson<'_>,
    hash: String,
    now: i64,
) -> Result<Person> {
    let sql = format!(
        "INSERT INTO person (email, email_key, name, password_hash, administrator, salesperson, disabled, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, FALSE, $7) \
         ON CONFLICT (email_key) DO NOTHING RETURNING {PERSON}"
    );
    let values = [
        text(new.email.trim()),
        text(&email_key(new.email)),
        text(new.name.trim()),
        hash.into(),
        new.administrator.into(),
        new.salesperson.into(),
        now.into(),
    ];
    row(db, &sql, values).await?.ok_or_else(taken)
}

/// Writes that somebody was added.
async fn tell(db: &impl ConnectionTrait, actor: &Actor, person: &Person, now: i64) -> Result<()> {
    let event = Event::new(Action::Created, NOUN, person.id, &person.name);
    audit::record(db, actor, event.after(person.told()), now).await
}
