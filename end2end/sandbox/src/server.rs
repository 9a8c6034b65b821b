//! The HTTP server: takes a request off the wire, hands it on, writes the log.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State as Extract};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::errors::{ApiError, Kind, Stage};
use crate::state::{Entry, Shared};
use crate::wire::{Door, Wire};
use crate::{control, identity, oauth, oidc, rest};

/// Bodies larger than this are refused.
const MAX_BODY: usize = 16 << 20;

/// A request, read.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// The path as written, not decoded.
    pub(crate) path: String,
    /// The query as written; of a tunneled request, its body.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) tunneled: bool,
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// An answer, and what the log should say about it.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    pub(crate) endpoint: String,
    pub(crate) member: Option<String>,
    pub(crate) reason: String,
    /// An injected fault that spoils the answer on its way out.
    pub(crate) spoil: Option<&'static str>,
}

impl Reply {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<String>) -> Reply {
        Reply {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            body: body.into(),
            endpoint: String::new(),
            member: None,
            reason: String::new(),
            spoil: None,
        }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Reply {
        Reply::new(status, "application/json", body.to_string())
    }

    /// A bodiless answer.
    pub(crate) fn empty(status: u16) -> Reply {
        Reply {
            headers: Vec::new(),
            ..Reply::new(status, "", "")
        }
    }

