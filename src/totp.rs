//! The codes of the second factor (RFC 6238), as every authenticator app computes them: SHA-1, six
//! digits, a new one every thirty seconds. Clocks may differ by one step.

use secrecy::{ExposeSecret, SecretString};
use totp_rs::{Builder, Secret, Totp};

use crate::error::{Error, Result};

/// Who the app shows the code for.
const ISSUER: &str = "Leadline";

/// What an authenticator app and Leadline share.
pub struct Authenticator(Totp);

impl Authenticator {
    /// A new one, with 160 random bits, for somebody with this e-mail address.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub(crate) fn random(email: &str) -> Result<Authenticator> {
        let mut bytes = [0; 20];
        getrandom::fill(&mut bytes).map_err(Error::internal)?;
        Authenticator::of(Secret::new_stack(bytes), email)
    }

    /// The one with this secret, in base32.
    ///
    /// # Errors
    /// When it is no such secret.
    pub(crate) fn read(secret: &SecretString, email: &str) -> Result<Authenticator> {
        let secret = Secret::try_from_base32(secret.expose_secret()).map_err(Error::internal)?;
        Authenticator::of(secret, email)
    }

    fn of(secret: Secret, email: &str) -> Result<Authenticator> {
        let builder = Builder::new()
            .with_secret(secret)
            .with_issuer(Some(ISSUER))
            // The app's address separates its parts by colons.
            .with_account_name(email.replace(':', " "));
        builder.build().map(Authenticator).map_err(Error::internal)
    }

    /// The secret, to be typed into an app.
    #[must_use]
    pub fn secret(&self) -> SecretString {
        self.0.secret().to_base32().into()
    }

    /// The address that an app reads from a QR code. It holds the secret.
    ///
    /// # Errors
    /// When the e-mail address is blank.
    pub fn address(&self) -> Result<SecretString> {
        let address = self.0.to_url().map_err(Error::internal)?;
        Ok(address.into())
    }

    /// The step whose code this is, if it is one of now.
    pub(crate) fn step(&self, code: &str, now: i64) -> Option<i64> {
        let seconds = u64::try_from(now / 1000).ok()?;
        let step = self.0.check(code, seconds)?;
        i64::try_from(step).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238's appendix B, whose codes have eight digits; ours are their last six.
    fn published() -> Authenticator {
        let secret = Secret::from(*b"12345678901234567890").to_base32();
        Authenticator::read(&secret.into(), "ada@example.com").expect("a secret")
    }

    #[test]
    fn the_codes_are_those_of_the_standard() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            let step = published().step(code, seconds * 1000);
            assert_eq!(step, Some(seconds / 30), "{code}");
        }
    }

    #[test]
    fn clocks_may_differ_by_one_step_and_no_more() {
        let step = |seconds: i64| published().step("081804", seconds * 1000);
        let its_own = 1_111_111_109 / 30;
        for (later, accepted) in [(-60, false), (-30, true), (30, true), (60, false)] {
            let expected = accepted.then_some(its_own);
            assert_eq!(step(1_111_111_109 + later), expected, "{later}");
        }
    }

    #[test]
    fn what_is_no_code_is_none() {
        for wrong in ["", "81804", "+81804", "0818040", "08180a", "０８１８０４"] {
            assert_eq!(
                published().step(wrong, 1_111_111_109_000),
                None,
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn the_app_reads_the_whole_address() {
        let address = published().address().expect("an address");
        assert_eq!(
            address.expose_secret(),
            "otpauth://totp/Leadline:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Leadline"
        );
    }

    #[test]
    fn every_secret_is_another_one_of_160_bits() {
        let secret = || {
            Authenticator::random("a:b@example.com")
                .expect("one")
                .secret()
        };
        let (one, two) = (secret(), secret());
        assert_eq!(one.expose_secret().len(), 32, "five bits a letter");
        assert_ne!(one.expose_secret(), two.expose_secret());
    }
}
