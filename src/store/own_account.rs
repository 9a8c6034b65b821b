//! One's own account: the password and the sessions. Whoever is signed in may look; what changes how
//! one signs in needs the password once more ([`Sure`]), so that a browser left open is not enough.

use sea_orm::FromQueryResult;
use serde_json::json;

use super::access::{Actor, Signed};
use super::audit::{self, Action, Event};
use super::people::Person;
use super::sessions::{end_others, hashed};
use super::sign_in::Tried;
use super::{Store, execute, row, rows};
use crate::error::{Error, Result};
use crate::password;

/// Somebody signed in who has just typed their password again.
#[derive(Debug, Clone)]
pub struct Sure(Signed);

/// One of somebody's own sessions.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct OwnSession {
    /// What it is named by to end it. It is of no use for signing in.
    pub id: String,
    /// The network address from which it was begun.
    pub address: Option<String>,
    /// The browser in which it was begun, in plain words.
    pub browser: Option<String>,
    /// When it was begun.
    pub begun_at: i64,
    /// When something was last done in it, give or take a minute.
    pub seen_at: i64,
    /// Whether it is the one in which this is asked.
    pub current: bool,
}

#[derive(FromQueryResult)]
struct PasswordHash {
    password_hash: String,
}

impl Signed {
    /// Whether the person has a password at all; who only uses single sign-on has none.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn has_password(&self) -> Result<bool> {
        Ok(self.password_hash().await?.is_some())
    }

    /// Lets the person do more, if this is their password; see also [`Signed::note_refused_proof`].
    ///
    /// # Errors
    /// When the database cannot be reached, or too many sign in at once.
    pub async fn prove(&self, password: &str) -> Result<Option<Sure>> {
        let Some(hash) = self.password_hash().await? else {
            return Ok(None);
        };
        let right = password::verify(password, Some(hash)).await?;
        Ok(right.then(|| Sure(self.clone())))
    }

    /// Notes that what the person typed to prove who they are was wrong: whoever sits at a browser
    /// that was left open may be guessing.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn note_refused_proof(&self, tried: Tried, address: &str, now: i64) -> Result<()> {
        let event = self.event(Action::ProofRefused);
        let event = event.after(json!({ "tried": tried })).address(address);
        audit::record(self.store().writing(), self.actor(), event, now).await
    }

    async fn password_hash(&self) -> Result<Option<String>> {
        let sql = "SELECT password_hash FROM person WHERE id = $1 AND password_hash <> ''";
        let found = row::<PasswordHash>(self.store().reading(), sql, [self.person().id.into()]);
        Ok(found.await?.map(|found| found.password_hash))
    }

    /// The person's sessions, last used first; `current` is the id that the browser holds.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_sessions(&self, current: &str, now: i64) -> Result<Vec<OwnSession>> {
        let sql = "SELECT id, address, browser, begun_at, seen_at, id = $1 AS current FROM session \
                   WHERE person_id = $2 AND half = FALSE AND expires_at > $3 ORDER BY id = $1 DESC, seen_at DESC";
        let values = [hashed(current), self.person().id.into(), now.into()];
        rows(self.store().reading(), sql, values).await
    }

    /// Ends one of the person's own sessions.
    ///
    /// # Errors
    /// When it is not theirs or has ended already, or the database cannot be reached.
    pub async fn end_session(&self, id: &str, now: i64) -> Result<()> {
        let tx = self.store().begin().await?;
        let sql = "DELETE FROM session WHERE id = $1 AND person_id = $2 AND half = FALSE \
                   RETURNING id, address, browser, begun_at, seen_at, FALSE AS current";
        let ended = row::<OwnSession>(&tx, sql, [id.into(), self.person().id.into()]).await?;
        let ended = ended.ok_or_else(|| Error::not_found("session"))?;
        let which = json!({ "address": ended.address, "browser": ended.browser });
        let event = self.event(Action::SessionEnded).before(which);
        audit::record(&tx, self.actor(), event, now).await?;
        Ok(tx.commit().await?)
    }

    /// Ends all of the person's sessions but this one, and says how many that were.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn end_other_sessions(&self, current: &str, now: i64) -> Result<u64> {
        let tx = self.store().begin().await?;
        let ended = end_others(&tx, self.person().id, current).await?;
        if ended > 0 {
            let event = self.event(Action::SessionEnded);
            let event = event.before(json!({ "sessions": ended }));
            audit::record(&tx, self.actor(), event, now).await?;
        }
        tx.commit().await?;
        Ok(ended)
    }

    fn event(&self, action: Action) -> Event<'_> {
        Event::new(action, "user", self.person().id, &self.person().name)
    }
}

impl Sure {
    /// Who it is.
    #[must_use]
    pub fn person(&self) -> &Person {
        self.0.person()
    }

    pub(crate) fn actor(&self) -> &Actor {
        self.0.actor()
    }

    pub(crate) fn store(&self) -> &Store {
        self.0.store()
    }

    /// Chooses a new password, and ends all sessions but this one and every link that would have
    /// let one choose a password too.
    ///
    /// # Errors
    /// When the password may not be chosen, or the database cannot be reached.
    pub async fn change_password(&self, new: &str, current: &str, now: i64) -> Result<()> {
        let person = self.person();
        password::check(new, &person.email, &person.name)?;
        let hash = password::hash(new).await?;
        let tx = self.store().begin().await?;
        let sql = "UPDATE person SET password_hash = $1 WHERE id = $2";
        execute(&tx, sql, [hash.into(), person.id.into()]).await?;
        let sql = "DELETE FROM sign_in_link WHERE person_id = $1 AND used_at IS NULL";
        execute(&tx, sql, [person.id.into()]).await?;
        end_others(&tx, person.id, current).await?;
        let event = self.0.event(Action::PasswordChanged);
        audit::record(&tx, self.actor(), event, now).await?;
        Ok(tx.commit().await?)
    }
}
