//! Reading how an organization describes a table (specification 4.1).
//!
//! What all columns have in common and what each type adds come in separate answers, because a
//! type's own properties can be asked for only after a cast.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::column::{Choice, Column, ColumnKind, Required, TableDescription};

/// What is asked of every column.
pub(super) const COMMON: &str = "$select=LogicalName,DisplayName,AttributeType,AttributeTypeName,RequiredLevel,IsValidForCreate,IsValidForUpdate,IsValidForRead,AttributeOf,IsCustomAttribute,IsPrimaryId";

/// The types with properties of their own, and what is asked of each.
pub(super) const TYPES: &[(&str, &str)] = &[
    (
        "StringAttributeMetadata",
        "$select=LogicalName,MaxLength,FormatName",
    ),
    ("MemoAttributeMetadata", "$select=LogicalName,MaxLength"),
    (
        "IntegerAttributeMetadata",
        "$select=LogicalName,MinValue,MaxValue",
    ),
    (
        "DecimalAttributeMetadata",
        "$select=LogicalName,MinValue,MaxValue,Precision",
    ),
    (
        "DoubleAttributeMetadata",
        "$select=LogicalName,MinValue,MaxValue,Precision",
    ),
    (
        "MoneyAttributeMetadata",
        "$select=LogicalName,MinValue,MaxValue,Precision",
    ),
    (
        "DateTimeAttributeMetadata",
        "$select=LogicalName,Format,DateTimeBehavior",
    ),
    ("LookupAttributeMetadata", "$select=LogicalName,Targets"),
    ("PicklistAttributeMetadata", OPTIONS),
    ("MultiSelectPicklistAttributeMetadata", OPTIONS),
    ("StateAttributeMetadata", OPTIONS),
    ("StatusAttributeMetadata", OPTIONS),
];

const OPTIONS: &str =
    "$select=LogicalName&$expand=OptionSet($select=Options),GlobalOptionSet($select=Options)";

/// What an organization answered about a table.
pub(super) struct Answers {
    /// The table's own definition.
    pub(super) table: Value,
    /// The columns, with what all have in common.
    pub(super) columns: Vec<Value>,
    /// What the types add, of all columns.
    pub(super) details: Vec<Value>,
    /// The alternate keys.
    pub(super) keys: Vec<Value>,
}

/// The description out of the answers, with labels in the first of these languages (LCID) that has
/// one, else in the language of the application's user. `None` when the answers are no description.
pub(super) fn read(answers: &Answers, languages: &[u32]) -> Option<TableDescription> {
    let text = |name: &str| answers.table[name].as_str().map(str::to_owned);
    let details: BTreeMap<&str, &Value> = answers
        .details
        .iter()
        .filter_map(|own| Some((own["LogicalName"].as_str()?, own)))
        .collect();
    let mut columns: Vec<Column> = answers
        .columns
        .iter()
        .filter_map(|own| {
            let more = details.get(own["LogicalName"].as_str()?);
            column(own, more.copied().unwrap_or(&Value::Null), languages)
        })
        .collect();
    columns.sort_by(|one, other| one.logical_name.cmp(&other.logical_name));
    let response_key = response_key(&answers.keys, &columns);
    let digest = Sha256::digest(serde_json::to_vec(&(&columns, &response_key)).ok()?);
    Some(TableDescription {
        table: text("LogicalName")?,
        set: text("EntitySetName")?,
        id_column: text("PrimaryIdAttribute")?,
        optimistic: answers.table["IsOptimisticConcurrencyEnabled"] == true,
        version: hex::encode(&digest[..16]),
        response_key,
        columns,
    })
}

/// The column that alone is an active alternate key and is called as one for responses is. Keys whose
/// index is still being made are none yet.
fn response_key(keys: &[Value], columns: &[Column]) -> Option<String> {
    let mut names = keys
        .iter()
        .filter(|key| key["EntityKeyIndexStatus"] == "Active")
        .filter_map(|key| <[String; 1]>::try_from(texts(&key["KeyAttributes"])).ok())
        .map(|[name]| name);
    names.find(|name| {
        let column = columns.iter().find(|column| column.logical_name == *name);
        name.ends_with("_linkedinresponseid")
            && column.is_some_and(|column| column.kind == ColumnKind::Text)
    })
}

