//! What the pages read, on both databases: filters, pages in both directions, and whose rows they are.

use leadline::error::Kind;
use leadline::store::access::{Reader, Signed};
use leadline::store::now;
use leadline::store::people::NewPerson;
use leadline::store::views::leads::{LeadFilter, LeadSort};
use leadline::store::views::paging::{Page, Paging, Place};
use leadline::store::views::submissions::{SubmissionFilter, SubmissionSort};

use crate::on_both;
use crate::support::TestStore;

mod edit;
mod overview;
mod records;
mod visibility;

/// Two salespeople with a profile and an account each. 120 submissions of account 1, three of them
/// always made in the same second; every tenth is a test, every fourth is held, every sixth made a
/// lead. Form 1 is an older version of form 2.
const WORLD: &str = r#"
INSERT INTO user_profile (id, owner_id, name, state, scopes, grant_version, refresh_lease, created_at, modified_at)
  VALUES (1, 2, 'Sam', 'authorized', '', 1, 0, 0, 0), (2, 3, 'Eve', 'authorized', '', 1, 0, 0, 0);
INSERT INTO linked_account (id, urn, kind, name, test, sync_enabled, form_sync_status, campaign_sync_status, sync_state,
    not_before, failures, lease_until, created_at, modified_at)
  VALUES (1, 'urn:1', 'ad_account', 'Acme', FALSE, TRUE, 'active', 'active', 'idle', 0, 0, 0, 0, 0),
    (2, 'urn:2', 'organization', 'Globex', FALSE, FALSE, 'pending', 'pending', 'idle', 0, 0, 0, 0, 0);
INSERT INTO profile_account (profile_id, account_id, chosen) VALUES (1, 1, TRUE), (2, 2, TRUE);
INSERT INTO form (id, account_id, linkedin_id, version, current, name, state, questions, raw, created_at, modified_at)
  VALUES (1, 1, 10, 1, FALSE, 'Whitepaper', 'PUBLISHED', '{}', '', 0, 0),
    (2, 1, 10, 2, TRUE, 'Whitepaper', 'PUBLISHED', '{"questions":[{"id":1,"name":"E","text":"E-mail","predefined":"EMAIL",
      "required":true}]}', '', 0, 0),
    (3, 2, 11, 1, TRUE, '100%_off', 'DRAFT', '{}', '', 0, 0);
INSERT INTO campaign (id, account_id, linkedin_id, name, linkedin_status, raw, created_at, modified_at)
  VALUES (1, 1, 20, 'Autumn', 'ACTIVE', '', 0, 0), (2, 1, 21, 'Winter', 'DRAFT', '', 0, 0);
INSERT INTO submission (id, account_id, linkedin_id, revision, lead_type, test, submitted_at, received_at, received_by,
    profile_id, form_linkedin_id, form_version, form_id, campaign_id, person_name, person_key, person_email, answers, raw,
    matching_status, processing_state, reason_code, reason, attempts)
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
  SELECT i, 1, 'r' || i, 0, CASE WHEN i % 5 = 0 THEN 'EVENT' ELSE 'SPONSORED' END, i % 10 = 0, (i / 3) * 1000, 0, 'poll',
    1, 10, 1 + i % 2, 1 + i % 2, CASE WHEN i % 2 = 0 THEN 1 ELSE NULL END,
    CASE WHEN i % 2 = 0 THEN 'Ana Even' ELSE 'Ben Odd' END, CASE WHEN i % 2 = 0 THEN 'ana even' ELSE 'ben odd' END,
    'p' || i || '@example.com', '{}', '{"secret":true}', CASE WHEN i % 4 = 0 THEN 192350003 ELSE 192350001 END,
    CASE WHEN i % 4 = 0 THEN 192350000 ELSE 192350001 END, '', '', 1 FROM n;
INSERT INTO lead (id, created_by, state, owner_id, fields, provenance, full_name, email, company, name_key, email_key,
    company_key, lead_source, first_form_id, latest_form_id, first_campaign_id, latest_campaign_id, submission_count,
    latest_submitted_at, version, created_at, modified_at)
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
  SELECT i, i * 6, CASE WHEN i % 5 = 0 THEN 'closed' ELSE 'open' END, 2 + i % 2, '{"lastname":"Even"}', '{}',
    'Ana ' || (i / 2), 'P' || i || '@Example.com', 'Acme ' || i, 'ana ' || (i / 2), 'p' || i || '@example.com',
    'acme ' || i, 'LinkedIn', 1 + i % 2, 2, 1, 1, 1, (i / 4) * 1000, 1, 0, i FROM n;
