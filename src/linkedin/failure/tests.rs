use super::super::refusal::Refusal;
use super::*;

const NOW: i64 = 1_764_000_000_000;
const MIDNIGHT: i64 = 1_764_028_800_000;
const RETRY: Action = Action::Retry { not_before: None };

fn failure(status: u16, body: &str) -> Failure {
    let refusal = Refusal {
        status,
        body,
        ..Refusal::default()
    };
    Failure::refused(Endpoint::LeadResponses, &refusal)
}

#[test]
fn every_refusal_that_linkedin_knows_has_its_action() {
    let park = |scope| Action::ParkUntil {
        until: MIDNIGHT,
        scope,
    };
    let cases = [
        (
            400,
            r#"{"code":"VERSION_MISSING","status":400}"#,
            Action::Bug,
        ),
        (
            400,
            r#"{"message":"Parameter 'owner' is invalid","status":400}"#,
            Action::Bug,
        ),
        (
            400,
            r#"{"message":"ILLEGAL_ARGUMENT","status":400}"#,
            Action::Bug,
        ),
        (400, r#"{"code":"MISSING_FIELD"}"#, Action::Bug),
        (
            401,
            r#"{"code":"EMPTY_ACCESS_TOKEN","serviceErrorCode":401}"#,
            Action::Bug,
        ),
        (401, r#"{"code":"INVALID_ACCESS_TOKEN"}"#, Action::Refresh),
        (401, r#"{"serviceErrorCode":65600}"#, Action::Refresh),
        (401, r#"{"code":"REVOKED_ACCESS_TOKEN"}"#, Action::Reconnect),
        (
            401,
            r#"{"serviceErrorCode":65601,"code":"SOMETHING_NEW"}"#,
            Action::Reconnect,
        ),
        (
            401,
            r#"{"code":"EXPIRED_ACCESS_TOKEN","serviceErrorCode":65600}"#,
            Action::Refresh,
        ),
        (401, r#"{"serviceErrorCode":"65602"}"#, Action::Refresh),
        (
            401,
            r#"{"message":"Unauthorized","status":401}"#,
            Action::Introspect,
        ),
        (401, "", Action::Introspect),
        (
            403,
            r#"{"code":"ACCESS_DENIED","serviceErrorCode":100}"#,
            Action::ScopeMissing,
        ),
        (403, r#"{"serviceErrorCode":100}"#, Action::ScopeMissing),
        (
            403,
            r#"{"code":"NO_PERMISSION_ON_ENTITY"}"#,
            Action::RoleMissing,
        ),
        (
            403,
            r#"{"code":"NO_PERMISSION_ON_FIELD"}"#,
            Action::RoleMissing,
        ),
        (
            403,
            r#"{"code":"NO_PERMISSION_TO_UPDATE"}"#,
            Action::RoleMissing,
        ),
        (403, "{}", Action::RoleMissing),
        (404, r#"{"code":"RESOURCE_NOT_FOUND"}"#, Action::Bug),
        (404, r#"{"code":"NOT_FOUND"}"#, Action::Gone),
        (404, "<html>", Action::Gone),
        (405, "", Action::Bug),
        (408, r#"{"code":"TIMEOUT"}"#, RETRY),
        (409, r#"{"code":"CONFLICT"}"#, RETRY),
        (411, "", Action::Bug),
        (412, r#"{"code":"PRECONDITION_FAILED"}"#, Action::Bug),
        (414, "", Action::Bug),
        (418, "", Action::Bug),
        (
            422,
            r#"{"message":"ERROR :: /field :: unrecognized field"}"#,
            Action::Bug,
        ),
        (
            426,
            r#"{"code":"NONEXISTENT_VERSION"}"#,
            Action::OperatorAlert,
        ),
        (
            429,
            r#"{"serviceErrorCode":101,"message":"Resource level throttle APPLICATION DAY limit"}"#,
            park(Whose::App),
        ),
        (
            429,
            r#"{"serviceErrorCode":101,"message":"Resource level throttle MEMBER DAY limit"}"#,
            park(Whose::Member),
        ),
        (
            429,
            r#"{"serviceErrorCode":101,"message":"Resource level throttle limit"}"#,
            RETRY,
        ),
        (429, r#"{"code":"QUOTA_EXCEEDED"}"#, RETRY),
        (500, r#"{"code":"INTERNAL_ERROR"}"#, RETRY),
        (501, r#"{"code":"NOT_IMPLEMENTED"}"#, Action::Bug),
        (502, "<html>", RETRY),
        (503, r#"{"code":"UNDER_MAINTENANCE"}"#, RETRY),
        (504, "", RETRY),
        (599, "", RETRY),
        (302, "", Action::OperatorAlert),
    ];
    for (status, body, action) in cases {
        assert_eq!(failure(status, body).action(NOW), action, "{status} {body}");
    }
}

#[test]
fn what_never_became_an_answer_has_its_action_too() {
    let cases = [
        (Kind::Unreachable, RETRY),
        (Kind::TimedOut, RETRY),
        (Kind::CutOff, RETRY),
        (Kind::Empty, RETRY),
        (Kind::WrongContentType, RETRY),
        (Kind::NotUnderstood, RETRY),
        (Kind::PageTooLarge, Action::SmallerPages),
        (Kind::TooLarge, Action::Bug),
    ];
    for (kind, action) in cases {
        let failure = Failure::new(kind, Endpoint::LeadForms);
        assert_eq!(failure.action(NOW), action, "{kind:?}");
    }
}

#[test]
fn a_gateway_that_denies_access_misses_a_product() {
    let refusal = Refusal {
        status: 403,
        body: r#"{"message":"Access to the requested resource is denied"}"#,
        gateway: true,
        ..Refusal::default()
    };
    let failure = Failure::refused(Endpoint::LeadForms, &refusal);
    assert_eq!(failure.action(NOW), Action::ScopeMissing);
    assert!(failure.message().contains("r_marketing_leadgen_automation"));
}

#[test]
fn a_refused_page_is_asked_for_in_smaller_parts_until_it_is_small() {
    let cases = [
        (Some(100), "{}", Action::SmallerPages),
        (
            Some(11),
            r#"{"code":"INVALID_VALUE_FOR_FIELD"}"#,
            Action::SmallerPages,
        ),
        (Some(10), "{}", Action::Bug),
        (None, "{}", Action::Bug),
        (Some(100), r#"{"code":"VERSION_MISSING"}"#, Action::Bug),
        (Some(100), r#"{"code":"MISSING_FIELD"}"#, Action::Bug),
    ];
    for (page_size, body, action) in cases {
        let refusal = Refusal {
            status: 400,
            body,
            page_size,
            ..Refusal::default()
        };
        let failure = Failure::refused(Endpoint::LeadResponses, &refusal);
        assert_eq!(failure.action(NOW), action, "{page_size:?} {body}");
    }
}

#[test]
fn a_wish_to_wait_is_honoured_within_a_day() {
    let cases = [
        ("120", Some(120_000)),
        (" 5 ", Some(5000)),
        ("0", Some(1000)),
        ("4000000000", Some(86_400_000)),
        ("-5", None),
        ("99999999999999999999", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("", None),
    ];
    for (header, wait) in cases {
        let refusal = Refusal {
            status: 503,
            retry_after: Some(header),
            ..Refusal::default()
        };
        let failure = Failure::refused(Endpoint::LeadForms, &refusal);
        let not_before = wait.map(|wait| NOW + wait);
        assert_eq!(
            failure.action(NOW),
            Action::Retry { not_before },
            "{header}"
        );
    }
}

#[test]
fn nothing_that_linkedin_wrote_reaches_a_message_or_the_log() {
    let refusal = Refusal {
        status: 403,
        li_uuid: Some("AAYx\r\nforged: line"),
        body: r#"{"code":"secret person@example.com","message":"secret","serviceErrorCode":7}"#,
        ..Refusal::default()
    };
    let failure = Failure::refused(Endpoint::LeadForms, &refusal);
    assert_eq!(
        failure.to_string(),
        "LinkedIn leadForms: RoleMissing, status 403, service error code 7"
    );
    assert!(!format!("{failure:?}{}", failure.message()).contains("secret"));
    let refusal = Refusal {
        li_uuid: Some("AAYx-12+/=="),
        body: r#"{"code":"ACCESS_DENIED"}"#,
        ..refusal
    };
    assert_eq!(
        Failure::refused(Endpoint::LeadForms, &refusal).to_string(),
        "LinkedIn leadForms: ScopeMissing, status 403, code ACCESS_DENIED, X-LI-UUID AAYx-12+/=="
    );
}

#[test]
fn an_engine_error_keeps_the_message_for_people_and_the_rest_for_the_log() {
    let cases = [
        (429, ErrorKind::Unavailable),
        (500, ErrorKind::Unavailable),
        (401, ErrorKind::Conflict),
        (404, ErrorKind::NotFound),
        (426, ErrorKind::Internal),
    ];
    for (status, kind) in cases {
        let failure = failure(status, "{}");
        let error = Error::from(failure.clone());
        assert_eq!(
            (error.kind(), error.message()),
            (kind, failure.message().as_str())
        );
        assert!(format!("{error:?}").contains(&failure.to_string()));
    }
}