/// A column, unless Leadline can do nothing with it.
fn column(own: &Value, more: &Value, languages: &[u32]) -> Option<Column> {
    let logical_name = own["LogicalName"].as_str()?.to_owned();
    let flag = |name: &str| own[name] == true;
    let fillable = flag("IsValidForCreate") || flag("IsValidForUpdate");
    let part = !own["AttributeOf"].is_null() || flag("IsPrimaryId");
    let odd = logical_name.ends_with("_base") || logical_name.starts_with("yomi");
    if part || odd || !fillable || own["IsValidForRead"] == false {
        return None;
    }
    let number = |name: &str| more[name].as_f64();
    Some(Column {
        label: label(&own["DisplayName"], languages).unwrap_or_else(|| logical_name.clone()),
        kind: kind(own, more)?,
        max_length: more["MaxLength"]
            .as_u64()
            .and_then(|most| usize::try_from(most).ok()),
        options: options(more, languages),
        required: match own["RequiredLevel"]["Value"].as_str() {
            Some("Recommended") => Required::Recommended,
            Some("ApplicationRequired") => Required::Business,
            Some("SystemRequired") => Required::System,
            _ => Required::No,
        },
        valid_for_create: flag("IsValidForCreate"),
        valid_for_update: flag("IsValidForUpdate"),
        min: number("MinValue"),
        max: number("MaxValue"),
        precision: more["Precision"]
            .as_u64()
            .and_then(|digits| u8::try_from(digits).ok()),
        targets: texts(&more["Targets"]),
        custom: flag("IsCustomAttribute"),
        logical_name,
    })
}

/// What a column holds; the name of its type is clearer than its type, which shows several as
/// `Virtual`.
fn kind(own: &Value, more: &Value) -> Option<ColumnKind> {
    Some(match own["AttributeTypeName"]["Value"].as_str()? {
        "StringType" => match more["FormatName"]["Value"].as_str() {
            Some("Email") => ColumnKind::Email,
            Some("Phone") => ColumnKind::Phone,
            Some("Url") => ColumnKind::Url,
            Some("TextArea") => ColumnKind::Memo,
            _ => ColumnKind::Text,
        },
        "MemoType" => ColumnKind::Memo,
        "IntegerType" => ColumnKind::Integer,
        "DecimalType" | "DoubleType" => ColumnKind::Decimal,
        "MoneyType" => ColumnKind::Money,
        "BooleanType" => ColumnKind::YesNo,
        "PicklistType" => ColumnKind::Choice,
        "MultiSelectPicklistType" => ColumnKind::Choices,
        "StateType" => ColumnKind::State,
        "StatusType" => ColumnKind::Status,
        // Only this behaviour is a day on the wire, whatever the format shows.
        "DateTimeType" => match more["DateTimeBehavior"]["Value"].as_str() {
            Some("DateOnly") => ColumnKind::Date,
            _ => ColumnKind::DateTime,
        },
        "LookupType" | "CustomerType" | "OwnerType" => ColumnKind::Lookup,
        _ => return None,
    })
}

fn options(more: &Value, languages: &[u32]) -> Vec<Choice> {
    let own = more["OptionSet"]["Options"].as_array();
    let shared = more["GlobalOptionSet"]["Options"].as_array();
    let options = own.filter(|own| !own.is_empty()).or(shared);
    let option = |option: &Value| {
        let value = option["Value"].as_i64()?;
        Some(Choice {
            value,
            label: label(&option["Label"], languages).unwrap_or_else(|| value.to_string()),
            labels: localized(&option["Label"])
                .map(|(_, text)| text.to_owned())
                .collect(),
        })
    };
    options.into_iter().flatten().filter_map(option).collect()
}

fn texts(list: &Value) -> Vec<String> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(|text| text.as_str().map(str::to_owned))
        .collect()
}

/// A label in all its languages.
fn localized(label: &Value) -> impl Iterator<Item = (Option<u64>, &str)> {
    let all = label["LocalizedLabels"].as_array().into_iter().flatten();
    all.filter_map(|own| Some((own["LanguageCode"].as_u64(), own["Label"].as_str()?)))
        .filter(|(_, text)| !text.trim().is_empty())
}

fn label(label: &Value, languages: &[u32]) -> Option<String> {
    let wanted = languages
        .iter()
        .find_map(|language| localized(label).find(|(own, _)| *own == Some(u64::from(*language))));
    let users = || label["UserLocalizedLabel"]["Label"].as_str();
    let any = || localized(label).next().map(|(_, text)| text);
    let text = wanted.map(|(_, text)| text).or_else(users).or_else(any)?;
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

#[cfg(test)]
mod tests;
