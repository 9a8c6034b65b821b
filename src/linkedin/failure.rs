//! What can go wrong between Leadline and LinkedIn, as values: what it was, what to do about it,
//! and what to tell the administrator. How refusals are told apart is in `refusal`.

use std::fmt;

use crate::backoff::next_midnight_utc;
use crate::error::{Error, Kind as ErrorKind};

/// The calls that are made, by the names LinkedIn has for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// Ad accounts.
    AdAccounts,
    /// Roles on ad accounts.
    AdAccountUsers,
    /// Campaigns of an ad account.
    Campaigns,
    /// Roles on company pages.
    OrganizationAcls,
    /// Lead forms.
    LeadForms,
    /// Lead responses.
    LeadResponses,
    /// Who the member is.
    UserInfo,
}

impl Endpoint {
    /// LinkedIn's name for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Endpoint::AdAccounts => "adAccounts",
            Endpoint::AdAccountUsers => "adAccountUsers",
            Endpoint::Campaigns => "adCampaigns",
            Endpoint::OrganizationAcls => "organizationAcls",
            Endpoint::LeadForms => "leadForms",
            Endpoint::LeadResponses => "leadFormResponses",
            Endpoint::UserInfo => "userinfo",
        }
    }

    /// What people call what it gives.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Endpoint::AdAccounts => "ad accounts",
            Endpoint::AdAccountUsers => "roles on ad accounts",
            Endpoint::Campaigns => "campaigns",
            Endpoint::OrganizationAcls => "roles on company pages",
            Endpoint::LeadForms => "lead forms",
            Endpoint::LeadResponses => "leads",
            Endpoint::UserInfo => "the member's name",
        }
    }

    /// The permission that it needs.
    #[must_use]
    pub fn scope(self) -> &'static str {
        match self {
            Endpoint::AdAccounts | Endpoint::AdAccountUsers | Endpoint::Campaigns => "r_ads",
            Endpoint::OrganizationAcls => "r_organization_admin",
            Endpoint::LeadForms | Endpoint::LeadResponses => "r_marketing_leadgen_automation",
            Endpoint::UserInfo => "openid profile",
        }
    }
}

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// No connection came about.
    Unreachable,
    /// There was no answer in time.
    TimedOut,
    /// The connection broke in the middle of the answer.
    CutOff,
    /// The answer is larger than any answer may be.
    TooLarge,
    /// The same of a page, which can be asked for in smaller parts.
    PageTooLarge,
    /// The answer has nothing in it.
    Empty,
    /// The answer is something else than JSON.
    WrongContentType,
    /// The answer is not the JSON that was asked for.
    NotUnderstood,
    /// LinkedIn's address answers with another address.
    Redirected,
    /// 400, and the request is wrong.
    BadRequest,
    /// 400 on a page that may have been too large.
    PageRefused,
    /// 401: no token.
    TokenEmpty,
    /// 401: a token that LinkedIn does not know, or not yet.
    TokenInvalid,
    /// 401: the member took the token back.
    TokenRevoked,
    /// 401: the token's time is over.
    TokenExpired,
    /// 401 without a reason; on leads it may also mean a missing role.
    Unauthorized,
    /// 403: the application or the token lacks a product or scope.
    ScopeMissing,
    /// 403: the member lacks a role.
    RoleMissing,
    /// 404: there is no such call.
    NoSuchCall,
    /// 404: there is no such thing, no longer, or not for this member.
    Gone,
    /// 409: something changed in between.
    Conflict,
    /// 426: this version of the API is switched off.
    VersionGone,
    /// 429: the quota of a day is used up.
    DayQuota(Whose),
    /// 429: too fast.
    Throttled,
    /// 408 and 5xx: LinkedIn is unwell.
    ServerTrouble,
    /// 501: LinkedIn cannot do this.
    NotImplemented,
    /// Any other refusal: 405, 411, 412, 414, 422 and whatever comes up.
    Refused,
}

/// Whose quota or pause it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Whose {
    /// Of the application as a whole.
    App,
    /// Of this member alone.
    Member,
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Try again after a while, at the earliest then.
    Retry {
        /// What LinkedIn asked for, if it did.
        not_before: Option<i64>,
    },
    /// Make no such call until then, plus a little jitter.
    ParkUntil {
        /// When the quota begins anew.
        until: i64,
        /// Whose calls have to wait.
        scope: Whose,
    },
    /// Refresh the token once; without success the member has to authorize again.
    Refresh,
    /// The member has to authorize again.
    Reconnect,
    /// Ask LinkedIn about the token: if it is active, a role is missing.
    Introspect,
    /// The application lacks a product, or the member consented to too little.
    ScopeMissing,
    /// The member lacks a role.
    RoleMissing,
    /// The thing is not there any more.
    Gone,
    /// Ask for fewer at once.
    SmallerPages,
    /// Stop and alert whoever runs Leadline; no connection is broken.
    OperatorAlert,
    /// Do not try again: the request itself is wrong.
    Bug,
}

/// A call that failed. It never holds the token or a text of LinkedIn's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong.
    pub kind: Kind,
    /// Which call it was.
    pub endpoint: Endpoint,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// LinkedIn's code.
    pub code: Option<String>,
    /// LinkedIn's other code.
    pub service_error_code: Option<i64>,
    /// LinkedIn's name for the request, which its support asks for.
    pub li_uuid: Option<String>,
    /// How long LinkedIn asked to wait, in milliseconds, at most a day.
    pub retry_after: Option<i64>,
}

