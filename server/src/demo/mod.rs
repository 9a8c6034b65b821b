//! `leadline demo`: the whole product on one machine, with sandboxes in the places of LinkedIn and
//! Dynamics 365.

mod connect;
mod dynamics;

use std::net::SocketAddr;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use leadline::store::people::NewPerson;
use leadline::store::{Store, now};
use leadline_sandbox::{Dynamics, Sandbox, Seed};

use crate::cli::Demo;
use crate::config::{Config, File, Sources};
use crate::failure::{Failure, Outcome};
use crate::sandbox::host;
use crate::serve::{Parts, Server};

/// Everybody's password in the demo, which is reached from this machine only.
const PASSWORD: &str = "leadline demo";
/// Who configures.
const ADMINISTRATOR: NewPerson<'_> = NewPerson {
    email: "admin@demo.example",
    name: "Alex Admin",
    password: PASSWORD,
    administrator: true,
    salesperson: false,
};
/// Who authorizes LinkedIn and works leads.
const SALESPERSON: NewPerson<'_> = NewPerson {
    email: "sales@demo.example",
    name: "Sam Sales",
    password: PASSWORD,
    administrator: false,
    salesperson: true,
};

/// Runs the demo until the process is told to end.
///
/// # Errors
/// When an address or the folder cannot be used.
pub async fn run(sources: &Sources, demo: &Demo) -> Outcome {
    make_private(&demo.data)?;
    let sandbox = start_sandbox(demo.sandbox_listen, &demo.data).await?;
    let dynamics = dynamics::start(demo.dynamics, &demo.data).await?;
    let config = Config::load(&sources_of(sources, demo, &sandbox, &dynamics)?)?;
    let parts = Parts {
        web: true,
        worker: true,
        migrate: true,
        dynamics: Some(dynamics::words(&dynamics)),
    };
    let server = Server::start(&config, parts).await?;
    add_people(&server.engine.store).await?;
    if demo.connected {
        connect::connect(&server.engine, &sandbox).await?;
    }
    let next = if demo.connected {
        CONNECTED
    } else {
        FIRST_STEPS
    };
    println!("{}", welcome(&server.greeting(), &sandbox, &dynamics, next));
    let ended = server.until_stopped().await;
    dynamics.stop().await;
    sandbox.stop().await;
    ended
}

async fn start_sandbox(listen: SocketAddr, data: &Path) -> Outcome<Sandbox> {
    let config = leadline_sandbox::Config {
        listen,
        seed: Seed::Demo,
        memory: Some(data.join("linkedin.json")),
        ..leadline_sandbox::Config::default()
    };
    Sandbox::start(config).await.map_err(|e| Failure::Failed(format!("The sandbox cannot listen on {listen}: {e}. Choose another address with --sandbox-listen.")))
}

/// What a demo is configured with: a real LinkedIn app or database is none of its business, so
/// neither `leadline.toml` nor their variables are read.
fn sources_of(
    sources: &Sources,
    demo: &Demo,
    sandbox: &Sandbox,
    dynamics: &Dynamics,
) -> Outcome<Sources> {
    let taken = |(variable, _): &&(String, String)| {
        let name = variable.strip_prefix("LEADLINE_").unwrap_or_default();
        matches!(name, "LISTEN" | "PUBLIC_URL" | "LOG" | "LOG_FORMAT")
            || name.starts_with("SYNC__")
            || name.starts_with("API__")
    };
    let mut environment: Vec<_> = sources.environment.iter().filter(taken).cloned().collect();
    let paced = environment
        .iter()
        .any(|(name, _)| name == "LEADLINE_SYNC__INTERVAL_SECONDS");
    if !paced {
        environment.push(("LEADLINE_SYNC__INTERVAL_SECONDS".to_owned(), "5".to_owned()));
    }
    let defaults = leadline_sandbox::Config::default();
    let mut flags = sources.flags.clone();
    flags.retain(|(key, _)| *key != "database.url");
    flags.extend([
        ("secret_key", key(&demo.data)?),
        (
            "database.url",
            format!("sqlite://{}", demo.data.join("leadline.db").display()),
        ),
        ("linkedin.client_id", defaults.client_id),
        ("linkedin.client_secret", defaults.client_secret),
        ("linkedin.extra_scopes", "openid profile".to_owned()),
        (
            "linkedin.auth_url",
            format!("{}/oauth/v2", sandbox.base_url()),
        ),
        ("linkedin.api_url", sandbox.base_url()),
        (
            "dataverse.authority_url",
            dynamics.authority_url().to_owned(),
        ),
        ("dataverse.allowed_hosts", host(dynamics)),
    ]);
    Ok(Sources {
        file: File::Nothing,
        environment,
        flags,
    })
}

/// The demo's own key: made at its first start, readable by its owner only.
fn key(data: &Path) -> Outcome<String> {
    let path = data.join("secret_key");
    let failed = |e: std::io::Error| Failure::Failed(format!("{}: {e}.", path.display()));
    if path.is_file() {
        return std::fs::read_to_string(&path)
            .map(|text| text.trim().to_owned())
            .map_err(failed);
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| Failure::Failed(format!("No random bytes: {e}.")))?;
    let text = BASE64.encode(bytes);
    write_private(&path, &text).map_err(failed)?;
    Ok(text)
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::io::Write::write_all(&mut options.open(path)?, text.as_bytes())
}

/// Makes the folder, for its owner only.
fn make_private(folder: &Path) -> Outcome {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let made = builder.create(folder);
    made.map_err(|e| Failure::Failed(format!("--data: {} cannot be made: {e}.", folder.display())))
}

async fn add_people(store: &Store) -> Outcome {
    if !store.has_people().await? {
        store.create_person(ADMINISTRATOR, now()).await?;
        store.create_person(SALESPERSON, now()).await?;
    }
    Ok(())
}

const FIRST_STEPS: &str = "\
Then
  1. open User profiles and choose Add: LinkedIn asks for consent, allow it;
  2. choose the accounts to sync and confirm where the leads go;
  3. watch submissions become leads, and open one to see why.";
const CONNECTED: &str = "\
A LinkedIn member has authorized already: open Submissions, and one of them to see why.";

fn welcome(greeting: &str, sandbox: &Sandbox, dynamics: &Dynamics, next: &str) -> String {
    let connect = dynamics::words(dynamics);
    format!(
        "{greeting}\n\
         This is a demo: LinkedIn is a sandbox on this machine ({}), and nobody in it is real.\n\n  \
           Sign in as      {} (salesperson) or {} (administrator)\n  \
           Password        {PASSWORD}\n\n\
         {next}\n\n\
         Leads go into the built-in store. A sandbox of Dynamics 365 runs as well; to connect it, open CRM\n\
         as the administrator and type\n  \
           Environment address      {}\n  \
           Application (client) ID  {}\n  \
           Client secret            {}\n\n\
         End it with Ctrl-C.",
        sandbox.base_url(),
        SALESPERSON.email,
        ADMINISTRATOR.email,
        connect.organization,
        connect.client_id,
        connect.client_secret,
    )
}
