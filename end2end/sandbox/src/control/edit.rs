//! Editing a form: the version that people fill in now, with a few things changed, becomes the next
//! one (specification 4.4).

use serde_json::{Map, Value, json};

use super::{Answered, bad, missing};
use crate::model::Form;
use crate::rng::mix;
use crate::state::State;

const KNOWN: &[&str] = &[
    "edit", "remove", "add", "name", "state", "renumber", "in_place",
];

/// Makes the next version of a form, or changes the newest one where it stands.
pub(super) fn edit_form(state: &mut State, id: &str, wish: &Value) -> Answered {
    let wish = wish
        .as_object()
        .ok_or_else(|| bad("an edit is an object"))?;
    if let Some(name) = wish.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(bad(format!("unknown field '{name}'")));
    }
    let now = state.now();
    let form = id
        .parse()
        .ok()
        .and_then(|id: u64| state.world.forms.get_mut(&id));
    let form = form.ok_or_else(|| missing("no such form"))?;
    let newest = form
        .current()
        .map(|(version, json)| (version, json.clone()));
    let (newest, mut json) = newest.ok_or_else(|| missing("the form has no version"))?;
    let version = if yes(wish, "in_place") {
        newest
    } else {
        newest + 1
    };
    json["versionId"] = json!(version);
    json["lastModified"] = json!(now);
    for plain in ["name", "state"] {
        if let Some(value) = wish.get(plain) {
            json[plain] = value.clone();
        }
    }
    let locale = locale(&json);
    let mut questions = json["content"]["questions"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    change(&mut questions, wish, &locale)?;
    remove(&mut questions, wish)?;
    add(&mut questions, wish, &locale, form, version)?;
    if yes(wish, "renumber") {
        for (place, question) in questions.iter_mut().enumerate() {
            question["questionId"] = json!(opaque(form, version, place));
        }
    }
    json["content"]["questions"] = Value::Array(questions);
    form.versions.insert(version, json);
    Ok(json!({ "id": form.id, "version": version }))
}

fn yes(wish: &Map<String, Value>, name: &str) -> bool {
    wish.get(name) == Some(&json!(true))
}

fn locale(form: &Value) -> String {
    let part = |name: &str| form["creationLocale"][name].as_str().unwrap_or_default();
    format!("{}_{}", part("language"), part("country"))
}

/// An id that tells nothing, as LinkedIn's.
fn opaque(form: &Form, version: u32, place: usize) -> u64 {
    mix(form.id ^ (u64::from(version) << 56), place as u64) >> 14
}

/// The place of a question, by its predefined field, its name or its id.
fn place(questions: &[Value], wanted: &str) -> Result<usize, (u16, String)> {
    let is = |question: &Value| {
        question["predefinedField"] == wanted
            || question["name"] == wanted
            || wanted
                .parse()
                .is_ok_and(|id: u64| question["questionId"] == id)
    };
    let found = questions.iter().position(is);
    found.ok_or_else(|| bad(format!("no question '{wanted}'")))
}

fn change(
    questions: &mut [Value],
    wish: &Map<String, Value>,
    locale: &str,
) -> Result<(), (u16, String)> {
    for (wanted, change) in wish
        .get("edit")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let place = place(questions, wanted)?;
        let question = &mut questions[place];
        if let Some(text) = change["text"].as_str() {
            question["question"] = json!({ "localized": { locale: text } });
        }
        if let Some(options) = change["options"].as_array() {
            question["questionDetails"] = details(options, locale);
        }
    }
    Ok(())
}

fn details(options: &[Value], locale: &str) -> Value {
    if options.is_empty() {
        return json!({ "textQuestionDetails": { "maxResponseLength": 300 } });
    }
    let option = |(id, text): (usize, &Value)| json!({ "id": id, "text": { "localized": { locale: text } } });
    let options: Vec<Value> = options.iter().enumerate().map(option).collect();
    json!({ "multipleChoiceQuestionDetails": { "options": options } })
}

fn remove(questions: &mut Vec<Value>, wish: &Map<String, Value>) -> Result<(), (u16, String)> {
    for wanted in wish
        .get("remove")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let wanted = wanted
            .as_str()
            .ok_or_else(|| bad("remove is a list of questions"))?;
        let place = place(questions, wanted)?;
        questions.remove(place);
    }
    Ok(())
}

fn add(
    questions: &mut Vec<Value>,
    wish: &Map<String, Value>,
    locale: &str,
    form: &Form,
    version: u32,
) -> Result<(), (u16, String)> {
    for wanted in wish
        .get("add")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let name = wanted["name"].as_str().or(wanted["predefined"].as_str());
        let name = name.ok_or_else(|| bad("a question has a name or a predefined field"))?;
        let options = wanted["options"].as_array().cloned().unwrap_or_default();
        let id = wanted["id"].as_u64();
        let mut question = json!({
            "questionId": id.unwrap_or_else(|| opaque(form, version, questions.len())),
            "name": name,
            "question": { "localized": { locale: wanted["text"].as_str().unwrap_or(name) } },
            "responseRequired": wanted["required"].as_bool().unwrap_or(false),
            "responseEditable": true,
            "questionDetails": details(&options, locale),
        });
        if let Some(predefined) = wanted["predefined"].as_str() {
            question["predefinedField"] = json!(predefined);
        }
        questions.push(question);
    }
    Ok(())
}
