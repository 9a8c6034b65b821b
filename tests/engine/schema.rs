//! The schema and the seeds, on both databases.

use crate::on_both;
use crate::support::TestStore;

on_both!(the_default_rules_are_there_once);
async fn the_default_rules_are_there_once(test: TestStore) {
    test.store.migrate().await.expect("migrated again");
    let strategies = test
        .store
        .list_active_strategies()
        .await
        .expect("strategies");
    let names: Vec<&str> = strategies.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["E-mail (default)"]);
    let mappings = test.store.list_mappings().await.expect("mappings");
    assert_eq!(mappings.len(), 23);
    assert!(test.store.is_migrated().await.expect("an answer"));
}
