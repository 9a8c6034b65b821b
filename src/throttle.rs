//! Slows down whoever guesses passwords, codes and links, without ever locking anybody out.
//!
//! Every try counts as a failure until it turns out to be a success, so that many tries at once
//! gain nothing. After a few failures the next try has to wait: one second, two, four … a quarter
//! of an hour at most. After a success, or after an hour of quiet, all is forgotten. What counts:
//!
//! | who tries | counted by |
//! |---|---|
//! | somebody in a browser in which this person has signed in before | this browser and person alone: five failures are free |
//! | anybody else, for a password, a code, or a mail with a link | the account: five are free; and the network address: twenty are free |
//! | whoever follows a link | the network address |
//!
//! So whoever hammers an account makes strangers wait, but not its owner in their own browser
//! (see `device`), whatever address they share. The owner in a new browser waits with the
//! strangers, or gets a link from an administrator or from the command line, which the failures of
//! the account do not hold back. There is no lock that the last administrator could find closed.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub use guess::Guess;
use guess::Key;

mod guess;

const SECOND: i64 = 1_000;
const WAIT_AT_MOST: i64 = 15 * 60 * SECOND;
/// After so much quiet the failures are forgotten. It is longer than the longest wait.
const FORGOTTEN_AFTER: i64 = 60 * 60 * SECOND;
/// How many accounts and addresses are remembered; what a flood brings beyond it pushes out
/// whatever has the fewest failures.
const REMEMBERED: usize = 10_000;

/// How long to wait after so many failures, in milliseconds.
#[must_use]
pub fn wait(failures: u32, free: u32) -> i64 {
    match failures.checked_sub(free) {
        None => 0,
        Some(more) => SECOND
            .saturating_mul(1_i64 << more.min(20))
            .min(WAIT_AT_MOST),
    }
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    free: u32,
    last: i64,
}

impl Failures {
    /// When the next try may be made.
    fn until(self) -> i64 {
        self.last + wait(self.count, self.free)
    }

    fn forgotten(self, now: i64) -> bool {
        self.last + FORGOTTEN_AFTER <= now
    }
}

/// The failures of late, in the memory of one server.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<Key, Failures>>);

impl Throttle {
    /// Counts a try, before the secret is looked at.
    ///
    /// # Errors
    /// How many milliseconds to wait when it is too early; such a try does not count.
    pub fn admit(&self, guess: &Guess, now: i64) -> Result<(), i64> {
        let counts = guess.counts();
        let mut table = self.table();
        let until = counts.iter().filter_map(|(key, _)| table.get(key));
        let until = until.filter(|f| !f.forgotten(now)).map(|f| f.until()).max();
        if let Some(until) = until.filter(|until| *until > now) {
            return Err(until - now);
        }
        for (key, free) in counts {
            count(&mut table, key, free, now);
        }
        Ok(())
    }

    /// Forgets the failures and takes back the address's try: it was a success. The address's other
    /// failures stay, else whoever has an account could guess on and on.
    pub fn succeeded(&self, guess: &Guess) {
        let mut table = self.table();
        for (key, _) in guess.counts() {
            if key != guess.address {
                table.remove(&key);
            } else if let Some(failures) = table.get_mut(&key) {
                failures.count = failures.count.saturating_sub(1);
            }
        }
    }

    /// Nothing here panics half-way, so a poisoned table is as good as any.
    fn table(&self) -> MutexGuard<'_, HashMap<Key, Failures>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count(table: &mut HashMap<Key, Failures>, key: Key, free: u32, now: i64) {
    if table.len() >= REMEMBERED && !table.contains_key(&key) {
        make_room(table, now);
    }
    let before = table.get(&key).filter(|f| !f.forgotten(now));
    let count = before.map_or(0, |f| f.count).saturating_add(1);
    let last = now;
    table.insert(key, Failures { count, free, last });
}

