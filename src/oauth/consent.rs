//! What can go wrong between "Authorize with LinkedIn" and an authorized profile, as a closed set:
//! each has a code for the address, a title and a remedy for the page.

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::error::{Error, Result};

/// How long a person may take between leaving for LinkedIn and coming back, in milliseconds.
const LIFE: i64 = 15 * 60 * 1000;

/// Why there is no authorization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentError {
    /// The member cancelled.
    Cancelled,
    /// The member or LinkedIn refused.
    Denied,
    /// The person took too long.
    ExpiredState,
    /// The answer belongs to no question that this person asked.
    WrongState,
    /// The LinkedIn app lacks a permission that was asked for.
    UnapprovedScope,
    /// The code was used before, or too old.
    CodeExpired,
    /// LinkedIn cannot be reached, or is unwell.
    LinkedinUnavailable,
    /// No LinkedIn app is configured.
    NotConfigured,
    /// Another member than the profile's signed in at LinkedIn.
    MemberMismatch,
    /// The redirect URL is not registered.
    BadRedirect,
    /// LinkedIn does not accept the client id or the client secret.
    BadClient,
    /// The profile does not exist any more, or is not this person's.
    ProfileGone,
    /// Anything else.
    Unknown,
}

impl ConsentError {
    /// All of them.
    pub const ALL: [ConsentError; 13] = [
        ConsentError::Cancelled,
        ConsentError::Denied,
        ConsentError::ExpiredState,
        ConsentError::WrongState,
        ConsentError::UnapprovedScope,
        ConsentError::CodeExpired,
        ConsentError::LinkedinUnavailable,
        ConsentError::NotConfigured,
        ConsentError::MemberMismatch,
        ConsentError::BadRedirect,
        ConsentError::BadClient,
        ConsentError::ProfileGone,
        ConsentError::Unknown,
    ];

    /// Its code, as it stands in an address.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            ConsentError::Cancelled => "cancelled",
            ConsentError::Denied => "denied",
            ConsentError::ExpiredState => "expired_state",
            ConsentError::WrongState => "wrong_state",
            ConsentError::UnapprovedScope => "unapproved_scope",
            ConsentError::CodeExpired => "code_expired",
            ConsentError::LinkedinUnavailable => "linkedin_unavailable",
            ConsentError::NotConfigured => "not_configured",
            ConsentError::MemberMismatch => "member_mismatch",
            ConsentError::BadRedirect => "bad_redirect",
            ConsentError::BadClient => "bad_client",
            ConsentError::ProfileGone => "profile_gone",
            ConsentError::Unknown => "unknown",
        }
    }

    /// The one with this code; whatever else stands in an address is [`ConsentError::Unknown`].
    #[must_use]
    pub fn parse(code: &str) -> ConsentError {
        let named = ConsentError::ALL.into_iter().find(|e| e.code() == code);
        named.unwrap_or(ConsentError::Unknown)
    }

    /// What LinkedIn means by the `error` with which it sends a person back. Any value may come.
    #[must_use]
    pub fn from_callback(error: &str) -> ConsentError {
        match error {
            "user_cancelled_login" | "user_cancelled_authorize" => ConsentError::Cancelled,
            "access_denied" => ConsentError::Denied,
            "unauthorized_scope_error" | "invalid_scope" => ConsentError::UnapprovedScope,
            "redirect_uri_mismatch" | "invalid_redirect_uri" => ConsentError::BadRedirect,
            "invalid_client" | "invalid_client_id" | "unauthorized_client" => {
                ConsentError::BadClient
            }
            "server_error" | "temporarily_unavailable" => ConsentError::LinkedinUnavailable,
            _ => ConsentError::Unknown,
        }
    }

    /// What happened.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            ConsentError::Cancelled => "You cancelled at LinkedIn",
            ConsentError::Denied => "LinkedIn did not give access",
            ConsentError::ExpiredState => "That took too long",
            ConsentError::WrongState => "This answer from LinkedIn does not belong to you",
            ConsentError::UnapprovedScope => "The LinkedIn app lacks a permission",
            ConsentError::CodeExpired => "LinkedIn's code was not valid any more",
            ConsentError::LinkedinUnavailable => "LinkedIn cannot be reached",
            ConsentError::NotConfigured => "No LinkedIn app is configured",
            ConsentError::MemberMismatch => "Another LinkedIn member signed in",
            ConsentError::BadRedirect => "LinkedIn does not know this address of Leadline",
            ConsentError::BadClient => "LinkedIn does not accept Leadline's client id or secret",
            ConsentError::ProfileGone => "This user profile does not exist",
            ConsentError::Unknown => "LinkedIn refused the authorization",
        }
    }

    /// What to do. Nothing was changed in any of these cases.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            ConsentError::Cancelled => {
                "Nothing was changed. Authorize again and choose Allow at LinkedIn."
            }
            ConsentError::Denied => {
                "Nothing was changed. Authorize again with a LinkedIn member who may see the ad accounts."
            }
            ConsentError::ExpiredState => {
                "Nothing was changed. Authorize again and come back from LinkedIn within 15 minutes."
            }
            ConsentError::WrongState => {
                "Nothing was changed. Start again on this page, in the browser in which you are signed in."
            }
            ConsentError::UnapprovedScope => {
                "In LinkedIn's developer portal, check that the app has the products Lead Sync API and Advertising API; then authorize again."
            }
            ConsentError::CodeExpired => {
                "Nothing was changed. Authorize again. If it happens every time, check that public_url is the address at which you use Leadline."
            }
            ConsentError::LinkedinUnavailable => {
                "Nothing was changed. Authorize again in a few minutes."
            }
            ConsentError::NotConfigured => {
                "Set linkedin.client_id and linkedin.client_secret in Leadline's configuration and start it again."
            }
            ConsentError::MemberMismatch => {
                "The profile was left as it is. Sign in at LinkedIn as the profile's own member, or add a new profile for the other one."
            }
            ConsentError::BadRedirect => {
                "In LinkedIn's developer portal, register Leadline's address followed by /auth/linkedin/callback as a redirect URL of the app."
            }
            ConsentError::BadClient => {
                "Compare linkedin.client_id and linkedin.client_secret in Leadline's configuration with the page Auth of the LinkedIn app."
            }
            ConsentError::ProfileGone => {
                "It may have been removed, or belong to somebody else. Choose one of the profiles on this page."
            }
            ConsentError::Unknown => {
                "Nothing was changed. Authorize again. If it happens every time, the log says more."
            }
        }
    }
}

