//! Reading: what a query finds, how it is written, what it is refused for.

use leadline_sandbox::known;
use serde_json::{Value, json};

use crate::bench::{Answer, Bench, error};

/// Ids of the leads that a filter finds; it is encoded here.
async fn found(bench: &Bench, filter: &str) -> Vec<String> {
    let answer = ask(bench, filter).await;
    assert_eq!(answer.status, 200, "{filter}: {}", answer.text);
    let rows = answer.json()["value"].as_array().unwrap().clone();
    rows.iter()
        .map(|row| row["leadid"].as_str().unwrap().to_owned())
        .collect()
}

async fn ask(bench: &Bench, filter: &str) -> Answer {
    let call = bench.call("GET", "leads");
    Answer::of(call.query(&[("$select", "leadid"), ("$filter", filter)])).await
}

#[tokio::test]
async fn the_seeded_leads_are_those_a_matcher_can_get_wrong() {
    let bench = Bench::start().await;
    let by = |email: &str| format!("emailaddress1 eq '{email}'");
    assert_eq!(
        found(&bench, &by("kevin.obrien@brightworks.example")).await,
        [known::OTHER_CASE]
    );
    let open = format!("{} and statecode eq 0", by("maria.garcia@lumbre.example"));
    assert_eq!(
        found(&bench, &by("MARIA.GARCIA@lumbre.example")).await,
        [known::QUALIFIED]
    );
    assert_eq!(found(&bench, &open).await, [""; 0]);
    assert_eq!(found(&bench, "statecode eq 2").await, [known::DISQUALIFIED]);
    let doubles = found(&bench, &by("anais.lefevre@atelier-nord.example")).await;
    assert_eq!(doubles, [known::DOUBLE, known::SECOND_DOUBLE]);
    assert_eq!(found(&bench, &by("nobody@nowhere.example")).await, [""; 0]);
    assert_eq!(
        found(&bench, "lastname eq 'o''brien'").await,
        [known::OTHER_CASE]
    );
}

#[tokio::test]
async fn blanks_at_the_end_do_not_count_and_accents_do() {
    let bench = Bench::start().await;
    assert_eq!(
        found(&bench, "lastname eq 'O''BRIEN  '").await,
        [known::OTHER_CASE]
    );
    assert_eq!(
        found(&bench, "lastname eq 'Lefèvre'").await,
        [known::DOUBLE]
    );
    assert_eq!(
        found(&bench, "lastname eq 'Lefevre'").await,
        [known::SECOND_DOUBLE]
    );
}

#[tokio::test]
async fn a_plus_has_to_be_encoded_because_it_means_a_blank() {
    let bench = Bench::start().await;
    let id = bench
        .lead(json!({ "emailaddress1": "a+b@example.com" }))
        .await;
    let path = |email: &str| format!("leads?$select=leadid&$filter=emailaddress1+eq+%27{email}%27");
    let right = bench.ok(&path("a%2Bb%40example.com")).await;
    assert_eq!(right["value"][0]["leadid"], json!(id));
    let wrong = bench.ok(&path("a+b@example.com")).await;
    assert_eq!(wrong["value"], json!([]));
}

