//! The control API: a test's hand on the organization and on Entra ID (documented in `README.md`).

use axum::http::{HeaderMap, HeaderValue, Method, header};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::faults::Faults;
use super::known;
use super::state::{Shared, State};
use crate::dataverse::errors::Failure;
use crate::dataverse::organization::{Caller, Store};
use crate::dataverse::{self, Env, customize};
use crate::entra::Token;
use crate::server::{Call, Reply};

type Answered = Result<Value, (u16, String)>;

fn bad(reason: impl Into<String>) -> (u16, String) {
    (400, reason.into())
}

fn missing(reason: impl Into<String>) -> (u16, String) {
    (404, reason.into())
}

fn failed(failure: Failure) -> (u16, String) {
    (
        failure.status,
        format!("{} {}", failure.code, failure.message),
    )
}

/// Everything below `/control/`.
pub(super) fn handle(shared: &Shared, call: &Call) -> Reply {
    let answered = route(shared, call).map(|value| Reply::json(200, &value));
    answered.unwrap_or_else(|(status, reason)| Reply::json(status, &json!({ "error": reason })))
}

fn route(shared: &Shared, call: &Call) -> Answered {
    let body = match call.body.as_ref() {
        [] => json!({}),
        bytes => serde_json::from_slice(bytes).map_err(|error| bad(error.to_string()))?,
    };
    let mut guard = shared.state();
    let state = &mut *guard;
    let path = call.path.trim_start_matches("/control/").trim_matches('/');
    let segments: Vec<&str> = path.split('/').collect();
    let done = match (segments.as_slice(), &call.method) {
        (["state"], &Method::GET) => Ok(overview(shared, state)),
        (["reset"], &Method::POST) => Ok(reset(state)),
        (["clock"], &Method::POST) => clock(state, &body),
        (["faults"], &Method::GET) => Ok(json!(state.faults)),
        (["faults"], &Method::PUT) => faults(state, Faults::from_json(body)),
        (["faults"], &Method::PATCH) => {
            let patched = state.faults.patched(body);
            faults(state, patched)
        }
        (["faults"], &Method::DELETE) => faults(state, Ok(Faults::default())),
        (["journal"], &Method::GET) => Ok(journal(state, &call.query)),
        (["journal"], &Method::DELETE) => {
            state.journal.clear();
            Ok(json!({ "last": state.journal.last() }))
        }
        (["applications"], &Method::POST) => {
            let now = state.now();
            state.directory.register(&body, now).map_err(bad)
        }
        (["tokens"], &Method::POST) => Ok(token(shared, state, &body)),
        (["tokens", "expire"], &Method::POST) => {
            let now = state.now();
            Ok(json!({ "expired": state.directory.expire(now) }))
        }
        (["organization"], &Method::POST) => Ok(organization(state, &body)),
        (["users"], &Method::POST) => user(state, &body),
        (["rows", table], &Method::GET) => rows(state, table),
        (["rows", table], &Method::POST) => add(shared, state, table, &body),
        (["rows", table, id], _) => row(shared, state, call, table, id),
        (["columns" | "keys", ..], _) => schema(state, &segments, &call.method, &body),
        _ => Err(missing("no such control endpoint")),
    };
    state.organization.wrote.clear();
    done
}

fn overview(shared: &Shared, state: &State) -> Value {
    let counts = state.organization.stores.iter();
    let counts: Map<String, Value> = counts
        .map(|(name, store)| ((*name).to_owned(), json!(store.rows().count())))
        .collect();
    json!({
        "authority_url": shared.login, "organization_url": shared.organization,
        "tenant": known::TENANT, "client": known::CLIENT,
        "organization": { "id": state.organization.id, "name": state.organization.name },
        "now": state.now(), "rows": counts, "faults": state.faults, "journal": state.journal.last(),
    })
}

/// Everything as at the start.
fn reset(state: &mut State) -> Value {
    *state = State::new();
    json!({})
}

fn clock(state: &mut State, body: &Value) -> Answered {
    let seconds = body["advance_seconds"].as_f64();
    let seconds = seconds.ok_or_else(|| bad("advance_seconds is a number"))?;
    // Tests do not travel far enough for a double to matter.
    state.advance((seconds * 1000.0) as i64);
    Ok(json!({ "now": state.now() }))
}

fn faults(state: &mut State, faults: Result<Faults, String>) -> Answered {
    state.set_faults(faults.map_err(bad)?);
    Ok(json!(state.faults))
}

fn journal(state: &State, query: &str) -> Value {
    let since = query
        .split('&')
        .find_map(|part| part.strip_prefix("since="))
        .and_then(|number| number.parse().ok())
        .unwrap_or(0);
    let requests: Vec<_> = state.journal.since(since).collect();
    json!({ "last": state.journal.last(), "requests": requests })
}

/// A token without a secret; `expires_in` may be past.
fn token(shared: &Shared, state: &mut State, body: &Value) -> Value {
    let seconds = body["expires_in"].as_i64().unwrap_or(3600);
    let token = Token {
        client: body["client"].as_str().unwrap_or(known::CLIENT).to_owned(),
        resource: body["resource"]
            .as_str()
            .unwrap_or(&shared.organization)
            .to_owned(),
        expires_at: state.now() + seconds * 1000,
    };
    json!({ "access_token": state.directory.issue(token) })
}

