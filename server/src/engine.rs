//! Puts the engine together from the configuration.

use std::sync::Arc;

use leadline::http::Limits;
use leadline::linkedin::{self, LinkedIn};
use leadline::oauth::{self, OAuth, SCOPES, TokenKeeper};
use leadline::secret::Sealer;
use leadline::store::Store;
use leadline::store::crm::CrmConfig;
use leadline::sync::{self, Worker};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::config::Config;
use crate::failure::{Failure, Outcome};

/// The parts of the engine that a server holds.
#[derive(Clone)]
pub struct Engine {
    /// The database.
    pub store: Store,
    /// Seals tokens.
    pub sealer: Arc<Sealer>,
    /// LinkedIn's API.
    pub linkedin: LinkedIn,
    /// LinkedIn's authorization server.
    pub oauth: OAuth,
    /// Hands out tokens.
    pub keeper: TokenKeeper,
    /// What the connection to the CRM needs of the configuration.
    pub crm: CrmConfig,
    /// Syncs.
    pub worker: Worker,
}

impl Engine {
    /// Puts it together. The database must have been opened by [`open`].
    ///
    /// # Errors
    /// When a setting cannot be used, or the key is not that of the database.
    pub async fn new(config: &Config, store: Store, public_url: &Url) -> Outcome<Engine> {
        let sealer = Arc::new(Sealer::from_base64(&config.secret_key)?);
        store.check_key(&sealer).await?;
        let linkedin = LinkedIn::new(linkedin::Settings {
            api_url: bare(&config.linkedin.api_url),
            api_version: config.linkedin.api_version.clone(),
            limits: Limits::default(),
        })?;
        let oauth = OAuth::new(oauth_settings(config, public_url))?;
        let keeper = TokenKeeper::new(store.clone(), Arc::clone(&sealer), oauth.clone());
        let crm = CrmConfig {
            sealer: Arc::clone(&sealer),
            authority: config.dataverse.authority_url.clone(),
            allowed_hosts: config.dataverse.allowed_hosts.clone(),
            requests: config.dataverse.requests,
        };
        let pace = sync::Settings {
            interval_seconds: config.sync.interval_seconds,
            lookback_hours: config.sync.lookback_hours,
            page_size: config.sync.page_size,
            backfill_days: config.sync.backfill_days,
            concurrency: config.sync.concurrency,
        };
        let worker = Worker::new(
            store.clone(),
            linkedin.clone(),
            keeper.clone(),
            crm.clone(),
            pace,
            &holder(),
        );
        Ok(Engine {
            store,
            sealer,
            linkedin,
            oauth,
            keeper,
            crm,
            worker,
        })
    }
}

fn oauth_settings(config: &Config, public_url: &Url) -> oauth::Settings {
    let app = config.linkedin.app.clone();
    let (client_id, client_secret) = app.unwrap_or((String::new(), SecretString::default()));
    let needed = SCOPES.into_iter().map(str::to_owned);
    oauth::Settings {
        client_id,
        client_secret,
        auth_url: bare(&config.linkedin.auth_url),
        redirect_url: format!("{}/auth/linkedin/callback", bare(public_url)),
        scopes: needed
            .chain(config.linkedin.extra_scopes.iter().cloned())
            .collect(),
    }
}

/// Opens the database and makes sure that its schema is the one that this program knows.
///
/// # Errors
/// When it cannot be reached, or must not be migrated and is not up to date.
pub async fn open(url: &SecretString, migrate: bool) -> Outcome<Store> {
    let store = Store::open(url.expose_secret()).await?;
    if migrate {
        store.migrate().await?;
    } else if !store.is_migrated().await? {
        return Err(Failure::Failed(
            "The database's schema is not up to date. Run `leadline migrate`.".to_owned(),
        ));
    }
    Ok(store)
}

/// A URL without a slash at its end.
#[must_use]
pub fn bare(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// A name for this process's worker that no other process has.
fn holder() -> String {
    let mut bytes = [0; 8];
    // The process's number alone tells workers of one machine apart.
    let _ = getrandom::fill(&mut bytes);
    format!("{}-{}", std::process::id(), hex::encode(bytes))
}
