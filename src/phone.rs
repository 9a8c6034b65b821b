//! Telephone numbers as E.164.

use phonenumber::{Mode, country};

/// No number in the world is written with more characters than this.
const LONGEST: usize = 64;

/// The country with a code of ISO 3166-1, such as `DE`.
#[must_use]
pub fn country(code: &str) -> Option<country::Id> {
    code.trim().to_ascii_uppercase().parse().ok()
}

/// The number as E.164, such as `+4915112345678`, when it is one that could be dialled; extensions
/// go. `home` is assumed for numbers without a country code.
#[must_use]
pub fn e164(text: &str, home: Option<country::Id>) -> Option<String> {
    let text = text.trim();
    if text.len() > LONGEST || !text.contains(|c: char| c.is_numeric()) {
        return None;
    }
    let text = match text.strip_prefix("00") {
        Some(rest) => format!("+{rest}"),
        None => text.to_owned(),
    };
    let number = phonenumber::parse(home, text).ok()?;
    let valid = number.is_valid();
    valid.then(|| number.format().mode(Mode::E164).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_thirty_countries_become_e164() {
        let table = [
            ("AR", "011 4321-1234", "+541143211234"),
            ("AT", "01 5123456", "+4315123456"),
            ("AU", "(02) 9876 5432", "+61298765432"),
            ("BE", "02 512 34 56", "+3225123456"),
            ("BR", "(11) 98765-4321", "+5511987654321"),
            ("CA", "(416) 555-0123", "+14165550123"),
            ("CH", "044 668 18 00", "+41446681800"),
            ("CN", "138 1234 5678", "+8613812345678"),
            ("CZ", "601 123 456", "+420601123456"),
            ("DE", "030 123456", "+4930123456"),
            ("DK", "32 12 34 56", "+4532123456"),
            ("ES", "612 34 56 78", "+34612345678"),
            ("FI", "041 2345678", "+358412345678"),
            ("FR", "06 12 34 56 78", "+33612345678"),
            ("GB", "020 7946 0958", "+442079460958"),
            ("GR", "21 2345 6789", "+302123456789"),
            ("IE", "085 012 3456", "+353850123456"),
            ("IL", "050-234-5678", "+972502345678"),
            ("IN", "081234 56789", "+918123456789"),
            ("IT", "02 1234 5678", "+390212345678"),
            ("JP", "090-1234-5678", "+819012345678"),
            ("KR", "010-2000-0000", "+821020000000"),
            ("MX", "55 1234 5678", "+525512345678"),
            ("NL", "06 12345678", "+31612345678"),
            ("NO", "406 12 345", "+4740612345"),
            ("NZ", "021 123 4567", "+64211234567"),
            ("PL", "512 345 678", "+48512345678"),
            ("PT", "912 345 678", "+351912345678"),
            ("SE", "070-123 45 67", "+46701234567"),
            ("US", "(415) 555-2671", "+14155552671"),
            ("ZA", "071 123 4567", "+27711234567"),
        ];
        for (home, written, wanted) in table {
            let zeros = wanted.replace('+', "00");
            for text in [written, wanted, &zeros] {
                assert_eq!(e164(text, country(home)).as_deref(), Some(wanted), "{home}");
            }
            assert_eq!(e164(wanted, None).as_deref(), Some(wanted), "{home}");
        }
    }

    #[test]
    fn what_nobody_could_dial_is_no_number() {
        let long = "1".repeat(65);
        for text in ["12", "call me", "+49", "٠", "", &long] {
            assert_eq!(e164(text, country("DE")), None, "{text}");
        }
        assert_eq!(e164("030 123456", None), None, "of which country?");
        assert_eq!(
            e164("+49 (0)30 123456", None).as_deref(),
            Some("+4930123456")
        );
    }

    #[test]
    fn a_country_is_a_code_of_two_letters() {
        for good in ["DE", "us", " fr "] {
            assert!(country(good).is_some(), "{good}");
        }
        for bad in ["", "Germany", "D", "XX", "49"] {
            assert!(country(bad).is_none(), "{bad}");
        }
    }
}
