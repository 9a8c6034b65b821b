//! Who is signed in: one row for each browser.
//!
//! The id that the browser holds is not in the database, only its hash, and what the session holds
//! is sealed by whoever keeps it here: whoever reads a backup can use neither.

use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use sha2::{Digest, Sha256};

use super::{Store, execute, maybe_text, row, text};
use crate::error::Result;

const MINUTE: i64 = 60_000;
/// After so much quiet one has to sign in again.
pub const IDLE: i64 = 8 * 60 * MINUTE;
/// After so long one has to sign in again in any case.
pub const ABSOLUTE: i64 = 7 * 24 * 60 * MINUTE;
/// How long a session lives in any case that is nobody's yet: a stranger's who has left for single
/// sign-on, or somebody's who owes the second factor.
pub const UNOWNED: i64 = 15 * MINUTE;
/// A visit is noted no more often than this, so that reading a page seldom writes.
const NOTED_AFTER: i64 = MINUTE;

/// What is kept of a session.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kept<'a> {
    /// Whose it is, if anybody's.
    pub person: Option<i64>,
    /// Whether they still owe the second factor, so that the session opens nothing yet.
    pub half: bool,
    /// From which network address they signed in.
    pub address: Option<&'a str>,
    /// In which browser, in plain words.
    pub browser: Option<&'a str>,
    /// All that it holds, sealed.
    pub data: &'a str,
}

#[derive(FromQueryResult)]
struct Row {
    data: String,
    begun_at: i64,
    seen_at: i64,
    owned: bool,
}

impl Kept<'_> {
    /// How long it lives without a visit.
    fn life(self) -> i64 {
        match self.person.is_some() && !self.half {
            true => IDLE,
            false => UNOWNED,
        }
    }

    fn values(self) -> [Value; 5] {
        [
            self.person.into(),
            self.half.into(),
            maybe_text(self.address),
            maybe_text(self.browser),
            text(self.data),
        ]
    }
}

impl Store {
    /// Keeps a new session, and sweeps out those that have expired.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn create_session(&self, id: &str, kept: Kept<'_>, now: i64) -> Result<()> {
        let sql = "DELETE FROM session WHERE expires_at <= $1";
        execute(self.writing(), sql, [now.into()]).await?;
        let sql = "INSERT INTO session (id, begun_at, seen_at, expires_at, person_id, half, address, browser, data) \
                   VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8)";
        let expires_at = now + kept.life();
        let begun = [hashed(id), now.into(), expires_at.into()];
        execute(self.writing(), sql, begun.into_iter().chain(kept.values())).await?;
        Ok(())
    }

    /// Keeps what a session holds now. One that was ended meanwhile stays ended.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn save_session(&self, id: &str, kept: Kept<'_>, now: i64) -> Result<()> {
        let sql = "UPDATE session SET person_id = $3, half = $4, address = $5, browser = $6, data = $7 \
                   WHERE id = $1 AND expires_at > $2";
        let which = [hashed(id), now.into()];
        execute(self.writing(), sql, which.into_iter().chain(kept.values())).await?;
        Ok(())
    }

    /// What a session holds, unless it has expired; notes the visit.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn find_session(&self, id: &str, now: i64) -> Result<Option<String>> {
        let sql = "SELECT data, begun_at, seen_at, person_id IS NOT NULL AND NOT half AS owned \
                   FROM session WHERE id = $1 AND expires_at > $2";
        let found = row::<Row>(self.reading(), sql, [hashed(id), now.into()]).await?;
        let Some(found) = found else {
            return Ok(None);
        };
        if found.owned && now >= found.seen_at + NOTED_AFTER {
            let expires_at = (now + IDLE).min(found.begun_at + ABSOLUTE);
            let sql = "UPDATE session SET expires_at = $1, seen_at = $2 WHERE id = $3";
            let values = [expires_at.into(), now.into(), hashed(id)];
            execute(self.writing(), sql, values).await?;
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

/// Ends all sessions of somebody but the one whose id the browser holds.
pub(super) async fn end_others(
    db: &impl ConnectionTrait,
    person: i64,
    current: &str,
) -> Result<u64> {
    let sql = "DELETE FROM session WHERE person_id = $1 AND id <> $2";
    execute(db, sql, [person.into(), hashed(current)]).await
}

/// What a session is named by in the database. The id has 128 random bits, so a fast hash without
/// a salt is enough.
#[must_use]
pub fn row_id(id: &str) -> String {
    hex::encode(Sha256::digest(id))
}

pub(super) fn hashed(id: &str) -> Value {
    row_id(id).into()
}
