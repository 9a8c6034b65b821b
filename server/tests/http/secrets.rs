//! A copy of the database is worth nothing to whoever takes it: no secret that was handed out or
//! typed lies in it in clear.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use leadline_sandbox::{Config, Dynamics, DynamicsConfig, Sandbox, known};
use reqwest::{Method, StatusCode};
use serde_json::json;
use sha2::{Digest, Sha256};
use url::Url;

use crate::crm::{settings as crm_settings, typed};
use crate::postgres::Postgres;
use crate::sign_in::set_up;
use crate::support::world::{ADMINISTRATOR, ANN, BEN, PASSWORD, SPARE, World};
use crate::support::{Browser, KEY, Page};

/// A certificate, and the key that belongs to it, which is worth nothing.
const CERTIFICATE: &str = include_str!("../../../tests/dynamics_client/certificate.pem");
const KEY_OF_CERTIFICATE: &[u8] =
    include_bytes!("../../../end2end/sandbox/src/oidc/stand-in-key.der");
/// How LinkedIn's tokens begin, here as in reality.
const TOKENS: [&str; 2] = ["AQX", "AQW"];

/// What must not be found.
#[derive(Default)]
struct Secrets {
    /// What each is, and how it looks.
    all: Vec<(String, Vec<u8>)>,
    /// The challenge of a sign-on that is under way, whose verifier nobody has seen.
    challenge: String,
}

impl Secrets {
    /// Notes a secret, also as hexadecimal digits, which is how a dump shows bytes.
    fn note(&mut self, what: &str, secret: &[u8]) {
        assert!(
            secret.len() >= 10,
            "{what} is too short to be told from chance"
        );
        let digits = hex::encode(secret);
        for form in [
            secret.to_vec(),
            digits.to_uppercase().into_bytes(),
            digits.into_bytes(),
        ] {
            self.all.push((what.to_owned(), form));
        }
    }

    /// What is found of them.
    fn found_in(&self, copy: &[u8]) -> Vec<&str> {
        let found = self.all.iter().filter(|(_, secret)| holds(copy, secret));
        let mut names: Vec<&str> = found.map(|(what, _)| what.as_str()).collect();
        if holds_token(copy) {
            names.push("a token of LinkedIn's");
        }
        if holds_verifier(copy, &self.challenge) {
            names.push("a verifier");
        }
        names
    }
}

fn holds(copy: &[u8], part: &[u8]) -> bool {
    copy.windows(part.len()).any(|window| window == part)
}

/// Whether something stands there that begins like a token and goes on like one.
fn holds_token(copy: &[u8]) -> bool {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    copy.windows(60).any(|window| {
        TOKENS
            .iter()
            .any(|begin| window.starts_with(begin.as_bytes()))
            && window.iter().all(word)
    })
}

/// Whether a word stands there that PKCE's challenge was made of.
fn holds_verifier(copy: &[u8], challenge: &str) -> bool {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let words = copy.split(|byte| !word(byte));
    let mut long = words.filter(|word| word.len() == challenge.len());
    long.any(|word| BASE64URL.encode(Sha256::digest(word)) == challenge)
}

/// Uses everything that deals with secrets; what was handed out on the way.
async fn use_everything(world: &World, dynamics: &Dynamics) -> Secrets {
    let mut secrets = Secrets::default();
    secrets.note("the password", PASSWORD.as_bytes());
    secrets.note("the secret key", KEY.as_bytes());
    secrets.note("LinkedIn's client secret", b"sandbox-client-secret");
    hand_out_links(world, &mut secrets).await;
    leave_for_elsewhere(world, &mut secrets).await;
    answer_a_program_twice(world, &mut secrets).await;
    connect_a_crm(world, dynamics, &mut secrets).await;
    for email in [ADMINISTRATOR, ANN] {
        let cookie = signed_in_cookie(world, email).await;
        secrets.note("a session's id", cookie.as_bytes());
    }
    let (phone, codes) = set_up(&world.signed_in(BEN).await).await;
    let seed = phone.secret();
    secrets.note("a second factor's seed", seed.as_bytes());
    secrets.note(
        "a second factor's seed in letters",
        seed.to_base32().as_bytes(),
    );
    let token = world.token("kept", "administrator");
    secrets.note("an API token", token.as_bytes());
    assert!(codes.len() > 4);
    for code in codes {
        secrets.note("a recovery code", code.as_bytes());
        secrets.note("a recovery code", code.replace('-', "").as_bytes());
    }
    secrets
}

