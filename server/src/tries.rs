//! Slows guessing: after five wrong passwords for a username, or twenty from an address (a whole home
//! may share one), the next tries wait, longer each time.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use holdfast_domain::encoding::Millis;

const FOR_A_NAME: u32 = 5;
const FROM_AN_ADDRESS: u32 = 20;
const FIRST_WAIT: Millis = 30 * 1000;
const LONGEST_WAIT: Millis = 15 * 60 * 1000;
/// Wrong tries are forgotten after so long without another.
const FORGOTTEN: Millis = 30 * 60 * 1000;
/// Beyond so many names and addresses, those that are free to try again are dropped.
const REMEMBERED: usize = 10_000;

#[derive(PartialEq, Eq, Hash)]
enum Who {
    Name(String),
    Address(IpAddr),
}

#[derive(Default)]
struct Wrong {
    count: u32,
    last: Millis,
    until: Millis,
}

/// Wrong tries by username and by address. In memory: a restart forgives.
// A std mutex: held for a look-up, never across an await.
#[derive(Default)]
pub struct Tries(Mutex<HashMap<Who, Wrong>>);

impl Tries {
    /// How many seconds this name or address must wait; none if it may try.
    pub fn wait(&self, name: &str, address: IpAddr, now: Millis) -> Option<u64> {
        let tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        [Who::Name(name.to_owned()), Who::Address(address)]
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
            (Who::Name(name.to_owned()), FOR_A_NAME),
            (Who::Address(address), FROM_AN_ADDRESS),
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
            .remove(&Who::Name(name.to_owned()));
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
    fn a_right_password_clears_the_name_but_not_the_address() {
        let tries = Tries::default();
        for name in 0..20 {
            tries.wrong(&name.to_string(), HERE, 0);
        }
        tries.right("0");
        assert_eq!(tries.wait("0", HERE, 0), Some(30));
    }
}
