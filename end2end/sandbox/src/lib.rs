//! A stand-in for LinkedIn: OAuth, ad accounts, lead forms, lead responses, webhooks; and, beside it,
//! for the OpenID provider of a company (`oidc`).
//!
//! It is written from the specification alone and shares no code with the engine, so that client
//! and stand-in cannot share a mistake. It is as strict as LinkedIn where LinkedIn is strict, as
//! strange where LinkedIn is strange, and has a control API to make it stranger (`README.md`).
//!
//! Beside both stands `dynamics`: Entra ID for applications, and an organization of Dataverse.
//!
//! One request travels: `wire` → `server` (log, latency, injected failures) → `oauth`, `rest`,
//! `oidc` or `control` → the `state` behind one lock.

#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test may fail by panicking")
)]

mod calendar;
mod control;
mod dataverse;
mod dynamics;
mod entra;
mod errors;
mod faults;
mod identity;
mod leads;
mod memory;
mod model;
mod oauth;
mod oidc;
mod page;
mod rest;
mod restli;
mod rng;
mod seed;
mod server;
mod state;
mod webhooks;
mod wire;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use dynamics::{Dynamics, DynamicsConfig, known};
pub use seed::Seed;
use state::Shared;

/// How a sandbox is started.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The one application the sandbox knows.
    pub client_id: String,
    /// Its secret, which also signs webhooks.
    pub client_secret: String,
    /// The world it begins with.
    pub seed: Seed,
    /// The member who is signed in and consents without a click; `None` shows the consent page.
    pub auto_login: Option<String>,
    /// A file that lets the seed's time and all consents outlive the process; `None` forgets them.
    pub memory: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            client_id: "sandbox-client".to_owned(),
            client_secret: "sandbox-client-secret".to_owned(),
            seed: Seed::Demo,
            auto_login: None,
            memory: None,
        }
    }
}

/// A running sandbox; dropping it stops it as well.
#[derive(Debug)]
pub struct Sandbox {
    addr: SocketAddr,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a sandbox and answers once it listens.
    ///
    /// # Errors
    /// When the address cannot be bound or the webhook sender cannot be set up.
    pub async fn start(config: Config) -> std::io::Result<Sandbox> {
        let listener = TcpListener::bind(config.listen).await?;
        let addr = listener.local_addr()?;
        let client = webhooks::client().map_err(std::io::Error::other)?;
        let shared = Arc::new(Shared::new(config, format!("http://{addr}"), client));
        let (stop, stopped) = watch::channel(false);
        let tasks = vec![
            tokio::spawn(server::run(Arc::clone(&shared), listener, stopped.clone())),
            tokio::spawn(webhooks::revalidate_forever(shared, stopped)),
        ];
        Ok(Sandbox { addr, stop, tasks })
    }

    /// The address it listens on.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The URL everything lies below, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
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
