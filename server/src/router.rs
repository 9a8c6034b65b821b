//! All routes of the web server, with what lies around them.

use std::sync::Arc;

use axum::Router;
use leadline::throttle::Throttle;
use leadline_app::{PublicSettings, Services};
use url::Url;

use crate::config::Config;
use crate::engine::{Engine, bare};
use crate::{assets, auth, health, security, session};

/// The whole web server.
pub fn router(engine: &Engine, config: &Config, public_url: &Url, demo: bool) -> Router {
    let settings = PublicSettings {
        public_url: bare(public_url),
        demo,
        linkedin_configured: config.linkedin.app.is_some(),
        sync_interval: config.sync.interval_seconds * 1000,
    };
    let services = Services {
        store: engine.store.clone(),
        settings: Arc::new(settings),
        worker: engine.worker.handle(),
        throttle: Arc::new(Throttle::default()),
        assets: Arc::new(assets::names()),
    };
    let pages = leadline_app::routes(services, auth::routes(engine.clone()))
        .layer(session::layer(engine.store.clone(), public_url));
    let routes = Router::new()
        .merge(health::routes(engine.store.clone()))
        .merge(assets::routes())
        .merge(pages);
    security::around(routes, public_url)
}
