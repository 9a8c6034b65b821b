//! What can go wrong between Leadline and Dynamics 365, as values: what it asks for, and what to
//! tell the administrator.

use std::fmt;
use std::time::Duration;

use crate::error::{Error, Kind};

/// What a failure asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// A limit: every request of the connection pauses. Nothing was done.
    Wait,
    /// Nothing was done; the same request may work in a while.
    Retry,
    /// It was sent and the answer was lost: read the row to know whether it was done.
    Ambiguous,
    /// The environment or the application's rights have to be set up.
    Setup,
    /// A field mapping does not fit the table's columns.
    Mapping,
    /// A value does not fit its column.
    Data,
    /// The customer's own code refused the row.
    CustomerLogic,
    /// A rule of the customer's, for duplicates, refused the row.
    Policy,
    /// The row is not there any more.
    Gone,
    /// Somebody else changed the row since it was read.
    Stale,
    /// Another row has the key already.
    Existed,
    /// Entra ID gives Leadline no token, or the organization does not take it.
    SignIn,
    /// A mistake of Leadline's.
    Bug,
}

/// A call that failed. It never holds a secret, a token, or a text of the organization's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What it asks for.
    pub class: Class,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// Dataverse's code (`0x80040220`) or Entra ID's number (`AADSTS7000215`); empty without one.
    pub code: String,
    /// How long the service asked to wait.
    pub retry_after: Option<Duration>,
    /// The service's name for the request, which Microsoft's support asks for.
    pub request_id: Option<String>,
    /// What was asked: `PATCH leads`.
    pub call: &'static str,
    pub(super) said: &'static str,
}

impl Failure {
    pub(super) fn new(class: Class, call: &'static str, said: &'static str) -> Failure {
        Failure {
            class,
            status: None,
            code: String::new(),
            retry_after: None,
            request_id: None,
            call,
            said,
        }
    }

    /// What happened and what to do, for the administrator.
    #[must_use]
    pub fn message(&self) -> String {
        let known = [Some(self.code.as_str()).filter(|code| !code.is_empty())];
        let request = self.request_id.as_ref().map(|id| format!("request {id}"));
        let parts = known
            .into_iter()
            .flatten()
            .map(str::to_owned)
            .chain(request);
        match parts.collect::<Vec<String>>().join(", ") {
            none if none.is_empty() => self.said.to_owned(),
            parts => format!("{} ({parts})", self.said),
        }
    }
}

/// What the log gets.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dynamics 365 {}: {:?}", self.call, self.class)?;
        if let Some(status) = self.status {
            write!(f, ", status {status}")?;
        }
        if !self.code.is_empty() {
            write!(f, ", code {}", self.code)?;
        }
        if let Some(id) = &self.request_id {
            write!(f, ", request {id}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        let kind = match failure.class {
            Class::Wait | Class::Retry | Class::Ambiguous => Kind::Unavailable,
            Class::Gone => Kind::NotFound,
            Class::Bug => Kind::Internal,
            Class::Setup
            | Class::Mapping
            | Class::Data
            | Class::CustomerLogic
            | Class::Policy
            | Class::Stale
            | Class::Existed
            | Class::SignIn => Kind::Conflict,
        };
        Error::new(kind, failure.message()).with_detail(failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_in_what_support_asks_for() {
        let mut failure = Failure::new(Class::Setup, "GET leads", "Do this.");
        assert_eq!(failure.message(), "Do this.");
        failure.code = "0x80040220".to_owned();
        failure.status = Some(403);
        failure.request_id = Some("5ecd".to_owned());
        assert_eq!(failure.message(), "Do this. (0x80040220, request 5ecd)");
        assert_eq!(
            failure.to_string(),
            "Dynamics 365 GET leads: Setup, status 403, code 0x80040220, request 5ecd"
        );
        let error = Error::from(failure);
        assert_eq!(error.kind(), Kind::Conflict);
    }
}
