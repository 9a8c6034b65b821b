//! The audit log: who did what to whom, and what it was before and after.
//!
//! An event is written in the transaction of the change it tells of, so that neither is ever without
//! the other. It names fields and their values, never a password, a token, a secret or an answer.

use sea_orm::ConnectionTrait;
use serde_json::Value;

use super::access::Actor;
use super::{execute, json, maybe_text, text};
use crate::error::Result;

/// What can happen. The list is closed, so that the page can filter by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Somebody signed in.
    SignedIn,
    /// Somebody tried to sign in and could not.
    SignInRefused,
    /// Somebody signed out.
    SignedOut,
    /// Something came to be.
    Created,
    /// Something was changed.
    Changed,
    /// Something was deleted.
    Deleted,
}

impl Action {
    /// All of them.
    pub const ALL: [Action; 6] = [
        Action::SignedIn,
        Action::SignInRefused,
        Action::SignedOut,
        Action::Created,
        Action::Changed,
        Action::Deleted,
    ];

    /// The word for it in the database, in addresses and in the API.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Action::SignedIn => "signed-in",
            Action::SignInRefused => "sign-in-refused",
            Action::SignedOut => "signed-out",
            Action::Created => "created",
            Action::Changed => "changed",
            Action::Deleted => "deleted",
        }
    }
}

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
}

/// Writes an event, best in the transaction of the change.
///
/// # Errors
/// When the database cannot be reached.
pub(crate) async fn record(
    db: &impl ConnectionTrait,
    actor: &Actor,
    event: Event<'_>,
    now: i64,
) -> Result<()> {
    let sql = "INSERT INTO audit_event (at, actor_kind, actor_id, actor_name, action, noun, noun_id, noun_name, before, after, address) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let fields = |fields: &Option<Value>| fields.as_ref().map(json).transpose();
    let (before, after) = (fields(&event.before)?, fields(&event.after)?);
    let values = [
        now.into(),
        actor.kind().into(),
        actor.id().into(),
        text(actor.name()),
        event.action.slug().into(),
        event.noun.into(),
        event.id.into(),
        text(event.name),
        maybe_text(before.as_deref()),
        maybe_text(after.as_deref()),
        maybe_text(event.address),
    ];
    execute(db, sql, values).await?;
    Ok(())
}
