//! However many leads there are, deciding a batch costs as many statements as with few, and none of
//! them walks through the leads.

use std::sync::{Arc, Mutex};

use leadline::sync::process::process_due;
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};

use crate::desk::{Desk, NOW, Response, response};
use crate::on_both;
use crate::support::TestStore;

/// How many leads there are; a million with `LEADLINE_LEADS=1000000`.
fn many() -> i64 {
    let asked = std::env::var("LEADLINE_LEADS").ok();
    asked.map_or(100_000, |n| n.parse().expect("a number"))
}

/// Leads with the ids from one number to another and an address each.
async fn fill(desk: &Desk, from: i64, to: i64) {
    let postgres = desk.test.url.starts_with("postgres");
    let numbers = match postgres {
        true => format!("WITH n AS (SELECT generate_series({from}, {to}) AS i)"),
        false => format!(
            "WITH RECURSIVE n (i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to})"
        ),
    };
    let leads = format!(
        "INSERT INTO lead (id, created_by, state, fields, provenance, full_name, email, company, name_key, email_key, \
           company_key, lead_source, submission_count, latest_submitted_at, version, created_at, modified_at) \
         {numbers} SELECT i, -i, 'open', '{{\"emailaddress1\":\"p' || i || '@example.com\"}}', '{{}}', 'P ' || i, \
           'p' || i || '@example.com', '', 'p ' || i, 'p' || i || '@example.com', '', '', 1, i, 1, i, i FROM n"
    );
    let keys = format!(
        "INSERT INTO lead_key (field, value, lead_id) {numbers} \
         SELECT 'emailaddress1', 'p' || i || '@example.com', i FROM n"
    );
    for statement in [leads.as_str(), keys.as_str(), "ANALYZE"] {
        desk.test.sql(statement).await;
    }
    if postgres {
        let next =
            "SELECT setval(pg_get_serial_sequence('lead', 'id'), (SELECT max(id) FROM lead))";
        desk.test.sql(next).await;
    }
}

/// Five hundred responses: half of persons who have a lead already.
fn batch(round: i64) -> Vec<Response> {
    let one = |n: i64| {
        let person = match n % 2 {
            0 => format!("P{}@Example.com", 1 + n / 2),
            _ => format!("new-{round}-{n}@example.com"),
        };
        response(&format!("r-{round}-{n}"), NOW + n, &person).says("JOB_TITLE", "Buyer")
    };
    (0..500).map(one).collect()
}

/// What deciding one batch says to the database.
async fn statements(desk: &Desk, round: i64) -> Vec<Statement> {
    assert_eq!(desk.keep(batch(round)).await, 500);
    let said = Arc::new(Mutex::new(Vec::new()));
    let hears = said.clone();
    let mut store = desk.test.store.clone();
    store.watch(move |statement| hears.lock().expect("no panic").push(statement.clone()));
    let decided = process_due(&store).await.expect("decided");
    assert_eq!(decided.submissions, 500);
    let said = said.lock().expect("no panic");
    said.clone()
}

/// The steps of a statement's plan.
async fn plan(url: &str, statement: &Statement) -> Vec<String> {
    let db = Database::connect(url).await.expect("connected");
    let (explain, column) = match statement.db_backend {
        DbBackend::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
        _ => ("EXPLAIN", "QUERY PLAN"),
    };
    let mut explained = statement.clone();
    explained.sql = format!("{explain} {}", statement.sql);
    let steps = db.query_all_raw(explained).await.expect("a plan");
    let steps = steps.iter().map(|step| step.try_get("", column));
    let steps = steps.collect::<Result<_, _>>().expect("text");
    db.close().await.expect("closed");
    steps
}

/// Whether a step reads every lead, or every key of leads.
fn walks(step: &str) -> bool {
    let step = step.trim().trim_start_matches("-> ").trim();
    let tables = ["lead", "lead_key", "k", "l"];
    let scans = |table: &&str| {
        [format!("SCAN {table}"), format!("Seq Scan on {table}")]
            .iter()
            .any(|scan| step == scan || step.starts_with(&format!("{scan} ")))
    };
    tables.iter().any(scans)
}

async fn a_batch_costs_the_same_however_many_leads_there_are(test: TestStore) {
    let desk = Desk::new(test).await;
    // So that leads can be found by their address from here on.
    desk.decide().await;
    fill(&desk, 1, 1_000).await;
    let with_few = statements(&desk, 1).await;
    fill(&desk, 10_000, 10_000 + many()).await;
    let with_many = statements(&desk, 2).await;
    let words = |all: &[Statement]| -> Vec<String> {
        let begin = |statement: &Statement| statement.sql.chars().take(60).collect();
        all.iter().map(begin).collect()
    };
    assert_eq!(words(&with_few), words(&with_many));
    assert!(with_many.len() <= 22, "{:#?}", words(&with_many));
    let mut looked_at = 0;
    for statement in &with_many {
        let verb = statement.sql.split_whitespace().next().unwrap_or_default();
        if !["SELECT", "WITH", "UPDATE", "DELETE"].contains(&verb) {
            continue;
        }
        let steps = plan(&desk.test.url, statement).await;
        let slow: Vec<&String> = steps.iter().filter(|step| walks(step)).collect();
        assert!(slow.is_empty(), "{}\n{steps:#?}", statement.sql);
        looked_at += 1;
    }
    assert!(looked_at >= 5, "{:#?}", words(&with_many));
    assert_eq!(desk.leads().await, 1_000 + many() + 1 + 500);
}

on_both!(a_batch_costs_the_same_however_many_leads_there_are);
