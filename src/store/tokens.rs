//! API tokens: what programs show instead of a password.
//!
//! The database has only a hash of a token. One that is revoked stays as a row, because the audit
//! log speaks of it.

use sea_orm::{FromQueryResult, Value};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::access::{Actor, Administrator, Signed};
use super::audit::{self, Action, Event};
use super::people::Person;
use super::views::paging::{Listing, Order, Page, Paging, Wanted, read_page};
use super::{Store, execute, row, text};
use crate::error::{Error, Result};

mod secret;

use secret::{hashed, looks_right, random_token};

/// The use of a token is noted no more often than this, in milliseconds.
const NOTED_AFTER: i64 = 60_000;
/// How many characters a name has at most.
const NAME_AT_MOST: usize = 100;
/// How many days a token lives at most, unless it has no end.
const DAYS_AT_MOST: i64 = 3_650;
const DAY: i64 = 86_400_000;

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenRole {
    /// What administrators may.
    Administrator,
    /// What salespeople may.
    Salesperson,
    /// Bring submissions in.
    S2sInbound,
}

impl TokenRole {
    /// All of them.
    pub const ALL: [TokenRole; 3] = [
        TokenRole::Administrator,
        TokenRole::Salesperson,
        TokenRole::S2sInbound,
    ];

    /// The word for it on the command line, in the database and in the API.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            TokenRole::Administrator => "administrator",
            TokenRole::Salesperson => "salesperson",
            TokenRole::S2sInbound => "s2s-inbound",
        }
    }

    /// What people call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            TokenRole::Administrator => "Administrator",
            TokenRole::Salesperson => "Salesperson",
            TokenRole::S2sInbound => "S2S Inbound",
        }
    }

    /// Reads a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<TokenRole> {
        TokenRole::ALL.into_iter().find(|role| role.slug() == word)
    }
}

/// Whether a token can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    /// It can.
    Active,
    /// Its time is over.
    Expired,
    /// Somebody revoked it.
    Revoked,
    /// Whoever made it is no active administrator any more.
    Orphaned,
}

impl TokenState {
    /// The word for it in the API.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            TokenState::Active => "active",
            TokenState::Expired => "expired",
            TokenState::Revoked => "revoked",
            TokenState::Orphaned => "orphaned",
        }
    }
}

/// A token as lists show it: never the token itself, which nobody has any more.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Token {
    /// Leadline's id.
    pub id: i64,
    /// What it is called.
    pub name: String,
    role: String,
    /// The administrator who made it; `None` when it was made on the command line.
    pub person_id: Option<i64>,
    /// The name of who made it.
    pub created_by: String,
    /// When.
    pub created_at: i64,
    /// When its time is over; `None`: never.
    pub expires_at: Option<i64>,
    /// When it was used last, to the minute.
    pub last_used_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    orphaned: bool,
}

impl Token {
    /// What it may do. A word that this version does not know allows the least.
    #[must_use]
    pub fn role(&self) -> TokenRole {
        TokenRole::parse(&self.role).unwrap_or(TokenRole::S2sInbound)
    }

    /// Whether it can be used.
    #[must_use]
    pub fn state(&self, now: i64) -> TokenState {
        if self.revoked_at.is_some() {
            TokenState::Revoked
        } else if self.expires_at.is_some_and(|end| end <= now) {
            TokenState::Expired
        } else if self.orphaned {
            TokenState::Orphaned
        } else {
            TokenState::Active
        }
    }
}

/// A token to make.
#[derive(Debug, Clone, Copy)]
pub struct NewToken<'a> {
    /// What it is called.
    pub name: &'a str,
    /// What it may do.
    pub role: TokenRole,
    /// After how many days its time is over; `None`: never.
    pub days: Option<i64>,
}

