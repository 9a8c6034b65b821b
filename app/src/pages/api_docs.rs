//! How the REST API is used: the description that programs read, for people.

use axum::extract::State;
use leptos::prelude::*;
use serde_json::Value;

use crate::{
    Answer, Services, Visit,
    ui::{Column, More, Raw, Row, Section, Table, blank},
};

/// The page, for everybody who is signed in.
pub async fn show(visit: Visit, State(services): State<Services>) -> Answer {
    let (document, home) = (services.api.clone(), services.settings.public_url.clone());
    Ok(visit.page("REST API").show(move || {
        let about = text(&document["info"]["description"]).split("\n\n");
        let about = about.map(|paragraph| view! { <p>{prose(paragraph)}</p> });
        let tags = list(&document["tags"]);
        let links = tags.iter().map(|tag| {
            let name = text(&tag["name"]).to_owned();
            view! { <li><a href=format!("#{name}")>{name.clone()}</a></li> }
        });
        let nouns = tags.iter().map(|tag| noun(&document, tag, &home));
        view! {
            <div class="page">
                <div class="prose">{about.collect_view()}</div>
                <p>
                    "Programs read the same as "<a href="/api/v1/openapi.json">"OpenAPI 3.1"</a>
                    ". Administrators make tokens at "<a href="/tokens">"API tokens"</a>"."
                </p>
                <nav class="nouns" aria-label="Nouns"><ul>{links.collect_view()}</ul></nav>
                {nouns.collect_view()}
            </div>
        }
    }))
}

/// One noun with its operations.
fn noun(document: &Value, tag: &Value, home: &str) -> impl IntoView + use<> {
    let name = text(&tag["name"]).to_owned();
    let title = name.clone();
    let about = text(&tag["description"]).to_owned();
    let mut operations = Vec::new();
    for (path, item) in fields(&document["paths"]) {
        for (method, operation) in fields(item) {
            if operation["tags"][0] == name.as_str() {
                operations.push(show_operation(document, path, method, operation, home));
            }
        }
    }
    view! {
        <div id=name>
            <Section title=title>
                <p class="muted">{about}"."</p>
                {operations}
            </Section>
        </div>
    }
}

fn show_operation(
    document: &Value,
    path: &str,
    method: &str,
    operation: &Value,
    home: &str,
) -> AnyView {
    let call = format!("{} {path}", method.to_uppercase());
    let about = operation["description"].as_str();
    let about = about.map(|about| view! { <p>{prose(about)}</p> });
    let summary = text(&operation["summary"]).to_owned();
    let example = curl(document, path, method, operation, home);
    view! {
        <article class="operation">
            <h3>{summary}</h3>
            <p><code>{call}</code></p>
            {about}
            {parameters(document, operation)}
            {body(document, operation)}
            {answers(document, operation)}
            <More title="Example"><Raw text=example /></More>
        </article>
    }
    .into_any()
}

fn parameters(document: &Value, operation: &Value) -> Option<AnyView> {
    let parameters = list(&operation["parameters"]);
    if parameters.is_empty() {
        return None;
    }
    let rows = parameters.iter().map(|parameter| {
        let name = text(&parameter["name"]).to_owned();
        Row::new()
            .cell(view! { <code>{name}</code> })
            .cell(text(&parameter["in"]).to_owned())
            .cell(kind(document, &parameter["schema"]))
            .cell(view! { {prose(text(&parameter["description"]))} })
    });
    let columns = vec![
        Column::new("Parameter"),
        Column::new("In"),
        Column::new("Value"),
        Column::new("What it says"),
    ];
    let rows = rows.collect();
    Some(view! { <Table caption="Parameters" columns=columns rows=rows /> }.into_any())
}

fn body(document: &Value, operation: &Value) -> Option<AnyView> {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    schema.is_object().then(|| {
        let rows = properties(document, schema);
        properties_table("Body", rows)
    })
}

/// What comes back when all is well, and with which status what is refused.
fn answers(document: &Value, operation: &Value) -> impl IntoView + use<> {
    let rows = fields(&operation["responses"]).map(|(status, response)| {
        let response = resolve(document, response);
        Row::new()
            .cell(view! { <code>{status.clone()}</code> })
            .cell(view! { {prose(text(&response["description"]))} })
    });
    let columns = vec![Column::new("Status"), Column::new("When")];
    let rows: Vec<Row> = rows.collect();
    let good = fields(&operation["responses"]).find(|(status, _)| status.starts_with('2'));
    let schema = good.map(|(_, good)| &good["content"]["application/json"]["schema"]);
    let shape = schema
        .map(|schema| properties(document, schema))
        .filter(|rows| !rows.is_empty());
    view! {
        <More title="Answers">
            <Table caption="Statuses" columns=columns rows=rows />
            {shape.map(|rows| properties_table("Answer", rows))}
        </More>
    }
}

