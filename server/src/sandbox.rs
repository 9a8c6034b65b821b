//! `leadline sandbox`: the stand-ins for LinkedIn and Dynamics 365 alone.

use leadline_sandbox::{Dynamics, DynamicsConfig, Sandbox, known};
use url::Url;

use crate::cli::{DynamicsListen, SandboxOptions};
use crate::failure::{Failure, Outcome};
use crate::serve::until_stopped;

/// Runs both until the process is told to end.
///
/// # Errors
/// When an address cannot be used.
pub async fn run(listen: Option<&str>, options: &SandboxOptions) -> Outcome {
    let listen = listen.unwrap_or("127.0.0.1:8090");
    let listen = listen
        .parse()
        .map_err(|_| Failure::Usage(format!("--listen: {listen} is no address with a port.")))?;
    let config = leadline_sandbox::Config {
        listen,
        ..Default::default()
    };
    let linkedin = Sandbox::start(config)
        .await
        .map_err(|e| Failure::listening(listen, &e))?;
    let dynamics = start_dynamics(options.dynamics, options.tls).await?;
    println!("{}", greeting(&linkedin, &dynamics));
    until_stopped().await;
    dynamics.stop().await;
    linkedin.stop().await;
    Ok(())
}

/// Starts the stand-in for Dynamics 365.
///
/// # Errors
/// When one of its addresses cannot be used.
pub async fn start_dynamics(listen: DynamicsListen, tls: bool) -> Outcome<Dynamics> {
    let config = DynamicsConfig {
        login: listen.entra_listen,
        organization: listen.organization_listen,
        tls,
    };
    Dynamics::start(config).await.map_err(|e| {
        let (login, organization) = (listen.entra_listen, listen.organization_listen);
        Failure::Failed(format!(
            "The sandbox of Dynamics 365 cannot listen on {login} and {organization}: {e}. Choose other \
             addresses with --entra-listen and --organization-listen."
        ))
    })
}

/// The host on which the organization is.
pub fn host(dynamics: &Dynamics) -> String {
    let url = Url::parse(dynamics.organization_url()).ok();
    let host = url.as_ref().and_then(Url::host_str);
    host.unwrap_or_default().to_owned()
}

fn greeting(linkedin: &Sandbox, dynamics: &Dynamics) -> String {
    let host = host(dynamics);
    let certificate = dynamics.certificate().map(|pem| {
        format!(
            "\nThe certificate to trust, for example by SSL_CERT_FILE:\n{}",
            pem.trim_end()
        )
    });
    format!(
        "LinkedIn sandbox at {}\n\
         Entra ID sandbox at {}\n\
         Dataverse sandbox at {}\n\n\
         To connect Dynamics 365, start Leadline with\n  \
           LEADLINE_DATAVERSE__AUTHORITY_URL={} LEADLINE_DATAVERSE__ALLOWED_HOSTS={}\n\
         and type on its page CRM\n  \
           Environment address      {}\n  \
           Application (client) ID  {}\n  \
           Client secret            {}{}",
        linkedin.base_url(),
        dynamics.authority_url(),
        dynamics.organization_url(),
        dynamics.authority_url(),
        host,
        dynamics.organization_url(),
        known::CLIENT,
        known::SECRET,
        certificate.unwrap_or_default(),
    )
}
