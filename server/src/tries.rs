//! Slows guessing: after five wrong passwords for a username, or twenty from a network (a whole home
//! may share one address), the next tries wait, longer each time.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

use holdfast_domain::encoding::{Digest, Millis, sha256};

const FOR_A_NAME: u32 = 5;
const FROM_A_NETWORK: u32 = 20;
const FIRST_WAIT: Millis = 30 * 1000;
const LONGEST_WAIT: Millis = 15 * 60 * 1000;
/// Wrong tries are forgotten after so long without another.
const FORGOTTEN: Millis = 30 * 60 * 1000;
/// Beyond so many names and networks, those that are free to try again are dropped.
const REMEMBERED: usize = 10_000;

#[derive(PartialEq, Eq, Hash)]
enum Who {
    /// By digest: what is typed as a name may be as long as a request.
    Name(Digest),
    Network(IpAddr),
}

impl Who {
    fn named(name: &str) -> Self {
        Self::Name(sha256(&[name.as_bytes()]))
    }

    /// An IPv4 address, or the half of an IPv6 one that names the network: a household holds all of the other half
    /// (RFC 6177).
    fn at(address: IpAddr) -> Self {
        Self::Network(match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = u128::from(address) & !u128::from(u64::MAX);
                IpAddr::V6(Ipv6Addr::from(network))
            }
            address => address,
        })
    }
}

#[derive(Default)]
struct Wrong {
    count: u32,
    last: Millis,
    until: Millis,
}

/// Wrong tries by username and by network. In memory: a restart forgives.
// A std mutex: held for a look-up, never across an await.
#[derive(Default)]
pub struct Tries(Mutex<HashMap<Who, Wrong>>);

impl Tries {
    /// How many seconds this name or address must wait; none if it may try.
    pub fn wait(&self, name: &str, address: IpAddr, now: Millis) -> Option<u64> {
        let tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        [Who::named(name), Who::at(address)]
            .iter()
            .filter_map(|who| tries.get(who))
            .map(|wrong| wrong.until - now)
            .filter(|left| *left > 0)
            .max()
            .map(|left| u64::try_from(left).unwrap_or(0).div_ceil(1000))
    }

    /// Notes a wrong try.
    pub fn wrong(&self, name: &str, address: IpAddr, now: Millis) {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() >= REMEMBERED {
            tries.retain(|_, wrong| wrong.until > now);
        }
        for (who, free) in [
            (Who::named(name), FOR_A_NAME),
            (Who::at(address), FROM_A_NETWORK),
        ] {
            let wrong = tries.entry(who).or_default();
            if now - wrong.last > FORGOTTEN {
                wrong.count = 0;
            }
            wrong.count += 1;
            wrong.last = now;
            if wrong.count >= free {
                let doublings = (wrong.count - free).min(10);
                wrong.until = now + (FIRST_WAIT << doublings).min(LONGEST_WAIT);
            }
        }
    }

    /// A right password clears its name.
    pub fn right(&self, name: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&Who::named(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn five_wrong_tries_make_a_name_wait_and_longer_each_time() {
        let tries = Tries::default();
        for _ in 0..4 {
            tries.wrong("a", HERE, 0);
        }
        assert_eq!(tries.wait("a", HERE, 0), None);
        tries.wrong("a", HERE, 0);
        assert_eq!(tries.wait("a", HERE, 0), Some(30));
        assert_eq!(tries.wait("b", HERE, 0), None);
        assert_eq!(tries.wait("a", HERE, 30_000), None);
        tries.wrong("a", HERE, 30_000);
        assert_eq!(tries.wait("a", HERE, 30_000), Some(60));
    }

    #[test]
    fn all_addresses_of_an_ipv6_network_are_one() {
        let tries = Tries::default();
        let at = |address: &str| address.parse::<IpAddr>().expect("an address");
        for host in 0..20 {
            tries.wrong(&host.to_string(), at(&format!("2001:db8:0:1::{host}")), 0);
        }
        assert_eq!(tries.wait("x", at("2001:db8:0:1:ffff::1"), 0), Some(30));
        assert_eq!(tries.wait("x", at("2001:db8:0:2::1"), 0), None);
        assert_eq!(tries.wait("x", at("::ffff:192.0.2.1"), 0), None);
        for name in 0..20 {
            tries.wrong(&name.to_string(), at("192.0.2.1"), 0);
        }
        assert_eq!(tries.wait("x", at("::ffff:192.0.2.1"), 0), Some(30));
    }

    #[test]
    fn a_right_password_clears_the_name_but_not_the_address() {
        let tries = Tries::default();
        for name in 0..20 {
            tries.wrong(&name.to_string(), HERE, 0);
        }
        tries.right("0");
        assert_eq!(tries.wait("0", HERE, 0), Some(30));
    }
}
