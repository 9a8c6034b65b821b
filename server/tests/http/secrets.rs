//! A copy of the database is worth nothing to whoever takes it: no secret that was handed out or
//! typed lies in it in clear.

use reqwest::Method;

use crate::postgres::Postgres;
use crate::sign_in::set_up;
use crate::support::world::{ADMINISTRATOR, ANN, BEN, PASSWORD, World};
use crate::support::{Browser, KEY};

/// How LinkedIn's tokens begin, here as in reality.
const TOKENS: [&str; 2] = ["AQX", "AQW"];

/// What must not be found: what it is, and how it looks.
#[derive(Default)]
struct Secrets(Vec<(String, Vec<u8>)>);

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
            self.0.push((what.to_owned(), form));
        }
    }

    /// What is found of them.
    fn found_in(&self, copy: &[u8]) -> Vec<&str> {
        let found = self.0.iter().filter(|(_, secret)| holds(copy, secret));
        let mut names: Vec<&str> = found.map(|(what, _)| what.as_str()).collect();
        if holds_token(copy) {
            names.push("a token of LinkedIn's");
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

/// Uses everything that deals with secrets; what was handed out on the way.
async fn use_everything(world: &World) -> Secrets {
    let mut secrets = Secrets::default();
    secrets.note("the password", PASSWORD.as_bytes());
    secrets.note("the secret key", KEY.as_bytes());
    secrets.note("LinkedIn's client secret", b"sandbox-client-secret");
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
    let (what, secret) = secrets.0.last().unwrap();
    let copy = [b"before", secret.as_slice(), b"after"].concat();
    assert!(secrets.found_in(&copy).contains(&what.as_str()));
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
    let world = World::start().await;
    let secrets = use_everything(&world).await;
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
    let world = World::start_with(&[("LEADLINE_DATABASE__URL", &url)]).await;
    let secrets = use_everything(&world).await;
    search_the_dump(&world, &secrets).await;
}
