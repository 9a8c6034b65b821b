//! People who sign in.

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};

use super::{Store, execute, row, rows, text};
use crate::error::{Error, Kind, Result};
use crate::lead::{FieldKind, normalise};
use crate::password;

/// What keeps two servers from making the first administrator at once.
const FIRST_START_LOCK: i64 = 7_233_011;
/// The columns of a [`Person`].
pub(super) const PERSON: &str = "id, email, name, administrator, salesperson, disabled";
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

/// A line in the list of people.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct ListedPerson {
    /// Who it is.
    #[sea_orm(nested)]
    pub person: Person,
    /// When they last signed in.
    pub signed_in_at: Option<i64>,
}

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
    pub fn problems(&self) -> Vec<(&'static str, Error)> {
        let checks = [
            ("name", check_name(self.name)),
            ("email", check_email(self.email)),
            (
                "password",
                password::check(self.password, self.email, self.name),
            ),
            ("role", self.check_role()),
        ];
        let wrong = |(field, check): (_, Result<()>)| check.err().map(|error| (field, error));
        checks.into_iter().filter_map(wrong).collect()
    }

    fn check_role(&self) -> Result<()> {
        if self.administrator || self.salesperson {
            return Ok(());
        }
        Err(Error::invalid("Choose at least one role."))
    }
}

fn check_name(name: &str) -> Result<()> {
    match name.trim().chars().count() {
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
        && !email.contains(char::is_whitespace)
        && email.chars().count() <= EMAIL_AT_MOST;
    if looks_right {
        return Ok(());
    }
    Err(Error::invalid(
        "The e-mail address must look like name@example.com.",
    ))
}

/// The form in which e-mail addresses are compared.
pub(super) fn email_key(email: &str) -> String {
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
        let sql = format!("SELECT {PERSON}, signed_in_at FROM person ORDER BY name, id");
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
        let tx = self.begin().await?;
        if self.backend() == DbBackend::Postgres {
            tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({FIRST_START_LOCK})"))
                .await?;
        }
        if has_people(&tx).await? {
            return Err(not_first());
        }
        let person = insert(&tx, &new, hash, now).await?;
        tx.commit().await?;
        Ok(person)
    }

    /// Makes somebody who can sign in.
    ///
    /// # Errors
    /// When a field is wrong, or the e-mail address is taken.
    pub async fn create_person(&self, new: NewPerson<'_>, now: i64) -> Result<Person> {
        let hash = checked_hash(&new).await?;
        insert(self.writing(), &new, hash, now).await
    }

    /// Gives somebody a new password and signs them out everywhere.
    ///
    /// # Errors
    /// When nobody has this e-mail address, or the password is too short.
    pub async fn set_password(&self, email: &str, password: &str) -> Result<Person> {
        password::check(password, email, "")?;
        let hash = password::hash(password).await?;
        let sql =
            format!("UPDATE person SET password_hash = $1 WHERE email_key = $2 RETURNING {PERSON}");
        let tx = self.begin().await?;
        let found = row::<Person>(&tx, &sql, [hash.into(), text(&email_key(email))]).await?;
        let person = found.ok_or_else(|| {
            Error::new(Kind::NotFound, "There is nobody with this e-mail address.")
        })?;
        let sql = "DELETE FROM session WHERE person_id = $1";
        execute(&tx, sql, [person.id.into()]).await?;
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
    if let Some((_, error)) = new.problems().into_iter().next() {
        return Err(error);
    }
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
