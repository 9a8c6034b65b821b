//! Every route of the API, as the program lists them, as every role: exactly what the role table says.

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde::Deserialize;

use super::{Program, problem};
use crate::support::{TestApp, leadline, run};

/// Whether Administrator, Salesperson and S2S Inbound may.
type May = [bool; 3];
const ALL: May = [true, true, true];
const PEOPLE: May = [true, true, false];
const RULES: May = [true, false, true];
const ADMINISTRATORS: May = [true, false, false];
const INBOUND: May = [false, false, true];

/// The role table; what is read, and what is changed, by noun.
const NOUNS: [(&str, May); 34] = [
    ("GET submissions", PEOPLE),
    ("POST submissions", INBOUND),
    ("POST submissions/{id}/decision", ADMINISTRATORS),
    ("DELETE submissions", ADMINISTRATORS),
    ("GET replays", ADMINISTRATORS),
    ("POST replays", ADMINISTRATORS),
    ("GET leads", PEOPLE),
    ("POST leads", ADMINISTRATORS),
    ("POST leads/{id}/revert", PEOPLE),
    ("PATCH leads", PEOPLE),
    ("GET user-profiles", ALL),
    ("DELETE user-profiles", PEOPLE),
    ("GET linked-accounts", ALL),
    ("PATCH linked-accounts", ADMINISTRATORS),
    ("GET forms", PEOPLE),
    ("GET form-changes", PEOPLE),
    ("POST form-changes", ADMINISTRATORS),
    ("GET campaigns", PEOPLE),
    ("GET sync-status", PEOPLE),
    ("POST sync-requests", ADMINISTRATORS),
    ("GET matching-strategies", RULES),
    ("POST matching-strategies", ADMINISTRATORS),
    ("PATCH matching-strategies", ADMINISTRATORS),
    ("DELETE matching-strategies", ADMINISTRATORS),
    ("GET field-mappings", RULES),
    ("POST field-mappings", ADMINISTRATORS),
    ("PATCH field-mappings", ADMINISTRATORS),
    ("DELETE field-mappings", ADMINISTRATORS),
    ("GET lead-fields", RULES),
    ("POST lead-fields", ADMINISTRATORS),
    ("PATCH lead-fields", ADMINISTRATORS),
    ("DELETE lead-fields", ADMINISTRATORS),
    ("GET crm", ADMINISTRATORS),
    ("GET openapi.json", ALL),
];

/// Nouns that are for administrators, whatever is done with them.
const ADMINISTRATION: [&str; 3] = ["users", "tokens", "audit-events"];

#[derive(Deserialize)]
struct Address {
    method: String,
    path: String,
}

impl Address {
    fn rule(&self) -> Option<May> {
        let path = self.path.strip_prefix("/api/v1/")?;
        let noun = path.split('/').next()?;
        if ADMINISTRATION.contains(&noun) {
            return Some(ADMINISTRATORS);
        }
        // A path of its own goes before its noun.
        let line = |asked: &str| {
            let asked = format!("{} {asked}", self.method);
            NOUNS.iter().find(|(line, _)| *line == asked)
        };
        line(path).or_else(|| line(noun)).map(|(_, may)| *may)
    }
}

fn addresses() -> Vec<Address> {
    let folder = tempfile::tempdir().unwrap();
    let output = run(leadline(&folder).args(["routes", "--json"]));
    let all: Vec<Address> = serde_json::from_slice(&output.stdout).unwrap();
    let below = all
        .into_iter()
        .filter(|address| address.path.starts_with("/api/v1/"));
    below.collect()
}

#[tokio::test]
async fn every_route_lets_in_exactly_the_roles_of_the_table() {
    let (app, stranger) = TestApp::start().await;
    let roles = ["administrator", "salesperson", "s2s-inbound"];
    let programs = roles.map(|role| Program::of(&app, role));
    let mut seen = BTreeSet::new();
    for address in addresses() {
        let at = format!("{} {}", address.method, address.path);
        let rule = address.rule();
        let rule = rule.unwrap_or_else(|| panic!("{at} has no line in NOUNS"));
        let path = address.path.replace("{id}", "999999");
        let method: Method = address.method.parse().unwrap();
        let page = stranger.send(stranger.request(method.clone(), &path)).await;
        problem(&page, StatusCode::UNAUTHORIZED);
        let below = path.strip_prefix("/api/v1").unwrap();
        for (program, may) in programs.iter().zip(rule) {
            let mut request = program.request(method.clone(), below);
            if method != Method::GET {
                request = request.form(&[("nothing", "")]);
            }
            let page = program.send(request).await;
            let let_in = !matches!(page.status.as_u16(), 401 | 403 | 405 | 500..);
            assert_eq!(let_in, may, "{at}: {}", page.text);
            if !may {
                problem(&page, StatusCode::FORBIDDEN);
            }
        }
        seen.insert(at);
    }
    assert!(seen.len() > 25, "{seen:?}");
}
