//! Asks for an address as everybody in turn, and judges the answers.

use std::fmt;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, StatusCode};

use super::policy::{BODIES, NAMED_IN_A_FIELD, Reach, Role, Rule};
use crate::support::{Browser, Page};

/// A method and a path, as the program lists them.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Address {
    pub method: String,
    pub path: String,
}

impl Address {
    /// Whether asking for it could change something.
    pub fn changes(&self) -> bool {
        self.method != "GET"
    }

    /// Whether it is for programs, which show a token.
    pub fn is_for_programs(&self) -> bool {
        self.path.starts_with("/api/v1/") && self.path != "/api/v1/openapi.json"
    }

    fn body(&self) -> &'static str {
        let said =
            |(method, path, _): &&(&str, &str, &str)| *method == self.method && *path == self.path;
        BODIES.iter().find(said).map_or("{}", |(_, _, body)| body)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// Whose row the address names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// It names none.
    None,
    /// One's own.
    Own,
    /// Another's.
    Foreign,
}

/// What the table expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Any answer that is none of the server's faults.
    Anything,
    /// Signing in first: a page leads there, a function or the API says 401.
    SignIn,
    /// 403.
    Forbidden,
    /// 404.
    NotFound,
    /// To be let in.
    Allowed,
}

impl Expected {
    /// What somebody with this role, or nobody signed in, must get.
    pub fn of(rule: &Rule, role: Option<Role>, row: Row) -> Expected {
        let (Rule::Table(reaches, _), Some(role)) = (rule, role) else {
            return match rule {
                Rule::Public => Expected::Anything,
                Rule::Table(..) => Expected::SignIn,
            };
        };
        match (reaches[role as usize], row) {
            (Reach::None, _) => Expected::Forbidden,
            (Reach::Own, Row::Foreign) => Expected::NotFound,
            _ => Expected::Allowed,
        }
    }

    /// Whether the answer is that.
    pub fn judge(self, path: &str, page: &Page) -> Result<(), String> {
        let status = page.status;
        let to = page.leads_to();
        let to = to.as_ref().map_or("", |to| to.path());
        let pages = !path.starts_with("/fn/") && !path.starts_with("/api/v1/");
        let fine = match self {
            Expected::Anything => !status.is_server_error(),
            Expected::SignIn if pages => status == StatusCode::SEE_OTHER && to == "/sign-in",
            Expected::SignIn => status == StatusCode::UNAUTHORIZED,
            Expected::Forbidden => status == StatusCode::FORBIDDEN,
            Expected::NotFound => status == StatusCode::NOT_FOUND,
            Expected::Allowed => was_let_in(path, status, to),
        };
        match fine {
            true => Ok(()),
            false => Err(format!("{status} {to}, but expected {self:?}")),
        }
    }
}

/// Wrong or missing fields are let in too: it is not the permission that was missing.
fn was_let_in(path: &str, status: StatusCode, to: &str) -> bool {
    let unnamed = status == StatusCode::NOT_FOUND && NAMED_IN_A_FIELD.contains(&path);
    let refused = matches!(status.as_u16(), 401 | 403 | 404 | 405) && !unnamed;
    let sent_away = to == "/sign-in" && path != "/sign-out";
    !refused && !sent_away && !status.is_server_error()
}

/// Somebody who asks.
pub struct Subject {
    /// Who it is, in words.
    pub name: &'static str,
    /// What they are; `None` is a stranger.
    pub role: Option<Role>,
    /// How they ask.
    pub browser: Browser,
    /// What a program shows.
    pub token: Option<String>,
}

impl Subject {
    /// What they are at an address; `None` when they have no business there. Who is signed in counts
    /// for nothing where programs show tokens.
    pub fn role_at(&self, address: &Address) -> Option<Option<Role>> {
        match (self.token.is_some(), address.is_for_programs()) {
            (true, false) => None,
            (false, true) => Some(None),
            _ => Some(self.role),
        }
    }

    /// Asks for an address, and says what is wrong with the answer.
    pub async fn ask(
        &self,
        address: &Address,
        path: &str,
        expected: Expected,
    ) -> Result<(), String> {
        let method: Method = address.method.parse().unwrap();
        let mut request = self.browser.request(method, path);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if address.is_for_programs() && address.changes() {
            request = request.header(CONTENT_TYPE, "application/json");
            request = request.body(address.body());
        } else if address.changes() {
            request = request.form(&[("nothing", "")]);
        }
        let page = self.browser.send(request).await;
        let judged = expected.judge(path, &page);
        judged.map_err(|wrong| format!("{address} as {} at {path}: {wrong}", self.name))
    }
}
