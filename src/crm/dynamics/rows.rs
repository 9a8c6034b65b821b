//! Rows: found, read, made, changed.

use std::collections::{BTreeMap, BTreeSet};

use http::{StatusCode, header};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Table;
use super::catalogue::{DUPLICATE_ID, Effect, NO_ROW, number};
use super::client::{Dynamics, id, unread};
use super::failure::{Class, Failure};
use super::filter::{Filter, encode};
use super::refusal::Asked;
use super::wire::Call;
use crate::error::Result;

/// What the customer's plug-ins see of where a write came from.
const TAG: &str = "tag=linkedin-sync";
/// More rows than this are no answer to one question.
const MOST_ROWS: u32 = 5000;
/// A user's primary key.
const USER_ID: &str = "systemuserid";
/// A user's e-mail address.
const USER_EMAIL: &str = "internalemailaddress";

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its primary key.
    pub id: Uuid,
    /// Its version, for [`Dynamics::update`].
    pub etag: String,
    /// The columns that were asked for, by property, without annotations.
    pub columns: Map<String, Value>,
}

/// What the organization says of a write that it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The version of the row now.
    pub etag: String,
    /// The service's name for the request, which Microsoft's support asks for.
    pub request_id: Option<String>,
}

/// What became of a creation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// There is a new row of this version.
    Made(Receipt),
    /// There was a row with this id before; read it to know whether it is the one that was meant.
    Existed,
}

/// What sets the owner of a row to a user: the property and its value.
#[must_use]
pub fn bind_owner(user: Uuid) -> (String, Value) {
    (
        "ownerid@odata.bind".to_owned(),
        format!("/systemusers({user})").into(),
    )
}

impl Dynamics {
    /// The rows that fulfil a condition, those changed last first; at most `top`.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn find(
        &self,
        table: Table,
        filter: &Filter,
        select: &[&str],
        top: u32,
    ) -> Result<Vec<Record>, Failure> {
        let query = format!(
            "$select={}&$filter={}&$orderby=modifiedon%20desc&$top={}",
            columns(table, select),
            filter.encoded(),
            top.clamp(1, MOST_ROWS)
        );
        let asked = "GET a set of rows";
        let call = Call::get(asked, table.set().to_owned(), query).telling_schema();
        let body = self.0.send(&call).await?.body;
        let rows = body["value"].as_array().ok_or_else(|| unread(asked))?;
        let rows = rows.iter().map(|row| record(table, row, None));
        rows.collect::<Option<Vec<Record>>>()
            .ok_or_else(|| unread(asked))
    }

    /// One row; `None` when the organization says that there is none.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn read(
        &self,
        table: Table,
        id: Uuid,
        select: &[&str],
    ) -> Result<Option<Record>, Failure> {
        let query = format!("$select={}", columns(table, select));
        let call = Call::get("GET a row", path(table, id), query);
        match self.0.send(&call).await {
            Ok(answer) => {
                let record = record(table, &answer.body, answer.etag);
                record.map(Some).ok_or_else(|| unread("GET a row"))
            }
            Err(failure) if is_no_row(&failure) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Makes a row with this id, unless there is one.
    ///
    /// # Errors
    /// When the call fails; [`Class::Existed`] when another row has a value that may exist only
    /// once.
    pub async fn create(
        &self,
        table: Table,
        id: Uuid,
        columns: Map<String, Value>,
    ) -> Result<Written, Failure> {
        let asked = Asked {
            call: "PATCH a new row",
            effect: Effect::Make,
        };
        let condition = (header::IF_NONE_MATCH, "*".to_owned());
        match self.write(table, id, asked, condition, columns).await {
            Ok(receipt) => Ok(Written::Made(receipt)),
            Err(failure) if is_this_row(&failure) => Ok(Written::Existed),
            Err(failure) => Err(failure),
        }
    }

    /// Changes columns of a row that is still of this version.
    ///
    /// # Errors
    /// When the call fails; [`Class::Stale`] when somebody else changed the row, [`Class::Gone`]
    /// when it does not exist.
    pub async fn update(
        &self,
        table: Table,
        id: Uuid,
        etag: &str,
        columns: Map<String, Value>,
    ) -> Result<Receipt, Failure> {
        let asked = Asked {
            call: "PATCH a row",
            effect: Effect::Change,
        };
        let condition = (header::IF_MATCH, etag.to_owned());
        self.write(table, id, asked, condition, columns).await
    }

    /// Deletes a row. Leadline deletes nothing but the lead by which it tries out a connection.
    ///
    /// # Errors
    /// When the call fails; [`Class::Setup`] when the role may not delete.
    pub async fn delete(&self, table: Table, id: Uuid) -> Result<(), Failure> {
        let asked = Asked {
            call: "DELETE a row",
            effect: Effect::Change,
        };
        let call = Call::delete(asked, path(table, id));
        self.0.send(&call).await.map(drop)
    }

    /// The user with this e-mail address, if there is exactly one who is not disabled.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn find_user(&self, email: &str) -> Result<Option<Uuid>, Failure> {
        let email = email.trim();
        if email.is_empty() {
            return Ok(None);
        }
        let filter = Filter::eq(USER_EMAIL, email).and(Filter::is("isdisabled", false));
        let query = format!("$select={USER_ID}&$filter={}&$top=2", filter.encoded());
        let call = Call::get("GET systemusers", "systemusers".to_owned(), query);
        let body = self.0.send(&call).await?.body;
        match body["value"].as_array().map(Vec::as_slice) {
            Some([user]) => Ok(id(&user[USER_ID])),
            Some(_) => Ok(None),
            None => Err(unread("GET systemusers")),
        }
    }

    /// The e-mail addresses of these users, by id; whoever has none, or is no user, is missing.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn find_emails(
        &self,
        users: &BTreeSet<Uuid>,
    ) -> Result<BTreeMap<Uuid, String>, Failure> {
        let asked = "GET systemusers";
        let mut emails = BTreeMap::new();
        for filter in Filter::any(users.iter().map(|user| Filter::eq_id(USER_ID, *user))) {
            let query = format!(
                "$select={USER_ID},{USER_EMAIL}&$filter={}",
                filter.encoded()
            );
            let call = Call::get(asked, "systemusers".to_owned(), query);
            let body = self.0.send(&call).await?.body;
            let rows = body["value"].as_array().ok_or_else(|| unread(asked))?;
            emails.extend(rows.iter().filter_map(|row| {
                let email = row[USER_EMAIL].as_str()?.trim();
                Some((id(&row[USER_ID])?, email.to_owned())).filter(|_| !email.is_empty())
            }));
        }
        Ok(emails)
    }

    async fn write(
        &self,
        table: Table,
        id: Uuid,
        asked: Asked,
        condition: (header::HeaderName, String),
        columns: Map<String, Value>,
    ) -> Result<Receipt, Failure> {
        let query = format!("{TAG}&$select={}", table.id_column());
        let call = Call::patch(asked, path(table, id), query, condition, columns);
        let answer = self.0.send(&call).await?;
        let told = answer.body["@odata.etag"].as_str().map(str::to_owned);
        match told.or(answer.etag) {
            Some(etag) => Ok(Receipt {
                etag,
                request_id: answer.request_id,
            }),
            None => Err(Failure {
                class: Class::Ambiguous,
                status: Some(answer.status.as_u16()),
                request_id: answer.request_id,
                ..unread(asked.call)
            }),
        }
    }
}

