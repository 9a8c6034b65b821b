//! Which stretches of time are to be read next, and when the reading of one is at its end. Pure.
//!
//! Responses are read in windows whose ends do not move while they are read, because the list is
//! counted by offset and newest first (spec/linkedin.md 5.3). The past is read oldest window first,
//! because LinkedIn forgets the oldest responses first; every finished window moves the mark, so a
//! crash costs one window at most. After that every pass reads from the newest submission seen,
//! less a look-back, because a response can show up late; once a day it reads a whole week again.

use crate::store::runs::Stream;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// The past is read in steps of this length.
const STEP: i64 = 7 * DAY;
/// How far back the daily sweep reads.
const SWEEP: i64 = 7 * DAY;

/// How the windows are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// How far every pass looks back, in hours.
    pub lookback_hours: i64,
    /// How far the first pass looks back, in days.
    pub backfill_days: i64,
}

/// A stretch of time: from (inclusive) until (exclusive), in milliseconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its beginning.
    pub from: i64,
    /// Its end.
    pub to: i64,
}

/// The next window to read, and what is true once it has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What to read.
    pub window: Window,
    /// The marks to set afterwards.
    pub then: Stream,
    /// Whether the pass is at its end with it.
    pub last: bool,
}

/// The next window of a pass that began at `now`.
#[must_use]
pub fn next(stream: &Stream, reach: Reach, now: i64) -> Step {
    if stream.backfill_done_at.is_none() {
        return backfill(stream, reach, now);
    }
    let sweep = stream.swept_at.is_none_or(|at| now - at >= DAY);
    // Where the clock went back the mark lies in the future; the pass then reads from `now` on.
    let read = stream.pulled_until.unwrap_or(now).min(now);
    let seen = stream.highest_submitted_at.map_or(read, |at| at.min(read));
    let mut from = seen - reach.lookback_hours * HOUR;
    if sweep {
        from = from.min(now - SWEEP);
    }
    let from = from.max(now - reach.backfill_days * DAY);
    Step {
        window: Window { from, to: now },
        then: Stream {
            pulled_until: Some(now),
            swept_at: sweep.then_some(now),
            ..Stream::default()
        },
        last: true,
    }
}

fn backfill(stream: &Stream, reach: Reach, now: i64) -> Step {
    let begin = stream
        .backfill_from
        .unwrap_or(now - reach.backfill_days * DAY);
    let from = stream.pulled_until.unwrap_or(begin).min(now);
    let to = (from + STEP).min(now);
    let last = to == now;
    Step {
        window: Window { from, to },
        then: Stream {
            pulled_until: Some(to),
            backfill_from: Some(begin),
            backfill_done_at: last.then_some(now),
            swept_at: last.then_some(now),
            ..Stream::default()
        },
        last,
    }
}

/// How far the offset moves from page to page. Neighbouring pages share a few places, so that a
/// response that vanished in between, and moved all others one place forward, hides none.
#[must_use]
pub fn stride(count: u64) -> u64 {
    count.saturating_sub((count / 20).max(1)).max(1)
}