fn properties_table(name: &'static str, rows: Vec<Row>) -> AnyView {
    let columns = vec![
        Column::new("Field"),
        Column::new("Value"),
        Column::new("What it says"),
    ];
    let caption = name;
    view! { <p class="muted">{name}</p><Table caption=caption columns=columns rows=rows /> }
        .into_any()
}

/// The fields of a shape; those of what it holds once more stand below it, with a dotted name.
fn properties(document: &Value, schema: &Value) -> Vec<Row> {
    let mut found = Vec::new();
    collect(document, schema, "", 0, &mut found);
    let row = |(name, kind, about): (String, String, String)| {
        let about = if about.is_empty() {
            blank()
        } else {
            view! { {prose(&about)} }.into_any()
        };
        Row::new()
            .cell(view! { <code>{name}</code> })
            .cell(kind)
            .cell(about)
    };
    found.into_iter().map(row).collect()
}

fn collect(
    document: &Value,
    schema: &Value,
    before: &str,
    depth: u8,
    found: &mut Vec<(String, String, String)>,
) {
    let schema = resolve(document, schema);
    for part in list(&schema["allOf"]) {
        collect(document, part, before, depth, found);
    }
    for (name, property) in fields(&schema["properties"]) {
        let name = format!("{before}{name}");
        let about = text(&property["description"]).to_owned();
        found.push((name.clone(), kind(document, property), about));
        if depth < 2 {
            let (inner, mark) = match property["items"].is_object() {
                true => (&property["items"], "[]"),
                false => (one(property), ""),
            };
            collect(document, inner, &format!("{name}{mark}."), depth + 1, found);
        }
    }
}

/// Of what may be null, what it is when it is not.
fn one(schema: &Value) -> &Value {
    let choices = list(&schema["oneOf"]).iter();
    let mut choices = choices.filter(|choice| choice["type"] != "null");
    choices.next().unwrap_or(schema)
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let reference = schema["$ref"].as_str().and_then(|r| r.strip_prefix('#'));
    let found = reference.and_then(|pointer| document.pointer(pointer));
    found.unwrap_or(schema)
}

/// What a value may be, in a few words.
fn kind(document: &Value, schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        return words.join(", ");
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let shape = resolve(document, schema);
        if shape["properties"].is_null() && shape["allOf"].is_null() {
            return kind(document, shape);
        }
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let kinds = choices.iter().map(|choice| kind(document, choice));
        let kinds: Vec<String> = kinds.collect();
        return kinds.join(" or ");
    }
    let plain = match &schema["type"] {
        Value::Array(kinds) => {
            let kinds: Vec<&str> = kinds.iter().filter_map(Value::as_str).collect();
            kinds.join(" or ")
        }
        one => text(one).to_owned(),
    };
    let plain = match schema["format"].as_str() {
        Some(format @ ("date" | "date-time")) => plain.replace("string", format),
        _ => plain,
    };
    match (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
        (Some(least), Some(most)) => format!("{plain}, {least} to {most}"),
        _ => plain,
    }
}

/// A command that can be copied.
fn curl(document: &Value, path: &str, method: &str, operation: &Value, home: &str) -> String {
    let method = method.to_uppercase();
    let said = match method.as_str() {
        "GET" => String::new(),
        method => format!(" -X {method}"),
    };
    let url = format!("{home}{}", path.replace("{id}", "1"));
    let mut lines = vec![
        format!("curl{said} {url}"),
        "-H \"Authorization: Bearer $TOKEN\"".to_owned(),
    ];
    if method == "POST" {
        lines.push("-H \"Idempotency-Key: $(uuidgen)\"".to_owned());
    }
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    if schema.is_object() {
        let example = &resolve(document, schema)["examples"][0];
        lines.push("-H 'Content-Type: application/json'".to_owned());
        lines.push(format!(
            "-d '{}'",
            serde_json::to_string_pretty(example).unwrap_or_default()
        ));
    }
    lines.join(" \\\n  ")
}

/// A text in which `this` is code.
fn prose(text: &str) -> impl IntoView + use<> {
    let parts = text.split('`').enumerate().map(|(n, part)| {
        let part = part.to_owned();
        match n % 2 {
            1 => view! { <code>{part}</code> }.into_any(),
            _ => part.into_any(),
        }
    });
    parts.collect_view()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}
