//! Days and times as they are stored and compared: always written the same way.

use crate::calendar::{DAY, days_to, timestamp};

fn number(text: &str, digits: usize) -> Option<u32> {
    let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

fn days(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    days_to(
        i64::from(number(year, 4)?),
        number(month, 2)?,
        number(day, 2)?,
    )
}

/// `2026-11-23`.
pub(crate) fn day(text: &str) -> Option<String> {
    days(text).map(|_| text.to_owned())
}

/// A time with its zone, in UTC and whole seconds.
pub(crate) fn time(text: &str) -> Option<String> {
    let (date, rest) = text.split_once('T')?;
    let (clock, offset) = match rest.strip_suffix('Z') {
        Some(clock) => (clock, 0),
        None => {
            let at = rest.rfind(['+', '-'])?;
            let (clock, zone) = rest.split_at(at);
            let (hours, minutes) = zone[1..].split_once(':')?;
            let minutes = i64::from(number(hours, 2)? * 60 + number(minutes, 2)?);
            (
                clock,
                if zone.starts_with('-') {
                    -minutes
                } else {
                    minutes
                },
            )
        }
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    number(fraction, fraction.len())?;
    let mut parts = clock.split(':');
    let hour = number(parts.next()?, 2).filter(|hour| *hour < 24)?;
    let minute = number(parts.next()?, 2).filter(|minute| *minute < 60)?;
    let second = match parts.next() {
        Some(second) => number(second, 2).filter(|second| *second < 60)?,
        None => 0,
    };
    let seconds = i64::from(hour * 3_600 + minute * 60 + second) - offset * 60;
    Some(timestamp(days(date)? * DAY + seconds * 1000))
}

/// The day of a stored time.
pub(crate) fn day_of(time: &str) -> &str {
    time.split('T').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_zone_and_are_kept_in_utc() {
        let kept = Some("2026-11-23T17:29:36Z".to_owned());
        for written in [
            "2026-11-23T17:29:36Z",
            "2026-11-23T17:29:36.123Z",
            "2026-11-23T19:29:36+02:00",
            "2026-11-23T12:29:36-05:00",
        ] {
            assert_eq!(time(written), kept, "{written}");
        }
        for wrong in [
            "2026-11-23T17:29:36",
            "2026-11-23",
            "2026-02-30T00:00:00Z",
            "2026-11-23T24:00:00Z",
        ] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
        assert_eq!(day("2026-02-28").as_deref(), Some("2026-02-28"));
        assert_eq!((day("2026-02-29"), day("26-02-28")), (None, None));
        assert_eq!(day_of("2026-11-23T17:29:36Z"), "2026-11-23");
    }
}
