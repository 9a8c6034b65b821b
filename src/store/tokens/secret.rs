//! The token itself: `leadline_` and 43 characters, which are 28 random bytes and four of their
//! SHA-256, so that whoever finds one, in a repository for example, can tell that it is one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::Value;
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// What every token begins with.
const PREFIX: &str = "leadline_";
/// How many of a token's bytes are random, and how many tell that it is one.
const RANDOM: usize = 28;
const CHECK: usize = 4;

/// A new token.
pub(super) fn random_token() -> Result<SecretString> {
    let mut bytes = [0; RANDOM + CHECK];
    getrandom::fill(&mut bytes[..RANDOM])
        .map_err(|e| Error::internal(format!("no randomness: {e}")))?;
    let check = check_bytes(&bytes[..RANDOM]);
    bytes[RANDOM..].copy_from_slice(&check);
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)).into())
}

fn check_bytes(random: &[u8]) -> [u8; CHECK] {
    let digest = Sha256::digest(random);
    [digest[0], digest[1], digest[2], digest[3]]
}

/// Whether a text is a token, of this Leadline or another.
pub(super) fn looks_right(text: &str) -> bool {
    let bytes = text
        .strip_prefix(PREFIX)
        .map(|rest| URL_SAFE_NO_PAD.decode(rest));
    let Some(Ok(bytes)) = bytes else {
        return false;
    };
    bytes.len() == RANDOM + CHECK && bytes[RANDOM..] == check_bytes(&bytes[..RANDOM])
}

/// What the database keeps. The token has 224 random bits, so a fast hash without a salt is enough.
pub(super) fn hashed(token: &str) -> Value {
    hex::encode(Sha256::digest(token)).into()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_token_can_be_told_from_other_texts() {
        let token = random_token().expect("randomness");
        let token = token.expose_secret();
        assert_eq!(token.len(), PREFIX.len() + 43);
        assert!(looks_right(token));
        let altered = token.replacen("leadline_", "leadline_x", 1);
        for other in ["", "leadline_", "github_pat_123", &token[1..], &altered] {
            assert!(!looks_right(other), "{other}");
        }
    }
}
