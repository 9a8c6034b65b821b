//! The settings themselves: one table, from which the manual, the names in the environment and the
//! refusal of unknown names all follow.

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its name in `leadline.toml`, with a dot between levels.
    pub key: &'static str,
    /// What holds when nobody sets it.
    pub default: Option<&'static str>,
    /// What the manual shows where there is no default.
    pub example: &'static str,
    /// What of it must not be shown.
    pub hidden: Hidden,
    /// Whether `leadline.toml` writes it without quotes.
    pub number: bool,
    /// What the manual says about it.
    pub help: &'static str,
}

/// What of a value must not be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hidden {
    /// Nothing: it is no secret.
    Nothing,
    /// The password in a URL.
    Password,
    /// All of it.
    All,
}

impl Setting {
    /// Its name in the environment.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("LEADLINE_{}", self.key.replace('.', "__").to_uppercase())
    }

    /// Whether it can be read from a file of its own.
    #[must_use]
    pub fn secret(&self) -> bool {
        self.hidden != Hidden::Nothing
    }

    const fn text(key: &'static str, default: &'static str, help: &'static str) -> Setting {
        Setting {
            key,
            default: Some(default),
            example: default,
            hidden: Hidden::Nothing,
            number: false,
            help,
        }
    }

    const fn number(key: &'static str, default: &'static str, help: &'static str) -> Setting {
        Setting {
            number: true,
            ..Setting::text(key, default, help)
        }
    }

    const fn optional(key: &'static str, example: &'static str, help: &'static str) -> Setting {
        Setting {
            default: None,
            ..Setting::text(key, example, help)
        }
    }

    const fn hide(self, hidden: Hidden) -> Setting {
        Setting { hidden, ..self }
    }
}

/// All settings, in the order of the manual: first those without a level, then level by level.
pub const SETTINGS: &[Setting] = &[
    Setting::optional(
        "public_url",
        "http://localhost:3000",
        "The address under which people reach Leadline, without a path. LinkedIn sends them back to it:\n\
         register <public_url>/auth/linkedin/callback as a redirect URL of your LinkedIn app.\n\
         Where nothing is set it is http://localhost with the port of `listen`.",
    ),
    Setting::text(
        "listen",
        "127.0.0.1:3000",
        "The address and port to listen on. Port 0 takes any free one.",
    ),
    Setting::optional(
        "trusted_proxies",
        "127.0.0.1, 10.0.0.0/8",
        "The reverse proxies in front of Leadline: addresses and networks. Only what they say in\n\
         X-Forwarded-For is believed; without them everybody seems to come from the proxy, and one person\n\
         who mistypes a password slows down all.",
    ),
    Setting::optional(
        "secret_key",
        "",
        "32 random bytes in base64; encrypts LinkedIn's tokens in the database. Required, no default.\n\
         Make one with: openssl rand -base64 32\n\
         Keep it: without it every LinkedIn member has to authorize again.",
    )
    .hide(Hidden::All),
    Setting::text(
        "log",
        "info",
        "What is logged: error, warn, info, debug, or parts of it such as info,leadline=debug.",
    ),
    Setting::text("log_format", "text", "How it is logged: text or json."),
    Setting::text(
        "database.url",
        "sqlite://data/leadline.db",
        "sqlite://path/to/file.db for one server, postgres://user:password@host/database for several.",
    )
    .hide(Hidden::Password),
    Setting::optional(
        "linkedin.client_id",
        "",
        "Client id and client secret of your LinkedIn app (its page \"Auth\"). Without them nobody can\n\
         authorize a LinkedIn account; everything else works.",
    ),
    Setting::optional("linkedin.client_secret", "", "").hide(Hidden::All),
    Setting::optional(
        "linkedin.extra_scopes",
        "openid profile",
        "What to ask a member for besides their leads. `openid profile` tells the member's name, if your\n\
         LinkedIn app has the product \"Sign In with LinkedIn using OpenID Connect\".",
    ),
    Setting::text(
        "linkedin.auth_url",
        "https://www.linkedin.com/oauth/v2",
        "Where LinkedIn is; only a test needs another place.",
    ),
    Setting::text("linkedin.api_url", "https://api.linkedin.com", ""),
    Setting::text(
        "linkedin.api_version",
        "202607",
        "The version of LinkedIn's API, as YYYYMM. LinkedIn keeps each for about a year.",
    ),
    Setting::optional(
        "dataverse.allowed_hosts",
        "crm.example.com",
        "Which hosts may be Dynamics 365 and Entra ID, separated by commas, with all below them. Where\n\
         nothing is set they are Microsoft's own. A host that is named here may have a port; one of this\n\
         very machine may do without encryption, as the sandbox does.",
    ),
    Setting::text(
        "dataverse.authority_url",
        "https://login.microsoftonline.com",
        "Where Entra ID gives out tokens. National clouds have others, such as\n\
         https://login.microsoftonline.us and https://login.partner.microsoftonline.cn.",
    ),
    Setting::number(
        "dataverse.requests",
        "6000",
        "How many requests Leadline may send an organization in five minutes. Dynamics 365 allows each\n\
         application user 6000; less leaves room for others that use the same one.",
    ),
    Setting::optional(
        "oidc.issuer",
        "https://login.microsoftonline.com/<tenant id>/v2.0",
        "Single sign-on by OpenID Connect, with Entra ID, Okta, Google, Keycloak and others: the provider's\n\
         address (issuer), and the client id and client secret that it gave to Leadline. Register\n\
         <public_url>/sign-in/sso/callback there as the redirect URL. docs/single-sign-on.md says more.",
    ),
    Setting::optional("oidc.client_id", "", ""),
    Setting::optional("oidc.client_secret", "", "").hide(Hidden::All),
    Setting::text(
        "oidc.name",
        "Single sign-on",
        "What the button on the sign-in page says.",
    ),
    Setting::optional(
        "oidc.scopes",
        "groups",
        "Scopes to ask for besides openid, profile and email, separated by blanks.",
    ),
    Setting::text(
        "oidc.groups_claim",
        "groups",
        "The claim that holds somebody's groups. Entra ID's app roles are in `roles`.",
    ),
    Setting::optional(
        "oidc.administrator_groups",
        "Leadline administrators",
        "The groups that give a role, separated by commas. Whoever is in one is let in without an\n\
         invitation, and the role follows the groups at every sign-in. A role without groups is given in\n\
         Leadline.",
    ),
    Setting::optional("oidc.salesperson_groups", "Sales, Marketing", ""),
    Setting::number(
        "oidc.only",
        "false",
        "true closes every way in but single sign-on. On the command line `leadline user` stays open.",
    ),
    Setting::number(
        "sync.interval_seconds",
        "300",
        "How long an account rests between two passes.",
    ),
    Setting::number(
        "sync.lookback_hours",
        "24",
        "How far each pass reads back, because LinkedIn may show a submission late.",
    ),
    Setting::number(
        "sync.page_size",
        "100",
        "How many submissions one call asks for.",
    ),
    Setting::number(
        "sync.backfill_days",
        "90",
        "How far back the first pass of an account reads; LinkedIn forgets after about 90 days.",
    ),
    Setting::number(
        "sync.concurrency",
        "4",
        "How many accounts are synced at the same time.",
    ),
    Setting::optional(
        "smtp.url",
        "smtps://user:password@mail.example.com:465",
        "The mail server by which people get their invitations and can ask for a new password. Without it\n\
         administrators hand the links on themselves. For STARTTLS: smtp://…:587?tls=required",
    )
    .hide(Hidden::Password),
    Setting::optional(
        "smtp.from",
        "Leadline <leadline@example.com>",
        "Who the mails come from.",
    ),
    Setting::number(
        "api.requests_per_minute",
        "600",
        "How many requests to the REST API a token may make in a minute.",
    ),
];

