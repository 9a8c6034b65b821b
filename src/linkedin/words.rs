//! The objects of LinkedIn's API that Leadline needs a few fields of.
//!
//! LinkedIn may add fields and enum values at any time and leave out what is empty: fields that are
//! not known are passed over, enums stay open texts, everything but the id is optional.

use serde_json::Value;

use super::json::{at, id, locale, number, text_at, truth};

/// An object of LinkedIn's that can be read from JSON.
pub trait Word: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// Says in plain words why it cannot be read, without any value in it.
    fn read(value: &Value) -> Result<Self, String>;
}

/// An ad account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdAccount {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: Option<String>,
    /// `ACTIVE`, `CANCELED`, `DRAFT`, …
    pub status: Option<String>,
    /// `BUSINESS`, `ENTERPRISE`, …
    pub kind: Option<String>,
    /// The currency that it pays in.
    pub currency: Option<String>,
    /// Whether it is a test account.
    pub test: bool,
    /// The company page attached to it; without one its leads cannot be read.
    pub organization_id: Option<i64>,
    /// The company page's name.
    pub organization_name: Option<String>,
}

impl Word for AdAccount {
    fn read(value: &Value) -> Result<AdAccount, String> {
        let page = at(value, &["referenceInfo", "organization"]);
        let page_id = page
            .and_then(|page| id(at(page, &["id"])?, "organization"))
            .or_else(|| id(at(value, &["reference"])?, "organization"));
        Ok(AdAccount {
            id: needed(value, "id", "sponsoredAccount")?,
            name: text_at(value, &["name"]),
            status: text_at(value, &["status"]),
            kind: text_at(value, &["type"]),
            currency: text_at(value, &["currency"]),
            test: at(value, &["test"]).and_then(truth).unwrap_or(false),
            organization_id: page_id,
            organization_name: page.and_then(|page| text_at(page, &["localizedName"])),
        })
    }
}

/// The member's role on an ad account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdAccountUser {
    /// The ad account's number.
    pub account_id: i64,
    /// `ACCOUNT_MANAGER`, `CAMPAIGN_MANAGER`, `VIEWER`, …
    pub role: Option<String>,
}

impl Word for AdAccountUser {
    fn read(value: &Value) -> Result<AdAccountUser, String> {
        Ok(AdAccountUser {
            account_id: needed(value, "account", "sponsoredAccount")?,
            role: text_at(value, &["role"]),
        })
    }
}

/// The member's role on a company page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationAcl {
    /// The organization's number.
    pub organization_id: i64,
    /// `ADMINISTRATOR`, `LEAD_GEN_FORMS_MANAGER`, …
    pub role: Option<String>,
    /// `APPROVED`, `REQUESTED`, …
    pub state: Option<String>,
}

impl Word for OrganizationAcl {
    fn read(value: &Value) -> Result<OrganizationAcl, String> {
        Ok(OrganizationAcl {
            organization_id: needed(value, "organization", "organization")?,
            role: text_at(value, &["role"]),
            state: text_at(value, &["state"]),
        })
    }
}

/// A campaign of an ad account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: Option<String>,
    /// `SPONSORED_UPDATES`, …
    pub kind: Option<String>,
    /// `LEAD_GENERATION`, …
    pub objective: Option<String>,
    /// `ACTIVE`, `PAUSED`, …
    pub status: Option<String>,
    /// When it starts, in milliseconds.
    pub starts_at: Option<i64>,
    /// When it ends, in milliseconds.
    pub ends_at: Option<i64>,
}

impl Word for Campaign {
    fn read(value: &Value) -> Result<Campaign, String> {
        Ok(Campaign {
            id: needed(value, "id", "sponsoredCampaign")?,
            name: text_at(value, &["name"]),
            kind: text_at(value, &["type"]),
            objective: text_at(value, &["objectiveType"]),
            status: text_at(value, &["status"]),
            starts_at: at(value, &["runSchedule", "start"]).and_then(number),
            ends_at: at(value, &["runSchedule", "end"]).and_then(number),
        })
    }
}

