//! The client: one method for each thing that LinkedIn is asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;
use url::Url;

use super::failure::{Endpoint, Failure, Kind, Refusal};
use super::form::FormVersion;
use super::page::{Element, Page};
use super::reading::Reading;
use super::restli::{Query, Value, path_key};
use super::urn::Owner;
use super::words::{AdAccount, AdAccountUser, Campaign, OrganizationAcl, UserInfo, Word};
use super::{API_URL, API_VERSION};
use crate::error::{Error, Result};
use crate::http::{self, Limits, Trouble};
use crate::submission::LeadType;

/// What is asked of each lead: everything that Leadline keeps, with the form that it answers. The
/// submitter's profile is left out on purpose, because LinkedIn limits how long it may be kept.
const LEAD_FIELDS: &str = "ownerInfo,associatedEntityInfo,leadMetadataInfo,owner,leadType,\
    versionedLeadGenFormUrn,id,submittedAt,testLead,formResponse,associatedEntity,leadMetadata,\
    form:(hiddenFields,creationLocale,name,id,content)";
/// The company page of an ad account is shown only when it is asked for.
const ACCOUNT_FIELDS: &str = "id,name,status,type,currency,reference,test,referenceInfo";
/// More pages than this of accounts or roles are no list that ends.
const MOST_PAGES: usize = 200;

/// Where LinkedIn is and how it is spoken to.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address of the API, without `/rest`.
    pub api_url: String,
    /// The version of the API, as `YYYYMM`.
    pub api_version: String,
    /// How long a call may take and how large its answer may be.
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            api_url: API_URL.to_owned(),
            api_version: API_VERSION.to_owned(),
            limits: Limits::default(),
        }
    }
}

/// LinkedIn's API. Cheap to clone; clones count their calls together.
#[derive(Debug, Clone)]
pub struct LinkedIn(Arc<Connection>);

#[derive(Debug)]
struct Connection {
    http: reqwest::Client,
    base: String,
    version: HeaderValue,
    limits: Limits,
    calls: AtomicU64,
}

impl LinkedIn {
    /// A client with these settings.
    ///
    /// # Errors
    /// When the address or the version cannot be used.
    pub fn new(settings: Settings) -> Result<LinkedIn> {
        let base = settings.api_url.trim_end_matches('/').to_owned();
        let url = Url::parse(&base).map_err(|_| {
            Error::invalid("The address of LinkedIn's API is not an address. It looks like https://api.linkedin.com.")
        })?;
        let version = settings.api_version.trim();
        let month = version.get(..6).unwrap_or_default();
        if !month.bytes().all(|b| b.is_ascii_digit()) || !matches!(version.len(), 6 | 9) {
            return Err(Error::invalid(
                "The version of LinkedIn's API is written as a year and a month, such as 202607.",
            ));
        }
        Ok(LinkedIn(Arc::new(Connection {
            http: http::client(&url, settings.limits)?,
            base,
            version: HeaderValue::from_str(version).map_err(Error::internal)?,
            limits: settings.limits,
            calls: AtomicU64::new(0),
        })))
    }

    /// LinkedIn as this member sees it.
    #[must_use]
    pub fn member(&self, token: &SecretString) -> Member {
        Member {
            linkedin: self.clone(),
            token: token.clone(),
        }
    }

    /// How many calls have been made.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.0.calls.load(Ordering::Relaxed)
    }
}

/// LinkedIn as one member sees it.
#[derive(Debug, Clone)]
pub struct Member {
    linkedin: LinkedIn,
    token: SecretString,
}

/// Which leads are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponsesQuery {
    /// Whose they are.
    pub owner: Owner,
    /// What kind of leads.
    pub lead_type: LeadType,
    /// Sent at this time or later, in milliseconds.
    pub from: i64,
    /// Sent before or at this time; LinkedIn does not say which, so windows overlap.
    pub to: i64,
    /// From which place of the list.
    pub start: u64,
    /// How many places.
    pub count: u64,
}

/// A call before it is made.
struct Call {
    endpoint: Endpoint,
    path: String,
    query: Query,
    page_size: Option<u64>,
}

impl Call {
    fn new(endpoint: Endpoint, query: Query) -> Call {
        Call {
            endpoint,
            path: format!("/rest/{}", endpoint.name()),
            query,
            page_size: None,
        }
    }

    fn page(mut self, start: u64, count: u64) -> Call {
        self.query = self.query.with("start", start).with("count", count);
        self.page_size = Some(count);
        self
    }
}

/// What the methods return.
type Answer<T> = Result<T, Failure>;

