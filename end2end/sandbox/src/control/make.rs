//! Making things by hand: leads, forms, ad accounts, roles.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Answered, bad, missing};
use crate::leads::{Answer, Lead};
use crate::model::{Account, AccountRole, Form, Organization, Owner, PageRole, Question};
use crate::rng::mix;
use crate::seed::forms;
use crate::state::{Shared, State};
use crate::webhooks::{self, Delivery};

pub(super) fn add_leads(shared: &Arc<Shared>, state: &mut State, body: &Value) -> Answered {
    match body {
        Value::Array(many) => {
            let added: Result<Vec<Value>, _> = many
                .iter()
                .map(|one| add_lead(shared, state, one))
                .collect();
            Ok(Value::Array(added?))
        }
        one => add_lead(shared, state, one),
    }
}

fn add_lead(shared: &Arc<Shared>, state: &mut State, wish: &Value) -> Answered {
    const KNOWN: &[&str] = &[
        "account",
        "organization",
        "form",
        "version",
        "lead_type",
        "answers",
        "submitted_at",
        "test",
        "campaign",
        "creative",
        "event",
        "hidden",
        "consents",
        "raw_form_response",
        "raw",
        "id",
        "notify",
        "submitter",
    ];
    let wish_map = wish.as_object().ok_or_else(|| bad("a lead is an object"))?;
    if let Some(name) = wish_map.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(bad(format!("unknown field '{name}'")));
    }
    let lead = read_lead(state, wish)?;
    let id = lead.id.clone();
    let how = Delivery {
        drop: (wish["notify"] == json!(false)).then_some(true),
        ..Delivery::default()
    };
    state.world.leads.insert(lead.clone());
    let deliveries = webhooks::announce(shared, state, &lead, "CREATED", how);
    Ok(json!({ "id": id, "submittedAt": lead.submitted_at, "deliveries": deliveries }))
}

/// The owner a wish names, or the first there is.
fn read_owner(state: &State, wish: &Value, lead_type: &str) -> Result<Owner, (u16, String)> {
    let world = &state.world;
    if lead_type == "SPONSORED" {
        let id = wish["account"]
            .as_u64()
            .or_else(|| world.accounts.keys().next().copied());
        let id = id
            .filter(|id| world.accounts.contains_key(id))
            .ok_or_else(|| missing("no such account"))?;
        return Ok(Owner::Account(id));
    }
    let id = wish["organization"]
        .as_u64()
        .or_else(|| world.organizations.keys().next().copied());
    let id = id
        .filter(|id| world.organizations.contains_key(id))
        .ok_or_else(|| missing("no such organization"))?;
    Ok(Owner::Organization(id))
}

fn read_form(
    state: &State,
    wish: &Value,
    owner: Owner,
    lead_type: &str,
) -> Result<(Form, u32), (u16, String)> {
    let form = match wish["form"].as_u64() {
        Some(id) => state.world.forms.get(&id),
        None => state
            .world
            .forms
            .values()
            .find(|form| form.owner == owner && form.lead_type == lead_type),
    };
    let form = form.ok_or_else(|| missing("no such form"))?;
    let current = form
        .current()
        .map(|(version, _)| version)
        .ok_or_else(|| missing("the form has no version"))?;
    let version = wish["version"]
        .as_u64()
        .and_then(|version| u32::try_from(version).ok())
        .unwrap_or(current);
    if !form.versions.contains_key(&version) {
        return Err(missing(format!("the form has no version {version}")));
    }
    Ok((form.clone(), version))
}

