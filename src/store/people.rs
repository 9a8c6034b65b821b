//! People who sign in.

use sea_orm::FromQueryResult;

use super::Store;
use crate::error::Result;

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

impl Store {
    /// The person with this id, unless they may not sign in any more.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn find_active_person(&self, id: i64) -> Result<Option<Person>> {
        let sql = "SELECT id, email, name, administrator, salesperson, disabled FROM person WHERE id = $1 AND disabled = FALSE";
        super::row(self.reading(), sql, [id.into()]).await
    }

    /// Whether anybody can sign in at all; if not, the first administrator has to be made.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn has_people(&self) -> Result<bool> {
        let found =
            super::row::<Found>(self.reading(), "SELECT id FROM person LIMIT 1", []).await?;
        Ok(found.is_some())
    }
}

#[derive(FromQueryResult)]
struct Found {
    #[expect(dead_code, reason = "only whether there is a row counts")]
    id: i64,
}
