//! The running server: the web part, the worker, and how both stop.

use std::net::SocketAddr;
use std::time::Duration;

use axum::ServiceExt;
use axum::extract::Request;
use leadline_app::DynamicsSandbox;
use tokio::net::TcpListener;
use tokio::signal;
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

use crate::config::Config;
use crate::engine::{Engine, bare, open};
use crate::failure::{Failure, Outcome};
use crate::router::router;

/// How long requests and passes that have begun may take to end.
const GRACE: Duration = Duration::from_secs(8);

/// What a server consists of.
#[derive(Debug, Clone)]
pub struct Parts {
    /// Serves the pages.
    pub web: bool,
    /// Syncs.
    pub worker: bool,
    /// Brings the schema up to date first.
    pub migrate: bool,
    /// The sandbox of Dynamics 365, if it is a demo, which every page then says.
    pub dynamics: Option<DynamicsSandbox>,
}

/// A running server.
pub struct Server {
    stop: watch::Sender<bool>,
    tasks: JoinSet<Outcome>,
    public_url: Url,
    web: bool,
    /// What it works with.
    pub engine: Engine,
}

impl Server {
    /// Opens the database and starts the parts; the web part listens when this returns.
    ///
    /// # Errors
    /// When the database or the address cannot be used.
    pub async fn start(config: &Config, parts: Parts) -> Outcome<Server> {
        let listener = match parts.web {
            true => Some(listen(config.listen).await?),
            false => None,
        };
        let address = listener
            .as_ref()
            .map_or(config.listen, |(_, address)| *address);
        let public_url = public_url(config.public_url.as_ref(), address)?;
        let store = open(&config.database_url, parts.migrate).await?;
        let mut server = Server {
            engine: Engine::new(config, store, &public_url).await?,
            stop: watch::channel(false).0,
            tasks: JoinSet::new(),
            web: parts.web,
            public_url,
        };
        if let Some((listener, _)) = listener {
            server.start_web(listener, config, parts.dynamics)?;
        }
        if parts.worker {
            server.start_worker();
        }
        Ok(server)
    }

    fn start_web(
        &mut self,
        listener: TcpListener,
        config: &Config,
        dynamics: Option<DynamicsSandbox>,
    ) -> Outcome {
        let app = router(&self.engine, config, &self.public_url, dynamics)?.into_service();
        let mut stopped = self.stop.subscribe();
        let serving = axum::serve(
            listener,
            ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(app),
        )
        .with_graceful_shutdown(async move {
            // An error means that the server was dropped, which is also a reason to stop.
            let _ = stopped.wait_for(|stop| *stop).await;
        });
        self.tasks
            .spawn(async { serving.await.map_err(|e| Failure::Failed(e.to_string())) });
        Ok(())
    }

    fn start_worker(&mut self) {
        let worker = self.engine.worker.clone();
        let stopped = self.stop.subscribe();
        self.tasks.spawn(async { Ok(worker.run(stopped).await?) });
    }

    /// What to print once it runs.
    #[must_use]
    pub fn greeting(&self) -> String {
        match self.web {
            true => format!("Leadline is ready at {}", bare(&self.public_url)),
            false => "Leadline syncs".to_owned(),
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
        self.engine.store.close().await?;
        ended
    }
}

async fn listen(address: SocketAddr) -> Outcome<(TcpListener, SocketAddr)> {
    let failed = |e: std::io::Error| Failure::listening(address, &e);
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

fn joined(ended: Result<Outcome, tokio::task::JoinError>) -> Outcome {
    ended.unwrap_or_else(|e| Err(Failure::Failed(format!("A part of the server broke: {e}"))))
}

/// What was configured, else this machine's own name for where it listens.
///
/// # Errors
/// Never, as the address is one.
pub fn public_url(set: Option<&Url>, address: SocketAddr) -> Outcome<Url> {
    match set {
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
