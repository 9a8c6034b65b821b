//! What proves a certificate to Entra ID: a short-lived statement signed with its key
//! (specification 1.2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PSS_SHA256, RsaKeyPair};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::{Error, Result};

/// How long a statement counts, in seconds.
const LIFE: i64 = 300;

/// A certificate with its private key, ready to sign.
pub(super) struct Signer {
    key: RsaKeyPair,
    /// The header of every statement, encoded.
    header: String,
}

impl Signer {
    /// Reads a certificate and its key, both PEM.
    ///
    /// # Errors
    /// When one of them cannot be read, or they do not belong together.
    pub(super) fn new(certificate_pem: &str, private_key_pem: &SecretString) -> Result<Signer> {
        let certificate = CertificateDer::from_pem_slice(certificate_pem.as_bytes());
        let certificate = certificate.map_err(|_| {
            Error::invalid("Certificate: it is not in PEM form, which begins with -----BEGIN CERTIFICATE-----.")
        })?;
        let key = PrivateKeyDer::from_pem_slice(private_key_pem.expose_secret().as_bytes());
        let key = match key {
            Ok(PrivateKeyDer::Pkcs8(key)) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()).ok(),
            Ok(PrivateKeyDer::Pkcs1(key)) => RsaKeyPair::from_der(key.secret_pkcs1_der()).ok(),
            _ => None,
        };
        let key = key.ok_or_else(|| {
            Error::invalid("Private key: it is not an RSA key of 2048 bits or more in PEM form without a password, which begins with -----BEGIN PRIVATE KEY-----.")
        })?;
        // A certificate holds its public key as it is.
        let public = key.public().as_ref();
        if !certificate.windows(public.len()).any(|part| part == public) {
            return Err(Error::invalid(
                "Private key: it does not belong to the certificate. Give the two that were made together.",
            ));
        }
        let print = BASE64URL.encode(Sha256::digest(&certificate));
        let header = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": print });
        Ok(Signer {
            key,
            header: BASE64URL.encode(header.to_string()),
        })
    }

    /// A statement that the application is who it says, for one use at this address; `now` in
    /// seconds since the epoch.
    pub(super) fn assertion(&self, audience: &str, client_id: &str, now: i64) -> Result<String> {
        let claims = json!({
            "aud": audience, "iss": client_id, "sub": client_id, "jti": Uuid::new_v4(),
            "nbf": now, "iat": now, "exp": now.saturating_add(LIFE),
        });
        let message = format!("{}.{}", self.header, BASE64URL.encode(claims.to_string()));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(
                &RSA_PSS_SHA256,
                &SystemRandom::new(),
                message.as_bytes(),
                &mut signature,
            )
            .map_err(|_| Error::internal("the certificate's key cannot sign"))?;
        Ok(format!("{message}.{}", BASE64URL.encode(signature)))
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_refused_with_the_remedy() {
        let key = SecretString::from("hush");
        let error = Signer::new("nothing", &key).unwrap_err();
        assert!(error.message().starts_with("Certificate:"));
        let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let error = Signer::new(certificate, &key).unwrap_err();
        assert!(error.message().starts_with("Private key:"));
        assert!(!error.message().contains("hush"));
    }
}
