//! The settings about Dynamics 365.

use url::Url;

use super::Check;

/// The settings about Dynamics 365. The connection itself is made in Leadline.
#[derive(Debug, Clone)]
pub struct Dataverse {
    /// Under which hosts organizations may be; empty means those of Microsoft.
    pub allowed_hosts: Vec<String>,
    /// Where Entra ID is.
    pub authority_url: Url,
    /// How many requests Leadline may send an organization in five minutes.
    pub requests: u32,
}

impl Check<'_> {
    pub(super) fn dataverse(&mut self) -> Option<Dataverse> {
        const HOSTS: &str = "dataverse.allowed_hosts";
        const AUTHORITY: &str = "dataverse.authority_url";
        const REQUESTS: &str = "dataverse.requests";
        let hosts = self.list(HOSTS, |c| c == ',').into_iter();
        let hosts = hosts.map(|host| host.trim_start_matches("*.").to_lowercase());
        let allowed_hosts: Vec<String> = hosts.collect();
        if let Some(wrong) = allowed_hosts.iter().find(|host| !is_host(host)) {
            let wrong = format!("{wrong} is no host. Write hosts such as crm.example.com.");
            self.wrong(HOSTS, wrong);
        }
        let requests = self.number(REQUESTS, 60, 600_000);
        let authority_url = self.web_url(AUTHORITY)?;
        let bare = authority_url.path() == "/" && authority_url.query().is_none();
        if !bare || !authority_url.username().is_empty() {
            let wrong =
                "must be a scheme, a host and maybe a port. The tenant is typed in Leadline.";
            self.wrong(AUTHORITY, wrong);
        }
        Some(Dataverse {
            allowed_hosts,
            authority_url,
            requests: requests?,
        })
    }
}

/// Whether it is a host's name or number alone.
fn is_host(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    let url = Url::parse(&format!("https://{text}/"));
    let alone = url.is_ok_and(|url| url.host_str() == Some(text) && url.port().is_none());
    alone && text.chars().all(letter)
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::super::tests::{environment, problems};

    #[test]
    fn organizations_are_at_microsoft_unless_somebody_says_otherwise() {
        let config = Config::load(&environment(&[])).unwrap().dataverse;
        assert!(config.allowed_hosts.is_empty());
        let authority = config.authority_url.as_str();
        assert_eq!(authority, "https://login.microsoftonline.com/");
        let set = [
            (
                "LEADLINE_DATAVERSE__ALLOWED_HOSTS",
                "*.Crm.example.com, 127.0.0.1",
            ),
            ("LEADLINE_DATAVERSE__AUTHORITY_URL", "http://127.0.0.1:1"),
        ];
        let config = Config::load(&environment(&set)).unwrap().dataverse;
        assert_eq!(config.allowed_hosts, ["crm.example.com", "127.0.0.1"]);
    }

    #[test]
    fn what_is_no_host_is_told_with_its_name() {
        let cases = [
            (
                "LEADLINE_DATAVERSE__ALLOWED_HOSTS",
                "https://crm.example.com",
            ),
            ("LEADLINE_DATAVERSE__ALLOWED_HOSTS", "crm.example.com/x"),
            ("LEADLINE_DATAVERSE__ALLOWED_HOSTS", "*"),
            ("LEADLINE_DATAVERSE__AUTHORITY_URL", "login.example.com"),
            (
                "LEADLINE_DATAVERSE__AUTHORITY_URL",
                "https://login.example.com/tenant",
            ),
        ];
        for (name, value) in cases {
            let told = problems(&environment(&[(name, value)]));
            let setting = name
                .trim_start_matches("LEADLINE_")
                .to_lowercase()
                .replace("__", ".");
            assert!(told.starts_with(&setting), "{value}: {told}");
        }
    }
}
