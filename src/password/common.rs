//! Passwords that whoever guesses tries first.
//!
//! NIST SP 800-63B asks to compare a new password as a whole with those known to be common or
//! breached, repetitions and sequences, and the words of this very service and person; and to ask for
//! length instead of kinds of characters. Hardly any of the 10,000 commonest passwords has the length
//! that Leadline asks for: comparing the whole alone would refuse next to nothing, and people would
//! fill a common one up (`password1234`, `dragondragon`, `letmein!!!!!`). So what is compared is also
//! what is left when the filling is taken off: digits and exclamation marks at the end, repetitions.
//! A common word among others in a longer password is fine.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::lead::{FieldKind, normalise};

/// The commonest passwords, a line each, below a head that ends with an empty line.
const FILE: &str = include_str!("common.txt");
static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let list = FILE.split_once("\n\n").map_or("", |(_, list)| list);
    list.lines().collect()
});
/// What repeats itself after so few characters is no secret, whatever they are.
const SHORT_UNIT: usize = 3;

/// Why a password is guessed soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weak {
    /// It is a common one, a filled-up common one, or a mere pattern.
    Common,
    /// It is made of the person's name or address, or of Leadline's name.
    Own,
}

/// Why this password of somebody with this e-mail address and name is guessed soon, if it is.
pub(super) fn weak(password: &str, email: &str, name: &str) -> Option<Weak> {
    let password = key(password);
    let own = own_words(email, name);
    let cores = cores(&password);
    let any = |known: &dyn Fn(&str) -> bool| cores.iter().any(|core| known(core));
    if any(&|core| own.contains(core)) {
        return Some(Weak::Own);
    }
    let common = any(&|core| COMMON.contains(core)) || is_pattern(&password);
    common.then_some(Weak::Common)
}

/// Case-folded, without blanks, one form of every letter.
fn key(text: &str) -> String {
    normalise(FieldKind::Email, text).unwrap_or_default()
}

/// The words that belong to the person and the product.
fn own_words(email: &str, name: &str) -> HashSet<String> {
    let (email, name) = (key(email), name.split_whitespace());
    let local = email.split('@').next().unwrap_or_default();
    let words = ["leadline", &email, local].map(str::to_owned);
    let names = name.clone().map(key).chain([name.map(key).collect()]);
    let all = words.into_iter().chain(names);
    all.filter(|word| !word.is_empty()).collect()
}

/// The password, and what is left when the filling is taken off.
fn cores(password: &str) -> HashSet<&str> {
    let without = password.trim_end_matches(is_filling);
    let ends = password.char_indices().rev();
    let ends = ends.take_while(|(_, c)| is_filling(*c)).map(|(at, _)| at);
    // A core of nothing but digits shows in the filling; it must be the greater part.
    let shorter = ends.filter(|at| at * 2 >= password.len());
    let cuts = shorter.map(|at| &password[..at]);
    let all = cuts.chain([password, without]);
    all.flat_map(|core| [core, unit(core)]).collect()
}

fn is_filling(c: char) -> bool {
    c.is_ascii_digit() || c == '!'
}

/// What a text repeats at least twice, the last time perhaps not to the end; else all of it.
fn unit(text: &str) -> &str {
    let starts = text.char_indices().map(|(at, _)| at).skip(1);
    let mut starts = starts.take_while(|at| at * 2 <= text.len());
    let repeats = |at: &usize| text[*at..] == text[..text.len() - at];
    // The two halves that are compared may begin inside a letter only if they differ.
    let found = starts.find(|at| text.is_char_boundary(text.len() - at) && repeats(at));
    found.map_or(text, |at| &text[..at])
}

/// One to three characters again and again, or characters in the order of their codes.
fn is_pattern(password: &str) -> bool {
    let codes: Vec<i64> = password.chars().map(|c| i64::from(u32::from(c))).collect();
    let steps = || codes.windows(2).map(|pair| pair[1] - pair[0]);
    let sequence = [1, -1].iter().any(|step| steps().all(|s| s == *step));
    let repeated = unit(password).chars().count();
    sequence || (repeated <= SHORT_UNIT && repeated < codes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_ada(password: &str) -> Option<Weak> {
        weak(password, "ada.l@example.com", "Ada Lovelace")
    }

    #[test]
    fn the_list_is_the_commonest_ten_thousand() {
        assert_eq!(COMMON.len(), 10_000);
        for password in ["123456", "password", "qwerty", "йцукен", "letmein"] {
            assert!(COMMON.contains(password), "{password}");
        }
    }

    #[test]
    fn common_passwords_are_weak_however_they_are_filled_up() {
        for password in [
            "1q2w3e4r5t6y",
            "Administrator",
            "qwertyuiop123",
            "password1234!",
            "PassWord!!!!!",
            "dragondragon",
            "letmeinletmein1",
            "123456123456",
            "123456789012",
            "1234567890!!",
            "iloveyou2026",
            "пароль123456",
        ] {
            assert_eq!(of_ada(password), Some(Weak::Common), "{password}");
        }
    }

    #[test]
    fn patterns_are_weak() {
        for password in [
            "aaaaaaaaaaaa",
            "xz!xz!xz!xz!",
            "ααααααααααααα",
            "abcdefghijklm",
            "mlkjihgfedcba",
        ] {
            assert_eq!(of_ada(password), Some(Weak::Common), "{password}");
        }
    }

    #[test]
    fn words_of_the_person_and_the_product_are_weak() {
        for password in [
            "Ada Lovelace",
            "adalovelace1",
            "Lovelace1815",
            "ada.l@example.com",
            "ada.l1234567",
            "Leadline2026!",
            "leadlineleadline",
        ] {
            assert_eq!(of_ada(password), Some(Weak::Own), "{password}");
        }
    }

    #[test]
    fn a_common_word_among_others_is_fine_and_so_are_digits_in_no_order() {
        for password in [
            "a few words in a row",
            "password of the dragon",
            "leadline keeps my leads",
            "correct horse battery staple",
            "830419275566",
            "zürich-im-regen",
            "k7#pQv9!mWx2",
        ] {
            assert_eq!(of_ada(password), None, "{password}");
        }
    }
}
