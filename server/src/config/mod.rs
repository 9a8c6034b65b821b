//! The configuration: read in layers, checked as a whole, refused with the setting's name, the
//! value's origin and the remedy.

mod dataverse;
mod layers;
mod oidc;
mod settings;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use leadline::mail::Mailer;
use secrecy::SecretString;
use url::Url;

pub use dataverse::Dataverse;
pub use layers::{File, Problem, Sources, Values};
pub use oidc::Oidc;
pub use settings::manual;
use settings::{Hidden, SETTINGS};

use crate::proxy::TrustedProxies;

/// No token may make more requests in a minute, however it is set.
const REQUESTS_AT_MOST: NonZeroU32 = NonZeroU32::new(100_000).expect("not zero");

/// The checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where people reach Leadline; `None` when nobody said so.
    pub public_url: Option<Url>,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Whose word about the browser's address is taken.
    pub trusted_proxies: TrustedProxies,
    /// Encrypts tokens at rest: 32 bytes in base64.
    pub secret_key: SecretString,
    /// Where the data is.
    pub database_url: SecretString,
    /// LinkedIn.
    pub linkedin: LinkedIn,
    /// Dynamics 365.
    pub dataverse: Dataverse,
    /// Single sign-on, if there is a provider.
    pub oidc: Option<Oidc>,
    /// The engine's pace.
    pub sync: Sync,
    /// What sends mail, if a mail server is set.
    pub mailer: Option<Mailer>,
    /// How many requests to the REST API a token may make in a minute.
    pub api_requests_per_minute: NonZeroU32,
}

/// The settings about LinkedIn.
#[derive(Debug, Clone)]
pub struct LinkedIn {
    /// The app's id and secret, if there is an app.
    pub app: Option<(String, SecretString)>,
    /// Where members consent and tokens are given out.
    pub auth_url: Url,
    /// Where the API is.
    pub api_url: Url,
    /// The API's version, `YYYYMM`.
    pub api_version: String,
    /// Permissions to ask for besides those that are needed.
    pub extra_scopes: Vec<String>,
}

/// The settings of the engine.
#[derive(Debug, Clone, Copy)]
pub struct Sync {
    /// Seconds between two passes of one account.
    pub interval_seconds: i64,
    /// Hours that each pass reads back.
    pub lookback_hours: i64,
    /// Submissions that one call asks for.
    pub page_size: u64,
    /// Days that the first pass reads back.
    pub backfill_days: i64,
    /// Accounts synced at the same time.
    pub concurrency: usize,
}

/// How the log is written; known before everything else, because it tells what is wrong.
#[derive(Debug, Clone)]
pub struct Log {
    /// A filter as `tracing-subscriber` knows it.
    pub filter: String,
    /// One JSON object a line rather than text.
    pub json: bool,
}

impl Config {
    /// Reads and checks everything.
    ///
    /// # Errors
    /// All problems at once.
    pub fn load(sources: &Sources) -> Result<Config, Vec<Problem>> {
        let values = layers::read(sources)?;
        let mut check = Check::new(&values);
        let public_url = check.public_url();
        let listen = check.listen();
        let trusted_proxies = check.trusted_proxies();
        let secret_key = check.secret_key();
        let database_url = check.database_url();
        let linkedin = check.linkedin();
        let dataverse = check.dataverse();
        let oidc = check.oidc();
        let sync = check.sync();
        let mailer = check.mailer();
        let api = check.number("api.requests_per_minute", NonZeroU32::MIN, REQUESTS_AT_MOST);
        check.log();
        match (
            check.problems.is_empty(),
            listen,
            secret_key,
            database_url,
            linkedin,
            dataverse,
            sync,
            api,
        ) {
            (
                true,
                Some(listen),
                Some(secret_key),
                Some(database_url),
                Some(linkedin),
                Some(dataverse),
                Some(sync),
                Some(api_requests_per_minute),
            ) => Ok(Config {
                public_url,
                listen,
                trusted_proxies,
                secret_key,
                database_url,
                linkedin,
                dataverse,
                oidc,
                sync,
                mailer,
                api_requests_per_minute,
            }),
            _ => Err(check.problems),
        }
    }

    /// The database alone, for commands that need neither a key nor LinkedIn.
    ///
    /// # Errors
    /// All problems with it.
    pub fn load_database(sources: &Sources) -> Result<SecretString, Vec<Problem>> {
        let values = layers::read(sources)?;
        let mut check = Check::new(&values);
        let url = check.database_url();
        url.ok_or(check.problems)
    }

