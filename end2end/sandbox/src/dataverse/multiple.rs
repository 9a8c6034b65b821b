//! CreateMultiple, UpdateMultiple and UpsertMultiple: all rows or none (specification 2.7).

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::address::{Key, guid, outside_quotes};
use super::context::{Context, Means};
use super::errors::{Failure, Outcome};
use super::organization::Organization;
use super::schema::Table;
use super::{Options, body};
use crate::server::{Call, Reply};

const NAMESPACE: &str = "Microsoft.Dynamics.CRM.";

pub(super) fn run(
    context: &mut Context<'_>,
    call: &Call,
    table: &Table,
    action: &str,
) -> Outcome<Reply> {
    let name = action.strip_prefix(NAMESPACE).unwrap_or_default();
    if !["CreateMultiple", "UpdateMultiple", "UpsertMultiple"].contains(&name) {
        return Err(Failure::no_resource(action));
    }
    if call.method != Method::POST {
        return Err(Failure::method());
    }
    let targets = targets(table, &body(call, table.set)?)?;
    let ids = all(context, |context| {
        let written = targets
            .iter()
            .map(|target| write(context, table, name, target));
        written.collect::<Outcome<Vec<Option<String>>>>()
    })?;
    if name != "CreateMultiple" {
        return Ok(Reply::empty(204));
    }
    let kind = format!("{NAMESPACE}CreateMultipleResponse");
    Ok(Reply::json(
        200,
        &json!({ "@odata.context": format!("{}/$metadata#{kind}", context.base), "Ids": ids }),
    ))
}

/// Does the work in a transaction of the context's organization.
fn all<T>(
    context: &mut Context<'_>,
    work: impl FnOnce(&mut Context<'_>) -> Outcome<T>,
) -> Outcome<T> {
    let Context {
        organization,
        caller,
        faults,
        wishes,
        now,
        base,
    } = context;
    organization.atomically(|organization: &mut Organization| {
        work(&mut Context {
            organization,
            caller: caller.clone(),
            faults,
            wishes: wishes.clone(),
            now: *now,
            base: base.clone(),
        })
    })
}

fn targets(table: &Table, body: &Map<String, Value>) -> Outcome<Vec<Map<String, Value>>> {
    let list = body.get("Targets").and_then(Value::as_array);
    let list = list.ok_or_else(|| Failure::payload(table.set, "Targets is missing."))?;
    let wanted = format!("{NAMESPACE}{}", table.name);
    let objects = list.iter().map(|target| {
        let target = target.as_object();
        let typed = |target: &&Map<String, Value>| {
            let kind = target.get("@odata.type").and_then(Value::as_str);
            kind.is_some_and(|kind| kind.trim_start_matches('#') == wanted)
        };
        target.filter(typed).cloned().ok_or_else(|| {
            Failure::payload(
                table.set,
                "A type named in '@odata.type' is needed for each of the Targets.",
            )
        })
    });
    objects.collect()
}

/// Writes one; answers its id if it was created.
fn write(
    context: &mut Context<'_>,
    table: &Table,
    action: &str,
    target: &Map<String, Value>,
) -> Outcome<Option<String>> {
    let options = Options::default();
    if action == "CreateMultiple" {
        let reply = context.post(table, target, &options)?;
        let address = reply
            .headers
            .iter()
            .find(|(name, _)| *name == "odata-entityid");
        let id = address.and_then(|(_, address)| address.rsplit_once('('));
        return Ok(id.map(|(_, id)| id.trim_end_matches(')').to_owned()));
    }
    let means = means(context, table, target)?;
    context.wishes.if_match = (action == "UpdateMultiple").then(|| "*".to_owned());
    context.patch(table, &means, target, &options)?;
    Ok(None)
}

/// `"@odata.id": "leads(key='r1')"`, or the primary key in the body.
fn means(context: &Context<'_>, table: &Table, target: &Map<String, Value>) -> Outcome<Means> {
    let text = |name: &str| target.get(name).and_then(Value::as_str);
    if let Some(id) = text(table.key).and_then(guid) {
        return Ok(Means::Id(id));
    }
    let missing = || Failure::payload(table.set, "@odata.id or the primary key is needed.");
    let address = text("@odata.id").ok_or_else(missing)?;
    let (_, key) = address.split_once('(').ok_or_else(missing)?;
    let key = key.strip_suffix(')').ok_or_else(missing)?;
    let key = match guid(key) {
        Some(id) => Key::Id(id),
        None => Key::Named(
            outside_quotes(key, ',')
                .into_iter()
                .filter_map(|pair| pair.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        ),
    };
    context.means(table, &key)
}
