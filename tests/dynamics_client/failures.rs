//! Every way in which Dataverse can fail, and what is made of it.

use leadline::crm::dynamics::{Class, Failure, Receipt, Table, Written};
use leadline_sandbox::known;
use serde_json::json;
use uuid::Uuid;

use crate::bench::{Bench, columns, id};

async fn create(bench: &Bench, new: Uuid) -> Result<Written, Failure> {
    let lead = columns(json!({ "lastname": "Orton" }));
    bench.dynamics.create(Table::Leads, new, lead).await
}

async fn is_there(bench: &Bench, row: Uuid) -> Result<bool, Class> {
    let found = bench.dynamics.read(Table::Leads, row, &[]).await;
    found
        .map(|found| found.is_some())
        .map_err(|failure| failure.class)
}

async fn update(bench: &Bench) -> Result<Receipt, Failure> {
    let body = columns(json!({ "jobtitle": "CTO" }));
    bench
        .dynamics
        .update(Table::Leads, id(known::OTHER_CASE), "W/\"1\"", body)
        .await
}

#[tokio::test]
async fn every_code_of_the_catalogue_has_its_class() {
    let bench = Bench::start().await;
    let table = [
        ("0x80060888", Class::Bug),
        ("0x0", Class::Mapping),
        ("0x80048d19", Class::Mapping),
        ("0x80044331", Class::Data),
        ("0x8004431A", Class::Mapping),
        ("0x8004432F", Class::Data),
        ("0x80044330", Class::Data),
        ("0x80048408", Class::Mapping),
        ("0x80040265", Class::CustomerLogic),
        ("0x80040203", Class::Mapping),
        ("0x80072560", Class::Setup),
        ("0x80040220", Class::Setup),
        ("0x80048306", Class::Setup),
        ("0x80040299", Class::Setup),
        ("0x80042F09", Class::Setup),
        ("0x8004F502", Class::Setup),
        ("0x8004F507", Class::Setup),
        ("0x8006088a", Class::Setup),
        ("0x80040217", Class::Gone),
        ("0x80060891", Class::Gone),
        ("0x80060892", Class::Existed),
        ("0x80040237", Class::Existed),
        ("0x80040333", Class::Policy),
        ("0x80060882", Class::Stale),
        ("0x80044150", Class::Retry),
        ("0x80044151", Class::Retry),
        ("0x80073002", Class::Ambiguous),
    ];
    for (kind, class) in table {
        bench.fails("PATCH leads", kind).await;
        let failure = update(&bench).await.unwrap_err();
        assert_eq!(failure.class, class, "{kind}");
        assert!(failure.request_id.is_some(), "{kind}");
        // The plug-in's own text stays where it is.
        assert!(!failure.message().contains("cost centre"), "{kind}");
    }
    bench.done().await;
}

#[tokio::test]
async fn an_infrastructure_that_is_unwell_leaves_writes_in_doubt_and_reads_not() {
    let bench = Bench::start().await;
    for kind in [
        "408",
        "500",
        "502",
        "503",
        "504",
        "html_502",
        "aspnet_500",
        "reset",
        "timeout",
    ] {
        bench.fails("leads", kind).await;
        assert_eq!(bench.ask().await.unwrap_err().class, Class::Retry, "{kind}");
        assert_eq!(
            update(&bench).await.unwrap_err().class,
            Class::Ambiguous,
            "{kind}"
        );
    }
    bench.fails("leads", "413").await;
    assert_eq!(update(&bench).await.unwrap_err().class, Class::Bug);
    bench.done().await;
}

#[tokio::test]
async fn what_was_done_before_the_answer_was_lost_is_found_by_its_id() {
    let bench = Bench::start().await;
    let kinds = [
        "timeout_after_commit",
        "reset_after_commit",
        "503_after_commit",
        "truncated",
        "malformed_json",
        "empty_body",
    ];
    for kind in kinds {
        let new = Uuid::new_v4();
        bench.fails_once("PATCH leads", kind).await;
        let failure = create(&bench, new).await.unwrap_err();
        assert_eq!(failure.class, Class::Ambiguous, "{kind}");
        assert!(bench.read(new, &[]).await.is_some(), "{kind}");
        assert_eq!(create(&bench, new).await, Ok(Written::Existed), "{kind}");
        bench.fails_once("GET leads", kind).await;
        assert_eq!(bench.ask().await.unwrap_err().class, Class::Retry, "{kind}");
    }
    bench.done().await;
}

#[tokio::test]
async fn that_there_is_no_such_row_has_to_be_said_in_full() {
    let bench = Bench::start().await;
    for kind in ["truncated", "malformed_json", "empty_body"] {
        bench.fails_once("GET leads", kind).await;
        let nobody = is_there(&bench, Uuid::new_v4()).await;
        assert_eq!(nobody, Err(Class::Retry), "{kind}");
        assert_eq!(is_there(&bench, Uuid::new_v4()).await, Ok(false), "{kind}");
    }
    bench.done().await;
}

#[tokio::test]
async fn a_row_that_is_there_may_be_told_with_any_code() {
    let bench = Bench::start().await;
    for code in ["", "0x0", "0x80040237"] {
        bench.faults(json!({ "exists_code": code })).await;
        assert_eq!(
            create(&bench, id(known::OTHER_CASE)).await,
            Ok(Written::Existed),
            "{code}"
        );
    }
    bench.done().await;
}

#[tokio::test]
async fn a_page_that_says_not_found_is_no_row_that_is_gone() {
    let bench = Bench::start().await;
    // A path below which there is no organization.
    bench.fails("GET leads", "0x8006088a").await;
    let failure = bench
        .dynamics
        .read(Table::Leads, Uuid::nil(), &[])
        .await
        .unwrap_err();
    assert_eq!(failure.class, Class::Setup);
    bench.fails("GET leads", "html_502").await;
    let failure = bench
        .dynamics
        .read(Table::Leads, Uuid::nil(), &[])
        .await
        .unwrap_err();
    assert_eq!(failure.class, Class::Retry);
    bench.done().await;
}

#[tokio::test]
async fn rights_that_are_missing_are_named() {
    let bench = Bench::start().await;
    let reader = bench.as_client(known::READER);
    let lead = columns(json!({ "lastname": "Orton" }));
    let failure = reader
        .create(Table::Leads, Uuid::new_v4(), lead)
        .await
        .unwrap_err();
    assert_eq!(
        (failure.class, failure.code.as_str()),
        (Class::Setup, "0x80040220")
    );
    assert!(
        failure.message().contains("Create"),
        "{}",
        failure.message()
    );
    bench.done().await;
}

#[tokio::test]
async fn nobody_listening_is_no_doubt() {
    let bench = Bench::start().await;
    bench.ask().await.unwrap();
    let dynamics = bench.dynamics.clone();
    bench.done().await;
    let lead = columns(json!({ "lastname": "Orton" }));
    let failure = dynamics
        .create(Table::Leads, Uuid::new_v4(), lead)
        .await
        .unwrap_err();
    assert_eq!((failure.class, failure.status), (Class::Retry, None));
}
