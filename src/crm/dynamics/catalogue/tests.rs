use super::*;
use std::collections::BTreeSet;

#[test]
fn codes_are_read_in_any_form() {
    let table = [
        ("0x8004431A", Some(0x8004_431A)),
        ("0x8004431a", Some(0x8004_431A)),
        ("0X8004431A", Some(0x8004_431A)),
        ("-2147204784", Some(0x8004_4150)),
        ("-2147204783", Some(0x8004_4151)),
        ("0x0", None),
        ("0", None),
        ("", None),
        ("InvalidArgument", None),
        ("0xnonsense", None),
        ("0x123456789", None),
    ];
    for (code, wanted) in table {
        assert_eq!(number(code), wanted, "{code}");
    }
}

#[test]
fn every_row_of_the_catalogue_has_its_class() {
    let table = [
        ("0x80060888", Class::Bug),
        ("0x80048d19", Class::Mapping),
        ("0x80044331", Class::Data),
        ("0x8004431A", Class::Mapping),
        ("0x8004432F", Class::Data),
        ("0x80044330", Class::Data),
        ("0x80048408", Class::Mapping),
        ("0x80040265", Class::CustomerLogic),
        ("0x80040203", Class::Mapping),
        ("0x80072560", Class::Setup),
        ("0x80040220", Class::Setup),
        ("0x80048306", Class::Setup),
        ("0x80040299", Class::Setup),
        ("0x80042F09", Class::Setup),
        ("0x8004F502", Class::Setup),
        ("0x8004F507", Class::Setup),
        ("0x8006088a", Class::Setup),
        ("0x8006088D", Class::Setup),
        ("0x80041102", Class::Setup),
        ("0x80041103", Class::Mapping),
        ("0x80040217", Class::Gone),
        ("0x80060891", Class::Gone),
        ("0x80060892", Class::Existed),
        ("0x8006089D", Class::Data),
        ("0x80040237", Class::Existed),
        ("0x80040333", Class::Policy),
        ("0x80060882", Class::Stale),
        ("0x80072322", Class::Wait),
        ("0x80072321", Class::Wait),
        ("0x80072326", Class::Wait),
        ("0x8005F103", Class::Wait),
        ("0x80044150", Class::Retry),
        ("0x80044151", Class::Retry),
        ("0x80073002", Class::Ambiguous),
    ];
    for (code, class) in table {
        let verdict = by_code(number(code).unwrap());
        assert_eq!(verdict.map(|verdict| verdict.0), Some(class), "{code}");
    }
    assert_eq!(table.len(), CODES.len());
    assert_eq!(by_code(0x8004_0001), None);
}

#[test]
fn every_status_without_a_code_has_its_class() {
    use Effect::{Change, Make, Read};
    let table = [
        (400, Read, true, Class::Mapping),
        (401, Read, false, Class::SignIn),
        (403, Read, true, Class::Setup),
        (403, Read, false, Class::Setup),
        (404, Read, true, Class::Gone),
        (404, Read, false, Class::Setup),
        (302, Read, false, Class::Setup),
        (405, Read, true, Class::Bug),
        (412, Make, true, Class::Existed),
        (412, Change, true, Class::Stale),
        (413, Make, false, Class::Bug),
        (429, Read, false, Class::Wait),
        (408, Read, false, Class::Retry),
        (408, Change, false, Class::Ambiguous),
        (500, Read, false, Class::Retry),
        (502, Make, false, Class::Ambiguous),
        (503, Change, false, Class::Ambiguous),
        (504, Read, false, Class::Retry),
        (415, Make, true, Class::Bug),
        (418, Read, true, Class::Bug),
    ];
    for (status, effect, worded, class) in table {
        let verdict = by_status(status, effect, worded);
        assert_eq!(verdict.0, class, "{status} {effect:?}");
    }
}

#[test]
fn every_code_says_something_of_its_own() {
    let said: BTreeSet<&str> = CODES.iter().map(|row| row.2).collect();
    assert_eq!(said.len(), CODES.len());
    for said in said {
        assert!(said.ends_with('.') && said.len() > 50, "{said}");
    }
}
