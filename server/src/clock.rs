//! The server's clock and its randomness, each in one place.

use std::time::{SystemTime, UNIX_EPOCH};

use holdfast_domain::encoding::Millis;

/// Now, in milliseconds of Unix time.
pub fn now() -> Millis {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
        })
}

/// Random bytes from the operating system. Without them nothing here is safe, so their absence ends the process.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
