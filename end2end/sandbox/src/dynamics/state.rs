//! Everything the stand-in holds, behind one lock that is never held across an await.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use super::faults::{Dice, Faults};
use super::journal::Journal;
use crate::dataverse::limits::Limits;
use crate::dataverse::organization::Organization;
use crate::entra::Directory;

/// The whole state.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) directory: Directory,
    pub(crate) organization: Organization,
    pub(crate) limits: Limits,
    pub(crate) faults: Faults,
    pub(crate) dice: Dice,
    pub(crate) journal: Journal,
    offset: i64,
}

impl State {
    pub(crate) fn new() -> State {
        let faults = Faults::default();
        State {
            directory: Directory::new(real_now()),
            organization: Organization::new(),
            limits: Limits::default(),
            dice: Dice::new(&faults),
            faults,
            journal: Journal::default(),
            offset: 0,
        }
    }

    /// The stand-in's time in milliseconds.
    pub(crate) fn now(&self) -> i64 {
        real_now() + self.offset
    }

    pub(crate) fn advance(&mut self, ms: i64) {
        self.offset = self.offset.saturating_add(ms);
    }

    /// Turns the knobs; injected errors go on counting as long as they and the seed stay.
    pub(crate) fn set_faults(&mut self, faults: Faults) {
        if faults.errors != self.faults.errors || faults.seed != self.faults.seed {
            self.dice = Dice::new(&faults);
        }
        self.faults = faults;
    }
}

fn real_now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// What all handlers share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The URL of Entra ID.
    pub(crate) login: String,
    /// The URL of the organization.
    pub(crate) organization: String,
    state: Mutex<State>,
}

impl Shared {
    pub(crate) fn new(login: String, organization: String) -> Shared {
        Shared {
            login,
            organization,
            state: Mutex::new(State::new()),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a resource is this organization: loopback has more than one name.
    pub(crate) fn is_organization(&self, resource: &str) -> bool {
        resource == self.organization
            || resource == self.organization.replace("127.0.0.1", "localhost")
    }
}
