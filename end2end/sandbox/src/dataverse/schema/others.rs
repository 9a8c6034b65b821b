//! The tables around leads, with as many columns as a lead sync looks at.

use super::parts::{flag, formatted, lookup, owned, states, text};
use super::{Column, Kind, LookupKind, Required, Table};

const STATES: &[(i64, &str, i64)] = &[(0, "Active|Aktiv", 1), (1, "Inactive|Inaktiv", 2)];
const STATUSES: &[(i64, &str, i64)] = &[(1, "Active|Aktiv", 0), (2, "Inactive|Inaktiv", 1)];

fn key(schema: &str, label: &str) -> Column {
    Column::new(schema, label, Kind::Key)
        .required(Required::System)
        .create_only()
}

pub(super) fn contact() -> Table {
    let mut columns = vec![
        key("ContactId", "Contact|Kontakt"),
        text("FullName", "Full Name|Vollständiger Name", 160).read_only(),
        text("FirstName", "First Name|Vorname", 50).required(Required::Recommended),
        text("MiddleName", "Middle Name|Zweiter Vorname", 50),
        text("LastName", "Last Name|Nachname", 50).required(Required::Application),
        text("JobTitle", "Job Title|Position", 100),
        formatted("EMailAddress1", "Email|E-Mail", 100, "Email"),
        formatted(
            "EMailAddress2",
            "Email Address 2|E-Mail-Adresse 2",
            100,
            "Email",
        ),
        formatted("MobilePhone", "Mobile Phone|Mobiltelefon", 50, "Phone"),
        formatted(
            "Telephone1",
            "Business Phone|Telefon (geschäftlich)",
            50,
            "Phone",
        ),
        text("Address1_City", "Address 1: City|Adresse 1: Ort", 80),
        text(
            "Address1_StateOrProvince",
            "Address 1: State/Province|Adresse 1: Bundesland",
            50,
        ),
        text(
            "Address1_PostalCode",
            "Address 1: ZIP/Postal Code|Adresse 1: Postleitzahl",
            20,
        ),
        text(
            "Address1_Country",
            "Address 1: Country/Region|Adresse 1: Land/Region",
            80,
        ),
        Column::new(
            "Description",
            "Description|Beschreibung",
            Kind::Memo { max: 2000 },
        ),
        flag(
            "DoNotEMail",
            "Do not allow Emails|Keine E-Mails zulassen",
            ("Do Not Allow|Nicht zulassen", "Allow|Zulassen"),
            false,
        ),
        lookup(
            "ParentCustomerId",
            "Company Name|Firmenname",
            LookupKind::Customer,
            &[
                ("account", "parentcustomerid_account"),
                ("contact", "parentcustomerid_contact"),
            ],
        ),
        lookup(
            "OriginatingLeadId",
            "Originating Lead|Ursprünglicher Lead",
            LookupKind::Lookup,
            &[("lead", "originatingleadid")],
        ),
    ];
    columns.extend(owned());
    columns.extend(states(STATES, STATUSES));
    Table::new(
        ("contact", "Contact", "contacts"),
        ("contactid", "fullname", 2),
        ("Contact|Kontakt", "Contacts|Kontakte"),
        columns,
    )
}

pub(super) fn rest() -> Vec<Table> {
    vec![
        user(),
        named(
            ("account", "Account", "accounts"),
            ("accountid", 1),
            "Account|Firma",
        ),
        named(
            ("campaign", "Campaign", "campaigns"),
            ("campaignid", 4400),
            "Campaign|Kampagne",
        ),
        named(("team", "Team", "teams"), ("teamid", 9), "Team|Team"),
        named(
            ("businessunit", "BusinessUnit", "businessunits"),
            ("businessunitid", 10),
            "Business Unit|Unternehmensmandant",
        ),
        organization(),
        Table::new(
            (
                "transactioncurrency",
                "TransactionCurrency",
                "transactioncurrencies",
            ),
            ("transactioncurrencyid", "currencyname", 9105),
            ("Currency|Währung", "Currencies|Währungen"),
            vec![
                key("TransactionCurrencyId", "Currency|Währung"),
                text("CurrencyName", "Currency Name|Währungsname", 100),
                text("ISOCurrencyCode", "Currency Code|Währungscode", 5),
            ],
        ),
    ]
}

/// A table of which only the name matters here.
fn named(
    names: (&'static str, &'static str, &'static str),
    (id, code): (&'static str, u32),
    label: &str,
) -> Table {
    let columns = vec![
        Column {
            schema: format!("{}Id", names.1),
            ..key(id, label)
        },
        text("Name", "Name|Name", 160),
        Column::new(
            "VersionNumber",
            "Version Number|Versionsnummer",
            Kind::BigInt,
        )
        .read_only(),
    ];
    Table::new(names, (id, "name", code), (label, label), columns)
}

fn user() -> Table {
    let (yes, no) = ("Yes|Ja", "No|Nein");
    Table::new(
        ("systemuser", "SystemUser", "systemusers"),
        ("systemuserid", "fullname", 8),
        ("User|Benutzer", "Users|Benutzer"),
        vec![
            key("SystemUserId", "User|Benutzer"),
            text("FullName", "Full Name|Vollständiger Name", 200).read_only(),
            text("FirstName", "First Name|Vorname", 256),
            text("LastName", "Last Name|Nachname", 256),
            text("DomainName", "User Name|Benutzername", 1024),
            formatted(
                "InternalEMailAddress",
                "Primary Email|Primäre E-Mail-Adresse",
                100,
                "Email",
            ),
            Column::new("ApplicationId", "Application ID|Anwendungs-ID", Kind::Key),
            Column::new(
                "AzureActiveDirectoryObjectId",
                "Azure AD Object ID|Azure AD-Objekt-ID",
                Kind::Key,
            ),
            flag(
                "IsDisabled",
                "Status|Status",
                ("Disabled|Deaktiviert", "Enabled|Aktiviert"),
                false,
            ),
            flag(
                "IsLicensed",
                "User Licensed|Benutzer lizenziert",
                (yes, no),
                false,
            ),
            lookup(
                "BusinessUnitId",
                "Business Unit|Unternehmensmandant",
                LookupKind::Lookup,
                &[("businessunit", "businessunitid")],
            ),
            Column::new(
                "VersionNumber",
                "Version Number|Versionsnummer",
                Kind::BigInt,
            )
            .read_only(),
        ],
    )
}

fn organization() -> Table {
    Table::new(
        ("organization", "Organization", "organizations"),
        ("organizationid", "name", 1019),
        ("Organization|Organisation", "Organizations|Organisationen"),
        vec![
            key("OrganizationId", "Organization|Organisation"),
            text("Name", "Organization Name|Organisationsname", 160),
            Column::new(
                "LanguageCode",
                "Language|Sprache",
                Kind::Integer {
                    min: 0,
                    max: 20_490,
                },
            )
            .read_only(),
        ],
    )
}
