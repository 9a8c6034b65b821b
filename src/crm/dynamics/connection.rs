//! Where an organization is, how Leadline signs in there, and which places it may be
//! (specification 1.7.6).

use secrecy::SecretString;
use url::{Host, Url};

use super::assertion::Signer;
use crate::error::{Error, Result};

/// Where Entra ID is for everybody but national clouds.
pub const AUTHORITY: &str = "https://login.microsoftonline.com";

/// Where organizations are.
const ORGANIZATIONS: &[&str] = &[
    "dynamics.com",
    "microsoftdynamics.us",
    "appsplatform.us",
    "dynamics.cn",
];
/// Where Entra ID is.
const AUTHORITIES: &[&str] = &[
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
];

/// Where the organization is and how Leadline signs in. Its secrets are not shown by `Debug`.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The organization: `https://contoso.crm.dynamics.com`.
    pub organization: Url,
    /// Entra ID: [`AUTHORITY`], or that of a national cloud.
    pub authority: Url,
    /// The customer's tenant: its id, or one of its domains.
    pub tenant: String,
    /// The application's (client) id.
    pub client_id: String,
    /// How the application proves who it is.
    pub credential: Credential,
    /// Endings of the hosts that may be spoken to; none means Microsoft's own. A host of this
    /// machine among them, such as `127.0.0.1`, may have a port and do without encryption.
    pub allowed_hosts: Vec<String>,
}

/// How the application proves who it is.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A client secret.
    Secret(SecretString),
    /// A certificate whose private key is RSA.
    Certificate {
        /// The certificate that is registered with the application.
        certificate_pem: String,
        /// Its private key, PKCS #8 or PKCS #1, without a password.
        private_key_pem: SecretString,
    },
}

impl Credential {
    /// Whether it can be used at all: a certificate and its key can be read and belong together.
    ///
    /// # Errors
    /// When they cannot, or do not.
    pub fn check(&self) -> Result<()> {
        match self {
            Credential::Secret(_) => Ok(()),
            Credential::Certificate {
                certificate_pem,
                private_key_pem,
            } => Signer::new(certificate_pem, private_key_pem).map(drop),
        }
    }
}

impl Connection {
    /// The address that gives tokens.
    pub(super) fn token_url(&self) -> Result<Url> {
        check_tenant(&self.tenant)?;
        let path = format!("/{}/oauth2/v2.0/token", self.tenant);
        self.authority.join(&path).map_err(Error::internal)
    }

    /// What a token is asked for: everything that the application may do in this organization.
    pub(super) fn scope(&self) -> String {
        let base = self.organization.as_str().trim_end_matches('/');
        format!("{base}/.default")
    }

    /// Whether Leadline may speak to these places at all.
    ///
    /// # Errors
    /// When it may not, or something is missing.
    pub(super) fn check(&self) -> Result<()> {
        check_organization(&self.organization, &self.allowed_hosts)?;
        check_authority(&self.authority, &self.allowed_hosts)?;
        check_tenant(&self.tenant)?;
        let fine = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if self.client_id.is_empty() || !self.client_id.chars().all(fine) {
            return Err(Error::invalid(
                "Application (client) ID: copy it from the overview of the app registration in Entra. It looks like 00000000-0000-0000-0000-000000000000.",
            ));
        }
        Ok(())
    }
}

/// Whether an address may be an organization's: https, no user, path or query, and a host that
/// ends as allowed; no endings mean Microsoft's own.
///
/// # Errors
/// When it may not; the message says what it has to look like.
pub fn check_organization(url: &Url, allowed_hosts: &[String]) -> Result<()> {
    if may_be(url, ORGANIZATIONS, allowed_hosts) {
        return Ok(());
    }
    Err(Error::invalid(
        "Environment address: it looks like https://contoso.crm.dynamics.com, with nothing behind it. Copy it from the environment's page in the Power Platform admin center.",
    ))
}

/// The same of Entra ID's address.
///
/// # Errors
/// When it may not be Entra ID's.
pub fn check_authority(url: &Url, allowed_hosts: &[String]) -> Result<()> {
    if may_be(url, AUTHORITIES, allowed_hosts) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "Sign-in address: it is {AUTHORITY}, or that of a national cloud, with nothing behind it."
    )))
}

/// Whether a text may name a tenant: an id or a domain, and one tenant's, not everybody's.
///
/// # Errors
/// When it may not.
pub fn check_tenant(tenant: &str) -> Result<()> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let everybody = ["common", "organizations", "consumers"];
    let one = !everybody.iter().any(|all| all.eq_ignore_ascii_case(tenant));
    let edges = !tenant.starts_with('.') && !tenant.ends_with('.');
    if one && edges && (1..=253).contains(&tenant.len()) && tenant.chars().all(word) {
        return Ok(());
    }
    Err(Error::invalid(
        "Tenant: give the directory (tenant) ID from Entra, or a domain of the tenant such as contoso.onmicrosoft.com.",
    ))
}

fn may_be(url: &Url, own: &[&str], allowed_hosts: &[String]) -> bool {
    let bare = url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none();
    let Some(host) = url.host_str().filter(|_| bare) else {
        return false;
    };
    let ends = |suffix: &str| {
        let rest = host.strip_suffix(suffix);
        !suffix.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let secure = url.scheme() == "https";
    if allowed_hosts.is_empty() {
        return secure && url.port().is_none() && own.iter().any(|suffix| ends(suffix));
    }
    let mut allowed = allowed_hosts.iter();
    let named = allowed.any(|suffix| ends(&suffix.trim_start_matches('.').to_ascii_lowercase()));
    named && (secure || url.scheme() == "http" && is_loopback(url))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests;
