//! The running server: the web part, the worker, and how both stop.

use std::net::SocketAddr;
use std::time::Duration;

use leadline::store::Store;
use secrecy::ExposeSecret;
use tokio::net::TcpListener;
use tokio::signal;
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::router::router;

/// How long requests and passes that have begun may take to end.
const GRACE: Duration = Duration::from_secs(8);

/// What a server consists of.
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    /// Serves the pages.
    pub web: bool,
    /// Syncs.
    pub worker: bool,
    /// Brings the schema up to date first.
    pub migrate: bool,
    /// Says on every page that it is a demo.
    pub demo: bool,
}

/// A running server.
pub struct Server {
    store: Store,
    stop: watch::Sender<bool>,
    tasks: JoinSet<Outcome>,
    /// Where people reach it; `None` when it serves no pages.
    pub public_url: Option<Url>,
}

impl Server {
    /// Opens the database and starts the parts; the web part listens when this returns.
    ///
    /// # Errors
    /// When the database or the address cannot be used.
    pub async fn start(config: &Config, parts: Parts) -> Outcome<Server> {
        let store = open(config, parts.migrate).await?;
        let mut server = Server {
            store,
            stop: watch::channel(false).0,
            tasks: JoinSet::new(),
            public_url: None,
        };
        if parts.web {
            server.start_web(config).await?;
        }
        Ok(server)
    }

    async fn start_web(&mut self, config: &Config) -> Outcome {
        let listener = TcpListener::bind(config.listen).await;
        let listener = listener.map_err(|e| Failure::listening(config.listen, &e))?;
        let address = listener
            .local_addr()
            .map_err(|e| Failure::listening(config.listen, &e))?;
        let public_url = public_url(config, address)?;
        let app = router(self.store.clone(), &public_url);
        let mut stopped = self.stop.subscribe();
        let serving = axum::serve(listener, app).with_graceful_shutdown(async move {
            // An error means that the server was dropped, which is also a reason to stop.
            let _ = stopped.wait_for(|stop| *stop).await;
        });
        self.tasks
            .spawn(async { serving.await.map_err(|e| Failure::Failed(e.to_string())) });
        self.public_url = Some(public_url);
        Ok(())
    }

    /// What to print once it runs.
    #[must_use]
    pub fn greeting(&self) -> String {
        match &self.public_url {
            Some(url) => format!(
                "Leadline is ready at {}",
                url.as_str().trim_end_matches('/')
            ),
            None => "Leadline syncs".to_owned(),
        }
    }

    /// Runs until the process is told to end, then ends in order: no new requests, what has begun
    /// is finished, the database is closed.
    ///
    /// # Errors
    /// When a part ended by itself.
    pub async fn until_stopped(mut self) -> Outcome {
        let ended = tokio::select! {
            () = until_stopped() => Ok(()),
            Some(ended) = self.tasks.join_next() => joined(ended),
        };
        tracing::info!("stopping");
        let _ = self.stop.send(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, all).await.is_err() {
            tracing::warn!("what was still running is cut off; the next start goes on from there");
            self.tasks.shutdown().await;
        }
        self.store.close().await?;
        ended
    }
}

fn joined(ended: Result<Outcome, tokio::task::JoinError>) -> Outcome {
    ended.unwrap_or_else(|e| Err(Failure::Failed(format!("A part of the server broke: {e}"))))
}

async fn open(config: &Config, migrate: bool) -> Outcome<Store> {
    let store = Store::open(config.database_url.expose_secret()).await?;
    if migrate {
        store.migrate().await?;
    } else if !store.is_migrated().await? {
        return Err(Failure::Failed(
            "The database's schema is not up to date. Run `leadline migrate`.".to_owned(),
        ));
    }
    Ok(store)
}

/// What was configured, else this machine's own name for where it listens.
fn public_url(config: &Config, address: SocketAddr) -> Outcome<Url> {
    match &config.public_url {
        Some(url) => Ok(url.clone()),
        None => Url::parse(&format!("http://localhost:{}", address.port()))
            .map_err(|e| Failure::Failed(e.to_string())),
    }
}

/// Returns when the process is told to end: Ctrl-C, or SIGTERM.
pub async fn until_stopped() {
    let interrupted = async {
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}
