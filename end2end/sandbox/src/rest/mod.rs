//! Everything below `/rest/`: finding the resource and passing the gates in LinkedIn's order.
//!
//! Path known → version → token → quota → scope → role → syntax → answer (specification 9). The
//! role is looked at by each resource as soon as it knows whose data is asked for.

mod accounts;
mod forms;
pub(crate) mod gate;
mod notifications;
mod paging;
mod responses;

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::Method;
use serde_json::Value;

use crate::errors::{ApiError, Stage};
use crate::faults::RoleDenied;
use crate::restli::{self, Projection, Query};
use crate::server::{Call, Reply, spoil};
use crate::state::{Shared, State};

pub(crate) use responses::lead_json;

/// Limits of specification 2.4, in bytes.
const MAX_URL: usize = 8 << 10;
const MAX_QUERY: usize = 4 << 10;
const MAX_SEGMENT: usize = 4 << 10;
const MAX_HEAD: usize = 28 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resource {
    AdAccounts,
    AdAccountUsers,
    AdCampaigns,
    AdCampaignGroups,
    Creatives,
    Events,
    OrganizationAcls,
    Organizations,
    LeadForms,
    LeadFormResponses,
    LeadNotifications,
}

impl Resource {
    fn name(self) -> &'static str {
        match self {
            Resource::AdAccounts => "adAccounts",
            Resource::AdAccountUsers => "adAccountUsers",
            Resource::AdCampaigns => "adCampaigns",
            Resource::AdCampaignGroups => "adCampaignGroups",
            Resource::Creatives => "creatives",
            Resource::Events => "events",
            Resource::OrganizationAcls => "organizationAcls",
            Resource::Organizations => "organizations",
            Resource::LeadForms => "leadForms",
            Resource::LeadFormResponses => "leadFormResponses",
            Resource::LeadNotifications => "leadNotifications",
        }
    }

    /// Any of these scopes opens the resource.
    fn scopes(self) -> &'static [&'static str] {
        match self {
            Resource::AdAccounts
            | Resource::AdAccountUsers
            | Resource::AdCampaigns
            | Resource::AdCampaignGroups
            | Resource::Creatives => &["r_ads", "rw_ads"],
            Resource::Events => &["r_events"],
            Resource::OrganizationAcls | Resource::Organizations => {
                &["r_organization_admin", "rw_organization_admin"]
            }
            Resource::LeadForms | Resource::LeadFormResponses | Resource::LeadNotifications => {
                &["r_marketing_leadgen_automation"]
            }
        }
    }
}

/// A path, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Route {
    resource: Resource,
    /// The ad account of `adAccounts/{id}/…`, as written.
    parent: Option<String>,
    /// The entity's key, as written.
    key: Option<String>,
}

fn find_route(path: &str) -> Option<Route> {
    let segments: Vec<&str> = path.strip_prefix("/rest/")?.split('/').collect();
    if segments.iter().any(|segment| segment.is_empty()) {
        return None;
    }
    let top = |name: &str| {
        Some(match name {
            "adAccounts" => Resource::AdAccounts,
            "adAccountUsers" => Resource::AdAccountUsers,
            "events" => Resource::Events,
            "organizationAcls" => Resource::OrganizationAcls,
            "organizations" => Resource::Organizations,
            "leadForms" => Resource::LeadForms,
            "leadFormResponses" => Resource::LeadFormResponses,
            // LinkedIn's own collection writes this one in lower case.
            "leadNotifications" | "leadnotifications" => Resource::LeadNotifications,
            _ => return None,
        })
    };
    let below = |name: &str| {
        Some(match name {
            "adCampaigns" => Resource::AdCampaigns,
            "adCampaignGroups" => Resource::AdCampaignGroups,
            "creatives" => Resource::Creatives,
            _ => return None,
        })
    };
    let own = |text: &str| Some(text.to_owned());
    let route = |resource, parent, key| {
        Some(Route {
            resource,
            parent,
            key,
        })
    };
    match segments.as_slice() {
        [name] => route(top(name)?, None, None),
        [name, key] => route(top(name)?, None, own(key)),
        ["adAccounts", account, name] => route(below(name)?, own(account), None),
        ["adAccounts", account, name, key] => route(below(name)?, own(account), own(key)),
        _ => None,
    }
}

/// What a request wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Op {
    Get,
    BatchGet,
    Finder(String),
    GetAll,
    Create,
    PartialUpdate,
    Delete,
}

