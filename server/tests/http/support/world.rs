//! A Leadline at work: an administrator, two salespeople who have each connected a LinkedIn account
//! of their own, submissions and leads.

use std::io::Write;
use std::process::Stdio;

use leadline_sandbox::Seed;
use serde_json::json;

use super::{Books, Browser, TestApp, database, leadline, run};

/// Everybody's password.
pub const PASSWORD: &str = "a long walk by the sea";
/// Who configures.
pub const ADMINISTRATOR: &str = "ada@example.com";
/// The first salesperson, who has connected [`ANNS_ACCOUNT`].
pub const ANN: &str = "ann@example.com";
/// The second salesperson, who has connected [`BENS_ACCOUNT`].
pub const BEN: &str = "ben@example.com";
/// Somebody to whom things may happen: nobody signs in as them.
pub const SPARE: &str = "spare@example.com";
/// LinkedIn's number of the account that only Ann reaches.
pub const ANNS_ACCOUNT: u64 = 501_234_568;
/// LinkedIn's number of the account that only Ben reaches.
pub const BENS_ACCOUNT: u64 = 600_000_001;

/// All of it.
pub struct World {
    /// The server.
    pub app: TestApp,
    /// Its database.
    pub books: Books,
    url: String,
}

impl World {
    /// Starts a server and fills it.
    pub async fn start() -> World {
        World::start_with(&[]).await
    }

    /// Starts it with more in the environment, and fills it.
    pub async fn start_with(environment: &[(&str, &str)]) -> World {
        let (app, _) = TestApp::start_in(Seed::Demo, environment).await;
        let elsewhere = environment
            .iter()
            .find(|(name, _)| *name == "LEADLINE_DATABASE__URL");
        let url = elsewhere.map_or_else(|| database(&app.folder), |(_, url)| (*url).to_owned());
        let books = Books::open(&url).await;
        let world = World { app, books, url };
        let refresh = json!({ "refresh_tokens": true });
        world.app.control("faults", &refresh).await;
        for (email, role) in [
            (ADMINISTRATOR, "administrator"),
            (ANN, "salesperson"),
            (BEN, "salesperson"),
            (SPARE, "salesperson"),
        ] {
            world.add_person(email, role);
        }
        world.give_bea_an_account().await;
        world.connect(ANN, "ada", ANNS_ACCOUNT).await;
        world.connect(BEN, "bea", BENS_ACCOUNT).await;
        for account in [ANNS_ACCOUNT, BENS_ACCOUNT] {
            let decided = format!(
                "SELECT count(*) AS n FROM submission s JOIN linked_account a ON a.id = s.account_id \
                 WHERE a.urn LIKE '%:{account}' AND s.due_at IS NULL"
            );
            world.books.wait_for(&decided, 2).await;
        }
        world.books.wait_until_decided(4).await;
        world
    }

    /// A browser in which somebody has signed in.
    pub async fn signed_in(&self, email: &str) -> Browser {
        let browser = self.app.browser();
        sign_in(&browser, email).await;
        browser
    }

    /// Leadline's id of a person.
    pub async fn person(&self, email: &str) -> i64 {
        let wanted = format!("SELECT id AS n FROM person WHERE email = '{email}'");
        self.books.count(&wanted).await
    }

    /// A new API token, made on the command line.
    pub fn token(&self, name: &str, role: &str) -> String {
        let mut command = leadline(&self.app.folder);
        command
            .args(["token", "create", "--name", name, "--role", role])
            .args(["--database-url", &self.url]);
        let made = run(&mut command);
        assert!(made.status.success(), "{made:?}");
        String::from_utf8(made.stdout).unwrap().trim().to_owned()
    }

    fn add_person(&self, email: &str, role: &str) {
        let mut command = leadline(&self.app.folder);
        command
            .args(["user", "add", "--password-stdin", "--name", "Somebody"])
            .args(["--email", email, "--role", role])
            .args(["--database-url", &self.url])
            .stdin(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut typing = child.stdin.take().unwrap();
        writeln!(typing, "{PASSWORD}").unwrap();
        drop(typing);
        let ended = child.wait_with_output().unwrap();
        assert!(ended.status.success(), "{ended:?}");
    }

    /// Bea reaches one account, which nobody else reaches.
    async fn give_bea_an_account(&self) {
        let shared = [("account", 501_234_567_u64), ("organization", 11_223_344)];
        for (what, number) in shared {
            let none = json!({ "member": "bea", what: number, "role": null });
            self.app.control("roles", &none).await;
        }
        let account = json!({ "id": BENS_ACCOUNT, "name": "Ben's", "member": "bea", "organization": 77,
                              "page_role": "ADMINISTRATOR" });
        self.app.control("accounts", &account).await;
        let form = json!({ "account": BENS_ACCOUNT, "name": "Ben's form",
                           "questions": [{ "name": "Email", "predefined": "EMAIL" }] });
        self.app.control("forms", &form).await;
        for email in ["one@example.org", "two@example.org"] {
            let lead = json!({ "account": BENS_ACCOUNT, "answers": { "EMAIL": email } });
            self.app.control("leads", &lead).await;
        }
    }

    /// Consents as a member of LinkedIn, and chooses one of their accounts.
    async fn connect(&self, email: &str, member: &str, account: u64) {
        let browser = self.signed_in(email).await;
        let consent = browser.visit("/auth/linkedin/start").await;
        let allow = [("decision", "allow"), ("member", member)];
        let choose = browser.submit(&consent, "member", &allow).await;
        let id = format!("SELECT id AS n FROM linked_account WHERE urn LIKE '%:{account}'");
        let id = self.books.count(&id).await.to_string();
        let chosen = [("account", id.as_str())];
        let confirm = browser.submit(&choose, "account", &chosen).await;
        browser.submit_last(&confirm, &[]).await;
    }
}

/// Signs somebody in.
pub async fn sign_in(browser: &Browser, email: &str) {
    let typed = [("email", email), ("password", PASSWORD)];
    let page = browser.post("/sign-in", &typed).await;
    assert!(page.status.is_redirection(), "{}", page.text);
}
