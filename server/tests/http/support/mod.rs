//! The program as its users have it: started as a process, asked over HTTP.

mod books;
mod browser;
mod html;
pub mod world;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use leadline_sandbox::{Config, Sandbox, Seed};
use reqwest::Method;
use tempfile::TempDir;

pub use books::Books;
pub use browser::{Browser, Page};

/// Where the program is.
const LEADLINE: &str = env!("CARGO_BIN_EXE_leadline");
/// Encrypts what the tests keep.
pub const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// Nothing takes longer than this, unless something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server of its own with an empty database and a sandbox of LinkedIn.
pub struct TestApp {
    /// Where it is reached.
    pub url: String,
    /// LinkedIn.
    pub sandbox: Sandbox,
    /// Where the database is, unless it is elsewhere.
    pub folder: TempDir,
    processes: Vec<Process>,
    environment: Vec<(String, String)>,
}

impl TestApp {
    /// Starts it, and somebody's browser.
    pub async fn start() -> (TestApp, Browser) {
        TestApp::start_with(&[]).await
    }

    /// Starts it with more in the environment.
    pub async fn start_with(environment: &[(&str, &str)]) -> (TestApp, Browser) {
        TestApp::start_in(Seed::Empty, environment).await
    }

    /// Starts it with the sandbox's OpenID provider for single sign-on, and more in the environment.
    pub async fn start_with_provider(environment: &[(&str, &str)]) -> (TestApp, Browser) {
        let sandbox = sandbox(Seed::Empty).await;
        let issuer = format!("{}/oidc", sandbox.base_url());
        let mut all = vec![
            ("LEADLINE_OIDC__ISSUER", issuer.as_str()),
            ("LEADLINE_OIDC__CLIENT_ID", "sandbox-client"),
            ("LEADLINE_OIDC__CLIENT_SECRET", "sandbox-client-secret"),
        ];
        all.extend(environment);
        TestApp::start_beside(sandbox, &all)
    }

    /// Starts it with a world of that kind at LinkedIn.
    pub async fn start_in(seed: Seed, environment: &[(&str, &str)]) -> (TestApp, Browser) {
        TestApp::start_beside(sandbox(seed).await, environment)
    }

    fn start_beside(sandbox: Sandbox, environment: &[(&str, &str)]) -> (TestApp, Browser) {
        let folder = tempfile::tempdir().unwrap();
        let pairs = environment.iter();
        let environment = pairs.map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        let environment: Vec<(String, String)> = environment.collect();
        let (process, url) = start(&folder, &sandbox, &environment);
        let browser = Browser::new(&url);
        let app = TestApp {
            url,
            sandbox,
            folder,
            processes: vec![process],
            environment,
        };
        (app, browser)
    }

    /// Kills it as a power cut does, without a word, and starts it again.
    pub fn kill_and_start_again(&mut self) {
        self.processes.clear();
        self.start_another();
    }

    /// Starts one more server on the same database.
    pub fn start_another(&mut self) {
        let (process, _) = start(&self.folder, &self.sandbox, &self.environment);
        self.processes.push(process);
    }

    /// The ids of all responses that the sandbox has.
    pub async fn truth(&self) -> BTreeSet<String> {
        let sandbox = Browser::new(&self.sandbox.base_url());
        let page = sandbox.get("/control/leads?account=501234567").await;
        let all: serde_json::Value = serde_json::from_str(&page.text).unwrap();
        let leads = all["leads"].as_array().unwrap().iter();
        leads
            .map(|lead| lead["id"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Another browser, in which nobody is signed in.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.url)
    }

    /// Tells the sandbox what shall happen at LinkedIn.
    pub async fn control(&self, what: &str, body: &serde_json::Value) {
        let address = format!("{}/control/{what}", self.sandbox.base_url());
        let sandbox = Browser::new(&address);
        let method = match what {
            "faults" => Method::PATCH,
            _ => Method::POST,
        };
        let answer = sandbox.send(sandbox.request(method, "").json(body)).await;
        assert!(answer.status.is_success(), "{}", answer.text);
    }

    /// Everything that the program has written.
    pub fn log(&self) -> String {
        self.processes[0].output.lock().unwrap().clone()
    }

    /// Asks the program to end, as systems do.
    pub fn stop(mut self) -> (ExitStatus, Duration) {
        self.processes.remove(0).stop()
    }
}

async fn sandbox(seed: Seed) -> Sandbox {
    let config = Config {
        seed,
        ..Config::default()
    };
    Sandbox::start(config).await.unwrap()
}

fn start(
    folder: &TempDir,
    sandbox: &Sandbox,
    environment: &[(String, String)],
) -> (Process, String) {
    let mut command = serve(folder, &sandbox.base_url());
    command.envs(environment.iter().cloned());
    let mut process = Process::start(command);
    let url = process.wait_for("Leadline is ready at ");
    (process, url)
}

fn serve(folder: &TempDir, linkedin: &str) -> Command {
    let mut command = leadline(folder);
    command
        .arg("serve")
        .env("LEADLINE_LISTEN", "127.0.0.1:0")
        .env("LEADLINE_SECRET_KEY", KEY)
        .env("LEADLINE_DATABASE__URL", database(folder))
        .env("LEADLINE_LINKEDIN__CLIENT_ID", "sandbox-client")
        .env("LEADLINE_LINKEDIN__CLIENT_SECRET", "sandbox-client-secret")
        .env(
            "LEADLINE_LINKEDIN__AUTH_URL",
            format!("{linkedin}/oauth/v2"),
        )
        .env("LEADLINE_LINKEDIN__API_URL", linkedin)
        .env("LEADLINE_LOG", "debug");
    command
}

/// The database in a folder.
pub fn database(folder: &TempDir) -> String {
    format!("sqlite://{}", folder.path().join("leadline.db").display())
}

/// An address that nobody listens on at the moment.
pub fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// The program, in a folder of its own and without the settings of whoever runs the tests.
pub fn leadline(folder: &TempDir) -> Command {
    let mut command = Command::new(LEADLINE);
    command
        .env_clear()
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs a command of the program to its end.
pub fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

/// A running program; ends with the test.
struct Process {
    child: Child,
    lines: Receiver<String>,
    output: Arc<Mutex<String>>,
}

impl Process {
    fn start(mut command: Command) -> Process {
        let mut child = command.spawn().unwrap();
        let (send, lines) = channel();
        let output = Arc::new(Mutex::new(String::new()));
        collect(child.stdout.take().unwrap(), &output, Some(send));
        collect(child.stderr.take().unwrap(), &output, None);
        Process {
            child,
            lines,
            output,
        }
    }

    /// Waits for a line of standard output and gives what stands after `begin`.
    fn wait_for(&mut self, begin: &str) -> String {
        loop {
            let Ok(line) = self.lines.recv_timeout(PATIENCE) else {
                panic!(
                    "no line began with {begin:?}:\n{}",
                    self.output.lock().unwrap()
                );
            };
            if let Some(rest) = line.strip_prefix(begin) {
                return rest.to_owned();
            }
        }
    }

    fn stop(&mut self) -> (ExitStatus, Duration) {
        let start = Instant::now();
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
        (self.child.wait().unwrap(), start.elapsed())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already, which is just as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(
    stream: impl std::io::Read + Send + 'static,
    output: &Arc<Mutex<String>>,
    lines: Option<std::sync::mpsc::Sender<String>>,
) {
    let output = Arc::clone(output);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            output.lock().unwrap().push_str(&format!("{line}\n"));
            if let Some(lines) = &lines {
                // Nobody waits for lines any more once the test is past the start.
                let _ = lines.send(line);
            }
        }
    });
}
