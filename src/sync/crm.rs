//! Proving the connection to the CRM for an administrator, and looking after it while it is in use.
//! While the organization asks to wait, nobody asks it anything.

use crate::crm::dynamics::{Dynamics, Failure, Table};
use crate::crm::proof::{Proof, Step, lasts, other_organization, overwrites, prove};
use crate::error::{Error, Kind, Result};
use crate::store::Store;
use crate::store::access::Administrator;
use crate::store::crm::{Connected, Crm, CrmConfig, FoundBy, NewCredential};

/// Proves the connection of this version and keeps what came of it. `write` says whether a lead may
/// be made and deleted.
///
/// # Errors
/// When there is no connection, it was changed meanwhile, it asks to wait, or the database refuses.
pub async fn check(
    administrator: &Administrator,
    config: &CrmConfig,
    version: i64,
    write: bool,
) -> Result<Proof> {
    let store = administrator.store();
    let claim = administrator.crm_claim(version, config).await?;
    refuse_while_paused(store).await?;
    let proof = prove(claim, write).await;
    store.keep_crm_pause(proof.wait).await?;
    let now = store.clock().await?;
    let version = administrator.save_crm_proof(version, &proof, now).await?;
    if let Some(failed) = proof.failed().filter(|_| proof.lasting) {
        let by = match failed.step {
            Step::Reading | Step::Writing => FoundBy::Work,
            _ => FoundBy::Look,
        };
        let marked = store.mark_crm_broken(version, &failed.message, by, now);
        marked.await?;
    }
    Ok(proof)
}

/// Proves another application or credential for the organization in use, and puts it in the place of
/// the one that is there when everything about it works.
///
/// # Errors
/// When there is no connection, it was changed meanwhile, it asks to wait, or the database refuses.
pub async fn replace_credential(
    administrator: &Administrator,
    config: &CrmConfig,
    version: i64,
    client_id: &str,
    new: &NewCredential,
) -> Result<Proof> {
    let store = administrator.store();
    let mut claim = administrator.crm_claim(version, config).await?;
    refuse_while_paused(store).await?;
    client_id.clone_into(&mut claim.connection.client_id);
    if let Some(credential) = &new.credential {
        claim.connection.credential = credential.clone();
    }
    let proof = prove(claim, false).await;
    store.keep_crm_pause(proof.wait).await?;
    if proof.is_whole() {
        let now = store.clock().await?;
        administrator
            .replace_crm_credential(version, client_id, new, &proof, config, now)
            .await?;
    }
    Ok(proof)
}

/// Reads the columns of the organization in use again; tells whether they changed.
///
/// # Errors
/// When no organization is the CRM, it asks to wait, or it cannot be read.
pub async fn read_fields(administrator: &Administrator, config: &CrmConfig) -> Result<bool> {
    let store = administrator.store();
    let Crm::Dynamics(connected) = store.crm(config).await? else {
        return Err(Error::new(
            Kind::Conflict,
            "Leads are in the built-in store. Connect an organization first.",
        ));
    };
    refuse_while_paused(store).await?;
    let dynamics = Dynamics::new(&connected.connection)?;
    let table = dynamics.describe(Table::Leads, &connected.languages).await;
    if let Err(failure) = &table {
        store.keep_crm_pause(failure.retry_after).await?;
    }
    let now = store.clock().await?;
    store.save_crm_fields(&table?, now).await
}

/// Refuses to ask the organization in use anything while it asks to wait.
async fn refuse_while_paused(store: &Store) -> Result<()> {
    let left = store.crm_paused_until().await? - store.clock().await?;
    if left <= 0 || !store.lives_elsewhere().await? {
        return Ok(());
    }
    let minutes = match (left + 59_999) / 60_000 {
        ..=1 => "a minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    };
    Err(Error::new(
        Kind::Conflict,
        format!(
            "Dynamics 365 asked Leadline to wait, so nothing is asked of it now. Try again in {minutes}."
        ),
    ))
}

/// What came of a look at the connection in use.
enum Seen {
    /// It works.
    Well,
    /// It does not until somebody does something, and why.
    Broken(String),
    /// Nobody knows; it may work in a while.
    Unknown(Failure),
}

impl From<Failure> for Seen {
    fn from(failure: Failure) -> Seen {
        match lasts(&failure) {
            true => Seen::Broken(failure.message()),
            false => Seen::Unknown(failure),
        }
    }
}

/// Looks at the connection in use when it is time: whether the same organization is still there, and
/// which columns it has. What the work found stays for the work to clear, because nothing is read or
/// written here.
///
/// # Errors
/// When the database refuses.
pub async fn keep_up(store: &Store, config: &CrmConfig) -> Result<()> {
    let now = store.clock().await?;
    if store.crm_paused_until().await? > now || !store.claim_crm_check(now).await? {
        return Ok(());
    }
    let Crm::Dynamics(connected) = store.crm(config).await? else {
        return Ok(());
    };
    let dynamics = Dynamics::new(&connected.connection)?;
    match look(store, &dynamics, &connected, now).await? {
        Seen::Well => {
            let by = FoundBy::Look;
            store.mark_crm_working(connected.version, by).await?;
        }
        Seen::Broken(why) => {
            let by = FoundBy::Look;
            let marked = store.mark_crm_broken(connected.version, &why, by, now);
            marked.await?;
        }
        Seen::Unknown(failure) => {
            tracing::warn!(%failure, "the CRM could not be looked at");
            store.keep_crm_pause(failure.retry_after).await?;
        }
    }
    Ok(())
}

async fn look(store: &Store, dynamics: &Dynamics, connected: &Connected, now: i64) -> Result<Seen> {
    let identity = match dynamics.who_am_i().await {
        Ok(identity) => identity,
        Err(failure) => return Ok(failure.into()),
    };
    let known = Some(connected.organization_id);
    if let Some(other) = other_organization(known, identity.organization_id) {
        return Ok(Seen::Broken(other));
    }
    match dynamics.describe(Table::Leads, &connected.languages).await {
        Ok(table) => {
            store.save_crm_fields(&table, now).await?;
            Ok(overwrites(&table).map_or(Seen::Well, |why| Seen::Broken(why.to_owned())))
        }
        Err(failure) => Ok(failure.into()),
    }
}
