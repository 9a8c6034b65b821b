//! Who may do what: the role table of the product, by noun, as far as addresses are concerned.

/// The roles, in the order of the table's columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Administrator,
    Salesperson,
    Inbound,
}

/// How far somebody reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nothing: the permission is missing.
    None,
    /// What is their own; another's row is not there for them.
    Own,
    /// Everything.
    All,
}

use Reach::{All, None as No, Own};

/// What is reached without signing in, and nothing else. Each also stands for what lies below it.
pub const PUBLIC: [&str; 7] = [
    "/sign-in",
    "/first-start",
    "/healthz",
    "/readyz",
    "/webhooks/linkedin",
    "/auth/linkedin/callback",
    "/pkg",
];

/// One line of the table: a noun, under all the addresses that it has.
pub struct Noun {
    /// Where it is.
    pub at: &'static [&'static str],
    /// How far Administrator, Salesperson and S2S Inbound may read.
    pub read: [Reach; 3],
    /// How far they may write.
    pub write: [Reach; 3],
    /// Which rows belong to the person `{person}`: selects their ids as `n`. Where rows belong to
    /// nobody, any row.
    pub rows: &'static str,
}

/// The table.
pub const NOUNS: &[Noun] = &[
    Noun {
        at: &[
            "/",
            "/sync",
            "/fn/sync_progress",
            "/api/v1/sync-status",
            "/api/v1/sync-requests",
        ],
        read: [All, All, No],
        write: [All, No, No],
        rows: ACCOUNTS,
    },
    Noun {
        at: &["/sign-out", "/me"],
        read: [All, All, No],
        write: [All, All, No],
        rows: "",
    },
    Noun {
        at: &["/settings", "/crm", "/api/v1/crm"],
        read: [All, No, No],
        write: [All, No, No],
        rows: "",
    },
    Noun {
        at: &["/api/docs", "/api/v1/openapi.json"],
        read: [All, All, All],
        write: [No, No, No],
        rows: "",
    },
    Noun {
        at: &["/audit", "/api/v1/audit-events"],
        read: [All, No, No],
        write: [No, No, No],
        rows: "SELECT id AS n FROM audit_event",
    },
    Noun {
        at: &["/users", "/api/v1/users"],
        read: [All, No, No],
        write: [All, No, No],
        rows: "SELECT id AS n FROM person WHERE email = 'spare@example.com'",
    },
    Noun {
        at: &["/tokens", "/api/v1/tokens"],
        read: [All, No, No],
        write: [All, No, No],
        rows: "SELECT id AS n FROM api_token WHERE name = 'spare'",
    },
    Noun {
        at: &["/matching", "/api/v1/matching-strategies"],
        read: [All, No, All],
        write: [All, No, No],
        rows: "SELECT id AS n FROM matching_strategy",
    },
    Noun {
        at: &["/mappings"],
        read: [All, No, All],
        write: [All, No, No],
        rows: "SELECT id AS n FROM field_mapping",
    },
    // Another row, which is still there when the page has deleted its own.
    Noun {
        at: &["/api/v1/field-mappings"],
        read: [All, No, All],
        write: [All, No, No],
        rows: "SELECT id AS n FROM field_mapping WHERE lead_field = 'jobtitle'",
    },
    Noun {
        at: &["/fields"],
        read: [All, No, No],
        write: [All, No, No],
        rows: "SELECT id AS n FROM lead_field WHERE name = 'leadline_spare'",
    },
    Noun {
        at: &["/api/v1/lead-fields"],
        read: [All, No, All],
        write: [All, No, No],
        rows: "SELECT id AS n FROM lead_field WHERE name = 'leadline_other'",
    },
    Noun {
        at: &["/campaigns", "/api/v1/campaigns"],
        read: [All, All, No],
        write: [No, No, No],
        rows: "SELECT id AS n FROM campaign",
    },
    Noun {
        at: &["/profiles", "/auth/linkedin", "/api/v1/user-profiles"],
        read: [All, Own, All],
        write: [Own, Own, No],
        rows: "SELECT id AS n FROM user_profile WHERE owner_id = {person}",
    },
    Noun {
        at: &["/accounts", "/api/v1/linked-accounts"],
        read: [All, Own, All],
        write: [All, No, No],
        rows: ACCOUNTS,
    },
    Noun {
        at: &["/forms", "/api/v1/forms"],
        read: [All, All, No],
        write: [No, No, No],
        rows: "SELECT id AS n FROM form WHERE current",
    },
    Noun {
        at: &["/forms/changes", "/api/v1/form-changes"],
        read: [All, All, No],
        write: [All, No, No],
        rows: "SELECT id AS n FROM form_change",
    },
    Noun {
        at: &["/submissions", "/api/v1/submissions"],
        read: [All, All, No],
        write: [All, No, No],
        rows: "SELECT s.id AS n FROM submission s JOIN user_profile p ON p.id = s.profile_id WHERE p.owner_id = {person}",
    },
    Noun {
        at: &["/submissions/run-again", "/replays", "/api/v1/replays"],
        read: [All, No, No],
        write: [All, No, No],
        rows: "SELECT id AS n FROM replay",
    },
    Noun {
        at: &["/review"],
        read: [All, No, No],
        write: [All, No, No],
        rows: "SELECT id AS n FROM submission",
    },
    Noun {
        at: &["/leads", "/api/v1/leads"],
        read: [All, All, No],
        write: [All, Own, No],
        rows: "SELECT id AS n FROM lead WHERE owner_id = {person}",
    },
];

