//! What an organization says to whoever comes without a token: which tenant it belongs to
//! (specification 1.7.2).

use url::Url;

/// What an organization says about itself to anybody. A hint: only a token and
/// [`super::Dynamics::who_am_i`] prove it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The tenant's id.
    pub tenant: String,
    /// Where its Entra ID is.
    pub authority: Url,
    /// The organization's own name for its address, without a slash at the end.
    pub resource: String,
}

impl Challenge {
    /// Reads `Bearer authorization_uri=…, resource_id=…`; the parts are parted by commas or blanks.
    pub(super) fn read(header: &str) -> Option<Challenge> {
        let rest = header.trim_start();
        let scheme = rest.get(..7)?;
        if !scheme.eq_ignore_ascii_case("Bearer ") {
            return None;
        }
        let apart = |c: char| c == ',' || c.is_whitespace();
        let parts = rest.get(7..)?.split(apart);
        let value = |wanted: &str| {
            let mut parts = parts.clone().filter_map(|part| part.split_once('='));
            let (_, value) = parts.find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
            Some(value.trim_matches('"'))
        };
        let uri = Url::parse(value("authorization_uri")?).ok()?;
        let tenant = uri.path_segments()?.next()?.to_owned();
        super::check_tenant(&tenant).ok()?;
        let mut authority = uri;
        authority.set_path("/");
        authority.set_query(None);
        authority.set_fragment(None);
        let resource = value("resource_id")?.trim_end_matches('/').to_owned();
        Some(Challenge {
            tenant,
            authority,
            resource,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_and_blanks_part_alike() {
        let tenant = "c0a7050c-1111-4a7e-8b01-000000000001";
        let uri = format!(
            "authorization_uri=https://login.microsoftonline.com/{tenant}/oauth2/authorize"
        );
        let quoted = format!(
            "authorization_uri=\"https://login.microsoftonline.com/{tenant}/oauth2/authorize\""
        );
        let resource = "resource_id=https://org.crm11.dynamics.com/";
        for header in [
            format!("Bearer {uri}, {resource}"),
            format!("Bearer {uri},{resource}"),
            format!("bearer {uri} {resource}"),
            format!("Bearer error=invalid_token, {quoted}, {resource}"),
        ] {
            let challenge = Challenge::read(&header).unwrap();
            assert_eq!(challenge.tenant, tenant, "{header}");
            assert_eq!(
                challenge.authority.as_str(),
                "https://login.microsoftonline.com/"
            );
            assert_eq!(challenge.resource, "https://org.crm11.dynamics.com");
        }
    }

    #[test]
    fn anything_else_is_none() {
        for header in [
            "",
            "Bearer",
            "Basic realm=x",
            "Bearer resource_id=https://x/",
            "Bearer authorization_uri=nonsense, resource_id=https://x/",
            "Bearer authorization_uri=https://login.microsoftonline.com/common/oauth2, resource_id=https://x/",
            "Bearer authorization_uri=https://login.microsoftonline.com/, resource_id=https://x/",
        ] {
            assert_eq!(Challenge::read(header), None, "{header}");
        }
    }
}
