//! A sign-on that somebody has left for the provider to decide; kept in their session until they
//! return.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use leadline::error::{Error, Result};
use leadline::single_sign_on::SignOnError;
use openidconnect::{CsrfToken, Nonce, PkceCodeVerifier};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// How long somebody may take between leaving for the provider and coming back, in milliseconds.
const LIFE: i64 = 10 * 60 * 1000;
/// No path of Leadline's own that is worth going to afterwards is longer.
const NEXT_AT_MOST: usize = 2_000;

/// What ties the provider's answer to this question and this browser.
#[derive(Serialize, Deserialize)]
pub(super) struct PendingSignOn {
    state: String,
    nonce: String,
    verifier: String,
    born: i64,
    /// Where to go afterwards.
    pub(super) next: String,
}

impl PendingSignOn {
    pub(super) fn begin(next: String, now: i64) -> Result<PendingSignOn> {
        Ok(PendingSignOn {
            state: random()?,
            nonce: random()?,
            verifier: random()?,
            born: now,
            next: if next.len() > NEXT_AT_MOST {
                String::new()
            } else {
                next
            },
        })
    }

    pub(super) fn state(&self) -> CsrfToken {
        CsrfToken::new(self.state.clone())
    }

    pub(super) fn nonce(&self) -> Nonce {
        Nonce::new(self.nonce.clone())
    }

    pub(super) fn verifier(&self) -> PkceCodeVerifier {
        PkceCodeVerifier::new(self.verifier.clone())
    }

    /// Whether an answer is that to this question, in time.
    pub(super) fn check(&self, state: &str, now: i64) -> Result<(), SignOnError> {
        if !bool::from(self.state.as_bytes().ct_eq(state.as_bytes())) {
            return Err(SignOnError::WrongState);
        }
        if now - self.born > LIFE {
            return Err(SignOnError::Expired);
        }
        Ok(())
    }
}

/// 256 random bits, as long as PKCE wants a verifier to be.
fn random() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(BASE64URL.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_answer_in_time_counts() {
        let pending = PendingSignOn::begin("/leads".to_owned(), 1_000).unwrap();
        let state = pending.state.clone();
        assert_eq!(state.len(), 43);
        assert_eq!(pending.check(&state, 1_000 + LIFE), Ok(()));
        let late = pending.check(&state, 1_001 + LIFE);
        assert_eq!(late, Err(SignOnError::Expired));
        for other in ["", &state[1..], pending.nonce.as_str()] {
            let foreign = pending.check(other, 1_000);
            assert_eq!(foreign, Err(SignOnError::WrongState));
        }
    }

    #[test]
    fn an_endless_address_is_not_kept() {
        let pending = PendingSignOn::begin("/".repeat(2_001), 0).unwrap();
        assert_eq!(pending.next, "");
    }
}
