//! Where leads live, and the connection to it.
//!
//! There is one connection at most. It begins as a draft, which is proven step by step
//! (`crm::proof`); it becomes the CRM when an administrator confirms the organization that the proof
//! found. From then on that organization's id is kept with its address: whatever answers there with
//! another id is another organization, and gets no lead.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, FromQueryResult};
use secrecy::SecretString;
use url::Url;
use uuid::Uuid;

use super::{Store, from_json, row};
use crate::crm::dynamics::{Connection, Credential, TableDescription, check_organization};
use crate::error::{Error, Kind, Result};
use crate::secret::Sealer;

mod in_use;
mod keep;
mod set_up;
mod worker;

pub(crate) use in_use::is_connected;
pub use keep::FoundBy;
pub use set_up::{Draft, NewCredential};

/// The row of the one connection.
const ID: i64 = 1;
/// What the audit log calls it.
const NOUN: &str = "CRM connection";

/// What the configuration adds to the connection that the database keeps.
#[derive(Debug, Clone)]
pub struct CrmConfig {
    /// Opens what is sealed.
    pub sealer: Arc<Sealer>,
    /// Where Entra ID is.
    pub authority: Url,
    /// Under which hosts organizations may be; empty means those of Microsoft.
    pub allowed_hosts: Vec<String>,
    /// How many requests Leadline may send an organization in five minutes; it allows 6,000 to each
    /// application user.
    pub requests: u32,
}

impl CrmConfig {
    /// The address of an organization as somebody typed it; `https://` may be missing.
    ///
    /// # Errors
    /// When it is no address that an organization may have.
    pub fn organization(&self, typed: &str) -> Result<Url> {
        let whole = match typed.contains("://") {
            true => typed.to_owned(),
            false => format!("https://{typed}"),
        };
        let url = Url::parse(&whole).map_err(|_| {
            Error::invalid(
                "Environment address: this is no address. It looks like https://contoso.crm.dynamics.com.",
            )
        })?;
        check_organization(&url, &self.allowed_hosts)?;
        Ok(url)
    }
}

/// Where leads live.
#[derive(Debug)]
pub enum Crm {
    /// In Leadline's own database.
    Builtin,
    /// In an organization of Dynamics 365.
    Dynamics(Box<Connected>),
}

/// An organization of Dynamics 365 that a person confirmed.
#[derive(Debug)]
pub struct Connected {
    /// How to reach it.
    pub connection: Connection,
    /// Its id; whatever has another one is another organization.
    pub organization_id: Uuid,
    /// Its name.
    pub organization: String,
    /// The lead table, as it was read last.
    pub table: TableDescription,
    /// In which languages (LCID) its labels are read; none means that of the application's user.
    pub languages: Vec<u32>,
    /// The label of the choice that new leads get as their source, if one was chosen.
    pub default_lead_source: Option<String>,
    /// When a person confirmed it, in milliseconds since the epoch.
    pub confirmed_at: i64,
    /// Grows with every change of the connection.
    pub version: i64,
    /// Why nothing can be sent until an administrator does something, in words.
    pub broken: Option<String>,
    /// Who found that, if it is so.
    pub broken_by: FoundBy,
}

/// How far the connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrmState {
    /// It is being set up; leads are in the built-in store.
    Draft,
    /// It is the CRM.
    Active,
    /// It is the CRM, and does not work until an administrator does something.
    Broken,
}

impl CrmState {
    /// The word for it in the database and in the API.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            CrmState::Draft => "draft",
            CrmState::Active => "active",
            CrmState::Broken => "broken",
        }
    }

    /// The state with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<CrmState> {
        [CrmState::Draft, CrmState::Active, CrmState::Broken]
            .into_iter()
            .find(|state| state.slug() == word)
    }
}

/// By what Leadline signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialKind {
    /// A client secret.
    Secret,
    /// A certificate with its key.
    Certificate,
}

impl CredentialKind {
    /// The word for it in the API.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            CredentialKind::Secret => "secret",
            CredentialKind::Certificate => "certificate",
        }
    }

    /// The kind in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            CredentialKind::Secret => "Client secret",
            CredentialKind::Certificate => "Certificate",
        }
    }
}

/// The connection as it is kept.
#[derive(FromQueryResult)]
struct Kept {
    version: i64,
    state: String,
    reason: String,
    url: String,
    tenant: String,
    client_id: String,
    client_secret: Option<Vec<u8>>,
    certificate: Option<String>,
    private_key: Option<Vec<u8>>,
    organization_id: Option<String>,
    organization_name: Option<String>,
    language: Option<i64>,
    lead_source: Option<String>,
    fields: Option<String>,
    confirmed_at: Option<i64>,
    broken_at_work: bool,
}

