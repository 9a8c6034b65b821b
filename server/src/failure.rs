//! How a command ends when it does not end well: the words on standard error, the exit code.

use std::fmt;
use std::net::SocketAddr;
use std::process::ExitCode;

use leadline::error::Error;

use crate::config::Problem;

/// What a command returns.
pub type Outcome<T = ()> = Result<T, Failure>;

/// Why a command did not do what it was told.
#[derive(Debug)]
pub enum Failure {
    /// The configuration cannot be used.
    Configuration(Vec<Problem>),
    /// What was typed cannot be used.
    Usage(String),
    /// It could not be done.
    Failed(String),
}

impl Failure {
    /// The address is taken, or is none of this machine's.
    #[must_use]
    pub fn listening(address: SocketAddr, error: &std::io::Error) -> Failure {
        Failure::Failed(format!(
            "Cannot listen on {address}: {error}. Set `listen` (LEADLINE_LISTEN, --listen) to another address."
        ))
    }

    /// 2 when something typed or configured was wrong, else 1.
    #[must_use]
    pub fn code(&self) -> ExitCode {
        match self {
            Failure::Configuration(_) | Failure::Usage(_) => ExitCode::from(2),
            Failure::Failed(_) => ExitCode::FAILURE,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Configuration(problems) => {
                writeln!(f, "The configuration cannot be used:")?;
                problems
                    .iter()
                    .try_for_each(|problem| writeln!(f, "  {problem}"))
            }
            Failure::Usage(words) | Failure::Failed(words) => writeln!(f, "{words}"),
        }
    }
}

impl From<Vec<Problem>> for Failure {
    fn from(problems: Vec<Problem>) -> Failure {
        Failure::Configuration(problems)
    }
}

/// On the command line it is the operator who reads: the detail belongs to the message.
impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Failed(format!("{error} ({error:?})"))
    }
}