/// The setting with this name, and whether the name is that of its `_file` sibling.
#[must_use]
pub fn find(key: &str) -> Option<(&'static Setting, bool)> {
    let named = |name: &str| SETTINGS.iter().find(|s| s.key == name);
    if let Some(setting) = named(key) {
        return Some((setting, false));
    }
    let setting = named(key.strip_suffix("_file")?)?;
    setting.secret().then_some((setting, true))
}

/// The commented manual, which is also a valid `leadline.toml` that changes nothing.
#[must_use]
pub fn manual() -> String {
    let mut text = String::from(
        "# Leadline's settings with their defaults. Copy this file to leadline.toml and change what you\n\
         # need. Every setting can be set in the environment instead: sync.page_size there is\n\
         # LEADLINE_SYNC__PAGE_SIZE. Flags of the command line win over the environment, which wins over\n\
         # this file. A secret can also lie in a file of its own: LEADLINE_SECRET_KEY_FILE=/run/secrets/key.\n\
         # `leadline config show` tells which value holds and where it comes from.\n",
    );
    let mut level = "";
    for setting in SETTINGS {
        let (own, name) = setting.key.split_once('.').unwrap_or(("", setting.key));
        if own != level {
            level = own;
            text.push_str(&format!("\n[{level}]\n"));
        }
        text.push_str(&entry(setting, name));
    }
    text
}

fn entry(setting: &Setting, name: &str) -> String {
    let help: String = setting.help.lines().map(|l| format!("# {l}\n")).collect();
    let gap = if help.is_empty() { "" } else { "\n" };
    let off = if setting.default.is_some() { "" } else { "# " };
    let quote = if setting.number { "" } else { "\"" };
    format!(
        "{gap}{help}{off}{name} = {quote}{}{quote}\n",
        setting.example
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_the_environment_follow_from_the_names_in_the_file() {
        let (setting, _) = find("sync.page_size").unwrap();
        assert_eq!(setting.variable(), "LEADLINE_SYNC__PAGE_SIZE");
    }

    #[test]
    fn only_secrets_have_files_of_their_own() {
        assert!(matches!(find("secret_key_file"), Some((s, true)) if s.key == "secret_key"));
        assert!(find("listen_file").is_none());
        assert!(find("nonsense").is_none());
    }

    #[test]
    fn the_committed_manual_is_the_one_that_the_program_prints() {
        let committed = include_str!("../../../leadline.example.toml");
        assert_eq!(
            committed,
            manual(),
            "run: leadline config defaults > leadline.example.toml"
        );
    }
}
