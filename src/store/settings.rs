//! What administrators set for the whole of Leadline. Everything else stands in `leadline.toml`.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::{Map, Value, json};

use super::access::Administrator;
use super::audit::{Action, Event, record};
use super::{Store, execute, rows, text};
use crate::error::{Error, Kind, Result};

/// How many characters the source of a lead has at most.
const SOURCE_AT_MOST: usize = 100;

/// Whose submissions and leads somebody sees who is a salesperson and no administrator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody's.
    #[default]
    All,
    /// Their own.
    Own,
}

impl Visibility {
    /// Both.
    pub const ALL: [Visibility; 2] = [Visibility::All, Visibility::Own];

    /// The word for it in the database and in forms.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Visibility::All => "all",
            Visibility::Own => "own",
        }
    }

    /// The visibility with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Visibility> {
        Visibility::ALL.into_iter().find(|v| v.slug() == word)
    }
}

/// What happens to submissions of a form that was changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FormChanges {
    /// They go on; the change is shown.
    #[default]
    Pass,
    /// They go on; a question that says the same as one that is mapped is mapped like that one.
    MapByText,
    /// They wait until somebody has looked at what the change does to the mappings.
    Hold,
}

impl FormChanges {
    /// All of them.
    pub const ALL: [FormChanges; 3] =
        [FormChanges::Pass, FormChanges::MapByText, FormChanges::Hold];

    /// The word for it in the database and in forms.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            FormChanges::Pass => "pass",
            FormChanges::MapByText => "map_by_text",
            FormChanges::Hold => "hold",
        }
    }

    /// The rule with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<FormChanges> {
        FormChanges::ALL
            .into_iter()
            .find(|rule| rule.slug() == word)
    }
}

/// The settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// What a salesperson sees.
    pub salesperson_visibility: Visibility,
    /// What stands as the source in leads that are made from now on.
    pub lead_source: String,
    /// Whether LinkedIn's test leads become leads.
    pub leads_from_tests: bool,
    /// What happens to submissions of a form that was changed.
    pub form_changes: FormChanges,
    /// Whether administrators with a password have to set up a second factor before they go on.
    pub second_factor_required: bool,
    /// Grows with every change, so that nobody overwrites what they have not seen.
    pub version: i64,
}

#[derive(FromQueryResult)]
struct Row {
    name: String,
    value: String,
}

impl Settings {
    fn read(rows: Vec<Row>) -> Settings {
        let rows: BTreeMap<String, String> =
            rows.into_iter().map(|row| (row.name, row.value)).collect();
        let get = |name: &str| rows.get(name).map(String::as_str);
        let visibility = get("salesperson_visibility").and_then(Visibility::parse);
        let source = get("lead_source").unwrap_or("LinkedIn Sponsored Content");
        let version = get("settings_version").and_then(|version| version.parse().ok());
        Settings {
            salesperson_visibility: visibility.unwrap_or_default(),
            lead_source: source.to_owned(),
            leads_from_tests: get("leads_from_tests") == Some("true"),
            form_changes: get("form_changes")
                .and_then(FormChanges::parse)
                .unwrap_or_default(),
            second_factor_required: get("second_factor_required") == Some("true"),
            version: version.unwrap_or_default(),
        }
    }

    /// What is wrong, field by field.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, Error)> {
        let wrong = match self.lead_source.chars().count() {
            0 => Some("The lead source is missing.".to_owned()),
            1..=SOURCE_AT_MOST => None,
            _ => Some(format!(
                "The lead source must have at most {SOURCE_AT_MOST} characters."
            )),
        };
        let wrong = wrong.map(|message| ("lead_source", Error::invalid(message)));
        wrong.into_iter().collect()
    }

    /// The settings as they are kept and as the audit log names them.
    fn fields(&self) -> [(&'static str, String); 5] {
        [
            (
                "salesperson_visibility",
                self.salesperson_visibility.slug().to_owned(),
            ),
            ("lead_source", self.lead_source.replace('\0', "")),
            ("leads_from_tests", self.leads_from_tests.to_string()),
            ("form_changes", self.form_changes.slug().to_owned()),
            (
                "second_factor_required",
                self.second_factor_required.to_string(),
            ),
        ]
    }
}

impl Store {
    /// The settings in force.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn settings(&self) -> Result<Settings> {
        settings(self.reading()).await
    }
}

/// The settings in force.
pub(crate) async fn settings(db: &impl ConnectionTrait) -> Result<Settings> {
    let sql = "SELECT name, value FROM setting";
    Ok(Settings::read(rows(db, sql, []).await?))
}

impl Administrator {
    /// The settings in force.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn settings(&self) -> Result<Settings> {
        self.store().settings().await
    }

    /// Puts other settings in force.
    ///
    /// # Errors
    /// When one of them cannot be, or somebody changed them since this version was read.
    pub async fn save_settings(&self, new: &Settings, now: i64) -> Result<()> {
        if let Some((_, error)) = new.problems().into_iter().next() {
            return Err(error);
        }
        let tx = self.store().begin().await?;
        let sql = "INSERT INTO setting (name, value) VALUES ('settings_version', $1) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE setting.value = $2";
        let version = [new.version + 1, new.version].map(|version| version.to_string().into());
        if execute(&tx, sql, version).await? == 0 {
            return Err(changed_meanwhile());
        }
        let was = settings(&tx).await?;
        let (mut before, mut after) = (Map::new(), Map::new());
        for ((name, old), (_, value)) in was.fields().into_iter().zip(new.fields()) {
            if old == value {
                continue;
            }
            let sql = "INSERT INTO setting (name, value) VALUES ($1, $2) \
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value";
            execute(&tx, sql, [name.into(), text(&value)]).await?;
            before.insert(name.to_owned(), json!(old));
            after.insert(name.to_owned(), json!(value));
        }
        if after.is_empty() {
            return Ok(());
        }
        let event = Event::new(Action::SettingsChanged, "settings", None, "")
            .before(Value::Object(before))
            .after(Value::Object(after));
        record(&tx, self.actor(), event, now).await?;
        Ok(tx.commit().await?)
    }
}

fn changed_meanwhile() -> Error {
    Error::new(
        Kind::Conflict,
        "Somebody else changed the settings meanwhile. This is what they are now; nothing of yours is saved.",
    )
}
