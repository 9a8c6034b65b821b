//! `EntityDefinitions`: tables, columns and alternate keys as they describe themselves
//! (specification 4.1).

mod attributes;

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::address::{Key, Options, Segment, outside_quotes, unquoted};
use super::errors::{Failure, Outcome};
use super::filter::{self, Type};
use super::schema::{AlternateKey, Label, Table};
use super::{Env, body, customize};
use crate::server::{Call, Reply};
use attributes::attributes;

/// `#Microsoft.Dynamics.CRM.` before every type.
const NAMESPACE: &str = "Microsoft.Dynamics.CRM.";

pub(super) fn answer(
    env: &mut Env<'_>,
    call: &Call,
    base: &str,
    rest: &[Segment],
    first: &Segment,
) -> Outcome<Reply> {
    let options = Options::parse(&call.query)?;
    if options.top.is_some() || options.orderby.is_some() || options.count {
        return Err(Failure::syntax(
            "The query parameters $top, $orderby and $count are not supported on metadata.",
        ));
    }
    let Some(key) = &first.key else {
        if call.method != Method::GET || !rest.is_empty() {
            return Err(Failure::method());
        }
        let seen = &*env;
        let tables = seen.organization.stores.values();
        let tables = tables.map(|store| table_json(&store.table, seen)).collect();
        return many(base, "EntityDefinitions", tables, &options, None);
    };
    let table = named_table(env, key)?;
    match (rest, &call.method) {
        ([], &Method::GET) => one(base, table_json(&table, env), &options, None),
        ([part], &Method::POST) if part.key.is_none() => {
            let body = body(call, table.set)?;
            let id = match part.name.as_str() {
                "Attributes" => {
                    env.caller.demand("prvCreateAttribute", &table)?;
                    customize::add_column(env.organization, table.name, &body)?
                }
                "Keys" => {
                    env.caller.demand("prvWriteEntity", &table)?;
                    let active_at = env.now + env.faults.key_index_ms;
                    customize::add_key(env.organization, table.name, &body, active_at)?
                }
                other => return Err(Failure::no_resource(other)),
            };
            let address = format!("{base}/EntityDefinitions({})/{}({id})", table.id, part.name);
            Ok(Reply::empty(204).with("odata-entityid", address))
        }
        ([part, cast @ ..], &Method::GET) => part_of(env, base, &table, part, cast, &options),
        _ => Err(Failure::method()),
    }
}

fn named_table(env: &Env<'_>, key: &Key) -> Outcome<Table> {
    let mut stores = env.organization.stores.values();
    let found = stores.find(|store| fits(key, store.table.id, store.table.name));
    found.map(|store| store.table.clone()).ok_or_else(|| {
        Failure::new(
            404,
            "0x80041102",
            "The entity with the specified name was not found in the MetadataCache.",
        )
    })
}

/// Whether a key names something by its id or its logical name.
fn fits(key: &Key, id: uuid::Uuid, name: &str) -> bool {
    match key {
        Key::Id(own) => *own == id,
        Key::Named(pairs) => match pairs.as_slice() {
            [(property, value)] => {
                property == "LogicalName" && unquoted(value).as_deref() == Some(name)
            }
            _ => false,
        },
    }
}

fn part_of(
    env: &Env<'_>,
    base: &str,
    table: &Table,
    part: &Segment,
    cast: &[Segment],
    options: &Options,
) -> Outcome<Reply> {
    let cast = match cast {
        [] => None,
        [cast] => Some(
            cast.name
                .strip_prefix(NAMESPACE)
                .ok_or_else(|| Failure::no_resource(&cast.name))?,
        ),
        [.., last] => return Err(Failure::no_resource(&last.name)),
    };
    let path = format!("EntityDefinitions('{}')/{}", table.name, part.name);
    let mut all = match part.name.as_str() {
        "Attributes" => attributes(table, cast)?,
        "Keys" => keys(table, env.now),
        other => return Err(Failure::no_resource(other)),
    };
    let Some(key) = &part.key else {
        return many(base, &path, all, options, cast);
    };
    let place = all.iter().position(|own| {
        let id = own["MetadataId"].as_str().and_then(|id| id.parse().ok());
        fits(
            key,
            id.unwrap_or_default(),
            own["LogicalName"].as_str().unwrap_or_default(),
        )
    });
    match place {
        Some(place) => one(base, all.remove(place), options, cast),
        None => Err(Failure::new(
            404,
            "0x80041103",
            "The attribute with the specified name was not found in the MetadataCache.",
        )),
    }
}

pub(crate) fn label(label: &Label) -> Value {
    let text = |(language, text): &(u32, String)| json!({ "Label": text, "LanguageCode": language, "IsManaged": true, "MetadataId": uuid::Uuid::nil(), "HasChanged": null });
    json!({
        "LocalizedLabels": label.0.iter().map(text).collect::<Vec<Value>>(),
        "UserLocalizedLabel": label.0.first().map(text),
    })
}

fn table_json(table: &Table, env: &Env<'_>) -> Value {
    json!({
        "MetadataId": table.id,
        "LogicalName": table.name,
        "SchemaName": table.schema,
        "EntitySetName": table.set,
        "PrimaryIdAttribute": table.key,
        "PrimaryNameAttribute": table.primary_name,
        "ObjectTypeCode": table.code,
        "DisplayName": label(&table.label),
        "DisplayCollectionName": label(&table.label_of_many),
        "IsOptimisticConcurrencyEnabled": env.faults.optimistic || table.name != "lead",
        "IsCustomEntity": false,
        "OwnershipType": if table.columns.contains_key("ownerid") { "UserOwned" } else { "None" },
        "Attributes": attributes(table, None).unwrap_or_default(),
        "Keys": keys(table, env.now),
    })
}

