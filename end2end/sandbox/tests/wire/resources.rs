//! What the resources show.

use leadline_sandbox::Seed;
use serde_json::{Value, json};

use crate::bench::{ACCOUNT, Bench, leads_of};

fn list(value: &Value) -> &Vec<Value> {
    value["elements"].as_array().unwrap()
}

#[tokio::test]
async fn ad_accounts_and_users() {
    let mut bench = Bench::start(Seed::Demo).await;
    let all = bench.ok("/rest/adAccounts?q=search").await;
    assert_eq!((list(&all).len(), &all["paging"]["total"]), (7, &json!(7)));
    let search =
        "search=(status:(values:List(ACTIVE)),test:false)&fields=id,name,test,referenceInfo";
    let some = bench
        .ok(&format!("/rest/adAccounts?q=search&{search}"))
        .await;
    assert_eq!(list(&some).len(), 5);
    let first = &list(&some)[0];
    assert_eq!(
        first["referenceInfo"]["organization"]["vanityName"],
        "harbor-and-pine"
    );
    assert_eq!(first.as_object().unwrap().len(), 4);
    let no_page = list(&some)
        .iter()
        .find(|account| account["name"] == "Pine Ventures")
        .unwrap();
    assert_eq!(no_page["referenceInfo"], json!({}));
    for id in ["urn%3Ali%3AsponsoredAccount%3A501234568", "501234568"] {
        let one = bench
            .ok(&format!(
                "/rest/adAccounts?q=search&search=(id:(values:List({id})))"
            ))
            .await;
        assert_eq!(list(&one).len(), 1);
    }
    let page = bench.ok("/rest/adAccounts?q=search&pageSize=5").await;
    let token = page["metadata"]["nextPageToken"].as_str().unwrap();
    let rest = bench
        .ok(&format!(
            "/rest/adAccounts?q=search&pageSize=5&pageToken={token}"
        ))
        .await;
    assert_eq!((list(&page).len(), list(&rest).len()), (5, 2));
    assert!(rest["metadata"].get("nextPageToken").is_none());
    let both = format!("/rest/adAccounts?q=search&search=(test:false)&pageToken={token}");
    let refused = bench.get(&both).await;
    assert_eq!(refused.status, 400);
    assert!(refused.json()["errorDetails"]["inputErrors"].is_array());
    assert_eq!(
        bench.ok("/rest/adAccounts/501234567").await["currency"],
        "EUR"
    );
    assert_eq!(bench.get("/rest/adAccounts/1").await.status, 404);
    let users = bench
        .ok("/rest/adAccountUsers?q=authenticatedUser&count=100&start=0")
        .await;
    let agency = list(&users)
        .iter()
        .find(|user| user["account"] == "urn:li:sponsoredAccount:501234573")
        .unwrap();
    assert_eq!(
        (&agency["role"], &agency["user"]),
        (&json!("VIEWER"), &json!("urn:li:person:BcLKblgopR"))
    );
    let of = bench.ok("/rest/adAccountUsers?q=accounts&accounts=List(urn%3Ali%3AsponsoredAccount%3A501234567)").await;
    assert_eq!(list(&of).len(), 2);
    bench.token = bench.token_of(json!({ "member": "cem" })).await;
    assert_eq!(list(&bench.ok("/rest/adAccounts?q=search").await).len(), 0);
    assert_eq!(
        list(&bench.ok("/rest/adAccountUsers?q=authenticatedUser").await).len(),
        0
    );
    assert_eq!(bench.get("/rest/adAccounts/501234567").await.status, 403);
}

#[tokio::test]
async fn pages_and_events() {
    let mut bench = Bench::start(Seed::Demo).await;
    let roles = bench
        .ok("/rest/organizationAcls?q=roleAssignee&state=APPROVED")
        .await;
    assert_eq!(
        (list(&roles).len(), &list(&roles)[0]["role"]),
        (1, &json!("ADMINISTRATOR"))
    );
    assert!(roles["paging"].get("total").is_none());
    assert_eq!(
        list(&bench.ok("/rest/organizationAcls?q=roleAssignee").await).len(),
        2
    );
    assert_eq!(
        list(
            &bench
                .ok("/rest/organizationAcls?q=roleAssignee&role=CURATOR&state=APPROVED")
                .await
        )
        .len(),
        0
    );
    assert_eq!(
        bench.ok("/rest/organizations/11223344").await["localizedName"],
        "Harbor & Pine"
    );
    assert_eq!(
        bench.get("/rest/events/7100000000000000001").await.status,
        403
    );
    bench.token = bench.token_of(json!({ "scopes": ["r_events"] })).await;
    let event = bench.ok("/rest/events/7100000000000000001").await;
    assert!(
        event["name"]["localized"]["en_US"]
            .as_str()
            .unwrap()
            .contains("webinar")
    );
}