impl NewToken<'_> {
    /// What is wrong, field by field: `name`, `expires`.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, Error)> {
        let checks = [("name", self.check_name()), ("expires", self.check_days())];
        let wrong = |(field, check): (_, Result<()>)| check.err().map(|error| (field, error));
        checks.into_iter().filter_map(wrong).collect()
    }

    fn check_name(&self) -> Result<()> {
        let name = self.name.trim();
        match name.chars().count() {
            0 => Err(Error::invalid("Say what the token is for.")),
            _ if name.chars().any(char::is_control) => {
                Err(Error::invalid("The name must be one line of text."))
            }
            1..=NAME_AT_MOST => Ok(()),
            _ => Err(Error::invalid(format!(
                "The name must have at most {NAME_AT_MOST} characters."
            ))),
        }
    }

    fn check_days(&self) -> Result<()> {
        match self.days {
            Some(days) if !(1..=DAYS_AT_MOST).contains(&days) => Err(Error::invalid(format!(
                "The days until it expires must be a number from 1 to {DAYS_AT_MOST}."
            ))),
            _ => Ok(()),
        }
    }
}

/// A token that was just made: the only time when it can be seen.
#[derive(Debug, Clone)]
pub struct MadeToken {
    /// What lists show from now on.
    pub token: Token,
    /// The token itself.
    pub secret: SecretString,
}

/// The columns of a [`Token`].
const LISTING: Listing = Listing {
    columns: "t.id, t.name, t.role, t.person_id, t.created_by, t.created_at, t.expires_at, t.last_used_at, \
         t.revoked_at, (t.person_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM person p WHERE p.id = t.person_id \
           AND p.administrator AND NOT p.disabled)) AS orphaned",
    table: "api_token",
    alias: "t",
    joins: "",
};

impl Administrator {
    /// Makes a token on behalf of this person.
    ///
    /// # Errors
    /// When a field is wrong, or the database refuses.
    pub async fn create_token(&self, new: NewToken<'_>, now: i64) -> Result<MadeToken> {
        let person = Some(self.person().id).filter(|id| *id > 0);
        create(self.store(), self.actor(), person, new, now).await
    }

    /// One page of all tokens, the newest first.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_tokens(&self, paging: &Paging) -> Result<Page<Token>> {
        list(self.store(), paging).await
    }

    /// One token.
    ///
    /// # Errors
    /// When there is no such token.
    pub async fn find_token(&self, id: i64) -> Result<Token> {
        find(self.store(), id).await
    }

    /// Makes a token be refused from now on; one that is refused already is left as it is.
    ///
    /// # Errors
    /// When there is no such token.
    pub async fn revoke_token(&self, id: i64, now: i64) -> Result<Token> {
        revoke(self.store(), self.actor(), id, now).await
    }
}

/// What the command line does, on behalf of nobody.
impl Store {
    /// Makes a token.
    ///
    /// # Errors
    /// When a field is wrong, or the database refuses.
    pub async fn create_token(&self, new: NewToken<'_>, now: i64) -> Result<MadeToken> {
        create(self, &Actor::CommandLine, None, new, now).await
    }

    /// One page of all tokens, the newest first.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_tokens(&self, paging: &Paging) -> Result<Page<Token>> {
        list(self, paging).await
    }

    /// Makes a token be refused from now on.
    ///
    /// # Errors
    /// When there is no such token.
    pub async fn revoke_token(&self, id: i64, now: i64) -> Result<Token> {
        revoke(self, &Actor::CommandLine, id, now).await
    }
}

impl Signed {
    /// Whoever shows this token: its role's rights, on behalf of the administrator who made it.
    /// `None` when it is none of ours, expired or revoked, or when whoever made it is gone, disabled
    /// or no administrator any more. Notes the use.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn by_token(store: &Store, token: &str, now: i64) -> Result<Option<Signed>> {
        if !looks_right(token) {
            return Ok(None);
        }
        let sql = format!(
            "SELECT {} FROM api_token t WHERE t.hash = $1",
            LISTING.columns
        );
        let found = row::<Token>(store.reading(), &sql, [hashed(token)]).await?;
        let Some(token) = found.filter(|token| token.state(now) == TokenState::Active) else {
            return Ok(None);
        };
        note_use(store, &token, now).await?;
        Ok(Some(signed(store, &token)))
    }
}

