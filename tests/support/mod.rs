//! What the engine's tests share: an empty, migrated store on each of the two databases.

pub mod postgres;
pub mod smtp;

use leadline::store::Store;
use leadline::store::people::Person;
use postgres::Postgres;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};

/// A store with what has to live as long as it.
pub struct TestStore {
    /// The store itself.
    pub store: Store,
    /// Where it lies, for a second server.
    pub url: String,
    _postgres: Option<Postgres>,
    _folder: Option<tempfile::TempDir>,
}

impl TestStore {
    /// An empty store in a SQLite file.
    pub async fn sqlite() -> TestStore {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite://{}/leadline.db", folder.path().display());
        TestStore::open(url, None, Some(folder)).await
    }

    /// An empty store on a PostgreSQL server of its own.
    pub async fn postgres() -> TestStore {
        let postgres = Postgres::start();
        let url = postgres.url();
        TestStore::open(url, Some(postgres), None).await
    }

    /// Executes a statement behind the engine's back.
    pub async fn sql(&self, statement: &str) {
        let db = self.connect().await;
        db.execute_unprepared(statement).await.expect("executed");
        db.close().await.expect("closed");
    }

    /// What a statement that selects one number `n` says.
    pub async fn count(&self, statement: &str) -> i64 {
        let db = self.connect().await;
        let row = db
            .query_one_raw(Statement::from_string(db.get_database_backend(), statement))
            .await
            .expect("read")
            .expect("a row");
        db.close().await.expect("closed");
        row.try_get("", "n").expect("a number")
    }

    /// What a statement that selects bytes `b` says in its first row.
    pub async fn blob(&self, statement: &str) -> Vec<u8> {
        let db = self.connect().await;
        let statement = Statement::from_string(db.get_database_backend(), statement);
        let row = db.query_one_raw(statement).await.expect("read");
        db.close().await.expect("closed");
        row.expect("a row").try_get("", "b").expect("bytes")
    }

    /// What a statement that selects one text `t` a row says, sorted.
    pub async fn texts(&self, statement: &str) -> Vec<String> {
        let db = self.connect().await;
        let statement = Statement::from_string(db.get_database_backend(), statement);
        let rows = db.query_all_raw(statement).await.expect("read");
        db.close().await.expect("closed");
        let mut texts: Vec<String> = rows
            .iter()
            .map(|row| row.try_get("", "t").expect("a text"))
            .collect();
        texts.sort();
        texts
    }

    /// A salesperson.
    pub async fn person(&self) -> Person {
        self.sql(
            "INSERT INTO person (id, email, email_key, name, password_hash, administrator, salesperson, disabled, \
             created_at) VALUES (1, 'sam@x.example', 'sam@x.example', 'Sam', '', FALSE, TRUE, FALSE, 0)",
        )
        .await;
        let person = self.store.find_active_person(1).await.expect("an answer");
        person.expect("a person")
    }

    async fn connect(&self) -> DatabaseConnection {
        Database::connect(&self.url).await.expect("connected")
    }

    async fn open(
        url: String,
        postgres: Option<Postgres>,
        folder: Option<tempfile::TempDir>,
    ) -> TestStore {
        let store = Store::open(&url).await.expect("the store opens");
        store.migrate().await.expect("the schema is made");
        TestStore {
            store,
            url,
            _postgres: postgres,
            _folder: folder,
        }
    }
}

/// Makes one test for each database out of one story.
#[macro_export]
macro_rules! on_both {
    ($story:ident) => {
        mod $story {
            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                super::$story($crate::support::TestStore::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                super::$story($crate::support::TestStore::postgres().await).await;
            }
        }
    };
}
