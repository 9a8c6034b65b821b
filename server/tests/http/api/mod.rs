//! The REST API as programs use it.

mod access;
mod door;
mod idempotency;
mod limits;
mod lists;
mod matrix;
mod refusals;
mod writes;

use std::time::Duration;

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

use crate::support::{Browser, Page, TestApp};
use crate::tokens::token_command;

/// A program with a token.
pub struct Program {
    browser: Browser,
    token: String,
}

impl Program {
    /// A program whose token has this role; it was made on the command line.
    pub fn of(app: &TestApp, role: &str) -> Program {
        let made = token_command(&app.folder, &["create", "--name", role, "--role", role]);
        assert!(made.status.success());
        let token = String::from_utf8(made.stdout).unwrap();
        Program::with(app, token.trim_end())
    }

    /// A program with this token.
    pub fn with(app: &TestApp, token: &str) -> Program {
        Program {
            browser: app.browser(),
            token: token.to_owned(),
        }
    }

    /// A request below `/api/v1`, to be made further.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.browser.request(method, &format!("/api/v1{path}"));
        request.bearer_auth(&self.token)
    }

    /// Sends it.
    pub async fn send(&self, request: RequestBuilder) -> Page {
        self.browser.send(request).await
    }

    /// Reads something.
    pub async fn get(&self, path: &str) -> Page {
        self.send(self.request(Method::GET, path)).await
    }

    /// Posts JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Page {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// Changes something.
    pub async fn patch(&self, path: &str, body: &Value) -> Page {
        self.send(self.request(Method::PATCH, path).json(body))
            .await
    }
}

/// The JSON of an answer with this status.
pub fn json(page: &Page, status: StatusCode) -> Value {
    assert_eq!(page.status, status, "{} {}", page.url, page.text);
    serde_json::from_str(&page.text).unwrap()
}

/// The problem that an answer with this status tells of.
pub fn problem(page: &Page, status: StatusCode) -> Value {
    let problem = json(page, status);
    assert_eq!(
        page.header("content-type"),
        "application/problem+json",
        "{}",
        page.url
    );
    assert_eq!(problem["type"], "about:blank");
    assert_eq!(problem["status"], status.as_u16());
    assert!(
        problem["title"].is_string() && problem["detail"].is_string(),
        "{problem}"
    );
    problem
}

/// Waits until nothing is left to do.
pub async fn wait_until_idle(administrator: &Program) {
    for _ in 0..600 {
        let page = administrator.get("/sync-status").await;
        if json(&page, StatusCode::OK)["idle"] == true {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it was never idle");
}
