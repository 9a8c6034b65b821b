//! The client: one method for each thing that LinkedIn is asked for.

use std::sync::Arc;

use secrecy::SecretString;
use serde_json::value::RawValue;

use super::failure::{Endpoint, Failure, Kind};
use super::form::FormVersion;
use super::page::{Element, Page};
use super::reading::Reading;
use super::restli::{Query, Value, path_key};
use super::urn::Owner;
use super::wire::{Call, Connection};
use super::words::{AdAccount, AdAccountUser, Campaign, OrganizationAcl, UserInfo, Word};
use super::{API_URL, API_VERSION};
use crate::error::Result;
use crate::http::Limits;
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

impl LinkedIn {
    /// A client with these settings.
    ///
    /// # Errors
    /// When the address or the version cannot be used.
    pub fn new(settings: Settings) -> Result<LinkedIn> {
        let Settings {
            api_url,
            api_version,
            limits,
        } = settings;
        let connection = Connection::new(&api_url, &api_version, limits)?;
        Ok(LinkedIn(Arc::new(connection)))
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
        self.0.calls()
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

/// What the methods return.
type Answer<T> = Result<T, Failure>;

impl Member {
    /// All ad accounts that the member has a role on, whatever their state; test accounts as well.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn ad_accounts(&self) -> Answer<Vec<Element<AdAccount>>> {
        let endpoint = Endpoint::AdAccounts;
        let (mut all, mut token, mut start) = (Vec::new(), None::<String>, 0);
        for _ in 0..MOST_PAGES {
            let mut query = Query::finder("search")
                .fields(ACCOUNT_FIELDS)
                .with("pageSize", 1000_u64);
            if let Some(token) = token.take() {
                query = query.with("pageToken", token);
            } else if start > 0 {
                // Older answers of this finder are paged by offset and give no token.
                query = query.with("start", start);
            }
            let call = Call::new(endpoint, query);
            let page = self.page(&call, (start, 1000), Element::read).await?;
            let more = !page.elements.is_empty();
            all.extend(page.elements);
            start = all.len() as u64;
            token = page.next_token;
            if token.is_none() && !(more && page.total.is_some_and(|total| start < total)) {
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
        self.page(&call, (start, count), Element::read).await
    }

    /// A page of an ad account's campaigns; the next one is asked for with `next_token`.
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
        let call = Call::new(Endpoint::Campaigns, query)
            .at(format!("/rest/adAccounts/{account_id}/adCampaigns"));
        self.page(&call, (0, 100), Element::read).await
    }

    /// A page of leads.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn lead_responses(&self, wanted: &ResponsesQuery) -> Answer<Page<Reading>> {
        let lead_type = [("leadType", wanted.lead_type.as_str().into())];
        let range = [("start", wanted.from.into()), ("end", wanted.to.into())];
        let query = Query::finder("owner")
            .with("owner", wanted.owner.parameter())
            .with("leadType", Value::record(lead_type))
            .with("submittedAtTimeRange", Value::record(range))
            .fields(LEAD_FIELDS);
        let span = (wanted.start, wanted.count);
        let call = Call::new(Endpoint::LeadResponses, query).page(span.0, span.1);
        self.page(&call, span, Reading::of).await
    }

    /// One lead.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn lead_response(&self, id: &str) -> Answer<Reading> {
        let query = Query::default().fields(LEAD_FIELDS);
        let call = Call::new(Endpoint::LeadResponses, query)
            .at(format!("/rest/leadFormResponses/{}", path_key(id)));
        let object = |body: &str| {
            let raw: &RawValue = serde_json::from_str(body).ok()?;
            raw.get().starts_with('{').then(|| Reading::of(raw.get()))
        };
        self.get(&call, object).await
    }

    /// Who the member is; `None` if the application may not know. The quota of this call is small,
    /// and nothing depends on it.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn user_info(&self) -> Answer<Option<UserInfo>> {
        let call = Call::new(Endpoint::UserInfo, Query::default()).at("/v2/userinfo".to_owned());
        let info = |body: &str| Element::<UserInfo>::read(body).value.ok();
        match self.get(&call, info).await {
            Err(failure) if failure.status == Some(403) => Ok(None),
            answer => answer.map(Some),
        }
    }

    async fn all<T: Word>(&self, endpoint: Endpoint, query: &Query) -> Answer<Vec<Element<T>>> {
        let (mut all, mut start) = (Vec::new(), 0);
        for _ in 0..MOST_PAGES {
            let call = Call::new(endpoint, query.clone()).page(start, 100);
            let page = self.page(&call, (start, 100), Element::read).await?;
            let next = page.next_start();
            all.extend(page.elements);
            match next {
                Some(next) => start = next,
                None => return Ok(all),
            }
        }
        Err(Failure::new(Kind::NotUnderstood, endpoint))
    }

    async fn page<E>(
        &self,
        call: &Call,
        span: (u64, u64),
        element: impl Fn(&str) -> E,
    ) -> Answer<Page<E>> {
        let read = |body: &str| Page::read(body, span, element).ok();
        self.get(call, read).await
    }

    async fn get<T>(&self, call: &Call, read: impl FnOnce(&str) -> Option<T>) -> Answer<T> {
        self.linkedin.0.get(&self.token, call, read).await
    }
}
