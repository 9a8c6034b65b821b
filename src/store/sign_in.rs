//! Signing in: who has proved to be whom, and what the audit log is told about it.
//!
//! The log never gets what was typed: somebody may type a password where the e-mail address belongs.

use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::access::Actor;
use super::audit::{self, Action, Event};
use super::people::{PERSON, Person, email_key};
use super::second_factor::Used;
use super::{Store, row, text};
use crate::error::Result;
use crate::password;

/// How somebody proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// They knew their password.
    Password,
    /// They followed a link that was sent to them alone, and chose a password.
    Link,
    /// Their organization's sign-in service vouched for them.
    SingleSignOn,
}

/// What somebody tried to sign in with, and could not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tried {
    /// A password.
    Password,
    /// A code of their second factor.
    Code,
    /// A link, which names nobody when it does not work.
    Link,
}

#[derive(FromQueryResult)]
struct Known {
    #[sea_orm(nested)]
    person: Person,
    password_hash: String,
}

impl Store {
    /// The person with this e-mail address and password. Unknown, disabled, without a password and
    /// mistaken look alike and take the same time.
    ///
    /// # Errors
    /// When the database cannot be reached, or too many sign in at once.
    pub async fn check_password(&self, email: &str, password: &str) -> Result<Option<Person>> {
        let sql = format!("SELECT {PERSON}, password_hash FROM person WHERE email_key = $1");
        let known = row::<Known>(self.reading(), &sql, [text(&email_key(email))]).await?;
        let known = known.filter(|known| !known.person.disabled && !known.password_hash.is_empty());
        let (person, hash) = known
            .map(|known| (known.person, known.password_hash))
            .unzip();
        let right = password::verify(password, hash).await?;
        Ok(person.filter(|_| right))
    }

    /// Notes that somebody has signed in, with a code if they owed one; they are who they are now, and nobody if they were
    /// disabled meanwhile.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn note_sign_in(
        &self,
        person: i64,
        proof: Proof,
        code: Option<Used>,
        address: &str,
        now: i64,
    ) -> Result<Option<Person>> {
        let tx = self.begin().await?;
        let sql = format!(
            "UPDATE person SET signed_in_at = $1 WHERE id = $2 AND disabled = FALSE RETURNING {PERSON}"
        );
        let person = row::<Person>(&tx, &sql, [now.into(), person.into()]).await?;
        if let Some(person) = &person {
            let event = Event::new(Action::SignedIn, "user", person.id, &person.name)
                .after(json!({ "proof": proof, "second_factor": code }))
                .address(address);
            audit::record(&tx, &Actor::from(person), event, now).await?;
        }
        tx.commit().await?;
        Ok(person)
    }

    /// Notes that somebody tried to sign in with this e-mail address and could not.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn note_refusal(
        &self,
        email: &str,
        tried: Tried,
        address: &str,
        now: i64,
    ) -> Result<()> {
        let sql = format!("SELECT {PERSON} FROM person WHERE email_key = $1");
        let person = row::<Person>(self.reading(), &sql, [text(&email_key(email))]).await?;
        let (id, name) = person.map_or((None, String::new()), |p| (Some(p.id), p.name));
        let event = Event::new(Action::SignInRefused, "user", id, &name)
            .after(json!({ "tried": tried }))
            .address(address);
        audit::record(self.writing(), &Actor::Stranger, event, now).await
    }

    /// Notes that somebody has signed out.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn note_sign_out(&self, person: &Person, address: &str, now: i64) -> Result<()> {
        let event = Event::new(Action::SignedOut, "user", person.id, &person.name).address(address);
        audit::record(self.writing(), &Actor::from(person), event, now).await
    }
}
