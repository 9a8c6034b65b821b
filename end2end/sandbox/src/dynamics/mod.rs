//! The stand-in for Dynamics 365: Entra ID on one port, an organization of Dataverse on another.
//!
//! One request travels: `wire` → `server` (faults of the network, latency, journal) → `entra` or
//! `dataverse` → the `state` behind one lock. `control` is a test's hand on all of it.

mod control;
pub(crate) mod faults;
mod journal;
pub mod known;
mod server;
pub(crate) mod state;
mod tls;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::wire::Door;
use server::Side;
use state::Shared;

/// How a stand-in for Dynamics 365 is started.
#[derive(Debug, Clone)]
pub struct DynamicsConfig {
    /// Where Entra ID listens; port 0 takes any free one.
    pub login: SocketAddr,
    /// Where the organization listens, and below `/control/` what tests it.
    pub organization: SocketAddr,
    /// Whether both speak HTTPS, with certificates of an authority made at the start.
    pub tls: bool,
}

impl Default for DynamicsConfig {
    fn default() -> DynamicsConfig {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        DynamicsConfig {
            login: listen,
            organization: listen,
            tls: false,
        }
    }
}

/// A running stand-in; dropping it stops it as well.
#[derive(Debug)]
pub struct Dynamics {
    shared: Arc<Shared>,
    authority: Option<String>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Dynamics {
    /// Starts it and answers once it listens.
    ///
    /// # Errors
    /// When an address cannot be bound or no certificate can be made.
    pub async fn start(config: DynamicsConfig) -> std::io::Result<Dynamics> {
        let identity = config.tls.then(tls::identity).transpose()?;
        let login = TcpListener::bind(config.login).await?;
        let organization = TcpListener::bind(config.organization).await?;
        let scheme = if config.tls { "https" } else { "http" };
        let shared = Arc::new(Shared::new(
            format!("{scheme}://{}", login.local_addr()?),
            format!("{scheme}://{}", organization.local_addr()?),
        ));
        let (stop, stopped) = watch::channel(false);
        let tasks = [(Side::Login, login), (Side::Organization, organization)]
            .map(|(side, listener)| {
                let door = Door::new(listener, identity.as_ref().map(|own| own.acceptor.clone()));
                tokio::spawn(server::run(
                    Arc::clone(&shared),
                    side,
                    door,
                    stopped.clone(),
                ))
            })
            .into();
        Ok(Dynamics {
            shared,
            authority: identity.map(|own| own.authority),
            stop,
            tasks,
        })
    }

    /// The URL of Entra ID, without a slash at its end: `<authority_url>/<tenant>/oauth2/v2.0/token`.
    #[must_use]
    pub fn authority_url(&self) -> &str {
        &self.shared.login
    }

    /// The URL of the organization, without a slash at its end.
    #[must_use]
    pub fn organization_url(&self) -> &str {
        &self.shared.organization
    }

    /// The certificate (PEM) that a client has to trust, when it speaks HTTPS.
    #[must_use]
    pub fn certificate(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// Stops it; answers once nothing listens any more.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        for mut task in self.tasks {
            if tokio::time::timeout(Duration::from_secs(1), &mut task)
                .await
                .is_err()
            {
                task.abort();
            }
        }
    }
}