    pub(crate) fn redirect(to: String) -> Reply {
        Reply::empty(302).with("location", to)
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Reply {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn error(error: &ApiError) -> Reply {
        let mut reply = Reply::json(error.status, &error.body());
        if error.gateway {
            reply = reply.with("x-restli-gateway-error", "true");
        }
        if let Some(seconds) = error.retry_after {
            reply = reply.with("retry-after", seconds.to_string());
        }
        reply.reason.clone_from(&error.reason);
        reply
    }
}

/// Serves until told to stop.
pub(crate) async fn run(
    shared: Arc<Shared>,
    listener: TcpListener,
    mut stopped: watch::Receiver<bool>,
) {
    let app = Router::new()
        .fallback(handle)
        .with_state(shared)
        .into_make_service_with_connect_info::<Wire>();
    let served = axum::serve(Door::new(listener, None), app).with_graceful_shutdown(async move {
        // An error means that the sandbox was dropped, which is also a way to stop.
        let _ = stopped.wait_for(|stop| *stop).await;
    });
    if let Err(error) = served.await {
        tracing::error!(%error, "the sandbox's server ended");
    }
}

async fn handle(
    Extract(shared): Extract<Arc<Shared>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return respond(Reply::json(
            413,
            &serde_json::json!({ "status": 413, "message": "Payload Too Large" }),
        ));
    };
    let call = Call {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
        tunneled: false,
    };
    let control = call.path == "/control" || call.path.starts_with("/control/");
    let consents = call.method == Method::POST && (control || call.path.starts_with("/oauth/"));
    let response = if control {
        respond(control::handle(&shared, &call).await)
    } else {
        serve(&shared, wire, call).await
    };
    if consents {
        shared.remember();
    }
    response
}

/// The LinkedIn side: latency, failures of the infrastructure, the answer, the log.
async fn serve(shared: &Arc<Shared>, wire: Wire, call: Call) -> Response {
    let untunneled = rest::untunnel(call.clone());
    let call = untunneled.as_ref().map_or(&call, |call| call);
    let endpoint = rest::endpoint_name(call);
    let (latency, struck) = {
        let mut guard = shared.state();
        let state = &mut *guard;
        (
            state.faults.latency_ms,
            state
                .dice
                .strike(&state.faults, Stage::Arrival, &call.path, &endpoint),
        )
    };
    if latency > 0 {
        tokio::time::sleep(Duration::from_millis(latency)).await;
    }
    let mut reply = match (struck, &untunneled) {
        (Some(kind), _) => broken(shared, kind, &wire).await,
        (None, Err(error)) => Reply::error(error),
        (None, Ok(call)) => route(shared, call).await,
    };
    if reply.endpoint.is_empty() {
        reply.endpoint = endpoint;
    }
    if !call.path.starts_with("/oauth/") && !call.path.starts_with("/oidc/") {
        reply
            .headers
            .push(("x-restli-protocol-version", "2.0.0".to_owned()));
        reply
            .headers
            .push(("x-li-uuid", uuid::Uuid::new_v4().to_string()));
        reply.headers.push(("x-li-fabric", "prod-lor1".to_owned()));
        reply.headers.push(("x-li-pop", "sandbox".to_owned()));
    }
    note(shared, call, &reply);
    let spoil = reply.spoil;
    let response = respond(reply);
    match spoil {
        Some("truncated") => truncate(response, &wire).await,
        _ => response,
    }
}

async fn route(shared: &Arc<Shared>, call: &Call) -> Reply {
    if call.path.starts_with("/oauth/") {
        return oauth::handle(shared, call);
    }
    if call.path.starts_with("/oidc/") {
        return oidc::handle(shared, call);
    }
    if call.path.starts_with("/v2/") {
        return identity::handle(shared, call);
    }
    rest::handle(shared, call).await
}

/// An answer of an infrastructure that is unwell.
async fn broken(shared: &Shared, kind: &'static Kind, wire: &Wire) -> Reply {
    match kind.name {
        "connection_reset" => {
            wire.cut_after(0);
            Reply {
                reason: "injected fault".to_owned(),
                ..Reply::empty(200)
            }
        }
        "hang" => {
            tokio::time::sleep(Duration::from_secs(120)).await;
            Reply::empty(504)
        }
        "html_502" => {
            let page = "<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>";
            Reply {
                reason: "injected fault".to_owned(),
                ..Reply::new(502, "text/html", page)
            }
        }
        _ => Reply::error(&kind.error("", "", shared.state().faults.retry_after)),
    }
}

/// Makes a finished answer unreadable.
pub(crate) fn spoil(reply: &mut Reply, how: &'static str) {
    reply.reason = "injected fault".to_owned();
    reply.spoil = Some(how);
    match how {
        "malformed_json" => {
            let mut half = reply.body.len() / 2;
            while !reply.body.is_char_boundary(half) {
                half -= 1;
            }
            reply.body.truncate(half);
            reply.body.push_str("\u{0}}{");
        }
        "empty_body" => reply.body.clear(),
        "wrong_content_type" => {
            reply.headers.retain(|(name, _)| *name != "content-type");
            reply.headers.push(("content-type", "text/html".to_owned()));
            reply.body = "<html><body>We'll be back soon</body></html>".to_owned();
        }
        _ => {}
    }
}

fn note(shared: &Shared, call: &Call, reply: &Reply) {
    shared.state().note(Entry {
        n: 0,
        at: 0,
        mono_ns: u64::try_from(shared.started.elapsed().as_nanos()).unwrap_or(u64::MAX),
        method: call.method.to_string(),
        path: call.path.clone(),
        query: without_secrets(&call.query),
        tunneled: call.tunneled,
        endpoint: reply.endpoint.clone(),
        version: call.header("linkedin-version").map(str::to_owned),
        member: reply.member.clone(),
        status: reply.status,
        reason: reply.reason.clone(),
    });
}

/// The query, with whatever could be a secret left out.
fn without_secrets(query: &str) -> String {
    let secret = |name: &str| {
        name.contains("token") || name.contains("secret") || matches!(name, "code" | "state")
    };
    let parts: Vec<String> = query
        .split('&')
        .map(|part| match part.split_once('=') {
            // A page token only says where the next page begins.
            Some((name, _)) if secret(name) && name != "pageToken" => format!("{name}=…"),
            _ => part.to_owned(),
        })
        .collect();
    parts.join("&")
}

pub(crate) fn respond(reply: Reply) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    let printable: String = reply
        .reason
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() || c == ' ' {
                c
            } else {
                '?'
            }
        })
        .take(300)
        .collect();
    if let Some(value) = (!printable.is_empty())
        .then(|| HeaderValue::from_str(&printable).ok())
        .flatten()
    {
        headers.insert("x-sandbox-reason", value);
    }
    response
}

/// Sends the head and half the body, then cuts the line.
pub(crate) async fn truncate(response: Response, wire: &Wire) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let head: usize = parts
        .headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    wire.cut_after(head + 60 + body.len() / 2);
    Response::from_parts(parts, Body::from(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_keeps_no_secrets() {
        assert_eq!(
            without_secrets("code=abc&state=xyz&q=search&access_token=t&pageToken=10"),
            "code=…&state=…&q=search&access_token=…&pageToken=10"
        );
    }
}
