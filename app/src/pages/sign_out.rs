//! Signing out.

use axum::response::{IntoResponse, Redirect};

use crate::{Answer, Visitor};

/// Forgets who is signed in, here and in the database.
pub async fn submit(visitor: Visitor) -> Answer {
    visitor.session.flush().await?;
    Ok(Redirect::to("/sign-in").into_response())
}
