//! Mail, in a real conversation with a mail server.

use leadline::error::Kind;
use leadline::mail::{Mail, Mailer};

use crate::support::smtp::MailServer;

fn mailer(url: String) -> Mailer {
    let made = Mailer::new(&url.into(), "Leadline <leadline@example.com>");
    made.map_err(|(setting, _)| setting).expect("a mailer")
}

fn to(email: &str) -> Mail<'_> {
    Mail {
        name: "Zoë \"Z\" Brandt",
        email,
        subject: "Your invitation",
        text: "Hello,\n.\nhttps://leads.example/sign-in/link/abc_DEF-123\n".to_owned(),
    }
}

#[tokio::test]
async fn a_mail_reaches_the_server_under_the_configured_account_and_name() {
    let server = MailServer::start();
    let sent = mailer(server.url()).send(to("zoe@example.com")).await;
    sent.expect("sent");
    let mail = server.wait_for("zoe@example.com");
    assert_eq!(server.to("zoe@example.com").len(), 1);
    assert!(
        mail.from.contains("<leadline@example.com>"),
        "{}",
        mail.from
    );
    assert_eq!(mail.account, "AUTH PLAIN AGxlYWRsaW5lAGEgc2VjcmV0");
    for part in [
        "From: Leadline <leadline@example.com>",
        "Subject: Your invitation",
        "Content-Type: text/plain; charset=utf-8",
        "https://leads.example/sign-in/link/abc_DEF-123",
    ] {
        assert!(mail.text.contains(part), "{part}: {}", mail.text);
    }
}

#[tokio::test]
async fn a_refusal_is_told_without_the_servers_words_about_the_person() {
    let server = MailServer::start();
    let refused = mailer(server.url()).send(to("nobody@example.com")).await;
    let error = refused.expect_err("refused");
    assert_eq!(error.kind(), Kind::Unavailable);
    assert_eq!(
        error.message(),
        "The mail was not sent: the server answered 550."
    );
    assert!(!format!("{error:?}").contains("nobody"));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let mailer = mailer(format!("smtp://{address}"));
    let error = mailer.send(to("a@example.com")).await;
    let error = error.expect_err("nobody is there");
    assert_eq!(
        error.message(),
        "The mail was not sent: the server cannot be reached."
    );
}
