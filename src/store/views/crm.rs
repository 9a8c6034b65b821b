//! The CRM as its page shows it: never a secret.

use sea_orm::FromQueryResult;

use super::sync::COUNTED_AT_MOST;
use crate::crm::dynamics::TableDescription;
use crate::crm::proof::Proved;
use crate::error::{Error, Result};
use crate::store::access::{Administrator, Reader};
use crate::store::crm::{CredentialKind, CrmState};
use crate::store::leads::LIVING;
use crate::store::{Store, from_json, row};

/// The connection to Dynamics 365 as its page shows it.
#[derive(Debug, Clone)]
pub struct CrmView {
    /// Grows with every change.
    pub version: i64,
    /// How far it is.
    pub state: CrmState,
    /// Why it does not work, when it is broken.
    pub reason: String,
    /// Where the organization is.
    pub url: String,
    /// The tenant, by id or domain; empty as long as it is not known.
    pub tenant: String,
    /// The application's id.
    pub client_id: String,
    /// By what it signs in.
    pub credential: CredentialKind,
    /// When the credential's time is over, if somebody said so.
    pub credential_expires_at: Option<i64>,
    /// The organization's id and name, as far as it was found.
    pub organization: Option<(String, String)>,
    /// The id of the organization that was confirmed at this address, whenever that was.
    pub confirmed_organization: Option<String>,
    /// In which language (LCID) labels are read, if one was chosen.
    pub language: Option<i64>,
    /// The choice that new leads get as their source.
    pub lead_source: Option<String>,
    /// The lead table, as it was read last.
    pub table: Option<TableDescription>,
    /// When that was.
    pub fields_read_at: Option<i64>,
    /// What the steps said.
    pub proof: Vec<Proved>,
    /// When they were proven.
    pub proven_at: Option<i64>,
    /// When a person confirmed the organization.
    pub confirmed_at: Option<i64>,
}

/// Who receives leads, for whoever confirms it.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Receiver {
    /// The organization's name.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// Its id.
    pub id: String,
}

/// What an administrator has to know about the connection's credential.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct CrmHealth {
    /// `draft`, `active` or `broken`.
    pub state: String,
    /// The organization's name.
    pub name: String,
    /// When the credential's time is over, if somebody said so.
    pub credential_expires_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct ViewRow {
    version: i64,
    state: String,
    reason: String,
    url: String,
    tenant: String,
    client_id: String,
    certified: bool,
    credential_expires_at: Option<i64>,
    organization_id: Option<String>,
    organization_name: Option<String>,
    confirmed_organization: Option<String>,
    language: Option<i64>,
    lead_source: Option<String>,
    fields: Option<String>,
    fields_read_at: Option<i64>,
    proof: String,
    proven_at: Option<i64>,
    confirmed_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct CountRow {
    count: i64,
}

impl Administrator {
    /// The connection to Dynamics 365, if there is one.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn crm(&self) -> Result<Option<CrmView>> {
        let sql = "SELECT c.version, c.state, c.reason, c.url, c.tenant, c.client_id, c.certificate IS NOT NULL AS certified, \
             c.credential_expires_at, c.organization_id, c.organization_name, \
             o.organization_id AS confirmed_organization, c.language, c.lead_source, c.fields, c.fields_read_at, c.proof, \
             c.proven_at, c.confirmed_at \
             FROM crm_connection c LEFT JOIN crm_organization o ON o.url = c.url";
        let found = row::<ViewRow>(self.store().reading(), sql, []).await?;
        found.map(ViewRow::read).transpose()
    }

    /// How many leads Leadline's own database holds; counted up to [`COUNTED_AT_MOST`].
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn count_leads_here(&self) -> Result<i64> {
        let sql = format!(
            "SELECT count(*) AS count FROM (SELECT 1 FROM lead WHERE {LIVING} LIMIT {COUNTED_AT_MOST}) c"
        );
        let found = row::<CountRow>(self.store().reading(), &sql, []).await?;
        Ok(found.map_or(0, |row| row.count))
    }

    /// How the connection is, if there is one.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn crm_health(&self) -> Result<Option<CrmHealth>> {
        let sql = "SELECT state, COALESCE(organization_name, url) AS name, credential_expires_at FROM crm_connection";
        row(self.store().reading(), sql, []).await
    }
}

impl Reader {
    /// The organization that receives leads; `None` when they are kept in the built-in store.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn receiver(&self) -> Result<Option<Receiver>> {
        self.store().receiver().await
    }
}

impl Store {
    /// The organization that receives leads; `None` when they are kept in the built-in store.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn receiver(&self) -> Result<Option<Receiver>> {
        let sql = "SELECT COALESCE(organization_name, url) AS name, url, organization_id AS id FROM crm_connection \
             WHERE state <> 'draft' AND organization_id IS NOT NULL";
        row(self.reading(), sql, []).await
    }
}

impl ViewRow {
    fn read(self) -> Result<CrmView> {
        let state = CrmState::parse(&self.state)
            .ok_or_else(|| Error::internal(format!("unknown CRM state {:?}", self.state)))?;
        let table = self.fields.as_deref().map(from_json).transpose()?;
        Ok(CrmView {
            version: self.version,
            state,
            reason: self.reason,
            url: self.url,
            tenant: self.tenant,
            client_id: self.client_id,
            credential: match self.certified {
                true => CredentialKind::Certificate,
                false => CredentialKind::Secret,
            },
            credential_expires_at: self.credential_expires_at,
            organization: self
                .organization_id
                .map(|id| (id, self.organization_name.unwrap_or_default())),
            confirmed_organization: self.confirmed_organization,
            language: self.language,
            lead_source: self.lead_source,
            table,
            fields_read_at: self.fields_read_at,
            proof: from_json(&self.proof)?,
            proven_at: self.proven_at,
            confirmed_at: self.confirmed_at,
        })
    }
}

/// What is between Leadline and the organization that leads live in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct CrmQueue {
    /// Submissions that are decided and on their way, at most [`COUNTED_AT_MOST`].
    pub on_their_way: i64,
    /// Submissions that the organization does not take, at most [`COUNTED_AT_MOST`].
    pub refused: i64,
    /// Submissions whose lead stayed where leads lived before, at most [`COUNTED_AT_MOST`].
    pub behind: i64,
}

impl Administrator {
    /// What is between Leadline and the organization that leads live in.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn crm_queue(&self) -> Result<CrmQueue> {
        let count =
            |rows: &str| format!("(SELECT count(*) FROM ({rows} LIMIT {COUNTED_AT_MOST}) x)");
        let sql = format!(
            "SELECT {} AS on_their_way, {} AS refused, {} AS behind",
            count("SELECT id FROM submission WHERE reason_code = 'delivering'"),
            count(
                "SELECT id FROM submission WHERE processing_state = 192350002 AND reason_code = 'crm_refused'"
            ),
            count(
                "SELECT s.id FROM lead l JOIN submission s ON s.lead_id = l.id WHERE l.left_in <> 'deleted'"
            ),
        );
        let found = row::<CrmQueue>(self.store().reading(), &sql, []).await?;
        found.ok_or_else(|| Error::internal("nothing was counted"))
    }
}
