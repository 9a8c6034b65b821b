//! Passwords: which may be chosen, and how they are kept (argon2id).

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use crate::error::{Error, Kind, Result};

mod common;

use common::Weak;

/// How many characters a password has at least.
pub const AT_LEAST: usize = 12;
/// How many characters a password has at most.
pub const AT_MOST: usize = 256;

/// OWASP's least for argon2id with two passes: memory in KiB, passes, lanes.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// Hashing is slow on purpose; whoever floods the sign-in page must not get all cores for it.
static TURN: std::sync::LazyLock<Arc<Semaphore>> =
    std::sync::LazyLock::new(|| Arc::new(Semaphore::new(1)));
/// Longer than this nobody waits for their turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether somebody with this e-mail address and name may choose this password. There are no rules
/// about kinds of characters: they make passwords worse.
///
/// # Errors
/// What is wrong with it and what to do.
pub fn check(password: &str, email: &str, name: &str) -> Result<()> {
    let length = folded(password).chars().count();
    if length < AT_LEAST {
        return Err(Error::invalid(format!(
            "The password must have at least {AT_LEAST} characters. A few words in a row are good."
        )));
    }
    if length > AT_MOST {
        return Err(Error::invalid(format!(
            "The password must have at most {AT_MOST} characters."
        )));
    }
    match common::weak(password, email, name) {
        None => Ok(()),
        Some(Weak::Own) => Err(Error::invalid(
            "The password is made of your name, your e-mail address or the word Leadline, which is \
             guessed first. Choose a few words that have nothing to do with you.",
        )),
        Some(Weak::Common) => Err(Error::invalid(
            "The password is one that many people use, or one with something added, which is guessed \
             first. Choose a few words that have nothing to do with each other.",
        )),
    }
}

/// Hashes a password with a new salt.
///
/// # Errors
/// When too many wait for their turn, or the system has no randomness.
pub(crate) async fn hash(password: &str) -> Result<String> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(Error::internal)?;
    salted(
        password,
        SaltString::encode_b64(&salt).map_err(Error::internal)?,
    )
    .await
}

/// Hashes with the salt of another hash, so that the two are equal if what was hashed is.
///
/// # Errors
/// When too many wait for their turn, or the other hash cannot be read.
pub(crate) async fn hash_like(password: &str, other: &str) -> Result<String> {
    let other = PasswordHash::new(other).map_err(Error::internal)?;
    let salt = other
        .salt
        .ok_or_else(|| Error::internal("a hash without a salt"))?;
    salted(
        password,
        SaltString::from_b64(salt.as_str()).map_err(Error::internal)?,
    )
    .await
}

async fn salted(password: &str, salt: SaltString) -> Result<String> {
    let password = folded(password);
    in_turn(move || {
        let hash = argon2id()?.hash_password(password.as_bytes(), &salt);
        Ok(hash.map_err(Error::internal)?.to_string())
    })
    .await
}

/// Whether it is the password with this hash. Without a hash, for somebody unknown, it is not; but
/// that takes just as long, so that nobody learns from the time who is known.
///
/// # Errors
/// When too many wait for their turn, or the hash cannot be read.
pub(crate) async fn verify(password: &str, hash: Option<String>) -> Result<bool> {
    let Some(hash) = hash else {
        return self::hash(password).await.map(|_| false);
    };
    let password = folded(password);
    in_turn(move || {
        let hash = PasswordHash::new(&hash).map_err(Error::internal)?;
        match argon2id()?.verify_password(password.as_bytes(), &hash) {
            Ok(()) => Ok(true),
            Err(argon2::password_hash::Error::Password) => Ok(false),
            Err(error) => Err(Error::internal(error)),
        }
    })
    .await
}

/// The same password from every keyboard: an `é` may be one character or two.
fn folded(password: &str) -> String {
    password.nfkc().collect()
}

fn argon2id() -> Result<Argon2<'static>> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).map_err(Error::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Runs one at a time, away from the threads that serve. Whoever goes away in the middle keeps the
/// turn until the work is done.
async fn in_turn<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let turn = tokio::time::timeout(PATIENCE, Arc::clone(&TURN).acquire_owned()).await;
    let turn = turn.map_err(|_| {
        Error::new(
            Kind::Unavailable,
            "Too many people are signing in at once. Try again in a moment.",
        )
    })?;
    let turn = turn.map_err(Error::internal)?;
    let done = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work()
    });
    done.await.map_err(Error::internal)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_and_none_that_is_guessed_first() {
        let message = |password: &str| {
            let wrong = check(password, "Ada.Lovelace@example.com", "Ada King").err()?;
            Some(wrong.message().to_owned())
        };
        assert_eq!(message("twelve chars"), None);
        assert_eq!(message("zürich üben1"), None, "characters count, not bytes");
        assert_eq!(message(&"new words ".repeat(25)), None);
        for (password, says) in [
            ("", "at least 12"),
            ("eleven char", "at least 12"),
            (&"x".repeat(257), "at most 256"),
            ("ada.lovelace@EXAMPLE.com ", "your e-mail address"),
            ("             ", "many people use"),
            ("password1234", "nothing to do with each other"),
        ] {
            let message = message(password).unwrap_or_default();
            assert!(message.contains(says), "{password:?}: {message}");
            let password = password.trim();
            assert!(
                password.is_empty() || !message.contains(password),
                "{message}"
            );
        }
    }

    #[tokio::test]
    async fn a_hash_is_argon2id_of_the_promised_cost_and_salted() {
        let [one, two] = [hash("a few words").await, hash("a few words").await];
        let (one, two) = (one.expect("a hash"), two.expect("a hash"));
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, two);
        assert!(
            verify("a few words", Some(one.clone()))
                .await
                .expect("an answer")
        );
        assert!(!verify("a few word", Some(one)).await.expect("an answer"));
        assert!(!verify("a few words", None).await.expect("an answer"));
    }

    #[tokio::test]
    async fn a_password_is_the_same_however_the_keyboard_composes_it() {
        let composed = hash("caf\u{e9} au lait").await.expect("a hash");
        let typed = verify("cafe\u{301} au lait", Some(composed)).await;
        assert!(typed.expect("an answer"));
    }
}
