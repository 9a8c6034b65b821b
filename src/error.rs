//! The engine's one error type: a kind, a message for the person, a detail for the log.
//!
//! Nothing here knows HTTP; the server turns a kind into a status in one place. A message may be
//! shown to anybody who may use Leadline; a detail goes to the log only. Neither ever holds a
//! token, an answer or a body.

use std::fmt;

/// What went wrong, as far as a caller has to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What was typed or sent cannot be used; the message names the field and the remedy.
    Invalid,
    /// There is no such thing, or it is not this person's.
    NotFound,
    /// The person may not do this.
    Forbidden,
    /// Somebody else was quicker, or the thing is in a state in which this cannot be done.
    Conflict,
    /// It may work in a moment.
    Unavailable,
    /// A mistake of Leadline's.
    Internal,
}

/// An error of the engine.
#[derive(Clone)]
pub struct Error {
    kind: Kind,
    message: String,
    detail: Option<String>,
}

/// What the engine's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error with a message for the person.
    #[must_use]
    pub fn new(kind: Kind, message: impl Into<String>) -> Error {
        Error {
            kind,
            message: message.into(),
            detail: None,
        }
    }

    /// What was typed or sent cannot be used.
    #[must_use]
    pub fn invalid(message: impl Into<String>) -> Error {
        Error::new(Kind::Invalid, message)
    }

    /// There is no such thing; `what` is its noun.
    #[must_use]
    pub fn not_found(what: &str) -> Error {
        Error::new(
            Kind::NotFound,
            format!("This {what} does not exist, or is not yours."),
        )
    }

    /// A mistake of Leadline's; the detail goes to the log.
    #[must_use]
    pub fn internal(detail: impl fmt::Display) -> Error {
        Error::new(
            Kind::Internal,
            "Something went wrong in Leadline. The log says more.",
        )
        .with_detail(detail)
    }

    /// The same error with a detail for the log.
    #[must_use]
    pub fn with_detail(mut self, detail: impl fmt::Display) -> Error {
        self.detail = Some(detail.to_string());
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The message for the person.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether trying again may help.
    #[must_use]
    pub fn retryable(&self) -> bool {
        match self.kind {
            Kind::Unavailable | Kind::Internal => true,
            Kind::Invalid | Kind::NotFound | Kind::Forbidden | Kind::Conflict => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// What the log gets: the kind and the detail.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?}: {}",
            self.kind,
            self.detail.as_deref().unwrap_or(&self.message)
        )
    }
}

impl std::error::Error for Error {}

#[cfg(not(target_family = "wasm"))]
impl From<sea_orm::DbErr> for Error {
    /// A database that is busy or gone may be back in a moment; everything else is a mistake. The
    /// text of a database error can hold values, so only its class is kept.
    fn from(error: sea_orm::DbErr) -> Error {
        let text = error.to_string();
        let busy = [
            "database is locked",
            "SQLITE_BUSY",
            "deadlock",
            "could not serialize",
            "pool timed out",
            "connection",
        ];
        let kind = if busy.iter().any(|b| text.contains(b)) {
            Kind::Unavailable
        } else {
            Kind::Internal
        };
        let first_line = text.lines().next().unwrap_or_default();
        let message = if kind == Kind::Unavailable {
            "The database is busy or away. Try again in a moment."
        } else {
            "Something went wrong in Leadline. The log says more."
        };
        Error::new(kind, message).with_detail(first_line)
    }
}
