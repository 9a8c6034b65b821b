//! What an administrator does to have a connection that works: type it, prove it, replace its
//! credential.

use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Value};
use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::{CrmConfig, CrmState, ID, Kept, NOUN, kept, languages, seal};
use crate::crm::dynamics::Credential;
use crate::crm::proof::{Claim, Proof};
use crate::error::{Error, Kind, Result};
use crate::store::access::Administrator;
use crate::store::audit::{Action, Event, record};
use crate::store::{execute, json as to_json, maybe_text, row, text};

/// A credential that was typed.
#[derive(Debug, Clone)]
pub struct NewCredential {
    /// The secret, or the certificate with its key; `None` keeps the one that is there.
    pub credential: Option<Credential>,
    /// When its time is over, in milliseconds since the epoch, if somebody said so.
    pub expires_at: Option<i64>,
}

/// A connection as it was typed.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Where the organization is.
    pub url: Url,
    /// The tenant by id or domain; empty to take it from the address.
    pub tenant: String,
    /// The application's id.
    pub client_id: String,
    /// By what it signs in.
    pub credential: NewCredential,
    /// In which language (LCID) its labels are read; `None` means that of the application's user.
    pub language: Option<u32>,
    /// The version of the connection that was read; 0 when there was none.
    pub version: i64,
}

#[derive(FromQueryResult)]
struct VersionRow {
    version: i64,
}

#[derive(FromQueryResult)]
struct OrganizationRow {
    organization_id: String,
}

impl Administrator {
    /// Keeps a connection that is being set up, unproven; tells its version.
    ///
    /// # Errors
    /// When an organization is the CRM already, no credential is there, or somebody changed the
    /// connection since this version was read.
    pub async fn save_crm_draft(&self, draft: &Draft, config: &CrmConfig, now: i64) -> Result<i64> {
        let tx = self.store().begin().await?;
        let before = kept(&tx).await?;
        refuse_version(before.as_ref(), draft.version)?;
        if let Some(before) = &before {
            refuse_active(before)?;
        }
        if draft.credential.credential.is_none() && before.is_none() {
            return Err(Error::invalid("Type a client secret or a certificate."));
        }
        let sql = "INSERT INTO crm_connection (id, version, state, url, tenant, client_id, credential_expires_at, language, modified_at) \
             VALUES ($1, 1, 'draft', $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (id) DO UPDATE SET version = crm_connection.version + 1, url = excluded.url, \
               tenant = excluded.tenant, client_id = excluded.client_id, \
               credential_expires_at = excluded.credential_expires_at, language = excluded.language, organization_id = NULL, \
               organization_name = NULL, fields = NULL, fields_version = NULL, fields_read_at = NULL, proof = '[]', \
               proven_at = NULL, modified_at = excluded.modified_at RETURNING version";
        let values: [Value; 7] = [
            ID.into(),
            text(&address(&draft.url)),
            text(&draft.tenant),
            text(&draft.client_id),
            draft.credential.expires_at.into(),
            draft.language.map(i64::from).into(),
            now.into(),
        ];
        let saved = row::<VersionRow>(&tx, sql, values).await?;
        let version = saved.ok_or_else(|| Error::internal("no CRM connection was saved"))?;
        keep_credential(&tx, &draft.credential, config).await?;
        let action = match before {
            Some(_) => Action::Changed,
            None => Action::Created,
        };
        let name = address(&draft.url);
        let after = json!({
            "url": name,
            "tenant": draft.tenant,
            "application": draft.client_id,
            "credential": draft.credential.told(),
        });
        let event = Event::new(action, NOUN, ID, &name).after(after);
        record(&tx, self.actor(), event, now).await?;
        tx.commit().await?;
        Ok(version.version)
    }

    /// What is to be proven about the connection of this version.
    ///
    /// # Errors
    /// When there is no connection, it was changed since, or what is sealed cannot be opened.
    pub async fn crm_claim(&self, version: i64, config: &CrmConfig) -> Result<Claim> {
        let db = self.store().reading();
        let kept = kept(db).await?.ok_or_else(none)?;
        refuse_version(Some(&kept), version)?;
        Ok(Claim {
            known: confirmed_at_address(db, &kept.url).await?,
            languages: languages(kept.language),
            connection: kept.connection(config)?,
        })
    }

    /// Keeps what a proof found, unless the connection was changed since this version was read; tells
    /// its version from now on.
    ///
    /// # Errors
    /// When it was changed meanwhile.
    pub async fn save_crm_proof(&self, version: i64, proof: &Proof, now: i64) -> Result<i64> {
        let tx = self.store().begin().await?;
        let before = kept(&tx).await?.ok_or_else(none)?;
        refuse_version(Some(&before), version)?;
        save_proof(&tx, &before, proof, now).await?;
        tx.commit().await?;
        Ok(version + 1)
    }

