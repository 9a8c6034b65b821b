//! Service protection: three limits for each application user over a sliding window (specification 3).
//!
//! Whoever goes on calling instead of waiting waits longer: every refused request adds to the time
//! after which the next one is taken.

use std::collections::{HashMap, VecDeque};

use super::errors::Failure;
use crate::dynamics::faults::Faults;

const REQUESTS: &str = "0x80072322";
const EXECUTION: &str = "0x80072321";
const CONCURRENCY: &str = "0x80072326";

/// What one application did lately.
#[derive(Debug, Default)]
struct Usage {
    /// When each request of the window came, and how long it took once it is over.
    done: VecDeque<(i64, i64)>,
    /// The execution time of all of these.
    spent: i64,
    in_flight: usize,
    /// Until when requests are refused, by which facet.
    blocked: Option<(i64, &'static str)>,
}

/// All applications.
#[derive(Debug, Default)]
pub(crate) struct Limits(HashMap<String, Usage>);

impl Usage {
    fn forget(&mut self, now: i64, window: i64) {
        while self.done.front().is_some_and(|(at, _)| at + window <= now) {
            let (_, took) = self.done.pop_front().unwrap_or_default();
            self.spent -= took;
        }
    }

    /// When enough of the window has passed by that `fits` holds for what is left.
    fn free_at(&self, window: i64, fits: impl Fn(usize, i64) -> bool) -> i64 {
        let (mut count, mut spent) = (self.done.len(), self.spent);
        for (at, took) in &self.done {
            count -= 1;
            spent -= took;
            if fits(count, spent) {
                return at + window;
            }
        }
        0
    }

    /// The facet that is used up, and when it is free again.
    fn full(&self, faults: &Faults) -> Option<(i64, &'static str)> {
        let (requests, execution) = (faults.max_requests, faults.max_execution_ms);
        if self.done.len() + self.in_flight >= requests {
            let free = self.free_at(faults.window_ms, |count, _| count < requests);
            return Some((free, REQUESTS));
        }
        (self.spent >= execution).then(|| {
            let free = self.free_at(faults.window_ms, |_, spent| spent < execution);
            (free, EXECUTION)
        })
    }
}

impl Limits {
    /// Lets a request in, or says which limit it hit. What was let in has to `leave`.
    pub(crate) fn enter(&mut self, client: &str, faults: &Faults, now: i64) -> Result<(), Failure> {
        let usage = self.0.entry(client.to_owned()).or_default();
        usage.forget(now, faults.window_ms);
        let penalty = (faults.window_ms / 100).max(1);
        let blocked = match usage.blocked.filter(|(until, _)| now < *until) {
            Some((until, facet)) => Some((until + penalty, facet)),
            None => usage.full(faults),
        };
        usage.blocked = blocked;
        if let Some((until, facet)) = blocked {
            return Err(refused(facet, faults, until - now));
        }
        if usage.in_flight >= faults.max_concurrent {
            return Err(refused(CONCURRENCY, faults, penalty));
        }
        usage.in_flight += 1;
        Ok(())
    }

    /// Books a request that is over.
    pub(crate) fn leave(&mut self, client: &str, arrived: i64, took: i64) {
        if let Some(usage) = self.0.get_mut(client) {
            usage.in_flight = usage.in_flight.saturating_sub(1);
            let place = usage.done.partition_point(|(at, _)| *at <= arrived);
            usage.spent += took;
            usage.done.insert(place, (arrived, took));
        }
    }

    pub(crate) fn in_flight(&self, client: &str) -> usize {
        self.0.get(client).map_or(0, |usage| usage.in_flight)
    }

