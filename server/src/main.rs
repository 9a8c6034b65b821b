//! The `leadline` program: web server, worker and command line.

#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test may fail by panicking")
)]

mod api;
mod assets;
mod audit;
mod auth;
mod cli;
mod config;
mod demo;
mod engine;
mod failure;
mod health;
mod log;
mod people;
mod proxy;
mod rfc3339;
mod router;
mod sandbox;
mod security;
mod serve;
mod session;
mod sso;
mod tokens;

use std::process::ExitCode;

use clap::Parser;
use leadline::store::access::Actor;
use leadline::store::now;

use crate::cli::{Cli, Command, ConfigCommand};
use crate::config::{Config, Sources};
use crate::engine::{Engine, open};
use crate::failure::{Failure, Outcome};
use crate::serve::{Parts, Server, public_url};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let sources = cli.settings.sources();
    log::start(&Config::load_log(&sources));
    match run(cli, &sources).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprint!("{failure}");
            failure.code()
        }
    }
}

async fn run(cli: Cli, sources: &Sources) -> Outcome {
    match cli.command {
        Command::Serve {
            web_only,
            worker_only,
            no_migrate,
        } => {
            let config = Config::load(sources)?;
            let parts = Parts {
                web: !worker_only,
                worker: !web_only,
                migrate: !no_migrate,
                dynamics: None,
            };
            let server = Server::start(&config, parts).await?;
            println!("{}", server.greeting());
            server.until_stopped().await
        }
        Command::Demo(demo) => demo::run(sources, &demo).await,
        Command::Sandbox(options) => sandbox::run(cli.settings.listen.as_deref(), &options).await,
        Command::Migrate => migrate(sources).await,
        Command::Sync { account } => sync(sources, account).await,
        Command::User(command) => {
            let store = open(&Config::load_database(sources)?, false).await?;
            people::run(&store, &command, sources).await?;
            Ok(store.close().await?)
        }
        Command::Audit(command) => {
            let store = open(&Config::load_database(sources)?, false).await?;
            audit::run(&store, &command).await?;
            Ok(store.close().await?)
        }
        Command::Token(command) => {
            let store = open(&Config::load_database(sources)?, false).await?;
            tokens::run(&store, &command).await?;
            Ok(store.close().await?)
        }
        Command::Config(command) => config(&command, sources),
        Command::Routes { json } => routes(json),
    }
}

async fn migrate(sources: &Sources) -> Outcome {
    let store = open(&Config::load_database(sources)?, true).await?;
    println!("The database is up to date.");
    Ok(store.close().await?)
}

/// One pass over all accounts, or one of them, until nothing is left to do.
async fn sync(sources: &Sources, account: Option<i64>) -> Outcome {
    let config = Config::load(sources)?;
    let store = open(&config.database_url, false).await?;
    let engine = Engine::new(
        &config,
        store.clone(),
        &public_url(config.public_url.as_ref(), config.listen)?,
    )
    .await?;
    let actor = Actor::CommandLine;
    store.request_sync(account, &actor, now()).await?;
    engine.worker.run_until_idle().await?;
    println!("Nothing is left to do.");
    Ok(store.close().await?)
}

fn routes(json: bool) -> Outcome {
    let addresses = router::routes().addresses();
    if json {
        let text = serde_json::to_string_pretty(&addresses);
        println!("{}", text.map_err(|e| Failure::Failed(e.to_string()))?);
        return Ok(());
    }
    for address in addresses {
        println!("{:<7} {}", address.method, address.path);
    }
    Ok(())
}

fn config(command: &ConfigCommand, sources: &Sources) -> Outcome {
    match command {
        ConfigCommand::Check => {
            Config::load(sources)?;
            println!("The configuration can be used.");
        }
        ConfigCommand::Show => print!("{}", config::show(sources)?),
        ConfigCommand::Defaults => print!("{}", config::manual()),
    }
    Ok(())
}
