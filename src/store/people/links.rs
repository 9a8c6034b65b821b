//! Links by which somebody chooses a password: whoever is invited, and whoever forgot theirs.
//!
//! A link has a random token, of which only the hash is in the database. It works once and for a
//! while, and making one ends the one before. Looking at it does not use it up, because mail
//! scanners follow links.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::{ConnectionTrait, FromQueryResult};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::manage::sign_out;
use super::{NOUN, PERSON, Person, email_key};
use crate::error::{Error, Kind, Result};
use crate::password;
use crate::store::access::Actor;
use crate::store::audit::{self, Action, Event};
use crate::store::{Store, execute, row, text};

const HOUR: i64 = 60 * 60 * 1000;
/// The bytes of a token.
const TOKEN_BYTES: usize = 32;

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// To choose the first password.
    Invitation,
    /// To choose another one.
    Reset,
}

impl LinkKind {
    /// The word for it in the database and in the audit log.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            LinkKind::Invitation => "invitation",
            LinkKind::Reset => "reset",
        }
    }

    /// For how many hours the link works.
    #[must_use]
    pub fn hours(self) -> i64 {
        match self {
            LinkKind::Invitation => 7 * 24,
            LinkKind::Reset => 24,
        }
    }

    /// For how long the link works, in words.
    #[must_use]
    pub fn validity(self) -> &'static str {
        match self {
            LinkKind::Invitation => "7 days",
            LinkKind::Reset => "24 hours",
        }
    }
}

/// A link that was just made. Nobody can be told its token again.
#[derive(Debug)]
pub struct NewLink {
    /// What it is for.
    pub kind: LinkKind,
    /// Whoever has it can sign in.
    pub token: SecretString,
    /// Until when it works.
    pub expires_at: i64,
}

impl NewLink {
    /// Its address; `public_url` is where Leadline is reached, without a slash at the end.
    #[must_use]
    pub fn address(&self, public_url: &str) -> String {
        format!("{public_url}/sign-in/link/{}", self.token.expose_secret())
    }
}

/// Makes a link for somebody and ends the one before.
pub(super) async fn make(
    db: &impl ConnectionTrait,
    actor: &Actor,
    person: &Person,
    kind: LinkKind,
    now: i64,
) -> Result<NewLink> {
    void(db, person.id).await?;
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    let token = URL_SAFE_NO_PAD.encode(bytes);
    let expires_at = now + kind.hours() * HOUR;
    let sql = "INSERT INTO sign_in_link (person_id, kind, hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)";
    let values = [
        person.id.into(),
        kind.slug().into(),
        hashed(&token).into(),
        now.into(),
        expires_at.into(),
    ];
    execute(db, sql, values).await?;
    let event = Event::new(Action::LinkMade, NOUN, person.id, &person.name);
    let event = event.after(json!({"link": kind.slug()}));
    audit::record(db, actor, event, now).await?;
    Ok(NewLink {
        kind,
        token: token.into(),
        expires_at,
    })
}

/// Gives somebody a password that was hashed before, and signs them out everywhere.
pub(super) async fn set_password(
    db: &impl ConnectionTrait,
    actor: &Actor,
    person: &Person,
    hash: String,
    now: i64,
) -> Result<()> {
    let sql = "UPDATE person SET password_hash = $1 WHERE id = $2";
    execute(db, sql, [hash.into(), person.id.into()]).await?;
    sign_out(db, person.id).await?;
    let event = Event::new(Action::PasswordSet, NOUN, person.id, &person.name);
    audit::record(db, actor, event, now).await
}

/// Ends every link of somebody.
pub(super) async fn void(db: &impl ConnectionTrait, person: i64) -> Result<()> {
    let sql = "DELETE FROM sign_in_link WHERE person_id = $1";
    execute(db, sql, [person.into()]).await?;
    Ok(())
}

/// What makes a link work: it is there, was not used, has time left, and its person may sign in and
/// does so with a password, not by single sign-on only.
const WORKS: &str = "hash = $1 AND used_at IS NULL AND expires_at > $2 \
     AND EXISTS (SELECT 1 FROM person p WHERE p.id = person_id AND NOT p.disabled \
       AND (p.password_hash <> '' OR p.oidc_subject IS NULL))";

impl Store {
    /// Whose link it is, as long as it works. Looking does not use it up.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn find_link(&self, token: &str, now: i64) -> Result<Option<Person>> {
        let sql = format!("SELECT person_id FROM sign_in_link WHERE {WORKS}");
        let values = [hashed(token).into(), now.into()];
        match row::<Owner>(self.reading(), &sql, values).await? {
            Some(owner) => self.find_active_person(owner.person_id).await,
            None => Ok(None),
        }
    }

    /// Uses up a link: gives its person this password and signs them out everywhere. Of several who
    /// use it at once, one does.
    ///
    /// # Errors
    /// When the link does not work (not found), or the password may not be chosen (invalid).
    pub async fn use_link(&self, token: &str, password: &str, now: i64) -> Result<Person> {
        let person = self.find_link(token, now).await?.ok_or_else(gone)?;
        password::check(password, &person.email, &person.name)?;
        let hash = password::hash(password).await?;
        let tx = self.begin().await?;
        let sql = format!("UPDATE sign_in_link SET used_at = $2 WHERE {WORKS} RETURNING person_id");
        let used = row::<Owner>(&tx, &sql, [hashed(token).into(), now.into()]).await?;
        used.ok_or_else(gone)?;
        set_password(&tx, &Actor::from(&person), &person, hash, now).await?;
        tx.commit().await?;
        Ok(person)
    }

    /// Makes a link for somebody who says that they forgot their password; `None` when there is
    /// nobody with this e-mail address who has one. Their sessions go on: anybody can say that.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn make_forgotten_link(
        &self,
        email: &str,
        now: i64,
    ) -> Result<Option<(Person, NewLink)>> {
        let tx = self.begin().await?;
        let sql = format!(
            "SELECT {PERSON} FROM person WHERE email_key = $1 AND NOT disabled AND password_hash <> ''"
        );
        let found = row::<Person>(&tx, &sql, [text(&email_key(email))]).await?;
        let Some(person) = found else {
            return Ok(None);
        };
        let link = make(&tx, &Actor::Stranger, &person, LinkKind::Reset, now).await?;
        tx.commit().await?;
        Ok(Some((person, link)))
    }
}

#[derive(FromQueryResult)]
struct Owner {
    person_id: i64,
}

fn gone() -> Error {
    Error::new(
        Kind::NotFound,
        "This link has been used, has run out, or was replaced by a newer one.",
    )
}

/// A token has 256 random bits, so a fast hash without a salt is enough.
fn hashed(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}
