//! Who may do what, at every address that the program lists, exactly as the role table says.

mod policy;
mod probe;

use leadline_app::Routes;
use reqwest::Method;

use self::policy::{Reach, Role, Rule};
pub use self::probe::Address;
use self::probe::{Expected, Row, Subject};
use crate::support::world::{ADMINISTRATOR, ANN, BEN, World};
use crate::support::{Browser, leadline, run};

/// Every address that the program answers.
pub fn addresses() -> Vec<Address> {
    let folder = tempfile::tempdir().unwrap();
    let output = run(leadline(&folder).args(["routes", "--json"]));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The world, and everybody who asks in it.
struct Stage {
    world: World,
    ann: i64,
    ben: i64,
    subjects: Vec<Subject>,
}

impl Stage {
    async fn set() -> Stage {
        // Programs are not slowed down here, however much they ask.
        let pace = [("LEADLINE_API__REQUESTS_PER_MINUTE", "10000")];
        let world = World::start_with(&pace).await;
        let mut stage = Stage {
            ann: world.person(ANN).await,
            ben: world.person(BEN).await,
            subjects: Vec::new(),
            world,
        };
        for (name, email, role) in [
            ("stranger", None, None),
            ("Ann, a salesperson", Some(ANN), Some(Role::Salesperson)),
            (
                "an administrator",
                Some(ADMINISTRATOR),
                Some(Role::Administrator),
            ),
        ] {
            let browser = match email {
                Some(email) => stage.world.signed_in(email).await,
                None => stage.world.app.browser(),
            };
            stage.subjects.push(Subject {
                name,
                role,
                browser,
                token: None,
            });
        }
        for (name, word, role) in [
            ("a salesperson's program", "salesperson", Role::Salesperson),
            (
                "an administrator's program",
                "administrator",
                Role::Administrator,
            ),
            ("S2S Inbound", "s2s-inbound", Role::Inbound),
        ] {
            let (token, browser) = (stage.world.token(word, word), stage.world.app.browser());
            // The first use of a token is noted, which must not look like a change later on.
            let used = browser.request(Method::GET, "/api/v1/openapi.json");
            browser.send(used.bearer_auth(&token)).await;
            stage.subjects.push(Subject {
                name,
                role: Some(role),
                browser,
                token: Some(token),
            });
        }
        stage.world.token("spare", "s2s-inbound");
        let replay = "INSERT INTO replay (started_at, actor, wanted, submissions) VALUES (1, 'Ann', 'all submissions', 1)";
        stage.world.books.execute(replay).await;
        for name in ["spare", "other"] {
            let field = format!(
                "INSERT INTO lead_field (name, label, kind, max_length, choices, version, created_at, modified_at) \
                 VALUES ('leadline_{name}', '{name}', 'text', 200, '[]', 1, 0, 0)"
            );
            stage.world.books.execute(&field).await;
        }
        stage
    }

    /// The paths that an address stands for, and whose row each names.
    async fn paths(&self, address: &Address, rule: &Rule) -> Result<Vec<(String, Row)>, String> {
        let path = address
            .path
            .replace("{name}", "none.css")
            .replace("{token}", "none");
        let Rule::Table(_, rows) = rule else {
            return Ok(vec![(path, Row::None)]);
        };
        if !path.contains('{') {
            return Ok(vec![(path, Row::None)]);
        }
        if rows.is_empty() || path.matches('{').count() != 1 || !path.contains("{id}") {
            return Err(format!("{address}: say in NOUNS which row {{id}} is"));
        }
        let mut paths = Vec::new();
        for (person, row) in [(self.ann, Row::Own), (self.ben, Row::Foreign)] {
            let rows = format!(
                "{} ORDER BY 1",
                rows.replace("{person}", &person.to_string())
            );
            let id = self.world.books.count(&rows).await.to_string();
            paths.push((path.replace("{id}", &id), row));
        }
        // Where rows belong to nobody, it is the same one.
        paths.dedup_by(|one, other| one.0 == other.0);
        Ok(paths)
    }
}

#[tokio::test]
async fn every_address_lets_in_exactly_those_of_the_role_table() {
    let stage = Stage::set().await;
    let mut wrong = Vec::new();
    let (mut refusals, mut admissions) = (Vec::new(), Vec::new());
    for address in addresses() {
        let rule = match Rule::of(&address.method, &address.path) {
            Ok(rule) => rule,
            Err(what) => {
                wrong.push(what);
                continue;
            }
        };
        let paths = match stage.paths(&address, &rule).await {
            Ok(paths) => paths,
            Err(what) => {
                wrong.push(what);
                continue;
            }
        };
        for (path, row) in paths {
            for subject in &stage.subjects {
                let Some(role) = subject.role_at(&address) else {
                    continue;
                };
                // Only Ann owns anything here.
                let row = match row {
                    Row::Own if subject.role != Some(Role::Salesperson) => Row::Foreign,
                    Row::Own if subject.token.is_some() => Row::Foreign,
                    row => row,
                };
                let expected = Expected::of(&rule, role, row);
                let call = (address.clone(), path.clone(), subject, expected);
                match expected {
                    Expected::Allowed | Expected::Anything => admissions.push(call),
                    _ => refusals.push(call),
                }
            }
        }
    }
    let before = stage.world.books.everything(&KEPT_OF_PEOPLE).await;
    for (address, path, subject, expected) in &refusals {
        wrong.extend(subject.ask(address, path, *expected).await.err());
    }
    let after = stage.world.books.everything(&KEPT_OF_PEOPLE).await;
    assert_eq!(before, after, "a refused request changed something");
    admissions.sort_by_key(|(address, ..)| (address.changes(), ends_something(address)));
    for (address, path, subject, expected) in &admissions {
        wrong.extend(subject.ask(address, path, *expected).await.err());
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(
        refusals.len() > 40 && admissions.len() > 60,
        "{} {}",
        refusals.len(),
        admissions.len()
    );
}

/// Salespeople who see only what is their own ask for rows by number: each other's, and any that
/// might be there.
#[tokio::test]
async fn nobody_comes_to_another_s_row_by_changing_the_number_in_the_address() {
    let stage = Stage::set().await;
    see_only_own(&stage.world).await;
    let seller = |name, browser, token| Subject {
        name,
        role: Some(Role::Salesperson),
        browser,
        token,
    };
    let world = &stage.world;
    let token = world.token("nobody's", "salesperson");
    // A token of the command line acts for nobody, who owns nothing.
    let askers = [
        (seller("Ann", world.signed_in(ANN).await, None), stage.ann),
        (seller("Ben", world.signed_in(BEN).await, None), stage.ben),
        (seller("a program", world.app.browser(), Some(token)), 0),
    ];
    let mut wrong = Vec::new();
    let mut asked = 0;
    for address in addresses() {
        let Ok(Rule::Table(reaches, rows)) = Rule::narrow(&address.method, &address.path) else {
            continue;
        };
        if reaches[Role::Salesperson as usize] != Reach::Own || !address.path.contains("{id}") {
            continue;
        }
        for (subject, person) in &askers {
            if subject.role_at(&address) != Some(Some(Role::Salesperson)) {
                continue;
            }
            let own = rows.replace("{person}", &person.to_string());
            let own = stage.world.books.numbers(&own).await;
            assert_eq!(own.is_empty(), subject.token.is_some(), "{address}");
            for id in (1..150).filter(|id| !own.contains(id)) {
                let path = address.path.replace("{id}", &id.to_string());
                wrong.extend(subject.ask(&address, &path, Expected::NotFound).await.err());
                asked += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 1000, "only {asked}");
}

async fn see_only_own(world: &World) {
    let administrator = world.signed_in(ADMINISTRATOR).await;
    let settings = administrator.get("/settings").await;
    let wish = [("salesperson_visibility", "own")];
    let saved = administrator.submit(&settings, "lead_source", &wish).await;
    assert!(saved.status.is_success(), "{}", saved.text);
}

/// The proof that the tests above can fail: a server that protects nothing, or too much.
#[tokio::test]
async fn an_address_that_lets_in_too_many_or_too_few_is_noticed() {
    let routes: Routes = Routes::new()
        .get("/leads/{id}", async || "everything about anybody")
        .get("/users", async || axum::http::StatusCode::FORBIDDEN)
        .post("/fn/unprotected", async || "done");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let home = format!("http://{}", listener.local_addr().unwrap());
    let listed = routes.addresses();
    let service =
        axum::ServiceExt::<axum::extract::Request>::into_make_service(routes.into_service());
    let served = tokio::spawn(async { axum::serve(listener, service).await });

    let somebody = |role| Subject {
        name: "somebody",
        role,
        browser: Browser::new(&home),
        token: None,
    };
    let (stranger, seller) = (somebody(None), somebody(Some(Role::Salesperson)));
    for (address, subject, row) in [
        (&listed[0], &stranger, Row::None),
        (&listed[1], &seller, Row::Foreign),
        (&listed[2], &seller, Row::None),
    ] {
        let address = Address {
            method: address.method.clone(),
            path: address.path.clone(),
        };
        let rule = Rule::Table([Reach::All, Reach::Own, Reach::None], "");
        let expected = Expected::of(&rule, subject.role, row);
        let judged = subject.ask(&address, &address.path, expected).await;
        assert!(judged.is_err(), "{address} went unnoticed");
    }
    served.abort();

    let by_sync = Rule::Table([Reach::All, Reach::All, Reach::None], "");
    let refused = Expected::of(&by_sync, Some(Role::Inbound), Row::None);
    assert_eq!(refused, Expected::Forbidden);
    let unknown = Rule::of("GET", "/wishes/{id}");
    assert!(unknown.is_err_and(|what| what.contains("NOUNS")));
}

/// Tables in which a refusal may leave a trace: who is signed in, and what was refused.
pub const KEPT_OF_PEOPLE: [&str; 2] = ["session", "audit_event"];

/// The words of what takes something away.
const ENDS: [&str; 2] = ["disconnect", "delete"];

/// What would take away something that other addresses still need comes last.
fn ends_something(address: &Address) -> u8 {
    match address.path.as_str() {
        "/sign-out" => 2,
        _ if address.method == "DELETE" => 1,
        path if ENDS.iter().any(|word| path.contains(word)) => 1,
        _ => 0,
    }
}