async fn kept(db: &impl ConnectionTrait) -> Result<Option<Kept>> {
    let sql = "SELECT version, state, reason, url, tenant, client_id, client_secret, certificate, private_key, \
         organization_id, organization_name, language, lead_source, fields, confirmed_at, broken_at_work FROM crm_connection WHERE id = $1";
    row(db, sql, [ID.into()]).await
}

impl Store {
    /// Where leads live, with all that is needed to reach it.
    ///
    /// # Errors
    /// When the database cannot be reached, or what is sealed cannot be opened.
    pub async fn crm(&self, config: &CrmConfig) -> Result<Crm> {
        match kept(self.reading()).await? {
            Some(kept) if kept.state()? != CrmState::Draft => {
                Ok(Crm::Dynamics(Box::new(kept.connected(config)?)))
            }
            _ => Ok(Crm::Builtin),
        }
    }
}

/// The lead table of the organization that is the CRM; `None` when leads are in the built-in store.
pub(super) async fn active_table(db: &impl ConnectionTrait) -> Result<Option<TableDescription>> {
    let sql = "SELECT fields FROM crm_connection WHERE state <> 'draft' AND fields IS NOT NULL";
    let found = row::<FieldsRow>(db, sql, []).await?;
    found.map(|row| from_json(&row.fields)).transpose()
}

#[derive(FromQueryResult)]
struct FieldsRow {
    fields: String,
}

/// The language that was chosen, as the client takes it.
fn languages(chosen: Option<i64>) -> Vec<u32> {
    let language = chosen.and_then(|code| u32::try_from(code).ok());
    language.into_iter().collect()
}

/// What a sealed column is bound to.
fn bound_to(column: &str) -> String {
    format!("crm_connection:{ID}:{column}")
}

impl Kept {
    fn state(&self) -> Result<CrmState> {
        CrmState::parse(&self.state)
            .ok_or_else(|| Error::internal(format!("unknown CRM state {:?}", self.state)))
    }

    /// How to reach the organization.
    fn connection(&self, config: &CrmConfig) -> Result<Connection> {
        Ok(Connection {
            organization: Url::parse(&self.url).map_err(Error::internal)?,
            authority: config.authority.clone(),
            tenant: self.tenant.clone(),
            client_id: self.client_id.clone(),
            credential: self.credential(&config.sealer)?,
            allowed_hosts: config.allowed_hosts.clone(),
        })
    }

    fn credential(&self, sealer: &Sealer) -> Result<Credential> {
        let open = |sealed: &Option<Vec<u8>>, column: &str| {
            let opened = sealed.as_ref().map(|s| sealer.open(s, &bound_to(column)));
            opened.unwrap_or_else(|| {
                Err(Error::new(
                    Kind::Conflict,
                    "Neither a client secret nor a certificate is kept. Type one.",
                ))
            })
        };
        match &self.certificate {
            Some(certificate) => Ok(Credential::Certificate {
                certificate_pem: certificate.clone(),
                private_key_pem: open(&self.private_key, "private_key")?,
            }),
            None => Ok(Credential::Secret(open(
                &self.client_secret,
                "client_secret",
            )?)),
        }
    }

    fn connected(self, config: &CrmConfig) -> Result<Connected> {
        let missing = || Error::internal("the CRM is not whole");
        let connection = self.connection(config)?;
        let broken = (self.state()? == CrmState::Broken).then_some(self.reason);
        let id = self.organization_id.as_deref().ok_or_else(missing)?;
        Ok(Connected {
            connection,
            organization_id: Uuid::parse_str(id).map_err(Error::internal)?,
            organization: self.organization_name.unwrap_or_default(),
            table: from_json(&self.fields.ok_or_else(missing)?)?,
            languages: languages(self.language),
            default_lead_source: self.lead_source,
            confirmed_at: self.confirmed_at.ok_or_else(missing)?,
            version: self.version,
            broken,
            broken_by: match self.broken_at_work {
                true => FoundBy::Work,
                false => FoundBy::Look,
            },
        })
    }
}

/// A credential as it is kept: secret, certificate, private key.
fn seal(credential: &Credential, sealer: &Sealer) -> Result<Sealed> {
    let seal = |secret: &SecretString, column: &str| sealer.seal(secret, &bound_to(column));
    Ok(match credential {
        Credential::Secret(secret) => Sealed {
            client_secret: Some(seal(secret, "client_secret")?),
            ..Sealed::default()
        },
        Credential::Certificate {
            certificate_pem,
            private_key_pem,
        } => Sealed {
            certificate: Some(certificate_pem.clone()),
            private_key: Some(seal(private_key_pem, "private_key")?),
            ..Sealed::default()
        },
    })
}

/// See [`seal`].
#[derive(Default)]
struct Sealed {
    client_secret: Option<Vec<u8>>,
    certificate: Option<String>,
    private_key: Option<Vec<u8>>,
}
