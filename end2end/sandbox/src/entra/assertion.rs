//! A certificate instead of a secret: the signed assertion (specification 1.2).
//!
//! Both forms count that Entra ID takes: PS256 with the certificate's SHA-256, as documented, and
//! RS256 with its SHA-1, as Microsoft's older libraries write it.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD as BASE64URL};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use serde_json::Value;
use tokio_rustls::rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use webpki::EndEntityCert;

use super::Refusal;

/// How long an assertion may live, in seconds.
const LIFE: f64 = 600.0;

/// Thumbprints come with padding and without.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What an assertion has to fit.
pub(super) struct Wanted<'a> {
    pub(super) audience: String,
    pub(super) client: &'a str,
    pub(super) certificates: &'a [Vec<u8>],
    pub(super) now: i64,
}

/// The certificate in a PEM text, as DER.
pub(super) fn certificate(pem: &str) -> Option<Vec<u8>> {
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let body: String = body.split_whitespace().collect();
    let der = BASE64.decode(body).ok()?;
    EndEntityCert::try_from(&CertificateDer::from(der.as_slice())).ok()?;
    Some(der)
}

fn unsigned(reason: &str) -> Refusal {
    Refusal::new(
        700_027,
        "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found.]",
    )
    .because(reason)
}

/// Checks everything about an assertion; answers its `jti`.
pub(super) fn verify(text: &str, wanted: &Wanted<'_>) -> Result<String, Refusal> {
    let (message, signature) = text
        .rsplit_once('.')
        .ok_or_else(|| unsigned("the assertion has no signature"))?;
    let (header, claims) = message
        .split_once('.')
        .ok_or_else(|| unsigned("the assertion has not three parts"))?;
    let (header, claims) = (part(header)?, part(claims)?);
    let signature = BASE64URL
        .decode(signature)
        .map_err(|_| unsigned("the signature is no base64url"))?;
    let (algorithm, der) = key(&header, wanted.certificates)?;
    EndEntityCert::try_from(&CertificateDer::from(der))
        .and_then(|own| own.verify_signature(algorithm, message.as_bytes(), &signature))
        .map_err(|_| unsigned("the signature is not that of the certificate"))?;
    check(&claims, wanted, header["alg"] == "PS256")
}

fn part(text: &str) -> Result<Value, Refusal> {
    let bytes = BASE64URL.decode(text).ok();
    bytes
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or_else(|| unsigned("a part of the assertion is no base64url JSON"))
}

type Key<'a> = (&'static dyn SignatureVerificationAlgorithm, &'a [u8]);

/// The algorithm and the registered certificate that the header names.
fn key<'a>(header: &Value, certificates: &'a [Vec<u8>]) -> Result<Key<'a>, Refusal> {
    let (algorithm, name, hash) = match header["alg"].as_str() {
        Some("PS256") => (
            webpki::ring::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
            "x5t#S256",
            &SHA256,
        ),
        Some("RS256") => (
            webpki::ring::RSA_PKCS1_2048_8192_SHA256,
            "x5t",
            &SHA1_FOR_LEGACY_USE_ONLY,
        ),
        _ => return Err(unsigned("alg is neither PS256 nor RS256")),
    };
    let print = header[name]
        .as_str()
        .and_then(|print| LENIENT.decode(print).ok())
        .ok_or_else(|| unsigned(&format!("{name} is missing")))?;
    let mut known = certificates.iter();
    let found = known.find(|der| digest(hash, der).as_ref() == print);
    let der = found.ok_or_else(|| unsigned("no certificate with this thumbprint is registered"))?;
    Ok((algorithm, der))
}

fn check(claims: &Value, wanted: &Wanted<'_>, documented: bool) -> Result<String, Refusal> {
    let text = |name: &str| claims[name].as_str().unwrap_or_default();
    if text("aud") != wanted.audience {
        return Err(Refusal::new(
            700_023,
            "Client assertion audience claim does not match Realm issuer.",
        )
        .because(format!("aud has to be {}", wanted.audience)));
    }
    if text("iss") != wanted.client || text("sub") != wanted.client {
        return Err(Refusal::new(
            700_021,
            "Client assertion application identifier doesn't match 'client_id' parameter.",
        ));
    }
    let late = |reason: &str| {
        Refusal::new(
            700_024,
            "Client assertion is not within its valid time range.",
        )
        .because(reason)
    };
    // Milliseconds of this century are exact in a double.
    let now = wanted.now as f64 / 1000.0;
    let expires = claims["exp"]
        .as_f64()
        .ok_or_else(|| late("exp is missing"))?;
    let begins = claims["nbf"].as_f64();
    if documented && begins.is_none() {
        return Err(late("nbf is missing"));
    }
    let begins = begins
        .or(claims["iat"].as_f64())
        .ok_or_else(|| late("nbf and iat are missing"))?;
    // A second, because whoever writes whole seconds may round up.
    if begins > now + 1.0 || expires <= now {
        return Err(late("the time between nbf and exp is not now"));
    }
    if expires - begins > LIFE {
        return Err(late("exp is more than ten minutes after nbf"));
    }
    match text("jti") {
        "" => Err(unsigned("jti is missing")),
        jti => Ok(jti.to_owned()),
    }
}