impl Op {
    fn name(&self) -> String {
        match self {
            Op::Get => "GET".to_owned(),
            Op::BatchGet => "BATCH_GET".to_owned(),
            Op::Finder(finder) => format!("FINDER-{finder}"),
            Op::GetAll => "GET_ALL".to_owned(),
            Op::Create => "CREATE".to_owned(),
            Op::PartialUpdate => "PARTIAL_UPDATE".to_owned(),
            Op::Delete => "DELETE".to_owned(),
        }
    }
}

fn find_op(call: &Call, route: &Route) -> Option<Op> {
    let raw = |name: &str| {
        let mut parts = call
            .query
            .split('&')
            .filter_map(|part| part.split_once('='));
        parts
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
    };
    let keyed = route.key.is_some();
    match (&call.method, keyed) {
        (&Method::GET, true) => Some(Op::Get),
        (&Method::GET, false) => Some(match (raw("q"), raw("ids")) {
            (Some(finder), _) => Op::Finder(finder),
            (None, Some(_)) => Op::BatchGet,
            (None, None) => Op::GetAll,
        }),
        (&Method::POST, false) => Some(Op::Create),
        (&Method::POST, true) => {
            let partial = call
                .header("x-restli-method")
                .is_some_and(|method| method.eq_ignore_ascii_case("PARTIAL_UPDATE"));
            partial.then_some(Op::PartialUpdate)
        }
        (&Method::DELETE, true) => Some(Op::Delete),
        _ => None,
    }
}

/// The name LinkedIn gives an endpoint in its quota pages and errors: `leadForms.FINDER-owner`.
pub(crate) fn endpoint_name(call: &Call) -> String {
    let Some(route) = find_route(&call.path) else {
        return call.path.trim_start_matches('/').to_owned();
    };
    let op = find_op(call, &route).map_or_else(|| call.method.to_string(), |op| op.name());
    format!("{}.{op}", route.resource.name())
}

/// Turns a tunneled request into the one it stands for and applies the size limits.
pub(crate) fn untunnel(mut call: Call) -> Result<Call, ApiError> {
    let head: usize = call
        .headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    let url = call.path.len() + call.query.len();
    let segment = call.path.split('/').map(str::len).max().unwrap_or(0);
    if url > MAX_URL
        || call.query.len() > MAX_QUERY
        || segment > MAX_SEGMENT
        || head + url > MAX_HEAD
    {
        return Err(ApiError::new(414, None, None, "URI Too Long").because("use query tunneling"));
    }
    if call.method != Method::POST {
        return Ok(call);
    }
    if call.body.is_empty()
        && call.header("content-length").is_none()
        && call.header("transfer-encoding").is_none()
    {
        return Err(ApiError::new(411, None, None, "Length Required")
            .because("an empty POST needs Content-Length: 0"));
    }
    let Some(method) = call.header("x-http-method-override").map(str::to_owned) else {
        return Ok(call);
    };
    let form = call
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !form || !call.query.is_empty() {
        return Err(ApiError::query(
            "a tunneled request has its query in a form body and none in its URL",
        ));
    }
    call.method = match method.as_str() {
        "GET" => Method::GET,
        "DELETE" => Method::DELETE,
        other => {
            return Err(ApiError::new(405, None, None, "Method not allowed")
                .because(format!("override {other}")));
        }
    };
    call.query = String::from_utf8(call.body.to_vec())
        .map_err(|_| ApiError::query("the tunneled query is not text"))?;
    call.body = Bytes::new();
    call.tunneled = true;
    Ok(call)
}

/// A request that passed all gates before "role".
pub(super) struct Ask {
    resource: Resource,
    op: Op,
    endpoint: String,
    path: String,
    parent: Option<String>,
    key: Option<String>,
    query: Query,
    fields: Option<Projection>,
    body: Bytes,
    member: String,
    now: i64,
    protocol_missing: bool,
    bad_query: Option<String>,
}

impl Ask {
    /// The entity's key, decoded.
    fn key(&self) -> Result<String, ApiError> {
        let raw = self.key.as_deref().unwrap_or_default();
        // A key that is a URN must be encoded as a whole.
        if raw.contains([':', '(', ')', ',']) {
            return Err(ApiError::query(format!(
                "the path key '{raw}' is not encoded"
            )));
        }
        restli::decode(raw).map_err(ApiError::query)
    }

    fn number_key(&self) -> Result<u64, ApiError> {
        let key = self.key()?;
        key.parse()
            .map_err(|_| ApiError::query(format!("'{key}' is not a number")))
    }

