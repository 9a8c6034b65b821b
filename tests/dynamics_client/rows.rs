//! Rows: found exactly, made once, changed only as they were read.

use leadline::crm::dynamics::{Class, Filter, Table, Written, bind_owner};
use leadline_sandbox::known;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::bench::{Bench, columns, id};

#[tokio::test]
async fn rows_are_found_whatever_stands_in_their_values() {
    let bench = Bench::start().await;
    let odd = [
        "o'neil+a&b=c#d%20@example.com",
        "100%_[x]@example.com",
        "weiß \"q\" \\@example.com",
        "' or emailaddress1 ne '",
    ];
    for email in odd {
        let lead = bench
            .lead(json!({ "lastname": "Odd", "emailaddress1": email }))
            .await;
        assert_eq!(bench.with_email(email).await, [lead], "{email}");
        assert_eq!(
            bench.with_email(&email.to_ascii_uppercase()).await,
            [lead],
            "{email}"
        );
    }
    assert!(bench.with_email("nobody@example.com").await.is_empty());
    assert!(bench.with_email("%").await.is_empty());
    let brien = bench.with_email("kevin.obrien@brightworks.example").await;
    assert_eq!(brien, [id(known::OTHER_CASE)]);
    bench.done().await;
}

#[tokio::test]
async fn conditions_are_joined_and_the_newest_comes_first() {
    let bench = Bench::start().await;
    let find = async |filter: Filter, top| {
        let found = bench
            .dynamics
            .find(Table::Leads, &filter, &["emailaddress1"], top)
            .await;
        let ids = found.unwrap().into_iter().map(|record| record.id);
        ids.collect::<Vec<Uuid>>()
    };
    let double = || Filter::eq("emailaddress1", "anais.lefevre@atelier-nord.example");
    assert_eq!(
        find(double(), 2).await,
        [id(known::SECOND_DOUBLE), id(known::DOUBLE)]
    );
    assert_eq!(find(double(), 1).await, [id(known::SECOND_DOUBLE)]);
    let closed = || Filter::eq("emailaddress1", "maria.garcia@lumbre.example");
    assert_eq!(find(closed(), 2).await, [id(known::QUALIFIED)]);
    assert!(find(closed().and(Filter::is_open()), 2).await.is_empty());
    assert_eq!(find(double().or(closed()), 5).await.len(), 3);
    let by_id = Filter::eq_id("leadid", id(known::DOUBLE));
    assert_eq!(find(by_id, 2).await, [id(known::DOUBLE)]);
    let many = (0..250).map(|n| Filter::eq("emailaddress1", &format!("{n}@example.com")));
    for filter in Filter::any(many.chain([closed()])) {
        assert!(find(filter, 5).await.len() <= 1);
    }
    bench.done().await;
}

#[tokio::test]
async fn a_row_is_made_once() {
    let bench = Bench::start().await;
    let new = Uuid::new_v5(&id(known::ORGANIZATION), b"response-1");
    assert_eq!(bench.read(new, &[]).await, None);
    let lead = json!({ "lastname": "Orton", "emailaddress1": "m.orton@example.com" });
    let made = bench
        .dynamics
        .create(Table::Leads, new, columns(lead.clone()))
        .await
        .unwrap();
    let Written::Made(receipt) = made else {
        panic!("{made:?}");
    };
    assert!(receipt.request_id.is_some(), "support can find the request");
    let again = bench
        .dynamics
        .create(Table::Leads, new, columns(lead))
        .await
        .unwrap();
    assert_eq!(again, Written::Existed);
    let read = bench
        .read(new, &["lastname", "statecode", "_ownerid_value"])
        .await
        .unwrap();
    assert_eq!((read.id, read.etag), (new, receipt.etag));
    let wanted = json!({ "leadid": new, "lastname": "Orton", "statecode": 0, "_ownerid_value": known::USER });
    assert_eq!(Value::Object(read.columns), wanted);
    bench.done().await;
}

