//! One syncer a phone, whatever the number of tabs: the Web Lock `hf-sync`. The request waits,
//! so that another tab takes over by itself when the tab that holds it is closed or dies.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;

/// The lock of the syncer.
pub const SYNC: &str = "hf-sync";

/// Calls `taken` once this tab holds the lock, and holds it until the tab ends. Where the browser
/// has no locks, every tab syncs: that costs traffic, never a record, as sending twice has the
/// effect of once.
pub fn hold(name: &str, taken: impl FnOnce() + 'static) {
    let mut taken = Some(taken);
    let mut take = move || {
        if let Some(taken) = taken.take() {
            taken();
        }
    };
    let Some((locks, request)) = request_function() else {
        take();
        return;
    };
    let held = Closure::<dyn FnMut(JsValue) -> Promise>::new(move |_lock: JsValue| {
        take();
        Promise::new(&mut |_, _| {})
    });
    if request.call2(&locks, &name.into(), held.as_ref()).is_ok() {
        held.forget();
    }
}

fn request_function() -> Option<(JsValue, Function)> {
    let navigator = web_sys::window()?.navigator();
    let locks = Reflect::get(&navigator, &"locks".into())
        .ok()
        .filter(|locks| locks.is_object())?;
    let request = Reflect::get(&locks, &"request".into())
        .ok()?
        .dyn_into()
        .ok()?;
    Some((locks, request))
}
