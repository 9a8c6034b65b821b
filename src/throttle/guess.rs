//! What a try is at, and what it counts for.

use std::net::{IpAddr, Ipv6Addr};

use sha2::{Digest, Sha256};

use crate::lead::{FieldKind, normalise};

/// How many failures cost nothing: people mistype.
const FREE_PER_ACCOUNT: u32 = 5;
/// An office full of people may share one address.
const FREE_PER_ADDRESS: u32 = 20;

/// What failures are remembered by: nothing is kept in clear, and all have one size.
pub(super) type Key = [u8; 32];

/// A try at something secret.
#[derive(Debug, Clone, Copy)]
pub struct Guess {
    account: Option<Key>,
    pub(super) address: Key,
    device: Option<Key>,
}

impl Guess {
    /// At the password of whoever has this e-mail address.
    #[must_use]
    pub fn password(email: &str, address: IpAddr) -> Guess {
        let email = normalise(FieldKind::Email, email).unwrap_or_default();
        Guess::at(Some(key("account", &email)), address)
    }

    /// At the second factor of the person with this id.
    #[must_use]
    pub fn code(person: i64, address: IpAddr) -> Guess {
        Guess::at(Some(key("code", &person.to_string())), address)
    }

    /// At having a link mailed to whoever has this e-mail address. It is none at their password, so
    /// that asking for mail slows down nobody's way in.
    #[must_use]
    pub fn mail(email: &str, address: IpAddr) -> Guess {
        let email = normalise(FieldKind::Email, email).unwrap_or_default();
        Guess::at(Some(key("mail", &email)), address)
    }

    /// At the links that sign somebody in.
    #[must_use]
    pub fn link(address: IpAddr) -> Guess {
        Guess::at(None, address)
    }

    /// In a browser in which the person has signed in before, with what tells it from others.
    #[must_use]
    pub fn in_known_browser(self, token: &str) -> Guess {
        let device = Some(key("device", token));
        Guess { device, ..self }
    }

    fn at(account: Option<Key>, address: IpAddr) -> Guess {
        Guess {
            account,
            address: address_key(address),
            device: None,
        }
    }

    /// What it counts for, and how many failures of that are free.
    pub(super) fn counts(&self) -> Vec<(Key, u32)> {
        match (self.account, self.device) {
            (Some(account), Some(device)) => {
                let both = Sha256::digest([account, device].concat());
                vec![(both.into(), FREE_PER_ACCOUNT)]
            }
            (Some(account), None) => vec![
                (account, FREE_PER_ACCOUNT),
                (self.address, FREE_PER_ADDRESS),
            ],
            (None, _) => vec![(self.address, FREE_PER_ADDRESS)],
        }
    }
}

fn key(kind: &str, text: &str) -> Key {
    Sha256::digest(format!("{kind} {text}")).into()
}

/// Whoever has one IPv6 address has the 2^64 beside it too.
fn address_key(address: IpAddr) -> Key {
    let address = match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    };
    key("address", &address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_ipv6_addresses_are_one_and_a_mapped_ipv4_is_itself() {
        let key = |text: &str| address_key(text.parse().expect("an address"));
        let same = |a, b| key(a) == key(b);
        assert!(same("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"));
        assert!(!same("2001:db8:1:2::1", "2001:db8:1:3::1"));
        assert!(same("::ffff:192.0.2.1", "192.0.2.1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
    }
}
