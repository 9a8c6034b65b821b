//! Ad accounts and what hangs on them: users, campaigns, creatives; pages, their roles, their events.

use serde_json::{Value, json};

use super::{Ask, Op, batch, paging, role_refused, unsupported};
use crate::errors::ApiError;
use crate::model::{Account, Campaign, CampaignGroup, Creative, urn_number};
use crate::restli;
use crate::server::Reply;
use crate::state::State;

const SEARCH: &[&str] = &[
    "search",
    "start",
    "count",
    "pageSize",
    "pageToken",
    "sort",
    "sortOrder",
];
const OFFSET: &[&str] = &["start", "count"];

fn localized(name: &str) -> Value {
    json!({ "localized": { "en_US": name }, "preferredLocale": { "country": "US", "language": "en" } })
}

fn account_json(state: &State, account: &Account) -> Value {
    let organization = account
        .organization
        .and_then(|id| state.world.organizations.get(&id));
    let serving = if account.status == "ACTIVE" {
        vec!["RUNNABLE"]
    } else {
        vec!["STOPPED"]
    };
    let mut json = json!({
        "id": account.id, "name": account.name, "status": account.status, "type": account.kind,
        "currency": account.currency, "test": account.test, "servingStatuses": serving,
        "changeAuditStamps": { "created": { "time": account.created }, "lastModified": { "time": account.created } },
        "version": { "versionTag": "3" }, "notifiedOnCampaignOptimization": true,
        "notifiedOnCreativeApproval": false, "notifiedOnCreativeRejection": true, "notifiedOnEndOfCampaign": true,
        "referenceInfo": {},
    });
    if let Some(organization) = organization {
        json["reference"] = json!(format!("urn:li:organization:{}", organization.id));
        json["referenceInfo"] = json!({ "organization": {
            "id": organization.id, "vanityName": organization.vanity, "localizedName": organization.name,
            "name": localized(&organization.name),
        } });
    }
    for (name, value) in &account.extra {
        json[name] = value.clone();
    }
    json
}

/// Whether an element has what a `search=(…)` asks for.
fn search_matches(
    search: Option<&restli::Value>,
    kind: &str,
    element: &Value,
) -> Result<bool, ApiError> {
    let Some(search) = search else {
        return Ok(true);
    };
    let bad = |reason: String| ApiError::parameter("search", reason).with_input("search");
    let criteria = search
        .record()
        .ok_or_else(|| bad("a record is expected".to_owned()))?;
    for (name, wanted) in criteria {
        if name == "test" {
            let wanted = wanted
                .scalar()
                .ok_or_else(|| bad("test: true or false is expected".to_owned()))?;
            if element["test"] != json!(wanted == "true") {
                return Ok(false);
            }
            continue;
        }
        let field = match name.as_str() {
            "id" | "name" | "reference" | "type" | "status" | "campaignGroup" | "account" => {
                name.as_str()
            }
            other => return Err(bad(format!("cannot search by {other}"))),
        };
        let values = wanted.field("values").and_then(restli::Value::list);
        let values = values.ok_or_else(|| bad(format!("{name}:(values:List(…)) is expected")))?;
        let hit = values
            .iter()
            .filter_map(restli::Value::scalar)
            .any(|value| match &element[field] {
                Value::Number(number) => {
                    urn_number(value, kind).or_else(|| value.parse().ok()) == number.as_u64()
                }
                Value::String(text) => text == value,
                _ => false,
            });
        if !hit {
            return Ok(false);
        }
    }
    Ok(true)
}

fn searched(ask: &Ask, kind: &str, all: Vec<Value>) -> Result<Vec<Value>, ApiError> {
    let search = ask.value("search")?;
    let mut kept = Vec::new();
    for element in all {
        if search_matches(search.as_ref(), kind, &element)? {
            kept.push(element);
        }
    }
    Ok(kept)
}

