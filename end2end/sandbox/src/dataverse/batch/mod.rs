//! `$batch`: multipart alone, in order, stopping at the first error unless told otherwise
//! (specification 2.6).

mod multipart;

use axum::http::{HeaderMap, Method, StatusCode};
use serde_json::Value;
use uuid::Uuid;

use super::Env;
use super::errors::{Failure, Outcome};
use super::organization::Organization;
use super::prefer::Wishes;
use crate::server::{Call, Reply};
use multipart::{Part, boundary, parts, request};

/// More requests are refused.
const MOST: usize = 1000;

pub(super) fn run(env: &mut Env<'_>, call: &Call, wishes: &Wishes) -> Outcome<Reply> {
    if call.method != Method::POST {
        return Err(Failure::method());
    }
    let body = std::str::from_utf8(&call.body).map_err(|_| unreadable())?;
    let boundary = boundary(call.header("content-type").unwrap_or_default()).ok_or_else(|| {
        Failure::syntax("The batch needs a multipart/mixed content type with a boundary.")
    })?;
    let items = items(&parts(body, &boundary).ok_or_else(unreadable)?, &call.path)?;
    let count: usize = items.iter().map(Item::len).sum();
    if count > MOST {
        return Err(Failure::syntax(format!(
            "The number of requests in the batch, {count}, is larger than {MOST}."
        )));
    }
    let mut answer = format!("batchresponse_{}", Uuid::new_v4());
    let (mut written, mut status) = (String::new(), 200);
    for item in items {
        let (text, failed) = match item {
            Item::Single(call) => {
                let reply = answered(env, &call);
                (
                    http(&reply, None),
                    (reply.status >= 400).then_some(reply.status),
                )
            }
            Item::Set(calls) => change_set(env, calls),
        };
        written.push_str(&format!("--{answer}\r\n{text}"));
        if let Some(failed) = failed.filter(|_| !wishes.continue_on_error) {
            status = failed;
            break;
        }
    }
    written.push_str(&format!("--{answer}--\r\n"));
    answer.insert_str(0, "multipart/mixed; boundary=");
    Ok(Reply::new(status, &answer, written))
}

fn unreadable() -> Failure {
    Failure::new(
        400,
        "0x80048d19",
        "Error identified in Payload provided by the user for Entity :'', Stream was not readable.",
    )
    .because("lines of a batch end with CR LF, that of the last boundary too")
}

/// A request, or several that count together.
enum Item {
    Single(Call),
    Set(Vec<(String, Call)>),
}

impl Item {
    fn len(&self) -> usize {
        match self {
            Item::Single(_) => 1,
            Item::Set(calls) => calls.len(),
        }
    }
}

fn items(parts: &[Part<'_>], path: &str) -> Outcome<Vec<Item>> {
    let mut seen = Vec::new();
    let mut item = |part: &Part<'_>| {
        let kind = part.header("content-type").unwrap_or_default();
        let Some(boundary) = boundary(kind) else {
            let call = call(part, path)?;
            return Ok(Item::Single(call));
        };
        let inner = multipart::parts(part.body, &boundary).ok_or_else(unreadable)?;
        let mut calls = Vec::new();
        for part in inner {
            let id = part.header("content-id").unwrap_or_default().to_owned();
            if id.is_empty() || seen.contains(&id) {
                return Err(Failure::syntax("Content-ID header not present"));
            }
            seen.push(id.clone());
            let call = call(&part, path)?;
            if call.method == Method::GET {
                return Err(Failure::syntax("A change set holds no GET requests."));
            }
            calls.push((id, call));
        }
        Ok(Item::Set(calls))
    };
    parts.iter().map(&mut item).collect()
}

fn call(part: &Part<'_>, path: &str) -> Outcome<Call> {
    let plain = part
        .header("content-type")
        .is_some_and(|kind| kind.eq_ignore_ascii_case("application/http"));
    let call = request(part.body, path).filter(|_| plain);
    let call = call.ok_or_else(unreadable)?;
    if call.path.ends_with("/$batch") {
        return Err(Failure::syntax("A batch holds no other batch."));
    }
    Ok(call)
}