/// Who the member is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserInfo {
    /// The member's id, as in `urn:li:person:<id>`.
    pub id: String,
    /// The member's name.
    pub name: Option<String>,
    /// The member's language, as `language_COUNTRY`.
    pub locale: Option<String>,
}

impl Word for UserInfo {
    fn read(value: &Value) -> Result<UserInfo, String> {
        let names = [
            text_at(value, &["given_name"]),
            text_at(value, &["family_name"]),
        ];
        let joined = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
        Ok(UserInfo {
            id: text_at(value, &["sub"]).ok_or("the field \"sub\" is missing or not a text")?,
            name: text_at(value, &["name"]).or_else(|| Some(joined).filter(|n| !n.is_empty())),
            locale: at(value, &["locale"]).and_then(locale),
        })
    }
}

fn needed(value: &Value, field: &str, kind: &str) -> Result<i64, String> {
    at(value, &[field])
        .and_then(|value| id(value, kind))
        .ok_or_else(|| format!("the field \"{field}\" is missing or not an id"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_account_is_read_with_its_company_page() {
        let value = json!({"id": 1_234_567, "name": "Ad Account A", "test": false, "status": "ACTIVE",
            "type": "BUSINESS", "currency": "EUR", "futureField": [1],
            "referenceInfo": {"organization": {"id": 11_223_344, "localizedName": "Acme"}}});
        let account = AdAccount::read(&value).unwrap();
        assert_eq!(account.id, 1_234_567);
        assert_eq!(account.organization_id, Some(11_223_344));
        assert_eq!(account.organization_name.as_deref(), Some("Acme"));
    }

    #[test]
    fn an_account_needs_only_its_id() {
        for id in [json!(7), json!("7"), json!("urn:li:sponsoredAccount:7")] {
            let account = AdAccount::read(&json!({"id": id, "name": null, "referenceInfo": {}}));
            let account = account.unwrap();
            assert_eq!((account.id, account.organization_id), (7, None));
        }
        let page = json!({"id": 7, "reference": "urn:li:organization:8"});
        assert_eq!(AdAccount::read(&page).unwrap().organization_id, Some(8));
    }

    #[test]
    fn what_cannot_be_read_is_named_without_its_value() {
        for value in [json!({"id": "secret"}), json!(null), json!([1]), json!({})] {
            let why = AdAccount::read(&value).unwrap_err();
            assert_eq!(why, "the field \"id\" is missing or not an id");
        }
    }

    #[test]
    fn roles_and_campaigns_are_read() {
        let user = json!({"account": "urn:li:sponsoredAccount:1", "user": "urn:li:person:B", "role": "NEW_ROLE"});
        let user = AdAccountUser::read(&user).unwrap();
        assert_eq!(
            (user.account_id, user.role.as_deref()),
            (1, Some("NEW_ROLE"))
        );
        let acl = json!({"organization": "urn:li:organization:2", "role": "ADMINISTRATOR", "state": "APPROVED"});
        assert_eq!(OrganizationAcl::read(&acl).unwrap().organization_id, 2);
        let campaign =
            json!({"id": 3, "name": "Spring", "runSchedule": {"start": 5}, "status": "ACTIVE"});
        let campaign = Campaign::read(&campaign).unwrap();
        assert_eq!(
            (campaign.id, campaign.starts_at, campaign.ends_at),
            (3, Some(5), None)
        );
    }

    #[test]
    fn a_member_has_a_name_in_one_piece_or_in_two() {
        let whole = json!({"sub": "782bbtaQ", "name": "Jo Doe", "locale": {"country": "US", "language": "en"}});
        let parts =
            json!({"sub": "782bbtaQ", "given_name": "Jo", "family_name": "Doe", "locale": "en_US"});
        for value in [whole, parts] {
            let member = UserInfo::read(&value).unwrap();
            assert_eq!(member.name.as_deref(), Some("Jo Doe"));
            assert_eq!(member.locale.as_deref(), Some("en_US"));
        }
        assert!(UserInfo::read(&json!({"name": "Jo"})).is_err());
    }
}
