//! Answers that were given already, so that asking again with the same key does nothing twice.
//!
//! A key belongs to a token. Whoever inserts the row does the work; everybody else finds the answer,
//! or that it is not there yet. Answers are sealed: a new token or somebody's answers may be in one.

use sea_orm::FromQueryResult;

use super::{Store, execute, row, text};
use crate::error::{Error, Result};

/// How long answers are kept, in milliseconds.
pub const KEPT: i64 = 24 * 60 * 60 * 1_000;
/// After so long without an answer whoever began is taken for dead, in milliseconds.
const DEAD_AFTER: i64 = 60_000;

/// Which request it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keyed<'a> {
    /// Leadline's id of the token.
    pub token: i64,
    /// The key.
    pub key: &'a str,
    /// A hash of all that was sent.
    pub request: &'a str,
}

/// What is known about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Nothing yet: whoever gets this does the work, and then says the answer or gives up.
    New,
    /// Somebody is at it.
    InFlight,
    /// Another request had this key.
    Other,
    /// It was answered: the status, and the sealed rest.
    Answered(u16, Vec<u8>),
}

#[derive(FromQueryResult)]
struct Row {
    request_hash: String,
    status: Option<i32>,
    answer: Option<Vec<u8>>,
}

impl Store {
    /// Takes a key, or finds what became of it. Of several who come at once one takes it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn take_key(&self, keyed: Keyed<'_>, now: i64) -> Result<Known> {
        let old = "DELETE FROM idempotent_answer WHERE created_at <= $1";
        execute(self.writing(), old, [(now - KEPT).into()]).await?;
        let sql = "INSERT INTO idempotent_answer (token_id, key, request_hash, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (token_id, key) DO UPDATE SET created_at = excluded.created_at \
             WHERE idempotent_answer.status IS NULL AND idempotent_answer.created_at <= $5 \
               AND idempotent_answer.request_hash = excluded.request_hash";
        let values = [
            keyed.token.into(),
            text(keyed.key),
            keyed.request.into(),
            now.into(),
            (now - DEAD_AFTER).into(),
        ];
        if execute(self.writing(), sql, values).await? > 0 {
            return Ok(Known::New);
        }
        let sql = "SELECT request_hash, status, answer FROM idempotent_answer WHERE token_id = $1 AND key = $2";
        let values = [keyed.token.into(), text(keyed.key)];
        let found = row::<Row>(self.writing(), sql, values).await?;
        Ok(match found {
            Some(found) if found.request_hash != keyed.request => Known::Other,
            Some(Row {
                status: Some(status),
                answer: Some(answer),
                ..
            }) => Known::Answered(u16::try_from(status).map_err(Error::internal)?, answer),
            // It may also have been given up this very moment.
            _ => Known::InFlight,
        })
    }

    /// Keeps the answer.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn keep_answer(&self, keyed: Keyed<'_>, status: u16, sealed: Vec<u8>) -> Result<()> {
        let sql = "UPDATE idempotent_answer SET status = $1, answer = $2 WHERE token_id = $3 AND key = $4";
        let values = [
            i32::from(status).into(),
            sealed.into(),
            keyed.token.into(),
            text(keyed.key),
        ];
        execute(self.writing(), sql, values).await?;
        Ok(())
    }

    /// Gives a key up, because what was to be done with it was not done.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn give_key_up(&self, keyed: Keyed<'_>) -> Result<()> {
        let sql =
            "DELETE FROM idempotent_answer WHERE token_id = $1 AND key = $2 AND status IS NULL";
        let values = [keyed.token.into(), text(keyed.key)];
        execute(self.writing(), sql, values).await?;
        Ok(())
    }
}
