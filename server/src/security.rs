//! What holds for every request and every answer, whatever page it is: who may change something
//! from where, which headers a browser gets, how large and how long a request may be, what the log
//! says about it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use leadline_app::{RequestId, Routes};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;
use url::Url;

use crate::proxy::TrustedProxies;

/// No request is larger than this. It is more than a form may hold, so that one that is somewhat too
/// large is read to its end and answered by a page that says so.
const BODY_AT_MOST: usize = 1024 * 1024;
/// No page takes longer than this.
const TIME_AT_MOST: Duration = Duration::from_secs(30);

/// Puts all of it around the routes. The log is outermost, so that it sees every answer.
pub fn around(routes: Routes, public_url: &Url, proxies: &TrustedProxies) -> Routes {
    let origin = Arc::new(public_url.origin().ascii_serialization());
    let https = public_url.scheme() == "https";
    routes
        .layer(DefaultBodyLimit::max(BODY_AT_MOST))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::GATEWAY_TIMEOUT,
            TIME_AT_MOST,
        ))
        .layer(RequestBodyLimitLayer::new(BODY_AT_MOST))
        .layer(from_fn_with_state(origin, refuse_foreign_changes))
        .layer(from_fn(crate::api::speak_json))
        .layer(from_fn_with_state(https, add_headers))
        .layer(from_fn_with_state(proxies.clone(), log))
}

/// Refuses whatever would change something and comes from another site.
///
/// Every browser of today says where a post comes from, in `Sec-Fetch-Site` or at least in `Origin`.
/// A request with neither is no browser's but a script's, and a script holds no cookie that it was
/// not given; so it may pass, and the pages can be driven without a browser.
async fn refuse_foreign_changes(
    State(origin): State<Arc<String>>,
    request: Request,
    next: Next,
) -> Response {
    let harmless = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if harmless || comes_from_here(request.headers(), &origin) {
        return next.run(request).await;
    }
    tracing::warn!("refused a change that another site asked for");
    let words =
        "This came from another site, so nothing was changed. Open Leadline and try it there.\n";
    (StatusCode::FORBIDDEN, words).into_response()
}

fn comes_from_here(headers: &HeaderMap, own: &str) -> bool {
    let text = |name: HeaderName| {
        headers
            .get(name)
            .map(|v| v.to_str().unwrap_or("unreadable"))
    };
    match (
        text(HeaderName::from_static("sec-fetch-site")),
        text(header::ORIGIN),
    ) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            // Behind a proxy the public address is known from the configuration; without one the
            // same server may be reached under several names, each of which is its own site.
            let host = origin.split_once("://").map(|(_, host)| host);
            origin == own || (host.is_some() && host == text(header::HOST))
        }
        (None, None) => true,
    }
}

/// What every answer carries. A page brings its own policy with its own nonce and keeps it.
async fn add_headers(State(https): State<bool>, request: Request, next: Next) -> Response {
    const ALWAYS: [(HeaderName, &str); 7] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if https {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    response
}

/// One line for each request. No query, which may hold a search for a person, and no path that is
/// none of Leadline's, which may hold anything.
///
/// Here, outside of everything, it is also settled what the request is called and who makes it: to
/// whatever is inside, a trusted proxy looks as if the browser itself were connected.
async fn log(State(proxies): State<TrustedProxies>, mut request: Request, next: Next) -> Response {
    let id = request_id();
    request.extensions_mut().insert(RequestId(id.clone()));
    let connection = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let client = connection.map(|ConnectInfo(peer)| proxies.client(peer.ip(), request.headers()));
    if let Some(client) = client {
        let client = ConnectInfo(SocketAddr::new(client, 0));
        request.extensions_mut().insert(client);
    }
    let client = client.map(tracing::field::display);
    let method = request.method().clone();
    let path = loggable(&request);
    let quiet = path.starts_with("/pkg/") || matches!(path.as_str(), "/healthz" | "/readyz");
    let start = Instant::now();
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    let ms = start.elapsed().as_millis();
    if status >= 500 {
        tracing::error!(%id, %method, %path, status, ms, client, "request");
    } else if quiet {
        tracing::debug!(%id, %method, %path, status, ms, client, "request");
    } else {
        tracing::info!(%id, %method, %path, status, ms, client, "request");
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

/// The path as far as it may be logged: without the token of a link that signs somebody in.
fn loggable(request: &Request) -> String {
    match request.extensions().get::<MatchedPath>() {
        Some(route) if route.as_str().contains("{token}") => route.as_str().to_owned(),
        Some(_) => request.uri().path().to_owned(),
        None => "(no such page)".to_owned(),
    }
}

/// A name for one request, to find its line in the log.
fn request_id() -> String {
    let mut bytes = [0; 8];
    // Without randomness requests have no names of their own, which only the log would notice.
    let _ = getrandom::fill(&mut bytes);
    hex::encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_here(headers: &[(&'static str, &'static str)]) -> bool {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        let headers: HeaderMap = headers.iter().map(pair).collect();
        comes_from_here(&headers, "https://leads.example")
    }

    #[test]
    fn what_the_browser_says_about_the_site_decides() {
        assert!(from_here(&[("sec-fetch-site", "same-origin")]));
        assert!(from_here(&[("sec-fetch-site", "none")]));
        for site in ["cross-site", "same-site", "", "nonsense"] {
            let headers = [
                ("sec-fetch-site", site),
                ("origin", "https://leads.example"),
            ];
            assert!(!from_here(&headers), "{site}");
        }
    }

    #[test]
    fn an_origin_must_be_the_public_address_or_the_host_that_was_asked() {
        assert!(from_here(&[("origin", "https://leads.example")]));
        assert!(from_here(&[
            ("origin", "http://127.0.0.1:3000"),
            ("host", "127.0.0.1:3000")
        ]));
        for origin in [
            "null",
            "",
            "https://evil.example",
            "https://leads.example.evil.example",
            "http://leads.example",
        ] {
            let headers = [("origin", origin), ("host", "leads.example:3000")];
            assert!(!from_here(&headers), "{origin}");
        }
    }

    #[test]
    fn a_script_says_neither() {
        assert!(from_here(&[("host", "leads.example")]));
    }
}
