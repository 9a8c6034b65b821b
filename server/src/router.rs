//! All routes of the web server, with what lies around them.

use axum::Router;
use leadline::store::Store;
use url::Url;

use crate::{assets, health, security, session};

/// The whole web server.
pub fn router(store: Store, public_url: &Url) -> Router {
    let routes = Router::new()
        .merge(health::routes(store.clone()))
        .merge(assets::routes())
        .layer(session::layer(store, public_url));
    security::around(routes, public_url)
}
