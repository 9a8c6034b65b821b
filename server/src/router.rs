//! All routes of the web server, with what lies around them.

use std::sync::Arc;

use axum::Extension;
use leadline::throttle::Throttle;
use leadline_app::{PublicSettings, Routes, Services};
use url::Url;

use crate::config::Config;
use crate::engine::{Engine, bare};
use crate::{api, assets, auth, health, security, session};

/// Every route there is, without anything to work with.
pub fn routes() -> Routes<Services> {
    leadline_app::routes(auth::routes().merge(api::described()))
        .merge(api::routes())
        .merge(health::routes())
        .merge(assets::routes())
}

/// The whole web server.
pub fn router(engine: &Engine, config: &Config, public_url: &Url, demo: bool) -> Routes {
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
        sealer: Arc::clone(&engine.sealer),
        mailer: config.mailer.clone(),
        throttle: Arc::new(Throttle::default()),
        assets: Arc::new(assets::names()),
        api: Arc::new(api::document()),
    };
    let routes = routes()
        .layer(session::layer(engine.store.clone(), public_url))
        .layer(Extension(Arc::new(api::Limits::new(
            config.api_requests_per_minute,
        ))))
        .layer(Extension(engine.clone()))
        .layer(Extension(services.clone()))
        .with_state(services);
    security::around(routes, public_url, &config.trusted_proxies)
}