impl Failure {
    /// A failure without an answer, or with one that is not a refusal.
    #[must_use]
    pub fn new(kind: Kind, endpoint: Endpoint) -> Failure {
        Failure {
            kind,
            endpoint,
            status: None,
            code: None,
            service_error_code: None,
            li_uuid: None,
            retry_after: None,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn action(&self, now: i64) -> Action {
        match self.kind {
            Kind::Unreachable
            | Kind::TimedOut
            | Kind::CutOff
            | Kind::Empty
            | Kind::WrongContentType
            | Kind::NotUnderstood
            | Kind::Conflict
            | Kind::Throttled
            | Kind::ServerTrouble => Action::Retry {
                not_before: self.retry_after.map(|wait| now.saturating_add(wait)),
            },
            Kind::DayQuota(scope) => Action::ParkUntil {
                until: next_midnight_utc(now),
                scope,
            },
            Kind::PageTooLarge | Kind::PageRefused => Action::SmallerPages,
            Kind::TokenInvalid | Kind::TokenExpired => Action::Refresh,
            Kind::TokenRevoked => Action::Reconnect,
            Kind::Unauthorized => Action::Introspect,
            Kind::ScopeMissing => Action::ScopeMissing,
            Kind::RoleMissing => Action::RoleMissing,
            Kind::Gone => Action::Gone,
            Kind::VersionGone | Kind::Redirected => Action::OperatorAlert,
            Kind::TooLarge
            | Kind::BadRequest
            | Kind::TokenEmpty
            | Kind::NoSuchCall
            | Kind::NotImplemented
            | Kind::Refused => Action::Bug,
        }
    }

    /// What happened and what to do, for the administrator.
    #[must_use]
    pub fn message(&self) -> String {
        let name = self.endpoint.label();
        match self.kind {
            Kind::Unreachable => "LinkedIn cannot be reached. Leadline tries again by itself; if this lasts, check the server's connection to the internet.".to_owned(),
            Kind::TimedOut => "LinkedIn did not answer in time. Leadline tries again by itself.".to_owned(),
            Kind::CutOff => "The connection to LinkedIn broke in the middle of an answer. Leadline tries again by itself.".to_owned(),
            Kind::Empty | Kind::WrongContentType | Kind::NotUnderstood => format!("LinkedIn's answer about {name} cannot be read. Leadline tries again by itself; if this lasts, check that no proxy stands between Leadline and LinkedIn, then report it."),
            Kind::PageTooLarge | Kind::PageRefused => format!("LinkedIn refused a page of {name}, or it was too large. Leadline asks for smaller pages by itself."),
            Kind::Redirected => "LinkedIn's address answers with a redirect, which Leadline does not follow. Check the configured API address, and that no proxy stands in between.".to_owned(),
            Kind::TokenInvalid => "LinkedIn does not accept the authorization of this user profile. Leadline tries to renew it; if it cannot, authorize the profile again.".to_owned(),
            Kind::TokenExpired => "The authorization of this user profile has expired. Leadline tries to renew it; if it cannot, authorize the profile again.".to_owned(),
            Kind::TokenRevoked => "The LinkedIn member has withdrawn the authorization. Authorize the user profile again.".to_owned(),
            Kind::Unauthorized => format!("LinkedIn refused {name} without saying why. Leadline checks the authorization; if that is in order, the member lacks a role on the ad account or its company page."),
            Kind::ScopeMissing => format!("LinkedIn does not let this application use {name}. In LinkedIn's developer portal, check that the application has the product with the permission {}; then authorize the user profile again.", self.endpoint.scope()),
            Kind::RoleMissing => format!("The LinkedIn member may not read {name} here. Give the member a role on the ad account and on the company page attached to it, then sync again."),
            Kind::Gone => "LinkedIn does not have this any more, or does not show it to this member.".to_owned(),
            Kind::VersionGone => "LinkedIn has switched off the version of its API that Leadline uses. Set a newer version in the configuration, or update Leadline.".to_owned(),
            Kind::DayQuota(Whose::App) => format!("The application has used up LinkedIn's quota for {name} for today. Leadline goes on after midnight UTC."),
            Kind::DayQuota(Whose::Member) => format!("This LinkedIn member has used up the quota for {name} for today. Leadline goes on after midnight UTC."),
            Kind::Throttled => "LinkedIn asks to slow down. Leadline goes on in a few minutes.".to_owned(),
            Kind::Conflict | Kind::ServerTrouble => "LinkedIn has a problem of its own. Leadline tries again by itself.".to_owned(),
            Kind::TooLarge => format!("LinkedIn's answer about {name} is larger than Leadline takes. Report it with what the log says."),
            Kind::TokenEmpty | Kind::BadRequest | Kind::NoSuchCall | Kind::NotImplemented | Kind::Refused => format!("LinkedIn does not accept the way in which Leadline asks for {name}. Update Leadline; if that does not help, report it with what the log says."),
        }
    }
}

/// What the log gets.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkedIn {}: {:?}", self.endpoint.name(), self.kind)?;
        if let Some(status) = self.status {
            write!(f, ", status {status}")?;
        }
        if let Some(code) = &self.code {
            write!(f, ", code {code}")?;
        }
        if let Some(code) = self.service_error_code {
            write!(f, ", service error code {code}")?;
        }
        if let Some(uuid) = &self.li_uuid {
            write!(f, ", X-LI-UUID {uuid}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        let kind = match failure.action(0) {
            Action::Retry { .. } | Action::ParkUntil { .. } | Action::SmallerPages => {
                ErrorKind::Unavailable
            }
            Action::Refresh
            | Action::Reconnect
            | Action::Introspect
            | Action::ScopeMissing
            | Action::RoleMissing => ErrorKind::Conflict,
            Action::Gone => ErrorKind::NotFound,
            Action::OperatorAlert | Action::Bug => ErrorKind::Internal,
        };
        Error::new(kind, failure.message()).with_detail(failure)
    }
}

#[cfg(test)]
mod tests;
