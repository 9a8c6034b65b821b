//! Why Entra ID gives no token (specification 1.4). The class comes from `error` and the status
//! alone, as Microsoft asks; the AADSTS number only makes the advice more exact.

use serde::Deserialize;

use super::catalogue::Verdict;
use super::failure::Class;

/// What Entra ID answers with a refusal.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Refusal {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_codes: Vec<u64>,
}

impl Refusal {
    /// Reads a body; what is none of Entra ID's says nothing.
    pub(super) fn read(body: &[u8]) -> Refusal {
        serde_json::from_slice(body).unwrap_or_default()
    }

    /// The number for people: `AADSTS7000215`; empty without one.
    pub(super) fn code(&self) -> String {
        let number = self.error_codes.first();
        number
            .map(|number| format!("AADSTS{number}"))
            .unwrap_or_default()
    }

    /// What it comes to.
    pub(super) fn verdict(&self, status: u16) -> Verdict {
        let (class, said) = self.by_error(status);
        let number = self.error_codes.first();
        let exact = ADVICE.iter().find(|(own, _)| Some(own) == number);
        (class, exact.map_or(said, |(_, said)| said))
    }

    fn by_error(&self, status: u16) -> Verdict {
        match (status, self.error.as_str()) {
            (429, _) => (
                Class::Wait,
                "Entra ID asks to wait before Leadline signs in again. Leadline goes on by itself.",
            ),
            (408 | 500..=599, _) | (_, "temporarily_unavailable" | "server_error") => (
                Class::Retry,
                "Entra ID has a problem of its own. Leadline tries again by itself.",
            ),
            (_, "invalid_client") => (
                Class::SignIn,
                "Entra ID does not accept the application's secret or certificate. Give Leadline a valid one on the CRM page.",
            ),
            (_, "unauthorized_client") => (
                Class::SignIn,
                "Entra ID does not let this application sign in to this tenant. Check the application ID and the tenant on the CRM page.",
            ),
            (
                _,
                "invalid_grant" | "access_denied" | "interaction_required" | "consent_required",
            ) => (
                Class::SignIn,
                "Entra ID does not let the application sign in without a person. Ask an administrator of the tenant what stops it.",
            ),
            (_, "invalid_resource") => (
                Class::Setup,
                "The tenant does not know this environment. Check the environment address and the tenant on the CRM page.",
            ),
            (_, "invalid_scope") => (
                Class::Setup,
                "Entra ID does not understand which environment is meant. Check the environment address on the CRM page.",
            ),
            (_, "invalid_request" | "invalid_tenant") => (
                Class::Setup,
                "Entra ID cannot use what Leadline was told. Check the tenant and the application ID on the CRM page.",
            ),
            (_, "unsupported_grant_type" | "unsupported_response_type") => (
                Class::Bug,
                "Entra ID does not take the way in which Leadline signs in. Update Leadline; if that does not help, report it with what the log says.",
            ),
            (300..=399, _) => (
                Class::Setup,
                "The sign-in address answers with another address, which Leadline does not follow. Check the sign-in address, and any proxy in between.",
            ),
            (400 | 401 | 403, _) => (
                Class::SignIn,
                "Something refuses Leadline's sign-in without saying why. Check the tenant and the application on the CRM page, and any proxy in between.",
            ),
            _ => (
                Class::Setup,
                "There is no Entra ID at the sign-in address. Check the sign-in address, and any proxy in between.",
            ),
        }
    }
}

/// What an administrator can do about each number.
const ADVICE: &[(u64, &str)] = &[
    (
        7_000_215,
        "The client secret is wrong. In Entra, open the app registration, Certificates & secrets, make a new client secret and copy its value, not its secret ID, to the CRM page.",
    ),
    (
        7_000_222,
        "The client secret has expired. In Entra, open the app registration, Certificates & secrets, make a new client secret and copy its value to the CRM page.",
    ),
    (
        7_000_218,
        "Entra ID got neither a secret nor a certificate. Enter one of them again on the CRM page.",
    ),
    (
        700_027,
        "Entra ID does not know the certificate. In Entra, open the app registration, Certificates & secrets, and upload the certificate that Leadline has; check that it has not expired.",
    ),
    (
        700_024,
        "Entra ID finds the time of the sign-in wrong. Set the clock of the computer that Leadline runs on.",
    ),
    (
        700_016,
        "The application is not known in this tenant. Check the application (client) ID and the tenant on the CRM page; if the app registration belongs to another tenant, an administrator has to consent to it first.",
    ),
    (
        90_002,
        "Entra ID does not know this tenant. Copy the directory (tenant) ID from Entra to the CRM page.",
    ),
    (
        500_011,
        "The tenant does not know an environment at this address. Check the environment address, and that the tenant is the one that it belongs to.",
    ),
    (
        70_011,
        "Entra ID cannot read the environment address as it is. It looks like https://contoso.crm.dynamics.com.",
    ),
    (
        28_002,
        "Entra ID cannot use the environment address as it is. Copy it anew from the Power Platform admin center.",
    ),
    (
        700_022,
        "Entra ID reads more than one environment in the address. Give exactly one on the CRM page.",
    ),
    (
        900_144,
        "Entra ID misses a part of the sign-in. Enter the tenant, the application ID and its secret again on the CRM page.",
    ),
    (
        9_001_023,
        "The tenant must be named. Copy the directory (tenant) ID from Entra to the CRM page.",
    ),
    (
        50_194,
        "The tenant must be named, because the application belongs to one. Copy the directory (tenant) ID from Entra to the CRM page.",
    ),
    (
        65_001,
        "Nobody has consented to the application in this tenant. In Entra, open the enterprise application, Permissions, and grant admin consent.",
    ),
    (
        90_094,
        "The application needs the consent of an administrator. In Entra, open the enterprise application, Permissions, and grant admin consent.",
    ),
    (
        65_004,
        "The consent to the application was declined. Ask an administrator of the tenant to grant it in Entra.",
    ),
    (
        53_003,
        "A Conditional Access policy of the tenant blocks the application. Ask an administrator of the tenant to exclude it, or to allow the address of this server.",
    ),
    (
        50_196,
        "Entra ID found that the application asks for tokens too often. Check that nothing else uses the same app registration in a loop.",
    ),
    (
        90_055,
        "Entra ID has too much to do. Leadline tries again by itself.",
    ),
    (
        90_024,
        "Entra ID had a short interruption. Leadline tries again by itself.",
    ),
    (
        90_090,
        "Entra ID had a short interruption of its directory. Leadline tries again by itself.",
    ),
    (
        90_033,
        "Entra ID is away for a moment. Leadline tries again by itself.",
    ),
];

#[cfg(test)]
mod tests;
