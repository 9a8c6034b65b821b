//! What an administrator does with a connection that is proven: make it the CRM, go back, forget it.

use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::json;
use uuid::Uuid;

use super::set_up::{confirmed_at_address, none, refuse_active, refuse_version, unproven};
use super::{CrmState, ID, Kept, NOUN, kept};
use crate::crm::proof::{is_whole, other_organization};
use crate::error::{Error, Kind, Result};
use crate::store::access::Administrator;
use crate::store::audit::{Action, Event, record};
use crate::store::mirrors::LIVES_ELSEWHERE;
use crate::store::switching::{self, move_on};
use crate::store::{execute, from_json, maybe_text, row, text};

/// What the audit log calls the CRM that is there without any connection.
const BUILT_IN: &str = "the built-in lead store";

/// Whether leads live in the organization of this version of the connection.
pub(crate) async fn is_connected(db: &impl ConnectionTrait, version: i64) -> Result<bool> {
    let sql = format!(
        "SELECT {LIVES_ELSEWHERE} AND EXISTS (SELECT 1 FROM crm_connection WHERE version = $1) AS connected"
    );
    let found = row::<Connection>(db, &sql, [version.into()]).await?;
    Ok(found.is_some_and(|row| row.connected))
}

#[derive(FromQueryResult)]
struct Connection {
    connected: bool,
}

impl Administrator {
    /// Makes the proven organization the CRM: a person saw its name, address and id and said that it
    /// is theirs. From now on its id belongs to its address for ever.
    ///
    /// # Errors
    /// When not everything is proven, it is the CRM already, another organization was confirmed at
    /// its address before, or the connection was changed since this version was read.
    pub async fn activate_crm(&self, version: i64, now: i64) -> Result<()> {
        // What leads do when the CRM changes happens in this transaction, in which nobody else
        // decides submissions or changes leads.
        let tx = self.store().begin_alone().await?;
        let before = kept(&tx).await?.ok_or_else(none)?;
        refuse_version(Some(&before), version)?;
        refuse_active(&before)?;
        let (id, name) = before.proven(&tx).await?;
        if let Some(other) = other_organization(confirmed_at_address(&tx, &before.url).await?, id) {
            return Err(Error::new(Kind::Conflict, other));
        }
        let sql = "INSERT INTO crm_organization (url, organization_id, name, confirmed_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (url) DO UPDATE SET name = excluded.name, confirmed_at = excluded.confirmed_at";
        let values = [
            text(&before.url),
            id.to_string().into(),
            text(&name),
            now.into(),
        ];
        execute(&tx, sql, values).await?;
        let sql = "UPDATE crm_connection SET state = 'active', reason = '', confirmed_at = $1, checked_at = $1, \
             modified_at = $1, version = version + 1 WHERE id = $2";
        execute(&tx, sql, [now.into(), ID.into()]).await?;
        move_on(&tx, switching::BUILT_IN, &id.to_string(), now).await?;
        let told =
            json!({ "crm": "dynamics-365", "organization": name, "id": id, "url": before.url });
        let event = Event::new(Action::CrmChanged, NOUN, ID, &name)
            .before(json!({ "crm": "built-in" }))
            .after(told);
        record(&tx, self.actor(), event, now).await?;
        Ok(tx.commit().await?)
    }

    /// Makes the built-in store the CRM again. The connection stays as a draft.
    ///
    /// # Errors
    /// When it is the CRM, or the connection was changed since this version was read.
    pub async fn leave_crm(&self, version: i64, now: i64) -> Result<()> {
        let tx = self.store().begin_alone().await?;
        let before = kept(&tx).await?.ok_or_else(none)?;
        refuse_version(Some(&before), version)?;
        if before.state()? == CrmState::Draft {
            return Err(Error::new(
                Kind::Conflict,
                "Leads are in the built-in store already.",
            ));
        }
        let sql = "UPDATE crm_connection SET state = 'draft', reason = '', confirmed_at = NULL, modified_at = $1, \
             version = version + 1 WHERE id = $2";
        execute(&tx, sql, [now.into(), ID.into()]).await?;
        let from = before.organization_id.clone().unwrap_or_default();
        move_on(&tx, &from, switching::BUILT_IN, now).await?;
        let name = before.organization_name.clone().unwrap_or_default();
        let event = Event::new(Action::CrmChanged, NOUN, ID, BUILT_IN)
            .before(json!({ "crm": "dynamics-365", "organization": name, "url": before.url }))
            .after(json!({ "crm": "built-in" }));
        record(&tx, self.actor(), event, now).await?;
        Ok(tx.commit().await?)
    }

    /// Throws the connection away, and with it which organization was confirmed at its address.
    ///
    /// # Errors
    /// When it is the CRM, or was changed since this version was read.
    pub async fn forget_crm(&self, version: i64, now: i64) -> Result<()> {
        let tx = self.store().begin().await?;
        let before = kept(&tx).await?.ok_or_else(none)?;
        refuse_version(Some(&before), version)?;
        refuse_active(&before)?;
        let known = confirmed_at_address(&tx, &before.url).await?;
        let sql = "DELETE FROM crm_organization WHERE url = $1";
        execute(&tx, sql, [text(&before.url)]).await?;
        execute(&tx, "DELETE FROM crm_connection WHERE id = $1", [ID.into()]).await?;
        let event = Event::new(Action::Deleted, NOUN, ID, &before.url)
            .before(json!({ "url": before.url, "confirmed_organization": known }));
        record(&tx, self.actor(), event, now).await?;
        Ok(tx.commit().await?)
    }

    /// Chooses the choice that new leads get as their source; `None` leaves it empty.
    ///
    /// # Errors
    /// When the connection was changed since this version was read.
    pub async fn set_crm_lead_source(
        &self,
        version: i64,
        source: Option<&str>,
        now: i64,
    ) -> Result<()> {
        let tx = self.store().begin().await?;
        let before = kept(&tx).await?.ok_or_else(none)?;
        refuse_version(Some(&before), version)?;
        if before.lead_source.as_deref() == source {
            return Ok(());
        }
        let sql = "UPDATE crm_connection SET lead_source = $1, modified_at = $2, version = version + 1 WHERE id = $3";
        execute(&tx, sql, [maybe_text(source), now.into(), ID.into()]).await?;
        let event = Event::new(Action::Changed, NOUN, ID, &before.url)
            .before(json!({ "lead_source": before.lead_source }))
            .after(json!({ "lead_source": source }));
        record(&tx, self.actor(), event, now).await?;
        Ok(tx.commit().await?)
    }
}

impl Kept {
    /// The organization that was found, if everything about it is proven.
    async fn proven(&self, db: &impl ConnectionTrait) -> Result<(Uuid, String)> {
        let sql = "SELECT proof FROM crm_connection WHERE id = $1";
        let proof = row::<ProofRow>(db, sql, [ID.into()]).await?;
        let steps = proof
            .map(|row| from_json::<Vec<_>>(&row.proof))
            .transpose()?;
        if !steps.is_some_and(|steps| is_whole(&steps)) {
            return Err(unproven());
        }
        let id = self.organization_id.as_deref().map(Uuid::parse_str);
        let id = id.transpose().ok().flatten().ok_or_else(unproven)?;
        Ok((id, self.organization_name.clone().unwrap_or_default()))
    }
}

#[derive(FromQueryResult)]
struct ProofRow {
    proof: String,
}
