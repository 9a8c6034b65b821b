//! Changing the schema: new columns, choices and alternate keys.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::errors::{Failure, Outcome};
use super::organization::Organization;
use super::schema::{AlternateKey, Choice, Column, Kind, Label, LookupKind, Required, Target};

fn invalid(message: impl Into<String>) -> Failure {
    Failure::new(400, "0x80048d19", message)
}

fn read_label(value: &Value) -> Label {
    let texts = value["LocalizedLabels"].as_array().into_iter().flatten();
    let texts = texts.filter_map(|text| {
        let language = u32::try_from(text["LanguageCode"].as_u64()?).ok()?;
        Some((language, text["Label"].as_str()?.to_owned()))
    });
    Label(texts.collect())
}

/// Choices as `[{"Value","Label"}]`.
pub(crate) fn read_choices(value: &Value) -> Option<Vec<Choice>> {
    let choices = value.as_array()?.iter().map(|choice| {
        let label = match choice["Label"].as_str() {
            Some(text) => Label::of(text),
            None => read_label(&choice["Label"]),
        };
        Some(Choice {
            value: choice["Value"].as_i64()?,
            label,
            belongs: None,
        })
    });
    choices.collect()
}

/// Adds a column as `POST …/Attributes` describes it; answers its id.
pub(crate) fn add_column(
    organization: &mut Organization,
    table: &str,
    body: &Map<String, Value>,
) -> Outcome<Uuid> {
    let get = |name: &str| body.get(name).cloned().unwrap_or(Value::Null);
    let schema = get("SchemaName");
    let schema = schema
        .as_str()
        .filter(|name| {
            name.split_once('_')
                .is_some_and(|(prefix, _)| prefix.len() >= 2)
        })
        .ok_or_else(|| invalid("SchemaName begins with the prefix of a publisher."))?;
    let required = match get("RequiredLevel")["Value"].as_str() {
        Some("ApplicationRequired") => Required::Application,
        Some("Recommended") => Required::Recommended,
        _ => Required::None,
    };
    let kind = kind(schema, &get)?;
    let column = Column::custom(schema, read_label(&get("DisplayName")), kind, required);
    let id = column.id;
    let store = organization
        .stores
        .get_mut(table)
        .ok_or_else(|| invalid("There is no such table."))?;
    if store.table.columns.contains_key(&column.name) {
        return Err(Failure::new(
            400,
            "0x80044363",
            format!("An attribute with the name {} already exists.", column.name),
        ));
    }
    store.table.columns.insert(column.name.clone(), column);
    organization.schema_version += 1;
    Ok(id)
}

fn kind(schema: &str, get: &dyn Fn(&str) -> Value) -> Outcome<Kind> {
    let number = |name: &str, default: i64| get(name).as_i64().unwrap_or(default);
    let choices = || {
        read_choices(&get("OptionSet")["Options"]).ok_or_else(|| invalid("OptionSet is malformed."))
    };
    let kind = get("@odata.type");
    let kind = kind.as_str().unwrap_or_default();
    let max = |default: i64| usize::try_from(number("MaxLength", default)).unwrap_or(0);
    Ok(match kind.rsplit('.').next().unwrap_or_default() {
        "StringAttributeMetadata" => Kind::Text {
            max: max(100),
            format: get("FormatName")["Value"]
                .as_str()
                .unwrap_or("Text")
                .to_owned(),
        },
        "MemoAttributeMetadata" => Kind::Memo { max: max(2000) },
        "IntegerAttributeMetadata" => Kind::Integer {
            min: number("MinValue", i64::from(i32::MIN)),
            max: number("MaxValue", i64::from(i32::MAX)),
        },
        "DecimalAttributeMetadata" => Kind::Decimal {
            min: get("MinValue").as_f64().unwrap_or(-1e11),
            max: get("MaxValue").as_f64().unwrap_or(1e11),
            precision: 2,
        },
        "BooleanAttributeMetadata" => {
            let set = get("OptionSet");
            Kind::Boolean {
                yes: read_label(&set["TrueOption"]["Label"]),
                no: read_label(&set["FalseOption"]["Label"]),
                default: get("DefaultValue").as_bool().unwrap_or(false),
            }
        }
        "PicklistAttributeMetadata" => Kind::Choice {
            choices: choices()?,
            default: number("DefaultFormValue", -1),
        },
        "MultiSelectPicklistAttributeMetadata" => Kind::Choices {
            choices: choices()?,
        },
        "DateTimeAttributeMetadata" => Kind::Date {
            only: get("Format") == "DateOnly",
        },
        // A navigation property has the casing of the schema name.
        "LookupAttributeMetadata" => Kind::Lookup {
            kind: LookupKind::Lookup,
            targets: get("Targets")
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(|table| Target {
                    table: table.to_owned(),
                    property: schema.to_owned(),
                })
                .collect(),
        },
        other => {
            return Err(invalid(format!(
                "There is no column of the type '{other}'."
            )));
        }
    })
}

/// Adds an alternate key; answers its id.
pub(crate) fn add_key(
    organization: &mut Organization,
    table: &str,
    body: &Map<String, Value>,
    active_at: i64,
) -> Outcome<Uuid> {
    let schema = body.get("SchemaName").and_then(Value::as_str);
    let schema = schema.ok_or_else(|| invalid("SchemaName is missing."))?;
    let columns = body.get("KeyAttributes").and_then(Value::as_array);
    let columns = columns.into_iter().flatten().filter_map(Value::as_str);
    let columns: Vec<String> = columns.map(str::to_owned).collect();
    let store = organization
        .stores
        .get_mut(table)
        .ok_or_else(|| invalid("There is no such table."))?;
    let fits = |name: &String| {
        let column = store.table.columns.get(name);
        column.is_some_and(|column| {
            matches!(
                column.kind,
                Kind::Decimal { .. }
                    | Kind::Integer { .. }
                    | Kind::Text { .. }
                    | Kind::Date { .. }
                    | Kind::Lookup { .. }
                    | Kind::Choice { .. }
            )
        })
    };
    if columns.is_empty() || columns.len() > 16 || !columns.iter().all(fits) {
        return Err(invalid("These columns cannot be an alternate key."));
    }
    if store.table.keys.len() >= 10 {
        return Err(invalid("A table has at most ten alternate keys."));
    }
    let id = Uuid::new_v4();
    store.table.keys.push(AlternateKey {
        id,
        schema: schema.to_owned(),
        label: read_label(body.get("DisplayName").unwrap_or(&Value::Null)),
        columns,
        active_at,
    });
    organization.schema_version += 1;
    Ok(id)
}

/// Takes a column away, as an administrator can; its values are gone with it.
pub(crate) fn remove_column(organization: &mut Organization, table: &str, name: &str) -> bool {
    organization.schema_version += 1;
    let store = organization.stores.get_mut(table);
    store.is_some_and(|store| store.table.columns.remove(name).is_some())
}

/// Replaces the choices of a column.
pub(crate) fn set_choices(
    organization: &mut Organization,
    table: &str,
    name: &str,
    new: Vec<Choice>,
) -> Option<Value> {
    organization.schema_version += 1;
    let column = organization
        .stores
        .get_mut(table)?
        .table
        .columns
        .get_mut(name)?;
    let choices = column.choices_mut()?;
    *choices = new;
    Some(json!({ "choices": choices.len() }))
}
