//! Tokens: one for everybody, replaced in time, and never asked for more often than needed.

use std::time::Duration;

use leadline::crm::dynamics::{Class, Connection, Credential, Dynamics, Pace};
use leadline_sandbox::known;
use serde_json::json;

use crate::bench::{Bench, client};

const CERTIFICATE: &str = include_str!("certificate.pem");
/// The key of the certificate.
const KEY: &[u8] = include_bytes!("../../end2end/sandbox/src/oidc/stand-in-key.der");

/// The key as it stands in a file.
fn key_pem() -> String {
    use base64::Engine as _;
    let key = base64::engine::general_purpose::STANDARD.encode(KEY);
    let lines: Vec<&str> = key
        .as_bytes()
        .chunks(64)
        .map(|l| str::from_utf8(l).unwrap())
        .collect();
    let lines = lines.join("\n");
    format!("-----BEGIN RSA PRIVATE KEY-----\n{lines}\n-----END RSA PRIVATE KEY-----\n")
}

fn by_certificate(bench: &Bench) -> Connection {
    Connection {
        credential: Credential::Certificate {
            certificate_pem: CERTIFICATE.to_owned(),
            private_key_pem: key_pem().into(),
        },
        ..bench.connection()
    }
}

#[tokio::test]
async fn an_application_signs_in_and_learns_who_it_is() {
    let bench = Bench::start().await;
    assert_eq!(bench.dynamics.dop_hint(), None);
    bench.dynamics.sign_in().await.unwrap();
    let me = bench.dynamics.who_am_i().await.unwrap();
    assert_eq!(me.organization_id.to_string(), known::ORGANIZATION);
    assert_eq!(me.user_id.to_string(), known::USER);
    assert_eq!(me.business_unit_id.to_string(), known::BUSINESS_UNIT);
    assert_eq!(bench.dynamics.dop_hint(), Some(8));
    let name = bench.dynamics.organization_name().await.unwrap();
    assert_eq!(name.as_deref(), Some(known::ORGANIZATION_NAME));
    let reader = bench.as_client(known::READER);
    assert_eq!(reader.organization_name().await.unwrap(), None);
    bench.done().await;
}

#[tokio::test]
async fn an_organization_says_which_tenant_it_belongs_to() {
    let bench = Bench::start().await;
    let connection = bench.connection();
    let allowed = &connection.allowed_hosts;
    let told = Dynamics::discover_tenant(&connection.organization, allowed)
        .await
        .unwrap();
    assert_eq!(told.tenant, known::TENANT);
    assert_eq!(told.authority, connection.authority);
    assert_eq!(told.resource, bench.sandbox.organization_url());
    // Entra ID is no organization, and without the operator's leave this machine is none.
    let elsewhere = Dynamics::discover_tenant(&connection.authority, allowed).await;
    assert_eq!(elsewhere.unwrap_err().class, Class::Setup);
    let guarded = Dynamics::discover_tenant(&connection.organization, &[]).await;
    assert_eq!(guarded.unwrap_err().class, Class::Setup);
    bench.done().await;
}

#[tokio::test]
async fn a_place_that_is_not_allowed_is_refused_before_anything_is_sent() {
    let bench = Bench::start().await;
    let connection = Connection {
        allowed_hosts: Vec::new(),
        ..bench.connection()
    };
    let error = Dynamics::new(&connection).unwrap_err();
    assert!(error.message().contains("https://contoso.crm.dynamics.com"));
    assert!(bench.journal().await.is_empty());
    bench.done().await;
}

