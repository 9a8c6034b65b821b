//! Times for programs: RFC 3339, in UTC.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A time in milliseconds since the epoch, such as `2026-11-24T08:34:56.789Z`. What lies outside of
/// the years that the format knows becomes its first or last moment.
#[must_use]
pub fn utc(at: i64) -> String {
    const YEARS: (i64, i64) = (-62_167_219_200_000, 253_402_300_799_999);
    let nanos = i128::from(at.clamp(YEARS.0, YEARS.1)) * 1_000_000;
    let moment = OffsetDateTime::from_unix_timestamp_nanos(nanos);
    let moment = moment.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    moment.format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::utc;

    #[test]
    fn times_are_written_in_utc_to_the_millisecond() {
        assert_eq!(utc(0), "1970-01-01T00:00:00Z");
        assert_eq!(utc(1_795_509_296_789), "2026-11-24T08:34:56.789Z");
        assert_eq!(utc(i64::MAX), "9999-12-31T23:59:59.999Z");
        assert_eq!(utc(i64::MIN), "0000-01-01T00:00:00Z");
    }
}