fn path(table: Table, id: Uuid) -> String {
    format!("{}({id})", table.set())
}

/// The list for `$select`; the key is in it.
fn columns(table: Table, select: &[&str]) -> String {
    let key = table.id_column();
    let more = select.iter().filter(|name| **name != key);
    let all = std::iter::once(key).chain(more.copied()).map(encode);
    all.collect::<Vec<String>>().join(",")
}

/// A row out of its JSON.
fn record(table: Table, row: &Value, etag: Option<String>) -> Option<Record> {
    let columns = row.as_object()?;
    let own = columns.get("@odata.etag").and_then(Value::as_str);
    Some(Record {
        id: id(columns.get(table.id_column())?)?,
        etag: own.map(str::to_owned).or(etag)?,
        columns: columns
            .iter()
            .filter(|(name, _)| !name.contains('@'))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    })
}

/// Whether Dataverse itself says that there is no such row, and not something in between.
fn is_no_row(failure: &Failure) -> bool {
    let code = number(&failure.code);
    let said = code.is_none_or(|code| NO_ROW.contains(&code));
    failure.status == Some(StatusCode::NOT_FOUND.as_u16()) && failure.class == Class::Gone && said
}

/// Whether a creation met the row that it wanted to make. Another key that exists is another row's.
fn is_this_row(failure: &Failure) -> bool {
    let code = number(&failure.code);
    failure.class == Class::Existed && code.is_none_or(|code| code == DUPLICATE_ID)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_row_is_read_without_its_annotations() {
        let row = json!({
            "@odata.context": "x", "@odata.etag": "W/\"7\"", "leadid": Uuid::nil(),
            "leadsourcecode": 7, "leadsourcecode@OData.Community.Display.V1.FormattedValue": "Trade Show",
        });
        let record = record(Table::Leads, &row, None).unwrap();
        assert_eq!((record.id, &*record.etag), (Uuid::nil(), "W/\"7\""));
        assert_eq!(record.columns.len(), 2);
        assert_eq!(record.columns["leadsourcecode"], 7);
    }

    #[test]
    fn a_row_without_an_id_or_a_version_is_none() {
        for row in [
            json!({ "leadid": Uuid::nil() }),
            json!({ "@odata.etag": "W/\"7\"" }),
            json!({ "@odata.etag": "W/\"7\"", "leadid": "x" }),
            json!([]),
        ] {
            assert_eq!(record(Table::Leads, &row, None), None, "{row}");
        }
    }

    #[test]
    fn the_key_is_always_selected() {
        let table = [
            (
                &["lastname", "_ownerid_value"][..],
                "leadid,lastname,_ownerid_value",
            ),
            (&["leadid"], "leadid"),
            (&[], "leadid"),
            (&["a&b"], "leadid,a%26b"),
        ];
        for (select, wanted) in table {
            assert_eq!(columns(Table::Leads, select), wanted);
        }
    }
}
