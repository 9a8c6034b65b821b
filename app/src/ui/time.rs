//! Moments. The server writes UTC, since it cannot know the reader's zone; `page.js` brings the
//! text into that zone, and the exact UTC stays in the title.

use leptos::prelude::*;

const DAY: i64 = 86_400_000;
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A moment: day and time.
#[component]
pub fn Time(
    /// When, in milliseconds since the epoch.
    at: i64,
    /// Whether a recent moment is shown as "5 minutes ago" where the browser can.
    #[prop(optional)]
    relative: bool,
) -> impl IntoView {
    let (day, clock) = (utc_day(at), utc_clock(at));
    let short = format!("{day}, {} UTC", &clock[..5]);
    view! {
        <time datetime=iso(at) title=format!("{day}, {clock} UTC") data-relative=relative.then_some("")>{short}</time>
    }
}

/// A moment of which only the day matters.
#[component]
pub fn Day(
    /// When, in milliseconds since the epoch.
    at: i64,
) -> impl IntoView {
    let (day, clock) = (utc_day(at), utc_clock(at));
    let title = format!("{day}, {clock} UTC");
    view! { <time datetime=iso(at) title=title data-day="">{day}</time> }
}

/// The day in UTC, such as "24 Nov 2026".
#[must_use]
pub fn utc_day(at: i64) -> String {
    let (year, month, day) = date(at.div_euclid(DAY));
    let month = usize::try_from(month - 1).unwrap_or(0);
    format!("{day} {} {year}", MONTHS[month % 12])
}

/// How many days it is until then, begun ones counted; negative when it is past.
#[must_use]
pub fn days_until(then: i64, now: i64) -> i64 {
    let left = then - now;
    left.div_euclid(DAY) + i64::from(left.rem_euclid(DAY) > 0)
}

fn utc_clock(at: i64) -> String {
    let seconds = at.rem_euclid(DAY) / 1000;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}", seconds % 60)
}

/// The moment in UTC as computers write it, such as `2026-11-24T08:34:56Z`.
#[must_use]
pub fn iso(at: i64) -> String {
    let (year, month, day) = date(at.div_euclid(DAY));
    format!("{year:04}-{month:02}-{day:02}T{}Z", utc_clock(at))
}

/// Year, month and day of a day counted from 1970-01-01, by Howard Hinnant's `civil_from_days`.
fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_in_utc() {
        for (at, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1000, "1969-12-31T23:59:59Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_795_509_296_789, "2026-11-24T08:34:56Z"),
            (4_107_542_399_000, "2100-02-28T23:59:59Z"),
        ] {
            assert_eq!(iso(at), text);
        }
        assert_eq!(utc_day(1_795_509_296_789), "24 Nov 2026");
    }

    #[test]
    fn a_begun_day_counts_as_a_day() {
        assert_eq!(days_until(DAY + 1, 0), 2);
        assert_eq!(days_until(DAY, 0), 1);
        assert_eq!(days_until(0, 0), 0);
        assert_eq!(days_until(0, DAY + 1), -1);
    }
}
