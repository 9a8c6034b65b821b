//! Filters that fit, that do not, and that cannot be read.

use super::*;
use serde_json::json;

fn kind(name: &str) -> Outcome<Type> {
    match name {
        "lastname" | "emailaddress1" => Ok(Type::Text),
        "statecode" => Ok(Type::Number),
        "leadid" => Ok(Type::Guid),
        "createdon" => Ok(Type::Time),
        "donotemail" => Ok(Type::Flag),
        "AttributeType" => Ok(Type::Enum),
        _ => Err(Failure::no_property(name, "lead")),
    }
}

fn read(text: &str) -> Outcome<Filter> {
    parse(
        text,
        &HashMap::from([("@p".to_owned(), "'O''Brien'".to_owned())]),
        &kind,
    )
}

fn fits(text: &str) -> bool {
    let row = json!({
        "lastname": "O'Brien", "emailaddress1": "A+b_c@Example.com ", "statecode": 0,
        "createdon": "2026-11-23T12:00:00Z", "leadid": "e73ffc82-e292-ed11-aad1-000d3a9933c9",
        "AttributeType": "Picklist",
    });
    let filter = read(text).unwrap_or_else(|failure| panic!("{text}: {}", failure.message));
    filter.fits(&|name| row[name].clone())
}

#[test]
fn rows_fit_or_do_not() {
    for yes in [
        "lastname eq 'o''brien'",
        "lastname eq @p",
        "emailaddress1 eq 'a+B_c@example.com' and statecode eq 0",
        "lastname eq 'x' or statecode lt 1",
        "not (lastname eq 'x') and lastname ne null",
        "donotemail eq null",
        "leadid eq E73FFC82-e292-ed11-aad1-000d3a9933c9",
        "createdon ge 2026-11-23 and createdon lt 2026-11-24T00:00:00Z",
        "contains(emailaddress1,'b[_]c')",
        "startswith(lastname,'O%n')",
        "endswith(lastname,'ien')",
        "Microsoft.Dynamics.CRM.In(PropertyName='lastname',PropertyValues=[\"x\",\"o'brien\"])",
        "Microsoft.Dynamics.CRM.Between(PropertyName='statecode',PropertyValues=[\"0\",\"1\"])",
        "AttributeType eq Microsoft.Dynamics.CRM.AttributeTypeCode'Picklist'",
    ] {
        assert!(fits(yes), "{yes}");
    }
    for no in [
        "lastname eq 'O%'",
        "statecode gt 0",
        "donotemail ne null",
        "contains(emailaddress1,'d[_]c')",
        "not contains(lastname,'_')",
    ] {
        assert!(!fits(no), "{no}");
    }
}

#[test]
fn what_cannot_be_read_is_refused() {
    let unterminated = read("lastname eq 'O'Bryan'").unwrap_err();
    assert_eq!(
        unterminated.message,
        "There is an unterminated literal at position 21 in 'lastname eq 'O'Bryan''."
    );
    assert_eq!(read("Name eq 'x'").unwrap_err().code, "0x0");
    for wrong in [
        "",
        "lastname",
        "lastname eq",
        "lastname eq x",
        "lastname is 'x'",
        "lastname eq 'x')",
        "lastname eq 5",
        "statecode eq '0'",
        "leadid eq 'e73ffc82-e292-ed11-aad1-000d3a9933c9'",
        "tolower(lastname) eq 'x'",
        "lastname eq @q",
        "lastname eq 'x' statecode eq 0",
    ] {
        assert_eq!(read(wrong).unwrap_err().status, 400, "{wrong}");
    }
}

#[test]
fn an_equality_is_found_for_the_index() {
    let pinned = |text: &str| {
        let filter = read(text).unwrap();
        filter
            .pinned()
            .map(|(name, value)| format!("{name}={value}"))
    };
    assert_eq!(
        pinned("statecode eq 0 and emailaddress1 eq 'a'").as_deref(),
        Some("emailaddress1=a")
    );
    assert_eq!(pinned("lastname eq 'a' or lastname eq 'b'"), None);
}