fn answered(env: &mut Env<'_>, call: &Call) -> Reply {
    super::handle(env, call)
}

/// All calls or none; a failure is answered alone.
fn change_set(env: &mut Env<'_>, calls: Vec<(String, Call)>) -> (String, Option<u16>) {
    let boundary = format!("changesetresponse_{}", Uuid::new_v4());
    let Env {
        organization,
        caller,
        faults,
        now,
        url,
    } = env;
    let mut failed = None;
    let done = organization.atomically(|organization: &mut Organization| {
        let mut env = Env {
            organization,
            caller: caller.clone(),
            faults,
            now: *now,
            url,
        };
        let (mut text, mut made) = (String::new(), Vec::new());
        for (id, mut call) in calls {
            let reply = match resolve(&mut call, &made) {
                Ok(()) => answered(&mut env, &call),
                Err(failure) => failure.reply(false),
            };
            if reply.status >= 400 {
                failed = Some(reply);
                return Err(Failure::method());
            }
            let address = reply
                .headers
                .iter()
                .find(|(name, _)| *name == "odata-entityid");
            made.push((id.clone(), address.map(|(_, address)| address.clone())));
            text.push_str(&format!("--{boundary}\r\n{}", http(&reply, Some(&id))));
        }
        Ok(text)
    });
    match (done, failed) {
        (Ok(text), _) => (
            format!(
                "Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n{text}--{boundary}--\r\n"
            ),
            None,
        ),
        (Err(_), Some(reply)) => (http(&reply, None), Some(reply.status)),
        (Err(failure), None) => (http(&failure.reply(false), None), Some(failure.status)),
    }
}

type Made = Vec<(String, Option<String>)>;

/// Puts the addresses of what was made before in the place of `$1`.
fn resolve(call: &mut Call, made: &Made) -> Outcome<()> {
    let address = |reference: &str| -> Outcome<String> {
        let id = reference.trim_start_matches('$');
        let known = made.iter().find(|(own, _)| own == id);
        known
            .and_then(|(_, address)| address.clone())
            .ok_or_else(|| {
                Failure::syntax(format!(
                    "Content-ID Reference: '{reference}' does not exist in the batch context."
                ))
            })
    };
    let last = call.path.rsplit('/').next().unwrap_or_default();
    if last.starts_with('$')
        && last[1..].bytes().all(|byte| byte.is_ascii_digit())
        && last.len() > 1
    {
        let address = address(last)?;
        call.path = multipart::path_of(&address).to_owned();
    }
    let Ok(Value::Object(mut body)) = serde_json::from_slice(&call.body) else {
        return Ok(());
    };
    for (name, value) in &mut body {
        if name.ends_with("@odata.bind")
            && let Some(reference) = value.as_str().filter(|text| text.starts_with('$'))
        {
            *value = Value::String(address(reference)?);
        }
    }
    call.body = Value::Object(body).to_string().into();
    Ok(())
}

/// A part with an answer in it.
fn http(reply: &Reply, id: Option<&str>) -> String {
    let reason = StatusCode::from_u16(reply.status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or_default();
    let mut text =
        String::from("Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n");
    if let Some(id) = id {
        text.push_str(&format!("Content-ID: {id}\r\n"));
    }
    text.push_str(&format!("\r\nHTTP/1.1 {} {reason}\r\n", reply.status));
    text.push_str(&format!("REQ_ID: {}\r\n", Uuid::new_v4()));
    for (name, value) in &reply.headers {
        let value = match *name {
            "content-type" => "application/json; odata.metadata=minimal",
            _ => value,
        };
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("OData-Version: 4.0\r\n\r\n{}\r\n", reply.body));
    text
}

/// Headers of a part as those of a call.
fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let pairs = lines.iter().filter_map(|(name, value)| {
        let name: axum::http::HeaderName = name.parse().ok()?;
        Some((name, value.parse().ok()?))
    });
    pairs.collect()
}