#[tokio::test]
async fn a_row_is_changed_only_as_it_was_read() {
    let bench = Bench::start().await;
    let lead = id(known::OTHER_CASE);
    let before = bench.read(lead, &["jobtitle"]).await.unwrap();
    let update = async |etag: &str, body: Value| {
        bench
            .dynamics
            .update(Table::Leads, lead, etag, columns(body))
            .await
    };
    let after = update(&before.etag, json!({ "jobtitle": "CTO" }))
        .await
        .unwrap()
        .etag;
    assert_ne!(after, before.etag);
    let stale = update(&before.etag, json!({ "jobtitle": "CEO" }))
        .await
        .unwrap_err();
    assert_eq!(
        (stale.class, stale.code.as_str()),
        (Class::Stale, "0x80060882")
    );
    let read = bench.read(lead, &["jobtitle"]).await.unwrap();
    assert_eq!(
        (read.columns["jobtitle"].as_str(), &read.etag),
        (Some("CTO"), &after)
    );
    let gone = bench.dynamics.update(
        Table::Leads,
        Uuid::nil(),
        &after,
        columns(json!({ "jobtitle": "x" })),
    );
    assert_eq!(gone.await.unwrap_err().class, Class::Gone);
    assert_eq!(bench.read(Uuid::nil(), &[]).await, None);
    bench.done().await;
}

#[tokio::test]
async fn an_owner_is_found_and_set() {
    let bench = Bench::start().await;
    let find = async |email: &str| bench.dynamics.find_user(email).await.unwrap();
    assert_eq!(
        find(" Mia.Keller@contoso.example ").await,
        Some(id(known::MIA))
    );
    assert_eq!(find("lou.adams@contoso.example").await, None);
    assert_eq!(find("nobody@contoso.example").await, None);
    assert_eq!(find("").await, None);
    let all = [known::MIA, known::LOU, known::USER, known::TEAM].map(id);
    let emails = bench.dynamics.find_emails(&all.into()).await.unwrap();
    let wanted = [
        (id(known::MIA), "mia.keller@contoso.example".to_owned()),
        (id(known::LOU), "lou.adams@contoso.example".to_owned()),
    ];
    assert_eq!(emails, wanted.into(), "an application and a team have none");
    let mut lead = columns(json!({ "lastname": "Orton" }));
    lead.extend([bind_owner(id(known::MIA))]);
    let new = Uuid::new_v4();
    bench
        .dynamics
        .create(Table::Leads, new, lead)
        .await
        .unwrap();
    let read = bench.read(new, &["_ownerid_value"]).await.unwrap();
    assert_eq!(read.columns["_ownerid_value"], known::MIA);
    bench.done().await;
}

#[tokio::test]
async fn contacts_are_rows_as_well() {
    let bench = Bench::start().await;
    let filter = Filter::eq("emailaddress1", "GRACE.kim@hanriver.example");
    let found = bench
        .dynamics
        .find(Table::Contacts, &filter, &["lastname"], 2)
        .await
        .unwrap();
    assert_eq!(found[0].id, id(known::GRACE));
    assert_eq!(found[0].columns["lastname"], "Kim");
    bench.done().await;
}

#[tokio::test]
async fn writes_say_where_they_come_from_and_every_call_has_a_name() {
    let bench = Bench::start().await;
    bench.ask().await.unwrap();
    let lead = columns(json!({ "lastname": "Orton" }));
    bench
        .dynamics
        .create(Table::Leads, Uuid::new_v4(), lead)
        .await
        .unwrap();
    let journal = bench.journal().await;
    let calls = journal.iter().filter(|entry| entry["side"] == "dataverse");
    for entry in calls {
        let query = entry["query"].as_str().unwrap();
        let writes = entry["endpoint"] == "PATCH leads";
        assert_eq!(query.contains("tag=linkedin-sync"), writes, "{query}");
        let name = entry["client_request_id"].as_str().unwrap();
        assert!(name.parse::<Uuid>().is_ok());
    }
    bench.done().await;
}

#[tokio::test]
async fn a_value_that_another_row_has_in_a_key_is_no_row_that_exists() {
    let bench = Bench::start().await;
    let column = json!({ "@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata",
        "SchemaName": "new_Number", "MaxLength": 100 });
    bench.control("POST", "columns", column).await;
    let key = json!({ "SchemaName": "new_NumberKey", "KeyAttributes": ["new_number"] });
    bench.control("POST", "keys", key).await;
    bench
        .lead(json!({ "lastname": "First", "new_number": "7" }))
        .await;
    let lead = columns(json!({ "lastname": "Second", "new_number": "7" }));
    let made = bench
        .dynamics
        .create(Table::Leads, Uuid::new_v4(), lead)
        .await;
    let failure = made.unwrap_err();
    assert_eq!(
        (failure.class, failure.code.as_str()),
        (Class::Existed, "0x80060892")
    );
    bench.done().await;
}