#[tokio::test]
async fn whoever_is_refused_hears_why() {
    let bench = Bench::start().await;
    let secret = |secret: &str| Connection {
        credential: Credential::Secret(secret.into()),
        ..bench.connection()
    };
    let of = |client_id: &str| Connection {
        client_id: client_id.to_owned(),
        ..bench.connection()
    };
    let tenant = |tenant: &str| Connection {
        tenant: tenant.to_owned(),
        ..bench.connection()
    };
    let wanderer = Connection {
        tenant: known::OTHER_TENANT.to_owned(),
        ..of(known::WANDERER)
    };
    let table = [
        (secret("wrong"), Class::SignIn, "AADSTS7000215", "secret ID"),
        (
            secret(known::EXPIRED_SECRET),
            Class::SignIn,
            "AADSTS7000222",
            "expired",
        ),
        (
            of("00000000-0000-0000-0000-00000000dead"),
            Class::SignIn,
            "AADSTS700016",
            "not known in this tenant",
        ),
        (
            tenant("nobody.example"),
            Class::Setup,
            "AADSTS90002",
            "tenant",
        ),
        (wanderer, Class::Setup, "AADSTS500011", "environment"),
        (
            of(known::STRANGER),
            Class::Setup,
            "0x80072560",
            "Application users",
        ),
        (
            of(known::ROLELESS),
            Class::Setup,
            "0x80042F09",
            "security role",
        ),
        (
            by_certificate(&bench),
            Class::SignIn,
            "AADSTS700027",
            "upload the certificate",
        ),
    ];
    for (connection, class, code, advice) in table {
        let failure = client(&connection, Pace::default())
            .who_am_i()
            .await
            .unwrap_err();
        assert_eq!((failure.class, failure.code.as_str()), (class, code));
        assert!(failure.message().contains(advice), "{}", failure.message());
        assert!(failure.message().contains(code));
    }
    bench.done().await;
}

#[tokio::test]
async fn a_certificate_does_instead_of_a_secret() {
    let bench = Bench::start().await;
    let wish = json!({ "client": known::CLIENT, "certificate": CERTIFICATE });
    bench.control("POST", "applications", wish).await;
    let connection = by_certificate(&bench);
    assert!(!format!("{connection:?}").contains(&key_pem()[40..80]));
    let dynamics = client(&connection, Pace::default());
    dynamics.who_am_i().await.unwrap();
    // An assertion counts once, so the next token takes another.
    bench.control("POST", "tokens/expire", json!({})).await;
    dynamics.who_am_i().await.unwrap();
    assert_eq!(bench.count("POST token").await, 2);
    bench.done().await;
}

#[tokio::test]
async fn a_key_of_another_certificate_is_noticed() {
    let bench = Bench::start().await;
    let other = CERTIFICATE.replace(
        CERTIFICATE.lines().nth(5).unwrap(),
        CERTIFICATE.lines().nth(6).unwrap(),
    );
    let connection = Connection {
        credential: Credential::Certificate {
            certificate_pem: other,
            private_key_pem: key_pem().into(),
        },
        ..bench.connection()
    };
    let error = Dynamics::new(&connection).unwrap_err();
    assert!(
        error
            .message()
            .contains("does not belong to the certificate")
    );
    bench.done().await;
}

