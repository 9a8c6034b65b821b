//! The control API: a test's or a developer's hand on the world (documented in `README.md`).

mod edit;
mod make;

use std::sync::Arc;

use axum::http::Method;
use serde_json::{Value, json};

use crate::calendar::active_versions;
use crate::faults::Faults;
use crate::model::Owner;
use crate::oauth;
use crate::rest::lead_json;
use crate::seed::Seed;
use crate::server::{Call, Reply};
use crate::state::{Shared, State};
use crate::webhooks::{self, Delivery};
use edit::edit_form;
use make::{add_account, add_form, add_leads, set_role};

type Answered = Result<Value, (u16, String)>;

fn bad(reason: impl Into<String>) -> (u16, String) {
    (400, reason.into())
}

fn missing(reason: impl Into<String>) -> (u16, String) {
    (404, reason.into())
}

/// Everything below `/control`.
pub(crate) async fn handle(shared: &Arc<Shared>, call: &Call) -> Reply {
    let path = call.path.trim_start_matches("/control").trim_matches('/');
    let reply = match (path, &call.method) {
        ("leads", &Method::GET) => Ok(truth(&shared.state(), &oauth::form(call.query.as_bytes()))),
        ("webhooks/revalidate", &Method::POST) => {
            let results = webhooks::revalidate(shared, true).await;
            let results: Vec<Value> = results
                .iter()
                .map(|(id, result)| json!({ "id": id, "error": result.as_ref().err() }))
                .collect();
            Ok(Reply::json(200, &json!({ "validated": results })))
        }
        _ => route(shared, call, path).map(|value| Reply::json(200, &value)),
    };
    reply.unwrap_or_else(|(status, reason)| Reply::json(status, &json!({ "error": reason })))
}

fn route(shared: &Arc<Shared>, call: &Call, path: &str) -> Answered {
    let body = match call.body.as_ref() {
        [] => json!({}),
        bytes => serde_json::from_slice(bytes).map_err(|error| bad(error.to_string()))?,
    };
    let mut guard = shared.state();
    let state = &mut *guard;
    let segments: Vec<&str> = path.split('/').collect();
    match (segments.as_slice(), &call.method) {
        (["state"], &Method::GET) => Ok(overview(shared, state)),
        (["reset"], &Method::POST) => reset(shared, state, &body),
        (["leads"], &Method::POST) => add_leads(shared, state, &body),
        (["leads", id], &Method::GET) => {
            let lead = state
                .world
                .leads
                .get(id)
                .ok_or_else(|| missing("no such lead"))?;
            Ok(lead_json(state, &lead))
        }
        (["leads", id], &Method::DELETE) => {
            let lead = state
                .world
                .leads
                .remove(id)
                .ok_or_else(|| missing("no such lead"))?;
            let quiet = call.query.split('&').any(|part| part == "notify=false");
            let how = Delivery {
                drop: quiet.then_some(true),
                ..Delivery::default()
            };
            let deliveries = webhooks::announce(shared, state, &lead, "DELETED", how);
            Ok(json!({ "id": id, "deliveries": deliveries }))
        }
        (["clock"], &Method::GET) => Ok(clock(state)),
        (["clock"], &Method::POST) => set_clock(state, &body),
        (["faults"], &Method::GET) => Ok(json!(state.faults)),
        (["faults"], &Method::PUT) => set_faults(state, Faults::from_json(body)),
        (["faults"], &Method::PATCH) => {
            let patched = state.faults.patched(body);
            set_faults(state, patched)
        }
        (["faults"], &Method::DELETE) => set_faults(state, Ok(Faults::default())),
        (["tokens"], &Method::POST) => oauth::mint_directly(shared, state, &body).map_err(bad),
        (["tokens", "revoke"], &Method::POST) => {
            Ok(json!({ "revoked": state.grants.revoke(body["member"].as_str()) }))
        }
        (["tokens", "expire"], &Method::POST) => {
            let now = state.now();
            Ok(json!({ "expired": state.grants.expire(body["member"].as_str(), now) }))
        }
        (["oidc"], &Method::POST) => state.oidc.set(body).map_err(bad),
        (["oidc", "rotate"], &Method::POST) => Ok(state.oidc.rotate()),
        (["requests"], &Method::GET) => {
            let params = oauth::form(call.query.as_bytes());
            let since = params
                .get("since")
                .and_then(|since| since.parse::<u64>().ok())
                .unwrap_or(0);
            let requests: Vec<_> = state.log.iter().filter(|entry| entry.n > since).collect();
            Ok(json!({ "last": state.logged, "requests": requests }))
        }
        (["requests"], &Method::DELETE) => {
            state.log.clear();
            Ok(json!({ "last": state.logged }))
        }
        (["forms"], &Method::POST) => add_form(state, &body),
        (["forms", id, "edit"], &Method::POST) => edit_form(state, id, &body),
        (["forms", id], &Method::GET) => {
            let form = id
                .parse()
                .ok()
                .and_then(|id: u64| state.world.forms.get(&id));
            Ok(json!({ "versions": form.ok_or_else(|| missing("no such form"))?.versions }))
        }
        (["accounts"], &Method::POST) => add_account(state, &body),
        (["roles"], &Method::POST) => set_role(state, &body),
        (["webhooks"], &Method::GET) => Ok(hooks(state)),
        (["webhooks"], &Method::DELETE) => {
            state.hooks.subscriptions.clear();
            state.hooks.attempts.clear();
            Ok(json!({}))
        }
        (["webhooks", "deliver"], &Method::POST) => deliver(shared, state, body),
        _ => Err(missing("no such control endpoint")),
    }
}

