use leadline_migrations::{Migrator, MigratorTrait};

use super::{FormRef, FormVersion, execute, rows};
use crate::store::Store;
use crate::submission::FormContent;

#[derive(sea_orm::FromQueryResult)]
struct Noted {
    kind: String,
    to_version: i64,
    done: bool,
}

async fn noted(store: &Store) -> Vec<(String, i64, bool)> {
    let sql = "SELECT kind, to_version, done_at IS NOT NULL AS done FROM form_change ORDER BY id";
    let found = rows::<Noted>(store.reading(), sql, []).await.unwrap();
    let read = |row: Noted| (row.kind, row.to_version, row.done);
    found.into_iter().map(read).collect()
}

/// Whoever updates Leadline is not told of every form that they had for years.
#[tokio::test]
async fn forms_that_were_there_before_the_update_are_the_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/leadline.db", folder.path().display());
    let store = Store::open(&url).await.unwrap();
    let all = Migrator::migrations();
    let before = all.iter().position(|m| m.name() == "m0019_drift").unwrap();
    let before = u32::try_from(before).unwrap();
    Migrator::up(store.writing(), Some(before)).await.unwrap();
    let account = "INSERT INTO linked_account (id, urn, kind, name, test, sync_enabled, form_sync_status, \
         campaign_sync_status, sync_state, not_before, failures, lease_until, created_at, modified_at) VALUES \
         (1, 'urn:li:sponsoredAccount:1', 'ad_account', 'Ads', FALSE, TRUE, 'pending', 'pending', 'idle', \
         0, 0, 0, 0, 0)";
    execute(store.writing(), account, []).await.unwrap();
    for version in [1, 2] {
        let form = format!(
            "INSERT INTO form (account_id, linkedin_id, version, current, name, questions, raw, created_at, modified_at) \
             VALUES (1, 8, {version}, FALSE, 'Demo', '{{}}', '', 0, 0)"
        );
        execute(store.writing(), &form, []).await.unwrap();
    }
    store.migrate().await.unwrap();
    let beginning = ("new_form".to_owned(), 2, true);
    assert_eq!(noted(&store).await, std::slice::from_ref(&beginning));

    let third = FormVersion {
        form: FormRef { id: 8, version: 3 },
        name: "Demo".to_owned(),
        state: None,
        review_status: None,
        locale: None,
        content: FormContent::default(),
        headline: None,
        description: None,
        thank_you: None,
        landing_page_url: None,
        privacy_policy_url: None,
        raw: "{}".to_owned(),
    };
    store.save_current_forms(1, &[third], 1).await.unwrap();
    let new = ("new_version".to_owned(), 3, false);
    assert_eq!(noted(&store).await, [beginning, new]);
}