    /// Where people reach Leadline, as far as it is said, and where it listens: for links that are
    /// made on the command line.
    ///
    /// # Errors
    /// All problems with it.
    pub fn load_address(sources: &Sources) -> Result<(Option<Url>, SocketAddr), Vec<Problem>> {
        let values = layers::read(sources)?;
        let mut check = Check::new(&values);
        let (public_url, listen) = (check.public_url(), check.listen());
        match (check.problems.is_empty(), listen) {
            (true, Some(listen)) => Ok((public_url, listen)),
            _ => Err(check.problems),
        }
    }

    /// How to log. What is wrong with it is for [`Config::load`] to say.
    #[must_use]
    pub fn load_log(sources: &Sources) -> Log {
        let values = layers::read(sources).unwrap_or_default();
        Check::new(&values).log().unwrap_or(Log {
            filter: "info".to_owned(),
            json: false,
        })
    }
}

/// Every setting, its value with secrets left out, and where it comes from.
///
/// # Errors
/// As [`Config::load`] when the layers cannot be read.
pub fn show(sources: &Sources) -> Result<String, Vec<Problem>> {
    let values = layers::read(sources)?;
    let mut text = String::new();
    for setting in SETTINGS {
        let line = match values.get(setting.key) {
            Some(found) => {
                let shown = redact(&found.text, setting.hidden);
                format!("{} = {shown}  # {}\n", setting.key, found.origin)
            }
            None => format!("{} is not set  # {}\n", setting.key, setting.variable()),
        };
        text.push_str(&line);
    }
    Ok(text)
}

fn redact(text: &str, hidden: Hidden) -> String {
    match hidden {
        Hidden::Nothing => text.to_owned(),
        Hidden::All => "(hidden)".to_owned(),
        Hidden::Password => match text.rsplit_once('@').zip(text.split_once("://")) {
            Some(((_, place), (scheme, _))) => format!("{scheme}://(hidden)@{place}"),
            None => text.to_owned(),
        },
    }
}

/// Turns texts into values and collects what is wrong.
struct Check<'a> {
    values: &'a Values,
    problems: Vec<Problem>,
}

impl<'a> Check<'a> {
    fn new(values: &'a Values) -> Check<'a> {
        Check {
            values,
            problems: Vec::new(),
        }
    }

    /// The text of a setting; an empty one counts as not set.
    fn text(&self, key: &str) -> Option<&'a str> {
        let found = self.values.get(key)?;
        Some(found.text.trim()).filter(|text| !text.is_empty())
    }

    fn wrong(&mut self, key: &str, message: impl Into<String>) {
        let origin = self.values.get(key).map(|found| found.origin.clone());
        self.problems.push(Problem {
            setting: key.to_owned(),
            origin: origin.unwrap_or_default(),
            message: message.into(),
        });
    }

    fn parse<T: FromStr>(&mut self, key: &str, otherwise: &str) -> Option<T> {
        let value = self.text(key).and_then(|text| text.parse().ok());
        if value.is_none() {
            self.wrong(key, otherwise);
        }
        value
    }

    fn number<T>(&mut self, key: &str, least: T, most: T) -> Option<T>
    where
        T: FromStr + PartialOrd + std::fmt::Display,
    {
        let value = self.text(key).and_then(|text| text.parse().ok());
        let value = value.filter(|v| *v >= least && *v <= most);
        if value.is_none() {
            self.wrong(
                key,
                format!("must be a whole number from {least} to {most}."),
            );
        }
        value
    }

    fn web_url(&mut self, key: &str) -> Option<Url> {
        let url = self.text(key).and_then(|text| Url::parse(text).ok());
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if url.is_none() {
            self.wrong(key, "must be a URL that begins with https:// or http://.");
        }
        url
    }

    fn public_url(&mut self) -> Option<Url> {
        self.text("public_url")?;
        let url = self.web_url("public_url")?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() {
            self.wrong(
                "public_url",
                "must be a scheme, a host and maybe a port, nothing else.",
            );
        }
        Some(url)
    }

    fn listen(&mut self) -> Option<SocketAddr> {
        self.parse(
            "listen",
            "is no address with a port, such as 127.0.0.1:3000.",
        )
    }

    fn trusted_proxies(&mut self) -> TrustedProxies {
        let text = self.text("trusted_proxies").unwrap_or_default();
        text.parse().unwrap_or_else(|()| {
            let wrong = "must be addresses and networks, such as 127.0.0.1, 10.0.0.0/8.";
            self.wrong("trusted_proxies", wrong);
            TrustedProxies::default()
        })
    }

