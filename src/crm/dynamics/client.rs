//! The client, and what it asks an organization about itself. What it does with rows is in `rows`.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::watch;
use tokio::time::Instant;
use url::Url;
use uuid::Uuid;

use super::Table;
use super::challenge::Challenge;
use super::column::TableDescription;
use super::connection::Connection;
use super::failure::{Class, Failure};
use super::limiter::Pace;
use super::metadata::{self, Answers, COMMON, TYPES};
use super::wire::{self, Call, Line};
use crate::error::Result;
use crate::http::Limits;

/// How an organization is spoken to.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How long a call may take and how large its answer may be.
    pub limits: Limits,
    /// What the service allows.
    pub pace: Pace,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            // Dataverse gives up a request after two minutes; whoever asks should know then.
            limits: Limits {
                total: std::time::Duration::from_secs(125),
                ..Limits::default()
            },
            pace: Pace::default(),
        }
    }
}

/// What a question who the application is is called.
pub(crate) const WHO_AM_I: &str = "GET WhoAmI";

/// One organization of Dataverse. Cheap to clone; clones share the token and the limits.
#[derive(Debug, Clone)]
pub struct Dynamics(pub(super) Arc<Line>);

/// Who the application is in the organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The organization's id; another one at the same address is another organization.
    pub organization_id: Uuid,
    /// The application's user.
    pub user_id: Uuid,
    /// The user's business unit.
    pub business_unit_id: Uuid,
}

impl Dynamics {
    /// A client for a connection.
    ///
    /// # Errors
    /// When Leadline may not speak to this place, or the certificate cannot be used.
    pub fn new(connection: &Connection) -> Result<Dynamics> {
        Dynamics::with(connection, Settings::default())
    }

    /// A client with these settings.
    ///
    /// # Errors
    /// As [`Dynamics::new`].
    pub fn with(connection: &Connection, settings: Settings) -> Result<Dynamics> {
        let line = Line::new(connection, settings.limits, settings.pace)?;
        Ok(Dynamics(Arc::new(line)))
    }

    /// The tenant that an organization says it belongs to, asked without a token.
    ///
    /// # Errors
    /// When there is no organization at the address, or Leadline may not speak to it.
    pub async fn discover_tenant(
        organization: &Url,
        allowed_hosts: &[String],
    ) -> Result<Challenge, Failure> {
        let limits = Limits::default();
        let told = wire::challenge(organization, allowed_hosts, limits).await?;
        Challenge::read(&told).ok_or_else(|| {
            Failure::new(Class::Setup, "GET without a token", "The environment does not say which tenant it belongs to. Copy the directory (tenant) ID from Entra.")
        })
    }

    /// Gets a token, which proves the application and the tenant, and nothing about its rights.
    ///
    /// # Errors
    /// When Entra ID gives none.
    pub async fn sign_in(&self) -> Result<(), Failure> {
        self.0.keeper().token(None).await.map(drop)
    }

    /// Who the application is; this proves that the organization knows it.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn who_am_i(&self) -> Result<Identity, Failure> {
        let call = Call::get(WHO_AM_I, "WhoAmI".to_owned(), String::new());
        let body = self.0.send(&call).await?.body;
        let id = |name: &str| id(&body[name]).ok_or_else(|| unread(WHO_AM_I));
        Ok(Identity {
            organization_id: id("OrganizationId")?,
            user_id: id("UserId")?,
            business_unit_id: id("BusinessUnitId")?,
        })
    }

    /// What people call the organization; `None` if the application may not know.
    ///
    /// # Errors
    /// When the call fails for another reason.
    pub async fn organization_name(&self) -> Result<Option<String>, Failure> {
        let query = "$select=name&$top=1".to_owned();
        let call = Call::get("GET organizations", "organizations".to_owned(), query);
        match self.0.send(&call).await {
            Ok(answer) => Ok(answer.body["value"][0]["name"].as_str().map(str::to_owned)),
            Err(failure) if failure.class == Class::Setup => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// What a table looks like, with labels in the first of these languages (LCID) that has one,
    /// else in the language of the application's user.
    ///
    /// # Errors
    /// When a call fails; [`Class::Setup`] when the environment has no such table.
    pub async fn describe(
        &self,
        table: Table,
        languages: &[u32],
    ) -> Result<TableDescription, Failure> {
        let own = format!("EntityDefinitions(LogicalName='{}')", table.name());
        let attributes = format!("{own}/Attributes");
        let select =
            "$select=LogicalName,EntitySetName,PrimaryIdAttribute,IsOptimisticConcurrencyEnabled";
        let definition = self.definition(own.clone(), select).await?;
        let columns = self.definitions(attributes.clone(), COMMON).await?;
        let mut details = Vec::new();
        for (cast, query) in TYPES {
            let path = format!("{attributes}/Microsoft.Dynamics.CRM.{cast}");
            details.extend(self.definitions(path, query).await?);
        }
        let keys = "$select=KeyAttributes,EntityKeyIndexStatus";
        let answers = Answers {
            table: definition,
            columns,
            details,
            keys: self.definitions(format!("{own}/Keys"), keys).await?,
        };
        metadata::read(&answers, languages).ok_or_else(|| unread("GET EntityDefinitions"))
    }

    /// The version of the organization's columns, once after each change of them that was noticed
    /// while rows were looked for; the first one that was told counts as a change.
    #[must_use]
    pub fn new_schema(&self) -> Option<String> {
        self.0.schema().take()
    }

    /// How many requests at once the service recommends, once it has said so.
    #[must_use]
    pub fn dop_hint(&self) -> Option<u32> {
        self.0.gate().hint()
    }

    /// Until when the service asked to wait, each time that it does. This client waits by itself; who
    /// keeps it has the next one wait too.
    #[must_use]
    pub fn pauses(&self) -> watch::Receiver<Option<Instant>> {
        self.0.gate().pauses()
    }

    async fn definition(&self, path: String, query: &str) -> Result<Value, Failure> {
        let call = Call::get("GET EntityDefinitions", path, query.to_owned());
        match self.0.send(&call).await {
            Ok(answer) => Ok(answer.body),
            // Whatever the code: where there is no definition, there is no table.
            Err(failure) if failure.status == Some(404) => Err(Failure {
                class: Class::Setup,
                said: "The environment has no leads: Dynamics 365 Sales is not installed in it, or this is another environment. Check the environment address.",
                ..failure
            }),
            Err(failure) => Err(failure),
        }
    }

    async fn definitions(&self, path: String, query: &str) -> Result<Vec<Value>, Failure> {
        let mut body = self.definition(path, query).await?;
        match body["value"].take() {
            Value::Array(all) => Ok(all),
            _ => Err(unread("GET EntityDefinitions")),
        }
    }
}

/// An id out of its JSON.
pub(super) fn id(value: &Value) -> Option<Uuid> {
    value.as_str()?.parse().ok()
}

/// An answer that is JSON, and not the one that was asked for.
pub(super) fn unread(call: &'static str) -> Failure {
    Failure::new(
        Class::Retry,
        call,
        "Dynamics 365 answered with something that Leadline did not ask for. Leadline tries again by itself; if this lasts, report it with what the log says.",
    )
}
