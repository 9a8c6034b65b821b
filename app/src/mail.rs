//! The mails that Leadline writes to people.

use leadline::{
    error::Error,
    mail::Mail,
    store::people::{
        Person,
        links::{LinkKind, NewLink},
    },
};

use crate::services::Services;

/// Sends somebody their link; `None` when no mail server is configured.
pub async fn send_link(
    services: &Services,
    person: &Person,
    link: &NewLink,
) -> Option<Result<(), Error>> {
    let mailer = services.mailer.as_ref()?;
    let here = &services.settings.public_url;
    let (subject, text) = words(&person.name, link.kind, &link.address(here), here);
    let mail = Mail {
        name: &person.name,
        email: &person.email,
        subject,
        text,
    };
    Some(mailer.send(mail).await)
}

fn words(name: &str, kind: LinkKind, link: &str, here: &str) -> (&'static str, String) {
    let validity = kind.validity();
    match kind {
        LinkKind::Invitation => (
            "Your invitation to Leadline",
            format!(
                "Hello {name},\n\n\
                 you are invited to Leadline at {here},\n\
                 where the leads from LinkedIn come in. Choose a password to begin:\n\n\
                 {link}\n\n\
                 The link works once, for {validity}. If you did not expect this mail,\n\
                 you need not do anything.\n"
            ),
        ),
        LinkKind::Reset => (
            "Choose a new password for Leadline",
            format!(
                "Hello {name},\n\n\
                 here is the link to choose a new password for Leadline at\n\
                 {here}:\n\n\
                 {link}\n\n\
                 It works once, for {validity}. If you did not ask for it, you need not do\n\
                 anything: your password stays as it is.\n"
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_names_the_person_and_has_its_link_on_a_line_of_its_own() {
        let here = "https://leads.example";
        let link = "https://leads.example/sign-in/link/abc";
        for (kind, validity) in [
            (LinkKind::Invitation, "7 days"),
            (LinkKind::Reset, "24 hours"),
        ] {
            let (_, text) = words("Bob", kind, link, here);
            assert!(text.starts_with("Hello Bob,\n"), "{text}");
            assert!(text.lines().any(|line| line == link), "{text}");
            assert!(text.contains(validity), "{text}");
        }
    }
}
