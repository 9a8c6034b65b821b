//! One call on its way to Dataverse and back (specification 2.1).

use std::sync::{Mutex, PoisonError};

use http::{HeaderMap, HeaderValue, StatusCode, header};
use reqwest::{Method, Request};
use secrecy::ExposeSecret;
use serde_json::{Map, Value};
use url::Url;
use uuid::Uuid;

use super::catalogue::Effect;
use super::connection::{Connection, check_organization};
use super::failure::{Class, Failure};
use super::gate::Gate;
use super::limiter::Pace;
use super::refusal::{self, Asked};
use super::token::{Keeper, Token};
use crate::error::Result;
use crate::http::{self as web, Client, Limits, Trouble};

/// Where the Web API is below an organization's address.
const BASE: &str = "/api/data/v9.2/";
const JSON: &str = "application/json";
/// The annotation with the version of all that can be customized (specification 4.1, 5).
const SCHEMA: &str = "Microsoft.Dynamics.CRM.globalmetadataversion";

/// A call before it is made.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) asked: Asked,
    method: Method,
    /// Below the Web API, already encoded: `leads(…)`.
    path: String,
    /// Already encoded.
    query: String,
    /// `If-Match` or `If-None-Match`.
    condition: Option<(header::HeaderName, String)>,
    body: Option<Map<String, Value>>,
    tells_schema: bool,
}

impl Call {
    /// A read of this address; `call` is its name in failures.
    pub(super) fn get(call: &'static str, path: String, query: String) -> Call {
        let asked = Asked {
            call,
            effect: Effect::Read,
        };
        Call {
            asked,
            method: Method::GET,
            path,
            query,
            condition: None,
            body: None,
            tells_schema: false,
        }
    }

    /// The same call, whose answer also tells the version of the organization's columns.
    pub(super) fn telling_schema(self) -> Call {
        Call {
            tells_schema: true,
            ..self
        }
    }

    /// A deletion of this row.
    pub(super) fn delete(asked: Asked, path: String) -> Call {
        Call {
            asked,
            method: Method::DELETE,
            path,
            query: String::new(),
            condition: None,
            body: None,
            tells_schema: false,
        }
    }

    /// A write of this row that answers with the row.
    pub(super) fn patch(
        asked: Asked,
        path: String,
        query: String,
        condition: (header::HeaderName, String),
        body: Map<String, Value>,
    ) -> Call {
        Call {
            asked,
            method: Method::PATCH,
            path,
            query,
            condition: Some(condition),
            body: Some(body),
            tells_schema: false,
        }
    }
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) etag: Option<String>,
    /// The service's name for the request.
    pub(super) request_id: Option<String>,
    pub(super) body: Value,
}

/// The version of the organization's columns, as answers tell it.
#[derive(Debug, Default)]
pub(super) struct Schema(Mutex<(String, bool)>);

impl Schema {
    fn told(&self, version: &str) {
        let mut schema = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if schema.0 != version {
            *schema = (version.to_owned(), true);
        }
    }

    /// The version, if it was not taken since it changed.
    pub(super) fn take(&self) -> Option<String> {
        let mut schema = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut schema.1).then(|| schema.0.clone())
    }
}

/// The way to one organization.
#[derive(Debug)]
pub(super) struct Line {
    client: Client,
    limits: Limits,
    organization: Url,
    keeper: Keeper,
    gate: Gate,
    schema: Schema,
    /// One for all calls of this connection, so that support can find them together.
    correlation: Uuid,
}

impl Line {
    pub(super) fn new(connection: &Connection, limits: Limits, pace: Pace) -> Result<Line> {
        connection.check()?;
        Ok(Line {
            client: web::client(&connection.organization, limits)?,
            limits,
            organization: connection.organization.clone(),
            keeper: Keeper::new(connection, limits)?,
            gate: Gate::new(pace),
            schema: Schema::default(),
            correlation: Uuid::new_v4(),
        })
    }

    pub(super) fn gate(&self) -> &Gate {
        &self.gate
    }

    pub(super) fn schema(&self) -> &Schema {
        &self.schema
    }

    pub(super) fn keeper(&self) -> &Keeper {
        &self.keeper
    }