pub(super) fn ad_accounts(state: &mut State, ask: &Ask) -> Result<Reply, ApiError> {
    match &ask.op {
        Op::Finder(finder) if finder == "search" => {
            ask.syntax(SEARCH)?;
            let mine = state
                .world
                .accounts
                .values()
                .filter(|account| state.world.has_account_role(&ask.member, account.id));
            let all = mine.map(|account| account_json(state, account)).collect();
            let found = searched(ask, "sponsoredAccount", all)?;
            if ask.query.raw("pageToken").is_some() && ask.query.raw("search").is_some() {
                return Err(ApiError::query("pageToken cannot be combined with search")
                    .with_input("pageToken"));
            }
            if ask.query.raw("pageToken").is_some() || ask.query.raw("pageSize").is_some() {
                return paging::by_cursor(ask, found);
            }
            paging::by_offset(state, ask, found, true)
        }
        Op::Get => {
            let id = ask.number_key();
            let json = id.clone().ok().map(|id| one_account(state, ask, id));
            ask.syntax(&[])?;
            id?;
            Ok(Reply::json(
                200,
                &json.unwrap_or_else(|| Err(ApiError::gone("")))?,
            ))
        }
        Op::BatchGet => {
            ask.syntax(&[])?;
            let ids = ask.ids()?;
            Ok(batch(ids, |id| {
                one_account(
                    state,
                    ask,
                    id.parse().map_err(|_| ApiError::gone("not a number"))?,
                )
            }))
        }
        _ => Err(unsupported(ask)),
    }
}

fn one_account(state: &State, ask: &Ask, id: u64) -> Result<Value, ApiError> {
    let account = state
        .world
        .accounts
        .get(&id)
        .ok_or_else(|| ApiError::gone("no such ad account"))?;
    if !state.world.has_account_role(&ask.member, id) {
        return Err(role_refused(state, "no role on the ad account"));
    }
    Ok(ask.project(account_json(state, account)))
}

pub(super) fn ad_account_users(state: &mut State, ask: &Ask) -> Result<Reply, ApiError> {
    let accounts: Option<Vec<u64>> = match &ask.op {
        Op::Finder(finder) if finder == "authenticatedUser" => {
            ask.syntax(OFFSET)?;
            None
        }
        Op::Finder(finder) if finder == "accounts" => {
            ask.syntax(&["accounts", "start", "count"])?;
            let value = ask.required("accounts")?;
            let urns = value.list().map(|list| {
                list.iter()
                    .map(|urn| urn_number(urn.scalar()?, "sponsoredAccount"))
                    .collect::<Option<Vec<_>>>()
            });
            Some(urns.flatten().ok_or_else(|| {
                ApiError::parameter("accounts", "a List of account URNs is expected")
            })?)
        }
        _ => return Err(unsupported(ask)),
    };
    let seen = |account: u64, member: &str| match &accounts {
        None => member == ask.member,
        Some(accounts) => {
            accounts.contains(&account) && state.world.has_account_role(&ask.member, account)
        }
    };
    let all = state
        .world
        .account_roles
        .iter()
        .filter(|role| seen(role.account, &role.member));
    let all = all
        .filter_map(|role| {
            let member = state.world.member(&role.member)?;
            Some(json!({
                "account": format!("urn:li:sponsoredAccount:{}", role.account), "user": member.urn(), "role": role.role,
                "changeAuditStamps": { "created": { "time": role.created }, "lastModified": { "time": role.created } },
            }))
        })
        .collect();
    paging::by_offset(state, ask, all, true)
}

pub(super) fn organization_acls(state: &mut State, ask: &Ask) -> Result<Reply, ApiError> {
    if ask.op != Op::Finder("roleAssignee".to_owned()) {
        return Err(unsupported(ask));
    }
    ask.syntax(&["state", "role", "start", "count"])?;
    let wanted = |name: &str| -> Result<Option<String>, ApiError> {
        match ask.value(name)? {
            None => Ok(None),
            Some(value) => match value.scalar() {
                Some(text) => Ok(Some(text.to_owned())),
                None => Err(ApiError::parameter(name, "a plain value is expected")),
            },
        }
    };
    let (role_wanted, state_wanted) = (wanted("role")?, wanted("state")?);
    let mine = state.world.page_roles.iter().filter(|role| {
        role.member == ask.member
            && role_wanted
                .as_ref()
                .is_none_or(|wanted| *wanted == role.role)
            && state_wanted
                .as_ref()
                .is_none_or(|wanted| *wanted == role.state)
    });
    let all = mine
        .filter_map(|role| {
            let urn = state.world.member(&role.member)?.urn();
            Some(json!({
                "roleAssignee": urn, "organization": format!("urn:li:organization:{}", role.organization),
                "role": role.role, "state": role.state,
                "created": { "actor": urn, "impersonator": "urn:li:servicePrincipal:organization", "time": role.created },
                "lastModified": { "actor": urn, "time": role.created },
            }))
        })
        .collect();
    paging::by_offset(state, ask, all, false)
}

