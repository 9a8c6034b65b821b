//! Where requests wait for their turn: the limiter with a clock and a queue.
//!
//! Requests go in the order in which they came; only the first of the queue looks at the limiter.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::limiter::{Facet, Leave, Limiter, Pace};

/// A request waits so long for a pause to end; whoever would wait longer is told so at once.
const PATIENCE: i64 = 5000;

/// Lets requests out, as many and as often as the service allows.
#[derive(Debug)]
pub(super) struct Gate {
    limiter: Mutex<Limiter>,
    began: Instant,
    queue: tokio::sync::Mutex<()>,
    changed: Notify,
    pauses: watch::Sender<Option<Instant>>,
}

impl Gate {
    pub(super) fn new(pace: Pace) -> Gate {
        Gate {
            limiter: Mutex::new(Limiter::new(pace)),
            began: Instant::now(),
            queue: tokio::sync::Mutex::new(()),
            changed: Notify::new(),
            pauses: watch::Sender::new(None),
        }
    }

    /// Waits for leave to send a request.
    ///
    /// # Errors
    /// How long everybody has to wait, when that is too long to stand in a queue.
    pub(super) async fn enter(&self) -> Result<Pass<'_>, Duration> {
        let _first = self.queue.lock().await;
        loop {
            // Asked for before looking, so that no change is missed.
            let changed = self.changed.notified();
            let now = self.now();
            let leave = self.limiter().enter(now);
            match leave {
                Leave::Go(likely) => {
                    return Ok(Pass {
                        gate: self,
                        since: now,
                        likely,
                    });
                }
                Leave::Paused(until) if until - now > PATIENCE => {
                    return Err(millis(until - now));
                }
                Leave::Paused(until) | Leave::At(until) => {
                    let _ = tokio::time::timeout(millis(until - now), changed).await;
                }
                Leave::AfterAnother => changed.await,
            }
        }
    }

    /// The service refused a request because of a limit.
    pub(super) fn refused(&self, facet: Facet, wait: Option<Duration>) {
        let now = self.now();
        self.limiter().refused(now, facet, wait.map(whole));
        self.tell(wait);
        self.changed.notify_waiters();
    }

    /// The service asked to wait for another reason.
    pub(super) fn pause(&self, wait: Duration) {
        let now = self.now();
        self.limiter().pause(now, whole(wait));
        self.tell(Some(wait));
        self.changed.notify_waiters();
    }

    /// Until when the service asked to wait, each time that it does.
    pub(super) fn pauses(&self) -> watch::Receiver<Option<Instant>> {
        self.pauses.subscribe()
    }

    fn tell(&self, wait: Option<Duration>) {
        if let Some(wait) = wait {
            let until = Instant::now() + wait;
            let later = |told: &mut Option<Instant>| {
                let news = told.is_none_or(|told| told < until);
                if news {
                    *told = Some(until);
                }
                news
            };
            self.pauses.send_if_modified(later);
        }
    }

    /// The service took a request.
    pub(super) fn taken(&self) {
        let now = self.now();
        self.limiter().taken(now);
    }

    /// The service recommends so many requests at once.
    pub(super) fn recommend(&self, hint: u32) {
        self.limiter().recommend(hint);
        self.changed.notify_waiters();
    }

    /// What it recommended last.
    pub(super) fn hint(&self) -> Option<u32> {
        self.limiter().hint()
    }

    fn limiter(&self) -> MutexGuard<'_, Limiter> {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> i64 {
        whole(self.began.elapsed())
    }
}

/// Leave for one request; it is given back when dropped.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    gate: &'a Gate,
    since: i64,
    likely: i64,
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let now = self.gate.now();
        let took = now - self.since;
        self.gate.limiter().leave(now, self.likely, took);
        self.gate.changed.notify_waiters();
    }
}

fn whole(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

fn millis(wait: i64) -> Duration {
    Duration::from_millis(wait.max(0).unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn gate() -> Arc<Gate> {
        Arc::new(Gate::new(Pace::default()))
    }

    #[tokio::test]
    async fn a_long_pause_is_told_at_once_also_to_those_who_wait() {
        let gate = gate();
        let mut passes = Vec::new();
        for _ in 0..4 {
            passes.push(gate.enter().await.unwrap());
        }
        let waiting = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move { gate.enter().await.map(drop) }
        });
        tokio::task::yield_now().await;
        gate.refused(Facet::Window, Some(Duration::from_secs(60)));
        drop(passes);
        let told = waiting.await.unwrap().unwrap_err();
        assert!(told > Duration::from_secs(59));
        assert!(gate.enter().await.is_err());
    }

    #[tokio::test]
    async fn a_short_pause_is_waited_for() {
        let gate = gate();
        gate.pause(Duration::from_millis(60));
        let before = Instant::now();
        let pass = gate.enter().await.unwrap();
        assert!(before.elapsed() >= Duration::from_millis(50));
        drop(pass);
    }

    #[tokio::test]
    async fn no_more_are_under_way_than_recommended() {
        let gate = gate();
        gate.recommend(1);
        let pass = gate.enter().await.unwrap();
        let next = tokio::time::timeout(Duration::from_millis(30), gate.enter()).await;
        assert!(next.is_err());
        drop(pass);
        assert!(gate.enter().await.is_ok());
    }
}
