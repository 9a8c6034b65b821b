//! Functions and documents about the organization itself.

use axum::http::Method;
use serde_json::{Value, json};

use super::Env;
use super::address::{Options, Segment};
use super::errors::{Failure, Outcome};
use super::schema::Kind;
use crate::dynamics::known;
use crate::server::{Call, Reply};

/// The version the organization says it has.
const VERSION: &str = "9.2.26111.00153";

/// The answer, if the path names none of the tables.
pub(super) fn answer(
    env: &Env<'_>,
    call: &Call,
    base: &str,
    segments: &[Segment],
) -> Outcome<Option<Reply>> {
    let name = match segments {
        [] => "",
        [one] => one.name.as_str(),
        _ => return Ok(None),
    };
    let body = match name {
        "" => service(env, base),
        "WhoAmI" => who_am_i(env, base),
        "RetrieveVersion" => {
            json!({ "@odata.context": context(base, "RetrieveVersionResponse"), "Version": VERSION })
        }
        "RetrieveCurrentOrganization" => organization(env, base),
        "$metadata" => return metadata(env, call).map(Some),
        _ => return Ok(None),
    };
    if call.method != Method::GET {
        return Err(Failure::new(
            404,
            "",
            format!(
                "No HTTP resource was found that matches the request URI '{}{}'.",
                env.url, call.path
            ),
        ));
    }
    Options::parse(&call.query)?;
    Ok(Some(Reply::json(200, &body)))
}

fn context(base: &str, kind: &str) -> String {
    format!("{base}/$metadata#Microsoft.Dynamics.CRM.{kind}")
}

fn service(env: &Env<'_>, base: &str) -> Value {
    let sets = env
        .organization
        .stores
        .values()
        .map(|store| store.table.set);
    let sets: Vec<Value> = sets
        .map(|set| json!({ "name": set, "kind": "EntitySet", "url": set }))
        .collect();
    json!({ "@odata.context": format!("{base}/$metadata"), "value": sets })
}

fn who_am_i(env: &Env<'_>, base: &str) -> Value {
    json!({
        "@odata.context": context(base, "WhoAmIResponse"),
        "BusinessUnitId": known::BUSINESS_UNIT,
        "UserId": env.caller.user.to_string(),
        "OrganizationId": env.organization.id,
    })
}

fn organization(env: &Env<'_>, base: &str) -> Value {
    let url = env.url;
    json!({
        "@odata.context": context(base, "RetrieveCurrentOrganizationResponse"),
        "Detail": {
            "OrganizationId": env.organization.id,
            "FriendlyName": env.organization.name,
            "OrganizationVersion": VERSION,
            "EnvironmentId": "e4f140e4-0000-4f08-9008-000000000001",
            "TenantId": known::TENANT,
            "Geo": "EMEA",
            "UrlName": "contoso",
            "UniqueName": "contoso",
            "State": "Enabled",
            "OrganizationType": "Customer",
            "Endpoints": {
                "Count": 1, "IsReadOnly": false, "Keys": ["WebApplication"], "Values": [format!("{url}/")],
            },
        },
    })
}

/// A small schema: names and types.
fn metadata(env: &Env<'_>, call: &Call) -> Outcome<Reply> {
    if call.method != Method::GET {
        return Err(Failure::method());
    }
    let mut types = String::new();
    for store in env.organization.stores.values() {
        let table = &store.table;
        types.push_str(&format!(
            "<EntityType Name=\"{}\"><Key><PropertyRef Name=\"{}\"/></Key>",
            table.name, table.key
        ));
        for column in table.columns.values() {
            let kind = match column.kind {
                Kind::Boolean { .. } => "Edm.Boolean",
                Kind::BigInt => "Edm.Int64",
                Kind::Integer { .. }
                | Kind::Choice { .. }
                | Kind::State { .. }
                | Kind::Status { .. } => "Edm.Int32",
                Kind::Decimal { .. } | Kind::Money { .. } => "Edm.Decimal",
                Kind::Date { only: true } => "Edm.Date",
                Kind::Date { only: false } => "Edm.DateTimeOffset",
                Kind::Key | Kind::Lookup { .. } => "Edm.Guid",
                _ => "Edm.String",
            };
            types.push_str(&format!(
                "<Property Name=\"{}\" Type=\"{kind}\"/>",
                column.property()
            ));
        }
        types.push_str("</EntityType>");
    }
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><edmx:Edmx Version=\"4.0\" xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\"><edmx:DataServices><Schema Namespace=\"Microsoft.Dynamics.CRM\" xmlns=\"http://docs.oasis-open.org/odata/ns/edm\">{types}</Schema></edmx:DataServices></edmx:Edmx>"
    );
    Ok(Reply::new(200, "application/xml", document))
}
