//! The command line: what can be said, and which command does it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::{File, Sources};

/// Brings LinkedIn Lead Gen Form submissions into a CRM and explains every one of them.
#[derive(Debug, Parser)]
#[command(name = "leadline", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    pub settings: Settings,
    #[command(subcommand)]
    pub command: Command,
}

/// Settings that can be given on the command line; all others stand in `leadline.toml` or in the
/// environment (`leadline config defaults` lists them).
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Settings")]
pub struct Settings {
    /// The configuration file [default: leadline.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The address and port to listen on
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// The address under which people reach Leadline
    #[arg(long, global = true, value_name = "URL")]
    pub public_url: Option<String>,
    /// The database
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
}

impl Settings {
    /// All the places from which settings are read.
    #[must_use]
    pub fn sources(&self) -> Sources {
        let readable = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        let flags = [
            ("listen", &self.listen),
            ("public_url", &self.public_url),
            ("database.url", &self.database_url),
        ];
        Sources {
            file: self.config.clone().map_or(File::Usual, File::Named),
            environment: std::env::vars_os().filter_map(readable).collect(),
            flags: flags
                .into_iter()
                .filter_map(|(key, value)| Some((key, value.clone()?)))
                .collect(),
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the pages and sync, in one process
    Serve {
        /// Only the pages: another process syncs
        #[arg(long, conflicts_with = "worker_only")]
        web_only: bool,
        /// Only the sync: another process serves the pages
        #[arg(long)]
        worker_only: bool,
        /// Leave the database's schema as it is
        #[arg(long)]
        no_migrate: bool,
    },
    /// Run the whole product against sandboxes of LinkedIn and Dynamics 365, on this machine, with
    /// people in it
    Demo(Demo),
    /// Run the sandboxes alone: LinkedIn on 127.0.0.1:8090 or where --listen says, Dynamics 365 beside it
    Sandbox(SandboxOptions),
    /// Bring the database's schema up to date
    Migrate,
    /// Sync everything that is connected once, now, and end when nothing is left to do
    Sync {
        /// Only this account (its number in the address of its page)
        #[arg(long, value_name = "ID")]
        account: Option<i64>,
    },
    /// Add, list and change the people who sign in
    #[command(subcommand)]
    User(UserCommand),
    /// Check the audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Make, list or revoke the tokens that programs use
    #[command(subcommand)]
    Token(TokenCommand),
    /// Check, show or explain the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// List every address that the server answers
    Routes {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// How to run the demo. Of the settings it takes `listen`, `public_url`, `log`, `sync.…` and `api.…`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Where the demo keeps its data
    #[arg(long, value_name = "FOLDER", default_value = "data/demo")]
    pub data: PathBuf,
    /// The address and port of LinkedIn's sandbox; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    pub sandbox_listen: SocketAddr,
    #[command(flatten)]
    pub dynamics: DynamicsListen,
    /// Begin with a LinkedIn member who has authorized already
    #[arg(long)]
    pub connected: bool,
}

/// How to run the sandboxes alone.
#[derive(Debug, Args)]
pub struct SandboxOptions {
    #[command(flatten)]
    pub dynamics: DynamicsListen,
    /// Let Dynamics 365 speak HTTPS; the certificate to trust is printed
    #[arg(long)]
    pub tls: bool,
}

/// Where the sandbox of Dynamics 365 listens.
#[derive(Debug, Clone, Copy, Args)]
pub struct DynamicsListen {
    /// The address and port of Entra ID's sandbox; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    pub entra_listen: SocketAddr,
    /// The address and port of the organization's sandbox; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    pub organization_listen: SocketAddr,
}

/// What to do with people.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add somebody
    Add(NewUser),
    /// List everybody
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Change what somebody may do, from their next request on
    SetRole {
        #[command(flatten)]
        who: Who,
        /// What they may do
        #[arg(long, value_delimiter = ',', required = true)]
        role: Vec<Role>,
    },
    /// Give somebody a new password, or print a link by which they choose one
    ResetPassword(Reset),
    /// Sign somebody out everywhere and let them sign in no more
    Disable(Who),
    /// Let somebody sign in again
    Enable(Who),
    /// Switch off the second factor of somebody who has lost it
    ResetSecondFactor(Who),
}

/// Somebody who is there already.
#[derive(Debug, Args)]
pub struct Who {
    /// The e-mail address that they sign in with
    #[arg(long)]
    pub email: String,
}

/// Whose password to replace, and how.
#[derive(Debug, Args)]
pub struct Reset {
    #[command(flatten)]
    pub who: Who,
    /// Read the new password from the first line of standard input; else a link is printed
    #[arg(long)]
    pub password_stdin: bool,
}

/// Somebody to add.
#[derive(Debug, Args)]
pub struct NewUser {
    /// The e-mail address to sign in with
    #[arg(long)]
    pub email: String,
    /// Their name
    #[arg(long)]
    pub name: String,
    /// What they may do
    #[arg(long, value_delimiter = ',', required = true)]
    pub role: Vec<Role>,
    /// Read the password from the first line of standard input
    #[arg(long, required = true)]
    pub password_stdin: bool,
}

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Configures
    Administrator,
    /// Authorizes LinkedIn accounts and works leads
    Salesperson,
}

/// What to do with the audit log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Say whether every event is as it was written; if not, which is the first that is not
    Verify {
        /// A hash that an earlier check printed: the log must still hold that event
        #[arg(long, value_name = "HASH")]
        noted: Option<String>,
    },
}

/// What to do with API tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token and print it, alone and for the only time
    Create(NewApiToken),
    /// List all tokens, also those that are not valid any more
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Have a token refused from now on
    Revoke {
        /// Its number in the list
        id: i64,
    },
}

/// A token to make.
#[derive(Debug, Args)]
pub struct NewApiToken {
    /// What it is for
    #[arg(long)]
    pub name: String,
    /// What it may do
    #[arg(long)]
    pub role: TokenRole,
    /// After how many days its time is over [default: never]
    #[arg(long, value_name = "DAYS")]
    pub expires: Option<i64>,
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TokenRole {
    /// Reads and configures everything
    Administrator,
    /// Reads submissions and leads
    Salesperson,
    /// Brings submissions in
    S2sInbound,
}

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Say whether it can be used, and if not, everything that is wrong
    Check,
    /// Show every setting and where its value comes from; secrets stay hidden
    Show,
    /// Print the commented leadline.toml with all defaults
    Defaults,
}
