//! The one place where HTTP clients are made, and where answers are read.
//!
//! No client follows redirects (a bearer token must not travel on), every call ends in time, no
//! answer grows without bounds, and nothing but loopback is spoken to without encryption.

use std::time::Duration;

use reqwest::redirect::Policy;
use url::{Host, Url};

use crate::error::{Error, Result};

/// How long a call may take and how large its answer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Until there is a connection.
    pub connect: Duration,
    /// Until the answer is there.
    pub total: Duration,
    /// The bytes of an answer, unpacked.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connect: Duration::from_secs(10),
            total: Duration::from_secs(60),
            body: 32 * 1024 * 1024,
        }
    }
}

/// Why there is no whole answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No connection came about.
    Unreachable,
    /// It took too long.
    TimedOut,
    /// The connection broke.
    CutOff,
    /// The answer is larger than allowed.
    TooLarge,
}

impl From<reqwest::Error> for Trouble {
    /// The error itself is dropped, because its text has the URL in it.
    fn from(error: reqwest::Error) -> Trouble {
        if error.is_timeout() {
            Trouble::TimedOut
        } else if error.is_connect() {
            Trouble::Unreachable
        } else {
            Trouble::CutOff
        }
    }
}

/// A client for what lies below this address.
///
/// # Errors
/// When the address is not https, nor http on this very machine.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn client(base: &Url, limits: Limits) -> Result<reqwest::Client> {
    let plain = base.scheme() == "http" && is_loopback(base);
    if base.scheme() != "https" && !plain {
        return Err(Error::invalid(format!(
            "The address {} must begin with https://. Only an address on this very machine may begin with http://.",
            base.host_str().unwrap_or_default()
        )));
    }
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("Leadline/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(limits.connect)
        .timeout(limits.total)
        .https_only(!plain);
    if plain {
        builder = builder.no_proxy();
    }
    builder.build().map_err(Error::internal)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The whole body, unless it is too large.
///
/// # Errors
/// When it is too large or does not arrive.
pub async fn body(mut response: reqwest::Response, limits: Limits) -> Result<Vec<u8>, Trouble> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > limits.body {
            return Err(Trouble::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wiremock::matchers::any;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    async fn served(answer: ResponseTemplate) -> (MockServer, Url) {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(answer).mount(&server).await;
        let url = server.uri().parse().unwrap();
        (server, url)
    }

    #[test]
    fn only_loopback_is_spoken_to_without_encryption() {
        let cases = [
            ("https://api.linkedin.com", true),
            ("http://127.0.0.1:8090", true),
            ("http://[::1]:8090", true),
            ("http://localhost:8090", true),
            ("http://api.linkedin.com", false),
            ("http://localhost.example.com", false),
            ("http://192.168.1.1", false),
            ("ftp://127.0.0.1", false),
            ("data:text/plain,x", false),
        ];
        for (url, fine) in cases {
            let made = client(&url.parse().unwrap(), Limits::default());
            assert_eq!(made.is_ok(), fine, "{url}");
        }
    }

    #[tokio::test]
    async fn redirects_are_not_followed() {
        let answer = ResponseTemplate::new(302).insert_header("location", "/elsewhere");
        let (server, url) = served(answer).await;
        let client = client(&url, Limits::default()).unwrap();
        let response = client.get(url).send().await.unwrap();
        assert_eq!(response.status(), 302);
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn bodies_are_read_up_to_the_limit() {
        let (_server, url) = served(ResponseTemplate::new(200).set_body_bytes(vec![7; 1000])).await;
        for (limit, wanted) in [(1000, Ok(1000)), (999, Err(Trouble::TooLarge))] {
            let limits = Limits {
                body: limit,
                ..Limits::default()
            };
            let client = client(&url, limits).unwrap();
            let response = client.get(url.clone()).send().await.unwrap();
            assert_eq!(body(response, limits).await.map(|b| b.len()), wanted);
        }
    }

    #[tokio::test]
    async fn slowness_and_absence_are_told_apart() {
        let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(5));
        let (server, url) = served(slow).await;
        let limits = Limits {
            total: Duration::from_millis(200),
            ..Limits::default()
        };
        let client = client(&url, limits).unwrap();
        let error = client.get(url.clone()).send().await.unwrap_err();
        assert_eq!(Trouble::from(error), Trouble::TimedOut);
        drop(server);
        let nobody = Url::parse("http://127.0.0.1:1").unwrap();
        let error = client.get(nobody).send().await.unwrap_err();
        assert_eq!(Trouble::from(error), Trouble::Unreachable);
    }
}
