//! Who is signed in: a cookie with nothing but a random id in it; the database knows the rest.
//!
//! The cookie ends with the browser. How long the session itself lives the database decides (see
//! `leadline::store::sessions`). What a session holds is sealed there: the states, nonces and
//! verifiers of sign-ons that are under way are in it.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use leadline::secret::Sealer;
use leadline::store::sessions::{IDLE, row_id};
use leadline::store::{Store, now};
use leadline_app::kept;
use secrecy::{ExposeSecret, SecretString};
use time::{Duration, OffsetDateTime};
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{SessionManagerLayer, SessionStore};
use url::Url;

#[cfg(test)]
mod tests;

/// What puts the session around the pages. Over https the cookie's name makes the browser vouch
/// that it comes from this very host and was sent over https.
pub fn layer(store: Store, sealer: Arc<Sealer>, public_url: &Url) -> SessionManagerLayer<Sessions> {
    let https = public_url.scheme() == "https";
    let name = if https { "__Host-leadline" } else { "leadline" };
    SessionManagerLayer::new(Sessions { store, sealer })
        .with_name(name)
        .with_secure(https)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
}

/// The sessions in the database.
#[derive(Debug, Clone)]
pub struct Sessions {
    store: Store,
    sealer: Arc<Sealer>,
}

impl Sessions {
    fn seal(&self, record: &Record) -> Result<String> {
        let text = serde_json::to_string(&record.data).map_err(|e| Error::Encode(e.to_string()))?;
        let sealed = self.sealer.seal(&text.into(), &bound_to(&record.id));
        Ok(BASE64.encode(sealed.map_err(failed)?))
    }

    /// What cannot be opened was sealed with a key that is no longer used: that session is over.
    fn open(&self, id: &Id, kept: &str) -> Option<SecretString> {
        let sealed = BASE64.decode(kept).ok()?;
        self.sealer.open(&sealed, &bound_to(id)).ok()
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let data = self.seal(record)?;
        let (id, kept) = (record.id.to_string(), kept(&record.data, &data));
        let created = self.store.create_session(&id, kept, now()).await;
        created.map_err(failed)
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let data = self.seal(record)?;
        let (id, kept) = (record.id.to_string(), kept(&record.data, &data));
        let saved = self.store.save_session(&id, kept, now()).await;
        saved.map_err(failed)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found = self.store.find_session(&id.to_string(), now()).await;
        let opened = found.map_err(failed)?.and_then(|kept| self.open(id, &kept));
        let Some(data) = opened else {
            return Ok(None);
        };
        let data = serde_json::from_str(data.expose_secret());
        let data = data.map_err(|e| Error::Decode(e.to_string()))?;
        let expiry_date = OffsetDateTime::now_utc() + Duration::milliseconds(IDLE);
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let deleted = self.store.delete_session(&id.to_string()).await;
        deleted.map_err(failed)
    }
}

/// Names the session as the database does: an error tells it, and the id itself must not be told.
fn bound_to(id: &Id) -> String {
    format!("session {}", row_id(&id.to_string()))
}

fn failed(error: leadline::error::Error) -> Error {
    Error::Backend(format!("{error:?}"))
}
