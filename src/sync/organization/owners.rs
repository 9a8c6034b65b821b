//! Whose a lead is: the people of Leadline and the organization's users are the same when they have the
//! same e-mail address.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;
use uuid::Uuid;

use super::{Desk, Stop};
use crate::crm::dynamics::{Dynamics, Failure};
use crate::crm::mirror::Seen;
use crate::error::Result;
use crate::store::mirrors::Delivery;
use crate::store::people::email_key;

/// How long what is known of users is taken as true.
const FRESH: Duration = Duration::from_secs(600);
/// More than this is not kept of them.
const MOST: usize = 10_000;

/// The organization's users, as far as somebody asked for them lately. Clones share what they know.
#[derive(Debug, Clone)]
pub(super) struct Users {
    dynamics: Dynamics,
    known: Arc<Mutex<Known>>,
}

#[derive(Debug)]
struct Known {
    since: Instant,
    /// The e-mail address of each user; `None` for whoever has none, and for teams.
    emails: HashMap<Uuid, Option<String>>,
    /// The user with an e-mail address, if there is exactly one.
    ids: HashMap<String, Option<Uuid>>,
}

impl Known {
    fn nothing() -> Known {
        Known {
            since: Instant::now(),
            emails: HashMap::new(),
            ids: HashMap::new(),
        }
    }

    fn forget_what_is_old(&mut self) {
        if self.since.elapsed() > FRESH || self.emails.len() + self.ids.len() > MOST {
            *self = Known::nothing();
        }
    }
}

impl Users {
    pub(super) fn new(dynamics: Dynamics) -> Users {
        Users {
            dynamics,
            known: Arc::new(Mutex::new(Known::nothing())),
        }
    }

    /// The e-mail addresses of those of them that have one.
    async fn emails(&self, ids: &BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, String>, Failure> {
        let mut known = self.known.lock().await;
        known.forget_what_is_old();
        let new = ids.iter().filter(|id| !known.emails.contains_key(*id));
        let new: BTreeSet<Uuid> = new.copied().collect();
        if !new.is_empty() {
            let mut found = self.dynamics.find_emails(&new).await?;
            let told = new.into_iter().map(|id| (id, found.remove(&id)));
            known.emails.extend(told);
        }
        let emails = ids
            .iter()
            .filter_map(|id| Some((*id, known.emails.get(id)?.clone()?)));
        Ok(emails.collect())
    }

    /// The user with this e-mail address, if there is one.
    async fn with_email(&self, email: &str) -> Result<Option<Uuid>, Failure> {
        let mut known = self.known.lock().await;
        known.forget_what_is_old();
        if let Some(user) = known.ids.get(email) {
            return Ok(*user);
        }
        let user = self.dynamics.find_user(email).await?;
        known.ids.insert(email.to_owned(), user);
        Ok(user)
    }
}

impl Desk {
    /// Says of each record whose it is here.
    pub(super) async fn name_owners(&self, seen: &mut [Seen]) -> Result<(), Stop> {
        let users: BTreeSet<Uuid> = seen.iter().filter_map(|seen| seen.has.user).collect();
        let emails = self.users.emails(&users).await?;
        let keys = emails
            .into_iter()
            .map(|(user, email)| (user, email_key(&email)));
        let keys: BTreeMap<Uuid, String> = keys.collect();
        let owners = self.store.find_owners(keys.values()).await?;
        for seen in seen {
            let key = seen.has.user.and_then(|user| keys.get(&user));
            seen.has.owner = key.and_then(|key| owners.get(key)).copied();
        }
        Ok(())
    }

    /// The organization's user with the owner's e-mail address, if there is one.
    pub(super) async fn owner(&self, delivery: &Delivery) -> Result<Option<Uuid>, Stop> {
        match &delivery.owner {
            Some(email) => Ok(self.users.with_email(email).await?),
            None => Ok(None),
        }
    }

    /// The user to whom a record is to be given: whose the lead is here by now, if they have one.
    pub(super) async fn new_owner(&self, delivery: &Delivery) -> Result<Option<Uuid>, Stop> {
        let mirror = &delivery.mirror;
        if mirror.lead.owner == mirror.seen.owner {
            return Ok(None);
        }
        let user = self.owner(delivery).await?;
        Ok(user.filter(|user| mirror.seen.user != Some(*user)))
    }
}
