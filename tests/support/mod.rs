//! What the engine's tests share: an empty, migrated store on each of the two databases.

pub mod postgres;

use leadline::store::{Store, now};
use postgres::Postgres;

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

    async fn open(
        url: String,
        postgres: Option<Postgres>,
        folder: Option<tempfile::TempDir>,
    ) -> TestStore {
        let store = Store::open(&url).await.expect("the store opens");
        store.migrate().await.expect("the schema is made");
        store.seed_rules(now()).await.expect("the rules are seeded");
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