    /// A parameter's value; malformed is an error, absent is not.
    fn value(&self, name: &str) -> Result<Option<restli::Value>, ApiError> {
        self.query
            .value(name)
            .map_err(|reason| ApiError::parameter(name, reason))
    }

    fn required(&self, name: &str) -> Result<restli::Value, ApiError> {
        self.value(name)?.ok_or_else(|| ApiError::required(name))
    }

    /// A number parameter of plain digits.
    fn number(&self, name: &str) -> Result<Option<u64>, ApiError> {
        let Some(value) = self.value(name)? else {
            return Ok(None);
        };
        let digits = value
            .scalar()
            .filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()));
        match digits.and_then(|text| text.parse().ok()) {
            Some(number) => Ok(Some(number)),
            None => Err(ApiError::parameter(name, "a number is expected")),
        }
    }

    fn boolean(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.value(name)?.as_ref().map(|value| value.scalar()) {
            None => Ok(None),
            Some(Some("true")) => Ok(Some(true)),
            Some(Some("false")) => Ok(Some(false)),
            Some(_) => Err(ApiError::parameter(name, "true or false is expected")),
        }
    }

    /// `ids=List(…)` as texts.
    fn ids(&self) -> Result<Vec<String>, ApiError> {
        let value = self.required("ids")?;
        let list = value
            .list()
            .ok_or_else(|| ApiError::parameter("ids", "a List(…) is expected"))?;
        let ids = list
            .iter()
            .map(|id| id.scalar().map(str::to_owned))
            .collect::<Option<Vec<_>>>();
        ids.ok_or_else(|| ApiError::parameter("ids", "plain keys are expected"))
    }

    /// Syntax that no resource needs to look at: the protocol and names nobody knows.
    fn syntax(&self, known: &[&str]) -> Result<(), ApiError> {
        if self.protocol_missing {
            return Err(ApiError::query(
                "X-Restli-Protocol-Version: 2.0.0 is missing, so this is protocol 1.0",
            ));
        }
        if let Some(reason) = &self.bad_query {
            return Err(ApiError::query(reason.clone()));
        }
        let unknown = self
            .query
            .names()
            .find(|name| !known.contains(name) && !["q", "ids", "fields"].contains(name));
        match unknown {
            Some(name) => Err(ApiError::query(format!(
                "parameter '{name}' is not known here"
            ))),
            None => Ok(()),
        }
    }

    /// The projection laid over an entity.
    fn project(&self, value: Value) -> Value {
        match &self.fields {
            Some(fields) => fields.apply(value),
            None => value,
        }
    }
}

/// Answers a missing role the way the knobs say; `None` means "as an empty list".
fn role_error(state: &State, why: &str) -> Option<ApiError> {
    let error = match state.faults.role_denied {
        RoleDenied::Forbidden => ApiError::new(
            403,
            Some("NO_PERMISSION_ON_ENTITY"),
            None,
            "No permission on entity",
        ),
        RoleDenied::Unauthorized => ApiError::new(401, None, None, "Unauthorized"),
        RoleDenied::NotFound => ApiError::gone(""),
        RoleDenied::Empty => return None,
    };
    Some(error.because(why))
}

/// The same where an empty list is no possible answer.
fn role_refused(state: &State, why: &str) -> ApiError {
    role_error(state, why).unwrap_or_else(|| ApiError::gone(why))
}

/// A request that could not be answered under the lock.
enum Outcome {
    Done(Reply),
    /// A subscription that has to pass the challenge first.
    Challenge(Box<notifications::Wanted>),
}

/// Everything below `/rest/`, and every path that leads nowhere.
pub(crate) async fn handle(shared: &Arc<Shared>, call: &Call) -> Reply {
    let outcome = pass(shared, call);
    match outcome {
        Ok((Outcome::Done(reply), _)) => reply,
        Ok((Outcome::Challenge(wanted), member)) => {
            let mut reply = notifications::create(shared, *wanted).await;
            reply.member = Some(member);
            reply
        }
        Err(error) => Reply::error(&error),
    }
}

