//! The one door: whoever signs in, however they proved who they are, comes through
//! [`Visitor::sign_in`].

use std::collections::HashMap;

use axum::{
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect},
};
use leadline::store::{now, people::Person, sessions::Kept, sign_in::Proof};
use serde_json::Value;

use crate::{
    failure::{Answer, Failure},
    visit::{PERSON_ID, Visitor, own_path},
};

/// The session's key for the network address from which somebody signed in.
const ADDRESS: &str = "address";
/// The session's key for the browser in which somebody signed in.
const BROWSER: &str = "browser";

/// What the database shall know of a session that holds this.
#[must_use]
pub fn kept<'a>(held: &'a HashMap<String, Value>, data: &'a str) -> Kept<'a> {
    let word = |key| held.get(key).and_then(Value::as_str);
    Kept {
        person: held.get(PERSON_ID).and_then(Value::as_i64),
        half: false,
        address: word(ADDRESS),
        browser: word(BROWSER),
        data,
    }
}

impl Visitor {
    /// Signs somebody in who has proved who they are, and sends them on to `next`, one of Leadline's
    /// own paths.
    ///
    /// # Errors
    /// When they have been disabled meanwhile, or the database cannot be reached.
    pub async fn sign_in(&self, person: &Person, proof: Proof, next: &str) -> Answer {
        self.enter(person.id, proof).await?;
        Ok(Redirect::to(own_path(next)).into_response())
    }

    /// Makes the session this person's. It gets a new id and forgets what it held, so that one that
    /// somebody planted before is worth nothing.
    async fn enter(&self, person: i64, proof: Proof) -> Result<(), Failure> {
        let address = self.address.to_string();
        let store = &self.services.store;
        let Some(person) = store.note_sign_in(person, proof, &address, now()).await? else {
            return Err(Failure::Elsewhere("/sign-in".to_owned()));
        };
        self.session.clear().await;
        self.session.cycle_id().await?;
        self.session.insert(PERSON_ID, person.id).await?;
        self.session.insert(ADDRESS, address).await?;
        self.session.insert(BROWSER, &self.browser).await?;
        Ok(())
    }
}

/// Names the browser that sends these headers as people do: "Firefox on Linux". Order matters, since
/// nearly every browser claims to be Safari, and many to be Chrome.
#[must_use]
pub fn browser(headers: &HeaderMap) -> String {
    const BROWSERS: [(&str, &str); 9] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let agent = headers.get(header::USER_AGENT);
    let agent = agent.and_then(|agent| agent.to_str().ok()).unwrap_or("");
    let named = |names: &[(&str, &'static str)]| {
        let found = names.iter().find(|(mark, _)| agent.contains(mark));
        found.map(|(_, name)| *name)
    };
    match (named(&BROWSERS), named(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("A browser on {system}"),
        (None, None) => "Another program".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn browsers_are_named_as_people_name_them() {
        let mozilla = |rest: &str| format!("Mozilla/5.0 ({rest}");
        let safari = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
        for (agent, name) in [
            (
                mozilla("X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"),
                "Firefox on Linux",
            ),
            (
                mozilla(&format!(
                    "Windows NT 10.0; Win64; x64) {safari} Chrome/140.0 Safari/537.36 Edg/140.0"
                )),
                "Edge on Windows",
            ),
            (
                mozilla(&format!(
                    "Linux; Android 10; K) {safari} Chrome/140.0 Mobile Safari/537.36"
                )),
                "Chrome on Android",
            ),
            (
                mozilla(&format!(
                    "iPhone; CPU iPhone OS 18_6 like Mac OS X) {safari} Version/18.6 Safari/604.1"
                )),
                "Safari on iPhone",
            ),
            (
                mozilla(&format!(
                    "Macintosh; Intel Mac OS X 10_15_7) {safari} Version/18.6 Safari/605.1"
                )),
                "Safari on macOS",
            ),
            ("curl/8.5.0".to_owned(), "curl"),
            (mozilla("Windows NT 10.0)"), "A browser on Windows"),
            ("<script>".to_owned(), "Another program"),
        ] {
            let agent_header = HeaderValue::from_str(&agent).expect("a header");
            let headers = HeaderMap::from_iter([(header::USER_AGENT, agent_header)]);
            assert_eq!(browser(&headers), name, "{agent}");
        }
        assert_eq!(browser(&HeaderMap::new()), "Another program");
    }
}
