//! What wakes the syncer, and the word between tabs: network and foreground events, the server's
//! live signal, and a channel on which the tab that syncs tells the others what it stored.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::clock;
use holdfast_domain::json;
use holdfast_domain::outbox::VaultId;
use holdfast_domain::syncer::{Notice, Wakeup};
use js_sys::Array;
use leptos::prelude::TimeoutHandle;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, Event, EventSource, EventTarget, MessageEvent, VisibilityState};

const CHANNEL: &str = "holdfast";
const LIVE: &str = "/api/v1/live";
const CLOSED: u16 = 2;
/// The first wait before a lost live signal is opened again, in ms; each further one is twice as long.
const LIVE_AGAIN: u64 = 2_000;
/// The longest such wait, in ms.
const LIVE_MOST: u64 = 20_000;

/// What one tab tells the others.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Post {
    /// An entry was saved in this vault.
    Saved {
        vault: VaultId,
    },
    /// The tab that syncs has stored or shown this.
    Notices {
        vault: VaultId,
        notices: Vec<Notice>,
    },
    /// A tab opened this vault and does not know how things stand.
    Hello {
        vault: VaultId,
    },
    /// A person asked to send now.
    Woken {
        wakeup: Wakeup,
    },
    /// There is a session again, of this vault, or more is stored in it than was told: it is opened anew.
    SignedIn {
        vault: VaultId,
    },
    SignedOut,
}

/// The channel to the other tabs of this browser.
pub struct Tabs(Option<BroadcastChannel>);

impl Tabs {
    /// Opens the channel; `heard` gets what other tabs say, for as long as the page lives.
    pub fn open(heard: impl Fn(Post) + 'static) -> Self {
        let channel = BroadcastChannel::new(CHANNEL).ok();
        if let Some(channel) = &channel {
            let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
                if let Some(post) = read(&message.data()) {
                    heard(post);
                }
            });
            channel.set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
        }
        Self(channel)
    }

    /// Tells the other tabs. Where the browser has no channel they learn it at their next start.
    pub fn tell(&self, mut post: Post) {
        let Some(channel) = &self.0 else {
            return;
        };
        let parts = Array::new();
        for text in pages(&mut post) {
            parts.push(&JsValue::from_str(&std::mem::take(text)));
        }
        let Ok(rest) = serde_json::to_string(&post) else {
            return;
        };
        let rest = JsValue::from_str(&rest);
        let _ = match parts.length() {
            0 => channel.post_message(&rest),
            _ => {
                parts.unshift(&rest);
                channel.post_message(&parts)
            }
        };
    }
}

/// The texts of a post's pages. They are long, and travel beside the rest as they are; a post without any is text.
fn pages(post: &mut Post) -> impl Iterator<Item = &mut String> {
    let notices = match post {
        Post::Notices { notices, .. } => &mut notices[..],
        _ => &mut [],
    };
    notices.iter_mut().filter_map(|notice| match notice {
        Notice::Page { text, .. } => Some(text),
        _ => None,
    })
}

fn read(data: &JsValue) -> Option<Post> {
    if let Some(post) = data.as_string() {
        return json::read(&post).ok();
    }
    let mut parts = data.dyn_ref::<Array>()?.iter().map(|part| part.as_string());
    let mut post: Post = json::read(&parts.next()??).ok()?;
    for text in pages(&mut post) {
        *text = parts.next()??;
    }
    Some(post)
}

/// Listens to the browser for as long as the page lives. `hidden` is called when the page may be
/// discarded without another word.
pub fn listen(woken: impl Fn(Wakeup) + Clone + 'static, hidden: impl Fn() + Clone + 'static) {
    let Some(window) = web_sys::window() else {
        return;
    };
    for (name, wakeup) in [
        ("online", Wakeup::Online),
        ("offline", Wakeup::Offline),
        ("pageshow", Wakeup::Visible),
        ("focus", Wakeup::Visible),
    ] {
        let woken = woken.clone();
        on(&window, name, move || woken(wakeup));
    }
    on(&window, "pagehide", hidden.clone());
    let Some(document) = window.document() else {
        return;
    };
    on(&document.clone(), "visibilitychange", move || {
        if document.visibility_state() == VisibilityState::Visible {
            woken(Wakeup::Visible);
        } else {
            hidden();
        }
    });
}

/// Whether the browser says that there is no network. A hint for the screen, never a gate.
pub fn says_offline() -> bool {
    web_sys::window().is_some_and(|window| !window.navigator().on_line())
}

fn on(target: &EventTarget, name: &str, then: impl Fn() + 'static) {
    let listener = Closure::<dyn Fn(Event)>::new(move |_: Event| then());
    // Refused only for a target that is gone, as is the page then.
    let _ = target.add_event_listener_with_callback(name, listener.into_js_value().unchecked_ref());
}

/// The server's live signal, kept open by the tab that syncs.
#[derive(Default)]
pub struct Live(Rc<Signal>);

#[derive(Default)]
struct Signal {
    source: RefCell<Option<EventSource>>,
    /// Runs until it is opened again.
    again: RefCell<Option<TimeoutHandle>>,
    /// How often in a row it was not through.
    lost: Cell<u32>,
}

impl Live {
    /// Opens the signal, or opens it again where the browser gave it up. Called at each contact. `woken` is told
    /// of news, of the loss of the signal, and of its coming back.
    pub fn keep(&self, woken: impl Fn() + Clone + 'static) {
        if !self.0.is_open() && self.0.again.borrow().is_none() {
            Signal::open(&self.0, woken);
        }
    }

    /// Closes the signal, as the session is over.
    pub fn close(&self) {
        self.0.close();
    }
}

impl Signal {
    fn is_open(&self) -> bool {
        let source = self.source.borrow();
        source
            .as_ref()
            .is_some_and(|source| source.ready_state() != CLOSED)
    }

    fn open(this: &Rc<Self>, woken: impl Fn() + Clone + 'static) {
        let Ok(source) = EventSource::new(LIVE) else {
            return;
        };
        for name in ["advanced", "message"] {
            on(&source, name, woken.clone());
        }
        let (signal, heard) = (Rc::clone(this), woken.clone());
        on(&source, "open", move || {
            if signal.lost.take() > 0 {
                heard();
            }
        });
        let signal = Rc::clone(this);
        on(&source, "error", move || signal.lose(woken.clone()));
        *this.source.borrow_mut() = Some(source);
    }

    /// The browser would try again every three seconds for ever; this waits longer each time. The syncer asks the
    /// server itself at once, so that the screen says what is so.
    fn lose(self: &Rc<Self>, woken: impl Fn() + Clone + 'static) {
        let given_up = !self.is_open();
        self.close();
        let lost = self.lost.get();
        self.lost.set(lost + 1);
        if given_up {
            return; // the server answered, and will not have it: the next contact says why
        }
        let wait = (LIVE_AGAIN << lost.min(4)).min(LIVE_MOST);
        let (signal, then) = (Rc::clone(self), woken.clone());
        let again = clock::after(wait, move || {
            signal.again.take();
            Signal::open(&signal, then);
        });
        *self.again.borrow_mut() = again;
        if lost == 0 {
            woken();
        }
    }

    fn close(&self) {
        if let Some(again) = self.again.take() {
            again.clear();
        }
        if let Some(source) = self.source.take() {
            source.close();
        }
    }
}
