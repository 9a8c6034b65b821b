//! The HTTP server of both sides: faults of the network, limits, the answer, the journal.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State as Extract};
use axum::response::Response;
use serde_json::json;
use tokio::sync::watch;
use uuid::Uuid;

use super::faults::Stage;
use super::journal::Entry;
use super::state::{Shared, State};
use super::{control, known};
use crate::dataverse::errors::{Failure, catalogued};
use crate::dataverse::{self, Env, limits};
use crate::entra;
use crate::server::{Call, Reply, respond, truncate};
use crate::wire::{Door, Wire};

/// Bodies larger than this are refused.
const MAX_BODY: usize = 16 << 20;

/// What a port answers for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Login,
    Organization,
}

#[derive(Debug, Clone)]
struct Port {
    shared: Arc<Shared>,
    side: Side,
    stopped: watch::Receiver<bool>,
}

/// Serves until told to stop.
pub(super) async fn run(
    shared: Arc<Shared>,
    side: Side,
    door: Door,
    mut stopped: watch::Receiver<bool>,
) {
    let port = Port {
        shared,
        side,
        stopped: stopped.clone(),
    };
    let app = Router::new()
        .fallback(handle)
        .with_state(port)
        .into_make_service_with_connect_info::<Wire>();
    let served = axum::serve(door, app).with_graceful_shutdown(async move {
        // An error means that the stand-in was dropped, which is also a way to stop.
        let _ = stopped.wait_for(|stop| *stop).await;
    });
    if let Err(error) = served.await {
        tracing::error!(%error, "the stand-in's server ended");
    }
}

async fn handle(
    Extract(port): Extract<Port>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return respond(Reply::empty(413));
    };
    let call = Call {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
        tunneled: false,
    };
    if port.side == Side::Organization && call.path.starts_with("/control/") {
        return respond(control::handle(&port.shared, &call));
    }
    // A task of its own: what was begun is finished, whether or not the caller still listens.
    let task = tokio::spawn(serve(port, wire, call));
    task.await.unwrap_or_else(|_| respond(Reply::empty(500)))
}

/// A call on its way.
struct Visit {
    call: Call,
    entry: Entry,
    started: Instant,
    /// The application, once the limits let it in.
    admitted: Option<String>,
    busy: Option<String>,
}

async fn serve(mut port: Port, wire: Wire, call: Call) -> Response {
    let shared = Arc::clone(&port.shared);
    let mut visit = arrive(&shared, port.side, call);
    let endpoint = visit.entry.endpoint.clone();
    let first = match port.side {
        Side::Login => Stage::Login,
        Side::Organization => Stage::Arrival,
    };
    let struck = strike(&mut shared.state(), first, &endpoint);
    let retry_after = shared.state().faults.retry_after;
    let broken = struck.as_deref().and_then(|kind| broken(kind, retry_after));
    let mut done = match broken {
        Some(broken) => broken,
        None => match port.side {
            Side::Login => {
                let reply =
                    entra::handle(&shared, &mut shared.state(), &visit.call, struck.as_deref());
                Done::plain(reply)
            }
            Side::Organization => organization(&shared, &mut visit).await,
        },
    };
    finish(&shared, &mut visit, &mut done, port.side);
    send(&mut port, wire, done).await
}

/// An answer, and what happens to it on its way.
struct Done {
    reply: Reply,
    /// The kind of fault that spoils it.
    spoiled: Option<String>,
}

impl Done {
    fn plain(reply: Reply) -> Done {
        Done {
            reply,
            spoiled: None,
        }
    }
}

fn arrive(shared: &Shared, side: Side, call: Call) -> Visit {
    let state = shared.state();
    let (name, endpoint) = match side {
        Side::Login => ("entra", entra::endpoint(&call)),
        Side::Organization => ("dataverse", dataverse::endpoint(&call)),
    };
    let query = url::form_urlencoded::parse(call.query.as_bytes());
    let query: Vec<String> = query
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let entry = Entry {
        at: state.now(),
        side: name,
        endpoint,
        path: call.path.clone(),
        query: query.join("&"),
        client_request_id: call.header("x-ms-client-request-id").map(str::to_owned),
        request_id: Uuid::new_v4().to_string(),
        ..Entry::default()
    };
    Visit {
        call,
        entry,
        started: Instant::now(),
        admitted: None,
        busy: None,
    }
}

