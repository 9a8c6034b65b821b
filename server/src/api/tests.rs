//! The description says what the routes do.

use serde_json::Value;

use super::document;

fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (path, method, operation))
    })
}

#[test]
fn every_route_below_the_apis_path_is_described() {
    let document = document();
    let routed = crate::router::routes().addresses();
    let routed: Vec<(String, String)> = routed
        .into_iter()
        .filter(|address| address.path.starts_with("/api/v1/"))
        .map(|address| (address.path, address.method.to_lowercase()))
        .collect();
    let mut described: Vec<(String, String)> = operations(&document)
        .map(|(path, method, _)| (path.clone(), method.clone()))
        .collect();
    described.sort();
    assert_eq!(described, routed);
    assert!(described.len() > 20, "{described:?}");
}

#[test]
fn every_operation_says_who_may_and_what_can_be_refused() {
    let document = document();
    let names: Vec<&str> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].as_str().unwrap())
        .collect();
    for (path, method, operation) in operations(&document) {
        let at = format!("{method} {path}");
        let tag = operation["tags"][0].as_str().unwrap();
        assert!(names.contains(&tag), "{at}: {tag}");
        assert!(operation["summary"].is_string(), "{at}");
        let responses = operation["responses"].as_object().unwrap();
        for status in ["401", "500", "503"] {
            assert!(responses.contains_key(status), "{at}: {status}");
        }
        let body = operation.get("requestBody").is_some();
        for status in ["413", "415"] {
            assert_eq!(responses.contains_key(status), body, "{at}: {status}");
        }
        // What is posted may come with another request's `Idempotency-Key`.
        let refusable = body || method == "post";
        assert_eq!(responses.contains_key("422"), refusable, "{at}");
        assert_eq!(responses.contains_key("404"), path.contains('{'), "{at}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut waiting = vec![&document];
    let mut followed = 0;
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(reference)) = fields.get("$ref") {
                    let pointer = reference.strip_prefix('#').unwrap();
                    assert!(document.pointer(pointer).is_some(), "{reference}");
                    followed += 1;
                }
                waiting.extend(fields.values());
            }
            Value::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
    assert!(followed > 100, "{followed}");
}
