use super::*;

fn organization(url: &str, allowed: &[&str]) -> bool {
    let allowed: Vec<String> = allowed.iter().map(|s| (*s).to_owned()).collect();
    Url::parse(url).is_ok_and(|url| check_organization(&url, &allowed).is_ok())
}

#[test]
fn organizations_are_microsofts() {
    let table = [
        ("https://contoso.crm.dynamics.com", true),
        ("https://contoso.crm11.dynamics.com/", true),
        ("https://contoso.api.crm4.dynamics.com", true),
        ("https://CONTOSO.crm.dynamics.com:443", true),
        ("https://contoso.crm.microsoftdynamics.us", true),
        ("https://contoso.crm.appsplatform.us", true),
        ("https://contoso.crm.dynamics.cn", true),
        ("http://contoso.crm.dynamics.com", false),
        ("https://contoso.crm.dynamics.com:8443", false),
        ("https://contoso.crm.dynamics.com/main.aspx", false),
        ("https://contoso.crm.dynamics.com?x=1", false),
        ("https://contoso.crm.dynamics.com#x", false),
        ("https://me@contoso.crm.dynamics.com", false),
        ("https://:pw@contoso.crm.dynamics.com", false),
        ("https://contoso.crm.dynamics.com.", false),
        ("https://contosodynamics.com", false),
        ("https://contoso.crm.dynamics.com.evil.example", false),
        ("https://evil.example/contoso.crm.dynamics.com", false),
        ("https://contoso.crm.dynamics.com@evil.example", false),
        ("https://127.0.0.1", false),
        ("http://127.0.0.1:8080", false),
        ("https://localhost", false),
        ("https://169.254.169.254", false),
        ("https://[::1]", false),
        ("ftp://contoso.crm.dynamics.com", false),
    ];
    for (url, fine) in table {
        assert_eq!(organization(url, &[]), fine, "{url}");
    }
}

#[test]
fn the_operator_can_name_other_endings_instead() {
    let table = [
        ("http://127.0.0.1:8092", "127.0.0.1", true),
        ("https://127.0.0.1:8092", "127.0.0.1", true),
        ("http://localhost:8092", "localhost", true),
        ("http://localhost:8092", "127.0.0.1", false),
        ("http://127.0.0.2:8092", "127.0.0.1", false),
        ("https://crm.contoso.example:8443", "contoso.example", true),
        ("https://crm.contoso.example", ".Contoso.example", true),
        ("http://crm.contoso.example", "contoso.example", false),
        ("https://contoso.crm.dynamics.com", "contoso.example", false),
        ("https://anything.example", "", false),
    ];
    for (url, ending, fine) in table {
        assert_eq!(organization(url, &[ending]), fine, "{url} {ending}");
    }
}

#[test]
fn tokens_come_from_microsoft() {
    let table = [
        (AUTHORITY, true),
        ("https://login.microsoftonline.us", true),
        ("https://login.partner.microsoftonline.cn", true),
        ("https://contoso.crm.dynamics.com", false),
        ("https://login.microsoftonline.com.evil.example", false),
        ("http://login.microsoftonline.com", false),
    ];
    for (url, fine) in table {
        let checked = check_authority(&url.parse().unwrap(), &[]);
        assert_eq!(checked.is_ok(), fine, "{url}");
    }
}

#[test]
fn a_tenant_is_one_tenant() {
    let table = [
        ("c0a7050c-1111-4a7e-8b01-000000000001", true),
        ("contoso.onmicrosoft.com", true),
        ("common", false),
        ("Organizations", false),
        ("", false),
        ("..", false),
        ("a/b", false),
        ("a b", false),
    ];
    for (tenant, fine) in table {
        assert_eq!(check_tenant(tenant).is_ok(), fine, "{tenant}");
    }
}

#[test]
fn secrets_are_not_shown() {
    let connection = Connection {
        organization: "https://contoso.crm.dynamics.com".parse().unwrap(),
        authority: AUTHORITY.parse().unwrap(),
        tenant: "contoso.example".to_owned(),
        client_id: "1".to_owned(),
        credential: Credential::Secret("hush".into()),
        allowed_hosts: Vec::new(),
    };
    assert!(!format!("{connection:?}").contains("hush"));
    assert_eq!(
        connection.scope(),
        "https://contoso.crm.dynamics.com/.default"
    );
    assert_eq!(
        connection.token_url().unwrap().as_str(),
        "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token"
    );
}