#[tokio::test]
async fn wildcards_are_wildcards_in_functions_and_letters_in_eq() {
    let bench = Bench::start().await;
    let id = bench.lead(json!({ "companyname": "50% [off]_Ltd" })).await;
    assert_eq!(
        found(&bench, "companyname eq '50% [off]_ltd'").await,
        [id.as_str()]
    );
    assert_eq!(found(&bench, "companyname eq '%Ltd'").await, [""; 0]);
    assert_eq!(
        found(&bench, "contains(companyname,'[%] ')").await,
        [id.as_str()]
    );
    assert_eq!(
        found(&bench, "endswith(companyname,'[_]Ltd')").await,
        [id.as_str()]
    );
    let seeded = found(&bench, "startswith(companyname,'S_eded')").await;
    assert_eq!(seeded.len(), 5);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_the_reason() {
    let bench = Bench::start().await;
    let unterminated = ask(&bench, "lastname eq 'O'Bryan'").await;
    assert_eq!(unterminated.error(), error(400, "0x80060888"));
    assert_eq!(
        unterminated.message(),
        "There is an unterminated literal at position 21 in 'lastname eq 'O'Bryan''."
    );
    let unknown = ask(&bench, "Name eq 'x'").await;
    assert_eq!(unknown.error(), error(400, "0x0"));
    assert_eq!(
        unknown.message(),
        "Could not find a property named 'Name' on type 'Microsoft.Dynamics.CRM.lead'."
    );
    for path in [
        "leads?$select=Name",
        "leads?$orderby=Name",
        "leads?$select=ownerid",
        "leads?$filter=ownerid eq null",
    ] {
        assert_eq!(bench.get(path).await.error(), error(400, "0x0"), "{path}");
    }
    for path in [
        "leads?$skip=1",
        "leads?$search=a",
        "leads?$format=json",
        "leads?select=leadid",
        "leads?$top=x",
        "leads?$top=1&$top=2",
        "leads?$filter=lastname eq 5",
        "leads?$filter=statecode eq 'Open'",
        "leads?$orderby=lastname sideways",
    ] {
        assert_eq!(
            bench.get(path).await.error(),
            error(400, "0x80060888"),
            "{path}"
        );
    }
    let long = format!("leads?$filter=lastname eq '{}'", "x".repeat(33_000));
    assert_eq!(bench.get(&long).await.status, 400);
}

#[tokio::test]
async fn names_are_case_sensitive_and_sets_are_plural() {
    let bench = Bench::start().await;
    for path in ["Leads", "lead", "Account", "whoami"] {
        let answer = bench.get(path).await;
        assert_eq!(answer.error(), error(404, "0x8006088a"), "{path}");
        assert_eq!(
            answer.message(),
            format!("Resource not found for the segment '{path}'.")
        );
    }
    for version in ["v9.0", "v9.1"] {
        let url = bench.url(&format!("/api/data/{version}/WhoAmI"));
        let call = bench.client.get(url).bearer_auth(&bench.token);
        assert_eq!(Answer::of(call).await.status, 200);
    }
}

#[tokio::test]
async fn top_order_and_count() {
    let bench = Bench::start().await;
    let newest = bench
        .ok("leads?$select=fullname&$orderby=createdon desc&$top=2&$count=true&tag=linkedin-sync")
        .await;
    assert_eq!(newest["@odata.count"], 5);
    let names: Vec<&Value> = newest["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["fullname"])
        .collect();
    assert_eq!(names, ["Anais Lefevre", "Anaïs Lefèvre"]);
    let sorted = bench
        .ok("leads?$select=lastname&$orderby=lastname asc,createdon&$top=1")
        .await;
    assert_eq!(sorted["value"][0]["lastname"], "García");
}

#[tokio::test]
async fn pages_are_followed_by_their_links() {
    let bench = Bench::start().await;
    let page = |url: String| {
        let call = bench.client.get(url).bearer_auth(&bench.token);
        Answer::of(call.header(
            "Prefer",
            "odata.maxpagesize=2, odata.include-annotations=\"*\"",
        ))
    };
    let mut url =
        bench.url("/api/data/v9.2/leads?$select=leadid&$filter=statecode%20ge%200&$top=1");
    let mut sizes = Vec::new();
    loop {
        let body = page(url.clone()).await.json();
        sizes.push(body["value"].as_array().unwrap().len());
        match body["@odata.nextLink"].as_str() {
            Some(next) => next.clone_into(&mut url),
            None => break,
        }
    }
    assert_eq!(sizes, [2, 2, 1], "$top does not count for whoever pages");
}

#[tokio::test]
async fn a_row_has_its_id_its_etag_and_what_was_selected() {
    let bench = Bench::start().await;
    let path = format!(
        "leads({})?$select=firstname,_ownerid_value",
        known::OTHER_CASE
    );
    let answer = bench.get(&path).await;
    let body = answer.json();
    let expected = json!({
        "@odata.context": bench.url("/api/data/v9.2/$metadata#leads(firstname,_ownerid_value)/$entity"),
        "@odata.etag": answer.header("etag"), "firstname": "Kevin", "_ownerid_value": known::MIA,
        "leadid": known::OTHER_CASE,
    });
    assert_eq!(body, expected);
    assert!(answer.header("etag").starts_with("W/\""));
    let all = bench.ok(&format!("leads({})", known::OTHER_CASE)).await;
    assert_eq!(
        (&all["fullname"], &all["description"]),
        (&json!("Kevin O'Brien"), &Value::Null)
    );
}

#[tokio::test]
async fn annotations_come_when_asked_for() {
    let bench = Bench::start().await;
    let path = format!(
        "leads({})?$select=leadsourcecode,_ownerid_value,donotemail",
        known::OTHER_CASE
    );
    let call = bench
        .call("GET", &path)
        .header("Prefer", "odata.include-annotations=\"*\"");
    let body = Answer::of(call).await.json();
    let formatted = "OData.Community.Display.V1.FormattedValue";
    assert_eq!(body[format!("leadsourcecode@{formatted}")], "Trade Show");
    assert_eq!(body[format!("donotemail@{formatted}")], "Allow");
    assert_eq!(body[format!("_ownerid_value@{formatted}")], "Mia Keller");
    assert_eq!(
        body["_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"],
        "systemuser"
    );
    let before = body["@Microsoft.Dynamics.CRM.globalmetadataversion"].clone();
    bench.control("DELETE", "columns/pager", json!({})).await;
    let call = bench
        .call("GET", &path)
        .header("Prefer", "odata.include-annotations=\"*\"");
    let after =
        Answer::of(call).await.json()["@Microsoft.Dynamics.CRM.globalmetadataversion"].clone();
    assert_ne!(before, after, "the schema changed");
}

#[tokio::test]
async fn users_are_found_by_their_address() {
    let bench = Bench::start().await;
    let call = bench.call("GET", "systemusers").query(&[
        ("$select", "systemuserid,fullname,isdisabled"),
        (
            "$filter",
            "internalemailaddress eq 'LOU.ADAMS@contoso.example'",
        ),
    ]);
    let rows = Answer::of(call).await.json()["value"].clone();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(
        (&rows[0]["systemuserid"], &rows[0]["isdisabled"]),
        (&json!(known::LOU), &json!(true))
    );
    let own = bench
        .ok(&format!(
            "systemusers?$filter=applicationid eq {}",
            known::CLIENT
        ))
        .await;
    assert_eq!(own["value"][0]["systemuserid"], known::USER);
    let call = bench.call("GET", "systemusers").query(&[
        ("$select", "internalemailaddress"),
        (
            "$filter",
            &format!(
                "(systemuserid eq {}) or (systemuserid eq {})",
                known::MIA,
                known::TEAM
            ),
        ),
    ]);
    let rows = Answer::of(call).await.json()["value"].clone();
    assert_eq!(rows.as_array().unwrap().len(), 1, "a team is no user");
    assert_eq!(
        rows[0]["internalemailaddress"],
        "mia.keller@contoso.example"
    );
}

#[tokio::test]
async fn lookups_are_filtered_by_id_and_aliases_stand_for_values() {
    let bench = Bench::start().await;
    let of = format!(
        "_ownerid_value eq {} and createdon lt 2100-01-01T00:00:00Z",
        known::MIA
    );
    assert_eq!(found(&bench, &of).await.len(), 5);
    let path = "leads?$select=leadid&$filter=lastname eq @p&@p='O''Brien'";
    assert_eq!(bench.ok(path).await["value"].as_array().unwrap().len(), 1);
    let list =
        "Microsoft.Dynamics.CRM.In(PropertyName='lastname',PropertyValues=[\"O'Brien\",\"Weiß\"])";
    assert_eq!(
        found(&bench, list).await,
        [known::OTHER_CASE, known::DISQUALIFIED]
    );
}