    /// Replaces the application or its credential of the organization that is the CRM, which this
    /// proof has shown to work.
    ///
    /// # Errors
    /// When the proof is not whole, or the connection was changed since this version was read.
    pub async fn replace_crm_credential(
        &self,
        version: i64,
        client_id: &str,
        new: &NewCredential,
        proof: &Proof,
        config: &CrmConfig,
        now: i64,
    ) -> Result<()> {
        let tx = self.store().begin().await?;
        let before = kept(&tx).await?.ok_or_else(none)?;
        refuse_version(Some(&before), version)?;
        if !proof.is_whole() {
            return Err(unproven());
        }
        let sql =
            "UPDATE crm_connection SET client_id = $1, credential_expires_at = $2 WHERE id = $3";
        let values = [text(client_id), new.expires_at.into(), ID.into()];
        execute(&tx, sql, values).await?;
        keep_credential(&tx, new, config).await?;
        save_proof(&tx, &before, proof, now).await?;
        let event = Event::new(Action::Changed, NOUN, ID, &before.url)
            .before(json!({ "application": before.client_id }))
            .after(json!({ "application": client_id, "credential": new.told() }));
        record(&tx, self.actor(), event, now).await?;
        Ok(tx.commit().await?)
    }
}

/// The address as it is kept, without a slash at its end.
fn address(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

impl NewCredential {
    /// What the audit log says: never the secret.
    fn told(&self) -> &'static str {
        match self.credential {
            Some(Credential::Secret(_)) => "a new client secret",
            Some(Credential::Certificate { .. }) => "a new certificate",
            None => "as before",
        }
    }
}

/// Which organization was confirmed at an address.
pub(super) async fn confirmed_at_address(
    db: &impl ConnectionTrait,
    url: &str,
) -> Result<Option<Uuid>> {
    let sql = "SELECT organization_id FROM crm_organization WHERE url = $1";
    let found = row::<OrganizationRow>(db, sql, [text(url)]).await?;
    let id = found.map(|row| Uuid::parse_str(&row.organization_id));
    id.transpose().map_err(Error::internal)
}

/// Keeps a credential in the place of the one that is there.
async fn keep_credential(
    tx: &DatabaseTransaction,
    new: &NewCredential,
    config: &CrmConfig,
) -> Result<()> {
    let Some(credential) = &new.credential else {
        return Ok(());
    };
    let sealed = seal(credential, &config.sealer)?;
    let sql = "UPDATE crm_connection SET client_secret = $1, certificate = $2, private_key = $3 WHERE id = $4";
    let values = [
        sealed.client_secret.into(),
        sealed.certificate.into(),
        sealed.private_key.into(),
        ID.into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

/// Keeps what the steps said and found. What makes up the CRM in use changes only by a whole proof.
async fn save_proof(
    tx: &DatabaseTransaction,
    before: &Kept,
    proof: &Proof,
    now: i64,
) -> Result<()> {
    let sql = "UPDATE crm_connection SET proof = $1, proven_at = $2, modified_at = $2, version = version + 1 WHERE id = $3";
    let values = [to_json(&proof.steps)?.into(), now.into(), ID.into()];
    execute(tx, sql, values).await?;
    let in_use = before.state()? != CrmState::Draft;
    if in_use && !proof.is_whole() {
        return Ok(());
    }
    let organization = proof.organization.as_ref();
    let table = proof.table.as_ref().map(to_json).transpose()?;
    let read_at = table.is_some().then_some(now);
    let version = proof.table.as_ref().map(|table| table.version.as_str());
    let sql = "UPDATE crm_connection SET tenant = COALESCE($1, tenant), organization_id = $2, organization_name = $3, \
         fields = $4, fields_version = $5, fields_read_at = $6, reason = '', checked_at = $7, \
         state = CASE state WHEN 'broken' THEN 'active' ELSE state END WHERE id = $8";
    let values = [
        // An address that is wrong names a wrong tenant.
        proof.tenant.clone().filter(|_| proof.is_whole()).into(),
        organization.map(|(id, _)| id.to_string()).into(),
        maybe_text(organization.map(|(_, name)| name.as_str())),
        table.into(),
        maybe_text(version),
        read_at.into(),
        now.into(),
        ID.into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

pub(super) fn refuse_version(before: Option<&Kept>, version: i64) -> Result<()> {
    match before.map_or(0, |before| before.version) == version {
        true => Ok(()),
        false => Err(Error::new(
            Kind::Conflict,
            "The connection was changed meanwhile. This is how it is now; nothing of yours is saved.",
        )),
    }
}

pub(super) fn refuse_active(before: &Kept) -> Result<()> {
    match before.state()? {
        CrmState::Draft => Ok(()),
        CrmState::Active | CrmState::Broken => Err(Error::new(
            Kind::Conflict,
            "Dynamics 365 is the CRM. Go back to the built-in store first.",
        )),
    }
}

pub(super) fn none() -> Error {
    Error::new(Kind::Conflict, "There is no connection. Set one up first.")
}

pub(super) fn unproven() -> Error {
    Error::new(
        Kind::Conflict,
        "Not every step is proven. Check the connection first.",
    )
}
