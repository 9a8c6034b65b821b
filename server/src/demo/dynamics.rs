//! The stand-in for Dynamics 365 that the demo brings along.

use std::net::SocketAddr;
use std::path::Path;

use leadline_app::DynamicsSandbox;
use leadline_sandbox::{Dynamics, known};

use crate::cli::DynamicsListen;
use crate::failure::{Failure, Outcome};
use crate::sandbox::start_dynamics;

/// Where the demo keeps at which address the organization was the last time.
const REMEMBERED: &str = "dynamics_organization";

/// Starts it; the organization where it was the last time, if nobody says where and the address is
/// free, because a connection that somebody made names its address.
///
/// # Errors
/// When an address cannot be used, or the folder cannot be written.
pub async fn start(listen: DynamicsListen, data: &Path) -> Outcome<Dynamics> {
    let path = data.join(REMEMBERED);
    let before = std::fs::read_to_string(&path).ok();
    let before = before.and_then(|text| text.trim().parse::<SocketAddr>().ok());
    let again = before.filter(|_| listen.organization_listen.port() == 0);
    let started = match again {
        Some(organization_listen) => {
            let there = DynamicsListen {
                organization_listen,
                ..listen
            };
            start_dynamics(there, false).await.ok()
        }
        None => None,
    };
    let started = match started {
        Some(started) => started,
        None => start_dynamics(listen, false).await?,
    };
    let address = started.organization_url().trim_start_matches("http://");
    std::fs::write(&path, address)
        .map_err(|e| Failure::Failed(format!("{}: {e}.", path.display())))?;
    Ok(started)
}

/// What to type to connect it.
pub fn words(dynamics: &Dynamics) -> DynamicsSandbox {
    DynamicsSandbox {
        organization: dynamics.organization_url().to_owned(),
        client_id: known::CLIENT.to_owned(),
        client_secret: known::SECRET.to_owned(),
    }
}
