//! The database, read behind the program's back.

use std::time::Duration;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, QueryResult, Statement};

/// A connection of the test's own.
pub struct Books(DatabaseConnection);

impl Books {
    /// Opens the program's database.
    pub async fn open(url: &str) -> Books {
        Books(Database::connect(url).await.unwrap())
    }

    /// What a statement that selects one text `t` a row says.
    pub async fn texts(&self, statement: &str) -> Vec<String> {
        let rows = self.rows(statement).await;
        rows.iter()
            .map(|row| row.try_get("", "t").unwrap())
            .collect()
    }

    /// What a statement that selects one number `n` says.
    pub async fn count(&self, statement: &str) -> i64 {
        self.rows(statement).await[0].try_get("", "n").unwrap()
    }

    /// Changes something behind the program's back.
    /// Changes something.
    pub async fn execute(&self, statement: &str) {
        self.0.execute_unprepared(statement).await.unwrap();
    }

    /// What a statement that selects numbers `n` says.
    pub async fn numbers(&self, statement: &str) -> Vec<i64> {
        let rows = self.rows(statement).await;
        rows.iter()
            .map(|row| row.try_get("", "n").unwrap())
            .collect()
    }

    /// Waits until a statement that selects one number `n` says at least this.
    pub async fn wait_for(&self, statement: &str, least: i64) {
        for _ in 0..300 {
            if self.count(statement).await >= least {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("it never came to {least}: {statement}");
    }

    /// Every row of every table, as text: what a copy of the database gives away. Tables that keep
    /// who is signed in or what was refused are left out on request.
    pub async fn everything(&self, without: &[&str]) -> Vec<String> {
        let tables = match self.0.get_database_backend() {
            DbBackend::Sqlite => {
                "SELECT name AS t FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
            }
            _ => {
                "SELECT table_name AS t FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name"
            }
        };
        let mut rows = Vec::new();
        for table in self.texts(tables).await {
            if !without.contains(&table.as_str()) {
                rows.extend(self.dump(&table).await);
            }
        }
        rows
    }

    async fn dump(&self, table: &str) -> Vec<String> {
        let statement = match self.0.get_database_backend() {
            DbBackend::Sqlite => {
                let columns = format!("SELECT name AS t FROM pragma_table_info('{table}')");
                let columns = self.texts(&columns).await;
                // A blob stands as hex, so that none is cut off at its first zero.
                let shown = columns.iter().map(|c| {
                    format!("coalesce(CASE typeof(\"{c}\") WHEN 'blob' THEN hex(\"{c}\") ELSE \"{c}\" END, '')")
                });
                let shown = shown.collect::<Vec<_>>().join(" || '|' || ");
                format!("SELECT '{table}: ' || {shown} AS t FROM \"{table}\" ORDER BY 1")
            }
            _ => {
                format!("SELECT '{table}: ' || CAST(x AS text) AS t FROM \"{table}\" x ORDER BY 1")
            }
        };
        self.texts(&statement).await
    }

    /// Waits until this many submissions are there and none waits any more.
    pub async fn wait_until_decided(&self, submissions: i64) {
        for _ in 0..1200 {
            let decided = "SELECT count(*) AS n FROM submission WHERE due_at IS NULL";
            let resting = "SELECT count(*) AS n FROM linked_account WHERE sync_state <> 'idle'";
            if self.count(decided).await >= submissions && self.count(resting).await == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{submissions} submissions were not decided within two minutes");
    }

    async fn rows(&self, statement: &str) -> Vec<QueryResult> {
        let statement = Statement::from_string(self.0.get_database_backend(), statement);
        self.0.query_all_raw(statement).await.unwrap()
    }
}