fn read_lead(state: &mut State, wish: &Value) -> Result<Lead, (u16, String)> {
    let lead_type = wish["lead_type"].as_str().unwrap_or("SPONSORED").to_owned();
    let owner = read_owner(state, wish, &lead_type)?;
    let (form, version) = read_form(state, wish, owner, &lead_type)?;
    let questions = form.questions(version);
    let mut answers = Vec::new();
    let mut email = None;
    for (name, value) in wish["answers"].as_object().into_iter().flatten() {
        let (question, answer) = read_answer(&questions, name, value)?;
        if let (Some("EMAIL" | "WORK_EMAIL"), Answer::Text(text)) =
            (question.predefined.as_deref(), &answer)
        {
            email = Some(text.clone());
        }
        answers.push((question.id, answer));
    }
    let campaign = match (&wish["campaign"], owner) {
        (Value::Number(id), _) => id.as_u64(),
        (_, Owner::Account(account)) if wish.get("campaign").is_none() => state
            .world
            .campaigns
            .values()
            .find(|campaign| campaign.account == account)
            .map(|campaign| campaign.id),
        _ => None,
    };
    let creative = wish["creative"].as_u64().or_else(|| {
        let of_campaign = |id: u64| {
            state
                .world
                .creatives
                .values()
                .find(|creative| creative.campaign == id)
        };
        campaign.and_then(of_campaign).map(|creative| creative.id)
    });
    let consents = match wish["consents"].as_object() {
        Some(given) => given
            .iter()
            .map(|(id, accepted)| Some((id.parse().ok()?, accepted.as_bool()?)))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| bad("consents are {\"<id>\": true|false}"))?,
        None => Vec::new(),
    };
    let event = match lead_type.as_str() {
        "EVENT" => wish["event"]
            .as_u64()
            .or_else(|| state.world.events.keys().next().copied()),
        _ => wish["event"].as_u64(),
    };
    state.made += 1;
    let made = state.made;
    Ok(Lead {
        id: wish["id"].as_str().map_or_else(
            || format!("c0ffee00-0000-4000-a000-{made:012x}-6"),
            str::to_owned,
        ),
        owner,
        lead_type,
        submitted_at: wish["submitted_at"].as_i64().unwrap_or_else(|| state.now()),
        test: wish["test"].as_bool().unwrap_or(false),
        form: form.id,
        version,
        submitter: wish["submitter"]
            .as_str()
            .map_or_else(|| format!("ctl{made}"), str::to_owned),
        campaign,
        creative,
        event,
        answers,
        consents,
        hidden: wish["hidden"].as_object().map(hidden_fields),
        raw_form_response: wish.get("raw_form_response").cloned(),
        raw: wish.get("raw").cloned(),
        email,
    })
}

fn hidden_fields(map: &Map<String, Value>) -> Value {
    map.iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect()
}

/// An answer by predefined field, question name or question id.
fn read_answer(
    questions: &[Question],
    name: &str,
    value: &Value,
) -> Result<(Question, Answer), (u16, String)> {
    let by_field = questions
        .iter()
        .find(|question| question.predefined.as_deref() == Some(name));
    let by_name = || questions.iter().find(|question| question.name == name);
    let by_id = || {
        questions
            .iter()
            .find(|question| question.id.to_string() == name)
    };
    let question = by_field
        .or_else(by_name)
        .or_else(by_id)
        .ok_or_else(|| bad(format!("no question '{name}'")))?;
    let answer = match value {
        Value::String(text) if !question.options.is_empty() => {
            let option = question.options.iter().find(|(_, option)| option == text);
            Answer::Options(vec![
                option.ok_or_else(|| bad(format!("no option '{text}'")))?.0,
            ])
        }
        Value::String(text) => Answer::Text(text.clone()),
        Value::Array(ids) => {
            let ids: Option<Vec<u64>> = ids.iter().map(Value::as_u64).collect();
            Answer::Options(ids.ok_or_else(|| bad("options are numbers"))?)
        }
        Value::Object(_) => Answer::Raw(value.clone()),
        _ => {
            return Err(bad(format!(
                "the answer to '{name}' is a text, a list of option ids or an object"
            )));
        }
    };
    Ok((question.clone(), answer))
}

pub(super) fn add_form(state: &mut State, wish: &Value) -> Answered {
    let lead_type = wish["lead_type"].as_str().unwrap_or("SPONSORED").to_owned();
    let known = wish["id"]
        .as_u64()
        .and_then(|id| state.world.forms.get(&id))
        .cloned();
    let owner = match &known {
        Some(form) => form.owner,
        None => read_owner(state, wish, &lead_type)?,
    };
    let unused = || state.world.forms.keys().next_back().map_or(1, |id| id + 1);
    let id = wish["id"].as_u64().unwrap_or_else(unused);
    let next = known
        .as_ref()
        .and_then(Form::current)
        .map_or(1, |(version, _)| version + 1);
    let version = wish["version"]
        .as_u64()
        .and_then(|version| u32::try_from(version).ok())
        .unwrap_or(next);
    let mut json = form_object(wish, id, version, owner, known.as_ref(), state.now())?;
    for (name, value) in wish["raw"].as_object().into_iter().flatten() {
        json[name] = value.clone();
    }
    let form = state.world.forms.entry(id).or_insert_with(|| Form {
        id,
        owner,
        lead_type,
        versions: BTreeMap::new(),
    });
    form.versions.insert(version, json);
    Ok(json!({ "id": id, "version": version }))
}

