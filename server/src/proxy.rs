//! Who really asks, when proxies stand between a browser and the server.

use std::net::IpAddr;
use std::str::FromStr;

use axum::http::HeaderMap;

/// The proxies whose word about the browser's address is taken: single addresses and networks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

/// All addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    bits: u32,
}

impl TrustedProxies {
    /// The address of whoever asks. `peer` is who is connected; as long as that is a trusted proxy,
    /// its `X-Forwarded-For` says who was connected to it. What stands further to the left was said
    /// by somebody whom nobody vouches for.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let said = headers.get_all("x-forwarded-for").iter().rev();
        let said = said.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
        let mut client = peer.to_canonical();
        for word in said {
            if !self.trusts(client) {
                break;
            }
            let Some(next) = address(word.trim()) else {
                break;
            };
            client = next;
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.holds(address))
    }
}

impl Network {
    fn holds(self, address: IpAddr) -> bool {
        // Shifting everything away gives nothing, and nothing equals nothing: that is "/0".
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let shift = 32 - self.bits;
                own.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let shift = 128 - self.bits;
                own.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            _ => false,
        }
    }
}

impl FromStr for TrustedProxies {
    type Err = ();

    fn from_str(text: &str) -> Result<TrustedProxies, ()> {
        let words = text.split([',', ' ']).filter(|word| !word.is_empty());
        words
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(TrustedProxies)
    }
}

impl FromStr for Network {
    type Err = ();

    fn from_str(text: &str) -> Result<Network, ()> {
        let (address, bits) = text.split_once('/').unzip();
        let address: IpAddr = address.unwrap_or(text).parse().map_err(drop)?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(all), |bits| bits.parse().map_err(drop))?;
        match bits <= all {
            true => Ok(Network { address, bits }),
            false => Err(()),
        }
    }
}

/// An address as proxies write it: alone, with a port, an IPv6 one maybe in brackets.
fn address(word: &str) -> Option<IpAddr> {
    let bare = || {
        word.strip_prefix('[')?
            .split_once(']')
            .map(|(inside, _)| inside)
    };
    let with_port = || {
        word.parse()
            .map(|address: std::net::SocketAddr| address.ip())
    };
    let found = word.parse().or_else(|_| with_port()).ok();
    let found = found.or_else(|| bare()?.parse().ok());
    found.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &str, peer: &str, said: &[&str]) -> String {
        let proxies: TrustedProxies = trusted.parse().unwrap();
        let mut headers = HeaderMap::new();
        for line in said {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn nobody_is_believed_who_is_not_trusted() {
        assert_eq!(client("", "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        let one = "10.0.0.1";
        assert_eq!(client(one, "10.0.0.2", &["198.51.100.1"]), "10.0.0.2");
    }

    #[test]
    fn the_nearest_address_that_no_trusted_proxy_has_is_the_client() {
        let trusted = "10.0.0.0/8, 192.168.1.4 fd00::/8";
        let cases: [(&str, &[&str], &str); 12] = [
            ("10.1.2.3", &[], "10.1.2.3"),
            ("10.1.2.3", &["198.51.100.1"], "198.51.100.1"),
            ("192.168.1.4", &["198.51.100.1"], "198.51.100.1"),
            ("192.168.1.5", &["198.51.100.1"], "192.168.1.5"),
            // A client may say whatever it likes about itself; the proxy adds the truth.
            ("10.1.2.3", &["127.0.0.1, 198.51.100.1"], "198.51.100.1"),
            ("10.1.2.3", &["127.0.0.1", "198.51.100.1"], "198.51.100.1"),
            ("10.1.2.3", &["198.51.100.1, 10.9.9.9"], "198.51.100.1"),
            ("10.1.2.3", &["198.51.100.1, unknown"], "10.1.2.3"),
            ("10.1.2.3", &["198.51.100.1:5000"], "198.51.100.1"),
            ("10.1.2.3", &["[2001:db8::1]:5000"], "2001:db8::1"),
            ("fd12::1", &["[2001:db8::2]"], "2001:db8::2"),
            ("::ffff:10.1.2.3", &["::ffff:198.51.100.1"], "198.51.100.1"),
        ];
        for (peer, said, expected) in cases {
            assert_eq!(client(trusted, peer, said), expected, "{peer} {said:?}");
        }
    }

    #[test]
    fn the_whole_internet_is_a_network_too() {
        assert_eq!(
            client("0.0.0.0/0", "203.0.113.9", &["198.51.100.1"]),
            "198.51.100.1"
        );
    }

    #[test]
    fn what_is_no_address_or_network_is_refused() {
        for wrong in [
            "proxy.example",
            "10.0.0.0/33",
            "10.0.0/8",
            "::1/129",
            "10.0.0.1/",
            "*",
        ] {
            assert!(wrong.parse::<TrustedProxies>().is_err(), "{wrong}");
        }
    }
}
