//! Why the provider's answer does not count: a code for the page, words for the log.

use leadline::oauth::NoAnswer;
use leadline::single_sign_on::SignOnError;
use openidconnect::core::CoreErrorResponseType;
use openidconnect::{
    ClaimsVerificationError, DiscoveryError, RequestTokenError, SignatureVerificationError,
    StandardErrorResponse,
};

/// Why an ID token does not hold.
pub(super) enum Unverified {
    /// Its key is not among those that are known.
    UnknownKey,
    /// Anything else.
    Wrong(&'static str),
}

impl From<ClaimsVerificationError> for Unverified {
    /// The error's own text has values of the token in it; the log gets only what was wrong.
    fn from(error: ClaimsVerificationError) -> Unverified {
        Unverified::Wrong(match error {
            ClaimsVerificationError::SignatureVerification(error) => return error.into(),
            ClaimsVerificationError::Expired(_) => "its time is over",
            ClaimsVerificationError::InvalidAudience(_) => "it is for another application",
            ClaimsVerificationError::InvalidIssuer(_) => "it is another issuer's",
            ClaimsVerificationError::InvalidNonce(_) => "it answers another request",
            _ => "it is not as the standard wants it",
        })
    }
}

impl From<SignatureVerificationError> for Unverified {
    fn from(error: SignatureVerificationError) -> Unverified {
        Unverified::Wrong(match error {
            SignatureVerificationError::NoMatchingKey => return Unverified::UnknownKey,
            SignatureVerificationError::DisallowedAlg(_)
            | SignatureVerificationError::UnsupportedAlg(_)
            | SignatureVerificationError::NoSignature => {
                "it is signed in a way that is not allowed"
            }
            _ => "its signature is wrong",
        })
    }
}

impl From<Unverified> for SignOnError {
    fn from(unverified: Unverified) -> SignOnError {
        refuse(
            SignOnError::BadToken,
            match unverified {
                Unverified::UnknownKey => "its key is not among the provider's",
                Unverified::Wrong(why) => why,
            },
        )
    }
}

pub(super) fn of_discovery(error: DiscoveryError<NoAnswer>) -> SignOnError {
    match error {
        DiscoveryError::Request(lost) => unavailable(&lost),
        DiscoveryError::Validation(_) => {
            refuse(SignOnError::WrongProvider, "discovery names another issuer")
        }
        _ => refuse(SignOnError::WrongProvider, "discovery cannot be read"),
    }
}

pub(super) fn of_exchange(
    error: RequestTokenError<NoAnswer, StandardErrorResponse<CoreErrorResponseType>>,
) -> SignOnError {
    match error {
        RequestTokenError::Request(lost) => unavailable(&lost),
        RequestTokenError::ServerResponse(refusal) => match refusal.error() {
            CoreErrorResponseType::InvalidGrant => {
                refuse(SignOnError::CodeExpired, "the code is not valid")
            }
            CoreErrorResponseType::InvalidClient | CoreErrorResponseType::UnauthorizedClient => {
                refuse(
                    SignOnError::BadClient,
                    "client id or secret are not accepted",
                )
            }
            _ => refuse(SignOnError::BadClient, "the token request is not accepted"),
        },
        _ => refuse(SignOnError::BadToken, "the token answer cannot be read"),
    }
}

pub(super) fn unavailable(lost: &NoAnswer) -> SignOnError {
    tracing::warn!(%lost, "the OpenID provider does not answer");
    SignOnError::ProviderUnavailable
}

/// The operator's part of a refusal: the log says what the page does not.
pub(super) fn refuse(error: SignOnError, why: &str) -> SignOnError {
    tracing::warn!(why, "the OpenID provider's answer was refused");
    error
}
