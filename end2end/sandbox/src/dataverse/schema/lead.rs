//! The `lead` table with the lengths, ranges and choices of the specification.

use super::parts::{choice, flag, formatted, lookup, owned, states, text};
use super::{Column, Kind, LookupKind, Required, Table};

const SOURCES: &str = "1=Advertisement|Anzeige;2=Employee Referral|Mitarbeiterempfehlung;3=External Referral|Externe Empfehlung;4=Partner|Partner;5=Public Relations|Öffentlichkeitsarbeit;6=Seminar|Seminar;7=Trade Show|Messe;8=Web|Web;9=Word of Mouth|Mundpropaganda;10=Other|Sonstiges";

const INDUSTRIES: &str = "1=Accounting|Buchhaltung;2=Agriculture and Non-petrol Natural Resource Extraction;3=Broadcasting Printing and Publishing;4=Brokers|Makler;5=Building Supply Retail;6=Business Services;7=Consulting|Beratung;8=Consumer Services;9=Design, Direction and Creative Management;10=Distributors, Dispatchers and Processors;11=Doctor's Offices and Clinics;12=Durable Manufacturing;13=Eating and Drinking Places;14=Entertainment Retail;15=Equipment Rental and Leasing;16=Financial|Finanzen;17=Food and Tobacco Processing;18=Inbound Capital Intensive Processing;19=Inbound Repair and Services;20=Insurance|Versicherung;21=Legal Services;22=Non-Durable Merchandise Retail;23=Outbound Consumer Service;24=Petrochemical Extraction and Distribution;25=Service Retail;26=SIG Affiliations;27=Social Services;28=Special Outbound Trade Contractors;29=Specialty Realty;30=Transportation|Transport;31=Utility Creation and Distribution;32=Vehicle Retail;33=Wholesale|Großhandel";

pub(super) fn table() -> Table {
    let mut columns = person();
    columns.extend(address());
    columns.extend(business());
    columns.extend(consents());
    columns.extend(lookups());
    columns.extend(owned());
    columns.extend(states(
        &[
            (0, "Open|Offen", 1),
            (1, "Qualified|Qualifiziert", 3),
            (2, "Disqualified|Disqualifiziert", 4),
        ],
        &[
            (1, "New|Neu", 0),
            (2, "Contacted|Kontaktiert", 0),
            (3, "Qualified|Qualifiziert", 1),
            (4, "Lost|Verloren", 2),
            (5, "Cannot Contact|Kontaktaufnahme nicht möglich", 2),
            (6, "No Longer Interested|Nicht mehr interessiert", 2),
            (7, "Canceled|Abgebrochen", 2),
        ],
    ));
    Table::new(
        ("lead", "Lead", "leads"),
        ("leadid", "fullname", 4),
        ("Lead|Lead", "Leads|Leads"),
        columns,
    )
}

fn person() -> Vec<Column> {
    vec![
        Column::new("LeadId", "Lead|Lead", Kind::Key)
            .required(Required::System)
            .create_only(),
        text("FullName", "Name|Name", 160).read_only(),
        text("FirstName", "First Name|Vorname", 50).required(Required::Recommended),
        text("MiddleName", "Middle Name|Zweiter Vorname", 50),
        text("LastName", "Last Name|Nachname", 50).required(Required::Application),
        text("Salutation", "Salutation|Anrede", 100),
        text("YomiFirstName", "Yomi First Name|Vorname (Yomi)", 150),
        text("YomiLastName", "Yomi Last Name|Nachname (Yomi)", 150),
        text("Subject", "Topic|Thema", 300).required(Required::Application),
        formatted("EMailAddress1", "Email|E-Mail", 100, "Email"),
        formatted(
            "EMailAddress2",
            "Email Address 2|E-Mail-Adresse 2",
            100,
            "Email",
        ),
        formatted(
            "EMailAddress3",
            "Email Address 3|E-Mail-Adresse 3",
            100,
            "Email",
        ),
        formatted("MobilePhone", "Mobile Phone|Mobiltelefon", 20, "Phone"),
        formatted(
            "Telephone1",
            "Business Phone|Telefon (geschäftlich)",
            50,
            "Phone",
        ),
        formatted("Telephone2", "Home Phone|Telefon (privat)", 50, "Phone"),
        formatted("Telephone3", "Other Phone|Anderes Telefon", 50, "Phone"),
        text("Fax", "Fax|Fax", 50),
        text("Pager", "Pager|Pager", 20),
        text("JobTitle", "Job Title|Position", 100),
        formatted("WebSiteUrl", "Website|Website", 200, "Url"),
        Column::new(
            "Description",
            "Description|Beschreibung",
            Kind::Memo { max: 2000 },
        ),
    ]
}

fn address() -> Vec<Column> {
    vec![
        text("Address1_Name", "Address 1: Name|Adresse 1: Name", 100),
        text("Address1_Line1", "Street 1|Straße 1", 250),
        text("Address1_Line2", "Street 2|Straße 2", 250),
        text("Address1_Line3", "Street 3|Straße 3", 250),
        text("Address1_City", "City|Ort", 80),
        text("Address1_County", "County|Landkreis", 50),
        text(
            "Address1_StateOrProvince",
            "State/Province|Bundesland/Kanton",
            50,
        ),
        text("Address1_PostalCode", "ZIP/Postal Code|Postleitzahl", 20),
        text("Address1_Country", "Country/Region|Land/Region", 80),
    ]
}

