//! Finds out which accounts and company pages a member can reach.

use std::collections::BTreeMap;

use super::Worker;
use crate::error::Result;
use crate::linkedin::{AdAccount, Failure, LinkedIn, Owner};
use crate::oauth::{Grant, Remedy};
use crate::store::Store;
use crate::store::accounts::{AccountKind, FoundAccount};

/// A profile's accounts are looked up again when that was done this long ago.
const AGE_MS: i64 = 3_600_000;
/// After a failure they are looked up again this soon.
const AFTER_FAILURE_MS: i64 = 60_000;

/// Page roles with which leads of a page can be read (spec/linkedin.md 3.4).
const PAGE_ROLES: [&str; 5] = [
    "ADMINISTRATOR",
    "LEAD_GEN_FORMS_MANAGER",
    "CURATOR",
    "CONTENT_ADMINISTRATOR",
    "ANALYST",
];

/// Looks up the accounts of every profile for which that was not done lately. What fails for one
/// profile is noted on it and stops no other.
pub(super) async fn discover_due(worker: &Worker) -> Result<()> {
    let now = worker.store.clock().await?;
    for profile in worker.store.list_profiles_to_discover(now - AGE_MS).await? {
        let again = now - AGE_MS + AFTER_FAILURE_MS;
        worker.store.mark_profile_discovered(profile, again).await?;
        let Some(grant) = worker.keeper.token_for_profile(profile, now).await? else {
            continue;
        };
        if let Err(failure) = discover_profile(&worker.store, &worker.linkedin, &grant, now).await?
        {
            tracing::warn!(profile, %failure, "accounts could not be looked up");
            let _: Remedy = worker.keeper.report(&grant, &failure, now).await?;
        }
    }
    Ok(())
}

/// Looks up the accounts and pages that a member can reach and keeps them; tells how many.
///
/// # Errors
/// When the database refuses; LinkedIn's refusal is the inner value.
pub async fn discover_profile(
    store: &Store,
    linkedin: &LinkedIn,
    grant: &Grant,
    now: i64,
) -> Result<std::result::Result<usize, Failure>> {
    let found = match look_up(linkedin, grant).await {
        Ok(found) => found,
        Err(failure) => return Ok(Err(failure)),
    };
    store
        .save_found_accounts(grant.profile_id, &found, now)
        .await?;
    Ok(Ok(found.len()))
}

async fn look_up(
    linkedin: &LinkedIn,
    grant: &Grant,
) -> std::result::Result<Vec<FoundAccount>, Failure> {
    let member = linkedin.member(&grant.token);
    let accounts: Vec<AdAccount> = member
        .ad_accounts()
        .await?
        .into_iter()
        .filter_map(|element| element.value.ok())
        .collect();
    let roles: BTreeMap<i64, Option<String>> = member
        .ad_account_users()
        .await?
        .into_iter()
        .filter_map(|element| element.value.ok())
        .map(|user| (user.account_id, user.role))
        .collect();
    let mut pages: BTreeMap<i64, Option<String>> = BTreeMap::new();
    for acl in member.organization_acls().await? {
        if let Ok(acl) = acl.value
            && acl
                .role
                .as_deref()
                .is_none_or(|role| PAGE_ROLES.contains(&role))
        {
            pages.insert(acl.organization_id, acl.role);
        }
    }
    let names: BTreeMap<i64, String> = accounts
        .iter()
        .filter_map(|account| Some((account.organization_id?, account.organization_name.clone()?)))
        .collect();
    let mut found: Vec<FoundAccount> = accounts
        .into_iter()
        .map(|account| {
            let role = roles.get(&account.id).cloned().flatten();
            ad_account(account, role)
        })
        .collect();
    found.extend(
        pages
            .into_iter()
            .map(|(id, role)| page(id, names.get(&id), role)),
    );
    Ok(found)
}

fn ad_account(account: AdAccount, role: Option<String>) -> FoundAccount {
    FoundAccount {
        urn: Owner::AdAccount(account.id).urn(),
        kind: AccountKind::AdAccount,
        name: account
            .name
            .unwrap_or_else(|| format!("Ad account {}", account.id)),
        linkedin_status: account.status,
        currency: account.currency,
        test: account.test,
        organization_urn: account
            .organization_id
            .map(|id| Owner::Organization(id).urn()),
        organization_name: account.organization_name,
        role,
    }
}

fn page(id: i64, name: Option<&String>, role: Option<String>) -> FoundAccount {
    let urn = Owner::Organization(id).urn();
    FoundAccount {
        kind: AccountKind::Organization,
        name: name.map_or_else(
            || format!("Company page {id}"),
            |name| format!("{name} (page)"),
        ),
        linkedin_status: None,
        currency: None,
        test: false,
        organization_urn: Some(urn.clone()),
        organization_name: name.cloned(),
        role,
        urn,
    }
}