fn strike(state: &mut State, stage: Stage, endpoint: &str) -> Option<String> {
    let State { dice, faults, .. } = state;
    dice.strike(faults, stage, endpoint)
}

/// The answer of an infrastructure that is unwell.
fn broken(kind: &str, retry_after: Option<u64>) -> Option<Done> {
    let page = |status: u16, text: &str| {
        let body =
            format!("<html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>");
        Reply::new(status, "text/html", body)
    };
    let mut reply = match kind {
        "408" => page(408, "Request Timeout"),
        "413" => page(413, "Request Entity Too Large"),
        "429" => Reply::json(
            429,
            &json!({ "error": "temporarily_unavailable", "error_description": "Too many requests." }),
        ),
        "500" => page(500, "Internal Server Error"),
        "502" | "html_502" => page(502, "Bad Gateway"),
        "503" => page(503, "Service Unavailable"),
        "504" => page(504, "Gateway Timeout"),
        "aspnet_500" => Reply::json(
            500,
            &json!({ "Message": "An error has occurred.", "ExceptionMessage": "Object reference not set to an instance of an object.", "ErrorCode": "0x80040216" }),
        ),
        "reset" | "timeout" => Reply::empty(504),
        _ => return None,
    };
    if let Some(seconds) = retry_after.filter(|_| ["429", "503"].contains(&kind)) {
        reply = reply.with("retry-after", seconds.to_string());
    }
    Some(Done {
        reply,
        spoiled: Some(kind.to_owned()),
    })
}

/// The organization's way: token, limits, membership, latency, work.
async fn organization(shared: &Arc<Shared>, visit: &mut Visit) -> Done {
    let endpoint = visit.entry.endpoint.clone();
    let latency = {
        let mut state = shared.state();
        if let Err(reply) = admit(shared, &mut state, visit) {
            return Done::plain(*reply);
        }
        state.faults.latency_ms
    };
    if latency > 0 {
        tokio::time::sleep(Duration::from_millis(latency)).await;
    }
    let mut guard = shared.state();
    let state = &mut *guard;
    let reply = work(shared, state, visit);
    if let Some(row) = visit.busy.take() {
        state.organization.busy.remove(&row);
    }
    visit.entry.wrote = std::mem::take(&mut state.organization.wrote);
    match strike(state, Stage::Answer, &endpoint) {
        // The write stays; what is said about it is that the service is unavailable.
        Some(kind) if kind == "503_after_commit" => {
            let broken = broken("503", state.faults.retry_after);
            broken.unwrap_or(Done::plain(reply))
        }
        spoiled => Done { reply, spoiled },
    }
}

type Admitted = Result<(), Box<Reply>>;

fn admit(shared: &Shared, state: &mut State, visit: &mut Visit) -> Admitted {
    let (now, endpoint) = (state.now(), visit.entry.endpoint.clone());
    let injected = strike(state, Stage::Token, &endpoint).is_some();
    let client = client(shared, state, &visit.call, injected)?;
    visit.entry.client = Some(client.clone());
    visit.entry.inside_retry_after_ms = state.journal.waiting(&client, now);
    let limited = match strike(state, Stage::Limit, &endpoint) {
        Some(kind) => Err(limits::injected(&kind, &state.faults)),
        None => state.limits.enter(&client, &state.faults, now),
    };
    limited.map_err(|failure| Box::new(failure.reply(false)))?;
    visit.entry.in_flight = state.limits.in_flight(&client);
    visit.admitted = Some(client);
    if let Some(row) = dataverse::target(&visit.call).filter(|_| state.faults.row_deadlocks) {
        if !state.organization.busy.insert(row.clone()) {
            let deadlock = catalogued("0x80044150").unwrap_or_else(Failure::method);
            let deadlock = deadlock.because("another request is writing the same row");
            return Err(Box::new(deadlock.reply(false)));
        }
        visit.busy = Some(row);
    }
    Ok(())
}

/// The application a token was given to, or the challenge that tells where to get one.
fn client(
    shared: &Shared,
    state: &State,
    call: &Call,
    injected: bool,
) -> Result<String, Box<Reply>> {
    let bearer = call.header("authorization").unwrap_or_default();
    let bearer = bearer.strip_prefix("Bearer ").unwrap_or_default();
    let token = state.directory.token(bearer);
    let reason = match token {
        _ if injected => "injected fault",
        None if bearer.is_empty() => "no token",
        None => "an unknown token",
        Some(token) if !shared.is_organization(&token.resource) => "a token for something else",
        Some(token) if token.expires_at <= state.now() => "the token is expired",
        Some(token) => return Ok(token.client.clone()),
    };
    let error = match bearer.is_empty() {
        true => "",
        false => "error=invalid_token, ",
    };
    let challenge = format!(
        "Bearer {error}authorization_uri={}/{}/oauth2/authorize, resource_id={}/",
        shared.login,
        known::TENANT,
        shared.organization
    );
    let mut reply = Reply::empty(401).with("www-authenticate", challenge);
    reason.clone_into(&mut reply.reason);
    Err(Box::new(reply))
}

