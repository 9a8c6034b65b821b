//! When a grant is refreshed, and how long a young one is given.

use crate::store::grants::KeptGrant;

/// A token is refreshed this long before its end, or for the second half of a shorter life.
const REFRESH_AHEAD: i64 = 24 * 60 * 60 * 1000;
/// A refresh token that ends this soon after the access token would win nothing.
const WORTH_REFRESHING: i64 = 60 * 60 * 1000;
/// A token younger than this may be refused because not all of LinkedIn knows it yet.
const YOUNG: i64 = 2 * 60 * 1000;

/// Whether a grant's end is so near, or past, that it should be refreshed, if it can be.
pub(super) fn must_refresh(kept: &KeptGrant, now: i64) -> bool {
    let (Some(end), true) = (kept.expires_at, kept.refresh_token.is_some()) else {
        return false;
    };
    let ahead = REFRESH_AHEAD.min((end - kept.granted_at) / 2);
    let useful = match kept.refresh_expires_at {
        Some(refresh_end) => refresh_end > now && refresh_end > end + WORTH_REFRESHING,
        None => true,
    };
    end - now < ahead && (useful || end <= now)
}

/// How long to wait before a refused young token is tried again; `None` when it is not young. The
/// older it is the longer the wait, so that few calls are made.
pub(super) fn patience(granted_at: i64, now: i64) -> Option<u64> {
    let age = u64::try_from(now - granted_at).unwrap_or(0);
    (age < YOUNG.unsigned_abs()).then(|| age.clamp(2_000, 30_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 60 * 60 * 1000;

    fn kept(expires_at: Option<i64>, refresh: Option<Option<i64>>) -> KeptGrant {
        KeptGrant {
            profile_id: 1,
            version: 1,
            access_token: Some(Vec::new()),
            granted_at: 0,
            expires_at,
            refresh_token: refresh.map(|_| Vec::new()),
            refresh_expires_at: refresh.flatten(),
        }
    }

    #[test]
    fn a_token_is_refreshed_when_its_end_is_near_and_it_helps() {
        let (end, year) = (1440 * HOUR, Some(Some(8760 * HOUR)));
        let cases = [
            (kept(Some(end), year), end - 25 * HOUR, false),
            (kept(Some(end), year), end - 23 * HOUR, true),
            (kept(Some(end), year), end + 1, true),
            (kept(Some(end), Some(None)), end - 23 * HOUR, true),
            (kept(Some(end), None), end - 23 * HOUR, false),
            (kept(None, year), end, false),
            // The access token already lives as long as the refresh token does.
            (kept(Some(end), Some(Some(end))), end - HOUR, false),
            // A token of an hour is refreshed in its second half only.
            (kept(Some(HOUR), year), HOUR / 3, false),
            (kept(Some(HOUR), year), HOUR * 2 / 3, true),
        ];
        for (number, (kept, now, wanted)) in cases.into_iter().enumerate() {
            assert_eq!(must_refresh(&kept, now), wanted, "case {number}");
        }
    }

    #[test]
    fn a_young_token_gets_time_to_become_known() {
        let cases = [
            (0, Some(2_000)),
            (8_000, Some(8_000)),
            (100_000, Some(30_000)),
            (YOUNG, None),
        ];
        for (age, wanted) in cases {
            assert_eq!(patience(1_000, 1_000 + age), wanted, "{age}");
        }
    }
}
