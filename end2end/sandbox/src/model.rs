//! The world LinkedIn keeps: members, ad accounts, pages, roles, forms, campaigns.
//!
//! Everything is plain data with the few questions asked of it; what it looks like on the wire is
//! written next to the resource that shows it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::leads::LeadStore;
use crate::restli;

/// Page roles that let a member read the sponsored leads of the page's ad accounts.
const PAGE_ROLES_FOR_LEADS: &[&str] = &[
    "ADMINISTRATOR",
    "LEAD_GEN_FORMS_MANAGER",
    "CURATOR",
    "CONTENT_ADMINISTRATOR",
    "ANALYST",
];
/// Page roles that let a member read the leads of the page's events.
const PAGE_ROLES_FOR_EVENTS: &[&str] = &["ADMINISTRATOR", "CONTENT_ADMINISTRATOR"];
/// Kinds of leads that belong to a page instead of an ad account.
pub(crate) const ORGANIC_TYPES: &[&str] = &["EVENT", "COMPANY", "ORGANIZATION_PRODUCT"];

/// To whom a form or a lead belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Owner {
    Account(u64),
    Organization(u64),
}

impl Owner {
    pub(crate) fn urn(self) -> String {
        match self {
            Owner::Account(id) => format!("urn:li:sponsoredAccount:{id}"),
            Owner::Organization(id) => format!("urn:li:organization:{id}"),
        }
    }

    /// The name of the union's branch.
    pub(crate) fn branch(self) -> &'static str {
        match self {
            Owner::Account(_) => "sponsoredAccount",
            Owner::Organization(_) => "organization",
        }
    }

    pub(crate) fn json(self) -> Value {
        json!({ self.branch(): self.urn() })
    }

    fn from_parts(branch: &str, urn: &str) -> Option<Owner> {
        match branch {
            "sponsoredAccount" => urn_number(urn, "sponsoredAccount").map(Owner::Account),
            "organization" => urn_number(urn, "organization").map(Owner::Organization),
            _ => None,
        }
    }

    /// Reads `(sponsoredAccount:<urn>)` or `(organization:<urn>)` of a query.
    pub(crate) fn from_query(value: &restli::Value) -> Option<Owner> {
        match value.record()? {
            [(branch, urn)] => Owner::from_parts(branch, urn.scalar()?),
            _ => None,
        }
    }

    /// Reads `{"sponsoredAccount":"<urn>"}` of a body.
    pub(crate) fn from_json(value: &Value) -> Option<Owner> {
        let map = value.as_object().filter(|map| map.len() == 1)?;
        map.iter()
            .next()
            .and_then(|(branch, urn)| Owner::from_parts(branch, urn.as_str()?))
    }

    /// Whether leads of this type can belong to this owner.
    pub(crate) fn pairs_with(self, lead_type: &str) -> bool {
        match self {
            Owner::Account(_) => lead_type == "SPONSORED",
            Owner::Organization(_) => ORGANIC_TYPES.contains(&lead_type),
        }
    }
}

/// The number at the end of `urn:li:<kind>:<number>`.
pub(crate) fn urn_number(urn: &str, kind: &str) -> Option<u64> {
    let number = urn
        .strip_prefix("urn:li:")?
        .strip_prefix(kind)?
        .strip_prefix(':')?;
    number
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| number.parse().ok())?
}

/// `urn:li:versionedLeadGenForm:(urn:li:leadGenForm:1,2)`.
pub(crate) fn versioned_form_urn(form: u64, version: u32) -> String {
    format!("urn:li:versionedLeadGenForm:(urn:li:leadGenForm:{form},{version})")
}

/// Reads a versioned form URN.
pub(crate) fn parse_versioned_form(urn: &str) -> Option<(u64, u32)> {
    let inner = urn
        .strip_prefix("urn:li:versionedLeadGenForm:(")?
        .strip_suffix(')')?;
    let (form, version) = inner.split_once(',')?;
    Some((urn_number(form, "leadGenForm")?, version.parse().ok()?))
}

/// A person who can connect Leadline.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// Short name used by the control API and the consent page.
    pub(crate) key: String,
    /// Id inside `urn:li:person:`.
    pub(crate) person: String,
    pub(crate) given: String,
    pub(crate) family: String,
    pub(crate) email: String,
    pub(crate) country: String,
    pub(crate) language: String,
    /// One line for the consent page.
    pub(crate) about: String,
}

impl Member {
    pub(crate) fn urn(&self) -> String {
        format!("urn:li:person:{}", self.person)
    }

    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.given, self.family)
    }
}

/// An ad account.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) kind: String,
    pub(crate) currency: String,
    pub(crate) organization: Option<u64>,
    pub(crate) test: bool,
    pub(crate) created: i64,
    /// Fields nobody has documented.
    pub(crate) extra: Map<String, Value>,
}

/// A company page.
#[derive(Debug, Clone)]
pub(crate) struct Organization {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) vanity: String,
}

/// A member's role on an ad account.
#[derive(Debug, Clone)]
pub(crate) struct AccountRole {
    pub(crate) member: String,
    pub(crate) account: u64,
    pub(crate) role: String,
    pub(crate) created: i64,
}

/// A member's role on a company page.
#[derive(Debug, Clone)]
pub(crate) struct PageRole {
    pub(crate) member: String,
    pub(crate) organization: u64,
    pub(crate) role: String,
    pub(crate) state: String,
    pub(crate) created: i64,
}

