use super::*;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

pub(super) fn environment(variables: &[(&str, &str)]) -> Sources {
    let mut environment = vec![("LEADLINE_SECRET_KEY".to_owned(), KEY.to_owned())];
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    environment.extend(variables.iter().map(own));
    Sources {
        file: File::Nothing,
        environment,
        flags: Vec::new(),
    }
}

pub(super) fn problems(sources: &Sources) -> String {
    let problems = Config::load(sources).unwrap_err();
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn with_file(text: &str) -> (tempfile::TempDir, Sources) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leadline.toml");
    std::fs::write(&path, text).unwrap();
    let sources = Sources {
        file: File::Named(path),
        ..environment(&[])
    };
    (folder, sources)
}

#[test]
fn flags_win_over_the_environment_which_wins_over_the_file() {
    let (_folder, mut sources) = with_file("listen = '127.0.0.1:1'\n[sync]\npage_size = 7\n");
    assert_eq!(Config::load(&sources).unwrap().listen.port(), 1);
    sources
        .environment
        .push(("LEADLINE_LISTEN".into(), "127.0.0.1:2".into()));
    assert_eq!(Config::load(&sources).unwrap().listen.port(), 2);
    sources.flags.push(("listen", "127.0.0.1:3".into()));
    let config = Config::load(&sources).unwrap();
    assert_eq!((config.listen.port(), config.sync.page_size), (3, 7));
}

#[test]
fn what_looks_like_a_number_stays_the_text_that_it_is() {
    let app = [
        ("LEADLINE_LINKEDIN__CLIENT_ID", "0078"),
        ("LEADLINE_LINKEDIN__CLIENT_SECRET", "1e5"),
    ];
    let config = Config::load(&environment(&app)).unwrap();
    assert_eq!(config.linkedin.app.unwrap().0, "0078");
}

#[test]
fn a_name_that_is_no_setting_is_refused_wherever_it_stands() {
    let sources = environment(&[("LEADLINE_SYNC__PAGESIZE", "9"), ("PATH", "x")]);
    assert_eq!(
        problems(&sources),
        "sync.pagesize (from LEADLINE_SYNC__PAGESIZE in the environment): is no setting. Remove it, or \
         correct its name: `leadline config defaults` lists all."
    );
    let (folder, sources) = with_file("[linkedin]\nscopes = ['a']\n");
    let origin = folder.path().join("leadline.toml");
    let expected = format!(
        "linkedin.scopes (from {}): is no setting.",
        origin.display()
    );
    assert!(
        problems(&sources).starts_with(&expected),
        "{}",
        problems(&sources)
    );
}

#[test]
fn no_key_no_start() {
    let mut sources = environment(&[]);
    sources.environment.clear();
    let told = problems(&sources);
    assert!(told.starts_with("secret_key: is missing."), "{told}");
    assert!(told.contains("openssl rand -base64 32"), "{told}");
}

#[test]
fn all_problems_are_told_at_once_each_with_its_origin() {
    let sources = environment(&[
        ("LEADLINE_PUBLIC_URL", "leadline.example.com"),
        ("LEADLINE_LISTEN", "3000"),
        ("LEADLINE_DATABASE__URL", "mysql://x"),
        ("LEADLINE_LINKEDIN__CLIENT_ID", "78abc"),
        ("LEADLINE_LINKEDIN__API_VERSION", "latest"),
        ("LEADLINE_SYNC__CONCURRENCY", "0"),
        ("LEADLINE_LOG_FORMAT", "xml"),
        ("LEADLINE_SMTP__URL", "smtp://ann:secret@mail.example.com"),
        ("LEADLINE_SMTP__FROM", "Leadline <leadline@example.com>"),
    ]);
    let told = problems(&sources);
    let named: Vec<&str> = told
        .lines()
        .map(|l| l.split([' ', ':']).next().unwrap())
        .collect();
    assert_eq!(
        named,
        [
            "public_url",
            "listen",
            "database.url",
            "linkedin.client_secret",
            "linkedin.api_version",
            "sync.concurrency",
            "smtp.url",
            "log_format"
        ]
    );
    assert!(told.contains(
        "(from LEADLINE_SYNC__CONCURRENCY in the environment): must be a whole number from 1 to 64."
    ));
}

#[test]
fn a_mail_server_and_a_sender_are_set_both_or_none() {
    let url = ("LEADLINE_SMTP__URL", "smtps://ann:hunter2@mail.example.com");
    let from = ("LEADLINE_SMTP__FROM", "Leadline <leadline@example.com>");
    let mailer = |set: &[(&str, &str)]| Config::load(&environment(set)).unwrap().mailer;
    assert!(mailer(&[url, from]).is_some() && mailer(&[]).is_none());
    let told = problems(&environment(&[url]));
    assert!(told.starts_with("smtp.from: is missing"), "{told}");
    let told = problems(&environment(&[from]));
    assert!(told.starts_with("smtp.url: is missing"), "{told}");
    let shown = show(&environment(&[url, from])).unwrap();
    assert!(
        shown.contains("smtp.url = smtps://(hidden)@mail.example.com"),
        "{shown}"
    );
}

#[test]
fn a_secret_may_lie_in_a_file_of_its_own_but_not_in_two_places() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, format!("{KEY}\n")).unwrap();
    let file = (
        "LEADLINE_SECRET_KEY_FILE".to_owned(),
        path.display().to_string(),
    );

    let mut sources = environment(&[]);
    sources.environment.push(file.clone());
    assert!(problems(&sources).contains("Keep one of the two."));

    sources.environment = vec![file];
    assert!(Config::load(&sources).is_ok());
    std::fs::remove_file(path).unwrap();
    assert!(problems(&sources).starts_with("secret_key_file (from LEADLINE_SECRET_KEY_FILE"));
}

#[test]
fn a_file_that_is_no_toml_is_refused_without_repeating_its_text() {
    let (_folder, sources) = with_file("secret_key = hunter2\n");
    let told = problems(&sources);
    assert!(
        told.contains("cannot be read") && !told.contains("hunter2"),
        "{told}"
    );
}

#[test]
fn showing_the_configuration_tells_origins_and_hides_secrets() {
    let sources = environment(&[
        (
            "LEADLINE_DATABASE__URL",
            "postgres://ada:hunter2@db/leadline",
        ),
        ("LEADLINE_LINKEDIN__CLIENT_SECRET", "hunter2"),
    ]);
    let shown = show(&sources).unwrap();
    assert!(
        !shown.contains("hunter2") && !shown.contains(KEY),
        "{shown}"
    );
    assert!(shown.contains("database.url = postgres://(hidden)@db/leadline  # LEADLINE_DATABASE__URL in the environment"));
    assert!(shown.contains("public_url is not set"));
}
