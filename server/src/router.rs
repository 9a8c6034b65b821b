//! All routes of the web server, with what lies around them.

use std::sync::Arc;

use axum::Extension;
use leadline::error::Result;
use leadline::throttle::Throttle;
use leadline_app::{DynamicsSandbox, PublicSettings, Routes, Services, SingleSignOn};
use url::Url;

use crate::config::Config;
use crate::engine::{Engine, bare};
use crate::sso::Provider;
use crate::{api, assets, auth, health, security, session, sso};

/// Every route there is, without anything to work with.
pub fn routes() -> Routes<Services> {
    let more = auth::routes().merge(sso::routes()).merge(api::described());
    leadline_app::routes(more)
        .merge(api::routes())
        .merge(health::routes())
        .merge(assets::routes())
}

/// The whole web server.
pub fn router(
    engine: &Engine,
    config: &Config,
    public_url: &Url,
    dynamics: Option<DynamicsSandbox>,
) -> Result<Routes> {
    let public = bare(public_url);
    let provider = config.oidc.as_ref();
    let provider = provider
        .map(|oidc| Provider::new(oidc, &public))
        .transpose()?;
    let settings = PublicSettings {
        public_url: public,
        demo: dynamics.is_some(),
        dynamics_sandbox: dynamics,
        single_sign_on: config.oidc.as_ref().map(|oidc| SingleSignOn {
            name: oidc.name.clone(),
            only: oidc.only,
        }),
        linkedin_configured: config.linkedin.app.is_some(),
        sync_interval: config.sync.interval_seconds * 1000,
    };
    let services = Services {
        store: engine.store.clone(),
        settings: Arc::new(settings),
        worker: engine.worker.handle(),
        organization: engine.worker.organization(),
        sealer: Arc::clone(&engine.sealer),
        crm: engine.crm.clone(),
        mailer: config.mailer.clone(),
        throttle: Arc::new(Throttle::default()),
        assets: Arc::new(assets::names()),
        api: Arc::new(api::document()),
    };
    let routes = routes()
        .layer(session::layer(
            engine.store.clone(),
            Arc::clone(&engine.sealer),
            public_url,
        ))
        .layer(Extension(Arc::new(api::Limits::new(
            config.api_requests_per_minute,
        ))))
        .layer(Extension(engine.clone()))
        .layer(Extension(provider))
        .layer(Extension(services.clone()))
        .with_state(services);
    let proxies = &config.trusted_proxies;
    Ok(security::around(routes, public_url, proxies))
}
