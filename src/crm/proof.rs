//! The proof that a connection to Dynamics 365 works, step by step: each step says what it found, or
//! what is wrong and what to do about it. Nothing is written unless somebody wants the last one.

use std::time::Duration;

use url::Url;
use uuid::Uuid;

use super::dynamics::{
    Challenge, Class, Connection, Dynamics, Failure, Identity, Table, TableDescription, WHO_AM_I,
};
use super::probe::{self, LEFT, Unwritten};
pub use super::step::{Outcome, Proved, Step, is_whole};
use crate::error::Error;

/// How long all of it may take; a page waits for it.
const AT_MOST: Duration = Duration::from_secs(20);
/// What is said when nobody knows what came of a write.
const LOST: &str = "The answer of Dynamics 365 was lost, so nobody knows yet whether the role may write. Check again.";

/// What the steps found.
#[derive(Debug, Default)]
pub struct Proof {
    /// All steps.
    pub steps: Vec<Proved>,
    /// The tenant by its id, as the address names it.
    pub tenant: Option<String>,
    /// The organization by id and name.
    pub organization: Option<(Uuid, String)>,
    /// The lead table.
    pub table: Option<TableDescription>,
    /// Whether what failed stays so until somebody does something about it.
    pub lasting: bool,
    /// How long the organization asked to wait.
    pub wait: Option<Duration>,
}

impl Proof {
    /// Whether all that is needed is proven.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        is_whole(&self.steps)
    }

    fn passed(&mut self, step: Step, message: impl Into<String>) {
        self.note(step, Outcome::Passed, message);
    }

    fn note(&mut self, step: Step, outcome: Outcome, message: impl Into<String>) {
        self.steps.push(Proved {
            step,
            outcome,
            message: message.into(),
        });
    }

    /// Marks the step that failed and all after it.
    fn end(&mut self, failed: Broken) {
        self.lasting = failed.lasting;
        self.wait = failed.wait;
        self.note(failed.step, Outcome::Failed, failed.message);
        for step in Step::ALL.into_iter().skip(self.steps.len()) {
            self.note(step, Outcome::NotReached, "");
        }
    }

    /// The step that is being proven.
    fn next(&self) -> Step {
        let mut ahead = Step::ALL.into_iter().skip(self.steps.len());
        ahead.next().unwrap_or(Step::Writing)
    }

    /// The step that failed.
    #[must_use]
    pub fn failed(&self) -> Option<&Proved> {
        let failed = |proved: &&Proved| proved.outcome == Outcome::Failed;
        self.steps.iter().find(failed)
    }
}

/// Where the proof ended.
struct Broken {
    step: Step,
    message: String,
    lasting: bool,
    wait: Option<Duration>,
}

impl Broken {
    /// Something that stays so until somebody does something about it.
    fn until_mended(step: Step, message: impl Into<String>) -> Broken {
        Broken {
            step,
            message: message.into(),
            lasting: true,
            wait: None,
        }
    }

    fn at(step: Step) -> impl Fn(Failure) -> Broken {
        move |failure| Broken {
            step,
            message: failure.message(),
            lasting: lasts(&failure),
            wait: failure.retry_after,
        }
    }