UPDATE submission SET lead_id = id / 6 WHERE id % 6 = 0;
INSERT INTO attempt (submission_id, number, at, actor, outcome, reason_code, reason, lead_id, trace, changes)
  VALUES (6, 1, 5, 'sync', 'held', 'several_leads', 'Several.', NULL,
    '{"strategies":[{"strategy":1,"name":"E","compared":[],"outcome":"","candidates":[{"lead":7,"verdict":"Equal."}]}]}', '[]'),
  (6, 2, 9, 'sync', 'created', '', '', 1, '{}', '[{"field":"lastname","before":null,"after":"Even"}]');
"#;

/// A world and the three people in it.
struct World {
    test: TestStore,
    ada: Reader,
    administrator: Signed,
    sam: Reader,
}

async fn world(test: TestStore) -> World {
    let mut signed = Vec::new();
    for (name, administrator) in [("Ada", true), ("Sam", false), ("Eve", false)] {
        let new = NewPerson {
            email: &format!("{name}@example.com"),
            name,
            password: "a long and quiet evening",
            administrator,
            salesperson: !administrator,
        };
        let person = test.store.create_person(new, now()).await.expect("made");
        signed.push(Signed::new(test.store.clone(), person));
    }
    test.sql(WORLD).await;
    World {
        ada: signed[0].reader().expect("a reader"),
        sam: signed[1].reader().expect("a reader"),
        administrator: signed.swap_remove(0),
        test,
    }
}

fn submissions(pairs: &[(&str, &str)]) -> SubmissionFilter {
    SubmissionFilter::read(&get(pairs)).expect("a filter")
}

fn leads(pairs: &[(&str, &str)]) -> LeadFilter {
    LeadFilter::read(&get(pairs)).expect("a filter")
}

fn get(pairs: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
    |name| {
        let pair = pairs.iter().find(|(key, _)| *key == name);
        pair.map(|(_, value)| (*value).to_owned())
    }
}

fn place(place: Place, size: usize) -> Paging {
    Paging { place, size }
}

/// Reads a list from its beginning to its end and back again, and returns the ids of the way there.
async fn walk<T, F>(list: impl Fn(Paging) -> F, id: impl Fn(&T) -> i64) -> Vec<i64>
where
    F: Future<Output = leadline::error::Result<Page<T>>>,
{
    let mut pages: Vec<Vec<i64>> = Vec::new();
    let mut at = Place::Start;
    let last = loop {
        let page = list(place(at, 7)).await.expect("a page");
        assert_eq!(
            page.before.is_some(),
            !pages.is_empty(),
            "only the first page is the first"
        );
        pages.push(page.items.iter().map(&id).collect());
        match page.after {
            Some(cursor) => at = Place::After(cursor),
            None => break page,
        }
    };
    let mut back = last.before;
    for expected in pages.iter().rev().skip(1) {
        let cursor = back.expect("a page before");
        let page = list(place(Place::Before(cursor), 7)).await.expect("a page");
        assert_eq!(page.items.iter().map(&id).collect::<Vec<_>>(), *expected);
        assert!(page.after.is_some(), "the page came from somewhere");
        back = page.before;
    }
    assert_eq!(back, None, "the first page has none before it");
    pages.concat()
}

on_both!(pages_of_submissions_meet_without_gap_or_overlap);
async fn pages_of_submissions_meet_without_gap_or_overlap(test: TestStore) {
    let world = world(test).await;
    let walk = |filter: SubmissionFilter| {
        let sam = world.sam.clone();
        async move {
            let list = |paging| {
                let (sam, filter) = (sam.clone(), filter.clone());
                async move { sam.list_submissions(&filter, &paging).await }
            };
            walk(list, |row| row.id).await
        }
    };
    let newest: Vec<i64> = (1..=120).rev().collect();
    assert_eq!(walk(submissions(&[])).await, newest);
    let oldest: Vec<i64> = (1..=120).collect();
    assert_eq!(walk(submissions(&[("sort", "oldest")])).await, oldest);
    let named: Vec<i64> = (1..=60).map(|i| i * 2).collect();
    assert_eq!(walk(submissions(&[("q", " ANA  e")])).await, named);
}