fn business() -> Vec<Column> {
    let money = |schema: &str, label: &str, max: f64| {
        let kind = Kind::Money {
            min: 0.0,
            max,
            precision: 2,
        };
        Column::new(schema, label, kind)
    };
    vec![
        text("CompanyName", "Company Name|Firmenname", 100).required(Required::Recommended),
        text("SIC", "SIC Code|SIC-Code", 20),
        Column::new(
            "NumberOfEmployees",
            "No. of Employees|Anzahl der Mitarbeiter",
            Kind::Integer {
                min: 0,
                max: 1_000_000,
            },
        ),
        money("Revenue", "Annual Revenue|Jahresumsatz", 1e14),
        Column {
            parent: Some("revenue".to_owned()),
            ..money(
                "Revenue_Base",
                "Annual Revenue (Base)|Jahresumsatz (Basis)",
                1e14,
            )
            .read_only()
        },
        money("BudgetAmount", "Budget Amount|Budgetbetrag", 1e12),
        money("EstimatedAmount", "Est. Value|Geschätzter Wert", 1e12),
        Column::new(
            "EstimatedCloseDate",
            "Est. Close Date|Gesch. Abschlussdatum",
            Kind::Date { only: true },
        ),
        Column::new(
            "ExchangeRate",
            "Exchange Rate|Wechselkurs",
            Kind::Decimal {
                min: 1e-12,
                max: 1e11,
                precision: 12,
            },
        )
        .read_only(),
        choice("LeadSourceCode", "Lead Source|Leadquelle", SOURCES, -1),
        choice("IndustryCode", "Industry|Branche", INDUSTRIES, -1),
        choice(
            "LeadQualityCode",
            "Rating|Bewertung",
            "1=Hot|Heiß;2=Warm|Warm;3=Cold|Kalt",
            2,
        ),
        choice(
            "PreferredContactMethodCode",
            "Preferred Method of Contact|Bevorzugte Kontaktmethode",
            "1=Any|Beliebig;2=Email|E-Mail;3=Phone|Telefon;4=Fax|Fax;5=Mail|Post",
            1,
        ),
        choice(
            "PriorityCode",
            "Priority|Priorität",
            "1=Default Value|Standardwert",
            1,
        ),
        choice(
            "SalesStageCode",
            "Sales Stage|Vertriebsphase",
            "1=Default Value|Standardwert",
            1,
        ),
        choice(
            "PurchaseTimeFrame",
            "Purchase Timeframe|Kaufzeitraum",
            "0=Immediate|Sofort;1=This Quarter|Dieses Quartal;2=Next Quarter|Nächstes Quartal;3=This Year|Dieses Jahr;4=Unknown|Unbekannt",
            -1,
        ),
        choice(
            "BudgetStatus",
            "Budget|Budget",
            "0=No Committed Budget|Kein zugesagtes Budget;1=May Buy|Kauft evtl.;2=Can Buy|Kann kaufen;3=Will Buy|Kauft",
            -1,
        ),
        choice(
            "Need",
            "Need|Bedarf",
            "0=Must have|Unbedingt;1=Should have|Sollte;2=Good to have|Gut;3=No need|Kein Bedarf",
            -1,
        ),
    ]
}

fn consents() -> Vec<Column> {
    let refusing = |schema: &str, label: &str| {
        flag(
            schema,
            label,
            ("Do Not Allow|Nicht zulassen", "Allow|Zulassen"),
            false,
        )
    };
    vec![
        refusing("DoNotEMail", "Do not allow Emails|Keine E-Mails zulassen"),
        refusing(
            "DoNotBulkEMail",
            "Do not allow Bulk Emails|Keine Massen-E-Mails zulassen",
        ),
        refusing(
            "DoNotPhone",
            "Do not allow Phone Calls|Keine Telefonanrufe zulassen",
        ),
        refusing("DoNotPostalMail", "Do not allow Mails|Keine Post zulassen"),
        refusing("DoNotSendMM", "Marketing Material|Marketingmaterial"),
        refusing("DoNotFax", "Do not allow Faxes|Keine Faxe zulassen"),
        flag(
            "FollowEmail",
            "Follow Email Activity|E-Mail-Aktivität folgen",
            ("Allow|Zulassen", "Do Not Allow|Nicht zulassen"),
            true,
        ),
    ]
}

fn lookups() -> Vec<Column> {
    let plain = |schema: &str, label: &str, table: &str| {
        let property = schema.to_ascii_lowercase();
        lookup(schema, label, LookupKind::Lookup, &[(table, &property)])
    };
    vec![
        plain("CampaignId", "Source Campaign|Quellkampagne", "campaign"),
        plain(
            "ParentAccountId",
            "Parent Account for lead|Übergeordnete Firma",
            "account",
        ),
        plain(
            "ParentContactId",
            "Parent Contact for lead|Übergeordneter Kontakt",
            "contact",
        ),
        plain(
            "TransactionCurrencyId",
            "Currency|Währung",
            "transactioncurrency",
        ),
        lookup(
            "CustomerId",
            "Customer|Kunde",
            LookupKind::Customer,
            &[
                ("account", "customerid_account"),
                ("contact", "customerid_contact"),
            ],
        ),
    ]
}
