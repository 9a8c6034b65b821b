//! The gates every call passes before a resource looks at it.

use std::collections::BTreeSet;

use crate::calendar::{DAY, active_versions, version_is_active};
use crate::errors::{self, ApiError, Stage, kind_named};
use crate::server::Call;
use crate::state::State;

/// Whose token it is and what it may do.
pub(crate) struct Holder {
    pub(crate) member: String,
    pub(crate) scopes: BTreeSet<String>,
}

/// An injected error of this stage, if one strikes.
pub(crate) fn strike(
    state: &mut State,
    stage: Stage,
    call: &Call,
    endpoint: &str,
    version: &str,
) -> Result<(), ApiError> {
    let State { dice, faults, .. } = state;
    match dice.strike(faults, stage, &call.path, endpoint) {
        Some(kind) => Err(kind.error(endpoint, version, faults.retry_after)),
        None => Ok(()),
    }
}

/// A fixed error by its name.
fn known(name: &str, reason: impl Into<String>) -> ApiError {
    let kind = kind_named(name).expect("the names used here are in the table");
    kind.error("", "", None).because(reason)
}

/// Header present → version active; hands back `YYYYMM01` as errors echo it.
pub(crate) fn version(state: &mut State, call: &Call, endpoint: &str) -> Result<String, ApiError> {
    let given = call
        .header("linkedin-version")
        .unwrap_or_default()
        .to_owned();
    let month = given.split('.').next().unwrap_or_default();
    let echo = format!("{month}01");
    strike(state, Stage::Version, call, endpoint, &echo)?;
    if given.is_empty() {
        return Err(known("400_version_missing", "no LinkedIn-Version header"));
    }
    let active = match &state.faults.active_versions {
        Some(versions) => versions
            .iter()
            .any(|version| version == month || *version == given),
        None => version_is_active(&given, state.now()),
    };
    if active {
        return Ok(echo);
    }
    let list = state
        .faults
        .active_versions
        .clone()
        .unwrap_or_else(|| active_versions(state.now()));
    let kind = kind_named("426").expect("426 is in the table");
    Err(kind
        .error(endpoint, &echo, None)
        .because(format!("active are {}", list.join(" "))))
}

/// A bearer token that is known, not revoked, not expired, and old enough to be used.
pub(crate) fn token(state: &mut State, call: &Call, endpoint: &str) -> Result<Holder, ApiError> {
    strike(state, Stage::Token, call, endpoint, "")?;
    let Some(header) = call
        .header("authorization")
        .filter(|header| !header.is_empty())
    else {
        return Err(known("empty_401", "no Authorization header"));
    };
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(known("401_scheme", "the scheme is not Bearer"));
    }
    if token.trim().is_empty() {
        return Err(known("empty_401", "no token after Bearer"));
    }
    let now = state.now();
    let Some(token) = state.grants.token(token.trim()) else {
        return Err(known("invalid_401", "the token is not known"));
    };
    if token.revoked {
        return Err(known("revoked_401", "the token was revoked"));
    }
    if token.expires_at <= now {
        return Err(known("expired_401", "the token has expired"));
    }
    if token.usable_from > now {
        return Err(known(
            "invalid_401",
            "the token is too new to be known everywhere",
        ));
    }
    Ok(Holder {
        member: token.member.clone(),
        scopes: token.scopes.clone(),
    })
}

/// Counts the call against the day's quotas, if there are any.
pub(crate) fn quota(
    state: &mut State,
    call: &Call,
    endpoint: &str,
    member: &str,
) -> Result<(), ApiError> {
    strike(state, Stage::Quota, call, endpoint, "")?;
    let day = state.now().div_euclid(DAY);
    state.quota.retain(|(counted, _, _), _| *counted == day);
    let limits = [
        (state.faults.quota_app_day, None),
        (state.faults.quota_member_day, Some(member.to_owned())),
    ];
    for (limit, who) in limits {
        let Some(limit) = limit else { continue };
        let per_member = who.is_some();
        let used = state
            .quota
            .entry((day, endpoint.to_owned(), who))
            .or_default();
        *used += 1;
        if *used > limit {
            return Err(errors::quota(per_member, state.faults.retry_after));
        }
    }
    Ok(())
}

/// One of the needed scopes is among the token's.
pub(crate) fn scope(
    state: &mut State,
    call: &Call,
    endpoint: &str,
    version: &str,
    scopes: &BTreeSet<String>,
    needed: &[&str],
) -> Result<(), ApiError> {
    strike(state, Stage::Scope, call, endpoint, version)?;
    if needed.iter().any(|scope| scopes.contains(*scope)) {
        return Ok(());
    }
    Err(ApiError::scope(
        endpoint,
        version,
        format!("needs one of {}", needed.join(" ")),
    ))
}
