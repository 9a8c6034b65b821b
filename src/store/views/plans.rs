//! No list may walk through a big table or sort it: what the databases plan is looked at.

use sea_orm::{FromQueryResult, Value};

use super::audit::{self, AuditFilter};
use super::form_changes::{self, FormChangeFilter};
use super::leads::{self, LeadFilter};
use super::paging::{self, Listing, Order, Wanted};
use super::sight::Sight;
use super::submissions::{self, SubmissionFilter};
use crate::store::{Store, rows};

#[derive(FromQueryResult)]
struct Step {
    detail: String,
}

async fn store() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}/leadline.db", folder.path().display());
    let store = Store::open(&url).await.expect("a store");
    store.migrate().await.expect("a schema");
    (store, folder)
}

async fn plan(store: &Store, (sql, values): (String, Vec<Value>)) -> Vec<String> {
    let sql = format!("EXPLAIN QUERY PLAN {sql}");
    let steps = rows::<Step>(store.reading(), &sql, values)
        .await
        .expect("a plan");
    steps.into_iter().map(|step| step.detail).collect()
}

/// The steps that read all of a big table, or that sort what was read.
fn slow(steps: &[String]) -> Vec<&String> {
    let walks = |step: &str| {
        let scan = ["SCAN s", "SCAN l", "SCAN e"]
            .into_iter()
            .any(|s| step == s || step.starts_with(&format!("{s} ")));
        (scan && !step.contains("USING INDEX") && !step.contains("USING COVERING INDEX"))
            || step.contains("TEMP B-TREE")
    };
    steps.iter().filter(|step| walks(step)).collect()
}

/// Looks at the plans of the first page, of both neighbours of a page in the middle, and of the
/// count.
async fn assert_quick(store: &Store, listing: &Listing, wanted: Wanted, order: Order, what: &str) {
    let value = if order.text {
        Value::from("a")
    } else {
        Value::from(1i64)
    };
    let statements = [
        paging::count_statement(listing, &wanted),
        paging::statement(listing, wanted.clone(), order, None, false, 50),
        paging::statement(
            listing,
            wanted.clone(),
            order,
            Some((value.clone(), 1)),
            false,
            50,
        ),
        paging::statement(listing, wanted, order, Some((value, 1)), true, 50),
    ];
    for statement in statements {
        let sql = statement.0.clone();
        let steps = plan(store, statement).await;
        assert!(!steps.is_empty(), "{what}: no plan of {sql}");
        assert_eq!(
            slow(&steps),
            Vec::<&String>::new(),
            "{what}: {sql}\n{steps:#?}"
        );
    }
}