fn work(shared: &Shared, state: &mut State, visit: &Visit) -> Reply {
    let client = visit.admitted.clone().unwrap_or_default();
    let injected = strike(state, Stage::Work, &visit.entry.endpoint);
    if let Some(failure) = injected.as_deref().and_then(catalogued) {
        return failure.reply(false);
    }
    let caller = match state.organization.member(&client) {
        Ok(caller) => caller,
        Err(failure) => return failure.reply(false),
    };
    let now = state.now();
    let mut env = Env {
        organization: &mut state.organization,
        caller,
        faults: &state.faults,
        now,
        url: &shared.organization,
    };
    dataverse::handle(&mut env, &visit.call)
}

/// Books the time, dresses the answer, writes the journal.
fn finish(shared: &Shared, visit: &mut Visit, done: &mut Done, side: Side) {
    let mut state = shared.state();
    let took = u64::try_from(visit.started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let booked = took.saturating_add(state.faults.booked_ms);
    if let Some(client) = &visit.admitted {
        let booked = i64::try_from(booked).unwrap_or(i64::MAX);
        state.limits.leave(client, visit.entry.at, booked);
    }
    if let Some(row) = visit.busy.take() {
        state.organization.busy.remove(&row);
    }
    let mut entry = std::mem::take(&mut visit.entry);
    if side == Side::Organization {
        dress(&mut done.reply, &state, &entry);
    }
    entry.took_ms = took;
    entry.status = done.reply.status;
    entry.code.clone_from(&done.reply.endpoint);
    entry.reason.clone_from(&done.reply.reason);
    if entry.client.is_none() {
        entry.client.clone_from(&done.reply.member);
    }
    if let Some(kind) = &done.spoiled {
        entry.reason = format!("injected fault: {kind}");
    }
    let waits =
        |(name, value): &(&str, String)| (*name == "retry-after").then(|| value.parse().ok());
    entry.retry_after = done.reply.headers.iter().find_map(waits).flatten();
    let now = state.now();
    state.journal.note(entry, now);
}

/// Lets the answer go, if it goes.
async fn send(port: &mut Port, wire: Wire, done: Done) -> Response {
    let Done { mut reply, spoiled } = done;
    let hang = port.shared.state().faults.hang_ms;
    match spoiled.as_deref() {
        Some("timeout" | "timeout_after_commit") => {
            let stopped = &mut port.stopped;
            let patience = Duration::from_millis(hang);
            let _ = tokio::time::timeout(patience, stopped.wait_for(|stop| *stop)).await;
            wire.cut_after(0);
        }
        Some("reset" | "reset_after_commit") => wire.cut_after(0),
        Some("truncated") => return truncate(respond(reply), &wire).await,
        Some("malformed_json") => reply.body = "{\"value\":[{".to_owned(),
        Some("empty_body") => reply.body.clear(),
        _ => {}
    }
    respond(reply)
}

/// What every answer of the organization carries.
fn dress(reply: &mut Reply, state: &State, entry: &Entry) {
    let json = |(name, value): &mut (&str, String)| {
        if *name == "content-type" && value == "application/json" {
            "application/json; odata.metadata=minimal".clone_into(value);
        }
    };
    reply.headers.iter_mut().for_each(json);
    let mut tell = |name, value| reply.headers.push((name, value));
    tell("odata-version", "4.0".to_owned());
    tell("req_id", entry.request_id.clone());
    tell("x-ms-service-request-id", entry.request_id.clone());
    tell("x-ms-dop-hint", state.faults.dop_hint.to_string());
    if let Some(client) = &entry.client {
        let (requests, ms) = state.limits.remaining(client, &state.faults);
        tell(
            "x-ms-ratelimit-burst-remaining-xrm-requests",
            requests.to_string(),
        );
        tell("x-ms-ratelimit-time-remaining-xrm-requests", ms.to_string());
    }
}
