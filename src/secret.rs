//! What must not be read in the database: sealed with the one key that the configuration holds.
//!
//! XChaCha20-Poly1305 with a random nonce in front of the sealed bytes. What a secret belongs to is
//! bound in, so that the bytes of one row are worth nothing in another.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Result};

/// The bytes of a key.
const KEY_BYTES: usize = 32;
/// The bytes of a nonce.
const NONCE_BYTES: usize = 24;

/// Seals secrets and opens them again.
#[derive(Clone)]
pub struct Sealer(XChaCha20Poly1305);

impl Sealer {
    /// A sealer with the key of the setting `secret_key`: 32 bytes in base64.
    ///
    /// # Errors
    /// When it is no such key.
    pub fn from_base64(key: &SecretString) -> Result<Sealer> {
        let refused = || {
            Error::invalid(
                "secret_key: must be 32 random bytes in base64. Make one with: openssl rand -base64 32",
            )
        };
        let mut bytes = STANDARD
            .decode(key.expose_secret().trim())
            .map_err(|_| refused())?;
        let cipher = (bytes.len() == KEY_BYTES)
            .then(|| XChaCha20Poly1305::new_from_slice(&bytes))
            .and_then(Result::ok);
        bytes.zeroize();
        cipher.map(Sealer).ok_or_else(refused)
    }

    /// Seals a secret; `bound_to` names what it belongs to and is needed again to open it.
    ///
    /// # Errors
    /// When the operating system has no random bytes.
    pub fn seal(&self, secret: &SecretString, bound_to: &str) -> Result<Vec<u8>> {
        let mut sealed = vec![0; NONCE_BYTES];
        getrandom::fill(&mut sealed).map_err(Error::internal)?;
        let payload = Payload {
            msg: secret.expose_secret().as_bytes(),
            aad: bound_to.as_bytes(),
        };
        let body = self
            .0
            .encrypt(XNonce::from_slice(&sealed), payload)
            .map_err(Error::internal)?;
        sealed.extend_from_slice(&body);
        Ok(sealed)
    }

    /// Opens what was sealed with the same key for the same thing.
    ///
    /// # Errors
    /// When it was sealed otherwise, or changed since.
    pub fn open(&self, sealed: &[u8], bound_to: &str) -> Result<SecretString> {
        let unreadable = || Error::internal(format!("the sealed {bound_to} cannot be opened"));
        let (nonce, body) = sealed
            .split_at_checked(NONCE_BYTES)
            .ok_or_else(unreadable)?;
        let payload = Payload {
            msg: body,
            aad: bound_to.as_bytes(),
        };
        let opened = self.0.decrypt(XNonce::from_slice(nonce), payload);
        let text = String::from_utf8(opened.map_err(|_| unreadable())?);
        text.map(SecretString::from).map_err(|_| unreadable())
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn sealer(byte: u8) -> Sealer {
        let key = SecretString::from(STANDARD.encode([byte; KEY_BYTES]));
        Sealer::from_base64(&key).unwrap()
    }

    #[test]
    fn what_is_sealed_can_be_opened_for_the_same_thing_only() {
        let secret = SecretString::from("AQX-token ü");
        let sealed = sealer(1)
            .seal(&secret, "user_profile:1:access_token")
            .unwrap();
        let open = |sealer: Sealer, bound_to| sealer.open(&sealed, bound_to);
        let opened = open(sealer(1), "user_profile:1:access_token").unwrap();
        assert_eq!(opened.expose_secret(), "AQX-token ü");
        assert!(open(sealer(1), "user_profile:2:access_token").is_err());
        assert!(open(sealer(1), "user_profile:1:refresh_token").is_err());
        assert!(open(sealer(2), "user_profile:1:access_token").is_err());
    }

    #[test]
    fn changed_or_short_bytes_are_not_opened() {
        let mut sealed = sealer(1).seal(&SecretString::from("x"), "a").unwrap();
        *sealed.last_mut().unwrap() ^= 1;
        assert!(sealer(1).open(&sealed, "a").is_err());
        assert!(sealer(1).open(&sealed[..10], "a").is_err());
    }

    #[test]
    fn the_same_secret_never_looks_the_same() {
        let seal = || sealer(1).seal(&SecretString::from("x"), "a").unwrap();
        assert_ne!(seal(), seal());
    }

    #[test]
    fn a_wrong_key_is_refused_with_the_remedy() {
        for key in ["", "no base64!", "c2hvcnQ=", &STANDARD.encode([7; 33])] {
            let error = Sealer::from_base64(&SecretString::from(key)).unwrap_err();
            assert_eq!(error.kind(), Kind::Invalid);
            assert!(error.message().contains("openssl rand -base64 32"));
            assert!(key.is_empty() || !error.message().contains(key));
        }
    }

    #[test]
    fn the_log_does_not_get_the_key() {
        assert_eq!(format!("{:?}", sealer(1)), "Sealer(…)");
    }
}