fn query<T>(read: impl Fn(&dyn Fn(&str) -> Option<String>) -> T, pairs: &[(&str, &str)]) -> T {
    read(&|name| {
        let found = pairs.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

#[tokio::test]
async fn every_single_filter_of_the_submissions_has_its_index() {
    let (store, _folder) = store().await;
    let filters: [&[(&str, &str)]; 18] = [
        &[],
        &[("review", "yes")],
        &[("review", "yes"), ("reason", "several_leads")],
        &[("reason", "excluded")],
        &[("sort", "oldest")],
        &[("q", "Ana")],
        &[("q", "ana@example.com")],
        &[("status", "failed")],
        &[("state", "failed")],
        &[("account", "1")],
        &[("form", "1")],
        &[("campaign", "1")],
        &[("lead", "1")],
        &[("test", "yes")],
        &[("type", "EVENT")],
        &[("from", "2026-01-01")],
        &[("to", "2026-01-31")],
        &[
            ("from", "2026-01-01"),
            ("to", "2026-01-31"),
            ("account", "1"),
        ],
    ];
    for pairs in filters {
        let filter = query(|get| SubmissionFilter::read(&get).expect("a filter"), pairs);
        let order = filter.order();
        assert_quick(
            &store,
            &submissions::LISTING,
            filter.wanted(Sight::EVERYTHING),
            order,
            &format!("{pairs:?}"),
        )
        .await;
    }
}

#[tokio::test]
async fn every_single_filter_of_the_leads_has_its_index() {
    let (store, _folder) = store().await;
    let filters: [&[(&str, &str)]; 9] = [
        &[],
        &[("sort", "name")],
        &[("sort", "modified")],
        &[("q", "Ana")],
        &[("q", "ana@exam")],
        &[("company", "Acme")],
        &[("owner", "1")],
        &[("campaign", "1")],
        &[("state", "open")],
    ];
    for pairs in filters {
        let filter = query(|get| LeadFilter::read(&get).expect("a filter"), pairs);
        let order = filter.order();
        assert_quick(
            &store,
            &leads::LISTING,
            filter.wanted(Sight::EVERYTHING),
            order,
            &format!("{pairs:?}"),
        )
        .await;
    }
}

#[tokio::test]
async fn every_single_filter_of_the_audit_log_has_its_index() {
    let (store, _folder) = store().await;
    let filters: [&[(&str, &str)]; 7] = [
        &[],
        &[("who", "user:1")],
        &[("who", "engine")],
        &[("action", "changed")],
        &[("noun", "user")],
        &[("noun", "user"), ("thing", "1")],
        &[("from", "2026-01-01"), ("to", "2026-01-31")],
    ];
    for pairs in filters {
        let filter = query(|get| AuditFilter::read(&get).expect("a filter"), pairs);
        let what = format!("{pairs:?}");
        let wanted = filter.wanted();
        assert_quick(&store, &audit::LISTING, wanted, audit::ORDER, &what).await;
    }
}

#[tokio::test]
async fn what_changed_at_forms_is_listed_by_index() {
    let (store, _folder) = store().await;
    for pairs in [&[][..], &[("state", "open")]] {
        let filter = query(|get| FormChangeFilter::read(&get).expect("a filter"), pairs);
        let (wanted, order, listing) =
            (filter.wanted(), form_changes::ORDER, &form_changes::LISTING);
        assert_quick(&store, listing, wanted, order, &format!("{pairs:?}")).await;
    }
}

/// Nearly all submissions are no tests: their list follows the order, and their count, which stops
/// at its bound, takes the first rows that it meets.
#[tokio::test]
async fn submissions_that_are_no_tests_are_listed_by_index() {
    let (store, _folder) = store().await;
    let filter = query(
        |get| SubmissionFilter::read(&get).expect("a filter"),
        &[("test", "no")],
    );
    let (wanted, order) = (filter.wanted(Sight::EVERYTHING), filter.order());
    let statement = paging::statement(&submissions::LISTING, wanted, order, None, false, 50);
    assert_eq!(slow(&plan(&store, statement).await), Vec::<&String>::new());
}

/// The leads of a form lie in as many places of the index as the form has versions: they are sorted,
/// but found without reading any others.
#[tokio::test]
async fn the_leads_of_a_form_are_found_by_index() {
    let (store, _folder) = store().await;
    let filter = query(
        |get| LeadFilter::read(&get).expect("a filter"),
        &[("form", "1")],
    );
    let statement = paging::statement(
        &leads::LISTING,
        filter.wanted(Sight::EVERYTHING),
        filter.order(),
        None,
        false,
        50,
    );
    let steps = plan(&store, statement).await;
    assert!(
        steps.iter().any(|step| step.contains("lead_form")),
        "{steps:#?}"
    );
}

/// What somebody owns is read without reading what others own; in an order other than by time it
/// is sorted.
#[tokio::test]
async fn what_somebody_owns_is_found_by_index() {
    let (store, _folder) = store().await;
    let own = Sight::own(7);
    let all = SubmissionFilter::default();
    let (wanted, order) = (all.wanted(own), all.order());
    assert_quick(
        &store,
        &submissions::LISTING,
        wanted,
        order,
        "own submissions",
    )
    .await;
    let all = LeadFilter::default();
    let (wanted, order) = (all.wanted(own), all.order());
    assert_quick(&store, &leads::LISTING, wanted, order, "own leads").await;
    for sort in ["name", "modified"] {
        let sorted = query(
            |get| LeadFilter::read(&get).expect("a filter"),
            &[("sort", sort)],
        );
        let (wanted, order) = (sorted.wanted(own), sorted.order());
        let statement = paging::statement(&leads::LISTING, wanted, order, None, false, 50);
        let steps = plan(&store, statement).await;
        let found = |step: &String| step.contains("USING INDEX lead_");
        assert!(steps.iter().any(found), "{sort}: {steps:#?}");
    }
}

/// The check above must be able to fail.
#[tokio::test]
async fn a_list_without_an_index_is_noticed() {
    let (store, _folder) = store().await;
    let order = Order {
        column: "l.created_at",
        text: false,
        descending: true,
    };
    let statement = paging::statement(&leads::LISTING, Wanted::default(), order, None, false, 50);
    assert!(!slow(&plan(&store, statement).await).is_empty());
}
