//! The chain of hashes that shows whether the audit log is as it was written.
//!
//! Each event's hash covers all that it says, its number, and the hash of the event before it. Who
//! changes, removes or moves an event has to change every later hash; and to cut off the end or to
//! write everything anew one has to know that nobody noted down a hash.

use sea_orm::FromQueryResult;
use sha2::{Digest, Sha256};

use super::super::{Store, json, rows};
use crate::error::Result;

/// How many events are read at once.
const BATCH: i64 = 1_000;

/// An event as it is kept.
#[derive(Debug, FromQueryResult)]
pub(super) struct Link {
    pub(super) id: i64,
    pub(super) at: i64,
    pub(super) actor_kind: String,
    pub(super) actor_id: Option<i64>,
    pub(super) actor_name: String,
    pub(super) action: String,
    pub(super) noun: String,
    pub(super) noun_id: Option<i64>,
    pub(super) noun_name: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) address: Option<String>,
    pub(super) hash: String,
}

impl Link {
    /// The hash that belongs to it; JSON keeps its parts apart.
    pub(super) fn digest(&self, previous: &str) -> Result<String> {
        let said = (
            (previous, self.id, self.at),
            (&self.actor_kind, self.actor_id, &self.actor_name),
            (&self.action, &self.noun, self.noun_id, &self.noun_name),
            (&self.before, &self.after, &self.address),
        );
        Ok(hex::encode(Sha256::digest(json(&said)?)))
    }
}

/// What is found when the audit log is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// Every event is as it was written.
    Whole {
        /// How many there are.
        events: i64,
        /// The hash of the last one, to be noted down somewhere else; empty when there is none.
        last_hash: String,
    },
    /// Something was changed, removed or added behind Leadline's back.
    Broken {
        /// The first event that is not as it was written, or that is missing.
        id: i64,
    },
    /// Every event fits, but the one whose hash was noted down is not among them: the end was cut
    /// off, or all was written anew.
    WithoutNoted,
}

impl Store {
    /// Looks through the audit log for what is not as it was written. `noted` is a hash that was
    /// noted down at an earlier check.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn check_audit_log(&self, noted: Option<&str>) -> Result<Checked> {
        let (mut last, mut previous) = (0, String::new());
        let mut found = noted.is_none();
        loop {
            let sql = "SELECT id, at, actor_kind, actor_id, actor_name, action, noun, noun_id, noun_name, before, \
                 after, address, hash FROM audit_event WHERE id > $1 ORDER BY id LIMIT $2";
            let links = rows::<Link>(self.reading(), sql, [last.into(), BATCH.into()]).await?;
            if links.is_empty() {
                break;
            }
            for link in links {
                last += 1;
                if link.id != last || link.digest(&previous)? != link.hash {
                    return Ok(Checked::Broken { id: last });
                }
                found |= noted == Some(link.hash.as_str());
                previous = link.hash;
            }
        }
        Ok(match found {
            true => Checked::Whole {
                events: last,
                last_hash: previous,
            },
            false => Checked::WithoutNoted,
        })
    }
}
