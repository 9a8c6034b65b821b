//! Runs the stand-ins until Ctrl-C: `cargo run -p leadline-sandbox --example serve [address] [--tls]`.
//! The address is LinkedIn's. With `--tls` Dynamics speaks HTTPS, and the authority to trust is
//! printed.

use leadline_sandbox::{Config, Dynamics, DynamicsConfig, Sandbox};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut config = Config::default();
    let mut dynamics = DynamicsConfig::default();
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--tls" => dynamics.tls = true,
            address => config.listen = address.parse().map_err(std::io::Error::other)?,
        }
    }
    let sandbox = Sandbox::start(config).await?;
    let dynamics = Dynamics::start(dynamics).await?;
    println!("LinkedIn sandbox at {}", sandbox.base_url());
    println!("Entra ID sandbox at {}", dynamics.authority_url());
    println!("Dataverse sandbox at {}", dynamics.organization_url());
    if let Some(authority) = dynamics.certificate() {
        println!("{authority}");
    }
    tokio::signal::ctrl_c().await?;
    dynamics.stop().await;
    sandbox.stop().await;
    Ok(())
}
