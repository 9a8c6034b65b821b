//! Everything the sandbox holds, behind one lock that is never held across an await.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::Config;
use crate::faults::{Dice, Faults};
use crate::memory::Memory;
use crate::model::World;
use crate::oauth::Grants;
use crate::oidc::Provider;
use crate::seed::{self, Seed};
use crate::webhooks::Hooks;

/// How many requests the log remembers.
const LOG: usize = 50_000;

/// The last moment the clock can be set to: the end of the year 9999.
const LAST: i64 = 253_402_300_799_000;

/// One request, without anything secret.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    pub(crate) n: u64,
    /// Sandbox time in milliseconds.
    pub(crate) at: i64,
    /// Real time since the sandbox started, in nanoseconds.
    pub(crate) mono_ns: u64,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) tunneled: bool,
    pub(crate) endpoint: String,
    pub(crate) version: Option<String>,
    pub(crate) member: Option<String>,
    pub(crate) status: u16,
    pub(crate) reason: String,
}

/// The whole state.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) grants: Grants,
    pub(crate) faults: Faults,
    pub(crate) dice: Dice,
    pub(crate) hooks: Hooks,
    pub(crate) oidc: Provider,
    pub(crate) log: VecDeque<Entry>,
    pub(crate) logged: u64,
    /// Calls per day, endpoint and (perhaps) member.
    pub(crate) quota: HashMap<(i64, String, Option<String>), u64>,
    /// Leads made by hand or by drift, for their ids.
    pub(crate) made: u64,
    /// When the world was planted.
    planted_at: i64,
    offset: i64,
}

impl State {
    pub(crate) fn new(seed: Seed) -> State {
        State::remembering(
            seed,
            Memory {
                planted_at: real_now(),
                grants: Grants::default(),
            },
        )
    }

    fn remembering(seed: Seed, memory: Memory) -> State {
        let faults = Faults::default();
        State {
            world: seed::plant(seed, memory.planted_at),
            grants: memory.grants,
            planted_at: memory.planted_at,
            dice: Dice::new(&faults),
            faults,
            hooks: Hooks::default(),
            oidc: Provider::new(),
            log: VecDeque::new(),
            logged: 0,
            quota: HashMap::new(),
            made: 0,
            offset: 0,
        }
    }

    /// Sandbox time in milliseconds.
    pub(crate) fn now(&self) -> i64 {
        real_now() + self.offset
    }

    pub(crate) fn set_now(&mut self, now: i64) {
        self.offset = now.clamp(0, LAST) - real_now();
    }

    pub(crate) fn offset(&self) -> i64 {
        self.offset
    }

    pub(crate) fn set_offset(&mut self, offset: i64) {
        self.set_now(real_now().saturating_add(offset));
    }

    /// Turns the knobs; injected errors go on counting as long as they and the seed stay.
    pub(crate) fn set_faults(&mut self, faults: Faults) {
        if faults.errors != self.faults.errors || faults.seed != self.faults.seed {
            self.dice = Dice::new(&faults);
        }
        self.faults = faults;
    }

    pub(crate) fn note(&mut self, mut entry: Entry) {
        self.logged += 1;
        entry.n = self.logged;
        entry.at = self.now();
        if self.log.len() == LOG {
            self.log.pop_front();
        }
        self.log.push_back(entry);
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
    pub(crate) config: Config,
    pub(crate) base: String,
    pub(crate) client: reqwest::Client,
    pub(crate) started: std::time::Instant,
    state: Mutex<State>,
}

impl Shared {
    pub(crate) fn new(config: Config, base: String, client: reqwest::Client) -> Shared {
        let memory = config.memory.as_deref().and_then(Memory::read);
        let state = match memory {
            Some(memory) => State::remembering(config.seed, memory),
            None => State::new(config.seed),
        };
        Shared {
            config,
            base,
            client,
            started: std::time::Instant::now(),
            state: Mutex::new(state),
        }
    }

    /// Writes down what shall outlive the process, if anything shall.
    pub(crate) fn remember(&self) {
        let Some(path) = &self.config.memory else {
            return;
        };
        let state = self.state();
        let memory = Memory {
            planted_at: state.planted_at,
            grants: state.grants.clone(),
        };
        if let Err(error) = memory.write(path) {
            tracing::warn!(%error, "the sandbox will not remember this");
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