    /// Makes a call. When the organization does not take the token, another one is tried, once.
    pub(super) async fn send(&self, call: &Call) -> Result<Answer, Failure> {
        let token = self.keeper.token(None).await?;
        match self.send_once(call, &token).await {
            Err(failure) if failure.status == Some(401) => {
                let token = self.keeper.token(Some(token.number)).await?;
                self.send_once(call, &token).await
            }
            answer => answer,
        }
    }

    async fn send_once(&self, call: &Call, token: &Token) -> Result<Answer, Failure> {
        let request = self.request(call, token)?;
        let pass = self.gate.enter().await.map_err(|wait| Failure {
            retry_after: Some(wait),
            ..Failure::new(
                Class::Wait,
                call.asked.call,
                "Dynamics 365 asked Leadline to wait. Leadline goes on by itself.",
            )
        })?;
        let sent = self.client.execute(request).await;
        let response = sent.map_err(|trouble| lost(trouble, call.asked))?;
        let (status, headers) = (response.status(), response.headers().clone());
        if let Some(hint) = hint(&headers) {
            self.gate.recommend(hint);
        }
        let body = web::body(response, self.limits).await;
        if !status.is_success() {
            let body = body.unwrap_or_default();
            // What is refused stands in the body; without it nobody knows. Else a refusal counts even
            // when its body is lost.
            let failure = match refusal::is_cut(status.as_u16(), &headers, &body) {
                true => spoiled(call.asked, told(Trouble::CutOff)),
                false => refusal::failure(call.asked, status.as_u16(), &headers, &body),
            };
            match (failure.class, failure.retry_after) {
                (Class::Wait, wait) => self.gate.refused(refusal::facet(&failure), wait),
                (_, Some(wait)) => self.gate.pause(wait),
                _ => {}
            }
            return Err(failure);
        }
        self.gate.taken();
        drop(pass);
        let unread = |said| Failure {
            status: Some(status.as_u16()),
            request_id: refusal::request_id(&headers),
            ..spoiled(call.asked, said)
        };
        let body = body.map_err(|trouble| unread(told(trouble)))?;
        let body = match body.as_slice() {
            [] if status == StatusCode::NO_CONTENT => Value::Null,
            body => serde_json::from_slice(body).map_err(|_| unread(NOT_UNDERSTOOD))?,
        };
        if let Some(version) = body[format!("@{SCHEMA}")].as_str() {
            self.schema.told(version);
        }
        let etag = headers
            .get(header::ETAG)
            .and_then(|etag| etag.to_str().ok());
        Ok(Answer {
            status,
            etag: etag.map(str::to_owned),
            request_id: refusal::request_id(&headers),
            body,
        })
    }

    fn request(&self, call: &Call, token: &Token) -> Result<Request, Failure> {
        let wrong = || Failure::new(Class::Bug, call.asked.call, CANNOT_BE_SENT);
        let bearer = format!("Bearer {}", token.text.expose_secret());
        let mut bearer = HeaderValue::from_str(&bearer).map_err(|_| wrong())?;
        bearer.set_sensitive(true);
        let url = address(&self.organization, &call.path, &call.query).ok_or_else(wrong)?;
        let request = self.client.request(call.method.clone(), url);
        let mut request = request
            .map_err(|_| wrong())?
            .header(header::AUTHORIZATION, bearer)
            .header(header::ACCEPT, JSON)
            .header("OData-MaxVersion", "4.0")
            .header("OData-Version", "4.0")
            .header("x-ms-client-request-id", Uuid::new_v4().to_string())
            .header("x-ms-correlation-id", self.correlation.to_string());
        if let Some((name, value)) = &call.condition {
            request = request.header(name, value);
        }
        if call.tells_schema {
            let annotations = format!("odata.include-annotations=\"{SCHEMA}\"");
            request = request.header("Prefer", annotations);
        }
        if let Some(body) = &call.body {
            let body = serde_json::to_vec(body).map_err(|_| wrong())?;
            request = request
                .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
                .header("Prefer", "return=representation")
                .body(body);
        }
        request.build().map_err(|_| wrong())
    }
}

