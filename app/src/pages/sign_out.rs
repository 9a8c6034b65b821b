//! Signing out, here and where somebody was vouched for.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use leadline::{error::Error, store::now};
use leptos::prelude::*;

use crate::{Answer, Visitor, WAY_OUT};

/// Forgets who is signed in, here and in the database, and goes on to where their organization does
/// so, too.
pub async fn submit(visitor: Visitor) -> Answer {
    if let Some(person) = &visitor.person {
        let (store, address) = (&visitor.services.store, visitor.address.to_string());
        store.note_sign_out(person, &address, now()).await?;
    }
    let way_out = visitor.session.get::<String>(WAY_OUT).await?;
    visitor.session.flush().await?;
    match way_out {
        Some(there) => Ok(go_on(&visitor, there)?),
        None => Ok(Redirect::to("/sign-in").into_response()),
    }
}

/// A page that goes on by itself. It is no redirect, because a page's policy lets forms lead to
/// Leadline alone, wherever their answers redirect to.
fn go_on(visitor: &Visitor, there: String) -> Result<Response, Error> {
    let refresh = HeaderValue::from_str(&format!("0; url={there}")).map_err(Error::internal)?;
    let mut response = visitor.page("Signed out").bare().show(move || {
        view! {
            <p>"You are signed out of Leadline. Now your organization signs you out, too."</p>
            <p><a class="button primary" href=there>"Go on"</a></p>
        }
    });
    response.headers_mut().insert(header::REFRESH, refresh);
    Ok(response)
}
