//! Permission is a thing one holds: what a person may do with the store are the methods of the
//! handle that they get, and there is no other way to a row.

use super::Store;
use super::people::Person;
use crate::error::{Error, Kind, Result};

/// Who does something. Every write names one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person, by Leadline's id and their name.
    Person(i64, String),
    /// An API token, by Leadline's id and its name.
    Token(i64, String),
    /// The sync engine: Leadline's built-in identity, which never signs in.
    Engine,
    /// Whoever has a shell on the server.
    CommandLine,
    /// The organization's provider, when what it says changes somebody.
    SingleSignOn,
    /// Somebody who has not signed in.
    Stranger,
}

impl Actor {
    /// The word for what kind of actor it is.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Actor::Person(..) => "user",
            Actor::Token(..) => "api-token",
            Actor::Engine => "engine",
            Actor::CommandLine => "command-line",
            Actor::SingleSignOn => "single-sign-on",
            Actor::Stranger => "stranger",
        }
    }

    /// Leadline's id of the person or token.
    #[must_use]
    pub fn id(&self) -> Option<i64> {
        match self {
            Actor::Person(id, _) | Actor::Token(id, _) => Some(*id),
            Actor::Engine | Actor::CommandLine | Actor::SingleSignOn | Actor::Stranger => None,
        }
    }

    /// The name to show.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Actor::Person(_, name) | Actor::Token(_, name) => name,
            Actor::Engine => "S2S Inbound",
            Actor::CommandLine => "Command line",
            Actor::SingleSignOn => "Single sign-on",
            Actor::Stranger => "Nobody signed in",
        }
    }
}

impl From<&Person> for Actor {
    fn from(person: &Person) -> Actor {
        Actor::Person(person.id, person.name.clone())
    }
}

/// Somebody who has signed in.
#[derive(Debug, Clone)]
pub struct Signed {
    store: Store,
    person: Person,
    actor: Actor,
    inbound: bool,
}

impl Signed {
    /// The person who has signed in.
    #[must_use]
    pub fn new(store: Store, person: Person) -> Signed {
        let actor = Actor::from(&person);
        Signed {
            store,
            person,
            actor,
            inbound: false,
        }
    }

    /// A token; `person` says with which rights, and for whom.
    pub(super) fn token(store: Store, person: Person, actor: Actor, inbound: bool) -> Signed {
        Signed {
            store,
            person,
            actor,
            inbound,
        }
    }

    /// Who it is. A token that was made on the command line is nobody, with the id 0.
    #[must_use]
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// Whom to name in what is written.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The database, for the methods that this handle has.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// What everybody may read who configures or works leads.
    ///
    /// # Errors
    /// When the person has neither role.
    pub fn reader(&self) -> Result<Reader> {
        let allowed = self.person.administrator || self.person.salesperson;
        self.grant(allowed, Reader)
    }

    /// What people may do who authorize LinkedIn and work leads. Administrators authorize their own
    /// profiles too.
    ///
    /// # Errors
    /// When the person has neither role.
    pub fn salesperson(&self) -> Result<Salesperson> {
        let allowed = self.person.administrator || self.person.salesperson;
        self.grant(allowed, Salesperson)
    }

    /// What people may do who configure.
    ///
    /// # Errors
    /// When the person is no administrator.
    pub fn administrator(&self) -> Result<Administrator> {
        self.grant(self.person.administrator, Administrator)
    }

    /// What the S2S Inbound role may do.
    ///
    /// # Errors
    /// When it is not the role of a token.
    pub fn inbound(&self) -> Result<Inbound> {
        self.grant(self.inbound, Inbound)
    }

    fn grant<T>(&self, allowed: bool, handle: impl Fn(Signed) -> T) -> Result<T> {
        if allowed {
            return Ok(handle(self.clone()));
        }
        Err(Error::new(
            Kind::Forbidden,
            "You may not do this. Ask an administrator.",
        ))
    }
}

macro_rules! handle {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(Signed);

        impl $name {
            /// Who it is.
            #[must_use]
            pub fn person(&self) -> &Person {
                &self.0.person
            }

            /// Whom to name in what is written.
            #[must_use]
            pub fn actor(&self) -> &Actor {
                &self.0.actor
            }

            /// The database, for the methods that this handle has.
            pub(crate) fn store(&self) -> &Store {
                &self.0.store
            }
        }
    };
}

handle! {
    /// Reads what the role table allows: own profiles and their accounts (administrators: all),
    /// forms, campaigns, submissions and leads.
    Reader
}
handle! {
    /// Authorizes, re-authorizes and disconnects own profiles.
    Salesperson
}
handle! {
    /// Configures.
    Administrator
}

impl Administrator {
    /// Whoever has a shell on the server: nobody of those who sign in, so there is no id 0.
    pub(super) fn command_line(store: Store) -> Administrator {
        let person = Person {
            id: 0,
            email: String::new(),
            name: Actor::CommandLine.name().to_owned(),
            administrator: true,
            salesperson: false,
            disabled: false,
        };
        let mut signed = Signed::new(store, person);
        signed.actor = Actor::CommandLine;
        Administrator(signed)
    }

    /// What everybody may read, as an administrator reads it.
    pub(super) fn reader(&self) -> Reader {
        Reader(self.0.clone())
    }
}

handle! {
    /// Brings submissions in, and reads by which rules and from where they come: nothing else.
    Inbound
}

impl Inbound {
    /// The role reads all profiles, accounts and rules. Only the methods of `views::inbound`, which
    /// give no more than those, may ask for this.
    pub(super) fn everything(&self) -> Administrator {
        let mut signed = self.0.clone();
        signed.person.administrator = true;
        Administrator(signed)
    }
}
