//! A mail server on this machine: takes mail as SMTP says, keeps it, delivers nothing.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// No mail takes longer than this, unless something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// A mail that was taken.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    /// Who sent it.
    pub from: String,
    /// To whom it was sent.
    pub to: String,
    /// The account that the sender signed in with, as SMTP has it.
    pub account: String,
    /// Its headers and its text, the long lines whole again.
    pub text: String,
}

/// A mail server that refuses whoever is called `nobody`.
pub struct MailServer {
    address: SocketAddr,
    letterbox: Arc<Letterbox>,
}

#[derive(Default)]
struct Letterbox {
    taken: Mutex<Vec<Taken>>,
    more: Condvar,
}

impl MailServer {
    /// Starts one; it ends with the test.
    pub fn start() -> MailServer {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let server = MailServer {
            address: listener.local_addr().expect("an address"),
            letterbox: Arc::default(),
        };
        let letterbox = Arc::clone(&server.letterbox);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever hangs up in the middle has sent nothing.
                let _ = talk(stream, &letterbox);
            }
        });
        server
    }

    /// Its address as a setting, with an account.
    pub fn url(&self) -> String {
        format!("smtp://leadline:a%20secret@{}", self.address)
    }

    /// All mail to somebody.
    pub fn to(&self, email: &str) -> Vec<Taken> {
        let taken = self.letterbox.taken.lock().expect("mail");
        let theirs = taken.iter().filter(|mail| mail.to.contains(email));
        theirs.cloned().collect()
    }

    /// The first mail to somebody, as soon as it is there.
    pub fn wait_for(&self, email: &str) -> Taken {
        let Letterbox { taken, more } = &*self.letterbox;
        let theirs = |mail: &Taken| mail.to.contains(email);
        let none = |taken: &mut Vec<Taken>| !taken.iter().any(theirs);
        let taken = taken.lock().expect("mail");
        let (taken, _) = more
            .wait_timeout_while(taken, PATIENCE, none)
            .expect("mail");
        let mail = taken.iter().find(|mail| theirs(mail));
        mail.cloned().expect("no mail came")
    }
}

fn talk(stream: TcpStream, letterbox: &Letterbox) -> std::io::Result<()> {
    let mut out = stream.try_clone()?;
    let mut lines = BufReader::new(stream).lines();
    let mut mail = Taken::default();
    out.write_all(b"220 mail.example ready\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let verb = line.split(' ').next().unwrap_or_default().to_uppercase();
        let answer = match verb.as_str() {
            "EHLO" => "250-mail.example\r\n250 AUTH PLAIN",
            "AUTH" => {
                mail.account = line;
                "235 welcome"
            }
            "MAIL" => {
                mail.from = line;
                "250 fine"
            }
            "RCPT" if line.contains("<nobody@") => "550 who is that?",
            "RCPT" => {
                mail.to = line;
                "250 fine"
            }
            "DATA" => {
                out.write_all(b"354 go on\r\n")?;
                for line in lines.by_ref() {
                    match line?.as_str() {
                        "." => break,
                        line => mail.text.push_str(&format!("{line}\n")),
                    }
                }
                mail.text = mail.text.replace("=\n", "").replace("=3D", "=");
                let mut taken = letterbox.taken.lock().expect("mail");
                taken.push(std::mem::take(&mut mail));
                letterbox.more.notify_all();
                "250 taken"
            }
            "QUIT" => {
                out.write_all(b"221 good-bye\r\n")?;
                break;
            }
            _ => "500 what?",
        };
        out.write_all(format!("{answer}\r\n").as_bytes())?;
    }
    Ok(())
}