/// As if a copy had been put in the place of the organization.
fn organization(state: &mut State, body: &Value) -> Value {
    let own = &mut state.organization;
    if let Some(id) = body["id"].as_str() {
        id.clone_into(&mut own.id);
    }
    if let Some(name) = body["name"].as_str() {
        name.clone_into(&mut own.name);
    }
    json!({ "id": own.id, "name": own.name })
}

/// Gives and takes privileges of an application's user; `{"remove": true}` takes the user away.
fn user(state: &mut State, body: &Value) -> Answered {
    let client = body["client"].as_str().unwrap_or(known::CLIENT);
    let own = &mut state.organization;
    let users = own.store("systemuser").into_iter().flat_map(Store::rows);
    let found = users
        .filter(|row| row.get("applicationid") == json!(client))
        .map(|row| row.id)
        .next();
    if body["remove"] == json!(true) {
        let id = found.ok_or_else(|| missing("the application has no user"))?;
        return Ok(json!({ "removed": own.delete("systemuser", id) }));
    }
    let id = found.unwrap_or_else(Uuid::new_v4);
    if found.is_none() {
        let values = json!({ "systemuserid": id, "applicationid": client, "fullname": "# added", "isdisabled": false });
        let values = values.as_object().cloned().unwrap_or_default();
        own.write("systemuser", id, values.into_iter().collect());
    }
    let privileges = own.privileges.entry(id).or_default();
    let names = |list: &Value| -> Vec<String> {
        let list = list.as_array().into_iter().flatten();
        list.filter_map(|name| name.as_str().map(str::to_owned))
            .collect()
    };
    if body["privileges"].is_array() {
        *privileges = names(&body["privileges"]).into_iter().collect();
    }
    privileges.extend(names(&body["grant"]));
    for name in names(&body["revoke"]) {
        privileges.remove(&name);
    }
    Ok(json!({ "user": id, "privileges": privileges }))
}

fn rows(state: &State, table: &str) -> Answered {
    let store = state.organization.store(table);
    let store = store.ok_or_else(|| missing("no such table"))?;
    let rows: Vec<Value> = store
        .rows()
        .map(|row| json!({ "id": row.id, "etag": row.etag(), "values": row.values }))
        .collect();
    Ok(json!({ "rows": rows }))
}

/// Rows that somebody else made, with the body of a POST.
fn add(shared: &Shared, state: &mut State, table: &str, body: &Value) -> Answered {
    let set = state.organization.store(table);
    let set = set.ok_or_else(|| missing("no such table"))?.table.set;
    let list = match body {
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    };
    let mut ids = Vec::new();
    for one in list {
        let reply = somebody(shared, state, Method::POST, set, &one);
        if reply.status >= 400 {
            return Err((reply.status, reply.body));
        }
        let address = reply
            .headers
            .iter()
            .find(|(name, _)| *name == "odata-entityid");
        let id = address.and_then(|(_, address)| address.rsplit_once('('));
        ids.push(id.map(|(_, id)| id.trim_end_matches(')').to_owned()));
    }
    Ok(json!({ "ids": ids }))
}

fn row(shared: &Shared, state: &mut State, call: &Call, table: &str, id: &str) -> Answered {
    let store = state.organization.store(table);
    let set = store.ok_or_else(|| missing("no such table"))?.table.set;
    let body = serde_json::from_slice(&call.body).unwrap_or_default();
    let path = format!("{set}({id})");
    let reply = somebody(shared, state, call.method.clone(), &path, &body);
    match reply.status {
        400.. => Err((reply.status, reply.body)),
        _ => Ok(serde_json::from_str(&reply.body).unwrap_or_default()),
    }
}

/// A call of a person who may do everything.
fn somebody(shared: &Shared, state: &mut State, method: Method, path: &str, body: &Value) -> Reply {
    let now = state.now();
    let faults = Faults::default();
    let mut env = Env {
        organization: &mut state.organization,
        caller: Caller::anybody(known::MIA.parse().unwrap_or_default()),
        faults: &faults,
        now,
        url: &shared.organization,
    };
    let json = HeaderValue::from_static("application/json");
    let call = Call {
        method,
        path: format!("/api/data/v9.2/{path}"),
        query: String::new(),
        headers: HeaderMap::from_iter([(header::CONTENT_TYPE, json)]),
        body: body.to_string().into(),
        tunneled: false,
    };
    dataverse::handle(&mut env, &call)
}

/// `columns` and `keys` of the lead table.
fn schema(state: &mut State, segments: &[&str], method: &Method, body: &Value) -> Answered {
    let now = state.now();
    let own = &mut state.organization;
    let object = body.as_object().cloned().unwrap_or_default();
    match (segments, method) {
        (["columns"], &Method::POST) => {
            let id = customize::add_column(own, "lead", &object).map_err(failed)?;
            Ok(json!({ "id": id }))
        }
        (["columns", name], &Method::DELETE) => match customize::remove_column(own, "lead", name) {
            true => Ok(json!({})),
            false => Err(missing("no such column")),
        },
        (["columns", name, "choices"], &Method::PUT) => {
            let choices = customize::read_choices(body);
            let choices =
                choices.ok_or_else(|| bad("[{\"Value\":1,\"Label\":\"…\"}] is expected"))?;
            let set = customize::set_choices(own, "lead", name, choices);
            set.ok_or_else(|| missing("no such choice column"))
        }
        (["keys"], &Method::POST) => {
            let id = customize::add_key(own, "lead", &object, now).map_err(failed)?;
            Ok(json!({ "id": id }))
        }
        _ => Err(missing("no such control endpoint")),
    }
}
