//! The settings about single sign-on.

use leadline::single_sign_on::RoleGroups;
use secrecy::SecretString;
use url::{Host, Url};

use super::Check;

/// The button holds no more characters.
const NAME_AT_MOST: usize = 60;

/// The settings about single sign-on.
#[derive(Debug, Clone)]
pub struct Oidc {
    /// The provider's address, exactly as it names itself.
    pub issuer: String,
    /// Leadline's id at the provider.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// What the button says.
    pub name: String,
    /// Scopes to ask for besides the needed ones.
    pub scopes: Vec<String>,
    /// The claim that holds the groups.
    pub groups_claim: String,
    /// The groups that give roles.
    pub groups: RoleGroups,
    /// Whether every other way in is closed.
    pub only: bool,
}

impl Check<'_> {
    /// Single sign-on, when a provider is named; what is wrong about it in any case.
    pub(super) fn oidc(&mut self) -> Option<Oidc> {
        const NEEDED: [&str; 3] = ["oidc.issuer", "oidc.client_id", "oidc.client_secret"];
        let only = self.flag("oidc.only");
        let name = self.text("oidc.name").unwrap_or("Single sign-on");
        if name.chars().count() > NAME_AT_MOST {
            let long = format!("must have at most {NAME_AT_MOST} characters.");
            self.wrong("oidc.name", long);
        }
        let needed = NEEDED.map(|key| self.text(key));
        if needed.iter().all(Option::is_none) {
            self.without_provider(only);
            return None;
        }
        for key in NEEDED {
            if self.text(key).is_none() {
                let missing = "is missing. Single sign-on needs oidc.issuer, oidc.client_id and oidc.client_secret.";
                self.wrong(key, missing);
            }
        }
        let [issuer, client_id, client_secret] = needed;
        self.issuer(issuer?);
        Some(Oidc {
            issuer: issuer?.to_owned(),
            client_id: client_id?.to_owned(),
            client_secret: client_secret?.into(),
            name: name.to_owned(),
            scopes: self.list("oidc.scopes", char::is_whitespace),
            groups_claim: self
                .text("oidc.groups_claim")
                .unwrap_or("groups")
                .to_owned(),
            groups: RoleGroups {
                administrator: self.list("oidc.administrator_groups", |c| c == ','),
                salesperson: self.list("oidc.salesperson_groups", |c| c == ','),
            },
            only,
        })
    }

    /// What makes no sense as long as no provider is named.
    fn without_provider(&mut self, only: bool) {
        if only {
            let closed = "would close every way in, because oidc.issuer is not set.";
            self.wrong("oidc.only", closed);
        }
        for key in ["oidc.administrator_groups", "oidc.salesperson_groups"] {
            if self.text(key).is_some() {
                self.wrong(key, "gives no role, because oidc.issuer is not set.");
            }
        }
    }

    fn issuer(&mut self, issuer: &str) {
        let Ok(url) = Url::parse(issuer) else {
            self.wrong("oidc.issuer", "must be a URL that begins with https://.");
            return;
        };
        let here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        let first = url.path_segments().and_then(|mut parts| parts.next());
        let everybody = matches!(first, Some("common" | "organizations" | "consumers"));
        let problem = if url.scheme() != "https" && !(url.scheme() == "http" && here) {
            "must begin with https://. Only a provider on this very machine may begin with http://."
        } else if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            "must have no user name, no ? and no #."
        } else if issuer.ends_with("/.well-known/openid-configuration") {
            "must be the address without /.well-known/openid-configuration."
        } else if url.host_str() == Some("login.microsoftonline.com") && everybody {
            "would let in people of every organization. Write your own tenant's id in place of that word."
        } else {
            return;
        };
        self.wrong("oidc.issuer", problem);
    }

    fn flag(&mut self, key: &str) -> bool {
        let value = self.text(key).map_or(Ok(false), str::parse);
        if value.is_err() {
            self.wrong(key, "must be true or false.");
        }
        value.unwrap_or_default()
    }

    pub(super) fn list(&self, key: &str, between: impl Fn(char) -> bool) -> Vec<String> {
        let parts = self.text(key).unwrap_or_default().split(between);
        let parts = parts.map(str::trim).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{environment, problems};
    use super::super::{Config, Sources};

    fn with(more: &[(&'static str, &'static str)]) -> Sources {
        let mut variables = vec![
            ("LEADLINE_OIDC__ISSUER", "https://id.example/leadline"),
            ("LEADLINE_OIDC__CLIENT_ID", "leadline"),
            ("LEADLINE_OIDC__CLIENT_SECRET", "hunter2"),
        ];
        variables.retain(|(name, _)| more.iter().all(|(other, _)| name != other));
        variables.extend(more);
        environment(&variables)
    }

    #[test]
    fn a_provider_is_three_settings_and_the_rest_has_defaults() {
        let oidc = Config::load(&with(&[])).unwrap().oidc.unwrap();
        assert_eq!(oidc.issuer, "https://id.example/leadline");
        let words = (oidc.name.as_str(), oidc.groups_claim.as_str());
        assert_eq!(words, ("Single sign-on", "groups"));
        assert!(oidc.scopes.is_empty() && !oidc.groups.any() && !oidc.only);
        assert!(Config::load(&environment(&[])).unwrap().oidc.is_none());
    }

    #[test]
    fn groups_may_have_blanks_in_their_names() {
        let oidc = Config::load(&with(&[
            ("LEADLINE_OIDC__SALESPERSON_GROUPS", "Field Sales, EMEA,,"),
            ("LEADLINE_OIDC__SCOPES", "groups  offline"),
            ("LEADLINE_OIDC__ONLY", "true"),
        ]));
        let oidc = oidc.unwrap().oidc.unwrap();
        assert_eq!(oidc.groups.salesperson, ["Field Sales", "EMEA"]);
        assert_eq!(oidc.scopes, ["groups", "offline"]);
        assert!(oidc.only);
    }

    #[test]
    fn what_cannot_work_is_told_with_its_name() {
        let issuer = |issuer| [("LEADLINE_OIDC__ISSUER", issuer)];
        let cases = [
            ([("LEADLINE_OIDC__CLIENT_SECRET", "")], "oidc.client_secret"),
            ([("LEADLINE_OIDC__ONLY", "yes")], "oidc.only"),
            (issuer("id.example"), "oidc.issuer"),
            (issuer("http://id.example"), "oidc.issuer"),
            (issuer("https://id.example/?x"), "oidc.issuer"),
            (
                issuer("https://id.example/.well-known/openid-configuration"),
                "oidc.issuer",
            ),
            (
                issuer("https://login.microsoftonline.com/common/v2.0"),
                "oidc.issuer",
            ),
        ];
        for (variables, setting) in cases {
            let told = problems(&with(&variables));
            assert!(told.starts_with(setting), "{variables:?}: {told}");
            assert_eq!(told.lines().count(), 1, "{told}");
        }
        let told = problems(&environment(&[
            ("LEADLINE_OIDC__ONLY", "true"),
            ("LEADLINE_OIDC__ADMINISTRATOR_GROUPS", "it"),
        ]));
        assert!(
            told.contains("close every way in") && told.contains("gives no role"),
            "{told}"
        );
    }
}
