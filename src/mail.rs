//! Mail, when there is a server for it: plain text to one person.

use std::fmt;
use std::time::Duration;

use lettre::message::{Mailbox, header::ContentType};
use lettre::transport::smtp::Error as Refusal;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use crate::error::{Error, Kind, Result};

/// A person waits for the page that tells them whether a mail was sent.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends mail.
#[derive(Clone)]
pub struct Mailer {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mailer(…)")
    }
}

/// What is sent to somebody.
#[derive(Debug)]
pub struct Mail<'a> {
    /// Their name.
    pub name: &'a str,
    /// Their e-mail address.
    pub email: &'a str,
    /// What it is about.
    pub subject: &'a str,
    /// What it says.
    pub text: String,
}

impl Mailer {
    /// Sends through this server (`smtps://user:password@host:465`), in this name (`Leadline
    /// <leadline@example.com>`). Nothing is asked of the server yet.
    ///
    /// # Errors
    /// The setting that cannot be used, and why.
    pub fn new(url: &SecretString, from: &str) -> Result<Mailer, (&'static str, Error)> {
        let server = server(url.expose_secret()).map_err(|error| ("smtp.url", error))?;
        let from = from.parse().map_err(|_| {
            let message = "must be an e-mail address such as Leadline <leadline@example.com>.";
            ("smtp.from", Error::invalid(message))
        })?;
        Ok(Mailer { server, from })
    }

    /// Hands a mail to the server.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses it.
    pub async fn send(&self, mail: Mail<'_>) -> Result<()> {
        let message = self.message(mail)?;
        let sent = tokio::time::timeout(PATIENCE, self.server.send(message)).await;
        match sent {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(refusal)) => Err(not_sent(why(&refusal))),
            Err(_) => Err(not_sent("the server does not answer".to_owned())),
        }
    }

    fn message(&self, mail: Mail<'_>) -> Result<Message> {
        let address: Address = mail
            .email
            .parse()
            .map_err(|_| Error::invalid("No mail server takes this e-mail address."))?;
        // Of a name with a line break, lettre would make no header but a panic.
        let name = mail.name.replace(char::is_control, " ");
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(Some(name), address))
            .subject(mail.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text)
            .map_err(Error::internal)
    }
}

fn server(url: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
    let refused = || {
        Error::invalid(
            "must be the address of a mail server, such as smtps://user:password@mail.example.com:465, \
             or smtp://mail.example.com:587?tls=required.",
        )
    };
    let parsed = Url::parse(url).map_err(|_| refused())?;
    let sealed = parsed.scheme() == "smtps" || parsed.query() == Some("tls=required");
    if parsed.password().is_some() && !sealed && !is_this_machine(&parsed) {
        return Err(Error::invalid(
            "would send the password for everybody to read. Begin it with smtps://, or end it with ?tls=required.",
        ));
    }
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| refused())?;
    Ok(builder.timeout(Some(PATIENCE)).build())
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        // Of a scheme that it does not know, `url` takes every host for a name.
        Some(Host::Domain(name)) => {
            let address = name.parse::<std::net::IpAddr>();
            name == "localhost" || address.is_ok_and(|address| address.is_loopback())
        }
        None => false,
    }
}

/// The server's own words may name the person, so the log gets only its number for them.
fn why(refusal: &Refusal) -> String {
    match refusal.status() {
        Some(code) => format!("the server answered {code}"),
        None if refusal.is_timeout() => "the server does not answer".to_owned(),
        None if refusal.is_tls() => "the server's TLS is not trusted".to_owned(),
        None => "the server cannot be reached".to_owned(),
    }
}

fn not_sent(why: String) -> Error {
    let message = format!("The mail was not sent: {why}.");
    Error::new(Kind::Unavailable, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(url: &str, from: &str) -> Option<(&'static str, String)> {
        let made = Mailer::new(&url.into(), from);
        made.err()
            .map(|(setting, error)| (setting, error.message().to_owned()))
    }

    #[test]
    fn settings_that_cannot_be_used_are_named_and_never_repeated() {
        let good = "Leadline <leadline@example.com>";
        for url in [
            "smtps://ann:secret@mail.example.com:465",
            "smtps://mail.example.com",
            "smtp://ann:secret@mail.example.com:587?tls=required",
            "smtp://mail.example.com:25",
            "smtp://ann:secret@127.0.0.1:2525",
            "smtp://ann:secret@[::1]:2525",
            "smtp://ann:secret@localhost",
        ] {
            assert_eq!(problem(url, good), None, "{url}");
            assert_eq!(problem(url, "leadline@example.com"), None);
        }
        for url in [
            "mail.example.com",
            "https://mail.example.com",
            "smtp://mail.example.com?tls=maybe",
            "smtp://ann:secret@mail.example.com",
            "smtp://ann:secret@mail.example.com?tls=opportunistic",
            "smtp://ann:secret@127.0.0.1.example.com",
        ] {
            let (setting, message) = problem(url, good).expect("refused");
            assert_eq!(setting, "smtp.url", "{url}");
            assert!(!message.contains("secret"), "{message}");
        }
        let (setting, _) = problem("smtps://mail.example.com", "Leadline").expect("refused");
        assert_eq!(setting, "smtp.from");
    }

    #[tokio::test]
    async fn nothing_that_is_typed_becomes_a_header() {
        let mailer = Mailer::new(&"smtp://127.0.0.1:1".into(), "l@example.com");
        let mailer = mailer.expect("a mailer");
        let mail = |name, email| Mail {
            name,
            email,
            subject: "Hello",
            text: "Hello".to_owned(),
        };
        let message = mailer.message(mail("Bob\r\nBcc: eve@example.com", "bob@example.com"));
        let text = String::from_utf8(message.expect("a message").formatted()).expect("text");
        assert!(!text.lines().any(|line| line.starts_with("Bcc")), "{text}");
        let refused = mailer.message(mail("Bob", "bob@example.com>\r\nRCPT TO:<eve@example.com"));
        assert_eq!(refused.expect_err("refused").kind(), Kind::Invalid);
    }
}
