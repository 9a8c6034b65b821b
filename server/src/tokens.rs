//! `leadline token …`: what programs show instead of a password.

use leadline::store::tokens::{NewToken, Token, TokenRole};
use leadline::store::views::paging::{Paging, Place};
use leadline::store::{Store, now};
use secrecy::ExposeSecret;
use serde::Serialize;

use crate::cli::{NewApiToken, TokenCommand};
use crate::failure::{Failure, Outcome};
use crate::rfc3339::utc;

/// Does what was said with the tokens in this database.
///
/// # Errors
/// When a token cannot be made or found, or the database refuses.
pub async fn run(store: &Store, command: &TokenCommand) -> Outcome {
    match command {
        TokenCommand::Create(new) => create(store, new).await,
        TokenCommand::List { json } => list(store, *json).await,
        TokenCommand::Revoke { id } => revoke(store, *id).await,
    }
}

/// Prints the token alone, so that a script can take it.
async fn create(store: &Store, new: &NewApiToken) -> Outcome {
    let new = NewToken {
        name: &new.name,
        role: new.role.into(),
        days: new.expires,
    };
    let problems = new.problems();
    if !problems.is_empty() {
        let line = |(field, error)| format!("--{field}: {error}");
        let lines: Vec<String> = problems.into_iter().map(line).collect();
        return Err(Failure::Usage(lines.join("\n")));
    }
    let made = store.create_token(new, now()).await?;
    println!("{}", made.secret.expose_secret());
    Ok(())
}

async fn revoke(store: &Store, id: i64) -> Outcome {
    let token = store.revoke_token(id, now()).await?;
    println!("The token {:?} is revoked.", token.name);
    Ok(())
}

/// A token as scripts read it.
#[derive(Serialize)]
struct Line<'a> {
    id: i64,
    name: &'a str,
    role: &'static str,
    state: &'static str,
    created_by: &'a str,
    created_at: String,
    expires_at: Option<String>,
    last_used_at: Option<String>,
    revoked_at: Option<String>,
}

impl Line<'_> {
    fn of(token: &Token) -> Line<'_> {
        Line {
            id: token.id,
            name: &token.name,
            role: token.role().slug(),
            state: token.state(now()).slug(),
            created_by: &token.created_by,
            created_at: utc(token.created_at),
            expires_at: token.expires_at.map(utc),
            last_used_at: token.last_used_at.map(utc),
            revoked_at: token.revoked_at.map(utc),
        }
    }
}

async fn list(store: &Store, json: bool) -> Outcome {
    let tokens = all(store).await?;
    let lines: Vec<Line<'_>> = tokens.iter().map(Line::of).collect();
    if json {
        let text = serde_json::to_string_pretty(&lines);
        println!("{}", text.map_err(|e| Failure::Failed(e.to_string()))?);
        return Ok(());
    }
    for line in lines {
        let expires = line.expires_at.as_deref().unwrap_or("never expires");
        println!(
            "{:>4}  {}  {}  {}  {expires}",
            line.id, line.name, line.role, line.state
        );
    }
    Ok(())
}

/// All of them, page by page.
async fn all(store: &Store) -> Outcome<Vec<Token>> {
    let (mut tokens, mut paging) = (Vec::new(), Paging::first());
    loop {
        let page = store.list_tokens(&paging).await?;
        tokens.extend(page.items);
        let Some(after) = page.after else {
            return Ok(tokens);
        };
        paging.place = Place::After(after);
    }
}

impl From<crate::cli::TokenRole> for TokenRole {
    fn from(role: crate::cli::TokenRole) -> TokenRole {
        match role {
            crate::cli::TokenRole::Administrator => TokenRole::Administrator,
            crate::cli::TokenRole::Salesperson => TokenRole::Salesperson,
            crate::cli::TokenRole::S2sInbound => TokenRole::S2sInbound,
        }
    }
}