impl Member {
    /// All ad accounts that the member has a role on, whatever their state; test accounts as well.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn ad_accounts(&self) -> Answer<Vec<Element<AdAccount>>> {
        let endpoint = Endpoint::AdAccounts;
        let (mut all, mut token, mut start) = (Vec::new(), None, 0);
        for _ in 0..MOST_PAGES {
            let mut query = Query::finder("search")
                .fields(ACCOUNT_FIELDS)
                .with("pageSize", 1000_u64);
            if let Some(token) = token.take() {
                query = query.with("pageToken", String::as_str(&token));
            } else if start > 0 {
                // Older answers of this finder are paged by offset and give no token.
                query = query.with("start", start);
            }
            let body = self.get(&Call::new(endpoint, query)).await?;
            let mut page = read_page(endpoint, &body, (start, 1000), Element::read)?;
            all.append(&mut page.elements);
            start = all.len() as u64;
            token = page.next_token;
            let more = page.total.is_some_and(|total| start < total);
            if token.is_none() && !more {
                return Ok(all);
            }
        }
        Err(Failure::new(Kind::NotUnderstood, endpoint))
    }

    /// All roles that the member has on ad accounts.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn ad_account_users(&self) -> Answer<Vec<Element<AdAccountUser>>> {
        let query = Query::finder("authenticatedUser");
        self.all(Endpoint::AdAccountUsers, &query).await
    }

    /// All approved roles that the member has on company pages.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn organization_acls(&self) -> Answer<Vec<Element<OrganizationAcl>>> {
        let query = Query::finder("roleAssignee").with("state", "APPROVED");
        self.all(Endpoint::OrganizationAcls, &query).await
    }

    /// A page of forms in their current versions.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn lead_forms(
        &self,
        owner: Owner,
        start: u64,
        count: u64,
    ) -> Answer<Page<Element<FormVersion>>> {
        let query = Query::finder("owner").with("owner", owner.parameter());
        let call = Call::new(Endpoint::LeadForms, query).page(start, count);
        let body = self.get(&call).await?;
        read_page(call.endpoint, &body, (start, count), Element::read)
    }

    /// A page of an ad account's campaigns.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn campaigns(
        &self,
        account_id: i64,
        page_token: Option<&str>,
    ) -> Answer<Page<Element<Campaign>>> {
        let mut query = Query::finder("search").with("pageSize", 100_u64);
        if let Some(token) = page_token {
            query = query.with("pageToken", token);
        }
        let call = Call {
            path: format!("/rest/adAccounts/{account_id}/adCampaigns"),
            ..Call::new(Endpoint::Campaigns, query)
        };
        let body = self.get(&call).await?;
        read_page(call.endpoint, &body, (0, 100), Element::read)
    }

    /// A page of leads.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn lead_responses(&self, wanted: &ResponsesQuery) -> Answer<Page<Reading>> {
        let range = [("start", wanted.from.into()), ("end", wanted.to.into())];
        let query = Query::finder("owner")
            .with("owner", wanted.owner.parameter())
            .with(
                "leadType",
                Value::record([("leadType", wanted.lead_type.as_str().into())]),
            )
            .with("submittedAtTimeRange", Value::record(range))
            .fields(LEAD_FIELDS);
        let call = Call::new(Endpoint::LeadResponses, query).page(wanted.start, wanted.count);
        let body = self.get(&call).await?;
        read_page(
            call.endpoint,
            &body,
            (wanted.start, wanted.count),
            Reading::of,
        )
    }

    /// One lead.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn lead_response(&self, id: &str) -> Answer<Reading> {
        let query = Query::default().fields(LEAD_FIELDS);
        let call = Call {
            path: format!("/rest/leadFormResponses/{}", path_key(id)),
            ..Call::new(Endpoint::LeadResponses, query)
        };
        let body = self.get(&call).await?;
        match serde_json::from_str::<&RawValue>(&body) {
            Ok(raw) if raw.get().starts_with('{') => Ok(Reading::of(raw.get())),
            _ => Err(Failure::new(Kind::NotUnderstood, call.endpoint)),
        }
    }

    /// Who the member is; `None` if the application may not know. The quota of this call is small,
    /// and nothing depends on it.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn user_info(&self) -> Answer<Option<UserInfo>> {
        let call = Call {
            path: "/v2/userinfo".to_owned(),
            ..Call::new(Endpoint::UserInfo, Query::default())
        };
        match self.get(&call).await {
            Err(failure) if failure.status == Some(403) => Ok(None),
            Err(failure) => Err(failure),
            Ok(body) => {
                let info = Element::<UserInfo>::read(&body).value;
                info.map(Some)
                    .map_err(|_| Failure::new(Kind::NotUnderstood, call.endpoint))
            }
        }
    }

    async fn all<T: Word>(&self, endpoint: Endpoint, query: &Query) -> Answer<Vec<Element<T>>> {
        let (mut all, mut start) = (Vec::new(), 0);
        for _ in 0..MOST_PAGES {
            let call = Call::new(endpoint, query.clone()).page(start, 100);
            let body = self.get(&call).await?;
            let mut page = read_page(endpoint, &body, (start, 100), Element::read)?;
            let next = page.next_start();
            all.append(&mut page.elements);
            match next {
                Some(next) => start = next,
                None => return Ok(all),
            }
        }
        Err(Failure::new(Kind::NotUnderstood, endpoint))
    }

    /// Makes a call; answers with a body that is JSON by its label.
    async fn get(&self, call: &Call) -> Answer<String> {
        let connection = &self.linkedin.0;
        let request = self.request(call)?;
        connection.calls.fetch_add(1, Ordering::Relaxed);
        let lost = |trouble| Failure::new(lost(trouble, call.page_size), call.endpoint);
        let response = connection
            .http
            .execute(request)
            .await
            .map_err(|e| lost(e.into()))?;
        let status = response.status();
        let headers = response.headers().clone();
        let body = http::body(response, connection.limits).await;
        if !status.is_success() {
            // A refusal counts even when its body is lost.
            let body = String::from_utf8(body.unwrap_or_default()).unwrap_or_default();
            let refusal = refusal(status.as_u16(), &headers, &body, call.page_size);
            return Err(Failure::refused(call.endpoint, &refusal));
        }
        let with_id = |failure: Failure| Failure {
            status: Some(status.as_u16()),
            li_uuid: refusal(0, &headers, "", None).li_uuid.map(str::to_owned),
            ..failure
        };
        let body = body.map_err(|trouble| with_id(lost(trouble)))?;
        json_text(&headers, &body).map_err(|kind| with_id(Failure::new(kind, call.endpoint)))
    }

    fn request(&self, call: &Call) -> Answer<reqwest::Request> {
        let connection = &self.linkedin.0;
        let wrong = || Failure::new(Kind::BadRequest, call.endpoint);
        let address = format!("{}{}", connection.base, call.path);
        let mut url = Url::parse(&address).map_err(|_| wrong())?;
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", self.token.expose_secret()))
            .map_err(|_| Failure::new(Kind::TokenInvalid, call.endpoint))?;
        bearer.set_sensitive(true);
        let tunnel = call.query.must_tunnel();
        if !tunnel && !call.query.as_str().is_empty() {
            url.set_query(Some(call.query.as_str()));
        }
        let mut request = if tunnel {
            connection
                .http
                .post(url)
                .header("X-HTTP-Method-Override", "GET")
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(call.query.as_str().to_owned())
        } else {
            connection.http.get(url)
        };
        if call.path.starts_with("/rest/") {
            request = request
                .header("LinkedIn-Version", connection.version.clone())
                .header("X-Restli-Protocol-Version", "2.0.0");
        }
        request
            .header(AUTHORIZATION, bearer)
            .header(ACCEPT, "application/json")
            .build()
            .map_err(|_| wrong())
    }
}

