//! The control API: adding, taking away, starting again.

use leadline_sandbox::Seed;
use serde_json::{Value, json};

use crate::bench::{ACCOUNT, Bench, ids, leads_of};

#[tokio::test]
async fn leads_can_be_added_replaced_and_removed() {
    let bench = Bench::start(Seed::Empty).await;
    let wish = json!({
        "answers": { "EMAIL": "a@b.example", "Custom question 1": "This quarter", "723424607": "ducks" },
        "consents": { "0": true }, "hidden": { "utm_source": "elsewhere" },
    });
    let added = bench.control("POST", "leads", wish).await;
    let id = added["id"].as_str().unwrap();
    let lead = bench
        .ok(&format!(
            "/rest/leadFormResponses/{id}?fields=formResponse,form:(hiddenFields)"
        ))
        .await;
    let answers = lead["formResponse"]["answers"].as_array().unwrap();
    assert_eq!(answers.len(), 3);
    assert!(answers.contains(&json!({ "questionId": 723_424_608, "answerDetails": { "multipleChoiceAnswer": { "options": [1] } } })));
    assert_eq!(
        lead["formResponse"]["consentResponses"],
        json!([{ "consentId": 0, "accepted": true }])
    );
    assert_eq!(
        lead["form"]["hiddenFields"],
        json!([{ "name": "utm_source", "value": "elsewhere" }])
    );

    let later = added["submittedAt"].as_i64().unwrap() + 5_000;
    bench
        .control(
            "POST",
            "leads",
            json!({ "id": id, "submitted_at": later, "answers": { "EMAIL": "c@d.example" } }),
        )
        .await;
    let truth = bench.control("GET", "leads", Value::Null).await;
    assert_eq!(
        truth["leads"],
        json!([{ "id": id, "owner": "urn:li:sponsoredAccount:501234567", "leadType": "SPONSORED", "submittedAt": later,
            "testLead": false, "formId": 7_234_246, "version": 1, "email": "c@d.example" }])
    );

    let many = json!([
        { "test": true },
        { "raw_form_response": { "answers": "not a list" } },
        { "raw": { "leadType": "TELEPATHIC", "submittedAt": null, "$remove": ["formResponse"] } },
    ]);
    assert_eq!(
        bench
            .control("POST", "leads", many)
            .await
            .as_array()
            .unwrap()
            .len(),
        3
    );
    let all = bench.all_leads("", 10).await;
    assert_eq!(ids(&all).len(), 4);
    let odd = all
        .iter()
        .find(|lead| lead["leadType"] == "TELEPATHIC")
        .unwrap();
    assert!(odd["submittedAt"].is_null() && odd.get("formResponse").is_none());
    assert!(
        all.iter()
            .any(|lead| lead["formResponse"]["answers"] == "not a list")
    );
    bench
        .control("DELETE", &format!("leads/{id}"), Value::Null)
        .await;
    assert_eq!(
        bench
            .get(&format!("/rest/leadFormResponses/{id}"))
            .await
            .status,
        404
    );
    for wrong in [
        json!({ "answer": {} }),
        json!({ "answers": { "NOPE": "x" } }),
        json!(7),
    ] {
        assert_eq!(bench.try_control("POST", "leads", wrong).await.status, 400);
    }
    assert_eq!(
        bench
            .try_control("POST", "leads", json!({ "form": 1 }))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn forms_accounts_and_roles_can_be_made() {
    let bench = Bench::start(Seed::Empty).await;
    let made = bench
        .control("POST", "accounts", json!({ "name": "Second", "organization": 99, "page_role": "ANALYST", "currency": "SEK" }))
        .await;
    let account = made["id"].as_u64().unwrap();
    let form = json!({
        "account": account, "name": "Nytt", "locale": "sv_SE", "hidden": { "a": "b" },
        "questions": [{ "predefined": "EMAIL", "text": "E-post" }, { "name": "Färg", "options": ["Röd", "Blå"], "required": false }],
        "consents": [{ "text": "Ja", "required": true }],
    });
    let form = bench.control("POST", "forms", form).await;
    let id = form["id"].as_u64().unwrap();
    let again = json!({ "id": id, "questions": [{ "predefined": "EMAIL" }], "raw": { "state": "HIBERNATING" } });
    assert_eq!(
        bench.control("POST", "forms", again).await,
        json!({ "id": id, "version": 2 })
    );
    let shown = bench.ok(&format!("/rest/leadForms/{id}")).await;
    assert_eq!(
        (&shown["versionId"], &shown["state"], &shown["name"]),
        (&json!(2), &json!("HIBERNATING"), &json!("Nytt"))
    );
    let versions = bench
        .control("GET", &format!("forms/{id}"), Value::Null)
        .await;
    assert_ne!(
        versions["versions"]["1"]["content"]["questions"][0]["questionId"],
        versions["versions"]["2"]["content"]["questions"][0]["questionId"]
    );
    let wish = json!({ "account": account, "version": 1, "answers": { "EMAIL": "x@y.example", "Färg": [0, 1] } });
    bench.control("POST", "leads", wish).await;
    let page = bench
        .ok(&format!("{}&fields=id,form:(versionId)", leads_of(account)))
        .await;
    assert_eq!(page["elements"][0]["form"]["versionId"], 1);
    bench
        .control(
            "POST",
            "roles",
            json!({ "member": "ada", "organization": 99, "role": null }),
        )
        .await;
    assert_eq!(bench.get(&leads_of(account)).await.status, 403);
    bench
        .control(
            "POST",
            "roles",
            json!({ "member": "ada", "organization": 99, "role": "RECRUITING_POSTER" }),
        )
        .await;
    assert_eq!(bench.get(&leads_of(account)).await.status, 403);
    bench
        .control(
            "POST",
            "roles",
            json!({ "member": "ada", "organization": 99, "role": "CURATOR" }),
        )
        .await;
    assert_eq!(bench.get(&leads_of(account)).await.status, 200);
}

#[tokio::test]
async fn a_reset_starts_again() {
    let bench = Bench::start(Seed::Empty).await;
    bench.faults(json!({ "omit_total": true })).await;
    bench.advance(100).await;
    let loaded = json!({ "seed": { "load": { "leads": 20, "persons": 5 } }, "keep": ["tokens"] });
    assert_eq!(bench.control("POST", "reset", loaded).await["leads"], 20);
    let page = bench.ok(&leads_of(ACCOUNT)).await;
    assert_eq!(page["paging"]["total"], 20);
    let state = bench.control("GET", "state", Value::Null).await;
    assert_eq!(
        (&state["clock"]["offset_ms"], &state["counts"]["tokens"]),
        (&json!(0), &json!(1))
    );
    bench
        .control("POST", "reset", json!({ "seed": "demo" }))
        .await;
    assert_eq!(
        bench.get(&leads_of(ACCOUNT)).await.json()["serviceErrorCode"],
        65_600
    );
    assert_eq!(
        bench
            .try_control("POST", "reset", json!({ "seed": "nope" }))
            .await
            .status,
        400
    );
    assert_eq!(
        bench
            .try_control("GET", "nowhere", Value::Null)
            .await
            .status,
        404
    );
    let before = bench.control("GET", "requests", Value::Null).await["last"]
        .as_u64()
        .unwrap();
    bench.get("/rest/leadForms/1").await;
    let since = bench
        .control("GET", &format!("requests?since={before}"), Value::Null)
        .await;
    let entry = &since["requests"][0];
    assert_eq!(
        (
            since["requests"].as_array().unwrap().len(),
            &entry["status"]
        ),
        (1, &json!(401))
    );
    assert_eq!(
        (&entry["path"], &entry["version"]),
        (&json!("/rest/leadForms/1"), &json!("202607"))
    );
}

#[tokio::test]
async fn a_stopped_sandbox_listens_no_more() {
    let bench = Bench::start(Seed::Empty).await;
    let addr = bench.sandbox.addr();
    bench.sandbox.stop().await;
    assert!(tokio::net::TcpStream::connect(addr).await.is_err());
}

#[tokio::test]
async fn with_a_file_to_remember_consents_and_the_world_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let config = leadline_sandbox::Config {
        seed: Seed::Demo,
        memory: Some(folder.path().join("linkedin.json")),
        ..leadline_sandbox::Config::default()
    };
    let first = Bench::with(config.clone()).await;
    let token = first.token.clone();
    let leads = first
        .control("GET", "leads?account=501234567", json!({}))
        .await;
    first.sandbox.stop().await;

    let mut second = Bench::with(config).await;
    second.token = token;
    second.ok("/rest/adAccounts?q=search").await;
    let again = second
        .control("GET", "leads?account=501234567", json!({}))
        .await;
    assert_eq!(again, leads);
}

#[tokio::test]
async fn a_form_is_edited_and_its_older_version_stays() {
    let bench = Bench::start(Seed::Empty).await;
    let edit = json!({
        "edit": {
            "Custom question 0": { "text": "What do you want?" },
            "723424608": { "options": ["Now", "Later"] },
        },
        "remove": ["PHONE_NUMBER"],
        "add": [{ "name": "Custom question 2", "text": "Budget?" }],
        "name": "Contact, 2nd",
    });
    let edited = bench.control("POST", "forms/7234246/edit", edit).await;
    assert_eq!(edited, json!({ "id": 7_234_246, "version": 2 }));
    let form = bench.ok("/rest/leadForms/7234246").await;
    assert_eq!(
        (&form["versionId"], &form["name"]),
        (&json!(2), &json!("Contact, 2nd"))
    );
    let questions = form["content"]["questions"].as_array().unwrap();
    let texts: Vec<&str> = questions
        .iter()
        .map(|q| q["question"]["localized"]["en_US"].as_str().unwrap())
        .collect();
    let [.., want, soon, budget] = texts.as_slice() else {
        panic!("{texts:?}")
    };
    assert_eq!(
        (*want, *soon, *budget),
        ("What do you want?", "How soon?", "Budget?")
    );
    assert!(!texts.contains(&"Phone number"));
    assert_eq!(
        questions[5]["questionId"], 723_424_607,
        "an edited question keeps its id"
    );
    let options = &questions[6]["questionDetails"]["multipleChoiceQuestionDetails"]["options"];
    assert_eq!(
        options[1],
        json!({ "id": 1, "text": { "localized": { "en_US": "Later" } } })
    );
    let versions = bench.control("GET", "forms/7234246", Value::Null).await;
    let old = versions["versions"]["1"]["content"]["questions"]
        .as_array()
        .unwrap();
    assert_eq!(old.len(), 8);

    let in_place = json!({ "in_place": true, "renumber": true, "state": "ARCHIVED" });
    let edited = bench.control("POST", "forms/7234246/edit", in_place).await;
    assert_eq!(edited["version"], 2);
    let form = bench.ok("/rest/leadForms/7234246").await;
    assert_eq!(form["state"], "ARCHIVED");
    assert_ne!(form["content"]["questions"][5]["questionId"], 723_424_607);
    for (path, wrong, status) in [
        ("forms/7234246/edit", json!({ "remove": ["NOPE"] }), 400),
        ("forms/7234246/edit", json!({ "delete": [] }), 400),
        ("forms/1/edit", json!({}), 404),
    ] {
        assert_eq!(bench.try_control("POST", path, wrong).await.status, status);
    }
}