    fn secret_key(&mut self) -> Option<SecretString> {
        const MAKE: &str = "Make one with `openssl rand -base64 32` and set LEADLINE_SECRET_KEY, or \
                            LEADLINE_SECRET_KEY_FILE to a file that holds it.";
        let Some(text) = self.text("secret_key") else {
            self.wrong(
                "secret_key",
                format!("is missing. It encrypts LinkedIn's tokens. {MAKE}"),
            );
            return None;
        };
        if BASE64.decode(text).map(|bytes| bytes.len()) != Ok(32) {
            self.wrong("secret_key", format!("must be 32 bytes in base64. {MAKE}"));
        }
        Some(SecretString::from(text))
    }

    fn database_url(&mut self) -> Option<SecretString> {
        let text = self.text("database.url").unwrap_or_default();
        let known = ["sqlite:", "postgres:", "postgresql:"];
        if !known.iter().any(|scheme| text.starts_with(scheme)) {
            self.wrong("database.url", "must begin with sqlite:// or postgres://.");
            return None;
        }
        Some(SecretString::from(text))
    }

    fn linkedin(&mut self) -> Option<LinkedIn> {
        let id = self.text("linkedin.client_id");
        let secret = self.text("linkedin.client_secret");
        match (id, secret) {
            (Some(_), None) => {
                let secret = "is missing while linkedin.client_id is set. Set both, or none.";
                self.wrong("linkedin.client_secret", secret);
            }
            (None, Some(_)) => {
                let id = "is missing while linkedin.client_secret is set. Set both, or none.";
                self.wrong("linkedin.client_id", id);
            }
            _ => {}
        }
        let auth_url = self.web_url("linkedin.auth_url");
        let api_url = self.web_url("linkedin.api_url");
        let version = self.text("linkedin.api_version").unwrap_or_default();
        if version.len() != 6 || !version.bytes().all(|b| b.is_ascii_digit()) {
            self.wrong(
                "linkedin.api_version",
                "must be a year and a month such as 202607.",
            );
        }
        let scopes = self.text("linkedin.extra_scopes").unwrap_or_default();
        Some(LinkedIn {
            app: id
                .zip(secret)
                .map(|(id, secret)| (id.to_owned(), secret.into())),
            auth_url: auth_url?,
            api_url: api_url?,
            api_version: version.to_owned(),
            extra_scopes: scopes.split_whitespace().map(str::to_owned).collect(),
        })
    }

    fn sync(&mut self) -> Option<Sync> {
        let interval_seconds = self.number("sync.interval_seconds", 1, 86_400);
        let lookback_hours = self.number("sync.lookback_hours", 1, 24 * 30);
        let page_size = self.number("sync.page_size", 1, 1000);
        let backfill_days = self.number("sync.backfill_days", 1, 365);
        let concurrency = self.number("sync.concurrency", 1, 64);
        Some(Sync {
            interval_seconds: interval_seconds?,
            lookback_hours: lookback_hours?,
            page_size: page_size?,
            backfill_days: backfill_days?,
            concurrency: concurrency?,
        })
    }

    fn mailer(&mut self) -> Option<Mailer> {
        match (self.text("smtp.url"), self.text("smtp.from")) {
            (None, None) => None,
            (Some(_), None) => {
                let from = "is missing while smtp.url is set. Set both, or none.";
                self.wrong("smtp.from", from);
                None
            }
            (None, Some(_)) => {
                let url = "is missing while smtp.from is set. Set both, or none.";
                self.wrong("smtp.url", url);
                None
            }
            (Some(url), Some(from)) => Mailer::new(&url.into(), from)
                .map_err(|(setting, error)| self.wrong(setting, error.message()))
                .ok(),
        }
    }

    fn log(&mut self) -> Option<Log> {
        let filter = self.text("log").unwrap_or_default();
        let known = filter
            .parse::<tracing_subscriber::filter::Targets>()
            .is_ok();
        if !known || filter.is_empty() {
            self.wrong(
                "log",
                "must be error, warn, info, debug or trace, or target=level pairs.",
            );
        }
        let format = self.text("log_format").unwrap_or_default();
        if !matches!(format, "text" | "json") {
            self.wrong("log_format", "must be text or json.");
        }
        known.then(|| Log {
            filter: filter.to_owned(),
            json: format == "json",
        })
    }
}

#[cfg(test)]
mod tests;