fn make_room(table: &mut HashMap<Key, Failures>, now: i64) {
    table.retain(|_, failures| !failures.forgotten(now));
    if table.len() < REMEMBERED {
        return;
    }
    let least = table.iter().min_by_key(|(_, f)| (f.count, f.last));
    if let Some(key) = least.map(|(key, _)| *key) {
        table.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    const HERE: &str = "192.0.2.1";

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn password(email: &str, address: IpAddr) -> Guess {
        Guess::password(email, address)
    }

    /// Another address for every try, so that only the account counts.
    fn somewhere(n: u32) -> IpAddr {
        IpAddr::V4((0x0a00_0000 + n).into())
    }

    #[test]
    fn the_wait_doubles_up_to_a_quarter_of_an_hour() {
        let waits = [0, 4, 5, 6, 7, 8, 14, 15, 16, 1_000, u32::MAX].map(|n| wait(n, 5) / SECOND);
        assert_eq!(waits, [0, 0, 1, 2, 4, 8, 512, 900, 900, 900, 900]);
    }

    #[test]
    fn five_mistakes_are_free_and_the_sixth_try_waits() {
        let throttle = Throttle::default();
        for n in 0..5 {
            assert_eq!(
                throttle.admit(&password("ada@example.com", somewhere(n)), 0),
                Ok(())
            );
        }
        let other_spelling = " Ada@Example.COM";
        assert_eq!(
            throttle.admit(&password(other_spelling, somewhere(9)), 0),
            Err(1_000)
        );
        assert_eq!(
            throttle.admit(&password(other_spelling, somewhere(9)), 999),
            Err(1)
        );
        assert_eq!(
            throttle.admit(&password(other_spelling, somewhere(9)), 1_000),
            Ok(())
        );
        let next = throttle.admit(&password(other_spelling, somewhere(9)), 1_000);
        assert_eq!(next, Err(2_000), "the wait grows");
        let else_who = throttle.admit(&password("bob@example.com", somewhere(9)), 1_000);
        assert_eq!(else_who, Ok(()), "others do not wait");
    }

    #[test]
    fn a_success_clears_the_account() {
        let throttle = Throttle::default();
        for n in 0..5 {
            throttle
                .admit(&password("ada@example.com", somewhere(n)), 0)
                .ok();
        }
        throttle.succeeded(&password("ADA@example.com", somewhere(4)));
        assert_eq!(
            throttle.admit(&password("ada@example.com", somewhere(5)), 0),
            Ok(())
        );
    }

    #[test]
    fn one_address_waits_whichever_accounts_it_tries_and_own_successes_do_not_help_it() {
        let throttle = Throttle::default();
        for n in 0..19 {
            let email = format!("person{n}@example.com");
            assert_eq!(throttle.admit(&password(&email, ip(HERE)), 0), Ok(()));
            assert_eq!(
                throttle.admit(&password("own@example.com", ip(HERE)), 0),
                Ok(())
            );
            throttle.succeeded(&password("own@example.com", ip(HERE)));
        }
        assert_eq!(
            throttle.admit(&password("a@example.com", ip(HERE)), 0),
            Ok(())
        );
        assert_eq!(
            throttle.admit(&password("b@example.com", ip(HERE)), 0),
            Err(1_000)
        );
        assert_eq!(
            throttle.admit(&password("b@example.com", somewhere(1)), 0),
            Ok(())
        );
    }

    #[test]
    fn a_flood_from_elsewhere_keeps_nobody_out_of_their_own_browser() {
        let throttle = Throttle::default();
        let here = password("ada@example.com", ip(HERE));
        for _ in 0..1_000 {
            throttle.admit(&here, 0).ok();
            throttle
                .admit(&password("ada@example.com", somewhere(1)), 0)
                .ok();
        }
        assert!(throttle.admit(&here, 0).is_err(), "a new browser waits");
        let in_own = here.in_known_browser("her token");
        for _ in 0..5 {
            assert_eq!(
                throttle.admit(&in_own, 0),
                Ok(()),
                "mistyped, from the same address"
            );
        }
        assert_eq!(
            throttle.admit(&in_own, 0),
            Err(1_000),
            "a stolen one waits too"
        );
        assert_eq!(throttle.admit(&in_own, 1_000), Ok(()));
        throttle.succeeded(&in_own);
        assert_eq!(throttle.admit(&in_own, 1_000), Ok(()));
        let stranger = throttle.admit(&password("ada@example.com", somewhere(2)), 0);
        assert!(stranger.is_err(), "her success helps no stranger");
    }

    #[test]
    fn codes_and_links_are_counted_on_their_own() {
        let throttle = Throttle::default();
        let tries = |guess: Guess| {
            (0..100)
                .take_while(|_| throttle.admit(&guess, 0).is_ok())
                .count()
        };
        assert_eq!(tries(password("ada@example.com", somewhere(1))), 5);
        assert_eq!(tries(Guess::code(1, somewhere(2))), 5);
        assert_eq!(tries(Guess::code(2, somewhere(3))), 5, "another person's");
        assert_eq!(tries(Guess::mail("ada@example.com", somewhere(5))), 5);
        assert_eq!(tries(Guess::link(somewhere(4))), 20);
        assert_eq!(tries(Guess::link(somewhere(1))), 15, "one address is one");
    }

    #[test]
    fn nobody_is_locked_out_for_ever() {
        let throttle = Throttle::default();
        let mut now = 0;
        for n in 0..40 {
            if let Err(wait) = throttle.admit(&password("ada@example.com", somewhere(n)), now) {
                assert!(wait <= WAIT_AT_MOST);
                now += wait;
                assert_eq!(
                    throttle.admit(&password("ada@example.com", somewhere(n)), now),
                    Ok(())
                );
            }
        }
        now += FORGOTTEN_AFTER;
        for n in 0..5 {
            let again = throttle.admit(&password("ada@example.com", somewhere(n)), now);
            assert_eq!(again, Ok(()), "after an hour of quiet all begins anew");
        }
    }

    #[test]
    fn a_flood_fills_no_memory_and_does_not_wash_away_who_is_being_guessed() {
        let throttle = Throttle::default();
        for n in 0..6 {
            throttle
                .admit(
                    &password("ada@example.com", somewhere(n)),
                    i64::from(n) * 1_000,
                )
                .ok();
        }
        for n in 0..5_200 {
            let email = format!("flood{n}@example.com");
            throttle
                .admit(&password(&email, somewhere(100 + n)), 6_000)
                .ok();
        }
        assert_eq!(throttle.table().len(), REMEMBERED);
        let ada = throttle.admit(&password("ada@example.com", somewhere(99)), 6_000);
        assert!(ada.is_err(), "still remembered");
    }
}