/// A connection to Dynamics 365 by a secret that becomes the CRM, and then by a certificate.
async fn connect_a_crm(world: &World, dynamics: &Dynamics, secrets: &mut Secrets) {
    let administrator = world.signed_in(ADMINISTRATOR).await;
    let url = dynamics.organization_url();
    let page = administrator.get("/crm").await;
    let page = administrator.submit(&page, "url", &typed(url, &[])).await;
    let version = page.values("version").remove(0);
    let fields = [("version", version.as_str())];
    let confirmed = administrator.post("/crm/confirm", &fields).await;
    assert!(confirmed.status.is_redirection(), "{}", confirmed.text);
    secrets.note("the CRM's client secret", known::SECRET.as_bytes());

    register(dynamics, CERTIFICATE).await;
    let key = format!(
        "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\n",
        BASE64.encode(KEY_OF_CERTIFICATE)
    );
    let page = administrator.get("/crm").await;
    let version = page.values("version").remove(0);
    let fields = [
        ("version", version.as_str()),
        ("client_id", known::CLIENT),
        ("certificate", CERTIFICATE),
        ("private_key", &key),
    ];
    let replaced = administrator.post("/crm/credential", &fields).await;
    assert!(replaced.status.is_redirection(), "{}", replaced.text);
    secrets.note("the CRM's private key", KEY_OF_CERTIFICATE);
    let written = BASE64.encode(KEY_OF_CERTIFICATE);
    secrets.note("the CRM's private key as text", &written.as_bytes()[..60]);
}

/// Has the application know a certificate.
async fn register(dynamics: &Dynamics, certificate: &str) {
    let address = format!("{}/control/applications", dynamics.organization_url());
    let sandbox = Browser::new(&address);
    let wish = json!({ "client": known::CLIENT, "certificate": certificate });
    let told = sandbox
        .send(sandbox.request(Method::POST, "").json(&wish))
        .await;
    assert!(told.status.is_success(), "{}", told.text);
}

/// Links by which somebody chooses a password: an invitation, and one for whoever forgot theirs.
async fn hand_out_links(world: &World, secrets: &mut Secrets) {
    let administrator = world.signed_in(ADMINISTRATOR).await;
    let new = [
        ("name", "New"),
        ("email", "new@example.com"),
        ("role", "salesperson"),
    ];
    let invited = administrator.post("/users/new", &new).await;
    secrets.note("an invitation", link_on(&invited).as_bytes());
    let path = format!("/users/{}/link", world.person(SPARE).await);
    let reset = administrator.post(&path, &[]).await;
    secrets.note("a link to another password", link_on(&reset).as_bytes());
}

/// The token of the link that a page shows.
fn link_on(page: &Page) -> &str {
    let (_, rest) = page.text.split_once("/sign-in/link/").unwrap();
    let token = rest.split(['"', '<']).next().unwrap();
    assert_eq!(token.len(), 43, "256 bits");
    token
}

/// Sign-ons and consents that are under way: what their addresses tie to a browser.
async fn leave_for_elsewhere(world: &World, secrets: &mut Secrets) {
    let to_linkedin = world.signed_in(ANN).await.get("/auth/linkedin/start").await;
    let to_provider = world.app.browser().get("/sign-in/sso").await;
    for (page, name) in [
        (&to_linkedin, "state"),
        (&to_provider, "state"),
        (&to_provider, "nonce"),
    ] {
        let there = page.leads_to().unwrap();
        secrets.note(name, parameter(&there, name).as_bytes());
    }
    secrets.challenge = parameter(&to_provider.leads_to().unwrap(), "code_challenge");
}

fn parameter(address: &Url, name: &str) -> String {
    let mut all = address.query_pairs();
    all.find(|(n, _)| n == name).unwrap().1.into_owned()
}