/// Whether a page was the last of its window. A short page says nothing (spec/linkedin.md 2.6): the
/// end is an empty page, or a short one behind which there is nothing by LinkedIn's own total.
#[must_use]
pub fn is_last_page(start: u64, count: u64, elements: usize, total: Option<u64>) -> bool {
    let short = (elements as u64) < count;
    elements == 0 || (short && total.is_some_and(|total| start + count >= total))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REACH: Reach = Reach {
        lookback_hours: 24,
        backfill_days: 90,
    };
    const NOW: i64 = 1_800_000_000_000;

    /// Applies a step's marks as the database does.
    fn advance(stream: &mut Stream, step: &Step) {
        stream.pulled_until = stream.pulled_until.max(step.then.pulled_until);
        stream.backfill_from = stream.backfill_from.or(step.then.backfill_from);
        stream.backfill_done_at = stream.backfill_done_at.or(step.then.backfill_done_at);
        stream.swept_at = step.then.swept_at.or(stream.swept_at);
    }

    #[test]
    fn the_past_is_read_oldest_first_without_a_gap() {
        let mut stream = Stream::default();
        let mut expected = NOW - 90 * DAY;
        loop {
            let step = next(&stream, REACH, NOW);
            assert_eq!(step.window.from, expected);
            assert!(step.window.to - step.window.from <= STEP);
            expected = step.window.to;
            advance(&mut stream, &step);
            if step.last {
                break;
            }
        }
        assert_eq!(expected, NOW);
        assert_eq!(stream.backfill_done_at, Some(NOW));
    }

    #[test]
    fn a_crash_in_the_past_goes_on_where_it_was_even_days_later() {
        let mut stream = Stream::default();
        for _ in 0..3 {
            let step = next(&stream, REACH, NOW);
            advance(&mut stream, &step);
        }
        let later = NOW + 2 * DAY;
        let step = next(&stream, REACH, later);
        assert_eq!(step.window.from, NOW - 90 * DAY + 3 * STEP);
    }

    #[test]
    fn a_pass_looks_back_from_the_newest_submission_seen() {
        let stream = Stream {
            pulled_until: Some(NOW - HOUR),
            highest_submitted_at: Some(NOW - 30 * HOUR),
            backfill_done_at: Some(NOW - DAY),
            swept_at: Some(NOW - HOUR),
            ..Stream::default()
        };
        let step = next(&stream, REACH, NOW);
        assert_eq!(
            step.window,
            Window {
                from: NOW - 54 * HOUR,
                to: NOW
            }
        );
        assert!(step.last && step.then.swept_at.is_none());
    }

    #[test]
    fn after_a_fortnight_of_downtime_the_gap_is_read() {
        let stream = Stream {
            pulled_until: Some(NOW - 14 * DAY),
            highest_submitted_at: Some(NOW - 14 * DAY),
            backfill_done_at: Some(NOW - 60 * DAY),
            swept_at: Some(NOW - 14 * DAY),
            ..Stream::default()
        };
        let step = next(&stream, REACH, NOW);
        assert_eq!(step.window.from, NOW - 15 * DAY);
        assert_eq!(step.then.swept_at, Some(NOW));
    }

    #[test]
    fn once_a_day_a_week_is_read_again() {
        let stream = Stream {
            pulled_until: Some(NOW - HOUR),
            highest_submitted_at: Some(NOW - HOUR),
            backfill_done_at: Some(NOW - 60 * DAY),
            swept_at: Some(NOW - DAY),
            ..Stream::default()
        };
        assert_eq!(next(&stream, REACH, NOW).window.from, NOW - 7 * DAY);
    }

    #[test]
    fn a_clock_that_went_back_loses_nothing() {
        let stream = Stream {
            pulled_until: Some(NOW + 25 * HOUR),
            highest_submitted_at: Some(NOW + 24 * HOUR),
            backfill_done_at: Some(NOW - 60 * DAY),
            swept_at: Some(NOW),
            ..Stream::default()
        };
        let window = next(&stream, REACH, NOW).window;
        assert_eq!(
            window,
            Window {
                from: NOW - 24 * HOUR,
                to: NOW
            }
        );
    }

    #[test]
    fn only_an_empty_page_or_the_total_ends_a_window() {
        for (start, count, elements, total, last) in [
            (0, 100, 0, None, true),
            (0, 100, 96, None, false),
            (0, 100, 96, Some(180), false),
            (100, 100, 80, Some(180), true),
            (0, 100, 100, Some(100), false),
            (95, 100, 5, Some(100), true),
            (0, 10, 3, None, false),
        ] {
            assert_eq!(
                is_last_page(start, count, elements, total),
                last,
                "{start} {count} {elements} {total:?}"
            );
        }
    }

    #[test]
    fn neighbouring_pages_share_places() {
        assert_eq!(
            (stride(100), stride(10), stride(1), stride(1000)),
            (95, 9, 1, 950)
        );
    }
}