fn form_object(
    wish: &Value,
    id: u64,
    version: u32,
    owner: Owner,
    known: Option<&Form>,
    now: i64,
) -> Result<Value, (u16, String)> {
    let old_name = known
        .and_then(Form::current)
        .and_then(|(_, json)| json["name"].as_str())
        .unwrap_or("Form");
    let texts = |value: &Value| -> Vec<String> {
        value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let wishes = wish["questions"]
        .as_array()
        .ok_or_else(|| bad("questions is a list"))?;
    let options: Vec<Vec<String>> = wishes
        .iter()
        .map(|question| texts(&question["options"]))
        .collect();
    let options: Vec<Vec<&str>> = options
        .iter()
        .map(|list| list.iter().map(String::as_str).collect())
        .collect();
    let mut questions = Vec::new();
    for (index, (question, options)) in wishes.iter().zip(&options).enumerate() {
        let name = question["name"]
            .as_str()
            .or(question["predefined"].as_str());
        let name = name.ok_or_else(|| bad("a question has a name or a predefined field"))?;
        let opaque = mix(id ^ (u64::from(version) << 56), index as u64) >> 14;
        questions.push(forms::Ask {
            id: question["id"].as_u64().unwrap_or(opaque),
            name,
            text: question["text"].as_str().unwrap_or(name),
            predefined: question["predefined"].as_str(),
            required: question["required"].as_bool().unwrap_or(true),
            kind: if options.is_empty() {
                forms::Kind::Text
            } else {
                forms::Kind::Choice(options)
            },
        });
    }
    let consents: Vec<(&str, bool)> = wish["consents"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|consent| {
            Some((
                consent["text"].as_str()?,
                consent["required"].as_bool().unwrap_or(false),
            ))
        })
        .collect();
    let hidden: Vec<(&str, &str)> = wish["hidden"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
        .collect();
    Ok(forms::object(&forms::Draft {
        id,
        version,
        owner,
        name: wish["name"].as_str().unwrap_or(old_name),
        locale: wish["locale"].as_str().unwrap_or("en_US"),
        state: wish["state"].as_str().unwrap_or("PUBLISHED"),
        headline: wish["headline"].as_str().unwrap_or("Talk to us"),
        questions,
        consents: &consents,
        hidden: &hidden,
        created: now,
    }))
}

pub(super) fn add_account(state: &mut State, wish: &Value) -> Answered {
    let now = state.now();
    let unused = state
        .world
        .accounts
        .keys()
        .next_back()
        .map_or(1, |id| id + 1);
    let id = wish["id"].as_u64().unwrap_or(unused);
    let name = wish["name"].as_str().unwrap_or("New account").to_owned();
    let text = |field: &str, default: &str| wish[field].as_str().unwrap_or(default).to_owned();
    let organization = match wish.get("organization") {
        None => state.world.organizations.keys().next().copied(),
        Some(value) => value.as_u64(),
    };
    if let Some(page) = organization {
        let new = || Organization {
            id: page,
            name: name.clone(),
            vanity: format!("page-{page}"),
        };
        state.world.organizations.entry(page).or_insert_with(new);
    }
    let account = Account {
        id,
        name,
        status: text("status", "ACTIVE"),
        kind: text("type", "BUSINESS"),
        currency: text("currency", "EUR"),
        organization,
        test: wish["test"].as_bool().unwrap_or(false),
        created: now,
        extra: wish["raw"].as_object().cloned().unwrap_or_default(),
    };
    state.world.accounts.insert(id, account);
    let role = wish
        .get("role")
        .map_or(Some("ACCOUNT_MANAGER"), Value::as_str);
    if let Some(role) = role {
        set_role(
            state,
            &json!({ "member": text("member", "ada"), "account": id, "role": role }),
        )?;
    }
    if let (Some(role), Some(page)) = (wish["page_role"].as_str(), organization) {
        set_role(
            state,
            &json!({ "member": text("member", "ada"), "organization": page, "role": role }),
        )?;
    }
    Ok(json!({ "id": id, "organization": organization }))
}

/// Gives a member exactly this role on an account or a page; `null` takes every role there away.
pub(super) fn set_role(state: &mut State, wish: &Value) -> Answered {
    let created = state.now();
    let world = &mut state.world;
    let member = wish["member"].as_str().unwrap_or("ada").to_owned();
    world
        .member(&member)
        .ok_or_else(|| missing("no such member"))?;
    let role = wish["role"].as_str().map(str::to_owned);
    if let Some(account) = wish["account"].as_u64() {
        world
            .account_roles
            .retain(|known| known.member != member || known.account != account);
        world.account_roles.extend(role.map(|role| AccountRole {
            member,
            account,
            role,
            created,
        }));
    } else if let Some(organization) = wish["organization"].as_u64() {
        world
            .page_roles
            .retain(|known| known.member != member || known.organization != organization);
        let state = wish["state"].as_str().unwrap_or("APPROVED").to_owned();
        world.page_roles.extend(role.map(|role| PageRole {
            member,
            organization,
            role,
            state,
            created,
        }));
    } else {
        return Err(bad("account or organization is expected"));
    }
    Ok(json!({}))
}
