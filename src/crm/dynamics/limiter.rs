//! Staying below Dataverse's service protection (specification 3). Pure: the clock is an argument,
//! in milliseconds of any clock that only goes forward.
//!
//! Requests and execution time are two buckets that leak as fast as the service's windows allow and
//! hold a little more, so that a burst goes through at once and no window ever sees more than its
//! limit. How many requests may be under way is what the service recommends, halved when it says
//! that it was too much.

use std::time::Duration;

/// What the service allows an application user, by default as documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The sliding window over which requests and execution time are counted.
    pub window: Duration,
    /// Requests in it.
    pub requests: u32,
    /// Execution time of all of them.
    pub execution: Duration,
    /// Requests under way at once.
    pub at_once: u32,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace {
            window: Duration::from_secs(300),
            requests: 6000,
            execution: Duration::from_secs(1200),
            at_once: 52,
        }
    }
}

/// How much of a window's requests and of its execution time is used in the long run.
const USED: f64 = 0.95;
/// How much of them may go through at once on top. Together they stay below one.
const BURST: f64 = 0.015;
/// Requests under way before the service has said what it recommends.
const FIRST_AT_ONCE: u32 = 4;
/// What is left of the rate after a refusal for going too fast.
const AFTER_REFUSAL: f64 = 0.75;
/// The least that refusals leave of the rate.
const LEAST_SHARE: f64 = 0.1;
/// How many times in a window one more request may be under way, up to where it was too many.
const GROWTH: f64 = 20.0;
/// The longest that the service is obeyed when it asks to wait.
const LONGEST_PAUSE: i64 = 60 * 60 * 1000;

/// The limit that a request ran into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Facet {
    /// Too many, or for too long, in the window.
    Window,
    /// Too many at once.
    Concurrency,
}

/// Whether a request may go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    /// Yes, and it is counted, with so many milliseconds that it is likely to take.
    Go(i64),
    /// At this time at the earliest.
    At(i64),
    /// The service asked everybody to wait until this time.
    Paused(i64),
    /// When one of those under way is over.
    AfterAnother,
}

/// What drains evenly.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    level: f64,
    holds: f64,
    /// How much drains in a millisecond.
    drains: f64,
}

impl Bucket {
    fn new(limit: f64, window: f64, least: f64) -> Bucket {
        Bucket {
            level: 0.0,
            holds: (limit * BURST).max(least),
            drains: limit * USED / window,
        }
    }

    fn drain(&mut self, passed: f64, share: f64) {
        self.level = (self.level - passed * self.drains * share).max(0.0);
    }

    /// How long until so much more has room, in milliseconds.
    fn wait(&self, more: f64, share: f64) -> f64 {
        // What is larger than the bucket has room in an empty one.
        let over = self.level + more.min(self.holds) - self.holds;
        (over / (self.drains * share)).max(0.0)
    }
}

/// Keeps one connection below the limits.
#[derive(Debug)]
pub(super) struct Limiter {
    requests: Bucket,
    execution: Bucket,
    window: f64,
    most_at_once: u32,
    /// What the service recommends.
    hint: Option<u32>,
    at_once: u32,
    /// The most that did not turn out to be too many; beyond it one more is tried once in a window.
    safe: u32,
    grown_at: i64,
    under_way: u32,
    /// The mean time that a request takes.
    mean: f64,
    /// How much of the rate is used: less after refusals, because somebody else uses the rest.
    share: f64,
    refusals: u32,
    paused_until: i64,
    at: i64,
}

impl Limiter {
    pub(super) fn new(pace: Pace) -> Limiter {
        let window = (pace.window.as_secs_f64() * 1000.0).max(1.0);
        let requests = f64::from(pace.requests.max(1));
        let execution = (pace.execution.as_secs_f64() * 1000.0).max(1.0);
        let most_at_once = pace.at_once.max(1);
        Limiter {
            requests: Bucket::new(requests, window, 1.0),
            execution: Bucket::new(execution, window, 0.0),
            window,
            most_at_once,
            hint: None,
            at_once: FIRST_AT_ONCE.min(most_at_once),
            safe: most_at_once,
            grown_at: 0,
            under_way: 0,
            mean: 0.0,
            share: 1.0,
            refusals: 0,
            paused_until: i64::MIN,
            at: i64::MIN,
        }
    }

