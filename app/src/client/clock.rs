//! The device's clock, its randomness and its timers: all that the client takes from outside
//! besides storage and network.

use std::time::Duration;

use holdfast_domain::encoding::Millis;
use js_sys::{Function, Promise, Reflect};
use leptos::prelude::{TimeoutHandle, set_timeout_with_handle};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

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

/// How long work goes on at a time before the browser has its turn, in milliseconds.
const TURN: i64 = 8;

/// Long work that lets the browser draw and hear in between.
pub struct Turns(i64);

impl Turns {
    pub fn begin() -> Turns {
        Turns(ticks() + TURN)
    }

    /// As [`Turns::share`], for the `nth` of many small pieces: the clock is asked at every sixteenth.
    pub async fn share_at(&mut self, nth: usize) {
        if nth.is_multiple_of(16) {
            self.share().await;
        }
    }

    /// Lets the browser have its turn, where the last one is long enough ago; what was so before may not be after it.
    pub async fn share(&mut self) {
        if ticks() < self.0 {
            return;
        }
        let window = web_sys::window();
        // What is not in view delays nothing, and there a browser gives turns seldom.
        let hidden = window
            .and_then(|window| window.document())
            .is_none_or(|it| it.hidden());
        if !hidden {
            // Never rejected but where the page ends.
            let _ = JsFuture::from(turn()).await;
        }
        self.0 = ticks() + TURN;
    }
}

/// Resolves once the browser has had its turn: by its own scheduler, where it has one, before what is less pressing.
fn turn() -> Promise {
    let scheduler = Reflect::get(&js_sys::global(), &"scheduler".into()).unwrap_or_default();
    let give = Reflect::get(&scheduler, &"yield".into()).ok();
    let given = give
        .and_then(|give| give.dyn_into::<Function>().ok())
        .and_then(|give| give.call0(&scheduler).ok());
    given
        .and_then(|given| given.dyn_into().ok())
        .unwrap_or_else(|| {
            Promise::new(&mut |done, _| {
                after(0, move || {
                    let _ = done.call0(&JsValue::UNDEFINED);
                });
            })
        })
}
