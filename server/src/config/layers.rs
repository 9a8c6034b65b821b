//! Where values come from: the defaults, then the file, then the environment, then flags.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use figment::providers::{Format, Serialized, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use super::settings::{self, SETTINGS, Setting};

/// What may be read for a configuration.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Which file.
    pub file: File,
    /// The environment's variables, of which those that begin with `LEADLINE_` count.
    pub environment: Vec<(String, String)>,
    /// What was said on the command line: the setting's name, its value.
    pub flags: Vec<(&'static str, String)>,
}

/// Which file is read.
#[derive(Debug, Clone, Default)]
pub enum File {
    /// `leadline.toml`, if there is one.
    #[default]
    Usual,
    /// The one named on the command line.
    Named(PathBuf),
    /// None.
    Nothing,
}

/// A value and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The value as text.
    pub text: String,
    /// In words, such as `LEADLINE_LISTEN in the environment`.
    pub origin: String,
}

/// Why a setting cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The setting's name, or the file's when the whole file is wrong.
    pub setting: String,
    /// Where the value comes from; empty when there is none.
    pub origin: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem {
            setting,
            origin,
            message,
        } = self;
        match origin.as_str() {
            "" => write!(f, "{setting}: {message}"),
            _ => write!(f, "{setting} (from {origin}): {message}"),
        }
    }
}

/// The values of all settings that have one, by name.
pub type Values = BTreeMap<&'static str, Found>;

/// Reads all layers.
///
/// # Errors
/// Every name that is no setting and every file that cannot be read, each with its remedy.
pub fn read(sources: &Sources) -> Result<Values, Vec<Problem>> {
    let figment = merge(sources).map_err(|problem| vec![problem])?;
    let all = figment.find_value("").map_err(|e| vec![unreadable(&e)])?;
    let mut leaves = Vec::new();
    flatten(&figment, "", &all, &mut leaves);

    let mut values = Values::new();
    let mut problems = Vec::new();
    let mut files = Vec::new();
    for (key, found) in leaves {
        match (settings::find(&key), found) {
            (Some((setting, true)), Some(found)) => files.push((setting, found)),
            (Some((setting, false)), Some(found)) => {
                values.insert(setting.key, found);
            }
            (_, found) => problems.push(unknown(&figment, &key, found)),
        }
    }
    for (setting, path) in files {
        match read_secret(setting, &path, values.get(setting.key)) {
            Ok(found) => {
                values.insert(setting.key, found);
            }
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(values)
    } else {
        Err(problems)
    }
}

fn merge(sources: &Sources) -> Result<Figment, Problem> {
    let mut figment = Figment::new();
    for setting in SETTINGS {
        if let Some(default) = setting.default {
            figment = figment.merge(Single::new(setting.key, default, "the default"));
        }
    }
    if let Some(file) = file(sources)? {
        figment = figment.merge(Toml::file_exact(file));
    }
    for (variable, value) in &sources.environment {
        if let Some(name) = variable.strip_prefix("LEADLINE_") {
            let key = name.to_lowercase().replace("__", ".");
            let origin = format!("{variable} in the environment");
            figment = figment.merge(Single::new(&key, value, &origin));
        }
    }
    for (key, value) in &sources.flags {
        let flag = key.rsplit('.').next().unwrap_or(key).replace('_', "-");
        let flag = if *key == "database.url" {
            "database-url"
        } else {
            &flag
        };
        figment = figment.merge(Single::new(key, value, &format!("--{flag}")));
    }
    Ok(figment)
}

fn file(sources: &Sources) -> Result<Option<&Path>, Problem> {
    match &sources.file {
        File::Nothing => Ok(None),
        File::Usual => Ok(Some(Path::new("leadline.toml")).filter(|path| path.is_file())),
        File::Named(path) if path.is_file() => Ok(Some(path)),
        File::Named(path) => Err(Problem {
            setting: path.display().to_string(),
            origin: "--config".to_owned(),
            message: "there is no such file. `leadline config defaults` prints one to begin with."
                .to_owned(),
        }),
    }
}

/// One value from one place, so that its origin can be told.
struct Single {
    key: String,
    value: String,
    origin: String,
}

impl Single {
    fn new(key: &str, value: &str, origin: &str) -> Single {
        Single {
            key: key.to_owned(),
            value: value.to_owned(),
            origin: origin.to_owned(),
        }
    }
}

impl Provider for Single {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.origin.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Serialized::default(&self.key, &self.value).data()
    }
}

/// Lists the values that are no tables; `None` stands for one that no setting can have.
fn flatten(figment: &Figment, key: &str, value: &Value, out: &mut Vec<(String, Option<Found>)>) {
    let text = match value {
        Value::Dict(_, dict) => {
            for (name, inner) in dict {
                let deeper = match key {
                    "" => name.clone(),
                    _ => format!("{key}.{name}"),
                };
                flatten(figment, &deeper, inner, out);
            }
            return;
        }
        Value::String(_, text) => Some(text.clone()),
        Value::Bool(_, flag) => Some(flag.to_string()),
        Value::Num(_, number) => number
            .to_i128()
            .map(|n| n.to_string())
            .or_else(|| number.to_f64().map(|n| n.to_string())),
        _ => None,
    };
    let found = text.map(|text| Found {
        text,
        origin: origin(figment, value),
    });
    out.push((key.to_owned(), found));
}

fn origin(figment: &Figment, value: &Value) -> String {
    let metadata = figment.get_metadata(value.tag());
    match metadata.and_then(|m| m.source.as_ref()?.file_path()) {
        Some(path) => path.display().to_string(),
        None => metadata.map_or(String::new(), |m| m.name.to_string()),
    }
}

fn unknown(figment: &Figment, key: &str, found: Option<Found>) -> Problem {
    let origin = found.map_or_else(
        || {
            let value = figment.find_value(key);
            value.map_or(String::new(), |value| origin(figment, &value))
        },
        |found| found.origin,
    );
    Problem {
        setting: key.to_owned(),
        origin,
        message:
            "is no setting. Remove it, or correct its name: `leadline config defaults` lists all."
                .to_owned(),
    }
}

/// The file's first line says where; the lines after it show its text, which may hold a secret.
fn unreadable(error: &figment::Error) -> Problem {
    let text = error.kind.to_string();
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().unwrap_or_default().to_owned();
    let last = lines
        .next_back()
        .map(|l| format!(": {l}"))
        .unwrap_or_default();
    let path = error.metadata.as_ref().and_then(|m| m.source.as_ref());
    Problem {
        setting: path.map_or("leadline.toml".to_owned(), ToString::to_string),
        origin: String::new(),
        message: format!("cannot be read: {first}{last}."),
    }
}

fn read_secret(setting: &Setting, path: &Found, own: Option<&Found>) -> Result<Found, Problem> {
    let problem = |message: String| Problem {
        setting: format!("{}_file", setting.key),
        origin: path.origin.clone(),
        message,
    };
    if let Some(own) = own.filter(|own| own.origin != "the default") {
        return Err(problem(format!(
            "{} is set as well (from {}). Keep one of the two.",
            setting.key, own.origin
        )));
    }
    match std::fs::read_to_string(&path.text) {
        Ok(text) => Ok(Found {
            text: text.trim_end_matches(['\r', '\n']).to_owned(),
            origin: format!("the file {} ({})", path.text, path.origin),
        }),
        Err(error) => Err(problem(format!("{} cannot be read: {error}.", path.text))),
    }
}