pub(super) fn organizations(state: &mut State, ask: &Ask) -> Result<Reply, ApiError> {
    let one = |id: u64| {
        let organization = state
            .world
            .organizations
            .get(&id)
            .ok_or_else(|| ApiError::gone("no such organization"))?;
        Ok(ask.project(json!({
            "id": organization.id, "localizedName": organization.name, "vanityName": organization.vanity,
            "name": localized(&organization.name), "primaryOrganizationType": "NONE",
        })))
    };
    ask.syntax(&[])?;
    match ask.op {
        Op::Get => Ok(Reply::json(200, &one(ask.number_key()?)?)),
        Op::BatchGet => Ok(batch(ask.ids()?, |id| {
            one(id.parse().map_err(|_| ApiError::gone("not a number"))?)
        })),
        _ => Err(unsupported(ask)),
    }
}

pub(super) fn events(state: &mut State, ask: &Ask) -> Result<Reply, ApiError> {
    ask.syntax(&[])?;
    if ask.op != Op::Get {
        return Err(unsupported(ask));
    }
    let id = ask.number_key()?;
    let name = state
        .world
        .events
        .get(&id)
        .ok_or_else(|| ApiError::gone("no such event"))?;
    Ok(Reply::json(
        200,
        &ask.project(json!({ "id": id, "name": localized(name) })),
    ))
}

/// The ad account in the path, which the member must have a role on.
fn parent(state: &State, ask: &Ask) -> Result<u64, ApiError> {
    let raw = ask.parent.as_deref().unwrap_or_default();
    let id = raw
        .parse()
        .map_err(|_| ApiError::query(format!("'{raw}' is not the number of an ad account")))?;
    if !state.world.accounts.contains_key(&id) {
        return Err(ApiError::gone("no such ad account"));
    }
    if !state.world.has_account_role(&ask.member, id) {
        return Err(role_refused(state, "no role on the ad account"));
    }
    Ok(id)
}

fn campaign_json(campaign: &Campaign) -> Value {
    json!({
        "id": campaign.id, "name": campaign.name, "account": format!("urn:li:sponsoredAccount:{}", campaign.account),
        "campaignGroup": format!("urn:li:sponsoredCampaignGroup:{}", campaign.group), "status": campaign.status,
        "type": campaign.kind, "objectiveType": "LEAD_GENERATION", "costType": "CPM", "test": false,
        "runSchedule": { "start": campaign.created }, "version": { "versionTag": "5" },
        "changeAuditStamps": { "created": { "time": campaign.created }, "lastModified": { "time": campaign.created } },
    })
}

fn group_json(group: &CampaignGroup) -> Value {
    json!({
        "id": group.id, "name": group.name, "account": format!("urn:li:sponsoredAccount:{}", group.account),
        "status": "ACTIVE", "test": false, "runSchedule": { "start": group.created },
    })
}

fn creative_json(state: &State, creative: &Creative) -> Value {
    let account = state
        .world
        .campaigns
        .get(&creative.campaign)
        .map_or(0, |campaign| campaign.account);
    let mut json = json!({
        "id": format!("urn:li:sponsoredCreative:{}", creative.id),
        "campaign": format!("urn:li:sponsoredCampaign:{}", creative.campaign),
        "account": format!("urn:li:sponsoredAccount:{account}"), "intendedStatus": "ACTIVE", "isServing": true,
        "isTest": false, "content": { "reference": format!("urn:li:share:7{:018}", creative.id) },
        "leadgenCallToAction": { "label": "LEARN_MORE", "destination": format!("urn:li:adForm:{}", creative.form) },
        "review": { "status": "APPROVED" }, "createdAt": creative.created, "lastModifiedAt": creative.created,
    });
    if let Some(name) = &creative.name {
        json["name"] = json!(name);
    }
    json
}