on_both!(pages_of_leads_meet_in_every_order);
async fn pages_of_leads_meet_in_every_order(test: TestStore) {
    let world = world(test).await;
    for (sort, expected) in [
        (LeadSort::Latest, (1..=20).rev().collect::<Vec<i64>>()),
        (LeadSort::Modified, (1..=20).rev().collect()),
    ] {
        let list = |paging| {
            let sam = world.sam.clone();
            let filter = LeadFilter {
                sort,
                ..LeadFilter::default()
            };
            async move { sam.list_leads(&filter, &paging).await }
        };
        assert_eq!(walk(list, |row| row.id).await, expected);
    }
    let list = |paging| {
        let sam = world.sam.clone();
        async move { sam.list_leads(&leads(&[("sort", "name")]), &paging).await }
    };
    // "ana 10" comes before "ana 2", byte by byte; two leads share each name.
    let by_name = walk(list, |row| row.id).await;
    assert_eq!(by_name[..5], [1, 2, 3, 20, 4]);
    assert_eq!(by_name.len(), 20);
}

on_both!(every_filter_of_the_submissions_filters);
async fn every_filter_of_the_submissions_filters(test: TestStore) {
    let world = world(test).await;
    let day = 86_400_000;
    world
        .test
        .sql(&format!(
            "UPDATE submission SET submitted_at = {day} WHERE id > 117"
        ))
        .await;
    let cases: [(&[(&str, &str)], usize); 16] = [
        (&[], 50),
        (&[("q", "P7@EXAMPLE.com ")], 1),
        (&[("q", "p7@example")], 0),
        (&[("status", "failed")], 30),
        (&[("state", "unprocessed")], 30),
        (&[("account", "2")], 0),
        (&[("form", "1")], 50),
        (&[("form", "3")], 0),
        (&[("campaign", "1"), ("test", "yes")], 12),
        (&[("test", "no"), ("status", "failed")], 24),
        (&[("lead", "3")], 1),
        (&[("type", "EVENT")], 24),
        (&[("from", "1970-01-02")], 3),
        (&[("from", "1970-01-02"), ("to", "1970-01-02")], 3),
        (&[("to", "1970-01-01"), ("lead", "20")], 0),
        (&[("status", "pending")], 0),
    ];
    for (pairs, expected) in cases {
        let page = world
            .sam
            .list_submissions(&submissions(pairs), &Paging::first())
            .await;
        assert_eq!(page.expect("a page").items.len(), expected, "{pairs:?}");
    }
    let all = submissions(&[("form", "2")]);
    let page = world.sam.list_submissions(&all, &Paging::first()).await;
    let total = page.expect("a page").total;
    assert_eq!(total.to_string(), "120", "all versions of the form");
}

on_both!(every_filter_of_the_leads_filters);
async fn every_filter_of_the_leads_filters(test: TestStore) {
    let world = world(test).await;
    let cases: [(&[(&str, &str)], usize); 10] = [
        (&[], 20),
        (&[("q", "ana 1")], 3),
        (&[("q", "p1@")], 1),
        (&[("q", "P1@Example.COM")], 1),
        (&[("company", "ACME 2")], 2),
        (&[("owner", "2")], 10),
        (&[("form", "1")], 20),
        (&[("form", "3")], 0),
        (&[("campaign", "2")], 0),
        (&[("state", "closed"), ("q", "ana")], 4),
    ];
    for (pairs, expected) in cases {
        let page = world.sam.list_leads(&leads(pairs), &Paging::first()).await;
        assert_eq!(page.expect("a page").items.len(), expected, "{pairs:?}");
    }
}

#[test]
fn a_filter_that_cannot_be_is_refused_by_name() {
    for (pairs, field) in [
        ([("status", "lost")], "status"),
        ([("account", "1 OR 1=1")], "account"),
        ([("from", "yesterday")], "from"),
        ([("sort", "raw")], "sort"),
        ([("after", "here")], "after"),
    ] {
        let read = SubmissionFilter::read(&get(&pairs)).map(|_| ());
        let error = read
            .and(Paging::read(&get(&pairs)).map(|_| ()))
            .expect_err(field);
        assert_eq!(error.kind(), Kind::Invalid);
        assert!(error.message().starts_with(field), "{}", error.message());
    }
    let long = "x".repeat(201);
    assert!(SubmissionFilter::read(&get(&[("q", &long)])).is_err());
}

on_both!(a_row_that_went_leads_back_to_the_beginning);
async fn a_row_that_went_leads_back_to_the_beginning(test: TestStore) {
    let world = world(test).await;
    let filter = submissions(&[("q", "ana")]);
    let first = world
        .ada
        .list_submissions(&filter, &place(Place::Start, 7))
        .await
        .expect("a page");
    let after = Place::After(first.after.expect("a next page"));
    world.test.sql("DELETE FROM submission WHERE id = 14").await;
    let page = world
        .ada
        .list_submissions(&filter, &place(after, 7))
        .await
        .expect("a page");
    assert_eq!(page.items[0].id, 2);
    assert_eq!(page.before, None);
    assert_eq!(filter.sort, SubmissionSort::Newest);
}
