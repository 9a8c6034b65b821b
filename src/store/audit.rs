//! The audit log: who did what to what, and what it was before and after.
//!
//! An event is written in the transaction of the change that it tells of, so that neither is ever
//! without the other. It names fields and their values, never a password, a token, a secret or an
//! answer. The names of people and things are copied into it, so that nothing has to be kept or
//! changed for its sake when they go.
//!
//! What the sync engine brings is no event. It acts as the built-in S2S Inbound identity
//! ([`Actor::Engine`]): accounts, forms, campaigns and submissions are LinkedIn's words, and what
//! became of each submission stands in its attempts, which name their actor and tell more.
//!
//! Events are only ever added. Triggers in the database refuse anything else, and each event carries
//! a hash over itself and the one before it, by which [`Store::check_audit_log`](super::Store::check_audit_log)
//! finds what somebody changed in spite of that.

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use serde_json::Value;

pub use self::action::Action;
pub use self::chain::Checked;
use self::chain::Link;
use super::access::Actor;
use super::{execute, json, row};
use crate::error::{Error, Kind, Result};

mod action;
mod chain;

/// Lets one transaction at a time add to the chain on PostgreSQL; SQLite has one writer anyway.
const CHAIN_LOCK: i64 = 7_233_021;
/// How often it is tried to be the next, outside of a transaction.
const TRIES: usize = 50;

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Event<'a> {
    action: Action,
    noun: &'static str,
    id: Option<i64>,
    name: &'a str,
    before: Option<Value>,
    after: Option<Value>,
    address: Option<&'a str>,
}

impl<'a> Event<'a> {
    /// Something happened to a thing; `noun` is the word for its kind (`user`, `linked account`).
    #[must_use]
    pub fn new(
        action: Action,
        noun: &'static str,
        id: impl Into<Option<i64>>,
        name: &'a str,
    ) -> Event<'a> {
        Event {
            action,
            noun,
            id: id.into(),
            name,
            before: None,
            after: None,
            address: None,
        }
    }

    /// What the fields were before; only those that changed.
    #[must_use]
    pub fn before(mut self, fields: Value) -> Event<'a> {
        self.before = Some(fields);
        self
    }

    /// What the fields are now; only those that changed.
    #[must_use]
    pub fn after(mut self, fields: Value) -> Event<'a> {
        self.after = Some(fields);
        self
    }

    /// From which network address.
    #[must_use]
    pub fn address(mut self, address: &'a str) -> Event<'a> {
        self.address = Some(address);
        self
    }

    /// As it is kept, still without its place in the chain.
    fn link(&self, actor: &Actor, now: i64) -> Result<Link> {
        let fields = |fields: &Option<Value>| fields.as_ref().map(json).transpose();
        Ok(Link {
            id: 0,
            at: now,
            actor_kind: actor.kind().to_owned(),
            actor_id: actor.id(),
            actor_name: without_nul(actor.name()),
            action: self.action.slug().to_owned(),
            noun: self.noun.to_owned(),
            noun_id: self.id,
            noun_name: without_nul(self.name),
            before: fields(&self.before)?,
            after: fields(&self.after)?,
            address: self.address.map(without_nul),
            hash: String::new(),
        })
    }
}

/// PostgreSQL cannot keep the character NUL, and the hash is over what is kept. JSON escapes it.
fn without_nul(text: &str) -> String {
    text.replace('\0', "")
}

#[derive(Default, FromQueryResult)]
struct Head {
    id: i64,
    hash: String,
}

/// Writes an event, in the transaction of the change and as its last statement: until the
/// transaction ends, nobody else can write one.
///
/// # Errors
/// When the database cannot be reached.
pub(crate) async fn record(
    db: &impl ConnectionTrait,
    actor: &Actor,
    event: Event<'_>,
    now: i64,
) -> Result<()> {
    let mut link = event.link(actor, now)?;
    if db.get_database_backend() == DbBackend::Postgres {
        let lock = format!("SELECT pg_advisory_xact_lock({CHAIN_LOCK})");
        db.execute_unprepared(&lock).await?;
    }
    // Within a transaction the first try succeeds. Without one somebody may come between.
    for _ in 0..TRIES {
        let sql = "SELECT id, hash FROM audit_event ORDER BY id DESC LIMIT 1";
        let head = row::<Head>(db, sql, []).await?.unwrap_or_default();
        link.id = head.id + 1;
        link.hash = link.digest(&head.hash)?;
        if insert(db, &link).await? {
            return Ok(());
        }
    }
    Err(Error::new(
        Kind::Unavailable,
        "The audit log is busy. Try again in a moment.",
    ))
}

/// Adds an event at its place in the chain; `false` when somebody else took it.
async fn insert(db: &impl ConnectionTrait, link: &Link) -> Result<bool> {
    let sql = "INSERT INTO audit_event (id, at, actor_kind, actor_id, actor_name, action, noun, noun_id, noun_name, \
           before, after, address, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (id) DO NOTHING";
    let values = [
        link.id.into(),
        link.at.into(),
        link.actor_kind.clone().into(),
        link.actor_id.into(),
        link.actor_name.clone().into(),
        link.action.clone().into(),
        link.noun.clone().into(),
        link.noun_id.into(),
        link.noun_name.clone().into(),
        link.before.clone().into(),
        link.after.clone().into(),
        link.address.clone().into(),
        link.hash.clone().into(),
    ];
    Ok(execute(db, sql, values).await? == 1)
}