/// What a program must say to be understood, so that its permission is what is looked at.
pub const BODIES: &[(&str, &str, &str)] = &[
    ("PATCH", "/api/v1/leads/{id}", r#"{"version": 1}"#),
    (
        "PATCH",
        "/api/v1/linked-accounts/{id}",
        r#"{"sync_enabled": true}"#,
    ),
    ("POST", "/api/v1/leads/{id}/merge", r#"{"with": 999}"#),
    (
        "POST",
        "/api/v1/matching-strategies/{id}/only-active",
        r#"{"version": 1}"#,
    ),
    (
        "POST",
        "/api/v1/leads/{id}/revert",
        r#"{"submission": 999, "attempt": 1}"#,
    ),
    (
        "PATCH",
        "/api/v1/lead-fields/{id}",
        r#"{"label": "Renamed"}"#,
    ),
    (
        "POST",
        "/api/v1/lead-fields",
        r#"{"label": "Another", "kind": "date"}"#,
    ),
    (
        "POST",
        "/api/v1/submissions/{id}/decision",
        r#"{"what": "run_again"}"#,
    ),
    (
        "POST",
        "/api/v1/submissions",
        r#"{"account": 99, "response": {}}"#,
    ),
    (
        "POST",
        "/api/v1/tokens",
        r#"{"name": "another", "role": "salesperson"}"#,
    ),
    (
        "POST",
        "/api/v1/users",
        r#"{"email": "new@example.com", "name": "New", "roles": ["salesperson"]}"#,
    ),
];

const ACCOUNTS: &str = "SELECT l.account_id AS n FROM profile_account l JOIN user_profile p ON p.id = l.profile_id \
    WHERE p.owner_id = {person}";

/// Nouns of which salespeople read only their own while the setting `salesperson_visibility` says so.
pub const VISIBILITY: &[&str] = &[
    "/submissions",
    "/leads",
    "/api/v1/submissions",
    "/api/v1/leads",
];

/// Forms that name the row in a field. Without it there is none to be found.
pub const NAMED_IN_A_FIELD: &[&str] = &["/me/sessions/end"];

/// Addresses that differ from their noun's line.
pub const EXCEPTIONS: &[(&str, &str, [Reach; 3])] = &[
    // Choosing accounts and confirming the receiver belong to authorizing, which is for oneself.
    ("GET", "/profiles/{id}/accounts", [Own, Own, No]),
    ("GET", "/profiles/{id}/confirm", [Own, Own, No]),
    ("POST", "/profiles/{id}/disconnect", [All, Own, No]),
    ("GET", "/leads/{id}/edit", [All, Own, No]),
    ("GET", "/leads/{id}/revert", [All, Own, No]),
    // Merging is for administrators, whoever owns the leads.
    ("GET", "/leads/{id}/merge", [All, No, No]),
    ("POST", "/leads/{id}/merge", [All, No, No]),
    ("GET", "/leads/{id}/unmerge", [All, No, No]),
    ("POST", "/leads/{id}/unmerge", [All, No, No]),
    ("POST", "/api/v1/leads/{id}/merge", [All, No, No]),
    ("POST", "/api/v1/leads/{id}/unmerge", [All, No, No]),
    (
        "DELETE",
        "/api/v1/user-profiles/{id}/authorization",
        [All, Own, No],
    ),
    // What goes on at an account is for whoever may see the account.
    ("GET", "/api/v1/sync-status/{id}", [All, Own, No]),
    // The door of the sync engine and of programs like it.
    ("POST", "/api/v1/submissions", [No, No, All]),
    // Reading what goes on; functions are called by post.
    ("POST", "/fn/sync_progress", [All, All, No]),
];

/// What holds for one address.
pub enum Rule {
    /// Whoever comes by.
    Public,
    /// What the table says, and the rows that `{id}` means.
    Table([Reach; 3], &'static str),
}

impl Rule {
    /// The rule for an address.
    ///
    /// # Errors
    /// What to add when there is none.
    pub fn of(method: &str, path: &str) -> Result<Rule, String> {
        if PUBLIC.iter().any(|public| lies_at(path, public)) {
            return Ok(Rule::Public);
        }
        let all = NOUNS
            .iter()
            .flat_map(|noun| noun.at.iter().map(move |at| (at, noun)));
        let found = all
            .filter(|(at, _)| lies_at(path, at))
            .max_by_key(|(at, _)| at.len());
        let Some((_, noun)) = found else {
            return Err(format!(
                "{method} {path} has no rule. Put its noun into NOUNS of access/policy.rs, with the rights that \
                 the role table gives; an address that differs from its noun belongs into EXCEPTIONS."
            ));
        };
        let exception = EXCEPTIONS
            .iter()
            .find(|(m, p, _)| *m == method && *p == path);
        let reaches = match (exception, method) {
            (Some((_, _, reaches)), _) => *reaches,
            (None, "GET") => noun.read,
            (None, _) => noun.write,
        };
        Ok(Rule::Table(reaches, noun.rows))
    }

    /// The rule while salespeople see only what is their own.
    pub fn narrow(method: &str, path: &str) -> Result<Rule, String> {
        let rule = Rule::of(method, path)?;
        let narrowed = VISIBILITY.iter().any(|at| lies_at(path, at));
        Ok(match rule {
            Rule::Table([all, All, inbound], rows) if narrowed => {
                Rule::Table([all, Own, inbound], rows)
            }
            rule => rule,
        })
    }
}

/// Whether a path is this one or lies below it; `/leads.csv` is the list of `/leads`.
fn lies_at(path: &str, at: &str) -> bool {
    match path.strip_prefix(at) {
        Some("") => true,
        Some(rest) => at != "/" && rest.starts_with(['/', '.']),
        None => false,
    }
}
