//! Whether the configured key is the one with which this database was sealed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sea_orm::FromQueryResult;
use secrecy::SecretString;

use super::{Store, execute, row};
use crate::error::{Error, Result};
use crate::secret::Sealer;

/// The setting that keeps the sealed probe.
const PROBE: &str = "secret_key_probe";

#[derive(FromQueryResult)]
struct Probe {
    value: String,
}

impl Store {
    /// Compares the key with the one that this database was first started with, by means of a sealed
    /// probe that the first start leaves behind.
    ///
    /// # Errors
    /// When the key is another one, or the database refuses.
    pub async fn check_key(&self, sealer: &Sealer) -> Result<()> {
        let bound_to = format!("setting:{PROBE}");
        let probe = sealer.seal(&SecretString::from("Leadline"), &bound_to)?;
        let sql = "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        let values = [PROBE.into(), STANDARD.encode(probe).into()];
        execute(self.writing(), sql, values).await?;
        let sql = "SELECT value FROM setting WHERE name = $1";
        let kept = row::<Probe>(self.writing(), sql, [PROBE.into()]).await?;
        let kept = kept.and_then(|probe| STANDARD.decode(probe.value).ok());
        match kept.map(|sealed| sealer.open(&sealed, &bound_to)) {
            Some(Ok(_)) => Ok(()),
            _ => Err(Error::invalid(
                "secret_key: this is not the key with which the tokens in this database were encrypted. \
                 Put the earlier key back. If it is lost, delete the row secret_key_probe from the table \
                 setting, start again, and have every LinkedIn member authorize again.",
            )),
        }
    }
}
