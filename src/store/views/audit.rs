//! The audit log, the latest event first.

use std::collections::BTreeMap;

use sea_orm::FromQueryResult;
use serde_json::Value;

use super::paging::{Listing, Order, Page, Paging, Wanted, read_page};
use super::query::{self, Day, Pairs};
use crate::error::{Error, Result};
use crate::store::access::Administrator;
use crate::store::audit::{Action, Event, record};
use crate::store::{from_json, row, rows};

/// Whose deeds are wanted: `engine`, `command-line`, `single-sign-on`, `stranger`, or `user:3`, `api-token:7`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    kind: &'static str,
    id: Option<i64>,
}

impl Who {
    /// Those who have no number of their own.
    const NAMELESS: [&'static str; 4] = ["engine", "command-line", "single-sign-on", "stranger"];
    /// Those who have.
    const NUMBERED: [&'static str; 2] = ["user", "api-token"];

    /// Reads what [`Who`] is written as.
    #[must_use]
    pub fn parse(text: &str) -> Option<Who> {
        match text.split_once(':') {
            None => {
                let kind = Who::NAMELESS.into_iter().find(|kind| *kind == text)?;
                Some(Who { kind, id: None })
            }
            Some((kind, id)) => {
                let kind = Who::NUMBERED.into_iter().find(|known| *known == kind)?;
                let id = Some(id.parse().ok()?);
                Some(Who { kind, id })
            }
        }
    }
}

impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.id {
            Some(id) => write!(f, "{}:{id}", self.kind),
            None => f.write_str(self.kind),
        }
    }
}

/// Which events are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Who did it.
    pub who: Option<Who>,
    /// What was done.
    pub action: Option<Action>,
    /// The word for the kind of thing.
    pub noun: Option<String>,
    /// Leadline's id of the thing; only together with its noun.
    pub thing: Option<i64>,
    /// On this day or later.
    pub from: Option<Day>,
    /// On this day or earlier.
    pub to: Option<Day>,
}

impl AuditFilter {
    /// Reads the filter out of a query string.
    ///
    /// # Errors
    /// When a field holds something else than it may; the message names it.
    pub fn read(get: &impl Fn(&str) -> Option<String>) -> Result<AuditFilter> {
        let filter = AuditFilter {
            who: query::word(get, "who", Who::parse)?,
            action: query::word(get, "action", Action::parse)?,
            noun: query::text(get, "noun")?,
            thing: query::id(get, "thing")?,
            from: query::day(get, "from")?,
            to: query::day(get, "to")?,
        };
        if filter.thing.is_some() && filter.noun.is_none() {
            return Err(Error::invalid("thing: say with noun what kind of thing."));
        }
        Ok(filter)
    }

    /// The filter as a query string has it.
    #[must_use]
    pub fn pairs(&self) -> Pairs {
        let mut pairs = Pairs::default();
        pairs.add("who", self.who.as_ref());
        pairs.add("action", self.action.map(Action::slug));
        pairs.add("noun", self.noun.as_ref());
        pairs.add("thing", self.thing);
        pairs.add("from", self.from);
        pairs.add("to", self.to);
        pairs
    }

    pub(super) fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        if let Some(who) = &self.who {
            wanted.equal("e.actor_kind", Some(who.kind));
            match who.id {
                Some(id) => wanted.equal("e.actor_id", Some(id)),
                None => wanted.and("e.actor_id IS NULL"),
            }
        }
        wanted.equal("e.action", self.action.map(Action::slug));
        wanted.equal("e.noun", self.noun.clone());
        wanted.equal("e.noun_id", self.thing);
        wanted.within("e.at", self.from, self.to);
        wanted
    }
}

/// The order of the list: the latest first.
pub(super) const ORDER: Order = Order {
    column: "e.at",
    text: false,
    descending: true,
};

/// The list's statement.
pub(super) const LISTING: Listing = Listing {
    columns: "e.id, e.at, e.actor_kind, e.actor_id, e.actor_name, e.action, e.noun, e.noun_id, e.noun_name, e.before, \
         e.after, e.address, e.hash, \
         COALESCE(CASE e.noun \
           WHEN 'user' THEN EXISTS (SELECT 1 FROM person x WHERE x.id = e.noun_id) \
           WHEN 'user profile' THEN EXISTS (SELECT 1 FROM user_profile x WHERE x.id = e.noun_id) \
           WHEN 'linked account' THEN EXISTS (SELECT 1 FROM linked_account x WHERE x.id = e.noun_id) \
           WHEN 'matching strategy' THEN EXISTS (SELECT 1 FROM matching_strategy x WHERE x.id = e.noun_id) \
           WHEN 'lead' THEN EXISTS (SELECT 1 FROM lead x WHERE x.id = e.noun_id) \
           WHEN 'submission' THEN EXISTS (SELECT 1 FROM submission x WHERE x.id = e.noun_id) END, FALSE) AS exists_still",
    table: "audit_event",
    alias: "e",
    joins: "",
};

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEvent {
    /// What is kept of it as it was written.
    pub row: AuditRow,
    /// The fields that changed, before.
    pub before: Fields,
    /// The same fields, after.
    pub after: Fields,
}

/// Fields with their values.
pub type Fields = BTreeMap<String, Value>;

/// What is kept of an event.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct AuditRow {
    /// Its number in the log.
    pub id: i64,
    /// When it happened.
    pub at: i64,
    /// What kind of actor did it.
    pub actor_kind: String,
    /// Leadline's id of the person or token.
    pub actor_id: Option<i64>,
    /// The actor's name at that time.
    pub actor_name: String,
    action: String,
    /// The word for the kind of thing.
    pub noun: String,
    /// Leadline's id of the thing.
    pub noun_id: Option<i64>,
    /// The thing's name at that time.
    pub noun_name: String,
    before: Option<String>,
    after: Option<String>,
    /// From which network address.
    pub address: Option<String>,
    /// The hash over it and the event before it.
    pub hash: String,
    /// Whether the thing is still there and has a page of its own.
    pub exists_still: bool,
}

