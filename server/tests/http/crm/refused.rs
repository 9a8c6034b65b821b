//! What does not work, and what the page says to do about it.

use leadline_sandbox::known;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{Counter, steps};
use crate::audit::words;

/// What is typed otherwise, the step that fails, and what it says.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a str);

#[tokio::test]
async fn each_failure_names_its_own_remedy() {
    let counter = Counter::open().await;
    let cases: &[Case] = &[
        (
            &[("client_secret", "guessed")],
            "Token | Does not work",
            "copy its value, not its secret ID",
        ),
        (
            &[("client_secret", known::EXPIRED_SECRET)],
            "Token | Does not work",
            "The client secret has expired",
        ),
        (
            &[("tenant", known::OTHER_TENANT)],
            "Tenant | Does not work",
            "Leave the tenant empty",
        ),
        (
            &[("tenant", "nobody.example")],
            "Token | Does not work",
            "does not know this tenant",
        ),
        (
            &[("client_id", known::STRANGER)],
            "Application user | Does not work",
            "add the app registration there",
        ),
        (
            &[("client_id", known::ROLELESS)],
            "Application user | Does not work",
            "has no security role",
        ),
    ];
    for (but, label, remedy) in cases {
        let page = counter.connect(but).await;
        let steps = steps(&page);
        let failed = steps.iter().find(|step| step.contains("Does not work"));
        let failed = failed.unwrap_or_else(|| panic!("{but:?}: {steps:?}"));
        assert!(failed.starts_with(label), "{but:?}: {failed}");
        assert!(failed.contains(remedy), "{but:?}: {failed}");
        assert!(
            !words(&page).contains("Is this your organization"),
            "{but:?}"
        );
    }
    let refused = counter.press("/crm/confirm", &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(words(&refused).contains("Not every step is proven"));
}

#[tokio::test]
async fn a_missing_privilege_is_named() {
    let counter = Counter::open().await;
    for (privilege, named) in [
        ("prvReadLead", "Missing: Read on the table Lead."),
        ("prvReadUser", "Missing: Read on the table User."),
    ] {
        let user = json!({ "client": known::CLIENT, "revoke": [privilege] });
        counter.control(Method::POST, "users", user).await;
        let told = steps(&counter.connect(&[]).await);
        assert!(
            told[6].starts_with("Reading | Does not work") && told[6].contains(named),
            "{told:?}"
        );
        let user = json!({ "client": known::CLIENT, "grant": [privilege] });
        counter.control(Method::POST, "users", user).await;
    }
    for (privilege, named) in [
        ("prvCreateLead", "Missing: Create on the table Lead."),
        ("prvWriteLead", "Missing: Write on the table Lead."),
    ] {
        let user = json!({ "client": known::CUSTOMIZER, "revoke": [privilege] });
        counter.control(Method::POST, "users", user).await;
        let writes = [("client_id", known::CUSTOMIZER), ("write", "yes")];
        let told = steps(&counter.connect(&writes).await);
        let fails = told[7].starts_with("Writing | Does not work");
        assert!(fails && told[7].contains(named), "{told:?}");
        let user = json!({ "client": known::CUSTOMIZER, "grant": [privilege] });
        counter.control(Method::POST, "users", user).await;
    }
    assert_eq!(counter.leads().await, 5, "what was made is deleted again");
}

#[tokio::test]
async fn writing_is_tried_only_when_it_is_wanted_and_leaves_nothing_behind() {
    let counter = Counter::open().await;
    let but = [("client_id", known::CUSTOMIZER), ("write", "yes")];
    let told = steps(&counter.connect(&but).await);
    assert!(told[7].contains("made, changed and deleted"), "{told:?}");
    assert_eq!(counter.leads().await, 5);

    // The usual role may not delete, which Leadline never does.
    let told = steps(&counter.connect(&[("write", "yes")]).await);
    assert!(told[7].starts_with("Writing | Proven"), "{told:?}");
    assert!(
        told[7].contains("delete the lead “Leadline probe”"),
        "{told:?}"
    );
    assert_eq!(counter.leads().await, 6);
}

#[tokio::test]
async fn what_is_no_organization_is_refused_beside_its_field_and_what_was_typed_stays() {
    let counter = Counter::open().await;
    for (but, field) in [
        (("url", "http://169.254.169.254"), "url"),
        (("url", "https://contoso.example"), "url"),
        (("client_id", "the sales app"), "client_id"),
        (("tenant", "common"), "tenant"),
        (("expires", "soon"), "expires"),
        (("certificate", "x"), "client_secret"),
    ] {
        let page = counter.connect(&[but]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{but:?}");
        assert!(
            page.text.contains(&format!("id=\"{field}-error\"")),
            "{but:?}"
        );
        if matches!(but.0, "url" | "client_id") {
            assert_eq!(page.values(but.0)[0], but.1);
        }
        assert!(!page.text.contains("s3cr3t"), "{but:?}");
    }
    for (more, field) in [
        (&[("private_key", "x")][..], "certificate"),
        (&[("certificate", "x")], "private_key"),
        (&[("certificate", "x"), ("private_key", "x")], "certificate"),
    ] {
        let mut but = vec![("client_secret", "")];
        but.extend(more);
        let page = counter.connect(&but).await;
        assert!(
            page.text.contains(&format!("id=\"{field}-error\"")),
            "{but:?}"
        );
    }
    let nothing = [("client_secret", "")];
    let page = counter.connect(&nothing).await;
    assert!(words(&page).contains("Type a client secret or a certificate."));
    let nobody = [("url", "http://127.0.0.1:1")];
    let told = steps(&counter.connect(&nobody).await);
    assert!(
        told[0].contains("Nothing answers at this address"),
        "{told:?}"
    );
}
