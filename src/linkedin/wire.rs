//! One call on its way to LinkedIn and back.

use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Method, Request, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::failure::{Endpoint, Failure, Kind};
use super::refusal::Refusal;
use super::restli::Query;
use crate::error::{Error, Result};
use crate::http::{self, Limits, Trouble};

/// A call before it is made.
pub(super) struct Call {
    pub(super) endpoint: Endpoint,
    pub(super) path: String,
    pub(super) query: Query,
    page_size: Option<u64>,
}

impl Call {
    pub(super) fn new(endpoint: Endpoint, query: Query) -> Call {
        Call {
            endpoint,
            path: format!("/rest/{}", endpoint.name()),
            query,
            page_size: None,
        }
    }

    /// The same call of another path than the endpoint's own.
    pub(super) fn at(self, path: String) -> Call {
        Call { path, ..self }
    }

    /// The same call of one page of a list.
    pub(super) fn page(mut self, start: u64, count: u64) -> Call {
        self.query = self.query.with("start", start).with("count", count);
        self.page_size = Some(count);
        self
    }
}

/// Where LinkedIn is and how it is spoken to.
#[derive(Debug)]
pub(super) struct Connection {
    http: http::Client,
    base: String,
    version: HeaderValue,
    limits: Limits,
    calls: AtomicU64,
}

impl Connection {
    pub(super) fn new(api_url: &str, api_version: &str, limits: Limits) -> Result<Connection> {
        let base = api_url.trim_end_matches('/').to_owned();
        let url = Url::parse(&base).map_err(|_| {
            Error::invalid("The address of LinkedIn's API is not an address. It looks like https://api.linkedin.com.")
        })?;
        let version = HeaderValue::from_str(api_version);
        let version = version.ok().filter(|_| is_version(api_version));
        Ok(Connection {
            http: http::client(&url, limits)?,
            base,
            version: version.ok_or_else(|| {
                Error::invalid("The version of LinkedIn's API is written as a year and a month, such as 202607.")
            })?,
            limits,
            calls: AtomicU64::new(0),
        })
    }

    pub(super) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Makes a call and reads its answer; `read` says `None` when the answer makes no sense.
    pub(super) async fn get<T>(
        &self,
        token: &SecretString,
        call: &Call,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Failure> {
        let request = self.request(token, call)?;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let fail = |kind| Failure::new(kind, call.endpoint);
        let sent = self.http.execute(request).await;
        let response = sent.map_err(|trouble| fail(lost(trouble, call)))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let refusal = refusal(status.as_u16(), &headers, call.page_size);
        let body = http::body(response, self.limits).await;
        if !status.is_success() {
            // A refusal counts even when its body is lost.
            let body = body.unwrap_or_default();
            let body = &String::from_utf8_lossy(&body);
            return Err(Failure::refused(
                call.endpoint,
                &Refusal { body, ..refusal },
            ));
        }
        let read = |body: Vec<u8>| read(&json_text(&headers, &body)?).ok_or(Kind::NotUnderstood);
        let body = body.map_err(|trouble| lost(trouble, call));
        body.and_then(read).map_err(|kind| Failure {
            kind,
            // A page that does not arrive whole is no refusal: the rest of it still tells the log.
            ..Failure::refused(call.endpoint, &refusal)
        })
    }

    fn request(&self, token: &SecretString, call: &Call) -> Result<Request, Failure> {
        let wrong = || Failure::new(Kind::BadRequest, call.endpoint);
        let bearer = format!("Bearer {}", token.expose_secret());
        let mut bearer = HeaderValue::from_str(&bearer)
            .map_err(|_| Failure::new(Kind::TokenInvalid, call.endpoint))?;
        bearer.set_sensitive(true);
        let url = Url::parse(&format!("{}{}", self.base, call.path)).map_err(|_| wrong())?;
        let mut request = self.with_query(url, &call.query).map_err(|_| wrong())?;
        if call.path.starts_with("/rest/") {
            request = request
                .header("LinkedIn-Version", self.version.clone())
                .header("X-Restli-Protocol-Version", "2.0.0");
        }
        request
            .header(AUTHORIZATION, bearer)
            .header(ACCEPT, "application/json")
            .build()
            .map_err(|_| wrong())
    }

    /// Puts the query into the URL, or into the body when it is too long for that.
    fn with_query(&self, mut url: Url, query: &Query) -> Result<RequestBuilder, Trouble> {
        if query.must_tunnel() {
            let tunnel = self.http.request(Method::POST, url)?;
            return Ok(tunnel
                .header("X-HTTP-Method-Override", "GET")
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(query.as_str().to_owned()));
        }
        if !query.as_str().is_empty() {
            url.set_query(Some(query.as_str()));
        }
        self.http.request(Method::GET, url)
    }
}

/// `YYYYMM`, or `YYYYMM.RR`.
fn is_version(text: &str) -> bool {
    let digits =
        |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        Some((month, revision)) => digits(month, 6) && digits(revision, 2),
        None => digits(text, 6),
    }
}

