//! The second factor: codes of an authenticator app, and recovery codes for whoever lost it.
//!
//! The secret lies sealed in the person's row and counts only once a first code has confirmed it.
//! Every code counts once: the step of the last one is compared and set in one statement, so that of
//! two at once only one gets in.

use sea_orm::FromQueryResult;
use serde::Serialize;

use super::access::{Actor, Administrator, Signed};
use super::audit::{self, Action, Event};
use super::own_account::Sure;
use super::people::{PERSON, Person};
use super::recovery_codes::{RECOVERY_LETTERS, RecoveryCodes, bare};
use super::{Store, execute, row};
use crate::error::{Error, Kind, Result};
use crate::secret::Sealer;
use crate::totp::Authenticator;

/// What somebody may know about their own second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct SecondFactor {
    /// Since when it is needed; `None` when it is off.
    pub on_since: Option<i64>,
    /// How many recovery codes are left.
    pub codes_left: i64,
}

/// What a code was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Used {
    /// The authenticator app's.
    App,
    /// A recovery code.
    RecoveryCode,
}

#[derive(FromQueryResult)]
struct Kept {
    #[sea_orm(nested)]
    person: Person,
    totp_secret: Option<Vec<u8>>,
}

#[derive(FromQueryResult)]
struct Count {
    n: i64,
}

/// What an unconfirmed, or else a confirmed, secret is read by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Confirmed {
    No,
    Yes,
}

impl Store {
    /// What somebody's second factor is like.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn second_factor(&self, person: i64) -> Result<SecondFactor> {
        let sql = "SELECT totp_confirmed_at AS on_since, \
                   (SELECT COUNT(*) FROM recovery_code WHERE person_id = person.id AND used_at IS NULL) AS codes_left \
                   FROM person WHERE id = $1";
        let found = row(self.reading(), sql, [person.into()]).await?;
        found.ok_or_else(|| Error::not_found("person"))
    }

    /// Whether somebody is an administrator who has to set up a second factor before they go on.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn owes_second_factor(&self, person: &Person) -> Result<bool> {
        if !person.administrator || !self.settings().await?.second_factor_required {
            return Ok(false);
        }
        let sql = "SELECT COUNT(*) AS n FROM person \
                   WHERE id = $1 AND totp_confirmed_at IS NULL AND password_hash <> ''";
        let found = row::<Count>(self.reading(), sql, [person.id.into()]).await?;
        Ok(found.is_some_and(|count| count.n > 0))
    }

    /// Uses up a code of somebody who has a second factor, and says what it was; `None` when it is
    /// wrong or has been used before.
    ///
    /// # Errors
    /// When the database cannot be reached, or the secret cannot be opened.
    pub async fn use_code(
        &self,
        sealer: &Sealer,
        person: i64,
        typed: &str,
        now: i64,
    ) -> Result<Option<Used>> {
        let Some(kept) = self.totp(person, Confirmed::Yes).await? else {
            return Ok(None);
        };
        let code = bare(typed);
        if code.len() == RECOVERY_LETTERS {
            let used = self.use_recovery_code(&kept.person, &code, now).await?;
            return Ok(used.then_some(Used::RecoveryCode));
        }
        let Some(step) = kept.authenticator(sealer)?.step(&code, now) else {
            return Ok(None);
        };
        let sql = "UPDATE person SET totp_used_step = $1 \
                   WHERE id = $2 AND totp_used_step < $1 AND totp_confirmed_at IS NOT NULL";
        let used = execute(self.writing(), sql, [step.into(), person.into()]).await?;
        Ok((used == 1).then_some(Used::App))
    }

    async fn totp(&self, person: i64, confirmed: Confirmed) -> Result<Option<Kept>> {
        let not = match confirmed {
            Confirmed::Yes => "NOT ",
            Confirmed::No => "",
        };
        let sql = format!(
            "SELECT {PERSON}, totp_secret FROM person WHERE id = $1 AND disabled = FALSE \
             AND totp_secret IS NOT NULL AND totp_confirmed_at IS {not}NULL"
        );
        row(self.reading(), &sql, [person.into()]).await
    }
}

impl Kept {
    fn authenticator(&self, sealer: &Sealer) -> Result<Authenticator> {
        let sealed = self.totp_secret.as_deref().unwrap_or_default();
        let secret = sealer.open(sealed, &bound_to(self.person.id))?;
        Authenticator::read(&secret, &self.person.email)
    }
}

impl Sure {
    /// Makes the secret of a new authenticator, which counts as soon as a code confirms it.
    ///
    /// # Errors
    /// When the second factor is on already, or the database cannot be reached.
    pub async fn begin_second_factor(&self, sealer: &Sealer) -> Result<()> {
        let person = self.person();
        let secret = Authenticator::random(&person.email)?.secret();
        let sealed = sealer.seal(&secret, &bound_to(person.id))?;
        let sql = "UPDATE person SET totp_secret = $1 WHERE id = $2 AND totp_confirmed_at IS NULL";
        let values = [sealed.into(), person.id.into()];
        match execute(self.store().writing(), sql, values).await? {
            0 => Err(on_already()),
            _ => Ok(()),
        }
    }

