//! A date out of what people type, as `YYYY-MM-DD`.

use time::{Date, Month};

use super::number::shown;
use super::step::DateOrder;

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// The date that a text says. A year of four digits in front, or a month by its English name, is
/// understood in any order.
///
/// # Errors
/// When it says none, or leaves out the day or the century.
pub(super) fn read(text: &str, order: DateOrder) -> Result<String, String> {
    let date = parts(text).and_then(|parts| date(parts, order));
    let date = date.ok_or_else(|| {
        format!(
            "“{}” is no date with day, month and a year of four digits. Change the mapping, or \
             write the answer as text.",
            shown(text)
        )
    })?;
    Ok(format!(
        "{:04}-{:02}-{:02}",
        date.year(),
        u8::from(date.month()),
        date.day()
    ))
}

/// The date that a text says whatever the order in which dates are written.
///
/// # Errors
/// When it says none, or one in each order.
pub(super) fn only(text: &str) -> Result<String, String> {
    let orders = [
        DateOrder::DayMonthYear,
        DateOrder::MonthDayYear,
        DateOrder::YearMonthDay,
    ];
    let mut dates: Vec<String> = orders.iter().filter_map(|o| read(text, *o).ok()).collect();
    dates.dedup();
    match dates.as_slice() {
        [one, other, ..] => Err(format!(
            "“{}” can be read as {one} and as {other}. Add the step “Date” to say in which order \
             dates are written.",
            shown(text)
        )),
        _ => read(text, DateOrder::DayMonthYear).or_else(|why| dates.pop().ok_or(why)),
    }
}

/// One of the three parts of a date.
#[derive(Clone, Copy)]
enum Piece {
    Number { value: u16, digits: usize },
    Month(u8),
}

fn parts(text: &str) -> Option<[Piece; 3]> {
    // A time behind the date does not matter.
    let text = text.trim();
    let text = match text.split_once('T') {
        Some((date, _)) if date.ends_with(|c: char| c.is_ascii_digit()) => date,
        _ => text,
    };
    let apart = |c: char| c.is_whitespace() || matches!(c, '.' | '/' | '-' | ',');
    let mut pieces = text
        .split(apart)
        .filter(|piece| !piece.is_empty())
        .map(piece);
    let three = [pieces.next()??, pieces.next()??, pieces.next()??];
    pieces.next().is_none().then_some(three)
}

fn piece(text: &str) -> Option<Piece> {
    if text.chars().all(|c| c.is_ascii_digit()) && text.len() <= 4 {
        let digits = text.len();
        return text
            .parse()
            .ok()
            .map(|value| Piece::Number { value, digits });
    }
    let lower = text.to_lowercase();
    if let Some(day) = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|ending| lower.strip_suffix(ending))
        && day.len() <= 2
        && let Ok(value) = day.parse()
    {
        return Some(Piece::Number { value, digits: 2 });
    }
    let month = MONTHS.iter().position(|month| lower.starts_with(month))?;
    u8::try_from(month + 1).ok().map(Piece::Month)
}

fn date(pieces: [Piece; 3], order: DateOrder) -> Option<Date> {
    use Piece::{Month as Named, Number};
    let (year, month, day) = match (pieces, order) {
        ([Named(month), day, year], _) | ([day, Named(month), year], _)
            if matches!(year, Number { digits: 4, .. }) =>
        {
            (
                year,
                Number {
                    value: u16::from(month),
                    digits: 2,
                },
                day,
            )
        }
        ([year @ Number { digits: 4, .. }, Named(month), day], _) => (
            year,
            Number {
                value: u16::from(month),
                digits: 2,
            },
            day,
        ),
        ([year @ Number { digits: 4, .. }, month, day], _)
        | ([year, month, day], DateOrder::YearMonthDay) => (year, month, day),
        ([day, month, year], DateOrder::DayMonthYear)
        | ([month, day, year], DateOrder::MonthDayYear) => (year, month, day),
    };
    let (
        Number {
            value: year,
            digits: 4,
        },
        Number {
            value: month,
            digits: ..=2,
        },
        Number {
            value: day,
            digits: ..=2,
        },
    ) = (year, month, day)
    else {
        return None;
    };
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_the_order_that_was_chosen() {
        let table = [
            ("31.12.2026", DateOrder::DayMonthYear, "2026-12-31"),
            ("1/2/2026", DateOrder::DayMonthYear, "2026-02-01"),
            ("1/2/2026", DateOrder::MonthDayYear, "2026-01-02"),
            ("12-31-2026", DateOrder::MonthDayYear, "2026-12-31"),
            ("2026/02/01", DateOrder::YearMonthDay, "2026-02-01"),
        ];
        for (text, order, date) in table {
            assert_eq!(read(text, order).as_deref(), Ok(date), "{text} {order:?}");
        }
    }

    #[test]
    fn what_says_its_order_itself_is_understood_in_any() {
        let orders = [
            DateOrder::DayMonthYear,
            DateOrder::MonthDayYear,
            DateOrder::YearMonthDay,
        ];
        let texts = [
            "2024-02-29",
            "2024-02-29T23:59:00Z",
            "29 Feb 2024",
            "February 29, 2024",
            "Feb. 29th 2024",
            "2024 Feb 29",
        ];
        for (text, order) in texts
            .iter()
            .flat_map(|text| orders.map(|order| (text, order)))
        {
            assert_eq!(
                read(text, order).as_deref(),
                Ok("2024-02-29"),
                "{text} {order:?}"
            );
        }
    }

    #[test]
    fn what_is_no_whole_date_is_said() {
        for text in [
            "",
            "soon",
            "2026",
            "12/2026",
            "31.12.26",
            "30.02.2026",
            "32.1.2026",
            "1.13.2026",
            "1.1.1.2026",
            "0000000",
            "2023-02-29",
            "-1-1-2026x",
        ] {
            let why = read(text, DateOrder::DayMonthYear).unwrap_err();
            assert!(why.contains("is no date"), "{text}: {why}");
        }
    }
}
