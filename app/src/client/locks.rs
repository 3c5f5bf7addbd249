//! What only one tab may do at a time, by Web Locks, which end with the tab that holds them: `hf-sync` for the
//! syncer, which waits, so that another tab takes over by itself; and one for each open draft, which does not.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// The lock of the syncer.
pub const SYNC: &str = "hf-sync";

/// Calls `taken` once this tab holds the lock, and holds it until the tab ends. Where the browser
/// has no locks, or refuses them, every tab syncs: that costs traffic, never a record, as sending
/// twice has the effect of once.
pub fn hold(name: &str, taken: impl FnOnce() + 'static) {
    let taken = Rc::new(Cell::new(Some(taken)));
    let take = move || {
        if let Some(taken) = taken.take() {
            taken();
        }
    };
    let Some((locks, request)) = request_function() else {
        take();
        return;
    };
    let take_refused = take.clone();
    let held = Closure::<dyn FnMut(JsValue) -> Promise>::new(move |_lock: JsValue| {
        take();
        Promise::new(&mut |_, _| {})
    });
    let asked = request.call2(&locks, &name.into(), held.as_ref());
    // The browser may call it at any time from here on.
    held.forget();
    match asked.and_then(JsCast::dyn_into::<Promise>) {
        Ok(asked) => spawn_local(async move {
            if JsFuture::from(asked).await.is_err() {
                take_refused();
            }
        }),
        Err(_) => take_refused(),
    }
}

/// A lock that is held until this is dropped, or the tab ends.
pub struct Held(Option<Function>);

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(release) = &self.0 {
            let _ = release.call0(&JsValue::NULL);
        }
    }
}

/// Takes the lock if nobody has it. Where the browser has no locks, everybody gets it.
pub async fn try_hold(name: &str) -> Option<Held> {
    let Some((locks, request)) = request_function() else {
        return Some(Held(None));
    };
    // Resolves with what releases the lock, with null where another tab has it, else with the reason why it was not
    // asked for.
    let asked = Promise::new(&mut |answer, _| {
        let answered = answer.clone();
        let take = Closure::once_into_js(move |lock: JsValue| {
            if lock.is_null() {
                let _ = answered.call1(&JsValue::NULL, &JsValue::NULL);
                return JsValue::UNDEFINED;
            }
            let held = Promise::new(&mut |release, _| {
                let _ = answered.call1(&JsValue::NULL, &release);
            });
            held.into()
        });
        let options = Object::new();
        let _ = Reflect::set(&options, &"ifAvailable".into(), &JsValue::TRUE);
        let asked = request.call3(&locks, &name.into(), &options, &take);
        spawn_local(async move {
            let ended = match asked {
                Ok(asked) => JsFuture::from(Promise::resolve(&asked)).await,
                refused => refused,
            };
            // After the lock itself was answered for, this is heard by nobody.
            let why = ended.err().unwrap_or_default();
            let _ = answer.call1(&JsValue::NULL, &why);
        });
    });
    let release = JsFuture::from(asked).await.ok()?;
    (!release.is_null()).then(|| Held(release.dyn_into().ok()))
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
