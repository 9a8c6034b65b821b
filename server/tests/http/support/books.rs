//! The database, read behind the program's back.

use std::time::Duration;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, QueryResult, Statement};

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