/// A lead form with all its versions, each the object as LinkedIn shows it.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) id: u64,
    pub(crate) owner: Owner,
    pub(crate) lead_type: String,
    pub(crate) versions: BTreeMap<u32, Value>,
}

/// One question of a form version.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) predefined: Option<String>,
    pub(crate) options: Vec<(u64, String)>,
}

impl Form {
    /// Number and object of the newest version.
    pub(crate) fn current(&self) -> Option<(u32, &Value)> {
        self.versions
            .iter()
            .next_back()
            .map(|(version, form)| (*version, form))
    }

    /// The questions of a version, in its order.
    pub(crate) fn questions(&self, version: u32) -> Vec<Question> {
        let questions = self
            .versions
            .get(&version)
            .and_then(|form| form["content"]["questions"].as_array());
        questions
            .into_iter()
            .flatten()
            .filter_map(question)
            .collect()
    }
}

fn question(value: &Value) -> Option<Question> {
    let options = value["questionDetails"]["multipleChoiceQuestionDetails"]["options"].as_array();
    let localized = |text: &Value| {
        text["localized"]
            .as_object()
            .and_then(|map| map.values().next()?.as_str().map(str::to_owned))
    };
    Some(Question {
        id: value["questionId"].as_u64()?,
        name: value["name"].as_str().unwrap_or_default().to_owned(),
        predefined: value["predefinedField"].as_str().map(str::to_owned),
        options: options
            .into_iter()
            .flatten()
            .filter_map(|option| {
                Some((
                    option["id"].as_u64()?,
                    localized(&option["text"]).unwrap_or_default(),
                ))
            })
            .collect(),
    })
}

/// A campaign.
#[derive(Debug, Clone)]
pub(crate) struct Campaign {
    pub(crate) id: u64,
    pub(crate) account: u64,
    pub(crate) group: u64,
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) kind: String,
    pub(crate) created: i64,
}

/// A group of campaigns.
#[derive(Debug, Clone)]
pub(crate) struct CampaignGroup {
    pub(crate) id: u64,
    pub(crate) account: u64,
    pub(crate) name: String,
    pub(crate) created: i64,
}

/// A creative; many have no name.
#[derive(Debug, Clone)]
pub(crate) struct Creative {
    pub(crate) id: u64,
    pub(crate) campaign: u64,
    pub(crate) form: u64,
    pub(crate) name: Option<String>,
    pub(crate) created: i64,
}

/// All of it.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) members: Vec<Member>,
    pub(crate) accounts: BTreeMap<u64, Account>,
    pub(crate) organizations: BTreeMap<u64, Organization>,
    pub(crate) account_roles: Vec<AccountRole>,
    pub(crate) page_roles: Vec<PageRole>,
    pub(crate) forms: BTreeMap<u64, Form>,
    pub(crate) campaigns: BTreeMap<u64, Campaign>,
    pub(crate) groups: BTreeMap<u64, CampaignGroup>,
    pub(crate) creatives: BTreeMap<u64, Creative>,
    pub(crate) events: BTreeMap<u64, String>,
    pub(crate) leads: LeadStore,
}

impl World {
    pub(crate) fn member(&self, key: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.key == key)
    }

    /// Any of the five roles on an ad account will do.
    pub(crate) fn has_account_role(&self, member: &str, account: u64) -> bool {
        self.account_roles
            .iter()
            .any(|role| role.member == member && role.account == account)
    }

    fn has_page_role(&self, member: &str, organization: u64, accepted: &[&str]) -> bool {
        self.page_roles.iter().any(|role| {
            role.member == member
                && role.organization == organization
                && role.state == "APPROVED"
                && (accepted.is_empty() || accepted.contains(&role.role.as_str()))
        })
    }

    /// Whether a member may read the leads of an owner (specification 3.4); the error says why not.
    pub(crate) fn may_read_leads(
        &self,
        member: &str,
        owner: Owner,
        lead_type: &str,
    ) -> Result<(), &'static str> {
        match owner {
            Owner::Account(id) => {
                if !self.has_account_role(member, id) {
                    return Err("no role on the ad account");
                }
                let page = self
                    .accounts
                    .get(&id)
                    .and_then(|account| account.organization);
                let page = page.ok_or("the ad account has no company page")?;
                let allowed = self.has_page_role(member, page, PAGE_ROLES_FOR_LEADS);
                allowed
                    .then_some(())
                    .ok_or("no sufficient role on the ad account's company page")
            }
            Owner::Organization(id) => {
                let accepted = if lead_type == "EVENT" {
                    PAGE_ROLES_FOR_EVENTS
                } else {
                    &[]
                };
                let allowed = self.has_page_role(member, id, accepted);
                allowed
                    .then_some(())
                    .ok_or("no sufficient role on the company page")
            }
        }
    }

    /// Whether a member may see an owner's forms: a role on the account, or any on the page.
    pub(crate) fn may_read_forms(&self, member: &str, owner: Owner) -> Result<(), &'static str> {
        let allowed = match owner {
            Owner::Account(id) => self.has_account_role(member, id),
            Owner::Organization(id) => self.has_page_role(member, id, &[]),
        };
        allowed.then_some(()).ok_or("no role on the form's owner")
    }
}