fn pass(shared: &Arc<Shared>, call: &Call) -> Result<(Outcome, String), ApiError> {
    let mut guard = shared.state();
    let state = &mut *guard;
    let endpoint = endpoint_name(call);
    gate::strike(state, Stage::Path, call, &endpoint, "")?;
    let route = find_route(&call.path).ok_or_else(ApiError::no_resource)?;
    let op = find_op(call, &route)
        .ok_or_else(|| ApiError::new(405, None, None, "Method not allowed"))?;
    let version = gate::version(state, call, &endpoint)?;
    let holder = gate::token(state, call, &endpoint)?;
    gate::quota(state, call, &endpoint, &holder.member)?;
    gate::scope(
        state,
        call,
        &endpoint,
        &version,
        &holder.scopes,
        route.resource.scopes(),
    )?;
    gate::strike(state, Stage::Role, call, &endpoint, &version)?;
    gate::strike(state, Stage::Syntax, call, &endpoint, &version)?;

    let (query, mut bad_query) = match Query::parse(&call.query) {
        Ok(query) => (query, None),
        Err(reason) => (Query::default(), Some(reason)),
    };
    let fields = match query.raw("fields").map(Projection::parse).transpose() {
        Ok(fields) => fields,
        Err(reason) => {
            bad_query = Some(reason);
            None
        }
    };
    let ask = Ask {
        resource: route.resource,
        op,
        endpoint: endpoint.clone(),
        path: call.path.clone(),
        parent: route.parent,
        key: route.key,
        query,
        fields,
        body: call.body.clone(),
        member: holder.member.clone(),
        now: state.now(),
        protocol_missing: call.header("x-restli-protocol-version") != Some("2.0.0"),
        bad_query,
    };
    let mut outcome = dispatch(shared, state, &ask, &version)?;
    if let Outcome::Done(reply) = &mut outcome {
        reply.endpoint.clone_from(&endpoint);
        reply.member = Some(holder.member.clone());
        if let Some(kind) = state
            .dice
            .strike(&state.faults, Stage::Answer, &call.path, &endpoint)
        {
            spoil(reply, kind.name);
        }
    }
    Ok((outcome, holder.member))
}

fn dispatch(
    shared: &Arc<Shared>,
    state: &mut State,
    ask: &Ask,
    version: &str,
) -> Result<Outcome, ApiError> {
    let done = |reply: Result<Reply, ApiError>| reply.map(Outcome::Done);
    match ask.resource {
        Resource::AdAccounts => done(accounts::ad_accounts(state, ask)),
        Resource::AdAccountUsers => done(accounts::ad_account_users(state, ask)),
        Resource::AdCampaigns => done(accounts::campaigns(state, ask)),
        Resource::AdCampaignGroups => done(accounts::campaign_groups(state, ask)),
        Resource::Creatives => done(accounts::creatives(state, ask)),
        Resource::Events => done(accounts::events(state, ask)),
        Resource::OrganizationAcls => done(accounts::organization_acls(state, ask)),
        Resource::Organizations => done(accounts::organizations(state, ask)),
        Resource::LeadForms => done(forms::lead_forms(state, ask, version)),
        Resource::LeadFormResponses => done(responses::lead_form_responses(shared, state, ask)),
        Resource::LeadNotifications => notifications::lead_notifications(state, ask),
    }
}

/// The operation is not one of this resource's.
fn unsupported(ask: &Ask) -> ApiError {
    match ask.op {
        Op::Finder(_) | Op::GetAll | Op::BatchGet => {
            ApiError::query(format!("{} does not exist", ask.endpoint))
        }
        _ => ApiError::new(405, None, None, "Method not allowed")
            .because(format!("{} does not exist", ask.endpoint)),
    }
}

/// `{"results":…,"statuses":…,"errors":…}` of a BATCH_GET.
fn batch(ids: Vec<String>, mut get: impl FnMut(&str) -> Result<Value, ApiError>) -> Reply {
    let (mut results, mut errors) = (serde_json::Map::new(), serde_json::Map::new());
    for id in ids {
        match get(&id) {
            Ok(value) => results.insert(id, value),
            Err(error) => errors.insert(id, error.body()),
        };
    }
    Reply::json(
        200,
        &serde_json::json!({ "results": results, "statuses": {}, "errors": errors }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_resources_or_nowhere() {
        let route =
            find_route("/rest/adAccounts/1/creatives/urn%3Ali%3AsponsoredCreative%3A2").unwrap();
        assert_eq!(
            (route.resource, route.parent.as_deref()),
            (Resource::Creatives, Some("1"))
        );
        assert_eq!(
            find_route("/rest/leadnotifications/7").unwrap().resource,
            Resource::LeadNotifications
        );
        for nowhere in [
            "/rest",
            "/rest/",
            "/rest/leadGenForms",
            "/rest/adForms",
            "/rest/leadForms/1/2",
            "/rest/adCampaigns/1",
            "/rest/leadforms",
            "/v1/leadForms",
        ] {
            assert_eq!(find_route(nowhere), None, "{nowhere}");
        }
    }
}