    /// Whether one more request may go out now.
    pub(super) fn enter(&mut self, now: i64) -> Leave {
        self.pass(now);
        if now < self.paused_until {
            return Leave::Paused(self.paused_until);
        }
        if self.under_way >= self.at_once {
            return Leave::AfterAnother;
        }
        let likely = whole(self.mean);
        // Times below 2^53 are exact in a double.
        let wait = self.requests.wait(1.0, self.share);
        let wait = wait.max(self.execution.wait(likely as f64, self.share));
        // What is less than a millisecond off is there.
        if wait >= 0.01 {
            return Leave::At(now.saturating_add(whole(wait).max(1)));
        }
        self.requests.level += 1.0;
        self.execution.level += likely as f64;
        self.under_way += 1;
        Leave::Go(likely)
    }

    /// A request is over that was likely to take so many milliseconds, and took so many.
    pub(super) fn leave(&mut self, now: i64, likely: i64, took: i64) {
        self.pass(now);
        self.under_way = self.under_way.saturating_sub(1);
        // Times below 2^53 are exact in a double.
        let (likely, took) = (likely as f64, took.max(0) as f64);
        self.execution.level = (self.execution.level + took - likely).max(0.0);
        self.mean = if self.mean == 0.0 {
            took
        } else {
            self.mean * 0.9 + took * 0.1
        };
    }

    /// The service took a request.
    pub(super) fn taken(&mut self, now: i64) {
        self.refusals = 0;
        let step = match self.at_once < self.safe {
            true => self.window / GROWTH,
            false => self.window,
        };
        if self.at_once < self.ceiling() && now.saturating_sub(self.grown_at) >= whole(step) {
            self.at_once += 1;
            self.grown_at = now;
        }
    }

    /// The service recommends so many requests at once.
    pub(super) fn recommend(&mut self, hint: u32) {
        let hint = hint.max(1);
        if self.hint.replace(hint) != Some(hint) {
            self.at_once = self.ceiling();
            self.safe = self.most_at_once;
        }
    }

    /// What it recommended last.
    pub(super) fn hint(&self) -> Option<u32> {
        self.hint
    }

    /// The service refused a request because of a limit. Nothing goes out until the wait is over
    /// that it asked for, in milliseconds; it doubles from a second on when it asked for none.
    pub(super) fn refused(&mut self, now: i64, facet: Facet, wait: Option<i64>) {
        self.pass(now);
        // Those that were under way when the first was refused tell nothing new.
        let news = now >= self.paused_until;
        let doubled = 1000_i64 << self.refusals.min(8);
        self.pause(now, wait.unwrap_or(doubled));
        if !news {
            return;
        }
        self.refusals = self.refusals.saturating_add(1);
        match facet {
            Facet::Concurrency => {
                self.safe = (self.at_once - 1).max(1);
                self.at_once = (self.at_once / 2).max(1);
                self.grown_at = now;
            }
            Facet::Window => self.share = (self.share * AFTER_REFUSAL).max(LEAST_SHARE),
        }
    }

    /// Nothing goes out for so many milliseconds.
    pub(super) fn pause(&mut self, now: i64, wait: i64) {
        let until = now.saturating_add(wait.clamp(0, LONGEST_PAUSE));
        self.paused_until = self.paused_until.max(until);
    }

    fn ceiling(&self) -> u32 {
        self.hint.unwrap_or(FIRST_AT_ONCE).min(self.most_at_once)
    }

    fn pass(&mut self, now: i64) {
        let passed = match self.at {
            i64::MIN => 0.0,
            // Times below 2^53 are exact in a double.
            at => now.saturating_sub(at).max(0) as f64,
        };
        self.at = self.at.max(now);
        self.requests.drain(passed, self.share);
        self.execution.drain(passed, self.share);
        // What refusals took comes back within a window.
        self.share = (self.share + passed / self.window).min(1.0);
    }
}

/// Milliseconds, never too few.
fn whole(wait: f64) -> i64 {
    // At most an hour or so: a window over the least share of its rate.
    wait.ceil().min(1e12) as i64
}

#[cfg(test)]
mod tests;