fn lost(trouble: Trouble, call: &Call) -> Kind {
    match trouble {
        Trouble::Unreachable => Kind::Unreachable,
        Trouble::Elsewhere => Kind::BadRequest,
        Trouble::TimedOut => Kind::TimedOut,
        Trouble::CutOff => Kind::CutOff,
        Trouble::TooLarge if call.page_size.is_some_and(|size| size > 1) => Kind::PageTooLarge,
        Trouble::TooLarge => Kind::TooLarge,
    }
}

fn refusal(status: u16, headers: &HeaderMap, page_size: Option<u64>) -> Refusal<'_> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    Refusal {
        status,
        li_uuid: header("x-li-uuid").or_else(|| header("x-li-request-id")),
        retry_after: header(RETRY_AFTER.as_str()),
        gateway: headers.contains_key("x-restli-gateway-error"),
        body: "",
        page_size,
    }
}

/// The body as text. Bytes that are not UTF-8 are replaced, so that one of them in one lead does
/// not spoil a whole page.
fn json_text(headers: &HeaderMap, body: &[u8]) -> Result<String, Kind> {
    let label = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let label = label.unwrap_or_default().to_ascii_lowercase();
    if body.iter().all(u8::is_ascii_whitespace) {
        Err(Kind::Empty)
    } else if !label.starts_with(b"application/json") {
        Err(Kind::WrongContentType)
    } else {
        Ok(String::from_utf8_lossy(body).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::super::restli::Value;
    use super::*;

    fn connection() -> Connection {
        Connection::new("https://api.linkedin.com/", "202607", Limits::default()).unwrap()
    }

    fn request(call: &Call) -> Request {
        connection().request(&"t0ken".into(), call).unwrap()
    }

    #[test]
    fn a_call_carries_what_linkedin_asks_for() {
        let owner = Value::record([("sponsoredAccount", "urn:li:sponsoredAccount:1".into())]);
        let query = Query::finder("owner").with("owner", owner);
        let request = request(&Call::new(Endpoint::LeadForms, query).page(20, 10));
        assert_eq!(
            request.url().as_str(),
            "https://api.linkedin.com/rest/leadForms?q=owner&owner=(sponsoredAccount:urn%3Ali%3AsponsoredAccount%3A1)&start=20&count=10"
        );
        for (name, value) in [
            ("linkedin-version", "202607"),
            ("x-restli-protocol-version", "2.0.0"),
            ("authorization", "Bearer t0ken"),
        ] {
            assert_eq!(request.headers()[name], value);
        }
        assert!(request.headers()[AUTHORIZATION].is_sensitive());
    }

    #[test]
    fn a_long_query_travels_in_a_body() {
        let ids = (0..600).map(|id| Value::from(id * 1_000_003_i64)).collect();
        let query = Query::default().with("ids", Value::List(ids));
        let request = request(&Call::new(Endpoint::LeadForms, query.clone()));
        assert_eq!(request.method(), "POST");
        assert_eq!(request.headers()["x-http-method-override"], "GET");
        assert_eq!(request.url().query(), None);
        let body = request.body().and_then(reqwest::Body::as_bytes);
        assert_eq!(body, Some(query.as_str().as_bytes()));
    }

    #[test]
    fn a_token_that_is_no_header_is_an_invalid_token() {
        let call = Call::new(Endpoint::LeadForms, Query::default());
        let failure = connection()
            .request(&"line\nbreak".into(), &call)
            .unwrap_err();
        assert_eq!(failure.kind, Kind::TokenInvalid);
    }

    #[test]
    fn addresses_and_versions_are_checked() {
        let cases = [
            ("https://api.linkedin.com", "202607", true),
            ("https://api.linkedin.com", "202607.01", true),
            ("https://api.linkedin.com", "2026-07", false),
            ("https://api.linkedin.com", "latest", false),
            ("https://api.linkedin.com", "", false),
            ("http://api.linkedin.com", "202607", false),
            ("api.linkedin.com", "202607", false),
        ];
        for (url, version, fine) in cases {
            let made = Connection::new(url, version, Limits::default());
            assert_eq!(made.is_ok(), fine, "{url} {version}");
        }
    }
}