fn keys(table: &Table, now: i64) -> Vec<Value> {
    let json = |key: &AlternateKey| {
        json!({
            "MetadataId": key.id,
            "LogicalName": key.schema.to_ascii_lowercase(),
            "SchemaName": key.schema,
            "EntityLogicalName": table.name,
            "DisplayName": label(&key.label),
            "KeyAttributes": key.columns,
            "EntityKeyIndexStatus": if key.active_at <= now { "Active" } else { "Pending" },
            "IsManaged": false,
        })
    };
    table.keys.iter().map(json).collect()
}

/// Properties that lead elsewhere: they are shown only when expanded.
const NAVIGATION: &[&str] = &["Attributes", "Keys", "OptionSet", "GlobalOptionSet"];

/// What can be selected: what the definitions of this kind have.
fn known(all: &[Value], name: &str, cast: Option<&str>) -> Outcome<()> {
    let there = all.iter().any(|own| own.get(name).is_some());
    let base = cast.is_some() || !attributes::special(name);
    let selectable = (there || all.is_empty()) && base && !NAVIGATION.contains(&name);
    match selectable {
        true => Ok(()),
        false => Err(Failure::no_property(
            name,
            cast.unwrap_or("AttributeMetadata"),
        )),
    }
}

/// What a property of a definition holds, for `$filter`.
fn kind(name: &str) -> Outcome<Type> {
    Ok(match name {
        "LogicalName"
        | "SchemaName"
        | "EntitySetName"
        | "AttributeOf"
        | "PrimaryIdAttribute"
        | "AttributeTypeName/Value" => Type::Text,
        "MetadataId" => Type::Guid,
        "AttributeType" | "RequiredLevel/Value" | "EntityKeyIndexStatus" => Type::Enum,
        "ObjectTypeCode" | "MaxLength" => Type::Number,
        name if name.starts_with("Is") && !name.contains('/') => Type::Flag,
        name => return Err(Failure::no_property(name, "MetadataBase")),
    })
}

fn many(
    base: &str,
    path: &str,
    mut all: Vec<Value>,
    options: &Options,
    cast: Option<&str>,
) -> Outcome<Reply> {
    for name in options.select.iter().flatten() {
        known(&all, name, cast)?;
    }
    if let Some(text) = &options.filter {
        let filter = filter::parse(text, &options.aliases, &kind)?;
        all.retain(|own| {
            filter.fits(&|name| {
                let mut parts = name.split('/');
                parts
                    .try_fold(own, |value, part| value.get(part))
                    .cloned()
                    .unwrap_or(Value::Null)
            })
        });
    }
    let shown = all.into_iter().map(|own| show(own, options));
    let value = shown.collect::<Outcome<Vec<Value>>>()?;
    Ok(Reply::json(
        200,
        &json!({ "@odata.context": format!("{base}/$metadata#{path}"), "value": value }),
    ))
}

fn one(base: &str, own: Value, options: &Options, cast: Option<&str>) -> Outcome<Reply> {
    for name in options.select.iter().flatten() {
        known(std::slice::from_ref(&own), name, cast)?;
    }
    let mut body = Map::new();
    let context = format!("{base}/$metadata#EntityDefinitions/$entity");
    body.insert("@odata.context".to_owned(), json!(context));
    if let Value::Object(shown) = show(own, options)? {
        body.extend(shown);
    }
    Ok(Reply::json(200, &Value::Object(body)))
}

/// Selects and expands; the id is always told.
fn show(own: Value, options: &Options) -> Outcome<Value> {
    let Value::Object(own) = own else {
        return Ok(own);
    };
    let expanded = expansions(options.expand.as_deref())?;
    let mut shown = Map::new();
    for (name, value) in own {
        if NAVIGATION.contains(&name.as_str()) {
            if let Some((_, select)) = expanded.iter().find(|(wanted, _)| *wanted == name) {
                shown.insert(name, chosen(value, select.as_deref()));
            }
            continue;
        }
        let wanted = options
            .select
            .as_ref()
            .is_none_or(|select| select.contains(&name));
        if wanted || name == "MetadataId" || name == "@odata.type" {
            shown.insert(name, value);
        }
    }
    Ok(Value::Object(shown))
}

type Expansion = (String, Option<Vec<String>>);

/// `OptionSet($select=Options),GlobalOptionSet($select=Options)`.
fn expansions(expand: Option<&str>) -> Outcome<Vec<Expansion>> {
    let Some(expand) = expand else {
        return Ok(Vec::new());
    };
    let parts = outside_quotes(expand, ',').into_iter().map(|part| {
        let (name, inner) = match part.trim().split_once('(') {
            Some((name, inner)) => (name, inner.strip_suffix(')')),
            None => (part.trim(), None),
        };
        if !NAVIGATION.contains(&name) {
            return Err(Failure::no_property(name, "AttributeMetadata"));
        }
        let select = inner.map(|inner| {
            let select = inner.strip_prefix("$select=");
            let select =
                select.ok_or_else(|| Failure::syntax(format!("Syntax error in '{part}'.")))?;
            Ok(super::address::names(select))
        });
        Ok((name.to_owned(), select.transpose()?))
    });
    parts.collect()
}

fn chosen(value: Value, select: Option<&[String]>) -> Value {
    let Some(select) = select else {
        return value;
    };
    match value {
        Value::Array(list) => list
            .into_iter()
            .map(|value| chosen(value, Some(select)))
            .collect(),
        Value::Object(own) => {
            let kept = own
                .into_iter()
                .filter(|(name, _)| name == "MetadataId" || select.contains(name));
            Value::Object(kept.collect())
        }
        other => other,
    }
}
