//! Lead notifications: subscriptions to webhooks.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::responses::lead_type_of;
use super::{Ask, Op, Outcome, paging, role_refused, unsupported};
use crate::errors::ApiError;
use crate::model::{ORGANIC_TYPES, Owner, parse_versioned_form};
use crate::restli::reduced_encode;
use crate::server::Reply;
use crate::state::{Shared, State};
use crate::webhooks::{self, Subscription};

/// Subscriptions an owner may have.
const LIMIT: usize = 1500;

/// A subscription that still has to pass the challenge.
pub(super) struct Wanted {
    subscription: Subscription,
    endpoint: String,
}

pub(super) fn lead_notifications(state: &mut State, ask: &Ask) -> Result<Outcome, ApiError> {
    match &ask.op {
        Op::Create => {
            ask.syntax(&[])?;
            let subscription = read_wanted(state, ask)?;
            Ok(Outcome::Challenge(Box::new(Wanted {
                subscription,
                endpoint: ask.endpoint.clone(),
            })))
        }
        Op::Get => {
            let found = mine(state, ask).map(subscription_json);
            ask.syntax(&[])?;
            Ok(Outcome::Done(Reply::json(200, &ask.project(found?))))
        }
        Op::Delete => {
            let id = mine(state, ask)?.id;
            ask.syntax(&[])?;
            state.hooks.subscriptions.remove(&id);
            Ok(Outcome::Done(Reply::empty(204)))
        }
        Op::Finder(finder) if finder == "criteria" => by_criteria(state, ask).map(Outcome::Done),
        _ => Err(unsupported(ask)),
    }
}

fn mine<'a>(state: &'a State, ask: &Ask) -> Result<&'a Subscription, ApiError> {
    let id = ask.number_key()?;
    let found = state
        .hooks
        .subscriptions
        .get(&id)
        .ok_or_else(|| ApiError::gone("no such subscription"))?;
    let allowed = state
        .world
        .may_read_leads(&ask.member, found.owner, &found.lead_type);
    allowed.map_err(|why| role_refused(state, why))?;
    Ok(found)
}

fn subscription_json(subscription: &Subscription) -> Value {
    let mut json = json!({
        "id": subscription.id, "owner": subscription.owner.json(), "webhook": subscription.webhook,
        "leadType": subscription.lead_type,
    });
    if let Some((form, version)) = subscription.form {
        json["versionedForm"] = json!(crate::model::versioned_form_urn(form, version));
    }
    if let Some(entity) = &subscription.associated {
        json["associatedEntity"] = entity.clone();
    }
    json
}

fn by_criteria(state: &State, ask: &Ask) -> Result<Reply, ApiError> {
    ask.syntax(&[
        "owner",
        "leadType",
        "versionedForm",
        "associatedEntity",
        "start",
        "count",
    ])?;
    let owner = ask.required("owner")?;
    let owner = owner
        .field("value")
        .and_then(Owner::from_query)
        .ok_or_else(|| {
            ApiError::parameter(
                "owner",
                "(value:(sponsoredAccount:<encoded urn>)) is expected",
            )
        })?;
    let lead_type = match ask.query.raw("leadType") {
        Some(_) => Some(lead_type_of(ask)?),
        None => None,
    };
    let wanted = lead_type.as_deref().unwrap_or("COMPANY");
    state
        .world
        .may_read_leads(&ask.member, owner, wanted)
        .map_err(|why| role_refused(state, why))?;
    let fits = |subscription: &&Subscription| {
        subscription.owner == owner
            && lead_type
                .as_ref()
                .is_none_or(|wanted| *wanted == subscription.lead_type)
    };
    let all = state
        .hooks
        .subscriptions
        .values()
        .filter(fits)
        .map(subscription_json)
        .collect();
    paging::by_offset(state, ask, all, true)
}

fn field<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a Value, ApiError> {
    body.get(name).ok_or_else(|| {
        ApiError::new(
            400,
            Some("MISSING_FIELD"),
            None,
            format!("Field {name} is required"),
        )
        .because("see the body")
    })
}

fn invalid(name: &str, reason: &str) -> ApiError {
    let message = format!("Invalid value for field {name}");
    ApiError::new(400, Some("INVALID_VALUE_FOR_FIELD"), None, message).because(reason)
}

fn text<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a str, ApiError> {
    let coerced = || {
        ApiError::new(
            422,
            None,
            None,
            format!("ERROR :: /{name} :: cannot be coerced to String"),
        )
    };
    field(body, name)?.as_str().ok_or_else(coerced)
}

fn read_wanted(state: &State, ask: &Ask) -> Result<Subscription, ApiError> {
    let body: Value = serde_json::from_slice(&ask.body).map_err(|error| {
        ApiError::new(400, None, None, "ILLEGAL_ARGUMENT").because(error.to_string())
    })?;
    let body = body
        .as_object()
        .ok_or_else(|| ApiError::new(400, None, None, "ILLEGAL_ARGUMENT"))?;
    let known = [
        "webhook",
        "owner",
        "leadType",
        "versionedForm",
        "associatedEntity",
    ];
    if let Some(name) = body.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(ApiError::unknown_field(name));
    }
    let owner = Owner::from_json(field(body, "owner")?).ok_or_else(|| {
        ApiError::new(
            422,
            None,
            None,
            "ERROR :: /owner :: Invalid Urn format. Invalid prefix.",
        )
    })?;
    let lead_type = text(body, "leadType")?.to_owned();
    if lead_type != "SPONSORED" && !ORGANIC_TYPES.contains(&lead_type.as_str())
        || !owner.pairs_with(&lead_type)
    {
        return Err(invalid(
            "leadType",
            "not a type of lead that this owner has",
        ));
    }
    state
        .world
        .may_read_leads(&ask.member, owner, &lead_type)
        .map_err(|why| role_refused(state, why))?;
    let webhook = text(body, "webhook")?.to_owned();
    webhooks::url_allowed(&state.faults, &webhook).map_err(|why| invalid("webhook", &why))?;
    let form = match body.get("versionedForm") {
        None => None,
        Some(urn) => Some(
            urn.as_str()
                .and_then(parse_versioned_form)
                .ok_or_else(|| invalid("versionedForm", "not a form version's URN"))?,
        ),
    };
    let of_owner = state
        .hooks
        .subscriptions
        .values()
        .filter(|known| known.owner == owner)
        .count();
    if of_owner >= LIMIT {
        return Err(
            ApiError::new(400, None, None, "Too many subscriptions").because("1500 per owner")
        );
    }
    Ok(Subscription {
        id: 0,
        member: ask.member.clone(),
        owner,
        lead_type,
        webhook,
        form,
        associated: body.get("associatedEntity").cloned(),
        failures: 0,
        blocked: false,
        checked_at: ask.now,
    })
}

/// Challenges the URL and, if it answers rightly, keeps the subscription.
pub(super) async fn create(shared: &Arc<Shared>, wanted: Wanted) -> Reply {
    let mut reply = match webhooks::challenge(shared, &wanted.subscription.webhook).await {
        Err(why) => {
            let message = "This URL did not pass the security challenge check";
            Reply::error(&ApiError::new(400, None, None, message).because(why))
        }
        Ok(()) => {
            let id = shared.state().hooks.add(wanted.subscription);
            Reply::empty(201).with("x-restli-id", reduced_encode(&id.to_string()))
        }
    };
    reply.endpoint = wanted.endpoint;
    reply
}
