//! A number out of what people choose and type: `51-200`, `10,001+ employees`, `1.500 €`.

use super::step::Pick;

/// The thousandths of a thousandth in one: so finely numbers are read.
const UNIT: i128 = 1_000_000;
/// How many digits a number has at most.
const MOST_DIGITS: usize = 18;

/// The number that a text says.
///
/// # Errors
/// When it says none, or several, or a range whose upper end is open and may not be.
pub(super) fn read(text: &str, pick: Pick, open_ended: bool) -> Result<String, String> {
    let found = numbers(text).ok_or_else(|| no_number(text))?;
    match found.as_slice() {
        [(_, true)] if !open_ended => Err(format!(
            "“{}” has no upper end. Choose that its lower end is taken, or replace it by a table.",
            shown(text)
        )),
        [(only, _)] => Ok(written(*only)),
        [(one, _), (other, false)] => {
            let (low, high) = (*one.min(other), *one.max(other));
            Ok(written(match pick {
                Pick::Low => low,
                Pick::High => high,
                Pick::Middle => (low + high).div_euclid(2 * UNIT) * UNIT,
            }))
        }
        _ => Err(no_number(text)),
    }
}

/// The number that a text is, when nothing else stands in it and nothing is left to choose.
pub(super) fn only(text: &str) -> Option<String> {
    if text.contains(char::is_alphabetic) {
        return None;
    }
    match numbers(text)?.as_slice() {
        [(number, false)] => Some(written(*number)),
        _ => None,
    }
}

fn no_number(text: &str) -> String {
    format!(
        "“{}” is not a number. Replace it by a table before, or change the mapping.",
        shown(text)
    )
}

/// As much of an answer as a message may hold.
pub(super) fn shown(text: &str) -> String {
    let mut short: String = text.trim().chars().take(40).collect();
    if text.trim().chars().count() > 40 {
        short.push('…');
    }
    short
}

/// All numbers in a text, each with whether nothing limits it upwards; `None` when one is too long.
fn numbers(text: &str) -> Option<Vec<(i128, bool)>> {
    let over = ["more than", "over", "at least", ">", "≥"];
    let lower = text.trim_start().to_lowercase();
    let over = over.iter().any(|word| lower.starts_with(word));
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let negative = found.is_empty() && rest[..start].trim() == "-";
        let (number, after) = number(&rest[start..])?;
        let plus = after.trim_start().starts_with('+');
        let number = if negative { -number } else { number };
        found.push((number, plus || over));
        rest = after;
    }
    Some(found)
}

/// The number at the beginning of a text, and what follows.
fn number(text: &str) -> Option<(i128, &str)> {
    let part =
        |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | '’' | '\u{a0}' | '\u{202f}');
    let end = text.find(|c| !part(c)).unwrap_or(text.len());
    let body = text[..end].trim_end_matches(|c: char| !c.is_ascii_digit());
    let after = &text[body.len()..];
    let (whole, fraction) = parted(body);
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    let (whole, fraction) = (digits(whole), digits(fraction));
    if whole.len() > MOST_DIGITS {
        return None;
    }
    let fraction: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let number = whole.parse::<i128>().ok()? * UNIT + fraction.parse::<i128>().ok()?;
    Some(magnified(number, after))
}

/// Whole and fraction. A separator is a decimal point when it is the only one of its kind and not
/// followed by exactly three digits: `1.500` is fifteen hundred, `1.5` one and a half.
fn parted(body: &str) -> (&str, &str) {
    let Some((place, separator)) = body.char_indices().rfind(|(_, c)| !c.is_ascii_digit()) else {
        return (body, "");
    };
    let fraction = &body[place + separator.len_utf8()..];
    let once = body.matches(separator).count() == 1;
    let mixed = body[..place].contains(|c: char| !c.is_ascii_digit());
    let decimal = matches!(separator, '.' | ',') && once && (mixed || fraction.len() != 3);
    match decimal {
        true => (&body[..place], fraction),
        false => (body, ""),
    }
}

/// `10k` and `2M`.
fn magnified(number: i128, after: &str) -> (i128, &str) {
    for (letters, factor) in [(['k', 'K'], 1_000), (['m', 'M'], 1_000_000)] {
        let Some(rest) = after.strip_prefix(letters) else {
            continue;
        };
        if !rest.starts_with(char::is_alphanumeric) {
            return (number * factor, rest);
        }
    }
    (number, after)
}

fn written(number: i128) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let (whole, fraction) = (number.abs() / UNIT, number.abs() % UNIT);
    let fraction = format!("{fraction:06}");
    let fraction = fraction.trim_end_matches('0');
    match fraction {
        "" => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{fraction}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn low(text: &str) -> Result<String, String> {
        read(text, Pick::Low, false)
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let table = [
            ("42", "42"),
            (" 42 employees", "42"),
            ("1,500", "1500"),
            ("1.500", "1500"),
            ("1'500", "1500"),
            ("1\u{202f}500", "1500"),
            ("1.5", "1.5"),
            ("1,50", "1.5"),
            ("1,234,567.89", "1234567.89"),
            ("1.234.567,89", "1234567.89"),
            ("-3", "-3"),
            ("€ 12.000", "12000"),
            ("10k", "10000"),
            ("$2.5M", "2500000"),
            ("007", "7"),
        ];
        for (text, number) in table {
            assert_eq!(low(text).as_deref(), Ok(number), "{text}");
        }
    }

    #[test]
    fn a_range_gives_the_end_that_was_chosen() {
        for text in ["51-200", "51 – 200 employees", "51 to 200", "200-51"] {
            let ends = [Pick::Low, Pick::High, Pick::Middle].map(|pick| read(text, pick, false));
            let wanted = ["51", "200", "125"].map(|end| Ok(end.to_owned()));
            assert_eq!(ends, wanted, "{text}");
        }
        assert_eq!(low("$1M–$10M").as_deref(), Ok("1000000"));
    }

    #[test]
    fn an_open_end_needs_a_rule() {
        for text in ["10,001+", "10.001 +", "more than 10,001", "> 10001"] {
            let why = low(text).unwrap_err();
            assert!(why.contains(text) && why.contains("no upper end"), "{why}");
            assert_eq!(read(text, Pick::High, true).as_deref(), Ok("10001"));
        }
    }

    #[test]
    fn what_is_no_number_is_said() {
        for text in [
            "Self-employed",
            "",
            "one",
            "1-2-3",
            "1234567890123456789",
            "٤٢",
        ] {
            let why = low(text).unwrap_err();
            assert!(why.contains("is not a number"), "{text}: {why}");
        }
        let why = low(&"x".repeat(4_000)).unwrap_err();
        assert!(why.chars().count() < 150, "no whole answer in a message");
    }
}
