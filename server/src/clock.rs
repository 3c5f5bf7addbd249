//! The server's clock and its randomness, each in one place, each with a simulated twin.

use std::time::{SystemTime, UNIX_EPOCH};

use holdfast_domain::encoding::Millis;

#[cfg(feature = "simulated")]
pub mod simulated;

/// Now, in milliseconds of Unix time.
pub fn now() -> Millis {
    #[cfg(feature = "simulated")]
    if let Some(now) = simulated::now() {
        return now;
    }
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
        })
}

/// Random bytes from the operating system. Without them nothing here is safe, so their absence ends the process.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[cfg(feature = "simulated")]
    if simulated::fill(&mut bytes) {
        return bytes;
    }
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