impl AuditRow {
    /// What was done; `None` when a later version of Leadline wrote it.
    #[must_use]
    pub fn action(&self) -> Option<Action> {
        Action::parse(&self.action)
    }

    /// The word for what was done.
    #[must_use]
    pub fn action_word(&self) -> &str {
        &self.action
    }

    /// Who did it, as a sentence begins.
    #[must_use]
    pub fn actor(&self) -> &str {
        match self.actor_kind.as_str() {
            "stranger" => "Somebody",
            _ => &self.actor_name,
        }
    }

    /// What it was done to, as a sentence says it.
    #[must_use]
    pub fn thing(&self) -> &str {
        match self.noun_name.as_str() {
            "" => "somebody unknown",
            name => name,
        }
    }

    /// What stands between the actor's name and the thing's, and what follows; `None` when the
    /// thing is not named.
    #[must_use]
    pub fn phrase(&self) -> (String, Option<&'static str>) {
        match self.action() {
            Some(action) => action.phrase(&self.noun),
            None => (format!("{}: {} ", self.action, self.noun), Some("")),
        }
    }

    /// The fields that changed, before, as they are kept; empty when there are none.
    #[must_use]
    pub fn before_json(&self) -> &str {
        self.before.as_deref().unwrap_or_default()
    }

    /// The fields that changed, after, as they are kept; empty when there are none.
    #[must_use]
    pub fn after_json(&self) -> &str {
        self.after.as_deref().unwrap_or_default()
    }

    fn read(self) -> Result<AuditEvent> {
        let fields = |text: &Option<String>| text.as_deref().map(from_json).transpose();
        Ok(AuditEvent {
            before: fields(&self.before)?.unwrap_or_default(),
            after: fields(&self.after)?.unwrap_or_default(),
            row: self,
        })
    }
}

impl AuditEvent {
    /// The event as a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let row = &self.row;
        let (before, after) = row.phrase();
        let thing = after.map(|after| format!("{}{after}", row.thing()));
        format!("{} {before}{}", row.actor(), thing.unwrap_or_default())
    }
}

/// Somebody to filter by.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct ActorChoice {
    /// What a [`Who`] is written as.
    pub who: String,
    /// Their name now.
    pub name: String,
}

#[derive(FromQueryResult)]
struct Noun {
    noun: String,
}

impl Administrator {
    /// One page of the events that are wanted, the latest first.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_audit_events(
        &self,
        filter: &AuditFilter,
        paging: &Paging,
    ) -> Result<Page<AuditEvent>> {
        let db = self.store().reading();
        let cursor = |row: &AuditRow| ORDER.cursor(row.at, row.id);
        let page = read_page(db, &LISTING, filter.wanted(), ORDER, paging, cursor).await?;
        page.try_map(AuditRow::read)
    }

    /// One event.
    ///
    /// # Errors
    /// When there is no such event.
    pub async fn find_audit_event(&self, id: i64) -> Result<AuditEvent> {
        let found = row::<AuditRow>(self.store().reading(), &LISTING.one(), [id.into()]).await?;
        let found = found.ok_or_else(|| Error::not_found("audit event"))?;
        found.read()
    }

    /// Notes that a list leaves Leadline as a file.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn note_export(&self, what: &'static str, filter: &Pairs, now: i64) -> Result<()> {
        let filter: BTreeMap<&str, &str> = filter.iter().collect();
        let event = Event::new(Action::Exported, what, None, "")
            .after(serde_json::json!({ "filter": filter }));
        record(self.store().writing(), self.actor(), event, now).await
    }

    /// The kinds of things of which there are events, by name. Each is found by one look into an
    /// index, however many events there are.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_audit_nouns(&self) -> Result<Vec<String>> {
        let sql = "WITH RECURSIVE kind (noun) AS (SELECT MIN(noun) FROM audit_event UNION ALL \
               SELECT (SELECT MIN(e.noun) FROM audit_event e WHERE e.noun > kind.noun) FROM kind \
               WHERE kind.noun IS NOT NULL) \
             SELECT noun FROM kind WHERE noun IS NOT NULL ORDER BY noun";
        let nouns = rows::<Noun>(self.store().reading(), sql, []).await?;
        Ok(nouns.into_iter().map(|row| row.noun).collect())
    }

    /// The people and API tokens that may have done something, by name.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_audit_actors(&self) -> Result<Vec<ActorChoice>> {
        let sql = "SELECT 'user:' || id AS who, name FROM person \
             UNION ALL SELECT 'api-token:' || id, name || ' (API token)' FROM api_token \
             ORDER BY name, who LIMIT 500";
        rows(self.store().reading(), sql, []).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_did_it_survives_their_address() {
        for text in [
            "engine",
            "command-line",
            "single-sign-on",
            "user:3",
            "api-token:12",
        ] {
            assert_eq!(Who::parse(text).expect(text).to_string(), text);
        }
        for text in ["", "user", "user:", "user:x", "engine:1", "root"] {
            assert_eq!(Who::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_thing_is_filtered_only_together_with_its_kind() {
        let get = |name: &str| (name == "thing").then(|| "7".to_owned());
        let error = AuditFilter::read(&get).expect_err("what kind of thing?");
        assert!(error.message().starts_with("thing: "));
    }
}
