//! Whatever stands in an address, the server answers; it never breaks.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use reqwest::Method;

use crate::access::addresses;
use crate::support::world::{ADMINISTRATOR, World};

/// What the lists understand, and what they do not.
const NAMES: [&str; 24] = [
    "q", "account", "form", "campaign", "status", "state", "type", "test", "owner", "lead", "from",
    "to", "company", "before", "after", "sort", "order", "limit", "cursor", "page", "next",
    "error", "profile", "nothing",
];
/// What people and programs put where something else belongs.
const VALUES: [&str; 30] = [
    "",
    "0",
    "-1",
    "1",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "1e309",
    "NaN",
    "null",
    "true",
    "'",
    "\"",
    "' OR 1=1 --",
    "%",
    "_",
    "\\",
    "\u{0}",
    "\u{feff}",
    "\u{202e}",
    "𝒜",
    "ß",
    "2026-02-30",
    "9999-12-31",
    "-0001-01-01",
    "../../etc/passwd",
    "<script>",
    "{}",
    "[]",
    "created_at desc; drop table lead",
];

/// A value: one of the usual suspects, or random text, or random bytes as a cursor has them.
fn value(dice: &mut StdRng) -> String {
    match dice.random_range(0..4) {
        0 => (0..dice.random_range(1..60))
            .map(|_| dice.random::<char>())
            .collect(),
        1 => {
            let letters = b"ABCXYZabcxyz0189-_=.";
            let letter = |_| char::from(*letters.choose(dice).unwrap());
            (0..200).map(letter).collect()
        }
        _ => (*VALUES.choose(dice).unwrap()).to_owned(),
    }
}

#[tokio::test]
async fn no_query_and_no_number_breaks_any_page() {
    let pace = [("LEADLINE_API__REQUESTS_PER_MINUTE", "10000")];
    let world = World::start_with(&pace).await;
    let administrator = world.signed_in(ADMINISTRATOR).await;
    let token = world.token("curious", "administrator");
    let mut dice = StdRng::seed_from_u64(1);
    for address in addresses().into_iter().filter(|address| !address.changes()) {
        for _ in 0..60 {
            let id = value(&mut dice);
            let id = percent_encoded(if id.is_empty() { "x" } else { &id });
            let path = match address.path.contains('{') && dice.random_bool(0.5) {
                true => filled(&address.path, &id),
                false => filled(&address.path, "1"),
            };
            let count = dice.random_range(0..4);
            let query: Vec<(&str, String)> = (0..count)
                .map(|_| (*NAMES.choose(&mut dice).unwrap(), value(&mut dice)))
                .collect();
            let mut request = administrator.request(Method::GET, &path).query(&query);
            if address.is_for_programs() {
                request = request.bearer_auth(&token);
            }
            let page = administrator.send(request).await;
            let status = page.status.as_u16();
            let stopped = address.is_for_programs() && matches!(status, 401 | 429);
            assert!(status < 500 && !stopped, "{status} {path} {query:?}");
        }
    }
}

fn filled(path: &str, with: &str) -> String {
    let parts = path.split('/').map(|part| match part.starts_with('{') {
        true => with,
        false => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

fn percent_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
