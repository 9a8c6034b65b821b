//! HTTPS with a certificate authority of its own.

use leadline_sandbox::{Dynamics, DynamicsConfig, known};

fn client(authority: Option<&str>) -> reqwest::Client {
    #[expect(
        clippy::disallowed_methods,
        reason = "the sandbox shares no code with the engine"
    )]
    let builder = reqwest::Client::builder().no_proxy();
    let builder = match authority {
        Some(pem) => {
            builder.tls_certs_only([reqwest::Certificate::from_pem(pem.as_bytes()).unwrap()])
        }
        None => builder,
    };
    builder.build().unwrap()
}

#[tokio::test]
async fn whoever_trusts_the_authority_gets_a_token_and_uses_it() {
    let config = DynamicsConfig {
        tls: true,
        ..DynamicsConfig::default()
    };
    let dynamics = Dynamics::start(config).await.unwrap();
    let trusting = client(dynamics.certificate());
    for host in ["127.0.0.1", "localhost"] {
        let [login, organization] = [dynamics.authority_url(), dynamics.organization_url()]
            .map(|url| url.replace("127.0.0.1", host));
        assert!(login.starts_with("https://") && organization.starts_with("https://"));
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", known::CLIENT),
            ("client_secret", known::SECRET),
            ("scope", &format!("{organization}/.default")),
        ];
        let url = format!("{login}/{}/oauth2/v2.0/token", known::TENANT);
        let token = trusting.post(url).form(&form).send().await.unwrap();
        let token: serde_json::Value = token.json().await.unwrap();
        let call = trusting.get(format!("{organization}/api/data/v9.2/WhoAmI"));
        let call = call.bearer_auth(token["access_token"].as_str().unwrap());
        assert_eq!(call.send().await.unwrap().status().as_u16(), 200);
    }
    let url = format!("{}/api/data/v9.2/", dynamics.organization_url());
    let distrusting = client(None).get(url).send().await;
    assert!(distrusting.unwrap_err().is_connect());
    dynamics.stop().await;
}

#[tokio::test]
async fn plain_http_needs_no_certificate() {
    let dynamics = Dynamics::start(DynamicsConfig::default()).await.unwrap();
    assert_eq!(dynamics.certificate(), None);
    assert!(dynamics.authority_url().starts_with("http://127.0.0.1:"));
    dynamics.stop().await;
}
