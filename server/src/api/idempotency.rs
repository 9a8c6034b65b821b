//! `Idempotency-Key`: asking again with the same key gives the same answer and does nothing twice.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use leadline::error::{Error, Result as EngineResult};
use leadline::secret::Sealer;
use leadline::store::idempotency::{Keyed, Known};
use leadline::store::{Store, now};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::BODY_AT_MOST;
use super::authenticate::Caller;
use super::problem::Problem;
use crate::engine::Engine;

/// The header.
pub const KEY: &str = "idempotency-key";
/// Says that an answer was given before.
const REPLAYED: &str = "idempotency-replayed";
/// How many characters a key has at most.
pub const KEY_AT_MOST: usize = 255;

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
struct Answer {
    kind: Option<String>,
    location: Option<String>,
    body: String,
}

/// Lies around every route; does nothing without the header, or for what changes nothing twice
/// anyway.
pub async fn once(Extension(engine): Extension<Engine>, request: Request, next: Next) -> Response {
    let given = request.headers().get(KEY);
    let (Some(given), &Method::POST) = (given, request.method()) else {
        return next.run(request).await;
    };
    let Some(key) = usable(given) else {
        let detail = format!("must have 1 to {KEY_AT_MOST} visible ASCII characters.");
        return Problem::parameter("Idempotency-Key", detail).into_response();
    };
    let Some(token) = request.extensions().get::<Caller>().map(Caller::token_id) else {
        return next.run(request).await;
    };
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await;
    let Some(body) = body.ok().filter(|body| body.len() <= BODY_AT_MOST) else {
        return Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE).into_response();
    };
    let target = parts.uri.path_and_query().map_or("/", |p| p.as_str());
    let held = Held {
        store: engine.store,
        sealer: engine.sealer,
        token,
        request: fingerprint(&parts.method, target, &body),
        key,
    };
    match held.store.take_key(held.keyed(), now()).await {
        Ok(Known::New) => {
            // What has begun is finished, and its answer kept, also when whoever asked has gone.
            let done = tokio::spawn(async move {
                let response = next.run(Request::from_parts(parts, Body::from(body))).await;
                held.finish(response).await
            });
            done.await.unwrap_or_else(|_| internal())
        }
        Ok(Known::Answered(status, sealed)) => held.again(status, &sealed),
        Ok(Known::InFlight) => in_flight(),
        Ok(Known::Other) => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "This Idempotency-Key was used for another request. Use a new one.",
        )
        .into_response(),
        Err(error) => Problem::from(error).into_response(),
    }
}

fn usable(key: &HeaderValue) -> Option<String> {
    let key = key.to_str().ok()?;
    let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    (visible && (1..=KEY_AT_MOST).contains(&key.len())).then(|| key.to_owned())
}

/// A hash of all that decides what a request does.
fn fingerprint(method: &Method, target: &str, body: &Bytes) -> String {
    let mut hash = Sha256::new();
    for part in [method.as_str().as_bytes(), target.as_bytes()] {
        hash.update(part);
        hash.update([0]);
    }
    hash.update(body);
    hex::encode(hash.finalize())
}

fn in_flight() -> Response {
    let detail =
        "The request with this Idempotency-Key has not been answered yet. Try again in a moment.";
    let mut response = Problem::new(StatusCode::CONFLICT, detail).into_response();
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn internal() -> Response {
    Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}

/// A key that is held.
struct Held {
    store: Store,
    sealer: Arc<Sealer>,
    token: i64,
    key: String,
    request: String,
}

impl Held {
    fn keyed(&self) -> Keyed<'_> {
        Keyed {
            token: self.token,
            key: &self.key,
            request: &self.request,
        }
    }

    /// What a sealed answer belongs to.
    fn bound_to(&self) -> String {
        format!("idempotent_answer {} {}", self.token, self.key)
    }

    /// Keeps the answer. What failed by no fault of the request may be tried again.
    async fn finish(&self, response: Response) -> Response {
        let status = response.status();
        if status.is_server_error() {
            if let Err(error) = self.store.give_key_up(self.keyed()).await {
                tracing::error!(?error, "an Idempotency-Key stays taken for a minute");
            }
            return response;
        }
        let (parts, body) = response.into_parts();
        let Ok(body) = to_bytes(body, usize::MAX).await else {
            return internal();
        };
        match self.keep(status, &parts.headers, &body).await {
            Ok(()) => Response::from_parts(parts, Body::from(body)),
            Err(error) => Problem::from(error).into_response(),
        }
    }

    async fn keep(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> EngineResult<()> {
        let header = |name: HeaderName| {
            let value: Option<&HeaderValue> = headers.get(name);
            value
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        let answer = Answer {
            kind: header(header::CONTENT_TYPE),
            location: header(header::LOCATION),
            body: String::from_utf8_lossy(body).into_owned(),
        };
        let text = serde_json::to_string(&answer).map_err(Error::internal)?;
        let sealed = self.sealer.seal(&text.into(), &self.bound_to())?;
        let store = &self.store;
        store
            .keep_answer(self.keyed(), status.as_u16(), sealed)
            .await
    }

    /// The answer that was given before.
    fn again(&self, status: u16, sealed: &[u8]) -> Response {
        let opened = self.sealer.open(sealed, &self.bound_to());
        let text = match opened {
            Ok(text) => text,
            Err(error) => return Problem::from(error).into_response(),
        };
        let answer = serde_json::from_str::<Answer>(text.expose_secret());
        let (Ok(answer), Ok(status)) = (answer, StatusCode::from_u16(status)) else {
            return internal();
        };
        let mut response = (status, answer.body).into_response();
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_TYPE);
        let kept = [
            (header::CONTENT_TYPE, answer.kind),
            (header::LOCATION, answer.location),
        ];
        for (name, value) in kept {
            if let Some(Ok(value)) = value.map(HeaderValue::try_from) {
                headers.insert(name, value);
            }
        }
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
        response
    }
}
