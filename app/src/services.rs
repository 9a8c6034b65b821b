//! What every page may use; the server makes it once.

use std::sync::Arc;

use leadline::{
    mail::Mailer,
    secret::Sealer,
    store::{Store, crm::CrmConfig},
    sync::{Handle, organization::Organization},
    throttle::Throttle,
};
use serde::Deserialize;

/// What every page may use.
#[derive(Clone)]
pub struct Services {
    /// The database.
    pub store: Store,
    /// The settings that a page may show.
    pub settings: Arc<PublicSettings>,
    /// The worker, to be woken when there is something to do.
    pub worker: Handle,
    /// The work with the organization that leads live in, to be asked by previews.
    pub organization: Organization,
    /// Sends mail, if a mail server is configured.
    pub mailer: Option<Mailer>,
    /// Seals what must not be read in the database.
    pub sealer: Arc<Sealer>,
    /// What the connection to the CRM needs of the configuration.
    pub crm: CrmConfig,
    /// Slows down whoever guesses passwords.
    pub throttle: Arc<Throttle>,
    /// The names of the files that the browser gets.
    pub assets: Arc<Assets>,
    /// The description of the REST API, as OpenAPI.
    pub api: Arc<serde_json::Value>,
}

/// The settings that a page may show: no secret is among them.
#[derive(Debug, Clone, Default)]
pub struct PublicSettings {
    /// Where people reach Leadline, without a slash at the end.
    pub public_url: String,
    /// Whether this is the demo, so that every page says so.
    pub demo: bool,
    /// The stand-in for Dynamics 365 that the demo brings along.
    pub dynamics_sandbox: Option<DynamicsSandbox>,
    /// Whether a LinkedIn app is configured, without which nobody can authorize.
    pub linkedin_configured: bool,
    /// The organization's sign-in, if there is one.
    pub single_sign_on: Option<SingleSignOn>,
    /// How often accounts are synced, in milliseconds.
    pub sync_interval: i64,
}

impl PublicSettings {
    /// Whether people reach Leadline over https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https:")
    }
}

/// What to type to connect a stand-in for Dynamics 365; there is nothing real behind its secret.
#[derive(Debug, Clone)]
pub struct DynamicsSandbox {
    /// Where the organization is.
    pub organization: String,
    /// The application's id.
    pub client_id: String,
    /// The application's secret.
    pub client_secret: String,
}

/// The organization's sign-in.
#[derive(Debug, Clone)]
pub struct SingleSignOn {
    /// What the button says.
    pub name: String,
    /// Whether there is no other way in.
    pub only: bool,
}

/// The names of the files that the browser gets, out of `manifest.json`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Assets {
    /// The style sheet.
    #[serde(rename = "leadline.css")]
    pub css: String,
    /// The JavaScript that loads the islands.
    #[serde(rename = "leadline.js")]
    pub js: String,
    /// The islands.
    #[serde(rename = "leadline_bg.wasm")]
    pub wasm: String,
}

impl Assets {
    /// The address of one of the names.
    #[must_use]
    pub fn path(name: &str) -> String {
        format!("/pkg/{name}")
    }
}
