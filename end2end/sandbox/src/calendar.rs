//! Days, and which monthly API versions live on them.
//!
//! The table is that of the specification (2.2); months it says nothing about are assumed to come
//! out on their first day and to be supported until the fifteenth of the same month a year later.

/// Milliseconds of a day.
pub(crate) const DAY: i64 = 86_400_000;

/// Known versions with the day they stop working.
const SUNSETS: &[(u32, (i64, u32, u32))] = &[
    (202508, (2026, 8, 17)),
    (202509, (2026, 9, 15)),
    (202510, (2026, 10, 15)),
    (202511, (2026, 11, 16)),
    (202601, (2027, 1, 15)),
    (202602, (2027, 2, 15)),
    (202603, (2027, 3, 16)),
    (202604, (2027, 4, 15)),
    (202605, (2027, 5, 15)),
    (202606, (2027, 6, 15)),
    (202607, (2027, 7, 15)),
];

/// Year, month and day of a time in milliseconds since 1970 (UTC).
pub(crate) fn civil(ms: i64) -> (i64, u32, u32) {
    // Days from civil, the other way round: eras of 400 years that begin in March.
    let days = ms.div_euclid(DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = u32::try_from(day_of_year - (153 * shifted + 2) / 5 + 1).unwrap_or(1);
    let month = u32::try_from(if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    })
    .unwrap_or(1);
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// A time in milliseconds since 1970 as `2026-11-23T17:29:36Z`.
pub(crate) fn timestamp(ms: i64) -> String {
    let (year, month, day) = civil(ms);
    let seconds = ms.rem_euclid(DAY) / 1000;
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Days from 1970 to a date; `None` when there is no such date.
pub(crate) fn days_to(year: i64, month: u32, day: u32) -> Option<i64> {
    // Guess from the mean length of years and months, then look around.
    let near = (year - 1970) * 3_652_425 / 10_000 + i64::from(month.checked_sub(1)?) * 30;
    let near = near + i64::from(day);
    (near - 6..near + 10).find(|days| civil(days * DAY) == (year, month, day))
}

/// Milliseconds from `ms` to the next 00:00 UTC.
#[cfg(test)]
pub(crate) fn until_midnight(ms: i64) -> i64 {
    DAY - ms.rem_euclid(DAY)
}

/// Whether a version (`YYYYMM`, `YYYYMM.RR` allowed) works at the given time.
pub(crate) fn version_is_active(version: &str, now: i64) -> bool {
    let (month, revision) = version
        .split_once('.')
        .map_or((version, None), |(month, rr)| (month, Some(rr)));
    if revision.is_some_and(|rr| rr.len() != 2 || !rr.bytes().all(|byte| byte.is_ascii_digit())) {
        return false;
    }
    if month.len() != 6 || !month.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let Ok(number) = month.parse::<u32>() else {
        return false;
    };
    let (year, of_year) = (i64::from(number / 100), number % 100);
    let today = civil(now);
    if !(1..=12).contains(&of_year) || (year, of_year) > (today.0, today.1) {
        return false;
    }
    if let Some((_, sunset)) = SUNSETS.iter().find(|(known, _)| *known == number) {
        return today < *sunset;
    }
    number > 202_607 && today < (year + 1, of_year, 15)
}

/// All versions that work at the given time, oldest first.
pub(crate) fn active_versions(now: i64) -> Vec<String> {
    let (year, _, _) = civil(now);
    (year - 2..=year)
        .flat_map(|year| (1..=12).map(move |month| format!("{year:04}{month:02}")))
        .filter(|version| version_is_active(version, now))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-23T12:00:00Z.
    const THEN: i64 = 1_795_435_200_000;

    #[test]
    fn days_are_days() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(-1), (1969, 12, 31));
        assert_eq!(civil(951_782_400_000), (2000, 2, 29));
        assert_eq!(civil(THEN), (2026, 11, 23));
        assert_eq!(until_midnight(THEN), DAY / 2);
        assert_eq!(timestamp(THEN + 1_000), "2026-11-23T12:00:01Z");
        for days in (-140_000..140_000).step_by(13) {
            let (year, month, day) = civil(days * DAY);
            assert_eq!(
                days_to(year, month, day),
                Some(days),
                "{year}-{month}-{day}"
            );
        }
        assert_eq!(days_to(2026, 2, 29), None);
        assert_eq!(days_to(2026, 13, 1), None);
    }

    #[test]
    fn the_table_of_the_specification() {
        let active = active_versions(THEN);
        assert_eq!(
            active,
            [
                "202601", "202602", "202603", "202604", "202605", "202606", "202607", "202608",
                "202609", "202610", "202611"
            ]
        );
        for gone in [
            "202507", "202511", "202512", "202612", "202613", "2026-07", "20260701", "", "202607.1",
        ] {
            assert!(!version_is_active(gone, THEN), "{gone}");
        }
        assert!(version_is_active("202607.01", THEN));
        assert!(version_is_active("202511", THEN - 8 * DAY));
        assert!(!version_is_active("202511", THEN - 7 * DAY));
    }
}