    /// The same, with the privilege without which it cannot work.
    fn without(step: Step) -> impl Fn((Failure, &'static str)) -> Broken {
        move |(failure, privilege)| {
            let class = failure.class;
            let mut broken = Broken::at(step)(failure);
            match class {
                Class::Setup => {
                    broken.message = format!("{} Missing: {privilege}.", broken.message);
                }
                Class::Ambiguous => LOST.clone_into(&mut broken.message),
                _ => {}
            }
            broken
        }
    }

    /// Writing failed, and perhaps left something there.
    fn unwritten(unwritten: Unwritten) -> Broken {
        let mut broken = Broken::without(Step::Writing)(unwritten.missing);
        if unwritten.left {
            broken.message = format!("{} {LEFT}", broken.message);
        }
        broken
    }

    fn refused(step: Step) -> impl Fn(Error) -> Broken {
        move |error| Broken::until_mended(step, error.message())
    }
}

/// Whether a failure stays until somebody does something about it.
#[must_use]
pub fn lasts(failure: &Failure) -> bool {
    matches!(failure.class, Class::Setup | Class::SignIn)
}

/// Whether a look at the connection finds that what failed works again: it proves who the application
/// is, but not what it may do.
#[must_use]
pub fn looks_prove(failure: &Failure) -> bool {
    failure.class == Class::SignIn || failure.call == WHO_AM_I
}

/// What is to be proven.
#[derive(Debug, Clone)]
pub struct Claim {
    /// How to reach the organization; an empty tenant is taken from the address.
    pub connection: Connection,
    /// The id of the organization that was confirmed at this address.
    pub known: Option<Uuid>,
    /// In which languages (LCID) labels are read.
    pub languages: Vec<u32>,
}

/// Proves it, or finds out why it cannot be proven. `write` says whether a lead may be made and
/// deleted.
pub async fn prove(claim: Claim, write: bool) -> Proof {
    let mut proof = Proof::default();
    let proven = tokio::time::timeout(AT_MOST, all(&mut proof, claim, write)).await;
    match proven {
        Ok(Ok(())) => {}
        Ok(Err(broken)) => proof.end(broken),
        Err(_) => {
            let step = proof.next();
            let late = "There was no answer in time. Try again in a moment.";
            proof.end(Broken {
                step,
                message: match step {
                    Step::Writing => format!("{late} {LEFT}"),
                    _ => late.to_owned(),
                },
                lasting: false,
                wait: None,
            });
        }
    }
    proof
}

async fn all(proof: &mut Proof, claim: Claim, write: bool) -> Result<(), Broken> {
    let Claim {
        mut connection,
        known,
        languages,
    } = claim;
    let challenge = address(proof, &connection).await?;
    tenant(proof, &mut connection, &challenge)?;
    let place = connection.organization.clone();
    let dynamics = Dynamics::new(&connection).map_err(Broken::refused(Step::Token))?;
    dynamics.sign_in().await.map_err(Broken::at(Step::Token))?;
    proof.passed(Step::Token, "Entra ID gives the application tokens.");
    let identity = dynamics.who_am_i().await.map_err(Broken::at(Step::User))?;
    proof.passed(
        Step::User,
        "The application has a user with a role in the organization.",
    );
    organization(proof, &dynamics, &identity, &place, known).await?;
    fields(proof, &dynamics, &languages).await?;
    reading(proof, &dynamics).await?;
    if !write {
        proof.note(
            Step::Writing,
            Outcome::LeftOut,
            "Not tried. The first lead shows whether the role may write.",
        );
        return Ok(());
    }
    let written = probe::write(&dynamics).await;
    let (outcome, message) = written.map_err(Broken::unwritten)?;
    proof.note(Step::Writing, outcome, message);
    Ok(())
}

async fn address(proof: &mut Proof, connection: &Connection) -> Result<Challenge, Broken> {
    let (place, hosts) = (&connection.organization, &connection.allowed_hosts);
    let found = Dynamics::discover_tenant(place, hosts).await;
    let challenge = found.map_err(|failure| {
        let silent = failure.status.is_none() && failure.class == Class::Retry;
        let mut broken = Broken::at(Step::Address)(failure);
        if silent {
            broken.message = "Nothing answers at this address. Check the address, and the network and any proxy \
                              in between."
                .to_owned();
        }
        broken
    })?;
    let host = place.host_str().unwrap_or_default();
    proof.passed(Step::Address, format!("Dynamics 365 answers at {host}."));
    Ok(challenge)
}

/// The tenant that the address names, which must be the one that was typed, if one was. A domain
/// cannot be compared; the token proves it.
fn tenant(
    proof: &mut Proof,
    connection: &mut Connection,
    challenge: &Challenge,
) -> Result<(), Broken> {
    let own = &challenge.tenant;
    let typed = connection.tenant.clone();
    let other = Uuid::parse_str(&typed).is_ok() && !typed.eq_ignore_ascii_case(own);
    if other {
        let message = format!(
            "This organization belongs to the tenant {own}, not to {typed}. Leave the tenant empty, or \
             correct the address."
        );
        return Err(Broken::until_mended(Step::Tenant, message));
    }
    if typed.is_empty() {
        connection.tenant.clone_from(own);
    }
    proof.tenant = Some(own.clone());
    proof.passed(Step::Tenant, format!("It belongs to the tenant {own}."));
    Ok(())
}

async fn organization(
    proof: &mut Proof,
    dynamics: &Dynamics,
    identity: &Identity,
    place: &Url,
    known: Option<Uuid>,
) -> Result<(), Broken> {
    let id = identity.organization_id;
    if let Some(message) = other_organization(known, id) {
        return Err(Broken::until_mended(Step::Organization, message));
    }
    let named = dynamics.organization_name().await;
    let named = named.map_err(Broken::at(Step::Organization))?;
    let name = named.unwrap_or_else(|| place.host_str().unwrap_or_default().to_owned());
    proof.passed(Step::Organization, format!("It is {name}."));
    proof.organization = Some((id, name));
    Ok(())
}

/// What to say when another organization answers than the one that was confirmed.
#[must_use]
pub fn other_organization(known: Option<Uuid>, found: Uuid) -> Option<String> {
    let known = known.filter(|known| *known != found)?;
    Some(format!(
        "Another organization answers at this address: {found}. The one that was confirmed is {known}. Perhaps \
         a copy or a backup was put in its place. Nothing is sent to it. If it shall receive the leads, go back \
         to the built-in store, forget the old organization, and connect this one."
    ))
}

async fn fields(proof: &mut Proof, dynamics: &Dynamics, languages: &[u32]) -> Result<(), Broken> {
    let table = dynamics.describe(Table::Leads, languages).await;
    let table = table.map_err(Broken::at(Step::Fields))?;
    if let Some(message) = overwrites(&table) {
        return Err(Broken::until_mended(Step::Fields, message));
    }
    let count = super::fields::lead_fields(&table).iter().count();
    proof.passed(
        Step::Fields,
        format!("Leads have {count} columns that can be filled."),
    );
    proof.table = Some(table);
    Ok(())
}

/// What to say of a table whose rows cannot be written on the condition that nobody changed them.
#[must_use]
pub fn overwrites(table: &TableDescription) -> Option<&'static str> {
    (!table.optimistic).then_some(
        "Optimistic concurrency is switched off for leads, so that Leadline could overwrite what people write. \
         Switch it on for the table Lead in Dynamics 365, then check again.",
    )
}

async fn reading(proof: &mut Proof, dynamics: &Dynamics) -> Result<(), Broken> {
    let read = probe::read(dynamics).await;
    read.map_err(Broken::without(Step::Reading))?;
    proof.passed(Step::Reading, "Leads and users can be read.");
    Ok(())
}