/// The token as somebody with its role's rights.
fn signed(store: &Store, token: &Token) -> Signed {
    let role = token.role();
    let person = Person {
        id: token.person_id.unwrap_or(0),
        email: String::new(),
        name: token.name.clone(),
        administrator: role == TokenRole::Administrator,
        salesperson: role == TokenRole::Salesperson,
        disabled: false,
    };
    let actor = Actor::Token(token.id, token.name.clone());
    let inbound = role == TokenRole::S2sInbound;
    Signed::token(store.clone(), person, actor, inbound)
}

async fn note_use(store: &Store, token: &Token, now: i64) -> Result<()> {
    let due = |noted| now - noted >= NOTED_AFTER;
    if token.last_used_at.is_none_or(due) {
        let sql = "UPDATE api_token SET last_used_at = $1 WHERE id = $2";
        execute(store.writing(), sql, [now.into(), token.id.into()]).await?;
    }
    Ok(())
}

async fn create(
    store: &Store,
    by: &Actor,
    person: Option<i64>,
    new: NewToken<'_>,
    now: i64,
) -> Result<MadeToken> {
    if let Some((_, error)) = new.problems().into_iter().next() {
        return Err(error);
    }
    let secret = random_token()?;
    let expires_at = new.days.map(|days| now + days * DAY);
    let tx = store.begin().await?;
    let sql = "INSERT INTO api_token (name, role, hash, person_id, created_by, created_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id, name, role, person_id, created_by, created_at, \
               expires_at, last_used_at, revoked_at, FALSE AS orphaned";
    let values: [Value; 7] = [
        text(new.name.trim()),
        new.role.slug().into(),
        hashed(secret.expose_secret()),
        person.into(),
        text(by.name()),
        now.into(),
        expires_at.into(),
    ];
    let made = row::<Token>(&tx, sql, values).await?;
    let token = made.ok_or_else(|| Error::internal("a token was not saved"))?;
    let event = Event::new(Action::Created, "API token", token.id, &token.name)
        .after(json!({ "role": new.role.slug(), "expires_at": expires_at }));
    audit::record(&tx, by, event, now).await?;
    tx.commit().await?;
    Ok(MadeToken { token, secret })
}

async fn list(store: &Store, paging: &Paging) -> Result<Page<Token>> {
    let order = Order {
        column: "t.created_at",
        text: false,
        descending: true,
    };
    let cursor = |token: &Token| order.cursor(token.created_at, token.id);
    let db = store.reading();
    read_page(db, &LISTING, Wanted::default(), order, paging, cursor).await
}

async fn find(store: &Store, id: i64) -> Result<Token> {
    let found = row(store.reading(), &LISTING.one(), [id.into()]).await?;
    found.ok_or_else(|| Error::not_found("API token"))
}

async fn revoke(store: &Store, by: &Actor, id: i64, now: i64) -> Result<Token> {
    let token = find(store, id).await?;
    let tx = store.begin().await?;
    let sql = "UPDATE api_token SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL";
    if execute(&tx, sql, [now.into(), id.into()]).await? > 0 {
        let event = Event::new(Action::Revoked, "API token", id, &token.name);
        audit::record(&tx, by, event, now).await?;
    }
    tx.commit().await?;
    find(store, id).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_for_each_field() {
        let fields = |name, days| {
            let role = TokenRole::Salesperson;
            let problems = NewToken { name, role, days }.problems();
            problems
                .into_iter()
                .map(|(field, _)| field)
                .collect::<Vec<_>>()
        };
        assert_eq!(fields("Import", Some(30)), [""; 0]);
        assert_eq!(fields("Import", None), [""; 0]);
        assert_eq!(fields(" ", Some(0)), ["name", "expires"]);
        assert_eq!(fields("two\nlines", Some(3_651)), ["name", "expires"]);
        assert_eq!(fields(&"x".repeat(101), None), ["name"]);
    }
}
