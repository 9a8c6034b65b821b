//! Whether the program lives, and whether it can do its work.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use leadline_app::{Routes, Services};
use serde::Serialize;

/// `/healthz` and `/readyz`.
pub fn routes() -> Routes<Services> {
    Routes::new()
        .get("/healthz", async || "ok\n")
        .get("/readyz", ready)
}

#[derive(Serialize)]
struct Ready {
    ready: bool,
    database: &'static str,
    migrations: &'static str,
}

async fn ready(State(services): State<Services>) -> (StatusCode, Json<Ready>) {
    let (database, migrations) = match services.store.is_migrated().await {
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
