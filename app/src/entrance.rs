//! The one door: whoever signs in, however they proved who they are, comes through
//! [`Visitor::sign_in`].
//!
//! Somebody with a second factor is only half through after that: the session then says nothing but
//! that person N owes a code until five minutes from now, and opens nothing but `/sign-in/code`. Each
//! half gives the session a new id.

use std::collections::HashMap;

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect},
};
use leadline::{
    device,
    error::Error,
    store::{now, people::Person, second_factor::Used, sessions::Kept, sign_in::Proof},
    throttle::Guess,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower_sessions::cookie::Cookie;

use crate::{
    failure::{Answer, Failure},
    visit::{NOTICE, PERSON_ID, Visitor, own_path},
};

/// The session's key for the network address from which somebody signed in.
const ADDRESS: &str = "address";
/// The session's key for the browser in which somebody signed in.
const BROWSER: &str = "browser";
/// The session's key for a sign-in that lacks the second factor.
const HALF: &str = "half";
/// How long one may take for the second factor, in milliseconds.
const HALF_LASTS: i64 = 5 * 60 * 1000;
/// How long a browser is known, in seconds: a year.
const KNOWN_FOR: u32 = 365 * 24 * 60 * 60;

/// A sign-in that lacks the second factor.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Half {
    person: i64,
    proof: Proof,
    until: i64,
    next: String,
}

/// Somebody who still owes the second factor.
pub(crate) struct Owing {
    /// Who it is.
    pub(crate) person: Person,
    half: Half,
}

/// What the database shall know of a session that holds this.
#[must_use]
pub fn kept<'a>(held: &'a HashMap<String, Value>, data: &'a str) -> Kept<'a> {
    let word = |key| held.get(key).and_then(Value::as_str);
    let whole = held.get(PERSON_ID).and_then(Value::as_i64);
    let half = held.get(HALF).and_then(|half| half.get("person")?.as_i64());
    Kept {
        person: whole.or(half),
        half: whole.is_none() && half.is_some(),
        address: word(ADDRESS),
        browser: word(BROWSER),
        data,
    }
}

impl Visitor {
    /// Signs somebody in who has proved who they are, and sends them on to `next`, one of Leadline's
    /// own paths; whoever has a second factor is asked for it first, unless their organization's
    /// sign-in service has vouched for them.
    ///
    /// # Errors
    /// When they have been disabled meanwhile, or the database cannot be reached.
    pub async fn sign_in(&self, person: &Person, proof: Proof, next: &str) -> Answer {
        let second = self.services.store.second_factor(person.id).await?;
        if second.on_since.is_none() || proof == Proof::SingleSignOn {
            return self.enter(person.id, proof, None, next).await;
        }
        self.begin_anew().await?;
        let half = Half {
            person: person.id,
            proof,
            until: now() + HALF_LASTS,
            next: own_path(next).to_owned(),
        };
        self.session.insert(HALF, half).await?;
        Ok(Redirect::to("/sign-in/code").into_response())
    }

    /// Who owes the second factor in this session, as long as it is not too late.
    pub(crate) async fn owing(&self) -> Result<Option<Owing>, Failure> {
        let half = self.session.get::<Half>(HALF).await?;
        let Some(half) = half.filter(|half| now() < half.until) else {
            return Ok(None);
        };
        let person = self.services.store.find_active_person(half.person).await?;
        Ok(person.map(|person| Owing { person, half }))
    }

    /// Lets somebody in who has given the second factor too.
    pub(crate) async fn complete(&self, owing: Owing, code: Used) -> Answer {
        let half = owing.half;
        let let_in = self
            .enter(half.person, half.proof, Some(code), &half.next)
            .await?;
        if code == Used::RecoveryCode {
            let left = self
                .services
                .store
                .second_factor(half.person)
                .await?
                .codes_left;
            let said =
                format!("You used a recovery code, which is worth nothing now. {left} are left.");
            self.session.insert(NOTICE, said).await?;
        }
        Ok(let_in)
    }

    async fn enter(&self, person: i64, proof: Proof, code: Option<Used>, next: &str) -> Answer {
        let address = self.address.to_string();
        let store = &self.services.store;
        let noted = store
            .note_sign_in(person, proof, code, &address, now())
            .await?;
        let Some(person) = noted else {
            return Err(Failure::Elsewhere("/sign-in".to_owned()));
        };
        self.begin_anew().await?;
        self.session.insert(PERSON_ID, person.id).await?;
        self.session.insert(ADDRESS, address).await?;
        self.session.insert(BROWSER, &self.browser).await?;
        let mut response = Redirect::to(own_path(next)).into_response();
        let known = self.remember(&person)?;
        response.headers_mut().append(header::SET_COOKIE, known);
        Ok(response)
    }

    /// A new id and nothing held, so that a session that somebody planted before is worth nothing.
    async fn begin_anew(&self) -> Result<(), Failure> {
        self.session.clear().await;
        Ok(self.session.cycle_id().await?)
    }

    /// Counts a try at a secret of whoever has this e-mail address.
    ///
    /// # Errors
    /// What to say when it comes too soon after others that failed.
    pub fn admit(&self, guess: Guess, email: &str) -> Result<Guess, String> {
        let token = self.device.as_deref().unwrap_or_default();
        let guess = match device::is_known(&self.services.sealer, token, email) {
            true => guess.in_known_browser(token),
            false => guess,
        };
        let admitted = self.services.throttle.admit(&guess, now());
        admitted.map(|()| guess).map_err(too_many)
    }

    /// The cookie by which this browser is known to belong to the person.
    fn remember(&self, person: &Person) -> Result<HeaderValue, Error> {
        let token = device::token(&self.services.sealer, &person.email)?;
        let https = self.services.settings.is_https();
        let name = device_cookie(https);
        let secure = if https { "; Secure" } else { "" };
        let cookie = format!(
            "{name}={}; Path=/; Max-Age={KNOWN_FOR}; HttpOnly; SameSite=Lax{secure}",
            token.expose_secret()
        );
        HeaderValue::from_str(&cookie).map_err(Error::internal)
    }
}

fn device_cookie(https: bool) -> &'static str {
    match https {
        true => "__Host-leadline-device",
        false => "leadline-device",
    }
}

/// The token by which a browser is known, out of its cookies.
pub(crate) fn device_token(headers: &HeaderMap, https: bool) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter();
    let cookies = cookies.filter_map(|cookies| cookies.to_str().ok());
    let mut cookies = cookies.flat_map(Cookie::split_parse).filter_map(Result::ok);
    let found = cookies.find(|cookie| cookie.name() == device_cookie(https));
    found.map(|cookie| cookie.value().to_owned())
}

fn too_many(wait: i64) -> String {
    let seconds = (wait + 999) / 1000;
    let time = match seconds {
        ..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", (seconds + 59) / 60),
    };
    format!("Too many tries. Wait {time} and try again.")
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
    fn the_wait_is_said_in_plain_words() {
        let said = [1, 1_001, 90_000, 91_000].map(too_many);
        let waits = ["a second", "2 seconds", "90 seconds", "2 minutes"];
        for (text, wait) in said.iter().zip(waits) {
            assert_eq!(text, &format!("Too many tries. Wait {wait} and try again."));
        }
    }

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
