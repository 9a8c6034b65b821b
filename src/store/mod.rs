//! The database: SQLite (embedded) or PostgreSQL, behind one handle.
//!
//! All SQL lives below this module, written once for both: positional parameters `$1`, `ON
//! CONFLICT`, `RETURNING`, `WITH … AS (VALUES …)`. SQLite gets one connection that writes and a few
//! that read, because it has one writer anyway and a queue in front of it is fairer than its own
//! busy waiting.

use std::time::Duration;

use leadline_migrations::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    FromQueryResult, Statement, TransactionTrait, Value,
};

use crate::error::{Error, Kind, Result};
use crate::lead::{FieldKind, normalise};

pub mod access;
mod account_settings;
pub mod accounts;
pub mod attempts;
pub mod audit;
pub mod campaigns;
pub mod crm;
pub mod decisions;
pub mod forget;
pub mod form_changes;
pub mod forms;
pub mod grants;
pub mod idempotency;
pub mod key;
pub mod lead_edit;
pub mod lead_fields;
pub mod leads;
pub mod mappings;
pub mod match_fields;
pub mod merges;
pub mod mirrors;
pub mod order;
pub mod own_account;
pub mod people;
pub mod profiles;
mod recovery_codes;
pub mod replays;
pub mod reverts;
pub mod rules;
pub mod runs;
pub mod second_factor;
pub mod sessions;
pub mod settings;
pub mod sign_in;
pub mod strategies;
pub mod submissions;
pub mod switching;
pub mod tokens;
pub mod views;

/// The oldest SQLite without the WAL-reset bug, which can lose committed writes.
const SQLITE_AT_LEAST: (u32, u32, u32) = (3, 51, 3);

/// Decides who writes leads when several servers share a PostgreSQL database.
const LEADS_LOCK: i64 = 7_233_002;

/// A connected database.
#[derive(Debug, Clone)]
pub struct Store {
    write: DatabaseConnection,
    read: DatabaseConnection,
}

impl Store {
    /// Connects to `sqlite://path/to/file.db` or `postgres://…`. The file is made when it is not
    /// there, its folder too.
    ///
    /// # Errors
    /// When the URL is of neither kind, the database cannot be reached, or SQLite is too old.
    pub async fn open(url: &str) -> Result<Store> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Store::open_sqlite(url).await,
            Some("postgres" | "postgresql") => {
                let db = connect(ConnectOptions::new(url), 16).await?;
                Ok(Store {
                    write: db.clone(),
                    read: db,
                })
            }
            _ => Err(Error::invalid(
                "database.url: must begin with sqlite:// or postgres://.",
            )),
        }
    }

    async fn open_sqlite(url: &str) -> Result<Store> {
        let path = url
            .trim_start_matches("sqlite://")
            .trim_start_matches("sqlite:")
            .split('?')
            .next()
            .unwrap_or_default();
        if let Some(folder) = std::path::Path::new(path)
            .parent()
            .filter(|f| !f.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder).map_err(|e| {
                Error::invalid(format!("database.url: the folder cannot be made: {e}."))
            })?;
        }
        let options = || {
            let mut options = ConnectOptions::new(format!("sqlite://{path}?mode=rwc"));
            options.map_sqlx_sqlite_opts(|o| {
                o.pragma("journal_mode", "WAL")
                    .pragma("synchronous", "FULL")
                    .pragma("foreign_keys", "ON")
                    .pragma("busy_timeout", "15000")
                    .pragma("journal_size_limit", "67108864")
                    .pragma("temp_store", "MEMORY")
                    .pragma("cache_size", "-16000")
            });
            options
        };
        let write = connect(options(), 1).await?;
        let row = write
            .query_one_raw(Statement::from_string(
                DbBackend::Sqlite,
                "SELECT sqlite_version() AS v",
            ))
            .await?;
        let version: String = row
            .ok_or_else(|| Error::internal("no SQLite version"))?
            .try_get("", "v")?;
        let mut parts = version.split('.').map(|p| p.parse::<u32>().unwrap_or(0));
        let mut part = || parts.next().unwrap_or(0);
        if (part(), part(), part()) < SQLITE_AT_LEAST {
            return Err(Error::internal(format!(
                "SQLite {version} can lose committed writes; 3.51.3 or newer is needed"
            )));
        }
        Ok(Store {
            write,
            read: connect(options(), 4).await?,
        })
    }

    /// Brings the schema up to date and puts the rules in place that every installation begins with.
    ///
    /// # Errors
    /// When the database refuses, or its schema is newer than this program.
    pub async fn migrate(&self) -> Result<()> {
        if self.backend() == DbBackend::Postgres {
            // Two servers that start at once must not migrate at once.
            let tx = self.begin().await?;
            tx.execute_unprepared("SELECT pg_advisory_xact_lock(7233001)")
                .await?;
            let result = Migrator::up(&self.write, None).await;
            tx.commit().await?;
            result?;
        } else {
            Migrator::up(&self.write, None).await?;
        }
        self.seed_rules(now()).await
    }

    /// Whether every migration has been applied.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn is_migrated(&self) -> Result<bool> {
        Ok(Migrator::get_pending_migrations(&self.read)
            .await?
            .is_empty())
    }

    /// Closes the connections; SQLite folds its log back into the file.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn close(self) -> Result<()> {
        if self.backend() == DbBackend::Sqlite {
            self.write.execute_unprepared("PRAGMA optimize").await?;
        }
        self.read.close().await?;
        Ok(self.write.close().await?)
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.write.get_database_backend()
    }

    /// The one clock that all servers of this database share, in milliseconds since the epoch.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn clock(&self) -> Result<i64> {
        if self.backend() == DbBackend::Sqlite {
            return Ok(now());
        }
        let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS bigint) AS now";
        let found = row::<Clock>(&self.read, sql, []).await?;
        Ok(found.map_or_else(now, |clock| clock.now))
    }

    /// Tells of every statement that runs from now on, with its values.
    pub fn watch(&mut self, tell: impl Fn(&Statement) + Clone + Send + Sync + 'static) {
        let told = tell.clone();
        self.write
            .set_metric_callback(move |info| told(info.statement));
        self.read
            .set_metric_callback(move |info| tell(info.statement));
    }

    /// The connections for reading.
    pub(crate) fn reading(&self) -> &DatabaseConnection {
        &self.read
    }

    /// The connection for single writes.
    pub(crate) fn writing(&self) -> &DatabaseConnection {
        &self.write
    }

    /// A transaction that writes.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction> {
        if self.backend() == DbBackend::Sqlite {
            let options = sea_orm::TransactionOptions {
                sqlite_transaction_mode: Some(sea_orm::SqliteTransactionMode::Immediate),
                ..Default::default()
            };
            return Ok(self.write.begin_with_options(options).await?);
        }
        Ok(self.write.begin().await?)
    }

    /// A transaction that writes, and in which nobody else decides submissions or changes leads.
    pub(crate) async fn begin_alone(&self) -> Result<DatabaseTransaction> {
        let tx = self.begin().await?;
        if self.backend() == DbBackend::Postgres {
            tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LEADS_LOCK})"))
                .await?;
        }
        Ok(tx)
    }
}