fn overview(shared: &Shared, state: &State) -> Value {
    let world = &state.world;
    let (tokens, revoked) = state.grants.counts();
    let accounts: Vec<Value> = world
        .accounts
        .values()
        .map(|account| {
            json!({ "id": account.id, "name": account.name, "status": account.status, "currency": account.currency,
                "test": account.test, "organization": account.organization })
        })
        .collect();
    let forms: Vec<Value> = world
        .forms
        .values()
        .map(|form| {
            json!({ "id": form.id, "owner": form.owner.urn(), "leadType": form.lead_type,
                "versions": form.versions.keys().collect::<Vec<_>>(),
                "name": form.current().map(|(_, json)| json["name"].clone()) })
        })
        .collect();
    let members: Vec<Value> = world
        .members
        .iter()
        .map(|member| {
            let roles = world.account_roles.iter().filter(|role| role.member == member.key);
            let pages = world.page_roles.iter().filter(|role| role.member == member.key);
            json!({
                "key": member.key, "name": member.name(), "person": member.urn(),
                "accounts": roles.map(|role| json!({ "account": role.account, "role": role.role })).collect::<Vec<_>>(),
                "pages": pages
                    .map(|role| json!({ "organization": role.organization, "role": role.role, "state": role.state }))
                    .collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "base_url": shared.base, "client_id": shared.config.client_id,
        "clock": clock(state), "faults": state.faults,
        "counts": {
            "leads": world.leads.len(), "forms": world.forms.len(), "accounts": world.accounts.len(),
            "members": world.members.len(), "campaigns": world.campaigns.len(), "tokens": tokens,
            "revoked_tokens": revoked, "subscriptions": state.hooks.subscriptions.len(), "requests": state.logged,
        },
        "members": members, "accounts": accounts, "forms": forms,
        "organizations": world.organizations.values()
            .map(|page| json!({ "id": page.id, "name": page.name })).collect::<Vec<_>>(),
        "events": world.events,
    })
}

fn read_seed(value: &Value) -> Result<Seed, (u16, String)> {
    match value {
        Value::String(name) if name == "demo" => Ok(Seed::Demo),
        Value::String(name) if name == "empty" => Ok(Seed::Empty),
        Value::Object(map) if map.contains_key("load") => {
            let number = |name: &str| {
                map["load"][name]
                    .as_u64()
                    .ok_or_else(|| bad(format!("load.{name} is a number")))
            };
            let leads = number("leads")?;
            if leads > 10_000_000 {
                return Err(bad("at most ten million leads"));
            }
            Ok(Seed::Load {
                leads,
                persons: number("persons")?,
            })
        }
        _ => Err(bad(
            "seed is \"demo\", \"empty\" or {\"load\":{\"leads\":n,\"persons\":n}}",
        )),
    }
}

fn reset(shared: &Shared, state: &mut State, body: &Value) -> Answered {
    let seed = if body["seed"].is_null() {
        shared.config.seed
    } else {
        read_seed(&body["seed"])?
    };
    let keeps = |what: &str| {
        body["keep"]
            .as_array()
            .is_some_and(|kept| kept.contains(&json!(what)))
    };
    let (tokens, faults, clock, webhooks) = (
        keeps("tokens"),
        keeps("faults"),
        keeps("clock"),
        keeps("webhooks"),
    );
    let old = std::mem::replace(state, State::new(seed));
    state.logged = old.logged;
    if clock {
        state.set_offset(old.offset());
    }
    if faults {
        state.set_faults(old.faults);
    }
    if tokens {
        state.grants = old.grants;
    }
    if webhooks {
        state.hooks = old.hooks;
    }
    Ok(json!({ "leads": state.world.leads.len() }))
}

fn clock(state: &State) -> Value {
    let now = state.now();
    json!({ "now": now, "offset_ms": state.offset(), "active_versions": active_versions(now) })
}

fn set_clock(state: &mut State, body: &Value) -> Answered {
    if body["reset"] == json!(true) {
        state.set_offset(0);
    } else if let Some(seconds) = body["advance_seconds"].as_i64() {
        state.set_offset(state.offset().saturating_add(seconds.saturating_mul(1000)));
    } else if let Some(now) = body["set"].as_i64() {
        state.set_now(now);
    } else {
        return Err(bad("advance_seconds, set or reset is expected"));
    }
    Ok(clock(state))
}

fn set_faults(state: &mut State, faults: Result<Faults, String>) -> Answered {
    state.set_faults(faults.map_err(bad)?);
    Ok(json!(state.faults))
}

/// The list of all leads there are, written by hand because it can be long.
fn truth(state: &State, params: &std::collections::HashMap<String, String>) -> Reply {
    let number = |name: &str| params.get(name).and_then(|text| text.parse::<u64>().ok());
    let (account, organization) = (number("account"), number("organization"));
    let mut body = String::from("{\"leads\":[");
    let mut first = true;
    for (owner, lead_type, test, row) in state.world.leads.all() {
        let wanted = match owner {
            Owner::Account(id) => {
                organization.is_none() && account.is_none_or(|wanted| wanted == id)
            }
            Owner::Organization(id) => {
                account.is_none() && organization.is_none_or(|wanted| wanted == id)
            }
        };
        if !wanted
            || params
                .get("lead_type")
                .is_some_and(|wanted| wanted != lead_type)
        {
            continue;
        }
        let Some((id, email)) = state.world.leads.identity(row.slot) else {
            continue;
        };
        let (form, version) = state.world.leads.form_of(row);
        let entry = json!({
            "id": id, "owner": owner.urn(), "leadType": lead_type, "submittedAt": row.at, "testLead": test,
            "formId": form, "version": version, "email": email,
        });
        if !std::mem::take(&mut first) {
            body.push(',');
        }
        body.push_str(&entry.to_string());
    }
    body.push_str("]}");
    Reply::new(200, "application/json", body)
}

fn hooks(state: &State) -> Value {
    let subscriptions: Vec<Value> = state
        .hooks
        .subscriptions
        .values()
        .map(|known| {
            json!({
                "id": known.id, "member": known.member, "owner": known.owner.urn(), "leadType": known.lead_type,
                "webhook": known.webhook, "form": known.form, "associatedEntity": known.associated,
                "failures": known.failures, "blocked": known.blocked, "checkedAt": known.checked_at,
            })
        })
        .collect();
    json!({ "subscriptions": subscriptions, "attempts": state.hooks.attempts })
}

fn deliver(shared: &Arc<Shared>, state: &mut State, body: Value) -> Answered {
    let id = body["lead"]
        .as_str()
        .or(body["id"].as_str())
        .ok_or_else(|| bad("lead is the id of a lead"))?;
    let lead = state
        .world
        .leads
        .get(id)
        .ok_or_else(|| missing("no such lead"))?;
    let action = body["action"].as_str().unwrap_or("CREATED").to_owned();
    let mut how = body;
    if let Some(map) = how.as_object_mut() {
        map.retain(|name, _| {
            ["copies", "delay_ms", "bad_signature", "drop"].contains(&name.as_str())
        });
    }
    let how: Delivery = serde_json::from_value(how).map_err(|error| bad(error.to_string()))?;
    // What is asked for by hand is not left to the dice.
    let how = Delivery {
        drop: how.drop.or(Some(false)),
        copies: how.copies.or(Some(1)),
        ..how
    };
    Ok(json!({ "deliveries": webhooks::announce(shared, state, &lead, &action, how) }))
}