pub(super) fn campaigns(state: &mut State, ask: &Ask) -> Result<Reply, ApiError> {
    let account = parent(state, ask)?;
    let one = |id: Option<u64>| {
        let campaign = id
            .and_then(|id| state.world.campaigns.get(&id))
            .filter(|campaign| campaign.account == account);
        campaign
            .map(|campaign| ask.project(campaign_json(campaign)))
            .ok_or_else(|| ApiError::gone("no such campaign"))
    };
    match &ask.op {
        Op::Get => {
            ask.syntax(&[])?;
            Ok(Reply::json(200, &one(Some(ask.number_key()?))?))
        }
        Op::BatchGet => {
            ask.syntax(&[])?;
            Ok(batch(ask.ids()?, |id| one(id.parse().ok())))
        }
        Op::Finder(finder) if finder == "search" => {
            ask.syntax(SEARCH)?;
            let all = state
                .world
                .campaigns
                .values()
                .filter(|campaign| campaign.account == account);
            paging::by_cursor(
                ask,
                searched(ask, "sponsoredCampaign", all.map(campaign_json).collect())?,
            )
        }
        _ => Err(unsupported(ask)),
    }
}

pub(super) fn campaign_groups(state: &mut State, ask: &Ask) -> Result<Reply, ApiError> {
    let account = parent(state, ask)?;
    let one = |id: Option<u64>| {
        let group = id
            .and_then(|id| state.world.groups.get(&id))
            .filter(|group| group.account == account);
        group
            .map(|group| ask.project(group_json(group)))
            .ok_or_else(|| ApiError::gone("no such campaign group"))
    };
    match &ask.op {
        Op::Get => {
            ask.syntax(&[])?;
            Ok(Reply::json(200, &one(Some(ask.number_key()?))?))
        }
        Op::BatchGet => {
            ask.syntax(&[])?;
            Ok(batch(ask.ids()?, |id| one(id.parse().ok())))
        }
        Op::Finder(finder) if finder == "search" => {
            ask.syntax(SEARCH)?;
            let all = state
                .world
                .groups
                .values()
                .filter(|group| group.account == account);
            paging::by_cursor(
                ask,
                searched(ask, "sponsoredCampaignGroup", all.map(group_json).collect())?,
            )
        }
        _ => Err(unsupported(ask)),
    }
}

pub(super) fn creatives(state: &mut State, ask: &Ask) -> Result<Reply, ApiError> {
    let account = parent(state, ask)?;
    let in_account = |creative: &Creative| {
        state
            .world
            .campaigns
            .get(&creative.campaign)
            .is_some_and(|campaign| campaign.account == account)
    };
    let one = |urn: &str| {
        let id = urn_number(urn, "sponsoredCreative");
        let creative = id
            .and_then(|id| state.world.creatives.get(&id))
            .filter(|creative| in_account(creative));
        let creative =
            creative.ok_or_else(|| ApiError::gone("no such creative; the key is a URN"))?;
        Ok(ask.project(creative_json(state, creative)))
    };
    match &ask.op {
        Op::Get => {
            ask.syntax(&[])?;
            Ok(Reply::json(200, &one(&ask.key()?)?))
        }
        Op::BatchGet => {
            ask.syntax(&[])?;
            Ok(batch(ask.ids()?, one))
        }
        Op::Finder(finder) if finder == "criteria" => {
            ask.syntax(&[
                "campaigns",
                "creatives",
                "isTestAccount",
                "pageSize",
                "pageToken",
                "sortOrder",
            ])?;
            let numbers = |name: &str, kind: &str| -> Result<Option<Vec<u64>>, ApiError> {
                let Some(value) = ask.value(name)? else {
                    return Ok(None);
                };
                let list = value.list().map(|list| {
                    list.iter()
                        .map(|urn| urn_number(urn.scalar()?, kind))
                        .collect::<Option<Vec<_>>>()
                });
                list.flatten()
                    .map(Some)
                    .ok_or_else(|| ApiError::parameter(name, "a List of URNs is expected"))
            };
            let campaigns = numbers("campaigns", "sponsoredCampaign")?;
            let creatives = numbers("creatives", "sponsoredCreative")?;
            let all = state.world.creatives.values().filter(|creative| {
                in_account(creative)
                    && campaigns
                        .as_ref()
                        .is_none_or(|ids| ids.contains(&creative.campaign))
                    && creatives
                        .as_ref()
                        .is_none_or(|ids| ids.contains(&creative.id))
            });
            paging::by_cursor(
                ask,
                all.map(|creative| creative_json(state, creative)).collect(),
            )
        }
        _ => Err(unsupported(ask)),
    }
}