/// What a program was told once is kept for when it asks again.
async fn answer_a_program_twice(world: &World, secrets: &mut Secrets) {
    let token = world.token("asks twice", "administrator");
    let browser = world.app.browser();
    for (path, secret, body) in [
        (
            "/api/v1/tokens",
            "secret",
            json!({ "name": "Told once", "role": "salesperson" }),
        ),
        (
            "/api/v1/users",
            "invitation_url",
            json!({ "email": "program@example.com", "name": "P", "roles": ["salesperson"] }),
        ),
    ] {
        let ask = async || {
            let post = browser.request(Method::POST, path).bearer_auth(&token);
            let post = post.header("idempotency-key", secret).json(&body);
            browser.send(post).await
        };
        let first = ask().await;
        assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
        assert_eq!(ask().await.text, first.text, "it is kept");
        let answer: serde_json::Value = serde_json::from_str(&first.text).unwrap();
        let told = answer[secret].as_str().unwrap();
        let told = told.rsplit('/').next().unwrap();
        secrets.note("what a program was told once", told.as_bytes());
    }
}

/// The id that a browser keeps after signing in.
async fn signed_in_cookie(world: &World, email: &str) -> String {
    let browser = world.app.browser();
    let typed = [("email", email), ("password", PASSWORD)];
    let page = browser.post("/sign-in", &typed).await;
    let set = page.sets("leadline").unwrap();
    let (_, value) = set.split(';').next().unwrap().split_once('=').unwrap();
    assert_eq!(value.len(), 22, "128 bits");
    value.to_owned()
}

/// The proof that the search finds what there is to find.
async fn prove_the_search(world: &World, secrets: &Secrets) {
    let sandbox = Browser::new(&world.app.sandbox.base_url());
    let asked = sandbox.request(Method::POST, "/control/tokens");
    let answer = sandbox.send(asked.json(&serde_json::json!({}))).await;
    assert!(holds_token(answer.text.as_bytes()), "{}", answer.text);
    let (what, secret) = secrets.all.last().unwrap();
    let copy = [b"before", secret.as_slice(), b"after"].concat();
    assert!(secrets.found_in(&copy).contains(&what.as_str()));
    let verifier = "v".repeat(43);
    let challenge = BASE64URL.encode(Sha256::digest(&verifier));
    let copy = format!("{{\"verifier\":\"{verifier}\"}}");
    assert!(holds_verifier(copy.as_bytes(), &challenge));
    assert_eq!(secrets.challenge.len(), challenge.len());
}

/// The world with an OpenID provider and an organization of Dynamics 365.
async fn start(settings: &[(&str, &str)]) -> (World, Sandbox, Dynamics) {
    let provider = Sandbox::start(Config::default()).await.unwrap();
    let dynamics = Dynamics::start(DynamicsConfig::default()).await.unwrap();
    let issuer = format!("{}/oidc", provider.base_url());
    let mut all = vec![
        ("LEADLINE_OIDC__ISSUER", issuer.as_str()),
        ("LEADLINE_OIDC__CLIENT_ID", "sandbox-client"),
        ("LEADLINE_OIDC__CLIENT_SECRET", "sandbox-client-secret"),
    ];
    all.extend(crm_settings(&dynamics));
    all.extend(settings);
    (World::start_with(&all).await, provider, dynamics)
}

async fn search_the_dump(world: &World, secrets: &Secrets) {
    let dump = world.books.everything(&[]).await.join("\n");
    for known in [ANN, "user_profile: ", "session: "] {
        assert!(dump.contains(known), "the dump lacks {known}");
    }
    assert_eq!(secrets.found_in(dump.as_bytes()), Vec::<&str>::new());
}

#[tokio::test]
async fn a_copy_of_the_sqlite_files_holds_no_secret() {
    let (world, _provider, dynamics) = start(&[]).await;
    let secrets = use_everything(&world, &dynamics).await;
    prove_the_search(&world, &secrets).await;
    search_the_dump(&world, &secrets).await;
    let mut copied = 0;
    for file in std::fs::read_dir(world.app.folder.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(
            secrets.found_in(&bytes),
            Vec::<&str>::new(),
            "{}",
            path.display()
        );
        copied += bytes.len();
    }
    assert!(
        copied > 100_000,
        "only {copied} bytes were there to be read"
    );
}

#[tokio::test]
async fn a_dump_of_the_postgres_database_holds_no_secret() {
    let postgres = Postgres::start();
    let url = postgres.url();
    let (world, _provider, dynamics) = start(&[("LEADLINE_DATABASE__URL", &url)]).await;
    let secrets = use_everything(&world, &dynamics).await;
    search_the_dump(&world, &secrets).await;
}