/// A consent that a person has left for LinkedIn to give; kept in their session until they return.
#[derive(Clone, Serialize, Deserialize)]
pub struct PendingConsent {
    state: String,
    born: i64,
    person_id: i64,
    /// The profile to authorize again; `None` for a new one.
    pub profile_id: Option<i64>,
}

impl PendingConsent {
    /// A consent that begins now.
    ///
    /// # Errors
    /// When the operating system has no random bytes.
    pub fn begin(person_id: i64, profile_id: Option<i64>, now: i64) -> Result<PendingConsent> {
        let mut state = [0; 32];
        getrandom::fill(&mut state).map_err(Error::internal)?;
        Ok(PendingConsent {
            state: hex::encode(state),
            born: now,
            person_id,
            profile_id,
        })
    }

    /// What LinkedIn has to send back.
    #[must_use]
    pub fn state(&self) -> &str {
        &self.state
    }

    /// Whether an answer is that to this question: the same state, the same person, in time.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(&self, state: &str, person_id: i64, now: i64) -> Result<(), ConsentError> {
        let same = self.state.as_bytes().ct_eq(state.as_bytes());
        if !bool::from(same) || self.person_id != person_id {
            return Err(ConsentError::WrongState);
        }
        if now - self.born > LIFE {
            return Err(ConsentError::ExpiredState);
        }
        Ok(())
    }
}

impl std::fmt::Debug for PendingConsent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PendingConsent")
            .field("born", &self.born)
            .field("person_id", &self.person_id)
            .field("profile_id", &self.profile_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_back() {
        for error in ConsentError::ALL {
            assert_eq!(ConsentError::parse(error.code()), error);
            assert!(error.remedy().ends_with('.') && !error.title().ends_with('.'));
        }
        assert_eq!(ConsentError::parse("<script>"), ConsentError::Unknown);
    }

    #[test]
    fn linkedin_may_send_any_error() {
        let cases = [
            ("user_cancelled_login", ConsentError::Cancelled),
            ("user_cancelled_authorize", ConsentError::Cancelled),
            ("access_denied", ConsentError::Denied),
            ("unauthorized_scope_error", ConsentError::UnapprovedScope),
            ("server_error", ConsentError::LinkedinUnavailable),
            ("whatever", ConsentError::Unknown),
            ("", ConsentError::Unknown),
        ];
        for (error, wanted) in cases {
            assert_eq!(ConsentError::from_callback(error), wanted, "{error}");
        }
    }

    #[test]
    fn only_the_own_answer_in_time_counts() {
        let pending = PendingConsent::begin(7, None, 1_000).unwrap();
        let state = pending.state().to_owned();
        assert_eq!(state.len(), 64);
        assert_eq!(pending.check(&state, 7, 1_000 + LIFE), Ok(()));
        let late = pending.check(&state, 7, 1_001 + LIFE);
        assert_eq!(late, Err(ConsentError::ExpiredState));
        for (state, person) in [("", 7), (&state[1..], 7), (state.as_str(), 8)] {
            let foreign = pending.check(state, person, 1_000);
            assert_eq!(foreign, Err(ConsentError::WrongState));
        }
        let other = PendingConsent::begin(7, None, 1_000).unwrap();
        assert_eq!(
            pending.check(other.state(), 7, 1_000),
            Err(ConsentError::WrongState)
        );
        assert!(!format!("{pending:?}").contains(&state));
    }
}
