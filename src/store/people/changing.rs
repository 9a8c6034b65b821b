//! Changes of who may do what, one at a time.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend};

use super::Found;
use crate::error::{Error, Kind, Result};
use crate::store::{Store, row};

/// What lets one server at a time change who may do what.
const LOCK: i64 = 7_233_011;

/// A transaction that may change who administrates. No other runs beside it, whatever server it is
/// on, and it is not committed if it would leave Leadline without an administrator: so neither one
/// change nor two at the same moment can take the last one away.
pub(crate) struct Changing {
    /// The transaction.
    pub(crate) tx: DatabaseTransaction,
    administered: bool,
}

impl Changing {
    /// Waits for its turn.
    pub(crate) async fn begin(store: &Store) -> Result<Changing> {
        let tx = store.begin().await?;
        if store.backend() == DbBackend::Postgres {
            tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})"))
                .await?;
        }
        let administered = has_administrator(&tx).await?;
        Ok(Changing { tx, administered })
    }

    /// Keeps what was changed, unless the last active administrator would be gone.
    pub(crate) async fn commit(self) -> Result<()> {
        if self.administered && !has_administrator(&self.tx).await? {
            return Err(Error::new(
                Kind::Conflict,
                "This would leave Leadline without an active administrator. Make somebody else an administrator first; \
                 somebody invited counts once they have signed in.",
            ));
        }
        Ok(self.tx.commit().await?)
    }
}

/// Whether anybody administrates who can also sign in. An invitation that nobody has used yet may
/// never be.
pub(super) async fn has_administrator(db: &impl ConnectionTrait) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM person WHERE administrator AND NOT disabled \
               AND (password_hash <> '' OR oidc_subject IS NOT NULL)) AS found";
    let answer = row::<Found>(db, sql, []).await?;
    Ok(answer.is_some_and(|answer| answer.found))
}