fn lost(trouble: Trouble, page_size: Option<u64>) -> Kind {
    match trouble {
        Trouble::TooLarge if page_size.is_some_and(|size| size > 1) => Kind::PageTooLarge,
        Trouble::Unreachable => Kind::Unreachable,
        Trouble::TimedOut => Kind::TimedOut,
        Trouble::CutOff => Kind::CutOff,
        Trouble::TooLarge => Kind::TooLarge,
    }
}

fn refusal<'a>(
    status: u16,
    headers: &'a HeaderMap,
    body: &'a str,
    page_size: Option<u64>,
) -> Refusal<'a> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    Refusal {
        status,
        li_uuid: header("x-li-uuid").or_else(|| header("x-li-request-id")),
        retry_after: header(RETRY_AFTER.as_str()),
        gateway: headers.contains_key("x-restli-gateway-error"),
        body,
        page_size,
    }
}

/// The body as text. Bytes that are not UTF-8 are replaced, so that one of them in one lead does
/// not spoil a whole page.
fn json_text(headers: &HeaderMap, body: &[u8]) -> Result<String, Kind> {
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    if body.iter().all(u8::is_ascii_whitespace) {
        Err(Kind::Empty)
    } else if !kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with(b"application/json")) {
        Err(Kind::WrongContentType)
    } else {
        Ok(String::from_utf8_lossy(body).into_owned())
    }
}

fn read_page<E>(
    endpoint: Endpoint,
    body: &str,
    span: (u64, u64),
    element: impl Fn(&str) -> E,
) -> Answer<Page<E>> {
    Page::read(body, span, element).map_err(|_| Failure::new(Kind::NotUnderstood, endpoint))
}
