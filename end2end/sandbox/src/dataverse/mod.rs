//! Dataverse: the Web API of one organization, strict where the real one is strict.
//!
//! `address` reads the path and the query, `prefer` the headers; `functions`, `metadata`, `read`,
//! `write`, `multiple` and `batch` answer. What there is lives in `organization`, what it looks like
//! in `schema`. `limits` protects the service, `errors` is the catalogue.

mod address;
mod batch;
mod context;
pub(crate) mod customize;
mod dates;
pub(crate) mod errors;
mod filter;
mod functions;
pub(crate) mod limits;
pub(crate) mod metadata;
mod multiple;
pub(crate) mod organization;
mod prefer;
mod read;
mod rules;
mod schema;
mod seed;
mod text;
mod values;
mod write;

use axum::http::Method;
use serde_json::{Map, Value};

use crate::dynamics::faults::Faults;
use crate::server::{Call, Reply};
use address::{Options, Segment};
use context::Context;
use errors::{Failure, Outcome};
use organization::{Caller, Organization};
use prefer::Wishes;
use schema::Table;

/// What all calls work with.
pub(crate) struct Env<'a> {
    pub(crate) organization: &'a mut Organization,
    pub(crate) caller: Caller,
    pub(crate) faults: &'a Faults,
    pub(crate) now: i64,
    /// The organization's URL.
    pub(crate) url: &'a str,
}

/// The name of an endpoint for the journal and for injected errors: `PATCH leads`.
pub(crate) fn endpoint(call: &Call) -> String {
    let mut segments = call.path.trim_matches('/').split('/').skip(3);
    let resource = segments.next().unwrap_or_default();
    let resource = resource.split('(').next().unwrap_or_default();
    let action = segments.find_map(|segment| segment.strip_prefix("Microsoft.Dynamics.CRM."));
    match action.filter(|action| action.ends_with("Multiple")) {
        Some(action) => format!("{} {action}", call.method),
        None => format!("{} {resource}", call.method),
    }
}

/// The rows that a call is about to write, so that two writers of one row can meet.
pub(crate) fn target(call: &Call) -> Option<String> {
    let writes = [Method::PATCH, Method::PUT, Method::DELETE].contains(&call.method);
    writes.then(|| call.path.to_lowercase())
}

/// Answers a call whose token, limits and membership are in order.
pub(crate) fn handle(env: &mut Env<'_>, call: &Call) -> Reply {
    let wishes = match Wishes::read(&call.headers) {
        Ok(wishes) => wishes,
        Err(failure) => return failure.reply(false),
    };
    let annotated = wishes.annotated("Microsoft.PowerApps.CDS.ErrorDetails.DuplicateEntity");
    dispatch(env, call, wishes).unwrap_or_else(|failure| failure.reply(annotated))
}

fn dispatch(env: &mut Env<'_>, call: &Call, wishes: Wishes) -> Outcome<Reply> {
    let (version, segments) = address::split(&call.path, &call.query)?;
    if wishes.acting {
        let users = &env.organization.by_set("systemusers")?.table;
        env.caller.demand("prvActOnBehalfOfAnotherUser", users)?;
    }
    let base = format!("{}/api/data/{version}", env.url);
    let name = segments.first().map(|segment| segment.name.as_str());
    match name {
        Some("$batch") => return batch::run(env, call, &wishes),
        Some("EntityDefinitions") => {
            return metadata::answer(env, call, &base, &segments[1..], &segments[0]);
        }
        _ => {}
    }
    if let Some(reply) = functions::answer(env, call, &base, &segments)? {
        return Ok(reply);
    }
    let mut context = Context {
        organization: &mut *env.organization,
        caller: env.caller.clone(),
        faults: env.faults,
        wishes,
        now: env.now,
        base,
    };
    let table = match name {
        Some(set) => context.organization.by_set(set)?.table.clone(),
        None => return Err(Failure::method()),
    };
    match &segments[..] {
        [Segment { key: None, .. }] => set(&mut context, call, &table),
        [Segment { key: Some(key), .. }] => {
            let means = context.means(&table, key)?;
            row(&mut context, call, &table, &means)
        }
        [Segment { key: None, .. }, action] => {
            multiple::run(&mut context, call, &table, &action.name)
        }
        [Segment { key: Some(key), .. }, property] => {
            let means = context.means(&table, key)?;
            self::property(&mut context, call, &table, &means, &property.name)
        }
        _ => Err(Failure::no_resource(&segments[segments.len() - 1].name)),
    }
}

fn set(context: &mut Context<'_>, call: &Call, table: &Table) -> Outcome<Reply> {
    let options = Options::parse(&call.query)?;
    match call.method {
        Method::GET => context.list(table, &options, &call.query),
        Method::POST => context.post(table, &body(call, table.set)?, &options),
        _ => Err(Failure::method()),
    }
}

fn row(
    context: &mut Context<'_>,
    call: &Call,
    table: &Table,
    means: &context::Means,
) -> Outcome<Reply> {
    let options = Options::parse(&call.query)?;
    let named = context.find(table, means)?;
    if named.is_some_and(|row| context.faults.unreachable.contains(&row.id)) {
        return Err(Failure::unreachable());
    }
    if call.method == Method::PATCH {
        return context.patch(table, means, &body(call, table.set)?, &options);
    }
    let found = context.find(table, means)?;
    let found = found.ok_or_else(|| Context::absent(table, means))?;
    match call.method {
        Method::GET => context.get(table, &found, &options),
        Method::DELETE => context.delete(table, &found),
        _ => Err(Failure::method()),
    }
}

fn property(
    context: &mut Context<'_>,
    call: &Call,
    table: &Table,
    means: &context::Means,
    name: &str,
) -> Outcome<Reply> {
    let found = context.find(table, means)?;
    let found = found.ok_or_else(|| Context::absent(table, means))?;
    match call.method {
        Method::PUT => {
            let value = body(call, table.set)?
                .remove("value")
                .unwrap_or(Value::Null);
            context.put_property(table, &found, name, value)
        }
        Method::DELETE => context.put_property(table, &found, name, Value::Null),
        _ => Err(Failure::method()),
    }
}

/// A JSON object.
fn body(call: &Call, set: &str) -> Outcome<Map<String, Value>> {
    let kind = call.header("content-type").unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("application/json") {
        return Err(Failure::new(
            415,
            "0x80060888",
            "A supported MIME type could not be found that matches the content type of the request.",
        ));
    }
    serde_json::from_slice(&call.body).map_err(|error| {
        Failure::payload(set, "Stream was not readable.").because(error.to_string())
    })
}