    /// What is left of requests and of execution time, for the headers that tell it.
    pub(crate) fn remaining(&self, client: &str, faults: &Faults) -> (usize, i64) {
        let usage = self.0.get(client);
        let (count, spent) = usage.map_or((0, 0), |own| (own.done.len(), own.spent));
        (
            faults.max_requests.saturating_sub(count),
            (faults.max_execution_ms - spent).max(0),
        )
    }
}

/// The 429 of a facet, `wait` milliseconds before the next request is taken.
fn refused(facet: &str, faults: &Faults, wait: i64) -> Failure {
    let message = match facet {
        REQUESTS => format!(
            "Number of requests exceeded the limit of {} over time window of {} seconds.",
            faults.max_requests,
            faults.window_ms / 1000
        ),
        EXECUTION => format!(
            "Combined execution time of incoming requests exceeded limit of {} milliseconds over time window of {} seconds. Decrease number of concurrent requests or reduce the duration of requests and try again later.",
            thousands(faults.max_execution_ms),
            faults.window_ms / 1000
        ),
        _ => format!(
            "Number of concurrent requests exceeded the limit of {}.",
            faults.max_concurrent
        ),
    };
    // Whole seconds, never too few.
    let seconds = u64::try_from((wait + 999) / 1000).unwrap_or(1).max(1);
    Failure {
        retry_after: Some(seconds),
        ..Failure::new(429, facet, message)
    }
}

/// A refusal for its own sake.
pub(crate) fn injected(kind: &str, faults: &Faults) -> Failure {
    let facet = match kind {
        "429_execution" => EXECUTION,
        "429_concurrency" => CONCURRENCY,
        _ => REQUESTS,
    };
    let mut failure = refused(facet, faults, 1000).because("injected fault");
    failure.retry_after = match kind {
        "429_without_retry_after" => None,
        _ => faults.retry_after.or(failure.retry_after),
    };
    failure
}

fn thousands(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults() -> Faults {
        Faults {
            window_ms: 10_000,
            max_requests: 3,
            max_execution_ms: 500,
            max_concurrent: 2,
            ..Faults::default()
        }
    }

    fn request(limits: &mut Limits, at: i64, took: i64) -> Option<(String, u64)> {
        match limits.enter("a", &faults(), at) {
            Ok(()) => {
                limits.leave("a", at, took);
                None
            }
            Err(failure) => Some((failure.code, failure.retry_after.unwrap())),
        }
    }

    #[test]
    fn the_window_slides_and_each_application_has_its_own() {
        let mut limits = Limits::default();
        for at in [0, 4_000, 5_000] {
            assert_eq!(request(&mut limits, at, 1), None);
        }
        let refused = limits.enter("a", &faults(), 6_000).unwrap_err();
        assert_eq!((&*refused.code, refused.retry_after), (REQUESTS, Some(4)));
        assert!(limits.enter("b", &faults(), 6_000).is_ok());
        assert_eq!(request(&mut limits, 10_000, 1), None);
    }

    #[test]
    fn hammering_makes_the_wait_longer() {
        let mut limits = Limits::default();
        for at in 0..3 {
            request(&mut limits, at, 1);
        }
        for _ in 0..30 {
            assert!(request(&mut limits, 9_500, 1).is_some());
        }
        let told = request(&mut limits, 10_001, 1);
        assert_eq!(told, Some((REQUESTS.to_owned(), 3)));
        assert_eq!(request(&mut limits, 13_000, 1), None);
    }

    #[test]
    fn time_and_concurrency_are_limits_of_their_own() {
        let mut limits = Limits::default();
        assert_eq!(request(&mut limits, 0, 500), None);
        assert_eq!(request(&mut limits, 1, 1), Some((EXECUTION.to_owned(), 10)));

        let mut limits = Limits::default();
        assert!(limits.enter("a", &faults(), 0).is_ok());
        assert!(limits.enter("a", &faults(), 0).is_ok());
        let refused = limits.enter("a", &faults(), 0).unwrap_err();
        assert_eq!(refused.code, CONCURRENCY);
        limits.leave("a", 0, 1);
        assert!(limits.enter("a", &faults(), 1).is_ok());
    }

    #[test]
    fn numbers_are_written_as_microsoft_writes_them() {
        assert_eq!(thousands(1_200_000), "1,200,000");
        assert_eq!(thousands(500), "500");
    }
}
