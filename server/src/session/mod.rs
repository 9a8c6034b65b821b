//! Who is signed in: a cookie with nothing but a random id in it; the database knows the rest.
//!
//! The cookie ends with the browser. How long the session itself lives the database decides (see
//! `leadline::store::sessions`).

use async_trait::async_trait;
use leadline::store::sessions::IDLE;
use leadline::store::{Store, now};
use leadline_app::kept;
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
pub fn layer(store: Store, public_url: &Url) -> SessionManagerLayer<Sessions> {
    let https = public_url.scheme() == "https";
    let name = if https { "__Host-leadline" } else { "leadline" };
    SessionManagerLayer::new(Sessions(store))
        .with_name(name)
        .with_secure(https)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
}

/// The sessions in the database.
#[derive(Debug, Clone)]
pub struct Sessions(Store);

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let data = data(record)?;
        let (id, kept) = (record.id.to_string(), kept(&record.data, &data));
        let created = self.0.create_session(&id, kept, now()).await;
        created.map_err(failed)
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let data = data(record)?;
        let (id, kept) = (record.id.to_string(), kept(&record.data, &data));
        let saved = self.0.save_session(&id, kept, now()).await;
        saved.map_err(failed)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found = self.0.find_session(&id.to_string(), now()).await;
        let Some(data) = found.map_err(failed)? else {
            return Ok(None);
        };
        let data = serde_json::from_str(&data).map_err(|e| Error::Decode(e.to_string()))?;
        let expiry_date = OffsetDateTime::now_utc() + Duration::milliseconds(IDLE);
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let deleted = self.0.delete_session(&id.to_string()).await;
        deleted.map_err(failed)
    }
}

fn data(record: &Record) -> Result<String> {
    serde_json::to_string(&record.data).map_err(|e| Error::Encode(e.to_string()))
}

fn failed(error: leadline::error::Error) -> Error {
    Error::Backend(format!("{error:?}"))
}
