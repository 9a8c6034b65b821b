//! Columns as they describe themselves: labels in languages, lengths, choices, and how they change.

use leadline_sandbox::known;
use serde_json::{Value, json};

use crate::bench::{Bench, error};

const LEAD: &str = "EntityDefinitions(LogicalName='lead')";

fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
    let mut list = list["value"].as_array().unwrap().iter();
    list.find(|own| own["LogicalName"] == name)
        .unwrap_or_else(|| panic!("{name} is not there"))
}

#[tokio::test]
async fn a_table_is_found_by_name_by_id_and_by_filter() {
    let bench = Bench::start().await;
    let select =
        "$select=LogicalName,EntitySetName,PrimaryIdAttribute,IsOptimisticConcurrencyEnabled";
    let lead = bench.ok(&format!("{LEAD}?{select}")).await;
    assert_eq!(
        (
            &lead["EntitySetName"],
            &lead["PrimaryIdAttribute"],
            &lead["IsOptimisticConcurrencyEnabled"]
        ),
        (&json!("leads"), &json!("leadid"), &json!(true))
    );
    let id = lead["MetadataId"].as_str().unwrap();
    assert_eq!(
        bench.ok(&format!("EntityDefinitions({id})?{select}")).await,
        lead
    );
    let path = "EntityDefinitions?%24select=LogicalName%2CEntitySetName%2CPrimaryIdAttribute&%24filter=LogicalName+eq+%27lead%27";
    let found = bench.ok(path).await;
    assert_eq!(found["value"].as_array().unwrap().len(), 1);
    let missing = bench
        .get("EntityDefinitions(LogicalName='opportunity')")
        .await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn columns_tell_type_label_and_requirement() {
    let bench = Bench::start().await;
    let select = "$select=LogicalName,SchemaName,DisplayName,AttributeType,AttributeTypeName,RequiredLevel,IsValidForCreate,IsValidForUpdate,IsValidForRead,AttributeOf,IsCustomAttribute,MetadataId";
    let writable = bench
        .ok(&format!(
            "{LEAD}/Attributes?{select}&$filter=IsValidForUpdate eq true"
        ))
        .await;
    let subject = named(&writable, "subject");
    assert_eq!(
        subject["AttributeTypeName"],
        json!({ "Value": "StringType" })
    );
    assert_eq!(subject["RequiredLevel"]["Value"], "ApplicationRequired");
    let labels = subject["DisplayName"]["LocalizedLabels"]
        .as_array()
        .unwrap();
    let labels: Vec<(&Value, &Value)> = labels
        .iter()
        .map(|label| (&label["LanguageCode"], &label["Label"]))
        .collect();
    assert_eq!(
        labels,
        [
            (&json!(1033), &json!("Topic")),
            (&json!(1031), &json!("Thema"))
        ]
    );
    assert_eq!(
        subject["DisplayName"]["UserLocalizedLabel"]["Label"],
        "Topic"
    );
    let names: Vec<&str> = writable["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["LogicalName"].as_str().unwrap())
        .collect();
    assert!(
        !names.contains(&"fullname") && !names.contains(&"leadid") && names.contains(&"ownerid")
    );
    let all = bench.ok(&format!("{LEAD}/Attributes?{select}")).await;
    assert_eq!(named(&all, "revenue_base")["AttributeOf"], "revenue");
    assert_eq!(named(&all, "owneridname")["AttributeType"], "Virtual");
    let required = "$select=LogicalName&$filter=RequiredLevel/Value eq Microsoft.Dynamics.CRM.AttributeRequiredLevel'ApplicationRequired'";
    let required = bench.ok(&format!("{LEAD}/Attributes?{required}")).await;
    assert_eq!(required["value"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_cast_adds_what_its_type_knows() {
    let bench = Bench::start().await;
    let cast = |kind: &str, query: &str| {
        format!("{LEAD}/Attributes/Microsoft.Dynamics.CRM.{kind}AttributeMetadata?{query}")
    };
    let texts = bench
        .ok(&cast("String", "$select=LogicalName,MaxLength,FormatName"))
        .await;
    for (name, length) in [
        ("firstname", 50),
        ("mobilephone", 20),
        ("subject", 300),
        ("address1_postalcode", 20),
    ] {
        assert_eq!(named(&texts, name)["MaxLength"], length, "{name}");
    }
    assert_eq!(
        named(&texts, "emailaddress1")["FormatName"]["Value"],
        "Email"
    );
    let memos = bench
        .ok(&cast("Memo", "$select=LogicalName,MaxLength"))
        .await;
    assert_eq!(named(&memos, "description")["MaxLength"], 2000);
    let numbers = bench
        .ok(&cast("Integer", "$select=LogicalName,MinValue,MaxValue"))
        .await;
    assert_eq!(named(&numbers, "numberofemployees")["MaxValue"], 1_000_000);
    let money = bench
        .ok(&cast("Money", "$select=LogicalName,Precision,MaxValue"))
        .await;
    assert_eq!(named(&money, "revenue")["Precision"], 2);
    let dates = bench
        .ok(&cast(
            "DateTime",
            "$select=LogicalName,Format,DateTimeBehavior",
        ))
        .await;
    assert_eq!(named(&dates, "estimatedclosedate")["Format"], "DateOnly");
    let lookups = bench
        .ok(&cast("Lookup", "$select=LogicalName,Targets"))
        .await;
    assert_eq!(
        named(&lookups, "customerid")["Targets"],
        json!(["account", "contact"])
    );
    let uncast = bench
        .get(&format!("{LEAD}/Attributes?$select=MaxLength"))
        .await;
    assert_eq!(
        uncast.error(),
        error(400, "0x0"),
        "without the cast nobody knows a length"
    );
    assert_eq!(bench.get(&cast("Enum", "")).await.status, 404);
}

#[tokio::test]
async fn choices_come_expanded_with_labels_in_languages() {
    let bench = Bench::start().await;
    let path = format!(
        "{LEAD}/Attributes/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet($select=Options),GlobalOptionSet($select=Options)"
    );
    let picklists = bench.ok(&path).await;
    let source = named(&picklists, "leadsourcecode");
    let options = source["OptionSet"]["Options"].as_array().unwrap();
    assert_eq!(options.len(), 10);
    assert_eq!(
        (
            &options[7]["Value"],
            &options[7]["Label"]["UserLocalizedLabel"]["Label"]
        ),
        (&json!(8), &json!("Web"))
    );
    assert_eq!(options[6]["Label"]["LocalizedLabels"][1]["Label"], "Messe");
    assert_eq!(source["GlobalOptionSet"], Value::Null);
    assert_eq!(
        named(&picklists, "industrycode")["OptionSet"]["Options"]
            .as_array()
            .unwrap()
            .len(),
        33
    );
    let plain = bench
        .ok(&format!(
            "{LEAD}/Attributes/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$select=LogicalName"
        ))
        .await;
    assert!(named(&plain, "leadsourcecode").get("OptionSet").is_none());
    let flags = bench.ok(&format!("{LEAD}/Attributes/Microsoft.Dynamics.CRM.BooleanAttributeMetadata?$select=LogicalName&$expand=OptionSet")).await;
    let label = &named(&flags, "donotemail")["OptionSet"]["TrueOption"]["Label"]["UserLocalizedLabel"]
        ["Label"];
    assert_eq!(label, "Do Not Allow");
    let status = bench.ok(&format!("{LEAD}/Attributes(LogicalName='statuscode')/Microsoft.Dynamics.CRM.StatusAttributeMetadata?$select=LogicalName&$expand=OptionSet")).await;
    assert_eq!(status["OptionSet"]["Options"][3]["State"], 2);
}

#[tokio::test]
async fn a_column_is_added_through_the_api_by_whoever_may() {
    let bench = Bench::start().await;
    let label =
        json!({ "LocalizedLabels": [{ "Label": "LinkedIn response id", "LanguageCode": 1033 }] });
    let column = json!({
        "@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata", "SchemaName": "new_LinkedInResponseId",
        "MaxLength": 100, "FormatName": { "Value": "Text" }, "RequiredLevel": { "Value": "None" }, "DisplayName": label,
    });
    let path = format!("{LEAD}/Attributes");
    assert_eq!(
        bench.post(&path, column.clone()).await.error(),
        error(403, "0x80040220")
    );
    let bench = bench.becomes(known::CUSTOMIZER).await;
    let added = bench.post(&path, column.clone()).await;
    assert_eq!(added.status, 204);
    assert!(added.header("odata-entityid").contains("/Attributes("));
    let own = bench
        .ok(&format!(
            "{LEAD}/Attributes(LogicalName='new_linkedinresponseid')"
        ))
        .await;
    assert_eq!(
        (
            &own["IsCustomAttribute"],
            &own["DisplayName"]["UserLocalizedLabel"]["Label"]
        ),
        (&json!(true), &json!("LinkedIn response id"))
    );
    bench.lead(json!({ "new_linkedinresponseid": "r1" })).await;
    assert_eq!(
        bench.post(&path, column).await.status,
        400,
        "there is one already"
    );
    let key = json!({ "SchemaName": "new_LinkedInKey", "KeyAttributes": ["new_linkedinresponseid"], "DisplayName": label });
    assert_eq!(bench.post(&format!("{LEAD}/Keys"), key).await.status, 204);
    let keys = bench.ok(&format!("{LEAD}/Keys")).await;
    assert_eq!(
        (
            &keys["value"][0]["KeyAttributes"],
            &keys["value"][0]["EntityKeyIndexStatus"]
        ),
        (&json!(["new_linkedinresponseid"]), &json!("Active"))
    );
}

#[tokio::test]
async fn customers_add_choices_and_take_columns_away() {
    let bench = Bench::start().await;
    let choices = json!([{ "Value": 8, "Label": "Web" }, { "Value": 100_000_001, "Label": "LinkedIn|LinkedIn" }]);
    bench
        .control("PUT", "columns/leadsourcecode/choices", choices)
        .await;
    bench.lead(json!({ "leadsourcecode": 100_000_001 })).await;
    assert_eq!(
        bench
            .post("leads", json!({ "leadsourcecode": 7 }))
            .await
            .error(),
        error(400, "0x8004431A")
    );
    bench.control("DELETE", "columns/jobtitle", json!({})).await;
    assert_eq!(
        bench
            .post("leads", json!({ "jobtitle": "A" }))
            .await
            .error(),
        error(400, "0x80048d19")
    );
    assert_eq!(
        bench.get("leads?$select=jobtitle").await.error(),
        error(400, "0x0")
    );
}

#[tokio::test]
async fn the_documents_list_what_there_is() {
    let bench = Bench::start().await;
    let sets = bench.ok("").await["value"].clone();
    assert!(
        sets.as_array()
            .unwrap()
            .iter()
            .any(|set| set["url"] == "leads")
    );
    let schema = bench.get("$metadata").await;
    assert!(
        schema
            .text
            .contains("<Property Name=\"emailaddress1\" Type=\"Edm.String\"/>")
    );
}
