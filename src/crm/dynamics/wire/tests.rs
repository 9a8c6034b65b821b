use super::super::filter::Filter;
use super::*;
use crate::crm::dynamics::{AUTHORITY, Credential};

fn line() -> Line {
    let connection = Connection {
        organization: "https://contoso.crm.dynamics.com".parse().unwrap(),
        authority: AUTHORITY.parse().unwrap(),
        tenant: "contoso.example".to_owned(),
        client_id: "1".to_owned(),
        credential: Credential::Secret("hush".into()),
        allowed_hosts: Vec::new(),
    };
    Line::new(&connection, Limits::default(), Pace::default()).unwrap()
}

fn token() -> Token {
    Token {
        text: "t0ken".into(),
        number: 1,
    }
}

#[test]
fn a_read_carries_what_dataverse_asks_for() {
    let filter = Filter::eq("emailaddress1", "o'b+c@example.com");
    let query = format!("$select=leadid&$filter={}&$top=2", filter.encoded());
    let request = line()
        .request(&Call::get("GET leads", "leads".to_owned(), query), &token())
        .unwrap();
    assert_eq!(
        request.url().as_str(),
        "https://contoso.crm.dynamics.com/api/data/v9.2/leads?$select=leadid&$filter=emailaddress1%20eq%20%27o%27%27b%2Bc%40example.com%27&$top=2"
    );
    for (name, value) in [
        ("accept", "application/json"),
        ("odata-maxversion", "4.0"),
        ("odata-version", "4.0"),
        ("authorization", "Bearer t0ken"),
    ] {
        assert_eq!(request.headers()[name], value);
    }
    assert!(request.headers()[header::AUTHORIZATION].is_sensitive());
    for name in ["x-ms-client-request-id", "x-ms-correlation-id"] {
        let id = request.headers()[name].to_str().unwrap();
        assert!(id.parse::<Uuid>().is_ok());
    }
    assert!(!request.headers().contains_key("content-type"));
}

#[test]
fn a_write_carries_its_condition() {
    let asked = Asked {
        call: "PATCH leads",
        effect: Effect::Change,
    };
    let condition = (header::IF_MATCH, "W/\"7\"".to_owned());
    let body = Map::from_iter([("lastname".to_owned(), "Weiß".into())]);
    let call = Call::patch(
        asked,
        "leads(x)".to_owned(),
        "tag=linkedin-sync".to_owned(),
        condition,
        body,
    );
    let request = line().request(&call, &token()).unwrap();
    assert_eq!(request.method(), "PATCH");
    for (name, value) in [
        ("if-match", "W/\"7\""),
        ("content-type", "application/json; charset=utf-8"),
        ("prefer", "return=representation"),
    ] {
        assert_eq!(request.headers()[name], value);
    }
    let body = request.body().and_then(reqwest::Body::as_bytes);
    assert_eq!(body, Some("{\"lastname\":\"Weiß\"}".as_bytes()));
}

#[test]
fn what_is_too_long_for_an_address_is_not_sent() {
    let call = Call::get("GET leads", "leads".to_owned(), "x".repeat(40_000));
    assert_eq!(
        line().request(&call, &token()).unwrap_err().class,
        Class::Bug
    );
}

#[test]
fn a_lost_answer_matters_to_writes_only() {
    use Trouble::{CutOff, Elsewhere, TimedOut, TooLarge, Unreachable};
    let table = [
        (Unreachable, Effect::Read, Class::Retry),
        (Unreachable, Effect::Make, Class::Retry),
        (TimedOut, Effect::Read, Class::Retry),
        (TimedOut, Effect::Make, Class::Ambiguous),
        (CutOff, Effect::Change, Class::Ambiguous),
        (TooLarge, Effect::Read, Class::Retry),
        (Elsewhere, Effect::Read, Class::Bug),
    ];
    for (trouble, effect, class) in table {
        let asked = Asked {
            call: "PATCH leads",
            effect,
        };
        assert_eq!(lost(trouble, asked).class, class, "{trouble:?} {effect:?}");
    }
}