    /// Makes new recovery codes; the ones before are worth nothing any more. `false` for a wrong
    /// code.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn renew_recovery_codes(
        &self,
        sealer: &Sealer,
        code: &str,
        now: i64,
    ) -> Result<Option<Vec<String>>> {
        let (store, person) = (self.store(), self.person());
        if store
            .use_code(sealer, person.id, code, now)
            .await?
            .is_none()
        {
            return Ok(None);
        }
        let codes = RecoveryCodes::random().await?;
        let tx = store.begin().await?;
        codes.keep(&tx, person.id).await?;
        let event = Event::new(Action::RecoveryCodesMade, "user", person.id, &person.name);
        audit::record(&tx, self.actor(), event, now).await?;
        tx.commit().await?;
        Ok(Some(codes.shown))
    }

    /// Switches the second factor off; `false` for a wrong code.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn switch_off_second_factor(
        &self,
        sealer: &Sealer,
        code: &str,
        now: i64,
    ) -> Result<bool> {
        let (store, person) = (self.store(), self.person());
        if store
            .use_code(sealer, person.id, code, now)
            .await?
            .is_none()
        {
            return Ok(false);
        }
        switch_off(store, person, self.actor(), now).await?;
        Ok(true)
    }
}

impl Signed {
    /// The authenticator that waits to be confirmed, to be shown once more.
    ///
    /// # Errors
    /// When the database cannot be reached, or the secret cannot be opened.
    pub async fn new_authenticator(&self, sealer: &Sealer) -> Result<Option<Authenticator>> {
        let kept = self.store().totp(self.person().id, Confirmed::No).await?;
        kept.map(|kept| kept.authenticator(sealer)).transpose()
    }

    /// Switches the second factor on, if this is the new authenticator's code, ends all other
    /// sessions, and makes recovery codes. `None` for a wrong code.
    ///
    /// # Errors
    /// When there is no new authenticator, or the database cannot be reached.
    pub async fn confirm_second_factor(
        &self,
        sealer: &Sealer,
        code: &str,
        session: &str,
        now: i64,
    ) -> Result<Option<Vec<String>>> {
        let (store, person) = (self.store(), self.person());
        let kept = store.totp(person.id, Confirmed::No).await?;
        let kept = kept.ok_or_else(on_already)?;
        let Some(step) = kept.authenticator(sealer)?.step(&bare(code), now) else {
            return Ok(None);
        };
        let codes = RecoveryCodes::random().await?;
        let tx = store.begin().await?;
        let sql = "UPDATE person SET totp_confirmed_at = $1, totp_used_step = $2 \
                   WHERE id = $3 AND totp_confirmed_at IS NULL AND totp_secret = $4";
        let values = [
            now.into(),
            step.into(),
            person.id.into(),
            kept.totp_secret.into(),
        ];
        if execute(&tx, sql, values).await? == 0 {
            return Err(on_already());
        }
        codes.keep(&tx, person.id).await?;
        super::sessions::end_others(&tx, person.id, session).await?;
        let event = Event::new(Action::SecondFactorOn, "user", person.id, &person.name);
        audit::record(&tx, self.actor(), event, now).await?;
        tx.commit().await?;
        Ok(Some(codes.shown))
    }
}

impl Administrator {
    /// Switches somebody's second factor off, because they have lost it.
    ///
    /// # Errors
    /// When there is no such person, or the database cannot be reached.
    pub async fn switch_off_second_factor(&self, person: i64, now: i64) -> Result<()> {
        let sql = format!("SELECT {PERSON} FROM person WHERE id = $1");
        let found = row::<Person>(self.store().reading(), &sql, [person.into()]).await?;
        let person = found.ok_or_else(|| Error::not_found("person"))?;
        switch_off(self.store(), &person, self.actor(), now).await
    }
}

async fn switch_off(store: &Store, person: &Person, actor: &Actor, now: i64) -> Result<()> {
    let tx = store.begin().await?;
    let sql = "UPDATE person SET totp_secret = NULL, totp_confirmed_at = NULL, totp_used_step = 0 \
               WHERE id = $1 AND totp_confirmed_at IS NOT NULL";
    if execute(&tx, sql, [person.id.into()]).await? == 1 {
        let sql = "DELETE FROM recovery_code WHERE person_id = $1";
        execute(&tx, sql, [person.id.into()]).await?;
        let event = Event::new(Action::SecondFactorOff, "user", person.id, &person.name);
        audit::record(&tx, actor, event, now).await?;
    }
    Ok(tx.commit().await?)
}

fn bound_to(person: i64) -> String {
    format!("person:{person}:totp_secret")
}

fn on_already() -> Error {
    Error::new(
        Kind::Conflict,
        "Your second factor is on already, or somebody set it up anew meanwhile. Go back to your account.",
    )
}
