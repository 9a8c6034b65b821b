//! Recovery codes: each lets somebody in once who has lost their second factor.
//!
//! They are shown when they are made and kept as slow hashes, because nobody types a code that is long
//! enough for a fast one. A code is looked up and marked as used in one statement, so that of two at
//! once only one gets in.

use sea_orm::{ConnectionTrait, FromQueryResult};

use super::access::Actor;
use super::audit::{self, Action, Event};
use super::people::Person;
use super::{Store, execute, maybe_text, placeholders, row};
use crate::error::{Error, Result};
use crate::password;

/// How many recovery codes somebody gets.
const CODES: usize = 10;
/// How many letters a recovery code has: 50 bits, which a slow hash keeps safe.
pub(super) const RECOVERY_LETTERS: usize = 10;
/// No letter looks like another: there is neither 0 nor 1.
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

#[derive(FromQueryResult)]
struct Hash {
    hash: String,
}

impl Store {
    /// Uses up a recovery code, bare as [`bare`] makes it; `false` when it is wrong or used.
    pub(super) async fn use_recovery_code(
        &self,
        person: &Person,
        code: &str,
        now: i64,
    ) -> Result<bool> {
        // All of a person's codes have one salt, so one slow hash is compared with all of them.
        let sql = "SELECT hash FROM recovery_code WHERE person_id = $1 LIMIT 1";
        let Some(one) = row::<Hash>(self.reading(), sql, [person.id.into()]).await? else {
            return Ok(false);
        };
        let hash = password::hash_like(code, &one.hash).await?;
        let tx = self.begin().await?;
        let sql = "UPDATE recovery_code SET used_at = $1 WHERE person_id = $2 AND hash = $3 AND used_at IS NULL";
        let used = execute(&tx, sql, [now.into(), person.id.into(), hash.into()]).await?;
        if used == 1 {
            let event = Event::new(Action::RecoveryCodeUsed, "user", person.id, &person.name);
            audit::record(&tx, &Actor::from(person), event, now).await?;
        }
        tx.commit().await?;
        Ok(used == 1)
    }
}

/// Recovery codes that somebody is about to get.
pub(super) struct RecoveryCodes {
    /// As somebody gets them.
    pub(super) shown: Vec<String>,
    hashes: Vec<String>,
}

impl RecoveryCodes {
    /// Ten new ones.
    pub(super) async fn random() -> Result<RecoveryCodes> {
        let mut bytes = [0; CODES * RECOVERY_LETTERS];
        getrandom::fill(&mut bytes).map_err(Error::internal)?;
        let letter = |byte: &u8| char::from(LETTERS[usize::from(byte % 32)]);
        let codes = bytes.chunks(RECOVERY_LETTERS);
        let codes: Vec<String> = codes.map(|c| c.iter().map(letter).collect()).collect();
        let mut hashes: Vec<String> = Vec::with_capacity(codes.len());
        for code in &codes {
            let hash = match hashes.first() {
                Some(first) => password::hash_like(code, first).await,
                None => password::hash(code).await,
            };
            hashes.push(hash?);
        }
        let in_two = |code: &String| code[..5].to_owned() + "-" + &code[5..];
        let shown = codes.iter().map(in_two).collect();
        Ok(RecoveryCodes { shown, hashes })
    }

    /// Keeps them instead of those that were there.
    pub(super) async fn keep(&self, db: &impl ConnectionTrait, person: i64) -> Result<()> {
        let sql = "DELETE FROM recovery_code WHERE person_id = $1";
        execute(db, sql, [person.into()]).await?;
        let rows = placeholders(self.hashes.len(), &["bigint", "text"], 1);
        let sql = format!("INSERT INTO recovery_code (person_id, hash) VALUES {rows}");
        let pairs = self.hashes.iter();
        let values = pairs.flat_map(|hash| [person.into(), maybe_text(Some(hash))]);
        execute(db, &sql, values.collect::<Vec<_>>()).await?;
        Ok(())
    }
}

/// A code as it is compared: however somebody groups it, and whatever they take an O or an L for.
pub(super) fn bare(typed: &str) -> String {
    let typed = typed.chars().filter(char::is_ascii_alphanumeric);
    let code: String = typed.take(64).collect::<String>().to_ascii_lowercase();
    if code.len() == RECOVERY_LETTERS {
        return code.replace('0', "o").replace('1', "l");
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        for (typed, code) in [
            ("123 456", "123456"),
            (" 012345 ", "012345"),
            ("ABCDE-fgh2o", "abcdefgh2o"),
            ("a0c1e fgh27", "aoclefgh27"),
            ("", ""),
        ] {
            assert_eq!(bare(typed), code, "{typed:?}");
        }
    }

    #[tokio::test]
    async fn recovery_codes_are_ten_different_ones_that_are_kept_as_hashes() {
        let codes = RecoveryCodes::random().await.expect("codes");
        let different: std::collections::BTreeSet<_> = codes.shown.iter().collect();
        assert_eq!(different.len(), CODES);
        for (shown, hash) in codes.shown.iter().zip(&codes.hashes) {
            assert!(
                shown.len() == 11 && bare(shown).len() == RECOVERY_LETTERS,
                "{shown}"
            );
            assert!(hash.starts_with("$argon2id$"), "{hash}");
            let again = password::hash_like(&bare(shown), &codes.hashes[0]).await;
            assert_eq!(again.expect("a hash"), *hash);
        }
    }
}
