//! Whether the program lives, and whether it can do its work.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use leadline::store::Store;
use serde::Serialize;

/// `/healthz` and `/readyz`.
pub fn routes(store: Store) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .with_state(store)
}

#[derive(Serialize)]
struct Ready {
    ready: bool,
    database: &'static str,
    migrations: &'static str,
}

async fn ready(State(store): State<Store>) -> (StatusCode, Json<Ready>) {
    let (database, migrations) = match store.is_migrated().await {
        Ok(true) => ("ok", "ok"),
        Ok(false) => ("ok", "pending"),
        Err(error) => {
            tracing::warn!(?error, "not ready");
            ("unreachable", "unknown")
        }
    };
    let ready = migrations == "ok";
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        Json(Ready {
            ready,
            database,
            migrations,
        }),
    )
}