#[tokio::test]
async fn everybody_shares_one_token() {
    let bench = Bench::start().await;
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let dynamics = bench.dynamics.clone();
            tokio::spawn(async move { dynamics.who_am_i().await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(bench.count("POST token").await, 1);
    bench.done().await;
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_whoever_notices() {
    let bench = Bench::start().await;
    bench.ask().await.unwrap();
    bench.control("POST", "tokens/expire", json!({})).await;
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let dynamics = bench.dynamics.clone();
            tokio::spawn(async move { dynamics.who_am_i().await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(bench.count("POST token").await, 2);
    bench.done().await;
}

#[tokio::test]
async fn a_second_refusal_is_an_answer() {
    let bench = Bench::start().await;
    bench.fails("GET WhoAmI", "401").await;
    let failure = bench.dynamics.who_am_i().await.unwrap_err();
    assert_eq!((failure.class, failure.status), (Class::SignIn, Some(401)));
    assert_eq!(bench.count("POST token").await, 2);
    assert_eq!(bench.count("GET WhoAmI").await, 2);
    bench.done().await;
}

#[tokio::test]
async fn a_token_is_replaced_before_it_ends() {
    let bench = Bench::start().await;
    bench.faults(json!({ "token_seconds": 2 })).await;
    bench.ask().await.unwrap();
    bench.ask().await.unwrap();
    assert_eq!(bench.count("POST token").await, 1);
    tokio::time::sleep(Duration::from_millis(1600)).await;
    // Entra ID is unwell, and the old token still counts.
    bench.fails("token", "90055").await;
    bench.ask().await.unwrap();
    bench.ask().await.unwrap();
    assert_eq!(bench.count("POST token").await, 2);
    tokio::time::sleep(Duration::from_millis(500)).await;
    // Now it does not, and Entra ID is still left alone.
    assert_eq!(bench.ask().await.unwrap_err().class, Class::Retry);
    assert_eq!(bench.count("POST token").await, 2);
    let refused = bench
        .journal()
        .await
        .into_iter()
        .filter(|entry| entry["status"] == 401);
    assert_eq!(refused.count(), 0);
    bench.done().await;
}

#[tokio::test]
async fn entra_id_is_not_asked_again_while_it_asks_to_wait() {
    let bench = Bench::start().await;
    bench.faults(json!({ "retry_after": 1, "errors": [{ "endpoint": "token", "kind": "429", "times": 1 }] })).await;
    for _ in 0..5 {
        let failure = bench.dynamics.sign_in().await.unwrap_err();
        assert_eq!(failure.class, Class::Wait);
        assert_eq!(failure.retry_after, Some(Duration::from_secs(1)));
    }
    assert_eq!(bench.count("POST token").await, 1);
    tokio::time::sleep(Duration::from_millis(1050)).await;
    bench.dynamics.sign_in().await.unwrap();
    bench.done().await;
}

#[tokio::test]
async fn those_who_wait_for_a_token_share_the_refusal() {
    let bench = Bench::start().await;
    bench.fails("token", "7000222").await;
    let tasks: Vec<_> = (0..30)
        .map(|_| {
            let dynamics = bench.dynamics.clone();
            tokio::spawn(async move { dynamics.who_am_i().await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap_err().class, Class::SignIn);
    }
    // Whoever came after the answer asks again, and nobody else.
    assert!(bench.count("POST token").await <= 3);
    bench.done().await;
}

#[tokio::test]
async fn every_refusal_of_entra_id_has_its_class() {
    let bench = Bench::start().await;
    let table = [
        ("7000215", Class::SignIn),
        ("7000222", Class::SignIn),
        ("7000218", Class::SignIn),
        ("700027", Class::SignIn),
        ("700016", Class::SignIn),
        ("90002", Class::Setup),
        ("500011", Class::Setup),
        ("70011", Class::Setup),
        ("28002", Class::Setup),
        ("900144", Class::Setup),
        ("65001", Class::SignIn),
        ("90094", Class::SignIn),
        ("65004", Class::SignIn),
        ("53003", Class::SignIn),
        ("50196", Class::SignIn),
        ("70003", Class::Bug),
        ("90055", Class::Retry),
        ("90024", Class::Retry),
        ("90090", Class::Retry),
        ("90033", Class::Retry),
        ("500", Class::Retry),
        ("502", Class::Retry),
        ("html_502", Class::Retry),
        ("503", Class::Retry),
        ("504", Class::Retry),
        ("408", Class::Retry),
        ("429", Class::Wait),
        ("reset", Class::Retry),
        ("timeout", Class::Retry),
    ];
    for (kind, class) in table {
        bench.fails("token", kind).await;
        let failure = bench.dynamics.who_am_i().await.unwrap_err();
        assert_eq!(failure.class, class, "{kind}");
        assert!(failure.message().len() > 40, "{kind}");
    }
    bench.done().await;
}