#[tokio::test]
async fn campaigns_and_creatives() {
    let bench = Bench::start(Seed::Demo).await;
    let base = "/rest/adAccounts/501234567";
    let campaign = bench.ok(&format!("{base}/adCampaigns/198356826")).await;
    assert_eq!(
        (&campaign["name"], &campaign["objectiveType"]),
        (&json!("Spring demo push"), &json!("LEAD_GENERATION"))
    );
    let page = bench
        .ok(&format!(
            "{base}/adCampaigns?q=search&search=(status:(values:List(ACTIVE)))&pageSize=2"
        ))
        .await;
    assert_eq!(list(&page).len(), 2);
    assert!(page["metadata"]["nextPageToken"].is_string());
    let batch = bench
        .ok(&format!("{base}/adCampaigns?ids=List(198356826,1)"))
        .await;
    assert_eq!(batch["results"]["198356826"]["id"], 198_356_826);
    assert_eq!(batch["errors"]["1"]["status"], 404);
    let group = campaign["campaignGroup"]
        .as_str()
        .unwrap()
        .rsplit(':')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(
        bench.ok(&format!("{base}/adCampaignGroups/{group}")).await["name"],
        "Lead generation"
    );
    let creative = "urn%3Ali%3AsponsoredCreative%3A241257736";
    assert_eq!(
        bench.ok(&format!("{base}/creatives/{creative}")).await["id"],
        "urn:li:sponsoredCreative:241257736"
    );
    assert_eq!(
        bench
            .get(&format!(
                "{base}/creatives/urn:li:sponsoredCreative:241257736"
            ))
            .await
            .status,
        400
    );
    let found = bench
        .ok(&format!(
            "{base}/creatives?q=criteria&campaigns=List(urn%3Ali%3AsponsoredCampaign%3A198356827)"
        ))
        .await;
    assert!(list(&found)[0].get("name").is_none());
    assert_eq!(
        bench
            .get("/rest/adAccounts/501234568/adCampaigns/198356826")
            .await
            .status,
        404
    );
    assert_eq!(bench.get("/rest/adCampaigns/198356826").await.status, 404);
}

#[tokio::test]
async fn forms_show_their_current_version_and_their_big_ids() {
    let bench = Bench::start(Seed::Demo).await;
    let owner = "owner=(sponsoredAccount:urn%3Ali%3AsponsoredAccount%3A501234567)";
    let forms = bench
        .ok(&format!("/rest/leadForms?q=owner&{owner}&count=100"))
        .await;
    let big = list(&forms)
        .iter()
        .find(|form| form["name"] == "Whitepaper Lieferketten")
        .unwrap();
    assert_eq!(big["id"].as_u64(), Some(6_851_219_773_716_516_864));
    assert_eq!(big["content"]["questions"][2]["predefinedField"], "EMAIL");
    let demo = bench.ok("/rest/leadForms/7234246").await;
    assert_eq!(
        (
            &demo["versionId"],
            demo["hiddenFields"].as_array().unwrap().len()
        ),
        (&json!(2), 3)
    );
    let narrow = bench
        .ok("/rest/leadForms/7234246?fields=id,content:(questions:(questionId,predefinedField))")
        .await;
    assert_eq!(
        narrow["content"]["questions"][0],
        json!({ "questionId": 9_007_199_254_741_001_u64, "predefinedField": "FIRST_NAME" })
    );
    assert!(narrow.get("name").is_none());
    let batch = bench
        .ok("/rest/leadForms?ids=List(7234246,6851219773716516864,5)")
        .await;
    assert_eq!(batch["results"].as_object().unwrap().len(), 2);
    assert_eq!(batch["errors"]["5"]["status"], 404);
    let page = "owner=(organization:urn%3Ali%3Aorganization%3A11223344)";
    assert_eq!(
        list(&bench.ok(&format!("/rest/leadForms?q=owner&{page}")).await).len(),
        3
    );
}

#[tokio::test]
async fn leads_bring_their_own_form_version() {
    let bench = Bench::start(Seed::Demo).await;
    let fields = "fields=id,ownerInfo,associatedEntityInfo,leadMetadataInfo,versionedLeadGenFormUrn,formResponse,\
                  form:(hiddenFields,creationLocale,name,id,content)";
    let page = bench
        .ok(&format!("{}&{fields}&count=200", leads_of(ACCOUNT)))
        .await;
    let mut versions = std::collections::HashSet::new();
    for lead in list(&page) {
        assert!(lead.get("submitter").is_none());
        let urn = lead["versionedLeadGenFormUrn"].as_str().unwrap();
        let form = lead["form"]["id"].as_u64().unwrap();
        assert!(urn.contains(&format!("leadGenForm:{form},")));
        versions.insert(urn.to_owned());
        let known: Vec<&Value> = lead["form"]["content"]["questions"]
            .as_array()
            .unwrap()
            .iter()
            .collect();
        for answer in lead["formResponse"]["answers"].as_array().unwrap() {
            let question = known
                .iter()
                .any(|question| question["questionId"] == answer["questionId"]);
            assert!(
                question || answer["questionId"] == 4_242_424_242_u64,
                "{answer}"
            );
        }
        assert_eq!(
            lead["ownerInfo"]["sponsoredAccountInfo"]["name"],
            "Harbor & Pine EMEA"
        );
        assert!(
            lead["leadMetadataInfo"]["sponsoredLeadMetadataInfo"]["campaign"]["name"].is_string()
        );
    }
    assert!(versions.len() >= 5);
    let plain = bench.ok(&format!("{}&count=1", leads_of(ACCOUNT))).await;
    let lead = &list(&plain)[0];
    assert!(lead.get("form").is_none() && lead.get("ownerInfo").is_none());
    assert!(
        lead["submitter"]
            .as_str()
            .unwrap()
            .starts_with("urn:li:person:")
    );
    let id = lead["id"].as_str().unwrap();
    let narrow = bench
        .ok(&format!(
            "/rest/leadFormResponses/{id}?fields=id,form:(name)"
        ))
        .await;
    assert_eq!(narrow.as_object().unwrap().len(), 2);
    assert_eq!(narrow["form"].as_object().unwrap().len(), 1);
    let batch = bench
        .ok(&format!("/rest/leadFormResponses?ids=List({id},nope)"))
        .await;
    assert_eq!(
        (
            &batch["results"][id]["id"],
            &batch["errors"]["nope"]["status"]
        ),
        (&json!(id), &json!(404))
    );
    assert_eq!(
        bench.get("/rest/leadFormResponses/nope").await.json()["code"],
        "NOT_FOUND"
    );
}
