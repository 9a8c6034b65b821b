//! How long to wait before trying again. Pure: the clock and the dice are arguments.

const DAY: i64 = 24 * 60 * 60 * 1000;

/// Exponential waiting with full jitter, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The most that the first wait may take.
    pub base: i64,
    /// The most that any wait may take.
    pub cap: i64,
}

impl Backoff {
    /// For calls to LinkedIn: 30 seconds at first, never more than 15 minutes.
    pub const LINKEDIN: Backoff = Backoff {
        base: 30_000,
        cap: 15 * 60_000,
    };
    /// For one lead on its way into a CRM: 2 seconds at first, never more than 5 minutes.
    pub const CRM: Backoff = Backoff {
        base: 2_000,
        cap: 5 * 60_000,
    };

    /// For the work with an organization, when it or the way there is in trouble: half a second at
    /// first, because most trouble is over then, never more than a minute.
    pub const ORGANIZATION: Backoff = Backoff {
        base: 500,
        cap: 60_000,
    };
    /// After the database refused, as two of its transactions in each other's way make it do: it is
    /// ours, so that asking soon costs nobody anything.
    pub const DATABASE: Backoff = Backoff {
        base: 1_000,
        cap: 60_000,
    };

    /// A wait of `0..min(cap, base · 2^failures)`, so that those who failed together do not come
    /// back together. `random` is any evenly spread number.
    #[must_use]
    pub fn delay(self, failures: u32, random: u64) -> i64 {
        let doubled = self.base.saturating_mul(1_i64 << failures.min(40));
        let ceiling = doubled.min(self.cap).max(1);
        i64::try_from(random % ceiling.unsigned_abs()).unwrap_or(0)
    }
}

/// The next midnight in UTC, when LinkedIn's daily quotas begin anew.
#[must_use]
pub fn next_midnight_utc(now: i64) -> i64 {
    now.div_euclid(DAY).saturating_add(1).saturating_mul(DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_cap() {
        let backoff = Backoff {
            base: 1000,
            cap: 10_000,
        };
        let cases = [
            (0, 0, 0),
            (0, 999, 999),
            (0, 1000, 0),
            (1, 1999, 1999),
            (2, 4001, 1),
            (3, 7999, 7999),
            (4, 9999, 9999),
            (4, 10_000, 0),
            (40, 9999, 9999),
            (u32::MAX, 12_345, 2345),
        ];
        for (failures, random, wait) in cases {
            assert_eq!(backoff.delay(failures, random), wait, "{failures} {random}");
        }
    }

    #[test]
    fn a_wait_never_leaves_its_bounds() {
        for failures in [0, 1, 5, 63, 64, u32::MAX] {
            for random in [0, 1, u64::MAX / 3, u64::MAX] {
                let wait = Backoff::LINKEDIN.delay(failures, random);
                assert!((0..Backoff::LINKEDIN.cap).contains(&wait));
            }
        }
        let nothing = Backoff { base: 0, cap: 0 };
        assert_eq!(nothing.delay(3, u64::MAX), 0);
    }

    #[test]
    fn midnight_is_always_ahead() {
        let cases = [
            (0, DAY),
            (1, DAY),
            (DAY - 1, DAY),
            (DAY, 2 * DAY),
            (-1, 0),
            (1_764_000_000_000, 1_764_028_800_000),
        ];
        for (now, midnight) in cases {
            assert_eq!(next_midnight_utc(now), midnight, "{now}");
        }
    }
}
