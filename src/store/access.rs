//! Permission is a thing one holds: what a person may do with the store are the methods of the
//! handle that they get, and there is no other way to a row.

use super::Store;
use super::people::Person;
use crate::error::{Error, Kind, Result};

/// Somebody who has signed in.
#[derive(Debug, Clone)]
pub struct Signed {
    store: Store,
    person: Person,
}

impl Signed {
    /// The person who has signed in.
    #[must_use]
    pub fn new(store: Store, person: Person) -> Signed {
        Signed { store, person }
    }

    /// Who it is.
    #[must_use]
    pub fn person(&self) -> &Person {
        &self.person
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
