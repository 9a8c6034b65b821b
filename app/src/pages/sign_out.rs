//! Signing out.

use axum::response::{IntoResponse, Redirect};
use leadline::store::now;

use crate::{Answer, Visitor};

/// Forgets who is signed in, here and in the database.
pub async fn submit(visitor: Visitor) -> Answer {
    if let Some(person) = &visitor.person {
        let (store, address) = (&visitor.services.store, visitor.address.to_string());
        store.note_sign_out(person, &address, now()).await?;
    }
    visitor.session.flush().await?;
    Ok(Redirect::to("/sign-in").into_response())
}