const CANNOT_BE_SENT: &str =
    "A request to Dynamics 365 cannot be sent as it is. Report it with what the log says.";
const NOT_UNDERSTOOD: &str = "Dynamics 365 answered with something that Leadline cannot read. Leadline tries again by itself; if this lasts, check that no proxy stands in between.";

/// The address of something below the Web API. Path and query are encoded already and stay as they
/// are.
fn address(organization: &Url, path: &str, query: &str) -> Option<Url> {
    let mut url = organization.join(&format!("{BASE}{path}")).ok()?;
    url.set_query(Some(query).filter(|query| !query.is_empty()));
    (url.as_str().len() <= LONGEST).then_some(url)
}

/// The longest address that Dataverse takes.
const LONGEST: usize = 32_768;

/// Asks an organization without a token, as anybody can; answers the header that tells where to
/// get one.
pub(super) async fn challenge(
    organization: &Url,
    allowed_hosts: &[String],
    limits: Limits,
) -> Result<String, Failure> {
    let asked = Asked {
        call: "GET without a token",
        effect: Effect::Read,
    };
    let nobody = |said| Failure::new(Class::Setup, asked.call, said);
    check_organization(organization, allowed_hosts).map_err(|_| nobody("This is no address of a Dynamics 365 environment. It looks like https://contoso.crm.dynamics.com."))?;
    let client = web::client(organization, limits);
    let client = client.map_err(|_| nobody("No connection to this address can be made."))?;
    let url = address(organization, "", "").ok_or_else(|| nobody(CANNOT_BE_SENT))?;
    let request = client.request(Method::GET, url);
    let request = request.map_err(|trouble| lost(trouble, asked))?;
    let request = request.header(header::ACCEPT, JSON).build();
    let request = request.map_err(|_| nobody(CANNOT_BE_SENT))?;
    let response = client.execute(request).await;
    let response = response.map_err(|trouble| lost(trouble, asked))?;
    let (status, headers) = (response.status(), response.headers().clone());
    let told = headers
        .get(header::WWW_AUTHENTICATE)
        .and_then(|told| told.to_str().ok());
    match (status.as_u16(), told) {
        (401, Some(told)) => Ok(told.to_owned()),
        (200..=299 | 401, _) => Err(nobody(
            "At this address is something else than a Dynamics 365 environment. Check the environment address.",
        )),
        (status, _) => {
            let body = web::body(response, limits).await.unwrap_or_default();
            Err(refusal::failure(asked, status, &headers, &body))
        }
    }
}

fn hint(headers: &HeaderMap) -> Option<u32> {
    headers
        .get("x-ms-dop-hint")?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
}

/// No answer at all.
fn lost(trouble: Trouble, asked: Asked) -> Failure {
    match trouble {
        Trouble::Unreachable | Trouble::Elsewhere => {
            let class = match trouble {
                Trouble::Elsewhere => Class::Bug,
                _ => Class::Retry,
            };
            Failure::new(class, asked.call, told(trouble))
        }
        Trouble::TimedOut | Trouble::CutOff | Trouble::TooLarge => spoiled(asked, told(trouble)),
    }
}

/// An answer that cannot be read: what was to be done may be done.
fn spoiled(asked: Asked, said: &'static str) -> Failure {
    let class = match asked.effect {
        Effect::Read => Class::Retry,
        Effect::Make | Effect::Change => Class::Ambiguous,
    };
    Failure::new(class, asked.call, said)
}

fn told(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Unreachable => {
            "Dynamics 365 cannot be reached. Leadline tries again by itself; if this lasts, check the network and any proxy in between."
        }
        Trouble::TimedOut => {
            "Dynamics 365 did not answer in time. Leadline looks what became of the request and goes on by itself."
        }
        Trouble::CutOff => {
            "The connection to Dynamics 365 broke. Leadline looks what became of the request and goes on by itself."
        }
        Trouble::TooLarge => {
            "An answer of Dynamics 365 is larger than Leadline takes. Report it with what the log says."
        }
        Trouble::Elsewhere => CANNOT_BE_SENT,
    }
}

#[cfg(test)]
mod tests;
