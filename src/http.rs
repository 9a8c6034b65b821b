//! The one place where HTTP clients are made, and where answers are read.
//!
//! A client is made for one place, which the operator has configured, and sends nothing anywhere
//! else, whatever address it is given: no answer, form or link can make the server ask the network
//! that it stands in. No client follows redirects (a bearer token must not travel on), every call
//! ends in time, no answer grows without bounds, and nothing but loopback is spoken to without
//! encryption.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Method, Request, RequestBuilder, Response};
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
    /// It was meant for another place than the client's, so it was not sent.
    Elsewhere,
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

/// A client for one place: a scheme, a host and a port.
#[derive(Debug, Clone)]
pub struct Client {
    inner: reqwest::Client,
    place: Url,
    /// Whether what lives at the place may name others.
    beyond: bool,
}

impl Client {
    /// Begins a request.
    ///
    /// # Errors
    /// When the address is elsewhere.
    pub fn request(&self, method: Method, url: Url) -> Result<RequestBuilder, Trouble> {
        match self.goes_to(&url) {
            true => Ok(self.inner.request(method, url)),
            false => Err(Trouble::Elsewhere),
        }
    }

    /// Sends a request that was made elsewhere.
    ///
    /// # Errors
    /// When its address is elsewhere, or there is no answer.
    pub async fn execute(&self, request: Request) -> Result<Response, Trouble> {
        match self.goes_to(request.url()) {
            true => Ok(self.inner.execute(request).await?),
            false => Err(Trouble::Elsewhere),
        }
    }

    /// The same client for an identity provider, which keeps its keys and its tokens where it likes
    /// and says so. It is trusted with who signs in, so it may name other hosts; numbers of
    /// networks, and anything without encryption, it may not.
    #[must_use]
    pub fn beyond(self) -> Client {
        Client {
            beyond: true,
            ..self
        }
    }

    fn goes_to(&self, url: &Url) -> bool {
        is_at(&self.place, url) || self.beyond && is_named_safely(url)
    }
}

/// Whether an address names a host rather than a number, to be spoken to with encryption.
fn is_named_safely(url: &Url) -> bool {
    let named = matches!(url.host(), Some(Host::Domain(name)) if name.contains('.'));
    named && is_nobody_s(url) && url.scheme() == "https"
}

