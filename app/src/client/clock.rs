//! The device's clock, its randomness and its timers: all that the client takes from outside
//! besides storage and network.

use std::time::Duration;

use holdfast_domain::encoding::Millis;
use leptos::prelude::{TimeoutHandle, set_timeout_with_handle};

/// The device's clock, in milliseconds of Unix time.
pub fn now() -> Millis {
    js_sys::Date::now() as Millis
}

/// Milliseconds since the page began, for measuring; no clock change moves it.
pub fn ticks() -> i64 {
    web_sys::window()
        .and_then(|window| window.performance())
        .map_or_else(now, |clock| clock.now() as i64)
}

/// Fresh random bytes.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("every browser that runs wasm has crypto.getRandomValues");
    bytes
}

/// Calls `then` once after `ms`; clearing the handle before that stops it.
pub fn after(ms: u64, then: impl FnOnce() + 'static) -> Option<TimeoutHandle> {
    // A browser takes at most 2^31 - 1 ms; longer would fire at once.
    set_timeout_with_handle(then, Duration::from_millis(ms.min(0x7fff_ffff))).ok()
}
