//! Pages: with every knob, whoever counts on by `count` sees each lead.

use leadline_sandbox::Seed;
use serde_json::{Value, json};

use crate::bench::{ACCOUNT, Bench, ids, leads_of};

const LOAD: Seed = Seed::Load {
    leads: 437,
    persons: 90,
};

#[tokio::test]
async fn pages_are_newest_first_and_linked() {
    let bench = Bench::start(LOAD).await;
    let page = bench
        .ok(&format!("{}&count=50&start=50", leads_of(ACCOUNT)))
        .await;
    assert_eq!(
        (
            &page["paging"]["start"],
            &page["paging"]["count"],
            &page["paging"]["total"]
        ),
        (&json!(50), &json!(50), &json!(437))
    );
    let links = page["paging"]["links"].as_array().unwrap();
    let next = links.iter().find(|link| link["rel"] == "next").unwrap()["href"]
        .as_str()
        .unwrap();
    let followed = bench.ok(next).await;
    let plain = bench
        .ok(&format!("{}&count=50&start=100", leads_of(ACCOUNT)))
        .await;
    assert_eq!(followed["elements"], plain["elements"]);
    let times: Vec<i64> = page["elements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["submittedAt"].as_i64().unwrap())
        .collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older));
    let last = bench
        .ok(&format!("{}&count=50&start=400", leads_of(ACCOUNT)))
        .await;
    assert_eq!(last["elements"].as_array().unwrap().len(), 37);
    assert!(
        last["paging"]["links"]
            .as_array()
            .unwrap()
            .iter()
            .all(|link| link["rel"] != "next")
    );
    let behind = bench
        .ok(&format!("{}&count=50&start=450", leads_of(ACCOUNT)))
        .await;
    assert_eq!(behind["elements"], json!([]));
    let default = bench.ok(&leads_of(ACCOUNT)).await;
    assert_eq!(default["elements"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn paging_equals_the_truth_under_every_knob() {
    let bench = Bench::start(LOAD).await;
    let truth = bench.truth(None).await;
    assert_eq!(truth.len(), 437);
    for knobs in [
        json!({}),
        json!({ "short_pages": 0.5 }),
        json!({ "short_pages": 1.0 }),
        json!({ "short_pages": { "cap": 3 } }),
        json!({ "duplicates": 0.7, "omit_next": true, "omit_total": true }),
        json!({ "short_pages": { "probability": 0.6 }, "duplicates": 0.5 }),
        json!({ "page_drift": { "every": 2, "mode": "repeat" } }),
    ] {
        bench.control("PUT", "faults", knobs.clone()).await;
        for count in [7, 100] {
            assert_eq!(
                ids(&bench.all_leads("", count).await),
                truth,
                "{knobs} {count}"
            );
        }
    }
}

#[tokio::test]
async fn short_pages_are_short_and_hide_their_links() {
    let bench = Bench::start(LOAD).await;
    bench.faults(json!({ "short_pages": { "cap": 3 } })).await;
    let page = bench.ok(&format!("{}&count=20", leads_of(ACCOUNT))).await;
    assert_eq!(page["elements"].as_array().unwrap().len(), 3);
    assert_eq!(page["paging"]["links"], json!([]));
    assert!(page["paging"]["total"].as_u64().unwrap() > 437);
    bench
        .control(
            "PUT",
            "faults",
            json!({ "omit_total": true, "omit_next": true }),
        )
        .await;
    let page = bench.ok(&format!("{}&count=20", leads_of(ACCOUNT))).await;
    assert_eq!(
        page["paging"],
        json!({ "start": 0, "count": 20, "links": [] })
    );
    bench.faults(json!({ "max_count": 50 })).await;
    assert_eq!(
        bench
            .get(&format!("{}&count=51", leads_of(ACCOUNT)))
            .await
            .status,
        400
    );
    assert_eq!(
        bench
            .get(&format!("{}&count=50", leads_of(ACCOUNT)))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn far_behind_the_end_there_is_nothing() {
    let bench = Bench::start(LOAD).await;
    for knobs in [
        json!({}),
        json!({ "short_pages": 0.5 }),
        json!({ "short_pages": { "cap": 2 } }),
        json!({ "page_drift": { "every": 1, "mode": "skip" } }),
    ] {
        bench.control("PUT", "faults", knobs).await;
        for start in ["5000", "18446744073709551615"] {
            let page = bench
                .ok(&format!("{}&count=10&start={start}", leads_of(ACCOUNT)))
                .await;
            assert_eq!(page["elements"], json!([]));
        }
    }
    assert_eq!(
        bench
            .get(&format!("{}&start=18446744073709551616", leads_of(ACCOUNT)))
            .await
            .status,
        400
    );
    assert_eq!(
        bench
            .get("/rest/adAccounts?q=search&pageToken=DgGerrffffffffffffffff")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn leads_that_arrive_while_paging_are_real() {
    let bench = Bench::start(LOAD).await;
    bench.faults(json!({ "page_drift": 3 })).await;
    let seen = bench.all_leads("", 50).await;
    let repeated = seen.len() - ids(&seen).len();
    assert!(repeated > 0, "what came in pushes the rest down");
    bench.faults(json!({ "page_drift": null })).await;
    let truth = bench.truth(None).await;
    assert!(truth.len() > 437);
    assert_eq!(ids(&bench.all_leads("", 50).await), truth);

    // A window that has ended stays still, unless leads arrive late.
    let end = bench.now().await - 86_400_000;
    let window = format!("&submittedAtTimeRange=(start:0,end:{end})");
    let before = ids(&bench.all_leads(&window, 50).await);
    bench.faults(json!({ "page_drift": 2 })).await;
    assert_eq!(ids(&bench.all_leads(&window, 50).await), before);
    bench
        .faults(json!({ "page_drift": { "every": 2, "mode": "late" } }))
        .await;
    bench.all_leads(&window, 50).await;
    bench.faults(json!({ "page_drift": null })).await;
    assert!(ids(&bench.all_leads(&window, 50).await).len() > before.len());

    bench
        .control("POST", "reset", json!({ "keep": ["tokens"] }))
        .await;
    bench
        .faults(json!({ "page_drift": { "every": 2, "mode": "skip" } }))
        .await;
    let skipped = ids(&bench.all_leads("", 50).await);
    assert!(skipped.len() < 437);
}

#[tokio::test]
async fn windows_and_filters() {
    let bench = Bench::start(Seed::Demo).await;
    assert_eq!(ids(&bench.all_leads("", 25).await), bench.truth(None).await);
    assert_eq!(
        ids(&bench.all_leads("&limitedToTestLeads=false", 25).await),
        bench.truth(Some(false)).await
    );
    assert_eq!(
        ids(&bench.all_leads("&limitedToTestLeads=true", 25).await),
        bench.truth(Some(true)).await
    );
    let whole = bench.all_leads("", 100).await;
    let middle = whole[whole.len() / 2]["submittedAt"].as_i64().unwrap();
    let from = bench
        .all_leads(&format!("&submittedAtTimeRange=(start:{middle})"), 100)
        .await;
    let to = bench
        .all_leads(
            &format!("&submittedAtTimeRange=(start:0,end:{middle})"),
            100,
        )
        .await;
    assert_eq!(from.len() + to.len(), whole.len());
    assert!(from.iter().any(|lead| lead["submittedAt"] == json!(middle)));
    bench.faults(json!({ "end_inclusive": true })).await;
    assert_eq!(
        bench
            .all_leads(
                &format!("&submittedAtTimeRange=(start:0,end:{middle})"),
                100
            )
            .await
            .len(),
        to.len() + 1
    );
    let urn =
        "urn%3Ali%3AversionedLeadGenForm%3A%28urn%3Ali%3AleadGenForm%3A6851219773716516864%2C1%29";
    let big = bench
        .all_leads(&format!("&versionedLeadGenFormUrn={urn}"), 100)
        .await;
    assert_eq!(big.len(), 20);
    let event = "/rest/leadFormResponses?q=owner&owner=(organization:urn%3Ali%3Aorganization%3A11223344)\
                 &leadType=(leadType:EVENT)&count=100";
    let all = bench.ok(event).await["elements"].as_array().unwrap().len();
    let one = bench
        .ok(&format!(
            "{event}&associatedEntity=(event:urn%3Ali%3Aevent%3A7100000000000000002)"
        ))
        .await;
    assert_eq!((all, one["elements"].as_array().unwrap().len()), (11, 3));
}

#[tokio::test]
async fn old_leads_vanish_with_the_clock() {
    let bench = Bench::start(LOAD).await;
    let oldest = bench.control("GET", "leads", Value::Null).await["leads"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        bench
            .get(&format!("/rest/leadFormResponses/{oldest}"))
            .await
            .status,
        200
    );
    bench.advance(11 * 86_400).await;
    assert_eq!(
        bench
            .get(&format!("/rest/leadFormResponses/{oldest}"))
            .await
            .status,
        404
    );
    let left = ids(&bench.all_leads("", 100).await);
    assert!(left.len() < 437);
    assert_eq!(left, bench.truth(None).await);
    bench.faults(json!({ "retention_days": 365 })).await;
    assert_eq!(bench.all_leads("", 100).await.len(), 437);
}

#[tokio::test]
async fn two_hundred_thousand_leads_are_no_trouble() {
    let bench = Bench::start(Seed::Load {
        leads: 200_000,
        persons: 120_000,
    })
    .await;
    let fields = "&fields=id,submittedAt,formResponse,form:(id,name,content)";
    for start in [0, 100_000, 199_900] {
        let page = bench
            .ok(&format!(
                "{}{fields}&count=100&start={start}",
                leads_of(ACCOUNT)
            ))
            .await;
        assert_eq!(page["elements"].as_array().unwrap().len(), 100);
        assert_eq!(page["paging"]["total"], 200_000);
    }
    let state = bench.control("GET", "state", Value::Null).await;
    assert_eq!(state["counts"]["leads"], 200_000);
    bench
        .control(
            "POST",
            "leads",
            json!({ "answers": { "EMAIL": "new@example.com" } }),
        )
        .await;
    let newest = bench.ok(&format!("{}&count=1", leads_of(ACCOUNT))).await;
    assert!(newest.to_string().contains("new@example.com"));
}
