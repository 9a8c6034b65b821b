//! What the filters and settings of a page let one choose from: short lists of names.

use sea_orm::{FromQueryResult, Value};

use super::accounts::is_mine;
use crate::error::Result;
use crate::store::access::Reader;
use crate::store::rows;

/// A choice has at most so many names; beyond them, pages link to their own filtered lists.
const CHOICES: usize = 100;

/// One thing to choose.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Choice {
    /// Leadline's id.
    pub id: i64,
    /// What people call it.
    pub name: String,
}

impl Reader {
    /// The accounts that the person may see, and the one that is chosen.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_account_choices(&self, chosen: Option<i64>) -> Result<Vec<Choice>> {
        let person = self.person();
        let sql = format!(
            "SELECT a.id, a.name FROM linked_account a WHERE {} ORDER BY (a.id = $1) DESC, a.name, a.id LIMIT {CHOICES}",
            is_mine("a.id", "$2", "$3")
        );
        let values = [
            none_is_zero(chosen),
            person.administrator.into(),
            person.id.into(),
        ];
        rows(self.store().reading(), &sql, values).await
    }

    /// The current forms, and the version that is chosen.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_form_choices(&self, chosen: Option<i64>) -> Result<Vec<Choice>> {
        let sql = format!(
            "SELECT id, name FROM form WHERE current OR id = $1 ORDER BY (id = $1) DESC, name, id LIMIT {CHOICES}"
        );
        rows(self.store().reading(), &sql, [none_is_zero(chosen)]).await
    }

    /// The campaigns, and the one that is chosen.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_campaign_choices(&self, chosen: Option<i64>) -> Result<Vec<Choice>> {
        let sql = format!(
            "SELECT id, name FROM campaign ORDER BY (id = $1) DESC, name, id LIMIT {CHOICES}"
        );
        rows(self.store().reading(), &sql, [none_is_zero(chosen)]).await
    }

    /// The people who may own leads, and the one who is chosen.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_owner_choices(&self, chosen: Option<i64>) -> Result<Vec<Choice>> {
        let sql = format!(
            "SELECT id, name FROM person WHERE (disabled = FALSE AND (salesperson OR administrator)) OR id = $1 \
             ORDER BY (id = $1) DESC, name, id LIMIT {CHOICES}"
        );
        rows(self.store().reading(), &sql, [none_is_zero(chosen)]).await
    }
}

fn none_is_zero(id: Option<i64>) -> Value {
    id.unwrap_or(0).into()
}
