//! HTTPS: the client trusts whom the operating system trusts, and `SSL_CERT_FILE` names others.

use std::process::Command;

use leadline::crm::dynamics::{Class, Connection, Pace};
use leadline_sandbox::{Dynamics as Sandbox, DynamicsConfig};

use crate::bench::{client, connection};

/// Set in the process that trusts the stand-in: where Entra ID and the organization are.
const PLACES: &str = "LEADLINE_TEST_PLACES";
const NAME: &str = "tls::an_authority_of_ones_own_is_trusted_by_name";

#[tokio::test]
async fn an_authority_of_ones_own_is_trusted_by_name() {
    if let Ok(places) = std::env::var(PLACES) {
        return use_it(&places).await;
    }
    let config = DynamicsConfig {
        tls: true,
        ..DynamicsConfig::default()
    };
    let sandbox = Sandbox::start(config).await.unwrap();
    let distrusting = client(&connection(&sandbox), Pace::default());
    let failure = distrusting.who_am_i().await.unwrap_err();
    assert_eq!((failure.class, failure.status), (Class::Retry, None));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), sandbox.certificate().unwrap()).unwrap();
    let places = format!("{} {}", sandbox.authority_url(), sandbox.organization_url());
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", NAME]);
    again.env("SSL_CERT_FILE", file.path()).env(PLACES, places);
    let output = tokio::task::spawn_blocking(move || again.output())
        .await
        .unwrap()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && told.contains("1 passed"),
        "{told}"
    );
    sandbox.stop().await;
}

/// The other process.
async fn use_it(places: &str) {
    let (authority, organization) = places.split_once(' ').unwrap();
    let sandbox = Sandbox::start(DynamicsConfig::default()).await.unwrap();
    let connection = Connection {
        authority: authority.parse().unwrap(),
        organization: organization.parse().unwrap(),
        ..connection(&sandbox)
    };
    client(&connection, Pace::default())
        .who_am_i()
        .await
        .unwrap();
    sandbox.stop().await;
}
