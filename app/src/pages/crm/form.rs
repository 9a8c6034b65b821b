//! What is typed to connect an organization, read and checked.

use leadline::{
    crm::dynamics::{Credential, check_tenant},
    store::{
        crm::{CrmConfig, Draft, NewCredential},
        views::query::Day,
    },
};

use super::version;
use crate::{FormState, Input};

/// A day is kept as its noon, which is the same day nearly everywhere.
const NOON: i64 = 12 * 60 * 60 * 1000;

/// A connection to set up; `None` when there is no address to keep. What is wrong stands in the form.
pub(super) fn draft(input: &Input, form: &mut FormState, config: &CrmConfig) -> Option<Draft> {
    let url = config.organization(input.text("url"));
    let url = url.map_err(|error| form.wrong("url", error.message())).ok();
    let tenant = input.text("tenant");
    if let Some(Err(error)) = (!tenant.is_empty()).then(|| check_tenant(tenant)) {
        form.wrong("tenant", error.message());
    }
    Some(Draft {
        client_id: client_id(input, form),
        credential: credential(input, form),
        tenant: tenant.to_owned(),
        language: input.text("language").parse().ok(),
        version: version(input),
        url: url?,
    })
}

/// The application's id.
pub(super) fn client_id(input: &Input, form: &mut FormState) -> String {
    let id = input.text("client_id");
    let parts: Vec<usize> = id.split('-').map(str::len).collect();
    let hex = |c: char| c.is_ascii_hexdigit() || c == '-';
    if parts != [8, 4, 4, 4, 12] || !id.chars().all(hex) {
        form.wrong(
            "client_id",
            "This is no application (client) ID. It looks like 00000000-0000-0000-0000-000000000000.",
        );
    }
    id.to_lowercase()
}

/// A new secret or certificate, or neither, and when its time is over.
pub(super) fn credential(input: &Input, form: &mut FormState) -> NewCredential {
    let secret = input.raw("client_secret").trim();
    let certificate = input.text("certificate");
    let key = input.text("private_key");
    let credential = match (secret.is_empty(), certificate.is_empty(), key.is_empty()) {
        (true, true, true) => None,
        (false, true, true) => Some(Credential::Secret(secret.into())),
        (true, false, false) => certified(certificate, key, form),
        (false, ..) => {
            form.wrong(
                "client_secret",
                "Type either a client secret or a certificate with its key, not both.",
            );
            None
        }
        (true, false, true) => {
            form.wrong("private_key", "The certificate's private key is missing.");
            None
        }
        (true, true, false) => {
            form.wrong("certificate", "The certificate is missing.");
            None
        }
    };
    let expires_at = match input.text("expires") {
        "" => None,
        day => {
            let at = Day::parse(day).map(|day| day.begins() + NOON);
            if at.is_none() {
                form.wrong("expires", "Choose a day, such as 2027-06-30.");
            }
            at
        }
    };
    NewCredential {
        credential,
        expires_at,
    }
}

fn certified(certificate: &str, key: &str, form: &mut FormState) -> Option<Credential> {
    let credential = Credential::Certificate {
        certificate_pem: certificate.to_owned(),
        private_key_pem: key.into(),
    };
    match credential.check() {
        Ok(()) => Some(credential),
        Err(error) => {
            form.wrong("certificate", error.message());
            None
        }
    }
}
