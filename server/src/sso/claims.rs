//! What a provider says about somebody, besides what the standard names.

use std::collections::HashMap;

use openidconnect::core::CoreGenderClaim;
use openidconnect::{AdditionalClaims, IdTokenClaims, UserInfoClaims};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The claims that the standard does not name: groups have another name at every provider.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(super) struct Claims {
    #[serde(flatten)]
    all: HashMap<String, Value>,
}

impl AdditionalClaims for Claims {}

/// The claims of an ID token that holds.
pub(super) type Vouched = IdTokenClaims<Claims, CoreGenderClaim>;
/// The claims of the userinfo endpoint.
pub(super) type UserInfo = UserInfoClaims<Claims, CoreGenderClaim>;

/// What is known about somebody's groups.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Groups {
    /// These are all.
    All(Vec<String>),
    /// The provider does not say.
    Untold,
    /// There are so many that the provider only says where to ask for them.
    TooMany,
}

impl Claims {
    /// The groups, which stand under this name.
    pub(super) fn groups(&self, name: &str) -> Groups {
        match self.all.get(name) {
            Some(Value::String(one)) => Groups::All(vec![one.clone()]),
            Some(Value::Array(several)) => {
                let texts = several.iter().filter_map(Value::as_str);
                Groups::All(texts.map(str::to_owned).collect())
            }
            _ if self.is_overage(name) => Groups::TooMany,
            _ => Groups::Untold,
        }
    }

    /// Entra ID leaves out more than 200 groups and names another place instead.
    fn is_overage(&self, name: &str) -> bool {
        let elsewhere = self
            .all
            .get("_claim_names")
            .and_then(|names| names.get(name));
        elsewhere.is_some() || self.all.get("hasgroups").is_some_and(is_true)
    }

    /// Entra ID does not say `email_verified`, but, when asked, whether the address's domain belongs
    /// to the organization.
    fn owns_domain(&self) -> bool {
        self.all.get("xms_edov").is_some_and(is_true)
    }
}

fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_u64() == Some(1),
        Value::String(text) => matches!(text.as_str(), "1" | "true"),
        _ => false,
    }
}

/// What a token or the userinfo endpoint says about somebody.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// The e-mail address, and whether the provider says that it is theirs.
    pub(super) email: Option<(String, bool)>,
    /// The name, whole or put together from its parts.
    pub(super) name: Option<String>,
    /// The groups.
    pub(super) groups: Groups,
}

/// Both kinds of claims have the same methods, but no trait for them.
macro_rules! said {
    ($claims:expr, $groups:expr) => {{
        let more = $claims.additional_claims();
        let email = $claims.email().map(|email| email.trim().to_owned());
        let verified = $claims.email_verified() == Some(true) || more.owns_domain();
        let whole = $claims.name().and_then(|name| name.get(None));
        let given = $claims.given_name().and_then(|name| name.get(None));
        let family = $claims.family_name().and_then(|name| name.get(None));
        let parts = [given.map(|n| n.as_str()), family.map(|n| n.as_str())];
        Said {
            email: email
                .filter(|email| !email.is_empty())
                .map(|email| (email, verified)),
            name: together(whole.map(|n| n.as_str()), parts),
            groups: more.groups($groups),
        }
    }};
}

impl Said {
    /// What an ID token says; the groups stand under this name.
    pub(super) fn by_token(token: &Vouched, groups: &str) -> Said {
        said!(token, groups)
    }

    /// What the userinfo endpoint says.
    pub(super) fn by_userinfo(info: &UserInfo, groups: &str) -> Said {
        said!(info, groups)
    }

    /// The same, with what it does not say taken from another place.
    pub(super) fn or(self, other: Said) -> Said {
        Said {
            email: self.email.or(other.email),
            name: self.name.or(other.name),
            groups: match self.groups {
                Groups::Untold => other.groups,
                told => told,
            },
        }
    }
}

fn together(whole: Option<&str>, parts: [Option<&str>; 2]) -> Option<String> {
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    let parts = (!parts.is_empty()).then(|| parts.join(" "));
    whole.map(str::to_owned).or(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn groups(claims: Value, name: &str) -> Groups {
        serde_json::from_value::<Claims>(claims)
            .unwrap()
            .groups(name)
    }

    #[test]
    fn groups_are_found_under_their_name_however_they_are_written() {
        let all = |texts: &[&str]| Groups::All(texts.iter().map(|t| (*t).to_owned()).collect());
        let several = json!({ "groups": ["sales", 7, "it"], "roles": "admin" });
        assert_eq!(groups(several.clone(), "groups"), all(&["sales", "it"]));
        assert_eq!(groups(several.clone(), "roles"), all(&["admin"]));
        assert_eq!(groups(several, "other"), Groups::Untold);
        assert_eq!(groups(json!({ "groups": [] }), "groups"), all(&[]));
    }

    #[test]
    fn too_many_groups_are_not_taken_for_none() {
        let elsewhere = json!({ "_claim_names": { "groups": "src1" } });
        assert_eq!(groups(elsewhere.clone(), "groups"), Groups::TooMany);
        assert_eq!(groups(elsewhere, "roles"), Groups::Untold);
        assert_eq!(
            groups(json!({ "hasgroups": true }), "groups"),
            Groups::TooMany
        );
    }

    /// What an ID token with these claims besides the needed ones says.
    fn said(more: Value) -> Said {
        let mut claims = json!({ "iss": "https://id.example", "aud": "leadline", "exp": 2, "iat": 1, "sub": "7" });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        Said::by_token(&serde_json::from_value(claims).unwrap(), "groups")
    }

    #[test]
    fn an_address_counts_as_theirs_only_when_the_provider_says_so() {
        let cases = [
            (json!({ "email_verified": true }), true),
            (json!({ "email_verified": false }), false),
            (json!({}), false),
            (json!({ "xms_edov": true }), true),
            (json!({ "xms_edov": "1" }), true),
            (json!({ "xms_edov": "0" }), false),
        ];
        for (mut claims, verified) in cases {
            claims["email"] = json!(" ada@example.com ");
            let email = said(claims.clone()).email;
            assert_eq!(
                email,
                Some(("ada@example.com".to_owned(), verified)),
                "{claims}"
            );
        }
        assert_eq!(said(json!({ "email": "" })).email, None);
    }

    #[test]
    fn a_name_is_put_together_from_its_parts() {
        let name = |claims| said(claims).name;
        let whole = json!({ "name": "Ada L.", "given_name": "Ada" });
        assert_eq!(name(whole).as_deref(), Some("Ada L."));
        let parts = json!({ "given_name": "Ada", "family_name": "Lovelace" });
        assert_eq!(name(parts).as_deref(), Some("Ada Lovelace"));
        assert_eq!(name(json!({})), None);
    }

    #[test]
    fn what_the_token_says_comes_before_what_userinfo_says() {
        let info =
            json!({ "sub": "7", "name": "Ada L.", "email": "other@example.com", "groups": ["it"] });
        let info =
            UserInfo::from_json::<std::io::Error>(info.to_string().as_bytes(), None).unwrap();
        let both =
            said(json!({ "email": "ada@example.com" })).or(Said::by_userinfo(&info, "groups"));
        let expected = Said {
            email: Some(("ada@example.com".to_owned(), false)),
            name: Some("Ada L.".to_owned()),
            groups: Groups::All(vec!["it".to_owned()]),
        };
        assert_eq!(both, expected);
    }
}