#[derive(FromQueryResult)]
struct Clock {
    now: i64,
}

async fn connect(mut options: ConnectOptions, connections: u32) -> Result<DatabaseConnection> {
    options
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(30))
        .connect_timeout(Duration::from_secs(10))
        .sqlx_logging(false);
    Database::connect(options).await.map_err(|e| {
        Error::new(
            Kind::Unavailable,
            "The database cannot be reached. Check database.url and that it is running.",
        )
        .with_detail(e.to_string().lines().next().unwrap_or_default())
    })
}

/// This computer's clock, in milliseconds since the epoch.
#[must_use]
pub fn now() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}

/// Text as a value. The character NUL goes: PostgreSQL cannot keep it, and nobody wrote it.
pub(crate) fn text(value: &str) -> Value {
    value.replace('\0', "").into()
}

/// Optional text as a value; see [`text`].
pub(crate) fn maybe_text(value: Option<&str>) -> Value {
    value.map(|v| v.replace('\0', "")).into()
}

/// How many characters of a text a list finds it by; an index of PostgreSQL has its limits.
const SEARCHED_CHARS: usize = 200;

/// A text in the form in which lists search and sort it; empty when it is blank.
pub(crate) fn search_key(kind: FieldKind, value: &str) -> String {
    let key = normalise(kind, value).unwrap_or_default();
    key.chars().take(SEARCHED_CHARS).collect()
}

/// Anything as JSON text.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

/// JSON text that Leadline wrote itself.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| Error::internal(format!("unreadable JSON: {e}")))
}

/// Reads rows into a type that derives `FromQueryResult`.
pub(crate) async fn rows<T: FromQueryResult>(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<T>> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = db.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| T::from_query_result(row, "").map_err(Error::from))
        .collect()
}

/// Reads the first row, if there is one.
pub(crate) async fn row<T: FromQueryResult>(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<T>> {
    Ok(rows(db, sql, values).await?.into_iter().next())
}

/// Executes a statement and tells how many rows it touched.
pub(crate) async fn execute(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(db.execute_raw(statement).await?.rows_affected())
}

/// Placeholders for many rows: `($1,$2),($3,$4)`. `types` names each column's SQL type when the
/// rows stand alone and PostgreSQL could not know it otherwise; an empty one needs none.
pub(crate) fn placeholders(rows: usize, types: &[&str], first: usize) -> String {
    let mut number = first;
    let mut text = String::new();
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ",(" });
        for (column, kind) in types.iter().enumerate() {
            if column > 0 {
                text.push(',');
            }
            let cast = row == 0 && !kind.is_empty();
            text.push_str(&if cast {
                format!("CAST(${number} AS {kind})")
            } else {
                format!("${number}")
            });
            number += 1;
        }
        text.push(')');
    }
    text
}
