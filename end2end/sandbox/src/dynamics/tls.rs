//! A certificate authority for one process: it signs what the stand-in shows on loopback.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What a listener needs, and what a client has to trust.
pub(super) struct Identity {
    pub(super) acceptor: TlsAcceptor,
    /// The authority's certificate, as PEM.
    pub(super) authority: String,
}

/// A new authority and a certificate for this machine's loopback names.
pub(super) fn identity() -> io::Result<Identity> {
    let issuer = authority().map_err(io::Error::other)?;
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let mut params =
        CertificateParams::new(vec!["localhost".to_owned()]).map_err(io::Error::other)?;
    for address in [
        IpAddr::from(Ipv4Addr::LOCALHOST),
        IpAddr::from(Ipv6Addr::LOCALHOST),
    ] {
        params.subject_alt_names.push(SanType::IpAddress(address));
    }
    let certificate = params.signed_by(&key, &issuer).map_err(io::Error::other)?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| {
            config
                .with_no_client_auth()
                .with_single_cert(vec![certificate.der().clone()], key)
        })
        .map_err(io::Error::other)?;
    Ok(Identity {
        acceptor: TlsAcceptor::from(Arc::new(config)),
        authority: issuer.pem(),
    })
}

fn authority() -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
        .distinguished_name
        .push(DnType::CommonName, "Leadline sandbox authority");
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}
