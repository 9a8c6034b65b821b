//! Dataverse's errors: status, code and message (specification 2.9).

use serde_json::{Map, Value, json};

use super::schema::Table;
use crate::server::Reply;

/// An error answer.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    /// What really happened, for the journal.
    pub(crate) reason: String,
    pub(crate) retry_after: Option<u64>,
    /// What is told besides when annotations are asked for.
    pub(crate) details: Vec<(&'static str, String)>,
}

pub(crate) type Outcome<T> = Result<T, Failure>;

impl Failure {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Failure {
        Failure {
            status,
            code: code.to_owned(),
            message: message.into(),
            reason: String::new(),
            retry_after: None,
            details: Vec::new(),
        }
    }

    pub(crate) fn because(mut self, reason: impl Into<String>) -> Failure {
        self.reason = reason.into();
        self
    }

    /// A URL that cannot be understood.
    pub(crate) fn syntax(message: impl Into<String>) -> Failure {
        Failure::new(400, "0x80060888", message)
    }

    /// `$select`, `$filter` or `$orderby` names what is not there.
    pub(crate) fn no_property(name: &str, kind: &str) -> Failure {
        Failure::new(
            400,
            "0x0",
            format!(
                "Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{kind}'."
            ),
        )
    }

    /// A body that does not fit the table.
    pub(crate) fn payload(set: &str, inner: impl Into<String>) -> Failure {
        let inner = inner.into();
        Failure::new(
            400,
            "0x80048d19",
            format!("Error identified in Payload provided by the user for Entity :'{set}' {inner}"),
        )
    }

    /// `lead With Id = … Does Not Exist`.
    pub(crate) fn no_row(table: &str, id: &str) -> Failure {
        Failure::new(
            404,
            "0x80040217",
            format!("{table} With Id = {id} Does Not Exist"),
        )
    }

    pub(crate) fn no_resource(segment: &str) -> Failure {
        Failure::new(
            404,
            "0x8006088a",
            format!("Resource not found for the segment '{segment}'."),
        )
    }

    pub(crate) fn method() -> Failure {
        Failure::new(
            405,
            "0x80060888",
            "The requested resource does not support this http method.",
        )
    }

    pub(crate) fn privilege(user: &str, privilege: &str, table: &Table) -> Failure {
        let Table { name, code, .. } = table;
        Failure::new(
            403,
            "0x80040220",
            format!(
                "Principal user (Id={user}, type=8, roleCount=1) is missing {privilege} privilege on OTC={code} for entity '{name}'."
            ),
        )
        .because(format!("{privilege} is missing"))
    }

    /// The role reaches the table, and not this row of it.
    pub(crate) fn unreachable() -> Failure {
        Failure::new(
            403,
            "0x80048306",
            "Principal user does not have access to the record.",
        )
    }

    pub(crate) fn value(code: &str, message: impl AsRef<str>) -> Failure {
        Failure::new(
            400,
            code,
            format!("A validation error occurred. {}", message.as_ref()),
        )
    }

    pub(crate) fn json(&self, annotated: bool) -> Value {
        let mut error = Map::new();
        error.insert("code".to_owned(), json!(self.code));
        error.insert("message".to_owned(), json!(self.message));
        if annotated {
            for (name, value) in &self.details {
                error.insert(
                    format!("@Microsoft.PowerApps.CDS.ErrorDetails.{name}"),
                    json!(value),
                );
            }
        }
        json!({ "error": error })
    }

    pub(crate) fn reply(&self, annotated: bool) -> Reply {
        let mut reply = Reply::json(self.status, &self.json(annotated));
        reply.reason.clone_from(&self.reason);
        if let Some(seconds) = self.retry_after {
            reply = reply.with("retry-after", seconds.to_string());
        }
        // The code, for the journal.
        reply.endpoint.clone_from(&self.code);
        reply
    }
}

type Row = (&'static str, u16, &'static str);

/// Every row of the catalogue that has a code, for injection. Those the stand-in also finds itself
/// are in it too, because an organization can answer them at any time.
const CATALOGUE: &[Row] = &[
    ("0x80060888", 400, "The URL is malformed."),
    (
        "0x0",
        400,
        "Could not find a property named 'Name' on type 'Microsoft.Dynamics.CRM.lead'.",
    ),
    (
        "0x80048d19",
        400,
        "Error identified in Payload provided by the user for Entity :'leads'",
    ),
    (
        "0x80044331",
        400,
        "A validation error occurred.  The length of the 'subject' attribute of the 'lead' entity exceeded the maximum allowed length of '300'.",
    ),
    (
        "0x8004431A",
        400,
        "A validation error occurred. The value 3 of 'industrycode' on record of type 'lead' is outside the valid range. Accepted Values: 1,2",
    ),
    (
        "0x8004432F",
        400,
        "A validation error occurred. The value of 'numberofemployees' is outside the valid range.",
    ),
    (
        "0x80044330",
        400,
        "A validation error occurred. The value of 'revenue' is outside the valid range.",
    ),
    (
        "0x80048408",
        400,
        "3 is not a valid status code for state code LeadState.Open on lead.",
    ),
    (
        "0x80040265",
        400,
        "Every lead of ours needs a cost centre (from a plug-in).",
    ),
    ("0x80040203", 400, "Invalid argument."),
    (
        "0x80072560",
        403,
        "The user is not a member of the organization.",
    ),
    (
        "0x80040220",
        403,
        "Principal user is missing prvCreateLead privilege on OTC=4 for entity 'lead'.",
    ),
    (
        "0x80048306",
        403,
        "Principal user does not have access to the record.",
    ),
    (
        "0x80040299",
        403,
        "CrmCheckPrivilege failed. The user does not have the privilege.",
    ),
    (
        "0x80042F09",
        403,
        "The user has not been assigned any roles.",
    ),
    (
        "0x8004F502",
        403,
        "The user does not have read permissions to a secured field.",
    ),
    (
        "0x8004F507",
        403,
        "The user does not have update permissions to a secured field.",
    ),
    (
        "0x8006088a",
        404,
        "Resource not found for the segment 'leads'.",
    ),
    (
        "0x80040217",
        404,
        "lead With Id = 00000000-0000-0000-0000-000000000000 Does Not Exist",
    ),
    (
        "0x80060891",
        404,
        "A record with the specified key values does not exist in lead entity",
    ),
    (
        "0x80060892",
        412,
        "Entity Key violated. A record with the same value already exists. A duplicate record cannot be created. Select one or more unique values and try again.",
    ),
    ("0x80040237", 412, "Cannot insert duplicate key."),
    (
        "0x80040333",
        412,
        "A record was not created or updated because a duplicate of the current record already exists.",
    ),
    (
        "0x80060882",
        412,
        "The version of the existing record doesn't match the RowVersion property provided.",
    ),
    ("0x80044150", 500, "Generic SQL error."),
    ("0x80044151", 500, "SQL timeout expired."),
    (
        "0x80073002",
        500,
        "Unique index violation, the index is not known.",
    ),
];

/// The error of a code, as the kind of an injected fault: `0x80044150`.
pub(crate) fn catalogued(kind: &str) -> Option<Failure> {
    let mut rows = CATALOGUE.iter();
    let (code, status, message) = rows.find(|row| row.0.eq_ignore_ascii_case(kind))?;
    Some(Failure::new(*status, code, *message).because("injected fault"))
}
