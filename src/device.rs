//! Browsers in which somebody has signed in before.
//!
//! Such a browser holds a sealed token that names nobody but the account. It opens nothing: it only
//! tells the owner of an account from strangers who guess their password, see [`crate::throttle`].

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};

use crate::error::Result;
use crate::lead::{FieldKind, normalise};
use crate::secret::Sealer;

/// What the token is bound to, besides the account in it.
const BOUND_TO: &str = "known device";

/// The token to give to a browser in which somebody with this e-mail address has signed in.
///
/// # Errors
/// When the system has no randomness.
pub fn token(sealer: &Sealer, email: &str) -> Result<SecretString> {
    let sealed = sealer.seal(&account(email), BOUND_TO)?;
    Ok(URL_SAFE_NO_PAD.encode(sealed).into())
}

/// Whether this token was given to a browser of whoever has this e-mail address.
#[must_use]
pub fn is_known(sealer: &Sealer, token: &str, email: &str) -> bool {
    let Ok(sealed) = URL_SAFE_NO_PAD.decode(token) else {
        return false;
    };
    let opened = sealer.open(&sealed, BOUND_TO);
    opened.is_ok_and(|opened| opened.expose_secret() == account(email).expose_secret())
}

fn account(email: &str) -> SecretString {
    normalise(FieldKind::Email, email)
        .unwrap_or_default()
        .into()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn sealer(byte: u8) -> Sealer {
        let key = SecretString::from(STANDARD.encode([byte; 32]));
        Sealer::from_base64(&key).expect("a key")
    }

    #[test]
    fn a_browser_is_known_to_the_account_that_signed_in_there_only() {
        let token = token(&sealer(1), "Ada@example.com").expect("a token");
        let token = token.expose_secret();
        let known = |sealer, token, email| is_known(&sealer, token, email);
        assert!(known(sealer(1), token, " ada@EXAMPLE.com"));
        assert!(!known(sealer(1), token, "bob@example.com"));
        assert!(!known(sealer(2), token, "ada@example.com"), "another key");
        for forged in ["", "x", "YWRhQGV4YW1wbGUuY29t", &token[1..]] {
            assert!(!known(sealer(1), forged, "ada@example.com"), "{forged}");
        }
        assert!(!token.contains("ada"));
    }
}
