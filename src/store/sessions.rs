//! Who is signed in: one row for each browser.
//!
//! The id that the browser holds is not in the database, only its hash: whoever reads a backup
//! cannot sign in with it.

use sea_orm::FromQueryResult;
use sha2::{Digest, Sha256};

use super::{Store, execute, row, text};
use crate::error::Result;

const MINUTE: i64 = 60_000;
/// After so much quiet one has to sign in again.
pub const IDLE: i64 = 8 * 60 * MINUTE;
/// After so long one has to sign in again in any case.
pub const ABSOLUTE: i64 = 7 * 24 * 60 * MINUTE;
/// A visit is noted no more often than this, so that reading a page seldom writes.
const NOTED_AFTER: i64 = MINUTE;

#[derive(FromQueryResult)]
struct Row {
    data: String,
    begun_at: i64,
    expires_at: i64,
}

impl Store {
    /// Keeps a new session, and sweeps out those that have expired.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn create_session(
        &self,
        id: &str,
        person: Option<i64>,
        data: &str,
        now: i64,
    ) -> Result<()> {
        let sql = "DELETE FROM session WHERE expires_at <= $1";
        execute(self.writing(), sql, [now.into()]).await?;
        let sql = "INSERT INTO session (id, person_id, data, begun_at, expires_at) \
                   VALUES ($1, $2, $3, $4, $5)";
        let expires_at = now + IDLE;
        let values = [
            hashed(id),
            person.into(),
            text(data),
            now.into(),
            expires_at.into(),
        ];
        execute(self.writing(), sql, values).await?;
        Ok(())
    }

    /// Keeps what a session holds now. One that was ended meanwhile stays ended.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn save_session(
        &self,
        id: &str,
        person: Option<i64>,
        data: &str,
        now: i64,
    ) -> Result<()> {
        let sql = "UPDATE session SET person_id = $1, data = $2 WHERE id = $3 AND expires_at > $4";
        let values = [person.into(), text(data), hashed(id), now.into()];
        execute(self.writing(), sql, values).await?;
        Ok(())
    }

    /// What a session holds, unless it has expired; notes the visit.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn find_session(&self, id: &str, now: i64) -> Result<Option<String>> {
        let sql =
            "SELECT data, begun_at, expires_at FROM session WHERE id = $1 AND expires_at > $2";
        let found = row::<Row>(self.reading(), sql, [hashed(id), now.into()]).await?;
        let Some(found) = found else {
            return Ok(None);
        };
        let expires_at = (now + IDLE).min(found.begun_at + ABSOLUTE);
        if expires_at >= found.expires_at + NOTED_AFTER {
            let sql = "UPDATE session SET expires_at = $1 WHERE id = $2";
            execute(self.writing(), sql, [expires_at.into(), hashed(id)]).await?;
        }
        Ok(Some(found.data))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn delete_session(&self, id: &str) -> Result<()> {
        let sql = "DELETE FROM session WHERE id = $1";
        execute(self.writing(), sql, [hashed(id)]).await?;
        Ok(())
    }
}

/// The id has 128 random bits, so a fast hash without a salt is enough.
fn hashed(id: &str) -> sea_orm::Value {
    hex::encode(Sha256::digest(id)).into()
}