fn is_nobody_s(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

/// Whether an address is at this place: same scheme, host and port, and nobody's name in it.
fn is_at(place: &Url, url: &Url) -> bool {
    let same = url.scheme() == place.scheme()
        && url.host() == place.host()
        && url.port_or_known_default() == place.port_or_known_default();
    same && is_nobody_s(url)
}

/// A client for the place that this address names.
///
/// # Errors
/// When the address is not https, nor http on this very machine.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn client(base: &Url, limits: Limits) -> Result<Client> {
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
    Ok(Client {
        inner: builder.build().map_err(Error::internal)?,
        place: base.clone(),
        beyond: false,
    })
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
pub async fn body(mut response: Response, limits: Limits) -> Result<Vec<u8>, Trouble> {
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

    async fn get(client: &Client, url: Url) -> Result<Response, Trouble> {
        Ok(client.request(Method::GET, url)?.send().await?)
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
        let response = get(&client, url).await.unwrap();
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
            let response = get(&client, url.clone()).await.unwrap();
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
        assert_eq!(get(&client, url).await.unwrap_err(), Trouble::TimedOut);
        drop(server);
        let nobody = Url::parse("http://127.0.0.1:1").unwrap();
        let client = self::client(&nobody, limits).unwrap();
        assert_eq!(
            get(&client, nobody).await.unwrap_err(),
            Trouble::Unreachable
        );
    }

    /// Where a client of LinkedIn's API may go.
    const HERE: &[&str] = &[
        "https://ａpi.linkedin.com",
        "https://api.linkedin.com",
        "https://api.linkedin.com:443/rest/leadForms?q=owner",
        "https://API.LinkedIn.com/rest/../v2/userinfo",
        "https://api.linkedin.com/\\evil.example",
        "https://api.linkedin.com/@evil.example",
        "https://api.linkedin.com?u=http://169.254.169.254/",
    ];
    /// Where it may not, however it is written.
    const ELSEWHERE: &[&str] = &[
        // Other schemes and ports of the same host, and somebody's name in front of it.
        "http://api.linkedin.com",
        "https://api.linkedin.com:444",
        "https://api.linkedin.com:80",
        "ftp://api.linkedin.com",
        "ws://api.linkedin.com",
        "wss://api.linkedin.com",
        "file:///etc/passwd",
        "file://api.linkedin.com/etc/passwd",
        "gopher://api.linkedin.com",
        "data:text/plain,x",
        "javascript:alert(1)",
        "blob:https://api.linkedin.com/x",
        "https://somebody@api.linkedin.com",
        "https://somebody:secret@api.linkedin.com",
        "https://:secret@api.linkedin.com",
        // Hosts that look like it.
        "https://linkedin.com",
        "https://www.linkedin.com",
        "https://api.linkedin.com.",
        "https://api.linkedin.com.evil.example",
        "https://evil.example/api.linkedin.com",
        "https://evil.example#api.linkedin.com",
        "https://evil.example?api.linkedin.com",
        "https://api.linkedin.com@evil.example",
        "https://api.linkedin.com:443@evil.example",
        "https://api.linkedin.com%2eevil.example",
        "https://xapi.linkedin.com",
        "https://api-linkedin.com",
        "https://api.linkedin.co",
        "https://api.linkedin.com.localhost",
        "https://аpi.linkedin.com",
        "https://api.linkedín.com",
        "https://api.linked\u{131}n.com",
        "https://apilinkedin。com",
        "https:evil.example",
        "https:\\\\evil.example",
        // This machine.
        "http://localhost",
        "https://localhost",
        "http://127.0.0.1",
        "http://127.1",
        "http://127.0.1",
        "http://127.255.255.254",
        "http://2130706433",
        "http://0x7f000001",
        "http://0x7f.0x0.0x0.0x1",
        "http://0177.0.0.1",
        "http://017700000001",
        "http://0.0.0.0",
        "http://0",
        "http://[::1]",
        "http://[::]",
        "http://[::ffff:127.0.0.1]",
        "http://[::ffff:7f00:1]",
        "http://[::127.0.0.1]",
        "http://[0:0:0:0:0:0:0:1]",
        "http://①②⑦.⓪.⓪.①",
        // The networks it stands in, and what clouds keep for their machines.
        "http://10.0.0.1",
        "http://172.16.0.1",
        "http://172.31.255.255",
        "http://192.168.0.1",
        "http://100.64.0.1",
        "http://198.18.0.1",
        "http://224.0.0.1",
        "http://255.255.255.255",
        "http://169.254.169.254/latest/meta-data/",
        "http://169.254.43518",
        "http://2852039166",
        "http://0xa9fea9fe",
        "http://0251.0376.0251.0376",
        "http://[::ffff:169.254.169.254]",
        "http://[64:ff9b::169.254.169.254]",
        "http://[64:ff9b:1::a9fe:a9fe]",
        "http://[2002:a9fe:a9fe::1]",
        "http://[fd00:ec2::254]",
        "http://[fe80::1]",
        "http://[fc00::1]",
        "http://metadata.google.internal",
    ];

    #[test]
    fn a_client_goes_to_its_own_place_however_it_is_written() {
        let place = Url::parse("https://api.linkedin.com/rest").unwrap();
        for url in HERE {
            assert!(is_at(&place, &Url::parse(url).unwrap()), "{url}");
        }
        for url in ELSEWHERE {
            // What is no address at all cannot be asked for either.
            let at = Url::parse(url).is_ok_and(|url| is_at(&place, &url));
            assert!(!at, "{url}");
        }
    }

    #[test]
    fn an_identity_provider_names_hosts_but_no_numbers_of_networks() {
        let place = Url::parse("http://127.0.0.1:8090").unwrap();
        let provider = client(&place, Limits::default()).unwrap().beyond();
        let goes = |url: &str| Url::parse(url).is_ok_and(|url| provider.goes_to(&url));
        assert!(goes("http://127.0.0.1:8090/token") && goes("https://keys.provider.example/jwks"));
        for url in ELSEWHERE {
            let numbered =
                Url::parse(url).is_ok_and(|url| !matches!(url.host(), Some(Host::Domain(_))));
            if numbered || url.starts_with("http:") || url.contains("secret") {
                assert!(!goes(url), "{url}");
            }
        }
        assert!(!goes("https://localhost") && !goes("https://intranet"));
    }

    #[tokio::test]
    async fn nothing_is_sent_to_another_place() {
        let (other, there) = served(ResponseTemplate::new(200)).await;
        let (_server, here) = served(ResponseTemplate::new(200)).await;
        let client = client(&here, Limits::default()).unwrap();
        assert!(get(&client, here).await.is_ok());
        let asked = get(&client, there.clone()).await;
        assert_eq!(asked.unwrap_err(), Trouble::Elsewhere);
        let made = client.execute(Request::new(Method::GET, there)).await;
        assert_eq!(made.unwrap_err(), Trouble::Elsewhere);
        assert_eq!(other.received_requests().await.unwrap().len(), 0);
    }
}
