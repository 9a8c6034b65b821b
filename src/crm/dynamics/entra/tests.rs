use super::*;
use std::collections::BTreeSet;

fn verdict(status: u16, error: &str, number: u64) -> Verdict {
    let body = format!(
        r#"{{"error":"{error}","error_description":"AADSTS{number}: text","error_codes":[{number}]}}"#
    );
    let refusal = Refusal::read(body.as_bytes());
    assert_eq!(refusal.code(), format!("AADSTS{number}"));
    refusal.verdict(status)
}

#[test]
fn every_row_of_the_table_has_its_class_and_its_advice() {
    let table = [
        (7_000_215, "invalid_client", 401, Class::SignIn),
        (7_000_222, "invalid_client", 401, Class::SignIn),
        (7_000_218, "invalid_client", 401, Class::SignIn),
        (700_027, "invalid_client", 401, Class::SignIn),
        (700_024, "invalid_client", 401, Class::SignIn),
        (700_016, "unauthorized_client", 400, Class::SignIn),
        (90_002, "invalid_request", 400, Class::Setup),
        (90_002, "invalid_tenant", 400, Class::Setup),
        (500_011, "invalid_resource", 400, Class::Setup),
        (70_011, "invalid_scope", 400, Class::Setup),
        (28_002, "invalid_scope", 400, Class::Setup),
        (700_022, "invalid_scope", 400, Class::Setup),
        (900_144, "invalid_request", 400, Class::Setup),
        (9_001_023, "invalid_request", 400, Class::Setup),
        (50_194, "invalid_request", 400, Class::Setup),
        (65_001, "invalid_grant", 400, Class::SignIn),
        (90_094, "invalid_grant", 400, Class::SignIn),
        (65_004, "access_denied", 400, Class::SignIn),
        (53_003, "interaction_required", 400, Class::SignIn),
        (50_196, "invalid_grant", 400, Class::SignIn),
        (90_055, "temporarily_unavailable", 503, Class::Retry),
        (90_024, "temporarily_unavailable", 400, Class::Retry),
        (90_090, "server_error", 400, Class::Retry),
        (90_033, "temporarily_unavailable", 503, Class::Retry),
    ];
    for (number, error, status, class) in table {
        let (own, said) = verdict(status, error, number);
        assert_eq!(own, class, "{number}");
        let advice = ADVICE.iter().find(|(own, _)| *own == number);
        assert_eq!(Some(said), advice.map(|(_, said)| *said), "{number}");
    }
}

#[test]
fn the_error_decides_and_not_the_number() {
    assert_eq!(
        verdict(400, "temporarily_unavailable", 7_000_215).0,
        Class::Retry
    );
    assert_eq!(verdict(401, "invalid_client", 999_999_999).0, Class::SignIn);
    assert_eq!(verdict(400, "unsupported_grant_type", 70_003).0, Class::Bug);
    assert_eq!(verdict(429, "temporarily_unavailable", 1).0, Class::Wait);
    assert_eq!(verdict(400, "something_new", 1).0, Class::SignIn);
}

#[test]
fn what_is_not_entra_ids_is_told_by_its_status() {
    for (status, class) in [
        (302, Class::Setup),
        (400, Class::SignIn),
        (403, Class::SignIn),
        (404, Class::Setup),
        (408, Class::Retry),
        (429, Class::Wait),
        (500, Class::Retry),
        (502, Class::Retry),
        (504, Class::Retry),
    ] {
        let refusal = Refusal::read(b"<html>no</html>");
        assert_eq!(refusal.verdict(status).0, class, "{status}");
        assert_eq!(refusal.code(), "");
    }
}

#[test]
fn every_number_has_advice_of_its_own() {
    let said: BTreeSet<&str> = ADVICE.iter().map(|row| row.1).collect();
    assert_eq!(said.len(), ADVICE.len());
}
