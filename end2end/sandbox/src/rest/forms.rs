//! Lead forms: only the current version is shown here; older ones travel with their leads.

use serde_json::Value;

use super::{Ask, Op, batch, paging, role_error, role_refused, unsupported};
use crate::errors::ApiError;
use crate::model::Owner;
use crate::server::Reply;
use crate::state::State;

pub(super) fn lead_forms(state: &mut State, ask: &Ask, version: &str) -> Result<Reply, ApiError> {
    match &ask.op {
        Op::Finder(finder) if finder == "owner" => by_owner(state, ask),
        Op::Get => {
            ask.syntax(&[])?;
            Ok(Reply::json(200, &one(state, ask, ask.number_key()?)?))
        }
        Op::BatchGet => {
            ask.syntax(&[])?;
            let ids = ask.ids()?;
            Ok(batch(ids, |id| {
                one(
                    state,
                    ask,
                    id.parse().map_err(|_| ApiError::gone("not a number"))?,
                )
            }))
        }
        Op::Create | Op::PartialUpdate | Op::Delete => Err(ApiError::scope(
            &ask.endpoint,
            version,
            "writing forms needs a scope that this sandbox does not give",
        )),
        _ => Err(unsupported(ask)),
    }
}

fn by_owner(state: &State, ask: &Ask) -> Result<Reply, ApiError> {
    ask.syntax(&["owner", "start", "count"])?;
    let owner = Owner::from_query(&ask.required("owner")?).ok_or_else(|| {
        ApiError::parameter(
            "owner",
            "(sponsoredAccount:<encoded urn>) or (organization:<encoded urn>) is expected",
        )
    })?;
    let allowed = state.world.may_read_forms(&ask.member, owner);
    if let Some(error) = allowed.err().and_then(|why| role_error(state, why)) {
        return Err(error);
    }
    let forms = state
        .world
        .forms
        .values()
        .filter(|form| allowed.is_ok() && form.owner == owner);
    let all: Vec<Value> = forms
        .filter_map(|form| form.current().map(|(_, json)| json.clone()))
        .collect();
    paging::by_offset(state, ask, all, true)
}

fn one(state: &State, ask: &Ask, id: u64) -> Result<Value, ApiError> {
    let form = state
        .world
        .forms
        .get(&id)
        .ok_or_else(|| ApiError::gone("no such form"))?;
    state
        .world
        .may_read_forms(&ask.member, form.owner)
        .map_err(|why| role_refused(state, why))?;
    let (_, json) = form
        .current()
        .ok_or_else(|| ApiError::gone("the form has no version"))?;
    Ok(ask.project(json.clone()))
}
